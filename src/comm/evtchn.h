/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels: the interrupts of paravirtual guests, and between domains. A port is a numbered
 * end; its state lives here, its pending and mask bits in pages of the guest in one of two layouts
 * (2-level bitmaps in shared_info, or FIFO queues), behind struct evtchn_abi.
 *
 * Functions return 0 or the ABI's -errno (xen/event_channel.h). No guest pointers come here.
 */
#ifndef COMM_EVTCHN_H
#define COMM_EVTCHN_H

#include "core/unit.h"
#include "lib/compiler.h"

struct domain;
struct vcpu;

extern const struct unit evtchn_unit;

/* --- operations, for the calling domain d (port numbers are the guest's: any value) ---------- */
int evtchn_alloc_unbound(struct domain *d, u16 remote_domid, u32 *port);
int evtchn_bind_interdomain(struct domain *d, struct domain *remote, u32 remote_port, u32 *port);
int evtchn_bind_virq(struct domain *d, u32 virq, u32 vcpu, u32 *port);
int evtchn_bind_ipi(struct domain *d, u32 vcpu, u32 *port);
int evtchn_bind_vcpu(struct domain *d, u32 port, u32 vcpu);
int evtchn_close(struct domain *d, u32 port);
int evtchn_send(struct domain *d, u32 port);
int evtchn_unmask(struct domain *d, u32 port);
struct evtchn_status_info { u32 status, vcpu, peer_port, virq; u16 peer_dom; };
int evtchn_status(struct domain *d, u32 port, struct evtchn_status_info *out);
int evtchn_reset(struct domain *d); /* -ERESTART: call again */
int evtchn_set_priority(struct domain *d, u32 port, u32 priority);
/* FIFO layout. gfn names the vCPU's control block page. */
int evtchn_init_control(struct domain *d, u64 gfn, u32 offset, u32 vcpu, u8 *link_bits);
int evtchn_expand_array(struct domain *d, u64 gfn);

/* --- for the hypervisor ------------------------------------------------------------------------ */
/* Raises a virtual interrupt; nothing happens where it is not bound. Any CPU. */
void evtchn_raise_virq(struct vcpu *v, u32 virq);	/* per-vCPU VIRQs: timer, debug, … */
void evtchn_raise_global_virq(u32 virq);		/* to whoever bound it: console, dom_exc … */
/* True if the port's pending bit is set (sched_op poll). -errno for a bad port. */
int evtchn_port_pending(struct domain *d, u32 port, bool *pending);

/* vcpu_info: where the guest's upcall_pending and mask live. Default: shared_info for the first 32 vCPUs. */
int evtchn_register_vcpu_info(struct vcpu *v, u64 gfn, u32 offset);
struct vcpu_info; /* xen/xen.h */
struct vcpu_info *evtchn_vcpu_info(struct vcpu *v); /* never NULL: a private page where none is registered */
struct shared_info;
struct shared_info *evtchn_shared_info(struct domain *d);
mfn_t evtchn_shared_info_mfn(struct domain *d);
/* upcall_pending is set and the guest has not masked upcalls. */
bool evtchn_upcall_pending(struct vcpu *v);

#endif
