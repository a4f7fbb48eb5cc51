/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * platform_op (xen/platform.h): what the privileged domain does with the machine. It runs the
 * machine's firmware through its own drivers; most of what Xen offers here is refused as on a
 * machine that lacks it.
 */
#include "abi/hypercall.h"
#include "abi/vtime.h"
#include "arch/contract/abi.h"
#include "core/domain.h"
#include "core/pcpu.h"
#include "core/time.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/xen_public.h"

#include <xen/platform.h>

#define PLATFORM_ARGS offsetof(struct xen_platform_op, u) /* the same for 32-bit callers */
static_assert(PLATFORM_ARGS == 8, "command and interface version");

/* op is the caller's structure, copied; `back` bytes of the union go back to the caller when an
 * operation returns 0 or more. */
typedef s64 platform_fn(struct hypercall *call, struct xen_platform_op *op);

/* --- time --- */

/* secs and nsecs since 1970 at system time system_ns. */
static s64 platform_settime(u64 secs, u32 nsecs, u64 system_ns)
{
	vtime_set_wallclock(secs * NS_PER_S + nsecs - system_ns);
	return 0;
}

static s64 platform_settime32(struct hypercall *call, struct xen_platform_op *op)
{
	return platform_settime(
		op->u.settime32.secs, op->u.settime32.nsecs, op->u.settime32.system_time);
}

static s64 platform_settime64(struct hypercall *call, struct xen_platform_op *op)
{
	if (op->u.settime64.mbz != 0) {
		return -EINVAL;
	}
	return platform_settime(
		op->u.settime64.secs, op->u.settime64.nsecs, op->u.settime64.system_time);
}

/* --- CPUs --- */

static s64 platform_get_cpuinfo(struct hypercall *call, struct xen_platform_op *op)
{
	struct xenpf_pcpuinfo *a = &op->u.pcpu_info;
	struct pcpu_info info;

	if (arch_pcpu_info(a->xen_cpuid, &info)) {
		a->flags = info.online ? XEN_PCPU_FLAGS_ONLINE : 0;
		a->apic_id = info.apic_id;
		a->acpi_id = info.acpi_id;
	} else {
		a->flags = XEN_PCPU_FLAGS_INVALID;
	}
	a->max_present = arch_pcpu_max_present();
	return 0;
}

static s64 platform_get_cpu_version(struct hypercall *call, struct xen_platform_op *op)
{
	struct xenpf_pcpu_version *a = &op->u.pcpu_version;
	struct pcpu_info info = { 0 };

	if (!arch_pcpu_info(a->xen_cpuid, &info) || !info.online) {
		memset(&info, 0, sizeof(info));
	}
	memcpy(a->vendor_id, info.vendor, sizeof(a->vendor_id));
	a->family = info.family;
	a->model = info.model;
	a->stepping = info.stepping;
	a->max_present = arch_pcpu_max_present();
	return 0;
}

/* Physical CPUs stay as they are: fine if that is what is asked for. */
static s64 platform_cpu_change(u32 cpu, bool online)
{
	struct pcpu_info info;

	if (!online && cpu == 0) {
		return -EOPNOTSUPP;
	}
	if (!arch_pcpu_info(cpu, &info)) {
		return -EINVAL;
	}
	return info.online == online ? 0 : -EOPNOTSUPP;
}

static s64 platform_cpu_online(struct hypercall *call, struct xen_platform_op *op)
{
	return platform_cpu_change(op->u.cpu_ol.cpuid, true);
}

static s64 platform_cpu_offline(struct hypercall *call, struct xen_platform_op *op)
{
	return platform_cpu_change(op->u.cpu_ol.cpuid, false);
}

static s64 platform_core_parking(struct hypercall *call, struct xen_platform_op *op)
{
	switch (op->u.core_parking.type) {
	case XEN_CORE_PARKING_SET:
		return op->u.core_parking.idle_nums == 0 ? 0 : -EOPNOTSUPP;
	case XEN_CORE_PARKING_GET:
		op->u.core_parking.idle_nums = 0;
		return 0;
	default:
		return -EINVAL;
	}
}

/* --- firmware --- */

