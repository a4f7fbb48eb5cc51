/* SPDX-License-Identifier: GPL-2.0-only */
/* What xenstored, xenconsoled and xl ask by sysctl and domctl, and what they change. */
#include "unit/abi_machine.h"

#include <xen/domctl.h>
#include <xen/physdev.h>
#include <xen/sysctl.h>
#include <xen/version.h>

#include "core/log.h"
#include "sched/pool.h"
#include "unit/harness.h"

#define SYSCTL __HYPERVISOR_sysctl
#define DOMCTL __HYPERVISOR_domctl
#define BUF 0x10000ULL	  /* where answers go */
#define BAD 0x40000000ULL /* nothing is mapped there */

static void *at(u64 gpa)
{
	return (void *)(uintptr_t)gpa;
}

static s64 sysctl(u32 cmd, struct xen_sysctl *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	CHECK_EQ(guest_write_phys(vcpu_current()->domain, GPA(ARG), op, sizeof(*op)), 0);
	s64 ret = machine_call(SYSCTL, ARG, 0, 0);
	CHECK_EQ(guest_read_phys(vcpu_current()->domain, GPA(ARG), op, sizeof(*op)), 0);
	return ret;
}

static s64 domctl(u32 cmd, u16 domain, struct xen_domctl *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = domain;
	CHECK_EQ(guest_write_phys(vcpu_current()->domain, GPA(ARG), op, sizeof(*op)), 0);
	s64 ret = machine_call(DOMCTL, ARG, 0, 0);
	CHECK_EQ(guest_read_phys(vcpu_current()->domain, GPA(ARG), op, sizeof(*op)), 0);
	return ret;
}

static s64 domctl_plain(u32 cmd, u16 domain)
{
	struct xen_domctl op = { 0 };

	return domctl(cmd, domain, &op);
}

/* --- permissions --- */

UNIT_TEST(unprivileged, "an unprivileged domain gets nothing, not about itself either")
{
	struct domain *zero = machine_domain(0, 1, true), *d = machine_domain(1, 1, false);
	struct xen_sysctl s = { 0 };
	struct xen_domctl op = { 0 };

	for (u32 cmd = 0; cmd < 40; cmd++) {
		memset(&s, 0, sizeof(s));
		CHECK_EQ(sysctl(cmd, &s), -EPERM);
	}
	for (u32 cmd = 0; cmd < 100; cmd++) {
		memset(&op, 0, sizeof(op));
		CHECK_EQ(domctl(cmd, 1, &op), -EPERM);
		CHECK_EQ(domctl(cmd, 0, &op), -EPERM);
	}
	CHECK_EQ(op.u.getdomaininfo.tot_pages, 0);
	CHECK(!zero->dying && !d->dying);
	/* Who does not exist is looked for before the caller is. */
	CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, 9), -ESRCH);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, DOMID_SELF), -ESRCH);
	CHECK_EQ(machine_end(d), 0);
	CHECK_EQ(machine_end(zero), 0);
}

UNIT_TEST(unknown, "what is not there is -ENOSYS, and on Arm some more is not there")
{
	struct domain *d = machine_domain(0, 1, true), *other = machine_domain(3, 1, false);
	struct xen_sysctl s = { 0 };
	struct xen_domctl op = { 0 };

	host_set_current(d->vcpus[0]);
	CHECK_EQ(sysctl(0, &s), -ENOSYS);
	CHECK_EQ(sysctl(XEN_SYSCTL_perfc_op, &s), -ENOSYS);
	CHECK_EQ(sysctl(~0U, &s), -ENOSYS);
	CHECK_EQ(domctl(0, 3, &op), -ENOSYS);
	CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 5, &op), -ENOSYS);
	CHECK_EQ(domctl(~0U, 3, &op), -ENOSYS);
	CHECK_EQ(domctl(~0U, 9, &op), -ESRCH);
	CHECK_EQ(sysctl(XEN_SYSCTL_get_cpu_levelling_caps, &s), 0);
	CHECK_EQ(sysctl(XEN_SYSCTL_pcitopoinfo, &s), -EINVAL);
	CHECK_EQ(domctl(XEN_DOMCTL_gettscinfo, 3, &op), 0);
	CHECK_EQ(op.u.tsc_info.gtsc_khz, 3000000);
	CHECK_EQ(domctl(XEN_DOMCTL_gettscinfo, 0, &op), -EINVAL);
	arch_abi_family = ABI_ARM;
	CHECK_EQ(sysctl(XEN_SYSCTL_get_cpu_levelling_caps, &s), -ENOSYS);
	CHECK_EQ(sysctl(XEN_SYSCTL_pcitopoinfo, &s), -ENOSYS);
	CHECK_EQ(domctl(XEN_DOMCTL_gettscinfo, 3, &op), -ENOSYS);
	arch_abi_family = ABI_X86;
	CHECK_EQ(machine_end(other), 0);
	CHECK_EQ(machine_end(d), 0);
}

