/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen_version (xen/version.h): who we say we are. It tells unprivileged domains nothing that is
 * about this machine alone.
 */
#include "abi/domain.h"
#include "abi/hypercall.h"
#include "arch/contract/abi.h"
#include "core/domain.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/xen_public.h"

#include <xen/features.h>
#include <xen/version.h>

#define ABI_MAJOR 4
#define ABI_MINOR 17
#define ABI_EXTRAVERSION ".0-bulkhead"

typedef s64 version_fn(struct hypercall *call, u64 arg);

static s64 version_version(struct hypercall *call, u64 arg)
{
	return ABI_MAJOR << 16 | ABI_MINOR;
}

static s64 version_extraversion(struct hypercall *call, u64 arg)
{
	xen_extraversion_t text = ABI_EXTRAVERSION;

	return abi_write(call, arg, text, sizeof(text));
}

/* Who built it where and when would make each build differ. */
static s64 version_compile_info(struct hypercall *call, u64 arg)
{
	struct xen_compile_info info = { .compile_by = "bulkhead", .compile_date = "" };

	strlcpy(info.compiler, COMPILER_NAME, sizeof(info.compiler));
	return abi_write(call, arg, &info, sizeof(info));
}

static s64 version_capabilities(struct hypercall *call, u64 arg)
{
	xen_capabilities_info_t text = "";

	strlcpy(text, arch_abi_capabilities, sizeof(text));
	return abi_write(call, arg, text, sizeof(text));
}

static s64 version_changeset(struct hypercall *call, u64 arg)
{
	xen_changeset_info_t text = "unavailable";

	return abi_write(call, arg, text, sizeof(text));
}

static s64 version_platform_parameters(struct hypercall *call, u64 arg)
{
	return abi_write_word(call, arg, arch_abi_virt_start);
}

static u32 version_features(const struct domain *d)
{
	u32 map = BIT32(XENFEAT_writable_page_tables) | BIT32(XENFEAT_auto_translated_physmap) |
		  BIT32(XENFEAT_memory_op_vnode_supported);

	map |= arch_abi_family == ABI_X86
		       ? BIT32(XENFEAT_hvm_safe_pvclock) | BIT32(XENFEAT_hvm_callback_vector)
		       : BIT32(XENFEAT_ARM_SMCCC_supported);
	map |= d->direct_mapped ? BIT32(XENFEAT_direct_mapped) : BIT32(XENFEAT_not_direct_mapped);
	return d->hardware ? map | BIT32(XENFEAT_dom0) : map;
}

static s64 version_get_features(struct hypercall *call, u64 arg)
{
	struct xen_feature_info info;

	if (abi_read(call, arg, &info, sizeof(info)) != 0) {
		return -EFAULT;
	}
	if (info.submap_idx != 0) {
		return -EINVAL;
	}
	info.submap = version_features(call->v->domain);
	return abi_write(call, arg, &info, sizeof(info));
}

static s64 version_pagesize(struct hypercall *call, u64 arg)
{
	return arg != 0 ? -EINVAL : (s64)PAGE_SIZE;
}

static s64 version_guest_handle(struct hypercall *call, u64 arg)
{
	struct abi_domain *a = call->v->domain->abi;
	xen_domain_handle_t handle;

	spin_lock(&a->lock);
	memcpy(handle, a->handle, sizeof(handle));
	spin_unlock(&a->lock);
	return abi_write(call, arg, handle, sizeof(handle));
}

static s64 version_commandline(struct hypercall *call, u64 arg)
{
	xen_commandline_t text = "";

	if (call->v->domain->privileged) {
		strlcpy(text, arch_boot_cmdline(), sizeof(text));
	} else {
		strlcpy(text, "<denied>", sizeof(text));
	}
	return abi_write(call, arg, text, sizeof(text));
}

static s64 version_build_id(struct hypercall *call, u64 arg)
{
	size_t size = 0;
	const void *id = arch_build_id(&size);
	u32 room;

	if (!call->v->domain->privileged) {
		return -EPERM;
	}
	if (arg != 0) {
		if (abi_read(call, arg, &room, sizeof(room)) != 0) {
			return -EFAULT;
		}
		if (room == 0) {
			return -EINVAL;
		}
	}
	if (!id) {
		return -ENODATA;
	}
	if (arg == 0) {
		return (s64)size;
	}
	if (size > room) {
		return -ENOBUFS;
	}
	return abi_write(call, arg + sizeof(room), id, size) ?: (s64)size;
}

static version_fn *const version_ops[] = {
	[XENVER_version] = version_version,
	[XENVER_extraversion] = version_extraversion,
	[XENVER_compile_info] = version_compile_info,
	[XENVER_capabilities] = version_capabilities,
	[XENVER_changeset] = version_changeset,
	[XENVER_platform_parameters] = version_platform_parameters,
	[XENVER_get_features] = version_get_features,
	[XENVER_pagesize] = version_pagesize,
	[XENVER_guest_handle] = version_guest_handle,
	[XENVER_commandline] = version_commandline,
	[XENVER_build_id] = version_build_id,
};

s64 abi_xen_version(struct hypercall *call)
{
	u32 op = (u32)call->args[0];

	if (op >= ARRAY_SIZE(version_ops) || !version_ops[op]) {
		return -ENOSYS;
	}
	return version_ops[op](call, call->args[1]);
}
