/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers and priorities of the guest's local APIC (Intel SDM vol. 3, chapter 10; AMD64 APM vol.
 * 2, chapter 16), and its xAPIC registers in memory. The registers lie at 0xfee00000 for good: a
 * guest that wants to move them gets #GP (lapic_msr.c).
 */
#include "arch/x86/vdev/lapic.h"

#include "arch/contract/cpu.h"
#include "arch/x86/vdev/ioapic.h"
#include "arch/x86/vdev/lapic_internal.h"
#include "comm/evtchn.h"
#include "core/log.h"
#include "lib/bits.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "vdev/bus.h"

#define LVT_DELIVERY 0x700
#define LVT_VECTOR 0xff

/* --- vectors --- */

static u32 vector_bit(u8 vector)
{
	return BIT32(vector % 32);
}

/* Highest vector of a set of 256, 0: none. */
static u8 highest_vector(const u32 *words)
{
	for (int i = 7; i >= 0; i--) {
		u32 word = READ_ONCE(words[i]);

		if (word != 0) {
			return (u8)(32 * i + fls64(word) - 1);
		}
	}
	return 0;
}

/* As highest_vector(), from the summary. */
static u8 highest_request(const struct lapic *l)
{
	u32 words = __atomic_load_n(&l->irr_words, __ATOMIC_ACQUIRE);

	while (words != 0) {
		unsigned int i = fls64(words) - 1;
		u32 word = READ_ONCE(l->irr[i]);

		if (word != 0) {
			return (u8)(32 * i + fls64(word) - 1);
		}
		words &= ~BIT32(i);
	}
	return 0;
}

static void lapic_update_ppr(struct lapic *l)
{
	u8 served = highest_vector(l->isr) & 0xf0;

	WRITE_ONCE(l->ppr, (l->tpr & 0xf0) >= served ? l->tpr : served);
}

/* The priority fell, or something that could not be taken now may be: the next entry looks. */
static void lapic_look_again(struct lapic *l)
{
	if (READ_ONCE(l->irr_words) != 0) {
		vcpu_set_pending(l->vcpu, VCPU_PENDING_EVENT);
	}
}

void lapic_request(struct vcpu *v, u8 vector, bool level)
{
	struct lapic *l = lapic_of(v);
	unsigned int i = vector / 32;

	if (!lapic_soft_enabled(l)) {
		return;
	}
	if (vector < 16) {
		lapic_error(l, LAPIC_ESR_RECEIVE_VECTOR);
		return;
	}
	if (level) {
		__atomic_fetch_or(&l->tmr[i], vector_bit(vector), __ATOMIC_RELAXED);
	} else {
		__atomic_fetch_and(&l->tmr[i], ~vector_bit(vector), __ATOMIC_RELAXED);
	}
	__atomic_fetch_or(&l->irr[i], vector_bit(vector), __ATOMIC_RELEASE);
	__atomic_fetch_or(&l->irr_words, BIT32(i), __ATOMIC_SEQ_CST);
	vcpu_set_pending(v, VCPU_PENDING_EVENT);
}

u8 lapic_pending(struct vcpu *v)
{
	const struct lapic *l = lapic_of(v);
	u8 vector;

	if (READ_ONCE(l->irr_words) == 0) {
		return 0;
	}
	vector = highest_request(l);
	return (vector & 0xf0) > (l->ppr & 0xf0) && lapic_enabled(l) ? vector : 0;
}

bool lapic_hardware_enabled(const struct vcpu *v)
{
	return lapic_enabled(lapic_of(v));
}

u8 lapic_held_back(struct vcpu *v)
{
	const struct lapic *l = lapic_of(v);
	u8 vector;

	if (READ_ONCE(l->irr_words) == 0) {
		return 0;
	}
	vector = highest_request(l);
	if ((vector & 0xf0) <= (highest_vector(l->isr) & 0xf0) || !lapic_enabled(l)) {
		return 0;
	}
	return (vector & 0xf0) <= (l->tpr & 0xf0) ? vector : 0;
}

bool lapic_has_event(struct vcpu *v)
{
	const struct lapic *l = lapic_of(v);
	u32 reset = READ_ONCE(l->reset);

	return (highest_request(l) & 0xf0) > (READ_ONCE(l->ppr) & 0xf0) ||
	       READ_ONCE(v->arch->nmi_pending) ||
	       (reset & (LAPIC_RESET_BIT_INIT | LAPIC_RESET_BIT_STARTUP)) != 0;
}

