/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses that the hypervisor has to emulate: devices, nothing at all, ports. */
#ifndef GUEST_MMIO_MMIO_H
#define GUEST_MMIO_MMIO_H

#include "guest/lib/apic.h"
#include "guest/lib/check.h"
#include "guest/lib/cpu.h"
#include "guest/lib/print.h"

/* An address below 4 GiB where the machine has neither memory nor a device. */
#define NOTHING 0xe0000000UL
#define IOAPIC 0xfec00000UL

void test_forms(void);
void test_modes(void);
void test_nothing(void);
void test_ioapic(void);
void test_config_space(void);
void test_ports(void);

#endif
