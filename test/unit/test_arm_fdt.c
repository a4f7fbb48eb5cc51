/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device trees of domains, made from a host tree and a partial one in source form, which dtc
 * compiles; what comes out is looked at with the reader of src/lib and read back by dtc.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arm/boot/fdt_plan.h"
#include "arch/arm/boot/passthrough.h"
#include "lib/errno.h"
#include "unit/harness.h"

static const char host_source[] =
	"/dts-v1/;"
	"/ { #address-cells = <2>; #size-cells = <2>; compatible = \"board\"; model = \"Board\";"
	"  interrupt-parent = <&gic>;"
	"  aliases { serial0 = \"/uart@9000000\"; };"
	"  chosen { bootargs = \"host\"; stdout-path = \"/uart@9000000\"; rng-seed = <1 2>;"
	"    #address-cells = <1>; #size-cells = <1>; linux,initrd-start = <0x1>;"
	"    xen,xen-bootargs = \"console=dtuart\";"
	"    module@50000000 { compatible = \"multiboot,kernel\", \"multiboot,module\";"
	"      reg = <0x50000000 0x1000>; };"
	"    domU1 { compatible = \"xen,domain\"; memory = <0 0x10000>; }; };"
	"  psci { compatible = \"arm,psci-1.0\"; method = \"smc\"; };"
	"  memory@40000000 { device_type = \"memory\"; reg = <0 0x40000000 0 0x80000000>; };"
	"  cpus { #address-cells = <1>; #size-cells = <0>;"
	"    cpu-map { cluster0 { core0 { cpu = <&cpu0>; }; }; };"
	"    cpu0: cpu@0 { device_type = \"cpu\"; compatible = \"arm,cortex-a53\"; reg = <0>;"
	"      enable-method = \"spin-table\"; cpu-release-addr = <0 0xd8>; };"
	"    cpu1: cpu@100 { device_type = \"cpu\"; compatible = \"arm,cortex-a72\"; reg = <0x100>;"
	"      enable-method = \"psci\"; }; };"
	"  timer { compatible = \"arm,armv8-timer\"; always-on;"
	"    interrupts = <1 13 4>, <1 14 4>, <1 11 4>, <1 10 4>; };"
	"  pmu { compatible = \"arm,armv8-pmuv3\"; interrupts = <1 7 4>;"
	"    interrupt-affinity = <&cpu0>; };"
	"  gic: intc@8000000 { compatible = \"arm,gic-v3\"; interrupt-controller;"
	"    #interrupt-cells = <3>; #address-cells = <2>; #size-cells = <2>; ranges;"
	"    reg = <0 0x8000000 0 0x10000>, <0 0x80a0000 0 0xf60000>, <0 0x8010000 0 0x10000>;"
	"    interrupts = <1 9 4>;"
	"    its: its@8080000 { compatible = \"arm,gic-v3-its\"; msi-controller; #msi-cells = <1>;"
	"      reg = <0 0x8080000 0 0x20000>; }; };"
	"  clk: clock { compatible = \"fixed-clock\"; #clock-cells = <0>; clock-frequency = <1>; };"
	"  uart@9000000 { compatible = \"arm,pl011\", \"arm,primecell\"; clocks = <&clk>;"
	"    reg = <0 0x9000000 0 0x1000>; interrupts = <0 1 4>; };"
	"  rtc@9010000 { compatible = \"arm,pl031\"; reg = <0 0x9010000 0 0x1000>;"
	"    interrupts = <0 2 4>; msi-parent = <&its>; };"
	"  off@9020000 { compatible = \"x\"; status = \"disabled\"; reg = <0 0x9020000 0 0x1000>;"
	"    interrupts = <0 3 4>; };"
	"  ext@9030800 { compatible = \"y\"; reg = <0 0x9030800 0 0x800>;"
	"    interrupts-extended = <&gic 0 20 4>, <&gic 1 5 4>; };"
	"  given: net@9040000 { compatible = \"z\"; xen,passthrough; reg = <0 0x9040000 0 0x2000>;"
	"    interrupts = <0 40 4>, <0 41 1>; };"
	"  soc { compatible = \"simple-bus\"; #address-cells = <1>; #size-cells = <1>;"
	"    ranges = <0 0 0xe0000000 0x1000000>;"
	"    i2c@1000 { compatible = \"i2c\"; reg = <0x1000 0x1000>; interrupts = <0 50 4>;"
	"      #address-cells = <1>; #size-cells = <0>;"
	"      eeprom@50 { compatible = \"eeprom\"; reg = <0x50>; }; };"
	"    dma@2000 { compatible = \"dma\"; reg = <0x2000 0x1000>; interrupts = <0 51 4>; }; };"
	"  pcie@10000000 { compatible = \"pci-host-ecam-generic\"; device_type = \"pci\";"
	"    #address-cells = <3>; #size-cells = <2>; #interrupt-cells = <1>; bus-range = <0 15>;"
	"    reg = <0x40 0x10000000 0 0x1000000>; msi-map = <0 &its 0 0x10000>;"
	"    ranges = <0x1000000 0 0 0 0x3eff0000 0 0x10000>,"
	"      <0x2000000 0 0x10000000 0 0x10000000 0 0x2eff0000>,"
	"      <0x3000000 0x80 0 0x80 0 0x80 0>;"
	"    interrupt-map-mask = <0x1800 0 0 7>;"
	"    interrupt-map = <0 0 0 1 &gic 0 0 0 3 4>, <0 0 0 2 &gic 0 0 0 4 4>; };"
	"};";

