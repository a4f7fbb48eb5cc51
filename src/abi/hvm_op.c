/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvm_op (xen/hvm/hvm_op.h): parameters, upcall vectors and a few questions. Which parameter may be
 * read or written by whom stands in one table.
 */
#include "abi/hvm_op.h"
#include "abi/hypercall.h"
#include "arch/contract/abi.h"
#include "comm/evtchn.h"
#include "core/domain.h"
#include "core/time.h"
#include "lib/errno.h"
#include "lib/xen_public.h"
#include "mm/heap.h"

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

/* What the public headers name for x86 alone. */
#define HVM_OP_PARAM_VIRIDIAN 9
#define HVM_OP_UPCALL_VECTOR 23
struct hvm_upcall_vector { /* struct xen_hvm_evtchn_upcall_vector */
	u32 vcpu;
	u8 vector;
};
static_assert(sizeof(struct hvm_upcall_vector) == 8, "both widths");

#define VECTOR_MIN 0x10 /* lower ones are exceptions or invalid for a local APIC */

/* struct xen_hvm_get_mem_type ends in padding that is not copied by 32-bit callers either way. */
static_assert(sizeof(struct xen_hvm_param) == 16, "both widths");

struct hvm_params {
	u64 values[HVM_NR_PARAMS]; /* each one atomic */
};

u64 hvm_op_param(struct domain *d, u32 index)
{
	return READ_ONCE(d->params->values[index]);
}

void hvm_op_preset(struct domain *d, u32 index, u64 value)
{
	WRITE_ONCE(d->params->values[index], value);
}

/* --- parameters --- */

enum {
	PARAM_GET = 1,	   /* the domain itself may read it */
	PARAM_SET = 2,	   /* and write it */
	PARAM_ONCE = 4,	   /* once it is not 0 it does not change any more */
	PARAM_GONE = 8,	   /* was something in older interfaces */
	PARAM_OTHERS = 16, /* what others may do is not done here yet: -EOPNOTSUPP */
	PARAM_HERE = 32,   /* it exists */
};

static const u8 param_rules[HVM_NR_PARAMS] = {
	[HVM_PARAM_CALLBACK_IRQ] = PARAM_GET | PARAM_SET,
	[HVM_PARAM_VM86_TSS] = PARAM_GET | PARAM_SET,
	[HVM_PARAM_VM86_TSS_SIZED] = PARAM_GET | PARAM_SET,
	[HVM_PARAM_ACPI_IOPORTS_LOCATION] = PARAM_GET | PARAM_SET,
	[HVM_PARAM_VM_GENERATION_ID_ADDR] = PARAM_GET | PARAM_SET,
	[HVM_PARAM_STORE_EVTCHN] = PARAM_GET | PARAM_SET,
	[HVM_PARAM_CONSOLE_EVTCHN] = PARAM_GET | PARAM_SET,
	[HVM_PARAM_X87_FIP_WIDTH] = PARAM_GET | PARAM_SET,
	[HVM_PARAM_STORE_PFN] = PARAM_GET,
	[HVM_PARAM_CONSOLE_PFN] = PARAM_GET,
	[HVM_PARAM_ALTP2M] = PARAM_GET | PARAM_ONCE,
	[HVM_OP_PARAM_VIRIDIAN] = PARAM_ONCE,
	[HVM_PARAM_IOREQ_PFN] = PARAM_ONCE,
	[HVM_PARAM_BUFIOREQ_PFN] = PARAM_ONCE,
	[HVM_PARAM_IOREQ_SERVER_PFN] = PARAM_ONCE,
	[HVM_PARAM_NR_IOREQ_SERVER_PAGES] = PARAM_ONCE,
	[HVM_PARAM_MCA_CAP] = PARAM_ONCE,
	[HVM_PARAM_PAE_ENABLED] = PARAM_GONE,
	[HVM_PARAM_DM_DOMAIN] = PARAM_GONE,
	[HVM_PARAM_MEMORY_EVENT_CR0] = PARAM_GONE,
	[HVM_PARAM_MEMORY_EVENT_CR3] = PARAM_GONE,
	[HVM_PARAM_MEMORY_EVENT_CR4] = PARAM_GONE,
	[HVM_PARAM_MEMORY_EVENT_INT3] = PARAM_GONE,
	[HVM_PARAM_NESTEDHVM] = PARAM_GONE,
	[HVM_PARAM_MEMORY_EVENT_SINGLE_STEP] = PARAM_GONE,
	[HVM_PARAM_BUFIOREQ_EVTCHN] = PARAM_GONE,
	[HVM_PARAM_MEMORY_EVENT_MSR] = PARAM_GONE,
	[HVM_PARAM_ACPI_S_STATE] = PARAM_OTHERS,
};

