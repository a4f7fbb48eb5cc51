/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of a domain: the list of all, references, creation and its unwinding, pauses, the end.
 * Knows no unit by name, and nothing of what a guest sees.
 */
#include "core/domain.h"

#include "arch/contract/cpu.h"
#include "core/desc.h"
#include "core/log.h"
#include "core/unit.h"
#include "core/virq.h"
#include "lib/bug.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/heap.h"

static struct spinlock list_lock = SPINLOCK_INIT(RANK_DOMAIN_LIST);
static struct list domains = LIST_INIT(domains); /* rising id */

/* --- the list --- */

/* The first domain whose id is not below this one, or NULL. Caller holds the lock. */
static struct domain *domain_find_from(unsigned int id)
{
	struct domain *d;

	list_for_each_entry(d, &domains, link) {
		if (d->id >= id) {
			return d;
		}
	}
	return NULL;
}

/* Caller holds the lock, which keeps a domain from being freed though its last reference
 * is gone. */
static bool domain_try_ref_any(struct domain *d)
{
	int refs = atomic_read(&d->refs);

	while (refs != 0) {
		int seen = atomic_cmpxchg(&d->refs, refs, refs + 1);

		if (seen == refs) {
			return true;
		}
		refs = seen;
	}
	return false;
}

static bool domain_try_ref(struct domain *d)
{
	return !d->gone && domain_try_ref_any(d);
}

struct domain *domain_get_dying(u16 id)
{
	struct domain *d;

	spin_lock(&list_lock);
	d = domain_find_from(id);
	if (d && (d->id != id || !domain_try_ref_any(d))) {
		d = NULL;
	}
	spin_unlock(&list_lock);
	return d;
}

struct domain *domain_get(u16 id)
{
	struct domain *d;

	spin_lock(&list_lock);
	d = domain_find_from(id);
	if (d && (d->id != id || !domain_try_ref(d))) {
		d = NULL;
	}
	spin_unlock(&list_lock);
	return d;
}

struct domain *domain_next(u16 id)
{
	unsigned int from = id + 1U;
	struct domain *d;

	spin_lock(&list_lock);
	while ((d = domain_find_from(from)) != NULL && !domain_try_ref(d)) {
		from = d->id + 1U;
	}
	spin_unlock(&list_lock);
	return d;
}

struct domain *domain_walk(struct domain *d)
{
	struct domain *next;

	if (!d) {
		return domain_get(0) ?: domain_next(0);
	}
	next = domain_next(d->id);
	domain_put(d);
	return next;
}

/* -EEXIST; the answer may be out of date unless the lock is held. */
static int domain_check_id(u16 id)
{
	struct domain *d = domain_find_from(id);

	return d && d->id == id ? -EEXIST : 0;
}

static int domain_list_add(struct domain *d)
{
	struct domain *next;
	int rc;

	spin_lock(&list_lock);
	rc = domain_check_id(d->id);
	if (rc == 0) {
		next = domain_find_from(d->id);
		list_add_tail(&d->link, next ? &next->link : &domains);
	}
	spin_unlock(&list_lock);
	return rc;
}

/* --- creation --- */

static void domain_free_vcpus(struct domain *d)
{
	for (unsigned int i = 0; i < d->vcpu_count; i++) {
		heap_free(&d->pool, d->vcpus[i]);
	}
	heap_free(&d->pool, d->vcpus);
	ASSERT(d->pool.used == 0); /* whoever charged something has given it back */
}

static void domain_free(struct domain *d)
{
	domain_free_vcpus(d);
	heap_free(&pool_system, d);
}

static struct domain *domain_alloc(const struct domain_desc *desc)
{
	struct domain *d = heap_new(&pool_system, struct domain);

	if (!d) {
		return NULL;
	}
	d->id = desc->id;
	strlcpy(d->name, desc->name ? desc->name : "", sizeof(d->name));
	d->privileged = desc->privileged;
	d->hardware = desc->hardware;
	d->direct_mapped = desc->direct_mapped;
	d->page_max = MAX(desc->memory, desc->memory_max) >> PAGE_SHIFT;
	list_init(&d->link);
	spin_init(&d->lock, RANK_DOMAIN);
	atomic_set(&d->refs, 1);
	atomic_set(&d->pause_count, 1);
	pool_init(&d->pool, d->name, desc->pool_pages);

	d->vcpus = heap_alloc(&d->pool, desc->vcpu_count * sizeof(struct vcpu *));
	if (!d->vcpus) {
		domain_free(d);
		return NULL;
	}
	d->vcpu_count = desc->vcpu_count;
	return d;
}

