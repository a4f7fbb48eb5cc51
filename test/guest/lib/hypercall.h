/* SPDX-License-Identifier: GPL-2.0-only */
/* Hypercalls as a 64-bit and as a 32-bit caller, by VMCALL or VMMCALL as the CPU has it. */
#ifndef GUEST_LIB_HYPERCALL_H
#define GUEST_LIB_HYPERCALL_H

#include "lib/xen_public.h"

/* Before any other call. */
void hypercall_init(void);

/* True where VMMCALL is the instruction. */
bool hypercall_is_amd(void);

long hypercall5(unsigned long nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5);

/* The same from compatibility mode: EBX, ECX, EDX, ESI, EDI. The layouts of structs are 32-bit. */
int hypercall_compat(u32 nr, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5);

/* hypercall(nr, up to five arguments), pointers as integers. */
#define hypercall(...) HYPERCALL_PICK(__VA_ARGS__, 0, 0, 0, 0, 0)
#define HYPERCALL_PICK(nr, a1, a2, a3, a4, a5, ...) \
	hypercall5(nr, (u64)(a1), (u64)(a2), (u64)(a3), (u64)(a4), (u64)(a5))

#endif
