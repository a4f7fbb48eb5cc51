/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vector state is switched eagerly, with the vCPU: nothing of another guest is ever in the
 * registers for speculation to find (CVE-2018-3665). The hypervisor itself uses no vector register.
 */
#include "arch/x86/vector.h"

#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/vcpu.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/heap.h"

#define FXSAVE_SIZE 512
#define FCW_DEFAULT 0x37f
#define MXCSR_DEFAULT 0x1f80

int vector_create(struct vcpu *v)
{
	u64 size = cpu_features.xsave ? cpu_features.xsave_size : FXSAVE_SIZE;
	struct arch_vcpu *a = v->arch;

	a->fpu_order = order_of_bytes(size);
	a->fpu = heap_pages_alloc(&v->domain->pool, a->fpu_order);
	if (!a->fpu) {
		return -ENOMEM;
	}
	*(u16 *)a->fpu = FCW_DEFAULT;
	*(u32 *)((char *)a->fpu + 24) = MXCSR_DEFAULT;
	a->xcr0 = X86_XCR0_X87;
	return 0;
}

void vector_destroy(struct vcpu *v)
{
	if (v->arch->fpu) {
		heap_pages_free(&v->domain->pool, v->arch->fpu, v->arch->fpu_order);
	}
}

void vector_load(struct vcpu *v)
{
	struct arch_vcpu *a = v->arch;

	if (!cpu_features.xsave) {
		__asm__ volatile("fxrstor64 %0" : : "m"(*(char *)a->fpu));
		return;
	}
	xsetbv(0, cpu_features.xcr0_supported);
	__asm__ volatile("xrstor64 %0" : : "m"(*(char *)a->fpu), "a"(~0U), "d"(~0U));
	xsetbv(0, a->xcr0);
}

void vector_save(struct vcpu *v)
{
	struct arch_vcpu *a = v->arch;

	if (!cpu_features.xsave) {
		__asm__ volatile("fxsave64 %0" : "=m"(*(char *)a->fpu));
		return;
	}
	xsetbv(0, cpu_features.xcr0_supported);
	__asm__ volatile("xsave64 %0" : "+m"(*(char *)a->fpu) : "a"(~0U), "d"(~0U) : "memory");
}

void vector_set_xcr0(struct vcpu *v, u64 xcr0)
{
	v->arch->xcr0 = xcr0;
	xsetbv(0, xcr0);
}

/* One instruction for each register: there is no indirect form. */
#define EACH_VECTOR(op)                                                                         \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) \
		op(14) op(15)

static bool avx_on(void)
{
	u32 lo, hi;

	if (!cpu_features.xsave) {
		return false;
	}
	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return lo & X86_XCR0_AVX;
}

void vector_get(unsigned int reg, u8 buf[32])
{
	memset(buf, 0, 32);
	if (avx_on()) {
#define GET_YMM(n)                                                                   \
	case n:                                                                      \
		__asm__ volatile("vmovdqu %%ymm" #n ", %0" : "=m"(*(u8(*)[32])buf)); \
		break;
		switch (reg) {
			EACH_VECTOR(GET_YMM)
		}
		return;
	}
#define GET_XMM(n)                                                                  \
	case n:                                                                     \
		__asm__ volatile("movdqu %%xmm" #n ", %0" : "=m"(*(u8(*)[16])buf)); \
		break;
	switch (reg) {
		EACH_VECTOR(GET_XMM)
	}
}

void vector_put(unsigned int reg, const u8 buf[32])
{
	if (avx_on()) {
#define PUT_YMM(n)                                                                       \
	case n:                                                                          \
		__asm__ volatile("vmovdqu %0, %%ymm" #n : : "m"(*(const u8(*)[32])buf)); \
		break;
		switch (reg) {
			EACH_VECTOR(PUT_YMM)
		}
		return;
	}
#define PUT_XMM(n)                                                                      \
	case n:                                                                         \
		__asm__ volatile("movdqu %0, %%xmm" #n : : "m"(*(const u8(*)[16])buf)); \
		break;
	switch (reg) {
		EACH_VECTOR(PUT_XMM)
	}
}
