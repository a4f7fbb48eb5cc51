/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's page tables, shared by all CPUs: W^X throughout, nothing mapped that the
 * hypervisor does not own, except through per-CPU windows.
 *
 *   pml4[256..266] ─▶ heap window, frame table, vmap, windows, image     (layout.h)
 *
 * The tables themselves are mm/hvpt.c's; here is what an entry looks like, and what TLBs need.
 */
#include "arch/x86/paging.h"

#include "arch/contract/paging.h"
#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/msr.h"
#include "core/log.h"
#include "core/pcpu.h"
#include "lib/bug.h"
#include "lib/string.h"
#include "mm/hvpt.h"

const u64 arch_heap_base = HEAP_BASE;
const u64 arch_heap_limit = HEAP_LIMIT;
const u64 arch_frame_base = FRAME_BASE;
const u64 arch_vmap_base = VMAP_BASE;
const u64 arch_vmap_size = VMAP_SIZE;

/* AMD64 APM vol. 2, 5.3 and 5.4. */
#define PTE_P BIT64(0)
#define PTE_W BIT64(1)
#define PTE_PWT BIT64(3)
#define PTE_PCD BIT64(4)
#define PTE_A BIT64(5)
#define PTE_D BIT64(6)
#define PTE_PS BIT64(7)
#define PTE_G BIT64(8)
#define PTE_NX BIT64(63)
#define PTE_TABLE (PTE_P | PTE_W | PTE_A)
#define PTE_LEAF (PTE_P | PTE_A | PTE_G)

static const struct hvpt_fmt format = {
	.present = PTE_P,
	.table = PTE_TABLE,
	.leaf_mask = PTE_PS,
	.leaf = PTE_PS,
	.block = PTE_PS,
	.prot = {
		[HV_RO] = PTE_LEAF | PTE_NX,
		[HV_RW] = PTE_LEAF | PTE_NX | PTE_W | PTE_D,
		[HV_RX] = PTE_LEAF,
		[HV_DEVICE] = PTE_LEAF | PTE_NX | PTE_W | PTE_D | PTE_PCD | PTE_PWT,
		/* PAT entry 1: see paging_cpu_init(). */
		[HV_WC] = PTE_LEAF | PTE_NX | PTE_W | PTE_D | PTE_PWT,
	},
};

#define RESERVE_TABLES 96

typedef u64 table_t[512];

static table_t reserve[RESERVE_TABLES] __aligned(4096) __section(".bss.page_aligned");
static table_t hv_pml4 __aligned(4096) __section(".bss.page_aligned");

extern char image_start[], text_end[], rodata_end[], image_end[];
extern char boot_stack_guard[];

static void flush_range(u64 va, u64 size)
{
	paging_flush_all();
}

static struct hvpt tables = {
	.fmt = &format,
	.leaf_max = 2, /* until paging_init() */
	.root = hv_pml4,
	.image_va = IMAGE_BASE + IMAGE_LOAD,
	.image_pa = IMAGE_LOAD,
	.flush = flush_range,
	.spare = (u64 *)reserve,
	.spare_count = RESERVE_TABLES,
	.lock = SPINLOCK_INIT(RANK_PAGE_TABLE),
};

u64 paging_image_pa(const void *va)
{
	return (u64)va - IMAGE_BASE;
}

int arch_hv_map(u64 va, hpa_t pa, u64 size, enum hv_prot prot)
{
	return hvpt_map(&tables, va, pa, size, prot);
}

void arch_hv_unmap(u64 va, u64 size)
{
	hvpt_unmap(&tables, va, size);
}

static void flush_local(void *unused)
{
	u64 cr4 = read_cr4();

	/* Toggling PGE drops global entries too (APM vol. 2, 5.5.2). */
	write_cr4(cr4 & ~X86_CR4_PGE);
	write_cr4(cr4);
}

/*
 * Other CPUs find a mark on their next way out of guest mode or idle. One that spins for a lock
 * that we hold would never answer, so nobody waits: vmap.c reuses a range as late as it can.
 */
void paging_flush_all(void)
{
	flush_local(NULL);
	for (unsigned int i = 0; i < pcpu_count; i++) {
		struct pcpu *p = pcpus[i];

		if (p && p != this_pcpu() && p->online) {
			__atomic_store_n(&p->arch->tlb_stale, true, __ATOMIC_RELEASE);
		}
	}
}

void paging_flush_if_stale(void)
{
	struct arch_pcpu *a = this_arch_pcpu();

	if (unlikely(__atomic_load_n(&a->tlb_stale, __ATOMIC_RELAXED)) &&
		__atomic_exchange_n(&a->tlb_stale, false, __ATOMIC_ACQUIRE)) {
		flush_local(NULL);
	}
}

