/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The entrance of hypercalls, and what their handlers share. A handler decodes (copies the guest's
 * input once, whatever its width, into a struct of its own), checks that copy, and commits by
 * calling a service that knows no guest pointers.
 */
#ifndef ABI_HYPERCALL_H
#define ABI_HYPERCALL_H

#include "lib/compiler.h"
#include "mm/guest.h"

struct domain;
struct vcpu;

struct hypercall {
	struct vcpu *v;
	u64 args[6]; /* 32-bit callers: zero-extended */
	bool compat; /* a 32-bit caller: its structures are laid out for i386 */

	/* of the dispatcher and its handlers; zero at entry */
	bool block; /* the vCPU gives up the CPU after the call */
	bool in_multicall;
	u64 deadline_ns; /* when the call should give way; see abi_preempt() */
};

enum hypercall_outcome {
	HC_DONE,  /* *ret is the result (low 32 bits for compat), the PC advances */
	HC_RETRY, /* args[] go back to their registers, the same instruction is executed again after
		     pending work and interrupts have had their turn */
	HC_BLOCK, /* as HC_DONE, and then to the scheduler: the hold word says whether it runs on */
};

/* Executes call number nr for v, the current vCPU, which is in the guest's kernel mode. Fills in
 * call->v; args and compat are the caller's. No lock held. */
enum hypercall_outcome abi_hypercall(
	struct vcpu *v, unsigned int nr, struct hypercall *call, s64 *ret);

/* "vcpu_op", or NULL for a number that no table line has. */
const char *abi_hypercall_name(unsigned int nr);

/* --- for handlers --- */

/* The result, or -errno; -ERESTART: again, with args[] changed to say what is left. */
typedef s64 hypercall_fn(struct hypercall *call);

hypercall_fn abi_platform_op, abi_memory_op, abi_multicall, abi_set_timer_op, abi_xen_version,
	abi_console_io, abi_grant_table_op, abi_vm_assist, abi_vcpu_op, abi_sched_op,
	abi_event_channel_op, abi_physdev_op, abi_hvm_op, abi_sysctl, abi_domctl, abi_xenpmu_op;

/* One call without the outcome's other parts; for the dispatcher and multicall. */
s64 abi_dispatch(unsigned int nr, struct hypercall *call);

/* True when a call that has made progress should stop with -ERESTART: other work waits for this
 * CPU, or it has taken its share of time. */
bool abi_preempt(struct hypercall *call);

/* The domain that a domid names: DOMID_SELF, the caller, or another. -ESRCH: nobody. Give it back
 * with abi_put(). */
int abi_find(struct hypercall *call, u16 domid, struct domain **out);
/* As above; others than the caller itself for privileged callers alone: -EPERM. */
int abi_find_target(struct hypercall *call, u16 domid, struct domain **out);
void abi_put(struct hypercall *call, struct domain *d);

/* The guest's buffers. -EFAULT. */
static inline int abi_read(struct hypercall *call, u64 addr, void *buf, size_t size)
{
	return guest_read(call->v, addr, buf, size);
}

static inline int abi_write(struct hypercall *call, u64 addr, const void *buf, size_t size)
{
	return guest_write(call->v, addr, buf, size);
}

/* The address of entry i in a table at `base`: no wrap-around for 32-bit callers is possible, since
 * 2^32 entries of a page each stay below 2^64; for others a wrapped address faults or not as the
 * guest's page tables say. */
static inline u64 abi_entry(u64 base, u64 i, size_t size)
{
	return base + i * size;
}

/* Frame numbers and addresses are 4 or 8 bytes wide. */
static inline size_t abi_word_size(const struct hypercall *call)
{
	return call->compat ? sizeof(u32) : sizeof(u64);
}

int abi_read_word(struct hypercall *call, u64 addr, u64 *out);
int abi_write_word(struct hypercall *call, u64 addr, u64 value);

#endif