static const char partial_source[] =
	"/dts-v1/;"
	"/ { #address-cells = <2>; #size-cells = <2>;"
	"  gic: gic { #interrupt-cells = <3>; interrupt-controller; };"
	"  other { secret; };"
	"  aliases { net0 = &mac; };"
	"  passthrough { compatible = \"simple-bus\"; ranges; #address-cells = <2>;"
	"    #size-cells = <2>;"
	"    mac: net@10000000 { compatible = \"z\"; reg = <0 0x10000000 0 0x2000>;"
	"      interrupts = <0 40 4>, <0 41 1>; interrupt-parent = <&gic>;"
	"      xen,reg = <0 0x9040000 0 0x2000 0 0x10000000>; xen,path = \"/net@9040000\";"
	"      xen,force-assign-without-iommu; };"
	"    plain@20000000 { compatible = \"p\"; reg = <0 0x20000000 0 0x1000>;"
	"      interrupts = <0 60 4>, <1 5 4>;"
	"      xen,reg = <0 0x9050000 0 0x1000 0 0x20000000>; xen,force-assign-without-iommu; };"
	"  }; };";

/* --- dtc --- */

/* Runs dtc from one file to another, and gives what it prints. */
static int run(const char *format, FILE *in, FILE *out, char *text, size_t size)
{
	char line[256];
	size_t n;
	FILE *f;

	snprintf(line, sizeof(line), "dtc %s -o /dev/fd/%d /dev/fd/%d 2>&1", format, fileno(out),
		fileno(in));
	f = popen(line, "r");
	n = f ? fread(text, 1, size - 1, f) : 0;
	text[n] = '\0';
	return f ? pclose(f) : -1;
}

static FILE *file_of(const void *data, size_t size)
{
	FILE *f = tmpfile();

	if (!f || fwrite(data, 1, size, f) != size || fflush(f)) {
		abort();
	}
	return f;
}

static u64 blob_storage[4][65536 / 8];

/* Compiles a source into a tree of its own. */
static void compile(const char *source, unsigned int slot, struct dt *dt)
{
	FILE *in = file_of(source, strlen(source)), *out = file_of("", 0);
	static char text[1024];
	const char *why = "";
	u32 size;

	if (run("-q -@ -I dts -O dtb", in, out, text, sizeof(text)) != 0) {
		fprintf(stderr, "dtc: %s\n", text);
		abort();
	}
	rewind(out);
	size = (u32)fread(blob_storage[slot], 1, sizeof(blob_storage[slot]), out);
	fclose(in);
	fclose(out);
	if (dt_open(dt, blob_storage[slot], size, &why)) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
}

