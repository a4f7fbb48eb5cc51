/* SPDX-License-Identifier: GPL-2.0-only */
/* sysctl that only asks: the machine, its CPUs, memory and devices, the list of domains. */
#include "abi/cpumap.h"
#include "abi/domctl.h"
#include "abi/sysctl.h"
#include "arch/contract/abi.h"
#include "core/domain.h"
#include "lib/string.h"
#include "mm/frame.h"

#include <xen/physdev.h>

#define NODES_X86 64 /* what Xen's tools expect to have room for; there is one */
#define NODE_DISTANCE 10

static_assert(sizeof(struct xen_sysctl_cputopo) == 12, "xen_sysctl_cputopo");
static_assert(sizeof(struct xen_sysctl_meminfo) == 16, "xen_sysctl_meminfo");
static_assert(sizeof(struct physdev_pci_device) == 4, "physdev_pci_device");

/* --- the machine --- */

/* Threads of CPU 0's core, and cores of its socket. Xen on Arm counts every CPU as one of its own.
 */
static void sysctl_info_topology(struct xen_sysctl_physinfo *a)
{
	u32 threads = 0, cpus = 0;
	struct pcpu_info first, info;
	struct pcpu *p;

	a->threads_per_core = 1;
	a->cores_per_socket = 1;
	if (arch_abi_family == ABI_ARM || !arch_pcpu_info(0, &first)) {
		return;
	}
	for_each_cpu(p) {
		if (arch_pcpu_info(p->id, &info) && info.socket == first.socket) {
			cpus++;
			threads += info.core == first.core;
		}
	}
	a->threads_per_core = MAX(threads, 1U);
	a->cores_per_socket = MAX(cpus / a->threads_per_core, 1U);
}

s64 sysctl_info_physinfo(struct hypercall *call, struct xen_sysctl *op)
{
	struct xen_sysctl_physinfo *a = &op->u.physinfo;
	struct host_info host;
	struct pcpu *p;

	arch_host_info(&host);
	*a = (struct xen_sysctl_physinfo){
		.max_cpu_id = cpumap_size() - 1,
		.nr_nodes = 1,
		.max_node_id = arch_abi_family == ABI_X86 ? NODES_X86 - 1 : 0,
		.cpu_khz = host.khz,
		.capabilities = XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap |
				XEN_SYSCTL_PHYSCAP_gnttab_v1,
		.total_pages = frame_total_count(),
		.free_pages = frame_free_count(),
		.max_mfn = arch_host_max_mfn() - 1,
	};
	static_assert(sizeof(a->hw_cap) == sizeof(host.features), "words of CPUID");
	memcpy(a->hw_cap, host.features, sizeof(a->hw_cap));
	sysctl_info_topology(a);
	for_each_cpu(p) {
		a->nr_cpus++;
	}
	return 0;
}

/* Free frames are not counted by the width of their addresses. */
s64 sysctl_info_availheap(struct hypercall *call, struct xen_sysctl *op)
{
	struct xen_sysctl_availheap *a = &op->u.availheap;

	if (a->min_bitwidth != 0 || a->max_bitwidth != 0) {
		return -EOPNOTSUPP;
	}
	a->avail_bytes = a->node == -1 || a->node == 0 ? frame_free_count() << PAGE_SHIFT : 0;
	return 0;
}

/* No masking or faulting of CPUID for PV guests: there are none. */
s64 sysctl_info_levelling(struct hypercall *call, struct xen_sysctl *op)
{
	op->u.cpu_levelling_caps.caps = 0;
	return 0;
}

/* --- topology --- */

static void sysctl_info_cpu(u32 cpu, struct xen_sysctl_cputopo *topo)
{
	struct pcpu_info info;

	*topo = (struct xen_sysctl_cputopo){ XEN_INVALID_CORE_ID, XEN_INVALID_SOCKET_ID,
		XEN_INVALID_NODE_ID };
	if (arch_pcpu_info(cpu, &info)) {
		*topo = (struct xen_sysctl_cputopo){ info.core, info.socket, 0 };
	}
}

