/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Console devices, guests' output, and input with its receivers. Owns the one lock under which text
 * reaches the ring and the devices; never calls anybody but a device's hooks under it.
 */
#include "core/console.h"

#include "arch/contract/cpu.h"
#include "core/domain.h"
#include "core/locks.h"
#include "core/log.h"
#include "core/param.h"
#include "core/virq.h"
#include "lib/ctype.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "lib/string.h"

static struct spinlock console_lock = SPINLOCK_INIT(RANK_CONSOLE);
static bool console_lock_broken;

void console_enter(void)
{
	if (!READ_ONCE(console_lock_broken)) {
		spin_lock(&console_lock);
	}
}

void console_leave(void)
{
	if (!READ_ONCE(console_lock_broken)) {
		spin_unlock(&console_lock);
	}
}

void console_break_lock(void)
{
	WRITE_ONCE(console_lock_broken, true);
}

/* --- devices --- */

static struct {
	const struct console *device;
	bool selected;
} consoles[CONSOLE_MAX];

static char console_choice[64] = "com1,vga,dtuart,host";

/* "com1" selects com1; so does "com1H" or "com1L", halves of a line that Xen could share. */
static bool console_item_names(const struct parse_item *item, const char *name)
{
	size_t n = item->key_len;

	if (n > 1 && (item->key[n - 1] == 'H' || item->key[n - 1] == 'L')) {
		n--;
	}
	return strlen(name) == n && strncmp(item->key, name, n) == 0;
}

static bool console_is_chosen(const char *name)
{
	const char *cursor = console_choice;
	struct parse_item item;

	while (parse_list_next(&cursor, &item)) {
		if (console_item_names(&item, name)) {
			return item.on;
		}
	}
	return false;
}

static int console_parse_choice(const char *value)
{
	if (!value ||
		strlcpy(console_choice, value, sizeof(console_choice)) >= sizeof(console_choice)) {
		return -EINVAL;
	}
	console_enter();
	for (unsigned int i = 0; i < CONSOLE_MAX; i++) {
		consoles[i].selected = consoles[i].device &&
				       console_is_chosen(consoles[i].device->name);
	}
	console_leave();
	return 0;
}
PARAM(console, "console", console_parse_choice);

/* Caller holds the lock. */
static void console_replay(const struct console *c)
{
	u64 index = 0;
	char buf[128];
	size_t n;

	while ((n = log_ring_peek(&index, buf, sizeof(buf))) > 0) {
		c->write(buf, n);
	}
}

/* The slot of a device of that name, or a free one, or CONSOLE_MAX. */
static unsigned int console_find_slot(const char *name)
{
	unsigned int vacant = CONSOLE_MAX;

	for (unsigned int i = CONSOLE_MAX; i-- > 0;) {
		if (!consoles[i].device) {
			vacant = i;
		} else if (strcmp(consoles[i].device->name, name) == 0) {
			return i;
		}
	}
	return vacant;
}

int console_register(const struct console *c)
{
	unsigned int i;
	bool fresh;

	console_enter();
	i = console_find_slot(c->name);
	if (i == CONSOLE_MAX) {
		console_leave();
		return -ENOSPC;
	}
	fresh = !consoles[i].device;
	consoles[i].device = c;
	consoles[i].selected = console_is_chosen(c->name);
	if (fresh && consoles[i].selected) {
		console_replay(c);
	}
	console_leave();
	return 0;
}

void console_unregister(const struct console *c)
{
	console_enter();
	for (unsigned int i = 0; i < CONSOLE_MAX; i++) {
		if (consoles[i].device == c) {
			consoles[i].device = NULL;
			consoles[i].selected = false;
		}
	}
	console_leave();
}

/* --- output --- */

/* Whose unfinished line stands on the devices; NULL: nobody's. Under the console lock. */
static const struct domain *console_open;

/* Caller holds the lock, here and below. */
static void console_show(const char *text, size_t n)
{
	for (unsigned int i = 0; i < CONSOLE_MAX; i++) {
		if (consoles[i].selected) {
			consoles[i].device->write(text, n);
		}
	}
}

static void console_close_line(void)
{
	if (console_open) {
		console_open = NULL;
		console_show("\n", 1);
	}
}

