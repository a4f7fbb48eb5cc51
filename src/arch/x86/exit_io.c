/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Emulated accesses: ports by their exit, memory by the instruction emulator. Both end at the
 * domain's bus; what nobody claims reads as all ones, and writes to it are dropped.
 */
#include "arch/contract/guest.h"
#include "arch/x86/asm.h"
#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/emul/emul.h"
#include "arch/x86/exit.h"
#include "arch/x86/guest_walk.h"
#include "arch/x86/vcpu.h"
#include "arch/x86/vdev/lapic.h"
#include "arch/x86/vector.h"
#include "core/log.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/guest.h"
#include "vdev/bus.h"

static int access(struct vcpu *v, enum bus_kind kind, struct vdev_access *a)
{
	int rc = bus_access(v, kind, a);

	if (rc == -ENOENT) {
		a->value = ~0ULL;
		rc = 0;
	}
	return rc;
}

/* --- hooks of the emulator --- */

static struct vcpu *emul_vcpu(struct emul *e)
{
	return e->opaque;
}

static enum emul_result translate(struct emul *e, u64 linear, unsigned int flags, gpa_t *gpa)
{
	u32 error;

	flags |= e->cpl == 3 ? WALK_USER : 0;
	if (guest_walk(emul_vcpu(e), linear, flags, gpa, &error)) {
		return emul_raise_pf(e, error, linear);
	}
	return EMUL_OKAY;
}

static enum emul_result hook_fetch(struct emul *e, u64 linear, void *buf, u32 bytes)
{
	gpa_t gpa;
	enum emul_result r = translate(e, linear, WALK_FETCH, &gpa);

	if (r != EMUL_OKAY) {
		return r;
	}
	return guest_read_phys(emul_vcpu(e)->domain, gpa, buf, bytes) ? EMUL_UNHANDLEABLE
								      : EMUL_OKAY;
}

/* Device registers in pieces of at most 8 bytes. */
static enum emul_result mmio(struct vcpu *v, gpa_t gpa, u8 *buf, u32 bytes, bool write)
{
	for (u32 done = 0; done < bytes;) {
		struct vdev_access a = { .addr = gpa.v + done, .write = write };
		int rc;

		a.size = (u8)MIN(bytes - done, 8U);
		while (a.size & (a.size - 1)) {
			a.size &= a.size - 1; /* the largest power of two in it */
		}
		if (write) {
			memcpy(&a.value, buf + done, a.size);
		}
		rc = access(v, BUS_MMIO, &a);
		if (rc) {
			return rc == -ERESTART ? EMUL_RETRY : EMUL_UNHANDLEABLE;
		}
		if (!write) {
			memcpy(buf + done, &a.value, a.size);
		}
		done += a.size;
	}
	return EMUL_OKAY;
}

static enum emul_result access_page(
	struct emul *e, u64 linear, void *buf, u32 bytes, unsigned int walk, bool write)
{
	struct vcpu *v = emul_vcpu(e);
	struct s2_entry entry;
	gpa_t gpa;
	enum emul_result r = translate(e, linear, walk, &gpa);

	if (r != EMUL_OKAY) {
		return r;
	}
	entry = guest_lookup(v->domain, gpa_to_gfn(gpa));
	if (entry.type == S2_NONE || entry.type == S2_MMIO) {
		return mmio(v, gpa, buf, bytes, write);
	}
	if (!write) {
		return guest_read_phys(v->domain, gpa, buf, bytes) ? EMUL_UNHANDLEABLE : EMUL_OKAY;
	}
	if (!(entry.access & S2_W)) {
		return EMUL_OKAY; /* a ROM: the write goes nowhere */
	}
	return guest_write_phys(v->domain, gpa, buf, bytes) ? EMUL_UNHANDLEABLE : EMUL_OKAY;
}

static enum emul_result access_linear(
	struct emul *e, u64 linear, void *buf, u32 bytes, unsigned int walk, bool write)
{
	u32 first = (u32)MIN((u64)bytes, PAGE_SIZE - (linear & ~PAGE_MASK));
	enum emul_result r;

