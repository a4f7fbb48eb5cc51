/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The domains that exist from the start: described by the device tree, built one by one, wired to
 * each other, started. One that cannot be built costs a line and leaves nothing behind.
 */
#include "arch/arm/boot/build.h"

#include "abi/hvm_op.h"
#include "arch/arm/boot/boot.h"
#include "arch/arm/boot/machine_dt.h"
#include "arch/arm/boot/memory.h"
#include "arch/arm/boot/pools.h"
#include "arch/arm/machine.h"
#include "arch/arm/sysreg.h"
#include "arch/arm/vcpu.h"
#include "boot/desc.h"
#include "boot/from_dt.h"
#include "comm/evtchn.h"
#include "core/console.h"
#include "core/log.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/xen_public.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/heap.h"
#include "mm/vmap.h"
#include "vdev/vpl011.h"
#include <xen/hvm/params.h>

#define MPIDR_AFFINITY 0xff00ffffffULL
#define GICV2_VCPUS 8

/* HVM_PARAM_CALLBACK_IRQ (xen/hvm/params.h). */
#define CALLBACK_TYPE_PPI 2ULL
#define CALLBACK_LOW_LEVEL 2ULL

static struct from_dt_config config;
static struct domain *built[FROM_DT_DOMAINS_MAX]; /* NULL: not described, or failed */

/* --- steps --- */

static int domain_allow(struct build *b)
{
	b->why = "multiboot,kernel: this build has no hardware domain";
	return b->desc->hardware && !build_is_hardware(b) ? -EOPNOTSUPP : 0;
}

static int domain_read_kernel(struct build *b)
{
	const struct boot_module *m = b->desc->kernel;
	static char text[100];
	const char *why = NULL;
	void *head;
	int rc;

	b->why = "kernel: missing";
	if (!m || m->size == 0) {
		return -ENOENT;
	}
	b->why = "kernel: no memory to read it";
	head = vmap(m->start, MIN(m->size, (u64)KERNEL_HEADER_SIZE), HV_RO);
	if (!head) {
		return -ENOMEM;
	}
	rc = kernel_parse(head, KERNEL_HEADER_SIZE, m->size, &b->kernel, &why);
	vunmap(head);
	if (rc) {
		fmt_snprintf(text, sizeof(text), "kernel: the file at %#llx %s",
			(unsigned long long)m->start.v, why);
		b->why = text;
	}
	return rc;
}

/* ID_AA64PFR0_EL1.EL1: 2 if EL1 can run AArch32 as well (DDI 0487, D13.2.64). */
static bool domain_can_aarch32(void)
{
	return ((sysreg_read(id_aa64pfr0_el1) >> 4) & 0xf) == 2;
}

static int domain_make(struct build *b)
{
	int rc;

	b->why = "kernel: is for AArch32, which this machine's CPUs do not run";
	if (b->kernel.aarch32 && !domain_can_aarch32()) {
		return -EINVAL;
	}
	b->why = "cannot be created";
	rc = domain_create(b->desc, &b->d);
	if (!rc) {
		b->d->arch->aarch32 = b->kernel.aarch32;
	}
	return rc;
}

static int domain_give_memory(struct build *b)
{
	return memory_give(b->d, b->desc, &b->plan.ram, &b->why);
}

/* Behind its own RAM, so that a region cannot take the place of some. */
static int domain_share_memory(struct build *b)
{
	struct ram all = b->plan.ram;

	for (unsigned int i = 0; i < b->desc->shared_count; i++) {
		if (ram_add(&all, b->desc->shared[i].gpa, b->desc->shared[i].size)) {
			b->why = "xen,shared-mem: its guest address is in the domain's RAM";
			return -EINVAL;
		}
	}
	return memory_share(b->d, b->desc, &b->why);
}