static void console_put(const char *text, size_t n, bool show)
{
	log_ring_append(text, n);
	if (show) {
		console_close_line();
		console_show(text, n);
	}
}

void console_output(const char *text, size_t n, bool show)
{
	console_enter();
	console_put(text, n, show);
	console_leave();
}

/* --- guests' lines --- */

struct console_prefix {
	char text[16];
	size_t n;
};

static struct console_prefix console_prefix(const struct domain *d)
{
	struct console_prefix p;

	p.n = (size_t)fmt_snprintf(p.text, sizeof(p.text), "(d%u) ", d->id);
	return p;
}

/* Ends the line. Of one that is on the devices already, only its end is shown. */
static void console_flush_line(struct domain *d)
{
	struct console_line *l = &d->console_line;
	struct console_prefix prefix = console_prefix(d);
	bool show = console_open != d;

	console_put(prefix.text, prefix.n, show);
	console_put(l->text, l->len, show);
	console_put("\n", 1, show);
	if (!show) {
		console_close_line();
	}
	*l = (struct console_line){ .len = 0 };
}

/* Puts an unfinished line on the devices, as far as it has come. */
static void console_open_line(const struct domain *d)
{
	struct console_prefix prefix = console_prefix(d);

	if (console_open != d) {
		console_close_line();
		console_show(prefix.text, prefix.n);
		console_show(d->console_line.text, d->console_line.len);
		console_open = d;
	}
}

/* ESC [ ... and a final byte (ECMA-48, 5.4). True: c is part of it. */
static bool console_skip_escape(struct console_line *l, char c)
{
	if (l->escape == 0) {
		l->escape = c == '\033';
		return l->escape;
	}
	if (l->escape == 1) {
		l->escape = c == '[' ? 2 : 0;
		return c == '[';
	}
	if (c >= '@' && c <= '~') {
		l->escape = 0;
	}
	return true;
}

static bool console_is_text(char c)
{
	return is_print(c) || c == '\t';
}

/* Keeps what a terminal would show. */
static void console_store(struct console_line *l, char c)
{
	if (console_skip_escape(l, c)) {
		return;
	}
	if (c == '\r') {
		l->home = true;
	} else if (c == '\b') {
		l->len -= l->len > 0;
	} else if (console_is_text(c)) {
		l->len = l->home ? 0 : l->len;
		l->home = false;
		l->text[l->len++] = c;
	}
}

static void console_add_char(struct domain *d, char c, bool live)
{
	struct console_line *l = &d->console_line;

	if (c == '\n' || (l->len == sizeof(l->text) && !l->home && console_is_text(c))) {
		console_flush_line(d);
	}
	if (c == '\n') {
		return;
	}
	if (live) {
		console_open_line(d);
		console_show(&c, 1);
	}
	console_store(l, c);
}

static bool console_has_input(const struct domain *d);

void console_guest_write(struct domain *d, const char *text, size_t n)
{
	console_enter();
	if (d->hardware) {
		console_put(text, n, true);
	} else {
		bool live = console_has_input(d);

		for (size_t i = 0; i < n; i++) {
			console_add_char(d, text[i], live);
		}
	}
	console_leave();
}

/* --- input --- */

#define INPUT_SIZE 256 /* a power of two */
#define POLL_BYTES 64  /* from one device at a time */

enum console_receiver { RECEIVER_HYPERVISOR, RECEIVER_HARDWARE, RECEIVER_GUEST };

/* Under the console lock. */
static struct {
	char text[INPUT_SIZE];
	u32 head, tail;	 /* free-running */
	u8 switch_count; /* switch characters just seen */
	enum console_receiver receiver;
	struct console_guest *guest; /* RECEIVER_GUEST */
	bool hardware;		     /* there is a hardware domain */
	bool switched;		     /* somebody has chosen */
} input;
static struct list console_guests = LIST_INIT(console_guests); /* rising id; likewise */

static char switch_char = 'a';
static bool switch_stay; /* conswitch=?x: the hypervisor keeps the keyboard after boot */

static int console_parse_conswitch(const char *value)
{
	if (!value || !is_lower(value[0]) || (value[1] != '\0' && strcmp(value + 1, "x") != 0)) {
		return -EINVAL;
	}
	switch_char = value[0];
	switch_stay = value[1] == 'x';
	return 0;
}
PARAM(conswitch, "conswitch", console_parse_conswitch);

