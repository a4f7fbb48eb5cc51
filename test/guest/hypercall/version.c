/* SPDX-License-Identifier: GPL-2.0-only */
/* xen_version. */
#include "tests.h"

#include "lib/string.h"
#include <xen/features.h>
#include <xen/version.h>

#define CALL __HYPERVISOR_xen_version

static void version_strings(void)
{
	xen_extraversion_t extra = "";
	xen_capabilities_info_t capabilities = "";
	xen_changeset_info_t changeset = "";
	xen_commandline_t line = "";
	static struct xen_compile_info info;

	WANT(0, "extraversion", CALL, XENVER_extraversion, extra);
	CHECK(strnlen(extra, sizeof(extra)) < sizeof(extra), "extraversion is terminated");
	WANT(0, "compile_info", CALL, XENVER_compile_info, &info);
	CHECK(info.compiler[0] != '\0', "compile_info names the compiler");
	WANT(0, "capabilities", CALL, XENVER_capabilities, capabilities);
	CHECK(strstr(capabilities, "hvm-3.0-x86_64") != NULL, "capabilities have hvm-3.0-x86_64");
	WANT(0, "changeset", CALL, XENVER_changeset, changeset);
	WANT(0, "commandline", CALL, XENVER_commandline, line);
	CHECK(strstr(line, "dom0=pvh") != NULL, "commandline has the hypervisor's options");
}

static void version_features(void)
{
	struct xen_feature_info f = { .submap_idx = 0 };
	static const struct {
		u8 bit;
		bool set;
		const char *name;
	} want[] = {
		{ XENFEAT_writable_page_tables, true, "writable_page_tables" },
		{ XENFEAT_writable_descriptor_tables, false, "writable_descriptor_tables" },
		{ XENFEAT_auto_translated_physmap, true, "auto_translated_physmap" },
		{ XENFEAT_supervisor_mode_kernel, false, "supervisor_mode_kernel" },
		{ XENFEAT_hvm_callback_vector, true, "hvm_callback_vector" },
		{ XENFEAT_hvm_safe_pvclock, true, "hvm_safe_pvclock" },
		{ XENFEAT_hvm_pirqs, false, "hvm_pirqs" },
		{ XENFEAT_dom0, true, "dom0" },
		{ XENFEAT_memory_op_vnode_supported, true, "memory_op_vnode_supported" },
		{ XENFEAT_not_direct_mapped, true, "not_direct_mapped" },
		{ XENFEAT_direct_mapped, false, "direct_mapped" },
	};

	WANT(0, "get_features", CALL, XENVER_get_features, &f);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		CHECK_EQ(f.submap >> want[i].bit & 1, want[i].set, "feature %s", want[i].name);
	}
	f.submap_idx = 1;
	WANT(-EINVAL, "get_features, submap 1", CALL, XENVER_get_features, &f);
	f.submap_idx = ~0U;
	WANT(-EINVAL, "get_features, submap ~0", CALL, XENVER_get_features, &f);
}

static void version_bad_pointers(void)
{
	static const struct {
		u32 op;
		const char *name;
	} ops[] = {
		{ XENVER_extraversion, "extraversion" },
		{ XENVER_compile_info, "compile_info" },
		{ XENVER_capabilities, "capabilities" },
		{ XENVER_changeset, "changeset" },
		{ XENVER_platform_parameters, "platform_parameters" },
		{ XENVER_get_features, "get_features" },
		{ XENVER_guest_handle, "guest_handle" },
		{ XENVER_commandline, "commandline" },
		{ XENVER_build_id, "build_id" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		CHECK_EQ(hypercall(CALL, ops[i].op, UNMAPPED), -EFAULT, "%s, unmapped pointer",
			ops[i].name);
		CHECK_EQ(hypercall(CALL, ops[i].op, NONCANONICAL), -EFAULT,
			"%s, non-canonical pointer", ops[i].name);
	}
}

static void version_build_id(void)
{
	static union {
		struct xen_build_id id;
		u8 space[64];
	} u;
	long length = hypercall(CALL, XENVER_build_id, 0);

	CHECK(length > 0 && length <= 32, "build_id, its length");
	u.id.len = (u32)length;
	WANT(length, "build_id", CALL, XENVER_build_id, &u);
	u.id.len = 0;
	WANT(-EINVAL, "build_id into 0 bytes", CALL, XENVER_build_id, &u);
	u.id.len = 1;
	WANT(-ENOBUFS, "build_id into 1 byte", CALL, XENVER_build_id, &u);
}

void test_version(void)
{
	struct xen_platform_parameters platform = { 0 };
	xen_domain_handle_t handle;

	WANT(4 << 16 | 17, "version", CALL, XENVER_version, 0);
	WANT(4096, "pagesize", CALL, XENVER_pagesize, 0);
	WANT(0, "platform_parameters", CALL, XENVER_platform_parameters, &platform);
	WANT(0, "guest_handle", CALL, XENVER_guest_handle, handle);
	version_strings();
	version_features();
	version_build_id();
	version_bad_pointers();
	WANT(-ENOSYS, "xen_version 11", CALL, 11, 0);
	WANT(-ENOSYS, "xen_version ~0", CALL, ~0U, 0);
}