	if (first < bytes) {
		/* Nothing is written to one page before the other is known to be there. */
		gpa_t unused;

		r = translate(e, linear + first, walk, &unused);
		if (r != EMUL_OKAY) {
			return r;
		}
	}
	r = access_page(e, linear, buf, first, walk, write);
	if (r != EMUL_OKAY || first == bytes) {
		return r;
	}
	return access_page(e, linear + first, (u8 *)buf + first, bytes - first, walk, write);
}

static enum emul_result hook_read(struct emul *e, u64 linear, void *buf, u32 bytes, u32 flags)
{
	return access_linear(e, linear, buf, bytes, flags & EMUL_ACC_RMW ? WALK_WRITE : 0, false);
}

static enum emul_result hook_write(
	struct emul *e, u64 linear, const void *buf, u32 bytes, u32 flags)
{
	return access_linear(e, linear, (void *)buf, bytes, WALK_WRITE, true);
}

/* LOCKed accesses to devices are not atomic for anybody who could tell; RAM does not come here but
 * for the second operand of string instructions, which take no LOCK. */
static enum emul_result hook_cmpxchg(
	struct emul *e, u64 linear, void *old, const void *new, u32 bytes)
{
	u8 seen[16];
	enum emul_result r = access_linear(e, linear, seen, bytes, WALK_WRITE, false);

	if (r != EMUL_OKAY) {
		return r;
	}
	if (memcmp(seen, old, bytes) == 0) {
		return access_linear(e, linear, (void *)new, bytes, WALK_WRITE, true);
	}
	memcpy(old, seen, bytes);
	return EMUL_OKAY;
}

static enum emul_result port(struct vcpu *v, u16 number, u32 bytes, u32 *value, bool write)
{
	struct vdev_access a = {
		.addr = number, .size = (u8)bytes, .write = write, .value = *value
	};
	int rc = access(v, BUS_PIO, &a);

	*value = (u32)(a.value & (bytes == 4 ? ~0U : BIT32(8 * bytes) - 1));
	return rc == -ERESTART ? EMUL_RETRY : rc ? EMUL_UNHANDLEABLE : EMUL_OKAY;
}

static enum emul_result hook_read_io(struct emul *e, u16 number, u32 bytes, u32 *value)
{
	*value = 0;
	return port(emul_vcpu(e), number, bytes, value, false);
}

static enum emul_result hook_write_io(struct emul *e, u16 number, u32 bytes, u32 value)
{
	return port(emul_vcpu(e), number, bytes, &value, true);
}

static enum emul_result hook_read_seg(struct emul *e, enum x86_seg_reg seg, struct x86_seg *out)
{
	vendor->get_seg(emul_vcpu(e), seg, out);
	return EMUL_OKAY;
}

static enum emul_result hook_get_vec(struct emul *e, u32 reg, u8 buf[32])
{
	vector_get(reg, buf);
	return EMUL_OKAY;
}

static enum emul_result hook_put_vec(struct emul *e, u32 reg, const u8 buf[32])
{
	vector_put(reg, buf);
	return EMUL_OKAY;
}

static const struct emul_ops ops = {
	.fetch = hook_fetch,
	.read = hook_read,
	.write = hook_write,
	.cmpxchg = hook_cmpxchg,
	.read_io = hook_read_io,
	.write_io = hook_write_io,
	.read_seg = hook_read_seg,
	.get_vec = hook_get_vec,
	.put_vec = hook_put_vec,
};

/* A REP of this many items gives the host's interrupts a chance before it goes on. */
#define REP_MAX 64

static void prepare(struct vcpu *v, struct emul *em)
{
	struct x86_seg cs;

	memset(em, 0, sizeof(*em));
	vendor->get_seg(v, SEG_CS, &cs);
	em->ops = &ops;
	em->opaque = v;
	em->regs = &v->arch->regs;
	em->cr0 = vendor->get_cr(v, 0);
	em->cr4 = vendor->get_cr(v, 4);
	em->xcr0 = v->arch->xcr0;
	em->mode = emul_mode_of(em->cr0, vendor->get_efer(v), v->arch->regs.rflags, cs.attr);
	em->cpl = vendor->get_cpl(v);
	em->intel = cpu_features.intel;
	em->features = EMUL_HAS_ALL;
	em->rep_max = REP_MAX;
}