/* --- windows --- */

/* One page-table page serves 32 CPUs: its entries are written by their own CPU alone. */
static u64 *window_pte(unsigned int cpu, unsigned int slot)
{
	return hvpt_walk(&tables, WINDOW_BASE + (cpu * ARCH_WINDOWS + slot) * PAGE_SIZE, 1, true);
}

void paging_windows_init(struct pcpu *p)
{
	p->arch->window_ptes = window_pte(p->id, 0);
	p->arch->window_va = WINDOW_BASE + p->id * ARCH_WINDOWS * PAGE_SIZE;
	if (!p->arch->window_ptes) {
		boot_fail("no memory for the windows of CPU %u", p->id);
	}
}

void *arch_map_frame(mfn_t mfn)
{
	struct arch_pcpu *a = this_arch_pcpu();
	unsigned int slot = a->window_depth++;
	void *va = (void *)(a->window_va + slot * PAGE_SIZE);

	BUG_ON(slot >= ARCH_WINDOWS);
	a->window_ptes[slot] = mfn_to_hpa(mfn).v | PTE_P | PTE_W | PTE_A | PTE_D | PTE_NX;
	invlpg(va);
	return va;
}

/*
 * The entry goes away here and not at the next use, so that a guest's page is mapped, and can be
 * read by accident or speculation, no longer than somebody works on it.
 */
void arch_unmap_frame(void *va)
{
	struct arch_pcpu *a = this_arch_pcpu();
	unsigned int slot = --a->window_depth;

	ASSERT((u64)va >> PAGE_SHIFT == (a->window_va >> PAGE_SHIFT) + slot);
	a->window_ptes[slot] = 0;
	invlpg(va);
}

/* --- boot --- */

static void map_image(const char *from, const char *to, enum hv_prot prot)
{
	if (from < to &&
		hvpt_map(&tables, (u64)from, HPA(paging_image_pa(from)), to - from, prot)) {
		boot_fail("image larger than its page tables");
	}
}

u64 paging_cr3(void)
{
	return paging_image_pa(hv_pml4);
}

/* PAT: entry 1 becomes write-combining, the rest as after reset (APM vol. 2, 7.8.2). */
#define HOST_PAT 0x0007040600070106ULL

void paging_cpu_init(void)
{
	u64 cr4 = read_cr4() | X86_CR4_PGE;

	cr4 |= cpu_features.smep ? X86_CR4_SMEP : 0;
	cr4 |= cpu_features.smap ? X86_CR4_SMAP : 0;
	cr4 |= cpu_features.umip ? X86_CR4_UMIP : 0;
	cr4 |= cpu_features.xsave ? X86_CR4_OSXSAVE : 0;
	cr4 |= cpu_features.fsgsbase ? X86_CR4_FSGSBASE : 0;
	cr4 |= X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT | X86_CR4_MCE | X86_CR4_DE;
	wrmsr(MSR_PAT, HOST_PAT);
	write_cr0((read_cr0() & ~(X86_CR0_CD | X86_CR0_NW | X86_CR0_EM | X86_CR0_TS)) | X86_CR0_WP |
		  X86_CR0_NE | X86_CR0_MP);
	write_cr4(cr4);
	write_cr3(paging_cr3());
}

void paging_init(void)
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | X86_EFER_NXE);
	tables.leaf_max = cpu_features.page1gb ? 3 : 2;
	tables.image_size = (u64)(image_end - image_start);
	map_image(image_start, text_end, HV_RX);
	map_image(text_end, rodata_end, HV_RO);
	map_image(rodata_end, boot_stack_guard, HV_RW);
	map_image(boot_stack_guard + PAGE_SIZE, image_end, HV_RW);
	/* All top-level entries exist from now on: the trampoline copies them once. */
	for (u64 va = HEAP_BASE; va <= IMAGE_BASE; va += 1ULL << 39) {
		if (!hvpt_walk(&tables, va, 3, true)) {
			boot_fail("too few page tables in the reserve");
		}
	}
	paging_cpu_init();
}

void paging_trampoline(u64 *pml4, u64 *pdpt, u64 *pd)
{
	memcpy(pml4, hv_pml4, PAGE_SIZE);
	memset(pdpt, 0, PAGE_SIZE);
	memset(pd, 0, PAGE_SIZE);
	pml4[0] = paging_image_pa(pdpt) | PTE_TABLE;
	pdpt[0] = paging_image_pa(pd) | PTE_TABLE;
	pd[0] = PTE_P | PTE_W | PTE_PS;
}
