/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AMD-Vi: bringing units up, which device uses which tables, commands. Nothing waits for hardware
 * longer than IOMMU_PATIENCE_NS: a unit that does not answer is given up with a line. The numbers
 * are those of AMD's specification 48882; amdvi.h says where.
 */
#include "drv/iommu/amdvi.h"

#include "arch/contract/cpu.h"
#include "arch/contract/io.h"
#include "core/log.h"
#include "core/time.h"
#include "drv/acpi/acpi.h"
#include "drv/iommu/amdvi_events.h"
#include "drv/iommu/s2_amdvi.h"
#include "drv/pci/pci.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/vmap.h"

#define AMDVI_LEVELS 4
#define AMDVI_DEVTAB_ORDER_MAX 9 /* 2 MiB: all of a segment */
#define AMDVI_IRT_SIZE (1U << AMDVI_IRT_LENGTH)

struct amdvi_unit *amdvi_units;
unsigned int amdvi_unit_count;
static bool intremap;

static u64 amdvi_read(const struct amdvi_unit *u, u32 reg)
{
	return arch_mmio_read64(u->regs + reg);
}

static void amdvi_write(struct amdvi_unit *u, u32 reg, u64 value)
{
	arch_mmio_write64(u->regs + reg, value);
}

/* --- commands --- */

static u32 amdvi_next(u32 index)
{
	return (index + 1) % AMDVI_RING_ENTRIES;
}

/* Polls until cond(u) holds, or patience ends and the unit is given up. */
static bool amdvi_await(struct amdvi_unit *u, bool (*cond)(const struct amdvi_unit *u))
{
	u64 deadline = arch_now_ns() + IOMMU_PATIENCE_NS;

	while (!u->dead && !cond(u)) {
		u->dead = iommu_impatient(deadline, u->name);
	}
	return !u->dead;
}

static bool amdvi_has_room(const struct amdvi_unit *u)
{
	return amdvi_next(u->cmd_tail) !=
	       amdvi_read(u, AMDVI_REG_CMD_HEAD) / sizeof(struct amdvi_entry) % AMDVI_RING_ENTRIES;
}

/* Puts a command into the ring without telling the unit. Caller holds the lock. */
static void amdvi_queue(struct amdvi_unit *u, enum amdvi_command code, u64 q0, u64 q1)
{
	if (!amdvi_await(u, amdvi_has_room)) {
		return;
	}
	u->commands[u->cmd_tail] = (struct amdvi_entry){ { field_put(AMDVI_CODE, code) | q0, q1 } };
	u->cmd_tail = amdvi_next(u->cmd_tail);
	u->command_count++;
}

static bool amdvi_is_done(const struct amdvi_unit *u)
{
	return *u->done == u->serial;
}

/* Lets the unit do all that is queued, and waits. Caller holds the lock. */
static void amdvi_complete(struct amdvi_unit *u)
{
	u->serial++;
	amdvi_queue(u, AMDVI_CMD_WAIT,
		AMDVI_WAIT_STORE | heap_va_to_hpa((const void *)(uintptr_t)u->done).v, u->serial);
	if (!u->dead) {
		amdvi_write(u, AMDVI_REG_CMD_TAIL, u->cmd_tail * sizeof(struct amdvi_entry));
		amdvi_await(u, amdvi_is_done);
	}
}

/* Does one command. */
static void amdvi_do(struct amdvi_unit *u, enum amdvi_command code, u64 q0, u64 q1)
{
	spin_lock(&u->lock);
	amdvi_queue(u, code, q0, q1);
	amdvi_complete(u);
	spin_unlock(&u->lock);
}

static void amdvi_flush(struct iommu_domain *dom)
{
	for (unsigned int i = 0; i < amdvi_unit_count; i++) {
		amdvi_do(&amdvi_units[i], AMDVI_CMD_PAGES, field_put(AMDVI_PAGES_DOMAIN, dom->id),
			AMDVI_PAGES_EVERYTHING);
	}
}

