/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VT-d in legacy mode: bringing units up, which device uses which tables, queued invalidation, and
 * fault records. Units without queued invalidation (before 2008) are not used. Nothing waits for
 * hardware longer than IOMMU_PATIENCE_NS. vtd.h says where the numbers come from.
 */
#include "drv/iommu/vtd.h"

#include "arch/contract/cpu.h"
#include "arch/contract/io.h"
#include "core/log.h"
#include "core/time.h"
#include "drv/acpi/acpi.h"
#include "drv/iommu/s2_vtd.h"
#include "drv/pci/pci.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "mm/heap.h"
#include "mm/vmap.h"

struct vtd_unit *vtd_units;
unsigned int vtd_unit_count;
static bool wide_ids; /* APIC ids of 32 bits in IRTEs */

static u32 vtd_read32(const struct vtd_unit *u, u32 reg)
{
	return arch_mmio_read32(u->regs + reg);
}

static u64 vtd_read64(const struct vtd_unit *u, u32 reg)
{
	return arch_mmio_read64(u->regs + reg);
}

static void vtd_write32(struct vtd_unit *u, u32 reg, u32 value)
{
	arch_mmio_write32(u->regs + reg, value);
}

static void vtd_write64(struct vtd_unit *u, u32 reg, u64 value)
{
	arch_mmio_write64(u->regs + reg, value);
}

/* Stores an entry of a table that the unit reads; the half with the present bit last. */
static void vtd_store(struct vtd_entry *e, u64 lo, u64 hi)
{
	WRITE_ONCE(e->hi, hi);
	smp_wmb();
	WRITE_ONCE(e->lo, lo);
	smp_wmb();
	iommu_sync(e, sizeof(*e));
}

/* --- waiting --- */

typedef bool vtd_cond(const struct vtd_unit *u, u32 arg);

static bool vtd_await(struct vtd_unit *u, vtd_cond *cond, u32 arg)
{
	u64 deadline = arch_now_ns() + IOMMU_PATIENCE_NS;

	while (!u->dead && !cond(u, arg)) {
		u->dead = iommu_impatient(deadline, u->name);
	}
	return !u->dead;
}

static bool vtd_status_has(const struct vtd_unit *u, u32 bits)
{
	return (vtd_read32(u, VTD_REG_GSTS) & bits) == bits;
}

static bool vtd_status_lacks(const struct vtd_unit *u, u32 bits)
{
	return (vtd_read32(u, VTD_REG_GSTS) & bits) == 0;
}

/* One bit at a time (10.4.4); the others keep what they have. */
static void vtd_command(struct vtd_unit *u, u32 bit)
{
	vtd_write32(u, VTD_REG_GCMD, u->kept | bit);
	u->kept |= bit & VTD_G_KEPT;
	vtd_await(u, vtd_status_has, bit);
}

static void vtd_switch_off(struct vtd_unit *u, u32 bit)
{
	u->kept &= ~bit;
	vtd_write32(u, VTD_REG_GCMD, u->kept);
	vtd_await(u, vtd_status_lacks, bit);
}

/* --- the invalidation queue --- */

static bool vtd_has_room(const struct vtd_unit *u, u32 arg)
{
	u32 head = (u32)vtd_read64(u, VTD_REG_IQH) / (u32)sizeof(struct vtd_entry);

	return (u->tail + 1) % VTD_QUEUE_ENTRIES != head % VTD_QUEUE_ENTRIES;
}

static void vtd_queue(struct vtd_unit *u, enum vtd_descriptor type, u64 lo, u64 hi)
{
	if (!vtd_await(u, vtd_has_room, 0)) {
		return;
	}
	u->queue[u->tail] = (struct vtd_entry){ .lo = type | lo, .hi = hi };
	u->tail = (u->tail + 1) % VTD_QUEUE_ENTRIES;
	u->command_count++;
}

static bool vtd_is_done(const struct vtd_unit *u, u32 serial)
{
	return *u->done == serial;
}

/* Lets the unit do all that is queued, and waits. Caller holds the lock. */
static void vtd_complete(struct vtd_unit *u)
{
	u32 serial = ++u->serial;

	vtd_queue(u, VTD_DESC_WAIT, VTD_DESC_STATUS | field_put(VTD_DESC_DATA, serial),
		heap_va_to_hpa((const void *)(uintptr_t)u->done).v);
	if (!u->dead) {
		vtd_write64(u, VTD_REG_IQT, u->tail * sizeof(struct vtd_entry));
		vtd_await(u, vtd_is_done, serial);
	}
}

