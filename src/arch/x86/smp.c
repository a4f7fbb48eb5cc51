/* SPDX-License-Identifier: GPL-2.0-only */
/* Application processors: INIT, start-up, trampoline, and the way into the CPU's loop. */
#include "arch/x86/smp.h"

#include "arch/x86/apic.h"
#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "core/log.h"
#include "core/time.h"
#include "core/unit.h"
#include "drv/acpi/acpi.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/vmap.h"

struct trampoline_args {
	u64 cr3, rsp, pcpu, entry;
};

extern char trampoline_start[], trampoline_end[];
extern char trampoline_gdt_base[], trampoline_jump32[], trampoline_jump64[], trampoline_args[];

static u64 tables[3][512] __aligned(4096) __section(".bss.page_aligned");
static hpa_t trampoline_page;

void smp_set_trampoline(hpa_t page)
{
	trampoline_page = page;
}

static __noreturn void ap_loop(void)
{
	struct pcpu *p = this_pcpu();

	if (units_cpu_up(p)) {
		panic("CPU %u cannot start", p->id);
	}
	__atomic_store_n(&p->online, true, __ATOMIC_RELEASE);
	pcpu_loop();
}

void x86_ap_start(struct pcpu *p) __noreturn;
void x86_ap_start(struct pcpu *p)
{
	paging_cpu_init();
	cpu_init_tables(p);
	apic_cpu_init();
	ap_loop();
}

static void patch32(char *page, const char *field, u32 add)
{
	u32 *at = (u32 *)(page + (field - trampoline_start));

	*at += add;
}

static struct trampoline_args *trampoline_install(char *page)
{
	memcpy(page, trampoline_start, trampoline_end - trampoline_start);
	patch32(page, trampoline_gdt_base, (u32)trampoline_page.v);
	patch32(page, trampoline_jump32, (u32)trampoline_page.v);
	patch32(page, trampoline_jump64, (u32)trampoline_page.v);
	paging_trampoline(tables[0], tables[1], tables[2]);
	return (struct trampoline_args *)(page + (trampoline_args - trampoline_start));
}

static struct pcpu *pcpu_new(const struct acpi_cpu *c)
{
	struct pcpu *p = heap_new(&pool_system, struct pcpu);
	struct arch_pcpu *a = heap_new(&pool_system, struct arch_pcpu);

	if (!p || !a) {
		boot_fail("no memory for CPU %u", pcpu_count);
	}
	p->self = p;
	p->id = pcpu_count;
	p->arch = a;
	a->apic_id = c->apic_id;
	a->acpi_uid = c->uid;
	timer_queue_init(&p->timers);
	if (cpu_alloc_stacks(p)) {
		boot_fail("no memory for the stacks of CPU %u", pcpu_count);
	}
	paging_windows_init(p);
	return p;
}

/* Intel SDM vol. 3, 9.4.4.1: INIT, 10 ms, two start-ups 200 us apart. */
static bool start(struct pcpu *p)
{
	u32 id = p->arch->apic_id;
	u64 deadline;

	apic_send(id, APIC_DM_INIT | APIC_ICR_ASSERT | APIC_ICR_LEVEL);
	arch_delay_us(10000);
	apic_send(id, APIC_DM_INIT | APIC_ICR_LEVEL);
	for (unsigned int i = 0; i < 2 && !__atomic_load_n(&p->online, __ATOMIC_ACQUIRE); i++) {
		apic_send(id, APIC_DM_STARTUP | (u32)(trampoline_page.v >> PAGE_SHIFT));
		arch_delay_us(200);
	}
	deadline = arch_now_ns() + 5 * NS_PER_S;
	while (!__atomic_load_n(&p->online, __ATOMIC_ACQUIRE)) {
		if (arch_now_ns() > deadline) {
			return false;
		}
		cpu_pause();
	}
	return true;
}

void smp_boot_cpus(void)
{
	char *page = vmap(trampoline_page, PAGE_SIZE, HV_RW);
	struct trampoline_args *args;

	if (!page) {
		boot_fail("no memory to map the trampoline");
	}
	args = trampoline_install(page);
	for (unsigned int i = 0; i < acpi_host.cpu_count && pcpu_count < pcpu_limit(); i++) {
		const struct acpi_cpu *c = &acpi_host.cpus[i];
		struct pcpu *p;

		if (!c->enabled) {
			continue;
		}
		if (c->apic_id == this_arch_pcpu()->apic_id) {
			this_arch_pcpu()->acpi_uid = c->uid;
			continue;
		}
		if (c->apic_id > 0xfe && !apic_is_x2apic()) {
			log_warn("CPU with APIC id %u needs x2APIC: not started", c->apic_id);
			continue;
		}
		p = pcpu_new(c);
		*args = (struct trampoline_args){ paging_image_pa(tables[0]),
			(u64)p->arch->stack_top, (u64)p, (u64)x86_ap_start };
		pcpus[p->id] = p;
		pcpu_count++;
		if (!start(p)) {
			/* It may still come up later and must find its structures: they stay. */
			pcpus[p->id] = NULL;
			pcpu_count--;
			log_warn("CPU with APIC id %u does not start: left out", c->apic_id);
		}
	}
	memset(page, 0, PAGE_SIZE);
	vunmap(page);
	log_info("%u CPU%s", pcpu_count, pcpu_count == 1 ? "" : "s");
}
