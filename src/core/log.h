/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages. A line names the domain, the vCPU and the thing; a refused configuration names the
 * option or node and what would be right. Lines go to the ring and, by level, to the console.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdarg.h>

#include "lib/compiler.h"

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_GUEST_ERR, LOG_GUEST_WARN, LOG_GUEST_INFO };

/* Any context but NMI. fmt has no newline: one call is one line. LOG_GUEST_* are lines that a guest
 * can cause: they are shown by guest_loglvl= and rate-limited. */
void log_msg(enum log_level level, const char *fmt, ...) __printf(2, 3);
void log_vmsg(enum log_level level, const char *fmt, va_list ap);

#define log_err(...) log_msg(LOG_ERR, __VA_ARGS__)
#define log_warn(...) log_msg(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)
#define log_guest(...) log_msg(LOG_GUEST_WARN, __VA_ARGS__)

/* Our own invariant is broken: registers, backtrace, then halt or reboot (noreboot). Guest and boot
 * input never lead here; what is wrong with the machine or its configuration goes to boot_fail(). */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;

/* The machine or the configuration cannot work: one line that names the thing, then halt or reboot.
 * Boot context only. */
void boot_fail(const char *fmt, ...) __printf(1, 2) __noreturn;

#endif
