/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FADT: power management registers, reset, and the way to the DSDT (ACPI 6.4, section 5.2.9).
 * The sleep type of S5 is in AML, which is not interpreted: a bounded scan finds the package.
 */
#include "drv/acpi/acpi_parse.h"
#include "lib/string.h"

/* The 64-bit form counts where it is given (5.2.9: "if this field contains a non-zero value"). */
static struct acpi_reg acpi_fadt_reg(const struct acpi_gas *x, u32 port, u8 bytes)
{
	if (x->address != 0) {
		return (struct acpi_reg){
			.address = x->address,
			.space = x->space,
			.width = x->width,
		};
	}
	return (struct acpi_reg){
		.address = port,
		.space = ACPI_SPACE_IO,
		.width = bytes < 32 ? (u8)(bytes * 8) : 0,
	};
}

static void acpi_fadt_registers(struct acpi_fadt *f, const struct acpi_fadt_raw *r)
{
	f->pm1a_event = acpi_fadt_reg(&r->x_pm1a_event, r->pm1a_event, r->pm1_event_len);
	f->pm1b_event = acpi_fadt_reg(&r->x_pm1b_event, r->pm1b_event, r->pm1_event_len);
	f->pm1a_control = acpi_fadt_reg(&r->x_pm1a_control, r->pm1a_control, r->pm1_control_len);
	f->pm1b_control = acpi_fadt_reg(&r->x_pm1b_control, r->pm1b_control, r->pm1_control_len);
	f->pm_timer = acpi_fadt_reg(&r->x_pm_timer, r->pm_timer, r->pm_timer_len);
	f->reset = acpi_fadt_reg(&r->reset, 0, 0);
	f->sleep_control = acpi_fadt_reg(&r->sleep_control, 0, 0);
	f->sleep_status = acpi_fadt_reg(&r->sleep_status, 0, 0);
}

void acpi_fadt_parse(struct acpi_info *info, const u8 *table, u32 size)
{
	struct acpi_fadt *f = &info->fadt;
	struct acpi_fadt_raw r;

	memset(&r, 0, sizeof(r));
	memcpy(&r, table, MIN(size, (u32)sizeof(r)));

	f->present = true;
	f->revision = r.h.revision;
	f->hw_reduced = (r.flags & ACPI_FADT_HW_REDUCED) != 0;
	f->reset_supported = (r.flags & ACPI_FADT_RESET_SUP) != 0 && r.reset.address != 0;
	f->pm_timer_32bit = (r.flags & ACPI_FADT_TMR_VAL_EXT) != 0;
	f->boot_arch = r.boot_arch;
	f->sci_irq = r.sci_irq;
	f->smi_command = r.smi_command;
	f->acpi_enable = r.acpi_enable;
	f->acpi_disable = r.acpi_disable;
	f->reset_value = r.reset_value;
	f->century_index = r.century;
	f->dsdt = HPA(r.x_dsdt != 0 ? r.x_dsdt : r.dsdt);
	f->facs = HPA(r.x_facs != 0 ? r.x_facs : r.facs);
	acpi_fadt_registers(f, &r);
}

/* AML (ACPI 6.4, chapter 20): opcodes that occur in Name(\_S5, Package() { a, b, ... }). */
enum {
	AML_ZERO = 0x00,
	AML_ONE = 0x01,
	AML_NAME = 0x08,
	AML_BYTE = 0x0a,
	AML_WORD = 0x0b,
	AML_DWORD = 0x0c,
	AML_PACKAGE = 0x12,
	AML_ROOT = '\\',
};

/* One integer of the package; only its low byte matters. False: something else, or the end. */
static bool acpi_fadt_aml_integer(const u8 **p, const u8 *end, u8 *value)
{
	static const u8 operand_size[] = { [AML_BYTE] = 1, [AML_WORD] = 2, [AML_DWORD] = 4 };
	u8 op;

	if (*p >= end) {
		return false;
	}
	op = *(*p)++;
	if (op == AML_ZERO || op == AML_ONE) {
		*value = op;
		return true;
	}
	if (op < AML_BYTE || op > AML_DWORD || end - *p < operand_size[op]) {
		return false;
	}
	*value = **p;
	*p += operand_size[op];
	return true;
}

/* p is behind the name. */
static bool acpi_fadt_s5_package(struct acpi_fadt *f, const u8 *p, const u8 *end)
{
	u8 a, b;

	if (end - p < 2 || *p++ != AML_PACKAGE) {
		return false;
	}
	/* PkgLength: the top two bits of its first byte say how many more follow. */
	p += 1 + (*p >> 6);
	if (end - p < 1 || *p++ < 2) {
		return false; /* the number of elements */
	}
	if (!acpi_fadt_aml_integer(&p, end, &a) || !acpi_fadt_aml_integer(&p, end, &b)) {
		return false;
	}
	f->s5_slp_typa = a & 7;
	f->s5_slp_typb = b & 7;
	f->s5_valid = true;
	return true;
}

void acpi_fadt_find_s5(struct acpi_info *info, const u8 *table, u32 size)
{
	const u8 *start = table + sizeof(struct acpi_header);
	const u8 *end = table + size;

	if (info->fadt.s5_valid && memcmp(table, "DSDT", 4) != 0) {
		return;
	}
	for (const u8 *p = start + 1; end - p >= 4; p++) {
		bool named = p[-1] == AML_NAME ||
			     (p[-1] == AML_ROOT && p - start >= 2 && p[-2] == AML_NAME);

		if (named && memcmp(p, "_S5_", 4) == 0 &&
			acpi_fadt_s5_package(&info->fadt, p + 4, end)) {
			return;
		}
	}
}
