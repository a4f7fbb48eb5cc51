/* SPDX-License-Identifier: GPL-2.0-only */
/* What hypercalls do when they succeed: the calls of a PVH dom0's start, memory, time, waiting. */
#include "unit/abi_machine.h"

#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include "core/time.h"
#include "unit/harness.h"

#define EV __HYPERVISOR_event_channel_op
#define SCHED __HYPERVISOR_sched_op
#define VCPU __HYPERVISOR_vcpu_op
#define MEM __HYPERVISOR_memory_op
#define HVM __HYPERVISOR_hvm_op

static s64 vcpu_call(u64 op, u64 vcpu, const void *arg, size_t size)
{
	CHECK_EQ(guest_write_phys(vcpu_current()->domain, GPA(ARG), arg, size), 0);
	return machine_call(VCPU, op, vcpu, ARG);
}

/* --- xen_version --- */

UNIT_TEST(features, "the features are those of PVH on Xen 4.17")
{
	struct domain *d = machine_domain(0, 1, true);
	struct xen_feature_info fi = { 0 };

	CHECK_EQ(machine_call_arg(__HYPERVISOR_xen_version, XENVER_get_features, &fi, sizeof(fi)),
		0);
	CHECK_EQ(fi.submap,
		1U << XENFEAT_writable_page_tables | 1U << XENFEAT_auto_translated_physmap |
			1U << XENFEAT_memory_op_vnode_supported | 1U << XENFEAT_hvm_safe_pvclock |
			1U << XENFEAT_hvm_callback_vector | 1U << XENFEAT_not_direct_mapped |
			1U << XENFEAT_dom0);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(texts, "texts are filled up with zeros, and the build-id comes with its length")
{
	static const u8 id[20] = { 1, 2, 3 };
	struct domain *d = machine_domain(0, 1, true);
	xen_capabilities_info_t caps;
	u32 build[6] = { 20 };

	memset(caps, 0xff, sizeof(caps));
	CHECK_EQ(
		machine_call_arg(__HYPERVISOR_xen_version, XENVER_capabilities, caps, sizeof(caps)),
		0);
	CHECK_STR(caps, "hvm-3.0-x86_64 ");
	CHECK_EQ(caps[sizeof(caps) - 1], 0);
	host_abi.build_id = id;
	CHECK_EQ(machine_call(__HYPERVISOR_xen_version, XENVER_build_id, 0, 0), 20);
	CHECK_EQ(machine_call_arg(__HYPERVISOR_xen_version, XENVER_build_id, build, sizeof(build)),
		20);
	CHECK_EQ(memcmp(&build[1], id, 20), 0);
	build[0] = 19;
	CHECK_EQ(machine_call_arg(__HYPERVISOR_xen_version, XENVER_build_id, build, sizeof(build)),
		-ENOBUFS);
	host_abi.build_id = NULL;
	CHECK_EQ(machine_end(d), 0);
}

/* --- memory_op --- */

static s64 memory_reserve(unsigned int op, u64 list, u64 count, unsigned int order)
{
	struct xen_memory_reservation r = {
		.nr_extents = count, .extent_order = order, .domid = DOMID_SELF
	};

	r.extent_start.p = (void *)(uintptr_t)list;
	return machine_call_arg(MEM, op, &r, sizeof(r));
}

static void put_gfns(struct domain *d, u64 at, u64 first, u64 step, u64 count)
{
	for (u64 i = 0; i < count; i++) {
		u64 gfn = first + i * step;

		CHECK_EQ(guest_write_phys(d, GPA(at + 8 * i), &gfn, sizeof(gfn)), 0);
	}
}

UNIT_TEST(balloon, "frames go and come back empty, in pieces, up to the limit")
{
	struct domain *d = machine_domain(1, 1, false);
	u64 had = d->page_count, word = 0x1234567;

	put_gfns(d, 0x20000, 0x40, 1, 64);
	CHECK_EQ(guest_write_phys(d, GPA(0x45000), &word, sizeof(word)), 0);
	host_now_ns += 1;
	CHECK_EQ(memory_reserve(XENMEM_decrease_reservation, 0x20000, 64, 0), 64);
	CHECK_EQ(d->page_count, had - 64);
	CHECK_EQ(guest_lookup(d, GFN(0x45)).type, S2_NONE);
	CHECK_EQ(memory_reserve(XENMEM_decrease_reservation, 0x20000, 64, 0), 0);
	CHECK_EQ(memory_reserve(XENMEM_populate_physmap, 0x20000, 64, 0), 64);
	CHECK_EQ(d->page_count, had);
	CHECK_EQ(guest_read_phys(d, GPA(0x45000), &word, sizeof(word)), 0);
	CHECK_EQ(word, 0);
	/* Up to page_max, by extents of 16 frames. */
	put_gfns(d, 0x20000, 0x1000, 16, 100);
	CHECK_EQ(memory_reserve(XENMEM_populate_physmap, 0x20000, 100, 4), DOMAIN_PAGES / 16);
	CHECK_EQ(d->page_count, d->page_max);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(preempted, "a long list goes on where it stopped when the CPU is wanted for other work")
{
	struct domain *d = machine_domain(1, 1, false);
	struct xen_memory_reservation r = { .nr_extents = 64, .domid = DOMID_SELF };
	struct hypercall call = { .args = { XENMEM_decrease_reservation, ARG } };
	unsigned int rounds = 0;
	s64 ret = 0;

	put_gfns(d, 0x20000, 0x40, 1, 64);
	r.extent_start.p = (void *)0x20000;
	CHECK_EQ(guest_write_phys(d, GPA(ARG), &r, sizeof(r)), 0);
	this_pcpu()->work |= BIT32(PCPU_WORK_TIMER);
	while (abi_hypercall(vcpu_current(), MEM, &call, &ret) == HC_RETRY) {
		rounds++;
		CHECK_EQ(call.args[0], XENMEM_decrease_reservation | rounds << 6);
	}
	this_pcpu()->work = 0;
	CHECK_EQ(rounds, 63);
	CHECK_EQ(ret, 64);
	CHECK_EQ(machine_end(d), 0);
}

static s64 add_to_physmap(unsigned int space, u64 idx, u64 gfn)
{
	struct xen_add_to_physmap a = {
		.domid = DOMID_SELF, .space = space, .idx = idx, .gpfn = gfn
	};

	return machine_call_arg(MEM, XENMEM_add_to_physmap, &a, sizeof(a));
}

UNIT_TEST(physmap, "shared_info, grant frames and RAM appear at one gfn at a time")
{
	struct domain *d = machine_domain(1, 1, false);
	struct xen_remove_from_physmap rm = { .domid = DOMID_SELF, .gpfn = 0x501 };
	u64 had = d->page_count;
	mfn_t ram = guest_lookup(d, GFN(0x60)).mfn;

	CHECK_EQ(add_to_physmap(XENMAPSPACE_shared_info, 0, 0x500), 0);
	CHECK_EQ(guest_lookup(d, GFN(0x500)).type, S2_SHARED);
	CHECK_EQ(add_to_physmap(XENMAPSPACE_shared_info, 0, 0x50), 0);
	CHECK_EQ(guest_lookup(d, GFN(0x500)).type, S2_NONE);
	CHECK(mfn_eq(guest_lookup(d, GFN(0x50)).mfn, evtchn_shared_info_mfn(d)));
	CHECK_EQ(d->page_count, had - 1); /* RAM stood there */
	CHECK_EQ(add_to_physmap(XENMAPSPACE_grant_table, 3, 0x501), 0);
	CHECK_EQ(add_to_physmap(XENMAPSPACE_grant_table, 3, 0x502), 0);
	CHECK_EQ(guest_lookup(d, GFN(0x501)).type, S2_NONE);
	rm.gpfn = 0x502;
	CHECK_EQ(machine_call_arg(MEM, XENMEM_remove_from_physmap, &rm, sizeof(rm)), 0);
	CHECK_EQ(machine_call_arg(MEM, XENMEM_remove_from_physmap, &rm, sizeof(rm)), -ENOENT);
	CHECK_EQ(add_to_physmap(XENMAPSPACE_gmfn, 0x60, 0x700), 0);
	CHECK_EQ(guest_lookup(d, GFN(0x60)).type, S2_NONE);
	CHECK(mfn_eq(guest_lookup(d, GFN(0x700)).mfn, ram));
	CHECK_EQ(add_to_physmap(XENMAPSPACE_gmfn, 0x700, 0x61), 0);
	CHECK_EQ(d->page_count, had - 2);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(foreign, "a privileged domain maps another's frame, and holds it when the other ends")
{
	struct domain *other = machine_domain(3, 1, false), *d = machine_domain(0, 1, true);
	struct xen_add_to_physmap_batch b = { .domid = DOMID_SELF,
		.space = XENMAPSPACE_gmfn_foreign,
		.size = 2,
		.u.foreign_domid = 3 };
	u64 idxs[2] = { 7, 0x9999 }, gfns[2] = { 0x800, 0x801 }, word = 0xabc;
	s32 errs[2] = { 1, 1 };

	CHECK_EQ(guest_write_phys(other, GPA(0x7008), &word, sizeof(word)), 0);
	CHECK_EQ(guest_write_phys(d, GPA(0x20000), idxs, sizeof(idxs)), 0);
	CHECK_EQ(guest_write_phys(d, GPA(0x21000), gfns, sizeof(gfns)), 0);
	b.idxs.p = (void *)0x20000;
	b.gpfns.p = (void *)0x21000;
	b.errs.p = (void *)0x22000;
	CHECK_EQ(machine_call_arg(MEM, XENMEM_add_to_physmap_batch, &b, sizeof(b)), 0);
	CHECK_EQ(guest_read_phys(d, GPA(0x22000), errs, sizeof(errs)), 0);
	CHECK_EQ(errs[0], 0);
	CHECK_EQ(errs[1], -EINVAL);
	word = 0;
	CHECK_EQ(guest_read_phys(d, GPA(0x800008), &word, sizeof(word)), 0);
	CHECK_EQ(word, 0xabc);
	machine_kill(other);
	host_set_current(d->vcpus[0]);
	CHECK_EQ(guest_read_phys(d, GPA(0x800008), &word, sizeof(word)), 0);
	CHECK_EQ(word, 0xabc);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(maps, "memory maps and reserved ranges have the ABI's layouts")
{
	struct domain *d = machine_domain(0, 1, true);
	struct xen_memory_map m = { .nr_entries = 2 };
	struct xen_reserved_device_memory_map r = { .flags = XENMEM_RDM_ALL, .nr_entries = 4 };
	struct xen_reserved_device_memory rdm[2];
	u8 e820[60];

	m.buffer.p = (void *)0x20000;
	CHECK_EQ(machine_call_arg(MEM, XENMEM_memory_map, &m, sizeof(m)), 0);
	CHECK_EQ(m.nr_entries, 2);
	CHECK_EQ(guest_read_phys(d, GPA(0x20000), e820, sizeof(e820)), 0);
	CHECK_EQ(memcmp(e820, host_abi_map, 40), 0);
	CHECK_EQ(e820[40], 0);
	r.buffer.p = (void *)0x21000;
	CHECK_EQ(machine_call_arg(MEM, XENMEM_reserved_device_memory_map, &r, sizeof(r)), 0);
	CHECK_EQ(r.nr_entries, 2);
	CHECK_EQ(guest_read_phys(d, GPA(0x21000), rdm, sizeof(rdm)), 0);
	CHECK_EQ(rdm[1].start_pfn, 0x7f000);
	CHECK_EQ(rdm[1].nr_pages, 0x800);
	r = (struct xen_reserved_device_memory_map){ .nr_entries = 4 };
	r.dev.pci.devfn = 0x10;
	r.buffer.p = (void *)0x21000;
	CHECK_EQ(machine_call_arg(MEM, XENMEM_reserved_device_memory_map, &r, sizeof(r)), 0);
	CHECK_EQ(r.nr_entries, 1);
	CHECK_EQ(machine_end(d), 0);
}

/* --- grant tables --- */

UNIT_TEST(grants, "the table has a size and an address, and others' pages are refused by status")
{
	struct domain *d = machine_domain(0, 1, true);
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 2 };
	struct gnttab_map_grant_ref m = { .flags = GNTMAP_host_map, .dom = 9 };
	struct gnttab_copy c = { .source = { .domid = 9 }, .dest = { .domid = DOMID_SELF } };
	u64 list[2];

	guest_write_phys(d, GPA(ARG), &q, sizeof(q));
	CHECK_EQ(machine_call(__HYPERVISOR_grant_table_op, GNTTABOP_query_size, ARG, 1), 0);
	guest_read_phys(d, GPA(ARG), &q, sizeof(q));
	CHECK_EQ(q.status, GNTST_okay);
	CHECK_EQ(q.nr_frames, 1);
	CHECK_EQ(q.max_nr_frames, 4);
	CHECK_EQ(add_to_physmap(XENMAPSPACE_grant_table, 1, 0x600), 0);
	s.frame_list.p = (void *)0x20000;
	guest_write_phys(d, GPA(ARG), &s, sizeof(s));
	CHECK_EQ(machine_call(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table, ARG, 1), 0);
	guest_read_phys(d, GPA(ARG), &s, sizeof(s));
	guest_read_phys(d, GPA(0x20000), list, sizeof(list));
	CHECK_EQ(s.status, GNTST_okay);
	CHECK_EQ(list[1], 0x600);
	guest_write_phys(d, GPA(ARG), &m, sizeof(m));
	CHECK_EQ(machine_call(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, ARG, 1), 0);
	guest_read_phys(d, GPA(ARG), &m, sizeof(m));
	CHECK_EQ((u16)m.status, (u16)GNTST_bad_domain);
	guest_write_phys(d, GPA(ARG), &c, sizeof(c));
	CHECK_EQ(machine_call(__HYPERVISOR_grant_table_op, GNTTABOP_copy, ARG, 1), 0);
	guest_read_phys(d, GPA(ARG), &c, sizeof(c));
	CHECK_EQ((u16)c.status, (u16)GNTST_bad_domain);
	CHECK_EQ(machine_end(d), 0);
}

/* --- Arm --- */

static s64 cache_flush(struct domain *d, u64 addr, u16 offset, u16 length, u32 op)
{
	struct gnttab_cache_flush f = { { addr }, offset, length, op };

	guest_write_phys(d, GPA(ARG), &f, sizeof(f));
	return machine_call(__HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, ARG, 1);
}

UNIT_TEST(arm, "on Arm there are only the operations that Xen has there")
{
	struct domain *other = machine_domain(1, 1, false), *d = machine_domain(0, 1, true);
	struct xen_feature_info fi = { 0 };
	struct xen_hvm_param p = { DOMID_SELF, 0, HVM_PARAM_CALLBACK_IRQ, 0 };
	u64 own = guest_lookup(d, GFN(ARG >> PAGE_SHIFT)).mfn.v << PAGE_SHIFT;
	u64 foreign = guest_lookup(other, GFN(ARG >> PAGE_SHIFT)).mfn.v << PAGE_SHIFT;

	CHECK_EQ(cache_flush(d, own, 0, 64, GNTTAB_CACHE_CLEAN), -ENOSYS);
	arch_abi_family = ABI_ARM;
	CHECK_EQ(machine_call_arg(__HYPERVISOR_xen_version, XENVER_get_features, &fi, sizeof(fi)),
		0);
	CHECK_EQ(fi.submap, 1U << XENFEAT_writable_page_tables |
				    1U << XENFEAT_auto_translated_physmap |
				    1U << XENFEAT_memory_op_vnode_supported |
				    1U << XENFEAT_ARM_SMCCC_supported |
				    1U << XENFEAT_not_direct_mapped | 1U << XENFEAT_dom0);
	CHECK_EQ(machine_call(VCPU, VCPUOP_is_up, 0, 0), -EINVAL);
	CHECK_EQ(machine_call(VCPU, VCPUOP_register_vcpu_info, 9, 0), -ENOENT);
	CHECK_EQ(machine_call(__HYPERVISOR_set_timer_op, 0, 0, 0), -ENOSYS);
	CHECK_EQ(machine_call(MEM, XENMEM_memory_map, ARG, 0), -ENOSYS);
	CHECK_EQ(add_to_physmap(XENMAPSPACE_gmfn, 1, 0x600), -ENOSYS);
	CHECK_EQ(add_to_physmap(9, 1, 0x600), -ENOSYS);
	CHECK_EQ(machine_call(HVM, HVMOP_get_time, ARG, 0), -ENOSYS);
	CHECK_EQ(machine_call_arg(HVM, HVMOP_get_param, &p, sizeof(p)), 0);
	CHECK_EQ(machine_call_arg(HVM, HVMOP_set_param, &p, sizeof(p)), -EPERM);
	p.index = HVM_PARAM_VIRIDIAN;
	CHECK_EQ(machine_call_arg(HVM, HVMOP_get_param, &p, sizeof(p)), -EINVAL);
	CHECK_EQ(machine_call(__HYPERVISOR_physdev_op, PHYSDEVOP_pci_device_add, ARG, 0), -ENOSYS);
	CHECK_EQ(cache_flush(d, own, 0, 4096, GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL), 0);
	CHECK_EQ(cache_flush(d, own, 4095, 2, GNTTAB_CACHE_CLEAN), -EINVAL);
	CHECK_EQ(cache_flush(d, own, 0, 64, 4), -EINVAL);
	CHECK_EQ(cache_flush(d, own, 0, 64, GNTTAB_CACHE_SOURCE_GREF), -EOPNOTSUPP);
	CHECK_EQ(cache_flush(d, foreign, 0, 64, GNTTAB_CACHE_CLEAN), -EPERM);
	CHECK_EQ(cache_flush(d, ~0ULL, 0, 64, GNTTAB_CACHE_CLEAN), -EPERM);
	arch_abi_family = ABI_X86;
	CHECK_EQ(machine_end(d), 0);
	machine_kill(other);
}

/* --- hvm_op, platform_op --- */

UNIT_TEST(params, "parameters keep their values, and the callback takes the guest's width")
{
	struct domain *d = machine_domain(0, 1, true);
	struct xen_hvm_param p = {
		.domid = DOMID_SELF, .index = HVM_PARAM_STORE_EVTCHN, .value = 7
	};
	struct hypercall call = { .args = { HVMOP_set_param, ARG }, .compat = true };
	struct xen_hvm_evtchn_upcall_vector vec = { 0, 0xf3 };
	s64 ret;

	CHECK_EQ(machine_call_arg(HVM, HVMOP_set_param, &p, sizeof(p)), 0);
	p.value = 0;
	CHECK_EQ(machine_call_arg(HVM, HVMOP_get_param, &p, sizeof(p)), 0);
	CHECK_EQ(p.value, 7);
	p = (struct xen_hvm_param){ DOMID_SELF, 0, HVM_PARAM_CALLBACK_IRQ, 0x02000000000000f3 };
	CHECK_EQ(guest_write_phys(d, GPA(ARG), &p, sizeof(p)), 0);
	CHECK_EQ(abi_hypercall(vcpu_current(), HVM, &call, &ret), HC_DONE);
	CHECK_EQ(ret, 0);
	CHECK(evtchn_compat(d));
	CHECK_EQ(host_abi.callback, 0x02000000000000f3);
	CHECK_EQ(machine_call_arg(HVM, HVMOP_set_param, &p, sizeof(p)), 0);
	CHECK(!evtchn_compat(d));
	CHECK_EQ(machine_call_arg(HVM, HVMOP_set_evtchn_upcall_vector, &vec, sizeof(vec)), 0);
	CHECK_EQ(host_abi.vector, 0xf3);
	CHECK_EQ(machine_end(d), 0);
}

static s64 platform(struct domain *d, struct xen_platform_op *op)
{
	s64 ret;

	op->interface_version = XENPF_INTERFACE_VERSION;
	guest_write_phys(d, GPA(ARG), op, sizeof(*op));
	ret = machine_call(__HYPERVISOR_platform_op, ARG, 0, 0);
	guest_read_phys(d, GPA(ARG), op, sizeof(*op));
	return ret;
}

UNIT_TEST(wallclock, "the wall clock that dom0 sets reaches shared_info of all domains")
{
	struct domain *other = machine_domain(3, 1, false), *d = machine_domain(0, 1, true);
	struct xen_platform_op op = { .cmd = XENPF_settime64 };
	const struct shared_info *s;

	op.u.settime64.secs = 0x100000000ULL + 55;
	op.u.settime64.nsecs = 500;
	op.u.settime64.system_time = 5 * NS_PER_S;
	CHECK_EQ(platform(d, &op), 0);
	for (unsigned int i = 0; i < 2; i++) {
		s = evtchn_shared_info(i == 0 ? other : d);
		CHECK_EQ(s->wc_sec, 50);
		CHECK_EQ(s->wc_sec_hi, 1);
		CHECK_EQ(s->wc_nsec, 500);
		CHECK_EQ(s->wc_version % 2, 0);
	}
	op.u.settime64.secs = 99;
	CHECK_EQ(platform(d, &op), 0);
	CHECK_EQ(evtchn_shared_info(d)->wc_sec, 94);
	CHECK_EQ(machine_end(d), 0);
	CHECK_EQ(machine_end(other), 0);
}

UNIT_TEST(cpuinfo, "get_cpuinfo tells present, absent and off-line CPUs apart")
{
	struct domain *d = machine_domain(0, 1, true);
	struct xen_platform_op op = { .cmd = XENPF_get_cpuinfo };

	op.u.pcpu_info.xen_cpuid = 1;
	CHECK_EQ(platform(d, &op), 0);
	CHECK_EQ(op.u.pcpu_info.flags, XEN_PCPU_FLAGS_ONLINE);
	CHECK_EQ(op.u.pcpu_info.apic_id, 2);
	CHECK_EQ(op.u.pcpu_info.acpi_id, 2);
	CHECK_EQ(op.u.pcpu_info.max_present, 2);
	op.u.pcpu_info.xen_cpuid = 2;
	CHECK_EQ(platform(d, &op), 0);
	CHECK_EQ(op.u.pcpu_info.flags, 0);
	op.u.pcpu_info.xen_cpuid = 3;
	CHECK_EQ(platform(d, &op), 0);
	CHECK_EQ(op.u.pcpu_info.flags, XEN_PCPU_FLAGS_INVALID);
	CHECK_EQ(machine_end(d), 0);
}

/* --- time --- */

UNIT_TEST(singleshot, "the one-shot timer raises VIRQ_TIMER at its time, and at once when past")
{
	struct domain *d = machine_domain(0, 1, true);
	struct vcpu_set_singleshot_timer t = { .flags = VCPU_SSHOTTMR_future };
	bool pending;
	u32 port;

	CHECK_EQ(evtchn_bind_virq(d, VIRQ_TIMER, 0, &port), 0);
	t.timeout_abs_ns = host_now_ns + 5000;
	CHECK_EQ(vcpu_call(VCPUOP_set_singleshot_timer, 0, &t, sizeof(t)), 0);
	timer_run(this_pcpu());
	CHECK_EQ(evtchn_port_pending(d, port, &pending), 0);
	CHECK(!pending);
	host_now_ns = t.timeout_abs_ns;
	timer_run(this_pcpu());
	CHECK_EQ(evtchn_port_pending(d, port, &pending), 0);
	CHECK(pending);
	evtchn_shared_info(d)->evtchn_pending[0] = 0;
	CHECK_EQ(vcpu_call(VCPUOP_set_singleshot_timer, 0, &t, sizeof(t)), 0);
	CHECK_EQ(evtchn_port_pending(d, port, &pending), 0);
	CHECK(pending);
	evtchn_shared_info(d)->evtchn_pending[0] = 0;
	t.timeout_abs_ns = host_now_ns + 50000;
	CHECK_EQ(vcpu_call(VCPUOP_set_singleshot_timer, 0, &t, sizeof(t)), 0);
	CHECK_EQ(machine_call(VCPU, VCPUOP_stop_singleshot_timer, 0, 0), 0);
	host_now_ns += 100000;
	timer_run(this_pcpu());
	CHECK_EQ(evtchn_port_pending(d, port, &pending), 0);
	CHECK(!pending);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(periodic, "the periodic timer comes again until it is stopped")
{
	struct domain *d = machine_domain(0, 1, true);
	struct vcpu_set_periodic_timer t = { .period_ns = 10 * NS_PER_MS };
	bool pending;
	u32 port;

	CHECK_EQ(evtchn_bind_virq(d, VIRQ_TIMER, 0, &port), 0);
	CHECK_EQ(vcpu_call(VCPUOP_set_periodic_timer, 0, &t, sizeof(t)), 0);
	for (unsigned int i = 0; i < 3; i++) {
		evtchn_shared_info(d)->evtchn_pending[0] = 0;
		host_now_ns += 11 * NS_PER_MS;
		timer_run(pcpus[0]);
		timer_run(pcpus[1]);
		CHECK_EQ(evtchn_port_pending(d, port, &pending), 0);
		CHECK(pending);
	}
	CHECK_EQ(machine_call(VCPU, VCPUOP_stop_periodic_timer, 0, 0), 0);
	evtchn_shared_info(d)->evtchn_pending[0] = 0;
	host_now_ns += 110 * NS_PER_MS;
	timer_run(pcpus[0]);
	timer_run(pcpus[1]);
	CHECK_EQ(evtchn_port_pending(d, port, &pending), 0);
	CHECK(!pending);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(records, "time and runstate records are kept by address and by physical address")
{
	struct domain *d = machine_domain(0, 1, true);
	struct vcpu *v = d->vcpus[0];
	const struct vcpu_time_info *t = &evtchn_vcpu_info(v)->time;
	const struct vcpu_time_info *mine = machine_ptr(d, 0x30000);
	const struct vcpu_runstate_info *r = machine_ptr(d, 0x31000);
	const struct vcpu_runstate_info *phys = machine_ptr(d, 0x32010);
	u64 at;

	at = 0x30000;
	CHECK_EQ(vcpu_call(VCPUOP_register_vcpu_time_memory_area, 0, &at, sizeof(at)), 0);
	at = 0x31000;
	CHECK_EQ(vcpu_call(VCPUOP_register_runstate_memory_area, 0, &at, sizeof(at)), 0);
	at = 0x32010;
	CHECK_EQ(vcpu_call(14, 0, &at, sizeof(at)), 0);
	host_now_ns += 1234567;
	vtime_update(v);
	CHECK_EQ(t->system_time, host_now_ns);
	CHECK_EQ(t->tsc_timestamp, 3 * host_now_ns);
	CHECK_EQ(t->tsc_to_system_mul, 0xaaaaaaaa);
	CHECK_EQ(t->tsc_shift, (s8)-1);
	CHECK_EQ(t->version % 2, 0);
	CHECK_EQ(mine->system_time, host_now_ns);
	CHECK_EQ(mine->version % 2, 0);
	CHECK_EQ(r->time[0] + r->time[1] + r->time[2] + r->time[3],
		phys->time[0] + phys->time[1] + phys->time[2] + phys->time[3]);
	CHECK(r->time[0] + r->time[1] + r->time[2] + r->time[3] >= 1234567);
	CHECK_EQ(phys->state_entry_time >> 63, 0);
	at = 0x33000;
	CHECK_EQ(vcpu_call(14, 0, &at, sizeof(at)), 0);
	at = ~0ULL;
	CHECK_EQ(vcpu_call(14, 0, &at, sizeof(at)), 0);
	CHECK_EQ(machine_end(d), 0);
}

/* --- sched_op --- */

static s64 poll(struct domain *d, u32 port, u64 timeout, enum hypercall_outcome *outcome)
{
	struct sched_poll p = { .nr_ports = 1, .timeout = timeout };
	s64 ret = 99;

	p.ports.p = (void *)0x20000;
	guest_write_phys(d, GPA(ARG), &p, sizeof(p));
	guest_write_phys(d, GPA(0x20000), &port, sizeof(port));
	*outcome = machine_hypercall(SCHED, SCHEDOP_poll, ARG, 0, &ret);
	return ret;
}

UNIT_TEST(polling, "poll returns at once when something is pending, and blocks otherwise")
{
	struct domain *d = machine_domain(0, 2, true);
	struct vcpu *v = d->vcpus[0];
	enum hypercall_outcome outcome;
	u32 blocked = BIT32(VCPU_HOLD_BLOCKED), port;

	CHECK_EQ(evtchn_bind_ipi(d, 1, &port), 0);
	v->pending = 0;
	CHECK_EQ(poll(d, port, 0, &outcome), 0);
	CHECK_EQ(outcome, HC_BLOCK);
	CHECK_EQ(v->hold & blocked, blocked);
	CHECK_EQ(evtchn_send(d, port), 0);
	CHECK_EQ(v->hold & blocked, 0);
	CHECK_EQ(poll(d, port, 0, &outcome), 0);
	CHECK_EQ(outcome, HC_DONE);
	CHECK_EQ(v->hold & blocked, 0);
	evtchn_shared_info(d)->evtchn_pending[0] = 0;
	v->pending = BIT32(VCPU_PENDING_EVENT);
	CHECK_EQ(poll(d, port, 0, &outcome), 0);
	CHECK_EQ(outcome, HC_DONE);
	v->pending = 0;
	CHECK_EQ(machine_call(SCHED, SCHEDOP_block, 0, 0), 0);
	CHECK_EQ(v->hold & blocked, blocked);
	vcpu_release(v, VCPU_HOLD_BLOCKED);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(shutdowns, "a domain's shutdown holds its vCPUs and keeps the reason")
{
	struct domain *d = machine_domain(1, 2, false);
	struct sched_shutdown s = { SHUTDOWN_reboot };

	CHECK_EQ(machine_call_arg(SCHED, SCHEDOP_shutdown, &s, sizeof(s)), 0);
	CHECK(d->shut_down);
	CHECK_EQ(d->shutdown_code, SHUT_REBOOT);
	CHECK_EQ(machine_end(d), 0);
	d = machine_domain(1, 1, false);
	s.reason = 200;
	CHECK_EQ(machine_call_arg(SCHED, SCHEDOP_shutdown, &s, sizeof(s)), 0);
	CHECK_EQ(d->shutdown_code, SHUT_CRASH);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(machine_ends, "the hardware domain's power-off and reboot are the machine's")
{
	struct domain *d = machine_domain(0, 1, true);
	struct sched_shutdown s = { SHUTDOWN_poweroff };

	CHECK(host_ends_machine(machine_call_arg(SCHED, SCHEDOP_shutdown, &s, sizeof(s))));
	CHECK_EQ(host_end, MACHINE_POWEROFF);
	s.reason = SHUTDOWN_reboot;
	CHECK(host_ends_machine(machine_call_arg(SCHED, SCHEDOP_shutdown, &s, sizeof(s))));
	CHECK_EQ(host_end, MACHINE_REBOOT);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(watchdogs, "a watchdog that is not fed ends the domain")
{
	struct domain *d = machine_domain(1, 1, false);
	struct sched_watchdog w = { 0, 2 };

	CHECK_EQ(machine_call_arg(SCHED, SCHEDOP_watchdog, &w, sizeof(w)), 1);
	CHECK_EQ(machine_call_arg(SCHED, SCHEDOP_watchdog, &w, sizeof(w)), 2);
	CHECK_EQ(machine_call_arg(SCHED, SCHEDOP_watchdog, &w, sizeof(w)), -ENOSPC);
	w = (struct sched_watchdog){ 2, 0 };
	CHECK_EQ(machine_call_arg(SCHED, SCHEDOP_watchdog, &w, sizeof(w)), 0);
	host_now_ns += NS_PER_S;
	w = (struct sched_watchdog){ 1, 2 };
	CHECK_EQ(machine_call_arg(SCHED, SCHEDOP_watchdog, &w, sizeof(w)), 0);
	host_now_ns += NS_PER_S * 3 / 2;
	timer_run(pcpus[0]);
	timer_run(pcpus[1]);
	CHECK(!d->shut_down);
	host_now_ns += NS_PER_S;
	timer_run(pcpus[0]);
	timer_run(pcpus[1]);
	CHECK(d->shut_down);
	CHECK_EQ(d->shutdown_code, SHUT_WATCHDOG);
	CHECK_EQ(machine_end(d), 0);
}

UNIT_TEST(up_down, "vCPUs go down and come up, and the last one's end is the domain's")
{
	struct domain *d = machine_domain(1, 2, false);

	CHECK_EQ(machine_call(VCPU, VCPUOP_down, 1, 0), 0);
	CHECK_EQ(machine_call(VCPU, VCPUOP_is_up, 1, 0), 0);
	host_abi.initialised[1] = true;
	CHECK_EQ(machine_call(VCPU, VCPUOP_up, 1, 0), 0);
	host_abi.initialised[1] = false;
	CHECK_EQ(machine_call(VCPU, VCPUOP_is_up, 1, 0), 1);
	CHECK_EQ(machine_call(VCPU, VCPUOP_down, 0, 0), 0);
	CHECK(!d->shut_down);
	CHECK_EQ(machine_call(VCPU, VCPUOP_down, 1, 0), 0);
	CHECK(d->shut_down);
	CHECK_EQ(d->shutdown_code, SHUT_POWEROFF);
	CHECK_EQ(machine_end(d), 0);
}

/* --- multicall --- */

UNIT_TEST(
	multicalls, "a list of calls is done one by one, goes on after a break, and does not nest")
{
	struct domain *d = machine_domain(0, 1, true);
	struct multicall_entry list[3] = {
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_version } },
		{ .op = __HYPERVISOR_multicall, .args = { 0x20000, 1 } },
		{ .op = MEM, .args = { XENMEM_maximum_ram_page } },
	};
	struct hypercall call = { .args = { 0x20000, 3 } };
	unsigned int rounds = 0;
	s64 ret;

	guest_write_phys(d, GPA(0x20000), list, sizeof(list));
	this_pcpu()->work |= BIT32(PCPU_WORK_TIMER);
	while (abi_hypercall(vcpu_current(), __HYPERVISOR_multicall, &call, &ret) == HC_RETRY) {
		rounds++;
		CHECK_EQ(call.args[0], 0x20000 + 64 * rounds);
		CHECK_EQ(call.args[1], 3 - rounds);
	}
	this_pcpu()->work = 0;
	CHECK_EQ(rounds, 2);
	CHECK_EQ(ret, 0);
	guest_read_phys(d, GPA(0x20000), list, sizeof(list));
	CHECK_EQ(list[0].result, 0x40011);
	CHECK_EQ(list[1].result, (u64)-EINVAL);
	CHECK_EQ(list[2].result, 0x40000);
	CHECK_EQ(machine_end(d), 0);
}

/* --- 32-bit callers --- */

static s64 compat_call(
	struct domain *d, unsigned int nr, u64 a0, u64 a1, u64 a2, const void *arg, size_t size)
{
	struct hypercall call = { .args = { a0, a1, a2 }, .compat = true };
	s64 ret = 0;

	guest_write_phys(d, GPA(ARG), arg, size);
	while (abi_hypercall(vcpu_current(), nr, &call, &ret) == HC_RETRY) {
	}
	return ret;
}

UNIT_TEST(compat, "32-bit callers' structures are understood")
{
	struct domain *d = machine_domain(0, 1, true);
	u32 map[2] = { 1, 0x20000 };
	u32 add[4] = { DOMID_SELF, XENMAPSPACE_grant_table, 0, 0x600 };
	u32 res[5] = { 0x21000, 2, 0, 0, DOMID_SELF };
	u32 gfns[2] = { 0x40, 0x41 };
	u32 setup[4] = { DOMID_SELF, 1, 0, 0x22000 };
	u32 poll32[4] = { 0x23000, 0, 0, 0 };
	u32 list[8] = { __HYPERVISOR_xen_version, 0, XENVER_version };
	u32 word, runstate[11];

	CHECK_EQ(compat_call(d, MEM, XENMEM_memory_map, ARG, 0, map, sizeof(map)), 0);
	CHECK_EQ(guest_read_phys(d, GPA(0x20000 + 8), &word, sizeof(word)), 0);
	CHECK_EQ(word, 0xa0000);
	CHECK_EQ(compat_call(d, MEM, XENMEM_add_to_physmap, ARG, 0, add, sizeof(add)), 0);
	CHECK_EQ(guest_lookup(d, GFN(0x600)).type, S2_SHARED);
	guest_write_phys(d, GPA(0x21000), gfns, sizeof(gfns));
	CHECK_EQ(compat_call(d, MEM, XENMEM_decrease_reservation, ARG, 0, res, sizeof(res)), 2);
	CHECK_EQ(guest_lookup(d, GFN(0x41)).type, S2_NONE);
	CHECK_EQ(compat_call(d, MEM, XENMEM_populate_physmap, ARG, 0, res, sizeof(res)), 2);
	CHECK_EQ(compat_call(d, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, ARG, 1, setup,
			 sizeof(setup)),
		0);
	CHECK_EQ(guest_read_phys(d, GPA(0x22000), &word, sizeof(word)), 0);
	CHECK_EQ(word, 0x600);
	d->vcpus[0]->pending = BIT32(VCPU_PENDING_EVENT);
	CHECK_EQ(compat_call(d, SCHED, SCHEDOP_poll, ARG, 0, poll32, sizeof(poll32)), 0);
	CHECK_EQ(compat_call(d, __HYPERVISOR_multicall, ARG, 1, 0, list, sizeof(list)), 0);
	CHECK_EQ(guest_read_phys(d, GPA(ARG), list, sizeof(list)), 0);
	CHECK_EQ(list[1], 0x40011);
	CHECK_EQ(compat_call(d, VCPU, VCPUOP_get_runstate_info, 0, ARG, list, 4), 0);
	CHECK_EQ(guest_read_phys(d, GPA(ARG), runstate, sizeof(runstate)), 0);
	CHECK(runstate[0] < 4);
	CHECK_EQ(machine_end(d), 0);
}
