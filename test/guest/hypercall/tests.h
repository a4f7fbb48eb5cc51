/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercalls that stock kernels use, with right and wrong arguments: one function for each
 * call. What they want is what Xen 4.17 answers to its PVH dom0.
 */
#ifndef GUEST_HYPERCALL_TESTS_H
#define GUEST_HYPERCALL_TESTS_H

#include "guest/lib/check.h"
#include "guest/lib/hypercall.h"
#include "lib/errno.h"

/* Linear addresses: not mapped; not canonical, and not mapped if the upper bits are ignored. */
#define UNMAPPED 0x7f0000000000UL
#define NONCANONICAL (UNMAPPED | 1UL << 60)
/* Domains: one that does not exist, and an invalid number. */
#define NO_DOMAIN 0x1234
#define MANY 100000U

#define WANT(want, name, ...) CHECK_EQ(hypercall(__VA_ARGS__), want, name)

void test_version(void);
void test_event_channel(void);
void test_memory(void);
void test_physmap(void);
void test_vcpu(void);
void test_sched(void);
void test_hvm(void);
void test_console(void);
void test_platform(void);
void test_physdev(void);
void test_grant_table(void);
void test_multicall(void);
void test_unknown(void);
void test_compat(void);

#endif
