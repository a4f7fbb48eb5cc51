/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The register maps of the virtual GIC: what each offset shows and takes at each width, and that
 * everything else reads as zero and takes nothing.
 */
#include "unit/harness.h"
#include "unit/random.h"
#include "unit/vgic_machine.h"

const struct unit *const units[] = { &sched_unit, &bus_unit, &model_unit, &vgic_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

__attribute__((constructor)) static void boot(void)
{
	host_boot(MODEL_CPUS, MiB(64));
}

#define SPIS 64

static struct domain *d;
static struct vcpu *v0, *v1;

static void begin(bool v3)
{
	model.v3 = v3;
	model.lr_count = 4;
	d = model_domain(3, SPIS);
	v0 = d->vcpus[0];
	v1 = d->vcpus[1];
	model_start(d);
}

static u64 read_at(struct vcpu *v, u64 addr, u8 size)
{
	u64 value = 0x5a5a5a5a5a5a5a5a;

	CHECK_EQ(model_try(v, addr, size, false, &value), 0);
	return value;
}

static void write_at(struct vcpu *v, u64 addr, u8 size, u64 value)
{
	CHECK_EQ(model_try(v, addr, size, true, &value), 0);
}

/* A register by its first offset: bits that a guest can change, and those that are always 1. Ranges
 * repeat each `step` bytes. */
struct range {
	u32 start, end, step;
	u32 writable, ones;
	u8 widths; /* bit n: 1 << n bytes */
};

#define W 4U
#define B 7U

static const struct range v2_dist[] = {
	{ 0x000, 0x004, 4, 1, 0, W },
	{ 0x004, 0x008, 4, 0, 0x42, W },
	{ 0x008, 0x00c, 4, 0, 0x4200043b, W },
	{ 0x100, 0x10c, 4, ~0U, 0, W }, /* ISENABLER: set, ICENABLER: cleared, below */
	{ 0x400, 0x460, 4, 0xf8f8f8f8, 0, B },
	{ 0x800, 0x820, 4, 0, 0x01010101, B },
	{ 0x820, 0x860, 4, 0x07070707, 0, B },
	{ 0xc00, 0xc04, 4, 0, 0xaaaaaaaa, W },
	{ 0xc04, 0xc18, 4, 0xaaaaaaaa, 0, W },
	{ 0xfd0, 0xfd4, 4, 0, 0x04, W },
	{ 0xfe0, 0xfe4, 4, 0, 0x90, W },
	{ 0xfe4, 0xfe8, 4, 0, 0xb4, W },
	{ 0xfe8, 0xfec, 4, 0, 0x2b, W },
	{ 0xff0, 0xff4, 4, 0, 0x0d, W },
	{ 0xff4, 0xff8, 4, 0, 0xf0, W },
	{ 0xff8, 0xffc, 4, 0, 0x05, W },
	{ 0xffc, 0x1000, 4, 0, 0xb1, W },
};

static const struct range v3_dist[] = {
	{ 0x0000, 0x0004, 4, 3, 0x50, W },
	{ 0x0004, 0x0008, 4, 0, 0x02480002, W },
	{ 0x0008, 0x000c, 4, 0, 0x4200043b, W },
	{ 0x0084, 0x008c, 4, ~0U, 0, W },
	{ 0x0104, 0x010c, 4, ~0U, 0, W },
	{ 0x0420, 0x0460, 4, 0xf8f8f8f8, 0, B },
	{ 0x0c08, 0x0c18, 4, 0xaaaaaaaa, 0, W },
	{ 0x6100, 0x6300, 8, 0x00ffffff, 0, W | 8 },
	{ 0x6104, 0x6300, 8, 0xff, 0, W },
	{ 0xffd0, 0xffd4, 4, 0, 0x04, W },
	{ 0xffe0, 0xffe4, 4, 0, 0x90, W },
	{ 0xffe4, 0xffe8, 4, 0, 0xb4, W },
	{ 0xffe8, 0xffec, 4, 0, 0x3b, W },
	{ 0xfff0, 0xfff4, 4, 0, 0x0d, W },
	{ 0xfff4, 0xfff8, 4, 0, 0xf0, W },
	{ 0xfff8, 0xfffc, 4, 0, 0x05, W },
	{ 0xfffc, 0x10000, 4, 0, 0xb1, W },
};

/* vCPU 2's frames: it is the last. */
static const struct range v3_redist[] = {
	{ 0x0004, 0x0008, 4, 0, 0x4200043b, W },
	{ 0x0008, 0x000c, 4, 0, 0x210, W | 8 },
	{ 0x000c, 0x0010, 4, 0, 2, W },
	{ 0xffd0, 0xffd4, 4, 0, 0x04, W },
	{ 0xffe0, 0xffe4, 4, 0, 0x90, W },
	{ 0xffe4, 0xffe8, 4, 0, 0xb4, W },
	{ 0xffe8, 0xffec, 4, 0, 0x3b, W },
	{ 0xfff0, 0xfff4, 4, 0, 0x0d, W },
	{ 0xfff4, 0xfff8, 4, 0, 0xf0, W },
	{ 0xfff8, 0xfffc, 4, 0, 0x05, W },
	{ 0xfffc, 0x10000, 4, 0, 0xb1, W },
	{ 0x10080, 0x10084, 4, ~0U, 0, W },
	{ 0x10100, 0x10104, 4, ~0U, 0, W },
	{ 0x10400, 0x10420, 4, 0xf8f8f8f8, 0, B },
	{ 0x10c00, 0x10c04, 4, 0, 0xaaaaaaaa, W },
	{ 0x10c04, 0x10c08, 4, 0xaaaaaaaa, 0, W },
};

static const struct range *find(const struct range *r, size_t count, u32 offset)
{
	for (size_t i = 0; i < count; i++) {
		if (offset >= r[i].start && offset < r[i].end &&
			(offset - r[i].start) % r[i].step < 4) {
			return &r[i];
		}
	}
	return NULL;
}

/* Registers that set or clear one and the same thing, and those that have effects. */
static bool is_special(u64 base, u32 offset)
{
	u32 o = offset & 0xffff;

	if (base == MODEL_REDIST && offset < 0x10000) {
		return false;
	}
	return (o >= 0x100 && o < 0x400) || (!model.v3 && o >= 0xf00 && o < 0xf30);
}

static void check_word(const struct range *r, u64 addr, u32 offset)
{
	u64 ones = r->ones, kept;

	write_at(d->vcpus[2], addr, 4, 0);
	if (model.v3 || offset < 0x800 || offset >= 0x820) {
		CHECK_EQ(read_at(d->vcpus[2], addr, 4), ones);
	}
	kept = read_at(d->vcpus[2], addr, 4);
	write_at(d->vcpus[2], addr, 4, ~0U);
	CHECK_EQ(read_at(d->vcpus[2], addr, 4), kept | r->writable);
}

/* Widths that a register does not have read as zero and change nothing. */
static void check_widths(const struct range *r, u64 addr)
{
	for (u8 log = 0; log < 4; log++) {
		u8 size = (u8)(1U << log);
		u64 word, value;

		if ((r->widths & BIT32(log)) != 0 || addr % size != 0) {
			continue;
		}
		word = read_at(d->vcpus[2], addr, 4);
		value = read_at(d->vcpus[2], addr, size);
		CHECK_EQ(value, 0);
		write_at(d->vcpus[2], addr, size, 0);
		CHECK_EQ(read_at(d->vcpus[2], addr, 4), word);
	}
}

static void check_bytes(const struct range *r, u64 addr)
{
	struct vcpu *v = d->vcpus[2];

	for (u32 i = 0; i < 4; i++) {
		u64 word = read_at(v, addr, 4);

		CHECK_EQ(read_at(v, addr + i, 1), word >> 8 * i & 0xff);
		write_at(v, addr + i, 1, 0x02);
		word = (word & ~((u64)(r->writable) & 0xffULL << 8 * i)) |
		       ((r->writable >> 8 * i & 0x02ULL) << 8 * i);
		CHECK_EQ(read_at(v, addr, 4), word);
	}
	CHECK_EQ(read_at(v, addr + 2, 2), read_at(v, addr, 4) >> 16);
}

static void check_nothing(u64 addr)
{
	for (u8 log = 0; log < 4; log++) {
		u8 size = (u8)(1U << log);

		if (addr % size == 0) {
			write_at(d->vcpus[2], addr, size, ~0ULL);
			CHECK_EQ(read_at(d->vcpus[2], addr, size), 0);
		}
	}
}

static void check_frame(u64 base, u32 size, const struct range *ranges, size_t count)
{
	for (u32 offset = 0; offset < size; offset += 4) {
		const struct range *r = find(ranges, count, offset);

		if (is_special(base, offset)) {
			continue;
		}
		if (!r) {
			/* A double word may hold a register in its other half. */
			if (!find(ranges, count, offset + 4)) {
				check_nothing(base + offset);
			}
			continue;
		}
		check_word(r, base + offset, offset);
		check_widths(r, base + offset);
		if (r->widths == B) {
			check_bytes(r, base + offset);
		}
	}
	model_settle_all(d);
}

UNIT_TEST(map_v2, "GICv2: every offset of the distributor at every width")
{
	static const struct range targets[] = { { 0x800, 0x820, 4, 0, 0x04040404, B } };

	begin(false);
	check_frame(MODEL_DIST, 0x800, v2_dist, ARRAY_SIZE(v2_dist));
	for (u32 i = 0x800; i < 0x820; i += 4) {
		CHECK_EQ(read_at(d->vcpus[2], MODEL_DIST + i, 4), targets[0].ones);
		CHECK_EQ(read_at(v0, MODEL_DIST + i, 4), 0x01010101);
		CHECK_EQ(read_at(v0, MODEL_DIST + i + 1, 1), 1);
	}
	check_frame(MODEL_DIST + 0x820, 0xc00 - 0x820,
		(const struct range[]){ { 0, 0x40, 4, 0x07070707, 0, B } }, 1);
	for (u32 i = 0xc00; i < 0x1000; i += 4) {
		const struct range *r = find(v2_dist, ARRAY_SIZE(v2_dist), i);

		if (r && !is_special(MODEL_DIST, i)) {
			check_word(r, MODEL_DIST + i, i);
			check_widths(r, MODEL_DIST + i);
		} else if (!is_special(MODEL_DIST, i) && i < 0xfd0) {
			check_nothing(MODEL_DIST + i);
		}
	}
	model_end(d);
}

UNIT_TEST(map_v3_dist, "GICv3: every offset of the distributor at every width")
{
	begin(true);
	check_frame(MODEL_DIST, 0x10000, v3_dist, ARRAY_SIZE(v3_dist));
	model_end(d);
}

UNIT_TEST(map_v3_redist, "GICv3: every offset of a redistributor at every width")
{
	begin(true);
	check_frame(MODEL_REDIST + 2 * 0x20000, 0x20000, v3_redist, ARRAY_SIZE(v3_redist));
	CHECK_EQ(read_at(v0, MODEL_REDIST + 2 * 0x20000 + 8, 8), 2ULL << 32 | 0x210);
	CHECK_EQ(read_at(v0, MODEL_REDIST + 0x20000 + 8, 8), 1ULL << 32 | 0x100);
	CHECK_EQ(read_at(v0, MODEL_REDIST + 3 * 0x20000 + 8, 8), 0); /* no such vCPU */
	CHECK_EQ(read_at(v0, MODEL_REDIST + 0xfffff8, 8), 0);
	model_end(d);
}

/* Set and clear, for all INTIDs that the frame has. */
static void check_pair(struct vcpu *v, u64 base, u32 set, u32 clear, u32 first, u32 end, u32 fixed)
{
	for (u32 intid = first; intid < end; intid += 32) {
		u64 s = base + set + intid / 8, c = base + clear + intid / 8;
		u32 can = intid == 0 ? ~fixed : ~0U;

		model_write(v, s, 0x80000001);
		CHECK_EQ(model_read(v, s), 0x80000001 & can);
		model_write(v, s, 0x00ff0010);
		CHECK_EQ(model_read(v, c), 0x80ff0011 & can);
		model_write(v, c, 0x80f00000);
		CHECK_EQ(model_read(v, s), 0x000f0011 & can);
		CHECK_EQ(read_at(v, s, 2), 0);
		write_at(v, c, 1, 0xff);
		model_write(v, c, ~0U);
		CHECK_EQ(model_read(v, s), 0);
		model_settle_all(d);
	}
	for (u32 o = end / 8; o < 0x80; o += 4) {
		check_nothing(base + set + o);
		check_nothing(base + clear + o);
	}
}

UNIT_TEST(pairs, "registers that set and clear: enable, pending, active; only for what exists")
{
	for (int version = 2; version <= 3; version++) {
		u32 first = version == 3 ? 32 : 0;

		begin(version == 3);
		check_pair(v0, MODEL_DIST, 0x100, 0x180, first, 96, 0);
		check_pair(v0, MODEL_DIST, 0x200, 0x280, first, 96, 0xffff);
		check_pair(v0, MODEL_DIST, 0x300, 0x380, first, 96, 0);
		if (version == 3) {
			check_nothing(MODEL_DIST + 0x100);
			check_nothing(MODEL_DIST + 0x200);
			check_pair(v0, MODEL_SGI_FRAME(1), 0x100, 0x180, 0, 32, 0);
			check_pair(v0, MODEL_SGI_FRAME(1), 0x200, 0x280, 0, 32, 0);
			check_pair(v0, MODEL_SGI_FRAME(1), 0x300, 0x380, 0, 32, 0);
		}
		model_end(d);
	}
}

UNIT_TEST(banked, "private registers are each vCPU's own, the others are shared")
{
	begin(false);
	model_write(v0, MODEL_DIST + 0x100, 0x100);
	model_write(v0, MODEL_DIST + 0x104, 0x200);
	CHECK_EQ(model_read(v1, MODEL_DIST + 0x100), 0);
	CHECK_EQ(model_read(v1, MODEL_DIST + 0x104), 0x200);
	model_end(d);
	begin(true);
	model_write(v0, MODEL_SGI_FRAME(1) + 0x100, 0x100);
	CHECK_EQ(model_read(v1, MODEL_SGI_FRAME(1) + 0x100), 0x100);
	CHECK_EQ(model_read(v1, MODEL_SGI_FRAME(0) + 0x100), 0);
	model_end(d);
}

UNIT_TEST(sgi_pending, "GICv2: the senders of a pending SGI can be read, set and cleared")
{
	begin(false);
	model_write(v0, MODEL_DIST + 0xf24, 0x01000702); /* SGIs 4 … 7 */
	CHECK_EQ(model_read(v0, MODEL_DIST + 0xf14), 0x01000702);
	CHECK_EQ(model_read(v0, MODEL_DIST + 0x200), 0xb0);
	model_access(v0, MODEL_DIST + 0xf15, 1, true, 0x05);
	CHECK_EQ(model_access(v0, MODEL_DIST + 0xf25, 1, false, 0), 0x02);
	CHECK_EQ(model_read(v1, MODEL_DIST + 0xf24), 0);
	model_write(v0, MODEL_DIST + 0x100, 0xffff);
	model_settle_all(d); /* in list registers */
	CHECK_EQ(model_read(v0, MODEL_DIST + 0xf14), 0x01000202);
	model_settle_all(d);
	model_write(v0, MODEL_DIST + 0xf14, ~0U);
	model_settle_all(d);
	CHECK_EQ(model_ack(v0), MODEL_NONE);
	CHECK_EQ(read_at(v0, MODEL_DIST + 0xf00, 4), 0);
	check_nothing(MODEL_DIST + 0xf30);
	model_end(d);
}

UNIT_TEST(special_intids, "a full distributor has no interrupts 1020 to 1023, which TYPER counts")
{
	model.v3 = true;
	model.lr_count = 4;
	d = model_domain(3, 992);
	v0 = d->vcpus[0];
	model_start(d);
	CHECK_EQ(model_read(v0, MODEL_DIST + 4) & 31, 31);
	model_write(v0, MODEL_DIST + 0x17c, ~0U);
	CHECK_EQ(model_read(v0, MODEL_DIST + 0x17c), 0x0fffffff);
	check_nothing(MODEL_DIST + 0x7fe0);
	vgic_pulse(d, NULL, 1020);
	model_end(d);
}

UNIT_TEST(forwarded, "what a guest says of an interrupt of the host reaches the host once")
{
	begin(true);
	model_write(v0, MODEL_DIST + 0x104, BIT32(8));
	CHECK(model_host[40].enabled);
	model_host[40].enabled = false; /* a second time nothing is said */
	model_write(v0, MODEL_DIST + 0x104, BIT32(8));
	CHECK(!model_host[40].enabled);
	model_write(v0, MODEL_DIST + 0x184, BIT32(8));
	model_write(v0, MODEL_DIST + 0xc08, 2U << 16);
	CHECK(model_host[40].edge);
	model_access(v0, MODEL_DIST + 0x6000 + 40 * 8, 8, true, 2);
	CHECK(model_host[40].target == d->vcpus[2]);
	CHECK(!model_host[20].enabled);
	model_write(v0, MODEL_SGI_FRAME(0) + 0x100, BIT32(20));
	CHECK(!model_host[20].enabled); /* not an SPI */
	model_end(d);
}

UNIT_TEST(unaligned, "accesses that are not aligned read as zero and take nothing")
{
	begin(true);
	model_write(v0, MODEL_DIST + 0x104, 0xff);
	CHECK_EQ(read_at(v0, MODEL_DIST + 0x102, 4), 0);
	CHECK_EQ(read_at(v0, MODEL_DIST + 0x6104, 8), 0);
	write_at(v0, MODEL_DIST + 0x186, 4, ~0U);
	CHECK_EQ(read_at(v0, MODEL_DIST + 0x104, 4), 0xff);
	CHECK_EQ(read_at(v0, MODEL_SGI_FRAME(0) + 0x102, 4), 0);
	model_end(d);
}
