/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The public headers of the Xen ABI, with the definitions that they need to show the latest
 * interface and the parts for tools. Only types and numbers come from there. Others are included
 * after this one: #include <xen/memory.h>.
 */
#ifndef LIB_XEN_PUBLIC_H
#define LIB_XEN_PUBLIC_H

#include "lib/compiler.h"

#define __XEN_TOOLS__ 1
#include <xen/xen.h>

static_assert(__XEN_INTERFACE_VERSION__ == 0x00040e00, "the interface of Xen 4.14 to 4.18");

/* The address in a 64-bit caller's handle. */
#define handle_addr(h) ((u64)(uintptr_t)(h).p)

/* Both widths of x86 put the same things at the start of these; what differs is at the end, or is
 * one of the offsets in comm/evtchn_internal.h. On Arm there is one layout for both, with one vCPU
 * in shared_info. */
#if defined(__aarch64__)
#define VCPU_INFO_TIME 16
#define SHARED_INFO_VCPUS 1
#else
#define VCPU_INFO_TIME 32
#define SHARED_INFO_VCPUS 32
#endif
#define SHARED_INFO_PENDING (SHARED_INFO_VCPUS * (VCPU_INFO_TIME + 32))
static_assert(XEN_LEGACY_MAX_VCPUS == SHARED_INFO_VCPUS, "vCPUs in shared_info");
static_assert(sizeof(struct vcpu_info) == VCPU_INFO_TIME + 32, "vcpu_info");
static_assert(offsetof(struct vcpu_info, evtchn_pending_sel) == 8, "vcpu_info.evtchn_pending_sel");
static_assert(offsetof(struct vcpu_info, time) == VCPU_INFO_TIME, "vcpu_info.time");
static_assert(sizeof(struct vcpu_time_info) == 32, "vcpu_time_info");
static_assert(offsetof(struct shared_info, evtchn_pending) == SHARED_INFO_PENDING, "shared_info");
static_assert(
	offsetof(struct shared_info, evtchn_mask) == SHARED_INFO_PENDING + 512, "shared_info");
static_assert(
	offsetof(struct shared_info, wc_version) == SHARED_INFO_PENDING + 1024, "shared_info");
static_assert(sizeof(struct shared_info) <= PAGE_SIZE, "shared_info is one page");

#endif
