/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the loader to the first domain: the order in which things come up on the boot CPU.
 *
 *   early console ─▶ memory map ─▶ page tables ─▶ frames, heap ─▶ ACPI ─▶ time, interrupts
 *     ─▶ IOMMU ─▶ virtualisation ─▶ other CPUs ─▶ first domain ─▶ pcpu_loop()
 */
#include "abi/vtime.h"
#include "arch/contract/abi.h"
#include "arch/contract/io.h"
#include "arch/contract/cpu.h"
#include "arch/x86/apic.h"
#include "arch/x86/boot/boot.h"
#include "arch/x86/cpu.h"
#include "arch/x86/irq.h"
#include "arch/x86/paging.h"
#include "arch/x86/policy.h"
#include "arch/x86/rtc.h"
#include "arch/x86/smp.h"
#include "arch/x86/tsc.h"
#include "arch/x86/uart.h"
#include "arch/x86/vcpu.h"
#include "boot/ram.h"
#include "core/console.h"
#include "core/log.h"
#include "core/param.h"
#include "core/time.h"
#include "core/unit.h"
#include "drv/acpi/acpi.h"
#include "drv/iommu/iommu.h"
#include "drv/pci/pci.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/heap.h"
#include "mm/vmap.h"

struct boot_host boot_host;
struct boot_info boot_info;
struct memmap boot_map;

extern char image_start[], image_end[];

/* While the loader's mapping of the first 4 GiB is in use. */
static const void *low_memory(u64 pa, u64 size)
{
	return pa && pa < GiB(4) && size <= GiB(4) - pa ? (const void *)pa : NULL;
}

static void parse_loader_info(u32 magic, u64 info)
{
	const char *why = NULL;
	int rc = multiboot_parse(magic, info, low_memory, &boot_info, &why);

	boot_host.cmdline = boot_info.cmdline;
	boot_host.efi = boot_info.efi;
	param_parse_line(boot_info.cmdline);
	uart_init_early();
	log_info("Bulkhead, built by " COMPILER_NAME ", loaded by %s%s", boot_info.loader,
		boot_info.efi ? " (UEFI)" : "");
	log_info("command line: %s", boot_info.cmdline);
	if (rc) {
		boot_fail("boot loader: %s", why);
	}
}

static void make_memory_map(void)
{
	struct memmap *m = &boot_map;

	memmap_init(m);
	for (unsigned int i = 0; i < boot_info.map_count; i++) {
		const struct boot_map_entry *e = &boot_info.map[i];

		if (memmap_add(m, e->start, e->size, e->type)) {
			boot_fail("memory map: more than %u ranges", MEMMAP_MAX);
		}
	}
	if (memmap_normalise(m)) {
		log_warn("memory map: too many ranges, the highest are not used");
	}
	boot_host.max_ram = memmap_ram_end(m);
	memmap_print(m, "host");
}

bool boot_host_has_ram(u64 start, u64 size)
{
	return memmap_touches(&boot_map, start, size, MEMMAP_RAM);
}

/* --- RAM for the allocator: all but what is in use --- */

/* The highest page of RAM below 640 KiB that nothing else uses. */
static void choose_trampoline(void)
{
	for (u64 page = 0x9f000; page >= 0x1000; page -= PAGE_SIZE) {
		if (memmap_is(&boot_map, page, PAGE_SIZE, MEMMAP_RAM) &&
			!ram_is_kept(page, PAGE_SIZE)) {
			smp_set_trampoline(HPA(page));
			ram_keep(page, PAGE_SIZE);
			return;
		}
	}
	boot_fail("memory map: no free RAM below 640 KiB to start CPUs from");
}

static void give_memory(void)
{
	ram_keep(0, PAGE_SIZE); /* the BIOS data area's page is nobody's */
	ram_keep(paging_image_pa(image_start), (u64)(image_end - image_start));
	for (unsigned int i = 0; i < boot_info.module_count; i++) {
		ram_keep(boot_info.modules[i].start.v, boot_info.modules[i].size);
	}
	choose_trampoline();
	ram_give_map(&boot_map);
	log_info("memory: %llu MiB free of %llu MiB", (unsigned long long)(frame_free_count() >> 8),
		(unsigned long long)(memmap_ram_bytes(&boot_map) >> 20));
}

static void keep_memory_map(void)
{
	const struct memmap *m = &boot_map;

	boot_host.memory_map = heap_alloc(&pool_system, m->count * sizeof(struct memory_map_entry));
	if (!boot_host.memory_map) {
		boot_fail("no memory for the memory map");
	}
	for (unsigned int i = 0; i < m->count; i++) {
		boot_host.memory_map[i] = (struct memory_map_entry){ m->entries[i].start,
			m->entries[i].size, m->entries[i].type };
	}
	boot_host.memory_map_count = m->count;
}

/* --- devices and CPUs --- */

static void init_platform(void)
{
	if (acpi_init(boot_info.rsdp_size ? boot_info.rsdp : NULL, boot_info.rsdp_size)) {
		boot_fail("ACPI: no usable root table: this machine cannot be started");
	}
	if (!acpi_host.has_madt) {
		boot_fail("ACPI: no usable MADT: CPUs and interrupt controllers are unknown");
	}
	/* The 8259s, if any, are masked for good; first, while their way to the CPU is still open:
	 * a request that is withdrawn later has no vector. */
	if (acpi_host.pcat_compat) {
		arch_out8(0x21, 0xff);
		arch_out8(0xa1, 0xff);
	}
	tsc_calibrate();
	apic_init();
	apic_cpu_init();
	boot_pcpu.arch->apic_id = apic_id();
	apic_timer_calibrate();
	ioapic_init();
	if (pci_init()) {
		boot_fail("no memory for the list of PCI functions");
	}
	if (iommu_init()) {
		log_warn("no IOMMU is used");
	}
}

static void init_virtualisation(void)
{
	const char *why = NULL;

	if (!vendor->probe(&why)) {
		boot_fail("%s", why);
	}
	log_info("virtualisation: %s, nested paging%s%s", vendor->name,
		cpu_features.page1gb ? ", 1 GiB pages" : "",
		cpu_features.svm_nrips ? ", next-RIP saving" : "");
	policy_init_host();
	if (units_boot()) {
		boot_fail("a subsystem did not start");
	}
	if (units_cpu_up(&boot_pcpu)) {
		boot_fail("the boot CPU cannot run guests");
	}
	boot_pcpu.online = true;
}

void x86_start(u32 magic, u32 info) __noreturn;
void x86_start(u32 magic, u32 info)
{
	cpu_init_early();
	cpu_identify();
	pcpu_init(&boot_pcpu, 0);
	parse_loader_info(magic, info);
	if (!cpu_features.nx) {
		boot_fail("this CPU has no NX bit (or the firmware turned it off)");
	}
	make_memory_map();
	paging_init();
	paging_windows_init(&boot_pcpu);
	locks_checked = true;
	give_memory();
	if (cpu_alloc_stacks(&boot_pcpu)) {
		boot_fail("no memory for interrupt stacks");
	}
	keep_memory_map();
	vga_init();
	init_platform();
	init_virtualisation();
	smp_boot_cpus();
	keys_register();
	uart_init_irq();
	vtime_set_wallclock(rtc_read_epoch() * NS_PER_S - arch_now_ns());
	dom0_start();
	pcpu_loop();
}
