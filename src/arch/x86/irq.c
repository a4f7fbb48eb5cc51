/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vectors: each CPU has its own table, so that vectors are plenty. Dispatch takes no lock; binding
 * does, and an entry is published last and withdrawn first.
 */
#include "arch/x86/irq.h"

#include "arch/x86/apic.h"
#include "arch/x86/cpu.h"
#include "core/log.h"
#include "lib/errno.h"

static struct spinlock vector_lock = SPINLOCK_INIT(RANK_IRQ);
static u64 spurious_count;
static bool pin_vectors[256]; /* under the lock */

static void dispatch_system(u8 vector)
{
	switch (vector) {
	case VECTOR_TIMER:
		__atomic_fetch_or(&this_pcpu()->work, BIT32(PCPU_WORK_TIMER), __ATOMIC_RELAXED);
		break;
	case VECTOR_KICK:
		break; /* its only purpose is to have interrupted */
	case VECTOR_SPURIOUS:
		spurious_count++;
		return; /* no EOI (AMD64 APM vol. 2, 16.4.7) */
	default:
		log_warn("CPU %u: unexpected interrupt vector %#x", this_pcpu()->id, vector);
		break;
	}
	apic_eoi();
}

void irq_dispatch(u8 vector)
{
	struct irq *irq = __atomic_load_n(&this_arch_pcpu()->vectors[vector], __ATOMIC_ACQUIRE);

	if (!irq) {
		dispatch_system(vector);
		return;
	}
	irq->count++;
	irq->handler(irq, irq->arg);
	apic_eoi();
}

/* Messages take vectors from the bottom; pins from the top, and no two pins of the machine the
 * same. */
static int find_vector(const struct arch_pcpu *a, bool pin)
{
	for (int i = 0; i <= VECTOR_DEVICE_LAST - VECTOR_DEVICE_FIRST; i++) {
		int v = pin ? VECTOR_DEVICE_LAST - i : VECTOR_DEVICE_FIRST + i;

		if (!a->vectors[v] && !(pin && pin_vectors[v])) {
			return v;
		}
	}
	return -ENOSPC;
}

static void withdraw(struct irq *irq)
{
	if (irq->cpu) {
		__atomic_store_n(&irq->cpu->arch->vectors[irq->vector], NULL, __ATOMIC_RELEASE);
		pin_vectors[irq->vector] = pin_vectors[irq->vector] && !irq->pin;
		irq->cpu = NULL;
	}
}

static int bind(struct irq *irq, struct pcpu *cpu, irq_handler *handler, void *arg,
	const char *name, bool pin)
{
	int vector;

	spin_lock(&vector_lock);
	vector = irq->cpu == cpu ? irq->vector : find_vector(cpu->arch, pin);
	if (vector >= 0) {
		withdraw(irq);
		irq->pin = pin;
		pin_vectors[vector] = pin_vectors[vector] || pin;
		irq->handler = handler;
		irq->arg = arg;
		irq->name = name;
		irq->vector = (u8)vector;
		irq->cpu = cpu;
		__atomic_store_n(&cpu->arch->vectors[vector], irq, __ATOMIC_RELEASE);
	}
	spin_unlock(&vector_lock);
	return vector < 0 ? vector : 0;
}

int irq_bind(struct irq *irq, struct pcpu *cpu, irq_handler *handler, void *arg, const char *name)
{
	return bind(irq, cpu, handler, arg, name, false);
}

int irq_bind_pin(
	struct irq *irq, struct pcpu *cpu, irq_handler *handler, void *arg, const char *name)
{
	return bind(irq, cpu, handler, arg, name, true);
}

void irq_unbind(struct irq *irq)
{
	spin_lock(&vector_lock);
	withdraw(irq);
	spin_unlock(&vector_lock);
}