/* --- the console ring --- */

static s64 readconsole(struct xen_sysctl *s, u32 count, bool clear, bool incremental, u32 index)
{
	*s = (struct xen_sysctl){ 0 };
	s->u.readconsole.buffer.p = at(BUF);
	s->u.readconsole.count = count;
	s->u.readconsole.clear = clear;
	s->u.readconsole.incremental = incremental;
	s->u.readconsole.index = index;
	return sysctl(XEN_SYSCTL_readconsole, s);
}

UNIT_TEST(ring, "the log is read in pieces by index, and cleared as far as it was read")
{
	struct domain *d = machine_domain(0, 1, true);
	struct xen_sysctl s;
	u32 index;

	log_ring_clear();
	log_raw("0123456789\n", 11);
	CHECK_EQ(readconsole(&s, 4, false, false, 77), 0);
	CHECK_EQ(s.u.readconsole.count, 4);
	CHECK_EQ(memcmp(machine_ptr(d, BUF), "0123", 4), 0);
	index = s.u.readconsole.index;
	CHECK_EQ(index, (u32)log_ring_oldest() + 4);
	CHECK_EQ(readconsole(&s, 100, false, true, index), 0);
	CHECK_EQ(s.u.readconsole.count, 7);
	CHECK_EQ(memcmp(machine_ptr(d, BUF), "456789\n", 7), 0);
	index = s.u.readconsole.index;
	CHECK_EQ(readconsole(&s, 100, false, true, index), 0);
	CHECK_EQ(s.u.readconsole.count, 0);
	/* An index of nothing that is there: from the start. */
	CHECK_EQ(readconsole(&s, 100, false, true, index + 1), 0);
	CHECK_EQ(s.u.readconsole.count, 11);
	CHECK_EQ(readconsole(&s, 6, true, false, 0), 0);
	CHECK_EQ(readconsole(&s, ~0U, true, false, 0), 0);
	CHECK_EQ(s.u.readconsole.count, 5);
	CHECK_EQ(memcmp(machine_ptr(d, BUF), "6789\n", 5), 0);
	CHECK_EQ(readconsole(&s, ~0U, false, false, 0), 0);
	CHECK_EQ(s.u.readconsole.count, 0);
	log_raw("more", 4);
	s.u.readconsole.count = 4;
	s.u.readconsole.buffer.p = at(BAD);
	CHECK_EQ(sysctl(XEN_SYSCTL_readconsole, &s), -EFAULT);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(long_ring, "a ring longer than a piece comes whole")
{
	struct domain *d = machine_domain(0, 1, true);
	struct xen_sysctl s;
	char text[1000];

	for (size_t i = 0; i < sizeof(text); i++) {
		text[i] = (char)('a' + i % 23);
	}
	log_ring_clear();
	log_raw(text, sizeof(text));
	CHECK_EQ(readconsole(&s, 999, false, false, 0), 0);
	CHECK_EQ(s.u.readconsole.count, 999);
	CHECK_EQ(memcmp(machine_ptr(d, BUF), text, 999), 0);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(trace, "there are no trace buffers, and none can be made")
{
	struct domain *d = machine_domain(0, 1, true);
	struct xen_sysctl s = { .u.tbuf_op = { .cmd = XEN_SYSCTL_TBUFOP_get_info, .size = 9 } };

	CHECK_EQ(sysctl(XEN_SYSCTL_tbuf_op, &s), 0);
	CHECK_EQ(s.u.tbuf_op.size, 0);
	CHECK_EQ(s.u.tbuf_op.buffer_mfn, 0);
	s.u.tbuf_op.cmd = XEN_SYSCTL_TBUFOP_enable;
	CHECK_EQ(sysctl(XEN_SYSCTL_tbuf_op, &s), -EINVAL);
	s.u.tbuf_op.cmd = XEN_SYSCTL_TBUFOP_disable;
	CHECK_EQ(sysctl(XEN_SYSCTL_tbuf_op, &s), 0);
	s.u.tbuf_op.cmd = 6;
	CHECK_EQ(sysctl(XEN_SYSCTL_tbuf_op, &s), -EINVAL);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(debug_keys, "debug keys are as if typed, and not too many at once")
{
	struct domain *d = machine_domain(0, 1, true);
	struct xen_sysctl s = { .u.debug_keys = { .nr_keys = 2 } };

	s.u.debug_keys.keys.p = at(BUF);
	CHECK_EQ(sysctl(XEN_SYSCTL_debug_keys, &s), 0);
	s.u.debug_keys.nr_keys = ~0U;
	CHECK_EQ(sysctl(XEN_SYSCTL_debug_keys, &s), -EINVAL);
	s.u.debug_keys.nr_keys = 1;
	s.u.debug_keys.keys.p = at(BAD);
	CHECK_EQ(sysctl(XEN_SYSCTL_debug_keys, &s), -EFAULT);
	CHECK_EQ(machine_end(d), 0);
}

/* --- the machine --- */

UNIT_TEST(physinfo, "the machine is told as it is")
{
	struct domain *d = machine_domain(0, 1, true);
	struct xen_sysctl s = { 0 };
	struct xen_sysctl_physinfo *p = &s.u.physinfo;

	CHECK_EQ(sysctl(XEN_SYSCTL_physinfo, &s), 0);
	CHECK_EQ(p->nr_cpus, 2);
	CHECK_EQ(p->max_cpu_id, HOST_ABI_CPUS - 1);
	CHECK_EQ(p->threads_per_core, 1);
	CHECK_EQ(p->cores_per_socket, 2);
	CHECK_EQ(p->cpu_khz, 3000000);
	CHECK_EQ(p->nr_nodes, 1);
	CHECK_EQ(p->max_node_id, 63);
	CHECK_EQ(p->total_pages, frame_total_count());
	CHECK_EQ(p->free_pages, frame_free_count());
	CHECK_EQ(p->max_mfn, 0x3ffff);
	CHECK_EQ(p->hw_cap[7], 8);
	CHECK_EQ(p->capabilities,
		XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap | XEN_SYSCTL_PHYSCAP_gnttab_v1);
	arch_abi_family = ABI_ARM;
	CHECK_EQ(sysctl(XEN_SYSCTL_physinfo, &s), 0);
	arch_abi_family = ABI_X86;
	CHECK_EQ(p->cores_per_socket, 1);
	CHECK_EQ(p->max_node_id, 0);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(availheap, "free memory in bytes, of the one node")
{
	struct domain *d = machine_domain(0, 1, true);
	struct xen_sysctl s = { .u.availheap = { .node = -1 } };

	CHECK_EQ(sysctl(XEN_SYSCTL_availheap, &s), 0);
	CHECK_EQ(s.u.availheap.avail_bytes, frame_free_count() << PAGE_SHIFT);
	s.u.availheap.node = 1;
	CHECK_EQ(sysctl(XEN_SYSCTL_availheap, &s), 0);
	CHECK_EQ(s.u.availheap.avail_bytes, 0);
	s.u.availheap.max_bitwidth = 32;
	CHECK_EQ(sysctl(XEN_SYSCTL_availheap, &s), -EOPNOTSUPP);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(topology, "CPUs, nodes and devices: how many there are, and as many as there is room for")
{
	struct domain *d = machine_domain(0, 1, true);
	struct xen_sysctl s = { 0 };
	struct xen_sysctl_cputopo *cpus = machine_ptr(d, BUF);
	struct xen_sysctl_meminfo *memory = machine_ptr(d, BUF);
	struct physdev_pci_device *devs = machine_ptr(d, BUF);
	u32 *nodes = machine_ptr(d, BUF + 0x800);

	CHECK_EQ(sysctl(XEN_SYSCTL_cputopoinfo, &s), 0);
	CHECK_EQ(s.u.cputopoinfo.num_cpus, HOST_ABI_CPUS);
	s.u.cputopoinfo.cputopo.p = at(BUF);
	s.u.cputopoinfo.num_cpus = ~0U;
	CHECK_EQ(sysctl(XEN_SYSCTL_cputopoinfo, &s), 0);
	CHECK_EQ(s.u.cputopoinfo.num_cpus, HOST_ABI_CPUS);
	CHECK_EQ(cpus[1].core, 1);
	CHECK_EQ(cpus[1].node, 0);
	s.u.cputopoinfo.num_cpus = 1;
	CHECK_EQ(sysctl(XEN_SYSCTL_cputopoinfo, &s), 0);
	CHECK_EQ(s.u.cputopoinfo.num_cpus, 1);
	s.u.cputopoinfo.cputopo.p = at(BAD);
	CHECK_EQ(sysctl(XEN_SYSCTL_cputopoinfo, &s), -EFAULT);

	memset(&s, 0, sizeof(s));
	CHECK_EQ(sysctl(XEN_SYSCTL_numainfo, &s), 0);
	CHECK_EQ(s.u.numainfo.num_nodes, 1);
	s.u.numainfo.num_nodes = 64;
	s.u.numainfo.meminfo.p = at(BUF);
	s.u.numainfo.distance.p = at(BUF + 0x800);
	CHECK_EQ(sysctl(XEN_SYSCTL_numainfo, &s), 0);
	CHECK_EQ(s.u.numainfo.num_nodes, 1);
	CHECK_EQ(memory->memsize, 0x40000000);
	CHECK_EQ(memory->memfree, frame_free_count() << PAGE_SHIFT);
	CHECK_EQ(nodes[0], 10);
	s.u.numainfo.num_nodes = 0;
	CHECK_EQ(sysctl(XEN_SYSCTL_numainfo, &s), 0);
	CHECK_EQ(s.u.numainfo.num_nodes, 0);

	memset(&s, 0, sizeof(s));
	devs[0] = (struct physdev_pci_device){ .seg = 0, .devfn = 8 };
	devs[1] = (struct physdev_pci_device){ .seg = 7 };
	s.u.pcitopoinfo.num_devs = 2;
	s.u.pcitopoinfo.devs.p = at(BUF);
	s.u.pcitopoinfo.nodes.p = at(BUF + 0x800);
	CHECK_EQ(sysctl(XEN_SYSCTL_pcitopoinfo, &s), 0);
	CHECK_EQ(s.u.pcitopoinfo.num_devs, 2);
	CHECK_EQ(nodes[0], XEN_INVALID_NODE_ID);
	CHECK_EQ(nodes[1], XEN_INVALID_DEV);
	/* A long list stops when the CPU is wanted. */
	s.u.pcitopoinfo.num_devs = 100;
	this_pcpu()->work |= BIT32(PCPU_WORK_TIMER);
	CHECK_EQ(sysctl(XEN_SYSCTL_pcitopoinfo, &s), 0);
	this_pcpu()->work = 0;
	CHECK_EQ(s.u.pcitopoinfo.num_devs, 64);
	CHECK_EQ(machine_end(d), 0);
}

/* --- pools --- */

static s64 cpupool(struct xen_sysctl *s, u32 op, u32 pool, u32 cpu)
{
	*s = (struct xen_sysctl){ 0 };
	s->u.cpupool_op.op = op;
	s->u.cpupool_op.cpupool_id = pool;
	s->u.cpupool_op.cpu = cpu;
	s->u.cpupool_op.domid = cpu;
	s->u.cpupool_op.cpumap.bitmap.p = at(BUF);
	s->u.cpupool_op.cpumap.nr_bits = 200;
	return sysctl(XEN_SYSCTL_cpupool_op, s);
}

UNIT_TEST(pools, "pools are told, and cannot be changed")
{
	struct domain *d = machine_domain(0, 1, true), *other = machine_domain(3, 1, false);
	u8 *map = machine_ptr(d, BUF);
	struct xen_sysctl s;

	host_set_current(d->vcpus[0]);
	memset(map, 0xff, 64);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_INFO, 0, 0), 0);
	CHECK_EQ(s.u.cpupool_op.cpupool_id, 0);
	CHECK_EQ(s.u.cpupool_op.n_dom, 2);
	CHECK_EQ(s.u.cpupool_op.sched_id, XEN_SCHEDULER_CREDIT2);
	CHECK_EQ(map[0], 3);
	CHECK_EQ(map[24], 0);
	CHECK_EQ(map[25], 0xff);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_INFO, 1, 0), -ENOENT);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0, 0), 0);
	CHECK_EQ(map[0], 0);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_CREATE, 0, 0), -EEXIST);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_CREATE, ~0U, 0), -ENOSPC);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_DESTROY, 0, 0), -EBUSY);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_DESTROY, 5, 0), -ENOENT);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 0, 1), -ENODEV);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 0, 77), -EINVAL);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 0, ~0U), -ENODEV);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, 0), -EINVAL);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, 1), -EBUSY);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, 0xffffffef), -EINVAL);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, 3), 0);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 4, 3), -ENOENT);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, 0), -EPERM);
	CHECK_EQ(cpupool(&s, XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, 0x10003), -ESRCH);
	CHECK_EQ(cpupool(&s, 8, 0, 0), -ENOSYS);
	CHECK_EQ(cpupool(&s, ~0U, 0, 0), -ENOSYS);
	s.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_INFO;
	s.u.cpupool_op.cpumap.nr_bits = ~0U;
	CHECK_EQ(sysctl(XEN_SYSCTL_cpupool_op, &s), -EINVAL);
	s.u.cpupool_op.cpumap.nr_bits = 64;
	s.u.cpupool_op.cpumap.bitmap.p = at(BAD);
	CHECK_EQ(sysctl(XEN_SYSCTL_cpupool_op, &s), -EFAULT);
	CHECK_EQ(machine_end(other), 0);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(scheduler, "the policy looks like credit2, with one rate limit and one weight")
{
	struct domain *d = machine_domain(0, 1, true);
	struct xen_sysctl s = { 0 };
	struct xen_domctl op = { 0 };

	CHECK_EQ(sysctl(XEN_SYSCTL_sched_id, &s), 0);
	CHECK_EQ(s.u.sched_id.sched_id, XEN_SCHEDULER_CREDIT2);
	memset(&s, 0, sizeof(s));
	s.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
	s.u.scheduler_op.cmd = XEN_SYSCTL_SCHEDOP_getinfo;
	CHECK_EQ(sysctl(XEN_SYSCTL_scheduler_op, &s), 0);
	CHECK_EQ(s.u.scheduler_op.u.sched_credit2.ratelimit_us, 1000);
	s.u.scheduler_op.cmd = XEN_SYSCTL_SCHEDOP_putinfo;
	CHECK_EQ(sysctl(XEN_SYSCTL_scheduler_op, &s), 0);
	s.u.scheduler_op.u.sched_credit2.ratelimit_us = 50;
	CHECK_EQ(sysctl(XEN_SYSCTL_scheduler_op, &s), -EINVAL);
	s.u.scheduler_op.u.sched_credit2.ratelimit_us = 2000;
	CHECK_EQ(sysctl(XEN_SYSCTL_scheduler_op, &s), -EOPNOTSUPP);
	s.u.scheduler_op.cpupool_id = 7;
	CHECK_EQ(sysctl(XEN_SYSCTL_scheduler_op, &s), -ESRCH);
	s.u.scheduler_op.cmd = 2;
	CHECK_EQ(sysctl(XEN_SYSCTL_scheduler_op, &s), -EINVAL);

	op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
	op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	CHECK_EQ(domctl(XEN_DOMCTL_scheduler_op, 0, &op), 0);
	CHECK_EQ(op.u.scheduler_op.u.credit2.weight, 256);
	CHECK_EQ(op.u.scheduler_op.u.credit2.cap, 0);
	op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	CHECK_EQ(domctl(XEN_DOMCTL_scheduler_op, 0, &op), 0);
	op.u.scheduler_op.u.credit2.cap = 50;
	CHECK_EQ(domctl(XEN_DOMCTL_scheduler_op, 0, &op), -EOPNOTSUPP);
	op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getvcpuinfo;
	CHECK_EQ(domctl(XEN_DOMCTL_scheduler_op, 0, &op), -EINVAL);
	op.u.scheduler_op.sched_id = XEN_SCHEDULER_RTDS;
	op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	CHECK_EQ(domctl(XEN_DOMCTL_scheduler_op, 0, &op), -EINVAL);
	CHECK_EQ(machine_end(d), 0);
}