/* dtc finds nothing wrong in a generated tree but what Linux and the host's own tree want so. */
static void check_source(const void *blob, int size)
{
	static char text[65536];
	FILE *in = file_of(blob, (size_t)size), *out = file_of("", 0);

	CHECK_EQ(run("-I dtb -O dts -W no-unit_address_vs_reg -W no-alias_paths", in, out, text,
			 sizeof(text)),
		0);
	CHECK_STR(text, "");
	fclose(in);
	fclose(out);
}

static struct dt host, partial, made;
static struct fdt_host view;
static struct domain_desc desc;
static struct fdt_plan plan;
static u64 out_storage[65536 / 8];

static void setup(void)
{
	static bool done;

	if (!done) {
		compile(host_source, 0, &host);
		compile(partial_source, 1, &partial);
	}
	done = true;
	view = (struct fdt_host){ &host, dt_find(&host, "/intc@8000000"),
		dt_find(&host, "/uart@9000000") };
	desc = (struct domain_desc){ .id = 1, .name = "test", .cmdline = "console=hvc0" };
	memset(&plan, 0, sizeof(plan));
	plan.desc = &desc;
	plan.vcpu_count = 3;
	plan.mpidr[1] = 1;
	plan.mpidr[2] = 0x100;
	plan.evtchn_irq = 31;
	plan.grants = (struct dt_range){ 0x38000000, MiB(16) };
	plan.extended[0] = (struct dt_range){ 0x60000000, MiB(512) };
	plan.extended_count = 1;
	plan.initrd = (struct dt_range){ 0x48200000, 0x123456 };
	plan.gic.version = 3;
	plan.gic.dist = (struct dt_range){ 0x3001000, 0x10000 };
	plan.gic.redist[0] = (struct dt_range){ 0x3020000, 0x1000000 };
	plan.gic.redist_count = 1;
	plan.timer.secure = 29;
	plan.timer.phys = 30;
	plan.timer.virt = 27;
	CHECK_EQ(ram_add(&plan.ram, 0x40000000, MiB(256)), 0);
	CHECK_EQ(ram_add(&plan.ram, 0x200000000, GiB(4)), 0);
}

static void open_made(int size)
{
	const char *why = "";

	CHECK(size > 0);
	CHECK_EQ(dt_open(&made, out_storage, (u32)(size > 0 ? size : 0), &why), 0);
}

static void make_guest(bool with_partial)
{
	open_made(
		fdt_guest(&plan, with_partial ? &partial : NULL, out_storage, sizeof(out_storage)));
}

static void make_dom0(void)
{
	open_made(fdt_dom0(&plan, &view, out_storage, sizeof(out_storage)));
}

static const char *text_of(const char *path, const char *name)
{
	return dt_string(&made, dt_find(&made, path), name) ?: "(none)";
}

static u64 number_of(const char *path, const char *name)
{
	const struct dt_node *n = dt_find(&made, path);
	u64 wide = ~0ULL;
	u32 value;

	return dt_u32(&made, n, name, &value) == 0  ? value
	       : dt_u64(&made, n, name, &wide) == 0 ? wide
						    : ~0ULL;
}

static void check_cells(const char *path, const char *name, unsigned int count, const u32 *want)
{
	const struct dt_node *n = dt_find(&made, path);
	u32 got, size = 0;

	CHECK(dt_prop(&made, n, name, &size) != NULL);
	CHECK_EQ(size, count * 4);
	for (unsigned int i = 0; i < count; i++) {
		CHECK_EQ(dt_cell(&made, n, name, i, &got), 0);
		CHECK_EQ(got, want[i]);
	}
}
#define CELLS(path, name, ...)                                                \
	check_cells(path, name, sizeof((u32[]){ __VA_ARGS__ }) / sizeof(u32), \
		(const u32[]){ __VA_ARGS__ })

/* --- guests --- */

