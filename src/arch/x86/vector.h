/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's vector and x87 state, which stays in the CPU's registers while its vCPU is loaded. */
#ifndef ARCH_X86_VECTOR_H
#define ARCH_X86_VECTOR_H

#include "lib/types.h"

struct vcpu;

/* A clean state as after power-on. -ENOMEM. */
int vector_create(struct vcpu *v);
void vector_destroy(struct vcpu *v);
/* Between a context switch's two vCPUs, on the CPU. */
void vector_load(struct vcpu *v);
void vector_save(struct vcpu *v);
/* XSETBV of the loaded vCPU; value has been checked. */
void vector_set_xcr0(struct vcpu *v, u64 xcr0);
/* Registers 0..15 of the loaded vCPU; the upper half of YMM is zero where AVX is off. */
void vector_get(unsigned int reg, u8 buf[32]);
void vector_put(unsigned int reg, const u8 buf[32]);

#endif
