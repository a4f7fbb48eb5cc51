/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest memory: references, the order of taking apart, copies, registered pages, the end. */
#include <stdlib.h>
#include <string.h>

#include "arch/contract/paging.h"
#include "arch/host/host.h"
#include "arch/x86/s2_npt.h"
#include "core/domain.h"
#include "core/unit.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/heap.h"
#include "mm/inject.h"
#include "mm/iommu_map.h"
#include "unit/harness.h"

const struct unit *const units[] = { &guest_unit };
const unsigned int unit_count = 1;

/* --- an IOMMU: one mfn for each gfn of a small domain, and what its devices may still see --- */

#define GFNS 8192

static u64 io_now[GFNS], io_cached[GFNS];
static u64 io_flushes, io_errors;
static int io_refuse;

int iommu_map(struct domain *d, gfn_t gfn, mfn_t mfn, u64 count, bool write)
{
	for (u64 i = 0; i < count; i++) {
		io_errors += io_now[gfn.v + i] != 0;
		if (io_refuse && i == count / 2) {
			return -ENOMEM;
		}
		io_now[gfn.v + i] = mfn.v + i;
		io_cached[gfn.v + i] = mfn.v + i;
	}
	return 0;
}

int iommu_unmap(struct domain *d, gfn_t gfn, u64 count)
{
	for (u64 i = gfn.v; i < MIN(gfn.v + count, (u64)GFNS); i++) {
		io_now[i] = 0;
	}
	return 0;
}

void iommu_flush(struct domain *d)
{
	io_flushes++;
	/* What it forgets must not be free yet. */
	for (u64 i = 0; i < GFNS; i++) {
		struct frame *f = frame_of(MFN(io_cached[i]));

		io_errors += io_cached[i] != 0 && (!f || f->state == FRAME_FREE);
		io_cached[i] = io_now[i];
	}
}

static struct domain d, other;
static struct vcpu v = { .domain = &d };
static u64 free_before;

static void setup(bool iommu)
{
	static bool done;

	if (!done) {
		host_boot(1, MiB(512));
		host_s2_fmt = &s2_npt;
		/* The heap's first chunk stays. */
		heap_free(&pool_system, heap_alloc(&pool_system, 64));
	}
	done = true;
	memset(&d, 0, sizeof(d));
	memset(io_now, 0, sizeof(io_now));
	memset(io_cached, 0, sizeof(io_cached));
	d.id = 4;
	other.id = 5;
	d.iommu = iommu ? (void *)&d : NULL;
	io_errors = io_flushes = 0;
	free_before = frame_free_count();
	pool_init(&d.pool, "test", 1000);
	CHECK_EQ(guest_unit.domain_create(&d, NULL), 0);
}

static void teardown(void)
{
	unsigned int steps = 0;

	d.dying = true;
	while (guest_unit.domain_relinquish(&d) == -ERESTART) {
		CHECK(++steps < 100000);
	}
	CHECK_EQ(d.page_count, 0);
	guest_unit.domain_destroy(&d);
	CHECK_EQ(d.pool.used, 0);
	CHECK(d.s2 == NULL);
	heap_trim();
	CHECK_EQ(frame_free_count(), free_before);
	CHECK_EQ(io_errors, 0);
	CHECK_EQ(host_windows, 0);
}

static mfn_t ram_at(u64 gfn, unsigned int order)
{
	mfn_t mfn = frame_alloc(order, FRAME_ANY, FRAME_GUEST, d.id);

	CHECK_EQ(guest_map_ram(&d, GFN(gfn), mfn, BIT64(order)), 0);
	return mfn;
}

static u32 refs_of(mfn_t mfn)
{
	return frame_of(mfn)->refs;
}

UNIT_TEST(guest_ram, "RAM is counted, and freed when it is unmapped, after a flush")
{
	u64 flushes;
	mfn_t m;

	setup(false);
	m = ram_at(512, ORDER_2M);
	CHECK_EQ(d.page_count, 512);
	CHECK_EQ(guest_lookup(&d, GFN(700)).mfn.v, m.v + 188);
	CHECK_EQ(refs_of(m), 1);
	flushes = host_s2_flushes;
	CHECK_EQ(guest_unmap(&d, GFN(600), 10), 0);
	CHECK(host_s2_flushes > flushes);
	CHECK_EQ(d.page_count, 502);
	CHECK_EQ(frame_of(MFN(m.v + 88))->state, FRAME_FREE);
	CHECK_EQ(frame_of(MFN(m.v + 87))->state, FRAME_GUEST);
	CHECK_EQ(guest_unmap(&d, GFN(0), ~0ULL), 0);
	CHECK_EQ(d.page_count, 0);
	CHECK_EQ(guest_unmap(&d, GFN(~0ULL), ~0ULL), 0);
	teardown();
}

