/* SPDX-License-Identifier: GPL-2.0-only */
/* Text on the hypervisor's console, whole calls at a time: lines of several CPUs do not mix. */
#ifndef GUEST_LIB_PRINT_H
#define GUEST_LIB_PRINT_H

#include "lib/compiler.h"

/* Up to 511 bytes. Any context but inside itself. */
void print(const char *fmt, ...) __printf(1, 2);

#endif
