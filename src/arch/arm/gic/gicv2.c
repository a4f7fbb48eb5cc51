/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GICv2 (IHI 0048B): the distributor's targets, the CPU interface and the hypervisor interface, all
 * in memory. A CPU knows itself by the bit that its ITARGETSR0 reads as.
 */
#include "arch/arm/gic/gic_regs.h"
#include "arch/arm/gic/gic_state.h"
#include "arch/contract/io.h"
#include "core/log.h"
#include "lib/errno.h"
#include "mm/vmap.h"

static struct {
	u8 *cpu; /* GICC */
	u8 *hyp; /* GICH */
	unsigned int lr_count;
} gicv2;

/* --- start --- */

/* Where a GIC stands on a bus with 64 KiB pages, each of its pages is seen sixteen times, and the
 * second one comes 64 KiB behind the first. The last view of the first lies beside the second. */
#define ALIAS_SIZE 0x20000
#define ALIAS_LAST 0xf000

static int gicv2_map_cpu(const struct gic_desc *desc)
{
	u64 size = MIN(desc->cpu_size, (u64)ALIAS_SIZE), offset = 0;
	u8 *regs;

	if (size < GICC_SIZE) {
		log_err("GIC: the CPU interface at %#llx has no second page",
			(unsigned long long)desc->cpu);
		return -ENODEV;
	}
	regs = vmap(HPA(desc->cpu), size, HV_DEVICE);
	if (!regs) {
		return -ENOMEM;
	}
	if (size == ALIAS_SIZE) {
		u32 id = arch_mmio_read32(regs + GICC_IIDR);

		offset = id != 0 && arch_mmio_read32(regs + ALIAS_LAST + GICC_IIDR) == id
				 ? ALIAS_LAST
				 : 0;
	}
	gicv2.cpu = regs + offset;
	gic.guest_interface = desc->vcpu + offset;
	return 0;
}

static int gicv2_map(const struct gic_desc *desc)
{
	int rc;

	if (desc->hyp == 0 || desc->vcpu == 0) {
		log_err("GIC: it has no virtual interfaces (GICH, GICV)");
		return -ENODEV;
	}
	rc = gicv2_map_cpu(desc);
	if (rc != 0) {
		return rc;
	}
	gic.dist = vmap(HPA(desc->dist), GICD_SIZE_V2, HV_DEVICE);
	gicv2.hyp = vmap(HPA(desc->hyp), GICH_SIZE, HV_DEVICE);
	return gic.dist && gicv2.hyp ? 0 : -ENOMEM;
}

/* The calling CPU's bit. Each byte of these words holds it, but those of INTIDs that are not there;
 * with one CPU all read as zero (IHI 0048B, 4.3.12). */
static u8 gicv2_own_target(void)
{
	for (u32 i = 0; i < GIC_SPI_FIRST; i += 4) {
		u32 word = arch_mmio_read32(gic.dist + GICD_ITARGETSR + i);

		word |= word >> 16;
		word |= word >> 8;
		if ((u8)word != 0) {
			return (u8)word;
		}
	}
	return 1;
}

int gicv2_init(const struct gic_desc *desc)
{
	int rc = gicv2_map(desc);

	if (rc != 0) {
		if (rc == -ENOMEM) {
			log_err("GIC: no memory to map its registers");
		}
		return rc;
	}
	gic.v3 = false;
	gic.keeps_end = arch_mmio_read32(gic.dist + GICD_IIDR) == GICD_IIDR_QEMU;
	gic.intid_count = MIN(
		(u32)(field_get(GICD_TYPER_LINES, arch_mmio_read32(gic.dist + GICD_TYPER)) + 1) *
			32,
		(u32)GIC_SPECIAL);
	arch_mmio_write32(gic.dist + GICD_CTLR, 0);
	gic_reset(gic.dist, GIC_SPI_FIRST, gic.intid_count);
	arch_mmio_write32(gic.dist + GICD_CTLR, GICD_CTLR_ENABLE);
	gicv2.lr_count =
		(unsigned int)field_get(GICH_VTR_LRS, arch_mmio_read32(gicv2.hyp + GICH_VTR)) + 1;
	gicv2.lr_count = MIN(gicv2.lr_count, (unsigned int)GIC_LR_MAX);
	log_info("GICv2: %u interrupts, %u list registers", gic.intid_count, gicv2.lr_count);
	return 0;
}

int gicv2_cpu_init(struct pcpu *p)
{
	struct gic_cpu *c = &gic.cpus[p->id];

	c->local = gic.dist; /* banked */
	c->target = gicv2_own_target();
	gic_reset(c->local, 0, GIC_SPI_FIRST);

	arch_mmio_write32(gicv2.hyp + GICH_HCR, 0);
	arch_mmio_write32(gicv2.hyp + GICH_APR, 0);
	for (unsigned int i = 0; i < gicv2.lr_count; i++) {
		gicv2_lr_write(i, 0);
	}
	arch_mmio_write32(gicv2.cpu + GICC_PMR, 0xff);
	arch_mmio_write32(gicv2.cpu + GICC_BPR, 0);
	arch_mmio_write32(gicv2.cpu + GICC_CTLR, GICC_CTLR_ENABLE | GICC_CTLR_EOIMODE);
	return 0;
}

/* --- the CPU interface --- */

u32 gicv2_ack(void)
{
	return arch_mmio_read32(gicv2.cpu + GICC_IAR);
}

void gicv2_eoi(u32 ack)
{
	arch_mmio_write32(gicv2.cpu + GICC_EOIR, ack);
}

void gicv2_deactivate(u32 ack)
{
	arch_mmio_write32(gicv2.cpu + GICC_DIR, ack);
}

void gicv2_sgi(u8 targets, enum gic_sgi sgi)
{
	arch_mmio_write32(gic.dist + GICD_SGIR, (u32)targets << GICD_SGIR_TARGETS_SHIFT | (u32)sgi);
}

void gicv2_sgi_others(enum gic_sgi sgi)
{
	arch_mmio_write32(gic.dist + GICD_SGIR, GICD_SGIR_OTHERS | (u32)sgi);
}

/* --- the hypervisor interface --- */

unsigned int gicv2_lr_count(void)
{
	return gicv2.lr_count;
}

void gicv2_lr_write(unsigned int i, u32 value)
{
	arch_mmio_write32(gicv2.hyp + GICH_LR + (size_t)i * 4, value);
}

u32 gicv2_lr_read(unsigned int i)
{
	return arch_mmio_read32(gicv2.hyp + GICH_LR + (size_t)i * 4);
}

u32 gicv2_lr_empty(void)
{
	return arch_mmio_read32(gicv2.hyp + GICH_ELRSR);
}

u32 gicv2_lr_ended(void)
{
	return arch_mmio_read32(gicv2.hyp + GICH_EISR);
}

void gicv2_hcr_write(u32 hcr)
{
	arch_mmio_write32(gicv2.hyp + GICH_HCR, hcr);
}

void gicv2_vcpu_save(struct gic_vcpu_state *s)
{
	s->vmcr = arch_mmio_read32(gicv2.hyp + GICH_VMCR);
	s->apr[0] = arch_mmio_read32(gicv2.hyp + GICH_APR);
}

void gicv2_vcpu_load(const struct gic_vcpu_state *s)
{
	arch_mmio_write32(gicv2.hyp + GICH_VMCR, (u32)s->vmcr);
	arch_mmio_write32(gicv2.hyp + GICH_APR, s->apr[0]);
}
