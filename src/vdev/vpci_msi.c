/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MSI capability (PCI local bus 3.0, section 6.8.1). Address and data that the guest reads and
 * writes are its own; the device is programmed with the host's. One message for each function. Mask
 * and pending bits are the device's.
 */
#include "vdev/vpci_internal.h"

#include "core/log.h"
#include "lib/errno.h"

#define MSI_CONTROL 2
#define MSI_ENABLE 0x0001
#define MSI_CAPABLE 0x000e /* log2 of the number of messages: asked for */
#define MSI_GRANTED 0x0070
#define MSI_64 0x0080
#define MSI_ADDRESS 4
#define MSI_ADDRESS_HIGH 8
#define MSI_DATA_32 8
#define MSI_DATA_64 12

enum msi_field { FIELD_ADDRESS, FIELD_ADDRESS_HIGH, FIELD_DATA };

static void program(const struct vpci_dev *p, const struct msi_message *host)
{
	const struct vpci_msi *m = &p->msi;

	pci_write32(p->sbdf, m->cap + MSI_ADDRESS, (u32)host->address);
	if (m->is64) {
		pci_write32(p->sbdf, m->cap + MSI_ADDRESS_HIGH, (u32)(host->address >> 32));
	}
	pci_write16(p->sbdf, m->cap + (m->is64 ? MSI_DATA_64 : MSI_DATA_32), (u16)host->data);
}

static int bind(struct vpci_dev *p)
{
	struct vpci_msi *m = &p->msi;
	struct msi_message host;
	int rc;

	if (!m->irq) {
		m->irq = arch_msi_create(p->vd->domain, p->sbdf);
	}
	rc = m->irq ? arch_msi_bind(m->irq, &m->guest, &host) : -ENOMEM;
	if (rc == 0) {
		program(p, &host);
	} else {
		log_guest(PCI_SBDF_FMT ": MSI to %#llx, data %#x: error %d", PCI_SBDF_ARGS(p->sbdf),
			(unsigned long long)m->guest.address, m->guest.data, -rc);
	}
	return rc;
}

/* --- handlers --- */

static u32 control_read(struct vpci_dev *p, const struct vpci_reg *r)
{
	u32 value = pci_read16(p->sbdf, r->offset) & ~(MSI_ENABLE | MSI_CAPABLE | MSI_GRANTED);

	return value | (p->msi.enabled ? MSI_ENABLE : 0);
}

static void control_write(struct vpci_dev *p, const struct vpci_reg *r, u32 value)
{
	struct vpci_msi *m = &p->msi;
	bool enable = (value & MSI_ENABLE) != 0;

	if (enable && !m->enabled && bind(p) != 0) {
		return;
	}
	value &= ~(MSI_CAPABLE | MSI_GRANTED);
	pci_write16(p->sbdf, r->offset, (u16)value);
	if (!enable && m->enabled) {
		arch_msi_unbind(m->irq);
	}
	m->enabled = enable;
}

static u32 message_read(struct vpci_dev *p, const struct vpci_reg *r)
{
	const struct msi_message *g = &p->msi.guest;

	switch ((enum msi_field)r->index) {
	case FIELD_ADDRESS:
		return (u32)g->address;
	case FIELD_ADDRESS_HIGH:
		return (u32)(g->address >> 32);
	default:
		return g->data;
	}
}

/* While the message is enabled, a new one takes effect with each register that is written. */
static void message_write(struct vpci_dev *p, const struct vpci_reg *r, u32 value)
{
	struct msi_message *g = &p->msi.guest;

	switch ((enum msi_field)r->index) {
	case FIELD_ADDRESS:
		g->address = (g->address & ~0xffffffffULL) | (value & ~3U);
		break;
	case FIELD_ADDRESS_HIGH:
		g->address = (u64)value << 32 | (u32)g->address;
		break;
	default:
		g->data = value & 0xffff;
		break;
	}
	if (p->msi.enabled) {
		(void)bind(p);
	}
}

/* --- life --- */

static int add_field(struct vpci_dev *p, unsigned int offset, u8 size, enum msi_field field)
{
	struct vpci_reg r = { .offset = (u16)(p->msi.cap + offset),
		.size = size,
		.index = (u8)field,
		.read = message_read,
		.write = message_write };

	return vpci_reg_add(p, &r);
}

int vpci_msi_create(struct vpci_dev *p)
{
	struct vpci_reg control = { .offset = p->pci->cap_msi + MSI_CONTROL,
		.size = 2,
		.read = control_read,
		.write = control_write };
	u16 value;
	int rc;

	if (!p->pci->cap_msi) {
		return 0;
	}
	value = pci_read16(p->sbdf, control.offset);
	p->msi.cap = p->pci->cap_msi;
	p->msi.is64 = (value & MSI_64) != 0;
	pci_write16(p->sbdf, control.offset, value & (u16)~MSI_ENABLE);
	rc = vpci_reg_add(p, &control);
	if (rc == 0) {
		rc = add_field(p, MSI_ADDRESS, 4, FIELD_ADDRESS);
	}
	if (rc == 0 && p->msi.is64) {
		rc = add_field(p, MSI_ADDRESS_HIGH, 4, FIELD_ADDRESS_HIGH);
	}
	if (rc == 0) {
		rc = add_field(p, p->msi.is64 ? MSI_DATA_64 : MSI_DATA_32, 2, FIELD_DATA);
	}
	return rc;
}

void vpci_msi_destroy(struct vpci_dev *p)
{
	struct vpci_msi *m = &p->msi;

	if (m->enabled) {
		u16 value = pci_read16(p->sbdf, m->cap + MSI_CONTROL);

		pci_write16(p->sbdf, m->cap + MSI_CONTROL, value & (u16)~MSI_ENABLE);
		m->enabled = false;
	}
	arch_msi_destroy(p->vd->domain, m->irq);
	m->irq = NULL;
}
