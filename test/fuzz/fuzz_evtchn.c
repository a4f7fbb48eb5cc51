/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels of two domains in any order of operations, with guests that write whatever they
 * like to shared_info, event words and control blocks meanwhile. Nothing may be lost when both end.
 *
 * Input: steps of four bytes: operation, domain and vCPU, two numbers.
 */
#define DOMAIN_PAGES 16
#include "unit/abi_machine.h"

#define STEPS_MAX 512

struct step {
	u8 op, who, a, b;
};

struct actor {
	struct domain *d, *other;
	struct vcpu *v;
};

typedef void step_fn(const struct actor *w, const struct step *s);

static void step_alloc(const struct actor *w, const struct step *s)
{
	u32 port;

	(void)evtchn_alloc_unbound(w->d, s->a & 1 ? w->d->id : w->other->id, &port);
}

static void step_bind(const struct actor *w, const struct step *s)
{
	u32 port;

	(void)evtchn_bind_interdomain(w->d, s->b & 1 ? w->d : w->other, s->a, &port);
}

static void step_virq(const struct actor *w, const struct step *s)
{
	u32 port;

	(void)evtchn_bind_virq(w->d, s->a % (NR_VIRQS + 1), s->b % 3, &port);
}

static void step_ipi(const struct actor *w, const struct step *s)
{
	u32 port;

	(void)evtchn_bind_ipi(w->d, s->a % 3, &port);
}

static void step_vcpu(const struct actor *w, const struct step *s)
{
	(void)evtchn_bind_vcpu(w->d, s->a, s->b % 3);
}

static void step_close(const struct actor *w, const struct step *s)
{
	(void)evtchn_close(w->d, s->a);
}

static void step_send(const struct actor *w, const struct step *s)
{
	(void)evtchn_send(w->d, s->a);
}

static void step_unmask(const struct actor *w, const struct step *s)
{
	(void)evtchn_unmask(w->d, s->a);
}

static void step_priority(const struct actor *w, const struct step *s)
{
	(void)evtchn_set_priority(w->d, s->a, s->b % 17);
}

static void step_control(const struct actor *w, const struct step *s)
{
	u8 bits;

	(void)evtchn_init_control(w->d, s->a % 18, 8u * s->b, w->v->id, &bits);
}

static void step_expand(const struct actor *w, const struct step *s)
{
	(void)evtchn_expand_array(w->d, s->a % 18);
}

static void step_reset(const struct actor *w, const struct step *s)
{
	(void)evtchn_reset(w->d, s->a & 1);
}

static void step_info(const struct actor *w, const struct step *s)
{
	(void)evtchn_register_vcpu_info(w->v, s->a % 18, 16u * s->b);
}

static void step_raise(const struct actor *w, const struct step *s)
{
	evtchn_raise_virq(w->v, s->a % NR_VIRQS);
	evtchn_raise_global_virq(s->b % NR_VIRQS);
}

static void step_poll(const struct actor *w, const struct step *s)
{
	evtchn_poll_begin(w->v, s->a, s->b & 1 ? host_now_ns + s->b : 0);
	if (s->b & 2) {
		host_now_ns += 200;
		timer_run(this_pcpu());
		evtchn_poll_end(w->v);
	}
	vcpu_release(w->v, VCPU_HOLD_BLOCKED);
}

static void step_status(const struct actor *w, const struct step *s)
{
	struct evtchn_status_info info;
	bool pending;

	(void)evtchn_status(s->b & 1 ? w->d : w->other, s->a, &info);
	(void)evtchn_port_pending(w->d, s->a, &pending);
}

/* The guest writes a word of one of its pages, or of shared_info. */
static void step_scribble(const struct actor *w, const struct step *s)
{
	u32 value = (u32)s->b << 24 | s->b;

	if (s->op & 0x80) {
		((u32 *)evtchn_shared_info(w->d))[(size_t)s->a * 4] = value;
	} else {
		(void)guest_write_phys(w->d, GPA((u64)(s->a % 16) * PAGE_SIZE + s->a / 16 * 4u),
			&value, sizeof(value));
	}
}

static void step_compat(const struct actor *w, const struct step *s)
{
	evtchn_set_compat(w->d, s->a & 1);
}

static step_fn *const steps[] = { step_alloc, step_bind, step_virq, step_ipi, step_vcpu, step_close,
	step_send, step_unmask, step_priority, step_control, step_expand, step_reset, step_info,
	step_raise, step_poll, step_status, step_scribble, step_compat };

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u64 bare_pages;
	struct domain *d[2];

	if (bare_pages == 0) {
		struct domain_desc desc = host_desc(0x7000, 2);

		machine_boot();
		if (domain_create(&desc, &d[0]) != 0) {
			abort();
		}
		bare_pages = machine_kill(d[0]);
	}
	d[0] = machine_domain(0, 2, true);
	d[1] = machine_domain(1, 2, false);
	for (unsigned int i = 0; i < STEPS_MAX && size >= sizeof(struct step); i++) {
		struct step s;
		struct actor w;

		memcpy(&s, data, sizeof(s));
		data += sizeof(s);
		size -= sizeof(s);
		w.d = d[s.who & 1];
		w.other = d[~s.who & 1];
		w.v = w.d->vcpus[s.who >> 1 & 1];
		host_set_current(w.v);
		steps[(s.op & 0x7f) % ARRAY_SIZE(steps)](&w, &s);
	}
	if (machine_kill(d[1]) != bare_pages || machine_kill(d[0]) != bare_pages) {
		abort();
	}
	return 0;
}
