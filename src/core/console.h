/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console: devices that show what is logged and what guests print, and the keyboard, whose
 * receiver is the hypervisor with its debug keys, the hardware domain, or a guest that has a serial
 * port of its own. The switch character three times passes it on, in this order.
 */
#ifndef CORE_CONSOLE_H
#define CORE_CONSOLE_H

#include "lib/compiler.h"
#include "lib/list.h"

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

/* A guest's unfinished line, part of struct domain: what of it can be printed. */
struct console_line {
	char text[128];
	u8 len;
	u8 escape; /* inside an escape sequence: its characters so far, at most 2 */
	bool home; /* a carriage return came: the next character begins the line anew */
};

/* Output of a guest: the hardware domain's text passes as it is, others' line by line as
 * "(d1) line", without control characters. Who has the keyboard sees at once what he types: that
 * guest's unfinished line is on the devices as far as it has come, control characters included,
 * and is shown again when something else came in between. Any CPU. */
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

/* A guest that can have the keyboard; the first one of a machine without hardware domain gets it at
 * once. */
struct console_guest {
	struct domain *domain;
	/* A byte that was typed for it. Any CPU, no lock held. */
	void (*input)(struct console_guest *g, char c);
	/* core/console.c's, under its lock */
	struct list link;
	unsigned int busy; /* calls of input under way */
};
/* No lock held. One for each domain. */
void console_guest_add(struct console_guest *g);
/* On return input does not run any more, and what the guest's last line holds has been shown. */
void console_guest_remove(struct console_guest *g);
/* The domain does not run any more: if it has the keyboard, that goes back. Any domain. */
void console_guest_stop(const struct domain *d);

/* --- debug keys --- */

/* Runs fn when the key is pressed while the hypervisor has the keyboard. Printable keys; the first
 * that registers a key keeps it: -EEXIST. fn runs with no lock held. Boot context. */
int console_key_register(char key, const char *what, void (*fn)(void));
/* As if it had been pressed. False: nobody registered it. */
bool console_key_run(char key);

/* core/keys.c: the keys of core itself and those of the units. Boot context, once. */
void keys_register(void);

#endif