/* Nothing that a BIOS told at boot was kept; EFI services are not called on a guest's behalf. */
static s64 platform_firmware_info(struct hypercall *call, struct xen_platform_op *op)
{
	switch (op->u.firmware_info.type) {
	case XEN_FW_DISK_INFO:
	case XEN_FW_DISK_MBR_SIGNATURE:
	case XEN_FW_VBEDDC_INFO:
		return -ESRCH;
	case XEN_FW_EFI_INFO:
		return -ENOSYS;
	case XEN_FW_KBD_SHIFT_FLAGS:
		if (op->u.firmware_info.index != 0) {
			return -ESRCH;
		}
		op->u.firmware_info.u.kbd_shift_flags = 0;
		return 0;
	default:
		return -EINVAL;
	}
}

static s64 platform_enter_acpi_sleep(struct hypercall *call, struct xen_platform_op *op)
{
	const struct xenpf_enter_acpi_sleep *a = &op->u.enter_acpi_sleep;

	if (a->flags & ~(u32)XENPF_ACPI_SLEEP_EXTENDED) {
		return -EINVAL;
	}
	if (a->sleep_state > 5) {
		return -EINVAL;
	}
	return arch_acpi_sleep((u8)a->sleep_state, a->val_a, a->val_b,
		(a->flags & XENPF_ACPI_SLEEP_EXTENDED) != 0);
}

/* The hypervisor changes neither frequencies nor C-states, so the tables that the domain has found
 * are of no use to it. */
static s64 platform_set_pminfo(struct hypercall *call, struct xen_platform_op *op)
{
	switch (op->u.set_pminfo.type) {
	case XEN_PM_CX:
	case XEN_PM_PX:
	case XEN_PM_TX:
	case XEN_PM_PDC:
		return -ENOSYS;
	default:
		return -EINVAL;
	}
}

static s64 platform_quirk(struct hypercall *call, struct xen_platform_op *op)
{
	switch (op->u.platform_quirk.quirk_id) {
	case QUIRK_NOIRQBALANCING:
	case QUIRK_IOAPIC_BAD_REGSEL:
	case QUIRK_IOAPIC_GOOD_REGSEL:
		return 0;
	default:
		return -EINVAL;
	}
}

/* Others of the table in xen/platform.h are -ENOSYS; on Arm all but XENPF_settime64. */
static const struct platform_entry {
	platform_fn *fn;
	u8 back; /* bytes */
} platform_ops[] = {
	[XENPF_settime32] = { platform_settime32, 0 },
	[XENPF_settime64] = { platform_settime64, 0 },
	[XENPF_platform_quirk] = { platform_quirk, 0 },
	[XENPF_get_cpu_version] = { platform_get_cpu_version, sizeof(struct xenpf_pcpu_version) },
	[XENPF_firmware_info] = { platform_firmware_info, sizeof(struct xenpf_firmware_info) },
	[XENPF_enter_acpi_sleep] = { platform_enter_acpi_sleep, 0 },
	[XENPF_set_processor_pminfo] = { platform_set_pminfo, 0 },
	[XENPF_get_cpuinfo] = { platform_get_cpuinfo, sizeof(struct xenpf_pcpuinfo) },
	[XENPF_cpu_online] = { platform_cpu_online, 0 },
	[XENPF_cpu_offline] = { platform_cpu_offline, 0 },
	[XENPF_core_parking] = { platform_core_parking, sizeof(struct xenpf_core_parking) },
};

s64 abi_platform_op(struct hypercall *call)
{
	struct xen_platform_op op;
	const struct platform_entry *e;
	s64 rc;

	if (abi_read(call, call->args[0], &op, sizeof(op)) != 0) {
		return -EFAULT;
	}
	if (op.interface_version != XENPF_INTERFACE_VERSION) {
		return -EACCES;
	}
	if (!call->v->domain->privileged) {
		return -EPERM;
	}
	if (op.cmd >= ARRAY_SIZE(platform_ops) || !platform_ops[op.cmd].fn ||
		(arch_abi_family == ABI_ARM && op.cmd != XENPF_settime64)) {
		return -ENOSYS;
	}
	e = &platform_ops[op.cmd];
	rc = e->fn(call, &op);
	if (rc >= 0 && e->back != 0 &&
		abi_write(call, call->args[0] + PLATFORM_ARGS, &op.u, e->back) != 0) {
		return -EFAULT;
	}
	return rc;
}