static void vtd_flush(struct iommu_domain *dom)
{
	for (unsigned int i = 0; i < vtd_unit_count; i++) {
		struct vtd_unit *u = &vtd_units[i];

		spin_lock(&u->lock);
		vtd_queue(u, VTD_DESC_IOTLB,
			VTD_DESC_DOMAIN_ALL | VTD_DESC_DRAIN | field_put(VTD_DESC_DOMAIN, dom->id),
			0);
		vtd_complete(u);
		spin_unlock(&u->lock);
	}
}

/* Everything the unit may still have from before. */
static void vtd_forget(struct vtd_unit *u, bool interrupts)
{
	spin_lock(&u->lock);
	vtd_queue(u, VTD_DESC_CONTEXT, VTD_DESC_GLOBAL, 0);
	vtd_complete(u);
	vtd_queue(u, VTD_DESC_IOTLB, VTD_DESC_GLOBAL | VTD_DESC_DRAIN, 0);
	if (interrupts) {
		vtd_queue(u, VTD_DESC_IEC, 0, 0);
	}
	vtd_complete(u);
	spin_unlock(&u->lock);
}

/* --- what the firmware says of devices --- */

/* The function at the end of a path through bridges. */
static u32 vtd_scope_sbdf(u16 segment, const struct acpi_scope *s)
{
	u32 sbdf = (u32)segment << 16 | (u32)s->bus << 8 | s->path[0];

	for (unsigned int i = 1; i < s->path_len; i++) {
		u8 bus = pci_read8(sbdf, PCI_SECONDARY);

		sbdf = (u32)segment << 16 | (u32)bus << 8 | s->path[i];
	}
	return sbdf;
}

static bool vtd_scope_has(u16 segment, const struct acpi_scope *s, u32 sbdf)
{
	u32 end = vtd_scope_sbdf(segment, s);

	if (s->type == ACPI_SCOPE_ENDPOINT || s->type == ACPI_SCOPE_BRIDGE) {
		if (end == sbdf) {
			return true;
		}
	}
	return s->type == ACPI_SCOPE_BRIDGE && PCI_BUS(sbdf) >= pci_read8(end, PCI_SECONDARY) &&
	       PCI_BUS(sbdf) <= pci_read8(end, PCI_SUBORDINATE);
}

/* The unit that names the function, else the one for all others, else the first of the segment. */
static struct vtd_unit *vtd_unit_of(u32 sbdf)
{
	struct vtd_unit *rest = NULL;

	for (unsigned int i = vtd_unit_count; i-- > 0;) {
		const struct acpi_drhd *d = &acpi_host.drhds[vtd_units[i].index];

		if (d->segment != PCI_SEGMENT(sbdf)) {
			continue;
		}
		for (unsigned int k = 0; k < d->scope_count; k++) {
			if (vtd_scope_has(
				    d->segment, &acpi_host.scopes[d->scope_first + k], sbdf)) {
				return &vtd_units[i];
			}
		}
		if (!rest || d->include_all || !acpi_host.drhds[rest->index].include_all) {
			rest = &vtd_units[i];
		}
	}
	return rest;
}

#define VTD_PCIE_TYPE mask64(7, 4) /* of the PCI Express capabilities register */
#define VTD_PCIE_TO_PCI 7

/* The id that a function's requests carry: behind a bridge to conventional PCI, the bridge's. */
static u16 vtd_requester(u32 sbdf)
{
	u16 id = PCI_BDF(sbdf);

	for (const struct pci_dev *p = pci_first(); p; p = pci_next(p->sbdf)) {
		if (p->header != 1 || PCI_SEGMENT(p->sbdf) != PCI_SEGMENT(sbdf) ||
			PCI_BUS(sbdf) < p->secondary || PCI_BUS(sbdf) > p->subordinate ||
			p->secondary == 0) {
			continue;
		}
		if (p->cap_pcie == 0) {
			return PCI_BDF(p->sbdf);
		}
		if (field_get(VTD_PCIE_TYPE, pci_read16(p->sbdf, p->cap_pcie + 2U)) ==
			VTD_PCIE_TO_PCI) {
			return (u16)(p->secondary << 8);
		}
	}
	return id;
}

/* --- contexts --- */

/* The table of a bus, made if need be. Called without the lock. */
static struct vtd_entry *vtd_contexts(struct vtd_unit *u, u8 bus)
{
	struct vtd_entry *t;

