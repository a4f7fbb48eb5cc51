/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's address space at EL2: one range of 48 bits behind TTBR0_EL2. Assembly includes
 * this file too.
 *
 *   0x100000000000   heap window, 4 TiB: va = base + physical address, only hypervisor chunks
 *   0x200000000000   frame table, 64 GiB: 16 bytes for each of 2^32 frames, sparse
 *   0x300000000000   vmap, 256 GiB: device registers, stacks, registered guest pages
 *   0x380000000000   windows: ARCH_WINDOWS pages for each CPU
 *   0x400000000000   the image, wherever it was loaded: multiples of 2 MiB
 *   0x480000000000   the device tree, read-only, while the machine starts
 *
 * Physical addresses below 16 TiB may stand for themselves while a CPU turns its MMU on.
 */
#ifndef ARCH_ARM_LAYOUT_H
#define ARCH_ARM_LAYOUT_H

#define HEAP_BASE 0x0000100000000000
#define HEAP_LIMIT 0x0000040000000000
#define FRAME_BASE 0x0000200000000000
#define VMAP_BASE 0x0000300000000000
#define VMAP_SIZE 0x0000004000000000
#define WINDOW_BASE 0x0000380000000000
#define IMAGE_BASE 0x0000400000000000
#define FDT_BASE 0x0000480000000000

#define BOOT_STACK_SIZE 0x4000

#endif
