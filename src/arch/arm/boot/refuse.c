/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Started at EL1, where no hypervisor can be: says so on the console that the device tree names,
 * and stops. Runs on the early tables, in which all of the image is writable and executable, and
 * calls nothing that needs a CPU's structure or a register of EL2 (head.S skips what reads one).
 */
#include "arch/arm/boot/boot.h"
#include "arch/arm/layout.h"
#include "arch/arm/machine.h"
#include "arch/arm/paging_bits.h"
#include "arch/arm/sysreg.h"
#include "arch/contract/cpu.h"
#include "core/log.h"
#include "drv/uart/uart.h"

#define BLOCK MiB(2)
/* Entries that the image does not reach. */
#define FDT_SLOT 504
#define UART_SLOT 508

/* The address at which pa is after this, with the block behind it. */
static void *map_blocks(u64 *table, unsigned int slot, u64 pa, u64 attributes)
{
	for (unsigned int i = 0; i < 2; i++) {
		table[slot + i] = (ALIGN_DOWN(pa, BLOCK) + i * BLOCK) | attributes;
	}
	dsb(ishst);
	isb();
	return (void *)(IMAGE_BASE + slot * BLOCK + pa % BLOCK);
}

static void init_console(u64 *table)
{
	const struct uart_desc *u = &arm_machine.uart;

	if (u->kind != UART_NONE) {
		uart_init(u,
			map_blocks(table, UART_SLOT, u->base,
				PTE_BLOCK | PTE_DEVICE | PTE_AF | PTE_XN),
			"dtuart");
	}
}

void refuse_el1(u64 fdt_pa, u64 *table) __noreturn;
void refuse_el1(u64 fdt_pa, u64 *table)
{
	const char *why = NULL;
	const void *fdt;
	u32 size;

	log_err("cannot start: the loader left the CPU at EL1, a hypervisor needs EL2 (QEMU: "
		"-machine virtualization=on)");
	if (fdt_pa != 0 && IS_ALIGNED(fdt_pa, 8ULL)) {
		fdt = map_blocks(table, FDT_SLOT, fdt_pa, PTE_EARLY_BLOCK | PTE_XN);
		size = boot_fdt_size(fdt);
		if (size != 0 && size <= BLOCK) {
			/* Whatever it finds wrong later on, the console comes first. */
			(void)machine_dt_parse(fdt, size, &why);
			init_console(table);
		}
	}
	arch_machine_end(MACHINE_HALT);
}
