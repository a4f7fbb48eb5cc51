/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of the distributor and the redistributors that hold what was written. */
#include "guest/arm-interrupts/irq.h"
#include "guest/lib-arm64/cpu.h"
#include "guest/lib-arm64/fdt.h"
#include "guest/lib-arm64/gic.h"
#include "guest/lib-arm64/trap.h"
#include "guest/lib/check.h"

static u32 try_read(u64 address)
{
	return TRY("ldr wzr, [%[a]]", [a] "r"(address));
}

static u32 try_write(u64 address, u32 value)
{
	return TRY("str %w[v], [%[a]]", [v] "r"(value), [a] "r"(address));
}

static void test_identity(void)
{
	bool v3 = fdt_info.gic_version == 3;
	u64 dist = fdt_info.gic_dist;
	u32 typer = mmio_read32(dist + GICD_TYPER);
	u64 pidr2 = 0;

	CHECK_EQ(TRY_GET("ldr %w[out], [%[a]]",
			 &pidr2, [a] "r"(dist + (v3 ? GICD_PIDR2_V3 : GICD_PIDR2_V2))),
		0, "PIDR2 can be read");
	CHECK_EQ(pidr2 >> 4 & 0xf, fdt_info.gic_version, "PIDR2 names the version");
	CHECK((typer & 0x1f) >= 1, "TYPER: there are SPIs");
	if (!v3) {
		CHECK_EQ((typer >> 5 & 7) + 1, fdt_info.cpu_count, "TYPER: CPUs");
	} else {
		CHECK((typer >> 19 & 0x1f) >= 9, "TYPER: bits of interrupt numbers");
		CHECK((mmio_read32(dist + GICD_CTLR) & BIT32(4)) != 0, "CTLR: affinity routing");
	}
	CHECK_EQ(try_read(dist + GICD_IIDR), 0, "IIDR can be read");
	CHECK_EQ(try_write(dist + GICD_TYPER, 0), 0, "a write of TYPER is ignored");
	CHECK_EQ(mmio_read32(dist + GICD_TYPER), typer, "TYPER is as it was");
	CHECK_EQ(try_read(dist + 0xd00), 0, "an implementation's register can be read");
	CHECK_EQ(try_write(dist + 0xc, 1), 0, "a reserved register can be written");
}

static void test_bits(u32 irq, const char *kind)
{
	gic_disable(irq);
	CHECK(!gic_is_enabled(irq), "%s: disabled", kind);
	gic_enable(irq);
	CHECK(gic_is_enabled(irq), "%s: enabled", kind);
	gic_disable(irq);
	CHECK(!gic_is_enabled(irq), "%s: disabled again", kind);
	gic_set_priority(irq, 0x40);
	CHECK_EQ(gic_get_priority(irq), 0x40, "%s: priority by byte", kind);
	mmio_write32(gic_base_of(irq) + GICD_IPRIORITYR + (irq & ~3U), 0x80808080);
	CHECK_EQ(gic_get_priority(irq), 0x80, "%s: priority by word", kind);
	gic_set_priority(irq, 0xa0);
}

static void test_config(u32 spi)
{
	u64 address = gic_base_of(0) + GICD_ICFGR;
	u32 shift = spi % 16 * 2 + 1;

	CHECK_EQ(mmio_read32(address), 0xaaaaaaaa, "ICFGR: SGIs are edges");
	gic_set_edge(spi, true);
	CHECK_EQ(mmio_read32(gic_base_of(spi) + GICD_ICFGR + spi / 16 * 4) >> shift & 1, 1,
		"ICFGR: an SPI becomes an edge");
	gic_set_edge(spi, false);
	CHECK_EQ(mmio_read32(gic_base_of(spi) + GICD_ICFGR + spi / 16 * 4) >> shift & 1, 0,
		"ICFGR: an SPI becomes a level");
}

static void test_widths(u32 spi)
{
	u64 dist = fdt_info.gic_dist;

	CHECK_EQ(TRY("ldrb wzr, [%[a]]", [a] "r"(dist + GICD_IPRIORITYR + spi)), 0,
		"a byte of IPRIORITYR is read");
	if (fdt_info.gic_version == 3) {
		gic_route(spi, fdt_info.cpu_count - 1);
		CHECK_EQ(mmio_read64(dist + GICD_IROUTER + spi * 8ULL),
			fdt_info.mpidr[fdt_info.cpu_count - 1], "IROUTER");
		gic_route(spi, 0);
		return;
	}
	gic_route(spi, fdt_info.cpu_count - 1);
	CHECK_EQ(mmio_read8(dist + GICD_ITARGETSR + spi), 1 << (fdt_info.cpu_count - 1),
		"ITARGETSR of an SPI");
	gic_route(spi, 0);
	CHECK_EQ(mmio_read8(dist + GICD_ITARGETSR), 1, "ITARGETSR of SGIs is this CPU");
	CHECK_EQ(try_write(dist + GICD_ITARGETSR, 0xff), 0, "ITARGETSR of SGIs is not writable");
	CHECK_EQ(mmio_read8(dist + GICD_ITARGETSR), 1, "ITARGETSR of SGIs is still this CPU");
}

void test_registers(void)
{
	u32 spi = 33;

	test_identity();
	test_bits(20, "PPI");
	test_bits(spi, "SPI");
	test_config(spi);
	test_widths(spi);
}