UNIT_TEST(fdt_guest_plain, "a guest is told of its CPUs, memory, GIC, timer and command line")
{
	setup();
	make_guest(false);
	CHECK(dt_compatible(&made, dt_root(&made), "xen,xenvm-4.17"));
	CHECK(dt_compatible(&made, dt_root(&made), "xen,xenvm"));
	CHECK_STR(text_of("/chosen", "bootargs"), "console=hvc0");
	CHECK_EQ(number_of("/chosen", "linux,initrd-start"), 0x48200000);
	CHECK_EQ(number_of("/chosen", "linux,initrd-end"), 0x48200000 + 0x123456);
	CHECK_STR(text_of("/psci", "method"), "hvc");
	CHECK_EQ(number_of("/psci", "cpu_on"), 0xc4000003);
	CHECK_EQ(number_of("/cpus/cpu@100", "reg"), 0x100);
	CHECK_STR(text_of("/cpus/cpu@1", "enable-method"), "psci");
	CELLS("/memory@40000000", "reg", 0, 0x40000000, 0, 0x10000000, 2, 0, 1, 0);
	CELLS("/timer", "interrupts", 1, 13, 0xf08, 1, 14, 0xf08, 1, 11, 0xf08);
	CELLS("/interrupt-controller@3001000", "reg", 0, 0x3001000, 0, 0x10000, 0, 0x3020000, 0,
		0x1000000);
	CHECK_EQ(number_of("/interrupt-controller@3001000", "phandle"), 65000);
	CHECK_EQ(number_of("/", "interrupt-parent"), 65000);
	CHECK_EQ(dt_gic_version(&made, dt_by_phandle(&made, 65000)), 3);
	CHECK(!dt_find(&made, "/hypervisor"));
	CHECK(!dt_find(&made, "/reserved-memory"));
	check_source(out_storage, (int)made.size);
}

UNIT_TEST(fdt_guest_v2, "with GICv2 it has a CPU interface, and on AArch32 PSCI's other numbers")
{
	setup();
	plan.gic.version = 2;
	plan.gic.dist.size = 0x1000;
	plan.gic.cpu = (struct dt_range){ 0x3002000, 0x2000 };
	plan.aarch32 = true;
	plan.initrd.size = 0;
	make_guest(false);
	CELLS("/interrupt-controller@3001000", "reg", 0, 0x3001000, 0, 0x1000, 0, 0x3002000, 0,
		0x2000);
	CHECK_EQ(dt_gic_version(&made, dt_by_phandle(&made, 65000)), 2);
	CHECK_EQ(number_of("/psci", "cpu_on"), 0x84000003);
	CHECK_EQ(number_of("/chosen", "linux,initrd-start"), ~0ULL);
	check_source(out_storage, (int)made.size);
}

UNIT_TEST(
	fdt_guest_enhanced, "what it shares, its console and the hypervisor are there if asked for")
{
	setup();
	desc.enhanced = DESC_ENHANCED;
	desc.vpl011 = true;
	desc.shared_count = 2;
	desc.shared[0] = (struct desc_shared){ "left", 0x70000000, 0x50000000, MiB(2), true };
	desc.shared[1] = (struct desc_shared){ "right", 0x71000000, 0x54000000, MiB(4), false };
	plan.vpl011 = (struct dt_range){ 0x22000000, 0x1000 };
	plan.vpl011_irq = 32;
	make_guest(false);
	CHECK(dt_compatible(&made, dt_find(&made, "/hypervisor"), "xen,xen-4.17"));
	CHECK(dt_compatible(&made, dt_find(&made, "/hypervisor"), "xen,xen"));
	CELLS("/hypervisor", "reg", 0, 0x38000000, 0, 0x1000000, 0, 0x60000000, 0, 0x20000000);
	CELLS("/hypervisor", "interrupts", 1, 15, 0xf08);
	CELLS("/sbsa-uart@22000000", "interrupts", 0, 0, 4);
	CHECK_STR(text_of("/chosen", "stdout-path"), "/sbsa-uart@22000000");
	CHECK_STR(text_of("/reserved-memory/xen-shmem@50000000", "xen,id"), "left");
	CELLS("/reserved-memory/xen-shmem@54000000", "reg", 0, 0x54000000, 0, 0x400000);
	CHECK(dt_compatible(&made, dt_find(&made, "/reserved-memory/xen-shmem@54000000"),
		"xen,shared-memory-v1"));
	check_source(out_storage, (int)made.size);
}