/* Everything that a unit may still have from before. */
static void amdvi_forget(struct amdvi_unit *u)
{
	spin_lock(&u->lock);
	if (amdvi_read(u, AMDVI_REG_FEATURES) & AMDVI_FEATURE_INVALIDATE_ALL) {
		amdvi_queue(u, AMDVI_CMD_ALL, 0, 0);
	} else {
		for (u32 id = 0; id < u->devtab_count; id++) {
			if (id % (AMDVI_RING_ENTRIES / 4) == 0) {
				amdvi_complete(u);
			}
			amdvi_queue(u, AMDVI_CMD_DEVTAB, id, 0);
			amdvi_queue(u, AMDVI_CMD_INTERRUPTS, id, 0);
		}
		for (u32 id = 0; id < IOMMU_MAX_DOMAINS; id++) {
			amdvi_queue(u, AMDVI_CMD_PAGES, field_put(AMDVI_PAGES_DOMAIN, id),
				AMDVI_PAGES_EVERYTHING);
		}
	}
	amdvi_complete(u);
	spin_unlock(&u->lock);
}

/* --- what the firmware says of devices --- */

/* The entry that says most about a device: of those that cover it, the one with the fewest. */
static const struct acpi_ivrs_dev *amdvi_entry_of(u16 segment, u16 devid)
{
	const struct acpi_ivrs_dev *best = NULL;

	for (unsigned int i = 0; i < acpi_host.ivrs_dev_count; i++) {
		const struct acpi_ivrs_dev *e = &acpi_host.ivrs_devs[i];

		if (acpi_host.ivhds[e->ivhd].segment == segment && devid >= e->first &&
			devid <= e->last &&
			(!best || e->last - e->first < best->last - best->first)) {
			best = e;
		}
	}
	return best;
}

/* The unit in charge of a function: by its entry, else the first of its segment, which QEMU means
 * for functions behind bridges. */
static struct amdvi_unit *amdvi_unit_of(u32 sbdf)
{
	const struct acpi_ivrs_dev *e = amdvi_entry_of(PCI_SEGMENT(sbdf), PCI_BDF(sbdf));
	struct amdvi_unit *u = NULL;

	for (unsigned int i = amdvi_unit_count; i-- > 0;) {
		if (amdvi_units[i].segment == PCI_SEGMENT(sbdf)) {
			u = &amdvi_units[i];
		}
	}
	if (e) {
		u = &amdvi_units[e->ivhd];
	}
	return u && PCI_BDF(sbdf) < u->devtab_count ? u : NULL;
}

/* The id that a function's requests carry. */
static u16 amdvi_requester(u32 sbdf)
{
	const struct acpi_ivrs_dev *e = amdvi_entry_of(PCI_SEGMENT(sbdf), PCI_BDF(sbdf));

	return e && e->has_alias ? e->alias : PCI_BDF(sbdf);
}

/* The highest device id of a segment that anything mentions, or could be behind a bridge. */
static u32 amdvi_last_devid(u16 segment)
{
	u32 last = 0;

	for (unsigned int i = 0; i < acpi_host.ivrs_dev_count; i++) {
		const struct acpi_ivrs_dev *e = &acpi_host.ivrs_devs[i];

		if (acpi_host.ivhds[e->ivhd].segment == segment && e->last != 0xffff) {
			last = MAX(last, (u32)MAX(e->last, e->has_alias ? e->alias : 0));
		}
	}
	for (unsigned int i = 0; i < acpi_host.special_count; i++) {
		last = MAX(last, (u32)acpi_host.specials[i].devid);
	}
	for (const struct pci_dev *p = pci_first(); p; p = pci_next(p->sbdf)) {
		if (PCI_SEGMENT(p->sbdf) == segment) {
			last = MAX(last, (u32)PCI_BDF(p->sbdf));
			last = MAX(last, p->header == 1 ? (u32)p->subordinate << 8 : 0);
		}
	}
	return last | 0xff;
}

/* --- the device table --- */

