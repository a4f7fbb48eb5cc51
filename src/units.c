/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The subsystems, in the order in which they start; a domain is taken apart in the opposite order.
 * A unit may rely on those above it. The only file that sees every layer.
 */
#include "abi/domain.h"
#include "abi/hvm_op.h"
#include "abi/vtime.h"
#include "arch/this_units.h"
#include "comm/evtchn.h"
#include "comm/grant.h"
#include "core/unit.h"
#include "core/virq.h"
#include "mm/guest.h"
#include "sched/sched.h"
#include "vdev/bus.h"

/* Core stands below the event channels, and learns here who delivers what it raises. */
static int virq_boot(void)
{
	virq_global_handler = evtchn_raise_global_virq;
	return 0;
}

static const struct unit virq_unit = { .name = "virq", .boot = virq_boot };

const struct unit *const units[] = {
	&sched_unit, /* every vCPU has its CPU from here on */
	&guest_unit, /* and every domain its physical map */
	&bus_unit,
	ARCH_UNITS,
	&evtchn_unit,
	&grant_unit,
	&virq_unit,
	&abi_unit,
	&vtime_unit,
	&hvm_op_unit,
};
const unsigned int unit_count = ARRAY_SIZE(units);
