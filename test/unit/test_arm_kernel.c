/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel files: formats that are understood, those that are refused, and where everything goes. */
#include <stdlib.h>
#include <string.h>

#include "arch/arm/boot/kernel.h"
#include "lib/errno.h"
#include "unit/harness.h"
#include "unit/random.h"

static u8 head[KERNEL_HEADER_SIZE];
static struct kernel k;
static const char *why;

static void put(unsigned int at, u64 value, unsigned int bytes)
{
	memcpy(head + at, &value, bytes);
}

static void put_be32(unsigned int at, u32 value)
{
	put(at, __builtin_bswap32(value), 4);
}

static void make_image(unsigned int at, u64 text_offset, u64 image_size)
{
	put(at, 0x91005a4d, 4);
	put(at + 8, text_offset, 8);
	put(at + 16, image_size, 8);
	put(at + 24, 0xa, 8);
	put(at + 56, 0x644d5241, 4);
}

static void make_zimage(unsigned int at, u32 start, u32 end)
{
	put(at, 0xe1a00000, 4);
	put(at + 0x24, 0x016f2818, 4);
	put(at + 0x28, start, 4);
	put(at + 0x2c, end, 4);
}

static void make_uimage(u32 size, u32 load, u32 entry, u8 arch)
{
	put_be32(0, 0x27051956);
	put_be32(12, size);
	put_be32(16, load);
	put_be32(20, entry);
	head[28] = 5;
	head[29] = arch;
	head[30] = 2;
	head[31] = 0;
}

static int parse(u64 size)
{
	why = NULL;
	return kernel_parse(head, sizeof(head), size, &k, &why);
}

static void fresh(void)
{
	memset(head, 0, sizeof(head));
}

UNIT_TEST(kernel_image, "an arm64 Image has a text offset and takes more memory than its file")
{
	fresh();
	make_image(0, 0x80000, MiB(30));
	CHECK_EQ(parse(MiB(20)), 0);
	CHECK(!k.aarch32 && !k.fixed);
	CHECK_EQ(k.offset, 0);
	CHECK_EQ(k.size, MiB(20));
	CHECK_EQ(k.memory, MiB(30));
	CHECK_EQ(k.text_offset, 0x80000);
	CHECK_EQ(k.entry, 0);
	CHECK_STR(k.format, "Image");
	/* As Linux before 3.17 wrote it. */
	make_image(0, 0, 0);
	CHECK_EQ(parse(MiB(20)), 0);
	CHECK_EQ(k.text_offset, 0x80000);
	CHECK_EQ(k.memory, MiB(20));
	/* A file as short as its header. */
	make_image(0, 0, 4096);
	CHECK_EQ(parse(64), 0);
	CHECK_EQ(parse(63), -EINVAL);
	make_image(0, BIT64(63), 4096);
	CHECK_EQ(parse(MiB(1)), -EINVAL);
	make_image(0, 0, ~0ULL);
	CHECK_EQ(parse(MiB(1)), -EINVAL);
}

UNIT_TEST(kernel_zimage, "an AArch32 zImage says how long it is")
{
	fresh();
	make_zimage(0, 0, MiB(4));
	CHECK_EQ(parse(MiB(4) + 100), 0);
	CHECK(k.aarch32 && k.high && !k.fixed);
	CHECK_EQ(k.size, MiB(4));
	CHECK_EQ(parse(MiB(4) - 1), -EINVAL);
	make_zimage(0, 0x40008000, 0x40108000);
	CHECK_EQ(parse(MiB(4)), 0);
	CHECK(k.fixed && !k.high);
	CHECK_EQ(k.load, 0x40008000);
	make_zimage(0, 5, 4);
	CHECK_EQ(parse(MiB(4)), -EINVAL);
}

