/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console: devices that show what is logged and what guests print, and the keyboard that is
 * shared between the hardware domain and the hypervisor's debug keys.
 */
#ifndef CORE_CONSOLE_H
#define CORE_CONSOLE_H

#include "lib/compiler.h"

struct domain;

/* A device. The hooks run with the console lock held, interrupts masked; they take no lock, log
 * nothing and do not wait for ever: text that a dead device does not take is dropped. */
struct console {
	const char *name; /* as in console=: com1, com2, vga, dtuart ... */
	/* Lines end in '\n'; the driver adds the '\r' that its device wants. */
	void (*write)(const char *text, size_t n);
	int (*getc)(void); /* the next byte of input, -1: none now. NULL: no input at all */
};

#define CONSOLE_MAX 4

/* Adds a device; c lives for ever. If console= selects it, it is first shown all that is in the
 * ring. One of the same name is replaced, and nothing is shown again. -ENOSPC. Boot context. */
int console_register(const struct console *c);
/* Takes it off again; for early consoles. */
void console_unregister(const struct console *c);

/* Adds text to the ring and, if show, to the devices. Any context but NMI. */
void console_output(const char *text, size_t n, bool show);
/* The lock of the ring and the devices, for core/log.c. */
void console_enter(void);
void console_leave(void);
/* From now on the lock is not taken: this CPU is the only one left. */
void console_break_lock(void);

/* --- guests --- */

/* A guest's unfinished line, part of struct domain. */
struct console_line {
	char text[128];
	u8 len;
};

/* console_io write: the hardware domain's text passes as it is, others' line by line as
 * "(d1) line", without control characters. Any CPU. */
void console_guest_write(struct domain *d, const char *text, size_t n);
/* console_io read: input that waits for the hardware domain. */
size_t console_guest_read(char *buf, size_t n);

/* --- input --- */

/* Asks the devices for input. From a device's interrupt or a timer, no lock held. */
void console_poll(void);
/* One byte typed. No lock held. */
void console_input(char c);
/* Gives the keyboard to the hardware domain, unless conswitch= says otherwise: it has just been
 * built. */
void console_input_to_guest(void);

/* --- debug keys --- */

/* Runs fn when the key is pressed while the hypervisor has the keyboard. Printable keys; the first
 * that registers a key keeps it: -EEXIST. fn runs with no lock held. Boot context. */
int console_key_register(char key, const char *what, void (*fn)(void));
/* As if it had been pressed. False: nobody registered it. */
bool console_key_run(char key);

/* core/keys.c: the keys of core itself and those of the units. Boot context, once. */
void keys_register(void);

#endif
