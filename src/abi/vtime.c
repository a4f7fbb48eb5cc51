/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time records of vCPUs, the wall clock, and the timers behind VIRQ_TIMER. It decides nothing about
 * who runs, and reads no clock but arch_now_ns().
 *
 * A vCPU's lock covers its registered pages: they are written under it, so that one can be unmapped
 * once it has been taken off under it. Records at linear addresses are written without it.
 */
#include "abi/vtime.h"
#include "abi/domain.h"
#include "arch/contract/abi.h"
#include "comm/evtchn.h"
#include "core/domain.h"
#include "core/pcpu.h"
#include "core/time.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/xen_public.h"
#include "mm/guest.h"
#include "mm/heap.h"
#include "sched/sched.h"

#include <xen/vcpu.h>

static_assert(sizeof(struct vcpu_runstate_info) == 48, "64-bit callers");
/* struct vcpu_runstate_info of i386, where a u64 is aligned to 4. */
struct compat_runstate_info {
	u32 state;
	u64 state_entry_time;
	u64 time[4];
} __packed;
static_assert(sizeof(struct compat_runstate_info) == 44, "32-bit callers");

struct vtime_place {
	struct shared_page page; /* by guest physical address */
	u64 linear;		 /* 0: none */
	bool compat;
};

struct vcpu_time {
	struct spinlock lock; /* RANK_VTIME */
	struct vtime_place places[VTIME_RECORDS];
	u32 versions[3]; /* vcpu_info, page, linear: guests may overwrite what we wrote */
	struct timer periodic;
	u64 period_ns;
};

static struct spinlock vtime_wallclock_lock = SPINLOCK_INIT(RANK_WALLCLOCK);
static u64 vtime_epoch_ns;

/* --- struct vcpu_time_info --- */

static void vtime_fill(struct vcpu *v, struct vcpu_time_info *t)
{
	struct vcpu_time_params p = { 0 };

	arch_vcpu_time_params(v, &p);
	*t = (struct vcpu_time_info){
		.tsc_timestamp = p.tsc_stamp,
		.system_time = p.system_ns,
		.tsc_to_system_mul = p.mul,
		.tsc_shift = p.shift,
		.flags = p.flags,
	};
}

/* To a mapped record. *version is ours, even, and comes back even. */
static void vtime_write_time(struct vcpu_time_info *to, struct vcpu_time_info *t, u32 *version)
{
	WRITE_ONCE(to->version, ++*version);
	smp_wmb();
	to->tsc_timestamp = t->tsc_timestamp;
	to->system_time = t->system_time;
	to->tsc_to_system_mul = t->tsc_to_system_mul;
	to->tsc_shift = t->tsc_shift;
	to->flags = t->flags;
	smp_wmb();
	WRITE_ONCE(to->version, ++*version);
}

/* The guest's own page tables decide whether it arrives; that is the guest's business. */
static void vtime_write_time_linear(
	struct vcpu *v, u64 linear, struct vcpu_time_info *t, u32 *version)
{
	t->version = ++*version;
	if (guest_write(v, linear, &t->version, sizeof(t->version)) == 0) {
		(void)guest_write(v, linear, t, sizeof(*t));
	}
	t->version = ++*version;
	(void)guest_write(v, linear, &t->version, sizeof(t->version));
}

/* --- struct vcpu_runstate_info --- */

static_assert(SCHED_RUNNING == RUNSTATE_running && SCHED_RUNNABLE == RUNSTATE_runnable &&
		      SCHED_BLOCKED == RUNSTATE_blocked && SCHED_OFFLINE == RUNSTATE_offline,
	"the scheduler's states are the ABI's");

/* The record as the guest knows it; returns its size, and where the time stamp stands. */
static size_t vtime_encode_runstate(const struct sched_times *t, bool compat,
	struct vcpu_runstate_info *wide, struct compat_runstate_info *narrow, size_t *stamp)
{
	*wide = (struct vcpu_runstate_info){
		.state = (int)t->state,
		.state_entry_time = t->since_ns,
	};
	memcpy(wide->time, t->ns, sizeof(wide->time));
	*narrow = (struct compat_runstate_info){
		.state = t->state,
		.state_entry_time = t->since_ns,
	};
	memcpy(narrow->time, t->ns, sizeof(narrow->time));
	*stamp = compat ? offsetof(struct compat_runstate_info, state_entry_time)
			: offsetof(struct vcpu_runstate_info, state_entry_time);
	return compat ? sizeof(*narrow) : sizeof(*wide);
}

/* The flag stands in the top bit of the time stamp: in its last byte. */
#define VTIME_UPDATE_BYTE 7
#define VTIME_UPDATE_FLAG ((u8)(XEN_RUNSTATE_UPDATE >> 56))

