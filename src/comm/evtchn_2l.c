/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 2-level layout: one pending and one mask bit for each port in shared_info, and for each vCPU
 * a selector with one bit for each word of pending bits (xen/xen.h, struct shared_info). The bit
 * arrays are little-endian, so 32-bit units reach them whatever the guest's word is.
 */
#include "comm/evtchn_internal.h"
#include "lib/errno.h"

/* Where the mask array starts: behind as many words of pending bits as a word has bits. */
#define EVTCHN_2L_MASK_64 offsetof(struct shared_info, evtchn_mask)
#define EVTCHN_2L_MASK_32 (offsetof(struct shared_info, evtchn_pending) + 32 * sizeof(u32))
/* Where the selector stands in vcpu_info. */
#define EVTCHN_2L_SEL_64 offsetof(struct vcpu_info, evtchn_pending_sel)
#define EVTCHN_2L_SEL_32 4

static unsigned int evtchn_2l_word_bits(const struct evtchn_domain *ed)
{
	return ed->compat ? 32 : 64;
}

static u32 evtchn_2l_capacity(const struct evtchn_domain *ed)
{
	return evtchn_2l_word_bits(ed) * evtchn_2l_word_bits(ed);
}

static u32 *evtchn_2l_pending(const struct evtchn_domain *ed, u32 port)
{
	return (u32 *)ed->shared->evtchn_pending + port / 32;
}

static u32 *evtchn_2l_mask(const struct evtchn_domain *ed, u32 port)
{
	size_t offset = ed->compat ? EVTCHN_2L_MASK_32 : EVTCHN_2L_MASK_64;

	return (u32 *)((u8 *)ed->shared + offset) + port / 32;
}

static bool evtchn_2l_test(const u32 *word, u32 port)
{
	return (READ_ONCE(*word) & BIT32(port % 32)) != 0;
}

/* The bit's former value. Sequentially consistent: the guest's side sets its bits in the opposite
 * order, and one of the two must see the other. */
static bool evtchn_2l_test_and_set(u32 *word, u32 bit)
{
	u32 mask = BIT32(bit % 32);

	return (__atomic_fetch_or(word, mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

static bool evtchn_2l_test_and_clear(u32 *word, u32 bit)
{
	u32 mask = BIT32(bit % 32);

	return (__atomic_fetch_and(word, ~mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

static void evtchn_2l_select(struct evtchn_domain *ed, struct vcpu *v, u32 port)
{
	u32 bit = port / evtchn_2l_word_bits(ed);
	size_t offset = ed->compat ? EVTCHN_2L_SEL_32 : EVTCHN_2L_SEL_64;
	u32 *sel = (u32 *)((u8 *)evtchn_vcpu_info(v) + offset);

	if (!evtchn_2l_test_and_set(sel + bit / 32, bit)) {
		evtchn_info_notify(v);
	}
}

static void evtchn_2l_set_pending(struct evtchn_domain *ed, struct vcpu *v, struct evtchn *c)
{
	if (evtchn_2l_test_and_set(evtchn_2l_pending(ed, c->port), c->port)) {
		return;
	}
	if (!evtchn_2l_test(evtchn_2l_mask(ed, c->port), c->port)) {
		evtchn_2l_select(ed, v, c->port);
	}
	evtchn_poll_wake(ed, c->port);
}

static void evtchn_2l_init(struct evtchn_domain *ed, struct evtchn *c)
{
}

static void evtchn_2l_clear_pending(struct evtchn_domain *ed, struct evtchn *c)
{
	evtchn_2l_test_and_clear(evtchn_2l_pending(ed, c->port), c->port);
}

static void evtchn_2l_unmask(struct evtchn_domain *ed, struct evtchn *c)
{
	struct vcpu *v = evtchn_vcpu_of(ed, c);

	if (evtchn_2l_test_and_clear(evtchn_2l_mask(ed, c->port), c->port) &&
		evtchn_2l_test(evtchn_2l_pending(ed, c->port), c->port)) {
		evtchn_2l_select(ed, v, c->port);
	}
}

static bool evtchn_2l_is_pending(const struct evtchn_domain *ed, const struct evtchn *c)
{
	return evtchn_2l_test(evtchn_2l_pending(ed, c->port), c->port);
}

static bool evtchn_2l_is_masked(const struct evtchn_domain *ed, const struct evtchn *c)
{
	return evtchn_2l_test(evtchn_2l_mask(ed, c->port), c->port);
}

static bool evtchn_2l_is_busy(const struct evtchn_domain *ed, const struct evtchn *c)
{
	return false;
}

static int evtchn_2l_set_priority(struct evtchn *c, u32 priority)
{
	return -ENOSYS;
}

const struct evtchn_abi evtchn_2l_abi = {
	.name = "2-level",
	.capacity = evtchn_2l_capacity,
	.init = evtchn_2l_init,
	.set_pending = evtchn_2l_set_pending,
	.clear_pending = evtchn_2l_clear_pending,
	.unmask = evtchn_2l_unmask,
	.is_pending = evtchn_2l_is_pending,
	.is_masked = evtchn_2l_is_masked,
	.is_busy = evtchn_2l_is_busy,
	.set_priority = evtchn_2l_set_priority,
};
