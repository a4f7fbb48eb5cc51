/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Host interrupts of the hardware domain. A level-triggered pin is masked when it fires and
 * unmasked when the guest has ended its interrupt: so a device that nobody serves costs one
 * interrupt, not a CPU. Messages are edges and are passed on as they come.
 */
#include "arch/x86/passthrough.h"

#include "arch/x86/apic.h"
#include "arch/x86/uart.h"
#include "arch/x86/vcpu.h"
#include "arch/x86/vdev/ioapic.h"
#include "arch/x86/vdev/lapic.h"
#include "core/pcpu.h"
#include "lib/errno.h"
#include "mm/heap.h"

struct hw_gsi {
	struct irq irq;
	bool bound, level, active_low;
	bool waiting; /* masked until the guest ends the interrupt */
};

/* lock: the state of all pins. It is not held while the domain's I/O APICs are called. */
struct hw_irqs {
	struct spinlock lock;
	struct domain *domain;
	u32 gsi_count;
	struct hw_gsi gsis[];
};

/* Where v runs; a vCPU that has never run is on the CPU that it was given. */
static struct pcpu *cpu_of(const struct vcpu *v)
{
	struct pcpu *cpu = v ? READ_ONCE(v->cpu) : NULL;

	return cpu ? cpu : this_pcpu();
}

/* --- pins --- */

/* Interrupt context. */
static void gsi_fired(struct irq *irq, void *arg)
{
	struct hw_irqs *h = arg;
	struct hw_gsi *g = container_of(irq, struct hw_gsi, irq);
	u32 gsi = irq->gsi;
	bool level;

	spin_lock(&h->lock);
	level = g->level;
	if (level) {
		ioapic_mask(gsi, true);
		g->waiting = true;
	}
	spin_unlock(&h->lock);
	vioapic_set_line(h->domain, gsi, true);
	if (!level) {
		vioapic_set_line(h->domain, gsi, false);
	}
}

static int gsi_route(struct hw_irqs *h, u32 gsi, struct pcpu *cpu, bool level, bool active_low)
{
	struct hw_gsi *g = &h->gsis[gsi];
	int rc;

	if (g->bound && g->irq.cpu == cpu && g->level == level && g->active_low == active_low) {
		return 0;
	}
	if (g->bound) {
		ioapic_mask(gsi, true);
	}
	rc = irq_bind_pin(&g->irq, cpu, gsi_fired, h, "guest");
	if (rc == 0) {
		rc = ioapic_route(&g->irq, gsi, level, active_low);
	}
	if (rc != 0) {
		irq_unbind(&g->irq);
		g->bound = false;
		return rc;
	}
	if (!level) {
		g->waiting = false;
	}
	g->bound = true;
	g->level = level;
	g->active_low = active_low;
	ioapic_mask(gsi, g->waiting);
	return 0;
}

int passthrough_gsi_bind(struct domain *d, u32 gsi, bool level, bool active_low)
{
	struct hw_irqs *h = d->arch->irqs;
	struct pcpu *cpu;
	int rc;

	if (!h || gsi >= h->gsi_count) {
		return -ENODEV;
	}
	if (uart_owns_gsi(gsi)) {
		return -EBUSY;
	}
	cpu = cpu_of(vioapic_target(d, gsi));
	spin_lock(&h->lock);
	rc = gsi_route(h, gsi, cpu, level, active_low);
	spin_unlock(&h->lock);
	return rc;
}

void passthrough_gsi_eoi(struct domain *d, u32 gsi)
{
	struct hw_irqs *h = d->arch->irqs;
	struct hw_gsi *g;

	if (!h || gsi >= h->gsi_count || !READ_ONCE(h->gsis[gsi].bound)) {
		return;
	}
	/* First, since the pin may fire as soon as it is unmasked. */
	vioapic_set_line(d, gsi, false);
	g = &h->gsis[gsi];
	spin_lock(&h->lock);
	if (g->waiting) {
		g->waiting = false;
		ioapic_mask(gsi, false);
	}
	spin_unlock(&h->lock);
}

