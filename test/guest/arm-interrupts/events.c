/* SPDX-License-Identifier: GPL-2.0-only */
/* The upcall of event channels: a PPI that the device tree names. */
#include "guest/arm-interrupts/irq.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/gic.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"
#include "guest/lib/hypercall.h"
#include <xen/event_channel.h>
#include <xen/memory.h>

static u8 shared_page[4096] __aligned(4096);

#define INFO ((struct shared_info *)shared_page)

static volatile u64 upcall_pending;

static void upcall(u32 irq)
{
	irq_count(irq);
	if (irq == fdt_info.hypervisor_irq) {
		INFO->vcpu_info[0].evtchn_upcall_pending = 0;
		upcall_pending = __atomic_exchange_n(
			&INFO->vcpu_info[0].evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
	}
}

static u32 make_channel(void)
{
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF };

	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &alloc);
	bind.remote_port = alloc.port;
	CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &bind), 0,
		"a channel to itself");
	/* Linux binds ports to the first vCPU, and so do we. */
	INFO->evtchn_pending[0] = 0;
	INFO->evtchn_mask[0] = ~BIT64(alloc.port);
	return bind.local_port;
}

void test_events(void)
{
	struct xen_add_to_physmap map = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_shared_info,
		.gpfn = (u64)shared_page >> 12,
	};
	struct evtchn_send send;
	u32 irq = fdt_info.hypervisor_irq;

	if (!fdt_info.hypervisor) {
		check_skip("no hypervisor node", "the upcall of events");
		return;
	}
	CHECK(irq >= 16 && irq < 32, "the upcall is a PPI");
	CHECK_EQ(hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &map), 0, "shared page");
	send.port = make_channel();
	INFO->vcpu_info[0].evtchn_upcall_pending = 0;
	INFO->vcpu_info[0].evtchn_pending_sel = 0;
	irq_reset();
	trap_set_irq(upcall);
	gic_enable(irq);
	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send);
	CHECK(irq_wait(irq, 1, 1000), "an event interrupts");
	CHECK(upcall_pending != 0, "its selector bit was set");
	INFO->evtchn_pending[0] = 0;
	CHECK(!irq_wait(irq, 2, 20), "taken, it does not come again");
	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send);
	CHECK(irq_wait(irq, 2, 1000), "the next one interrupts");
	INFO->evtchn_pending[0] = 0;
	INFO->evtchn_mask[0] = ~0ULL;
	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send);
	CHECK(!irq_wait(irq, 3, 20), "a masked one does not");
	INFO->vcpu_info[0].evtchn_upcall_pending = 0;
}