UNIT_TEST(kernel_uimage, "a uImage holds an Image, a zImage or code for a fixed address")
{
	fresh();
	make_uimage(MiB(2), 0, 0, 22);
	make_image(64, 0, MiB(3));
	CHECK_EQ(parse(MiB(2) + 64), 0);
	CHECK_STR(k.format, "uImage");
	CHECK_EQ(k.offset, 64);
	CHECK_EQ(k.size, MiB(2));
	CHECK_EQ(k.memory, MiB(3));
	CHECK(!k.fixed && !k.aarch32);
	CHECK_EQ(parse(MiB(2) + 63), -EINVAL);
	/* Code without a header of its own. */
	fresh();
	make_uimage(4096, 0x40200000, 0x40200010, 22);
	CHECK_EQ(parse(5000), 0);
	CHECK(k.fixed);
	CHECK_EQ(k.load, 0x40200000);
	CHECK_EQ(k.entry, 0x10);
	make_uimage(4096, 0x40200000, 0x40201000, 22);
	CHECK_EQ(parse(5000), -EINVAL);
	make_uimage(4096, 0x40200000, 0x401fffff, 22);
	CHECK_EQ(parse(5000), -EINVAL);
	make_uimage(4096, 0x40200000, 0x40200000, 2);
	CHECK_EQ(parse(5000), 0);
	CHECK(k.aarch32);
	make_uimage(4096, 0x40200000, 0x40200000, 5);
	CHECK_EQ(parse(5000), -EINVAL);
	make_uimage(4096, 0x40200000, 0x40200000, 22);
	head[31] = 1;
	CHECK_EQ(parse(5000), -EINVAL);
	CHECK(strstr(why, "compressed"));
	head[31] = 0;
	head[30] = 3;
	CHECK_EQ(parse(5000), -EINVAL);
	make_uimage(0, 0, 0, 22);
	CHECK_EQ(parse(5000), -EINVAL);
}