/* Clears the summary bit first and looks second; lapic_request() sets irr first. So the bit may be
 * set for an empty word, but is never clear for one that is not. */
static void lapic_clear_request(struct lapic *l, u8 vector)
{
	unsigned int i = vector / 32;

	if (__atomic_and_fetch(&l->irr[i], ~vector_bit(vector), __ATOMIC_SEQ_CST) != 0) {
		return;
	}
	__atomic_fetch_and(&l->irr_words, ~BIT32(i), __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&l->irr[i], __ATOMIC_SEQ_CST) != 0) {
		__atomic_fetch_or(&l->irr_words, BIT32(i), __ATOMIC_SEQ_CST);
	}
}

void lapic_accept(struct vcpu *v, u8 vector)
{
	struct lapic *l = lapic_of(v);

	lapic_clear_request(l, vector);
	l->isr[vector / 32] |= vector_bit(vector);
	lapic_update_ppr(l);
}

static void lapic_eoi(struct lapic *l)
{
	u8 vector = highest_vector(l->isr);

	if (vector == 0) {
		return; /* nothing in service: ignored */
	}
	l->isr[vector / 32] &= ~vector_bit(vector);
	lapic_update_ppr(l);
	if (READ_ONCE(l->tmr[vector / 32]) & vector_bit(vector)) {
		vioapic_eoi(l->vcpu->domain, vector);
	}
	lapic_look_again(l);
}

/* The hardware's copy has the class only: the low half that the guest wrote stays. */
void lapic_set_tpr(struct vcpu *v, u8 tpr)
{
	struct lapic *l = lapic_of(v);
	u8 old = l->tpr;

	if (old >> 4 == tpr >> 4) {
		return;
	}
	l->tpr = tpr;
	lapic_update_ppr(l);
	if (tpr < old) {
		lapic_look_again(l);
	}
}

u8 lapic_tpr(struct vcpu *v)
{
	return lapic_of(v)->tpr;
}

/* --- errors and the local vector table --- */

void lapic_lvt_fire(struct lapic *l, enum lapic_lvt which)
{
	u32 lvt = READ_ONCE(l->lvt[which]);

	if (lvt & APIC_LVT_MASKED) {
		return;
	}
	if (which == LVT_ERROR && (lvt & LVT_VECTOR) < 16) {
		return; /* would be an error again */
	}
	lapic_request(l->vcpu, (u8)(lvt & LVT_VECTOR), false);
}

void lapic_error(struct lapic *l, u32 bits)
{
	if ((__atomic_fetch_or(&l->errors, bits, __ATOMIC_SEQ_CST) & bits) != bits) {
		lapic_lvt_fire(l, LVT_ERROR);
	}
}

/* What a guest can write into each entry; bit 12 (delivery status) reads 0. */
static const struct {
	u32 reg, writable;
} lvt_regs[LVT_COUNT] = {
	[LVT_TIMER] = { APIC_LVT_TIMER,
		LVT_VECTOR | APIC_LVT_MASKED | APIC_LVT_PERIODIC | APIC_LVT_TSC_DEADLINE },
	[LVT_THERMAL] = { APIC_LVT_THERMAL, LVT_VECTOR | LVT_DELIVERY | APIC_LVT_MASKED },
	[LVT_PERF] = { APIC_LVT_PERF, LVT_VECTOR | LVT_DELIVERY | APIC_LVT_MASKED },
	[LVT_LINT0] = { APIC_LVT_LINT0, LVT_VECTOR | LVT_DELIVERY | 0xa000 | APIC_LVT_MASKED },
	[LVT_LINT1] = { APIC_LVT_LINT1, LVT_VECTOR | LVT_DELIVERY | 0xa000 | APIC_LVT_MASKED },
	[LVT_ERROR] = { APIC_LVT_ERROR, LVT_VECTOR | APIC_LVT_MASKED },
};

static int lvt_of(u32 reg)
{
	for (int i = 0; i < LVT_COUNT; i++) {
		if (lvt_regs[i].reg == reg) {
			return i;
		}
	}
	return -1;
}

static void lapic_write_lvt(struct lapic *l, enum lapic_lvt which, u32 value)
{
	value &= lvt_regs[which].writable;
	if (!(l->svr & LAPIC_SVR_ENABLE)) {
		value |= APIC_LVT_MASKED; /* Intel SDM vol. 3, 10.4.7.2 */
	}
	if (which == LVT_TIMER) {
		lapic_timer_write_lvt(l, value);
	} else {
		WRITE_ONCE(l->lvt[which], value);
	}
}