static u64 amdvi_dte2(const struct amdvi_unit *u, u16 devid, u8 flags)
{
	const struct iommu_irt *irt = u->irts[devid];
	u64 q = 0;

	if (!intremap) {
		return 0;
	}
	q |= flags & ACPI_IVRS_INIT_PASS ? AMDVI_DTE2_INIT_PASS : 0;
	q |= flags & ACPI_IVRS_EINT_PASS ? AMDVI_DTE2_EINT_PASS : 0;
	q |= flags & ACPI_IVRS_NMI_PASS ? AMDVI_DTE2_NMI_PASS : 0;
	q |= flags & ACPI_IVRS_LINT0_PASS ? AMDVI_DTE2_LINT0_PASS : 0;
	q |= flags & ACPI_IVRS_LINT1_PASS ? AMDVI_DTE2_LINT1_PASS : 0;
	q |= AMDVI_DTE2_INT_VALID | field_put(AMDVI_DTE2_INT_LENGTH, AMDVI_IRT_LENGTH);
	if (irt) {
		q |= field_put(AMDVI_DTE2_INT_CONTROL, AMDVI_INT_REMAP) |
		     (heap_va_to_hpa(irt->entries).v & AMDVI_DTE2_INT_ROOT);
	}
	return q;
}

/* Which of the firmware's settings hold for a requester. */
static u8 amdvi_flags(const struct amdvi_unit *u, u16 devid)
{
	const struct acpi_ivrs_dev *e = amdvi_entry_of(u->segment, devid);

	for (unsigned int i = 0; i < acpi_host.special_count; i++) {
		const struct acpi_special *s = &acpi_host.specials[i];

		if (s->devid == devid && &amdvi_units[s->ivhd] == u) {
			return s->flags;
		}
	}
	return e ? e->flags : 0;
}

/* Valid and with translation, but without a right: refused. */
static u64 amdvi_dte0(const struct iommu_domain *dom)
{
	u64 q = AMDVI_DTE0_VALID | AMDVI_DTE0_TRANSLATION;

	if (dom) {
		q |= AMDVI_DTE0_READ | AMDVI_DTE0_WRITE |
		     field_put(AMDVI_DTE0_LEVELS, dom->s2.levels) |
		     (dom->s2.root_pa.v & AMDVI_DTE0_ROOT);
	}
	return q;
}

static void amdvi_dte_flush(struct amdvi_unit *u, u16 devid)
{
	amdvi_queue(u, AMDVI_CMD_DEVTAB, devid, 0);
	amdvi_queue(u, AMDVI_CMD_INTERRUPTS, devid, 0);
}

/* Points a requester to other tables. The unit may look at any moment: while the entry's words do
 * not fit together the device is refused. */
static void amdvi_dte_set(struct amdvi_unit *u, u16 devid, const struct iommu_domain *dom)
{
	struct amdvi_dte *e = &u->devtab[devid];
	u16 old_id;

	spin_lock(&u->lock);
	old_id = (u16)field_get(AMDVI_DTE1_DOMAIN, e->q[1]);
	WRITE_ONCE(e->q[0], amdvi_dte0(NULL));
	smp_wmb();
	amdvi_dte_flush(u, devid);
	amdvi_complete(u);
	e->q[1] = field_put(AMDVI_DTE1_DOMAIN, dom ? dom->id : 0) |
		  field_put(AMDVI_DTE1_SYSMGT, amdvi_flags(u, devid) >> 4 & 3);
	smp_wmb();
	WRITE_ONCE(e->q[0], amdvi_dte0(dom));
	smp_wmb();
	amdvi_dte_flush(u, devid);
	amdvi_queue(
		u, AMDVI_CMD_PAGES, field_put(AMDVI_PAGES_DOMAIN, old_id), AMDVI_PAGES_EVERYTHING);
	amdvi_complete(u);
	spin_unlock(&u->lock);
}

static int amdvi_attach(u32 sbdf, struct iommu_domain *dom)
{
	struct amdvi_unit *u = amdvi_unit_of(sbdf);
	u16 requester = amdvi_requester(sbdf);

	if (!u || requester >= u->devtab_count) {
		return -ERANGE;
	}
	amdvi_dte_set(u, PCI_BDF(sbdf), dom);
	if (requester != PCI_BDF(sbdf)) {
		amdvi_dte_set(u, requester, dom);
	}
	return 0;
}

