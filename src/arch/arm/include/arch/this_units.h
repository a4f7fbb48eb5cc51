/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's part of the table in src/units.c: its vCPUs, interrupts and devices, in order. */
#include "arch/arm/irq.h"
#include "arch/arm/vcpu.h"
#include "arch/arm/vgic/vgic.h"
#include "arch/arm/vtimer.h"
#include "vdev/vpl011.h"

#define ARCH_UNITS &arm_unit, &irq_unit, &vgic_unit, &vtimer_unit, &vpl011_unit