/* On Arm there are no others. */
static const u8 param_rules_arm[HVM_NR_PARAMS] = {
	[HVM_PARAM_CALLBACK_IRQ] = PARAM_GET | PARAM_HERE,
	[HVM_PARAM_STORE_PFN] = PARAM_GET | PARAM_HERE,
	[HVM_PARAM_STORE_EVTCHN] = PARAM_GET | PARAM_HERE,
	[HVM_PARAM_CONSOLE_PFN] = PARAM_GET | PARAM_HERE,
	[HVM_PARAM_CONSOLE_EVTCHN] = PARAM_GET | PARAM_HERE,
	[HVM_PARAM_MONITOR_RING_PFN] = PARAM_HERE,
};

static u8 hvm_op_rules(u32 index)
{
	if (arch_abi_family == ABI_ARM) {
		return param_rules_arm[index] ?: PARAM_GONE;
	}
	return param_rules[index];
}

static int hvm_op_allow(struct hypercall *call, struct domain *d, u32 index, u8 right)
{
	u8 rules = hvm_op_rules(index);

	if (rules & PARAM_GONE) {
		return -EINVAL;
	}
	if (d == call->v->domain && (rules & right) == 0) {
		return -EPERM;
	}
	return rules & PARAM_OTHERS ? -EOPNOTSUPP : 0;
}

/* Pure: is the value one that the parameter can have? */
static bool hvm_op_value_valid(u32 index, u64 value)
{
	switch (index) {
	case HVM_PARAM_TIMER_MODE:
		return value <= HVMPTM_one_missed_tick_pending;
	case HVM_PARAM_X87_FIP_WIDTH:
		return value == 0 || value == 4 || value == 8;
	case HVM_PARAM_VM86_TSS:
		return value <= ~0U;
	case HVM_PARAM_VM86_TSS_SIZED:
		return value >> 32 >= 104; /* of a task state segment without maps */
	case HVM_PARAM_TRIPLE_FAULT_REASON:
		return value <= SHUT_SOFT_RESET;
	case HVM_PARAM_NR_IOREQ_SERVER_PAGES:
		return value != 0 && value <= 64;
	case HVM_PARAM_ALTP2M:
		return value == 0; /* no views of a domain's memory yet */
	case HVM_OP_PARAM_VIRIDIAN:
		return false; /* nothing of it is offered */
	default:
		return true;
	}
}

/* Old firmware tells no size; then it is 128. */
static void hvm_op_store(struct domain *d, u32 index, u64 value)
{
	if (index == HVM_PARAM_VM86_TSS) {
		index = HVM_PARAM_VM86_TSS_SIZED;
		value = value != 0 ? value | 128ULL << 32 : 0;
	}
	WRITE_ONCE(d->params->values[index], value);
}

static int hvm_op_set(struct hypercall *call, struct domain *d, u32 index, u64 value)
{
	int rc = hvm_op_allow(call, d, index, PARAM_SET);
	u64 old = hvm_op_param(d, index);

	if (rc != 0) {
		return rc;
	}
	if ((hvm_op_rules(index) & PARAM_ONCE) != 0 && old != 0 && old != value) {
		return -EEXIST;
	}
	if (!hvm_op_value_valid(index, value)) {
		return -EINVAL;
	}
	rc = arch_domain_set_param(d, index, value);
	if (rc != 0) {
		return rc;
	}
	hvm_op_store(d, index, value);
	if (index == HVM_PARAM_CALLBACK_IRQ) {
		/* Also the moment at which the guest's width is taken for its shared records. */
		if (d == call->v->domain) {
			evtchn_set_compat(d, call->compat);
		}
		arch_domain_set_callback(d, value);
	}
	return 0;
}

/* What is asked for, and a reference to the domain that it is about. */
static int hvm_op_read_param(
	struct hypercall *call, u64 arg, struct xen_hvm_param *a, struct domain **d)
{
	if (abi_read(call, arg, a, sizeof(*a)) != 0) {
		return -EFAULT;
	}
	return a->index >= HVM_NR_PARAMS ? -EINVAL : abi_find_target(call, a->domid, d);
}

static s64 hvm_op_set_param(struct hypercall *call, u64 arg)
{
	struct xen_hvm_param a;
	struct domain *d;
	int rc = hvm_op_read_param(call, arg, &a, &d);

	if (rc == 0) {
		rc = hvm_op_set(call, d, a.index, a.value);
		abi_put(call, d);
	}
	return rc;
}

static u64 hvm_op_get(struct domain *d, u32 index)
{
	if (index == HVM_PARAM_VM86_TSS) {
		return (u32)hvm_op_param(d, HVM_PARAM_VM86_TSS_SIZED);
	}
	return hvm_op_param(d, index);
}

