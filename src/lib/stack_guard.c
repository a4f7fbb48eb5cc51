/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Debian's libfdt asks for, since it was compiled with the stack protector. We are not: the
 * guard is a constant, which finds an overrun buffer but would not stop an attack.
 */
#include "lib/bug.h"

extern const unsigned long __stack_chk_guard;
void __stack_chk_fail(void) __noreturn;

const unsigned long __stack_chk_guard = 0x00ff0aff0d1b2d3cUL;

void __stack_chk_fail(void)
{
	bug("libfdt", 0, "a stack buffer was overrun");
}
