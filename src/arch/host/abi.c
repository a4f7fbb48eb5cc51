/* SPDX-License-Identifier: GPL-2.0-only */
/* arch/contract/abi.h for tests: a machine of two CPUs and a few devices, and a record of calls. */
#include "arch/contract/abi.h"
#include "arch/contract/guest.h"
#include "arch/host/abi.h"
#include "arch/host/host.h"
#include "core/time.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/xen_public.h"

#include <xen/domctl.h>

u8 arch_abi_family = ABI_X86;
const char *const arch_abi_capabilities = "hvm-3.0-x86_64 ";
const u64 arch_abi_virt_start = 0xffff800000000000ULL;

struct host_abi_record host_abi;

const struct memory_map_entry host_abi_map[HOST_ABI_MAP] = {
	{ 0, 0xa0000, 1 },
	{ 0x100000, 0x3ff00000, 1 },
	{ 0xfec00000, 0x1000, 2 },
};

const void *arch_build_id(size_t *size)
{
	*size = host_abi.build_id ? 20 : 0;
	return host_abi.build_id;
}

const char *arch_boot_cmdline(void)
{
	return "console=com1";
}

unsigned int arch_domain_memory_map(struct domain *d, const struct memory_map_entry **map)
{
	*map = host_abi_map;
	return d->hardware ? HOST_ABI_MAP : 0;
}

unsigned int arch_host_memory_map(const struct memory_map_entry **map)
{
	*map = host_abi_map;
	return HOST_ABI_MAP;
}

u64 arch_host_max_mfn(void)
{
	return 0x40000;
}

bool arch_reserved_range(unsigned int i, struct reserved_range *out)
{
	static const struct reserved_range ranges[] = {
		{ 0xe0, 0x10, 0x00e8 },
		{ 0x7f000, 0x800, 0x0010 },
	};

	if (i >= ARRAY_SIZE(ranges)) {
		return false;
	}
	*out = ranges[i];
	return true;
}

void arch_host_info(struct host_info *out)
{
	*out = (struct host_info){ .khz = 3000000, .features = { 1, 2, 3, 4, 5, 6, 7, 8 } };
}

u64 arch_host_counter_ns(void)
{
	return arch_now_ns();
}

void arch_domain_info(const struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	info->arch_config.emulation_flags = XEN_X86_EMU_LAPIC;
}

bool arch_pci_known(u32 sbdf)
{
	return sbdf >> 16 == 0;
}

void arch_vcpu_time_params(struct vcpu *v, struct vcpu_time_params *out)
{
	*out = (struct vcpu_time_params){
		.tsc_stamp = arch_now_ns() * 3,
		.system_ns = arch_now_ns(),
		.mul = 0xaaaaaaaa,
		.shift = -1,
		.flags = 1,
	};
}

void arch_vcpu_up(struct vcpu *v)
{
}

bool arch_vcpu_initialised(struct vcpu *v)
{
	return v->id == 0 || host_abi.initialised[v->id];
}

int arch_vcpu_initialise(struct vcpu *v, const struct vcpu_hvm_context *state)
{
	host_abi.initialised[v->id] = true;
	return 0;
}

void arch_vcpu_send_nmi(struct vcpu *v)
{
	host_abi.nmis++;
}

int arch_vcpu_set_upcall_vector(struct vcpu *v, u8 vector)
{
	host_abi.vector = vector;
	return 0;
}

void arch_domain_set_callback(struct domain *d, u64 via)
{
	host_abi.callback = via;
}

int arch_domain_set_param(struct domain *d, u32 index, u64 value)
{
	return 0;
}

void arch_domain_flush_tlb(struct domain *d)
{
	arch_s2_flush(d, GFN(0), 0);
}

bool arch_pcpu_info(u32 cpu, struct pcpu_info *out)
{
	if (cpu >= HOST_ABI_CPUS) {
		return false;
	}
	*out = (struct pcpu_info){
		.online = cpu != HOST_ABI_CPUS - 1,
		.apic_id = 2 * cpu,
		.acpi_id = cpu + 1,
		.vendor = "HostCPUHost",
		.family = 6,
		.core = cpu,
	};
	return true;
}

u32 arch_pcpu_max_present(void)
{
	return HOST_ABI_CPUS - 1;
}

int arch_acpi_sleep(u8 state, u16 val_a, u16 val_b, bool extended)
{
	host_abi.sleep_state = state;
	return state == 5 ? 0 : -EOPNOTSUPP;
}

int arch_pci_device_add(struct domain *d, u32 sbdf, u32 flags, u32 physfn_sbdf)
{
	host_abi.sbdf = sbdf;
	return sbdf >> 16 == 0 ? 0 : -ENODEV;
}

int arch_pci_device_remove(struct domain *d, u32 sbdf)
{
	host_abi.sbdf = sbdf;
	return sbdf >> 16 == 0 ? 0 : -ENODEV;
}

int arch_pci_msix(struct domain *d, u32 sbdf, bool prepare)
{
	return sbdf >> 16 == 0 ? 0 : -ENODEV;
}

int arch_pci_mmcfg_reserved(
	struct domain *d, u64 address, u16 segment, u8 start_bus, u8 end_bus, bool reserved)
{
	return segment == 0 ? 0 : -ENODEV;
}

int arch_setup_gsi(struct domain *d, u32 gsi, u8 level, u8 active_low)
{
	return gsi < 24 ? 0 : -EINVAL;
}
