/* SPDX-License-Identifier: GPL-2.0-only */
/* arch/contract/abi.h on x86: what hypercalls ask of the machine and of its vCPUs. */
#include "arch/contract/abi.h"

#include "arch/contract/cpu.h"
#include "arch/contract/guest.h"
#include "arch/x86/asm.h"
#include "arch/x86/boot_host.h"
#include "arch/x86/cpu.h"
#include "arch/x86/cpu_bits.h"
#include "arch/x86/irq.h"
#include "arch/x86/layout.h"
#include "arch/x86/policy.h"
#include "arch/x86/tsc.h"
#include "arch/x86/vcpu.h"
#include "arch/x86/vdev/lapic.h"
#include "comm/evtchn.h"
#include "core/log.h"
#include "core/time.h"
#include "drv/acpi/acpi.h"
#include "drv/pci/pci.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/xen_public.h"
#include "vdev/vpci.h"
#include <xen/domctl.h>
#include <xen/hvm/hvm_vcpu.h>
#include <xen/hvm/params.h>

u8 arch_abi_family = ABI_X86;
const char *const arch_abi_capabilities = "hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 ";
const u64 arch_abi_virt_start = HEAP_BASE;

const char *arch_boot_cmdline(void)
{
	return boot_host.cmdline;
}

/* --- what the tools ask --- */

/* CPUID words in the order of the ABI (xen/arch-x86/cpufeatureset.h); leaves that the CPU does not
 * have are 0. */
void arch_host_info(struct host_info *out)
{
	u32 basic = cpuid(0, 0).eax, extended = cpuid(0x80000000, 0).eax;

	*out = (struct host_info){
		.khz = (u32)(tsc_hz() / 1000),
		.features = {
			cpuid(1, 0).edx,
			cpuid(1, 0).ecx,
			extended >= 0x80000001 ? cpuid(0x80000001, 0).edx : 0,
			extended >= 0x80000001 ? cpuid(0x80000001, 0).ecx : 0,
			basic >= 0xd ? cpuid(0xd, 1).eax : 0,
			basic >= 7 ? cpuid(7, 0).ebx : 0,
			basic >= 7 ? cpuid(7, 0).ecx : 0,
			extended >= 0x80000007 ? cpuid(0x80000007, 0).edx : 0,
		},
	};
}

u64 arch_host_counter_ns(void)
{
	return arch_now_ns() + tsc_boot_stamp() / (tsc_hz() / 1000000) * 1000;
}

void arch_domain_info(const struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	info->arch_config.emulation_flags = XEN_X86_EMU_LAPIC;
	if (d->hardware) {
		info->arch_config.emulation_flags |= XEN_X86_EMU_IOAPIC | XEN_X86_EMU_VPCI;
	}
}

bool arch_pci_known(u32 sbdf)
{
	return pci_find(sbdf) != NULL;
}

/* --- memory --- */

unsigned int arch_domain_memory_map(struct domain *d, const struct memory_map_entry **map)
{
	*map = d->arch->memory_map;
	return d->arch->memory_map_count;
}

unsigned int arch_host_memory_map(const struct memory_map_entry **map)
{
	*map = boot_host.memory_map;
	return boot_host.memory_map_count;
}

u64 arch_host_max_mfn(void)
{
	return boot_host.max_ram >> PAGE_SHIFT;
}

bool arch_reserved_range(unsigned int i, struct reserved_range *out)
{
	return false; /* no device is given to another domain yet */
}

/* --- vCPUs --- */

void arch_vcpu_time_params(struct vcpu *v, struct vcpu_time_params *out)
{
	out->tsc_stamp = tsc_boot_stamp();
	out->system_ns = 0;
	out->mul = tsc_to_system_mul();
	out->shift = tsc_shift();
	out->flags = XEN_PVCLOCK_TSC_STABLE_BIT;
}

bool arch_vcpu_initialised(struct vcpu *v)
{
	return v->arch->initialised;
}

static struct x86_seg hvm_segment(u32 base, u32 limit, u16 attr)
{
	return (struct x86_seg){ .base = base, .limit = limit, .attr = attr };
}

