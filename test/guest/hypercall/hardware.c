/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls of the hardware domain and of tools: platform_op, physdev_op, grants, versions. */
#include "tests.h"

#include "lib/string.h"
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sysctl.h>

static struct xen_platform_op platform;

static long platform_call(u32 cmd)
{
	platform.cmd = cmd;
	platform.interface_version = XENPF_INTERFACE_VERSION;
	return hypercall(__HYPERVISOR_platform_op, &platform);
}

void test_platform(void)
{
	memset(&platform, 0, sizeof(platform));
	CHECK_EQ(platform_call(XENPF_get_cpuinfo), 0, "platform_op get_cpuinfo");
	CHECK(platform.u.pcpu_info.max_present > 0 && platform.u.pcpu_info.max_present < 512,
		"get_cpuinfo counts CPUs");
	CHECK(platform.u.pcpu_info.flags & XEN_PCPU_FLAGS_ONLINE, "get_cpuinfo: CPU 0 is online");
	memset(&platform.u, 0, sizeof(platform.u));
	platform.u.pcpu_info.xen_cpuid = MANY;
	CHECK_EQ(platform_call(XENPF_get_cpuinfo), 0, "get_cpuinfo of no CPU");
	CHECK_EQ(platform.u.pcpu_info.flags, XEN_PCPU_FLAGS_INVALID, "get_cpuinfo says invalid");
	memset(&platform.u, 0, sizeof(platform.u));
	platform.u.settime64.mbz = 1;
	CHECK_EQ(platform_call(XENPF_settime64), -EINVAL, "settime64, mbz is 1");
	memset(&platform.u, 0, sizeof(platform.u));
	platform.u.firmware_info.type = 99;
	CHECK_EQ(platform_call(XENPF_firmware_info), -EINVAL, "firmware_info, type 99");
	CHECK_EQ(platform_call(99), -ENOSYS, "platform_op 99");
	CHECK_EQ(platform_call(~0U), -ENOSYS, "platform_op ~0");
	platform.interface_version = 0x03000002;
	WANT(-EACCES, "platform_op, wrong version", __HYPERVISOR_platform_op, &platform);
	WANT(-EFAULT, "platform_op, unmapped", __HYPERVISOR_platform_op, UNMAPPED);
}

static void physdev_pci(void)
{
	struct physdev_pci_mmcfg_reserved mmcfg = {
		.address = 0xb0000000, .end_bus = 255, .flags = XEN_PCI_MMCFG_RESERVED
	};
	struct physdev_pci_device_add add = { .bus = 0xf0 };
	struct physdev_pci_device device = { .bus = 0xf0 };
	const unsigned long call = __HYPERVISOR_physdev_op;

	WANT(0, "pci_mmcfg_reserved", call, PHYSDEVOP_pci_mmcfg_reserved, &mmcfg);
	add.bus = 0;
	add.devfn = 0;
	WANT(0, "pci_device_add of 00:00.0", call, PHYSDEVOP_pci_device_add, &add);
	WANT(-ENOSYS, "prepare_msix is for PV", call, PHYSDEVOP_prepare_msix, &device);
	WANT(-ENOSYS, "release_msix is for PV", call, PHYSDEVOP_release_msix, &device);
	WANT(-EFAULT, "pci_device_add, unmapped", call, PHYSDEVOP_pci_device_add, UNMAPPED);
	WANT(-EFAULT, "pci_mmcfg_reserved, unmapped", call, PHYSDEVOP_pci_mmcfg_reserved, UNMAPPED);
}

