/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of memory_op share. Handlers get the start extent that stands in the upper bits of
 * the operation number and answer -ERESTART through memory_op_continue().
 */
#ifndef ABI_MEMORY_OP_H
#define ABI_MEMORY_OP_H

#include "abi/hypercall.h"
#include "core/domain.h"
#include "lib/errno.h"
#include "lib/xen_public.h"

#include <xen/memory.h>
#include <xen/physdev.h>

#define MEMOP_EXTENT_SHIFT 6 /* cmd = operation | first extent << 6 */
#define MEMOP_EXTENT_MAX (~0U >> MEMOP_EXTENT_SHIFT)

/* arg is the address of the argument, start the first extent to do. */
typedef s64 memory_op_fn(struct hypercall *call, u64 arg, u64 start);

/* The call goes on with extent `next`. */
static inline s64 memory_op_continue(struct hypercall *call, u64 next)
{
	u64 op = call->args[0] & (BIT64(MEMOP_EXTENT_SHIFT) - 1);

	call->args[0] = op | next << MEMOP_EXTENT_SHIFT;
	return -ERESTART;
}

/* struct xen_memory_reservation. */
struct memory_extents {
	u64 list; /* address of the first frame of each extent */
	u64 count;
	u32 order, flags;
	u16 domid;
};
int memory_op_read_extents(struct hypercall *call, u64 arg, struct memory_extents *x);

/* memory_reservation.c */
memory_op_fn memory_reservation_increase, memory_reservation_decrease, memory_reservation_populate,
	memory_reservation_exchange, memory_reservation_claim;
/* memory_physmap.c */
memory_op_fn memory_physmap_add, memory_physmap_add_batch, memory_physmap_remove,
	memory_physmap_acquire;
/* memory_map.c */
memory_op_fn memory_map_get, memory_map_machine, memory_map_reserved;

#endif
