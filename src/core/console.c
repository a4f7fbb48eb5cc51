/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Console devices, guests' output, and input with its two receivers. Owns the one lock under which
 * text reaches the ring and the devices; never calls anybody but a device's hooks under it.
 */
#include "core/console.h"

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

/* Caller holds the lock. */
static void console_put(const char *text, size_t n, bool show)
{
	log_ring_append(text, n);
	if (!show) {
		return;
	}
	for (unsigned int i = 0; i < CONSOLE_MAX; i++) {
		if (consoles[i].selected) {
			consoles[i].device->write(text, n);
		}
	}
}

void console_output(const char *text, size_t n, bool show)
{
	console_enter();
	console_put(text, n, show);
	console_leave();
}

/* Caller holds the lock. */
static void console_flush_line(struct domain *d)
{
	struct console_line *l = &d->console_line;
	char prefix[16];
	int n = fmt_snprintf(prefix, sizeof(prefix), "(d%u) ", d->id);

	console_put(prefix, (size_t)n, true);
	console_put(l->text, l->len, true);
	console_put("\n", 1, true);
	l->len = 0;
}

/* Caller holds the lock. */
static void console_add_char(struct domain *d, char c)
{
	struct console_line *l = &d->console_line;

	if (c == '\n') {
		console_flush_line(d);
		return;
	}
	if (!is_print(c) && c != '\t') {
		return;
	}
	if (l->len == sizeof(l->text)) {
		console_flush_line(d);
	}
	l->text[l->len++] = c;
}

void console_guest_write(struct domain *d, const char *text, size_t n)
{
	console_enter();
	if (d->hardware) {
		console_put(text, n, true);
	} else {
		for (size_t i = 0; i < n; i++) {
			console_add_char(d, text[i]);
		}
	}
	console_leave();
}

/* --- input --- */

#define INPUT_SIZE 256 /* a power of two */
#define POLL_BYTES 64  /* from one device at a time */

/* Under the console lock. */
static struct {
	char text[INPUT_SIZE];
	u32 head, tail;	 /* free-running */
	u8 switch_count; /* switch characters just seen */
	bool to_guest;
} input;

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

static void console_tell_receiver(bool to_guest)
{
	log_dump("console input goes to the %s (CTRL-%c three times switches)",
		to_guest ? "hardware domain" : "hypervisor, h for help", to_upper(switch_char));
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

enum console_event { INPUT_NOTHING, INPUT_SWITCHED, INPUT_GUEST, INPUT_KEY };

/* Caller holds the lock. Switch characters that turn out to be fewer than three are input. */
static enum console_event console_take(char c)
{
	if (c == switch_char - 'a' + 1 && ++input.switch_count == 3) {
		input.switch_count = 0;
		input.to_guest = !input.to_guest;
		return INPUT_SWITCHED;
	}
	if (c == switch_char - 'a' + 1) {
		return INPUT_NOTHING;
	}
	if (!input.to_guest) {
		input.switch_count = 0;
		return INPUT_KEY;
	}
	for (; input.switch_count > 0; input.switch_count--) {
		console_queue((char)(switch_char - 'a' + 1));
	}
	console_queue(c);
	return INPUT_GUEST;
}

void console_input(char c)
{
	enum console_event event;
	bool to_guest;

	console_enter();
	event = console_take(c);
	to_guest = input.to_guest;
	console_leave();

	switch (event) {
	case INPUT_SWITCHED:
		console_tell_receiver(to_guest);
		break;
	case INPUT_GUEST:
		virq_raise_global(CORE_VIRQ_CONSOLE);
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
	bool to_guest;

	console_enter();
	to_guest = input.to_guest = !switch_stay;
	console_leave();
	console_tell_receiver(to_guest);
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
