/* SPDX-License-Identifier: GPL-2.0-only */
/* The decision what an exception means: expected, handled, or the end. */
#include "guest/lib-arm64/trap.h"

#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/gic.h"
#include "guest/lib/check.h"
#include "guest/lib/print.h"
#include "guest/lib/start.h"

enum { VECTOR_SYNC = 4, VECTOR_IRQ = 5, VECTOR_SERROR = 7 };

/* Offsets from the entry's own place: the guest may be anywhere. */
struct extable_entry {
	s64 from, to;
};

struct trap_cpu {
	u64 esr, far;
	bool calling; /* fault_of_call() */
};

extern const struct extable_entry trap_extable_start[], trap_extable_end[];
extern const u8 trap_vectors[];

void trap_handle(struct trap_frame *f, u64 vector);

static struct trap_cpu trap_cpus[CPU_MAX];
static trap_irq_fn *trap_irq;
static trap_serror_fn *trap_serror;

static void trap_unexpected(const struct trap_frame *f, u64 vector)
{
	static bool again;

	if (__atomic_exchange_n(&again, true, __ATOMIC_SEQ_CST)) {
		start_crash();
	}
	print("FAIL unexpected exception %u on CPU %u: esr %#llx, far %#llx\n", (u32)vector,
		cpu_index(), (unsigned long long)read_sysreg(esr_el1),
		(unsigned long long)read_sysreg(far_el1));
	print("  pc %#llx lr %#llx pstate %#llx\n", (unsigned long long)f->pc,
		(unsigned long long)f->x[30], (unsigned long long)f->pstate);
	check_abort();
	start_finish();
}

static bool trap_fixup(struct trap_frame *f, u64 esr)
{
	struct trap_cpu *c = &trap_cpus[cpu_index()];

	c->esr = esr;
	c->far = read_sysreg(far_el1);
	for (const struct extable_entry *e = trap_extable_start; e < trap_extable_end; e++) {
		u64 from = (u64)e + (u64)e->from;

		/* A refused HVC may be reported at the instruction or, as Xen does, behind it. */
		if (from == f->pc || (from + 4 == f->pc && esr >> 26 == EC_UNKNOWN)) {
			f->pc = (u64)e + (u64)e->to;
			f->x[9] = FAULT(esr >> 26);
			return true;
		}
	}
	if (c->calling) {
		f->pc = f->x[30];
		f->x[9] = FAULT(esr >> 26);
		c->calling = false;
		return true;
	}
	return false;
}

static void trap_take_irq(void)
{
	u32 irq = gic_acknowledge();

	if ((irq & 0x3ff) >= GIC_SPURIOUS) {
		return;
	}
	if (trap_irq != NULL) {
		trap_irq(irq);
	}
	gic_end(irq);
}

void trap_handle(struct trap_frame *f, u64 vector)
{
	switch (vector) {
	case VECTOR_SYNC:
		if (trap_fixup(f, read_sysreg(esr_el1))) {
			return;
		}
		break;
	case VECTOR_IRQ:
		trap_take_irq();
		return;
	case VECTOR_SERROR:
		if (trap_serror != NULL && trap_serror(read_sysreg(esr_el1))) {
			return;
		}
		break;
	}
	trap_unexpected(f, vector);
}

u64 trap_last_esr(void)
{
	return trap_cpus[cpu_index()].esr;
}

u64 trap_last_far(void)
{
	return trap_cpus[cpu_index()].far;
}

u32 fault_of_call(u64 address)
{
	register u64 fault __asm__("x9") = 0;
	struct trap_cpu *c = &trap_cpus[cpu_index()];

	c->calling = true;
	__asm__ volatile("blr %1"
			 : "+r"(fault)
			 : "r"(address)
			 : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x10", "x11",
			 "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x30", "memory", "cc");
	c->calling = false;
	return (u32)fault;
}

void trap_set_irq(trap_irq_fn *fn)
{
	__atomic_store_n(&trap_irq, fn, __ATOMIC_SEQ_CST);
}

void trap_set_serror(trap_serror_fn *fn)
{
	__atomic_store_n(&trap_serror, fn, __ATOMIC_SEQ_CST);
}

void trap_init_cpu(void)
{
	write_sysreg(vbar_el1, (u64)trap_vectors);
	__asm__ volatile("msr daifclr, #4" : : : "memory"); /* SErrors come as they happen */
}
