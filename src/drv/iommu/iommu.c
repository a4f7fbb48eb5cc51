/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all IOMMUs have in common: options, finding the driver, a domain's tables and when they are
 * flushed, which device is whose, and how many fault lines are printed. Knows no register.
 */
#include "drv/iommu/iommu.h"

#include "arch/contract/cpu.h"
#include "arch/contract/io.h"
#include "core/domain.h"
#include "core/log.h"
#include "core/param.h"
#include "core/pcpu.h"
#include "core/time.h"
#include "core/timer.h"
#include "drv/iommu/iommu_ops.h"
#include "drv/pci/pci.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "mm/heap.h"

const struct iommu_ops *iommu_ops;
struct iommu_caps iommu_caps;
bool iommu_verbose;

/* Those that this build has. */
static const struct iommu_ops *const drivers[] = {
#ifdef CONFIG_AMD_IOMMU
	&amdvi_ops,
#endif
#ifdef CONFIG_INTEL_IOMMU
	&vtd_ops,
#endif
	NULL,
};

/* --- options --- */

struct iommu_option {
	const char *name;
	bool *value;
};

static bool opt_enable = true, opt_force, opt_intremap = true, opt_superpages = true;
static bool opt_map_reserved = true, opt_map_inclusive, opt_strict, opt_passthrough, opt_none;
static bool opt_ignored; /* Xen's, without a meaning here */

static const struct iommu_option options[] = {
	{ "force", &opt_force },
	{ "required", &opt_force },
	{ "verbose", &iommu_verbose },
	{ "debug", &iommu_verbose },
	{ "intremap", &opt_intremap },
	{ "superpages", &opt_superpages },
	{ "dom0-passthrough", &opt_passthrough },
	{ "dom0-strict", &opt_strict },
	{ "quarantine", &opt_ignored },
	{ "sharept", &opt_ignored },
	{ "intpost", &opt_ignored },
	{ "crash-disable", &opt_ignored },
	{ "snoop", &opt_ignored },
	{ "qinval", &opt_ignored },
	{ "igfx", &opt_ignored },
	{ "amd-iommu-perdev-intremap", &opt_ignored },
};

static const struct iommu_option dom0_options[] = {
	{ "passthrough", &opt_passthrough },
	{ "strict", &opt_strict },
	{ "map-inclusive", &opt_map_inclusive },
	{ "map-reserved", &opt_map_reserved },
	{ "none", &opt_none },
};

/* A bare truth value goes to *whole, if there is one. */
static int iommu_parse_list(
	const char *value, const struct iommu_option *list, size_t count, bool *whole)
{
	struct parse_item item;

	while (value && parse_list_next(&value, &item)) {
		size_t i = 0;

		while (i < count && !parse_item_is(&item, list[i].name)) {
			i++;
		}
		if (i < count) {
			*list[i].value = item.on;
		} else if (!whole || parse_bool(item.key, item.key_len, whole) != 0) {
			return -EINVAL;
		}
	}
	return 0;
}

static int iommu_param(const char *value)
{
	if (!value) {
		opt_enable = true;
	}
	return iommu_parse_list(value, options, ARRAY_SIZE(options), &opt_enable);
}
PARAM(iommu, "iommu", iommu_param);

static int iommu_dom0_param(const char *value)
{
	return iommu_parse_list(value, dom0_options, ARRAY_SIZE(dom0_options), NULL);
}
PARAM(dom0_iommu, "dom0-iommu", iommu_dom0_param);

bool iommu_disabled(void)
{
	return !opt_enable;
}

bool iommu_dom0_map_reserved(void)
{
	return (opt_map_reserved || opt_map_inclusive) && !opt_none;
}

bool iommu_dom0_map_inclusive(void)
{
	return opt_map_inclusive && !opt_none;
}

/* --- boot --- */

bool iommu_present(void)
{
	return iommu_ops != NULL;
}

bool iommu_intremap(void)
{
	return iommu_ops && iommu_caps.intremap;
}

bool iommu_owns(u32 sbdf)
{
	return iommu_ops && iommu_ops->owns(sbdf);
}

void iommu_sync(const void *p, size_t size)
{
	if (!iommu_caps.coherent) {
		arch_cache_writeback(p, size);
	}
}

