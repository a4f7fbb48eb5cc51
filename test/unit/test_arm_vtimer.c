/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/arm/vtimer.c: the arithmetic of a timer at its edges, the virtual timer on the way through
 * load, unload and another CPU, and the physical one as a guest's instructions see it.
 */
#include "arch/arm/esr.h"
#include "arch/arm/gic/gic.h"
#include "arch/arm/irq.h"
#include "arch/arm/machine.h"
#include "arch/arm/time.h"
#include "arch/arm/vgic/vgic.h"
#include "arch/arm/vtimer.h"
#include "arch/arm/vtimer_hw.h"
#include "unit/arm_machine.h"
#include "unit/harness.h"
#include "unit/random.h"

const struct unit *const units[] = { &sched_unit, &machine_unit, &vtimer_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

#define HOST_PPI 20 /* unlike the guest's, so that they cannot be mixed up */
struct arm_machine arm_machine = { .timer = { .virt = HOST_PPI } };

/* --- the model: a counter of 62.5 MHz, and each CPU's virtual timer --- */

#define HZ 62500000
#define TICK_NS 16

static struct {
	u64 offset;
	struct vtimer_regs regs;
	bool active; /* its PPI, in the host's GIC */
	bool ready;
} cpus[2];
static irq_handler_fn *ppi_handler;

u64 time_count(void)
{
	return host_now_ns / TICK_NS;
}

u64 time_hz(void)
{
	return HZ;
}

void vtimer_hw_init(void)
{
	cpus[host_pcpu->id].ready = true;
}

void vtimer_hw_load(u64 offset, const struct vtimer_regs *r)
{
	CHECK_EQ(cpus[host_pcpu->id].regs.ctl, 0);
	cpus[host_pcpu->id].offset = offset;
	cpus[host_pcpu->id].regs = *r;
}

void vtimer_hw_unload(struct vtimer_regs *r)
{
	*r = cpus[host_pcpu->id].regs;
	cpus[host_pcpu->id].regs.ctl = 0;
}

bool vtimer_hw_level(void)
{
	return vtimer_level(&cpus[host_pcpu->id].regs, time_count() - cpus[host_pcpu->id].offset);
}

bool gic_is_active(u32 intid)
{
	CHECK_EQ(intid, HOST_PPI);
	return cpus[host_pcpu->id].active;
}

void gic_set_active(u32 intid, bool active)
{
	CHECK_EQ(intid, HOST_PPI);
	cpus[host_pcpu->id].active = active;
}

void gic_deactivate(u32 intid)
{
	gic_set_active(intid, false);
}

int irq_request_guest_ppi(u32 intid, irq_handler_fn *fn, void *arg)
{
	CHECK_EQ(intid, HOST_PPI);
	CHECK(arg == NULL);
	ppi_handler = fn;
	return 0;
}

/* --- the virtual GIC --- */

static struct vcpu *injected;
static unsigned int injections;
static bool level;
static unsigned int level_changes;

void vgic_inject_hw(struct domain *d, struct vcpu *v, u32 intid, u32 pintid)
{
	CHECK(d == v->domain);
	CHECK_EQ(intid, 27);
	CHECK_EQ(pintid, HOST_PPI);
	injected = v;
	injections++;
	vcpu_set_pending(v, VCPU_PENDING_EVENT);
}

void vgic_set_level(struct domain *d, struct vcpu *v, u32 intid, bool high)
{
	CHECK(d == v->domain);
	CHECK_EQ(intid, 30);
	CHECK(high != level);
	level = high;
	level_changes++;
}

/* --- a domain --- */

static struct domain *d;
static struct vcpu *v;

/* The PPIs that are due are taken, then time's callbacks run, on both CPUs. */
static void advance(u64 ns)
{
	struct pcpu *self = host_pcpu;

	host_now_ns += ns;
	for (unsigned int i = 0; i < 2; i++) {
		host_be_cpu(i);
		if (vtimer_hw_level() && !cpus[i].active) {
			cpus[i].active = true;
			ppi_handler(NULL);
		}
		timer_run(pcpus[i]);
	}
	host_pcpu = self;
}

static void load(unsigned int cpu)
{
	host_be_cpu(cpu);
	v->cpu = pcpus[cpu];
	pcpus[cpu]->current = v;
	vtimer_load(v);
}

static void unload(void)
{
	vtimer_unload(v);
	host_pcpu->current = NULL;
	CHECK(!vtimer_hw_level());
	CHECK(!cpus[host_pcpu->id].active);
}

static void start(bool hardware)
{
	struct domain_desc desc = host_desc(1, 1);
	static bool booted;

	if (!booted) {
		host_boot(2, MiB(64));
		booted = true;
		CHECK(cpus[0].ready && cpus[1].ready);
	}
	host_be_cpu(0);
	host_now_ns += NS_PER_S;
	desc.hardware = hardware;
	CHECK_EQ(domain_create(&desc, &d), 0);
	v = d->vcpus[0];
	injected = NULL;
	injections = level_changes = 0;
	level = false;
}

static void stop(void)
{
	host_be_cpu(0);
	domain_kill(d);
	CHECK(!cpus[0].active && !cpus[1].active);
}

/* --- arithmetic --- */

UNIT_TEST(condition, "a timer is met when the count has reached the compare value, both unsigned")
{
	struct vtimer_regs r = { .cval = 100, .ctl = TIMER_CTL_ENABLE };

	CHECK(!vtimer_met(&r, 99));
	CHECK(vtimer_met(&r, 100));
	CHECK(vtimer_met(&r, ~0ULL));
	r.cval = ~0ULL;
	CHECK(!vtimer_met(&r, 1ULL << 63));
	CHECK(!vtimer_met(&r, ~0ULL - 1));
	r.cval = 0;
	CHECK(vtimer_met(&r, 0));
	CHECK_EQ(vtimer_read_ctl(&r, 0), 5);
	vtimer_write_ctl(&r, 7);
	CHECK_EQ(r.ctl, 3);
	CHECK_EQ(vtimer_read_ctl(&r, 0), 7);
	CHECK(!vtimer_level(&r, 0));
	vtimer_write_ctl(&r, 0xfffffffffffffffe);
	CHECK_EQ(vtimer_read_ctl(&r, 0), 2); /* disabled: no status */
	CHECK(!vtimer_armed(&r));
}

UNIT_TEST(tval, "the timer value is a signed distance of 32 bits")
{
	struct vtimer_regs r = { 0 };

	vtimer_write_tval(&r, 10, 1000);
	CHECK_EQ(r.cval, 1010);
	CHECK_EQ(vtimer_read_tval(&r, 1000), 10);
	CHECK_EQ(vtimer_read_tval(&r, 1011), 0xffffffff);
	vtimer_write_tval(&r, 0xffffffff, 1000);
	CHECK_EQ(r.cval, 999);
	vtimer_write_tval(&r, 0x80000000, 1ULL << 40);
	CHECK_EQ(r.cval, (1ULL << 40) - (1ULL << 31));
	vtimer_write_tval(&r, 0xdead00000000005, 1000); /* the upper half is nothing */
	CHECK_EQ(r.cval, 1005);
	vtimer_write_tval(&r, 0x7fffffff, ~0ULL);
	CHECK_EQ(r.cval, 0x7ffffffe); /* around */
	vtimer_write_tval(&r, 0x80000000, 0);
	CHECK_EQ(r.cval, 0xffffffff80000000);
}

UNIT_TEST(deadline, "ticks last at least as long as they do, and what is too far is never")
{
	struct vtimer_regs r = { .cval = ~0ULL, .ctl = TIMER_CTL_ENABLE };
	u64 random = 1;

	CHECK_EQ(vtimer_ticks_to_ns(0, HZ), 0);
	CHECK_EQ(vtimer_ticks_to_ns(1, HZ), 16);
	CHECK_EQ(vtimer_ticks_to_ns(1, 3), 333333334);
	CHECK_EQ(vtimer_ticks_to_ns(0xffffffff, 0xffffffff), NS_PER_S);
	CHECK_EQ(vtimer_ticks_to_ns(0xfffffffe, 0xffffffff), NS_PER_S);
	CHECK_EQ(vtimer_ticks_to_ns(~0ULL, 1), ~0ULL);
	CHECK_EQ(vtimer_ticks_to_ns((1ULL << 31) * HZ, HZ), ~0ULL);
	CHECK_EQ(vtimer_ticks_to_ns((1ULL << 31) * HZ - 1, HZ), (1ULL << 31) * NS_PER_S - 16);
	for (int i = 0; i < 10000; i++) {
		u64 hz = 1 + random_below(&random, 0xffffffff);
		u64 ticks = random_below(&random, hz * 1000);
		__uint128_t scaled = (__uint128_t)ticks * NS_PER_S;

		CHECK_EQ(vtimer_ticks_to_ns(ticks, hz), (u64)((scaled + hz - 1) / hz));
	}
	CHECK_EQ(vtimer_deadline(&r, 0, HZ, 77), ~0ULL);
	r.cval = 1000;
	CHECK_EQ(vtimer_deadline(&r, 990, HZ, 77), 77 + 160);
	CHECK_EQ(vtimer_deadline(&r, 1001, HZ, 77), 77);
	CHECK_EQ(vtimer_deadline(&r, 990, HZ, ~0ULL - 10), ~0ULL);
}

/* --- the virtual timer --- */

UNIT_TEST(offset, "a guest's count begins at 0, the hardware domain's is the machine's")
{
	start(false);
	advance(1600);
	load(0);
	CHECK_EQ(time_count() - cpus[0].offset, 100);
	unload();
	stop();
	start(true);
	load(0);
	CHECK_EQ(cpus[0].offset, 0);
	unload();
	stop();
}

UNIT_TEST(loaded, "the loaded vCPU's timer interrupts by its PPI, which stays active")
{
	start(false);
	load(0);
	cpus[0].regs = (struct vtimer_regs){ time_count() - cpus[0].offset + 10, 1 };
	CHECK(!vtimer_pending(v));
	host_now_ns += 160;
	CHECK(vtimer_pending(v));
	advance(0);
	CHECK_EQ(injections, 1);
	CHECK(injected == v);
	CHECK(cpus[0].active);
	CHECK(!vtimer_pending(v)); /* it has */
	cpus[0].active = false;	   /* the guest ends it, and the level is still there */
	advance(0);
	CHECK_EQ(injections, 2);
	cpus[0].regs.ctl = 0;
	unload();
	stop();
}

UNIT_TEST(nobody, "a PPI that comes when no vCPU is loaded is ended at once")
{
	start(false);
	cpus[0].active = true;
	ppi_handler(NULL);
	CHECK(!cpus[0].active);
	CHECK_EQ(injections, 0);
	stop();
}

UNIT_TEST(stand_in, "while it is not loaded its timer expires all the same, on time, and wakes it")
{
	start(false);
	load(0);
	cpus[0].regs = (struct vtimer_regs){ time_count() - cpus[0].offset + 100, 1 };
	unload();
	v->pending = 0;
	CHECK_EQ(host_timer_ns[0], host_now_ns + 1600);
	CHECK(!vtimer_pending(v));
	advance(1599);
	CHECK_EQ(injections, 0);
	advance(1);
	CHECK_EQ(injections, 1);
	CHECK(injected == v);
	CHECK(v->pending & BIT32(VCPU_PENDING_EVENT));
	CHECK(!vtimer_pending(v));
	advance(NS_PER_S);
	CHECK_EQ(injections, 1);

	load(1); /* as if it had fired there */
	CHECK(cpus[1].active && !cpus[0].active);
	CHECK(vtimer_hw_level());
	advance(NS_PER_S);
	CHECK_EQ(injections, 1);
	unload();
	advance(NS_PER_S);
	CHECK_EQ(injections, 1);
	load(0);
	CHECK(cpus[0].active);
	cpus[0].regs.ctl = 0;
	cpus[0].active = false;
	unload();
	load(1);
	CHECK(!cpus[1].active);
	unload();
	stop();
}

UNIT_TEST(in_time, "a vCPU that is loaded again before its timer expires has it in hardware")
{
	start(false);
	load(0);
	cpus[0].regs = (struct vtimer_regs){ time_count() - cpus[0].offset + 100, 1 };
	unload();
	advance(800);
	load(1);
	CHECK_EQ(cpus[1].regs.ctl, 1);
	CHECK_EQ(cpus[1].regs.cval - (time_count() - cpus[1].offset), 50);
	host_be_cpu(0);
	host_now_ns += 800;
	timer_run(pcpus[0]);
	CHECK_EQ(injections, 0);
	host_be_cpu(1);
	advance(0);
	CHECK_EQ(injections, 1);
	unload();
	stop();
}

UNIT_TEST(past, "a timer that has expired unnoticed interrupts after the unload")
{
	start(false);
	load(0);
	cpus[0].regs = (struct vtimer_regs){ 0, 1 };
	unload();
	CHECK(vtimer_pending(v));
	advance(0);
	CHECK_EQ(injections, 1);
	load(0);
	cpus[0].regs = (struct vtimer_regs){ 0, 3 }; /* masked */
	cpus[0].active = false;
	unload();
	CHECK(!vtimer_pending(v));
	load(0);
	cpus[0].regs = (struct vtimer_regs){ ~0ULL, 1 }; /* never */
	unload();
	CHECK_EQ(host_timer_ns[0], ~0ULL);
	advance(NS_PER_S);
	CHECK_EQ(injections, 1);
	stop();
}

UNIT_TEST(reset, "reset and the end of a vCPU leave no timer behind")
{
	start(false);
	load(0);
	cpus[0].regs = (struct vtimer_regs){ time_count() - cpus[0].offset + 100, 1 };
	unload();
	vtimer_reset(v);
	advance(NS_PER_S);
	CHECK_EQ(injections, 0);
	load(0);
	CHECK_EQ(cpus[0].regs.ctl, 0);
	cpus[0].regs = (struct vtimer_regs){ time_count() - cpus[0].offset + 100, 1 };
	unload();
	stop();
	advance(NS_PER_S);
	CHECK_EQ(injections, 0);
}

/* --- the physical timer --- */

#define CNTPCT SYSREG(3, 3, 14, 0, 1)
#define TVAL SYSREG(3, 3, 14, 2, 0)
#define CTL SYSREG(3, 3, 14, 2, 1)
#define CVAL SYSREG(3, 3, 14, 2, 2)

static u64 get(u32 reg)
{
	u64 value = 0;

	CHECK(vtimer_sysreg(v, reg, false, &value));
	return value;
}

static void set(u32 reg, u64 value)
{
	CHECK(vtimer_sysreg(v, reg, true, &value));
}

UNIT_TEST(phys, "the physical timer raises and lowers its level as its registers say")
{
	u64 value = 0;

	start(false);
	load(0);
	CHECK_EQ(get(CNTPCT), time_count());
	CHECK(!vtimer_sysreg(v, CNTPCT, true, &value));
	CHECK(!vtimer_sysreg(v, SYSREG(3, 3, 14, 3, 1), false, &value));
	set(TVAL, 100);
	CHECK_EQ(get(CVAL), time_count() + 100);
	set(CTL, 1);
	CHECK_EQ(get(CTL), 1);
	CHECK_EQ(host_timer_ns[0], host_now_ns + 1600);
	advance(1599);
	CHECK(!level);
	CHECK_EQ(get(TVAL), 1);
	advance(1);
	CHECK(level);
	CHECK_EQ(get(CTL), 5);
	set(CTL, 3);
	CHECK(!level);
	CHECK_EQ(get(CTL), 7);
	set(CTL, 1);
	CHECK(level);
	advance(16);
	CHECK_EQ(get(TVAL), 0xffffffff);
	set(TVAL, 50);
	CHECK(!level);
	set(CVAL, ~0ULL);
	advance(NS_PER_S);
	CHECK(!level);
	set(CVAL, 0);
	CHECK(level);
	set(CTL, 0);
	CHECK(!level);
	CHECK_EQ(get(CTL), 0);
	CHECK_EQ(level_changes, 6);
	unload();
	stop();
}

UNIT_TEST(phys_moves, "the physical timer follows its vCPU, and goes on while that is not loaded")
{
	start(false);
	load(0);
	set(TVAL, 100);
	set(CTL, 1);
	unload();
	load(1);
	CHECK_EQ(host_timer_ns[1], host_now_ns + 1600);
	host_be_cpu(0);
	host_now_ns += 1600;
	timer_run(pcpus[0]);
	CHECK(!level);
	host_be_cpu(1);
	timer_run(pcpus[1]);
	CHECK(level);
	set(TVAL, 100);
	CHECK(!level);
	unload();
	advance(1600);
	CHECK(level);
	vtimer_reset(v);
	CHECK(!level);
	advance(NS_PER_S);
	CHECK(!level);
	stop();
}
