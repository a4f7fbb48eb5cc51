/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine with domains whose vCPUs can make hypercalls, for tests of comm/ and abi/: two CPUs,
 * 64 MiB, linear addresses that are guest physical ones. Included once by a test: it defines the
 * table of units.
 */
#ifndef UNIT_ABI_MACHINE_H
#define UNIT_ABI_MACHINE_H

#include <stdlib.h>
#include <string.h>

#include "abi/domain.h"
#include "abi/hvm_op.h"
#include "abi/hypercall.h"
#include "abi/vtime.h"
#include "arch/contract/paging.h"
#include "arch/host/abi.h"
#include "arch/host/host.h"
#include "arch/x86/s2_npt.h"
#include "comm/evtchn.h"
#include "comm/grant.h"
#include "core/unit.h"
#include "lib/errno.h"
#include "lib/xen_public.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "sched/sched.h"

#define MACHINE_RAM MiB(64)
#ifndef DOMAIN_PAGES
#define DOMAIN_PAGES 256 /* of RAM, from gfn 0 */
#endif

const struct unit *const units[] = { &sched_unit, &guest_unit, &evtchn_unit, &grant_unit, &abi_unit,
	&vtime_unit, &hvm_op_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

/* Once for each process. */
static inline void machine_boot(void)
{
	static bool booted;

	if (!booted) {
		host_s2_fmt = &s2_npt;
		host_s2_levels = 3;
		host_boot(2, MACHINE_RAM);
		booted = true;
	}
}

static inline void machine_add_ram(struct domain *d, u64 gfn, u64 count)
{
	for (u64 i = 0; i < count; i++) {
		mfn_t mfn = frame_alloc(0, FRAME_ANY, FRAME_GUEST, d->id);

		if (mfn_eq(mfn, MFN_INVALID) || guest_map_ram(d, GFN(gfn + i), mfn, 1) != 0) {
			abort();
		}
	}
}

/* A started domain with RAM; vCPU 0 is current. */
static inline struct domain *machine_domain(u16 id, unsigned int vcpus, bool hardware)
{
	struct domain_desc desc = host_desc(id, vcpus);
	struct domain *d = NULL;

	machine_boot();
	host_set_current(NULL);
	desc.hardware = hardware;
	desc.privileged = hardware;
	desc.memory = DOMAIN_PAGES * PAGE_SIZE;
	desc.memory_max = 2 * desc.memory;
	if (domain_create(&desc, &d) != 0) {
		abort();
	}
	machine_add_ram(d, 0, DOMAIN_PAGES);
	host_domain_start(d);
	host_set_current(d->vcpus[0]);
	return d;
}

/* Ends it; the pages that its pool still lacks are returned. */
static inline u64 machine_kill(struct domain *d)
{
	u64 used;

	host_set_current(NULL);
	/* A reference of ours keeps the structure for the last look. */
	atomic_inc(&d->refs);
	domain_kill(d);
	used = d->pool.used;
	domain_put(d);
	return used;
}

/* As above, less what the structures of such a domain cost anyway until the last reference goes: 0
 * unless something leaked. */
static inline u64 machine_end(struct domain *d)
{
	struct domain_desc desc = host_desc(0x7000, d->vcpu_count);
	struct domain *bare = NULL;
	u64 used = machine_kill(d);

	if (domain_create(&desc, &bare) != 0) {
		abort();
	}
	return used - machine_kill(bare);
}

/* The guest's byte at a physical address. */
static inline void *machine_ptr(struct domain *d, u64 gpa)
{
	struct s2_entry e = guest_lookup(d, GFN(gpa >> PAGE_SHIFT));
	void *page = arch_map_frame(e.mfn);

	/* Frames stay where they are in the host's address space. */
	arch_unmap_frame(page);
	return (u8 *)page + gpa % PAGE_SIZE;
}

/* A hypercall of the current vCPU. */
static inline enum hypercall_outcome machine_hypercall(
	unsigned int nr, u64 a0, u64 a1, u64 a2, s64 *ret)
{
	struct hypercall call = { .args = { a0, a1, a2 } };
	enum hypercall_outcome outcome;

	do {
		outcome = abi_hypercall(vcpu_current(), nr, &call, ret);
		host_now_ns += 1000;
	} while (outcome == HC_RETRY);
	return outcome;
}

static inline s64 machine_call(unsigned int nr, u64 a0, u64 a1, u64 a2)
{
	s64 ret = 0;

	machine_hypercall(nr, a0, a1, a2, &ret);
	return ret;
}

/* With an argument structure, which is put at ARG and read back. */
#define ARG 0x8000ULL
static inline s64 machine_call_arg(unsigned int nr, u64 op, void *arg, size_t size)
{
	struct domain *d = vcpu_current()->domain;
	s64 ret;

	if (guest_write_phys(d, GPA(ARG), arg, size) != 0) {
		abort();
	}
	ret = machine_call(nr, op, ARG, 0);
	if (guest_read_phys(d, GPA(ARG), arg, size) != 0) {
		abort();
	}
	return ret;
}

#endif