	if (u->contexts[bus]) {
		return u->contexts[bus];
	}
	t = heap_pages_alloc(&pool_system, 0);
	if (!t) {
		return NULL;
	}
	iommu_sync(t, PAGE_SIZE);
	spin_lock(&u->lock);
	if (!u->contexts[bus]) {
		u->contexts[bus] = t;
		vtd_store(&u->root[bus], heap_va_to_hpa(t).v | VTD_ENTRY_PRESENT, 0);
		t = NULL;
	}
	spin_unlock(&u->lock);
	heap_pages_free(&pool_system, t, 0);
	return u->contexts[bus];
}

/* Points a requester to other tables, through being refused. */
static int vtd_context_set(struct vtd_unit *u, u16 id, const struct iommu_domain *dom)
{
	struct vtd_entry *t = vtd_contexts(u, (u8)(id >> 8)), *e;
	u64 old;

	if (!t) {
		return dom ? -ENOMEM : 0;
	}
	e = &t[id & 0xff];
	spin_lock(&u->lock);
	old = field_get(VTD_CONTEXT_DOMAIN, e->hi);
	if (e->lo & VTD_ENTRY_PRESENT) {
		WRITE_ONCE(e->lo, 0);
		iommu_sync(e, sizeof(*e));
		vtd_queue(u, VTD_DESC_CONTEXT,
			VTD_DESC_DEVICE | field_put(VTD_DESC_DOMAIN, old) |
				field_put(VTD_DESC_SID, id),
			0);
		vtd_complete(u);
		vtd_queue(u, VTD_DESC_IOTLB,
			VTD_DESC_DOMAIN_ALL | VTD_DESC_DRAIN | field_put(VTD_DESC_DOMAIN, old), 0);
		vtd_complete(u);
	}
	if (dom) {
		vtd_store(e, dom->s2.root_pa.v | VTD_ENTRY_PRESENT,
			field_put(VTD_CONTEXT_WIDTH, dom->s2.levels - 2) |
				field_put(VTD_CONTEXT_DOMAIN, dom->id));
		/* Units in caching mode keep absent entries, under domain 0 (6.1). */
		vtd_queue(u, VTD_DESC_CONTEXT, VTD_DESC_DEVICE | field_put(VTD_DESC_SID, id), 0);
		vtd_complete(u);
		vtd_queue(u, VTD_DESC_IOTLB,
			VTD_DESC_DOMAIN_ALL | VTD_DESC_DRAIN | field_put(VTD_DESC_DOMAIN, dom->id),
			0);
		vtd_complete(u);
	}
	spin_unlock(&u->lock);
	return 0;
}

static int vtd_attach(u32 sbdf, struct iommu_domain *dom)
{
	struct vtd_unit *u = vtd_unit_of(sbdf);
	u16 requester = vtd_requester(sbdf);
	int rc;

	if (!u) {
		return -ERANGE;
	}
	rc = vtd_context_set(u, PCI_BDF(sbdf), dom);
	if (rc == 0 && requester != PCI_BDF(sbdf)) {
		rc = vtd_context_set(u, requester, dom);
	}
	return rc;
}

/* The units are no PCI functions. */
static bool vtd_owns(u32 sbdf)
{
	return false;
}

/* --- interrupts --- */

/* Unit and id of what raises an interrupt; NULL: no unit names this I/O APIC. */
static struct vtd_unit *vtd_source(const struct iommu_source *src, u16 *id)
{
	for (unsigned int i = 0; src->ioapic && i < vtd_unit_count; i++) {
		const struct acpi_drhd *d = &acpi_host.drhds[vtd_units[i].index];

		for (unsigned int k = 0; k < d->scope_count; k++) {
			const struct acpi_scope *s = &acpi_host.scopes[d->scope_first + k];

			if (s->type == ACPI_SCOPE_IOAPIC && s->enum_id == src->ioapic_id) {
				*id = (u16)(s->bus << 8 | s->path[s->path_len - 1]);
				return &vtd_units[i];
			}
		}
	}
	*id = vtd_requester(src->sbdf);
	return src->ioapic ? NULL : vtd_unit_of(src->sbdf);
}

static struct iommu_irt *vtd_irt(const struct iommu_source *src)
{
	u16 id;
	struct vtd_unit *u = vtd_source(src, &id);

	return u && u->irt.entries ? &u->irt : NULL;
}