static s64 affinity(struct xen_domctl *op, u32 cmd, u32 vcpu, u32 flags, u32 bits)
{
	*op = (struct xen_domctl){ 0 };
	op->u.vcpuaffinity.vcpu = vcpu;
	op->u.vcpuaffinity.flags = flags;
	op->u.vcpuaffinity.cpumap_hard.nr_bits = bits;
	op->u.vcpuaffinity.cpumap_hard.bitmap.p = at(BUF);
	op->u.vcpuaffinity.cpumap_soft.nr_bits = bits;
	return domctl(cmd, 0, op);
}

UNIT_TEST(affinities, "vCPUs may run anywhere in their pool, and nothing narrower is promised")
{
	struct domain *d = machine_domain(0, 1, true);
	u8 *map = machine_ptr(d, BUF);
	struct xen_domctl op;

	CHECK_EQ(affinity(&op, XEN_DOMCTL_getvcpuaffinity, 0, XEN_VCPUAFFINITY_HARD, 64), 0);
	CHECK_EQ(map[0], 7); /* as many as there are numbers for */
	CHECK_EQ(affinity(&op, XEN_DOMCTL_getvcpuaffinity, 1, XEN_VCPUAFFINITY_HARD, 64), -EINVAL);
	CHECK_EQ(affinity(&op, XEN_DOMCTL_getvcpuaffinity, 0, 0, 64), -EINVAL);
	CHECK_EQ(affinity(&op, XEN_DOMCTL_getvcpuaffinity, 0, XEN_VCPUAFFINITY_SOFT, 64), -EINVAL);
	CHECK_EQ(affinity(&op, XEN_DOMCTL_getvcpuaffinity, 0, XEN_VCPUAFFINITY_HARD, ~0U), -EINVAL);
	map[0] = 0xff;
	CHECK_EQ(affinity(&op, XEN_DOMCTL_setvcpuaffinity, 0, XEN_VCPUAFFINITY_HARD, 64), 0);
	CHECK_EQ(map[0], 3);
	map[0] = 1;
	CHECK_EQ(affinity(&op, XEN_DOMCTL_setvcpuaffinity, 0, XEN_VCPUAFFINITY_HARD, 64),
		-EOPNOTSUPP);
	map[0] = 4;
	CHECK_EQ(affinity(&op, XEN_DOMCTL_setvcpuaffinity, 0, XEN_VCPUAFFINITY_HARD, 64), -EINVAL);
	/* Bits beyond those that the caller counts do not count. */
	map[0] = 3;
	CHECK_EQ(affinity(&op, XEN_DOMCTL_setvcpuaffinity, 0, XEN_VCPUAFFINITY_HARD, 1),
		-EOPNOTSUPP);
	CHECK_EQ(machine_end(d), 0);
}

