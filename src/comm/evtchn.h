/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels: the interrupts of paravirtual guests, and between domains. A port is a numbered
 * end; its state lives here, its pending and mask bits in pages of the guest in one of two layouts
 * (2-level bitmaps in shared_info, or FIFO queues), behind struct evtchn_abi.
 *
 * Sending takes the lock of the sender's port and, with FIFO, of the receiver's queue: CPUs that
 * send through different ports to different queues share no lock. A domain's table lock is taken
 * only to allocate and free ports and to set up the layout. One global lock makes and breaks pairs;
 * with it, the locks of a pair's two ports are taken in the order of their addresses.
 *
 * Functions return 0 or the ABI's -errno (xen/event_channel.h). No guest pointers come here. Unless
 * a line says otherwise, the caller is in the context of a hypercall, holds no lock of comm/, and
 * holds a reference to every domain that it names.
 */
#ifndef COMM_EVTCHN_H
#define COMM_EVTCHN_H

#include "core/unit.h"
#include "lib/compiler.h"

struct domain;
struct vcpu;

extern const struct unit evtchn_unit;

/* --- operations (port numbers are the guest's: any value) --- */

/* A new port of d that waits for domain remote_domid to connect. -ENOSPC: no port left; -ENOMEM:
 * the pool is empty; -EINVAL: d is dying. These three also from each of the bind functions. */
int evtchn_alloc_unbound(struct domain *d, u16 remote_domid, u32 *port);
/* A new port of d, connected to remote's port, which waits for d (else -EINVAL). The new port is
 * pending at once, since a send before the connection went nowhere. */
int evtchn_bind_interdomain(struct domain *d, struct domain *remote, u32 remote_port, u32 *port);
/* These very ports of a and b become a pair that stands in the descriptions of both: guests cannot
 * close it. -EEXIST: in use; -EINVAL: a bad number, or a is b; -ENOMEM. Boot context. */
int evtchn_bind_fixed(struct domain *a, u32 port_a, struct domain *b, u32 port_b);
/* -EINVAL: no such VIRQ, or a global one not on vCPU 0; -ENOENT: no such vCPU; -EEXIST. */
int evtchn_bind_virq(struct domain *d, u32 virq, u32 vcpu, u32 *port);
int evtchn_bind_ipi(struct domain *d, u32 vcpu, u32 *port);
/* Moves delivery to another vCPU. -ENOENT: no such vCPU; -EINVAL: IPI or per-vCPU VIRQ. */
int evtchn_bind_vcpu(struct domain *d, u32 port, u32 vcpu);
int evtchn_close(struct domain *d, u32 port);
/* Signals the other end, or the port itself for IPI. -EINVAL: no such port, or a VIRQ. */
int evtchn_send(struct domain *d, u32 port);
int evtchn_unmask(struct domain *d, u32 port);

struct evtchn_status_info {
	u32 status; /* EVTCHNSTAT_* */
	u32 vcpu, peer_port, virq;
	u16 peer_dom; /* interdomain, and unbound: who may connect */
};
int evtchn_status(struct domain *d, u32 port, struct evtchn_status_info *out);

/* Closes all ports and goes back to the 2-level layout. -ERESTART: call again with resuming set.
 * -EBUSY: another reset is in progress (resuming clear), -EAGAIN: ports were opened meanwhile. */
int evtchn_reset(struct domain *d, bool resuming);
/* The queue for future events, 0 (first) to 15. -ENOSYS in the 2-level layout. */
int evtchn_set_priority(struct domain *d, u32 port, u32 priority);
/* FIFO layout: gfn and offset name the vCPU's control block. The first call switches the domain
 * over. -ENOENT: no such vCPU; -EINVAL: crosses a page, misaligned, a second time, or not RAM. */
int evtchn_init_control(struct domain *d, u64 gfn, u32 offset, u32 vcpu, u8 *link_bits);
/* One more page of event words. -EOPNOTSUPP in the 2-level layout, -ENOSPC, -EINVAL: not RAM. */
int evtchn_expand_array(struct domain *d, u64 gfn);

/* --- waiting (sched_op poll) --- */

/* The current vCPU announces that it is going to wait, and after that looks at the ports: whatever
 * becomes pending from here on releases VCPU_HOLD_BLOCKED. port 0: any port of the domain counts;
 * else this one. deadline_ns: system time, 0 for none. */
void evtchn_poll_begin(struct vcpu *v, u32 port, u64 deadline_ns);
/* It does not wait (any more). Any CPU, also with run queue locks held. */
void evtchn_poll_end(struct vcpu *v);
/* True if the port's pending bit is set. -EINVAL for a bad port. */
int evtchn_port_pending(struct domain *d, u32 port, bool *pending);

/* --- for the hypervisor: any CPU, any lock below RANK_EVTCHN_PORT may be held --- */

/* Raises a virtual interrupt; nothing happens where it is not bound. */
void evtchn_raise_virq(struct vcpu *v, u32 virq); /* per-vCPU VIRQs: timer, debug, … */
void evtchn_raise_global_virq(u32 virq);	  /* to the hardware domain: console, dom_exc … */

/* --- vcpu_info and shared_info --- */

struct vcpu_info; /* xen/xen.h; guest memory: its content changes at any time */
struct shared_info;

/* Moves the vCPU's record to a page of the guest, once, and makes everything look pending. v is
 * the caller's own vCPU, or one that is down. -ENXIO: misaligned or crosses a page; -EINVAL: done
 * before, not RAM, or v is up and not the caller. */
int evtchn_register_vcpu_info(struct vcpu *v, u64 gfn, u32 offset);
/* In shared_info for the first 32 vCPUs, a private page for others until they register one. */
struct vcpu_info *evtchn_vcpu_info(struct vcpu *v);
/* False: the guest cannot see the record above. */
bool evtchn_vcpu_info_visible(struct vcpu *v);
struct shared_info *evtchn_shared_info(struct domain *d);
mfn_t evtchn_shared_info_mfn(struct domain *d);
/* The width of the guest's words in both records: bitmaps of 32-bit guests are shorter. While no
 * port is in use, or the guest has itself to blame. */
void evtchn_set_compat(struct domain *d, bool compat);
bool evtchn_compat(struct domain *d);

/* upcall_pending is set. Upcalls of guests with stage-2 tables know no mask but the CPU's own. */
bool evtchn_upcall_pending(struct vcpu *v);
/* Clears the record's mask (sched_op block), which such a guest may look at. */
void evtchn_upcall_unmask(struct vcpu *v);

#endif
