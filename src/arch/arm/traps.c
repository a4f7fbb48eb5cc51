/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions that hit the hypervisor itself. It never runs with interrupts unmasked and nothing in
 * it may fault: all that comes here ends in panic().
 */
#include "lib/compiler.h"

#include "arch/arm/traps.h"

#include "arch/arm/asm_offsets.h"
#include "arch/arm/cpu.h"
#include "arch/arm/esr.h"
#include "core/log.h"
#include "lib/bits.h"

static_assert(offsetof(struct trap_frame, sp) == TRAP_SP, "vectors.S");
static_assert(offsetof(struct trap_frame, pc) == TRAP_PC, "vectors.S");
static_assert(offsetof(struct trap_frame, esr) == TRAP_ESR, "vectors.S");
static_assert(offsetof(struct trap_frame, kind) == TRAP_KIND, "vectors.S");
static_assert(offsetof(struct trap_frame, record) == TRAP_RECORD, "vectors.S");
static_assert(sizeof(struct trap_frame) == TRAP_SIZE, "vectors.S");

static const char *const kinds[] = { "exception on the wrong stack", "IRQ", "FIQ", "SError",
	"exception", "IRQ", "FIQ", "SError" };
#define KIND_SYNC 4

static const char *class_name(u64 esr)
{
	static const char *const names[ESR_CLASSES] = {
		[ESR_UNKNOWN] = "undefined instruction",
		[ESR_ILLEGAL_STATE] = "illegal execution state",
		[ESR_FP] = "FP register",
		[ESR_SYSREG] = "system register",
		[ESR_HVC64] = "HVC",
		[ESR_FETCH_ABORT_SAME] = "instruction abort",
		[ESR_DATA_ABORT_SAME] = "data abort",
		[0x22] = "pc alignment",
		[0x26] = "stack alignment",
		[0x3c] = "BRK",
	};
	const char *name = names[field_get(ESR_EC, esr)];

	return name ? name : "?";
}

static void print_frame(const struct trap_frame *f)
{
	log_err("CPU %u: %s, ESR %08llx (%s), FAR %016llx", this_pcpu()->id,
		kinds[f->kind % ARRAY_SIZE(kinds)], (unsigned long long)f->esr, class_name(f->esr),
		(unsigned long long)f->far);
	log_err("pc  %016llx sp  %016llx pstate %08llx x30 %016llx", (unsigned long long)f->pc,
		(unsigned long long)f->sp, (unsigned long long)f->pstate,
		(unsigned long long)f->x[30]);
	for (unsigned int i = 0; i < 30; i += 3) {
		log_err("x%-2u %016llx x%-2u %016llx x%-2u %016llx", i, (unsigned long long)f->x[i],
			i + 1, (unsigned long long)f->x[i + 1], i + 2,
			(unsigned long long)f->x[i + 2]);
	}
}

void traps_fatal(const struct trap_frame *f)
{
	print_frame(f);
	if (f->kind == KIND_SYNC && cpu_stack_guard(f->far)) {
		panic("stack overflow in the hypervisor");
	}
	panic("%s in the hypervisor: %s", kinds[f->kind % ARRAY_SIZE(kinds)],
		f->kind == KIND_SYNC ? class_name(f->esr) : "not expected");
}
