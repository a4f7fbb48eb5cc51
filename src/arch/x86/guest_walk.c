/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks a guest's page tables (AMD64 APM vol. 2, chapter 5): none, 32-bit, PAE, 4 and 5 levels.
 * Every entry is read once through a window; tables in anything but the domain's RAM fault.
 */
#include "arch/x86/guest_walk.h"

#include "arch/contract/guest.h"
#include "arch/contract/paging.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/vcpu.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/guest.h"

#define PTE_P BIT64(0)
#define PTE_W BIT64(1)
#define PTE_U BIT64(2)
#define PTE_PS BIT64(7)
#define PTE_NX BIT64(63)
#define PTE_ADDR 0x000ffffffffff000ULL

/* How one paging mode looks: levels, bits of index, bytes of entry. */
struct walk_mode {
	u8 levels, index_bits, entry_size;
	bool pse; /* 32-bit: a level-2 leaf is 4 MiB */
};

static struct walk_mode walk_mode(u64 cr4, u64 efer)
{
	if (!(cr4 & X86_CR4_PAE)) {
		return (struct walk_mode){ 2, 10, 4, cr4 & X86_CR4_PSE };
	}
	if (!(efer & X86_EFER_LMA)) {
		return (struct walk_mode){ 3, 9, 8, true };
	}
	return (struct walk_mode){ cr4 & X86_CR4_LA57 ? 5 : 4, 9, 8, true };
}

static bool read_entry(struct domain *d, u64 gpa, unsigned int size, u64 *out)
{
	const char *page;
	mfn_t mfn;

	/* The reference keeps the frame the guest's while it is read. */
	if (!guest_get_ram(d, GFN(gpa >> PAGE_SHIFT), false, &mfn)) {
		return false;
	}
	page = arch_map_frame(mfn);
	*out = size == 8 ? READ_ONCE(*(const u64 *)(page + (gpa & ~PAGE_MASK)))
			 : READ_ONCE(*(const u32 *)(page + (gpa & ~PAGE_MASK)));
	arch_unmap_frame((void *)page);
	frame_put(mfn);
	return true;
}

static bool is_leaf(const struct walk_mode *m, unsigned int level, u64 entry)
{
	return level == 1 ||
	       ((entry & PTE_PS) && m->pse && (level == 2 || (level == 3 && m->levels >= 4)));
}

/* The rights that the walk gathered, against the access. */
static bool allowed(struct vcpu *v, u64 cr0, u64 cr4, unsigned int flags, u64 rights, bool nx)
{
	bool user_page = rights & PTE_U, user = flags & WALK_USER;

	if (user && !user_page) {
		return false;
	}
	if ((flags & WALK_WRITE) && !(rights & PTE_W) && (user || (cr0 & X86_CR0_WP))) {
		return false;
	}
	if (flags & WALK_FETCH) {
		return !nx && !(user_page && !user && (cr4 & X86_CR4_SMEP));
	}
	if (!user && user_page && (cr4 & X86_CR4_SMAP)) {
		return !(flags & WALK_IMPLICIT) && (v->arch->regs.rflags & X86_EFLAGS_AC);
	}
	return true;
}

static int walk_fault(struct vcpu *v, unsigned int flags, bool present, u32 *error)
{
	bool report_fetch = (vendor->get_efer(v) & X86_EFER_NXE) ||
			    (vendor->get_cr(v, 4) & X86_CR4_SMEP);

	*error = (present ? X86_PF_P : 0) | (flags & WALK_WRITE ? X86_PF_W : 0) |
		 (flags & WALK_USER ? X86_PF_U : 0) |
		 ((flags & WALK_FETCH) && report_fetch ? X86_PF_I : 0);
	return -EFAULT;
}

int guest_walk(struct vcpu *v, u64 linear, unsigned int flags, gpa_t *gpa, u32 *error)
{
	u64 cr0 = vendor->get_cr(v, 0), cr4, efer, table, rights = PTE_W | PTE_U, entry = 0;
	struct walk_mode m;
	unsigned int level, shift = 0;
	bool nx = false;

	if (!(cr0 & X86_CR0_PG)) {
		*gpa = GPA((u32)linear);
		return 0;
	}
	cr4 = vendor->get_cr(v, 4);
	efer = vendor->get_efer(v);
	m = walk_mode(cr4, efer);
	table = vendor->get_cr(v, 3) & (m.levels == 3 ? 0xffffffe0ULL : PTE_ADDR);
	if (m.levels <= 3) {
		linear = (u32)linear;
	}
	for (level = m.levels; level; level--) {
		u64 index;

		shift = PAGE_SHIFT + m.index_bits * (level - 1);
		index = (linear >> shift) & (BIT64(m.index_bits) - 1);
		if (!read_entry(v->domain, table + index * m.entry_size, m.entry_size, &entry) ||
			!(entry & PTE_P)) {
			return walk_fault(v, flags, false, error);
		}
		if (!(m.levels == 3 && level == 3)) { /* PAE pointers have no rights */
			rights &= entry;
			nx = nx || (m.entry_size == 8 && (entry & PTE_NX) && (efer & X86_EFER_NXE));
		}
		if (is_leaf(&m, level, entry)) {
			break;
		}
		table = entry & PTE_ADDR;
	}
	if (level == 0 || !allowed(v, cr0, cr4, flags, rights, nx)) {
		return walk_fault(v, flags, true, error);
	}
	if (m.entry_size == 4 && level == 2) { /* PSE-36: bits 20:13 are address bits 39:32 */
		entry = (entry & 0xffc00000) | (entry & 0x1fe000) << 19;
	}
	*gpa = GPA((entry & PTE_ADDR & ~(BIT64(shift) - 1)) | (linear & (BIT64(shift) - 1)));
	return 0;
}

int arch_guest_translate(struct vcpu *v, u64 linear, bool write, gpa_t *gpa)
{
	u32 error;

	/* Hypercall buffers may lie in user pages: the caller's kernel passes its process's. */
	return guest_walk(v, linear, (write ? WALK_WRITE : 0), gpa, &error);
}

unsigned int vcpu_fetch(struct vcpu *v, u8 *buf, unsigned int n)
{
	struct x86_seg cs;
	u64 linear, page_left;
	gpa_t gpa;
	u32 error;

	vendor->get_seg(v, SEG_CS, &cs);
	linear = v->arch->regs.rip + (cs.attr & X86_SEG_L ? 0 : cs.base);
	if (!(vendor->get_efer(v) & X86_EFER_LMA)) {
		linear = (u32)linear;
	}
	page_left = PAGE_SIZE - (linear & ~PAGE_MASK);
	if (guest_walk(v, linear, WALK_FETCH | (vendor->get_cpl(v) == 3 ? WALK_USER : 0), &gpa,
		    &error) ||
		guest_read_phys(v->domain, gpa, buf, MIN((u64)n, page_left))) {
		return 0;
	}
	if (n <= page_left) {
		return n;
	}
	/* Bytes of the next page may be missing: an instruction that ends before does not care. */
	if (guest_walk(v, linear + page_left,
		    WALK_FETCH | (vendor->get_cpl(v) == 3 ? WALK_USER : 0), &gpa, &error) ||
		guest_read_phys(v->domain, gpa, buf + page_left, n - page_left)) {
		return (unsigned int)page_left;
	}
	return n;
}