static bool amdvi_owns(u32 sbdf)
{
	for (unsigned int i = 0; i < amdvi_unit_count; i++) {
		if (amdvi_units[i].sbdf == sbdf) {
			return true;
		}
	}
	return false;
}

/* --- interrupts --- */

/* Unit and device id that a source's interrupts carry. */
static struct amdvi_unit *amdvi_source(const struct iommu_source *src, u16 *devid)
{
	for (unsigned int i = 0; src->ioapic && i < acpi_host.special_count; i++) {
		const struct acpi_special *s = &acpi_host.specials[i];

		if (s->kind == ACPI_SPECIAL_IOAPIC && s->handle == src->ioapic_id) {
			*devid = s->devid;
			return &amdvi_units[s->ivhd];
		}
	}
	*devid = amdvi_requester(src->sbdf);
	return src->ioapic ? NULL : amdvi_unit_of(src->sbdf);
}

static struct iommu_irt *amdvi_irt_create(struct amdvi_unit *u, u16 devid)
{
	struct iommu_irt *irt = heap_new(&pool_system, struct iommu_irt);

	if (!irt) {
		return NULL;
	}
	irt->tag = devid;
	irt->size = AMDVI_IRT_SIZE;
	irt->unit = (u16)(u - amdvi_units);
	/* 1 KiB; the hardware wants 128-byte alignment. */
	irt->entries = heap_alloc(&pool_system, AMDVI_IRT_SIZE * sizeof(u32));
	if (!irt->entries) {
		heap_free(&pool_system, irt);
		return NULL;
	}
	spin_lock(&u->lock);
	if (!u->irts[devid]) {
		u->irts[devid] = irt;
		WRITE_ONCE(u->devtab[devid].q[2], amdvi_dte2(u, devid, amdvi_flags(u, devid)));
		smp_wmb();
		amdvi_dte_flush(u, devid);
		amdvi_complete(u);
	}
	spin_unlock(&u->lock);
	if (u->irts[devid] != irt) {
		heap_free(&pool_system, irt->entries);
		heap_free(&pool_system, irt);
	}
	return u->irts[devid];
}

static struct iommu_irt *amdvi_irt(const struct iommu_source *src)
{
	u16 devid;
	struct amdvi_unit *u = amdvi_source(src, &devid);

	if (!u || devid >= u->devtab_count) {
		return NULL;
	}
	return u->irts[devid] ? u->irts[devid] : amdvi_irt_create(u, devid);
}

static int amdvi_irte(struct iommu_irt *irt, u16 index, const struct iommu_source *src,
	const struct iommu_irq *irq)
{
	u32 *entry = (u32 *)irt->entries + index;
	u32 value = 0;

	if (irq) {
		if (irq->dest > 0xff) {
			return -ERANGE;
		}
		value = AMDVI_IRTE_ENABLE | (irq->logical ? AMDVI_IRTE_LOGICAL : 0) |
			(u32)field_put(AMDVI_IRTE_TYPE, irq->mode) |
			(u32)field_put(AMDVI_IRTE_DEST, irq->dest) |
			(u32)field_put(AMDVI_IRTE_VECTOR, irq->vector);
	}
	WRITE_ONCE(*entry, value);
	amdvi_do(&amdvi_units[irt->unit], AMDVI_CMD_INTERRUPTS, irt->tag, 0);
	return 0;
}

/* The index is in the data's low 11 bits, where vector and delivery mode are
 * otherwise (2.2.5.1). */
static void amdvi_message(const struct iommu_irt *irt, u16 index, struct iommu_msg *msg)
{
	*msg = (struct iommu_msg){ .address = 0xfee00000, .data = index };
}

static u64 amdvi_rte(const struct iommu_irt *irt, u16 index, const struct iommu_irq *irq)
{
	return index;
}

/* --- bringing up --- */

