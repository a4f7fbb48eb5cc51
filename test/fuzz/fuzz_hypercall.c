/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls with any number, arguments and memory behind them, from both vCPUs of a domain, 64-bit
 * and 32-bit. Each must come back, and the domain's end must give back every page it cost.
 *
 * Input: one byte of properties of the domain, then steps of a fixed head and the bytes that are
 * put where arguments point to.
 */
#define DOMAIN_PAGES 64
#include "unit/abi_machine.h"

#define CALLS_MAX 64	/* of one input */
#define RETRIES_MAX 256 /* of one call: it may be as long as its arguments say */
#define STUCK_MAX 64	/* and has to change them, but for a reset, which counts elsewhere */
#define ARG_MAX 128

struct step {
	u8 call;     /* index into numbers[] */
	u8 op;	     /* first argument, mostly */
	u8 how;	     /* bits below */
	u8 selector; /* which value for arguments 1 and 2: a nibble each */
	u8 length;   /* of what follows */
};

enum { HOW_COMPAT = 1, HOW_VCPU1 = 2, HOW_TIME = 4, HOW_WORK = 8, HOW_WIDE = 16 };

static const u8 numbers[] = {
#define HYPERCALL(nr, name, args, handler, permission) nr,
#include "abi/hypercalls.h"
#undef HYPERCALL
	11,
	200,
};

static const u64 values[16] = { 0, 1, 2, 3, ARG, ARG + 8, 0x9000, 0x9ff8, 63, 64, DOMAIN_PAGES,
	0x10000, 0x40000000, 0x7fffffff, 0xffffffff, ~0ULL };

static u64 bare_pages;

static u64 pages_of_bare_domain(void)
{
	struct domain_desc desc = host_desc(0x7000, 2);
	struct domain *bare = NULL;

	machine_boot();
	if (domain_create(&desc, &bare) != 0) {
		abort();
	}
	return machine_kill(bare);
}

/* Not as the hardware domain: a watchdog would end the machine from within a timer's callback, and
 * nothing can go on after that. */
static void pass_time(struct domain *d)
{
	struct pcpu *was = host_pcpu;
	bool hardware = d->hardware;

	d->hardware = false;
	host_now_ns += 1000000;
	for (unsigned int i = 0; i < 2; i++) {
		host_pcpu = pcpus[i];
		timer_run(pcpus[i]);
	}
	host_pcpu = was;
	d->hardware = hardware;
}

/* As the exit path does, as often as a guest would be patient. */
static void retry(struct vcpu *v, unsigned int nr, struct hypercall *c, s64 *ret)
{
	unsigned int stuck = 0;
	u64 before[6];

	for (unsigned int i = 0; i < RETRIES_MAX; i++) {
		memcpy(before, c->args, sizeof(before));
		if (abi_hypercall(v, nr, c, ret) != HC_RETRY) {
			if (*ret == -ERESTART) {
				abort();
			}
			return;
		}
		stuck = memcmp(before, c->args, sizeof(before)) == 0 ? stuck + 1 : 0;
		if (stuck > STUCK_MAX) {
			abort();
		}
	}
}

static void call(struct domain *d, const struct step *s)
{
	struct vcpu *v = d->vcpus[(s->how & HOW_VCPU1) != 0];
	struct hypercall c = {
		.args = { s->op, values[s->selector & 15], values[s->selector >> 4], ARG, 0, 0 },
		.compat = (s->how & HOW_COMPAT) != 0,
	};
	unsigned int nr = numbers[s->call % ARRAY_SIZE(numbers)];
	s64 ret = 0;

	if (s->how & HOW_WIDE) {
		c.args[0] = values[s->op & 15]; /* calls whose first argument is an address */
	}
	host_set_current(v);
	if (s->how & HOW_WORK) {
		this_pcpu()->work |= BIT32(PCPU_WORK_TIMER);
	}
	retry(v, nr, &c, &ret);
	this_pcpu()->work = 0;
	vcpu_release(v, VCPU_HOLD_BLOCKED);
	vcpu_release(v, VCPU_HOLD_DOWN);
	if (s->how & HOW_TIME) {
		pass_time(d);
	}
	v->pending = 0;
	vtime_update(v);
}

static void run(struct domain *d, const u8 *data, size_t size)
{
	for (unsigned int i = 0; i < CALLS_MAX && size >= sizeof(struct step); i++) {
		struct step s;
		size_t n;

		memcpy(&s, data, sizeof(s));
		data += sizeof(s);
		size -= sizeof(s);
		n = MIN(MIN((size_t)s.length, (size_t)ARG_MAX), size);
		(void)guest_write_phys(d, GPA(ARG), data, n);
		data += n;
		size -= n;
		call(d, &s);
		if (d->shut_down) {
			return;
		}
	}
}

static struct domain *make_domain(u8 properties)
{
	struct domain_desc desc = host_desc(properties & 1 ? 0 : 1, 2);
	struct domain *d = NULL;

	/* A hardware domain's shutdown would end the process. */
	desc.privileged = (properties & 1) != 0;
	desc.memory = DOMAIN_PAGES * PAGE_SIZE;
	desc.memory_max = 2 * desc.memory;
	if (domain_create(&desc, &d) != 0) {
		abort();
	}
	machine_add_ram(d, 0, DOMAIN_PAGES);
	host_domain_start(d);
	d->hardware = (properties & 2) != 0;
	return d;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct domain *d;

	if (size < 1) {
		return 0;
	}
	if (bare_pages == 0) {
		bare_pages = pages_of_bare_domain();
	}
	d = make_domain(data[0]);
	/* The machine's end by a hypercall: then the domain is where it was, and no lock
	 * is held. */
	(void)host_ends_machine(run(d, data + 1, size - 1));
	d->hardware = false;
	if (machine_kill(d) != bare_pages) {
		abort();
	}
	return 0;
}