UNIT_TEST(fdt_guest_partial, "devices of the partial tree are taken over, without words for Xen")
{
	const struct dt_node *n;

	setup();
	make_guest(true);
	n = dt_find(&made, "/passthrough/net@10000000");
	CHECK(n != NULL);
	CHECK(dt_has(&made, n, "reg") && dt_has(&made, n, "interrupts"));
	CHECK(!dt_has(&made, n, "xen,reg") && !dt_has(&made, n, "xen,path"));
	CHECK(!dt_has(&made, n, "xen,force-assign-without-iommu"));
	CHECK_STR(text_of("/aliases", "net0"), "/passthrough/net@10000000");
	CHECK(!dt_find(&made, "/other"));
	/* Its GIC is the one of which the partial tree speaks. */
	CHECK_EQ(number_of("/", "interrupt-parent"), dt_find(&partial, "/gic")->phandle);
	CHECK_EQ(number_of("/passthrough/net@10000000", "interrupt-parent"),
		number_of("/interrupt-controller@3001000", "phandle"));
	check_source(out_storage, (int)made.size);
}

UNIT_TEST(fdt_guest_room, "a buffer that is too small is an error, whatever its size")
{
	int size;

	setup();
	size = fdt_guest(&plan, &partial, out_storage, sizeof(out_storage));
	CHECK(size > 0 && (u32)size < fdt_plan_size(&partial));
	for (u32 n = 0; n < (u32)size; n += 13) {
		void *exact = malloc(n + 1);

		CHECK(fdt_guest(&plan, &partial, exact, n) < 0);
		free(exact);
	}
}

/* --- dom0 --- */

UNIT_TEST(fdt_dom0_own, "dom0 is told of its own CPUs, memory, timer, PSCI and command line")
{
	setup();
	desc.enhanced = DESC_ENHANCED;
	make_dom0();
	CHECK_STR(text_of("/", "model"), "Board");
	CHECK_STR(text_of("/psci", "method"), "hvc");
	CHECK(!dt_find(&made, "/cpus/cpu-map"));
	CHECK_STR(text_of("/cpus/cpu@0", "compatible"), "arm,cortex-a53");
	CHECK_STR(text_of("/cpus/cpu@0", "enable-method"), "psci");
	CHECK(!dt_has(&made, dt_find(&made, "/cpus/cpu@0"), "cpu-release-addr"));
	CHECK_EQ(dt_find(&made, "/cpus/cpu@0")->phandle, dt_find(&host, "/cpus/cpu@0")->phandle);
	CHECK_STR(text_of("/cpus/cpu@1", "compatible"), "arm,cortex-a72");
	CHECK_STR(text_of("/cpus/cpu@100", "compatible"), "arm,cortex-a72");
	CHECK_EQ(dt_find(&made, "/cpus/cpu@100")->phandle, 0);
	CELLS("/memory@40000000", "reg", 0, 0x40000000, 0, 0x10000000, 2, 0, 1, 0);
	CELLS("/timer", "interrupts", 1, 13, 0xf08, 1, 14, 0xf08, 1, 11, 0xf08);
	CHECK(dt_has(&made, dt_find(&made, "/timer"), "always-on"));
	CHECK_STR(text_of("/chosen", "bootargs"), "console=hvc0");
	CHECK_EQ(number_of("/chosen", "linux,initrd-start"), 0x48200000);
	CHECK(dt_has(&made, dt_find(&made, "/chosen"), "rng-seed"));
	CELLS("/hypervisor", "interrupts", 1, 15, 0xf08);
	CHECK_EQ(number_of("/hypervisor", "interrupt-parent"), view.gic->phandle);
	check_source(out_storage, (int)made.size);
}

