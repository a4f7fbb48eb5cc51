/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/arm/gic on register models of both versions: list registers there and back, bringing up from
 * what firmware left, redistributors of several regions, what one interrupt's functions write, and
 * registers that do not follow.
 */
#include <string.h>

#include "arch/arm/gic/gic_lr.h"
#include "arch/arm/gic/gic_regs.h"
#include "arch/arm/gic/gic_state.h"
#include "arch/contract/paging.h"
#include "arch/host/host.h"
#include "arch/host/io.h"
#include "core/unit.h"
#include "lib/errno.h"
#include "unit/harness.h"
#include "unit/random.h"
#include "unit/shown.h"

const struct unit *const units[1];
const unsigned int unit_count;

/* --- where things are --- */

#define DIST 0x8000000
#define CPU 0x9000000
#define CPU_ALIASED 0x9100000
#define HYP 0xa000000
#define VCPU 0xb000000
#define REDIST0 0xc000000
#define REDIST1 0xd000000
#define STAMP 0xff0 /* no register of ours: the page says where it is */

static u8 *physical(u64 pa)
{
	u8 *p = arch_map_frame(MFN(pa >> PAGE_SHIFT));

	arch_unmap_frame(p);
	return p;
}

static void stamp(u64 pa, u64 size)
{
	for (u64 a = pa; a < pa + size; a += PAGE_SIZE) {
		memcpy(physical(a) + STAMP, &a, sizeof(a));
	}
}

static u64 address_of(const volatile void *reg)
{
	u64 va = (u64)(uintptr_t)reg, pa;

	memcpy(&pa, (const u8 *)(uintptr_t)(va & PAGE_MASK) + STAMP, sizeof(pa));
	CHECK(pa != 0); /* a page that is no device's */
	return pa | (va & ~PAGE_MASK);
}

/* --- the model --- */

struct bank { /* what a distributor or an SGI frame has for its interrupts */
	u32 enabled[32], pending[32], active[32], group[32], edge[64];
	u8 priority[1024], targets[1024];
	u64 router[1024];
};

static struct {
	bool v3, stuck, asleep_for_ever;
	struct bank dist, local[4]; /* v2: banked; v3: by redistributor */
	u32 ctlr, typer, iidr;
	unsigned int busy; /* RWP reads as 1 that often */
	unsigned int redist_busy[4];
	u32 waker[4];
	u32 interfaces[4]; /* v2: number of each CPU's interface */
	u32 gicc[0x100 / 4], gich[0x200 / 4];
	u32 dir, sgir;
	unsigned int changed_enabled; /* triggers that changed while enabled */
} m;

static const struct {
	u64 pa;
	u32 affinity;
	bool last, vlpis;
} redists[4] = {
	{ REDIST0, 0x000, false, true },
	{ REDIST0 + 0x40000, 0x001, true, true },
	{ REDIST1, 0x100, false, false },
	{ REDIST1 + 0x20000, 0x01020304, true, false },
};

static void set_clear(u32 *words, u32 offset, u32 set, u32 clear, u32 value)
{
	if (offset >= set && offset < set + 0x80) {
		words[(offset - set) / 4] |= value;
	} else if (offset >= clear && offset < clear + 0x80) {
		words[(offset - clear) / 4] &= ~value;
	}
}

static void note_trigger(const struct bank *b, u32 i, u32 value)
{
	for (u32 n = 0; n < 16; n++) {
		u32 intid = i * 16 + n;

		if (((b->edge[i] ^ value) & (2U << 2 * n)) != 0 &&
			(b->enabled[intid / 32] & BIT32(intid % 32)) != 0) {
			m.changed_enabled++;
		}
	}
}

static void bank_write(struct bank *b, u32 offset, unsigned int size, u64 value)
{
	u32 v = (u32)value;

	if (offset >= GICD_IROUTER) {
		CHECK_EQ(size, 8);
		b->router[(offset - GICD_IROUTER) / 8] = value;
	} else if (offset >= GICD_ICFGR) {
		note_trigger(b, (offset - GICD_ICFGR) / 4, v);
		b->edge[(offset - GICD_ICFGR) / 4] = v;
	} else if (offset >= GICD_ITARGETSR) {
		memcpy(&b->targets[offset - GICD_ITARGETSR], &v, size);
	} else if (offset >= GICD_IPRIORITYR) {
		memcpy(&b->priority[offset - GICD_IPRIORITYR], &v, size);
	} else if (offset >= GICD_IGROUPR && offset < GICD_ISENABLER) {
		b->group[(offset - GICD_IGROUPR) / 4] = v;
	} else {
		set_clear(b->enabled, offset, GICD_ISENABLER, GICD_ICENABLER, v);
		set_clear(b->pending, offset, GICD_ISPENDR, GICD_ICPENDR, v);
		set_clear(b->active, offset, GICD_ISACTIVER, GICD_ICACTIVER, v);
	}
}

