/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * physdev_op (xen/physdev.h): the hardware domain tells what it found on its buses. Interrupts go
 * through local APICs and remapping hardware, so nothing about PIRQs is offered.
 */
#include "abi/hypercall.h"
#include "arch/contract/abi.h"
#include "core/domain.h"
#include "lib/errno.h"
#include "lib/xen_public.h"

#include <xen/physdev.h>

static_assert(sizeof(struct physdev_pci_mmcfg_reserved) == 16, "both widths");
static_assert(sizeof(struct physdev_pci_device) == 4, "both widths");

/* The argument of any operation. */
union physdev_args {
	struct physdev_pci_mmcfg_reserved mmcfg;
	struct physdev_pci_device_add add;
	struct physdev_pci_device device;
	struct physdev_setup_gsi gsi;
	struct physdev_dbgp_op dbgp;
};

typedef int physdev_fn(struct domain *d, const union physdev_args *a);

static u32 physdev_sbdf(u16 segment, u8 bus, u8 devfn)
{
	return (u32)segment << 16 | (u32)bus << 8 | devfn;
}

static int physdev_mmcfg_reserved(struct domain *d, const union physdev_args *a)
{
	return arch_pci_mmcfg_reserved(d, a->mmcfg.address, a->mmcfg.segment, a->mmcfg.start_bus,
		a->mmcfg.end_bus, (a->mmcfg.flags & XEN_PCI_MMCFG_RESERVED) != 0);
}

static int physdev_device_add(struct domain *d, const union physdev_args *a)
{
	u32 flags = 0;

	if (a->add.flags & XEN_PCI_DEV_EXTFN) {
		flags |= PCI_ADD_EXTFN;
	}
	if (a->add.flags & XEN_PCI_DEV_VIRTFN) {
		flags |= PCI_ADD_VIRTFN;
	}
	return arch_pci_device_add(d, physdev_sbdf(a->add.seg, a->add.bus, a->add.devfn), flags,
		physdev_sbdf(a->add.seg, a->add.physfn.bus, a->add.physfn.devfn));
}

static int physdev_device_remove(struct domain *d, const union physdev_args *a)
{
	return arch_pci_device_remove(
		d, physdev_sbdf(a->device.seg, a->device.bus, a->device.devfn));
}

static int physdev_prepare_msix(struct domain *d, const union physdev_args *a)
{
	return arch_pci_msix(d, physdev_sbdf(a->device.seg, a->device.bus, a->device.devfn), true);
}

static int physdev_release_msix(struct domain *d, const union physdev_args *a)
{
	return arch_pci_msix(d, physdev_sbdf(a->device.seg, a->device.bus, a->device.devfn), false);
}

static int physdev_setup_gsi(struct domain *d, const union physdev_args *a)
{
	return a->gsi.gsi < 0
		       ? -EINVAL
		       : arch_setup_gsi(d, (u32)a->gsi.gsi, a->gsi.triggering, a->gsi.polarity);
}

/* The hypervisor's console is never on a USB debug port: its reset is the domain's own affair. */
static int physdev_dbgp(struct domain *d, const union physdev_args *a)
{
	return 0;
}

/* Of the hardware domain alone, and of x86: others get -ENOSYS. So does whoever calls what is not
 * here. */
static const struct physdev_entry {
	physdev_fn *fn;
	u8 size;
} physdev_ops[] = {
	[PHYSDEVOP_setup_gsi] = { physdev_setup_gsi, sizeof(struct physdev_setup_gsi) },
	[PHYSDEVOP_pci_mmcfg_reserved] = { physdev_mmcfg_reserved,
		sizeof(struct physdev_pci_mmcfg_reserved) },
	[PHYSDEVOP_pci_device_add] = { physdev_device_add, sizeof(struct physdev_pci_device_add) },
	[PHYSDEVOP_pci_device_remove] = { physdev_device_remove,
		sizeof(struct physdev_pci_device) },
	[PHYSDEVOP_dbgp_op] = { physdev_dbgp, sizeof(struct physdev_dbgp_op) },
	[PHYSDEVOP_prepare_msix] = { physdev_prepare_msix, sizeof(struct physdev_pci_device) },
	[PHYSDEVOP_release_msix] = { physdev_release_msix, sizeof(struct physdev_pci_device) },
};

s64 abi_physdev_op(struct hypercall *call)
{
	u32 op = (u32)call->args[0];
	const struct physdev_entry *e;
	union physdev_args a;

	if (arch_abi_family != ABI_X86 || op >= ARRAY_SIZE(physdev_ops) || !physdev_ops[op].fn ||
		!call->v->domain->hardware) {
		return -ENOSYS;
	}
	e = &physdev_ops[op];
	if (abi_read(call, call->args[1], &a, e->size) != 0) {
		return -EFAULT;
	}
	return e->fn(call->v->domain, &a);
}
