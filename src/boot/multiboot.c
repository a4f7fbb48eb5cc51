/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads multiboot (0.6.96) and multiboot2 (2.0) information into struct boot_info. Pure but for the
 * reads through boot_phys_fn; never trusts a length or an address in the information.
 */
#include "boot/multiboot.h"

#include "lib/errno.h"
#include "lib/string.h"

/* Multiboot 0.6.96, 3.3 */
struct mb1_info {
	u32 flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4];
	u32 mmap_length, mmap_addr, drives_length, drives_addr, config_table, loader_name;
};
#define MB1_CMDLINE BIT32(2)
#define MB1_MODS BIT32(3)
#define MB1_MMAP BIT32(6)
#define MB1_LOADER BIT32(9)

struct mb1_module {
	u32 start, end, cmdline, reserved;
};

/* The size of an entry does not count its own four bytes. */
struct mb1_mmap {
	u32 size;
	u64 start, length;
	u32 type;
} __packed;

/* Multiboot2 2.0, 3.6 */
struct mb2_tag {
	u32 type, size;
};
enum {
	MB2_END = 0,
	MB2_CMDLINE = 1,
	MB2_LOADER = 2,
	MB2_MODULE = 3,
	MB2_MMAP = 6,
	MB2_EFI64 = 12,
	MB2_RSDP_OLD = 14,
	MB2_RSDP_NEW = 15,
	MB2_EFI_MMAP = 17,
};
#define MB2_INFO_MAX MiB(1)

struct mb2_mmap {
	u64 start, length;
	u32 type, reserved;
};

/* UEFI 2.9, 7.2.3 */
struct efi_memory {
	u32 type, pad;
	u64 start, virt, pages, attribute;
};
static_assert(sizeof(struct efi_memory) == 40, "EFI_MEMORY_DESCRIPTOR version 1");

/* Nothing in the information is aligned but by the loader's good will. */
static bool read_phys(boot_phys_fn *phys, u64 from, void *to, size_t size)
{
	const void *p = phys(from, size);

	if (p) {
		memcpy(to, p, size);
	}
	return p != NULL;
}

/* A terminated copy of what may be any bytes. */
static void copy_string(char *to, size_t size, boot_phys_fn *phys, u64 from)
{
	size_t n = 0;

	while (n + 1 < size) {
		const char *c = from ? phys(from + n, 1) : NULL;

		if (!c || !*c) {
			break;
		}
		to[n++] = *c;
	}
	to[n] = 0;
}

/* Loaders put the file name before the arguments, for the image and for its modules, all but
 * GRUB 2. */
static bool names_files(const char *loader)
{
	return strncmp(loader, "GRUB ", 5) != 0 || loader[5] == '0';
}

static void strip_name(char *s)
{
	size_t n = 0;

	while (s[n] == ' ') {
		n++;
	}
	while (s[n] && s[n] != ' ') {
		n++;
	}
	while (s[n] == ' ') {
		n++;
	}
	memmove(s, s + n, strlen(s + n) + 1);
}

static void add_map(struct boot_info *out, u64 start, u64 size, u32 type)
{
	if (size == 0 || out->map_count == BOOT_MAP_MAX) {
		return;
	}
	out->map[out->map_count++] = (struct boot_map_entry){ start, size, type };
}

static char *add_module(struct boot_info *out, u64 start, u64 end)
{
	struct boot_module *m;

	if (out->module_count == BOOT_MODULES_MAX || end < start) {
		return NULL;
	}
	m = &out->modules[out->module_count];
	m->start = HPA(start);
	m->size = end - start;
	m->cmdline = out->module_cmdlines[out->module_count];
	return out->module_cmdlines[out->module_count++];
}

static int parse_mb1(u64 at, boot_phys_fn *phys, struct boot_info *out, const char **why)
{
	struct mb1_info info;

	if (!read_phys(phys, at, &info, sizeof(info))) {
		*why = "multiboot information out of reach";
		return -EINVAL;
	}
	if (info.flags & MB1_CMDLINE) {
		copy_string(out->cmdline, sizeof(out->cmdline), phys, info.cmdline);
	}
	if (info.flags & MB1_LOADER) {
		copy_string(out->loader, sizeof(out->loader), phys, info.loader_name);
	}
	for (u32 i = 0; (info.flags & MB1_MODS) && i < MIN(info.mods_count, 64U); i++) {
		struct mb1_module m;
		char *line = NULL;

		if (read_phys(phys, info.mods_addr + (u64)i * sizeof(m), &m, sizeof(m))) {
			line = add_module(out, m.start, m.end);
		}
		if (line) {
			copy_string(line, BOOT_CMDLINE_MAX, phys, m.cmdline);
		}
	}
	for (u64 off = 0;
		(info.flags & MB1_MMAP) && off + sizeof(struct mb1_mmap) <= info.mmap_length;) {
		struct mb1_mmap e;

		if (!read_phys(phys, info.mmap_addr + off, &e, sizeof(e)) ||
			e.size < sizeof(e) - 4) {
			break;
		}
		add_map(out, e.start, e.length, e.type);
		off += (u64)e.size + 4;
	}
	return 0;
}