/* --- domains --- */

UNIT_TEST(info, "a domain's state, by id or as the next one")
{
	struct domain *d = machine_domain(0, 2, true), *other = machine_domain(3, 2, false);
	struct xen_domctl op = { 0 };
	struct xen_domctl_getdomaininfo *i = &op.u.getdomaininfo;

	vcpu_hold(other->vcpus[1], VCPU_HOLD_DOWN);
	host_set_current(d->vcpus[0]);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, 1, &op), 0);
	CHECK_EQ(op.domain, 3);
	CHECK_EQ(i->domain, 3);
	CHECK_EQ(i->tot_pages, DOMAIN_PAGES);
	CHECK_EQ(i->max_pages, 2 * DOMAIN_PAGES);
	CHECK_EQ(i->nr_online_vcpus, 1);
	CHECK_EQ(i->max_vcpu_id, 1);
	CHECK_EQ(i->shared_info_frame, ~0ULL);
	CHECK_EQ(i->gpaddr_bits, 39);
	CHECK_EQ(i->arch_config.emulation_flags, XEN_X86_EMU_LAPIC);
	CHECK_EQ(i->flags & 0xffff, XEN_DOMINF_hvm_guest | XEN_DOMINF_hap);
	CHECK_EQ(i->flags >> XEN_DOMINF_shutdownshift, 0xffff);
	vcpu_hold(other->vcpus[0], VCPU_HOLD_BLOCKED);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, 3, &op), 0);
	CHECK((i->flags & XEN_DOMINF_blocked) != 0);
	domain_shutdown(other, SHUT_REBOOT);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, 3, &op), 0);
	CHECK((i->flags & XEN_DOMINF_shutdown) != 0);
	CHECK_EQ(i->flags >> XEN_DOMINF_shutdownshift, SHUT_REBOOT);
	CHECK_EQ(domctl(XEN_DOMCTL_resumedomain, 3, &op), 0);
	CHECK(!other->shut_down);
	CHECK_EQ(domctl(XEN_DOMCTL_resumedomain, 3, &op), 0);
	CHECK_EQ(domctl(XEN_DOMCTL_resumedomain, 0, &op), -EINVAL);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, 4, &op), -ESRCH);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, DOMID_SELF, &op), -EINVAL);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, 0, &op), 0);
	CHECK_EQ(op.domain, 0);
	CHECK_EQ(machine_end(other), 0);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(list, "the list has as many domains as there is room for, from the first one on")
{
	struct domain *d = machine_domain(0, 1, true), *other = machine_domain(3, 1, false);
	struct xen_domctl_getdomaininfo *info = machine_ptr(d, BUF);
	struct xen_sysctl s = { 0 };

	host_set_current(d->vcpus[0]);
	s.u.getdomaininfolist.buffer.p = at(BUF);
	s.u.getdomaininfolist.max_domains = 100;
	CHECK_EQ(sysctl(XEN_SYSCTL_getdomaininfolist, &s), 0);
	CHECK_EQ(s.u.getdomaininfolist.num_domains, 2);
	CHECK_EQ(info[0].domain, 0);
	CHECK_EQ(info[1].domain, 3);
	s.u.getdomaininfolist.first_domain = 1;
	CHECK_EQ(sysctl(XEN_SYSCTL_getdomaininfolist, &s), 0);
	CHECK_EQ(s.u.getdomaininfolist.num_domains, 1);
	CHECK_EQ(info[0].domain, 3);
	s.u.getdomaininfolist.max_domains = 0;
	CHECK_EQ(sysctl(XEN_SYSCTL_getdomaininfolist, &s), 0);
	CHECK_EQ(s.u.getdomaininfolist.num_domains, 0);
	s.u.getdomaininfolist.max_domains = ~0U;
	s.u.getdomaininfolist.buffer.p = at(BAD);
	CHECK_EQ(sysctl(XEN_SYSCTL_getdomaininfolist, &s), -EFAULT);
	CHECK_EQ(atomic_read(&other->refs), 1);
	CHECK_EQ(machine_end(other), 0);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(vcpuinfo, "a vCPU's state")
{
	struct domain *d = machine_domain(0, 2, true);
	struct xen_domctl op = { 0 };

	vcpu_hold(d->vcpus[1], VCPU_HOLD_BLOCKED);
	op.u.getvcpuinfo.vcpu = 1;
	CHECK_EQ(domctl(XEN_DOMCTL_getvcpuinfo, 0, &op), 0);
	CHECK_EQ(op.u.getvcpuinfo.online, 1);
	CHECK_EQ(op.u.getvcpuinfo.blocked, 1);
	CHECK_EQ(op.u.getvcpuinfo.running, 0);
	CHECK_EQ(op.u.getvcpuinfo.cpu, d->vcpus[1]->cpu->id);
	op.u.getvcpuinfo.vcpu = 2;
	CHECK_EQ(domctl(XEN_DOMCTL_getvcpuinfo, 0, &op), -EINVAL);
	op.u.getvcpuinfo.vcpu = ~0U;
	CHECK_EQ(domctl(XEN_DOMCTL_getvcpuinfo, 0, &op), -EINVAL);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(pauses, "the tools' pauses count up to 255 and not below what they took")
{
	struct domain *d = machine_domain(0, 1, true), *other = machine_domain(3, 1, false);
	struct xen_domctl op = { 0 };

	host_set_current(d->vcpus[0]);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, 0), -EINVAL);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, 0), -EINVAL);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, 3), -EINVAL);
	for (unsigned int i = 0; i < 255; i++) {
		CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, 3), 0);
	}
	CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, 3), -EOVERFLOW);
	CHECK((other->vcpus[0]->hold & BIT32(VCPU_HOLD_PAUSED)) != 0);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, 3, &op), 0);
	CHECK((op.u.getdomaininfo.flags & XEN_DOMINF_paused) != 0);
	for (unsigned int i = 0; i < 255; i++) {
		CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, 3), 0);
	}
	CHECK_EQ(other->vcpus[0]->hold, 0);
	CHECK_EQ(machine_end(other), 0);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(limits, "memory limit, pool and UUID")
{
	struct domain *d = machine_domain(0, 1, true), *other = machine_domain(3, 1, false);
	struct xen_domctl op = { 0 };
	xen_domain_handle_t handle;

	host_set_current(d->vcpus[0]);
	op.u.max_mem.max_memkb = 4 * 77 + 3;
	CHECK_EQ(domctl(XEN_DOMCTL_max_mem, 3, &op), 0);
	CHECK_EQ(other->page_max, 77);

	CHECK_EQ(domctl(XEN_DOMCTL_get_paging_mempool_size, 3, &op), 0);
	CHECK_EQ(op.u.paging_mempool.size, 1024 << PAGE_SHIFT);
	op.u.paging_mempool.size += PAGE_SIZE;
	CHECK_EQ(domctl(XEN_DOMCTL_set_paging_mempool_size, 3, &op), 0);
	CHECK_EQ(other->pool.limit, 1025);
	op.u.paging_mempool.size += 1;
	CHECK_EQ(domctl(XEN_DOMCTL_set_paging_mempool_size, 3, &op), -EINVAL);
	op.u.paging_mempool.size = 1ULL << 50;
	CHECK_EQ(domctl(XEN_DOMCTL_set_paging_mempool_size, 3, &op), -EINVAL);
	op.u.paging_mempool.size = MACHINE_RAM * 2;
	CHECK_EQ(domctl(XEN_DOMCTL_set_paging_mempool_size, 3, &op), -ENOMEM);
	op.u.paging_mempool.size = 0;
	CHECK_EQ(domctl(XEN_DOMCTL_set_paging_mempool_size, 3, &op), -ENOMEM);
	CHECK_EQ(other->pool.limit, 1025);

	memset(op.u.setdomainhandle.handle, 0x5a, sizeof(op.u.setdomainhandle.handle));
	CHECK_EQ(domctl(XEN_DOMCTL_setdomainhandle, 0, &op), 0);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, 0, &op), 0);
	CHECK_EQ(op.u.getdomaininfo.handle[15], 0x5a);
	CHECK_EQ(machine_call_arg(
			 __HYPERVISOR_xen_version, XENVER_guest_handle, handle, sizeof(handle)),
		0);
	CHECK_EQ(handle[0], 0x5a);
	CHECK_EQ(machine_end(other), 0);
	CHECK_EQ(machine_end(d), 0);
}

