/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sysctl about what the hypervisor has to say: the log ring, debug keys, and the trace buffers,
 * which do not exist. It copies the ring in pieces and never holds the console's lock meanwhile.
 */
#include "abi/sysctl.h"
#include "core/console.h"
#include "core/log.h"

/* The tools count bytes modulo 2^32. The index to go on from, if it is one of text that is there.
 */
static u64 sysctl_console_start(const struct xen_sysctl_readconsole *a)
{
	u64 oldest = log_ring_oldest();
	u32 ahead = a->index - (u32)oldest;

	return a->incremental && ahead <= log_ring_next() - oldest ? oldest + ahead : oldest;
}

s64 sysctl_console_read(struct hypercall *call, struct xen_sysctl *op)
{
	struct xen_sysctl_readconsole *a = &op->u.readconsole;
	u64 index = sysctl_console_start(a), end = log_ring_next();
	u32 done = 0;
	char piece[256];

	/* Up to what was there at the start: the reader may be slower than those who write. */
	while (done < a->count && index < end) {
		size_t n = log_ring_read(
			&index, piece, MIN(sizeof(piece), (size_t)a->count - done));

		if (n == 0) {
			break;
		}
		if (abi_write(call, handle_addr(a->buffer) + done, piece, n) != 0) {
			return -EFAULT;
		}
		done += (u32)n;
	}
	if (a->clear) {
		log_ring_forget(index);
	}
	a->count = done;
	a->index = (u32)index;
	return 0;
}

#define CONSOLE_KEYS_MAX 64 /* at a time: each may print for a while */

s64 sysctl_console_keys(struct hypercall *call, struct xen_sysctl *op)
{
	const struct xen_sysctl_debug_keys *a = &op->u.debug_keys;
	char keys[CONSOLE_KEYS_MAX];

	if (a->nr_keys > sizeof(keys)) {
		return -EINVAL;
	}
	if (a->nr_keys != 0 && abi_read(call, handle_addr(a->keys), keys, a->nr_keys) != 0) {
		return -EFAULT;
	}
	for (u32 i = 0; i < a->nr_keys; i++) {
		(void)console_key_run(keys[i]);
	}
	return 0;
}

/* As on a Xen that was started without tbuf_size= and has no memory for buffers. */
s64 sysctl_console_trace(struct hypercall *call, struct xen_sysctl *op)
{
	struct xen_sysctl_tbuf_op *a = &op->u.tbuf_op;
	static u32 events = 0x0ffff000; /* TRC_ALL of xen/trace.h */

	switch (a->cmd) {
	case XEN_SYSCTL_TBUFOP_get_info:
		a->evt_mask = READ_ONCE(events);
		a->buffer_mfn = 0;
		a->size = 0;
		return 0;
	case XEN_SYSCTL_TBUFOP_set_evt_mask:
		WRITE_ONCE(events, a->evt_mask);
		return 0;
	case XEN_SYSCTL_TBUFOP_set_cpu_mask:
	case XEN_SYSCTL_TBUFOP_disable:
		return 0;
	case XEN_SYSCTL_TBUFOP_set_size:
		return -ENOMEM;
	default:
		return -EINVAL;
	}
}