static u64 bank_read(const struct bank *b, u32 offset)
{
	if (offset >= GICD_ICFGR) {
		return b->edge[(offset - GICD_ICFGR) / 4];
	}
	if (offset >= GICD_ISACTIVER) {
		return b->active[(offset - GICD_ISACTIVER) % 0x80 / 4];
	}
	CHECK(offset >= GICD_ISENABLER && offset < GICD_ISPENDR);
	return b->enabled[(offset - GICD_ISENABLER) % 0x80 / 4];
}

/* Which bank an access of the distributor goes to: v2 has its first interrupts for each CPU. */
static struct bank *dist_bank(u32 offset)
{
	bool local = (offset < GICD_IPRIORITYR && offset % 0x80 == 0) ||
		     (offset >= GICD_IPRIORITYR && offset < GICD_ICFGR && offset % 0x400 < 32) ||
		     offset == GICD_ICFGR || offset == GICD_ICFGR + 4;

	return local && !m.v3 ? &m.local[host_pcpu->id] : &m.dist;
}

static u64 dist_read(u32 offset)
{
	if (offset == GICD_CTLR) {
		bool busy = m.stuck || m.busy > 0;

		m.busy -= m.busy > 0;
		return m.ctlr | (m.v3 && busy ? GICD_CTLR_RWP : 0);
	}
	if (offset == GICD_TYPER) {
		return m.typer;
	}
	if (offset == GICD_IIDR) {
		return m.iidr;
	}
	if (offset == GICV3_PIDR2) {
		return m.v3 ? 0x3b : 0x2b;
	}
	if (offset >= GICD_ITARGETSR && offset < GICD_ITARGETSR + 32) {
		/* Only the second word's interrupts are there. */
		return offset == GICD_ITARGETSR + 4 ? BIT32(m.interfaces[host_pcpu->id]) << 8 : 0;
	}
	return bank_read(dist_bank(offset), offset);
}

static void dist_write(u32 offset, unsigned int size, u64 value)
{
	if (offset == GICD_CTLR) {
		m.ctlr = (u32)value;
		m.busy = 3;
	} else if (offset == GICD_SGIR && !m.v3) {
		m.sgir = (u32)value;
	} else {
		bank_write(dist_bank(offset), offset, size, value);
		m.busy = offset >= GICD_ICENABLER && offset < GICD_ISPENDR ? 3 : m.busy;
	}
}

static int redist_at(u64 pa)
{
	for (int i = 0; i < 4; i++) {
		if (pa >= redists[i].pa && pa < redists[i].pa + 0x20000) {
			return i;
		}
	}
	return -1;
}

static u64 redist_read(int i, u32 offset)
{
	bool busy;

	switch (offset) {
	case GICR_TYPER:
		return (u64)redists[i].affinity << 32 | (redists[i].last ? GICR_TYPER_LAST : 0) |
		       (redists[i].vlpis ? GICR_TYPER_VLPIS : 0);
	case GICR_WAKER:
		return m.waker[i] | (m.asleep_for_ever ? GICR_WAKER_ASLEEP : 0);
	case GICR_CTLR:
		busy = m.redist_busy[i] > 0;
		m.redist_busy[i] -= busy;
		return busy ? GICR_CTLR_RWP : 0;
	default:
		CHECK(offset >= GICR_FRAME);
		return bank_read(&m.local[i], offset - GICR_FRAME);
	}
}

static void redist_write(int i, u32 offset, unsigned int size, u64 value)
{
	if (offset == GICR_WAKER) {
		m.waker[i] = (u32)value & GICR_WAKER_SLEEP ? 6 : 0;
		return;
	}
	CHECK(offset >= GICR_FRAME);
	CHECK_EQ(m.waker[i], 0);
	bank_write(&m.local[i], offset - GICR_FRAME, size, value);
	m.redist_busy[i] = offset == GICR_FRAME + GICD_ICENABLER ? 3 : m.redist_busy[i];
}

