/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first domain as a PVH guest (xen/arch-x86/hvm/start_info.h): its memory map, what it sees of
 * the host's firmware tables, the unpacker that turns the kernel file into a running kernel, and
 * the start state of vCPU 0.
 *
 *   0 ── 640 KiB ── 1 MiB ───────────────────────── end of low RAM ──── 4 GiB ── end of high RAM
 *   RAM   ROMs, 1:1  unpacker, then the kernel …  start info, ramdisk,  MMIO     RAM
 *                                                 kernel file, ACPI
 */
#include "arch/contract/abi.h"
#include "arch/contract/cpu.h"
#include "arch/x86/apic.h"
#include "arch/x86/boot/boot.h"
#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/irq.h"
#include "arch/x86/uart.h"
#include "arch/x86/vcpu.h"
#include "boot/build.h"
#include "boot/desc.h"
#include "boot/dom0_mem.h"
#include "boot/dom0_vcpus.h"
#include "boot/unpack/unpack_header.h"
#include "core/console.h"
#include "core/log.h"
#include "core/param.h"
#include "drv/acpi/acpi.h"
#include "drv/acpi/acpi_dom0.h"
#include "drv/iommu/iommu.h"
#include "drv/pci/pci.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "lib/xen_public.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/heap.h"
#include "vdev/bus.h"
#include <xen/arch-x86/hvm/start_info.h>

/* The unpacker's image (tools/make/unpack.mk), embedded by unpack_blob.S. */
extern const char unpack_blob[], unpack_blob_end[];

/* Only PVH exists; the other words of dom0= are named as such. */
static int parse_dom0(const char *value)
{
	struct parse_item item;
	const char *cursor = value;

	while (value && parse_list_next(&cursor, &item)) {
		if (!parse_item_is(&item, "pvh") && !parse_item_is(&item, "verbose")) {
			return -EINVAL;
		}
	}
	return value ? 0 : -EINVAL;
}
PARAM(dom0, "dom0", parse_dom0);

/* What goes to the end of low memory, below one another. */
struct dom0_layout {
	struct memmap map;
	u64 acpi, acpi_size;
	u64 kernel, ramdisk, start_info;
	u64 start_info_size;
};

static struct dom0_layout layout;

/* --- memory --- */

/* What is emulated for dom0 there (every region begins with a page), or the hypervisor's timer. */
static bool hidden_page(struct domain *d, u64 pa)
{
	return bus_find(d, BUS_MMIO, pa) ||
	       (acpi_host.hpet.present && pa >> PAGE_SHIFT == acpi_host.hpet.at.v >> PAGE_SHIFT);
}

/* Maps what is not RAM, page runs between hidden pages, where nothing is mapped yet. */
static int map_identity(struct domain *d, u64 start, u64 end)
{
	start = ALIGN_DOWN(start, PAGE_SIZE);
	end = ALIGN_UP(end, PAGE_SIZE);
	while (start < end) {
		u64 stop = start;

		while (stop < end && !hidden_page(d, stop) &&
			guest_lookup(d, GFN(stop >> PAGE_SHIFT)).type == S2_NONE) {
			stop += PAGE_SIZE;
		}
		if (stop > start) {
			int rc = guest_map_mmio(d, GFN(start >> PAGE_SHIFT),
				MFN(start >> PAGE_SHIFT), (stop - start) >> PAGE_SHIFT, true);

			if (rc) {
				return rc;
			}
		}
		start = stop + PAGE_SIZE;
	}
	return 0;
}

/* Ranges that only describe address space (the HyperTransport hole, for one) have no content. */
#define RESERVED_LARGEST MiB(64)

/* dom0-iommu=map-reserved and map-inclusive: what dom0's devices reach beside its RAM. */
static int map_devices(struct domain *d, const struct memmap_entry *e)
{
	bool inclusive = iommu_dom0_map_inclusive() && e->start < GiB(4) && e->type != MEMMAP_RAM &&
			 e->type != MEMMAP_UNUSABLE;
	bool reserved = iommu_dom0_map_reserved() && e->type == MEMMAP_RESERVED;

	if (!d->iommu || e->size > RESERVED_LARGEST || !(inclusive || reserved)) {
		return 0;
	}
	return iommu_map_identity(d, e->start, e->start + e->size);
}