/* How Linux expects it: the tree in x0; on AArch32 in r2, with no machine number in r1. */
static int domain_set_start(struct build *b)
{
	struct vcpu *v = domain_vcpu(b->d, 0);

	if (b->kernel.aarch32) {
		vcpu_reset(v, b->at.entry, 0);
		v->arch->regs.x[1] = ~0U;
		v->arch->regs.x[2] = b->at.dtb;
	} else {
		vcpu_reset(v, b->at.entry, b->at.dtb);
	}
	v->arch->initialised = true;
	return 0;
}

static int (*const steps[])(struct build *b) = {
	domain_allow,
	domain_read_kernel,
	domain_make,
	domain_give_memory,
	domain_share_memory,
	devices_read,
	devices_give,
	plan_make,
	plan_load,
	domain_set_start,
};

static struct domain *domain_build(struct domain_desc *desc)
{
	struct build *b = heap_new(&pool_system, struct build);
	struct domain *d = NULL;
	int rc = b ? 0 : -ENOMEM;

	for (unsigned int i = 0; i < ARRAY_SIZE(steps) && !rc; i++) {
		b->desc = desc;
		rc = steps[i](b);
	}
	if (rc) {
		log_err("%s: %s: domain %u (%s) is not started: error %d",
			desc->where ?: desc->name, b ? b->why : "no memory", desc->id, desc->name,
			rc);
	}
	if (b) {
		d = b->d;
		devices_close(b);
		heap_free(&pool_system, b);
	}
	if (rc && d) {
		domain_kill(d);
		d = NULL;
	}
	return d;
}

/* --- all of them --- */

/* A serial port in the host's place has the host's interrupt. */
static void domain_fit_spis(struct domain_desc *desc)
{
	u32 irq = arm_machine.uart.irq;

	if (desc->vpl011 && desc->direct_mapped && irq >= GIC_SPI_FIRST) {
		desc->spi_count = MAX(desc->spi_count, irq - GIC_SPI_FIRST + 1);
	}
}

static void domains_describe(void)
{
	struct from_dt_host host = {
		.map = &boot_map,
		.modules = boot_modules,
		.module_count = boot_module_count,
		.cpu_count = pcpu_count,
		.boot_mpidr = sysreg_read(mpidr_el1) & MPIDR_AFFINITY,
		.vcpus_max = gic_is_v3() ? MAX_VCPUS : GICV2_VCPUS,
		.spi_count = gic_intid_count() - GIC_SPI_FIRST,
		.available = frame_free_count() << PAGE_SHIFT,
	};

	vpl011_set_host(arm_machine.uart.base, arm_machine.uart.size, arm_machine.uart.irq);
	from_dt(&machine_dt, &host, &config);
	pools_make(&config);
	for (unsigned int i = 0; i < config.domain_count; i++) {
		domain_fit_spis(&config.domains[i]);
	}
}

/* The hardware domain is built behind the others: it has what they leave. */
static void domains_build(bool hardware)
{
	for (unsigned int i = 0; i < config.domain_count; i++) {
		if (config.domains[i].hardware == hardware) {
			built[i] = domain_build(&config.domains[i]);
		}
	}
}

/* The pair is made once, by the one of lower id. */
static void domain_connect(
	struct domain *d, const struct domain_desc *desc, const struct desc_channel *c)
{
	struct domain *peer = c->peer > d->id ? domain_get(c->peer) : NULL;
	int rc;

	if (!peer) {
		return;
	}
	rc = evtchn_bind_fixed(d, c->port, peer, c->peer_port);
	if (rc) {
		log_err("%s: xen,evtchn: port %u of d%u and port %u of d%u are not connected: "
			"error %d",
			desc->where, c->port, d->id, c->peer_port, peer->id, rc);
	}
	domain_put(peer);
}

/* Its end of the channel to xenstored waits for dom0; the page comes from init-dom0less, and until
 * then its number is ~0 (Xen, docs/features/dom0less.pandoc). */
