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

/* Both widths put the same things at the start of these; what differs is at the end, or is one of
 * the offsets in comm/evtchn_internal.h. */
static_assert(sizeof(struct vcpu_info) == 64, "vcpu_info");
static_assert(offsetof(struct vcpu_info, evtchn_pending_sel) == 8, "vcpu_info.evtchn_pending_sel");
static_assert(offsetof(struct vcpu_info, time) == 32, "vcpu_info.time");
static_assert(sizeof(struct vcpu_time_info) == 32, "vcpu_time_info");
static_assert(offsetof(struct shared_info, evtchn_pending) == 2048, "shared_info.evtchn_pending");
static_assert(offsetof(struct shared_info, evtchn_mask) == 2560, "shared_info.evtchn_mask");
static_assert(offsetof(struct shared_info, wc_version) == 3072, "shared_info.wc_version");
static_assert(sizeof(struct shared_info) <= PAGE_SIZE, "shared_info is one page");

#endif
