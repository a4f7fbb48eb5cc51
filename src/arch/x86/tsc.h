/* SPDX-License-Identifier: GPL-2.0-only */
/* System time from the time-stamp counter. */
#ifndef ARCH_X86_TSC_H
#define ARCH_X86_TSC_H

#include "lib/types.h"

/* Measures the TSC against HPET, PM timer or PIT, whichever ACPI offers first; boot CPU. */
void tsc_calibrate(void);
u64 tsc_hz(void);
u64 tsc_from_ns(u64 ns);
/* The scale that guests use too (xen/xen.h: struct vcpu_time_info). */
u32 tsc_to_system_mul(void);
s8 tsc_shift(void);
u64 tsc_boot_stamp(void); /* the TSC at system time 0 */

#endif