s64 sysctl_info_cputopo(struct hypercall *call, struct xen_sysctl *op)
{
	struct xen_sysctl_cputopoinfo *a = &op->u.cputopoinfo;
	u64 table = handle_addr(a->cputopo);
	u32 count = cpumap_size();

	if (table == 0) {
		a->num_cpus = count;
		return 0;
	}
	count = MIN(count, a->num_cpus);
	for (u32 i = 0; i < count; i++) {
		struct xen_sysctl_cputopo topo;

		sysctl_info_cpu(i, &topo);
		if (abi_write(call, abi_entry(table, i, sizeof(topo)), &topo, sizeof(topo)) != 0) {
			return -EFAULT;
		}
	}
	a->num_cpus = count;
	return 0;
}

/* All memory is one node. */
s64 sysctl_info_numa(struct hypercall *call, struct xen_sysctl *op)
{
	struct xen_sysctl_numainfo *a = &op->u.numainfo;
	u64 memory = handle_addr(a->meminfo), distances = handle_addr(a->distance);
	struct xen_sysctl_meminfo info = {
		.memsize = arch_host_max_mfn() << PAGE_SHIFT,
		.memfree = frame_free_count() << PAGE_SHIFT,
	};
	u32 distance = NODE_DISTANCE;

	if ((memory != 0 || distances != 0) && a->num_nodes == 0) {
		return 0;
	}
	a->num_nodes = 1;
	if (memory != 0 && abi_write(call, memory, &info, sizeof(info)) != 0) {
		return -EFAULT;
	}
	if (distances != 0 && abi_write(call, distances, &distance, sizeof(distance)) != 0) {
		return -EFAULT;
	}
	return 0;
}

#define PCITOPO_LEAST 64 /* entries that are done whatever else waits */

/* The caller goes on where num_devs says that we stopped. */
s64 sysctl_info_pcitopo(struct hypercall *call, struct xen_sysctl *op)
{
	struct xen_sysctl_pcitopoinfo *a = &op->u.pcitopoinfo;
	u64 devs = handle_addr(a->devs), nodes = handle_addr(a->nodes);
	u32 i = 0;

	if (devs == 0 || nodes == 0) {
		return -EINVAL;
	}
	while (i < a->num_devs && (i < PCITOPO_LEAST || !abi_preempt(call))) {
		struct physdev_pci_device dev;
		u32 node;

		if (abi_read(call, abi_entry(devs, i, sizeof(dev)), &dev, sizeof(dev)) != 0) {
			return -EFAULT;
		}
		node = arch_pci_known((u32)dev.seg << 16 | (u32)dev.bus << 8 | dev.devfn)
			       ? XEN_INVALID_NODE_ID
			       : XEN_INVALID_DEV;
		if (abi_write(call, abi_entry(nodes, i, sizeof(node)), &node, sizeof(node)) != 0) {
			return -EFAULT;
		}
		i++;
	}
	a->num_devs = i;
	return 0;
}

/* --- domains --- */

s64 sysctl_info_domains(struct hypercall *call, struct xen_sysctl *op)
{
	struct xen_sysctl_getdomaininfolist *a = &op->u.getdomaininfolist;
	struct xen_domctl_getdomaininfo info;
	struct domain *d;
	u32 count = 0;

	for_each_domain(d) {
		if (d->id < a->first_domain) {
			continue;
		}
		if (count == a->max_domains) {
			domain_put(d);
			break;
		}
		domctl_info_fill(d, &info);
		if (abi_write(call, abi_entry(handle_addr(a->buffer), count, sizeof(info)), &info,
			    sizeof(info)) != 0) {
			domain_put(d);
			return -EFAULT;
		}
		count++;
	}
	a->num_domains = count;
	return 0;
}
