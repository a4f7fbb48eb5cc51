/* SPDX-License-Identifier: GPL-2.0-only */
/* Boot information of both multiboot versions, well-formed and broken. */
#include <stdlib.h>
#include <string.h>

#include "boot/multiboot.h"
#include "unit/harness.h"

/* "Physical memory" that the parser sees: a buffer at BASE. */
#define BASE 0x10000
static u8 memory[0x4000];
static struct boot_info out;
static const char *why;

static const void *phys(u64 pa, u64 size)
{
	if (pa < BASE || size > sizeof(memory) || pa - BASE > sizeof(memory) - size) {
		return NULL;
	}
	return memory + (pa - BASE);
}

static void put32(size_t at, u32 v)
{
	memcpy(memory + at, &v, 4);
}

static void put64(size_t at, u64 v)
{
	memcpy(memory + at, &v, 8);
}

static void make_mb1(void)
{
	memset(memory, 0, sizeof(memory));
	put32(0, BIT32(2) | BIT32(3) | BIT32(6) | BIT32(9));
	put32(16, BASE + 0x1000); /* command line */
	put32(20, 2);		  /* modules */
	put32(24, BASE + 0x200);
	put32(44, 48); /* memory map */
	put32(48, BASE + 0x300);
	put32(64, BASE + 0x1400); /* loader */
	strcpy((char *)memory + 0x1000, "/boot/bulkhead dom0_mem=1G  noreboot");
	strcpy((char *)memory + 0x1100, "vmlinuz console=hvc0 root=/dev/xvda");
	strcpy((char *)memory + 0x1200, "initrd.gz");
	strcpy((char *)memory + 0x1400, "qemu");
	put32(0x200, 0x400000);
	put32(0x204, 0x480001);
	put32(0x208, BASE + 0x1100);
	put32(0x210, 0x500000);
	put32(0x214, 0x600000);
	put32(0x218, BASE + 0x1200);
	for (unsigned int i = 0; i < 2; i++) {
		put32(0x300 + 24 * i, 20);
		put64(0x304 + 24 * i, i * 0x100000);
		put64(0x30c + 24 * i, 0x80000);
		put32(0x314 + 24 * i, 1 + i);
	}
}

UNIT_TEST(mb1, "multiboot: command line, modules and memory map, without file names")
{
	make_mb1();
	CHECK_EQ(multiboot_parse(BOOT_MAGIC_MB1, BASE, phys, &out, &why), 0);
	CHECK_STR(out.cmdline, "dom0_mem=1G  noreboot");
	CHECK_EQ(out.module_count, 2);
	CHECK_EQ(out.modules[0].start.v, 0x400000);
	CHECK_EQ(out.modules[0].size, 0x80001);
	CHECK_STR(out.modules[0].cmdline, "console=hvc0 root=/dev/xvda");
	CHECK_STR(out.modules[1].cmdline, "");
	CHECK_EQ(out.map_count, 2);
	CHECK_EQ(out.map[1].start, 0x100000);
	CHECK_EQ(out.map[1].type, 2);
}

UNIT_TEST(mb1_grub, "multiboot: GRUB 2 passes arguments without a file name")
{
	make_mb1();
	strcpy((char *)memory + 0x1400, "GRUB 2.06-13");
	CHECK_EQ(multiboot_parse(BOOT_MAGIC_MB1, BASE, phys, &out, &why), 0);
	CHECK_STR(out.cmdline, "/boot/bulkhead dom0_mem=1G  noreboot");
}

UNIT_TEST(mb1_broken, "multiboot: lists outside of memory and endless ones are cut, not followed")
{
	make_mb1();
	put32(20, 0xffffffff);
	put32(24, 0xfffffff0);
	put32(16, 0xdeadbeef);
	CHECK_EQ(multiboot_parse(BOOT_MAGIC_MB1, BASE, phys, &out, &why), 0);
	CHECK_EQ(out.module_count, 0);
	CHECK_STR(out.cmdline, "");
	make_mb1();
	put32(0x300, 0); /* an entry of no size */
	CHECK_EQ(multiboot_parse(BOOT_MAGIC_MB1, BASE, phys, &out, &why), -22);
	make_mb1();
	put32(0x204, 0x3fffff); /* ends before it starts */
	CHECK_EQ(multiboot_parse(BOOT_MAGIC_MB1, BASE, phys, &out, &why), 0);
	CHECK_EQ(out.module_count, 1);
}

static size_t tag(size_t at, u32 type, u32 size)
{
	put32(at, type);
	put32(at + 4, size);
	return at + ALIGN_UP(size, 8U);
}

static void make_mb2(void)
{
	size_t at = 8;

	memset(memory, 0, sizeof(memory));
	strcpy((char *)memory + at + 8, "noreboot");
	at = tag(at, 1, 17);
	strcpy((char *)memory + at + 8, "GRUB 2.06");
	at = tag(at, 2, 18);
	put32(at + 8, 0x700000);
	put32(at + 12, 0x700100);
	strcpy((char *)memory + at + 16, "a b");
	at = tag(at, 3, 20);
	put32(at + 8, 24);
	put64(at + 16, 0x100000);
	put64(at + 24, 0x10000);
	put32(at + 32, 1);
	at = tag(at, 6, 40);
	memcpy(memory + at + 8, "RSD PTR ", 8);
	at = tag(at, 15, 44);
	at = tag(at, 0, 8);
	put32(0, (u32)at);
}

UNIT_TEST(mb2, "multiboot2: tags for command line, module, memory map and ACPI root")
{
	make_mb2();
	CHECK_EQ(multiboot_parse(BOOT_MAGIC_MB2, BASE, phys, &out, &why), 0);
	CHECK_STR(out.cmdline, "noreboot");
	CHECK_EQ(out.module_count, 1);
	CHECK_EQ(out.modules[0].size, 0x100);
	CHECK_STR(out.modules[0].cmdline, "a b");
	CHECK_EQ(out.map_count, 1);
	CHECK_EQ(out.rsdp_size, 36);
	CHECK_EQ(memcmp(out.rsdp, "RSD PTR ", 8), 0);
}

UNIT_TEST(mb2_broken, "multiboot2: impossible sizes are refused or end the list")
{
	make_mb2();
	put32(0, 0xffffffff);
	CHECK_EQ(multiboot_parse(BOOT_MAGIC_MB2, BASE, phys, &out, &why), -22);
	make_mb2();
	put32(12, 0x10000); /* first tag larger than the whole */
	CHECK_EQ(multiboot_parse(BOOT_MAGIC_MB2, BASE, phys, &out, &why), -22);
	CHECK_STR(why, "the boot loader gave no memory map");
	CHECK_EQ(multiboot_parse(0, BASE, phys, &out, &why), -22);
	CHECK_STR(why, "not started by a multiboot or multiboot2 loader");
}
