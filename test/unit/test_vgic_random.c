/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual GIC against a GIC that has no list registers: whatever happens in whatever order, the
 * interrupt that a guest takes is one that an ideal GIC would give it at this moment, and if that
 * has none, neither has ours.
 */
#include "unit/harness.h"
#include "unit/random.h"
#include "unit/vgic_machine.h"

const struct unit *const units[] = { &sched_unit, &bus_unit, &model_unit, &vgic_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

__attribute__((constructor)) static void boot(void)
{
	host_boot(MODEL_CPUS, MiB(64));
}

#define VCPUS 3
#define SPIS 32
#define HOST_FIRST 56 /* SPIs from here on are the host's */
#define PPI_FIRST 20
#define PPI_END 24

struct ideal_irq {
	bool enabled, edge, level, latch, active, group1;
	u32 running; /* bits of vCPUs: acknowledged there, and active since */
	u8 sources, priority;
	int target;
};

static struct ideal_irq private[VCPUS][32], spis[SPIS];
static unsigned int groups;
static struct domain *d;
static u64 seed;
static bool failed;

static u64 below(u64 n)
{
	return random_below(&seed, n);
}

static struct ideal_irq *ideal_of(int vcpu, u32 intid)
{
	return intid < 32 ? &private[vcpu][intid] : &spis[intid - 32];
}

static bool ideal_pending(const struct ideal_irq *i)
{
	return i->latch || i->sources != 0 || (i->level && !i->edge);
}

static bool ideal_deliverable(const struct ideal_irq *i, int vcpu)
{
	return i->enabled && !i->active && i->target == vcpu && ideal_pending(i) &&
	       (groups & (i->group1 ? 2 : 1)) != 0;
}

/* The priority of the best that vcpu may take; MODEL_IDLE: none. */
static unsigned int ideal_best(int vcpu, unsigned int limit, unsigned int interface)
{
	unsigned int best = MODEL_IDLE;

	for (u32 intid = 0; intid < 32 + SPIS; intid++) {
		struct ideal_irq *i = ideal_of(vcpu, intid);

		if (ideal_deliverable(i, vcpu) && (interface & (i->group1 ? 2 : 1)) != 0 &&
			i->priority < limit && i->priority < best) {
			best = i->priority;
		}
	}
	return best;
}

static void expect(bool ok, const char *what)
{
	if (!ok && !failed) {
		failed = true;
		printf("     %s (seed %llu)\n", what, (unsigned long long)seed);
	}
	CHECK(ok);
}

/* --- what happens --- */

static int any_vcpu(void)
{
	return (int)below(VCPUS);
}

static u32 any_line(void)
{
	return below(3) == 0 ? (u32)(PPI_FIRST + below(PPI_END - PPI_FIRST))
			     : (u32)(32 + below(HOST_FIRST - 32));
}

/* An SGI, a PPI or an SPI; the host's, too. */
static u32 any_intid(void)
{
	switch (below(4)) {
	case 0:
		return (u32)below(16);
	case 1:
		return (u32)(PPI_FIRST + below(PPI_END - PPI_FIRST));
	default:
		return (u32)(32 + below(SPIS));
	}
}

static struct vcpu *any_loaded(void)
{
	int first = any_vcpu();

	for (int i = 0; i < VCPUS; i++) {
		struct vcpu *v = d->vcpus[(first + i) % VCPUS];

		if (model_loaded(v)) {
			return v;
		}
	}
	return NULL;
}

static void do_level(void)
{
	u32 intid = any_line();
	int vcpu = any_vcpu();
	struct ideal_irq *i = ideal_of(vcpu, intid);
	bool level = !i->level;

	vgic_set_level(d, d->vcpus[vcpu], intid, level);
	i->latch |= level && i->edge;
	i->level = level;
}

static void do_pulse(void)
{
	u32 intid = any_line();
	int vcpu = any_vcpu();

	vgic_pulse(d, d->vcpus[vcpu], intid);
	ideal_of(vcpu, intid)->latch = true;
}

static void do_fire(void)
{
	u32 intid = (u32)(HOST_FIRST + below(32 + SPIS - HOST_FIRST));

	if (model_fire(d, intid)) {
		ideal_of(0, intid)->latch = true;
	}
}

static void do_sgi(void)
{
	struct vcpu *from = any_loaded();
	u32 intid = (u32)below(16), targets = (u32)below(8);

	if (!from) {
		return;
	}
	if (model.v3) {
		u64 value = (u64)intid << 24 | targets;

		model_be(from);
		vgic_sysreg(from, SYSREG(3, 0, 12, 11, 5), true, &value);
	} else {
		model_write(from, MODEL_DIST + 0xf00, targets << 16 | intid);
	}
	for (int k = 0; k < VCPUS; k++) {
		if (targets & BIT32(k)) {
			struct ideal_irq *i = ideal_of(k, intid);

			i->latch |= model.v3;
			i->sources |= model.v3 ? 0 : (u8)BIT32(from->id);
		}
	}
}

/* One bit of ISENABLER … ICACTIVER. */
static void do_bit(void)
{
	struct vcpu *by = any_loaded();
	u32 intid = any_intid(), reg = 0x100 + 0x80 * (u32)below(6);
	bool fixed = !model.v3 && intid < 16;
	struct ideal_irq *i;
	int vcpu;

	if (!by) {
		return;
	}
	vcpu = model.v3 ? any_vcpu() : (int)by->id;
	i = ideal_of(vcpu, intid);
	if (reg == 0x300 && below(4) != 0) {
		reg = 0x100;
	}
	model_bit(by, d->vcpus[vcpu], reg, intid);
	switch (reg) {
	case 0x100:
	case 0x180:
		i->enabled = reg == 0x100;
		break;
	case 0x200:
	case 0x280:
		i->latch = fixed ? i->latch : reg == 0x200;
		break;
	default:
		i->active = reg == 0x300;
		i->running = i->active ? i->running : 0;
		break;
	}
}

static void do_priority(void)
{
	struct vcpu *by = any_loaded();
	u32 intid = any_intid();
	u8 priority = (u8)(below(16) << 4);
	int vcpu;

	if (!by) {
		return;
	}
	vcpu = model.v3 ? any_vcpu() : (int)by->id;
	model_access(by, model_base(d->vcpus[vcpu], intid) + 0x400 + intid, 1, true, priority);
	ideal_of(vcpu, intid)->priority = priority;
}

static void do_config(void)
{
	struct vcpu *by = any_loaded();
	u32 intid = any_line();
	bool edge = below(2) != 0;
	u64 reg, value;
	int vcpu;

	if (!by) {
		return;
	}
	vcpu = model.v3 ? any_vcpu() : (int)by->id;
	reg = model_base(d->vcpus[vcpu], intid) + 0xc00 + intid / 16 * 4;
	value = model_read(by, reg) & ~(2ULL << 2 * (intid % 16));
	model_write(by, reg, (u32)(value | (u64)edge << (2 * (intid % 16) + 1)));
	ideal_of(vcpu, intid)->edge = edge;
}

static void do_route(void)
{
	struct vcpu *by = any_loaded();
	u32 intid = (u32)(32 + below(SPIS)), where = (u32)below(VCPUS + 1);

	if (!by) {
		return;
	}
	if (model.v3) {
		model_access(by, MODEL_DIST + 0x6000 + 8 * intid, 8, true, where);
	} else {
		model_access(by, MODEL_DIST + 0x800 + intid, 1, true, BIT32(where));
	}
	ideal_of(0, intid)->target = where < VCPUS ? (int)where : -1;
}

static void do_group(void)
{
	struct vcpu *by = any_loaded();
	u32 intid = any_intid();
	int vcpu = any_vcpu();
	u64 reg;

	if (!by || !model.v3) {
		return;
	}
	reg = model_base(d->vcpus[vcpu], intid) + 0x80 + intid / 32 * 4;
	model_write(by, reg, (u32)model_read(by, reg) ^ BIT32(intid % 32));
	ideal_of(vcpu, intid)->group1 ^= true;
}

static void do_ctlr(void)
{
	struct vcpu *by = any_loaded();
	u32 value = below(3) == 0 ? (u32)below(4) : 3;

	if (by) {
		model_write(by, MODEL_DIST, value);
		groups = model.v3 ? value : value & 1;
	}
}

static void do_interface(void)
{
	struct vcpu *v = any_loaded();
	u64 pmr = below(2) == 0 ? 0xf8 : below(32) << 3, enabled = below(4) == 0 ? below(4) : 3;

	if (v) {
		model_cpus[v->cpu->id].state.vmcr = pmr << GIC_VMCR_PMR_SHIFT | enabled;
	}
}

static void do_move(void)
{
	struct vcpu *v = d->vcpus[any_vcpu()];

	if (model_loaded(v)) {
		model_unload(v);
		return;
	}
	for (unsigned int cpu = (unsigned int)below(MODEL_CPUS), i = 0; i < MODEL_CPUS; i++) {
		if (!pcpus[(cpu + i) % MODEL_CPUS]->current) {
			model_load(v, (cpu + i) % MODEL_CPUS);
			return;
		}
	}
}

/* --- what guests see --- */

static void check_taken(struct vcpu *v, u32 ack, unsigned int best)
{
	u32 intid = ack & 0x3ff;
	struct ideal_irq *i = ideal_of((int)v->id, intid);

	expect(ideal_deliverable(i, (int)v->id), "invented");
	expect(i->priority == best, "not the highest priority");
	if (!model.v3 && intid < 16) {
		expect((i->sources & BIT32(ack >> 10)) != 0, "a sender that has not sent");
		i->sources &= (u8)~BIT32(ack >> 10);
	} else {
		i->latch = false;
	}
	i->active = true;
	i->running = BIT32(v->id);
}

static void do_ack(void)
{
	struct vcpu *v = any_loaded();
	unsigned int limit, best;
	u32 ack;

	if (!v || model_guests[v->id].depth >= 16) {
		return;
	}
	limit = MIN((unsigned int)model_running(v), (unsigned int)model_pmr(v));
	best = ideal_best((int)v->id, limit, (unsigned int)model_cpus[v->cpu->id].state.vmcr & 3);
	ack = model_ack(v);
	if (best == MODEL_IDLE) {
		expect(ack == MODEL_NONE, "taken, but nothing is there");
	} else {
		expect(ack != MODEL_NONE, "lost");
	}
	if (ack != MODEL_NONE) {
		check_taken(v, ack, best);
	}
}

static void do_eoi(void)
{
	struct vcpu *v = any_loaded();
	struct ideal_irq *i;
	u32 intid;

	if (!v || model_guests[v->id].depth == 0) {
		return;
	}
	intid = model_eoi(v);
	i = ideal_of((int)v->id, intid);
	/* What a register made active again meanwhile need not be in a list register. */
	expect((i->running & BIT32(v->id)) == 0 || model_guests[v->id].lost == 0,
		"an end that reached nothing");
	expect(i->active || model_guests[v->id].lost != 0, "an end of nothing");
	if (model_guests[v->id].lost == 0) {
		i->active = false;
		i->running = 0;
	}
	model_guests[v->id].lost = 0;
}

static void do_look(void)
{
	struct vcpu *v = d->vcpus[any_vcpu()];
	const struct gic_vcpu_state *s;
	u32 intid = any_intid();
	struct vcpu *by = any_loaded();
	struct ideal_irq *i = ideal_of((int)v->id, intid);

	if (by && (model.v3 || by == v)) {
		expect(model_get_bit(by, v, 0x200, intid) == ideal_pending(i), "ISPENDR");
		expect(model_get_bit(by, v, 0x380, intid) == i->active, "ICACTIVER");
		expect(model_get_bit(by, v, 0x100, intid) == i->enabled, "ISENABLER");
		model_settle_all(d);
	}
	if (model_loaded(v)) {
		model_be(v);
		s = &model_cpus[v->cpu->id].state;
		expect(vgic_has_pending(v) ==
				(ideal_best((int)v->id, s->vmcr >> GIC_VMCR_PMR_SHIFT & 0xff,
					 s->vmcr & 3) != MODEL_IDLE),
			"vgic_has_pending()");
	}
}

/* What the host holds active, a guest has pending or active. */
static void check_host(void)
{
	for (u32 intid = HOST_FIRST; intid < 32 + SPIS; intid++) {
		struct ideal_irq *i = ideal_of(0, intid);

		expect(!model_host[intid].active || i->active || i->latch, "the host's is stuck");
		expect(model_host[intid].enabled == i->enabled, "the host's enable");
	}
}

static void (*const ops[])(void) = { do_level, do_level, do_level, do_pulse, do_pulse, do_fire,
	do_fire, do_sgi, do_sgi, do_bit, do_bit, do_priority, do_config, do_route, do_group,
	do_ctlr, do_interface, do_move, do_ack, do_ack, do_ack, do_ack, do_ack, do_eoi, do_eoi,
	do_eoi, do_eoi, do_eoi, do_eoi, do_look };

static void begin(bool v3, unsigned int lrs)
{
	model.v3 = v3;
	model.lr_count = lrs;
	d = model_domain(VCPUS, SPIS);
	model_start(d);
	groups = v3 ? 3 : 1;
	memset(private, 0, sizeof(private));
	memset(spis, 0, sizeof(spis));
	for (int v = 0; v < VCPUS; v++) {
		for (int k = 0; k < 32; k++) {
			private[v][k].target = v;
			private[v][k].edge = k < 16;
			private[v][k].group1 = v3;
		}
	}
	for (int k = 0; k < SPIS; k++) {
		spis[k].group1 = v3;
	}
}

/* Half of them enabled from the start, so that there is something to do. */
static void enable_some(void)
{
	for (u32 intid = 0; intid < 32 + SPIS; intid += 2) {
		for (int v = 0; v < (intid < 32 ? VCPUS : 1); v++) {
			model_bit(d->vcpus[v], d->vcpus[v], 0x100, intid);
			ideal_of(v, intid)->enabled = true;
		}
	}
}

static void run(bool v3, unsigned int lrs, unsigned int steps)
{
	begin(v3, lrs);
	enable_some();
	model_settle_all(d);
	for (unsigned int i = 0; i < steps && !failed; i++) {
		ops[below(ARRAY_SIZE(ops))]();
		/* Several things may happen before the vCPUs come to look. */
		if (below(3) != 0) {
			model_settle_all(d);
			check_host();
			do_ack();
		}
		model_settle_all(d);
	}
	model_end(d);
}

UNIT_TEST(random_v2, "GICv2: any sequence gives what an ideal GIC gives")
{
	for (seed = 1; seed < 20; seed++) {
		u64 kept = seed;

		run(false, 4, 8000);
		seed = kept;
	}
}

UNIT_TEST(random_v3, "GICv3: any sequence gives what an ideal GIC gives")
{
	for (seed = 100; seed < 120; seed++) {
		u64 kept = seed;

		run(true, 4, 8000);
		seed = kept;
	}
}

UNIT_TEST(random_kept_end, "the same where the guest's end does not reach the host by itself")
{
	model.keeps_end = true;
	for (seed = 300; seed < 310; seed++) {
		u64 kept = seed;

		run(false, 4, 8000);
		seed = kept;
	}
	model.keeps_end = false;
}

UNIT_TEST(random_room, "the same with two list registers, and with sixteen")
{
	for (seed = 200; seed < 220; seed++) {
		u64 kept = seed;

		run(kept & 1, kept & 2 ? 2 : 16, 8000);
		seed = kept;
	}
}