static void domain_offer_xenstore(struct domain *d, const struct domain_desc *desc)
{
	u32 port = 0;
	int rc = evtchn_alloc_unbound(d, 0, &port);

	if (rc) {
		log_err("%s: xen,enhanced: no event channel to xenstore: error %d", desc->where,
			rc);
		return;
	}
	hvm_op_preset(d, HVM_PARAM_STORE_EVTCHN, port);
	hvm_op_preset(d, HVM_PARAM_STORE_PFN, ~0ULL);
}

/* What joins domains that all exist now, and what their units are told last. */
static void domain_wire(struct domain *d, const struct domain_desc *desc)
{
	hvm_op_preset(d, HVM_PARAM_CALLBACK_IRQ,
		CALLBACK_TYPE_PPI << 56 | CALLBACK_LOW_LEVEL << 8 | d->arch->evtchn_irq);
	for (unsigned int i = 0; i < desc->channel_count; i++) {
		domain_connect(d, desc, &desc->channels[i]);
	}
	if (desc->enhanced == DESC_ENHANCED && !d->hardware) {
		domain_offer_xenstore(d, desc);
	}
}

/* Everything has its place already: what is allocated from here on would be for a guest that asks
 * for it. Then it does not get it. */
static bool domains_are_static(void)
{
	for (unsigned int i = 0; i < config.domain_count; i++) {
		if (built[i] && config.domains[i].bank_count == 0) {
			return false;
		}
	}
	return machine_dt_heap_count != 0;
}

static void domain_start(struct domain *d, const struct domain_desc *desc)
{
	log_info("dom%u (%s): %llu MiB, %u vCPU%s%s%s", d->id, d->name,
		(unsigned long long)(desc->memory >> 20), d->vcpu_count,
		d->vcpu_count == 1 ? "" : "s", d->direct_mapped ? ", 1:1" : "",
		d->arch->aarch32 ? ", AArch32" : "");
	if (d->hardware) {
		console_input_to_guest();
	}
	vcpu_release(domain_vcpu(d, 0), VCPU_HOLD_DOWN);
	domain_unpause(d);
}

/* A guest that puts Xen's pages (shared_info, grant table) into its map may need tables for it;
 * what each of its vCPUs registers (vcpu_info, run states) is mapped for good. */
#define SEALED_TABLES 8
#define SEALED_PAGES 4

static void domains_seal(void)
{
	for (unsigned int i = 0; i < config.domain_count; i++) {
		if (built[i] && (guest_reserve(built[i], SEALED_TABLES) ||
					vmap_keep_spares(SEALED_PAGES * built[i]->vcpu_count))) {
			log_warn("%s: no room for changes of its memory map",
				config.domains[i].where);
		}
	}
	log_info("static configuration: nothing is allocated from here on");
	heap_seal();
}

/* The files have been copied. With a static heap, the allocator gets nothing else. */
static void domains_free_modules(void)
{
	for (unsigned int i = 0; i < boot_module_count && machine_dt_heap_count == 0; i++) {
		u64 start = ALIGN_UP(boot_modules[i].start.v, PAGE_SIZE);
		u64 end = ALIGN_DOWN(boot_modules[i].start.v + boot_modules[i].size, PAGE_SIZE);

		if (end > start) {
			frame_add_ram(HPA(start), end - start);
		}
	}
}

void domains_start(void)
{
	unsigned int count, started = 0;

	domains_describe();
	count = config.domain_count;
	memory_take_static(config.domains, count);
	domains_build(false);
	domains_build(true);
	for (unsigned int i = 0; i < count; i++) {
		if (built[i]) {
			domain_wire(built[i], &config.domains[i]);
		}
	}
	domains_free_modules();
	/* What was written may be code, of which instruction caches have something older. */
	__asm__ volatile("ic ialluis" : : : "memory");
	dsb(ish);
	for (unsigned int i = 0; i < count; i++) {
		if (built[i]) {
			domain_start(built[i], &config.domains[i]);
			started++;
		}
	}
	if (domains_are_static()) {
		domains_seal();
	}
	if (started == 0) {
		boot_fail("no domain was started: /chosen names none that can be");
	}
}