/* --- messages --- */

/* Guest messages as one word, so that the handler reads all of one or all of the other: vector,
 * delivery mode (Intel SDM vol. 3, 10.11), destination mode and id. */
#define MESSAGE_LOGICAL BIT64(11)
#define MESSAGE_DEST_SHIFT 32

static u64 message_pack(u64 address, u32 data)
{
	return (data & 0x7ff) | (address & 4 ? MESSAGE_LOGICAL : 0) |
	       (address >> 12 & 0xff) << MESSAGE_DEST_SHIFT;
}

/* Interrupt context. */
static void msi_fired(struct irq *irq, void *arg)
{
	const struct passthrough_msi *m = arg;
	u64 message = __atomic_load_n(&m->message, __ATOMIC_RELAXED);

	lapic_deliver(m->domain, (u32)(message >> MESSAGE_DEST_SHIFT),
		(message & MESSAGE_LOGICAL) != 0, (u32)message & 0x700, (u8)message, false);
}

static int msi_route(struct passthrough_msi *m, struct pcpu *cpu)
{
	int rc;

	if (m->bound && m->irq.cpu == cpu) {
		return 0;
	}
	rc = irq_bind(&m->irq, cpu, msi_fired, m, "guest msi");
	if (rc != 0) {
		return rc;
	}
	rc = irq_msi_compose(&m->irq, m->sbdf, &m->host);
	if (rc != 0) {
		irq_unbind(&m->irq);
		m->bound = false;
		return rc;
	}
	m->bound = true;
	return 0;
}

int passthrough_msi_bind(
	struct domain *d, u32 sbdf, struct passthrough_msi *m, u64 address, u32 data)
{
	u64 message = message_pack(address, data);
	struct vcpu *target;

	if (address >> 20 != 0xfee) {
		return -EINVAL; /* no interrupt message: a write to memory */
	}
	m->domain = d;
	m->sbdf = sbdf;
	m->irq.gsi = ~0U;
	m->guest_address = address;
	m->guest_data = data;
	__atomic_store_n(&m->message, message, __ATOMIC_RELAXED);
	target = lapic_target(
		d, (u32)(message >> MESSAGE_DEST_SHIFT), (message & MESSAGE_LOGICAL) != 0);
	return msi_route(m, cpu_of(target));
}

void passthrough_msi_unbind(struct passthrough_msi *m)
{
	if (!m->bound) {
		return;
	}
	irq_msi_release(&m->irq, m->sbdf);
	irq_unbind(&m->irq);
	m->bound = false;
}

/* --- life --- */

static int passthrough_create(struct domain *d, const struct domain_desc *desc)
{
	u32 count = ioapic_gsi_count();
	struct hw_irqs *h;

	if (!d->hardware) {
		return 0;
	}
	h = heap_alloc(&d->pool, sizeof(*h) + count * sizeof(struct hw_gsi));
	if (!h) {
		return -ENOMEM;
	}
	spin_init(&h->lock, RANK_VDEV);
	h->domain = d;
	h->gsi_count = count;
	d->arch->irqs = h;
	return 0;
}

static void passthrough_destroy(struct domain *d)
{
	struct hw_irqs *h = d->arch->irqs;

	if (!h) {
		return;
	}
	for (u32 gsi = 0; gsi < h->gsi_count; gsi++) {
		if (h->gsis[gsi].bound) {
			ioapic_mask(gsi, true);
			irq_unbind(&h->gsis[gsi].irq);
		}
	}
	d->arch->irqs = NULL;
	heap_free(&d->pool, h);
}

const struct unit passthrough_unit = {
	.name = "passthrough",
	.domain_create = passthrough_create,
	.domain_destroy = passthrough_destroy,
};
