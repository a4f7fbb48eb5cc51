/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The UART of a guest that has no other console: an SBSA subset of the PL011 (DDI 0183), whose
 * output goes to the hypervisor's console line by line and whose input comes from there.
 */
#ifndef VDEV_VPL011_H
#define VDEV_VPL011_H

#include "core/unit.h"

extern const struct unit vpl011_unit; /* makes one where the description says so */

#endif