static int initialise_32(struct x86_context *c, const struct vcpu_hvm_x86_32 *s)
{
	const u32 gprs[] = { s->eax, s->ecx, s->edx, s->ebx, s->esp, s->ebp, s->esi, s->edi };

	if (!(s->cs_ar & X86_SEG_P) || !(s->ss_ar & X86_SEG_P) || (s->eflags & X86_EFLAGS_VM)) {
		return -EINVAL;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(gprs); i++) {
		c->regs.gpr[i] = gprs[i];
	}
	c->regs.rip = s->eip;
	c->regs.rflags = s->eflags | X86_EFLAGS_FIXED;
	c->cr0 = s->cr0 | X86_CR0_ET;
	c->cr3 = s->cr3;
	c->cr4 = s->cr4;
	c->efer = s->efer;
	c->seg[SEG_CS] = hvm_segment(s->cs_base, s->cs_limit, s->cs_ar);
	c->seg[SEG_DS] = hvm_segment(s->ds_base, s->ds_limit, s->ds_ar);
	c->seg[SEG_SS] = hvm_segment(s->ss_base, s->ss_limit, s->ss_ar);
	c->seg[SEG_ES] = hvm_segment(s->es_base, s->es_limit, s->es_ar);
	c->tr = hvm_segment(s->tr_base, s->tr_limit, s->tr_ar | 0xb);
	return 0;
}

static int initialise_64(struct x86_context *c, const struct vcpu_hvm_x86_64 *s)
{
	const u64 gprs[] = { s->rax, s->rcx, s->rdx, s->rbx, s->rsp, s->rbp, s->rsi, s->rdi };

	if (!(s->efer & X86_EFER_LME) || !(s->cr0 & X86_CR0_PG) || !(s->cr4 & X86_CR4_PAE)) {
		return -EINVAL;
	}
	memcpy(c->regs.gpr, gprs, sizeof(gprs));
	c->regs.rip = s->rip;
	c->regs.rflags = s->rflags | X86_EFLAGS_FIXED;
	c->cr0 = s->cr0 | X86_CR0_ET;
	c->cr3 = s->cr3;
	c->cr4 = s->cr4;
	c->efer = s->efer | X86_EFER_LMA;
	c->seg[SEG_CS] = hvm_segment(0, ~0U, X86_SEG_G | X86_SEG_L | X86_SEG_P | X86_SEG_S | 0xb);
	c->seg[SEG_SS] = hvm_segment(0, ~0U, X86_SEG_G | X86_SEG_DB | X86_SEG_P | X86_SEG_S | 3);
	c->seg[SEG_DS] = c->seg[SEG_ES] = c->seg[SEG_SS];
	return 0;
}

int arch_vcpu_initialise(struct vcpu *v, const struct vcpu_hvm_context *state)
{
	const struct x86_policy *p = v->domain->arch->policy;
	struct x86_context c;
	int rc;

	vcpu_context_reset(&c);
	switch (state->mode) {
	case VCPU_HVM_MODE_32B:
		rc = initialise_32(&c, &state->cpu_regs.x86_32);
		break;
	case VCPU_HVM_MODE_64B:
		rc = initialise_64(&c, &state->cpu_regs.x86_64);
		break;
	default:
		rc = -EINVAL;
		break;
	}
	if (rc || (c.cr4 & ~p->cr4_allowed) || (c.efer & ~p->efer_allowed) || c.cr0 >> 32 ||
		((c.cr0 & X86_CR0_PG) && !(c.cr0 & X86_CR0_PE))) {
		return -EINVAL;
	}
	if (v->arch->initialised) {
		return -EEXIST;
	}
	vcpu_sync(v);
	vendor->set_context(v, &c);
	v->arch->initialised = true;
	return 0;
}

void arch_vcpu_up(struct vcpu *v)
{
	lapic_started(v);
}

void arch_vcpu_send_nmi(struct vcpu *v)
{
	v->arch->nmi_pending = true;
	vcpu_set_pending(v, VCPU_PENDING_EVENT);
}

int arch_vcpu_set_upcall_vector(struct vcpu *v, u8 vector)
{
	if (vector < 16) {
		return -EINVAL;
	}
	v->arch->upcall_vector = vector;
	if (evtchn_upcall_pending(v)) {
		arch_vcpu_event(v);
	}
	return 0;
}

/* Type in bits 63:56 (xen/hvm/params.h): 2 is a vector; the others need a virtual
 * interrupt line. */