UNIT_TEST(guest_replace, "what stood where something is mapped is dropped")
{
	mfn_t m;
	void *page;

	setup(false);
	m = ram_at(7, ORDER_4K);
	page = heap_pages_alloc(&d.pool, 0);
	CHECK_EQ(guest_map_shared(&d, GFN(7), heap_va_to_mfn(page)), 0);
	CHECK_EQ(d.page_count, 0);
	CHECK_EQ(frame_of(m)->state, FRAME_FREE);
	CHECK_EQ(guest_lookup(&d, GFN(7)).type, S2_SHARED);
	CHECK_EQ(guest_map_mmio(&d, GFN(7), MFN(0xfee00), 1, false), 0);
	CHECK_EQ(guest_lookup(&d, GFN(7)).type, S2_MMIO_RO);
	heap_pages_free(&d.pool, page, 0);
	teardown();
}

UNIT_TEST(guest_foreign, "a foreign mapping keeps the other's frame, a grant mapping does not")
{
	mfn_t m;

	setup(false);
	m = frame_alloc(ORDER_4K, FRAME_ANY, FRAME_GUEST, other.id);
	CHECK(frame_get(m, &other));
	CHECK_EQ(guest_map_foreign(&d, GFN(9), m, S2_FOREIGN), 0);
	CHECK_EQ(d.page_count, 0);
	CHECK_EQ(refs_of(m), 2);
	CHECK(!guest_get_ram(&d, GFN(9), false, &m));
	CHECK_EQ(guest_unmap(&d, GFN(9), 1), 0);
	CHECK_EQ(refs_of(m), 1);
	CHECK_EQ(guest_map_foreign(&d, GFN(9), m, S2_GRANT_RO), 0);
	CHECK_EQ(guest_write_phys(&d, GPA(0x9000), "x", 1), -EFAULT);
	CHECK_EQ(guest_unmap(&d, GFN(9), 1), 0);
	CHECK_EQ(refs_of(m), 1);
	frame_put(m);
	teardown();
}

UNIT_TEST(guest_get, "guest_get_ram() gives a reference to the domain's own RAM only")
{
	mfn_t m, got;

	setup(false);
	m = ram_at(3, ORDER_4K);
	CHECK(guest_get_ram(&d, GFN(3), true, &got));
	CHECK_EQ(got.v, m.v);
	CHECK_EQ(guest_unmap(&d, GFN(3), 1), 0);
	CHECK_EQ(refs_of(m), 1);
	CHECK_EQ(frame_of(m)->state, FRAME_GUEST);
	frame_put(m);
	CHECK_EQ(frame_of(m)->state, FRAME_FREE);
	CHECK(!guest_get_ram(&d, GFN(3), false, &got));
	CHECK(!guest_get_ram(&d, GFN_INVALID, false, &got));
	m = ram_at(3, ORDER_4K);
	CHECK_EQ(s2_change(d.s2, GFN(3), 1, S2_RAM, S2_RAM_RO), 0);
	CHECK(!guest_get_ram(&d, GFN(3), true, &got));
	CHECK(guest_get_ram(&d, GFN(3), false, &got));
	frame_put(got);
	CHECK_EQ(guest_map_mmio(&d, GFN(5), MFN(0xfee00), 1, true), 0);
	CHECK(!guest_get_ram(&d, GFN(5), false, &got));
	teardown();
}

