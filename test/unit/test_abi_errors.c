/* SPDX-License-Identifier: GPL-2.0-only */
/* What each hypercall answers to a PVH dom0 and to an unprivileged domain: Xen 4.17's codes. */
#include "unit/abi_machine.h"

#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include "unit/harness.h"

#define BAD 0x40000000ULL /* nothing is mapped there */
#define ARG_WORDS 8

struct expect {
	const char *what;
	unsigned int nr;
	u64 a0, a1, a2;
	u32 arg[ARG_WORDS]; /* what stands at ARG */
	s64 dom0, domu;	    /* results */
};

#define SAME(code) .dom0 = (code), .domu = (code)
#define EV __HYPERVISOR_event_channel_op
#define SCHED __HYPERVISOR_sched_op
#define VCPU __HYPERVISOR_vcpu_op
#define VER __HYPERVISOR_xen_version
#define MEM __HYPERVISOR_memory_op
#define HVM __HYPERVISOR_hvm_op
#define PLAT __HYPERVISOR_platform_op
#define PHYS __HYPERVISOR_physdev_op
#define GNT __HYPERVISOR_grant_table_op
#define SELF DOMID_SELF
#define PF XENPF_INTERFACE_VERSION
#define ALL (~0U)

static const struct expect table[] = {
	/* numbers */
	{ "set_trap_table", 0, SAME(-ENOSYS) },
	{ "number 11", 11, SAME(-ENOSYS) },
	{ "update_descriptor", 10, SAME(-ENOSYS) },
	{ "xsm_op", __HYPERVISOR_xsm_op, ARG, SAME(-ENOSYS) },
	{ "mca", 48, ARG, SAME(-ENOSYS) },
	{ "tmem_op", 38, SAME(-ENOSYS) },
	{ "number 49", 49, SAME(-ENOSYS) },
	{ "number ~0", ~0U, SAME(-ENOSYS) },
	{ "xenpmu_op", __HYPERVISOR_xenpmu_op, SAME(-EOPNOTSUPP) },

	/* event channels */
	{ "evtchn bad op", EV, 15, ARG, SAME(-ENOSYS) },
	{ "evtchn op ~0", EV, ALL, ARG, SAME(-ENOSYS) },
	{ "evtchn bad pointer", EV, EVTCHNOP_send, BAD, SAME(-EFAULT) },
	{ "send port 0", EV, EVTCHNOP_send, ARG, SAME(-EINVAL) },
	{ "close port 9", EV, EVTCHNOP_close, ARG, .arg = { 9 }, SAME(-EINVAL) },
	{ "alloc_unbound for a missing domain", EV, EVTCHNOP_alloc_unbound, ARG, .arg = { 0x7000 },
		SAME(-ESRCH) },
	{ "alloc_unbound for another domain", EV, EVTCHNOP_alloc_unbound, ARG, .arg = { 3 },
		.dom0 = 0, .domu = -EPERM },
	{ "bind_interdomain to nobody", EV, EVTCHNOP_bind_interdomain, ARG, .arg = { 0x7000, 1 },
		SAME(-ESRCH) },
	{ "bind_pirq", EV, EVTCHNOP_bind_pirq, ARG, SAME(-EINVAL) },
	{ "bind_virq 24", EV, EVTCHNOP_bind_virq, ARG, .arg = { 24 }, SAME(-EINVAL) },
	{ "bind_virq vcpu 7", EV, EVTCHNOP_bind_virq, ARG, .arg = { 0, 7 }, SAME(-ENOENT) },
	{ "bind_ipi vcpu 7", EV, EVTCHNOP_bind_ipi, ARG, .arg = { 7 }, SAME(-ENOENT) },
	{ "reset of another that runs", EV, EVTCHNOP_reset, ARG, .arg = { 3 }, .dom0 = -EINVAL,
		.domu = -EPERM },
	{ "expand_array in 2-level", EV, EVTCHNOP_expand_array, ARG, SAME(-EOPNOTSUPP) },
	{ "set_priority in 2-level", EV, EVTCHNOP_set_priority, ARG, SAME(-ENOSYS) },
	{ "init_control vcpu 9", EV, EVTCHNOP_init_control, ARG, .arg = { 0, 0, 0, 9 },
		SAME(-ENOENT) },
	{ "init_control misaligned", EV, EVTCHNOP_init_control, ARG, .arg = { 5, 0, 4 },
		SAME(-EINVAL) },
	{ "status of a missing domain", EV, EVTCHNOP_status, ARG, .arg = { 0x7000 }, SAME(-ESRCH) },
	{ "status of another", EV, EVTCHNOP_status, ARG, .arg = { 3 }, .dom0 = 0, .domu = -EPERM },

	/* scheduling */
	{ "sched bad op", SCHED, 9, ARG, SAME(-ENOSYS) },
	{ "yield", SCHED, SCHEDOP_yield, SAME(0) },
	{ "poll bad pointer", SCHED, SCHEDOP_poll, BAD, SAME(-EFAULT) },
	{ "poll 129 ports", SCHED, SCHEDOP_poll, ARG, .arg = { ARG, 0, 129 }, SAME(-EINVAL) },
	{ "poll bad list", SCHED, SCHEDOP_poll, ARG, .arg = { (u32)BAD, 0, 1 }, SAME(-EFAULT) },
	{ "poll bad port", SCHED, SCHEDOP_poll, ARG, .arg = { ARG, 0, 1 }, SAME(-EINVAL) },
	{ "remote_shutdown of nobody", SCHED, SCHEDOP_remote_shutdown, ARG, .arg = { 0x7000 },
		SAME(-ESRCH) },
	{ "remote_shutdown of itself or another", SCHED, SCHEDOP_remote_shutdown, ARG, .arg = { 0 },
		SAME(-EPERM) },
	{ "watchdog id 3", SCHED, SCHEDOP_watchdog, ARG, .arg = { 3, 1 }, SAME(-EINVAL) },
	{ "watchdog that is not armed", SCHED, SCHEDOP_watchdog, ARG, .arg = { 2, 1 },
		SAME(-EINVAL) },
	{ "pin_override", SCHED, SCHEDOP_pin_override, BAD, .dom0 = -EFAULT, .domu = -EPERM },

	/* vCPUs */
	{ "vcpu_op vcpu 9", VCPU, VCPUOP_is_up, 9, SAME(-ENOENT) },
	{ "vcpu_op bad op", VCPU, 99, 0, ARG, SAME(-ENOSYS) },
	{ "is_up", VCPU, VCPUOP_is_up, 0, SAME(1) },
	{ "up before initialise", VCPU, VCPUOP_up, 1, SAME(-EINVAL) },
	{ "initialise again", VCPU, VCPUOP_initialise, 0, ARG, SAME(-EEXIST) },
	{ "initialise bad pointer", VCPU, VCPUOP_initialise, 1, BAD, SAME(-EFAULT) },
	{ "periodic 1 ns", VCPU, VCPUOP_set_periodic_timer, 0, ARG, .arg = { 1 }, SAME(-EINVAL) },
	{ "periodic for ever", VCPU, VCPUOP_set_periodic_timer, 0, ARG, .arg = { ALL, ALL },
		SAME(-EINVAL) },
	{ "stop_periodic", VCPU, VCPUOP_stop_periodic_timer, 0, SAME(0) },
	{ "singleshot of another", VCPU, VCPUOP_set_singleshot_timer, 1, ARG, SAME(-EINVAL) },
	{ "stop_singleshot of another", VCPU, VCPUOP_stop_singleshot_timer, 1, SAME(-EINVAL) },
	{ "singleshot bad pointer", VCPU, VCPUOP_set_singleshot_timer, 0, BAD, SAME(-EFAULT) },
	{ "singleshot in the past", VCPU, VCPUOP_set_singleshot_timer, 0, ARG, SAME(0) },
	{ "vcpu_info misaligned", VCPU, VCPUOP_register_vcpu_info, 0, ARG, .arg = { 5, 0, 4 },
		SAME(-ENXIO) },
	{ "vcpu_info crosses", VCPU, VCPUOP_register_vcpu_info, 0, ARG, .arg = { 5, 0, 4040 },
		SAME(-ENXIO) },
	{ "vcpu_info nowhere", VCPU, VCPUOP_register_vcpu_info, 0, ARG, .arg = { 0x99999 },
		SAME(-EINVAL) },
	{ "send_nmi with argument", VCPU, VCPUOP_send_nmi, 0, ARG, SAME(-EINVAL) },
	{ "send_nmi", VCPU, VCPUOP_send_nmi, 0, 0, SAME(0) },
	{ "get_physid", VCPU, VCPUOP_get_physid, 0, ARG, SAME(-EINVAL) },
	{ "runstate phys misaligned", VCPU, 14, 0, ARG, .arg = { 0x5001 }, SAME(-ENXIO) },
	{ "runstate phys crosses", VCPU, 14, 0, ARG, .arg = { 0x5fe0 }, SAME(-ENXIO) },
	{ "runstate phys nowhere", VCPU, 14, 0, ARG, .arg = { (u32)BAD }, SAME(-EINVAL) },
	{ "time phys none", VCPU, 15, 0, ARG, .arg = { ALL, ALL }, SAME(0) },

	/* version */
	{ "version", VER, XENVER_version, SAME(0x40011) },
	{ "version bad op", VER, 99, SAME(-ENOSYS) },
	{ "extraversion bad pointer", VER, XENVER_extraversion, BAD, SAME(-EFAULT) },
	{ "pagesize", VER, XENVER_pagesize, SAME(4096) },
	{ "pagesize with argument", VER, XENVER_pagesize, ARG, SAME(-EINVAL) },
	{ "features submap 1", VER, XENVER_get_features, ARG, .arg = { 1 }, SAME(-EINVAL) },
	{ "build_id", VER, XENVER_build_id, .dom0 = -ENODATA, .domu = -EPERM },
	{ "build_id no room", VER, XENVER_build_id, ARG, .dom0 = -EINVAL, .domu = -EPERM },

	/* console */
	{ "console read", __HYPERVISOR_console_io, CONSOLEIO_read, 0, ARG, .dom0 = 0,
		.domu = -EPERM },
	{ "console read too much", __HYPERVISOR_console_io, CONSOLEIO_read, 0x80000000, ARG,
		.dom0 = -E2BIG, .domu = -EPERM },
	{ "console write bad pointer", __HYPERVISOR_console_io, CONSOLEIO_write, 5, BAD,
		SAME(-EFAULT) },
	{ "console bad op", __HYPERVISOR_console_io, 7, 0, 0, .dom0 = -ENOSYS, .domu = -EPERM },

	/* memory: errors of reservations are counts */
	{ "memory bad op", MEM, 60, ARG, SAME(-ENOSYS) },
	{ "populate bad pointer", MEM, XENMEM_populate_physmap, BAD, SAME(0) },
	{ "populate of a missing domain", MEM, XENMEM_populate_physmap, ARG,
		.arg = { ARG, 0, 1, 0, 0, 0, 0x7000 }, SAME(0) },
	{ "populate order 30", MEM, XENMEM_populate_physmap, ARG,
		.arg = { ARG, 0, 1, 0, 30, 0, SELF }, SAME(0) },
	{ "decrease gfn 0", MEM, XENMEM_decrease_reservation, ARG,
		.arg = { 0x9000, 0, 1, 0, 0, 0, SELF }, SAME(1) },
	{ "increase", MEM, XENMEM_increase_reservation, ARG, .arg = { 0, 0, 1, 0, 0, 0, SELF },
		SAME(0) },
	{ "exchange", MEM, XENMEM_exchange, ARG, SAME(-EINVAL) },
	{ "exchange bad pointer", MEM, XENMEM_exchange, BAD, SAME(-EFAULT) },
	{ "maximum_ram_page", MEM, XENMEM_maximum_ram_page, SAME(0x40000) },
	{ "maximum_ram_page at an extent", MEM, XENMEM_maximum_ram_page | 1 << 6, SAME(-EINVAL) },
	{ "maximum_gpfn", MEM, XENMEM_maximum_gpfn, ARG, .arg = { SELF }, SAME(0xff) },
	{ "current_reservation of another", MEM, XENMEM_current_reservation, ARG, .arg = { 3 },
		.dom0 = 0, .domu = -EPERM },
	{ "maximum_reservation", MEM, XENMEM_maximum_reservation, ARG, .arg = { SELF },
		SAME(2 * DOMAIN_PAGES) },
	{ "sharing", MEM, XENMEM_get_sharing_freed_pages, SAME(0) },
	{ "vnumainfo", MEM, XENMEM_get_vnumainfo, ARG, .arg = { SELF }, SAME(-EOPNOTSUPP) },
	{ "vnumainfo padding", MEM, XENMEM_get_vnumainfo, ARG, .arg = { SELF | 1 << 16 },
		SAME(-EINVAL) },
	{ "memory_map", MEM, XENMEM_memory_map, ARG, .arg = { 9, 0, 0x9000 }, .dom0 = 0,
		.domu = -ENOSYS },
	{ "machine_memory_map", MEM, XENMEM_machine_memory_map, ARG, .arg = { 9, 0, 0x9000 },
		.dom0 = 0, .domu = -EPERM },
	{ "machine_memory_map no room", MEM, XENMEM_machine_memory_map, ARG,
		.arg = { 3, 0, 0x9000 }, .dom0 = -EINVAL, .domu = -EPERM },
	{ "claim", MEM, XENMEM_claim_pages, ARG, .arg = { 0, 0, 0, 0, 0, 0, 3 }, .dom0 = 0,
		.domu = -EPERM },
	{ "claim for nobody", MEM, XENMEM_claim_pages, ARG, .arg = { 0, 0, 0, 0, 0, 0, 0x7000 },
		SAME(-EINVAL) },
	{ "claim with a list", MEM, XENMEM_claim_pages, ARG, .arg = { 1 }, SAME(-EINVAL) },
	{ "rdm flags", MEM, XENMEM_reserved_device_memory_map, ARG, .arg = { 2 }, SAME(-EINVAL) },
	{ "rdm no room", MEM, XENMEM_reserved_device_memory_map, ARG, .arg = { 1 },
		SAME(-ENOBUFS) },
	{ "add_to_physmap foreign", MEM, XENMEM_add_to_physmap, ARG,
		.arg = { SELF, XENMAPSPACE_gmfn_foreign }, SAME(-ENOSYS) },
	{ "add_to_physmap dev_mmio", MEM, XENMEM_add_to_physmap, ARG,
		.arg = { SELF, XENMAPSPACE_dev_mmio }, .dom0 = -EINVAL, .domu = -EACCES },
	{ "add_to_physmap gfn ~0", MEM, XENMEM_add_to_physmap, ARG,
		.arg = { SELF, 0, 0, 0, ALL, ALL }, SAME(-EINVAL) },
	{ "add_to_physmap shared_info 1", MEM, XENMEM_add_to_physmap, ARG,
		.arg = { SELF, 0, 1, 0, 0x200 }, SAME(-EINVAL) },
	{ "add_to_physmap grant frame 4", MEM, XENMEM_add_to_physmap, ARG,
		.arg = { SELF, XENMAPSPACE_grant_table, 4, 0, 0x200 }, SAME(-EINVAL) },
	{ "add_to_physmap of another", MEM, XENMEM_add_to_physmap, ARG,
		.arg = { 3, 0, 0, 0, 0x200 }, .dom0 = 0, .domu = -EPERM },
	{ "add_to_physmap extent", MEM, XENMEM_add_to_physmap | 0x10000 << 6, ARG, SAME(-EDOM) },
	{ "add_to_physmap range from 5 of 0", MEM, XENMEM_add_to_physmap | 5 << 6, ARG,
		.arg = { SELF, XENMAPSPACE_gmfn_range }, SAME(-EILSEQ) },
	{ "batch range", MEM, XENMEM_add_to_physmap_batch, ARG,
		.arg = { SELF | XENMAPSPACE_gmfn_range << 16 }, SAME(-EOPNOTSUPP) },
	{ "batch of none", MEM, XENMEM_add_to_physmap_batch, ARG, .arg = { SELF }, SAME(0) },
	{ "batch from 1 of 0", MEM, XENMEM_add_to_physmap_batch | 1 << 6, ARG, .arg = { SELF },
		SAME(-EILSEQ) },
	{ "remove nothing", MEM, XENMEM_remove_from_physmap, ARG, .arg = { SELF, 0, 0x99999 },
		SAME(-ENOENT) },
	{ "acquire of itself", MEM, XENMEM_acquire_resource, ARG, .arg = { SELF }, SAME(-EPERM) },
	{ "acquire of nobody", MEM, XENMEM_acquire_resource, ARG, .arg = { 0x7000 }, SAME(-ESRCH) },

	/* hvm_op */
	{ "hvm bad op", HVM, 99, ARG, SAME(-ENOSYS) },
	{ "pagetable_dying", HVM, HVMOP_pagetable_dying, ARG, .arg = { SELF }, SAME(-EINVAL) },
	{ "get_param 39", HVM, HVMOP_get_param, ARG, .arg = { SELF, 39 }, SAME(-EINVAL) },
	{ "get_param of nobody", HVM, HVMOP_get_param, ARG, .arg = { 0x7000, 0 }, SAME(-ESRCH) },
	{ "get_param of another", HVM, HVMOP_get_param, ARG, .arg = { 3, 0 }, .dom0 = 0,
		.domu = -EPERM },
	{ "get_param not for guests", HVM, HVMOP_get_param, ARG,
		.arg = { SELF, HVM_PARAM_IOREQ_PFN }, SAME(-EPERM) },
	{ "get_param gone", HVM, HVMOP_get_param, ARG, .arg = { SELF, HVM_PARAM_PAE_ENABLED },
		SAME(-EINVAL) },
	{ "set_param read-only", HVM, HVMOP_set_param, ARG, .arg = { SELF, HVM_PARAM_STORE_PFN, 1 },
		SAME(-EPERM) },
	{ "set_param FIP width 3", HVM, HVMOP_set_param, ARG,
		.arg = { SELF, HVM_PARAM_X87_FIP_WIDTH, 3 }, SAME(-EINVAL) },
	{ "upcall vector 15", HVM, HVMOP_set_evtchn_upcall_vector, ARG, .arg = { 0, 15 },
		SAME(-EINVAL) },
	{ "upcall vector vcpu 9", HVM, HVMOP_set_evtchn_upcall_vector, ARG, .arg = { 9, 0x30 },
		SAME(-ENOENT) },
	{ "flush_tlbs", HVM, HVMOP_flush_tlbs, SAME(0) },
	{ "flush_tlbs with argument", HVM, HVMOP_flush_tlbs, ARG, SAME(-EINVAL) },

	/* platform_op: pointer, version, privilege, in this order */
	{ "platform bad pointer", PLAT, BAD, SAME(-EFAULT) },
	{ "platform version", PLAT, ARG, .arg = { XENPF_settime64, 1 }, SAME(-EACCES) },
	{ "platform bad op", PLAT, ARG, .arg = { 99, PF }, .dom0 = -ENOSYS, .domu = -EPERM },
	{ "get_dom0_console", PLAT, ARG, .arg = { 64, PF }, .dom0 = -ENOSYS, .domu = -EPERM },
	{ "firmware_info EFI", PLAT, ARG, .arg = { XENPF_firmware_info, PF, XEN_FW_EFI_INFO, 1 },
		.dom0 = -ENOSYS, .domu = -EPERM },
	{ "firmware_info disk", PLAT, ARG, .arg = { XENPF_firmware_info, PF, XEN_FW_DISK_INFO },
		.dom0 = -ESRCH, .domu = -EPERM },
	{ "firmware_info 9", PLAT, ARG, .arg = { XENPF_firmware_info, PF, 9 }, .dom0 = -EINVAL,
		.domu = -EPERM },
	{ "settime64", PLAT, ARG, .arg = { XENPF_settime64, PF, 1000 }, .dom0 = 0, .domu = -EPERM },
	{ "settime64 mbz", PLAT, ARG, .arg = { XENPF_settime64, PF, 1, 0, 0, 1 }, .dom0 = -EINVAL,
		.domu = -EPERM },
	{ "get_cpuinfo", PLAT, ARG, .arg = { XENPF_get_cpuinfo, PF, 1 }, .dom0 = 0,
		.domu = -EPERM },
	{ "cpu_offline 0", PLAT, ARG, .arg = { XENPF_cpu_offline, PF, 0 }, .dom0 = -EOPNOTSUPP,
		.domu = -EPERM },
	{ "cpu_offline 99", PLAT, ARG, .arg = { XENPF_cpu_offline, PF, 99 }, .dom0 = -EINVAL,
		.domu = -EPERM },
	{ "cpu_online 0", PLAT, ARG, .arg = { XENPF_cpu_online, PF, 0 }, .dom0 = 0,
		.domu = -EPERM },
	{ "set_processor_pminfo", PLAT, ARG, .arg = { XENPF_set_processor_pminfo, PF, 0, 0 },
		.dom0 = -ENOSYS, .domu = -EPERM },
	{ "acpi sleep S3", PLAT, ARG, .arg = { XENPF_enter_acpi_sleep, PF, 0, 3 },
		.dom0 = -EOPNOTSUPP, .domu = -EPERM },

	/* physdev_op: the hardware domain's */
	{ "mmcfg_reserved", PHYS, PHYSDEVOP_pci_mmcfg_reserved, ARG, .dom0 = 0, .domu = -ENOSYS },
	{ "mmcfg_reserved bad pointer", PHYS, PHYSDEVOP_pci_mmcfg_reserved, BAD, .dom0 = -EFAULT,
		.domu = -ENOSYS },
	{ "device_add", PHYS, PHYSDEVOP_pci_device_add, ARG, .dom0 = 0, .domu = -ENOSYS },
	{ "device_remove", PHYS, PHYSDEVOP_pci_device_remove, ARG, .arg = { 1 }, .dom0 = -ENODEV,
		.domu = -ENOSYS },
	{ "manage_pci_add", PHYS, PHYSDEVOP_manage_pci_add, ARG, SAME(-ENOSYS) },
	{ "map_pirq", PHYS, PHYSDEVOP_map_pirq, ARG, SAME(-ENOSYS) },
	{ "eoi", PHYS, PHYSDEVOP_eoi, ARG, SAME(-ENOSYS) },
	{ "setup_gsi 99", PHYS, PHYSDEVOP_setup_gsi, ARG, .arg = { 99 }, .dom0 = -EINVAL,
		.domu = -ENOSYS },
	{ "setup_gsi -1", PHYS, PHYSDEVOP_setup_gsi, ARG, .arg = { ALL }, .dom0 = -EINVAL,
		.domu = -ENOSYS },
	{ "physdev bad op", PHYS, 200, ARG, SAME(-ENOSYS) },

	/* grant tables */
	{ "grant bad op", GNT, 13, ARG, 1, SAME(-ENOSYS) },
	{ "grant count -1", GNT, GNTTABOP_query_size, ARG, ALL, SAME(-EINVAL) },
	{ "query_size of 2", GNT, GNTTABOP_query_size, ARG, 2, SAME(-EINVAL) },
	{ "query_size bad pointer", GNT, GNTTABOP_query_size, BAD, 1, SAME(-EFAULT) },
	{ "set_version 2", GNT, GNTTABOP_set_version, ARG, 1, .arg = { 2 }, SAME(-ENOSYS) },
	{ "set_version 3", GNT, GNTTABOP_set_version, ARG, 1, .arg = { 3 }, SAME(-EINVAL) },
	{ "set_version 1", GNT, GNTTABOP_set_version, ARG, 1, .arg = { 1 }, SAME(0) },
	{ "get_version of nobody", GNT, GNTTABOP_get_version, ARG, 1, .arg = { 0x7000 },
		SAME(-ESRCH) },
	{ "transfer", GNT, GNTTABOP_transfer, ARG, 1, SAME(-ENOSYS) },
	{ "get_status_frames", GNT, GNTTABOP_get_status_frames, ARG, 1, SAME(-ENOSYS) },

	/* tools and the rest */
	{ "sysctl bad pointer", __HYPERVISOR_sysctl, BAD, SAME(-EFAULT) },
	{ "sysctl version", __HYPERVISOR_sysctl, ARG, .arg = { 1, 0x14 }, SAME(-EACCES) },
	{ "sysctl", __HYPERVISOR_sysctl, ARG, .arg = { 99, 0x15 }, .dom0 = -ENOSYS,
		.domu = -EPERM },
	{ "domctl version", __HYPERVISOR_domctl, ARG, .arg = { 1, 0x16 }, SAME(-EACCES) },
	{ "domctl", __HYPERVISOR_domctl, ARG, .arg = { 1, 0x15 }, .dom0 = -ENOSYS, .domu = -EPERM },
	{ "hypfs", __HYPERVISOR_hypfs_op, .dom0 = -ENOSYS, .domu = -EPERM },
	{ "vm_assist type 0", __HYPERVISOR_vm_assist, VMASST_CMD_enable, 0, SAME(-EINVAL) },
	{ "vm_assist type 99", __HYPERVISOR_vm_assist, VMASST_CMD_enable, 99, SAME(-EINVAL) },
	{ "vm_assist runstate flag", __HYPERVISOR_vm_assist, VMASST_CMD_enable,
		VMASST_TYPE_runstate_update_flag, SAME(0) },
	{ "vm_assist bad command", __HYPERVISOR_vm_assist, 9, VMASST_TYPE_runstate_update_flag,
		SAME(-ENOSYS) },
	{ "multicall of none", __HYPERVISOR_multicall, ARG, 0, SAME(0) },
	{ "multicall bad pointer", __HYPERVISOR_multicall, BAD, 1, SAME(-EFAULT) },
};

