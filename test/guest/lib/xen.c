/* SPDX-License-Identifier: GPL-2.0-only */
/* The shared page and the clock. The page takes the place of a page of our own memory. */
#include "guest/lib/xen.h"

#include "guest/lib/cpu.h"
#include "guest/lib/hypercall.h"
#include <xen/memory.h>

static u8 xen_shared_page[PAGE_SIZE] __aligned(PAGE_SIZE);
static bool xen_shared_mapped;

struct shared_info *xen_shared_info(void)
{
	struct xen_add_to_physmap op = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_shared_info,
		.gpfn = (uintptr_t)xen_shared_page >> PAGE_SHIFT,
	};

	if (!xen_shared_mapped) {
		xen_shared_mapped = true;
		hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &op);
	}
	return (struct shared_info *)(uintptr_t)xen_shared_page;
}

struct vcpu_info *xen_vcpu_info(unsigned int cpu)
{
	return &xen_shared_info()->vcpu_info[cpu];
}

/* xen/xen.h, struct vcpu_time_info: an odd version is being changed. */
u64 xen_time_of(const struct vcpu_time_info *time)
{
	u32 version;
	u64 delta, ns;

	do {
		version = READ_ONCE(time->version) & ~1U;
		barrier();
		delta = rdtsc() - time->tsc_timestamp;
		delta = time->tsc_shift < 0 ? delta >> -time->tsc_shift : delta << time->tsc_shift;
		ns = time->system_time +
		     (u64)(((unsigned __int128)delta * time->tsc_to_system_mul) >> 32);
		barrier();
	} while (READ_ONCE(time->version) != version);
	return ns;
}

u64 xen_time(void)
{
	return xen_time_of(&xen_vcpu_info(0)->time);
}

void xen_delay_us(unsigned int us)
{
	u64 end = xen_time() + us * 1000ULL;

	while (xen_time() < end) {
		cpu_relax();
	}
}