static int domain_create_vcpu(struct domain *d, unsigned int id)
{
	struct vcpu *v = heap_new(&d->pool, struct vcpu);
	int rc;

	if (!v) {
		return -ENOMEM;
	}
	v->domain = d;
	v->id = id;
	v->hold = BIT32(VCPU_HOLD_DOWN) | BIT32(VCPU_HOLD_PAUSED);
	d->vcpus[id] = v;
	rc = units_vcpu_create(v);
	if (rc != 0) {
		d->vcpus[id] = NULL;
		heap_free(&d->pool, v);
	}
	return rc;
}

/* Destroys the vCPUs below `end`, last first; the structures stay. */
static void domain_unwind_vcpus(struct domain *d, unsigned int end)
{
	while (end-- > 0) {
		units_vcpu_destroy(d->vcpus[end]);
	}
}

static int domain_create_vcpus(struct domain *d)
{
	for (unsigned int i = 0; i < d->vcpu_count; i++) {
		int rc = domain_create_vcpu(d, i);

		if (rc != 0) {
			domain_unwind_vcpus(d, i);
			return rc;
		}
	}
	return 0;
}

int domain_create(const struct domain_desc *desc, struct domain **out)
{
	struct domain *d;
	int rc;

	if (desc->vcpu_count == 0 || desc->vcpu_count > MAX_VCPUS ||
		desc->id >= DOMID_FIRST_RESERVED_) {
		return -EINVAL;
	}
	d = domain_alloc(desc);
	if (!d) {
		return -ENOMEM;
	}
	rc = units_domain_create(d, desc);
	if (rc != 0) {
		goto free_domain;
	}
	rc = domain_create_vcpus(d);
	if (rc != 0) {
		goto destroy_domain;
	}
	rc = domain_list_add(d);
	if (rc != 0) {
		goto destroy_vcpus;
	}
	*out = d;
	return 0;

destroy_vcpus:
	domain_unwind_vcpus(d, d->vcpu_count);
destroy_domain:
	units_domain_destroy(d);
free_domain:
	domain_free(d);
	return rc;
}

/* --- end --- */

void domain_put(struct domain *d)
{
	if (!atomic_dec_and_test(&d->refs)) {
		return;
	}
	spin_lock(&list_lock);
	list_del(&d->link);
	spin_unlock(&list_lock);
	domain_free(d);
}

enum kill_stage { KILL_STOP, KILL_RELINQUISH, KILL_HIDE, KILL_VCPUS, KILL_DOMAIN, KILL_DONE };

static int domain_kill_stop(struct domain *d)
{
	struct vcpu *v;

	spin_lock(&d->lock);
	d->dying = true;
	spin_unlock(&d->lock);
	for_each_vcpu(d, v) {
		vcpu_hold(v, VCPU_HOLD_SHUT);
	}
	for_each_vcpu(d, v) {
		if (!vcpu_try_sync(v)) {
			return -ERESTART;
		}
	}
	d->kill_vcpus = d->vcpu_count;
	return 0;
}

static void domain_pass(void *arg)
{
}

/* Whoever found the domain before this is done with it once its CPU has passed through its loop. */
static int domain_kill_hide(struct domain *d)
{
	struct pcpu_call call = { .fn = domain_pass };
	struct pcpu *p;

	spin_lock(&list_lock);
	d->gone = true;
	spin_unlock(&list_lock);
	for_each_cpu(p) {
		if (p != this_pcpu()) {
			pcpu_call(p, &call);
			pcpu_call_wait(&call);
		}
	}
	return 0;
}

static int domain_kill_vcpus(struct domain *d)
{
	if (d->kill_vcpus > 0) {
		units_vcpu_destroy(d->vcpus[--d->kill_vcpus]);
	}
	return d->kill_vcpus > 0 ? -ERESTART : 0;
}

static int domain_kill_domain(struct domain *d)
{
	units_domain_destroy(d);
	return 0;
}

static int (*const kill_stages[KILL_DONE])(struct domain *d) = {
	[KILL_STOP] = domain_kill_stop,
	[KILL_RELINQUISH] = units_domain_relinquish,
	[KILL_HIDE] = domain_kill_hide,
	[KILL_VCPUS] = domain_kill_vcpus,
	[KILL_DOMAIN] = domain_kill_domain,
};

int domain_kill_step(struct domain *d)
{
	int rc;

	if (d->kill_stage == KILL_DONE) {
		return 0;
	}
	rc = kill_stages[d->kill_stage](d);
	if (rc != 0) {
		return rc;
	}
	d->kill_stage++;
	if (d->kill_stage != KILL_DONE) {
		return -ERESTART;
	}
	virq_raise_global(CORE_VIRQ_DOM_EXC);
	heap_trim();
	domain_put(d); /* that of being alive */
	return 0;
}

