/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains and vCPUs: identity, life cycle, references. Everything else about a domain belongs to
 * a unit, which hangs its private structure off one of the pointers below.
 *
 *   struct domain ── vcpus[] ─▶ struct vcpu ── arch ─▶ registers, control block, local APIC
 *      │                            └── evtchn ─▶ comm/evtchn.c
 *      ├── pool     every page the domain costs the hypervisor
 *      ├── s2       gfn → mfn (mm/s2.h)
 *      └── evtchn, arch, vpci …     units
 */
#ifndef CORE_DOMAIN_H
#define CORE_DOMAIN_H

#include "core/console.h"
#include "core/locks.h"
#include "core/pcpu.h"
#include "core/timer.h"
#include "lib/atomic.h"
#include "lib/list.h"
#include "mm/pool.h"

#define DOMID_FIRST_RESERVED_ 0x7ff0
#define MAX_VCPUS 128

struct domain_desc;
struct s2;

enum shutdown_reason { /* SHUTDOWN_* of xen/sched.h */
	SHUT_POWEROFF = 0,
	SHUT_REBOOT = 1,
	SHUT_SUSPEND = 2,
	SHUT_CRASH = 3,
	SHUT_WATCHDOG = 4,
	SHUT_SOFT_RESET = 5,
};

struct domain {
	u16 id;
	char name[16];
	atomic_t refs;
	struct list link; /* all domains, rising id */
	struct spinlock lock;
	bool privileged;    /* may use platform, physdev, console and toolstack operations */
	bool hardware;	    /* owns the machine's devices: its reboot is the machine's */
	bool direct_mapped; /* gfn == mfn */
	bool dying;
	bool gone;		 /* nobody finds it any more; under the lock of the list */
	bool shut_down;		 /* no vCPU runs; shutdown_code says why */
	u8 shutdown_code;	 /* enum shutdown_reason */
	atomic_t pause_count;	 /* changed under lock, as the vCPUs' are */
	u8 kill_stage;		 /* how far domain_kill_step() has come */
	unsigned int kill_vcpus; /* vCPUs that it has not destroyed yet */
	unsigned int vcpu_count; /* size of vcpus[]; fixed after creation */
	struct vcpu **vcpus;
	u64 page_count; /* frames in the domain's physical map, atomic */
	u64 page_max;	/* balloon limit */
	u64 gfn_end;	/* highest gfn that was ever mapped, plus 1; atomic */
	struct pool pool;
	struct console_line console_line; /* core/console.c */

	/* private structures of units */
	struct cpupool *cpupool; /* sched/pool.c */
	struct s2 *s2;
	struct shared_pages *shared;  /* mm/shared.c: shared_info and registered guest pages */
	struct evtchn_domain *evtchn; /* comm/evtchn.c */
	struct grant_domain *grant;   /* comm/grant.c */
	struct bus *bus;	      /* vdev/bus.c */
	struct vpci_domain *vpci;     /* vdev/vpci.c */
	struct vpl011 *vpl011;	      /* vdev/vpl011.c */
	struct iommu_domain *iommu;   /* drv/iommu */
	struct hvm_params *params;    /* abi/hvm_op.c */
	struct abi_domain *abi;	      /* abi/domain.c */
	struct arch_domain *arch;
};

/* Why a vCPU does not run; any bit set keeps it off the run queues. */
enum vcpu_hold {
	VCPU_HOLD_DOWN,	   /* not started, or taken off-line by the guest */
	VCPU_HOLD_BLOCKED, /* waits for an event */
	VCPU_HOLD_PAUSED,  /* somebody holds a pause on it or on its domain */
	VCPU_HOLD_SHUT,	   /* the domain has shut down */
};

/* What a vCPU has to look at before it enters the guest; one word, tested once per entry. */
enum vcpu_pending {
	VCPU_PENDING_EVENT, /* events or virtual interrupts may be deliverable */
	VCPU_PENDING_FLUSH, /* its stage-2 TLB entries are stale */
	VCPU_PENDING_TIME,  /* time records in shared pages are stale */
	VCPU_PENDING_RESET, /* INIT or start-up arrived */
};

struct vcpu {
	struct domain *domain;
	u32 id;
	u32 hold;    /* bits of enum vcpu_hold, atomic */
	u32 pending; /* bits of enum vcpu_pending, atomic */
	atomic_t pause_count;
	struct pcpu *cpu; /* where it runs or ran last; the scheduler changes it in between */
	bool running;	  /* loaded on cpu; written by cpu */
	u64 runstate_since_ns;
	struct timer singleshot; /* VIRQ_TIMER */

	/* private structures of units */
	struct sched_vcpu *sched;
	struct evtchn_vcpu *evtchn;
	struct vcpu_time *time; /* abi: runstate and time areas */
	struct arch_vcpu *arch;
};