static int map_firmware(struct domain *d)
{
	unsigned int cursor = 0;
	const struct acpi_table *t;
	int rc = map_identity(d, 0xa0000, 0x100000);

	for (unsigned int i = 0; !rc && i < boot_map.count; i++) {
		const struct memmap_entry *e = &boot_map.entries[i];
		bool tables = e->type == MEMMAP_ACPI || e->type == MEMMAP_NVS;
		bool reserved = e->type == MEMMAP_RESERVED && e->size <= RESERVED_LARGEST;

		if (tables || reserved || (e->start < 0x100000 && e->type != MEMMAP_RAM)) {
			rc = map_identity(d, e->start, e->start + e->size);
		}
		if (!rc) {
			rc = map_devices(d, e);
		}
	}
	while (!rc && (t = acpi_dom0_next_table(&acpi_host, &cursor))) {
		rc = map_identity(d, t->at.v, t->at.v + t->size);
	}
	return rc;
}

static int populate(struct domain *d, u64 bytes)
{
	unsigned int cursor = 0;
	u64 start, end;
	int rc = 0;

	if (d->direct_mapped) {
		struct memmap *out = &layout.map;

		memmap_init(out);
		for (unsigned int i = 0; i < boot_map.count && !rc; i++) {
			const struct memmap_entry *e = &boot_map.entries[i];

			rc = e->type == MEMMAP_RAM ? 0
						   : memmap_add(out, e->start, e->size, e->type);
		}
		while (!rc && memmap_next_ram(&boot_map, &cursor, &start, &end)) {
			rc = build_populate_identity(d, start, end, &bytes, out);
		}
		return rc ? rc : memmap_normalise(out);
	}
	memmap_shape_dom0(&boot_map, bytes, &layout.map);
	while (!rc && memmap_next_ram(&layout.map, &cursor, &start, &end)) {
		rc = build_populate(d, start, end);
	}
	return rc;
}

/* Takes size bytes off the end of low RAM; type RAM leaves the map as it is. */
static u64 place(u64 size, u64 below)
{
	u64 best = 0, start, end;
	unsigned int cursor = 0;

	size = ALIGN_UP(size, PAGE_SIZE);
	while (memmap_next_ram(&layout.map, &cursor, &start, &end)) {
		u64 top = MIN(end, below);

		if (start >= MiB(1) && top > start && top - start >= size) {
			best = top - size;
		}
	}
	return best;
}

static void place_all(const struct domain_desc *desc)
{
	u64 below = GiB(4);

	layout.acpi_size = ALIGN_UP(acpi_dom0_max_size(&acpi_host, desc->vcpu_count), PAGE_SIZE);
	if (memmap_steal(&layout.map, layout.acpi_size, GiB(4), MEMMAP_ACPI, &layout.acpi)) {
		boot_fail("dom0_mem: no room for ACPI tables below 4 GiB");
	}
	layout.kernel = place(desc->kernel->size, below);
	below = layout.kernel;
	if (desc->ramdisk && below) {
		layout.ramdisk = place(desc->ramdisk->size, below);
		below = layout.ramdisk;
	}
	layout.start_info_size = ALIGN_UP(
		sizeof(struct hvm_start_info) + 2 * sizeof(struct hvm_modlist_entry) +
			layout.map.count * sizeof(struct hvm_memmap_table_entry) +
			strlen(desc->cmdline) + 1,
		PAGE_SIZE);
	/* Linux reads it through its first page tables, which end at 1 GiB. */
	layout.start_info = below ? place(layout.start_info_size, MIN(below, GiB(1))) : 0;
	if (!layout.start_info) {
		boot_fail("dom0_mem: too little memory below 4 GiB for the kernel and the ramdisk");
	}
}

static void keep_memory_map(struct domain *d)
{
	unsigned int n = layout.map.count;
	struct memory_map_entry *m = heap_alloc(&d->pool, n * sizeof(*m));

	if (!m) {
		boot_fail("no memory for dom0's memory map");
	}
	for (unsigned int i = 0; i < n; i++) {
		const struct memmap_entry *e = &layout.map.entries[i];

		m[i] = (struct memory_map_entry){ e->start, e->size, e->type };
	}
	d->arch->memory_map = m;
	d->arch->memory_map_count = n;
}

/* --- contents --- */

static void copy_or_fail(struct domain *d, u64 to, const void *from, u64 size, const char *what)
{
	if (guest_write_phys(d, GPA(to), from, size)) {
		boot_fail("dom0: cannot place %s at %#llx", what, (unsigned long long)to);
	}
}

