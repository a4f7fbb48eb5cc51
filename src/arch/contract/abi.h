/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hypercalls ask of the machine: facts about it, and effects on vCPUs and devices that
 * only the architecture can bring about. Unless a line says otherwise: in the context of a
 * hypercall, no lock held, any vCPU; numbers are the guest's and may be anything; 0 or -errno,
 * which goes to the guest as it is.
 */
#ifndef ARCH_CONTRACT_ABI_H
#define ARCH_CONTRACT_ABI_H

#include "lib/compiler.h"

struct domain;
struct vcpu;
struct vcpu_hvm_context;	 /* xen/hvm/hvm_vcpu.h */
struct xen_domctl_getdomaininfo; /* xen/domctl.h */

/* Which of the ABI's two families guests see: some operations exist on one alone. */
enum abi_family { ABI_X86 = 1, ABI_ARM = 2 };
extern u8 arch_abi_family; /* constant but in tests */

/* --- what xen_version tells --- */

extern const char *const arch_abi_capabilities; /* "hvm-3.0-x86_64 …", guests that can run */
extern const u64 arch_abi_virt_start;		/* first address that is ours in a guest's eyes */
/* The build-id note's bytes, or NULL. Any context. */
const void *arch_build_id(size_t *size);
/* The whole line that the hypervisor was started with. */
const char *arch_boot_cmdline(void);

/* --- what the tools ask --- */

#define HOST_FEATURE_WORDS 8

struct host_info {
	u32 khz; /* of the counter that system time comes from */
	/* CPUID words of CPU 0 in the order of struct xen_sysctl_physinfo.hw_cap; 0 on Arm. */
	u32 features[HOST_FEATURE_WORDS];
};
void arch_host_info(struct host_info *out);
/* The counter's value in ns, from where it was zero; 0 on Arm. */
u64 arch_host_counter_ns(void);
/* Fills in arch_config. */
void arch_domain_info(const struct domain *d, struct xen_domctl_getdomaininfo *info);
/* Does the machine have this PCI function (segment << 16 | bus << 8 | devfn)? */
bool arch_pci_known(u32 sbdf);

/* --- memory --- */

/* As BIOS interrupt 15h, E820 gives it (ACPI 6.4, table 15.1). */
struct memory_map_entry {
	u64 start, size;
	u32 type;
} __packed;
static_assert(sizeof(struct memory_map_entry) == 20, "an E820 entry");

#define MEMORY_MAP_MAX 1024 /* entries; more are not told */

/* The domain's memory map, which lives until it is replaced; 0: it has none. */
unsigned int arch_domain_memory_map(struct domain *d, const struct memory_map_entry **map);
/* The machine's, as the hardware domain may know it. */
unsigned int arch_host_memory_map(const struct memory_map_entry **map);
u64 arch_host_max_mfn(void); /* highest frame of RAM, plus 1 */

/* A range that a device must keep reaching (RMRR, unity map). */
struct reserved_range {
	u64 start_pfn, page_count;
	u32 sbdf; /* whose: segment << 16 | bus << 8 | devfn */
};
/* The i-th, or false. One range comes once for each device that needs it. */
bool arch_reserved_range(unsigned int i, struct reserved_range *out);

/* --- vCPUs --- */

/* Guest time = ((tsc - stamp) * 2^shift * mul >> 32) + system_ns; struct vcpu_time_info. v is about
 * to run on this CPU, or (at registration of a record) anywhere. */
struct vcpu_time_params {
	u64 tsc_stamp;
	u64 system_ns;
	u32 mul;
	s8 shift;
	u8 flags; /* XEN_PVCLOCK_* */
};
void arch_vcpu_time_params(struct vcpu *v, struct vcpu_time_params *out);

/* Has it a state to run from? This and the next: with the lock of its domain held. */
bool arch_vcpu_initialised(struct vcpu *v);
/* Gives a vCPU that is down its first state. -EINVAL: impossible; -EEXIST: it has one. */
int arch_vcpu_initialise(struct vcpu *v, const struct vcpu_hvm_context *state);
/* It is about to be released from being down, by hypercall: it waits for nothing else any more. */
void arch_vcpu_up(struct vcpu *v);
/* An NMI becomes pending, as if sent to its local APIC. */
void arch_vcpu_send_nmi(struct vcpu *v);
/* Upcalls are injected as this vector through its local APIC, from now on, a pending one too.
 * -EINVAL: not a vector of the APIC. */
int arch_vcpu_set_upcall_vector(struct vcpu *v, u8 vector);
/* HVM_PARAM_CALLBACK_IRQ (xen/hvm/params.h): the way upcalls come where no vector is set. */
void arch_domain_set_callback(struct domain *d, u64 via);
/* A parameter that the architecture acts on, before it is stored (I/O port locations …). */
int arch_domain_set_param(struct domain *d, u32 index, u64 value);
/* All TLB entries of the domain's vCPUs are stale. */
void arch_domain_flush_tlb(struct domain *d);

/* --- platform: the hardware domain only --- */

struct pcpu_info {
	bool online;
	u32 apic_id, acpi_id;
	char vendor[12];
	u32 family, model, stepping;
	u32 core, socket; /* core: its number within the socket; both 0 on Arm */
};
/* False: no such CPU is present. */
bool arch_pcpu_info(u32 cpu, struct pcpu_info *out);
u32 arch_pcpu_max_present(void); /* the highest number for which the above is true */

/* The guest has prepared everything for the sleep state and hands over what it would write to the
 * PM1 control registers (ACPI 6.4, 4.8.3.2), or with `extended` the SLP_TYP values for the sleep
 * control register (4.8.3.7). S5 does not return. -EOPNOTSUPP: a state that cannot be entered;
 * -EPERM: the machine lacks the registers; -EINVAL, -ERANGE: bad values. */
int arch_acpi_sleep(u8 state, u16 val_a, u16 val_b, bool extended);

#define PCI_ADD_EXTFN 1u  /* an extended function: devfn >= 8 of an ARI device */
#define PCI_ADD_VIRTFN 2u /* a virtual function of physfn */

/* The guest has found a PCI function, or lost it. Finding a known one again is fine. -ENODEV. */
int arch_pci_device_add(struct domain *d, u32 sbdf, u32 flags, u32 physfn_sbdf);
int arch_pci_device_remove(struct domain *d, u32 sbdf);
/* The function's MSI-X table will not move any more (prepare), or may again. -ENODEV. */
int arch_pci_msix(struct domain *d, u32 sbdf, bool prepare);
/* Extended configuration space for these buses is at address, and it is (or is not) reserved in
 * the firmware's tables. -ENODEV: no such segment; -EINVAL, -EEXIST. */
int arch_pci_mmcfg_reserved(
	struct domain *d, u64 address, u16 segment, u8 start_bus, u8 end_bus, bool reserved);
/* How an interrupt line is to be programmed; 1: level, active low. -EINVAL: no such GSI. */
int arch_setup_gsi(struct domain *d, u32 gsi, u8 level, u8 active_low);

#endif
