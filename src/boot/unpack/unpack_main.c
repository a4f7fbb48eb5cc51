/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The unpacker: a guest program that runs before dom0's kernel, in dom0's place and with no more
 * rights than it, so that neither a decompressor nor an ELF loader is part of the hypervisor. It
 * takes the first module of its start info for the kernel file, unpacks it, and enters it as the
 * PVH ABI says, with the start info less that module. It must never write to memory that the start
 * info says is used.
 */
#include "boot/unpack/unpack_console.h"
#include "boot/unpack/unpack_decompress.h"
#include "boot/unpack/unpack_elf.h"
#include "boot/unpack/unpack_fault.h"
#include "boot/unpack/unpack_format.h"
#include "boot/unpack/unpack_leave.h"
#include "boot/unpack/unpack_libc.h"
#include "boot/unpack/unpack_plan.h"
#include "lib/string.h"

#include <xen/arch-x86/hvm/start_info.h>

#define CMDLINE_MAX KiB(64) /* more than any kernel reads */
#define RSDP_SIZE 36	    /* ACPI 6.4, section 5.2.5.3 */

static_assert(sizeof(struct hvm_start_info) == 56, "ABI");
static_assert(sizeof(struct hvm_modlist_entry) == 32, "ABI");
static_assert(sizeof(struct hvm_memmap_table_entry) == 24, "ABI");

extern u8 unpack_image[], unpack_image_end[];

void __noreturn unpack_main(u32 start_info);

struct image {
	const u8 *data;
	u64 size;
};

static struct unpack_error error;

/* All memory below 4 GiB is mapped one to one. */
static void *main_pointer(u64 paddr)
{
	return (void *)(uintptr_t)paddr;
}

static int main_check_range(const char *what, u64 paddr, u64 size)
{
	if (size <= UNPACK_MEMORY_END && paddr <= UNPACK_MEMORY_END - size) {
		return 0;
	}
	return unpack_error_set(&error, -EINVAL, "start info: %s at %#llx ends beyond 4 GiB", what,
		(unsigned long long)paddr);
}

static u64 main_modlist_size(const struct hvm_start_info *si)
{
	return (u64)si->nr_modules * sizeof(struct hvm_modlist_entry);
}

static u64 main_memmap_size(const struct hvm_start_info *si)
{
	return (u64)si->memmap_entries * sizeof(struct hvm_memmap_table_entry);
}

static int main_check_start_info(const struct hvm_start_info *si)
{
	int ret;

	if (si->magic != XEN_HVM_START_MAGIC_VALUE) {
		return unpack_error_set(&error, -EINVAL, "start info: wrong magic %#x", si->magic);
	}
	if (si->version < 1 || si->memmap_entries == 0) {
		return unpack_error_set(&error, -EINVAL, "start info: no memory map");
	}
	if (si->nr_modules == 0) {
		return unpack_error_set(&error, -ENOENT, "start info: no kernel among the modules");
	}
	ret = main_check_range("module list", si->modlist_paddr, main_modlist_size(si));
	if (ret == 0) {
		ret = main_check_range("memory map", si->memmap_paddr, main_memmap_size(si));
	}
	return ret;
}

static int main_use_cmdline(struct unpack_memory *m, u64 paddr)
{
	int ret = 0;

	if (paddr != 0) {
		ret = main_check_range("command line", paddr, CMDLINE_MAX);
	}
	if (ret || paddr == 0) {
		return ret;
	}
	return unpack_plan_use(m, paddr, strnlen(main_pointer(paddr), CMDLINE_MAX) + 1, &error);
}

/* Takes everything that the kernel is to find as it is now: all modules but the first. */
static int main_use_start_info(struct unpack_memory *m, const struct hvm_start_info *si)
{
	const struct hvm_modlist_entry *modules = main_pointer(si->modlist_paddr);
	const struct unpack_segment used[] = {
		{ .paddr = (uintptr_t)si, .memsz = sizeof(*si) },
		{ .paddr = si->modlist_paddr, .memsz = main_modlist_size(si) },
		{ .paddr = si->memmap_paddr, .memsz = main_memmap_size(si) },
		{ .paddr = si->rsdp_paddr, .memsz = si->rsdp_paddr ? RSDP_SIZE : 0 },
	};
	int ret = main_use_cmdline(m, si->cmdline_paddr);

	for (u32 i = 0; i < ARRAY_SIZE(used) && ret == 0; i++) {
		ret = unpack_plan_use(m, used[i].paddr, used[i].memsz, &error);
	}
	for (u32 i = 1; i < si->nr_modules && ret == 0; i++) {
		ret = unpack_plan_use(m, modules[i].paddr, modules[i].size, &error);
		if (ret == 0) {
			ret = main_use_cmdline(m, modules[i].cmdline_paddr);
		}
	}
	return ret;
}

