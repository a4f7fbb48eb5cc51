/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dispatch of hypercalls by the table in abi/hypercalls.h, and multicall, which dispatches a list
 * of them. It knows nothing of what a call does.
 */
#include "abi/hypercall.h"
#include "arch/contract/abi.h"
#include "core/domain.h"
#include "core/pcpu.h"
#include "core/time.h"
#include "lib/errno.h"
#include "lib/xen_public.h"

/* How long a call runs before it gives way. */
#define ABI_SLICE_NS (50 * NS_PER_US)

enum hypercall_permission { PERM_any, PERM_priv, PERM_x86 };

struct hypercall_entry {
	const char *name;
	hypercall_fn *handler; /* NULL: -ENOSYS */
	u8 arg_count;
	u8 permission; /* enum hypercall_permission */
};

#define none NULL
#define HARDWARE(fn) (IS_ENABLED(CONFIG_HARDWARE_DOMAIN) ? (fn) : NULL)
#define X86(fn) (IS_ENABLED(CONFIG_X86) ? (fn) : NULL)
#define HYPERCALL(nr, call, args, fn, perm) \
	[nr] = { .name = #call, .handler = fn, .arg_count = args, .permission = PERM_##perm },
static const struct hypercall_entry abi_table[] = {
#include "abi/hypercalls.h"
};
#undef HYPERCALL
#undef X86
#undef HARDWARE
#undef none

#define HYPERCALL(nr, call, args, fn, perm) \
	static_assert(__HYPERVISOR_##call == (nr), "number of " #call);
/* Two have no name in xen/xen.h by now, or another one. */
#define __HYPERVISOR_tmem_op 38
#define __HYPERVISOR_mca __HYPERVISOR_arch_0
#include "abi/hypercalls.h"
#undef HYPERCALL

const char *abi_hypercall_name(unsigned int nr)
{
	return nr < ARRAY_SIZE(abi_table) ? abi_table[nr].name : NULL;
}

s64 abi_dispatch(unsigned int nr, struct hypercall *call)
{
	const struct hypercall_entry *e;

	if (nr >= ARRAY_SIZE(abi_table) || !abi_table[nr].name) {
		return -ENOSYS;
	}
	e = &abi_table[nr];
	if (e->permission == PERM_priv && !call->v->domain->privileged) {
		return -EPERM;
	}
	if (e->permission == PERM_x86 && arch_abi_family != ABI_X86) {
		return -ENOSYS;
	}
	return e->handler ? e->handler(call) : -ENOSYS;
}

enum hypercall_outcome abi_hypercall(
	struct vcpu *v, unsigned int nr, struct hypercall *call, s64 *ret)
{
	call->v = v;
	call->block = false;
	call->in_multicall = false;
	call->deadline_ns = 0;
	*ret = abi_dispatch(nr, call);
	if (*ret == -ERESTART) {
		return HC_RETRY;
	}
	return call->block ? HC_BLOCK : HC_DONE;
}

bool abi_preempt(struct hypercall *call)
{
	u64 now = arch_now_ns();

	if (call->deadline_ns == 0) {
		call->deadline_ns = now + ABI_SLICE_NS;
	}
	return READ_ONCE(this_pcpu()->work) != 0 || now >= call->deadline_ns;
}

int abi_find(struct hypercall *call, u16 domid, struct domain **out)
{
	struct domain *self = call->v->domain;

	*out = domid == DOMID_SELF || domid == self->id ? self : domain_get(domid);
	return *out ? 0 : -ESRCH;
}

int abi_find_target(struct hypercall *call, u16 domid, struct domain **out)
{
	int rc = abi_find(call, domid, out);

	if (rc == 0 && *out != call->v->domain && !call->v->domain->privileged) {
		abi_put(call, *out);
		return -EPERM;
	}
	return rc;
}

void abi_put(struct hypercall *call, struct domain *d)
{
	if (d != call->v->domain) {
		domain_put(d);
	}
}

int abi_read_word(struct hypercall *call, u64 addr, u64 *out)
{
	*out = 0; /* little-endian: a short word fills the low half */
	return abi_read(call, addr, out, abi_word_size(call));
}

int abi_write_word(struct hypercall *call, u64 addr, u64 value)
{
	return abi_write(call, addr, &value, abi_word_size(call));
}

/* --- multicall --- */

/* struct multicall_entry: op, result, args[6], each one word of the caller. */
#define MULTICALL_WORDS 8
static_assert(sizeof(struct multicall_entry) == MULTICALL_WORDS * sizeof(u64), "multicall_entry");

static int abi_multicall_read(struct hypercall *call, u64 addr, u64 *words)
{
	u32 narrow[MULTICALL_WORDS];
	int rc;

	if (!call->compat) {
		return abi_read(call, addr, words, MULTICALL_WORDS * sizeof(u64));
	}
	rc = abi_read(call, addr, narrow, sizeof(narrow));
	for (unsigned int i = 0; i < MULTICALL_WORDS; i++) {
		words[i] = narrow[i];
	}
	return rc;
}

/* A call in the list that is not finished leaves what remains of it in the list. */
static int abi_multicall_write_args(struct hypercall *call, u64 addr, const u64 *args)
{
	int rc = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(call->args) && rc == 0; i++) {
		rc = abi_write_word(call, abi_entry(addr, 2 + i, abi_word_size(call)), args[i]);
	}
	return rc;
}

/* The entry at addr. 0, -EFAULT, or -ERESTART. */
static int abi_multicall_one(struct hypercall *call, u64 addr)
{
	struct hypercall sub = {
		.v = call->v,
		.compat = call->compat,
		.in_multicall = true,
		.deadline_ns = call->deadline_ns,
	};
	u64 words[MULTICALL_WORDS];
	s64 result;

	if (abi_multicall_read(call, addr, words) != 0) {
		return -EFAULT;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(sub.args); i++) {
		sub.args[i] = words[2 + i];
	}
	result = abi_dispatch((unsigned int)words[0], &sub);
	call->block |= sub.block;
	call->deadline_ns = sub.deadline_ns;
	if (result == -ERESTART) {
		return abi_multicall_write_args(call, addr, sub.args) ?: -ERESTART;
	}
	return abi_write_word(call, addr + abi_word_size(call), (u64)result);
}

s64 abi_multicall(struct hypercall *call)
{
	size_t size = MULTICALL_WORDS * abi_word_size(call);
	bool first = true;

	if (call->in_multicall) {
		return -EINVAL;
	}
	while ((u32)call->args[1] > 0) {
		int rc;

		if (!first && (call->block || abi_preempt(call))) {
			return -ERESTART;
		}
		rc = abi_multicall_one(call, call->args[0]);
		if (rc != 0) {
			return rc;
		}
		first = false;
		call->args[0] += size;
		call->args[1] = (u32)call->args[1] - 1;
	}
	return 0;
}
