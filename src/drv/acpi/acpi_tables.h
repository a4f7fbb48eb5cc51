/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACPI tables as they lie in memory: little-endian, packed, at any alignment. Only acpi*.c uses it.
 * Layouts: ACPI 6.4 chapter 5; HPET 1.0a; PCI firmware 3.2 (MCFG); AMD 48882 (IVRS); Intel D51397
 * chapter 8 (DMAR).
 */
#ifndef DRV_ACPI_ACPI_TABLES_H
#define DRV_ACPI_ACPI_TABLES_H

#include "lib/compiler.h"

struct acpi_rsdp {
	char sig[8]; /* "RSD PTR " */
	u8 checksum; /* over the first 20 bytes */
	char oem_id[6];
	u8 revision;
	u32 rsdt;
	/* from revision 2 */
	u32 length;
	u64 xsdt;
	u8 ext_checksum;
	u8 reserved[3];
} __packed;
#define ACPI_RSDP_V1_SIZE 20
static_assert(sizeof(struct acpi_rsdp) == 36, "ACPI 6.4, table 5.3");

struct acpi_header {
	char sig[4];
	u32 length;
	u8 revision;
	u8 checksum;
	char oem_id[6];
	char oem_table_id[8];
	u32 oem_revision;
	char creator_id[4];
	u32 creator_revision;
} __packed;
static_assert(sizeof(struct acpi_header) == 36, "ACPI 6.4, table 5.4");

struct acpi_gas {
	u8 space;
	u8 width;
	u8 offset;
	u8 access;
	u64 address;
} __packed;
static_assert(sizeof(struct acpi_gas) == 12, "ACPI 6.4, table 5.1");

/* Read through a copy that is zero behind the table's end: older revisions are shorter. */
struct acpi_fadt_raw {
	struct acpi_header h;
	u32 facs, dsdt;
	u8 reserved0, pm_profile;
	u16 sci_irq;
	u32 smi_command;
	u8 acpi_enable, acpi_disable, s4bios, pstate_control;
	u32 pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer;
	u32 gpe0, gpe1;
	u8 pm1_event_len, pm1_control_len, pm2_control_len, pm_timer_len;
	u8 gpe0_len, gpe1_len, gpe1_base, cst_control;
	u16 c2_latency, c3_latency, flush_size, flush_stride;
	u8 duty_offset, duty_width, day_alarm, month_alarm, century;
	u16 boot_arch;
	u8 reserved1;
	u32 flags;
	struct acpi_gas reset;
	u8 reset_value;
	u16 arm_boot_arch;
	u8 minor;
	u64 x_facs, x_dsdt;
	struct acpi_gas x_pm1a_event, x_pm1b_event, x_pm1a_control, x_pm1b_control;
	struct acpi_gas x_pm2_control, x_pm_timer, x_gpe0, x_gpe1;
	struct acpi_gas sleep_control, sleep_status;
	u64 hypervisor_id;
} __packed;
static_assert(offsetof(struct acpi_fadt_raw, boot_arch) == 109, "ACPI 6.4, table 5.9");
static_assert(offsetof(struct acpi_fadt_raw, x_facs) == 132, "ACPI 6.4, table 5.9");
static_assert(sizeof(struct acpi_fadt_raw) == 276, "ACPI 6.4, table 5.9");

#define ACPI_FADT_MIN 116 /* revision 1 */
#define ACPI_FADT_TMR_VAL_EXT BIT32(8)
#define ACPI_FADT_RESET_SUP BIT32(10)
#define ACPI_FADT_HW_REDUCED BIT32(20)

struct acpi_facs {
	char sig[4];
	u32 length; /* at least 64 */
} __packed;

/* --- MADT --- */

struct acpi_madt_raw {
	struct acpi_header h;
	u32 lapic;
	u32 flags; /* bit 0: PCAT_COMPAT */
} __packed;
static_assert(sizeof(struct acpi_madt_raw) == 44, "ACPI 6.4, table 5.19");