static void parse_mb2_mmap(const struct mb2_tag *t, struct boot_info *out)
{
	const u32 *head = (const u32 *)(t + 1); /* entry size, entry version */

	if (t->size < 16 || head[0] < sizeof(struct mb2_mmap)) {
		return;
	}
	for (u64 off = 16; off + head[0] <= t->size; off += head[0]) {
		struct mb2_mmap e;

		memcpy(&e, (const char *)t + off, sizeof(e));
		add_map(out, e.start, e.length, e.type);
	}
}

/* What an operating system may use once boot services are gone (UEFI 2.9, table 7-10). */
static u32 efi_type(u32 type)
{
	switch (type) {
	case 1: /* loader code and data, boot services code and data, conventional */
	case 2:
	case 3:
	case 4:
	case 7:
		return 1;
	case 9: /* ACPI reclaim */
		return 3;
	case 10: /* ACPI NVS */
		return 4;
	case 8: /* unusable */
		return 5;
	default:
		return 2;
	}
}

/* The tag's own memory map is preferred; the EFI one serves where the loader gives only that. */
static void parse_mb2_efi_mmap(const struct mb2_tag *t, struct boot_info *out)
{
	const u32 *head = (const u32 *)(t + 1); /* descriptor size, version */

	out->efi = true;
	if (out->map_count || t->size < 16 || head[0] < sizeof(struct efi_memory)) {
		return;
	}
	for (u64 off = 16; off + head[0] <= t->size; off += head[0]) {
		struct efi_memory e;

		memcpy(&e, (const char *)t + off, sizeof(e));
		if (e.pages < BIT64(40)) {
			add_map(out, e.start, e.pages << PAGE_SHIFT, efi_type(e.type));
		}
	}
}

static void copy_tag_string(char *to, size_t size, const char *from, size_t n)
{
	n = strnlen(from, MIN(n, size - 1));
	memcpy(to, from, n);
	to[n] = 0;
}

static void parse_mb2_tag(const struct mb2_tag *t, struct boot_info *out)
{
	const char *body = (const char *)(t + 1);
	size_t n = t->size - sizeof(*t);
	const u32 *words = (const u32 *)body;
	char *line;

	switch (t->type) {
	case MB2_CMDLINE:
		copy_tag_string(out->cmdline, sizeof(out->cmdline), body, n);
		break;
	case MB2_LOADER:
		copy_tag_string(out->loader, sizeof(out->loader), body, n);
		break;
	case MB2_MODULE:
		line = n >= 8 ? add_module(out, words[0], words[1]) : NULL;
		if (line) {
			copy_tag_string(line, BOOT_CMDLINE_MAX, body + 8, n - 8);
		}
		break;
	case MB2_MMAP:
		parse_mb2_mmap(t, out);
		break;
	case MB2_EFI_MMAP:
		parse_mb2_efi_mmap(t, out);
		break;
	case MB2_EFI64:
		out->efi = true;
		break;
	case MB2_RSDP_OLD:
	case MB2_RSDP_NEW:
		if (n >= 20 && n > out->rsdp_size) {
			out->rsdp_size = (u8)MIN(n, sizeof(out->rsdp));
			memcpy(out->rsdp, body, out->rsdp_size);
		}
		break;
	default:
		break;
	}
}

static int parse_mb2(u64 at, boot_phys_fn *phys, struct boot_info *out, const char **why)
{
	const u32 *total = phys(at, 8);
	u64 size = total ? *total : 0;

	/* 3.6.1: the information and each tag are aligned to 8 bytes. */
	if (!IS_ALIGNED(at, 8UL) || size < 16 || size > MB2_INFO_MAX || !phys(at, size)) {
		*why = "multiboot2 information has an impossible size or address";
		return -EINVAL;
	}
	for (u64 off = 8; off + sizeof(struct mb2_tag) <= size;) {
		const struct mb2_tag *t = phys(at + off, sizeof(*t));

		if (!t || t->type == MB2_END || t->size < sizeof(*t) || t->size > size - off) {
			break;
		}
		t = phys(at + off, t->size);
		if (!t) {
			break;
		}
		parse_mb2_tag(t, out);
		off += ALIGN_UP((u64)t->size, 8ULL);
	}
	return 0;
}

int multiboot_parse(
	u32 magic, u64 info, boot_phys_fn *phys, struct boot_info *out, const char **why)
{
	int rc;

	memset(out, 0, sizeof(*out));
	if (magic == BOOT_MAGIC_MB1) {
		rc = parse_mb1(info, phys, out, why);
	} else if (magic == BOOT_MAGIC_MB2) {
		rc = parse_mb2(info, phys, out, why);
	} else {
		*why = "not started by a multiboot or multiboot2 loader";
		rc = -EINVAL;
	}
	if (rc) {
		return rc;
	}
	if (out->map_count == 0) {
		*why = "the boot loader gave no memory map";
		return -EINVAL;
	}
	if (!names_files(out->loader)) {
		return 0;
	}
	strip_name(out->cmdline);
	for (unsigned int i = 0; i < out->module_count; i++) {
		strip_name(out->module_cmdlines[i]);
	}
	return 0;
}