static void lapic_write_svr(struct lapic *l, u32 value)
{
	WRITE_ONCE(l->svr, value & (LVT_VECTOR | LAPIC_SVR_ENABLE | LAPIC_SVR_FOCUS));
	if (value & LAPIC_SVR_ENABLE) {
		/* An upcall that came while it was off is still owed: nothing else announces it
		 * again. */
		if (evtchn_upcall_pending(l->vcpu)) {
			arch_vcpu_event(l->vcpu);
		}
		return;
	}
	for (unsigned int i = 0; i < LVT_COUNT; i++) {
		lapic_write_lvt(l, i, l->lvt[i]);
	}
}

/* --- registers --- */

u32 lapic_x2apic_ldr(u32 id)
{
	return (id >> 4) << 16 | BIT32(id & 15);
}

/* One of the three times eight words of 256 bits. */
static bool lapic_read_set(const struct lapic *l, u32 reg, u32 *value)
{
	const u32 *set = reg < APIC_TMR ? l->isr : reg < APIC_IRR ? l->tmr : l->irr;

	if (reg < APIC_ISR || reg >= APIC_ESR) {
		return false;
	}
	*value = READ_ONCE(set[(reg & 0x70) >> 4]);
	return true;
}

u32 lapic_read(struct lapic *l, u32 reg)
{
	u32 value;
	int lvt = lvt_of(reg);

	if (lvt >= 0) {
		return l->lvt[lvt];
	}
	if (lapic_read_set(l, reg, &value)) {
		return value;
	}
	switch (reg) {
	case APIC_ID:
		return lapic_x2apic(l) ? l->id : l->id << 24;
	case APIC_VERSION:
		return LAPIC_VERSION_VALUE;
	case APIC_TPR:
		return l->tpr;
	case APIC_PPR:
		return l->ppr;
	case APIC_LDR:
		return l->ldr;
	case APIC_DFR:
		return l->dfr;
	case APIC_SVR:
		return l->svr;
	case APIC_ESR:
		return l->esr;
	case APIC_ICR:
		return l->icr_low;
	case APIC_ICR_HIGH:
		return l->icr_high;
	case APIC_TIMER_INIT:
		return l->timer_initial;
	case APIC_TIMER_COUNT:
		return lapic_timer_read_count(l);
	case APIC_TIMER_DIV:
		return l->timer_divide;
	default:
		return 0;
	}
}

static void lapic_write_tpr(struct lapic *l, u32 value)
{
	u8 old = l->tpr;

	l->tpr = (u8)value;
	lapic_update_ppr(l);
	if (l->tpr < old) {
		lapic_look_again(l);
	}
}

static void lapic_write_esr(struct lapic *l)
{
	l->esr = __atomic_exchange_n(&l->errors, 0, __ATOMIC_SEQ_CST);
}

void lapic_write(struct lapic *l, u32 reg, u32 value)
{
	int lvt = lvt_of(reg);

	if (lvt >= 0) {
		lapic_write_lvt(l, lvt, value);
		return;
	}
	switch (reg) {
	case APIC_TPR:
		lapic_write_tpr(l, value);
		break;
	case APIC_EOI:
		lapic_eoi(l);
		break;
	case APIC_LDR:
		WRITE_ONCE(l->ldr, value & 0xff000000);
		break;
	case APIC_DFR:
		WRITE_ONCE(l->dfr, value | 0x0fffffff);
		break;
	case APIC_SVR:
		lapic_write_svr(l, value);
		break;
	case APIC_ESR:
		lapic_write_esr(l);
		break;
	case APIC_ICR:
		l->icr_low = value & ~APIC_ICR_BUSY;
		lapic_ipi_send(l, l->icr_high >> 24, l->icr_low);
		break;
	case APIC_ICR_HIGH:
		l->icr_high = value & 0xff000000;
		break;
	case APIC_TIMER_INIT:
		lapic_timer_write_initial(l, value);
		break;
	case APIC_TIMER_DIV:
		lapic_timer_write_divide(l, value & 0xb);
		break;
	default:
		break; /* read-only or reserved: ignored */
	}
}

/* --- registers in memory --- */

/* Registers are 4 bytes at multiples of 16. Narrower reads get their part of them; other writes
 * than of a whole register are dropped, which the manuals leave undefined. */