static u64 vtd_irte_lo(const struct iommu_irq *irq)
{
	return VTD_ENTRY_PRESENT | (irq->logical ? VTD_IRTE_LOGICAL : 0) |
	       (irq->level ? VTD_IRTE_LEVEL : 0) | field_put(VTD_IRTE_MODE, irq->mode) |
	       field_put(VTD_IRTE_VECTOR, irq->vector) |
	       (wide_ids ? field_put(VTD_IRTE_DEST, irq->dest)
			 : field_put(VTD_IRTE_DEST_XAPIC, irq->dest));
}

static int vtd_irte(struct iommu_irt *irt, u16 index, const struct iommu_source *src,
	const struct iommu_irq *irq)
{
	struct vtd_entry *e = (struct vtd_entry *)irt->entries + index;
	u16 id;
	struct vtd_unit *u = vtd_source(src, &id);

	if (irq && irq->dest > 0xff && !wide_ids) {
		return -ERANGE;
	}
	spin_lock(&u->lock);
	vtd_store(e, irq ? vtd_irte_lo(irq) : 0,
		irq ? VTD_IRTE_CHECK_SID | field_put(VTD_IRTE_SID, id) : 0);
	vtd_queue(u, VTD_DESC_IEC, VTD_DESC_IEC_INDEX | field_put(VTD_DESC_IEC_FIRST, index), 0);
	vtd_complete(u);
	spin_unlock(&u->lock);
	return 0;
}

/* Remappable format with a subhandle, which is the data: 0 in the first message (5.1.5.2). */
static void vtd_message(const struct iommu_irt *irt, u16 index, struct iommu_msg *msg)
{
	*msg = (struct iommu_msg){
		.address = 0xfee00000 | (u64)(index & 0x7fff) << 5 | BIT64(4) | BIT64(3) |
			   (u64)(index >> 15) << 2,
		.data = 0,
	};
}

static u64 vtd_rte(const struct iommu_irt *irt, u16 index, const struct iommu_irq *irq)
{
	return irq->vector | BIT64(48) | (u64)(index & 0x7fff) << 49 | (u64)(index >> 15) << 11;
}

/* --- bringing up --- */

static bool vtd_usable(const struct vtd_unit *u)
{
	if (u->cap == ~0ULL || u->ecap == ~0ULL) {
		log_warn("%s: no registers at the address that DMAR gives", u->name);
		return false;
	}
	if (!(u->ecap & VTD_ECAP_QI) || !(u->cap & (VTD_CAP_SAGAW_3 | VTD_CAP_SAGAW_4))) {
		log_warn("%s: has no queued invalidation or no known table format", u->name);
		return false;
	}
	return true;
}

static int vtd_alloc(struct vtd_unit *u)
{
	u->queue = heap_pages_alloc(&pool_system, 0);
	u->root = heap_pages_alloc(&pool_system, 0);
	u->done = heap_alloc(&pool_system, sizeof(u64));
	if (u->ecap & VTD_ECAP_IR) {
		u->irt.entries = heap_pages_alloc(&pool_system, VTD_IRT_ORDER);
		u->irt.size = VTD_IRT_SIZE;
		u->irt.unit = (u16)(u - vtd_units);
		if (!u->irt.entries) {
			return -ENOMEM;
		}
	}
	return u->queue && u->root && u->done ? 0 : -ENOMEM;
}

static int vtd_probe_unit(struct vtd_unit *u, u16 index)
{
	const struct acpi_drhd *d = &acpi_host.drhds[index];

	u->index = index;
	u->segment = d->segment;
	fmt_snprintf(u->name, sizeof(u->name), "IOMMU %#llx", (unsigned long long)d->at.v);
	spin_init(&u->lock, RANK_IOMMU);
	u->regs = vmap(d->at, VTD_REGS_SIZE, HV_DEVICE);
	if (!u->regs) {
		return -ENOMEM;
	}
	u->cap = vtd_read64(u, VTD_REG_CAP);
	u->ecap = vtd_read64(u, VTD_REG_ECAP);
	return vtd_usable(u) ? vtd_alloc(u) : -ENODEV;
}

