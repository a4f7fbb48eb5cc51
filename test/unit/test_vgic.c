/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual GIC's core on a model of the CPUs' list registers: edges, levels, interrupts of the
 * host, SGIs, priorities, more than there is room for, and vCPUs that move.
 */
#include "unit/harness.h"
#include "unit/vgic_machine.h"

const struct unit *const units[] = { &sched_unit, &bus_unit, &model_unit, &vgic_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

__attribute__((constructor)) static void boot(void)
{
	host_boot(MODEL_CPUS, MiB(64));
}

#define ISENABLER 0x100
#define ICENABLER 0x180
#define ISPENDR 0x200
#define ICPENDR 0x280
#define ISACTIVER 0x300
#define ICACTIVER 0x380
#define PPI 20

static struct domain *d;
static struct vcpu *v0, *v1;

static void begin(bool v3, unsigned int lrs)
{
	model.v3 = v3;
	model.lr_count = lrs;
	d = model_domain(3, 64);
	v0 = d->vcpus[0];
	v1 = d->vcpus[1];
	model_start(d);
}

static void end(void)
{
	model_end(d);
}

static void enable(struct vcpu *v, u32 intid)
{
	model_bit(v, v, ISENABLER, intid);
}

static void set_priority(struct vcpu *v, u32 intid, u8 priority)
{
	model_access(v, model_base(v, intid) + 0x400 + intid, 1, true, priority);
}

static void set_edge(struct vcpu *v, u32 intid)
{
	u64 reg = model_base(v, intid) + 0xc00 + intid / 16 * 4;

	model_write(v, reg, (u32)model_read(v, reg) | 2U << 2 * (intid % 16));
}

static void route(u32 intid, unsigned int vcpu)
{
	if (model.v3) {
		model_access(v0, MODEL_DIST + 0x6000 + 8 * intid, 8, true, vcpu);
	} else {
		model_access(v0, MODEL_DIST + 0x800 + intid, 1, true, BIT32(vcpu));
	}
	model_settle_all(d);
}

static u32 take(struct vcpu *v)
{
	model_settle_all(d);
	return model_ack(v);
}

static void finish(struct vcpu *v)
{
	model_eoi(v);
	model_settle_all(d);
}

/* The list register that holds intid on v's CPU, or NULL. */
static struct gic_lr *lr_of(struct vcpu *v, u32 intid)
{
	for (unsigned int i = 0; i < model.lr_count; i++) {
		struct gic_lr *lr = &model_cpus[v->cpu->id].lr[i];

		if (model_is_valid(lr) && lr->intid == intid) {
			return lr;
		}
	}
	return NULL;
}

#define FOR_BOTH(version) for (int version = 2; version <= 3; version++)

/* --- edges --- */

UNIT_TEST(edge, "a pulse comes once, and asks for no maintenance")
{
	FOR_BOTH(version)
	{
		begin(version == 3, 4);
		set_edge(v0, 40);
		enable(v0, 40);
		vgic_pulse(d, NULL, 40);
		model_settle_all(d);
		CHECK(lr_of(v0, 40) && !lr_of(v0, 40)->eoi && !lr_of(v0, 40)->hw);
		CHECK_EQ(lr_of(v0, 40)->group1, version == 3);
		CHECK_EQ(take(v0), 40);
		CHECK_EQ(model_cpus[0].hcr, GIC_HCR_EN);
		finish(v0);
		CHECK_EQ(take(v0), MODEL_NONE);
		end();
	}
}

UNIT_TEST(edge_pending,
	"a pulse on a pending interrupt is one with it; on an active one it comes after")
{
	begin(true, 4);
	enable(v0, 40);
	set_edge(v0, 40);
	vgic_pulse(d, NULL, 40);
	vgic_pulse(d, NULL, 40);
	model_settle_all(d);
	vgic_pulse(d, NULL, 40);
	CHECK_EQ(take(v0), 40);
	vgic_pulse(d, NULL, 40);
	model_settle_all(d);
	CHECK(lr_of(v0, 40)->pending && lr_of(v0, 40)->active);
	CHECK_EQ(take(v0), MODEL_NONE);
	finish(v0);
	CHECK_EQ(take(v0), 40);
	finish(v0);
	CHECK_EQ(take(v0), MODEL_NONE);
	end();
}

UNIT_TEST(edge_line, "a line of an edge-triggered interrupt counts when it rises")
{
	begin(true, 4);
	set_edge(v0, 40);
	enable(v0, 40);
	vgic_set_level(d, NULL, 40, true);
	CHECK_EQ(take(v0), 40);
	finish(v0);
	CHECK_EQ(take(v0), MODEL_NONE);
	vgic_set_level(d, NULL, 40, false);
	CHECK_EQ(take(v0), MODEL_NONE);
	vgic_set_level(d, NULL, 40, true);
	vgic_set_level(d, NULL, 40, false);
	CHECK_EQ(take(v0), 40);
	end();
}

/* --- levels --- */

UNIT_TEST(level_again, "a line that stays up interrupts again at the end of its interrupt")
{
	FOR_BOTH(version)
	{
		begin(version == 3, 4);
		enable(v0, 41);
		vgic_set_level(d, NULL, 41, true);
		for (int i = 0; i < 3; i++) {
			CHECK_EQ(take(v0), 41);
			CHECK_EQ(take(v0), MODEL_NONE);
			finish(v0);
		}
		CHECK_EQ(take(v0), 41);
		vgic_set_level(d, NULL, 41, false);
		model_settle_all(d);
		CHECK(!lr_of(v0, 41)->eoi); /* no exit for the end of it */
		finish(v0);
		CHECK_EQ(take(v0), MODEL_NONE);
		end();
	}
}

UNIT_TEST(level_withdrawn, "a line that goes down takes a pending interrupt away")
{
	begin(false, 4);
	enable(v0, 41);
	vgic_set_level(d, NULL, 41, true);
	model_settle_all(d);
	CHECK(lr_of(v0, 41) != NULL);
	vgic_set_level(d, NULL, 41, false);
	CHECK((v0->pending & BIT32(VCPU_PENDING_EVENT)) != 0);
	CHECK_EQ(take(v0), MODEL_NONE);
	CHECK(lr_of(v0, 41) == NULL);
	end();
}

UNIT_TEST(level_pulse, "a pulse stays pending on a level-triggered interrupt whose line is down")
{
	begin(true, 4);
	enable(v0, 41);
	vgic_pulse(d, NULL, 41);
	model_settle_all(d);
	vgic_set_level(d, NULL, 41, true);
	vgic_set_level(d, NULL, 41, false);
	CHECK_EQ(take(v0), 41);
	finish(v0);
	CHECK_EQ(take(v0), MODEL_NONE);
	end();
}

UNIT_TEST(level_quiet, "a line that goes up while its end will be seen anyway makes no exit")
{
	begin(true, 4);
	enable(v0, 41);
	vgic_set_level(d, NULL, 41, true);
	CHECK_EQ(take(v0), 41);
	vgic_set_level(d, NULL, 41, false);
	vgic_set_level(d, NULL, 41, true);
	model_settle_all(d);
	CHECK(lr_of(v0, 41)->eoi && !lr_of(v0, 41)->pending);
	vgic_set_level(d, NULL, 41, true);
	CHECK_EQ(v0->pending, 0);
	end();
}

/* --- the host's --- */

UNIT_TEST(host, "an interrupt of the host ends with the guest's end of it")
{
	FOR_BOTH(version)
	{
		begin(version == 3, 4);
		CHECK(!model_fire(d, 50));
		enable(v0, 50);
		CHECK(model_host[50].enabled);
		CHECK(model_fire(d, 50));
		CHECK_EQ(take(v0), 50);
		CHECK(lr_of(v0, 50)->hw && !lr_of(v0, 50)->eoi);
		CHECK(model_host[50].active);
		model_eoi(v0);
		CHECK(!model_host[50].active);
		CHECK_EQ(v0->pending, 0);
		CHECK(!model_maintenance());
		CHECK(model_fire(d, 50));
		CHECK_EQ(take(v0), 50);
		end();
	}
}

UNIT_TEST(host_kept_end, "where the guest's end does not reach the host, it is forwarded")
{
	begin(false, 4);
	model.keeps_end = true;
	enable(v0, 50);
	model_fire(d, 50);
	CHECK_EQ(take(v0), 50);
	CHECK(!lr_of(v0, 50)->hw && lr_of(v0, 50)->eoi);
	model_unload(v0); /* active */
	model_load(v0, 0);
	model_settle_all(d);
	CHECK(!lr_of(v0, 50)->hw && lr_of(v0, 50)->eoi && lr_of(v0, 50)->active);
	CHECK(model_host[50].active);
	finish(v0);
	CHECK(!model_host[50].active);
	CHECK(model_fire(d, 50));
	CHECK_EQ(take(v0), 50);
	model.keeps_end = false;
	end();
}

UNIT_TEST(
	host_unloaded, "an interrupt of the host is the host's to the end, wherever the vCPU goes")
{
	begin(true, 4);
	enable(v0, 50);
	model_fire(d, 50);
	model_settle_all(d);
	model_unload(v0); /* pending */
	model_load(v0, 0);
	CHECK_EQ(take(v0), 50);
	model_unload(v0); /* active */
	CHECK(model_host[50].active);
	model_unload(v1);
	model_load(v0, 1);
	CHECK(lr_of(v0, 50)->hw && lr_of(v0, 50)->active);
	finish(v0);
	CHECK(!model_host[50].active);
	end();
}

UNIT_TEST(host_cleared, "clearing what the host has made pending or active ends it in the host")
{
	begin(true, 4);
	enable(v0, 50);
	model_fire(d, 50);
	model_bit(v0, v0, ICPENDR, 50);
	CHECK(!model_host[50].active);
	CHECK_EQ(take(v0), MODEL_NONE);
	model_fire(d, 50);
	model_settle_all(d);
	model_bit(v0, v0, ICPENDR, 50); /* in a list register */
	CHECK_EQ(take(v0), MODEL_NONE);
	CHECK(!model_host[50].active);
	model_fire(d, 50);
	CHECK_EQ(take(v0), 50);
	model_bit(v0, v0, ICACTIVER, 50);
	model_settle_all(d);
	CHECK(!model_host[50].active);
	end();
}

UNIT_TEST(host_soft, "a write that makes an active interrupt of the host pending comes after it")
{
	begin(true, 4);
	enable(v0, 50);
	model_fire(d, 50);
	CHECK_EQ(take(v0), 50);
	model_bit(v0, v0, ISPENDR, 50);
	model_settle_all(d);
	CHECK(!lr_of(v0, 50)->hw && lr_of(v0, 50)->eoi);
	finish(v0);
	CHECK(!model_host[50].active);
	CHECK_EQ(take(v0), 50);
	finish(v0);
	CHECK_EQ(take(v0), MODEL_NONE);
	end();
}

UNIT_TEST(host_absorbed,
	"the host's timer that fires again while its interrupt is active adds nothing")
{
	begin(true, 4);
	enable(v0, 27);
	vgic_inject_hw(d, v0, 27, 27);
	CHECK_EQ(take(v0), 27);
	vgic_inject_hw(d, v0, 27, 27);
	model_settle_all(d);
	CHECK(lr_of(v0, 27)->hw && !lr_of(v0, 27)->pending);
	model_host[27].active = true;
	finish(v0);
	CHECK(!model_host[27].active);
	CHECK_EQ(take(v0), MODEL_NONE);
	end();
}

UNIT_TEST(host_late_end, "what another vCPU cleared of a private interrupt ends when its vCPU runs")
{
	begin(true, 4);
	enable(v0, 27);
	vgic_inject_hw(d, v0, 27, 27);
	model_settle_all(d);
	model_unload(v0);
	model_bit(v1, v0, ICPENDR, 27);
	model_load(v0, 0);
	model_host[27].active = true; /* by vtimer_load() */
	CHECK_EQ(take(v0), MODEL_NONE);
	CHECK(!model_host[27].active);
	end();
}

/* --- SGIs --- */

static void sgi_v2(struct vcpu *from, u32 targets, u32 intid)
{
	model_write(from, MODEL_DIST + 0xf00, targets << 16 | intid);
}

UNIT_TEST(sgi_sources, "v2: an SGI comes once for each vCPU that has sent it")
{
	begin(false, 4);
	enable(v0, 3);
	sgi_v2(v1, 1, 3);
	sgi_v2(v1, 1, 3);
	sgi_v2(d->vcpus[2], 1, 3);
	CHECK_EQ(take(v0), 3 | 1 << 10);
	CHECK_EQ(take(v0), MODEL_NONE);
	sgi_v2(v1, 1, 3);
	finish(v0);
	CHECK_EQ(take(v0) & 0x3ff, 3);
	finish(v0);
	CHECK_EQ(take(v0) & 0x3ff, 3);
	finish(v0);
	CHECK_EQ(take(v0), MODEL_NONE);
	end();
}

UNIT_TEST(sgi_filters, "v2: SGIs go to the list, to all others, or to the sender")
{
	begin(false, 4);
	for (unsigned int i = 0; i < 3; i++) {
		enable(d->vcpus[i], 5);
	}
	sgi_v2(v0, 0xff | 1 << 8, 5); /* filter 1: others */
	CHECK_EQ(take(v0), MODEL_NONE);
	CHECK_EQ(take(v1), 5);
	CHECK_EQ(take(d->vcpus[2]), 5);
	sgi_v2(v0, 0x200, 5);
	CHECK_EQ(take(v0), 5);
	sgi_v2(v0, 0xf8 | 0x300, 5);
	sgi_v2(v0, 0xf8, 5); /* nobody there */
	end();
}

UNIT_TEST(sgi_v3, "v3: SGIs go by affinity, or to all others; group 0 registers reach group 0 only")
{
	u64 value = 7ULL << 24 | 2;

	begin(true, 4);
	for (unsigned int i = 0; i < 3; i++) {
		enable(d->vcpus[i], 7);
	}
	CHECK(vgic_sysreg(v0, SYSREG(3, 0, 12, 11, 5), true, &value));
	CHECK_EQ(take(v1), 7);
	finish(v1);
	CHECK_EQ(take(v0), MODEL_NONE);
	value = 7ULL << 24 | BIT64(40);
	CHECK(vgic_sysreg(v1, SYSREG(3, 0, 12, 11, 5), true, &value));
	CHECK_EQ(take(v0), 7);
	CHECK_EQ(take(v1), MODEL_NONE);
	CHECK_EQ(take(d->vcpus[2]), 7);
	value = 7ULL << 24 | 2;
	CHECK(vgic_sysreg(v0, SYSREG(3, 0, 12, 11, 7), true, &value));
	CHECK_EQ(take(v1), MODEL_NONE);
	model_write(v1, MODEL_SGI_FRAME(1) + 0x80, 0xffffff7f);
	CHECK(vgic_sysreg(v0, SYSREG(3, 0, 12, 11, 7), true, &value));
	CHECK_EQ(take(v1), 7);
	value = ~0ULL & ~BIT64(40);
	CHECK(vgic_sysreg(v0, SYSREG(3, 0, 12, 11, 6), true, &value)); /* nobody's affinity */
	CHECK(!vgic_sysreg(v0, SYSREG(3, 0, 12, 11, 5), false, &value));
	CHECK(!vgic_sysreg(v0, SYSREG(3, 0, 12, 11, 4), true, &value));
	CHECK(vgic_sysreg(v0, SYSREG(3, 0, 12, 12, 5), false, &value));
	CHECK_EQ(value, 7);
	end();
	begin(false, 4);
	CHECK(!vgic_sysreg(v0, SYSREG(3, 0, 12, 11, 5), true, &value));
	end();
}

/* --- priorities, and little room --- */

UNIT_TEST(overflow, "with more pending than list registers, the highest priority is there first")
{
	FOR_BOTH(version)
	{
		begin(version == 3, 4);
		for (u32 i = 0; i < 12; i++) {
			u32 intid = 40 + (i * 5) % 12;

			set_priority(v0, intid, (u8)(0x20 + 8 * (intid - 40)));
			enable(v0, intid);
			vgic_pulse(d, NULL, intid);
			model_settle_all(d);
		}
		CHECK((model_cpus[0].hcr & (GIC_HCR_UIE | GIC_HCR_NPIE)) ==
			(GIC_HCR_UIE | GIC_HCR_NPIE));
		for (u32 i = 0; i < 12; i++) {
			CHECK_EQ(take(v0), 40 + i);
			finish(v0);
		}
		CHECK_EQ(take(v0), MODEL_NONE);
		CHECK_EQ(model_cpus[0].hcr, GIC_HCR_EN);
		end();
	}
}

UNIT_TEST(preempt_full, "an urgent interrupt finds room among list registers that are all in use")
{
	begin(true, 2);
	for (u32 intid = 40; intid < 46; intid++) {
		set_priority(v0, intid, (u8)(0xf0 - 0x10 * (intid - 40)));
		enable(v0, intid);
		vgic_pulse(d, NULL, intid);
		CHECK_EQ(take(v0), intid); /* preempts the one before */
	}
	for (u32 intid = 45; intid >= 40; intid--) {
		CHECK_EQ(model_guests[0].stack[intid - 40].intid, intid);
		finish(v0);
	}
	CHECK_EQ(model_guests[0].lost, 0);
	CHECK_EQ(take(v0), MODEL_NONE);
	CHECK_EQ(model_lrs(model_is_empty), 3);
	end();
}

UNIT_TEST(
	forced_active, "what a register made active does not keep an acknowledged one from its end")
{
	begin(true, 2);
	for (u32 intid = 50; intid < 60; intid++) {
		model_bit(v0, v0, ISACTIVER, intid);
	}
	enable(v0, 40);
	set_priority(v0, 40, 0xf0);
	vgic_set_level(d, NULL, 40, true);
	CHECK_EQ(take(v0), 40);
	model_unload(v0);
	model_load(v0, 0);
	vgic_set_level(d, NULL, 40, false);
	finish(v0);
	CHECK_EQ(model_guests[0].lost, 0);
	CHECK(!model_get_bit(v0, v0, ISACTIVER, 40));
	CHECK(model_get_bit(v0, v0, ISACTIVER, 55));
	end();
}

UNIT_TEST(priority_change, "a priority that is written while the interrupt waits counts")
{
	begin(true, 4);
	enable(v0, 40);
	enable(v0, 41);
	set_priority(v0, 40, 0x80);
	set_priority(v0, 41, 0x90);
	vgic_pulse(d, NULL, 40);
	vgic_pulse(d, NULL, 41);
	model_settle_all(d);
	set_priority(v0, 41, 0x70);
	CHECK_EQ(take(v0), 41);
	end();
}

/* --- enabling --- */

UNIT_TEST(disable_in_lr, "a disabled interrupt is taken out of its list register and stays pending")
{
	begin(true, 4);
	enable(v0, 40);
	vgic_pulse(d, NULL, 40);
	model_settle_all(d);
	model_bit(v0, v0, ICENABLER, 40);
	CHECK_EQ(take(v0), MODEL_NONE);
	CHECK(model_get_bit(v0, v0, ISPENDR, 40));
	enable(v0, 40);
	CHECK_EQ(take(v0), 40);
	model_bit(v0, v0, ICENABLER, 40);
	model_settle_all(d);
	CHECK(lr_of(v0, 40)->active);
	finish(v0);
	CHECK(!model_get_bit(v0, v0, ISACTIVER, 40));
	end();
}

UNIT_TEST(groups, "nothing comes while its group is disabled in GICD_CTLR")
{
	begin(true, 4);
	enable(v0, 40);
	enable(v0, 41);
	model_write(v0, MODEL_DIST + 0x84, ~BIT32(9)); /* 41: group 0 */
	vgic_pulse(d, NULL, 40);
	vgic_pulse(d, NULL, 41);
	model_settle_all(d);
	model_write(v0, MODEL_DIST, 1);
	CHECK_EQ(take(v0), 41);
	finish(v0);
	CHECK_EQ(take(v0), MODEL_NONE);
	CHECK(!vgic_has_pending(v0));
	model_write(v0, MODEL_DIST, 2);
	CHECK(vgic_has_pending(v0));
	CHECK_EQ(take(v0), 40);
	end();
}

UNIT_TEST(elsewhere_disable,
	"disabling what another vCPU has in a list register waits until it has not")
{
	u64 value = BIT32(8);

	begin(true, 4);
	enable(v0, 40);
	route(40, 1);
	vgic_pulse(d, NULL, 40);
	model_settle_all(d);
	CHECK(lr_of(v1, 40) != NULL);
	CHECK_EQ(model_try(v0, MODEL_DIST + ICENABLER + 4, 4, true, &value), -ERESTART);
	CHECK_EQ(model_try(v0, MODEL_DIST + ICENABLER + 4, 4, true, &value), -ERESTART);
	CHECK((v1->pending & BIT32(VCPU_PENDING_EVENT)) != 0);
	model_settle(v1);
	CHECK(lr_of(v1, 40) == NULL);
	CHECK_EQ(model_try(v0, MODEL_DIST + ICENABLER + 4, 4, true, &value), 0);
	CHECK_EQ(take(v1), MODEL_NONE);
	end();
}

UNIT_TEST(elsewhere_state, "what another vCPU has taken or ended is read as it is, not as it was")
{
	begin(true, 4);
	enable(v0, 40);
	route(40, 1);
	vgic_pulse(d, NULL, 40);
	model_settle_all(d);
	CHECK(model_get_bit(v0, v0, ISPENDR, 40));
	CHECK(!model_get_bit(v0, v0, ISACTIVER, 40));
	CHECK_EQ(take(v1), 40);
	CHECK(!model_get_bit(v0, v0, ISPENDR, 40));
	CHECK(model_get_bit(v0, v0, ISACTIVER, 40));
	model_bit(v0, v0, ICACTIVER, 40);
	CHECK(!model_get_bit(v0, v0, ISACTIVER, 40));
	CHECK(lr_of(v1, 40) == NULL);
	model_bit(v0, v0, ISACTIVER, 40);
	vgic_pulse(d, NULL, 40);
	model_settle_all(d);
	CHECK(lr_of(v1, 40)->active && lr_of(v1, 40)->pending);
	model_bit(v0, v0, ICPENDR, 40);
	CHECK(!lr_of(v1, 40)->pending);
	end();
}

UNIT_TEST(elsewhere_unloaded, "a vCPU that is unloaded meanwhile needs no waiting for")
{
	u64 value = 0;

	begin(true, 4);
	enable(v0, 40);
	route(40, 1);
	vgic_pulse(d, NULL, 40);
	model_settle_all(d);
	CHECK_EQ(model_try(v0, MODEL_DIST + ISPENDR + 4, 4, false, &value), -ERESTART);
	model_unload(v1);
	CHECK_EQ(model_try(v0, MODEL_DIST + ISPENDR + 4, 4, false, &value), 0);
	CHECK_EQ(value, BIT32(8));
	end();
}

/* --- routing and moving --- */

UNIT_TEST(reroute, "a pending interrupt follows its route; an active one stays to its end")
{
	FOR_BOTH(version)
	{
		begin(version == 3, 4);
		enable(v0, 40);
		vgic_set_level(d, NULL, 40, true);
		model_settle_all(d);
		route(40, 1);
		CHECK_EQ(model_host[40].target == v1, 1);
		CHECK(lr_of(v0, 40) == NULL && lr_of(v1, 40) != NULL);
		CHECK_EQ(take(v1), 40);
		route(40, 2);
		CHECK(lr_of(v1, 40)->active);
		CHECK_EQ(take(d->vcpus[2]), MODEL_NONE);
		finish(v1);
		CHECK_EQ(take(d->vcpus[2]), 40);
		end();
	}
}

UNIT_TEST(route_nowhere,
	"an interrupt that is routed to nobody stays pending until it is routed again")
{
	FOR_BOTH(version)
	{
		begin(version == 3, 4);
		enable(v0, 40);
		route(40, 5); /* no such vCPU */
		vgic_pulse(d, NULL, 40);
		CHECK_EQ(take(v0), MODEL_NONE);
		CHECK(model_get_bit(v0, v0, ISPENDR, 40));
		route(40, 1);
		CHECK_EQ(take(v1), 40);
		end();
	}
}

UNIT_TEST(moves, "a vCPU takes all its interrupts with it to another CPU, in whatever state")
{
	begin(true, 4);
	model_unload(v1);
	for (u32 intid = 40; intid < 50; intid++) {
		set_priority(v0, intid, 0x80);
		enable(v0, intid);
		vgic_pulse(d, NULL, intid);
	}
	set_priority(v0, 60, 0x40);
	enable(v0, 60);
	CHECK(take(v0) != MODEL_NONE);
	vgic_set_level(d, NULL, 60, true);
	CHECK_EQ(take(v0), 60);
	model_unload(v0);
	vgic_set_level(d, NULL, 60, false);
	model_load(v0, 1);
	finish(v0);
	finish(v0);
	for (u32 i = 1; i < 10; i++) {
		CHECK(take(v0) != MODEL_NONE);
		finish(v0);
	}
	CHECK_EQ(take(v0), MODEL_NONE);
	CHECK_EQ(model_guests[0].lost, 0);
	end();
}

/* --- who has to know --- */

UNIT_TEST(quiet, "what cannot be delivered wakes nobody")
{
	begin(true, 4);
	vgic_pulse(d, NULL, 40);
	vgic_set_level(d, v0, PPI, true);
	CHECK_EQ(v0->pending, 0);
	CHECK(!vgic_has_pending(v0));
	vgic_pulse(d, NULL, 32 + 64);
	vgic_pulse(d, NULL, 5000);
	vgic_pulse(d, NULL, 5); /* nobody's */
	vgic_inject_hw(d, NULL, 1023, 40);
	enable(v0, PPI);
	CHECK((v0->pending & BIT32(VCPU_PENDING_EVENT)) != 0);
	end();
}

UNIT_TEST(has_pending, "a vCPU that waits is kept from it by what its priority mask lets through")
{
	begin(true, 4);
	enable(v0, 40);
	set_priority(v0, 40, 0x80);
	vgic_pulse(d, NULL, 40);
	host_be_cpu(0);
	CHECK(vgic_has_pending(v0));
	model_cpus[0].state.vmcr = 0x80ULL << GIC_VMCR_PMR_SHIFT | GIC_VMCR_GROUP1;
	CHECK(!vgic_has_pending(v0));
	model_settle_all(d); /* in a list register now */
	CHECK(!vgic_has_pending(v0));
	model_cpus[0].state.vmcr = 0x88ULL << GIC_VMCR_PMR_SHIFT | GIC_VMCR_GROUP0;
	CHECK(!vgic_has_pending(v0));
	model_cpus[0].state.vmcr = 0x88ULL << GIC_VMCR_PMR_SHIFT | GIC_VMCR_GROUP1;
	CHECK(vgic_has_pending(v0));
	model_unload(v0);
	host_be_cpu(2);
	CHECK(vgic_has_pending(v0));
	end();
}

UNIT_TEST(no_traffic, "exits without interrupts and injections elsewhere touch no list register")
{
	begin(true, 4);
	enable(v0, 40);
	route(40, 1);
	memset(model_cpus[0].lr, 0, sizeof(model_cpus[0].lr));
	model_cpus[0].lr_reads = model_cpus[0].lr_writes = 0;
	vgic_pulse(d, NULL, 40);
	host_be_cpu(0);
	vgic_flush(v0);
	CHECK_EQ(model_cpus[0].lr_reads + model_cpus[0].lr_writes, 0);
	model_settle_all(d);
	CHECK_EQ(model_cpus[1].lr_writes, 1);
	end();
}

UNIT_TEST(reset, "a vCPU that is reset has no private interrupt any more, and its SPIs still")
{
	begin(true, 4);
	enable(v0, PPI);
	enable(v0, 40);
	vgic_set_level(d, v0, PPI, true);
	vgic_pulse(d, NULL, 40);
	vgic_inject_hw(d, v0, 27, 27);
	enable(v0, 27);
	model_host[27].active = true;
	model_settle_all(d);
	host_be_cpu(0);
	vgic_vcpu_reset(v0);
	model_settle_all(d);
	CHECK(!model_host[27].active);
	CHECK_EQ(model_cpus[0].state.vmcr, 0);
	CHECK(lr_of(v0, PPI) == NULL && lr_of(v0, 27) == NULL && lr_of(v0, 40) != NULL);
	CHECK_EQ(model_read(v0, MODEL_SGI_FRAME(0) + ISENABLER), 0);
	model_unload(v0);
	vgic_vcpu_reset(v0);
	model_load(v0, 0);
	CHECK(lr_of(v0, 40) != NULL);
	host_be_cpu(1);
	vgic_vcpu_reset(v0); /* from elsewhere: done by its CPU */
	model_settle_all(d);
	CHECK(lr_of(v0, 40) != NULL);
	end();
}

/* --- creation --- */

UNIT_TEST(layouts, "registers lie where Xen's guests have them, or where the host has them")
{
	struct domain_desc desc = host_desc(700, 2);
	struct vgic_layout l;
	struct domain *dom = NULL;

	arm_machine.gic = (struct gic_desc){ .version = 3,
		.dist = 0x8000000,
		.dist_size = 0x10000,
		.cpu = 0x8010000,
		.cpu_size = 0x10000,
		.redist = { { 0x80a0000, 0x20000 }, { 0x4000000000, 0x40000 } },
		.redist_count = 2 };
	model.v3 = true;
	desc.spi_count = 33;
	CHECK_EQ(domain_create(&desc, &dom), 0);
	vgic_get_layout(dom, &l);
	CHECK_EQ(l.version, 3);
	CHECK_EQ(l.dist, 0x03001000);
	CHECK_EQ(l.redist, 0x03020000);
	CHECK_EQ(l.redist_size, 0x1000000);
	CHECK_EQ(l.spi_count, 64);
	domain_kill(dom);

	desc.direct_mapped = true;
	CHECK_EQ(domain_create(&desc, &dom), -EINVAL); /* one frame, two vCPUs */
	desc.hardware = true;
	CHECK_EQ(domain_create(&desc, &dom), 0);
	vgic_get_layout(dom, &l);
	CHECK_EQ(l.dist, 0x8000000);
	CHECK_EQ(l.redist, 0x80a0000);
	CHECK_EQ(l.spi_count, model.intids - 32);
	CHECK(bus_find(dom, BUS_MMIO, 0x4000000008) != NULL);
	domain_kill(dom);

	model.v3 = false;
	CHECK_EQ(domain_create(&desc, &dom), 0);
	vgic_get_layout(dom, &l);
	CHECK_EQ(l.cpu, 0x8010000);
	CHECK_EQ(l.cpu_size, 0x2000);
	CHECK_EQ(model_mapped_gfn.v, 0x8010);
	CHECK_EQ(model_mapped_mfn.v, 0x8040);
	CHECK_EQ(model_mapped_count, 2);
	domain_kill(dom);
	desc.vcpu_count = 9;
	CHECK_EQ(domain_create(&desc, &dom), -EINVAL);
}

UNIT_TEST(no_memory, "a domain whose pool is too small leaves nothing behind")
{
	struct domain_desc desc = host_desc(701, 2);
	struct domain *dom = NULL;
	u64 pages = 1;

	model.v3 = true;
	desc.spi_count = 960;
	while (desc.pool_pages = pages, domain_create(&desc, &dom) != 0) {
		pages++;
	}
	CHECK(pages > 4 && pages < 100);
	domain_kill(dom);
}
