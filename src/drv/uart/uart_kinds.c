/* SPDX-License-Identifier: GPL-2.0-only */
/* The kinds of ports that a device tree can name, and their drivers. Tables only. */
#include "drv/uart/uart_chip.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "lib/string.h"

static const struct {
	const char *compatible;
	enum uart_kind kind;
} uart_names[] = {
	{ "arm,pl011", UART_PL011 },
	{ "arm,sbsa-uart", UART_SBSA },
	{ "ns16550", UART_NS16550 },
	{ "ns16550a", UART_NS16550 },
	{ "snps,dw-apb-uart", UART_NS16550 },
	{ "brcm,bcm2835-aux-uart", UART_NS16550 },
	{ "nvidia,tegra20-uart", UART_NS16550 },
	{ "cdns,uart-r1p8", UART_CADENCE },
	{ "cdns,uart-r1p12", UART_CADENCE },
	{ "xlnx,xuartps", UART_CADENCE },
	{ "xlnx,zynqmp-uart", UART_CADENCE },
};

static const struct uart_chip *const uart_chips[] = {
	[UART_NONE] = NULL,
	[UART_PL011] = IS_ENABLED(CONFIG_UART_PL011) ? &pl011_chip : NULL,
	[UART_SBSA] = IS_ENABLED(CONFIG_UART_PL011) ? &sbsa_chip : NULL,
	[UART_NS16550] = IS_ENABLED(CONFIG_UART_NS16550) ? &ns16550_chip : NULL,
	[UART_CADENCE] = IS_ENABLED(CONFIG_UART_CADENCE) ? &cadence_chip : NULL,
};

enum uart_kind uart_kind_of(const char *compatible)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(uart_names); i++) {
		if (strcmp(uart_names[i].compatible, compatible) == 0) {
			return uart_names[i].kind;
		}
	}
	return UART_NONE;
}

int uart_init(const struct uart_desc *desc, void *va, const char *name)
{
	if ((unsigned int)desc->kind >= ARRAY_SIZE(uart_chips) || !uart_chips[desc->kind]) {
		return -EINVAL;
	}
	return uart_add(desc, uart_chips[desc->kind], va, name);
}