/* What every unit can do. */
static void vtd_caps(struct iommu_caps *caps, const struct vtd_unit *u)
{
	u8 leaf = u->cap & VTD_CAP_2M ? (u->cap & VTD_CAP_1G ? 3 : 2) : 1;

	caps->leaf_max = MIN(caps->leaf_max, leaf);
	if (!(u->cap & VTD_CAP_SAGAW_4)) {
		caps->levels = 3;
	}
	caps->intremap = caps->intremap && (u->ecap & VTD_ECAP_IR) != 0;
	caps->coherent = caps->coherent && (u->ecap & VTD_ECAP_C) != 0;
	caps->flush_on_map |= (u->cap & (VTD_CAP_CM | VTD_CAP_RWBF)) != 0;
	wide_ids = wide_ids && (u->ecap & VTD_ECAP_EIM) != 0;
}

/* Ids that 8 bits cannot hold exist. */
static bool vtd_wants_wide_ids(void)
{
	for (unsigned int i = 0; i < acpi_host.cpu_count; i++) {
		if (acpi_host.cpus[i].apic_id > 0xfe) {
			return true;
		}
	}
	return false;
}

static int vtd_probe(struct iommu_caps *caps)
{
	if (acpi_host.drhd_count == 0) {
		return -ENODEV;
	}
	*caps = (struct iommu_caps){
		.fmt = &s2_vtd,
		.levels = 4,
		.leaf_max = 3,
		.intremap = (acpi_host.dmar_flags & ACPI_DMAR_INTR_REMAP) != 0,
		.coherent = true,
	};
	wide_ids = vtd_wants_wide_ids();
	vtd_units = heap_alloc(&pool_system, acpi_host.drhd_count * sizeof(*vtd_units));
	if (!vtd_units) {
		return -ENOMEM;
	}
	for (u16 i = 0; i < acpi_host.drhd_count; i++) {
		int rc = vtd_probe_unit(&vtd_units[i], i);

		if (rc) {
			return rc;
		}
		vtd_caps(caps, &vtd_units[i]);
		vtd_unit_count++;
	}
	return 0;
}

static bool vtd_unprotected(const struct vtd_unit *u, u32 arg)
{
	return !(vtd_read32(u, VTD_REG_PMEN) & VTD_PMEN_STATUS);
}

/* Whatever the firmware or a loader left on. */
static void vtd_quiet(struct vtd_unit *u)
{
	static const u32 bits[] = { VTD_G_TE, VTD_G_IRE, VTD_G_QIE };

	u->kept = vtd_read32(u, VTD_REG_GSTS) & VTD_G_KEPT;
	for (unsigned int i = 0; i < ARRAY_SIZE(bits); i++) {
		if (u->kept & bits[i]) {
			vtd_switch_off(u, bits[i]);
		}
	}
}

static int vtd_enable_unit(struct vtd_unit *u, bool interrupts)
{
	vtd_quiet(u);
	iommu_sync(u->root, PAGE_SIZE);
	vtd_write64(u, VTD_REG_IQT, 0);
	vtd_write64(u, VTD_REG_IQA, heap_va_to_hpa(u->queue).v);
	u->tail = 0;
	vtd_command(u, VTD_G_QIE);
	vtd_write64(u, VTD_REG_RTADDR, heap_va_to_hpa(u->root).v);
	vtd_command(u, VTD_G_SRTP);
	if (interrupts) {
		iommu_sync(u->irt.entries, PAGE_SIZE << VTD_IRT_ORDER);
		vtd_write64(u, VTD_REG_IRTA,
			heap_va_to_hpa(u->irt.entries).v | (wide_ids ? VTD_IRTA_EIME : 0) |
				(ilog2(VTD_IRT_SIZE) - 1));
		vtd_command(u, VTD_G_SIRTP);
	}
	vtd_forget(u, interrupts);
	vtd_write32(u, VTD_REG_FECTL, VTD_FECTL_MASKED);
	if (interrupts) {
		vtd_command(u, VTD_G_IRE);
	}
	vtd_command(u, VTD_G_TE);
	if (u->cap & (VTD_CAP_PLMR | VTD_CAP_PHMR)) {
		vtd_write32(u, VTD_REG_PMEN, 0);
		vtd_await(u, vtd_unprotected, 0);
	}
	return u->dead ? -EIO : 0;
}

static int vtd_enable(bool interrupts)
{
	int rc = 0;

	for (unsigned int i = 0; i < vtd_unit_count && rc == 0; i++) {
		rc = vtd_enable_unit(&vtd_units[i], interrupts);
	}
	for (unsigned int i = 0; i < vtd_unit_count && rc != 0; i++) {
		vtd_write32(&vtd_units[i], VTD_REG_GCMD, 0);
	}
	return rc;
}

