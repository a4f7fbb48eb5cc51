/* SPDX-License-Identifier: GPL-2.0-only */
/* The bus: who gets which access, overlaps, splits, and changes while others search. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "arch/host/host.h"
#include "core/domain.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "unit/harness.h"
#include "unit/random.h"
#include "vdev/bus.h"

/* The leak checker does not survive a second thread beside this machine's mappings. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static struct domain d;
static struct vcpu vcpus[2], *vcpu_list[2] = { &vcpus[0], &vcpus[1] };

static void setup(void)
{
	static bool machine;

	if (!machine) {
		host_machine_init(MiB(64));
		machine = true;
	}
	memset(&d, 0, sizeof(d));
	d.vcpus = vcpu_list;
	d.vcpu_count = 2;
	for (unsigned int i = 0; i < 2; i++) {
		vcpus[i] = (struct vcpu){ .domain = &d, .id = i };
	}
	pool_init(&d.pool, "d", 1000);
	CHECK_EQ(bus_unit.domain_create(&d, NULL), 0);
}

static void finish(void)
{
	bus_unit.domain_destroy(&d);
	CHECK_EQ(d.pool.used, 0);
}

/* Memory of 4096 bytes behind a region. */
static int ram_access(struct vcpu *v, const struct vdev_region *r, struct vdev_access *a)
{
	u8 *ram = r->device;

	CHECK(a->addr - r->start == a->offset && a->offset + a->size <= r->size);
	if (a->write) {
		memcpy(ram + a->offset, &a->value, a->size);
	} else {
		a->value = 0;
		memcpy(&a->value, ram + a->offset, a->size);
	}
	return 0;
}

static int add(enum bus_kind kind, u64 start, u64 size, void *device)
{
	struct vdev_region r = {
		.start = start, .size = size, .access = ram_access, .device = device, .name = "ram"
	};

	return bus_add(&d, kind, &r);
}

static int bus_read(u64 addr, unsigned int size, u64 *value)
{
	struct vdev_access a = { .addr = addr, .size = (u8)size };
	int rc = bus_access(&vcpus[0], BUS_MMIO, &a);

	*value = a.value;
	return rc;
}

UNIT_TEST(bus_overlap, "regions that overlap, are empty or wrap around are refused")
{
	setup();
	CHECK(!bus_find(&d, BUS_MMIO, 0));
	CHECK_EQ(add(BUS_MMIO, 0x1000, 0x1000, NULL), 0);
	CHECK_EQ(add(BUS_MMIO, 0x3000, 0x1000, NULL), 0);
	CHECK_EQ(add(BUS_MMIO, 0x1000, 1, NULL), -EEXIST);
	CHECK_EQ(add(BUS_MMIO, 0x1fff, 1, NULL), -EEXIST);
	CHECK_EQ(add(BUS_MMIO, 0xfff, 2, NULL), -EEXIST);
	CHECK_EQ(add(BUS_MMIO, 0, 0x10000, NULL), -EEXIST);
	CHECK_EQ(add(BUS_MMIO, 0x2000, 0x1001, NULL), -EEXIST);
	CHECK_EQ(add(BUS_MMIO, 0x2000, 0, NULL), -EINVAL);
	CHECK_EQ(add(BUS_MMIO, ~0ULL, 2, NULL), -EINVAL);
	CHECK_EQ(add(BUS_MMIO, 0x2000, 0x1000, NULL), 0);
	CHECK_EQ(add(BUS_MMIO, ~0ULL, 1, NULL), 0);
	CHECK_EQ(add(BUS_PIO, 0x1000, 0x1000, NULL), 0);
	CHECK(bus_find(&d, BUS_MMIO, ~0ULL) != NULL);
	CHECK(!bus_find(&d, BUS_MMIO, ~0ULL - 1));
	CHECK(!bus_find(&d, BUS_PIO, 0x2000));
	CHECK_EQ(bus_find(&d, BUS_MMIO, 0x2fff)->start, 0x2000);
	bus_remove(&d, BUS_MMIO, 0x2001);
	bus_remove(&d, BUS_PIO, 0x2000);
	CHECK_EQ(bus_find(&d, BUS_MMIO, 0x2fff)->start, 0x2000);
	bus_remove(&d, BUS_MMIO, 0x2000);
	CHECK(!bus_find(&d, BUS_MMIO, 0x2fff));
	finish();
}