/* GICC: two pages, or each of them sixteen times. */
static u32 gicc_offset(u64 pa)
{
	return pa >= CPU_ALIASED ? (u32)((pa - CPU_ALIASED) / 0x10000 * 0x1000 | (pa & 0xfff))
				 : (u32)(pa - CPU);
}

static bool model_read(const volatile void *reg, unsigned int size, u64 *value)
{
	u64 pa = address_of(reg);

	if (pa >= DIST && pa < DIST + 0x10000) {
		*value = dist_read((u32)(pa - DIST));
	} else if (pa >= CPU && pa < HYP) {
		u32 offset = gicc_offset(pa);

		CHECK(offset < 0x100);
		*value = offset == GICC_IIDR ? 0x0202043b : m.gicc[offset / 4];
	} else if (pa >= HYP && pa < HYP + PAGE_SIZE) {
		*value = m.gich[(pa - HYP) / 4];
	} else {
		CHECK(redist_at(pa) >= 0);
		*value = redist_read(redist_at(pa), (u32)(pa - redists[redist_at(pa)].pa));
	}
	return true;
}

static bool model_write(volatile void *reg, unsigned int size, u64 value)
{
	u64 pa = address_of(reg);

	if (pa >= DIST && pa < DIST + 0x10000) {
		dist_write((u32)(pa - DIST), size, value);
	} else if (pa >= CPU && pa < HYP) {
		u32 offset = gicc_offset(pa);

		if (offset == GICC_DIR) {
			m.dir = (u32)value;
		} else {
			CHECK(offset < 0x100);
			m.gicc[offset / 4] = (u32)value;
		}
	} else if (pa >= HYP && pa < HYP + PAGE_SIZE) {
		m.gich[(pa - HYP) / 4] = (u32)value;
	} else {
		CHECK(redist_at(pa) >= 0);
		redist_write(redist_at(pa), (u32)(pa - redists[redist_at(pa)].pa), size, value);
	}
	return true;
}

/* As firmware may have left it: everything on. */
static void model_reset(bool v3)
{
	static bool ready;

	if (!ready) {
		host_cpus_init(4);
		host_machine_init(MiB(64));
		stamp(DIST, 0x10000);
		stamp(CPU, 0x2000);
		stamp(CPU_ALIASED, 0x20000);
		stamp(HYP, 0x1000);
		for (int i = 0; i < 4; i++) {
			stamp(redists[i].pa, 0x20000);
		}
		console_register(&shown_console);
		ready = true;
	}
	memset(&m, 0, sizeof(m));
	m.v3 = v3;
	m.typer = 8;	     /* 288 interrupts */
	m.iidr = 0x0200143b; /* GIC-400 */
	m.ctlr = 1;
	memset(&m.dist, 0xff, sizeof(m.dist));
	memset(m.local, 0xff, sizeof(m.local));
	for (int i = 0; i < 4; i++) {
		m.waker[i] = 6;
		m.interfaces[i] = (u32)(i + 1) % 4;
	}
	m.gich[GICH_VTR / 4] = 0x90000003;
	memset(&m.gich[GICH_LR / 4], 0xff, 64);
	host_io.mmio_read = model_read;
	host_io.mmio_write = model_write;
	host_be_cpu(0);
}

static const struct gic_desc desc_v2 = {
	.version = 2,
	.dist = DIST,
	.dist_size = 0x1000,
	.cpu = CPU,
	.cpu_size = 0x2000,
	.hyp = HYP,
	.hyp_size = 0x1000,
	.vcpu = VCPU,
	.vcpu_size = 0x2000,
	.maintenance = 25,
};

static const struct gic_desc desc_v3 = {
	.version = 3,
	.dist = DIST,
	.dist_size = 0x10000,
	.redist = { { REDIST0, 0x80000 }, { REDIST1, 0x100000 } },
	.redist_count = 2,
	.maintenance = 25,
};

/* --- list registers --- */

static struct gic_lr random_lr(u64 *r)
{
	u64 bits = random_next(r);
	bool hw = bits & 1;

	return (struct gic_lr){
		.intid = (u32)(bits >> 8) % GIC_SPECIAL,
		.pintid = hw ? (u32)(bits >> 20) % GIC_SPECIAL : 0,
		.priority = (u8)(bits >> 32) & 0xf8,
		.source = hw ? 0 : (bits >> 40) & 7,
		.hw = hw,
		.eoi = !hw && (bits & 2),
		.group1 = (bits & 4) != 0,
		.pending = (bits & 8) != 0,
		.active = (bits & 16) != 0,
	};
}

