/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CMOS memory and clock of the host for the hardware domain (MC146818 behind ports 0x70 and 0x71).
 * The index is kept here, so that several users do not disturb each other; the bit of port 0x70
 * that disables NMIs never reaches the host.
 */
#include "arch/x86/vdev/rtc.h"

#include "arch/x86/asm.h"

#define INDEX_MASK 0x7f

void vrtc_init(struct vrtc *rtc)
{
	spin_init(&rtc->lock, RANK_VDEV);
	rtc->index = 0;
}

static u8 vrtc_read(struct vrtc *rtc, u16 port)
{
	u8 value;

	if (port == RTC_PORT_INDEX) {
		return rtc->index;
	}
	spin_lock(&rtc->lock);
	outb(RTC_PORT_INDEX, rtc->index);
	value = inb(RTC_PORT_DATA);
	spin_unlock(&rtc->lock);
	return value;
}

static void vrtc_write(struct vrtc *rtc, u16 port, u8 value)
{
	if (port == RTC_PORT_INDEX) {
		rtc->index = value & INDEX_MASK;
		return;
	}
	spin_lock(&rtc->lock);
	outb(RTC_PORT_INDEX, rtc->index);
	outb(RTC_PORT_DATA, value);
	spin_unlock(&rtc->lock);
}

int vrtc_access(struct vcpu *v, const struct vdev_region *r, struct vdev_access *a)
{
	struct vrtc *rtc = r->device;
	u64 value = 0;

	for (unsigned int i = 0; i < a->size; i++) {
		u16 port = (u16)(a->addr + i);

		if (a->write) {
			vrtc_write(rtc, port, (u8)(a->value >> (8 * i)));
		} else {
			value |= (u64)vrtc_read(rtc, port) << (8 * i);
		}
	}
	if (!a->write) {
		a->value = value;
	}
	return 0;
}
