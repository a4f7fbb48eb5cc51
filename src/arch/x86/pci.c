/* SPDX-License-Identifier: GPL-2.0-only */
/* arch/contract/pci.h: where device registers may lie, and messages by way of passthrough.c. */
#include "arch/contract/pci.h"

#include "arch/x86/boot_host.h"
#include "arch/x86/irq.h"
#include "arch/x86/passthrough.h"
#include "core/domain.h"
#include "drv/acpi/acpi.h"
#include "mm/heap.h"

/* Writes to these addresses are interrupts; the local APICs lie at its start. */
#define MESSAGES_START 0xfee00000ULL
#define MESSAGES_SIZE MiB(1)
#define AMDVI_SIZE KiB(512) /* AMD 48882, section 3.4: with the counters */
#define VTD_SIZE KiB(4)

struct range {
	u64 start, size;
};

static bool overlap(const struct range *a, u64 start, u64 size)
{
	return a->start < start + size && start < a->start + a->size;
}

/* The pages of each kind of register that the hypervisor keeps; false: no more. */
typedef bool nth_range(unsigned int n, struct range *r);

static bool nth_messages(unsigned int n, struct range *r)
{
	*r = (struct range){ MESSAGES_START, MESSAGES_SIZE };
	return n == 0;
}

static bool nth_ioapic(unsigned int n, struct range *r)
{
	const struct ioapic_info *info = ioapic_get(n);

	if (!info) {
		return false;
	}
	*r = (struct range){ info->address & PAGE_MASK, PAGE_SIZE };
	return true;
}

static bool nth_ecam(unsigned int n, struct range *r)
{
	const struct acpi_mcfg *m = &acpi_host.mcfgs[n];

	if (n >= acpi_host.mcfg_count) {
		return false;
	}
	*r = (struct range){ m->at.v + ((u64)m->first_bus << 20),
		(u64)(m->last_bus - m->first_bus + 1) << 20 };
	return true;
}

static bool nth_hpet(unsigned int n, struct range *r)
{
	*r = (struct range){ acpi_host.hpet.at.v & PAGE_MASK, PAGE_SIZE };
	return n == 0 && acpi_host.hpet.present;
}

static bool nth_amdvi(unsigned int n, struct range *r)
{
	*r = (struct range){ n < acpi_host.ivhd_count ? acpi_host.ivhds[n].at.v : 0, AMDVI_SIZE };
	return n < acpi_host.ivhd_count;
}

static bool nth_vtd(unsigned int n, struct range *r)
{
	*r = (struct range){ n < acpi_host.drhd_count ? acpi_host.drhds[n].at.v : 0, VTD_SIZE };
	return n < acpi_host.drhd_count;
}

static nth_range *const kept[] = { nth_messages, nth_ioapic, nth_ecam, nth_hpet, nth_amdvi,
	nth_vtd };

bool arch_mmio_usable(u64 start, u64 size)
{
	struct range r;

	if (size == 0 || start + (size - 1) < start || boot_host_has_ram(start, size)) {
		return false;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(kept); i++) {
		for (unsigned int n = 0; kept[i](n, &r); n++) {
			if (overlap(&r, start, size)) {
				return false;
			}
		}
	}
	return true;
}

/* --- messages --- */

struct arch_msi {
	struct domain *domain;
	u32 sbdf;
	struct passthrough_msi msi;
};

struct arch_msi *arch_msi_create(struct domain *d, u32 sbdf)
{
	struct arch_msi *m = heap_new(&d->pool, struct arch_msi);

	if (m) {
		m->domain = d;
		m->sbdf = sbdf;
	}
	return m;
}

int arch_msi_bind(struct arch_msi *m, const struct msi_message *guest, struct msi_message *host)
{
	int rc = passthrough_msi_bind(m->domain, m->sbdf, &m->msi, guest->address, guest->data);

	if (rc == 0) {
		*host = (struct msi_message){ m->msi.host.address, m->msi.host.data };
	}
	return rc;
}

void arch_msi_unbind(struct arch_msi *m)
{
	passthrough_msi_unbind(&m->msi);
}

void arch_msi_destroy(struct domain *d, struct arch_msi *m)
{
	if (m) {
		passthrough_msi_unbind(&m->msi);
		heap_free(&d->pool, m);
	}
}