static void check_lr(const struct gic_lr *got, const struct gic_lr *want)
{
	CHECK_EQ(got->intid, want->intid);
	CHECK_EQ(got->pintid, want->pintid);
	CHECK_EQ(got->priority, want->priority);
	CHECK_EQ(got->source, want->source);
	CHECK_EQ(got->hw, want->hw);
	CHECK_EQ(got->eoi, want->eoi);
	CHECK_EQ(got->group1, want->group1);
	CHECK_EQ(got->pending, want->pending);
	CHECK_EQ(got->active, want->active);
}

UNIT_TEST(lr_round_trip, "a list register comes back as it was written, and reserved bits are 0")
{
	u64 r = 1;

	for (int i = 0; i < 10000; i++) {
		struct gic_lr lr = random_lr(&r), back = gic_lr_decode_v2(gic_lr_encode_v2(&lr));
		u64 v3;

		check_lr(&back, &lr);
		/* v2: with a source bits 18 to 13 are reserved. */
		CHECK(lr.hw || (gic_lr_encode_v2(&lr) & mask64(18, 13)) == 0);
		CHECK_EQ(gic_lr_encode_v2(&lr) & mask64(22, 20), 0);

		lr.source = 0;
		v3 = gic_lr_encode_v3(&lr);
		back = gic_lr_decode_v3(v3);
		check_lr(&back, &lr);
		CHECK_EQ(v3 & (mask64(59, 56) | mask64(47, 45)), 0);
		CHECK(lr.hw || (v3 & (mask64(44, 42) | mask64(40, 32))) == 0);
	}
}

UNIT_TEST(lr_values, "list registers have the bits of the specifications")
{
	struct gic_lr timer = { .intid = 27,
		.pintid = 27,
		.priority = 0xa0,
		.hw = true,
		.group1 = true,
		.pending = true };
	struct gic_lr sgi = {
		.intid = 3, .source = 5, .priority = 0x10, .eoi = true, .active = true
	};
	struct gic_lr none = { 0 };

	CHECK_EQ(gic_lr_encode_v2(&timer), 0xda006c1b);
	CHECK_EQ(gic_lr_encode_v3(&timer), 0x70a0001b0000001b);
	CHECK_EQ(gic_lr_encode_v2(&sgi), 0x21081403);
	CHECK_EQ(gic_lr_encode_v3(&sgi), 0x8010020000000003);
	CHECK_EQ(gic_lr_encode_v2(&none), 0);
	CHECK_EQ(gic_lr_encode_v3(&none), 0);
}

/* --- starting --- */

static void check_quiet(const struct bank *b, u32 first, u32 end)
{
	for (u32 i = first; i < end; i++) {
		CHECK_EQ(b->enabled[i / 32] >> (i % 32) & 1, 0);
		CHECK_EQ(b->active[i / 32] >> (i % 32) & 1, 0);
		CHECK_EQ(b->pending[i / 32] >> (i % 32) & 1, 0);
		CHECK_EQ(b->priority[i], GIC_PRIORITY);
	}
}

UNIT_TEST(v2_start, "GICv2: all is masked, the CPU interface has EOImode 1, list registers empty")
{
	model_reset(false);
	CHECK_EQ(gic_init(&desc_v2), 0);
	CHECK(!gic_is_v3());
	CHECK_EQ(gic_intid_count(), 288);
	CHECK_EQ(gic_guest_interface(), VCPU);
	CHECK_EQ(m.ctlr, 1);
	check_quiet(&m.dist, 32, 288);
	CHECK_EQ(m.dist.edge[2], 0);
	CHECK_EQ(m.dist.edge[18], ~0U); /* not of an interrupt that exists */

	host_be_cpu(2);
	CHECK_EQ(gicv2_cpu_init(pcpus[2]), 0);
	check_quiet(&m.local[2], 0, 32);
	CHECK_EQ(m.local[1].enabled[0], ~0U);
	CHECK_EQ(m.gicc[GICC_CTLR / 4], 0x201);
	CHECK_EQ(m.gicc[GICC_PMR / 4], 0xff);
	CHECK_EQ(gicv2_lr_count(), 4);
	for (int i = 0; i < 4; i++) {
		CHECK_EQ(m.gich[GICH_LR / 4 + i], 0);
	}
	CHECK_EQ(m.gich[GICH_LR / 4 + 4], ~0U);
	CHECK_EQ(gic.cpus[2].target, 1U << 3);
	CHECK(gic_forwards_end());
	m.iidr = 0x43b;
	CHECK_EQ(gic_init(&desc_v2), 0);
	CHECK(!gic_forwards_end());
}

