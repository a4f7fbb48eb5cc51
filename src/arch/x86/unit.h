/* SPDX-License-Identifier: GPL-2.0-only */
/* The x86 architecture as a unit of src/units.c. */
#ifndef ARCH_X86_UNIT_H
#define ARCH_X86_UNIT_H

#include "core/unit.h"

extern const struct unit x86_unit;

#endif
