/* SPDX-License-Identifier: GPL-2.0-only */
/* The 80x25 colour text screen at 0xb8000, scrolled by hand. Output only. */
#include "arch/x86/uart.h"
#include "core/console.h"
#include "core/param.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/vmap.h"

#define COLUMNS 80
#define ROWS 25
#define GREY_ON_BLACK 0x0700

static volatile u16 *screen;
static unsigned int column;

static void newline(void)
{
	for (unsigned int i = 0; i < COLUMNS * (ROWS - 1); i++) {
		screen[i] = screen[i + COLUMNS];
	}
	for (unsigned int i = COLUMNS * (ROWS - 1); i < COLUMNS * ROWS; i++) {
		screen[i] = GREY_ON_BLACK | ' ';
	}
	column = 0;
}

static void vga_write(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\n' || column == COLUMNS) {
			newline();
		}
		if (text[i] >= ' ') {
			screen[COLUMNS * (ROWS - 1) + column++] = GREY_ON_BLACK | (u8)text[i];
		}
	}
}

static const struct console vga = { "vga", vga_write, NULL };

/* vga=keep: goes on writing when dom0 has the screen. */
static bool keep;

static int parse_vga(const char *value)
{
	keep = value && !strcmp(value, "keep");
	return keep || (value && !strcmp(value, "text-80x25")) ? 0 : -EINVAL;
}
PARAM(vga, "vga", parse_vga);

void vga_leave(void)
{
	if (screen && !keep) {
		console_unregister(&vga);
	}
}

void vga_init(void)
{
	screen = vmap(HPA(0xb8000), COLUMNS * ROWS * 2, HV_DEVICE);
	if (screen) {
		console_register(&vga);
	}
}
