/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses and interrupts of guests, as xen/arch-arm.h has them (GUEST_* without the LAYOUT_),
 * for code that is also built where that header is another architecture's.
 */
#ifndef ARCH_ARM_GUEST_LAYOUT_H
#define ARCH_ARM_GUEST_LAYOUT_H

#define LAYOUT_GUEST_PL011_BASE 0x22000000ULL
#define LAYOUT_GUEST_PL011_SIZE 0x1000ULL
#define LAYOUT_GUEST_GNTTAB_BASE 0x38000000ULL
#define LAYOUT_GUEST_GNTTAB_SIZE 0x1000000ULL
#define LAYOUT_GUEST_MAGIC_BASE 0x39000000ULL
#define LAYOUT_GUEST_RAM0_BASE 0x40000000ULL
#define LAYOUT_GUEST_RAM0_SIZE 0xc0000000ULL
#define LAYOUT_GUEST_RAM1_BASE 0x200000000ULL
#define LAYOUT_GUEST_RAM1_SIZE 0xfe00000000ULL
#define LAYOUT_GUEST_TIMER_PHYS_S_PPI 29
#define LAYOUT_GUEST_EVTCHN_PPI 31
#define LAYOUT_GUEST_VPL011_SPI 32
/* The phandle that partial device trees may count on (xen/device_tree_defs.h). */
#define LAYOUT_GUEST_PHANDLE_GIC 65000

#endif
