/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the firmware's ACPI tables say about the host, as plain arrays. Parsed once at boot; nothing
 * points into the tables afterwards. Table contents are untrusted: a broken table costs one line on
 * the console and is then ignored, as if it were absent.
 */
#ifndef DRV_ACPI_ACPI_H
#define DRV_ACPI_ACPI_H

#include "lib/compiler.h"

#define ACPI_MAX_TABLES 128
#define ACPI_MAX_CPUS 512
#define ACPI_MAX_IOAPICS 64
#define ACPI_MAX_OVERRIDES 32
#define ACPI_MAX_NMIS 64
#define ACPI_MAX_MCFG 16
#define ACPI_MAX_SRAT_CPUS 512
#define ACPI_MAX_SRAT_MEMS 128
#define ACPI_MAX_IVHDS 32
#define ACPI_MAX_IVRS_DEVS 512
#define ACPI_MAX_SPECIALS 80
#define ACPI_MAX_IVMDS 64
#define ACPI_MAX_DRHDS 32
#define ACPI_MAX_RMRRS 32
#define ACPI_MAX_ATSRS 8
#define ACPI_MAX_SCOPES 256
#define ACPI_MAX_PATH 4

/* A table with a good header and checksum (the FACS has neither: its signature is good). */
struct acpi_table {
	char sig[5]; /* terminated */
	hpa_t at;
	u32 size;
};

/* A register in some address space (ACPI 6.4, 5.2.3.2). address 0: there is none. */
enum acpi_space { ACPI_SPACE_MEM = 0, ACPI_SPACE_IO = 1, ACPI_SPACE_PCI = 2 };
struct acpi_reg {
	u64 address;
	u8 space; /* enum acpi_space, or another number of the specification */
	u8 width; /* bits */
};

/* --- MADT --- */

struct acpi_cpu {
	u32 apic_id;
	u32 uid;
	bool enabled;
	bool online_capable; /* not enabled, but may be hot-plugged */
};

struct acpi_ioapic {
	hpa_t at;
	u32 gsi_base;
	u8 id;
};

#define ACPI_NMI_ALL_CPUS 0xffffffffU

/* Polarity and trigger as in the table (ACPI 6.4, table 5.26): bits 0-1 and 2-3; 0 means that of
 * the bus, 1 high or edge, 3 low or level. */
#define ACPI_INTI_POLARITY 0x3
#define ACPI_INTI_TRIGGER 0xc
struct acpi_override {
	u8 irq; /* of the ISA bus */
	u32 gsi;
	u16 flags;
};

/* An NMI that arrives at a GSI, or at a pin of local APICs. */
struct acpi_nmi {
	bool local;
	u32 gsi; /* not local */
	u32 uid; /* local: of the CPU, or ACPI_NMI_ALL_CPUS */
	u8 lint; /* local: 0 or 1 */
	u16 flags;
};

/* --- FADT --- */

struct acpi_fadt {
	bool present;
	u8 revision;
	bool hw_reduced;
	bool reset_supported;
	bool pm_timer_32bit;
	u16 boot_arch; /* ACPI 6.4, table 5.10; only meaningful from revision 2 on */
	u16 sci_irq;   /* ISA or GSI number, before overrides */
	u32 smi_command;
	u8 acpi_enable, acpi_disable;
	struct acpi_reg pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm_timer;
	struct acpi_reg reset, sleep_control, sleep_status;
	u8 reset_value;
	u8 century_index; /* in CMOS memory, 0: none */
	bool s5_valid;	  /* \_S5_ was found in the DSDT or an SSDT */
	u8 s5_slp_typa, s5_slp_typb;
	hpa_t dsdt, facs; /* 0: none */
};

#define ACPI_BOOT_ARCH_LEGACY 0x01
#define ACPI_BOOT_ARCH_8042 0x02
#define ACPI_BOOT_ARCH_NO_VGA 0x04
#define ACPI_BOOT_ARCH_NO_MSI 0x08
#define ACPI_BOOT_ARCH_NO_CMOS_RTC 0x20

