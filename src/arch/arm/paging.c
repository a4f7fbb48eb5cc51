/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's page tables at EL2, shared by all CPUs: W^X throughout, which SCTLR_EL2.WXN
 * enforces once more; nothing mapped that the hypervisor does not own, except through per-CPU
 * windows. The tables themselves are mm/hvpt.c's.
 *
 *   root ─▶ heap window, frame table, vmap, windows, image, device tree     (layout.h)
 *       └─▶ the first page of the image at its physical address: CPUs turn their MMU on there
 *
 * The Arm ARM's break-before-make rule (DDI 0487, D8.14) holds by construction: an entry is empty,
 * and flushed, before it is something else.
 */
#include "arch/arm/paging.h"

#include "arch/arm/cpu.h"
#include "arch/arm/paging_bits.h"
#include "arch/arm/sysreg.h"
#include "arch/contract/paging.h"
#include "core/log.h"
#include "lib/bug.h"
#include "mm/hvpt.h"

const u64 arch_heap_base = HEAP_BASE;
const u64 arch_heap_limit = HEAP_LIMIT;
const u64 arch_frame_base = FRAME_BASE;
const u64 arch_vmap_base = VMAP_BASE;
const u64 arch_vmap_size = VMAP_SIZE;

#define PTE_LEAF (PTE_AP1 | PTE_AF | PTE_INNER)

static const struct hvpt_fmt format = {
	.present = PTE_VALID,
	.table = PTE_TABLE,
	.leaf_mask = PTE_TABLE ^ PTE_BLOCK,
	.leaf = 0,
	.page = PTE_PAGE,
	.block = PTE_BLOCK,
	.prot = {
		[HV_RO] = PTE_LEAF | PTE_NORMAL | PTE_READ_ONLY | PTE_XN,
		[HV_RW] = PTE_LEAF | PTE_NORMAL | PTE_XN,
		[HV_RX] = PTE_LEAF | PTE_NORMAL | PTE_READ_ONLY,
		[HV_DEVICE] = PTE_LEAF | PTE_DEVICE | PTE_XN,
		[HV_WC] = PTE_LEAF | PTE_UNCACHED | PTE_XN,
	},
};

#define RESERVE_TABLES 48

typedef u64 table_t[512];

static table_t reserve[RESERVE_TABLES] __aligned(4096) __section(".bss.page_aligned");
extern table_t paging_root; /* head.S */
table_t paging_root __aligned(4096) __section(".bss.page_aligned");

extern char image_start[], text_end[], rodata_end[], image_end[];
extern char boot_stack_guard[], head_switch_low[];
void head_switch_tables(u64 root, u64 low);

/* New entries are seen by every walk from here on; none of them was ever cached as empty. */
static void entries_added(void)
{
	dsb(ishst);
	isb();
}

/* A range of more pages than this: rather all of EL2's entries. */
#define FLUSH_PAGES_MAX 64

static void flush_range(u64 va, u64 size)
{
	dsb(ishst);
	if (size > FLUSH_PAGES_MAX * PAGE_SIZE) {
		__asm__ volatile("tlbi alle2is" : : : "memory");
	} else {
		for (u64 at = va; at < va + size; at += PAGE_SIZE) {
			__asm__ volatile("tlbi vae2is, %0" : : "r"(at >> PAGE_SHIFT) : "memory");
		}
	}
	dsb(ish);
	isb();
}

static struct hvpt tables = {
	.fmt = &format,
	.leaf_max = 3,
	.root = paging_root,
	.image_va = IMAGE_BASE,
	.added = entries_added,
	.flush = flush_range,
	.spare = (u64 *)reserve,
	.spare_count = RESERVE_TABLES,
	.lock = SPINLOCK_INIT(RANK_PAGE_TABLE),
};

u64 paging_image_pa(const void *va)
{
	return (u64)va - IMAGE_BASE + tables.image_pa;
}

int arch_hv_map(u64 va, hpa_t pa, u64 size, enum hv_prot prot)
{
	return hvpt_map(&tables, va, pa, size, prot);
}