void test_physdev(void)
{
	static const struct {
		u32 op;
		const char *name;
	} pv[] = {
		{ PHYSDEVOP_eoi, "eoi" },
		{ PHYSDEVOP_irq_status_query, "irq_status_query" },
		{ PHYSDEVOP_map_pirq, "map_pirq" },
		{ PHYSDEVOP_unmap_pirq, "unmap_pirq" },
		{ PHYSDEVOP_get_free_pirq, "get_free_pirq" },
		{ PHYSDEVOP_set_iopl, "set_iopl" },
		{ PHYSDEVOP_apic_read, "apic_read" },
		{ PHYSDEVOP_setup_gsi, "setup_gsi" },
	};
	u8 argument[64] = { 0 };

	physdev_pci();
	for (size_t i = 0; i < ARRAY_SIZE(pv); i++) {
		CHECK_EQ(hypercall(__HYPERVISOR_physdev_op, pv[i].op, argument), -ENOSYS,
			"physdev_op %s in a PVH domain", pv[i].name);
	}
	WANT(-ENOSYS, "physdev_op 99", __HYPERVISOR_physdev_op, 99, 0);
	WANT(-ENOSYS, "physdev_op ~0", __HYPERVISOR_physdev_op, ~0U, 0);
	WANT(-ENOSYS, "physdev_op_compat", __HYPERVISOR_physdev_op_compat, 0);
}

static void grant_tools(void)
{
	static struct xen_domctl domctl;
	static struct xen_sysctl sysctl;

	domctl.cmd = XEN_DOMCTL_getdomaininfo;
	domctl.interface_version = 0x14;
	WANT(-EACCES, "domctl, version 0x14", __HYPERVISOR_domctl, &domctl);
	WANT(-EFAULT, "domctl, unmapped", __HYPERVISOR_domctl, UNMAPPED);
	sysctl.cmd = XEN_SYSCTL_physinfo;
	sysctl.interface_version = 0x14;
	WANT(-EACCES, "sysctl, version 0x14", __HYPERVISOR_sysctl, &sysctl);
	WANT(-EFAULT, "sysctl, unmapped", __HYPERVISOR_sysctl, UNMAPPED);
}

void test_grant_table(void)
{
	struct gnttab_query_size size = { .dom = DOMID_SELF };
	struct gnttab_set_version version = { .version = 1 };
	struct gnttab_get_version get = { .dom = DOMID_SELF };
	const unsigned long call = __HYPERVISOR_grant_table_op;

	WANT(0, "query_size", call, GNTTABOP_query_size, &size, 1);
	CHECK_EQ(size.status, GNTST_okay, "query_size, status");
	CHECK(size.nr_frames > 0 && size.max_nr_frames >= size.nr_frames, "query_size, frames");
	size = (struct gnttab_query_size){ .dom = NO_DOMAIN };
	WANT(0, "query_size of no domain", call, GNTTABOP_query_size, &size, 1);
	CHECK_EQ(size.status, GNTST_bad_domain, "query_size of no domain, status");
	WANT(-EINVAL, "query_size, 2 of them", call, GNTTABOP_query_size, &size, 2);
	WANT(-EFAULT, "query_size, unmapped", call, GNTTABOP_query_size, UNMAPPED, 1);
	WANT(0, "set_version 1", call, GNTTABOP_set_version, &version, 1);
	WANT(0, "get_version", call, GNTTABOP_get_version, &get, 1);
	CHECK_EQ(get.version, 1, "get_version gives 1");
	version.version = 3;
	WANT(-EINVAL, "set_version 3", call, GNTTABOP_set_version, &version, 1);
	WANT(-EFAULT, "set_version, unmapped", call, GNTTABOP_set_version, UNMAPPED, 1);
	WANT(0, "map_grant_ref of nothing", call, GNTTABOP_map_grant_ref, UNMAPPED, 0);
	WANT(-EFAULT, "map_grant_ref, unmapped", call, GNTTABOP_map_grant_ref, UNMAPPED, 1);
	WANT(-EINVAL, "grant_table_op, count < 0", call, GNTTABOP_map_grant_ref, 0, ~0U);
	WANT(-ENOSYS, "grant_table_op 13", call, 13, 0, 1);
	WANT(-ENOSYS, "grant_table_op 0x7fff", call, 0x7fff, 0, 1);
	grant_tools();
}