static void write_acpi(struct domain *d)
{
	struct acpi_dom0 a = {
		.vcpu_count = d->vcpu_count, .x2apic = true, .at = GPA(layout.acpi)
	};
	void *buf = heap_alloc(&pool_system, layout.acpi_size);
	size_t used = 0;

	if (!buf || acpi_dom0_build(&acpi_host, &a, buf, layout.acpi_size, &used)) {
		boot_fail("dom0: cannot build its ACPI tables");
	}
	copy_or_fail(d, layout.acpi, buf, used, "ACPI tables");
	heap_free(&pool_system, buf);
}

static u32 write_start_info(struct domain *d, const struct domain_desc *desc)
{
	char *buf = heap_alloc(&pool_system, layout.start_info_size);
	struct hvm_start_info *info = (void *)buf;
	struct hvm_modlist_entry *mod = (void *)(info + 1);
	struct hvm_memmap_table_entry *map = (void *)(mod + 2);
	char *cmdline = (char *)(map + layout.map.count);
	u64 base = layout.start_info;

	if (!buf) {
		boot_fail("no memory for dom0's start info");
	}
	*info = (struct hvm_start_info){
		.magic = XEN_HVM_START_MAGIC_VALUE,
		.version = 1,
		.flags = SIF_PRIVILEGED | SIF_INITDOMAIN,
		.nr_modules = desc->ramdisk ? 2 : 1,
		.modlist_paddr = base + ((char *)mod - buf),
		.cmdline_paddr = base + (cmdline - buf),
		.rsdp_paddr = layout.acpi,
		.memmap_paddr = base + ((char *)map - buf),
		.memmap_entries = layout.map.count,
	};
	mod[0] = (struct hvm_modlist_entry){ .paddr = layout.kernel, .size = desc->kernel->size };
	if (desc->ramdisk) {
		mod[1] = (struct hvm_modlist_entry){ .paddr = layout.ramdisk,
			.size = desc->ramdisk->size };
	}
	for (unsigned int i = 0; i < layout.map.count; i++) {
		const struct memmap_entry *e = &layout.map.entries[i];

		map[i] = (struct hvm_memmap_table_entry){
			.addr = e->start, .size = e->size, .type = e->type
		};
	}
	memcpy(cmdline, desc->cmdline, strlen(desc->cmdline) + 1);
	copy_or_fail(d, base, buf, layout.start_info_size, "start info");
	heap_free(&pool_system, buf);
	return (u32)base;
}

static u32 write_unpacker(struct domain *d)
{
	const struct unpack_header *h = (const void *)unpack_blob;

	if (h->magic != UNPACK_MAGIC || h->file_size > (u64)(unpack_blob_end - unpack_blob)) {
		boot_fail("the image is damaged: no unpacker in it");
	}
	if (!memmap_is(&layout.map, h->load, h->mem_size, MEMMAP_RAM)) {
		boot_fail("dom0: no RAM at %#x - %#x, where its kernel is unpacked", h->load,
			h->load + h->mem_size);
	}
	copy_or_fail(d, h->load, unpack_blob, h->file_size, "the unpacker");
	return h->entry;
}

static void copy_module(struct domain *d, u64 to, const struct boot_module *m, const char *what)
{
	if (build_copy(d, GPA(to), m->start, m->size)) {
		boot_fail("dom0: cannot copy the %s", what);
	}
}

/* --- vCPU 0 --- */

/* 32-bit protected mode, flat segments, no paging; ebx points to the start info. */
static void set_start_state(struct vcpu *v, u32 entry, u32 start_info)
{
	struct x86_seg flat = { .attr = X86_SEG_G | X86_SEG_DB | X86_SEG_P | X86_SEG_S |
					X86_SEG_WRITABLE | X86_SEG_ACCESSED,
		.limit = ~0U };
	struct x86_context c;

	vcpu_context_reset(&c);
	for (unsigned int i = 0; i < X86_SEG_COUNT; i++) {
		c.seg[i] = flat;
	}
	c.seg[SEG_CS].attr |= X86_SEG_CODE;
	c.tr.limit = 0x67;
	c.gdt_limit = c.idt_limit = 0;
	c.cr0 = X86_CR0_PE | X86_CR0_ET;
	c.regs.rip = entry;
	c.regs.gpr[REG_RBX] = start_info;
	vendor->set_context(v, &c);
	v->arch->initialised = true;
}

/* --- the description --- */

static void check_protection(struct domain_desc *desc)
{
	if (iommu_present()) {
		return;
	}
	if (!iommu_disabled()) {
		boot_fail(
			"dom0: no usable IOMMU: its devices could not be confined; iommu=no starts "
			"it without that protection");
	}
	desc->direct_mapped = true;
	log_warn("iommu=no: dom0's devices can read and write all memory, the hypervisor's too");
}

