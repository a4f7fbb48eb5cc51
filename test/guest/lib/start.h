/* SPDX-License-Identifier: GPL-2.0-only */
/* The course of a test guest: start, guest_main(), summary, power-off. */
#ifndef GUEST_LIB_START_H
#define GUEST_LIB_START_H

#include "lib/compiler.h"

struct hvm_start_info;

/* Every guest has one: runs on CPU 0 with interrupts off, and returns when all is checked. */
void guest_main(void);

/* The value of NAME=VALUE on the command line, copied to @value; false when there is none. */
bool start_option(const char *name, char *value, size_t size);
const struct hvm_start_info *start_get_info(void);

/* Prints the summary and powers off. Any CPU. */
void __noreturn start_finish(void);
/* Ends the run as crashed, without a word. */
void __noreturn start_crash(void);

#endif
