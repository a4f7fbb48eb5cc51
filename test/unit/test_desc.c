/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptions of domains: each rule refuses what it is about, and names it. */
#include <string.h>

#include "boot/desc.h"
#include "unit/harness.h"

static const struct boot_module kernel = { .size = MiB(8), .cmdline = "" };
static const struct boot_module empty = { .size = 0, .cmdline = "" };

static struct domain_desc good(void)
{
	return (struct domain_desc){
		.name = "Domain-0",
		.memory = MiB(64),
		.memory_max = MiB(64),
		.vcpu_count = 1,
		.kernel = &kernel,
		.ramdisk = &kernel,
		.cmdline = "console=hvc0",
	};
}

static void check_refused(const struct domain_desc *d, const char *start)
{
	const char *why = "";

	CHECK_EQ(desc_check(d, &why), -22);
	CHECK_EQ(strncmp(why, start, strlen(start)), 0);
}

UNIT_TEST(desc_good, "a plain description is accepted, and one without a kernel too")
{
	struct domain_desc d = good();
	const char *why = NULL;

	CHECK_EQ(desc_check(&d, &why), 0);
	d.kernel = d.ramdisk = NULL;
	d.memory = 0;
	CHECK_EQ(desc_check(&d, &why), 0);
}

UNIT_TEST(desc_bad, "each wrong field is refused by its name")
{
	static char line[4096];
	struct domain_desc d;

	d = good(), d.id = 0x7ff0, check_refused(&d, "id:");
	d = good(), d.name = "", check_refused(&d, "name:");
	d = good(), d.name = "sixteen-letters!", check_refused(&d, "name:");
	d = good(), d.vcpu_count = 0, check_refused(&d, "vCPUs:");
	d = good(), d.vcpu_count = 129, check_refused(&d, "vCPUs:");
	d = good(), d.memory = KiB(512), check_refused(&d, "memory:");
	d = good(), d.memory += 1, d.memory_max += 1, check_refused(&d, "memory:");
	d = good(), d.memory_max = MiB(32), check_refused(&d, "maximum memory:");
	d = good(), d.kernel = &empty, check_refused(&d, "kernel:");
	d = good(), d.ramdisk = &empty, check_refused(&d, "ramdisk:");
	d = good(), d.kernel = NULL, check_refused(&d, "ramdisk:");
	d = good(), d.memory = d.memory_max = MiB(16), check_refused(&d, "memory: too small");
	memset(line, 'x', sizeof(line) - 1);
	d = good(), d.cmdline = line, check_refused(&d, "command line:");
}

/* --- static memory, shared regions, event channels --- */

static struct domain_desc static_domain(void)
{
	struct domain_desc d = good();

	d.banks[0] = (struct desc_bank){ GiB(1), MiB(32) };
	d.banks[1] = (struct desc_bank){ GiB(2), MiB(32) };
	d.bank_count = 2;
	d.shared[0] = (struct desc_shared){ "a", GiB(3), GiB(3), MiB(1), true };
	d.shared[1] = (struct desc_shared){ "b", GiB(4), GiB(4), MiB(1), false };
	d.shared_count = 2;
	d.evtchn_limit = 1024;
	d.channels[0] = (struct desc_channel){ 10, 1, 11 };
	d.channels[1] = (struct desc_channel){ 12, 1, 13 };
	d.channel_count = 2;
	return d;
}

UNIT_TEST(desc_static, "a static description is accepted, and each mistake in it is named")
{
	struct domain_desc d = static_domain();
	const char *why = NULL;

	CHECK_EQ(desc_check(&d, &why), 0);
	d.direct_mapped = true;
	CHECK_EQ(desc_check(&d, &why), 0);
	d.shared[1].gpa += PAGE_SIZE, check_refused(&d, "xen,shared-mem: with direct-map");
	d = good(), d.direct_mapped = true, check_refused(&d, "direct-map:");
	d.hardware = true;
	CHECK_EQ(desc_check(&d, &why), 0);
	d = good(), d.spi_count = 989, check_refused(&d, "nr_spis:");
	d = good(), d.device_tree = &empty, check_refused(&d, "device tree:");
	d = static_domain(), d.banks[1].pa += 1, check_refused(&d, "xen,static-mem: a range");
	d = static_domain(), d.banks[1].size = 0, check_refused(&d, "xen,static-mem: a range");
	d = static_domain(), d.banks[1].pa = ~0ULL << 12;
	check_refused(&d, "xen,static-mem: a range");
	d = static_domain(), d.bank_count = 17, check_refused(&d, "xen,static-mem: a range");
	d = static_domain(), d.banks[1].pa = GiB(1) + MiB(31);
	check_refused(&d, "xen,static-mem: ranges overlap");
	d = static_domain(), d.bank_count = 1, check_refused(&d, "xen,static-mem: the sum");
	d = static_domain(), d.banks[1].size += PAGE_SIZE;
	check_refused(&d, "xen,static-mem: the sum");
	d = static_domain(), d.shared[0].gpa += 8, check_refused(&d, "xen,shared-mem: a range");
	d = static_domain(), d.shared_count = 9, check_refused(&d, "xen,shared-mem: a range");
	d = static_domain(), d.shared[0].id[0] = 0, check_refused(&d, "xen,shm-id:");
	d = static_domain(), d.shared[0].id[0] = 'b', check_refused(&d, "xen,shm-id:");
	d = static_domain(), memset(d.shared[0].id, 'x', DESC_SHARED_ID);
	check_refused(&d, "xen,shm-id:");
	d = static_domain(), d.shared[0].pa = GiB(4) + MiB(1) - PAGE_SIZE;
	check_refused(&d, "xen,shared-mem: overlaps");
	d = static_domain(), d.shared[0].gpa = GiB(4),
	check_refused(&d, "xen,shared-mem: overlaps");
	d = static_domain(), d.shared[0].pa = GiB(2), check_refused(&d, "xen,shared-mem: overlaps");
	d = static_domain(), d.channels[1].port = 10, check_refused(&d, "xen,evtchn:");
	d = static_domain(), d.channels[1].port = 0, check_refused(&d, "xen,evtchn:");
	d = static_domain(), d.channels[1].port = 1024, check_refused(&d, "xen,evtchn:");
	d = static_domain(), d.channel_count = 17, check_refused(&d, "xen,evtchn:");
}