UNIT_TEST(fdt_dom0_kept_back, "what the hypervisor keeps or gives to others is not in dom0's tree")
{
	static const char *const gone[] = { "/uart@9000000", "/net@9040000", "/pmu",
		"/chosen/module@50000000", "/chosen/domU1", "/intc@8000000/its@8080000" };
	static const char *const there[] = { "/rtc@9010000", "/off@9020000", "/soc/dma@2000",
		"/soc/i2c@1000/eeprom@50", "/pcie@10000000", "/clock", "/aliases" };

	setup();
	make_dom0();
	for (unsigned int i = 0; i < ARRAY_SIZE(gone); i++) {
		CHECK(dt_find(&host, gone[i]) && !dt_find(&made, gone[i]));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(there); i++) {
		CHECK(dt_find(&made, there[i]) != NULL);
	}
	CHECK(!dt_has(&made, dt_find(&made, "/chosen"), "stdout-path"));
	CHECK(!dt_has(&made, dt_find(&made, "/chosen"), "xen,xen-bootargs"));
	CHECK(!dt_has(&made, dt_find(&made, "/rtc@9010000"), "msi-parent"));
	CHECK(!dt_has(&made, dt_find(&made, "/pcie@10000000"), "msi-map"));
	CHECK(dt_has(&made, dt_find(&made, "/pcie@10000000"), "interrupt-map"));
	/* Distributor and redistributors: no CPU interface in memory. */
	CELLS("/intc@8000000", "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0xf60000);
	CHECK(!dt_has(&made, dt_find(&made, "/intc@8000000"), "interrupts"));
	CHECK_EQ(dt_find(&made, "/intc@8000000")->phandle, view.gic->phandle);
	/* Without a UART of the hypervisor the console is dom0's. */
	view.uart = NULL;
	make_dom0();
	CHECK(dt_find(&made, "/uart@9000000") != NULL);
	CHECK_STR(text_of("/chosen", "stdout-path"), "/uart@9000000");
}

UNIT_TEST(fdt_dom0_room, "its buffer may be too small, or be just as large as planned")
{
	int size;

	setup();
	size = fdt_dom0(&plan, &view, out_storage, sizeof(out_storage));
	CHECK(size > 0 && (u32)size < fdt_plan_size(&host));
	for (u32 n = 0; n < (u32)size; n += 17) {
		void *exact = malloc(n + 1);

		CHECK(fdt_dom0(&plan, &view, exact, n) < 0);
		free(exact);
	}
	plan.ram.banks[0].start = ~0ULL;
	compile("/dts-v1/; / { #address-cells = <1>; #size-cells = <1>; };", 2, &made);
	view = (struct fdt_host){ &made, NULL, NULL };
	CHECK_EQ(fdt_dom0(&plan, &view, out_storage, sizeof(out_storage)), -EINVAL);
}

/* --- resources --- */

static struct resources all;

static bool has(u64 start, u64 size)
{
	return rangeset_contains(&all.pages, start >> PAGE_SHIFT, (start + size - 1) >> PAGE_SHIFT);
}

static bool touches(u64 start, u64 size)
{
	return rangeset_overlaps(&all.pages, start >> PAGE_SHIFT, (start + size - 1) >> PAGE_SHIFT);
}

UNIT_TEST(resources_of_dom0, "dom0 gets registers, windows and interrupts of what it keeps")
{
	static const u32 irqs[] = { 32 + 2, 32 + 20, 32 + 50, 32 + 51, 32 + 3, 32 + 4 };
	unsigned int count = 0;

	setup();
	CHECK_EQ(resources_dom0(&view, &all), 0);
	CHECK(has(0x9010000, 0x1000));
	CHECK(has(0x9030000, 0x1000));	/* the page of half a page */
	CHECK(has(0xe0001000, 0x2000)); /* behind a bus */
	CHECK(has(0x4010000000, 0x1000000));
	CHECK(has(0x10000000, 0x2eff0000));
	CHECK(has(0x3eff0000, 0x10000));
	CHECK(has(0x8000000000, 0x8000000000));
	CHECK(!touches(0x9000000, 0x1000)); /* the hypervisor's */
	CHECK(!touches(0x9020000, 0x1000)); /* disabled */
	CHECK(!touches(0x9040000, 0x2000)); /* somebody else's */
	CHECK(!touches(0x8000000, 0x1000000));
	CHECK(!touches(0, 0x8000000)); /* the EEPROM's address is no register */
	CHECK(!touches(0x40000000, 0x80000000));
	for (unsigned int i = 0; i < RESOURCES_INTIDS; i++) {
		count += bitmap_test(all.spis, i);
	}
	CHECK_EQ(count, ARRAY_SIZE(irqs));
	for (unsigned int i = 0; i < ARRAY_SIZE(irqs); i++) {
		CHECK(bitmap_test(all.spis, irqs[i]));
	}
}

static struct passthrough pass;
static const struct dt_node *bad;
static const char *why;

UNIT_TEST(
	passthrough_good, "a partial tree asks for registers, and the interrupts of a host's node")
{
	setup();
	CHECK_EQ(passthrough_read(&partial, &host, &pass, &bad, &why), 0);
	CHECK_EQ(pass.range_count, 2);
	CHECK_EQ(pass.ranges[0].pa, 0x9040000);
	CHECK_EQ(pass.ranges[0].gpa, 0x10000000);
	CHECK_EQ(pass.ranges[0].size, 0x2000);
	CHECK_EQ(pass.ranges[1].gpa, 0x20000000);
	CHECK(bitmap_test(pass.spis, 32 + 40) && bitmap_test(pass.spis, 32 + 41));
	CHECK(bitmap_test(pass.spis, 32 + 60) && !bitmap_test(pass.spis, 32 + 5));
}

UNIT_TEST(passthrough_bad, "a partial tree that asks for what it cannot have is refused")
{
	static const struct {
		const char *node, *word;
		int rc;
	} cases[] = {
		{ "xen,reg = <0 0x9040000 0 0x2000 0 0x10000000>; xen,path = \"/net@9040000\";",
			"IOMMU", -EPERM },
		{ "xen,path = \"/net@9040000\"; xen,force-assign-without-iommu;", "xen,reg",
			-EINVAL },
		{ "xen,reg = <0 0x9040000 0 0x2000 0>; xen,force-assign-without-iommu;", "xen,reg",
			-EINVAL },
		{ "xen,reg = <0 0x9040800 0 0x2000 0 0x10000000>;"
		  " xen,force-assign-without-iommu;",
			"pages", -EINVAL },
		{ "xen,reg = <0xffffffff 0xfffff000 0 0x2000 0 0x10000000>;"
		  " xen,force-assign-without-iommu;",
			"pages", -EINVAL },
		{ "xen,reg = <0 0x9040000 0 0x2000 0 0x10000000>; xen,path = \"/none\";"
		  " xen,force-assign-without-iommu;",
			"no such node", -ENOENT },
		{ "xen,reg = <0 0x9010000 0 0x1000 0 0x10000000>; xen,path = \"/rtc@9010000\";"
		  " xen,force-assign-without-iommu;",
			"xen,passthrough", -EPERM },
		{ "xen,reg = <0 0x9010000 0 0x1000 0 0x10000000>; interrupts = <0 5000 4>;"
		  " xen,force-assign-without-iommu;",
			"SPI", -EINVAL },
	};
	static struct dt tree;
	char source[1024];

	setup();
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(source, sizeof(source),
			"/dts-v1/; / { #address-cells = <2>; #size-cells = <2>;"
			" passthrough { #address-cells = <2>; #size-cells = <2>; ranges;"
			" dev { %s }; }; };",
			cases[i].node);
		compile(source, 3, &tree);
		CHECK_EQ(passthrough_read(&tree, &host, &pass, &bad, &why), cases[i].rc);
		CHECK(why && strstr(why, cases[i].word));
		CHECK(bad && strcmp(dt_name(&tree, bad), "dev") == 0);
	}
}
