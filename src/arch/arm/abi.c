/* SPDX-License-Identifier: GPL-2.0-only */
/* arch/contract/abi.h on Arm: there is no firmware to pass on, and vCPUs start by PSCI. */
#include "arch/contract/abi.h"

#include "arch/arm/machine.h"
#include "arch/arm/sysreg.h"
#include "arch/arm/vcpu.h"
#include "arch/contract/guest.h"
#include "lib/errno.h"
#include "lib/scaled.h"

u8 arch_abi_family = ABI_ARM;
const char *const arch_abi_capabilities = "xen-3.0-aarch64 xen-3.0-armv7l ";
/* What Xen tells there; guests and hypervisor share no address space. */
const u64 arch_abi_virt_start = 0x200000;

const char *arch_boot_cmdline(void)
{
	return arm_machine.cmdline ?: "";
}

/* --- what the tools ask --- */

static u64 abi_counter_hz(void)
{
	return arm_machine.timer.frequency ?: sysreg_read(cntfrq_el0);
}

void arch_host_info(struct host_info *out)
{
	*out = (struct host_info){ .khz = (u32)(abi_counter_hz() / 1000) };
}

u64 arch_host_counter_ns(void)
{
	return 0;
}

void arch_domain_info(const struct domain *d, struct xen_domctl_getdomaininfo *info)
{
}

bool arch_pci_known(u32 sbdf)
{
	return false;
}

/* --- memory --- */

unsigned int arch_domain_memory_map(struct domain *d, const struct memory_map_entry **map)
{
	return 0;
}

unsigned int arch_host_memory_map(const struct memory_map_entry **map)
{
	return 0;
}

u64 arch_host_max_mfn(void)
{
	return arm_machine.max_ram >> PAGE_SHIFT;
}

bool arch_reserved_range(unsigned int i, struct reserved_range *out)
{
	return false;
}

/* --- vCPUs --- */

/* Guests have the generic timer; the record is there for those that read it all the same. */
void arch_vcpu_time_params(struct vcpu *v, struct vcpu_time_params *out)
{
	struct scaled s = { 0 };

	if (scaled_from_hz(abi_counter_hz(), &s)) {
		s = (struct scaled){ 0 };
	}
	*out = (struct vcpu_time_params){ .mul = s.mul, .shift = s.shift };
}

bool arch_vcpu_initialised(struct vcpu *v)
{
	return v->arch->initialised;
}

int arch_vcpu_initialise(struct vcpu *v, const struct vcpu_hvm_context *state)
{
	return -EINVAL;
}

void arch_vcpu_up(struct vcpu *v)
{
}

void arch_vcpu_send_nmi(struct vcpu *v)
{
}

int arch_vcpu_set_upcall_vector(struct vcpu *v, u8 vector)
{
	return -EINVAL;
}

/* The interrupt of upcalls is the domain's from its creation. */
void arch_domain_set_callback(struct domain *d, u64 via)
{
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

bool arch_pcpu_info(u32 cpu, struct pcpu_info *out)
{
	const struct pcpu *p = cpu < pcpu_count ? pcpus[cpu] : NULL;

	if (!p) {
		return false;
	}
	*out = (struct pcpu_info){ .online = p->online };
	return true;
}

u32 arch_pcpu_max_present(void)
{
	return pcpu_count - 1;
}

int arch_acpi_sleep(u8 state, u16 val_a, u16 val_b, bool extended)
{
	return -EOPNOTSUPP;
}

int arch_pci_device_add(struct domain *d, u32 sbdf, u32 flags, u32 physfn_sbdf)
{
	return -ENODEV;
}

int arch_pci_device_remove(struct domain *d, u32 sbdf)
{
	return -ENODEV;
}

int arch_pci_msix(struct domain *d, u32 sbdf, bool prepare)
{
	return -ENODEV;
}

int arch_pci_mmcfg_reserved(
	struct domain *d, u64 address, u16 segment, u8 start_bus, u8 end_bus, bool reserved)
{
	return -ENODEV;
}

int arch_setup_gsi(struct domain *d, u32 gsi, u8 level, u8 active_low)
{
	return -EINVAL;
}