static void vtime_write_runstate(const struct vtime_place *place, const struct sched_times *t)
{
	struct vcpu_runstate_info wide;
	struct compat_runstate_info narrow;
	size_t stamp, size = vtime_encode_runstate(t, place->compat, &wide, &narrow, &stamp);
	u8 *raw = place->compat ? (u8 *)&narrow : (u8 *)&wide;
	u8 *to = place->page.va;

	WRITE_ONCE(to[stamp + VTIME_UPDATE_BYTE], VTIME_UPDATE_FLAG);
	smp_wmb();
	raw[stamp + VTIME_UPDATE_BYTE] |= VTIME_UPDATE_FLAG;
	memcpy(to, raw, size);
	smp_wmb();
	raw[stamp + VTIME_UPDATE_BYTE] &= (u8)~VTIME_UPDATE_FLAG;
	WRITE_ONCE(to[stamp + VTIME_UPDATE_BYTE], raw[stamp + VTIME_UPDATE_BYTE]);
}

static void vtime_write_runstate_linear(
	struct vcpu *v, u64 linear, bool compat, const struct sched_times *t)
{
	struct vcpu_runstate_info wide;
	struct compat_runstate_info narrow;
	size_t stamp, size = vtime_encode_runstate(t, compat, &wide, &narrow, &stamp);
	u8 *raw = compat ? (u8 *)&narrow : (u8 *)&wide;
	u8 *flag = &raw[stamp + VTIME_UPDATE_BYTE];
	u64 flag_at = linear + stamp + VTIME_UPDATE_BYTE;
	bool flagged = (READ_ONCE(v->domain->abi->assists) &
			       BIT64(VMASST_TYPE_runstate_update_flag)) != 0;

	if (flagged) {
		*flag |= VTIME_UPDATE_FLAG;
		(void)guest_write(v, flag_at, flag, 1);
	}
	(void)guest_write(v, linear, raw, size);
	if (flagged) {
		*flag &= (u8)~VTIME_UPDATE_FLAG;
		(void)guest_write(v, flag_at, flag, 1);
	}
}

/* --- bringing records up to date --- */

static void vtime_update_pages(
	struct vcpu *v, struct vcpu_time_info *time, const struct sched_times *spent)
{
	struct vcpu_time *vt = v->time;
	struct vtime_place *places = vt->places;

	vtime_write_time(&evtchn_vcpu_info(v)->time, time, &vt->versions[0]);
	if (places[VTIME_TIME_INFO].page.va) {
		vtime_write_time(places[VTIME_TIME_INFO].page.va, time, &vt->versions[1]);
	}
	if (places[VTIME_RUNSTATE].page.va) {
		vtime_write_runstate(&places[VTIME_RUNSTATE], spent);
	}
}

static void vtime_refresh(struct vcpu *v, bool linear_too)
{
	struct vcpu_time *vt = v->time;
	struct sched_times spent;
	struct vcpu_time_info time;
	u64 time_at, runstate_at;
	bool compat;

	vtime_fill(v, &time);
	sched_get_times(v, &spent);
	spin_lock(&vt->lock);
	vtime_update_pages(v, &time, &spent);
	time_at = vt->places[VTIME_TIME_INFO].linear;
	runstate_at = vt->places[VTIME_RUNSTATE].linear;
	compat = vt->places[VTIME_RUNSTATE].compat;
	spin_unlock(&vt->lock);
	if (linear_too && time_at != 0) {
		vtime_write_time_linear(v, time_at, &time, &vt->versions[2]);
	}
	if (linear_too && runstate_at != 0) {
		vtime_write_runstate_linear(v, runstate_at, compat, &spent);
	}
}

void vtime_update(struct vcpu *v)
{
	/* It runs: if it waited for a port, it does not any more. */
	evtchn_poll_end(v);
	vtime_refresh(v, true);
}

/* --- registration --- */

void vtime_register_linear(struct vcpu *v, enum vtime_record what, u64 linear, bool compat)
{
	struct vtime_place *place = &v->time->places[what];

	spin_lock(&v->time->lock);
	place->linear = linear;
	if (!place->page.va) {
		place->compat = compat;
	}
	spin_unlock(&v->time->lock);
	vcpu_set_pending(v, VCPU_PENDING_TIME);
}

static size_t vtime_record_size(enum vtime_record what, bool compat)
{
	if (what == VTIME_TIME_INFO) {
		return sizeof(struct vcpu_time_info);
	}
	return compat ? sizeof(struct compat_runstate_info) : sizeof(struct vcpu_runstate_info);
}

int vtime_register_phys(struct vcpu *v, enum vtime_record what, u64 gpa, bool compat)
{
	struct vtime_place *place = &v->time->places[what];
	size_t size = vtime_record_size(what, compat);
	struct shared_page page = { 0 }, old;
	int rc = 0;

	if (gpa != ~0ULL) {
		if (gpa % PAGE_SIZE + size > PAGE_SIZE ||
			!IS_ALIGNED(gpa, compat ? sizeof(u32) : sizeof(u64))) {
			return -ENXIO;
		}
		rc = shared_page_map(v->domain, GPA(gpa), size, &page);
	}
	if (rc != 0) {
		return rc;
	}
	spin_lock(&v->time->lock);
	old = place->page;
	place->page = page;
	place->compat = compat;
	spin_unlock(&v->time->lock);
	if (old.va) {
		shared_page_unmap(&old);
	}
	if (page.va) {
		vtime_refresh(v, false);
	}
	return 0;
}