static int lapic_mmio(struct vcpu *v, const struct vdev_region *r, struct vdev_access *a)
{
	struct lapic *l = lapic_of(v);
	u32 reg = (u32)a->offset & ~15U, within = (u32)a->offset & 15;
	bool visible = lapic_enabled(l) && !lapic_x2apic(l);

	if (a->write) {
		if (visible && within == 0 && a->size >= 4) {
			lapic_write(l, reg, (u32)a->value);
		}
		return 0;
	}
	if (!visible) {
		a->value = ~0ULL;
	} else {
		a->value = within < 4 ? lapic_read(l, reg) >> (8 * within) : 0;
	}
	a->value &= ~0ULL >> (64 - 8 * a->size);
	return 0;
}

/* --- life --- */

void lapic_clear(struct lapic *l)
{
	lapic_timer_stop(l);
	for (unsigned int i = 0; i < 8; i++) {
		__atomic_store_n(&l->irr[i], 0, __ATOMIC_SEQ_CST);
		__atomic_store_n(&l->tmr[i], 0, __ATOMIC_SEQ_CST);
		l->isr[i] = 0;
	}
	__atomic_store_n(&l->irr_words, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&l->errors, 0, __ATOMIC_SEQ_CST);
	for (unsigned int i = 0; i < LVT_COUNT; i++) {
		WRITE_ONCE(l->lvt[i], APIC_LVT_MASKED);
	}
	l->esr = l->icr_low = l->icr_high = 0;
	l->timer_initial = l->timer_divide = 0;
	l->tpr = 0;
	WRITE_ONCE(l->svr, 0xff);
	WRITE_ONCE(l->dfr, 0xffffffff);
	WRITE_ONCE(l->ldr, lapic_x2apic(l) ? lapic_x2apic_ldr(l->id) : 0);
	lapic_update_ppr(l);
}

void lapic_reset(struct vcpu *v)
{
	lapic_clear(lapic_of(v));
}

static int lapic_vcpu_create(struct vcpu *v)
{
	struct lapic *l = heap_new(&v->domain->pool, struct lapic);

	if (!l) {
		return -ENOMEM;
	}
	l->vcpu = v;
	l->id = 2 * v->id;
	l->base = LAPIC_BASE_DEFAULT | APIC_BASE_ENABLE | (v->id == 0 ? APIC_BASE_BSP : 0);
	l->reset = v->id == 0 ? 0 : LAPIC_RESET_BIT_WAIT;
	lapic_timer_create(l);
	v->arch->lapic = l;
	lapic_clear(l);
	return 0;
}

static void lapic_vcpu_destroy(struct vcpu *v)
{
	struct lapic *l = lapic_of(v);

	if (l) {
		lapic_timer_destroy(l);
		v->arch->lapic = NULL;
		heap_free(&v->domain->pool, l);
	}
}

static int lapic_domain_create(struct domain *d, const struct domain_desc *desc)
{
	struct vdev_region r = { .start = LAPIC_BASE_DEFAULT,
		.size = PAGE_SIZE,
		.access = lapic_mmio,
		.name = "lapic" };

	return bus_add(d, BUS_MMIO, &r);
}

static void lapic_domain_destroy(struct domain *d)
{
	bus_remove(d, BUS_MMIO, LAPIC_BASE_DEFAULT);
}

static void lapic_dump_set(const char *name, const u32 *set)
{
	log_dump("    %s %08x %08x %08x %08x %08x %08x %08x %08x", name, set[7], set[6], set[5],
		set[4], set[3], set[2], set[1], set[0]);
}

void lapic_dump(struct vcpu *v)
{
	const struct lapic *l = lapic_of(v);

	log_dump("  d%uv%u lapic: id %u base %#llx tpr %#x ppr %#x svr %#x ldr %#x dfr %#x esr %#x "
		 "reset %#x",
		v->domain->id, v->id, l->id, (unsigned long long)l->base, l->tpr, l->ppr, l->svr,
		l->ldr, l->dfr, l->errors, l->reset);
	log_dump("    lvt timer %#x lint0 %#x lint1 %#x error %#x; timer %u / %#x expires %llu",
		l->lvt[LVT_TIMER], l->lvt[LVT_LINT0], l->lvt[LVT_LINT1], l->lvt[LVT_ERROR],
		l->timer_initial, l->timer_divide, (unsigned long long)l->timer_expires_ns);
	lapic_dump_set("irr", l->irr);
	lapic_dump_set("isr", l->isr);
	lapic_dump_set("tmr", l->tmr);
}

const struct unit lapic_unit = {
	.name = "lapic",
	.domain_create = lapic_domain_create,
	.domain_destroy = lapic_domain_destroy,
	.vcpu_create = lapic_vcpu_create,
	.vcpu_destroy = lapic_vcpu_destroy,
};
