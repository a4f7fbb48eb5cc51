/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's address space: all of it lies in the hole that the PV ABI reserves for the
 * hypervisor (0xffff800000000000 - 0xffff87ffffffffff). Assembly includes this file too.
 *
 *   0xffff800000000000   heap window, 4 TiB: va = base + physical address, only hypervisor chunks
 *   0xffff840000000000   frame table, 64 GiB: 16 bytes for each of 2^32 frames, sparse
 *   0xffff848000000000   vmap, 256 GiB: device registers, stacks, registered guest pages
 *   0xffff84c000000000   windows: ARCH_WINDOWS pages for each CPU
 *   0xffff850000000000   the image: va = base + (physical address - where it was loaded + 2 MiB)
 */
#ifndef ARCH_X86_LAYOUT_H
#define ARCH_X86_LAYOUT_H

#define HEAP_BASE 0xffff800000000000
#define HEAP_LIMIT 0x0000040000000000
#define FRAME_BASE 0xffff840000000000
#define VMAP_BASE 0xffff848000000000
#define VMAP_SIZE 0x0000004000000000
#define WINDOW_BASE 0xffff84c000000000
#define IMAGE_BASE 0xffff850000000000
#define IMAGE_LOAD 0x200000 /* physical; what a loader that does not relocate uses */

#define BOOT_STACK_SIZE 0x4000

/* Selectors of the one GDT. */
#define SEL_CODE64 0x08
#define SEL_DATA 0x10
#define SEL_CODE32 0x18
#define SEL_TSS 0x20

#endif
