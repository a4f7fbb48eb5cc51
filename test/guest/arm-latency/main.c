/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the ways into the hypervisor and back cost. Under QEMU's -icount shift=0 with a counter of
 * 1 GHz CNTVCT counts instructions, so that the numbers are exact; elsewhere they are ticks. For
 * each it prints "cost: NAME: smallest N, largest N", and with limits=N it checks that the smallest
 * is at most N percent of the aim.
 */
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/gic.h"
#include "guest/lib-arm64/psci.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"
#include "guest/lib/hypercall.h"
#include "guest/lib/print.h"
#include "guest/lib/start.h"
#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/version.h>

#define ROUNDS 64
#define SGI 1
#define TIMER_ROUNDS 32

struct cost {
	u64 smallest, largest;
};

static u64 limits; /* percent, 0: none */
static volatile u64 irq_time;
static u32 event_port;
static u8 shared_page[4096] __aligned(4096);

static void cost_add(struct cost *c, u64 ticks)
{
	if (c->smallest == 0 || ticks < c->smallest) {
		c->smallest = ticks;
	}
	c->largest = ticks > c->largest ? ticks : c->largest;
}

/* Reads CNTVCT without the synchronisation of counter(): the fewest instructions around. */
static __always_inline u64 now(void)
{
	u64 v;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(v) : : "memory");
	return v;
}

/* What measuring nothing costs is taken off. */
static void report(const char *name, struct cost c, u64 limit)
{
	print("cost: %s: smallest %llu, largest %llu\n", name, (unsigned long long)c.smallest,
		(unsigned long long)c.largest);
	limit = limit * limits / 100;
	if (limit != 0) {
		CHECK(c.smallest <= limit, "%s: at most %llu", name, (unsigned long long)limit);
	} else {
		CHECK(c.smallest < 1000000, "%s: measured", name);
	}
}

#define MEASURE(name, limit, operation)                        \
	do {                                                   \
		struct cost c_ = { 0, 0 };                     \
                                                               \
		for (unsigned int i_ = 0; i_ < ROUNDS; i_++) { \
			u64 start_ = now();                    \
                                                               \
			operation;                             \
			cost_add(&c_, now() - start_ - 1);     \
		}                                              \
		report(name, c_, limit);                       \
	} while (0)

static __always_inline void call2(u64 nr, u64 a1, u64 a2)
{
	register u64 x0 __asm__("x0") = a1;
	register u64 x1 __asm__("x1") = a2;
	register u64 x16 __asm__("x16") = nr;

	__asm__ volatile("hvc #0xea1" : "+r"(x0), "+r"(x1), "+r"(x16) : : "memory");
}

static __always_inline void psci_version(void)
{
	register u64 x0 __asm__("x0") = PSCI_VERSION;

	__asm__ volatile("hvc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
}

static void irq_note(u32 irq)
{
	irq_time = now();
}

static void measure_sgi(void)
{
	struct cost c = { 0, 0 };

	trap_set_irq(irq_note);
	gic_enable(SGI);
	irq_enable();
	for (unsigned int i = 0; i < ROUNDS; i++) {
		u64 start = now(), end = start + counter_ticks(100000);

		irq_time = 0;
		gic_send(SGI, 0);
		while (irq_time == 0 && now() < end) {
		}
		cost_add(&c, irq_time - start);
	}
	irq_disable();
	trap_set_irq(NULL);
	report("SGI to itself until its handler", c, 400);
}

static void irq_timer(u32 irq)
{
	write_sysreg(cntv_ctl_el0, 2); /* masked, so that the level falls */
	irq_time = now();
}

/* A loop of fixed length, in ticks. */
static u64 spin(u64 rounds)
{
	u64 start = now();

	__asm__ volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(rounds) : : "cc");
	return now() - start;
}

/*
 * The guest's own share of an interrupt: an SGI that already waits in the CPU interface is taken,
 * by the same handler, without any exit.
 */
static u64 measure_own(void)
{
	struct cost c = { 0, 0 };

	for (unsigned int i = 0; i < ROUNDS; i++) {
		u64 start;

		gic_send(SGI, 0);
		spin(1000);
		start = now();
		irq_enable();
		__asm__ volatile("isb");
		cost_add(&c, now() - start);
		irq_disable();
	}
	return c.smallest;
}

/* What a loop takes longer with a timer interrupt in it, without the guest's own share: stolen. */
static void measure_timer(void)
{
	u32 ppi = fdt_info.timer_irqs[2];
	struct cost c = { 0, 0 };
	u64 plain = spin(20000), own;

	trap_set_irq(irq_timer);
	gic_enable(SGI);
	own = measure_own();
	gic_enable(ppi);
	irq_enable();
	for (unsigned int i = 0; i < TIMER_ROUNDS; i++) {
		u64 t;

		irq_time = 0;
		write_sysreg(cntv_cval_el0, now() + 10000);
		write_sysreg(cntv_ctl_el0, 1);
		t = spin(20000);
		if (irq_time != 0 && t > plain + own) {
			cost_add(&c, t - plain - own);
		}
	}
	irq_disable();
	gic_disable(ppi);
	trap_set_irq(NULL);
	CHECK(c.largest > 0, "the timer interrupted");
	print("cost: a handler of its own: %llu\n", (unsigned long long)own);
	report("stolen by a timer interrupt", c, 180);
}

static void measure_events(void)
{
	struct xen_add_to_physmap map = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_shared_info,
		.gpfn = (u64)shared_page >> 12,
	};
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF };
	struct evtchn_send send;

	hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &map);
	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &alloc);
	bind.remote_port = alloc.port;
	CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &bind), 0,
		"an event channel to itself");
	send.port = event_port = bind.local_port;
	MEASURE("evtchn_send to itself", 380,
		call2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, (u64)&send));
}

void guest_main(void)
{
	char value[8];
	u64 dist = fdt_info.gic_dist;

	if (start_option("limits", value, sizeof(value))) {
		for (const char *p = value; *p >= '0' && *p <= '9'; p++) {
			limits = limits * 10 + (u64)(*p - '0');
		}
	}
	MEASURE("nothing", 10, (void)0);
	MEASURE("null hypercall", 140, call2(__HYPERVISOR_xen_version, XENVER_version, 0));
	MEASURE("PSCI_VERSION", 180, psci_version());
	MEASURE("read of GICD_TYPER", 220, mmio_read32(dist + GICD_TYPER));
	MEASURE("write of GICD_ISENABLER", 0, mmio_write32(gic_base_of(SGI) + GICD_ISENABLER, 2));
	MEASURE("yield", 600, call2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0));
	measure_events();
	measure_sgi();
	measure_timer();
}