static enum exit_result report_unhandleable(struct vcpu *v, struct vm_exit *e)
{
	u8 bytes[8] = { 0 };

	vcpu_fetch(v, bytes, sizeof(bytes));
	log_guest("d%uv%u: cannot emulate %02x %02x %02x %02x %02x %02x %02x %02x at %#llx",
		v->domain->id, v->id, bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5],
		bytes[6], bytes[7], (unsigned long long)v->arch->regs.rip);
	return exit_inject(e, X86_EXC_UD);
}

static enum exit_result emulate(struct vcpu *v, struct vm_exit *e)
{
	struct emul em;

	prepare(v, &em);
	switch (emul_run(&em)) {
	case EMUL_OKAY:
		if (!em.rep_again) {
			vendor->clear_shadow(v);
			if (em.single_step) {
				return exit_inject(e, X86_EXC_DB);
			}
		}
		return EXIT_DONE; /* the emulator moved the PC itself */
	case EMUL_EXCEPTION:
		e->inject.vector = em.exc.vector;
		e->inject.has_error = em.exc.has_error;
		e->inject.error = em.exc.error;
		e->inject.cr2 = em.exc.cr2;
		return EXIT_INJECT;
	case EMUL_RETRY:
		return EXIT_RETRY;
	default:
		return report_unhandleable(v, e);
	}
}

/* --- handlers --- */

enum exit_result exit_io(struct vcpu *v, struct vm_exit *e)
{
	u64 *rax = &v->arch->regs.gpr[REG_RAX];
	u32 value = (u32)*rax;

	if (e->io.string) {
		return emulate(v, e);
	}
	if (port(v, e->io.port, e->io.size, &value, !e->io.in) == EMUL_RETRY) {
		return EXIT_RETRY;
	}
	if (e->io.in) {
		/* A 32-bit result clears the upper half, smaller ones leave it
		 * (APM vol. 1, 3.1.2). */
		u64 keep = e->io.size == 4 ? 0 : ~(BIT64(8 * e->io.size) - 1);

		*rax = (*rax & keep) | value;
	}
	return EXIT_SKIP;
}

/* True if the entry as it is now allows the access: somebody changed it, or the TLB was stale. */
static bool now_allowed(const struct s2_entry *entry, u32 flags)
{
	unsigned int need = flags & S2_FAULT_WRITE ? S2_W : flags & S2_FAULT_FETCH ? S2_X : S2_R;

	return entry->type != S2_NONE && (entry->access & need);
}

/* The CPU was pushing an event's frame, or reading its descriptors, where there is no memory. */
static enum exit_result undeliverable(struct vcpu *v, struct vm_exit *e)
{
	bool second = v->arch->event.type == EVENT_EXCEPTION && v->arch->event.vector == X86_EXC_DF;

	if (second) {
		log_guest("d%uv%u: double fault, and its handler cannot be reached: stack or "
			  "descriptors at %#llx, where it has no memory",
			v->domain->id, v->id, (unsigned long long)e->s2.gpa);
		return EXIT_CRASH;
	}
	return exit_inject_error(e, X86_EXC_DF, 0);
}

enum exit_result exit_s2_fault(struct vcpu *v, struct vm_exit *e)
{
	struct s2_entry entry = guest_lookup(v->domain, GFN(e->s2.gpa >> PAGE_SHIFT));
	enum exit_result r;

	if (now_allowed(&entry, e->s2.flags)) {
		vendor->flush(v);
		return EXIT_RETRY;
	}
	if (e->s2.flags & S2_FAULT_WALK) {
		log_guest("d%uv%u: has page tables at %#llx, where it has no memory", v->domain->id,
			v->id, (unsigned long long)e->s2.gpa);
		return EXIT_CRASH;
	}
	if (v->arch->event.valid) {
		return undeliverable(v, e);
	}
	if (e->s2.flags & S2_FAULT_FETCH) {
		/* A bus without a device gives all ones, which are no instruction. */
		return exit_inject(e, X86_EXC_UD);
	}
	lapic_set_tpr(v, vendor->get_tpr(v));
	r = emulate(v, e);
	vendor->set_tpr(v, lapic_tpr(v));
	return r;
}
