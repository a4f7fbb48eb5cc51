/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who gets which interrupt: one descriptor for each INTID, those below 32 for all CPUs together.
 * Dispatch takes no lock; a descriptor's handler is published last and withdrawn first. Must not
 * look into a virtual GIC: it is told what the guest wants, and tells it what has fired.
 */
#include "arch/arm/irq.h"

#include "arch/arm/gic/gic.h"
#include "arch/arm/machine.h"
#include "arch/arm/vcpu.h"
#include "arch/arm/vgic/vgic.h"
#include "core/log.h"
#include "lib/errno.h"
#include "mm/heap.h"

struct irq_desc {
	irq_handler_fn *fn; /* acquire and release; NULL: nobody's */
	void *arg;
	bool keep_active; /* a guest deactivates it */
	bool enabled;	  /* SPIs */
	u16 intid;
	u32 virq;
	struct domain *domain; /* of SPIs that a guest has */
	struct pcpu *cpu;      /* where an SPI goes */
	u64 count;	       /* SPIs */
};

/* What a domain has: the host's SPI behind each of its own, 0: none. */
struct hw_irqs {
	u16 hosts[VGIC_SPI_MAX];
};

/* Descriptors, but for fn; the distributor's registers of SPIs. */
static struct spinlock irq_lock = SPINLOCK_INIT(RANK_IRQ);

static void irq_kick(void *arg)
{
	/* Its only purpose is to have interrupted. */
}

static struct irq_desc irq_local[GIC_SPI_FIRST] = {
	[GIC_SGI_KICK] = { .fn = irq_kick },
	[GIC_SGI_STOP] = { .fn = irq_stop },
};
static struct irq_desc *irq_spis; /* made when the first is asked for */

/* --- dispatch --- */

/* NULL: an SPI, and none was asked for yet. */
static struct irq_desc *irq_desc_of(u32 intid)
{
	struct irq_desc *spis;

	if (intid < GIC_SPI_FIRST) {
		return &irq_local[intid];
	}
	spis = READ_ONCE(irq_spis);
	return spis ? &spis[intid - GIC_SPI_FIRST] : NULL;
}

static irq_handler_fn *irq_handler(const struct irq_desc *desc)
{
	return __atomic_load_n(&desc->fn, __ATOMIC_ACQUIRE);
}

/* Nobody's, or withdrawn a moment ago: it does not come again before somebody asks for it. */
static __noinline void irq_unexpected(const struct irq_desc *desc, u32 ack)
{
	u32 intid = ack & GIC_INTID_MASK;

	spin_lock(&irq_lock);
	if (!desc || !irq_handler(desc)) {
		gic_disable(intid);
	}
	spin_unlock(&irq_lock);
	gic_deactivate(ack);
	if (!desc || !desc->domain) {
		log_warn("CPU %u: unexpected interrupt %u, disabled", this_pcpu()->id, intid);
	}
}

static void irq_dispatch(u32 ack)
{
	struct irq_desc *desc = irq_desc_of(ack & GIC_INTID_MASK);
	irq_handler_fn *fn = desc ? irq_handler(desc) : NULL;

	gic_eoi(ack);
	if (unlikely(!fn)) {
		irq_unexpected(desc, ack);
		return;
	}
	fn(desc->arg);
	if (!desc->keep_active) {
		gic_deactivate(ack);
	}
}

/* An interrupt that never ends must not keep the CPU from everything else. */
#define IRQ_BATCH 16

void irq_handle_pending(void)
{
	for (unsigned int i = 0; i < IRQ_BATCH; i++) {
		u32 ack = gic_ack();

		if ((ack & GIC_INTID_MASK) >= GIC_SPECIAL) {
			return;
		}
		irq_dispatch(ack);
	}
}

/* --- the hypervisor's --- */

/* Caller holds the lock. */
static int irq_make_spis(void)
{
	u32 count = gic_intid_count() - GIC_SPI_FIRST;
	struct irq_desc *spis;

	if (irq_spis) {
		return 0;
	}
	spis = heap_alloc(&pool_system, MAX(count, 1U) * sizeof(*spis));
	if (!spis) {
		return -ENOMEM;
	}
	for (u32 i = 0; i < count; i++) {
		spis[i].intid = (u16)(GIC_SPI_FIRST + i);
	}
	__atomic_store_n(&irq_spis, spis, __ATOMIC_RELEASE);
	return 0;
}

static void irq_publish(struct irq_desc *desc, irq_handler_fn *fn, void *arg, bool keep_active)
{
	desc->arg = arg;
	desc->keep_active = keep_active;
	__atomic_store_n(&desc->fn, fn, __ATOMIC_RELEASE);
}

/* Caller holds the lock. */
static void irq_set_route(struct irq_desc *desc, struct pcpu *p)
{
	desc->cpu = p;
	gic_route(desc->intid, p);
}

static void irq_set_enabled(struct irq_desc *desc, bool enable)
{
	desc->enabled = enable;
	if (enable) {
		gic_enable(desc->intid);
	} else {
		gic_disable(desc->intid);
	}
}