UNIT_TEST(v2_registers, "GICv2: acknowledging, ending and list registers reach their registers")
{
	struct gic_vcpu_state s = { .vmcr = 0xf8000001, .apr = { 4 } }, back = { 0 };

	model_reset(false);
	CHECK_EQ(gic_init(&desc_v2), 0);
	m.gicc[GICC_IAR / 4] = 0x403;
	CHECK_EQ(gicv2_ack(), 0x403);
	gicv2_eoi(0x403);
	CHECK_EQ(m.gicc[GICC_EOIR / 4], 0x403);
	gicv2_deactivate(0x403);
	CHECK_EQ(m.dir, 0x403);
	gicv2_sgi(1U << 3, GIC_SGI_STOP);
	CHECK_EQ(m.sgir, 0x80001);
	gicv2_sgi_others(GIC_SGI_STOP);
	CHECK_EQ(m.sgir, 0x1000001);
	gicv2_lr_write(3, 0x12345678);
	CHECK_EQ(m.gich[0x10c / 4], 0x12345678);
	CHECK_EQ(gicv2_lr_read(3), 0x12345678);
	m.gich[0x20 / 4] = 2;
	m.gich[0x30 / 4] = 0xd;
	CHECK_EQ(gicv2_lr_ended(), 2);
	CHECK_EQ(gicv2_lr_empty(), 0xd);
	gicv2_hcr_write(GIC_HCR_EN | GIC_HCR_NPIE);
	CHECK_EQ(m.gich[0], 9);
	gicv2_vcpu_load(&s);
	CHECK_EQ(m.gich[8 / 4], 0xf8000001);
	CHECK_EQ(m.gich[0xf0 / 4], 4);
	gicv2_vcpu_save(&back);
	CHECK(memcmp(&back, &s, sizeof(s)) == 0);
}

UNIT_TEST(v2_alias, "GICv2 with 64 KiB between its pages: the last view of the first is used")
{
	struct gic_desc desc = desc_v2;

	model_reset(false);
	desc.cpu = CPU_ALIASED;
	desc.cpu_size = 0x20000;
	desc.vcpu_size = 0x20000;
	CHECK_EQ(gic_init(&desc), 0);
	CHECK_EQ(gic_guest_interface(), VCPU + 0xf000);
	gicv2_deactivate(77);
	CHECK_EQ(m.dir, 77);
	gicv2_eoi(78);
	CHECK_EQ(m.gicc[GICC_EOIR / 4], 78);
}

UNIT_TEST(v2_refused, "GICv2 without virtual interfaces or a second page is refused with a line")
{
	struct gic_desc desc = desc_v2;

	model_reset(false);
	desc.hyp = 0;
	shown_forget();
	CHECK_EQ(gic_init(&desc), -ENODEV);
	CHECK(strstr(shown, "GICH") != NULL);
	desc = desc_v2;
	desc.cpu_size = 0x1000;
	shown_forget();
	CHECK_EQ(gic_init(&desc), -ENODEV);
	CHECK(strstr(shown, "0x9000000") != NULL);
	desc.version = 4;
	CHECK_EQ(gic_init(&desc), -ENODEV);
	desc = desc_v2;
	host_map_budget = 0;
	CHECK_EQ(gic_init(&desc), -ENOMEM);
	host_map_budget = ~0ULL;
}