static void run_table(struct domain *d, bool dom0)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct expect *e = &table[i];
		s64 want = dom0 ? e->dom0 : e->domu, got;

		CHECK_EQ(guest_write_phys(d, GPA(ARG), e->arg, sizeof(e->arg)), 0);
		got = machine_call(e->nr, e->a0, e->a1, e->a2);
		if (got != want) {
			unit_fail(__FILE__, __LINE__, e->what, (u64)got, (u64)want);
		}
	}
}

UNIT_TEST(codes_dom0, "a hardware domain gets Xen's error codes")
{
	struct domain *other = machine_domain(3, 1, false), *d = machine_domain(0, 2, true);

	guest_unmap(other, GFN(0), DOMAIN_PAGES);
	run_table(d, true);
	CHECK_EQ(machine_end(d), 0);
	CHECK_EQ(machine_end(other), 0);
}

UNIT_TEST(codes_domu, "an unprivileged domain gets Xen's error codes")
{
	struct domain *zero = machine_domain(0, 1, true), *other = machine_domain(3, 1, false),
		      *d = machine_domain(1, 2, false);

	guest_unmap(other, GFN(0), DOMAIN_PAGES);
	run_table(d, false);
	CHECK_EQ(machine_end(d), 0);
	CHECK_EQ(machine_end(other), 0);
	CHECK_EQ(machine_end(zero), 0);
}