UNIT_TEST(kernel_foreign, "what is no kernel is called by its name")
{
	static const struct {
		const char *bytes, *word;
	} files[] = {
		{ "\x1f\x8b\x08\x08", "gzip" },
		{ "\xfd"
		  "7zXZ\0",
			"xz" },
		{ "BZh9", "bzip2" },
		{ "\x28\xb5\x2f\xfd", "zstd" },
		{ "\x02\x21\x4c\x18", "lz4" },
		{ "\x7f"
		  "ELF",
			"ELF" },
		{ "070701", "initramfs" },
		{ "\xd0\x0d\xfe\xed", "device tree" },
		{ "hello", "no kernel" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(files); i++) {
		fresh();
		memcpy(head, files[i].bytes, i == 1 ? 6 : strlen(files[i].bytes));
		CHECK_EQ(parse(MiB(1)), -EINVAL);
		CHECK(why && strstr(why, files[i].word));
	}
	fresh();
	CHECK_EQ(parse(0), -EINVAL);
	CHECK_EQ(parse(10), -EINVAL);
	CHECK_EQ(parse(~0ULL), -EINVAL);
}

/* --- places --- */

static struct ram ram;
static struct kernel_places at;

static void banks(unsigned int count, const struct ram_bank *list)
{
	ram = (struct ram){ 0 };
	for (unsigned int i = 0; i < count; i++) {
		CHECK_EQ(ram_add(&ram, list[i].start, list[i].size), 0);
	}
}

static int place(u64 dtb, u64 initrd)
{
	why = NULL;
	return kernel_place(&k, &ram, dtb, initrd, &at, &why);
}

UNIT_TEST(kernel_place_xen, "a large guest has its kernel first and ramdisk and tree at 128 MiB")
{
	banks(1, (struct ram_bank[]){ { GiB(1), MiB(512) } });
	k = (struct kernel){ .size = MiB(20), .memory = MiB(30), .text_offset = 0x80000 };
	CHECK_EQ(place(KiB(64), MiB(40)), 0);
	CHECK_EQ(at.kernel, GiB(1) + 0x80000);
	CHECK_EQ(at.entry, at.kernel);
	CHECK_EQ(at.dtb, GiB(1) + MiB(128));
	CHECK_EQ(at.initrd, GiB(1) + MiB(130));
	CHECK_EQ(place(KiB(64), 0), 0);
	CHECK_EQ(at.initrd, 0);
}

UNIT_TEST(kernel_place_small, "in little memory they go to its end, or before the kernel")
{
	banks(1, (struct ram_bank[]){ { GiB(1), MiB(64) } });
	k = (struct kernel){ .size = MiB(20), .memory = MiB(30) };
	CHECK_EQ(place(KiB(64), MiB(20)), 0);
	CHECK_EQ(at.dtb, GiB(1) + MiB(64) - MiB(22));
	CHECK_EQ(place(KiB(64), MiB(40)), -ENOMEM);
	CHECK(why);
	/* One MiB: pages instead of blocks. */
	banks(1, (struct ram_bank[]){ { GiB(1), MiB(1) } });
	k = (struct kernel){ .size = KiB(16), .memory = KiB(64) };
	CHECK_EQ(place(KiB(32), 0), 0);
	CHECK_EQ(at.dtb, GiB(1) + MiB(1) - KiB(32));
	/* A zImage at the end has them before it. */
	banks(1, (struct ram_bank[]){ { GiB(1), MiB(64) } });
	k = (struct kernel){ .size = MiB(4), .memory = MiB(4), .high = true, .aarch32 = true };
	CHECK_EQ(place(KiB(32), MiB(8)), 0);
	CHECK_EQ(at.kernel, GiB(1) + MiB(60));
	CHECK_EQ(at.dtb, GiB(1) + MiB(50));
	/* A larger bank is used when the first is too small. */
	banks(2, (struct ram_bank[]){ { MiB(2), MiB(4) }, { GiB(1), MiB(256) } });
	k = (struct kernel){ .size = MiB(20), .memory = MiB(30) };
	CHECK_EQ(place(KiB(64), MiB(40)), 0);
	CHECK_EQ(at.kernel, GiB(1));
}

UNIT_TEST(kernel_place_fixed, "a fixed kernel goes to its address or nowhere")
{
	banks(1, (struct ram_bank[]){ { GiB(1), MiB(64) } });
	k = (struct kernel){
		.size = MiB(1), .memory = MiB(1), .fixed = true, .load = GiB(1) + MiB(3), .entry = 8
	};
	CHECK_EQ(place(KiB(64), 0), 0);
	CHECK_EQ(at.kernel, GiB(1) + MiB(3));
	CHECK_EQ(at.entry, GiB(1) + MiB(3) + 8);
	k.load = GiB(1) - 1;
	CHECK_EQ(place(KiB(64), 0), -ENOMEM);
	k.load = GiB(1) + MiB(64) - MiB(1) + 1;
	CHECK_EQ(place(KiB(64), 0), -ENOMEM);
	k.load = ~0ULL - 5;
	CHECK_EQ(place(KiB(64), 0), -ENOMEM);
}

static bool inside(u64 start, u64 size)
{
	for (unsigned int i = 0; i < ram.count; i++) {
		const struct ram_bank *b = &ram.banks[i];

		if (start >= b->start && size <= b->size && start - b->start <= b->size - size) {
			return true;
		}
	}
	return false;
}

static bool apart(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a + a_size <= b || b + b_size <= a;
}

UNIT_TEST(kernel_place_random, "whatever is placed lies in RAM and apart from the rest")
{
	unsigned int placed = 0;
	u64 seed = 1;

	for (unsigned int i = 0; i < 20000; i++) {
		u64 dtb = random_below(&seed, MiB(3)) + 1;
		u64 initrd = random_below(&seed, 3) ? random_below(&seed, MiB(80)) + 1 : 0;
		u64 start = MiB(1) * random_below(&seed, 5000);

		ram = (struct ram){ 0 };
		for (unsigned int b = 0; b < 3; b++) {
			u64 size = KiB(4) * (random_below(&seed, 60000) + 1);

			CHECK_EQ(ram_add(&ram, start, size), 0);
			start += size + KiB(4) * random_below(&seed, 1000);
		}
		k = (struct kernel){ .memory = random_below(&seed, MiB(60)) + 1,
			.text_offset = random_below(&seed, 3) * 0x80000,
			.high = random_below(&seed, 4) == 0 };
		k.size = k.memory;
		if (place(dtb, initrd) != 0) {
			continue;
		}
		placed++;
		CHECK(inside(at.kernel, k.memory));
		CHECK(inside(at.dtb, dtb));
		CHECK(apart(at.kernel, k.memory, at.dtb, dtb));
		CHECK(IS_ALIGNED(at.dtb, 8));
		if (initrd) {
			CHECK(inside(at.initrd, initrd));
			CHECK(apart(at.kernel, k.memory, at.initrd, initrd));
			CHECK(apart(at.dtb, dtb, at.initrd, initrd));
		}
	}
	CHECK(placed > 10000);
}
