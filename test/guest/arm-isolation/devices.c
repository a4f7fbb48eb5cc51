/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers that are emulated: instructions without a syndrome, odd sizes, random ones. */
#include "guest/arm-isolation/attacks.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/gic.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"

#define ACCESSES 5000

/* Refused or done, but the CPU goes on, and the base register is right. */
#define CHECK_SURVIVED(insn)                                                                  \
	do {                                                                                  \
		int class_ = FAULT_CLASS(TRY(insn, [a] "r"(fdt_info.gic_dist + GICD_TYPER))); \
                                                                                              \
		CHECK(class_ == -1 || class_ == EC_DABT, "on a device: %s", insn);            \
	} while (0)

static void attack_instructions(void)
{
	CHECK_SURVIVED("ldp wzr, w10, [%[a]]");
	CHECK_SURVIVED("stp wzr, wzr, [%[a]]");
	CHECK_SURVIVED("ldrh wzr, [%[a]]");
	CHECK_SURVIVED("ldrsb xzr, [%[a]]");
	CHECK_SURVIVED("ldxr wzr, [%[a]]");
	CHECK_SURVIVED("stxr w10, wzr, [%[a]]");
	CHECK_SURVIVED("ldar wzr, [%[a]]");
	CHECK_SURVIVED("stlr wzr, [%[a]]");
	CHECK_SURVIVED("dc civac, %[a]");
	CHECK_SURVIVED("dc zva, %[a]");
	CHECK_SURVIVED("prfm pldl1keep, [%[a]]");
}

/* Write-back has no syndrome either (Arm ARM D17.2.37, ISV). */
static void attack_writeback(void)
{
	u64 start = fdt_info.gic_dist + GICD_TYPER, base = start;
	register u64 fault __asm__("x9") = 0;

	__asm__ volatile("1: ldr wzr, [%1], #4\n2:\n" EXTABLE
			 : "+r"(fault), "+r"(base)
			 :
			 : "memory");
	CHECK_EQ(base, fault == 0 ? start + 4 : start, "on a device: a load with write-back");
}

static void attack_random_registers(u64 base, u64 size, const char *name)
{
	u32 faults = 0;

	for (u32 i = 0; i < ACCESSES; i++) {
		u64 r = attack_random(), address = base + (r & (size - 1) & ~7ULL);
		u64 value = attack_random();

		switch (r >> 60 & 7) {
		case 0:
			faults += TRY("ldr xzr, [%[a]]", [a] "r"(address)) != 0;
			break;
		case 1:
			faults += TRY("str %[v], [%[a]]", [v] "r"(value), [a] "r"(address)) != 0;
			break;
		case 2:
			faults += TRY("strb %w[v], [%[a]]", [v] "r"(value), [a] "r"(address)) != 0;
			break;
		case 3:
			faults += TRY("strh %w[v], [%[a]]", [v] "r"(value), [a] "r"(address)) != 0;
			break;
		case 4:
		case 5:
			faults += TRY("ldr wzr, [%[a]]", [a] "r"(address + 4)) != 0;
			break;
		default:
			faults += TRY("str %w[v], [%[a]]", [v] "r"(value), [a] "r"(address)) != 0;
			break;
		}
	}
	CHECK(faults <= ACCESSES, "%s: random accesses", name);
}

static volatile u32 hits;

static void hit(u32 irq)
{
	hits++;
}

void attack_devices(void)
{
	attack_instructions();
	attack_writeback();
	trap_set_irq(hit);
	attack_random_registers(
		fdt_info.gic_dist, fdt_info.gic_version == 3 ? 0x10000 : 0x1000, "distributor");
	if (fdt_info.gic_version == 3) {
		attack_random_registers(fdt_info.gic_cpu, 0x20000, "redistributor");
	}
	gic_init();
	gic_init_cpu();
	for (u32 i = 0; i < 32; i++) {
		gic_clear_pending(i);
		TRY("str %w[v], [%[a]]", [v] "r"(1U << i),
			[a] "r"(gic_base_of(0) + GICD_ICACTIVER));
	}
	hits = 0;
	gic_enable(7);
	gic_send(7, 0);
	irq_enable();
	delay_us(20000);
	irq_disable();
	CHECK(hits > 0, "the interrupt controller works after it");
	trap_set_irq(NULL);
}