UNIT_TEST(one_interrupt, "an interrupt's functions change its own bits only")
{
	model_reset(false);
	CHECK_EQ(gic_init(&desc_v2), 0);
	host_be_cpu(1);
	CHECK_EQ(gicv2_cpu_init(pcpus[1]), 0);

	gic_enable(70);
	CHECK_EQ(m.dist.enabled[2], 1U << 6);
	gic_configure(70, true, 0x80);
	CHECK_EQ(m.dist.edge[4], 2U << 12);
	CHECK_EQ(m.dist.priority[70], 0x80);
	CHECK_EQ(m.dist.priority[71], GIC_PRIORITY);
	CHECK_EQ(m.dist.enabled[2], 1U << 6);
	CHECK_EQ(m.changed_enabled, 0); /* it was disabled meanwhile */
	gic_configure(70, false, 0x80);
	CHECK_EQ(m.dist.edge[4], 0);
	gic_route(70, pcpus[1]);
	CHECK_EQ(m.dist.targets[70], 1U << 2);
	gic_set_pending(70, true);
	CHECK_EQ(m.dist.pending[2], 1U << 6);
	gic_set_pending(70, false);
	CHECK_EQ(m.dist.pending[2], 0);
	CHECK(!gic_is_active(70));
	gic_set_active(70, true);
	CHECK(gic_is_active(70) && !gic_is_active(71));
	gic_set_active(70, false);
	CHECK_EQ(m.dist.active[2], 0);
	gic_disable(70);
	CHECK_EQ(m.dist.enabled[2], 0);

	gic_enable(27);
	CHECK_EQ(m.local[1].enabled[0], 1U << 27);
	CHECK_EQ(m.local[0].enabled[0], ~0U);
	gic_set_active(27, true);
	CHECK_EQ(m.local[1].active[0], 1U << 27);
	gic_configure(2, true, 0x40); /* an SGI has no trigger */
	CHECK_EQ(m.local[1].priority[2], 0x40);
}

UNIT_TEST(v3_start, "GICv3: affinity routing, all masked, each CPU finds its redistributor")
{
	static const u64 mpidrs[] = { 0x80000001, 0x80000100, 0x0100020304, 0x80000000 };
	static const int found[] = { 1, 2, 3, 0 };
	static const u64 sgis[] = { 0x0002, 0x10001, 0x0001000200030010, 0x0001 };

	model_reset(true);
	CHECK_EQ(gic_init(&desc_v3), 0);
	CHECK(gic_is_v3());
	CHECK_EQ(m.ctlr, 0x13);
	CHECK_EQ(m.busy, 0); /* it has waited */
	check_quiet(&m.dist, 32, 288);
	CHECK_EQ(m.dist.group[1], ~0U);
	for (unsigned int i = 0; i < 4; i++) {
		host_be_cpu(i);
		CHECK_EQ(m.waker[found[i]], 6);
		CHECK_EQ(gicv3_cpu_init(pcpus[i], mpidrs[i]), 0);
		CHECK_EQ(m.waker[found[i]], 0);
		check_quiet(&m.local[found[i]], 0, 32);
		CHECK_EQ(gic.cpus[i].router, mpidrs[i] & 0xff00ffffff);
		CHECK_EQ(gic.cpus[i].sgi_target, sgis[i]);
	}
	host_be_cpu(2);
	gic_enable(27);
	CHECK_EQ(m.local[3].enabled[0], 1U << 27);
	CHECK_EQ(m.dist.enabled[0], ~0U);
	gic_disable(27);
	CHECK_EQ(m.redist_busy[3], 0);
	CHECK_EQ(m.local[3].enabled[0], 0);
	gic_route(40, pcpus[2]);
	CHECK_EQ(m.dist.router[40], 0x0100020304);
	gic_disable(40);
	CHECK_EQ(m.busy, 0);
}

UNIT_TEST(v3_limits, "GICv3: an odd stride, a lost redistributor, the number of interrupts")
{
	struct gic_desc desc = desc_v3;

	model_reset(true);
	shown_forget();
	CHECK_EQ(gicv3_cpu_init(pcpus[0], 0x77), -ENODEV);
	CHECK(strstr(shown, "0x77") != NULL);
	desc.redist_stride = 0x10000;
	CHECK_EQ(gic_init(&desc), -ENODEV);
	desc.redist_stride = 0;
	desc.redist[0].size = 0x10000;
	desc.redist_count = 1;
	m.typer = 31;
	CHECK_EQ(gic_init(&desc), 0);
	CHECK_EQ(gic_intid_count(), 1020);
	m.v3 = false; /* what is there says that it is something else */
	CHECK_EQ(gic_init(&desc), -ENODEV);
}

UNIT_TEST(v3_stuck, "GICv3: registers that do not follow end in an error, not in a hang")
{
	model_reset(true);
	m.stuck = true;
	shown_forget();
	CHECK_EQ(gic_init(&desc_v3), -ENODEV);
	CHECK(strstr(shown, "distributor") != NULL);
	m.stuck = false;
	m.asleep_for_ever = true;
	shown_forget();
	CHECK_EQ(gicv3_cpu_init(pcpus[0], 0x100), -ENODEV);
	CHECK(strstr(shown, "waking up") != NULL);
}
