/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies sets of CPUs from and to the tools. It knows nothing of what they are for. */
#include "abi/cpumap.h"

#include "arch/contract/abi.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/xen_public.h"
#include "sched/pool.h"

unsigned int cpumap_size(void)
{
	return MIN(arch_pcpu_max_present() + 1, (u32)MAX_PCPUS);
}

void cpumap_all(struct cpumap *map)
{
	*map = (struct cpumap){ 0 };
	bitmap_set_range(map->cpus, 0, cpumap_size());
}

void cpumap_pool(struct cpumap *map, const struct cpupool *pool)
{
	struct pcpu *p;

	*map = (struct cpumap){ 0 };
	for_each_pool_cpu(pool, p) {
		bitmap_set(map->cpus, p->id);
	}
}

/* The guest's set is made of bytes, lowest CPU first; ours, on a little-endian machine, as well. */
int cpumap_read(struct hypercall *call, const struct xenctl_bitmap *from, struct cpumap *map)
{
	u64 bits = MIN((u64)from->nr_bits, 8 * sizeof(*map));
	size_t bytes = DIV_ROUND_UP(bits, 8);

	*map = (struct cpumap){ 0 };
	if (bytes != 0 && abi_read(call, handle_addr(from->bitmap), map, bytes) != 0) {
		return -EFAULT;
	}
	bitmap_clear_range(map->cpus, bits, 8 * sizeof(*map) - bits);
	return 0;
}

int cpumap_write(struct hypercall *call, const struct xenctl_bitmap *to, const struct cpumap *map)
{
	static const u8 zeros[64];
	u64 at = handle_addr(to->bitmap);
	size_t bytes = DIV_ROUND_UP((u64)to->nr_bits, 8), n = MIN(bytes, sizeof(*map));

	if (to->nr_bits > CPUMAP_BITS_MAX) {
		return -EINVAL;
	}
	if (n != 0 && abi_write(call, at, map, n) != 0) {
		return -EFAULT;
	}
	for (size_t done = n; done < bytes; done += n) {
		n = MIN(bytes - done, sizeof(zeros));
		if (abi_write(call, at + done, zeros, n) != 0) {
			return -EFAULT;
		}
	}
	return 0;
}