UNIT_TEST(bus_split, "an access that crosses a region's end reaches both sides")
{
	u8 *low = calloc(1, 0x1000), *high = calloc(1, 0x1000);
	struct vdev_access a = {
		.addr = 0x1ffd, .value = 0x8877665544332211, .size = 8, .write = true
	};
	u64 value;

	setup();
	CHECK_EQ(add(BUS_MMIO, 0x1000, 0x1000, low), 0);
	CHECK_EQ(add(BUS_MMIO, 0x2000, 0x1000, high), 0);
	CHECK_EQ(bus_access(&vcpus[0], BUS_MMIO, &a), 0);
	CHECK_EQ(low[0xffd], 0x11);
	CHECK_EQ(low[0xfff], 0x33);
	CHECK_EQ(high[0], 0x44);
	CHECK_EQ(high[4], 0x88);
	CHECK_EQ(bus_read(0x1ffe, 4, &value), 0);
	CHECK_EQ(value, 0x55443322);
	CHECK_EQ(bus_read(0x2ffe, 4, &value), 0);
	CHECK_EQ(value, 0xffff0000);
	CHECK_EQ(bus_read(0x3000, 4, &value), -ENOENT);
	CHECK_EQ(bus_read(0xfff, 4, &value), -ENOENT);
	finish();
	free(low);
	free(high);
}

UNIT_TEST(bus_random, "a thousand random changes leave the same regions as a plain list")
{
	static bool there[512];
	u64 rnd = 1;

	setup();
	memset(there, 0, sizeof(there));
	for (unsigned int i = 0; i < 4000; i++) {
		u64 slot = random_below(&rnd, ARRAY_SIZE(there));

		if (there[slot]) {
			bus_remove(&d, BUS_PIO, slot * 16);
		} else {
			CHECK_EQ(add(BUS_PIO, slot * 16, 1 + slot % 16, NULL), 0);
		}
		there[slot] = !there[slot];
		slot = random_below(&rnd, ARRAY_SIZE(there));
		CHECK_EQ(bus_find(&d, BUS_PIO, slot * 16 + slot % 16) != NULL, there[slot]);
		CHECK(slot % 16 == 15 || !bus_find(&d, BUS_PIO, slot * 16 + slot % 16 + 1));
	}
	finish();
}

UNIT_TEST(bus_nomem, "running out of memory changes nothing")
{
	unsigned int count = 0;
	int rc;

	setup();
	d.pool.limit = d.pool.used + 2;
	while ((rc = add(BUS_MMIO, count * 16, 16, NULL)) == 0 && count < 10000) {
		count++;
	}
	CHECK_EQ(rc, -ENOMEM);
	CHECK(bus_find(&d, BUS_MMIO, count * 16 - 1) != NULL);
	CHECK(!bus_find(&d, BUS_MMIO, count * 16));
	for (unsigned int i = 0; i < count; i++) {
		bus_remove(&d, BUS_MMIO, i * 16);
		CHECK(!bus_find(&d, BUS_MMIO, i * 16));
	}
	finish();
}

static bool stop;

static void *searcher(void *arg)
{
	u8 *ram = arg;
	u64 misses = 0;

	while (!READ_ONCE(stop)) {
		struct vdev_access a = { .addr = 0x100000, .size = 4 };

		misses += bus_access(&vcpus[1], BUS_MMIO, &a) != 0 || a.value != ram[0];
		misses += bus_find(&d, BUS_MMIO, 0x100000) == NULL;
	}
	return (void *)misses;
}

UNIT_TEST(bus_concurrent, "a region is found at any time while others come and go")
{
	u8 *ram = calloc(1, 0x1000);
	pthread_t thread;
	void *misses;

	setup();
	ram[0] = 0x5a;
	stop = false;
	CHECK_EQ(add(BUS_MMIO, 0x100000, 0x1000, ram), 0);
	CHECK_EQ(pthread_create(&thread, NULL, searcher, ram), 0);
	for (unsigned int round = 0; round < 300; round++) {
		for (unsigned int i = 0; i < 40; i++) {
			CHECK_EQ(add(BUS_MMIO, i * 64, 64, NULL), 0);
		}
		for (unsigned int i = 0; i < 40; i++) {
			bus_remove(&d, BUS_MMIO, i * 64);
		}
	}
	WRITE_ONCE(stop, true);
	pthread_join(thread, &misses);
	CHECK_EQ((uintptr_t)misses, 0);
	finish();
	free(ram);
}