void domain_kill(struct domain *d)
{
	while (domain_kill_step(d) == -ERESTART) {
		arch_cpu_relax();
	}
}

/* --- pauses --- */

/* Caller holds the domain's lock. */
static void domain_update_pause(struct vcpu *v)
{
	if (atomic_read(&v->domain->pause_count) != 0 || atomic_read(&v->pause_count) != 0) {
		vcpu_hold(v, VCPU_HOLD_PAUSED);
	} else {
		vcpu_release(v, VCPU_HOLD_PAUSED);
	}
}

/* Counts up or down, not below zero. The lock keeps counts and holds in step. */
static void domain_count_pause(atomic_t *count, int step)
{
	if (step > 0 || atomic_read(count) > 0) {
		atomic_add_return(count, step);
	}
}

static void domain_change_pause(struct domain *d, int step)
{
	struct vcpu *v;

	spin_lock(&d->lock);
	if (!d->dying) {
		domain_count_pause(&d->pause_count, step);
		for_each_vcpu(d, v) {
			domain_update_pause(v);
		}
	}
	spin_unlock(&d->lock);
}

void domain_pause(struct domain *d)
{
	domain_change_pause(d, 1);
}

void domain_unpause(struct domain *d)
{
	domain_change_pause(d, -1);
}

static void domain_change_vcpu_pause(struct vcpu *v, int step)
{
	spin_lock(&v->domain->lock);
	if (!v->domain->dying) {
		domain_count_pause(&v->pause_count, step);
		domain_update_pause(v);
	}
	spin_unlock(&v->domain->lock);
}

void domain_pause_vcpu(struct vcpu *v)
{
	domain_change_vcpu_pause(v, 1);
}

void domain_unpause_vcpu(struct vcpu *v)
{
	domain_change_vcpu_pause(v, -1);
}

/* --- shutdown --- */

static const struct {
	const char *word;
	enum machine_end end;
	bool crash;
} shutdown_kinds[] = {
	[SHUT_POWEROFF] = { "powers off", MACHINE_POWEROFF, false },
	[SHUT_REBOOT] = { "reboots", MACHINE_REBOOT, false },
	[SHUT_SUSPEND] = { "suspends", MACHINE_REBOOT, false },
	[SHUT_CRASH] = { "crashed", MACHINE_REBOOT, true },
	[SHUT_WATCHDOG] = { "does not feed its watchdog", MACHINE_REBOOT, true },
	[SHUT_SOFT_RESET] = { "resets", MACHINE_REBOOT, false },
};

static void __noreturn domain_end_machine(const struct domain *d, enum shutdown_reason reason)
{
	log_info("d%u, the hardware domain, %s", d->id, shutdown_kinds[reason].word);
	arch_stop_others();
	console_break_lock();
	if (shutdown_kinds[reason].crash) {
		panic_machine_end();
	}
	arch_machine_end(shutdown_kinds[reason].end);
}

void domain_shutdown(struct domain *d, enum shutdown_reason reason)
{
	struct vcpu *v;
	bool first;

	BUG_ON((unsigned int)reason >= ARRAY_SIZE(shutdown_kinds));
	if (d->hardware) {
		domain_end_machine(d, reason);
	}
	spin_lock(&d->lock);
	first = !d->shut_down && !d->dying;
	if (first) {
		d->shutdown_code = (u8)reason;
		d->shut_down = true;
		for_each_vcpu(d, v) {
			vcpu_hold(v, VCPU_HOLD_SHUT);
		}
	}
	spin_unlock(&d->lock);
	if (first) {
		log_info("d%u (%s) %s", d->id, d->name, shutdown_kinds[reason].word);
		console_guest_stop(d);
		virq_raise_global(CORE_VIRQ_DOM_EXC);
	}
}

int domain_resume(struct domain *d)
{
	struct vcpu *v;
	int rc = 0;

	spin_lock(&d->lock);
	if (!d->shut_down || d->dying) {
		rc = -EINVAL;
	} else {
		d->shut_down = false;
		d->shutdown_code = 0;
		for_each_vcpu(d, v) {
			vcpu_release(v, VCPU_HOLD_SHUT);
		}
	}
	spin_unlock(&d->lock);
	return rc;
}

void domain_crash(struct domain *d, struct vcpu *v, const char *fmt, ...)
{
	char why[256];
	va_list ap;

	if (READ_ONCE(d->shut_down)) {
		return;
	}
	va_start(ap, fmt);
	fmt_vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (v) {
		log_err("d%uv%u: crash: %s", d->id, v->id, why);
		arch_vcpu_dump(v);
	} else {
		log_err("d%u: crash: %s", d->id, why);
	}
	domain_shutdown(d, SHUT_CRASH);
}