enum acpi_madt_type {
	ACPI_MADT_LAPIC = 0,
	ACPI_MADT_IOAPIC = 1,
	ACPI_MADT_OVERRIDE = 2,
	ACPI_MADT_NMI = 3,
	ACPI_MADT_LAPIC_NMI = 4,
	ACPI_MADT_LAPIC_ADDRESS = 5,
	ACPI_MADT_X2APIC = 9,
	ACPI_MADT_X2APIC_NMI = 10,
};

#define ACPI_MADT_ENABLED BIT32(0)
#define ACPI_MADT_ONLINE_CAPABLE BIT32(1)

struct acpi_madt_lapic {
	u8 type, length;
	u8 uid, apic_id;
	u32 flags;
} __packed;
static_assert(sizeof(struct acpi_madt_lapic) == 8, "ACPI 6.4, table 5.21");

struct acpi_madt_ioapic {
	u8 type, length;
	u8 id, reserved;
	u32 address, gsi_base;
} __packed;
static_assert(sizeof(struct acpi_madt_ioapic) == 12, "ACPI 6.4, table 5.23");

struct acpi_madt_override {
	u8 type, length;
	u8 bus, irq;
	u32 gsi;
	u16 flags;
} __packed;
static_assert(sizeof(struct acpi_madt_override) == 10, "ACPI 6.4, table 5.25");

struct acpi_madt_nmi {
	u8 type, length;
	u16 flags;
	u32 gsi;
} __packed;
static_assert(sizeof(struct acpi_madt_nmi) == 8, "ACPI 6.4, table 5.27");

struct acpi_madt_lapic_nmi {
	u8 type, length;
	u8 uid;
	u16 flags;
	u8 lint;
} __packed;
static_assert(sizeof(struct acpi_madt_lapic_nmi) == 6, "ACPI 6.4, table 5.28");

struct acpi_madt_lapic_address {
	u8 type, length;
	u16 reserved;
	u64 address;
} __packed;
static_assert(sizeof(struct acpi_madt_lapic_address) == 12, "ACPI 6.4, table 5.29");

struct acpi_madt_x2apic {
	u8 type, length;
	u16 reserved;
	u32 apic_id, flags, uid;
} __packed;
static_assert(sizeof(struct acpi_madt_x2apic) == 16, "ACPI 6.4, table 5.33");

struct acpi_madt_x2apic_nmi {
	u8 type, length;
	u16 flags;
	u32 uid;
	u8 lint, reserved[3];
} __packed;
static_assert(sizeof(struct acpi_madt_x2apic_nmi) == 12, "ACPI 6.4, table 5.34");

/* --- HPET, MCFG, SRAT --- */

struct acpi_hpet_raw {
	struct acpi_header h;
	u32 block_id;
	struct acpi_gas address;
	u8 number;
	u16 min_tick;
	u8 attributes;
} __packed;
static_assert(sizeof(struct acpi_hpet_raw) == 56, "HPET 1.0a, section 3.2.4");

struct acpi_mcfg_raw {
	struct acpi_header h;
	u64 reserved;
} __packed;
static_assert(sizeof(struct acpi_mcfg_raw) == 44, "PCI firmware 3.2, section 4.1.2");

struct acpi_mcfg_entry {
	u64 address;
	u16 segment;
	u8 first_bus, last_bus;
	u32 reserved;
} __packed;
static_assert(sizeof(struct acpi_mcfg_entry) == 16, "PCI firmware 3.2, section 4.1.2");

#define ACPI_SRAT_HEADER 48

enum acpi_srat_type { ACPI_SRAT_LAPIC = 0, ACPI_SRAT_MEMORY = 1, ACPI_SRAT_X2APIC = 2 };

#define ACPI_SRAT_ENABLED BIT32(0)
#define ACPI_SRAT_HOTPLUG BIT32(1)

struct acpi_srat_lapic {
	u8 type, length;
	u8 domain_lo, apic_id;
	u32 flags;
	u8 sapic_eid, domain_hi[3];
	u32 clock_domain;
} __packed;
static_assert(sizeof(struct acpi_srat_lapic) == 16, "ACPI 6.4, table 5.57");

struct acpi_srat_memory {
	u8 type, length;
	u32 domain;
	u16 reserved0;
	u64 base, size;
	u32 reserved1, flags;
	u64 reserved2;
} __packed;
static_assert(sizeof(struct acpi_srat_memory) == 40, "ACPI 6.4, table 5.58");