void arch_hv_unmap(u64 va, u64 size)
{
	hvpt_unmap(&tables, va, size);
}

/* --- windows --- */

void paging_windows_init(struct pcpu *p)
{
	u64 va = WINDOW_BASE + (u64)p->id * ARCH_WINDOWS * PAGE_SIZE;

	static_assert(512 % ARCH_WINDOWS == 0, "the windows of a CPU are in one table");
	p->arch->window_ptes = hvpt_walk(&tables, va, 1, true);
	p->arch->window_va = va;
	entries_added();
	if (!p->arch->window_ptes) {
		boot_fail("no memory for the windows of CPU %u", p->id);
	}
}

void *arch_map_frame(mfn_t mfn)
{
	struct arch_pcpu *a = this_arch_pcpu();
	unsigned int slot = a->window_depth++;

	BUG_ON(slot >= ARCH_WINDOWS);
	WRITE_ONCE(a->window_ptes[slot], mfn_to_hpa(mfn).v | format.page | format.prot[HV_RW]);
	dsb(nshst);
	isb();
	return (void *)(a->window_va + slot * PAGE_SIZE);
}

/*
 * The entry goes away here and not at the next use, so that a guest's page is mapped, and can be
 * read by accident or speculation, no longer than somebody works on it. Other CPUs never use these
 * addresses: no broadcast.
 */
void arch_unmap_frame(void *va)
{
	struct arch_pcpu *a = this_arch_pcpu();
	unsigned int slot = --a->window_depth;

	ASSERT((u64)va >> PAGE_SHIFT == (a->window_va >> PAGE_SHIFT) + slot);
	WRITE_ONCE(a->window_ptes[slot], 0);
	dsb(nshst);
	__asm__ volatile("tlbi vae2, %0" : : "r"((u64)va >> PAGE_SHIFT) : "memory");
	dsb(nsh);
	isb();
}

/* --- boot --- */

static void map_image(const char *from, const char *to, enum hv_prot prot)
{
	if (from < to && arch_hv_map((u64)from, HPA(paging_image_pa(from)), to - from, prot)) {
		boot_fail("image larger than its page tables");
	}
}

void paging_init(u64 load)
{
	tables.image_pa = load;
	tables.image_size = (u64)(image_end - image_start);
	if (load >= HEAP_BASE) {
		boot_fail("the image lies at %#llx: above %#llx no CPU can be started",
			(unsigned long long)load, (unsigned long long)HEAP_BASE);
	}
	map_image(image_start, text_end, HV_RX);
	map_image(text_end, rodata_end, HV_RO);
	map_image(rodata_end, boot_stack_guard, HV_RW);
	map_image(boot_stack_guard + PAGE_SIZE, image_end, HV_RW);
	if (arch_hv_map(load, HPA(load), PAGE_SIZE, HV_RX)) {
		boot_fail("image larger than its page tables");
	}
	head_switch_tables(paging_image_pa(paging_root), paging_image_pa(head_switch_low));
}

#define FIXED_SLOT MiB(2)

void *paging_map_fixed(enum paging_fixed slot, hpa_t pa, u64 size, bool device)
{
	static u64 mapped[PAGING_FIXED_COUNT];
	u64 va = FDT_BASE + slot * FIXED_SLOT;
	u64 offset = pa.v & ~PAGE_MASK, room = slot == PAGING_FDT ? 2 * FIXED_SLOT : FIXED_SLOT;

	arch_hv_unmap(va, mapped[slot]);
	mapped[slot] = 0;
	if (size == 0 || size > room - offset || pa.v > BIT64(48) - size) {
		return NULL;
	}
	size = ALIGN_UP(offset + size, PAGE_SIZE);
	if (arch_hv_map(va, HPA(pa.v - offset), size, device ? HV_DEVICE : HV_RO)) {
		return NULL;
	}
	mapped[slot] = size;
	return (void *)(va + offset);
}