/* --- HPET, MCFG, SRAT --- */

struct acpi_hpet {
	bool present;
	hpa_t at;
	u8 number;
};

struct acpi_mcfg {
	hpa_t at; /* of bus 0, whether or not first_bus is 0 */
	u16 segment;
	u8 first_bus, last_bus;
};

struct acpi_srat_cpu {
	u32 apic_id;
	u32 node;
};

struct acpi_srat_mem {
	hpa_t at;
	u64 size;
	u32 node;
	bool hotplug;
};

/* --- IVRS (AMD I/O virtualization technology, 48882, section 5.2) --- */

/* Of the kinds of IVHD that describe the same unit, only the newest is kept. */
struct acpi_ivhd {
	u8 type; /* 10h, 11h or 40h */
	u8 flags;
	u16 devid; /* of the IOMMU's PCI function */
	u16 cap;   /* offset of its capability */
	u16 segment;
	hpa_t at;
	u16 info;
	u32 features; /* type 10h: feature reporting; else attributes */
	u64 efr;      /* types 11h and 40h: image of the extended feature register */
};

#define ACPI_IVHD_HT_TUN_EN 0x01
#define ACPI_IVHD_PASS_PW 0x02
#define ACPI_IVHD_RES_PASS_PW 0x04
#define ACPI_IVHD_ISOC 0x08
#define ACPI_IVHD_IOTLB 0x10
#define ACPI_IVHD_COHERENT 0x20

/* Bits of a device entry's data setting, for the device table (table 95 there). */
#define ACPI_IVRS_INIT_PASS 0x01
#define ACPI_IVRS_EINT_PASS 0x02
#define ACPI_IVRS_NMI_PASS 0x04
#define ACPI_IVRS_SYSMGT 0x30
#define ACPI_IVRS_LINT0_PASS 0x40
#define ACPI_IVRS_LINT1_PASS 0x80

struct acpi_ivrs_dev {
	u16 ivhd; /* index in ivhds[] */
	u16 first, last;
	bool has_alias;
	u16 alias; /* whose device ID the requests carry */
	u8 flags;
};

enum acpi_special_kind { ACPI_SPECIAL_IOAPIC = 1, ACPI_SPECIAL_HPET = 2 };
struct acpi_special {
	u16 ivhd;
	u16 devid; /* that its interrupts carry */
	u8 kind;
	u8 handle; /* I/O APIC id or HPET number */
	u8 flags;
};

#define ACPI_IVMD_UNITY 0x01
#define ACPI_IVMD_READ 0x02
#define ACPI_IVMD_WRITE 0x04
#define ACPI_IVMD_EXCLUSION 0x08
struct acpi_ivmd {
	u16 first, last; /* device ids */
	u8 flags;
	hpa_t at;
	u64 size;
};

/* --- DMAR (Intel VT-d, D51397, chapter 8) --- */

enum acpi_scope_type {
	ACPI_SCOPE_ENDPOINT = 1,
	ACPI_SCOPE_BRIDGE = 2,
	ACPI_SCOPE_IOAPIC = 3,
	ACPI_SCOPE_HPET = 4,
	ACPI_SCOPE_NAMESPACE = 5,
};

/* From the start bus down through bridges; the last hop is the device. */
struct acpi_scope {
	u8 type;
	u8 enum_id; /* I/O APIC id, HPET number */
	u8 bus;
	u8 path_len;		/* 1 .. ACPI_MAX_PATH */
	u8 path[ACPI_MAX_PATH]; /* device << 3 | function */
};

/* scopes[scope_first .. scope_first + scope_count - 1] belong to the owner. */
struct acpi_drhd {
	hpa_t at;
	u16 segment;
	bool include_all;
	u16 scope_first, scope_count;
};