struct acpi_srat_x2apic {
	u8 type, length;
	u16 reserved0;
	u32 domain, apic_id, flags, clock_domain, reserved1;
} __packed;
static_assert(sizeof(struct acpi_srat_x2apic) == 24, "ACPI 6.4, table 5.60");

/* --- IVRS --- */

struct acpi_ivrs_raw {
	struct acpi_header h;
	u32 ivinfo;
	u64 reserved;
} __packed;
static_assert(sizeof(struct acpi_ivrs_raw) == 48, "AMD 48882, section 5.2.1");

struct acpi_ivhd_raw {
	u8 type, flags;
	u16 length, devid, cap;
	u64 base;
	u16 segment, info;
	u32 features;
	/* types 11h and 40h */
	u64 efr, efr2;
} __packed;
static_assert(sizeof(struct acpi_ivhd_raw) == 40, "AMD 48882, section 5.2.2");
#define ACPI_IVHD_V1_SIZE 24

struct acpi_ivmd_raw {
	u8 type, flags;
	u16 length, devid, aux;
	u64 reserved, start, size;
} __packed;
static_assert(sizeof(struct acpi_ivmd_raw) == 32, "AMD 48882, section 5.2.3");

enum acpi_ivrs_type {
	ACPI_IVHD_10 = 0x10,
	ACPI_IVHD_11 = 0x11,
	ACPI_IVHD_40 = 0x40,
	ACPI_IVMD_ALL = 0x20,
	ACPI_IVMD_ONE = 0x21,
	ACPI_IVMD_RANGE = 0x22,
};

enum acpi_ivhd_entry_type {
	ACPI_IVHD_DEV_ALL = 1,
	ACPI_IVHD_DEV_ONE = 2,
	ACPI_IVHD_DEV_RANGE = 3,
	ACPI_IVHD_DEV_RANGE_END = 4,
	ACPI_IVHD_DEV_ALIAS = 66,
	ACPI_IVHD_DEV_ALIAS_RANGE = 67,
	ACPI_IVHD_DEV_EXT = 70,
	ACPI_IVHD_DEV_EXT_RANGE = 71,
	ACPI_IVHD_DEV_SPECIAL = 72,
	ACPI_IVHD_DEV_HID = 240,
};

/* The first 4 bytes of every entry, and the 4 more that the 8-byte kinds have. */
struct acpi_ivhd_entry {
	u8 type;
	u16 devid;
	u8 flags;
	union {
		struct {
			u8 reserved0;
			u16 source;
			u8 reserved1;
		} __packed alias;
		struct {
			u8 handle;
			u16 source;
			u8 kind;
		} __packed special;
		u32 ext;
	};
} __packed;
static_assert(sizeof(struct acpi_ivhd_entry) == 8, "AMD 48882, section 5.2.2.1");

/* --- DMAR --- */

struct acpi_dmar_raw {
	struct acpi_header h;
	u8 width; /* less one */
	u8 flags;
	u8 reserved[10];
} __packed;
static_assert(sizeof(struct acpi_dmar_raw) == 48, "VT-d, section 8.1");

enum acpi_dmar_type { ACPI_DMAR_DRHD = 0, ACPI_DMAR_RMRR = 1, ACPI_DMAR_ATSR = 2 };

struct acpi_drhd_raw {
	u16 type, length;
	u8 flags, size;
	u16 segment;
	u64 base;
} __packed;
static_assert(sizeof(struct acpi_drhd_raw) == 16, "VT-d, section 8.3");

struct acpi_rmrr_raw {
	u16 type, length, reserved, segment;
	u64 base, last;
} __packed;
static_assert(sizeof(struct acpi_rmrr_raw) == 24, "VT-d, section 8.4");

struct acpi_atsr_raw {
	u16 type, length;
	u8 flags, reserved;
	u16 segment;
} __packed;
static_assert(sizeof(struct acpi_atsr_raw) == 8, "VT-d, section 8.5");

struct acpi_scope_raw {
	u8 type, length;
	u8 flags, reserved;
	u8 enum_id, bus;
} __packed;
static_assert(sizeof(struct acpi_scope_raw) == 6, "VT-d, section 8.3.1");

#endif
