/* SPDX-License-Identifier: GPL-2.0-only */
/* The one call upwards: a virtual interrupt that core raises. */
#include "core/virq.h"

#include "lib/compiler.h"

void (*virq_global_handler)(u32 virq);

void virq_raise_global(u32 virq)
{
	void (*fn)(u32 virq_) = READ_ONCE(virq_global_handler);

	if (fn) {
		fn(virq);
	}
}
