/* SPDX-License-Identifier: GPL-2.0-only */
/* The CMOS clock of the host. */
#ifndef ARCH_X86_RTC_H
#define ARCH_X86_RTC_H

#include "lib/types.h"

/* Seconds since 1970, taking the clock for UTC. Boot CPU, before the first guest runs. */
u64 rtc_read_epoch(void);

#endif
