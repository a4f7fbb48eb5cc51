/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest sees of the CPU: leaves, registers, and instructions that it must not have. */
#ifndef GUEST_CPUID_MSR_TESTS_H
#define GUEST_CPUID_MSR_TESTS_H

#include "guest/lib/check.h"
#include "guest/lib/cpu.h"

/* Feature bits that decide what to test; AMD APM vol. 3, appendix E. */
bool has_feature(u32 leaf, char reg, unsigned int bit);
#define HAS_XSAVE has_feature(1, 'c', 26)
#define HAS_PCID has_feature(1, 'c', 17)
#define HAS_SMEP has_feature(7, 'b', 7)
#define HAS_SMAP has_feature(7, 'b', 20)
#define HAS_UMIP has_feature(7, 'c', 2)
#define HAS_RDTSCP has_feature(0x80000001, 'd', 27)

#define CR4_TSD BIT64(2)
#define CR4_DE BIT64(3)
#define CR4_PAE BIT64(5)
#define CR4_PCE BIT64(8)
#define CR4_UMIP BIT64(11)
#define CR4_VMXE BIT64(13)
#define CR4_PCIDE BIT64(17)
#define CR4_OSXSAVE BIT64(18)
#define CR4_SMEP BIT64(20)
#define CR4_SMAP BIT64(21)

#define GP FAULT(VEC_GP, 0)
#define UD FAULT(VEC_UD, 0)

void test_hypervisor_leaves(void);
void test_features(void);
void test_topology(void);
void test_xsave(void);
void test_msrs(void);
void test_control_registers(void);
void test_debug_registers(void);
void test_instructions(void);
void test_user(void);
void test_umip(void);
void test_hypercall_page(void);

#endif