#define for_each_vcpu(d, v)                                            \
	for (unsigned int i_##v = 0; i_##v < (d)->vcpu_count; i_##v++) \
		if (((v) = (d)->vcpus[i_##v]) != NULL)

/* --- life cycle --- */

/* Creates a domain from a checked description, with all its vCPUs held DOWN and one pause on it.
 * -ENOMEM, -EEXIST, or what a unit answered; then nothing is left behind. */
int domain_create(const struct domain_desc *desc, struct domain **out);
/* Not from a vCPU of d itself. Tears the domain down; the structure lives on until the last
 * reference is put. */
void domain_kill(struct domain *d);
/* A bounded part of it: -ERESTART until it is done, then 0. One caller at a time, no lock held.
 *
 * What units keep for a domain goes only when nobody can look at it any more: the domain is taken
 * out of sight, and then every CPU passes once through its loop. So a reference from domain_get()
 * is good for the units' structures until the end of the exit, or of the function that a CPU was
 * asked to call, in which it was taken; for longer, for struct domain alone. */
int domain_kill_step(struct domain *d);

/* A reference to the domain with this id, or NULL. */
struct domain *domain_get(u16 id);
/* The same, but also for one of which domain_kill_step() has left little: for its caller alone. */
struct domain *domain_get_dying(u16 id);
void domain_put(struct domain *d);
struct domain *domain_next(u16 id); /* a reference to the first domain with a higher id */
/* The first domain for NULL, else the one behind d, whose reference is put. NULL: there is none. */
struct domain *domain_walk(struct domain *d);
/* All domains, rising id. The body sees each with a reference; who leaves it early puts that. */
#define for_each_domain(d) for ((d) = domain_walk(NULL); (d); (d) = domain_walk(d))

void domain_pause(struct domain *d);	/* counts; does not wait */
void domain_unpause(struct domain *d);	/* one too many is ignored */
void domain_pause_vcpu(struct vcpu *v); /* the same for one vCPU */
void domain_unpause_vcpu(struct vcpu *v);

/* The guest asked to stop (or crashed): holds all its vCPUs, records the reason, tells the tools
 * by VIRQ_DOM_EXC. The hardware domain's shutdown is the machine's and does not return. */
void domain_shutdown(struct domain *d, enum shutdown_reason reason);

/* Undoes a shutdown: the vCPUs run on where they were. 0, or -EINVAL if it is not shut down. */
int domain_resume(struct domain *d);

/* A guest's fault ends its domain, with a line that says why and the vCPU's state. v is NULL or a
 * vCPU of d. Returns: the caller finishes without entering the guest again. */
void domain_crash(struct domain *d, struct vcpu *v, const char *fmt, ...) __printf(3, 4);

/* --- vCPUs --- */

static inline struct vcpu *domain_vcpu(const struct domain *d, unsigned int id)
{
	return id < d->vcpu_count ? d->vcpus[id] : NULL;
}

/* Set or clear one reason not to run; clearing the last one makes the vCPU runnable. Any CPU. */
void vcpu_hold(struct vcpu *v, enum vcpu_hold why);
void vcpu_release(struct vcpu *v, enum vcpu_hold why);
/* Waits until v is not running on another CPU, and its state is in memory. The caller holds it for
 * some reason other than BLOCKED first. It must be sure that the other CPU does not wait for this
 * one: a request that one guest makes about another polls vcpu_try_sync() and answers -ERESTART. */
void vcpu_sync(struct vcpu *v);
bool vcpu_try_sync(struct vcpu *v);	 /* one look: true if it does not run */
bool vcpu_stopped(const struct vcpu *v); /* pure: its state is in memory */
/* The guest waits for an event: gives up the CPU unless one is there already. v is current. */
void vcpu_block(struct vcpu *v);
/* Sets a pending bit; a vCPU that runs elsewhere exits, one that is blocked wakes up if event. */
void vcpu_set_pending(struct vcpu *v, enum vcpu_pending what);
/* Makes a vCPU that is in guest mode come out of it. */
void vcpu_kick(struct vcpu *v);

struct vcpu *vcpu_current(void); /* the vCPU whose exit this CPU handles, or NULL */

/* --- into guest mode and out of it (core/pcpu.h) --- */

/* The last thing that arch_vcpu_run() does with interrupts (GIF on SVM) masked before it enters;
 * false: something came up, look again. v is loaded on p, the calling CPU. */
static inline bool pcpu_enter_guest(struct pcpu *p, const struct vcpu *v)
{
	__atomic_store_n(&p->in_guest, true, __ATOMIC_SEQ_CST);
	if (likely(__atomic_load_n(&p->work, __ATOMIC_SEQ_CST) == 0 &&
		    __atomic_load_n(&v->pending, __ATOMIC_SEQ_CST) == 0 &&
		    __atomic_load_n(&v->hold, __ATOMIC_SEQ_CST) == 0)) {
		return true;
	}
	__atomic_store_n(&p->in_guest, false, __ATOMIC_RELAXED);
	return false;
}

/* The first thing after the exit. */
static inline void pcpu_left_guest(struct pcpu *p)
{
	__atomic_store_n(&p->in_guest, false, __ATOMIC_RELEASE);
}

#endif