static int iommu_start(const struct iommu_ops *ops)
{
	int rc = ops->probe(&iommu_caps);

	if (rc) {
		return rc;
	}
	iommu_caps.intremap = iommu_caps.intremap && opt_intremap;
	if (!opt_superpages) {
		iommu_caps.leaf_max = 1;
	}
	rc = ops->enable(iommu_caps.intremap);
	if (rc) {
		log_err("IOMMU: %s did not start (error %d)", ops->name, -rc);
		return rc;
	}
	iommu_ops = ops;
	return 0;
}

static void iommu_explain_options(void)
{
	if (opt_passthrough) {
		log_warn("dom0-iommu=passthrough: only for a dom0 whose memory is identity-mapped; "
			 "ignored");
	}
	if (!opt_map_reserved && !opt_map_inclusive) {
		log_info("IOMMU: reserved memory is not mapped for dom0's devices");
	}
}

int iommu_init(void)
{
	static const char *const sizes[] = { "", "4 KiB", "2 MiB", "1 GiB" };
	int rc = -ENODEV;

	for (size_t i = 0; opt_enable && rc != 0 && drivers[i]; i++) {
		rc = iommu_start(drivers[i]);
	}
	if (rc != 0) {
		if (opt_force) {
			boot_fail("iommu=force: this machine has no IOMMU that works");
		}
		return -ENODEV;
	}
	log_info("IOMMU: %s, %u levels, pages up to %s, interrupt remapping %s", iommu_ops->name,
		iommu_caps.levels, sizes[iommu_caps.leaf_max], iommu_caps.intremap ? "on" : "off");
	iommu_explain_options();
	return 0;
}

/* --- a domain's tables --- */

static BITMAP(domain_ids, IOMMU_MAX_DOMAINS) = { 1 };

/* s2->flush: entries are gone, and table pages may be reused next. */
static void iommu_s2_flush(struct s2 *s2, gfn_t start, u64 count)
{
	iommu_ops->flush(s2->owner);
}

static void iommu_s2_sync(struct s2 *s2, void *table, size_t bytes)
{
	iommu_sync(table, bytes);
}

static int iommu_take_id(u16 *id)
{
	for (size_t i = 1; i < IOMMU_MAX_DOMAINS; i++) {
		if (!bitmap_test_and_set_atomic(domain_ids, i)) {
			*id = (u16)i;
			return 0;
		}
	}
	return -ENOSPC;
}

static int iommu_domain_init(struct iommu_domain *dom, struct domain *d)
{
	int rc = iommu_take_id(&dom->id);

	if (rc) {
		return rc;
	}
	rc = s2_init(&dom->s2, iommu_caps.fmt, iommu_caps.levels, iommu_caps.leaf_max, &d->pool,
		RANK_S2);
	if (rc) {
		bitmap_clear_atomic(domain_ids, dom->id);
		return rc;
	}
	dom->domain = d;
	dom->s2.owner = dom;
	dom->s2.flush = iommu_s2_flush;
	dom->s2.sync = iommu_caps.coherent ? NULL : iommu_s2_sync;
	iommu_sync(dom->s2.root, PAGE_SIZE);
	return 0;
}

static void iommu_domain_destroy(struct domain *d)
{
	struct iommu_domain *dom = d->iommu;

	if (!dom) {
		return;
	}
	for (const struct pci_dev *p = pci_first(); p && d->hardware; p = pci_next(p->sbdf)) {
		iommu_deassign(p->sbdf);
	}
	iommu_ops->flush(dom);
	d->iommu = NULL;
	s2_destroy(&dom->s2);
	bitmap_clear_atomic(domain_ids, dom->id);
	heap_free(&d->pool, dom);
}

/* Only the domain that owns the machine's devices has tables from the start. */
static int iommu_domain_create(struct domain *d, const struct domain_desc *desc)
{
	struct iommu_domain *dom;
	int rc;

	if (!iommu_ops || !d->hardware) {
		return 0;
	}
	dom = heap_new(&d->pool, struct iommu_domain);
	if (!dom) {
		return -ENOMEM;
	}
	rc = iommu_domain_init(dom, d);
	if (rc) {
		heap_free(&d->pool, dom);
		return rc;
	}
	d->iommu = dom;
	rc = iommu_ops->regions(d, iommu_map_identity);
	if (!rc) {
		rc = iommu_assign_all(d);
	}
	if (rc) {
		iommu_domain_destroy(d);
	}
	return rc;
}

int iommu_map(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count, bool write)
{
	struct iommu_domain *dom = d->iommu;

	__atomic_store_n(&dom->dirty, true, __ATOMIC_RELAXED);
	return s2_map(&dom->s2, gfn, mfn, count, S2_RAM, write ? S2_RW : S2_R, NULL, NULL);
}