struct acpi_rmrr {
	hpa_t at;
	hpa_t last; /* last byte */
	u16 segment;
	u16 scope_first, scope_count;
};

struct acpi_atsr {
	u16 segment;
	bool all_ports;
	u16 scope_first, scope_count;
};

#define ACPI_DMAR_INTR_REMAP 0x01
#define ACPI_DMAR_X2APIC_OPT_OUT 0x02

/* --- all of it --- */

struct acpi_info {
	struct acpi_table tables[ACPI_MAX_TABLES];
	u8 rsdp_revision;

	bool has_madt;
	hpa_t lapic;	  /* with the 64-bit override applied */
	bool pcat_compat; /* a pair of 8259 exists */
	struct acpi_cpu cpus[ACPI_MAX_CPUS];
	struct acpi_ioapic ioapics[ACPI_MAX_IOAPICS];
	struct acpi_override overrides[ACPI_MAX_OVERRIDES];
	struct acpi_nmi nmis[ACPI_MAX_NMIS];

	struct acpi_fadt fadt;
	struct acpi_hpet hpet;
	struct acpi_mcfg mcfgs[ACPI_MAX_MCFG];
	struct acpi_srat_cpu srat_cpus[ACPI_MAX_SRAT_CPUS];
	struct acpi_srat_mem srat_mems[ACPI_MAX_SRAT_MEMS];

	bool has_ivrs;
	u32 ivinfo;
	struct acpi_ivhd ivhds[ACPI_MAX_IVHDS];
	struct acpi_ivrs_dev ivrs_devs[ACPI_MAX_IVRS_DEVS];
	struct acpi_special specials[ACPI_MAX_SPECIALS];
	struct acpi_ivmd ivmds[ACPI_MAX_IVMDS];

	bool has_dmar;
	u8 dmar_width; /* bits of a DMA address */
	u8 dmar_flags;
	struct acpi_drhd drhds[ACPI_MAX_DRHDS];
	struct acpi_rmrr rmrrs[ACPI_MAX_RMRRS];
	struct acpi_atsr atsrs[ACPI_MAX_ATSRS];
	struct acpi_scope scopes[ACPI_MAX_SCOPES];

	u16 table_count, cpu_count, ioapic_count, override_count, nmi_count, mcfg_count;
	u16 srat_cpu_count, srat_mem_count, ivhd_count, ivrs_dev_count, special_count, ivmd_count;
	u16 drhd_count, rmrr_count, atsr_count, scope_count;
	u32 full; /* lists that had no room: already reported */
};

/* How the parser sees physical memory. map() gives size bytes at pa to read, or NULL; at most two
 * mappings are held at a time, and unmap() ends one of them. */
struct acpi_mem {
	const void *(*map)(const struct acpi_mem *m, hpa_t pa, size_t size);
	void (*unmap)(const struct acpi_mem *m, const void *p);
};

/*
 * Finds the tables and fills *info, which need not be initialised. @rsdp is the copy of the root
 * pointer that the boot loader passed, @rsdp_size bytes, or NULL: then the places where a PC's BIOS
 * leaves it are searched (ACPI 6.4, 5.2.5.1). Broken tables are logged and left out. -ENOENT: no
 * usable root pointer or root table; *info is then empty. Allocates nothing.
 */
int __must_check acpi_parse(
	struct acpi_info *info, const struct acpi_mem *mem, const void *rsdp, size_t rsdp_size);

/* The machine's, filled by acpi_init(), constant afterwards. */
extern struct acpi_info acpi_host;

/* acpi_parse() into acpi_host through vmap(). Boot CPU, once vmap() works. */
int __must_check acpi_init(const void *rsdp, size_t rsdp_size);

/* The nth table (0 first) with this signature, or NULL. */
const struct acpi_table *acpi_find_table(
	const struct acpi_info *info, const char *sig, unsigned int nth);

#endif
