/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drv/iommu with AMD-Vi on a register model that executes commands: bringing up, whose tables a
 * device uses, the cost of bulk mappings, interrupts, faults, and a unit that stops answering.
 */
#include <string.h>

#include "arch/contract/paging.h"
#include "arch/host/host.h"
#include "arch/host/io.h"
#include "core/time.h"
#include "drv/acpi/acpi.h"
#include "drv/iommu/amdvi.h"
#include "drv/iommu/amdvi_events.h"
#include "drv/iommu/iommu.h"
#include "drv/pci/pci.h"
#include "lib/errno.h"
#include "mm/guest.h"
#include "mm/heap.h"
#include "unit/harness.h"
#include "unit/shown.h"

static const struct unit pool_unit = { .name = "test" };
const struct unit *const units[] = { &pool_unit, &iommu_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

/* --- the model --- */

static struct {
	u64 regs[AMDVI_REGS_SIZE / 8];
	u32 head;
	bool stuck;
	unsigned int commands[16];
	struct amdvi_entry last[16]; /* by code */
	bool enabled_early;
} model;

static u8 *model_memory(u64 pa)
{
	return (u8 *)(uintptr_t)(arch_heap_base + pa);
}

static void model_command(const struct amdvi_entry *c)
{
	unsigned int code = (unsigned int)field_get(AMDVI_CODE, c->q[0]);

	model.commands[code]++;
	model.last[code] = *c;
	if (code == AMDVI_CMD_WAIT) {
		CHECK(c->q[0] & AMDVI_WAIT_STORE);
		*(u64 *)model_memory(c->q[0] & mask64(51, 3)) = c->q[1];
	}
}

static void model_run(void)
{
	u64 control = model.regs[AMDVI_REG_CONTROL / 8];
	u64 base = model.regs[AMDVI_REG_CMD_BASE / 8];
	u32 tail = (u32)model.regs[AMDVI_REG_CMD_TAIL / 8];

	if (!(control & AMDVI_CONTROL_ENABLE) || !(control & AMDVI_CONTROL_COMMANDS) ||
		model.stuck) {
		return;
	}
	while (model.head != tail) {
		model_command(
			(struct amdvi_entry *)model_memory((base & mask64(51, 12)) + model.head));
		model.head = (model.head + 16) % (16U << field_get(AMDVI_RING_LENGTH, base));
	}
	model.regs[AMDVI_REG_CMD_HEAD / 8] = model.head;
}

static bool model_read(const volatile void *reg, unsigned int size, u64 *value)
{
	u64 offset = (u64)((const volatile u8 *)reg - amdvi_units[0].regs);

	CHECK_EQ(size, 8);
	CHECK(offset < AMDVI_REGS_SIZE);
	*value = model.regs[offset / 8];
	return true;
}

static bool model_write(volatile void *reg, unsigned int size, u64 value)
{
	u64 offset = (u64)((volatile u8 *)reg - amdvi_units[0].regs);

	CHECK_EQ(size, 8);
	CHECK(offset < AMDVI_REGS_SIZE);
	if (offset == AMDVI_REG_STATUS) {
		model.regs[offset / 8] &= ~value;
		return true;
	}
	model.regs[offset / 8] = value;
	if (offset == AMDVI_REG_CMD_BASE) {
		model.head = 0;
	}
	if (offset == AMDVI_REG_CONTROL && (value & AMDVI_CONTROL_ENABLE) &&
		model.regs[AMDVI_REG_DEVTAB / 8] == 0) {
		model.enabled_early = true;
	}
	model_run();
	return true;
}

/* PCI: nothing there but the unit's capability header, which says that it caches absent entries. */
static u32 model_in(u16 port, unsigned int size)
{
	return ~0U;
}

static void time_passes(void)
{
	host_now_ns += NS_PER_MS;
}

static struct amdvi_dte *dte(u16 devid)
{
	u64 base = model.regs[AMDVI_REG_DEVTAB / 8];

	CHECK(devid < ((base & 0x1ff) + 1) * 128);
	return (struct amdvi_dte *)model_memory(base & mask64(51, 12)) + devid;
}

static void firmware(void)
{
	acpi_host.ivhds[0] = (struct acpi_ivhd){ .type = 0x10,
		.flags = ACPI_IVHD_HT_TUN_EN | ACPI_IVHD_ISOC,
		.devid = 0x18,
		.cap = 0x40,
		.at = HPA(0xfed80000) };
	acpi_host.ivhd_count = 1;
	acpi_host.ivrs_devs[0] = (struct acpi_ivrs_dev){ .first = 0, .last = 0xffff };
	acpi_host.ivrs_devs[1] = (struct acpi_ivrs_dev){
		.first = 0x100, .last = 0x1ff, .has_alias = true, .alias = 0xe0
	};
	acpi_host.ivrs_devs[2] = (struct acpi_ivrs_dev){
		.first = 0xa0, .last = 0xa0, .flags = ACPI_IVRS_NMI_PASS | 0x20
	};
	acpi_host.ivrs_dev_count = 3;
	acpi_host.specials[0] = (struct acpi_special){
		.kind = ACPI_SPECIAL_IOAPIC, .devid = 0xa0, .handle = 4, .flags = 0xd7
	};
	acpi_host.special_count = 1;
	acpi_host.ioapics[0].id = 4;
	acpi_host.ioapic_count = 1;
	acpi_host.ivmds[0] = (struct acpi_ivmd){ .at = HPA(0x7f001000), .size = 0x1800 };
	acpi_host.ivmd_count = 1;
}

static void machine(void)
{
	static bool done;

	if (done) {
		return;
	}
	done = true;
	firmware();
	host_io.mmio_read = model_read;
	host_io.mmio_write = model_write;
	host_io.in = model_in;
	host_relax = time_passes;
	model.regs[AMDVI_REG_FEATURES / 8] = AMDVI_FEATURE_INVALIDATE_ALL;
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

/* --- first: a unit that does not answer --- */

UNIT_TEST(stuck_at_boot,
	"a unit that answers no command is given up in bounded time, and switched off")
{
	u64 before;

	machine();
	model.stuck = true;
	before = host_now_ns;
	CHECK(iommu_init() != 0);
	CHECK(!iommu_present());
	CHECK(!iommu_intremap());
	CHECK(host_now_ns - before < 10 * NS_PER_S);
	CHECK_EQ(model.regs[AMDVI_REG_CONTROL / 8] & AMDVI_CONTROL_ENABLE, 0);
	CHECK(shown_count("does not answer") == 1);
	model.stuck = false;
	amdvi_unit_count = 0;
}

UNIT_TEST(
	bring_up, "the unit is on after its tables were given, everything is blocked and forgotten")
{
	u64 control, ring;

	machine();
	memset(model.commands, 0, sizeof(model.commands));
	model.regs[AMDVI_REG_DEVTAB / 8] = 0;
	CHECK_EQ(iommu_init(), 0);
	CHECK(iommu_present() && iommu_intremap());
	control = model.regs[AMDVI_REG_CONTROL / 8];
	CHECK(!model.enabled_early);
	CHECK(control & AMDVI_CONTROL_ENABLE);
	CHECK(control & AMDVI_CONTROL_EVENTS);
	CHECK(control & AMDVI_CONTROL_COHERENT);
	CHECK(control & AMDVI_CONTROL_HT_TUNNEL);
	CHECK(control & AMDVI_CONTROL_ISOC);
	CHECK(!(control & AMDVI_CONTROL_PASS_PW));
	ring = model.regs[AMDVI_REG_EVT_BASE / 8];
	CHECK_EQ(16U << field_get(AMDVI_RING_LENGTH, ring), PAGE_SIZE << AMDVI_RING_ORDER);
	CHECK_EQ(model.commands[AMDVI_CMD_ALL], 1);
	CHECK_EQ(amdvi_units[0].devtab_count, 0x200);
	for (u16 id = 0; id < 0x200; id++) {
		CHECK_EQ(dte(id)->q[0], AMDVI_DTE0_VALID | AMDVI_DTE0_TRANSLATION);
		CHECK_EQ(dte(id)->q[2] & AMDVI_DTE2_INT_VALID, 1);
		CHECK_EQ(field_get(AMDVI_DTE2_INT_CONTROL, dte(id)->q[2]), 0);
	}
	CHECK(dte(0xa0)->q[2] & AMDVI_DTE2_NMI_PASS);
	CHECK(iommu_owns(0x18));
	CHECK(!iommu_owns(0x19));
}

UNIT_TEST(
	assignment, "an assigned device and its alias use the domain's tables, and none afterwards")
{
	struct domain *d;
	u64 root;

	machine();
	d = dom0();
	root = field_get(AMDVI_DTE0_ROOT, dte(0x10)->q[0]);
	CHECK_EQ(root, 0);
	CHECK_EQ(iommu_assign(d, 0x10), 0);
	root = field_get(AMDVI_DTE0_ROOT, dte(0x10)->q[0]) << 12;
	CHECK(root != 0);
	CHECK_EQ(field_get(AMDVI_DTE0_LEVELS, dte(0x10)->q[0]), 4);
	CHECK_EQ(dte(0x10)->q[0] >> 61, 3);
	CHECK_EQ(model.last[AMDVI_CMD_DEVTAB].q[0] & 0xffff, 0x10);
	CHECK_EQ(iommu_assign(d, 0x123), 0);
	CHECK_EQ(dte(0x123)->q[0], dte(0x10)->q[0]);
	CHECK_EQ(dte(0xe0)->q[0], dte(0x10)->q[0]);
	CHECK_EQ(dte(0xe0)->q[1], dte(0x10)->q[1]);
	CHECK_EQ(iommu_assign(d, 0x18), -EPERM);
	CHECK_EQ(iommu_assign(d, 0x7000), -ERANGE);
	CHECK_EQ(iommu_assign(d, 0x10010), -ERANGE);
	iommu_deassign(0x10);
	CHECK_EQ(dte(0x10)->q[0], AMDVI_DTE0_VALID | AMDVI_DTE0_TRANSLATION);
	CHECK_EQ(field_get(AMDVI_DTE1_DOMAIN, dte(0x10)->q[1]), 0);
	iommu_deassign(0x7000);
}

/* The leaf that the hardware would use; its size in *size. */
static u64 walk(u16 devid, u64 address, u64 *size)
{
	u64 e = dte(devid)->q[0];
	unsigned int level = (unsigned int)field_get(AMDVI_DTE0_LEVELS, e);

	*size = 0;
	for (; level > 0; level--) {
		unsigned int shift = 3 + 9 * level;
		u64 *table = (u64 *)model_memory(e & mask64(51, 12));

		e = table[address >> shift & 511];
		if (!(e & 1)) {
			return 0;
		}
		if (field_get(mask64(11, 9), e) == 0) {
			*size = 1ULL << shift;
			return e;
		}
		CHECK_EQ(field_get(mask64(11, 9), e), level - 1);
	}
	return 0;
}

UNIT_TEST(
	regions, "memory that the firmware reserves for devices is mapped to itself in whole pages")
{
	u64 size;

	machine();
	CHECK_EQ(iommu_assign(dom0(), 0x10), 0);
	for (u64 a = 0x7f001000; a < 0x7f003000; a += 0x1000) {
		CHECK_EQ(walk(0x10, a, &size) & mask64(51, 12), a);
		CHECK_EQ(size, 0x1000);
	}
	CHECK_EQ(walk(0x10, 0x7f003000, &size), 0);
	CHECK_EQ(iommu_map_identity(dom0(), 0xfd000800, 0xfd000801), 0);
	CHECK_EQ(walk(0x10, 0xfd000000, &size) & mask64(51, 12), 0xfd000000);
	CHECK_EQ(walk(0x10, 0xfd001000, &size), 0);
}

UNIT_TEST(bulk, "mapping many GiB costs superpages: few entries, one flush at most")
{
	struct domain *d;
	u64 writes, size;

	machine();
	d = dom0();
	memset(model.commands, 0, sizeof(model.commands));
	writes = d->iommu->s2.pte_writes;
	CHECK_EQ(iommu_map(d, GFN(0x100000), MFN(0x200000), 16ULL << 18, true), 0);
	CHECK_EQ(model.commands[AMDVI_CMD_PAGES], 0);
	iommu_flush(d);
	iommu_flush(d);
	CHECK_EQ(model.commands[AMDVI_CMD_PAGES], 1);
	CHECK_EQ(model.commands[AMDVI_CMD_WAIT], 1);
	CHECK(d->iommu->s2.pte_writes - writes <= 16 + 8);
	CHECK_EQ(walk(0x10, GiB(5), &size) & mask64(51, 12), GiB(9));
	CHECK_EQ(size, GiB(1));

	/* Not aligned alike: 2 MiB at best. */
	writes = d->iommu->s2.pte_writes;
	CHECK_EQ(iommu_map(d, GFN(0x800000), MFN(0xa00200), 4ULL << 18, false), 0);
	CHECK(d->iommu->s2.pte_writes - writes <= 4 * 512 + 16);
	CHECK_EQ(walk(0x10, GiB(32), &size) >> 61, 1);
	CHECK_EQ(size, MiB(2));

	memset(model.commands, 0, sizeof(model.commands));
	CHECK_EQ(iommu_unmap(d, GFN(0x100000), 16ULL << 18), 0);
	CHECK_EQ(model.commands[AMDVI_CMD_PAGES], 1);
	CHECK_EQ(field_get(AMDVI_PAGES_DOMAIN, model.last[AMDVI_CMD_PAGES].q[0]), d->iommu->id);
	CHECK_EQ(model.last[AMDVI_CMD_PAGES].q[1], AMDVI_PAGES_EVERYTHING);
	CHECK_EQ(walk(0x10, GiB(5), &size), 0);
}

/* --- interrupts --- */

static u32 irte(u16 devid, u32 index)
{
	u64 q = dte(devid)->q[2];

	CHECK_EQ(field_get(AMDVI_DTE2_INT_CONTROL, q), AMDVI_INT_REMAP);
	CHECK(index < 1U << field_get(AMDVI_DTE2_INT_LENGTH, q));
	return ((u32 *)model_memory(q & AMDVI_DTE2_INT_ROOT))[index];
}

UNIT_TEST(pins, "a pin's entry has its vector as index; moving it frees the old one")
{
	struct iommu_irq irq = { .dest = 3, .vector = 0x41, .level = true };
	u64 rte = BIT64(15) | BIT64(13) | 0xff00000000000000 | 0x7ff;

	machine();
	CHECK_EQ(iommu_ir_ioapic(4, 9, &irq, &rte), 0);
	CHECK_EQ(rte, BIT64(15) | BIT64(13) | 0x41);
	CHECK_EQ(irte(0xa0, 0x41), AMDVI_IRTE_ENABLE | 3 << 8 | 0x41 << 16);
	CHECK_EQ(model.last[AMDVI_CMD_INTERRUPTS].q[0] & 0xffff, 0xa0);
	/* Another pin with the same vector would lose EOIs. */
	CHECK_EQ(iommu_ir_ioapic(4, 10, &irq, &rte), -ENOSPC);
	irq.vector = 0x51;
	irq.dest = 1;
	CHECK_EQ(iommu_ir_ioapic(4, 9, &irq, &rte), 0);
	CHECK_EQ(rte & 0x7ff, 0x51);
	CHECK_EQ(irte(0xa0, 0x41), 0);
	CHECK_EQ(irte(0xa0, 0x51), AMDVI_IRTE_ENABLE | 1 << 8 | 0x51 << 16);
	irq.vector = 0x41;
	CHECK_EQ(iommu_ir_ioapic(4, 10, &irq, &rte), 0);
	irq.dest = 256;
	CHECK_EQ(iommu_ir_ioapic(4, 10, &irq, &rte), -ERANGE);
	CHECK_EQ(iommu_ir_ioapic(5, 0, &irq, &rte), -ENOENT);
	CHECK_EQ(iommu_ir_ioapic(4, 256, &irq, &rte), -ENOENT);
}

UNIT_TEST(
	messages, "messages get entries of the requester's table, blocks are aligned, none is lost")
{
	struct iommu_irq irq = {
		.dest = 2, .vector = 0x60, .mode = IOMMU_IRQ_LOWEST, .logical = true
	};
	struct iommu_msg msg = { 0 };
	u16 a, b, c;

	machine();
	CHECK_EQ(iommu_ir_alloc(0x20, 1, &a), 0);
	CHECK_EQ(iommu_ir_alloc(0x20, 8, &b), 0);
	CHECK_EQ(b % 8, 0);
	CHECK(a < b || a >= b + 8);
	CHECK_EQ(iommu_ir_set(0x20, b, &irq, &msg), 0);
	CHECK_EQ(msg.address, 0xfee00000);
	CHECK_EQ(msg.data, b);
	CHECK_EQ(irte(0x20, b),
		AMDVI_IRTE_ENABLE | 1 << 2 | AMDVI_IRTE_LOGICAL | 2 << 8 | 0x60 << 16);
	CHECK_EQ(iommu_ir_set(0x20, (u16)(b + 8), &irq, &msg), -EINVAL);
	CHECK_EQ(iommu_ir_set(0x20, 999, &irq, &msg), -EINVAL);
	iommu_ir_free(0x20, b, 8);
	CHECK_EQ(irte(0x20, b), 0);
	iommu_ir_free(0x20, a, 1);
	for (unsigned int i = 0; i < 1U << AMDVI_IRT_LENGTH; i++) {
		CHECK_EQ(iommu_ir_alloc(0x20, 1, &c), 0);
	}
	CHECK_EQ(iommu_ir_alloc(0x20, 1, &c), -ENOSPC);
	iommu_ir_free(0x20, 0, 1U << AMDVI_IRT_LENGTH);
	CHECK_EQ(iommu_ir_alloc(0x20, 3, &c), -EINVAL);
	/* Behind a bridge the bridge's id is what interrupts carry. */
	CHECK_EQ(iommu_ir_alloc(0x150, 1, &a), 0);
	CHECK_EQ(iommu_ir_set(0x150, a, &irq, &msg), 0);
	CHECK(irte(0xe0, a) & AMDVI_IRTE_ENABLE);
}

/* --- faults --- */

static u32 event_at;

static void event(u64 q0, u64 q1)
{
	u64 base = model.regs[AMDVI_REG_EVT_BASE / 8];
	struct amdvi_entry *ring = (struct amdvi_entry *)model_memory(base & mask64(51, 12));

	ring[event_at] = (struct amdvi_entry){ { q0, q1 } };
	event_at = (event_at + 1) % AMDVI_RING_ENTRIES;
}

UNIT_TEST(faults, "a refused access is one line with device and address, and many are few lines")
{
	machine();
	host_now_ns += 100 * NS_PER_S;
	shown_forget();
	event(2ULL << 60 | AMDVI_EVENT_WRITE | 0x10, 0xdeadb000);
	event(2ULL << 60 | 0x123, 0x1000);
	event(2ULL << 60 | AMDVI_EVENT_INTERRUPT | 0x20, 0xfee00000);
	iommu_poll_faults();
	CHECK_EQ(shown_count("0000:00:02.0 wrote where it may not, address 0xdeadb000"), 1);
	CHECK_EQ(shown_count("0000:01:04.3 read where it may not, address 0x1000"), 1);
	CHECK_EQ(shown_count("0000:00:04.0 raised an interrupt that it was not given"), 1);
	CHECK_EQ(model.regs[AMDVI_REG_EVT_HEAD / 8], 3 * 16);
	shown_forget();
	for (unsigned int i = 0; i < 60; i++) {
		event(2ULL << 60 | 0x10, 0x2000);
	}
	iommu_poll_faults();
	CHECK(shown_count("0x2000") <= 10);
	host_now_ns += 100 * NS_PER_S;
	event(9ULL << 60 | 0x10, 0x3000);
	iommu_poll_faults();
	CHECK_EQ(shown_count("more faults were not printed"), 1);
	CHECK_EQ(shown_count("0x3000"), 1);
}

UNIT_TEST(flood, "a device that fills the log forever is looked at in bounded portions")
{
	machine();
	for (unsigned int i = 0; i < AMDVI_RING_ENTRIES; i++) {
		event(2ULL << 60 | 0x10, 0x2000);
	}
	CHECK_EQ(amdvi_events_handle(&amdvi_units[0], 100), 100);
	while (amdvi_events_handle(&amdvi_units[0], 100) > 0) {
	}
}

UNIT_TEST(overflow, "a log that ran over is restarted")
{
	machine();
	shown_forget();
	model.regs[AMDVI_REG_STATUS / 8] |= AMDVI_STATUS_OVERFLOW;
	iommu_poll_faults();
	CHECK_EQ(model.regs[AMDVI_REG_STATUS / 8] & AMDVI_STATUS_OVERFLOW, 0);
	CHECK(model.regs[AMDVI_REG_CONTROL / 8] & AMDVI_CONTROL_EVENTS);
	CHECK_EQ(model.regs[AMDVI_REG_EVT_HEAD / 8], 0);
	event_at = 0;
	event(2ULL << 60 | 0x10, 0x4000);
	CHECK_EQ(amdvi_events_handle(&amdvi_units[0], 10), 1);
}

UNIT_TEST(teardown, "a domain that goes leaves its devices blocked and its pool empty")
{
	struct domain *d;

	machine();
	d = dom0();
	CHECK(d->pool.used > 0);
	iommu_deassign(0x10);
	iommu_deassign(0x123);
	iommu_unit.domain_destroy(d);
	CHECK(d->iommu == NULL);
	CHECK_EQ(d->pool.used, 0);
}

UNIT_TEST(stuck_later, "a unit that stops answering costs one wait, not one for each command")
{
	u64 before;

	machine();
	shown_forget();
	model.stuck = true;
	before = host_now_ns;
	for (unsigned int i = 0; i < 100; i++) {
		iommu_deassign(0x10);
	}
	CHECK(host_now_ns - before < NS_PER_S);
	CHECK_EQ(shown_count("does not answer"), 1);
	model.stuck = false;
}
