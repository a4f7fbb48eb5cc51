/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a CPU that others stop: it takes no interrupt any more. */
#include "arch/arm/irq.h"

void irq_stop(void *arg)
{
	for (;;) {
		__asm__ volatile("wfi" : : : "memory");
	}
}
