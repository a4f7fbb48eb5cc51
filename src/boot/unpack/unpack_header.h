/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first bytes of unpack.bin, for whoever loads it: the hypervisor copies file_size bytes to
 * guest physical @load and starts the vCPU at @entry in the state of the PVH ABI
 * (xen/arch-x86/hvm/start_info.h), with ebx = start info and modlist[0] = the kernel file. The
 * unpacker clears its own bss, which reaches up to load + mem_size: all of that must be RAM, and
 * neither start info nor modules may lie there.
 */
#ifndef BOOT_UNPACK_UNPACK_HEADER_H
#define BOOT_UNPACK_UNPACK_HEADER_H

/*
 * 1 MiB: the lowest RAM that every PC has enough of, below where Linux goes (16 MiB). A kernel that
 * is itself linked there may overwrite the unpacker: the last copy is made by a trampoline.
 */
#define UNPACK_LOAD 0x100000
#define UNPACK_MAGIC 0x4e555042 /* "BPUN" */

#ifndef __ASSEMBLER__
#include "lib/compiler.h"

struct unpack_header {
	u32 magic;     /* UNPACK_MAGIC */
	u32 load;      /* guest physical, page aligned */
	u32 file_size; /* bytes of unpack.bin, this header included */
	u32 mem_size;  /* bytes that it occupies once started, page aligned */
	u32 entry;     /* guest physical */
};
static_assert(sizeof(struct unpack_header) == 20, "layout known to unpack_start.S");
#endif

#endif