static int vtd_regions(struct domain *d, int (*fn)(struct domain *d, u64 start, u64 end))
{
	for (unsigned int i = 0; i < acpi_host.rmrr_count; i++) {
		int rc = fn(d, acpi_host.rmrrs[i].at.v, acpi_host.rmrrs[i].last.v + 1);

		if (rc) {
			return rc;
		}
	}
	return 0;
}

/* --- faults --- */

/* Fault reasons (VT-d, 7.2.1 and 7.4.2). */
static const char *const vtd_reasons[] = {
	[1] = "belongs to no domain (no root entry)",
	[2] = "belongs to no domain",
	[3] = "has a bad context entry",
	[4] = "used an address beyond its width",
	[5] = "wrote where it may not",
	[6] = "read where it may not",
	[7] = "has page tables that cannot be read",
	[8] = "has a root table that cannot be read",
	[9] = "has a context table that cannot be read",
	[10] = "has a root entry with reserved bits",
	[11] = "has a context entry with reserved bits",
	[12] = "has page tables with reserved bits",
	[13] = "made a request that its context entry does not allow",
	[0x20] = "raised an interrupt with reserved bits",
	[0x21] = "raised an interrupt beyond the table",
	[0x22] = "raised an interrupt that it was not given",
	[0x23] = "raised an interrupt, but the table cannot be read",
	[0x24] = "raised an interrupt whose entry has reserved bits",
	[0x25] = "raised an interrupt without remapping",
	[0x26] = "raised another device's interrupt",
};

static void vtd_print_fault(const struct vtd_unit *u, u64 lo, u64 hi)
{
	u64 reason = field_get(VTD_FRCD_REASON, hi);
	const char *text = reason < ARRAY_SIZE(vtd_reasons) ? vtd_reasons[reason] : NULL;

	iommu_report(u->name, (u32)u->segment << 16 | (u32)field_get(VTD_FRCD_SID, hi),
		lo & VTD_FRCD_ADDRESS, text ? text : "caused a fault of an unknown kind");
}

/* Each record is taken once; new ones that the unit writes meanwhile wait for the next time. */
static unsigned int vtd_unit_faults(struct vtd_unit *u, unsigned int budget)
{
	u32 base = (u32)field_get(VTD_CAP_FRO, u->cap) * 16;
	unsigned int records = (unsigned int)field_get(VTD_CAP_NFR, u->cap) + 1, count = 0;

	if (!(vtd_read32(u, VTD_REG_FSTS) & (VTD_FSTS_PPF | VTD_FSTS_ERRORS))) {
		return 0;
	}
	for (unsigned int i = 0; i < records && count < budget; i++) {
		u32 at = base + i * 16;
		u64 lo, hi;

		if (at + 16 > VTD_REGS_SIZE) {
			break;
		}
		hi = vtd_read64(u, at + 8);
		if (!(hi & VTD_FRCD_F)) {
			continue;
		}
		lo = vtd_read64(u, at);
		vtd_write32(u, at + 12, (u32)(VTD_FRCD_F >> 32));
		vtd_print_fault(u, lo, hi);
		count++;
	}
	vtd_write32(u, VTD_REG_FSTS, VTD_FSTS_ERRORS);
	return count;
}

static unsigned int vtd_faults(unsigned int budget)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < vtd_unit_count; i++) {
		spin_lock(&vtd_units[i].lock);
		count += vtd_unit_faults(&vtd_units[i], budget);
		spin_unlock(&vtd_units[i].lock);
	}
	return count;
}

static void vtd_dump(void)
{
	for (unsigned int i = 0; i < vtd_unit_count; i++) {
		const struct vtd_unit *u = &vtd_units[i];

		log_info("%s: status %#x, faults %#x, cap %#llx, ecap %#llx%s", u->name,
			vtd_read32(u, VTD_REG_GSTS), vtd_read32(u, VTD_REG_FSTS),
			(unsigned long long)u->cap, (unsigned long long)u->ecap,
			u->dead ? ", given up" : "");
		log_info("  %llu commands so far", (unsigned long long)u->command_count);
	}
}

const struct iommu_ops vtd_ops = {
	.name = "VT-d",
	.probe = vtd_probe,
	.enable = vtd_enable,
	.attach = vtd_attach,
	.flush = vtd_flush,
	.owns = vtd_owns,
	.irt = vtd_irt,
	.irte = vtd_irte,
	.message = vtd_message,
	.rte = vtd_rte,
	.faults = vtd_faults,
	.regions = vtd_regions,
	.dump = vtd_dump,
};
