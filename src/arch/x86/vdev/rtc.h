/* SPDX-License-Identifier: GPL-2.0-only */
/* The CMOS memory with its clock, shared between the hypervisor and the hardware domain. */
#ifndef ARCH_X86_VDEV_RTC_H
#define ARCH_X86_VDEV_RTC_H

#include "core/locks.h"
#include "vdev/bus.h"

#define RTC_PORT_INDEX 0x70
#define RTC_PORT_DATA 0x71

struct vrtc {
	struct spinlock lock; /* the host's index and data belong together */
	u8 index;
};

void vrtc_init(struct vrtc *rtc);
/* Ports 0x70 and 0x71; the device is a struct vrtc. */
vdev_access_fn vrtc_access;

#endif
