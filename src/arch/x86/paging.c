/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's page tables, shared by all CPUs: W^X throughout, nothing mapped that the
 * hypervisor does not own, except through per-CPU windows.
 *
 *   pml4[256..266] ─▶ heap window, frame table, vmap, windows, image     (layout.h)
 *
 * Table pages come from a reserve in .bss and then from whole 2 MiB chunks, so that they are always
 * reachable: in the image, or in the heap window.
 */
#include "arch/x86/paging.h"

#include "arch/contract/paging.h"
#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/msr.h"
#include "core/locks.h"
#include "core/log.h"
#include "core/pcpu.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"

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
#define PTE_ADDR 0x000ffffffffff000ULL
#define PTE_TABLE (PTE_P | PTE_W | PTE_A)

#define RESERVE_TABLES 96
#define TABLES_LOW 8 /* take another chunk when fewer are left */

typedef u64 table_t[512];

static table_t reserve[RESERVE_TABLES] __aligned(4096) __section(".bss.page_aligned");
static table_t hv_pml4 __aligned(4096) __section(".bss.page_aligned");
static u64 *spare = (u64 *)reserve; /* next unused table page */
static unsigned int spare_count = RESERVE_TABLES;
static bool refilling;
static struct spinlock table_lock = SPINLOCK_INIT(RANK_PAGE_TABLE);

extern char image_start[], text_end[], rodata_end[], image_end[];
extern char boot_stack_guard[];

u64 paging_image_pa(const void *va)
{
	return (u64)va - IMAGE_BASE;
}

static u64 table_pa(const u64 *table)
{
	u64 va = (u64)table;

	return va >= IMAGE_BASE ? va - IMAGE_BASE : va - HEAP_BASE;
}

static u64 *table_va(u64 entry)
{
	u64 pa = entry & PTE_ADDR;

	if (pa >= paging_image_pa(image_start) && pa < paging_image_pa(image_end)) {
		return (u64 *)(pa + IMAGE_BASE);
	}
	return (u64 *)(pa + HEAP_BASE);
}

static u64 *table_alloc(void)
{
	u64 *t = spare;

	if (spare_count == 0) {
		return NULL;
	}
	spare += 512;
	spare_count--;
	memset(t, 0, PAGE_SIZE);
	return t;
}

static u64 prot_bits(enum hv_prot prot)
{
	static const u64 bits[] = {
		[HV_RO] = PTE_NX,
		[HV_RW] = PTE_NX | PTE_W | PTE_D,
		[HV_RX] = 0,
		[HV_DEVICE] = PTE_NX | PTE_W | PTE_D | PTE_PCD | PTE_PWT,
		[HV_WC] = PTE_NX | PTE_W | PTE_D | PTE_PWT, /* PAT entry 1: see paging_cpu_init() */
	};

	return bits[prot] | PTE_P | PTE_A | PTE_G;
}

static unsigned int level_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

/* The entry for va at `level`, with the tables above it made if `make`; NULL: none, or
 * no memory. */
static u64 *walk(u64 va, unsigned int level, bool make)
{
	u64 *table = hv_pml4;

	for (unsigned int l = 4; l > level; l--) {
		u64 *e = &table[(va >> level_shift(l)) & 511];

		if (!(*e & PTE_P)) {
			u64 *t = make ? table_alloc() : NULL;

			if (!t) {
				return NULL;
			}
			*e = table_pa(t) | PTE_TABLE;
		} else if (*e & PTE_PS) {
			return NULL;
		}
		table = table_va(*e);
	}
	return &table[(va >> level_shift(level)) & 511];
}

static bool map_one(u64 va, u64 pa, unsigned int level, enum hv_prot prot)
{
	u64 *e = walk(va, level, true);

	if (!e) {
		return false;
	}
	ASSERT(!(*e & PTE_P));
	WRITE_ONCE(*e, pa | prot_bits(prot) | (level > 1 ? PTE_PS : 0));
	return true;
}

/*
 * Before the lock is taken, since frame_alloc() may come back here to map a slice of the frame
 * table: then, and while another CPU is at it, the tables that are left must do.
 */
static void refill(void)
{
	mfn_t chunk;
	u64 pa;

	if (READ_ONCE(spare_count) >= TABLES_LOW ||
		__atomic_exchange_n(&refilling, true, __ATOMIC_ACQUIRE)) {
		return;
	}
	chunk = frame_alloc(ORDER_2M, FRAME_BELOW_4T, FRAME_HEAP, 0);
	if (!mfn_eq(chunk, MFN_INVALID)) {
		pa = mfn_to_hpa(chunk).v;
		spin_lock(&table_lock);
		if (map_one(HEAP_BASE + pa, pa, 2, HV_RW)) {
			spare = (u64 *)(HEAP_BASE + pa); /* the few left in the old one are lost */
			spare_count = 512;
			chunk = MFN_INVALID;
		}
		spin_unlock(&table_lock);
		if (!mfn_eq(chunk, MFN_INVALID)) {
			frame_free(chunk, 512);
		}
	}
	__atomic_store_n(&refilling, false, __ATOMIC_RELEASE);
}

static unsigned int best_level(u64 va, u64 pa, u64 size)
{
	unsigned int max = cpu_features.page1gb ? 3 : 2;

	for (unsigned int level = max; level > 1; level--) {
		u64 page = 1ULL << level_shift(level);

		if (IS_ALIGNED(va | pa, page) && size >= page) {
			return level;
		}
	}
	return 1;
}

int arch_hv_map(u64 va, hpa_t pa, u64 size, enum hv_prot prot)
{
	bool ok = true;
	u64 done = 0;

	refill();
	spin_lock(&table_lock);
	while (ok && done < size) {
		unsigned int level = best_level(va + done, pa.v + done, size - done);

		ok = map_one(va + done, pa.v + done, level, prot);
		done += ok ? 1ULL << level_shift(level) : 0;
	}
	spin_unlock(&table_lock);
	if (!ok) {
		arch_hv_unmap(va, done);
	}
	return ok ? 0 : -ENOMEM;
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

void arch_hv_unmap(u64 va, u64 size)
{
	spin_lock(&table_lock);
	for (u64 done = 0; done < size;) {
		unsigned int level = 3;
		u64 *e = NULL;

		while (level >= 1) {
			e = walk(va + done, level, false);
			if (e && (level == 1 || (*e & PTE_PS))) {
				break;
			}
			level--;
		}
		if (level == 0) {
			done += PAGE_SIZE;
			continue;
		}
		WRITE_ONCE(*e, 0);
		done += 1ULL << level_shift(level);
	}
	spin_unlock(&table_lock);
	paging_flush_all();
}

/* --- windows --- */

/* One page-table page serves 32 CPUs: its entries are written by their own CPU alone. */
static u64 *window_pte(unsigned int cpu, unsigned int slot)
{
	return walk(WINDOW_BASE + (cpu * ARCH_WINDOWS + slot) * PAGE_SIZE, 1, true);
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
	for (const char *va = from; va < to; va += PAGE_SIZE) {
		if (va == boot_stack_guard) {
			continue;
		}
		if (!map_one((u64)va, paging_image_pa(va), 1, prot)) {
			boot_fail("image larger than its page tables");
		}
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
	map_image(image_start, text_end, HV_RX);
	map_image(text_end, rodata_end, HV_RO);
	map_image(rodata_end, image_end, HV_RW);
	/* All top-level entries exist from now on: the trampoline copies them once. */
	for (u64 va = HEAP_BASE; va <= IMAGE_BASE; va += 1ULL << 39) {
		if (!walk(va, 3, true)) {
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