/* --- several descriptions --- */

static struct boot_module other_kernel;
static struct domain_desc pair[2];

/* Two that fit together: they share "a" and are connected twice. */
static void make_pair(void)
{
	other_kernel = (struct boot_module){ HPA(GiB(10)), MiB(8), "" };
	for (unsigned int i = 0; i < 2; i++) {
		pair[i] = static_domain();
		pair[i].id = (u16)i;
		pair[i].kernel = pair[i].ramdisk = &other_kernel;
	}
	pair[1].banks[0].pa = GiB(5);
	pair[1].banks[1].pa = GiB(6);
	pair[1].shared[0].owner = false;
	pair[1].shared[1] = (struct desc_shared){ "c", GiB(7), GiB(7), MiB(1), true };
	pair[1].channels[0] = (struct desc_channel){ 13, 0, 12 };
	pair[1].channels[1] = (struct desc_channel){ 11, 0, 10 };
}

static void check_conflict(unsigned int which, const char *start)
{
	struct desc_conflict x = { 9, 9, "" };

	CHECK_EQ(desc_check_all(pair, 2, &x), -22);
	CHECK_EQ(x.which, which);
	CHECK_EQ(x.other, 1 - which);
	CHECK_EQ(strncmp(x.why, start, strlen(start)), 0);
}

UNIT_TEST(desc_pairs, "descriptions that contradict each other: which one goes, and why")
{
	static struct boot_module within;
	struct desc_conflict x;

	make_pair();
	CHECK_EQ(desc_check_all(pair, 2, &x), 0);
	CHECK_EQ(desc_check_all(pair, 0, &x), 0);
	make_pair(), pair[1].id = 0, check_conflict(1, "id:");
	make_pair(), pair[1].banks[1].pa = GiB(1) + MiB(31), check_conflict(1, "xen,static-mem:");
	make_pair(), pair[1].shared[1].pa = GiB(2), check_conflict(1, "xen,shared-mem: overlaps");
	make_pair(), pair[1].banks[0].pa = GiB(4), check_conflict(1, "xen,shared-mem: overlaps");
	make_pair(), pair[1].shared[0].size += 4096, check_conflict(1, "xen,shared-mem: another");
	make_pair(), pair[1].shared[0].pa += MiB(64), check_conflict(1, "xen,shared-mem: another");
	make_pair(), pair[1].shared[1].pa = GiB(4), check_conflict(1, "xen,shared-mem: another");
	make_pair(), pair[1].shared[0].owner = true, check_conflict(1, "role:");
	make_pair(), pair[1].channels[0].peer_port = 14, check_conflict(1, "xen,evtchn:");
	make_pair(), pair[1].channel_count = 1, check_conflict(0, "xen,evtchn:");
	/* Two halves that lead to one. */
	make_pair(), pair[0].channels[1].peer_port = 11;
	pair[1].channels[0] = pair[1].channels[1], pair[1].channel_count = 1;
	check_conflict(0, "xen,evtchn:");
	make_pair(), within = (struct boot_module){ HPA(GiB(5)), 4096, "" };
	pair[0].ramdisk = &within, check_conflict(1, "xen,static-mem or");
	make_pair(), pair[1].ramdisk = &within, within.start.v = GiB(3) + MiB(1) - 1;
	check_conflict(0, "xen,static-mem or");
	make_pair(), pair[1].ramdisk = &within, within.start.v = GiB(10) + MiB(8) - 1;
	check_conflict(1, "reg:");
}
