/* SPDX-License-Identifier: GPL-2.0-only */
/* What pci.c needs of pci_cfg.c beyond the accessors in pci.h. */
#ifndef DRV_PCI_PCI_CFG_H
#define DRV_PCI_PCI_CFG_H

/* Maps the windows that acpi_host names. Boot CPU. */
void pci_cfg_init(void);

#endif