/* Caller holds the lock. */
static bool console_has_input(const struct domain *d)
{
	return input.receiver == RECEIVER_GUEST && input.guest->domain == d;
}

/* Says who has the keyboard, and shows what a guest that waits for input has printed last. */
static void console_tell_receiver(void)
{
	char name[32] = "hypervisor, h for help";

	console_enter();
	if (input.receiver == RECEIVER_HARDWARE) {
		strlcpy(name, "hardware domain", sizeof(name));
	} else if (input.receiver == RECEIVER_GUEST) {
		fmt_snprintf(name, sizeof(name), "guest d%u", input.guest->domain->id);
	}
	console_leave();
	log_dump("console input goes to the %s (CTRL-%c three times switches)", name,
		to_upper(switch_char));
	console_enter();
	if (input.receiver == RECEIVER_GUEST && input.guest->domain->console_line.len > 0) {
		console_open_line(input.guest->domain);
	}
	console_leave();
}

/* Caller holds the lock. The first guest behind g (NULL: of all) that runs, or NULL. */
static struct console_guest *console_guest_behind(const struct console_guest *g)
{
	const struct list *l = g ? g->link.next : console_guests.next;

	for (; l != &console_guests; l = l->next) {
		struct console_guest *next = list_entry(l, struct console_guest, link);

		if (!READ_ONCE(next->domain->shut_down)) {
			return next;
		}
	}
	return NULL;
}

/* Caller holds the lock. */
static void console_switch(void)
{
	struct console_guest *behind = input.receiver == RECEIVER_GUEST ? input.guest : NULL;

	input.switched = true;
	if (input.receiver == RECEIVER_HYPERVISOR && input.hardware) {
		input.receiver = RECEIVER_HARDWARE;
		return;
	}
	input.guest = console_guest_behind(behind);
	input.receiver = input.guest ? RECEIVER_GUEST : RECEIVER_HYPERVISOR;
}

/* Caller holds the lock. The guest that had the keyboard is gone. */
static void console_give_back(void)
{
	input.receiver = input.hardware ? RECEIVER_HARDWARE : RECEIVER_HYPERVISOR;
	input.guest = NULL;
	input.switch_count = 0;
}

/* Caller holds the lock. What does not fit is lost, as on a serial line. */
static void console_queue(char c)
{
	if (input.head - input.tail < INPUT_SIZE) {
		input.text[input.head++ % INPUT_SIZE] = c;
	}
}

size_t console_guest_read(char *buf, size_t n)
{
	size_t i;

	console_enter();
	for (i = 0; i < n && input.tail != input.head; i++) {
		buf[i] = input.text[input.tail++ % INPUT_SIZE];
	}
	console_leave();
	return i;
}

enum console_event { INPUT_NOTHING, INPUT_SWITCHED, INPUT_HARDWARE, INPUT_GUEST, INPUT_KEY };

struct console_taken {
	enum console_event event;
	struct console_guest *guest; /* INPUT_GUEST: busy */
	unsigned int held;	     /* switch characters that come before the byte */
};

static char console_switch_byte(void)
{
	return (char)(switch_char - 'a' + 1);
}

/* Caller holds the lock. A byte, and fewer than three switch characters before it: input. */
static enum console_event console_take_input(char c, unsigned int held)
{
	switch (input.receiver) {
	case RECEIVER_HARDWARE:
		while (held-- > 0) {
			console_queue(console_switch_byte());
		}
		console_queue(c);
		return INPUT_HARDWARE;
	case RECEIVER_GUEST:
		input.guest->busy++;
		return INPUT_GUEST;
	case RECEIVER_HYPERVISOR:
		break;
	}
	return INPUT_KEY;
}

/* Caller holds the lock. */
static struct console_taken console_take(char c)
{
	struct console_taken taken = { .event = INPUT_NOTHING };

	if (c == console_switch_byte()) {
		if (++input.switch_count == 3) {
			input.switch_count = 0;
			console_switch();
			taken.event = INPUT_SWITCHED;
		}
		return taken;
	}
	taken.held = input.switch_count;
	taken.guest = input.guest;
	input.switch_count = 0;
	taken.event = console_take_input(c, taken.held);
	return taken;
}