static int irq_request_local(u32 ppi, bool edge, irq_handler_fn *fn, void *arg, bool keep_active)
{
	struct irq_desc *desc = &irq_local[ppi];
	irq_handler_fn *old = irq_handler(desc);

	if (old && (old != fn || desc->arg != arg || desc->keep_active != keep_active)) {
		return -EBUSY;
	}
	if (!old) {
		irq_publish(desc, fn, arg, keep_active);
	}
	gic_configure(ppi, edge, GIC_PRIORITY);
	gic_enable(ppi);
	return 0;
}

static int irq_request_spi(u32 spi, bool edge, irq_handler_fn *fn, void *arg)
{
	struct irq_desc *desc;
	int rc = irq_make_spis();

	if (rc != 0) {
		return rc;
	}
	desc = irq_desc_of(spi);
	if (irq_handler(desc) || desc->domain) {
		return -EBUSY;
	}
	irq_publish(desc, fn, arg, false);
	gic_configure(spi, edge, GIC_PRIORITY);
	irq_set_route(desc, pcpus[0]);
	irq_set_enabled(desc, true);
	return 0;
}

int irq_request(u32 intid, bool edge, irq_handler_fn *fn, void *arg)
{
	int rc;

	if (intid < 16 || intid >= gic_intid_count()) {
		return -EINVAL;
	}
	spin_lock(&irq_lock);
	rc = intid < GIC_SPI_FIRST ? irq_request_local(intid, edge, fn, arg, false)
				   : irq_request_spi(intid, edge, fn, arg);
	spin_unlock(&irq_lock);
	return rc;
}

int irq_request_guest_ppi(u32 intid, irq_handler_fn *fn, void *arg)
{
	int rc;

	if (intid < 16 || intid >= GIC_SPI_FIRST) {
		return -EINVAL;
	}
	spin_lock(&irq_lock);
	rc = irq_request_local(intid, false, fn, arg, true);
	spin_unlock(&irq_lock);
	return rc;
}

static void irq_maintenance(void *arg)
{
	struct vcpu *v = this_pcpu()->current;

	if (v) {
		vgic_maintenance(v);
	}
}

static int irq_cpu_up(struct pcpu *p)
{
	return irq_request(arm_machine.gic.maintenance, false, irq_maintenance, NULL);
}

/* --- those of domains --- */

static void irq_guest_fired(void *arg)
{
	struct irq_desc *desc = arg;

	desc->count++;
	vgic_inject_hw(desc->domain, NULL, desc->virq, desc->intid);
}

static struct hw_irqs *irq_hosts_of(const struct domain *d)
{
	return __atomic_load_n(&d->arch->irqs, __ATOMIC_ACQUIRE);
}

u32 irq_guest_host(const struct domain *d, u32 virq)
{
	const struct hw_irqs *h = irq_hosts_of(d);

	return h && virq >= GIC_SPI_FIRST && virq < GIC_SPECIAL
		       ? READ_ONCE(h->hosts[virq - GIC_SPI_FIRST])
		       : 0;
}

bool irq_is_assigned(const struct domain *d, u32 spi)
{
	const struct irq_desc *desc;

	if (spi < GIC_SPI_FIRST || spi >= gic_intid_count()) {
		return false;
	}
	desc = irq_desc_of(spi);
	return desc && READ_ONCE(desc->domain) == d;
}

/* Caller holds the lock. */
static int irq_make_hosts(struct domain *d)
{
	struct hw_irqs *h = d->arch->irqs;

	if (!h) {
		h = heap_new(&d->pool, struct hw_irqs);
		__atomic_store_n(&d->arch->irqs, h, __ATOMIC_RELEASE);
	}
	return h ? 0 : -ENOMEM;
}

/* Where v runs; a vCPU that has never run may not have a CPU yet. */
static struct pcpu *irq_cpu_of(const struct vcpu *v)
{
	struct pcpu *p = v ? READ_ONCE(v->cpu) : NULL;

	return p ?: pcpus[0];
}

/* Caller holds the lock. */
static int irq_assign_locked(struct domain *d, u32 spi, u32 virq)
{
	struct irq_desc *desc;
	int rc = irq_make_spis() ?: irq_make_hosts(d);

	if (rc != 0) {
		return rc;
	}
	desc = irq_desc_of(spi);
	if (desc->domain == d && desc->virq == virq) {
		return 0;
	}
	if (desc->domain || irq_handler(desc) || irq_guest_host(d, virq) != 0) {
		return -EBUSY;
	}
	WRITE_ONCE(desc->domain, d);
	desc->virq = virq;
	desc->count = 0;
	irq_publish(desc, irq_guest_fired, desc, true);
	WRITE_ONCE(d->arch->irqs->hosts[virq - GIC_SPI_FIRST], (u16)spi);
	gic_configure(spi, false, GIC_PRIORITY);
	irq_set_route(desc, irq_cpu_of(domain_vcpu(d, 0)));
	return 0;
}