static s64 hvm_op_get_param(struct hypercall *call, u64 arg)
{
	struct xen_hvm_param a;
	struct domain *d;
	int rc = hvm_op_read_param(call, arg, &a, &d);

	if (rc != 0) {
		return rc;
	}
	rc = hvm_op_allow(call, d, a.index, PARAM_GET);
	a.value = hvm_op_get(d, a.index);
	abi_put(call, d);
	return rc ?: abi_write(call, arg, &a, sizeof(a));
}

/* --- the rest --- */

static s64 hvm_op_upcall_vector(struct hypercall *call, u64 arg)
{
	struct hvm_upcall_vector a;
	struct vcpu *v;

	if (abi_read(call, arg, &a, sizeof(a)) != 0) {
		return -EFAULT;
	}
	if (a.vector < VECTOR_MIN) {
		return -EINVAL;
	}
	v = domain_vcpu(call->v->domain, a.vcpu);
	return v ? arch_vcpu_set_upcall_vector(v, a.vector) : -ENOENT;
}

static s64 hvm_op_flush_tlbs(struct hypercall *call, u64 arg)
{
	if (arg != 0) {
		return -EINVAL;
	}
	arch_domain_flush_tlb(call->v->domain);
	return 0;
}

static u16 hvm_op_mem_type(struct domain *d, u64 gfn)
{
	u8 type = gfn <= ~0ULL >> PAGE_SHIFT ? guest_lookup(d, GFN(gfn)).type : S2_NONE;

	switch (type) {
	case S2_NONE:
	case S2_MMIO:
	case S2_MMIO_RO:
		return HVMMEM_mmio_dm;
	case S2_RAM_RO:
	case S2_GRANT_RO:
		return HVMMEM_ram_ro;
	default:
		return HVMMEM_ram_rw;
	}
}

static s64 hvm_op_get_mem_type(struct hypercall *call, u64 arg)
{
	struct xen_hvm_get_mem_type a;
	struct domain *d;
	int rc;

	if (abi_read(call, arg, &a, sizeof(a)) != 0) {
		return -EFAULT;
	}
	rc = abi_find_target(call, a.domid, &d);
	if (rc != 0) {
		return rc;
	}
	a.mem_type = hvm_op_mem_type(d, a.pfn);
	abi_put(call, d);
	return abi_write(call, arg, &a, sizeof(a));
}

/* A hint for shadow page tables, which we do not have. Guests ask once whether it is of use. */
static s64 hvm_op_pagetable_dying(struct hypercall *call, u64 arg)
{
	struct xen_hvm_pagetable_dying a;
	struct domain *d;
	int rc;

	if (abi_read(call, arg, &a, sizeof(a)) != 0) {
		return -EFAULT;
	}
	rc = abi_find(call, a.domid, &d);
	if (rc != 0) {
		return rc;
	}
	rc = d == call->v->domain ? -EINVAL : -EOPNOTSUPP;
	abi_put(call, d);
	return rc;
}

static s64 hvm_op_get_time(struct hypercall *call, u64 arg)
{
	struct xen_hvm_get_time a = { .now = arch_now_ns() };

	return abi_write(call, arg, &a, sizeof(a));
}

static const struct hvm_op_entry {
	u8 op;
	u8 families; /* enum abi_family */
	s64 (*fn)(struct hypercall *call, u64 arg);
} hvm_ops[] = {
	{ HVMOP_set_param, ABI_X86 | ABI_ARM, hvm_op_set_param },
	{ HVMOP_get_param, ABI_X86 | ABI_ARM, hvm_op_get_param },
	{ HVMOP_flush_tlbs, ABI_X86, hvm_op_flush_tlbs },
	{ HVMOP_pagetable_dying, ABI_X86, hvm_op_pagetable_dying },
	{ HVMOP_get_time, ABI_X86, hvm_op_get_time },
	{ HVMOP_get_mem_type, ABI_X86, hvm_op_get_mem_type },
	{ HVM_OP_UPCALL_VECTOR, ABI_X86, hvm_op_upcall_vector },
};

s64 abi_hvm_op(struct hypercall *call)
{
	u64 op = call->args[0];

	for (unsigned int i = 0; i < ARRAY_SIZE(hvm_ops); i++) {
		if (hvm_ops[i].op == op && (hvm_ops[i].families & arch_abi_family)) {
			return hvm_ops[i].fn(call, call->args[1]);
		}
	}
	return -ENOSYS;
}

/* --- life --- */

static int hvm_op_domain_create(struct domain *d, const struct domain_desc *desc)
{
	d->params = heap_new(&d->pool, struct hvm_params);
	return d->params ? 0 : -ENOMEM;
}

static void hvm_op_domain_destroy(struct domain *d)
{
	heap_free(&d->pool, d->params);
	d->params = NULL;
}

const struct unit hvm_op_unit = {
	.name = "hvm_op",
	.domain_create = hvm_op_domain_create,
	.domain_destroy = hvm_op_domain_destroy,
};
