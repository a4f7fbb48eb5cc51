/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory_op (xen/memory.h): dispatch, and the operations that only ask. The others are in
 * memory_reservation.c, memory_physmap.c and memory_map.c.
 */
#include "abi/memory_op.h"
#include "arch/contract/abi.h"

int memory_op_read_extents(struct hypercall *call, u64 arg, struct memory_extents *x)
{
	struct xen_memory_reservation wide;
	struct {
		u32 list, count, order, flags;
		u16 domid;
	} narrow;
	static_assert(sizeof(wide) == 32 && sizeof(narrow) == 20, "struct xen_memory_reservation");
	int rc;

	if (call->compat) {
		rc = abi_read(call, arg, &narrow, sizeof(narrow));
		*x = (struct memory_extents){ narrow.list, narrow.count, narrow.order, narrow.flags,
			narrow.domid };
	} else {
		rc = abi_read(call, arg, &wide, sizeof(wide));
		*x = (struct memory_extents){ handle_addr(wide.extent_start), wide.nr_extents,
			wide.extent_order, wide.mem_flags, wide.domid };
	}
	return rc;
}

static s64 memory_op_maximum_ram_page(struct hypercall *call, u64 arg, u64 start)
{
	return (s64)arch_host_max_mfn();
}

static s64 memory_op_current(struct domain *d)
{
	return (s64)READ_ONCE(d->page_count);
}

static s64 memory_op_maximum(struct domain *d)
{
	return (s64)READ_ONCE(d->page_max);
}

static s64 memory_op_maximum_gpfn(struct domain *d)
{
	u64 end = READ_ONCE(d->gfn_end);

	return end != 0 ? (s64)end - 1 : 0;
}

/* A number about the domain whose id is the argument. */
static s64 memory_op_ask(struct hypercall *call, u64 arg, s64 (*tell)(struct domain *d))
{
	struct domain *d;
	u16 domid;
	s64 rc;

	if (abi_read(call, arg, &domid, sizeof(domid)) != 0) {
		return -EFAULT;
	}
	rc = abi_find_target(call, domid, &d);
	if (rc == 0) {
		rc = tell(d);
		abi_put(call, d);
	}
	return rc;
}

static s64 memory_op_current_reservation(struct hypercall *call, u64 arg, u64 start)
{
	return memory_op_ask(call, arg, memory_op_current);
}

static s64 memory_op_maximum_reservation(struct hypercall *call, u64 arg, u64 start)
{
	return memory_op_ask(call, arg, memory_op_maximum);
}

static s64 memory_op_get_maximum_gpfn(struct hypercall *call, u64 arg, u64 start)
{
	return memory_op_ask(call, arg, memory_op_maximum_gpfn);
}

/* Pages are never shared between domains. */
static s64 memory_op_no_sharing(struct hypercall *call, u64 arg, u64 start)
{
	return 0;
}

static s64 memory_op_no_vnuma(struct domain *d)
{
	return -EOPNOTSUPP;
}

static s64 memory_op_get_vnumainfo(struct hypercall *call, u64 arg, u64 start)
{
	struct {
		domid_t domid;
		u16 pad;
	} head;

	if (abi_read(call, arg, &head, sizeof(head)) != 0) {
		return -EFAULT;
	}
	return head.pad != 0 ? -EINVAL : memory_op_ask(call, arg, memory_op_no_vnuma);
}

#define MEMORY_OP_X86(fn) (IS_ENABLED(CONFIG_X86) ? (fn) : NULL)

static const struct memory_op_entry {
	memory_op_fn *fn; /* NULL: -ENOSYS */
	bool extents;	  /* can start at another extent than the first */
	bool x86;	  /* on Arm there is no such operation */
} memory_ops[] = {
	[XENMEM_increase_reservation] = { memory_reservation_increase, true },
	[XENMEM_decrease_reservation] = { memory_reservation_decrease, true },
	[XENMEM_maximum_ram_page] = { memory_op_maximum_ram_page, false },
	[XENMEM_current_reservation] = { memory_op_current_reservation, false },
	[XENMEM_maximum_reservation] = { memory_op_maximum_reservation, false },
	[XENMEM_populate_physmap] = { memory_reservation_populate, true },
	[XENMEM_add_to_physmap] = { memory_physmap_add, true },
	[XENMEM_memory_map] = { MEMORY_OP_X86(memory_map_get), false, true },
	[XENMEM_machine_memory_map] = { MEMORY_OP_X86(memory_map_machine), false, true },
	[XENMEM_exchange] = { memory_reservation_exchange, false },
	[XENMEM_maximum_gpfn] = { memory_op_get_maximum_gpfn, false },
	[XENMEM_remove_from_physmap] = { memory_physmap_remove, false },
	[XENMEM_get_sharing_freed_pages] = { memory_op_no_sharing, false },
	[XENMEM_get_sharing_shared_pages] = { memory_op_no_sharing, false },
	[XENMEM_add_to_physmap_batch] = { memory_physmap_add_batch, true },
	[XENMEM_claim_pages] = { memory_reservation_claim, false },
	[XENMEM_get_vnumainfo] = { memory_op_get_vnumainfo, false },
	[XENMEM_reserved_device_memory_map] = { MEMORY_OP_X86(memory_map_reserved), false, true },
	[XENMEM_acquire_resource] = { memory_physmap_acquire, true },
};

s64 abi_memory_op(struct hypercall *call)
{
	u64 cmd = call->compat ? (u32)call->args[0] : call->args[0];
	u64 op = cmd & (BIT64(MEMOP_EXTENT_SHIFT) - 1), start = cmd >> MEMOP_EXTENT_SHIFT;
	const struct memory_op_entry *e;

	if (op >= ARRAY_SIZE(memory_ops) || !memory_ops[op].fn) {
		return -ENOSYS;
	}
	e = &memory_ops[op];
	if (e->x86 && arch_abi_family != ABI_X86) {
		return -ENOSYS;
	}
	if (start != 0 && !e->extents) {
		return -EINVAL;
	}
	return e->fn(call, call->args[1], start);
}