static int main_decompress_error(int ret, enum unpack_codec codec, const struct unpack_room *room,
	const struct unpack_memory *work)
{
	const char *name = unpack_format_name(codec);

	switch (ret) {
	case -ENODATA:
		return unpack_error_set(&error, ret, "%s data truncated", name);
	case -ENOSPC:
		return unpack_error_set(&error, ret, "%s data unpacks to more than %llu KiB", name,
			(unsigned long long)(room->output_size / KiB(1)));
	case -ENOMEM:
		return unpack_error_set(&error, ret,
			"not enough memory: needs %llu KiB to unpack, largest free is %llu KiB",
			(unsigned long long)((room->output_size + unpack_libc_asked()) / KiB(1)),
			(unsigned long long)(unpack_plan_largest(work) / KiB(1)));
	default:
		return unpack_error_set(&error, ret, "%s data corrupt", name);
	}
}

/* Finds the ELF file in @file, and unpacks it to free memory unless it is there as it is. */
static int main_unpack(
	const struct image *file, const struct unpack_memory *work, struct image *elf)
{
	struct unpack_payload payload;
	struct unpack_stream s;
	struct unpack_room room;
	int ret = unpack_format_find(file->data, file->size, &payload, &error);

	if (ret) {
		return ret;
	}
	if (payload.codec == UNPACK_ELF) {
		*elf = (struct image){ file->data + payload.offset, payload.size };
		return 0;
	}
	ret = unpack_plan_room(work, payload.unpacked_size, &room, &error);
	if (ret) {
		return ret;
	}
	unpack_libc_init(main_pointer(room.arena), room.arena_size);
	s = (struct unpack_stream){
		.src = file->data + payload.offset,
		.src_size = payload.size,
		.dst = main_pointer(room.output),
		.dst_size = room.output_size,
	};
	ret = unpack_decompress(payload.codec, &s);
	if (ret) {
		return main_decompress_error(ret, payload.codec, &room, work);
	}
	*elf = (struct image){ s.dst, s.dst_used };
	return 0;
}

/* The kernel's view: the modules after the first. */
static void main_drop_kernel_module(struct hvm_start_info *si)
{
	si->nr_modules--;
	si->modlist_paddr = si->nr_modules ? si->modlist_paddr + sizeof(struct hvm_modlist_entry)
					   : 0;
}

static int main_prepare(struct hvm_start_info *si, struct unpack_plan *plan)
{
	static struct unpack_memory memory; /* for the kernel's segments */
	static struct unpack_memory work;   /* less what is still needed until they are in place */
	static struct unpack_kernel kernel;
	const struct hvm_modlist_entry *module = main_pointer(si->modlist_paddr);
	struct image file = { main_pointer(module->paddr), module->size };
	struct image elf = { NULL, 0 };
	int ret = main_check_range("kernel", module->paddr, module->size);

	if (ret == 0) {
		ret = unpack_plan_memory(
			&memory, main_pointer(si->memmap_paddr), si->memmap_entries, &error);
	}
	if (ret == 0) {
		ret = main_use_start_info(&memory, si);
	}
	if (ret) {
		return ret;
	}
	unpack_plan_copy(&work, &memory);
	ret = unpack_plan_use(
		&work, (uintptr_t)unpack_image, unpack_image_end - unpack_image, &error);
	if (ret == 0) {
		ret = unpack_plan_use(&work, module->paddr, module->size, &error);
	}
	if (ret == 0) {
		ret = main_unpack(&file, &work, &elf);
	}
	if (ret == 0) {
		ret = unpack_elf_parse(elf.data, elf.size, &kernel, &error);
	}
	if (ret == 0) {
		ret = unpack_plan_moves(plan, &kernel, (uintptr_t)elf.data, &memory, &error);
	}
	return ret ?: unpack_plan_trampoline(plan, &work, &error);
}

/* Entered once, by unpack_start.S, on a single CPU with interrupts off. */
void unpack_main(u32 start_info)
{
	struct hvm_start_info *si = main_pointer(start_info);
	struct unpack_plan plan;
	int ret;

	unpack_console_init();
	unpack_fault_init();
	ret = main_check_start_info(si);
	if (ret == 0) {
		ret = main_prepare(si, &plan);
	}
	if (ret) {
		unpack_console_fail(error.text);
	}
	main_drop_kernel_module(si);
	unpack_leave(&plan, start_info);
}