/* The module's own arguments, and what follows "--" in the hypervisor's command line. */
static const char *kernel_cmdline(void)
{
	static char line[BOOT_CMDLINE_MAX];
	const char *extra = param_after_dashes(boot_info.cmdline);

	strlcpy(line, boot_info.modules[0].cmdline, sizeof(line));
	if (*extra) {
		strlcat(line, " ", sizeof(line));
		strlcat(line, extra, sizeof(line));
	}
	return line;
}

static void check_dom0_mem(const struct dom0_mem_result *mem, u64 available)
{
	u64 ram = memmap_ram_bytes(&boot_map);

	/* Of the memory that was bought, the firmware keeps some. */
	if (mem->asked > ALIGN_UP(ram, GiB(1))) {
		boot_fail("dom0_mem: asks for %llu MiB, but this machine has %llu MiB",
			(unsigned long long)(mem->asked >> 20), (unsigned long long)(ram >> 20));
	}
	if (mem->asked > available) {
		log_warn("dom0_mem: asks for %llu MiB, but %llu MiB are free: dom0 gets %llu MiB",
			(unsigned long long)(mem->asked >> 20),
			(unsigned long long)(available >> 20),
			(unsigned long long)(mem->bytes >> 20));
	}
}

static void describe(struct domain_desc *desc)
{
	struct dom0_mem_result mem;
	const char *why = NULL;
	u64 available = frame_free_count() << PAGE_SHIFT;

	if (boot_info.module_count == 0) {
		boot_fail("no kernel for dom0: the boot loader passed no module");
	}
	*desc = (struct domain_desc){
		.id = 0,
		.name = "Domain-0",
		.privileged = true,
		.hardware = true,
		.kernel = &boot_info.modules[0],
		.ramdisk = boot_info.module_count > 1 ? &boot_info.modules[1] : NULL,
		.cmdline = kernel_cmdline(),
		.vcpu_count = dom0_vcpus(pcpu_count),
		.evtchn_limit = 0x20000,
		.grant_frames = 64,
		.maptrack_frames = 1024,
	};
	check_protection(desc);
	if (dom0_mem_get(available, &mem, &why)) {
		boot_fail("dom0_mem: %s", why);
	}
	check_dom0_mem(&mem, available);
	desc->memory = mem.bytes;
	desc->memory_max = MAX(mem.max, mem.bytes);
	desc->pool_pages = 4096 + (mem.bytes >> PAGE_SHIFT) / 128 + 64 * desc->vcpu_count;
	if (desc_check(desc, &why)) {
		boot_fail("dom0: %s", why);
	}
}

void dom0_start(void)
{
	struct domain_desc desc;
	struct domain *d = NULL;
	struct vcpu *v;
	u32 entry, start_info;
	int rc;

	describe(&desc);
	rc = domain_create(&desc, &d);
	if (rc) {
		boot_fail("dom0: cannot be created: error %d", rc);
	}
	rc = populate(d, desc.memory);
	if (!rc) {
		rc = map_firmware(d);
	}
	if (rc) {
		boot_fail("dom0_mem: cannot give dom0 %llu MiB: error %d",
			(unsigned long long)(desc.memory >> 20), rc);
	}
	place_all(&desc);
	keep_memory_map(d);
	write_acpi(d);
	copy_module(d, layout.kernel, desc.kernel, "kernel");
	if (desc.ramdisk) {
		copy_module(d, layout.ramdisk, desc.ramdisk, "ramdisk");
	}
	entry = write_unpacker(d);
	start_info = write_start_info(d, &desc);
	for (unsigned int i = 0; i < boot_info.module_count; i++) {
		u64 start = ALIGN_UP(boot_info.modules[i].start.v, PAGE_SIZE);
		u64 end = ALIGN_DOWN(
			boot_info.modules[i].start.v + boot_info.modules[i].size, PAGE_SIZE);

		if (end > start) {
			frame_add_ram(HPA(start), end - start);
		}
	}
	memmap_print(&layout.map, "dom0");
	v = domain_vcpu(d, 0);
	set_start_state(v, entry, start_info);
	log_info("dom0: %llu MiB, %u vCPU%s, %s", (unsigned long long)(desc.memory >> 20),
		d->vcpu_count, d->vcpu_count == 1 ? "" : "s",
		d->direct_mapped ? "identity-mapped" : "behind the IOMMU");
	vga_leave();
	console_input_to_guest();
	vcpu_release(v, VCPU_HOLD_DOWN);
	domain_unpause(d);
}