UNIT_TEST(guest_copies, "copies cross pages, stop at holes, and write nothing that is read-only")
{
	static u8 in[20000], out[20000];

	setup(false);
	for (u64 g = 10; g < 15; g++) {
		ram_at(g, ORDER_4K);
	}
	for (unsigned int i = 0; i < sizeof(in); i++) {
		in[i] = (u8)rand();
	}
	CHECK_EQ(guest_write_phys(&d, GPA(0xa123), in, 15000), 0);
	CHECK_EQ(guest_read_phys(&d, GPA(0xa123), out, 15000), 0);
	CHECK_EQ(memcmp(in, out, 15000), 0);
	CHECK_EQ(guest_read_phys(&d, GPA(0xa123 + 4096), out, 100), 0);
	CHECK_EQ(memcmp(in + 4096, out, 100), 0);
	CHECK_EQ(guest_read_phys(&d, GPA(0xa500), out, 20000), -EFAULT);
	CHECK_EQ(guest_read_phys(&d, GPA(0xefff), out, 2), -EFAULT);
	CHECK_EQ(guest_read_phys(&d, GPA(0xefff), out, 1), 0);
	CHECK_EQ(guest_read_phys(&d, GPA(0), out, 0), 0);
	CHECK_EQ(guest_read_phys(&d, GPA(~0ULL), out, 2), -EFAULT);
	CHECK_EQ(guest_read_phys(&d, GPA(~0ULL), out, 1), -EFAULT);
	CHECK_EQ(s2_change(d.s2, GFN(11), 1, S2_RAM, S2_RAM_RO), 0);
	CHECK_EQ(guest_write_phys(&d, GPA(0xafff), "ab", 2), -EFAULT);
	CHECK_EQ(guest_read_phys(&d, GPA(0xafff), out, 2), 0);
	CHECK_EQ(out[0], 'a');
	CHECK_EQ(out[1], in[0xb000 - 0xa123]);
	CHECK_EQ(guest_map_mmio(&d, GFN(12), MFN(0xfee00), 1, true), 0);
	CHECK_EQ(guest_read_phys(&d, GPA(0xc000), out, 1), -EFAULT);
	CHECK_EQ(guest_write_phys(&d, GPA(0xc000), out, 1), -EFAULT);
	teardown();
}

UNIT_TEST(guest_copy_shared, "hypervisor pages that the guest sees can be copied from and to")
{
	u8 *page, c = 0;

	setup(false);
	page = heap_pages_alloc(&d.pool, 0);
	CHECK_EQ(guest_map_shared(&d, GFN(7), heap_va_to_mfn(page)), 0);
	page[5] = 42;
	CHECK_EQ(guest_read_phys(&d, GPA(0x7005), &c, 1), 0);
	CHECK_EQ(c, 42);
	CHECK_EQ(guest_write_phys(&d, GPA(0x7006), &c, 1), 0);
	CHECK_EQ(page[6], 42);
	CHECK_EQ(guest_unmap(&d, GFN(7), 1), 0);
	heap_pages_free(&d.pool, page, 0);
	teardown();
}

/* Linear pages 0x100 and up lie in reverse; 0x104 is missing; 0x103 is read-only. */
static int translate(struct vcpu *vcpu, u64 linear, bool write, gpa_t *gpa)
{
	u64 page = linear / PAGE_SIZE;

	if (page < 0x100 || page >= 0x104 || (write && page == 0x103)) {
		return -EFAULT;
	}
	*gpa = GPA((13 - (page - 0x100)) * PAGE_SIZE + linear % PAGE_SIZE);
	return 0;
}

UNIT_TEST(guest_linear, "linear copies translate each page and fault where the tables do")
{
	u8 in[9000], out[9000];

	setup(false);
	host_guest_translate = translate;
	for (u64 g = 10; g < 14; g++) {
		ram_at(g, ORDER_4K);
	}
	for (unsigned int i = 0; i < sizeof(in); i++) {
		in[i] = (u8)rand();
	}
	CHECK_EQ(guest_write(&v, 0x100321, in, 9000), 0);
	CHECK_EQ(guest_read(&v, 0x100321, out, 9000), 0);
	CHECK_EQ(memcmp(in, out, 9000), 0);
	CHECK_EQ(guest_read_phys(&d, GPA(0xd321), out, 10), 0);
	CHECK_EQ(memcmp(in, out, 10), 0);
	CHECK_EQ(guest_write(&v, 0x102fff, in, 2), -EFAULT);
	CHECK_EQ(guest_read(&v, 0x103fff, out, 1), 0);
	CHECK_EQ(guest_read(&v, 0x103fff, out, 2), -EFAULT);
	CHECK_EQ(guest_read(&v, ~0ULL, out, 2), -EFAULT);
	host_guest_translate = NULL;
	teardown();
}

