/* SPDX-License-Identifier: GPL-2.0-only */
/* The host's tree as the builders of domains see it. Valid after machine_dt_parse(). */
#ifndef ARCH_ARM_BOOT_HOST_H
#define ARCH_ARM_BOOT_HOST_H

#include "arch/arm/boot/fdt_plan.h"
#include "arch/arm/boot/machine_dt.h"
#include "arch/arm/machine.h"

static inline void host_view(struct fdt_host *out)
{
	const char *uart = arm_machine.uart.path;

	*out = (struct fdt_host){
		.dt = &machine_dt,
		.gic = machine_dt_gic,
		.uart = arm_machine.uart.kind != UART_NONE && uart ? dt_find(&machine_dt, uart)
								   : NULL,
	};
}

#endif