/* Flushes by itself, before table pages can be reused. */
int iommu_unmap(struct domain *d, gfn_t gfn, u64 count)
{
	return s2_unmap(&d->iommu->s2, gfn, count, NULL, NULL);
}

void iommu_flush(struct domain *d)
{
	struct iommu_domain *dom = d->iommu;

	/* The caller's change of the map and its call here are in order on this CPU; a bit that
	 * another CPU sets in between is that CPU's to flush. */
	if (iommu_caps.flush_on_map && __atomic_exchange_n(&dom->dirty, false, __ATOMIC_SEQ_CST)) {
		iommu_ops->flush(dom);
	}
}

int iommu_map_identity(struct domain *d, u64 start, u64 end)
{
	u64 first = start >> PAGE_SHIFT, count = ((end - 1) >> PAGE_SHIFT) - first + 1;
	int rc;

	if (!d->iommu || end <= start) {
		return 0;
	}
	rc = iommu_map(d, GFN(first), MFN(first), count, true);
	iommu_flush(d);
	return rc;
}

/* --- devices --- */

int iommu_assign(struct domain *d, u32 sbdf)
{
	if (!d->iommu) {
		return -ENODEV;
	}
	return iommu_owns(sbdf) ? -EPERM : iommu_ops->attach(sbdf, d->iommu);
}

void iommu_deassign(u32 sbdf)
{
	if (iommu_ops && !iommu_owns(sbdf)) {
		/* What no unit can address was never let through. */
		(void)iommu_ops->attach(sbdf, NULL);
	}
}

int iommu_assign_all(struct domain *d)
{
	for (const struct pci_dev *p = pci_first(); p; p = pci_next(p->sbdf)) {
		int rc = iommu_owns(p->sbdf) ? 0 : iommu_assign(d, p->sbdf);

		if (rc == -ERANGE) {
			log_warn("IOMMU: no unit is in charge of " PCI_SBDF_FMT
				 ": its DMA is not let through",
				PCI_SBDF_ARGS(p->sbdf));
		} else if (rc) {
			return rc;
		}
	}
	return 0;
}

bool iommu_impatient(u64 deadline, const char *name)
{
	arch_cpu_relax();
	if (arch_now_ns() < deadline) {
		return false;
	}
	log_err("%s: does not answer commands: given up; its devices may go on using "
		"what was taken from them",
		name);
	return true;
}

/* --- faults --- */

#define IOMMU_POLL_NS NS_PER_S
#define IOMMU_BUDGET 64 /* records looked at in one go */

static struct timer fault_timer;
static struct log_rate fault_rate; /* under fault_lock */
static struct spinlock fault_lock = SPINLOCK_INIT(RANK_IOMMU_FAULT);

void iommu_report(const char *who, u32 sbdf, u64 address, const char *what)
{
	u32 missed = 0;
	bool may;

	spin_lock(&fault_lock);
	may = log_rate_allow(&fault_rate, arch_now_ns(), &missed);
	spin_unlock(&fault_lock);
	if (!may) {
		return;
	}
	if (missed) {
		log_warn("%s: %u more faults were not printed", who, missed);
	}
	log_warn("%s: device " PCI_SBDF_FMT " %s, address %#llx", who, PCI_SBDF_ARGS(sbdf), what,
		(unsigned long long)address);
}

void iommu_poll_faults(void)
{
	if (iommu_ops) {
		iommu_ops->faults(IOMMU_BUDGET);
	}
}

static void iommu_fault_timer(void *arg)
{
	iommu_poll_faults();
	timer_set(&fault_timer, arch_now_ns() + IOMMU_POLL_NS);
}

static int iommu_boot(void)
{
	if (iommu_ops) {
		timer_init(&fault_timer, this_pcpu(), iommu_fault_timer, NULL);
		timer_set(&fault_timer, arch_now_ns() + IOMMU_POLL_NS);
	}
	return 0;
}

void iommu_dump(void)
{
	if (!iommu_ops) {
		log_info("IOMMU: none in use");
		return;
	}
	log_info("IOMMU: %s, interrupt remapping %s", iommu_ops->name,
		iommu_caps.intremap ? "on" : "off");
	iommu_ops->dump();
}

const struct unit iommu_unit = {
	.name = "iommu",
	.boot = iommu_boot,
	.domain_create = iommu_domain_create,
	.domain_destroy = iommu_domain_destroy,
	.dump = iommu_dump,
	.dump_key = 'o',
	.dump_what = "IOMMUs",
};