int irq_assign(struct domain *d, u32 spi, u32 virq)
{
	int rc;

	if (spi < GIC_SPI_FIRST || spi >= gic_intid_count() || virq < GIC_SPI_FIRST ||
		virq >= GIC_SPECIAL || d->dying) {
		return -EINVAL;
	}
	spin_lock(&irq_lock);
	rc = irq_assign_locked(d, spi, virq);
	spin_unlock(&irq_lock);
	return rc;
}

/* The descriptor behind virq, with the lock held; or NULL, without. */
static struct irq_desc *irq_guest_lock(struct domain *d, u32 virq)
{
	u32 spi = irq_guest_host(d, virq);
	struct irq_desc *desc;

	if (spi == 0) {
		return NULL;
	}
	spin_lock(&irq_lock);
	desc = irq_desc_of(spi);
	if (desc->domain == d && irq_handler(desc)) {
		return desc;
	}
	spin_unlock(&irq_lock);
	return NULL;
}

void irq_guest_enable(struct domain *d, u32 virq, bool enable)
{
	struct irq_desc *desc = irq_guest_lock(d, virq);

	if (desc) {
		irq_set_enabled(desc, enable);
		spin_unlock(&irq_lock);
	}
}

void irq_guest_configure(struct domain *d, u32 virq, bool edge)
{
	struct irq_desc *desc = irq_guest_lock(d, virq);

	if (desc) {
		gic_configure(desc->intid, edge, GIC_PRIORITY);
		spin_unlock(&irq_lock);
	}
}

void irq_guest_route(struct domain *d, u32 virq, struct vcpu *v)
{
	struct irq_desc *desc = irq_guest_lock(d, virq);

	if (desc) {
		irq_set_route(desc, irq_cpu_of(v));
		spin_unlock(&irq_lock);
	}
}

/* --- the end of a domain --- */

static void irq_nothing(void *arg)
{
}

/* On return no CPU is in a handler that it found before: calls and interrupts take turns. */
static void irq_wait_for_handlers(void)
{
	struct pcpu *p;

	for_each_cpu(p) {
		struct pcpu_call call = { .fn = irq_nothing };

		if (p != this_pcpu()) {
			pcpu_call(p, &call);
			pcpu_call_wait(&call);
		}
	}
}

static void irq_withdraw(struct irq_desc *desc)
{
	spin_lock(&irq_lock);
	__atomic_store_n(&desc->fn, NULL, __ATOMIC_RELEASE);
	irq_set_enabled(desc, false);
	spin_unlock(&irq_lock);
}

static void irq_release(struct irq_desc *desc)
{
	spin_lock(&irq_lock);
	gic_set_pending(desc->intid, false);
	gic_set_active(desc->intid, false);
	WRITE_ONCE(desc->domain, NULL);
	spin_unlock(&irq_lock);
}

static unsigned int irq_for_each_of(struct domain *d, void (*fn)(struct irq_desc *desc))
{
	unsigned int count = 0;

	for (u32 virq = GIC_SPI_FIRST; virq < GIC_SPECIAL; virq++) {
		u32 spi = irq_guest_host(d, virq);

		if (spi != 0) {
			fn(irq_desc_of(spi));
			count++;
		}
	}
	return count;
}

/* Before the virtual GIC goes, to which they are delivered. */
static int irq_relinquish(struct domain *d)
{
	struct hw_irqs *h = irq_hosts_of(d);

	if (h && irq_for_each_of(d, irq_withdraw) != 0) {
		irq_wait_for_handlers();
		irq_for_each_of(d, irq_release);
		*h = (struct hw_irqs){ 0 };
	}
	return 0;
}

static void irq_domain_destroy(struct domain *d)
{
	irq_relinquish(d);
	heap_free(&d->pool, d->arch->irqs);
	d->arch->irqs = NULL;
}

/* --- debug key --- */

/* Caller holds the lock, which keeps the domain. */
static void irq_dump_one(const struct irq_desc *desc)
{
	const struct domain *d = desc->domain;

	if (d) {
		log_dump("SPI %u: d%u interrupt %u, %s, to CPU %u, %llu times", desc->intid, d->id,
			desc->virq, desc->enabled ? "enabled" : "disabled", desc->cpu->id,
			(unsigned long long)desc->count);
	} else if (irq_handler(desc)) {
		log_dump("SPI %u: ours, to CPU %u", desc->intid, desc->cpu->id);
	}
}

static void irq_dump(void)
{
	u32 count = READ_ONCE(irq_spis) ? gic_intid_count() - GIC_SPI_FIRST : 0;

	for (u32 i = 0; i < count; i++) {
		spin_lock(&irq_lock);
		irq_dump_one(&irq_spis[i]);
		spin_unlock(&irq_lock);
	}
}

const struct unit irq_unit = {
	.name = "irq",
	.cpu_up = irq_cpu_up,
	.domain_relinquish = irq_relinquish,
	.domain_destroy = irq_domain_destroy,
	.dump = irq_dump,
	.dump_key = 'i',
	.dump_what = "interrupts of devices",
};