/* --- the end of a domain --- */

UNIT_TEST(destroy, "a domain is destroyed with all that it had, and not found any more")
{
	struct domain *d = machine_domain(0, 1, true);
	u64 had = frame_free_count();
	struct domain *other = machine_domain(3, 2, false);
	struct xen_domctl op = { 0 };

	atomic_inc(&other->refs); /* somebody still holds the structure */
	host_set_current(d->vcpus[0]);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_destroydomain, 0), -EINVAL);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_destroydomain, 4), -ESRCH);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_destroydomain, 3), 0);
	CHECK(other->dying);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_destroydomain, 3), 0);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, 3), -ESRCH);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, 3, &op), -ESRCH);
	CHECK(domain_get(3) == NULL);
	CHECK(domain_next(0) == NULL);
	CHECK_EQ(atomic_read(&other->refs), 1);
	domain_put(other);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_destroydomain, 3), -ESRCH);
	CHECK(frame_free_count() + 1024 >= had);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(destroy_steps, "destruction gives way to other work, and goes on where it was")
{
	struct domain *d = machine_domain(0, 1, true), *other = machine_domain(3, 2, false);
	struct xen_domctl op = { .cmd = XEN_DOMCTL_destroydomain,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = 3 };
	struct hypercall call = { .args = { ARG } };
	unsigned int rounds = 0;
	s64 ret = 0;

	host_set_current(d->vcpus[0]);
	atomic_inc(&other->refs);
	CHECK_EQ(guest_write_phys(d, GPA(ARG), &op, sizeof(op)), 0);
	do {
		this_pcpu()->work |= BIT32(PCPU_WORK_TIMER);
		rounds++;
	} while (abi_hypercall(d->vcpus[0], DOMCTL, &call, &ret) == HC_RETRY && rounds < 100000);
	this_pcpu()->work = 0;
	CHECK_EQ(ret, 0);
	CHECK(rounds > 4);
	CHECK(other->evtchn == NULL);
	domain_put(other);
	CHECK_EQ(machine_end(d), 0);
}

/* --- hostile arguments --- */

UNIT_TEST(pointers, "structures that are not there are -EFAULT, and nothing happens")
{
	struct domain *d = machine_domain(0, 1, true), *other = machine_domain(3, 1, false);

	host_set_current(d->vcpus[0]);
	CHECK_EQ(machine_call(SYSCTL, BAD, 0, 0), -EFAULT);
	CHECK_EQ(machine_call(SYSCTL, ~0ULL - 16, 0, 0), -EFAULT);
	CHECK_EQ(machine_call(SYSCTL, DOMAIN_PAGES * PAGE_SIZE - 8, 0, 0), -EFAULT);
	CHECK_EQ(machine_call(DOMCTL, BAD, 0, 0), -EFAULT);
	CHECK_EQ(machine_call(DOMCTL, ~0ULL - 16, 0, 0), -EFAULT);
	CHECK_EQ(machine_end(other), 0);
	CHECK_EQ(machine_end(d), 0);
}
