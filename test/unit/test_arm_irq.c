/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/arm/irq.c on a model of the GIC: who is called for what, what is deactivated and by whom,
 * interrupts of domains and what their virtual GIC asks for, storms, and the end of a domain.
 */
#include <string.h>

#include "arch/arm/gic/gic.h"
#include "arch/arm/irq.h"
#include "arch/arm/machine.h"
#include "arch/arm/vgic/vgic.h"
#include "unit/arm_machine.h"
#include "unit/harness.h"
#include "unit/shown.h"

const struct unit *const units[] = { &sched_unit, &machine_unit, &irq_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

struct arm_machine arm_machine = { .gic = { .maintenance = 25 } };

/* --- the model: interrupts that are signalled, and what has become of them --- */

#define COUNT 96
#define SENDER (5U << 10) /* what v2 adds to an SGI */

static struct {
	bool enabled[COUNT], edge[COUNT], signalled[COUNT], active[COUNT], dropped[COUNT];
	bool storm;
	u32 pending_cleared;
	struct pcpu *route[COUNT];
	u32 special; /* what an idle GIC answers */
	unsigned int acks;
} g;

unsigned int gic_intid_count(void)
{
	return COUNT;
}

u32 gic_ack(void)
{
	g.acks++;
	for (u32 i = 0; i < COUNT; i++) {
		if (g.signalled[i] && !g.active[i]) {
			g.signalled[i] = g.storm;
			g.active[i] = true;
			g.dropped[i] = false;
			return i | (i < 16 ? SENDER : 0);
		}
	}
	return g.special;
}

void gic_eoi(u32 ack)
{
	u32 i = ack & GIC_INTID_MASK;

	CHECK(i < COUNT && g.active[i] && !g.dropped[i]);
	CHECK_EQ(ack, i | (i < 16 ? SENDER : 0));
	g.dropped[i] = true;
}

void gic_deactivate(u32 ack)
{
	u32 i = ack & GIC_INTID_MASK;

	CHECK(i < COUNT && g.active[i] && g.dropped[i]);
	CHECK_EQ(ack, i | (i < 16 ? SENDER : 0));
	g.active[i] = false;
}

void gic_enable(u32 intid)
{
	CHECK(intid < GIC_SPI_FIRST || g.route[intid] != NULL);
	g.enabled[intid] = true;
}

void gic_disable(u32 intid)
{
	g.enabled[intid] = false;
}

void gic_configure(u32 intid, bool edge, u8 priority)
{
	CHECK_EQ(priority, GIC_PRIORITY);
	g.edge[intid] = edge;
}

void gic_route(u32 spi, struct pcpu *p)
{
	CHECK(spi >= GIC_SPI_FIRST && spi < COUNT);
	g.route[spi] = p;
}

void gic_set_pending(u32 intid, bool pending)
{
	g.signalled[intid] = pending;
	g.pending_cleared += !pending;
}

void gic_set_active(u32 intid, bool active)
{
	g.active[intid] = active;
}

static jmp_buf stopped;

void irq_stop(void *arg)
{
	longjmp(stopped, 1);
}

/* --- the virtual GIC --- */

static struct {
	struct domain *domain;
	struct vcpu *vcpu;
	u32 intid, pintid;
	unsigned int count;
} injected;
static struct vcpu *maintained;

void vgic_inject_hw(struct domain *d, struct vcpu *v, u32 intid, u32 pintid)
{
	injected.domain = d;
	injected.vcpu = v;
	injected.intid = intid;
	injected.pintid = pintid;
	injected.count++;
}

void vgic_maintenance(struct vcpu *v)
{
	maintained = v;
}

/* --- handlers --- */

static unsigned int handled;

static void handler(void *arg)
{
	handled += *(unsigned int *)arg;
}

static void other_handler(void *arg)
{
}

static unsigned int one = 1, ten = 10;

static void fire(u32 intid)
{
	g.signalled[intid] = true;
	irq_handle_pending();
}

static void ready(void)
{
	static bool done;

	if (!done) {
		host_boot(2, MiB(64));
		console_register(&shown_console);
		done = true;
	}
	for (u32 i = 0; i < COUNT; i++) {
		g.signalled[i] = g.active[i] = false;
	}
	g.special = GIC_SPURIOUS;
	g.storm = false;
	g.acks = 0;
	handled = 0;
	memset(&injected, 0, sizeof(injected));
	shown_forget();
	host_be_cpu(0);
}

/* --- the hypervisor's --- */

UNIT_TEST(local, "a PPI is handled on every CPU that asked for it, and deactivated afterwards")
{
	ready();
	CHECK_EQ(irq_request(26, false, handler, &one), 0);
	CHECK(g.enabled[26]);
	fire(26);
	CHECK_EQ(handled, 1);
	CHECK(!g.active[26] && g.dropped[26]);
	g.enabled[26] = false;
	CHECK_EQ(irq_request(26, false, handler, &one), 0);
	CHECK(g.enabled[26]);
	CHECK_EQ(irq_request(26, false, handler, &ten), -EBUSY);
	CHECK_EQ(irq_request(26, false, other_handler, &one), -EBUSY);
	CHECK_EQ(irq_request_guest_ppi(26, handler, &one), -EBUSY);
	CHECK_EQ(irq_request(15, false, handler, &one), -EINVAL);
	CHECK_EQ(irq_request(COUNT, false, handler, &one), -EINVAL);
	CHECK_EQ(irq_request_guest_ppi(32, handler, &one), -EINVAL);
}

UNIT_TEST(guest_ppi, "a PPI of guests stays active when its handler is done")
{
	ready();
	CHECK_EQ(irq_request_guest_ppi(27, handler, &one), 0);
	fire(27);
	CHECK_EQ(handled, 1);
	CHECK(g.active[27] && g.dropped[27]);
}

UNIT_TEST(spi, "an SPI goes to the boot CPU; it belongs to one only")
{
	ready();
	host_be_cpu(1);
	CHECK_EQ(irq_request(33, true, handler, &ten), 0);
	CHECK(g.enabled[33] && g.edge[33]);
	CHECK(g.route[33] == pcpus[0]);
	fire(33);
	CHECK_EQ(handled, 10);
	CHECK(!g.active[33]);
	CHECK_EQ(irq_request(33, true, handler, &ten), -EBUSY);
}

UNIT_TEST(several, "everything that is pending is handled, and special numbers are nothing")
{
	ready();
	g.signalled[26] = g.signalled[33] = g.signalled[GIC_SGI_KICK] = true;
	irq_handle_pending();
	CHECK_EQ(handled, 11);
	CHECK(!g.active[GIC_SGI_KICK] && g.dropped[GIC_SGI_KICK]);
	CHECK_EQ(g.acks, 4);
	for (u32 i = GIC_SPECIAL; i <= GIC_SPURIOUS; i++) {
		g.special = i;
		irq_handle_pending();
	}
	CHECK_EQ(g.acks, 8);
	CHECK_EQ(handled, 11);
}

UNIT_TEST(stop, "a CPU that is told to stop does not come back")
{
	ready();
	if (setjmp(stopped) == 0) {
		fire(GIC_SGI_STOP);
		CHECK(false);
	}
	CHECK(g.dropped[GIC_SGI_STOP]);
}

UNIT_TEST(storm, "an interrupt that never ends does not keep the CPU")
{
	ready();
	g.storm = true;
	fire(26);
	CHECK(handled > 0 && handled <= 64);
}

UNIT_TEST(unexpected, "an interrupt that nobody asked for is disabled and ended, with one line")
{
	ready();
	g.enabled[40] = g.enabled[29] = true;
	fire(40);
	CHECK(!g.enabled[40] && !g.active[40]);
	CHECK_EQ(shown_count("interrupt 40"), 1);
	fire(29);
	CHECK(!g.enabled[29] && !g.active[29]);
	CHECK_EQ(shown_count("unexpected"), 2);
}

UNIT_TEST(maintenance, "the maintenance interrupt goes to the vCPU that is loaded, if there is one")
{
	struct domain *d;

	ready();
	CHECK(g.enabled[25]);
	maintained = NULL;
	fire(25);
	CHECK(maintained == NULL && !g.active[25]);
	d = host_domain_create(7, 1);
	host_set_current(d->vcpus[0]);
	fire(25);
	CHECK(maintained == d->vcpus[0] && !g.active[25]);
	host_set_current(NULL);
	domain_kill(d);
}

/* --- domains --- */

UNIT_TEST(assign, "an SPI of a domain arrives as its interrupt, and stays active")
{
	struct domain *d;

	ready();
	d = host_domain_create(1, 2);
	CHECK_EQ(irq_guest_host(d, 48), 0);
	CHECK(!irq_is_assigned(d, 50));
	CHECK_EQ(irq_assign(d, 50, 48), 0);
	CHECK(!g.enabled[50]); /* until the guest enables it */
	CHECK_EQ(irq_guest_host(d, 48), 50);
	CHECK_EQ(irq_guest_host(d, 50), 0);
	CHECK_EQ(irq_guest_host(d, 5), 0);
	CHECK_EQ(irq_guest_host(d, 1020), 0);
	CHECK(irq_is_assigned(d, 50) && !irq_is_assigned(d, 51) && !irq_is_assigned(d, 4000));

	irq_guest_enable(d, 48, true);
	CHECK(g.enabled[50]);
	fire(50);
	CHECK_EQ(injected.count, 1);
	CHECK(injected.domain == d && injected.vcpu == NULL);
	CHECK_EQ(injected.intid, 48);
	CHECK_EQ(injected.pintid, 50);
	CHECK(g.active[50] && g.dropped[50]);

	irq_guest_configure(d, 48, true);
	CHECK(g.edge[50]);
	d->vcpus[1]->cpu = pcpus[1];
	irq_guest_route(d, 48, d->vcpus[1]);
	CHECK(g.route[50] == pcpus[1]);
	irq_guest_route(d, 48, NULL);
	CHECK(g.route[50] == pcpus[0]);
	irq_guest_enable(d, 48, false);
	CHECK(!g.enabled[50]);
	irq_guest_enable(d, 49, true); /* emulated */
	irq_guest_configure(d, 1023, true);
	irq_guest_route(d, 0, NULL);
	domain_kill(d);
}

UNIT_TEST(assign_limits, "an SPI has one owner, a domain's interrupt one SPI; sharing is fine")
{
	struct domain *a, *b;

	ready();
	a = host_domain_create(1, 1);
	b = host_domain_create(2, 1);
	CHECK_EQ(irq_assign(a, 60, 60), 0);
	CHECK_EQ(irq_assign(a, 60, 60), 0);
	CHECK_EQ(irq_assign(a, 60, 61), -EBUSY);
	CHECK_EQ(irq_assign(a, 61, 60), -EBUSY);
	CHECK_EQ(irq_assign(b, 60, 60), -EBUSY);
	CHECK_EQ(irq_assign(b, 33, 33), -EBUSY); /* the hypervisor's */
	CHECK_EQ(irq_request(60, false, handler, &one), -EBUSY);
	CHECK_EQ(irq_assign(b, 61, 60), 0);
	CHECK_EQ(irq_assign(b, 31, 62), -EINVAL);
	CHECK_EQ(irq_assign(b, COUNT, 62), -EINVAL);
	CHECK_EQ(irq_assign(b, 62, 31), -EINVAL);
	CHECK_EQ(irq_assign(b, 62, 1020), -EINVAL);
	CHECK_EQ(irq_assign(b, 62, 1019), 0);
	domain_kill(a);
	CHECK(!g.enabled[60]);
	CHECK_EQ(irq_assign(b, 60, 59), 0);
	domain_kill(b);
}

UNIT_TEST(no_memory, "a domain whose pool is empty gets -ENOMEM, and the SPI stays free")
{
	struct domain *d, *other;
	u64 limit;

	ready();
	d = host_domain_create(1, 1);
	other = host_domain_create(2, 1);
	limit = d->pool.limit;
	d->pool.limit = d->pool.used;
	while (heap_alloc(&d->pool, sizeof(u16) * VGIC_SPI_MAX)) {
	}
	CHECK_EQ(irq_assign(d, 70, 70), -ENOMEM);
	CHECK(!irq_is_assigned(d, 70));
	d->pool.limit = limit;
	CHECK_EQ(irq_assign(other, 70, 70), 0);
	domain_kill(other);
	domain_kill(d);
}

/* Time at which the other CPU runs its calls: an interrupt that was on its way arrives before. */
static struct domain *dying;
static unsigned int late;

static void relax_late(void)
{
	struct pcpu *self = host_pcpu;

	if (late == 0 && READ_ONCE(pcpus[1]->calls)) {
		late++;
		host_be_cpu(1);
		CHECK(irq_is_assigned(dying, 80)); /* not given away before all CPUs have been */
		fire(80);
		CHECK(!g.active[80] && !g.enabled[80]);
		g.active[81] = true; /* as an interrupt that the guest has not ended */
		host_pcpu = self;
	}
	host_be_cpu(1);
	pcpu_run_calls(pcpus[1]);
	host_pcpu = self;
}

UNIT_TEST(end, "a domain's end disables, waits for handlers, and leaves nothing active")
{
	void (*relax)(void) = host_relax;
	u64 used;

	ready();
	dying = host_domain_create(1, 1);
	CHECK_EQ(irq_assign(dying, 80, 80), 0);
	CHECK_EQ(irq_assign(dying, 81, 90), 0);
	irq_guest_enable(dying, 80, true);
	irq_guest_enable(dying, 90, true);
	g.active[81] = true;
	g.pending_cleared = 0;
	used = pool_system.used;
	host_relax = relax_late;
	domain_kill(dying);
	host_relax = relax;
	CHECK_EQ(late, 1);
	CHECK_EQ(injected.count, 0);
	CHECK_EQ(shown_count("unexpected"), 0);
	CHECK(!g.enabled[80] && !g.enabled[81] && !g.active[81]);
	CHECK_EQ(g.pending_cleared, 2);
	CHECK(pool_system.used <= used);
}

UNIT_TEST(dump, "the debug key lists SPIs, owners and counts")
{
	struct domain *d;

	ready();
	d = host_domain_create(5, 1);
	CHECK_EQ(irq_assign(d, 90, 91), 0);
	irq_guest_enable(d, 91, true);
	fire(90);
	irq_unit.dump();
	CHECK_EQ(shown_count("SPI 90: d5 interrupt 91, enabled, to CPU 0, 1 times"), 1);
	CHECK_EQ(shown_count("SPI 33: ours"), 1);
	CHECK_EQ(shown_count("SPI"), 2);
	domain_kill(d);
}