UNIT_TEST(guest_shared_page, "a registered page stays though the guest gives it away")
{
	struct shared_page p = { 0 };
	u32 word = 0x12345678;
	mfn_t m;

	setup(false);
	m = ram_at(20, ORDER_4K);
	CHECK_EQ(guest_write_phys(&d, GPA(0x14ffc), &word, 4), 0);
	CHECK_EQ(shared_page_map(&d, GPA(0x14ffc), 8, &p), -EINVAL);
	CHECK_EQ(shared_page_map(&d, GPA(0x14ffc), 0, &p), -EINVAL);
	CHECK_EQ(shared_page_map(&d, GPA(0x15000), 8, &p), -EINVAL);
	CHECK_EQ(shared_page_map(&d, GPA(0x14ffc), 4, &p), 0);
	CHECK_EQ(*(u32 *)p.va, word);
	CHECK_EQ(refs_of(m), 2);
	CHECK_EQ(guest_unmap(&d, GFN(20), 1), 0);
	CHECK_EQ(refs_of(m), 1);
	CHECK_EQ(frame_of(m)->state, FRAME_GUEST);
	CHECK_EQ(*(u32 *)p.va, word);
	shared_page_unmap(&p);
	CHECK(p.va == NULL);
	CHECK_EQ(frame_of(m)->state, FRAME_FREE);
	shared_page_unmap(&p);
	m = ram_at(20, ORDER_4K);
	host_map_budget = 0;
	CHECK_EQ(shared_page_map(&d, GPA(0x14000), 4, &p), -ENOMEM);
	host_map_budget = ~0ULL;
	CHECK_EQ(refs_of(m), 1);
	teardown();
}

UNIT_TEST(
	guest_iommu, "devices follow every change, one flush for a bulk mapping, and forget first")
{
	mfn_t m;
	u64 flushes;

	setup(true);
	m = frame_alloc(ORDER_2M, FRAME_ANY, FRAME_GUEST, d.id);
	CHECK_EQ(guest_map_ram(&d, GFN(1000), m, 512), 0);
	CHECK_EQ(io_flushes, 1);
	CHECK_EQ(io_now[1511], m.v + 511);
	CHECK_EQ(guest_map_mmio(&d, GFN(1200), MFN(0xfee00), 1, true), 0);
	CHECK_EQ(io_now[1200], 0);
	flushes = io_flushes;
	CHECK_EQ(guest_unmap(&d, GFN(1300), 100), 0);
	CHECK_EQ(io_cached[1350], 0);
	CHECK(io_flushes > flushes);
	ram_at(1350, ORDER_4K);
	teardown();
	for (u64 i = 0; i < GFNS; i++) {
		CHECK_EQ(io_cached[i], 0);
	}
}

UNIT_TEST(guest_iommu_oom, "a mapping that the IOMMU refuses leaves the frames with the caller")
{
	mfn_t m;

	setup(true);
	io_refuse = 1;
	m = frame_alloc(ORDER_2M, FRAME_ANY, FRAME_GUEST, d.id);
	CHECK_EQ(guest_map_ram(&d, GFN(1000), m, 512), -ENOMEM);
	io_refuse = 0;
	CHECK_EQ(guest_lookup(&d, GFN(1000)).type, S2_NONE);
	CHECK_EQ(io_cached[1000], 0);
	CHECK_EQ(d.page_count, 0);
	CHECK_EQ(refs_of(m), 1);
	CHECK_EQ(refs_of(MFN(m.v + 300)), 1);
	frame_free(m, 512);
	teardown();
}

static unsigned int refuse_after;

static bool refuse(size_t bytes)
{
	return refuse_after == 0 || refuse_after-- == 0;
}

UNIT_TEST(guest_oom, "a mapping for which tables are missing leaves the frames with the caller")
{
	mfn_t m, left, right;
	unsigned int failures = 0;

	for (unsigned int k = 0; k < 12; k++) {
		int rc;

		setup(false);
		/* Neighbours with which the first and the last part merge. */
		m = frame_alloc(13, FRAME_ANY, FRAME_GUEST, d.id);
		left = m;
		right = MFN(m.v + 8192 - 212);
		CHECK_EQ(guest_map_ram(&d, GFN(0x10000), left, 300), 0);
		CHECK_EQ(guest_map_ram(&d, GFN(0x10000 + 8192 - 212), right, 212), 0);
		refuse_after = k;
		host_heap_refuse = refuse;
		rc = guest_map_ram(&d, GFN(0x10000 + 300), MFN(m.v + 300), 8192 - 512);
		if (rc) {
			failures++;
			CHECK_EQ(rc, -ENOMEM);
			CHECK_EQ(d.page_count, 512);
			CHECK_EQ(guest_lookup(&d, GFN(0x10000 + 300)).type, S2_NONE);
			CHECK_EQ(guest_lookup(&d, GFN(0x10000 + 8192 - 213)).type, S2_NONE);
			CHECK_EQ(guest_lookup(&d, GFN(0x10000 + 299)).type, S2_RAM);
			CHECK_EQ(guest_lookup(&d, GFN(0x10000 + 8192 - 212)).type, S2_RAM);
			frame_free(MFN(m.v + 300), 8192 - 512);
		}
		host_heap_refuse = NULL;
		teardown();
	}
	/* Here the tables of both ends are there already. */
	CHECK_EQ(failures, 0);
	setup(false);
	m = frame_alloc(13, FRAME_ANY, FRAME_GUEST, d.id);
	CHECK_EQ(guest_map_ram(&d, GFN(0x10000), m, 300), 0);
	refuse_after = 0;
	host_heap_refuse = refuse;
	/* The left end merges into a large leaf; the right one then needs a table. */
	CHECK_EQ(guest_map_ram(&d, GFN(0x10000 + 300), MFN(m.v + 300), 8192 - 512), -ENOMEM);
	host_heap_refuse = NULL;
	CHECK_EQ(d.page_count, 300);
	CHECK_EQ(guest_lookup(&d, GFN(0x10000 + 299)).type, S2_RAM);
	CHECK_EQ(guest_lookup(&d, GFN(0x10000 + 300)).type, S2_NONE);
	CHECK_EQ(guest_lookup(&d, GFN(0x10000 + 5000)).type, S2_NONE);
	frame_free(MFN(m.v + 300), 8192 - 300);
	teardown();
}

