/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AMD-Vi's event log (48882, section 2.5). An entry counts once it is not zero, and is zeroed when
 * it was read: the tail register is not needed, which is as well, since units are known that move
 * it before the entry is there (erratum 732), and QEMU 7.2 never moves it at all.
 */
#include "drv/iommu/amdvi_events.h"

#include "arch/contract/io.h"
#include "core/log.h"
#include "drv/pci/pci.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "mm/heap.h"

static const char *const amdvi_event_texts[] = {
	[0] = "did something that the unit reports without a code",
	[AMDVI_EVENT_DEVTAB] = "has a device table entry that the unit refuses",
	[AMDVI_EVENT_DEVTAB_HW] = "has a device table entry that cannot be read",
	[AMDVI_EVENT_PAGES_HW] = "has page tables that cannot be read",
	[AMDVI_EVENT_COMMAND] = "(none): an illegal command",
	[AMDVI_EVENT_COMMAND_HW] = "(none): commands that cannot be read",
	[AMDVI_EVENT_IOTLB] = "did not answer an IOTLB invalidation",
	[AMDVI_EVENT_REQUEST] = "made an invalid request",
};

static const char *amdvi_events_text(const struct amdvi_entry *e)
{
	u64 code = field_get(AMDVI_CODE, e->q[0]);
	const char *text = code < ARRAY_SIZE(amdvi_event_texts) ? amdvi_event_texts[code] : NULL;

	if (code == AMDVI_EVENT_PAGE_FAULT) {
		if (e->q[0] & AMDVI_EVENT_INTERRUPT) {
			return "raised an interrupt that it was not given";
		}
		return e->q[0] & AMDVI_EVENT_WRITE ? "wrote where it may not"
						   : "read where it may not";
	}
	return text ? text : "caused an event of an unknown kind";
}

static void amdvi_events_print(const struct amdvi_unit *u, const struct amdvi_entry *e)
{
	u32 sbdf = (u32)u->segment << 16 | (u32)field_get(AMDVI_EVENT_DEVID, e->q[0]);

	iommu_report(u->name, sbdf, e->q[1], amdvi_events_text(e));
	if (iommu_verbose) {
		log_debug("%s: event %#018llx %#018llx", u->name, (unsigned long long)e->q[0],
			(unsigned long long)e->q[1]);
	}
}

/* After an overflow nothing is logged until the log was switched off and on (3.4.12). */
static void amdvi_events_restart(struct amdvi_unit *u)
{
	arch_mmio_write64(u->regs + AMDVI_REG_CONTROL, u->control & ~AMDVI_CONTROL_EVENTS);
	memset(u->events, 0, AMDVI_RING_ENTRIES * sizeof(*u->events));
	u->evt_head = 0;
	arch_mmio_write64(u->regs + AMDVI_REG_STATUS,
		AMDVI_STATUS_OVERFLOW | AMDVI_STATUS_EVENT | AMDVI_STATUS_WAIT_DONE);
	arch_mmio_write64(u->regs + AMDVI_REG_EVT_BASE,
		heap_va_to_hpa(u->events).v |
			field_put(AMDVI_RING_LENGTH, ilog2(AMDVI_RING_ENTRIES)));
	arch_mmio_write64(u->regs + AMDVI_REG_EVT_HEAD, 0);
	arch_mmio_write64(u->regs + AMDVI_REG_EVT_TAIL, 0);
	arch_mmio_write64(u->regs + AMDVI_REG_CONTROL, u->control);
}

/* Takes the oldest event out; false when there is none. */
static bool amdvi_events_take(struct amdvi_unit *u, struct amdvi_entry *e)
{
	struct amdvi_entry *slot = &u->events[u->evt_head];

	e->q[0] = READ_ONCE(slot->q[0]);
	e->q[1] = READ_ONCE(slot->q[1]);
	if (e->q[0] == 0 && e->q[1] == 0) {
		return false;
	}
	*slot = (struct amdvi_entry){ { 0, 0 } };
	smp_wmb(); /* zeroed before the unit may use it again */
	u->evt_head = (u->evt_head + 1) % AMDVI_RING_ENTRIES;
	return true;
}

unsigned int amdvi_events_handle(struct amdvi_unit *u, unsigned int budget)
{
	struct amdvi_entry e;
	unsigned int count = 0;

	spin_lock(&u->lock);
	while (count < budget && amdvi_events_take(u, &e)) {
		amdvi_events_print(u, &e);
		count++;
	}
	if (count > 0) {
		arch_mmio_write64(u->regs + AMDVI_REG_EVT_HEAD, u->evt_head * sizeof(e));
	}
	if (count < budget &&
		(arch_mmio_read64(u->regs + AMDVI_REG_STATUS) & AMDVI_STATUS_OVERFLOW)) {
		log_warn("%s: event log overflowed: some faults were lost", u->name);
		amdvi_events_restart(u);
	}
	spin_unlock(&u->lock);
	return count;
}
