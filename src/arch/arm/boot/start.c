/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the loader to the first domain: the order in which things come up on the boot CPU.
 *
 *   page tables ─▶ device tree, options ─▶ console ─▶ memory ─▶ interrupts, time
 *     ─▶ virtualisation ─▶ other CPUs ─▶ domains ─▶ pcpu_loop()
 */
#include "arch/arm/boot/boot.h"
#include "arch/arm/boot/machine_dt.h"
#include "arch/arm/cpu.h"
#include "arch/arm/gic/gic.h"
#include "arch/arm/irq.h"
#include "arch/arm/machine.h"
#include "arch/arm/paging.h"
#include "arch/arm/psci.h"
#include "arch/arm/smp.h"
#include "arch/arm/time.h"
#include "arch/arm/vcpu.h"
#include "boot/ram.h"
#include "core/console.h"
#include "core/log.h"
#include "core/unit.h"
#include "drv/uart/uart.h"
#include "lib/bits.h"
#include "mm/frame.h"
#include "mm/heap.h"
#include "mm/vmap.h"

extern char image_start[], image_end[];

/* --- what the loader hands over --- */

/* Devicetree specification 0.4, 5.2: magic and size are the first two words, big-endian. */
#define FDT_MAGIC 0xd00dfeed
#define FDT_HEADER 40

u32 boot_fdt_size(const void *fdt)
{
	const u32 *head = fdt;
	u32 size = __builtin_bswap32(head[1]);

	return __builtin_bswap32(head[0]) == FDT_MAGIC && size >= FDT_HEADER ? size : 0;
}

static const void *map_device_tree(u64 pa, u32 *size)
{
	const void *fdt = NULL;

	/* Linux, Documentation/arm64/booting.rst: on 8 bytes, at most 2 MiB. */
	if (pa != 0 && IS_ALIGNED(pa, 8ULL)) {
		fdt = paging_map_fixed(PAGING_FDT, HPA(pa), FDT_HEADER, false);
	}
	*size = fdt ? boot_fdt_size(fdt) : 0;
	return *size ? paging_map_fixed(PAGING_FDT, HPA(pa), *size, false) : NULL;
}

/* A console as soon as it is known; messages until then have waited in the ring. */
static void init_console(void)
{
	const struct uart_desc *u = &arm_machine.uart;
	void *va;

	if (u->kind == UART_NONE) {
		return;
	}
	va = paging_map_fixed(PAGING_UART, HPA(u->base), u->size ? u->size : PAGE_SIZE, true);
	if (!va) {
		log_err("console: %s: its registers cannot be mapped", u->path);
	} else if (uart_init(u, va, "dtuart")) {
		log_err("console: %s does not work", u->path);
	}
}

static void read_device_tree(u64 pa)
{
	const char *why = NULL;
	u32 size = 0;
	const void *fdt = map_device_tree(pa, &size);
	int rc;

	if (!fdt) {
		boot_fail("boot loader: no device tree at %#llx", (unsigned long long)pa);
	}
	rc = machine_dt_parse(fdt, size, &why);
	init_console();
	log_info("machine: %s", arm_machine.model);
	log_info("command line: %s", arm_machine.cmdline);
	if (rc) {
		/* Once the tree is open, it says which node. */
		boot_fail("%s%s", arm_machine.fdt ? "" : "device tree: ", why);
	}
	arm_machine.fdt = fdt;
	arm_machine.fdt_pa = pa;
	arm_machine.fdt_size = size;
}

/* --- memory --- */

static void give_memory(void)
{
	memmap_print(&boot_map, "host");
	ram_keep(paging_image_pa(image_start), (u64)(image_end - image_start));
	ram_keep(arm_machine.fdt_pa, arm_machine.fdt_size);
	for (unsigned int i = 0; i < boot_module_count; i++) {
		ram_keep(boot_modules[i].start.v, boot_modules[i].size);
	}
	for (unsigned int i = 0; i < boot_reserved_count; i++) {
		ram_keep(boot_reserved[i].start, boot_reserved[i].size);
	}
	for (unsigned int i = 0; i < machine_dt_heap_count; i++) {
		ram_give(machine_dt_heap[i].start,
			machine_dt_heap[i].start + machine_dt_heap[i].size);
	}
	if (machine_dt_heap_count == 0) {
		ram_give_map(&boot_map);
	}
	log_info("memory: %llu MiB free of %llu MiB", (unsigned long long)(frame_free_count() >> 8),
		(unsigned long long)(memmap_ram_bytes(&boot_map) >> 20));
}

/* --- devices and CPUs --- */

static void init_platform(void)
{
	psci_init();
	time_init(arm_machine.timer.frequency);
	if (gic_init(&arm_machine.gic)) {
		boot_fail("no usable interrupt controller");
	}
	if (gic_cpu_init(&boot_pcpu)) {
		boot_fail("the boot CPU has no interrupt controller");
	}
	cpu_mitigate(&boot_pcpu);
}

static void init_virtualisation(void)
{
	const char *why = NULL;

	if (vcpu_probe(&why)) {
		boot_fail("%s", why);
	}
	log_info("virtualisation: EL2, %u bits of physical addresses, %u bits of VMID%s",
		cpu_features.pa_bits, cpu_features.vmid_bits,
		cpu_features.aarch32_el1 ? ", AArch32 guests" : "");
	if (units_boot()) {
		boot_fail("a subsystem did not start");
	}
	if (time_cpu_up(&boot_pcpu)) {
		boot_fail(
			"time: interrupt %u of the EL2 timer is not usable", arm_machine.timer.hyp);
	}
	if (units_cpu_up(&boot_pcpu)) {
		boot_fail("the boot CPU cannot run guests");
	}
	boot_pcpu.online = true;
}

static void init_console_input(void)
{
	const struct uart_desc *u = &arm_machine.uart;

	if (u->kind != UART_NONE && u->irq &&
		irq_request(u->irq, u->irq_edge, uart_interrupt, NULL)) {
		log_warn("console: interrupt %u is not usable, input is polled", u->irq);
		uart_use_polling("dtuart");
	}
	uart_enable_interrupt();
}

void arm_start(u64 fdt, u64 load) __noreturn;
void arm_start(u64 fdt, u64 load)
{
	pcpu_init(&boot_pcpu, 0);
	pcpus[0] = &boot_pcpu;
	pcpu_count = 1;
	cpu_identify();
	cpu_init();
	time_init_early();
	log_info("Bulkhead, built by " COMPILER_NAME);
	paging_init(load);
	paging_windows_init(&boot_pcpu);
	locks_checked = true;
	read_device_tree(fdt);
	give_memory();
	init_platform();
	init_virtualisation();
	smp_boot_cpus();
	keys_register();
	init_console_input();
	domains_start();
	arm_machine.fdt = NULL;
	pcpu_loop();
}