UNIT_TEST(guest_no_split,
	"what needs a table that the pool cannot pay is refused, and reserved ones do")
{
	void *page;
	mfn_t m;

	setup(false);
	m = ram_at(0x40000, ORDER_2M);
	page = heap_pages_alloc(&d.pool, 0);
	refuse_after = 0;
	host_heap_refuse = refuse;
	CHECK_EQ(guest_map_shared(&d, GFN(0x40008), heap_va_to_mfn(page)), -ENOMEM);
	CHECK(!d.shut_down);
	CHECK_EQ(guest_lookup(&d, GFN(0x40008)).mfn.v, m.v + 8);
	CHECK_EQ(d.page_count, 512);
	CHECK_EQ(guest_reserve(&d, 4), -ENOMEM);
	host_heap_refuse = NULL;
	CHECK_EQ(guest_reserve(&d, 4), 0);
	refuse_after = 0;
	host_heap_refuse = refuse;
	CHECK_EQ(guest_map_shared(&d, GFN(0x40008), heap_va_to_mfn(page)), 0);
	CHECK_EQ(guest_lookup(&d, GFN(0x40008)).type, S2_SHARED);
	CHECK_EQ(d.page_count, 511);
	host_heap_refuse = NULL;
	guest_unmap(&d, GFN(0x40008), 1);
	heap_pages_free(&d.pool, page, 0);
	teardown();
}

UNIT_TEST(
	guest_dying, "a dying domain's memory is out of reach, and its end takes many small steps")
{
	unsigned int steps = 0;
	mfn_t m;

	setup(false);
	m = ram_at(0x40000, 14);
	ram_at(0x123456789, 0);
	ram_at(5, 0);
	d.dying = true;
	CHECK_EQ(guest_lookup(&d, GFN(5)).type, S2_NONE);
	CHECK(!guest_get_ram(&d, GFN(5), false, &m));
	CHECK_EQ(guest_map_mmio(&d, GFN(5), MFN(0xfee00), 1, true), -EINVAL);
	while (guest_unit.domain_relinquish(&d) == -ERESTART) {
		steps++;
	}
	CHECK(steps >= 64);
	CHECK_EQ(d.page_count, 0);
	teardown();
}

UNIT_TEST(guest_end_oom, "a domain without a page left can be taken apart")
{
	setup(false);
	ram_at(0x40000, 14);
	d.pool.limit = 0;
	teardown();
	setup(false);
	ram_at(0x40000, 14);
	/* Without relinquishing: creation failed. */
	guest_unit.domain_destroy(&d);
	CHECK_EQ(d.pool.used, 0);
	heap_trim();
	CHECK_EQ(frame_free_count(), free_before);
}

UNIT_TEST(guest_create_oom, "creation fails cleanly for each missing page")
{
	setup(false);
	teardown();
	for (u64 limit = 0; limit < 3; limit++) {
		memset(&d, 0, sizeof(d));
		pool_init(&d.pool, "test", limit);
		CHECK_EQ(guest_unit.domain_create(&d, NULL), -ENOMEM);
		CHECK_EQ(d.pool.used, 0);
		CHECK(d.s2 == NULL);
	}
}