static int amdvi_alloc(struct amdvi_unit *u)
{
	unsigned int order;
	u32 last = amdvi_last_devid(u->segment);

	u->devtab_count = last + 1;
	order = order_of_bytes(u->devtab_count * sizeof(struct amdvi_dte));
	u->devtab = heap_pages_alloc(
		&pool_system, MIN(order, (unsigned int)AMDVI_DEVTAB_ORDER_MAX));
	u->irts = heap_alloc(&pool_system, u->devtab_count * sizeof(struct iommu_irt *));
	u->commands = heap_pages_alloc(&pool_system, AMDVI_RING_ORDER);
	u->events = heap_pages_alloc(&pool_system, AMDVI_RING_ORDER);
	u->done = heap_alloc(&pool_system, sizeof(u64));
	return u->devtab && u->irts && u->commands && u->events && u->done ? 0 : -ENOMEM;
}

static int amdvi_probe_unit(struct amdvi_unit *u, const struct acpi_ivhd *h)
{
	u->segment = h->segment;
	u->sbdf = (u32)h->segment << 16 | h->devid;
	fmt_snprintf(u->name, sizeof(u->name), "IOMMU " PCI_SBDF_FMT, PCI_SBDF_ARGS(u->sbdf));
	spin_init(&u->lock, RANK_IOMMU);
	u->regs = vmap(h->at, AMDVI_REGS_SIZE, HV_DEVICE);
	if (!u->regs) {
		return -ENOMEM;
	}
	/* The firmware's settings of the unit's ways to memory; tables are always looked up through
	 * the caches. */
	u->control = AMDVI_CONTROL_COHERENT;
	u->control |= h->flags & ACPI_IVHD_HT_TUN_EN ? AMDVI_CONTROL_HT_TUNNEL : 0;
	u->control |= h->flags & ACPI_IVHD_PASS_PW ? AMDVI_CONTROL_PASS_PW : 0;
	u->control |= h->flags & ACPI_IVHD_RES_PASS_PW ? AMDVI_CONTROL_RES_PASS_PW : 0;
	u->control |= h->flags & ACPI_IVHD_ISOC ? AMDVI_CONTROL_ISOC : 0;
	return amdvi_alloc(u);
}

static bool amdvi_np_cache(const struct acpi_ivhd *h)
{
	u32 head = pci_read32((u32)h->segment << 16 | h->devid, h->cap & 0xfcU);

	return (head & AMDVI_CAP_NP_CACHE) != 0;
}

static int amdvi_probe(struct iommu_caps *caps)
{
	if (acpi_host.ivhd_count == 0) {
		return -ENODEV;
	}
	*caps = (struct iommu_caps){
		.fmt = &s2_amdvi,
		.levels = AMDVI_LEVELS,
		.leaf_max = 3,
		.intremap = true,
		.coherent = true,
		.rte_by_index = true,
	};
	amdvi_units = heap_alloc(&pool_system, acpi_host.ivhd_count * sizeof(*amdvi_units));
	if (!amdvi_units) {
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < acpi_host.ivhd_count; i++) {
		int rc = amdvi_probe_unit(&amdvi_units[i], &acpi_host.ivhds[i]);

		if (rc) {
			return rc;
		}
		caps->flush_on_map |= amdvi_np_cache(&acpi_host.ivhds[i]);
		amdvi_unit_count++;
	}
	return 0;
}

static void amdvi_disable(struct amdvi_unit *u)
{
	u64 control = amdvi_read(u, AMDVI_REG_CONTROL);

	amdvi_write(u, AMDVI_REG_CONTROL,
		control & ~(AMDVI_CONTROL_ENABLE | AMDVI_CONTROL_EVENTS | AMDVI_CONTROL_COMMANDS));
}

static u64 amdvi_ring_base(const void *ring)
{
	return heap_va_to_hpa(ring).v | field_put(AMDVI_RING_LENGTH, ilog2(AMDVI_RING_ENTRIES));
}

