/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's address space as a process has it. Physical memory is a sparse memory file of 16
 * TiB, so that RAM may lie at any address; a second mapping of all of it stands behind windows.
 *
 *   0x200000000000  heap window, 4 TiB        0x290000000000  vmap, 1 TiB
 *   0x280000000000  frame table, 64 GiB       0x300000000000  windows: all of physical memory
 *
 * The addresses lie where neither ASan nor the kernel puts anything of its own. What is not mapped
 * is PROT_NONE, so that a stray access ends the test.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch/contract/paging.h"
#include "arch/host/host.h"
#include "lib/bug.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "mm/inject.h"

#define PHYS_SIZE TiB(16)
#define WINDOWS_BASE 0x300000000000ULL

const u64 arch_heap_base = 0x200000000000ULL;
const u64 arch_heap_limit = TiB(4);
const u64 arch_frame_base = 0x280000000000ULL;
const u64 arch_vmap_base = 0x290000000000ULL;
const u64 arch_vmap_size = TiB(1);

u64 host_map_calls, host_mapped_bytes, host_map_budget = ~0ULL;
_Thread_local unsigned int host_windows;
bool (*host_heap_refuse)(size_t bytes);

static int phys_fd = -1;
static bool table_wanted, table_busy;

static void host_map_at(u64 va, u64 size, int prot, int flags, int fd, u64 offset)
{
	void *want = (void *)va;

	if (mmap(want, size, prot, flags, fd, (off_t)offset) != want) {
		perror("mmap");
		abort();
	}
}

static void host_reserve(u64 va, u64 size)
{
	host_map_at(va, size, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
}

void host_machine_init(u64 ram)
{
	BUG_ON(phys_fd >= 0);
	phys_fd = memfd_create("physical memory", 0);
	if (phys_fd < 0 || ftruncate(phys_fd, (off_t)PHYS_SIZE) != 0) {
		perror("physical memory");
		abort();
	}
	host_reserve(arch_heap_base, arch_heap_limit);
	host_reserve(arch_frame_base, GiB(64));
	host_reserve(arch_vmap_base, arch_vmap_size);
	host_map_at(WINDOWS_BASE, PHYS_SIZE, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_NORESERVE | MAP_FIXED_NOREPLACE, phys_fd, 0);
	if (ram != 0) {
		frame_add_ram(HPA(0), ram);
	}
}

/*
 * Real tables need frames now and then; the ones taken here are never used. A nested call finds
 * what it finds, as on a real machine.
 */
static void host_take_table(void)
{
	static unsigned int calls;

	if (table_busy || (++calls % 8 != 0 && !table_wanted)) {
		return;
	}
	table_busy = true;
	table_wanted = mfn_eq(frame_alloc(0, FRAME_BELOW_4T, FRAME_HEAP, 0), MFN_INVALID);
	table_busy = false;
}

int arch_hv_map(u64 va, hpa_t pa, u64 size, enum hv_prot prot)
{
	static const int prots[] = {
		[HV_RO] = PROT_READ,
		[HV_RW] = PROT_READ | PROT_WRITE,
		[HV_RX] = PROT_READ | PROT_EXEC,
		[HV_DEVICE] = PROT_READ | PROT_WRITE,
		[HV_WC] = PROT_READ | PROT_WRITE,
	};

	BUG_ON(((va | pa.v | size) & ~PAGE_MASK) != 0 || size == 0 || size > PHYS_SIZE ||
		pa.v > PHYS_SIZE - size);
	host_map_calls++;
	if (host_map_budget == 0) {
		return -ENOMEM;
	}
	host_map_budget -= host_map_budget != ~0ULL;
	host_take_table();
	host_map_at(va, size, prots[prot], MAP_SHARED | MAP_NORESERVE | MAP_FIXED, phys_fd, pa.v);
	host_mapped_bytes += size;
	return 0;
}

void arch_hv_unmap(u64 va, u64 size)
{
	host_map_at(va, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
		-1, 0);
	host_mapped_bytes -= size;
}

void *arch_map_frame(mfn_t mfn)
{
	BUG_ON(host_windows == ARCH_WINDOWS || mfn.v >= PHYS_SIZE / PAGE_SIZE);
	host_windows++;
	return (void *)(WINDOWS_BASE + mfn_to_hpa(mfn).v);
}

void arch_unmap_frame(void *va)
{
	BUG_ON(host_windows == 0);
	host_windows--;
}