/* --- the wall clock --- */

/* In 32-bit shared_info the bitmaps are shorter and the high word stands behind six words of
 * struct arch_shared_info. */
#define VTIME_WC_COMPAT (offsetof(struct shared_info, evtchn_pending) + 2 * 32 * sizeof(u32))
#define VTIME_WC_HI_COMPAT (VTIME_WC_COMPAT + 3 * sizeof(u32) + 6 * sizeof(u32))

void vtime_tell_wallclock(struct domain *d)
{
	u8 *shared = (u8 *)evtchn_shared_info(d);
	bool compat = evtchn_compat(d);
	u32 *wc = (u32 *)(shared +
			  (compat ? VTIME_WC_COMPAT : offsetof(struct shared_info, wc_version)));
	u32 *hi = compat ? (u32 *)(shared + VTIME_WC_HI_COMPAT)
			 : (u32 *)(shared + offsetof(struct shared_info, wc_sec_hi));
	u32 version;

	spin_lock(&vtime_wallclock_lock);
	version = READ_ONCE(wc[0]) | 1; /* the guest may have written anything: odd is enough */
	WRITE_ONCE(wc[0], version);
	smp_wmb();
	wc[1] = (u32)(vtime_epoch_ns / NS_PER_S);
	wc[2] = (u32)(vtime_epoch_ns % NS_PER_S);
	*hi = (u32)(vtime_epoch_ns / NS_PER_S >> 32);
	smp_wmb();
	WRITE_ONCE(wc[0], version + 1);
	spin_unlock(&vtime_wallclock_lock);
}

void vtime_set_wallclock(u64 epoch_ns)
{
	struct domain *d;

	spin_lock(&vtime_wallclock_lock);
	vtime_epoch_ns = epoch_ns;
	spin_unlock(&vtime_wallclock_lock);
	for_each_domain(d) {
		if (d->evtchn) {
			vtime_tell_wallclock(d);
		}
	}
}

u64 vtime_wallclock(void)
{
	return READ_ONCE(vtime_epoch_ns);
}

/* --- VIRQ_TIMER --- */

static void vtime_singleshot_fires(void *arg)
{
	evtchn_raise_virq(arg, VIRQ_TIMER);
}

static void vtime_periodic_fires(void *arg)
{
	struct vcpu *v = arg;
	u64 period_ns = READ_ONCE(v->time->period_ns);

	if (period_ns != 0) {
		evtchn_raise_virq(v, VIRQ_TIMER);
		timer_set(&v->time->periodic, arch_now_ns() + period_ns);
	}
}

void vtime_set_singleshot(struct vcpu *v, u64 deadline_ns)
{
	if (deadline_ns <= arch_now_ns()) {
		timer_stop(&v->singleshot);
		evtchn_raise_virq(v, VIRQ_TIMER);
		return;
	}
	if (v->singleshot.cpu != this_pcpu()) {
		timer_migrate(&v->singleshot, this_pcpu());
	}
	timer_set(&v->singleshot, deadline_ns);
}

void vtime_stop_singleshot(struct vcpu *v)
{
	timer_stop(&v->singleshot);
}

void vtime_set_periodic(struct vcpu *v, u64 period_ns)
{
	WRITE_ONCE(v->time->period_ns, period_ns);
	if (period_ns != 0) {
		timer_set(&v->time->periodic, arch_now_ns() + period_ns);
	} else {
		timer_stop(&v->time->periodic);
	}
}

/* --- life --- */

static int vtime_domain_create(struct domain *d, const struct domain_desc *desc)
{
	vtime_tell_wallclock(d);
	return 0;
}

static int vtime_vcpu_create(struct vcpu *v)
{
	struct vcpu_time *vt = heap_new(&v->domain->pool, struct vcpu_time);

	if (!vt) {
		return -ENOMEM;
	}
	spin_init(&vt->lock, RANK_VTIME);
	timer_init(&v->singleshot, this_pcpu(), vtime_singleshot_fires, v);
	timer_init(&vt->periodic, this_pcpu(), vtime_periodic_fires, v);
	v->time = vt;
	__atomic_fetch_or(&v->pending, BIT32(VCPU_PENDING_TIME), __ATOMIC_SEQ_CST);
	return 0;
}

static void vtime_vcpu_destroy(struct vcpu *v)
{
	struct vcpu_time *vt = v->time;

	WRITE_ONCE(vt->period_ns, 0);
	timer_sync(&v->singleshot);
	timer_sync(&vt->periodic);
	for (unsigned int i = 0; i < VTIME_RECORDS; i++) {
		if (vt->places[i].page.va) {
			shared_page_unmap(&vt->places[i].page);
		}
	}
	v->time = NULL;
	heap_free(&v->domain->pool, vt);
}

const struct unit vtime_unit = {
	.name = "vtime",
	.domain_create = vtime_domain_create,
	.vcpu_create = vtime_vcpu_create,
	.vcpu_destroy = vtime_vcpu_destroy,
};
