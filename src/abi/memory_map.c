/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory maps: the domain's own, the machine's, and the ranges that devices must keep reaching. */
#include "abi/memory_op.h"
#include "arch/contract/abi.h"

/* A table in the guest's memory: struct xen_memory_map for both widths. */
struct map_table {
	u32 count;
	u64 buffer; /* address of the entries */
};

static int map_read_table(struct hypercall *call, u64 arg, struct map_table *t)
{
	if (abi_read(call, arg, &t->count, sizeof(t->count)) != 0) {
		return -EFAULT;
	}
	return abi_read_word(call, arg + abi_word_size(call), &t->buffer);
}

static s64 map_write(struct hypercall *call, u64 arg, const struct map_table *t,
	const struct memory_map_entry *entries, u32 count)
{
	if (t->buffer != 0 && abi_write(call, t->buffer, entries, count * sizeof(*entries)) != 0) {
		return -EFAULT;
	}
	return abi_write(call, arg, &count, sizeof(count));
}

s64 memory_map_get(struct hypercall *call, u64 arg, u64 start)
{
	const struct memory_map_entry *entries;
	struct map_table t;
	u32 count;

	if (map_read_table(call, arg, &t) != 0) {
		return -EFAULT;
	}
	count = arch_domain_memory_map(call->v->domain, &entries);
	if (count == 0) {
		return -ENOSYS;
	}
	return map_write(call, arg, &t, entries, MIN(t.count, count));
}

s64 memory_map_machine(struct hypercall *call, u64 arg, u64 start)
{
	const struct memory_map_entry *entries;
	struct map_table t;
	u32 count;

	if (!call->v->domain->privileged) {
		return -EPERM;
	}
	if (map_read_table(call, arg, &t) != 0) {
		return -EFAULT;
	}
	count = arch_host_memory_map(&entries);
	if (t.buffer != 0 && t.count < count + 1) {
		return -EINVAL;
	}
	return map_write(call, arg, &t, entries, count);
}

/* struct xen_reserved_device_memory: two words. */
static int map_write_reserved(
	struct hypercall *call, u64 buffer, u32 i, const struct reserved_range *r)
{
	size_t word = abi_word_size(call);
	u64 at = abi_entry(buffer, i, 2 * word);

	return abi_write_word(call, at, r->start_pfn)
		       ?: abi_write_word(call, at + word, r->page_count);
}

s64 memory_map_reserved(struct hypercall *call, u64 arg, u64 start)
{
	/* struct xen_reserved_device_memory_map: flags, count, handle, and whose ranges */
	struct {
		u32 flags, count;
	} head;
	struct physdev_pci_device dev;
	struct reserved_range r;
	u32 used = 0, sbdf;
	u64 buffer;

	if (abi_read(call, arg, &head, sizeof(head)) != 0 ||
		abi_read_word(call, arg + sizeof(head), &buffer) != 0 ||
		abi_read(call, arg + sizeof(head) + abi_word_size(call), &dev, sizeof(dev)) != 0) {
		return -EFAULT;
	}
	if (head.flags & ~(u32)XENMEM_RDM_ALL) {
		return -EINVAL;
	}
	sbdf = (u32)dev.seg << 16 | (u32)dev.bus << 8 | dev.devfn;
	for (unsigned int i = 0; arch_reserved_range(i, &r); i++) {
		if ((head.flags & XENMEM_RDM_ALL) == 0 && r.sbdf != sbdf) {
			continue;
		}
		if (used < head.count && map_write_reserved(call, buffer, used, &r) != 0) {
			return -EFAULT;
		}
		used++;
	}
	if (abi_write(call, arg + sizeof(head.flags), &used, sizeof(used)) != 0) {
		return -EFAULT;
	}
	return head.count < used ? -ENOBUFS : 0;
}
