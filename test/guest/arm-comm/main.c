/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two domains that the device tree connects: a region of shared memory at shm=ADDRESS, and an event
 * channel whose end here is port=NUMBER (both hexadecimal). role=owner speaks first. They exchange
 * messages through the memory, each announced by an event, and check every byte; without shm= they
 * exchange events only.
 */
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/gic.h"
#include "guest/lib-arm64/smp.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"
#include "guest/lib/hypercall.h"
#include "guest/lib/print.h"
#include "guest/lib/start.h"
#include "lib/string.h"
#include <xen/event_channel.h>
#include <xen/memory.h>

#define ROUNDS 200
#define WAIT_MS 20000

struct channel {
	u32 hello[2]; /* of the owner, of the borrower: alive */
	u32 turn;     /* odd: the borrower's message is the newest, even: the owner's */
	u32 bytes[1021];
};
static_assert(sizeof(struct channel) == 4096, "a page");

static u8 shared_info_page[4096] __aligned(4096);
static struct channel *channel;
static u32 port;
static volatile u32 events;

#define INFO ((struct shared_info *)shared_info_page)

static void upcall(u32 irq)
{
	if (irq == fdt_info.hypervisor_irq) {
		INFO->vcpu_info[0].evtchn_upcall_pending = 0;
		__atomic_store_n(&INFO->vcpu_info[0].evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
		__atomic_and_fetch(&INFO->evtchn_pending[0], ~BIT64(port), __ATOMIC_SEQ_CST);
	}
	__atomic_add_fetch(&events, 1, __ATOMIC_SEQ_CST);
}

static u64 option(const char *name)
{
	char text[24];
	u64 v = 0;

	if (!start_option(name, text, sizeof(text))) {
		return 0;
	}
	for (const char *p = text; *p != '\0'; p++) {
		v = v * 16 + (u64)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
	}
	return v;
}

static void prepare_events(void)
{
	struct xen_add_to_physmap map = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_shared_info,
		.gpfn = (u64)shared_info_page >> 12,
	};
	struct evtchn_status status = { .dom = DOMID_SELF, .port = port };

	CHECK_EQ(hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &map), 0, "shared page");
	CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_status, &status), 0,
		"the port exists");
	CHECK_EQ(status.status, EVTCHNSTAT_interdomain, "the port is bound to another domain");
	INFO->evtchn_mask[0] = ~BIT64(port);
	INFO->evtchn_pending[0] = 0;
	INFO->vcpu_info[0].evtchn_upcall_pending = 0;
	INFO->vcpu_info[0].evtchn_pending_sel = 0;
	trap_set_irq(upcall);
	gic_enable(fdt_info.hypervisor_irq);
	irq_enable();
}

static void notify(void)
{
	struct evtchn_send send = { .port = port };

	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send);
}

/* Sleeps until the turn is @turn; events wake, and the limit of time is the timer's. */
static bool wait_turn(u32 turn)
{
	u64 end = counter() + counter_ticks(WAIT_MS * 1000ULL);

	while (__atomic_load_n(&channel->turn, __ATOMIC_ACQUIRE) != turn) {
		if (counter() > end) {
			return false;
		}
		cpu_relax();
	}
	return true;
}

static void fill(u32 seed)
{
	for (size_t i = 0; i < sizeof(channel->bytes) / 4; i++) {
		WRITE_ONCE(channel->bytes[i], seed * 2654435761U + (u32)i);
	}
}

static bool is_filled(u32 seed)
{
	for (size_t i = 0; i < sizeof(channel->bytes) / 4; i++) {
		if (READ_ONCE(channel->bytes[i]) != seed * 2654435761U + (u32)i) {
			return false;
		}
	}
	return true;
}

static void converse(u32 me)
{
	u32 good = 0, announced = 0;

	for (u32 i = 0; i < ROUNDS; i++) {
		u32 before = events;

		if (i % 2 == me) {
			fill(i);
			__atomic_store_n(&channel->turn, i + 1, __ATOMIC_RELEASE);
			notify();
			continue;
		}
		if (!wait_turn(i + 1)) {
			break;
		}
		good += is_filled(i);
		announced += smp_wait_for(&events, before + 1, 2000) || events > announced;
	}
	CHECK_EQ(good, ROUNDS / 2, "each message arrived whole");
	CHECK_EQ(announced, ROUNDS / 2, "each message was announced by an event");
	CHECK(wait_turn(ROUNDS), "both have said everything");
}

/* By events alone: each answers each of the other's. */
static void ping(u32 me)
{
	u32 answered = 0;

	/* The first may come before the other listens: until there is an answer, again. */
	for (u32 i = 0; me == 0 && events == 0 && i < 200; i++) {
		notify();
		delay_us(100000);
	}
	for (u32 i = 1; i <= ROUNDS; i++) {
		if (!smp_wait_for(&events, i, WAIT_MS)) {
			break;
		}
		answered++;
		notify();
	}
	CHECK_EQ(answered, ROUNDS, "events went to and fro");
}

void guest_main(void)
{
	char role[16] = "";
	u32 me;

	start_option("role", role, sizeof(role));
	me = strcmp(role, "owner") == 0 ? 0 : 1;
	channel = (struct channel *)option("shm");
	port = (u32)option("port");
	print("arm-comm: %s, memory at %#llx, port %u\n", role, (unsigned long long)(u64)channel,
		port);
	CHECK(port != 0, "the command line says where");
	CHECK(fdt_info.hypervisor, "the tree has a hypervisor node");
	prepare_events();
	if (channel == NULL) {
		ping(me);
		return;
	}
	CHECK_EQ(fdt_info.shared, (u64)channel, "the tree has the shared memory where it is");
	CHECK_EQ(TRY("ldr wzr, [%[a]]", [a] "r"(channel)), 0, "the shared memory can be read");
	__atomic_store_n(&channel->hello[me], 0x600d, __ATOMIC_RELEASE);
	CHECK(smp_wait_for(&channel->hello[1 - me], 0x600d, WAIT_MS), "the other one is there");
	converse(me);
}
