/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Configuration space: memory windows where ACPI names them, the two ports elsewhere (PCI firmware
 * 3.2, 4.1; PCI local bus 3.0, 3.2.2.3.2). Knows nothing of what is in it.
 */
#include "drv/pci/pci_cfg.h"

#include "arch/contract/io.h"
#include "core/locks.h"
#include "core/log.h"
#include "drv/acpi/acpi.h"
#include "drv/pci/pci.h"
#include "mm/vmap.h"

#define PCI_PORT_ADDRESS 0xcf8
#define PCI_PORT_DATA 0xcfc
#define PCI_PORT_ENABLE BIT32(31)

#define PCI_FN_SHIFT 12 /* a function's space in a window */
#define PCI_BUS_SHIFT 20

struct pci_window {
	volatile u8 *va; /* of first_bus */
	u16 segment;
	u8 first_bus, last_bus;
	hpa_t at; /* of bus 0 */
};

static struct pci_window windows[ACPI_MAX_MCFG];
static unsigned int window_count;

/* The two ports are one register for all CPUs. */
static struct spinlock port_lock = SPINLOCK_INIT(RANK_PCI_PORTS);

void pci_cfg_init(void)
{
	window_count = 0;
	for (unsigned int i = 0; i < acpi_host.mcfg_count; i++) {
		const struct acpi_mcfg *m = &acpi_host.mcfgs[i];
		struct pci_window *w = &windows[window_count];
		u64 size = ((u64)m->last_bus - m->first_bus + 1) << PCI_BUS_SHIFT;

		*w = (struct pci_window){
			.segment = m->segment,
			.first_bus = m->first_bus,
			.last_bus = m->last_bus,
			.at = m->at,
		};
		w->va = vmap(HPA(m->at.v + ((u64)m->first_bus << PCI_BUS_SHIFT)), size, HV_DEVICE);
		if (!w->va) {
			log_warn("PCI: cannot map segment %04x's window at %#llx: not used",
				m->segment, (unsigned long long)m->at.v);
			continue;
		}
		log_info("PCI: segment %04x, buses %02x-%02x at %#llx", m->segment, m->first_bus,
			m->last_bus, (unsigned long long)m->at.v);
		window_count++;
	}
}

bool pci_ecam_window(unsigned int index, u16 *segment, u8 *first_bus, u8 *last_bus, hpa_t *at)
{
	if (index >= window_count) {
		return false;
	}
	*segment = windows[index].segment;
	*first_bus = windows[index].first_bus;
	*last_bus = windows[index].last_bus;
	*at = windows[index].at;
	return true;
}

static volatile u8 *pci_cfg_window(u32 sbdf, u16 reg)
{
	for (unsigned int i = 0; i < window_count; i++) {
		struct pci_window *w = &windows[i];

		if (w->segment == PCI_SEGMENT(sbdf) && PCI_BUS(sbdf) >= w->first_bus &&
			PCI_BUS(sbdf) <= w->last_bus) {
			return w->va + ((u64)(PCI_BUS(sbdf) - w->first_bus) << PCI_BUS_SHIFT) +
			       ((u64)PCI_DEVFN(sbdf) << PCI_FN_SHIFT) + reg;
		}
	}
	return NULL;
}

/* Can the ports reach it? Caller holds port_lock if so. Returns the data port. */
static bool pci_cfg_ports_reach(u32 sbdf, u16 reg)
{
	return PCI_SEGMENT(sbdf) == 0 && reg < 256;
}

static u16 pci_cfg_select(u32 sbdf, u16 reg)
{
	arch_out32(PCI_PORT_ADDRESS, PCI_PORT_ENABLE | (u32)PCI_BDF(sbdf) << 8 | (reg & 0xfcU));
	return PCI_PORT_DATA + (reg & 3);
}

#define PCI_CFG_ACCESSORS(bits)                                           \
	u##bits pci_read##bits(u32 sbdf, u16 reg)                         \
	{                                                                 \
		volatile u8 *va = pci_cfg_window(sbdf, reg);              \
		u##bits v = (u##bits) ~0U;                                \
                                                                          \
		if (va) {                                                 \
			return arch_mmio_read##bits(va);                  \
		}                                                         \
		if (pci_cfg_ports_reach(sbdf, reg)) {                     \
			spin_lock(&port_lock);                            \
			v = arch_in##bits(pci_cfg_select(sbdf, reg));     \
			spin_unlock(&port_lock);                          \
		}                                                         \
		return v;                                                 \
	}                                                                 \
	void pci_write##bits(u32 sbdf, u16 reg, u##bits value)            \
	{                                                                 \
		volatile u8 *va = pci_cfg_window(sbdf, reg);              \
                                                                          \
		if (va) {                                                 \
			arch_mmio_write##bits(va, value);                 \
		} else if (pci_cfg_ports_reach(sbdf, reg)) {              \
			spin_lock(&port_lock);                            \
			arch_out##bits(pci_cfg_select(sbdf, reg), value); \
			spin_unlock(&port_lock);                          \
		}                                                         \
	}
PCI_CFG_ACCESSORS(8)
PCI_CFG_ACCESSORS(16)
PCI_CFG_ACCESSORS(32)
