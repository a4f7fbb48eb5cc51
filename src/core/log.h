/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages. A line names the domain, the vCPU and the thing; a refused configuration names the
 * option or node and what would be right. Lines go to the ring and, by level, to the console.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdarg.h>

#include "lib/compiler.h"

enum log_level {
	LOG_ERR,
	LOG_WARN,
	LOG_INFO,
	LOG_DEBUG,
	LOG_GUEST_ERR,
	LOG_GUEST_WARN,
	LOG_GUEST_INFO,
	LOG_FORCE, /* shown whatever the options say: panics, answers to debug keys */
};

/* Any context but NMI. fmt has no newline: one call is one line. LOG_GUEST_* are lines that a guest
 * can cause: they are shown by guest_loglvl= and rate-limited. */
void log_msg(enum log_level level, const char *fmt, ...) __printf(2, 3);
void log_vmsg(enum log_level level, const char *fmt, va_list ap) __printf(2, 0);

/* Text as it is, without prefix, level or check; may hold newlines. For output of guests. */
void log_raw(const char *text, size_t n);

/* Whether one of these lines would reach the console or the ring now: asks before costly dumps. */
bool log_enabled(enum log_level level);

/* Steers what log_msg() shows; text as in loglvl= and guest_loglvl=. 0 or -EINVAL. */
int log_set_levels(bool guest, const char *text);

#define log_err(...) log_msg(LOG_ERR, __VA_ARGS__)
#define log_warn(...) log_msg(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)
#define log_guest(...) log_msg(LOG_GUEST_WARN, __VA_ARGS__)
#define log_dump(...) log_msg(LOG_FORCE, __VA_ARGS__)

/* --- the ring ---
 * The last 1 << CONFIG_LOG_RING_SHIFT bytes, each with the index that it has since boot. */

/* Copies up to n bytes from *index on, or from the oldest that is still there, and moves *index
 * behind them. Returns how many. */
size_t log_ring_read(u64 *index, char *buf, size_t n);
/* The index of the oldest byte that is there, and of the next to come. */
u64 log_ring_oldest(void);
u64 log_ring_next(void);
/* Forgets what is there. */
void log_ring_clear(void);
/* Forgets what lies before this index. */
void log_ring_forget(u64 index);
/* For core/console.c, which holds the lock. */
void log_ring_append(const char *text, size_t n);
size_t log_ring_peek(u64 *index, char *buf, size_t n);

/* --- lines that somebody else can cause --- */
struct log_rate {
	u64 full_ns; /* when the allowance is whole again, in system time */
	u32 dropped;
};
#define LOG_RATE_BURST 10
#define LOG_RATE_NS 500000000ULL /* for each line, in the long run */

/* May one more be shown? *dropped: how many were not since the last one that was. Caller locks. */
bool log_rate_allow(struct log_rate *r, u64 now_ns, u32 *dropped);

/* --- the end --- */

/* Our own invariant is broken: registers, backtrace, then halt or reboot (noreboot). Guest and boot
 * input never lead here; what is wrong with the machine or its configuration goes
 * to boot_fail(). */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;

/* The machine or the configuration cannot work: one line that names the thing, then halt or reboot.
 * Boot context only. */
void boot_fail(const char *fmt, ...) __printf(1, 2) __noreturn;

/* Ends the machine after the line that said why: reboots after a few seconds, or stands still with
 * the option noreboot. */
void panic_machine_end(void) __noreturn;

#endif