static void console_pass(struct console_guest *g, unsigned int held, char c)
{
	while (held-- > 0) {
		g->input(g, console_switch_byte());
	}
	g->input(g, c);
	console_enter();
	g->busy--;
	console_leave();
}

void console_input(char c)
{
	struct console_taken taken;

	console_enter();
	taken = console_take(c);
	console_leave();

	switch (taken.event) {
	case INPUT_SWITCHED:
		console_tell_receiver();
		break;
	case INPUT_HARDWARE:
		virq_raise_global(CORE_VIRQ_CONSOLE);
		break;
	case INPUT_GUEST:
		console_pass(taken.guest, taken.held, c);
		break;
	case INPUT_KEY:
		console_key_run(c);
		break;
	case INPUT_NOTHING:
		break;
	}
}

void console_input_to_guest(void)
{
	console_enter();
	input.hardware = true;
	input.guest = NULL;
	input.receiver = switch_stay ? RECEIVER_HYPERVISOR : RECEIVER_HARDWARE;
	console_leave();
	console_tell_receiver();
}

/* Caller holds the lock. */
static void console_guest_link(struct console_guest *g)
{
	struct console_guest *next;

	g->busy = 0;
	list_for_each_entry(next, &console_guests, link) {
		if (next->domain->id > g->domain->id) {
			list_add_tail(&g->link, &next->link);
			return;
		}
	}
	list_add_tail(&g->link, &console_guests);
}

void console_guest_add(struct console_guest *g)
{
	bool gets;

	console_enter();
	console_guest_link(g);
	gets = !input.hardware && !switch_stay && !input.switched &&
	       input.receiver == RECEIVER_HYPERVISOR;
	if (gets) {
		input.receiver = RECEIVER_GUEST;
		input.guest = g;
	}
	console_leave();
	if (gets) {
		console_tell_receiver();
	}
}

void console_guest_remove(struct console_guest *g)
{
	bool had;

	console_enter();
	list_del(&g->link);
	if (g->domain->console_line.len > 0 || console_open == g->domain) {
		console_flush_line(g->domain);
	}
	had = console_has_input(g->domain);
	if (had) {
		console_give_back();
	}
	while (g->busy > 0) {
		console_leave();
		arch_cpu_relax();
		console_enter();
	}
	console_leave();
	if (had) {
		console_tell_receiver();
	}
}

void console_guest_stop(const struct domain *d)
{
	bool had;

	console_enter();
	had = console_has_input(d);
	if (had) {
		console_give_back();
	}
	console_leave();
	if (had) {
		console_tell_receiver();
	}
}

/* Reads under the lock, since devices are written to under it; handles without. */
static size_t console_fetch(unsigned int i, char *buf, size_t size)
{
	const struct console *c;
	size_t n = 0;
	int byte;

	console_enter();
	c = consoles[i].selected ? consoles[i].device : NULL;
	while (c && c->getc && n < size && (byte = c->getc()) >= 0) {
		buf[n++] = (char)byte;
	}
	console_leave();
	return n;
}

void console_poll(void)
{
	char buf[POLL_BYTES];

	for (unsigned int i = 0; i < CONSOLE_MAX; i++) {
		size_t n = console_fetch(i, buf, sizeof(buf));

		for (size_t j = 0; j < n; j++) {
			console_input(buf[j]);
		}
	}
}

/* --- debug keys --- */

static struct {
	const char *what;
	void (*fn)(void);
} keys[128];

int console_key_register(char key, const char *what, void (*fn)(void))
{
	if (!is_print(key)) {
		return -EINVAL;
	}
	if (keys[(unsigned int)key].fn) {
		return -EEXIST;
	}
	keys[(unsigned int)key].what = what;
	keys[(unsigned int)key].fn = fn;
	return 0;
}

static void console_help(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].fn) {
			log_dump(" %c: %s", (char)i, keys[i].what);
		}
	}
}

bool console_key_run(char key)
{
	if (key == 'h') {
		console_help();
		return true;
	}
	if (!is_print(key) || !keys[(unsigned int)key].fn) {
		return false;
	}
	keys[(unsigned int)key].fn();
	return true;
}
