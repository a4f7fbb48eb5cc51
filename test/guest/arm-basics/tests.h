/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of this guest. */
#ifndef GUEST_ARM_BASICS_TESTS_H
#define GUEST_ARM_BASICS_TESTS_H

void test_hypercalls(void);
void test_psci(void);
void test_smccc(void);
void test_registers(void);
void test_caches(void);

#endif