static void amdvi_program(struct amdvi_unit *u)
{
	u64 size = ALIGN_UP(u->devtab_count * sizeof(struct amdvi_dte), PAGE_SIZE);

	amdvi_write(u, AMDVI_REG_DEVTAB, heap_va_to_hpa(u->devtab).v | (size / PAGE_SIZE - 1));
	amdvi_write(u, AMDVI_REG_CMD_BASE, amdvi_ring_base(u->commands));
	amdvi_write(u, AMDVI_REG_EVT_BASE, amdvi_ring_base(u->events));
	amdvi_write(u, AMDVI_REG_CMD_HEAD, 0);
	amdvi_write(u, AMDVI_REG_CMD_TAIL, 0);
	amdvi_write(u, AMDVI_REG_EVT_HEAD, 0);
	amdvi_write(u, AMDVI_REG_EVT_TAIL, 0);
	amdvi_write(u, AMDVI_REG_EXCL_BASE, 0);
	amdvi_write(u, AMDVI_REG_EXCL_LIMIT, 0);
	amdvi_write(u, AMDVI_REG_STATUS,
		AMDVI_STATUS_OVERFLOW | AMDVI_STATUS_EVENT | AMDVI_STATUS_WAIT_DONE);
	u->cmd_tail = u->evt_head = 0;
}

static int amdvi_enable_unit(struct amdvi_unit *u)
{
	for (u32 id = 0; id < u->devtab_count; id++) {
		u->devtab[id].q[0] = amdvi_dte0(NULL);
		u->devtab[id].q[2] = amdvi_dte2(u, (u16)id, amdvi_flags(u, (u16)id));
	}
	amdvi_disable(u);
	amdvi_program(u);
	u->control |= AMDVI_CONTROL_COMMANDS | AMDVI_CONTROL_EVENTS | AMDVI_CONTROL_ENABLE;
	amdvi_write(u, AMDVI_REG_CONTROL, u->control);
	amdvi_forget(u);
	return u->dead ? -EIO : 0;
}

static int amdvi_enable(bool with_interrupts)
{
	int rc = 0;

	intremap = with_interrupts;
	for (unsigned int i = 0; i < amdvi_unit_count && rc == 0; i++) {
		rc = amdvi_enable_unit(&amdvi_units[i]);
	}
	for (unsigned int i = 0; i < amdvi_unit_count && rc != 0; i++) {
		amdvi_disable(&amdvi_units[i]);
	}
	return rc;
}

static int amdvi_regions(struct domain *d, int (*fn)(struct domain *d, u64 start, u64 end))
{
	for (unsigned int i = 0; i < acpi_host.ivmd_count; i++) {
		const struct acpi_ivmd *m = &acpi_host.ivmds[i];
		int rc = fn(d, m->at.v, m->at.v + m->size);

		if (rc) {
			return rc;
		}
	}
	return 0;
}

/* --- looking on --- */

static unsigned int amdvi_faults(unsigned int budget)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < amdvi_unit_count; i++) {
		count += amdvi_events_handle(&amdvi_units[i], budget);
	}
	return count;
}

static void amdvi_dump_unit(const struct amdvi_unit *u)
{
	u32 assigned = 0, tables = 0;

	for (u32 id = 0; id < u->devtab_count; id++) {
		assigned += (u->devtab[id].q[0] & AMDVI_DTE0_WRITE) != 0;
		tables += u->irts[id] != NULL;
	}
	log_info("%s: control %#llx, status %#llx, features %#llx%s", u->name,
		(unsigned long long)amdvi_read(u, AMDVI_REG_CONTROL),
		(unsigned long long)amdvi_read(u, AMDVI_REG_STATUS),
		(unsigned long long)amdvi_read(u, AMDVI_REG_FEATURES), u->dead ? ", given up" : "");
	log_info("  %u device ids, %u assigned, %u interrupt tables, %llu commands so far",
		u->devtab_count, assigned, tables, (unsigned long long)u->command_count);
}

static void amdvi_dump(void)
{
	for (unsigned int i = 0; i < amdvi_unit_count; i++) {
		amdvi_dump_unit(&amdvi_units[i]);
	}
}

const struct iommu_ops amdvi_ops = {
	.name = "AMD-Vi",
	.probe = amdvi_probe,
	.enable = amdvi_enable,
	.attach = amdvi_attach,
	.flush = amdvi_flush,
	.owns = amdvi_owns,
	.irt = amdvi_irt,
	.irte = amdvi_irte,
	.message = amdvi_message,
	.rte = amdvi_rte,
	.faults = amdvi_faults,
	.regions = amdvi_regions,
	.dump = amdvi_dump,
};
