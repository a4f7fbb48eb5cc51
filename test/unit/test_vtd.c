/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drv/iommu with VT-d on a register model that executes commands and descriptors: bringing up from
 * a state that firmware left on, contexts, the cost of bulk mappings, interrupts, faults,
 * write-back of tables that the unit does not snoop, and a unit that stops answering.
 */
#include <string.h>

#include "arch/contract/paging.h"
#include "arch/host/host.h"
#include "arch/host/io.h"
#include "core/time.h"
#include "drv/acpi/acpi.h"
#include "drv/iommu/iommu.h"
#include "drv/iommu/vtd.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "unit/harness.h"
#include "unit/shown.h"

const struct unit *const units[] = { &iommu_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

/* --- the model --- */

#define FRCD 0x220

static struct {
	u8 regs[VTD_REGS_SIZE];
	bool stuck;
	unsigned int descriptors[16];
	struct vtd_entry last[16]; /* by type */
	u64 root, irta;		   /* as latched */
	u32 history[16];	   /* bits of GCMD as they came */
	unsigned int history_count;
	u64 written_back;
} model;

static u8 *memory(u64 pa)
{
	return (u8 *)(uintptr_t)(arch_heap_base + pa);
}

static u32 reg32(u32 reg)
{
	u32 v;

	memcpy(&v, model.regs + reg, 4);
	return v;
}

static u64 reg64(u32 reg)
{
	u64 v;

	memcpy(&v, model.regs + reg, 8);
	return v;
}

static void set32(u32 reg, u32 v)
{
	memcpy(model.regs + reg, &v, 4);
}

static void set64(u32 reg, u64 v)
{
	memcpy(model.regs + reg, &v, 8);
}

static void command(u32 value)
{
	u32 status = reg32(VTD_REG_GSTS), kept = status & VTD_G_KEPT;
	u32 changed = (value & VTD_G_KEPT) ^ kept, once = value & ~VTD_G_KEPT;

	/* One bit at a time, or the specification's rule is broken. */
	CHECK(__builtin_popcount(changed) + __builtin_popcount(once) == 1);
	if (model.history_count < ARRAY_SIZE(model.history)) {
		model.history[model.history_count++] = changed | once;
	}
	if (once & VTD_G_SRTP) {
		model.root = reg64(VTD_REG_RTADDR);
	}
	if (once & VTD_G_SIRTP) {
		model.irta = reg64(VTD_REG_IRTA);
	}
	set32(VTD_REG_GSTS, (value & VTD_G_KEPT) | (status & (VTD_G_SRTP | VTD_G_SIRTP)) | once);
}

static void run_queue(void)
{
	u32 head = (u32)reg64(VTD_REG_IQH), tail = (u32)reg64(VTD_REG_IQT);

	CHECK(reg32(VTD_REG_GSTS) & VTD_G_QIE);
	while (head != tail) {
		struct vtd_entry *d = (struct vtd_entry *)memory(
			(reg64(VTD_REG_IQA) & VTD_ENTRY_ADDRESS) + head);
		unsigned int type = d->lo & 15;

		model.descriptors[type]++;
		model.last[type] = *d;
		if (type == VTD_DESC_WAIT) {
			CHECK(d->lo & VTD_DESC_STATUS);
			*(u32 *)memory(d->hi) = (u32)(d->lo >> 32);
		}
		head = (head + 16) % PAGE_SIZE;
	}
	set64(VTD_REG_IQH, head);
}

static bool model_read(const volatile void *reg, unsigned int size, u64 *value)
{
	u64 offset = (u64)((const volatile u8 *)reg - vtd_units[0].regs);

	CHECK(offset < VTD_REGS_SIZE);
	*value = size == 4 ? reg32((u32)offset) : reg64((u32)offset);
	return true;
}

static bool model_write(volatile void *reg, unsigned int size, u64 value)
{
	u32 offset = (u32)((volatile u8 *)reg - vtd_units[0].regs);

	CHECK(offset < VTD_REGS_SIZE);
	if (offset == VTD_REG_GCMD) {
		CHECK_EQ(size, 4);
		if (!model.stuck) {
			command((u32)value);
		}
	} else if (offset == VTD_REG_FSTS) {
		set32(offset, reg32(offset) & ~(u32)value);
	} else if (offset == FRCD + 12) {
		set32(offset, reg32(offset) & ~((u32)value & BIT32(31)));
		set32(VTD_REG_FSTS, reg32(VTD_REG_FSTS) & ~VTD_FSTS_PPF);
	} else if (size == 4) {
		set32(offset, (u32)value);
	} else {
		set64(offset, value);
	}
	if (offset == VTD_REG_IQT && (reg32(VTD_REG_GSTS) & VTD_G_QIE) && !model.stuck) {
		run_queue();
	}
	return true;
}

static void model_writeback(const void *p, size_t size)
{
	model.written_back += size;
}

/* PCI: a bridge 00:1c.0 to buses 2 and 3, which only answers for its bus numbers. */
static u32 pci_address;

static u32 model_in(u16 port, unsigned int size)
{
	u32 bdf = pci_address >> 8 & 0xffff, at = (pci_address & 0xfc) + (port & 3);

	if (bdf == 0xe0 && at == 0x19) {
		return 2;
	}
	return bdf == 0xe0 && at == 0x1a ? 3 : ~0U;
}

static void model_out(u16 port, unsigned int size, u32 value)
{
	if (port == 0xcf8) {
		pci_address = value;
	}
}

static void time_passes(void)
{
	host_now_ns += NS_PER_MS;
}

static void firmware(void)
{
	static const struct acpi_scope scopes[] = {
		{ ACPI_SCOPE_IOAPIC, 2, 0xff, 1, { 0 } },
		{ ACPI_SCOPE_ENDPOINT, 0, 0, 1, { 0x10 } },
		{ ACPI_SCOPE_BRIDGE, 0, 0, 1, { 0xe0 } },
		{ ACPI_SCOPE_ENDPOINT, 0, 0, 2, { 0xe0, 0x08 } },
	};

	memcpy(acpi_host.scopes, scopes, sizeof(scopes));
	acpi_host.scope_count = ARRAY_SIZE(scopes);
	acpi_host.drhds[0] = (struct acpi_drhd){ .at = HPA(0xfed90000), .scope_count = 4 };
	acpi_host.drhd_count = 1;
	acpi_host.has_dmar = true;
	acpi_host.dmar_flags = ACPI_DMAR_INTR_REMAP;
	acpi_host.rmrrs[0] = (struct acpi_rmrr){ .at = HPA(0x7e000000), .last = HPA(0x7e001fff) };
	acpi_host.rmrr_count = 1;
	acpi_host.ioapics[0].id = 2;
	acpi_host.ioapic_count = 1;
}

/* As QEMU's with aw-bits=39: three levels, no coherence; and caching mode. */
static void machine(void)
{
	static bool done;

	if (done) {
		return;
	}
	done = true;
	firmware();
	host_io = (struct host_io){ model_in, model_out, model_read, model_write, model_writeback };
	host_relax = time_passes;
	set64(VTD_REG_CAP, VTD_CAP_SAGAW_3 | VTD_CAP_2M | VTD_CAP_1G | VTD_CAP_CM |
				   field_put(VTD_CAP_FRO, FRCD / 16));
	set64(VTD_REG_ECAP, VTD_ECAP_QI | VTD_ECAP_IR | VTD_ECAP_EIM);
	host_machine_init(MiB(256));
	host_cpus_init(1);
	console_register(&shown_console);
}

static struct domain *dom0(void)
{
	static struct domain d = { .hardware = true };

	if (!d.iommu) {
		pool_init(&d.pool, "dom0", 4096);
		CHECK_EQ(iommu_unit.domain_create(&d, NULL), 0);
	}
	return &d;
}

static struct vtd_entry *context(u16 id)
{
	struct vtd_entry *root = (struct vtd_entry *)memory(model.root & VTD_ENTRY_ADDRESS);
	static struct vtd_entry none;

	if (!(root[id >> 8].lo & 1)) {
		return &none;
	}
	return (struct vtd_entry *)memory(root[id >> 8].lo & VTD_ENTRY_ADDRESS) + (id & 0xff);
}

UNIT_TEST(stuck_at_boot, "a unit that answers no command is given up in bounded time")
{
	u64 before;

	machine();
	model.stuck = true;
	before = host_now_ns;
	CHECK(iommu_init() != 0);
	CHECK(!iommu_present());
	CHECK(host_now_ns - before < 2 * NS_PER_S);
	CHECK_EQ(shown_count("does not answer"), 1);
	model.stuck = false;
	vtd_unit_count = 0;
}

UNIT_TEST(bring_up,
	"what the firmware left on is switched off first, translation is switched on last")
{
	static const u32 order[] = { VTD_G_TE, VTD_G_QIE, VTD_G_QIE, VTD_G_SRTP, VTD_G_SIRTP,
		VTD_G_IRE, VTD_G_TE };

	machine();
	set32(VTD_REG_GSTS, VTD_G_TE | VTD_G_QIE);
	CHECK_EQ(iommu_init(), 0);
	CHECK(iommu_present() && iommu_intremap());
	CHECK_EQ(model.history_count, ARRAY_SIZE(order));
	for (unsigned int i = 0; i < ARRAY_SIZE(order); i++) {
		CHECK_EQ(model.history[i], order[i]);
	}
	CHECK_EQ(iommu_caps.levels, 3);
	CHECK_EQ(iommu_caps.leaf_max, 3);
	CHECK(iommu_caps.flush_on_map);
	CHECK(!iommu_caps.coherent);
	CHECK_EQ(model.descriptors[VTD_DESC_CONTEXT], 1);
	CHECK_EQ(model.descriptors[VTD_DESC_IOTLB], 1);
	CHECK_EQ(model.descriptors[VTD_DESC_IEC], 1);
	CHECK_EQ(2U << (model.irta & 15), VTD_IRT_SIZE);
	CHECK_EQ(model.irta & VTD_IRTA_EIME, 0);
	CHECK_EQ(context(0x10)->lo, 0);
	CHECK(!iommu_owns(0x10));
}

UNIT_TEST(assignment, "an assigned device has a context entry of the domain, and none afterwards")
{
	struct domain *d;
	u64 back;

	machine();
	d = dom0();
	back = model.written_back;
	CHECK_EQ(iommu_assign(d, 0x10), 0);
	CHECK(model.written_back > back);
	CHECK_EQ(context(0x10)->lo, d->iommu->s2.root_pa.v | 1);
	CHECK_EQ(context(0x10)->hi, (u64)d->iommu->id << 8 | 1);
	CHECK_EQ(model.last[VTD_DESC_CONTEXT].lo >> 32, 0x10);
	CHECK_EQ(iommu_assign(d, 0x208), 0);
	CHECK_EQ(context(0x208)->lo, context(0x10)->lo);
	CHECK_EQ(iommu_assign(d, 0x10010), -ERANGE);
	iommu_deassign(0x10);
	CHECK_EQ(context(0x10)->lo, 0);
	CHECK_EQ(field_get(VTD_DESC_DOMAIN, model.last[VTD_DESC_IOTLB].lo), d->iommu->id);
	iommu_deassign(0x10);
}

static u64 walk(const struct domain *d, u64 address, u64 *size)
{
	u64 e = d->iommu->s2.root_pa.v;

	for (unsigned int level = 3; level > 0; level--) {
		unsigned int shift = 3 + 9 * level;

		e = ((u64 *)memory(e & mask64(51, 12)))[address >> shift & 511];
		*size = 1ULL << shift;
		if (!(e & 3)) {
			return 0;
		}
		if (level == 1 || (e & BIT64(7))) {
			return e;
		}
	}
	return 0;
}

UNIT_TEST(bulk, "mapping many GiB costs superpages and one flush; reserved regions are there")
{
	struct domain *d;
	u64 writes, size, back;

	machine();
	d = dom0();
	CHECK_EQ(walk(d, 0x7e001000, &size) & mask64(51, 12), 0x7e001000);
	CHECK_EQ(walk(d, 0x7e002000, &size), 0);
	memset(model.descriptors, 0, sizeof(model.descriptors));
	writes = d->iommu->s2.pte_writes;
	back = model.written_back;
	CHECK_EQ(iommu_map(d, GFN(0x100000), MFN(0x200200), 16ULL << 18, true), 0);
	CHECK_EQ(model.descriptors[VTD_DESC_IOTLB], 0);
	iommu_flush(d);
	iommu_flush(d);
	CHECK_EQ(model.descriptors[VTD_DESC_IOTLB], 1);
	CHECK(d->iommu->s2.pte_writes - writes <= 16 * 512 + 32);
	CHECK(model.written_back - back >= 16 * 512 * 8);
	CHECK_EQ(walk(d, GiB(5), &size) & mask64(51, 12), GiB(9) + MiB(2));
	CHECK_EQ(size, MiB(2));
	CHECK_EQ(iommu_map(d, GFN(1ULL << 27), MFN(0), 1, true), -EINVAL);
	memset(model.descriptors, 0, sizeof(model.descriptors));
	CHECK_EQ(iommu_unmap(d, GFN(0x100000), 16ULL << 18), 0);
	CHECK_EQ(model.descriptors[VTD_DESC_IOTLB], 1);
	CHECK_EQ(walk(d, GiB(5), &size), 0);
}

static const struct vtd_entry *irte(u32 index)
{
	return (const struct vtd_entry *)memory(model.irta & VTD_ENTRY_ADDRESS) + index;
}

UNIT_TEST(pins, "a pin's redirection entry is in remappable format and its IRTE checks the source")
{
	struct iommu_irq irq = { .dest = 3, .vector = 0x41, .level = true };
	u64 rte = BIT64(16) | BIT64(15) | BIT64(13) | 0xff00000000000fff;
	u32 index;

	machine();
	CHECK_EQ(iommu_ir_ioapic(2, 9, &irq, &rte), 0);
	CHECK_EQ(rte & 0xffffff, 0x1a041);
	CHECK(rte & BIT64(48));
	index = (u32)(rte >> 49);
	CHECK_EQ(irte(index)->lo, 1 | BIT64(4) | 0x41 << 16 | 3ULL << 40);
	CHECK_EQ(irte(index)->hi, 0xff00 | 1 << 18);
	CHECK_EQ(model.last[VTD_DESC_IEC].lo, VTD_DESC_IEC | BIT64(4) | (u64)index << 32);
	irq.vector = 0x51;
	CHECK_EQ(iommu_ir_ioapic(2, 9, &irq, &rte), 0);
	CHECK_EQ(rte >> 49, index);
	CHECK_EQ(irte(index)->lo >> 16 & 0xff, 0x51);
	irq.dest = 256;
	CHECK_EQ(iommu_ir_ioapic(2, 9, &irq, &rte), -ERANGE);
	CHECK_EQ(iommu_ir_ioapic(7, 9, &irq, &rte), -ENOENT);
}

UNIT_TEST(messages, "messages have a handle, and those of a block follow it by their data")
{
	struct iommu_irq irq = { .dest = 2, .vector = 0x60 };
	struct iommu_msg msg = { 0 };
	u16 first;

	machine();
	CHECK_EQ(iommu_ir_alloc(0x10, 4, &first), 0);
	CHECK_EQ(first % 4, 0);
	CHECK_EQ(iommu_ir_set(0x10, (u16)(first + 1), &irq, &msg), 0);
	CHECK_EQ(iommu_ir_set(0x10, first, &irq, &msg), 0);
	CHECK_EQ(msg.address, 0xfee00018 | (u64)first << 5);
	CHECK_EQ(msg.data, 0);
	CHECK_EQ(irte(first + 1U)->hi & 0xffff, 0x10);
	iommu_ir_free(0x10, first, 4);
	CHECK_EQ(irte(first)->lo, 0);
	CHECK_EQ(iommu_ir_set(0x10, first, &irq, &msg), -EINVAL);
	CHECK_EQ(iommu_ir_set(0x10, VTD_IRT_SIZE, &irq, &msg), -EINVAL);
}

static void fault(u16 sid, u32 reason, u64 address)
{
	set64(FRCD, address);
	set64(FRCD + 8, VTD_FRCD_F | (u64)reason << 32 | sid);
	set32(VTD_REG_FSTS, reg32(VTD_REG_FSTS) | VTD_FSTS_PPF);
}

UNIT_TEST(faults, "a refused access is one line with device and address, and its record is cleared")
{
	machine();
	host_now_ns += 100 * NS_PER_S;
	shown_forget();
	fault(0x10, 5, 0xdeadb000);
	iommu_poll_faults();
	CHECK_EQ(shown_count("0000:00:02.0 wrote where it may not, address 0xdeadb000"), 1);
	CHECK_EQ(reg64(FRCD + 8) & VTD_FRCD_F, 0);
	iommu_poll_faults();
	CHECK_EQ(shown_count("wrote"), 1);
	fault(0x208, 0x26, 0);
	iommu_poll_faults();
	CHECK_EQ(shown_count("0000:02:01.0 raised another device's interrupt"), 1);
	fault(0x208, 0xee, 0x5000);
	set32(VTD_REG_FSTS, VTD_FSTS_PFO | VTD_FSTS_PPF);
	iommu_poll_faults();
	CHECK_EQ(shown_count("fault of an unknown kind"), 1);
	CHECK_EQ(reg32(VTD_REG_FSTS), 0);
}

UNIT_TEST(teardown, "a domain that goes leaves its pool empty")
{
	struct domain *d;

	machine();
	d = dom0();
	iommu_deassign(0x10);
	iommu_deassign(0x208);
	iommu_unit.domain_destroy(d);
	CHECK(d->iommu == NULL);
	CHECK_EQ(d->pool.used, 0);
}

UNIT_TEST(stuck_later, "a unit that stops answering costs one wait, not one for each command")
{
	u64 before;
	struct domain *d;

	machine();
	d = dom0();
	shown_forget();
	model.stuck = true;
	before = host_now_ns;
	for (unsigned int i = 0; i < 100; i++) {
		CHECK_EQ(iommu_assign(d, 0x10), 0);
	}
	CHECK(host_now_ns - before < NS_PER_S);
	CHECK_EQ(shown_count("does not answer"), 1);
	model.stuck = false;
}
