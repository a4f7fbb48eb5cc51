/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual interrupts as core raises them. Event channels stand above core, so the boot code says
 * once who delivers.
 */
#ifndef CORE_VIRQ_H
#define CORE_VIRQ_H

#include "lib/types.h"

/* VIRQ_* of xen/xen.h that core raises. */
#define CORE_VIRQ_CONSOLE 2
#define CORE_VIRQ_DOM_EXC 3

/* src/units.c sets it to evtchn_raise_global_virq(). NULL until then: nothing is raised. */
extern void (*virq_global_handler)(u32 virq);

/* Raises a global virtual interrupt to whoever bound it. Any CPU; locks of rank EVTCHN
 * and above. */
void virq_raise_global(u32 virq);

#endif