void arch_domain_set_callback(struct domain *d, u64 via)
{
	d->arch->callback_vector = via >> 56 == HVM_PARAM_CALLBACK_TYPE_VECTOR ? (u8)via : 0;
}

int arch_domain_set_param(struct domain *d, u32 index, u64 value)
{
	return 0;
}

void arch_domain_flush_tlb(struct domain *d)
{
	arch_s2_flush(d, GFN(0), 0);
}

/* --- platform --- */

/* How many low bits of an APIC id tell threads of a core apart, and all threads of a socket. */
struct topology_shifts {
	u32 core, socket;
};

/* Leaf 0xb where it is there (SDM vol. 2, CPUID); else the width of core ids (APM vol. 3,
 * CPUID Fn8000_0008_ECX). */
static struct topology_shifts topology_shifts(void)
{
	struct topology_shifts s = { 0, 0 };
	u32 ecx;

	if (cpuid(0, 0).eax >= 0xb && (cpuid(0xb, 0).ebx & 0xffff) != 0) {
		s.core = cpuid(0xb, 0).eax & 31;
		s.socket = MAX(cpuid(0xb, 1).eax & 31, s.core);
	} else if (cpuid(0x80000000, 0).eax >= 0x80000008) {
		ecx = cpuid(0x80000008, 0).ecx;
		s.socket = ecx >> 12 & 15;
		if (s.socket == 0) {
			while (BIT32(s.socket) < (ecx & 0xff) + 1) {
				s.socket++;
			}
		}
	}
	return s;
}

bool arch_pcpu_info(u32 cpu, struct pcpu_info *out)
{
	const struct pcpu *p = cpu < pcpu_count ? pcpus[cpu] : NULL;
	struct cpuid_regs r = cpuid(0, 0);
	struct topology_shifts s = topology_shifts();

	if (!p) {
		return false;
	}
	*out = (struct pcpu_info){
		.online = p->online,
		.apic_id = p->arch->apic_id,
		.acpi_id = p->arch->acpi_uid,
		.family = cpu_features.family,
		.model = cpu_features.model,
		.stepping = cpu_features.stepping,
		.core = (p->arch->apic_id & (BIT32(s.socket) - 1)) >> s.core,
		.socket = p->arch->apic_id >> s.socket,
	};
	memcpy(out->vendor, &r.ebx, 4);
	memcpy(out->vendor + 4, &r.edx, 4);
	memcpy(out->vendor + 8, &r.ecx, 4);
	return true;
}

u32 arch_pcpu_max_present(void)
{
	return pcpu_count - 1;
}

int arch_acpi_sleep(u8 state, u16 val_a, u16 val_b, bool extended)
{
	const struct acpi_fadt *f = &acpi_host.fadt;

	if (extended || f->pm1a_control.space != ACPI_SPACE_IO || !f->pm1a_control.address) {
		return -EPERM;
	}
	if (state != 5) {
		return -EOPNOTSUPP;
	}
	log_info("d0 powers the machine off");
	arch_stop_others();
	outw((u16)f->pm1a_control.address, val_a | 0x2000);
	if (f->pm1b_control.address) {
		outw((u16)f->pm1b_control.address, val_b | 0x2000);
	}
	arch_delay_us(1000000);
	arch_machine_end(MACHINE_POWEROFF);
}

int arch_pci_device_add(struct domain *d, u32 sbdf, u32 flags, u32 physfn_sbdf)
{
	return vpci_add_device(d, sbdf);
}

int arch_pci_device_remove(struct domain *d, u32 sbdf)
{
	return pci_find(sbdf) ? 0 : -ENODEV;
}

int arch_pci_msix(struct domain *d, u32 sbdf, bool prepare)
{
	return pci_find(sbdf) ? 0 : -ENODEV;
}

int arch_pci_mmcfg_reserved(
	struct domain *d, u64 address, u16 segment, u8 start_bus, u8 end_bus, bool reserved)
{
	for (unsigned int i = 0; i < acpi_host.mcfg_count; i++) {
		const struct acpi_mcfg *m = &acpi_host.mcfgs[i];

		if (m->segment == segment && m->at.v == address) {
			return 0;
		}
	}
	return -ENODEV;
}

int arch_setup_gsi(struct domain *d, u32 gsi, u8 level, u8 active_low)
{
	return gsi < ioapic_gsi_count() ? 0 : -EINVAL;
}
