/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The description of a domain: front ends (command line, later device tree, domctl, cells) fill it,
 * desc_check() of boot/desc.h judges it, boot/build.c builds it, and every unit takes from it what
 * its part of the domain needs.
 */
#ifndef CORE_DESC_H
#define CORE_DESC_H

#include "lib/compiler.h"

struct boot_module {
	hpa_t start;
	u64 size;
	const char *cmdline; /* without the file name */
};

struct domain_desc {
	u16 id;
	const char *name;
	bool privileged;
	bool hardware;	    /* gets all devices that nobody else is given */
	bool direct_mapped; /* gfn == mfn for all RAM */
	u64 memory;	    /* bytes of RAM at start */
	u64 memory_max;
	unsigned int vcpu_count;
	u64 pool_pages;				    /* limit of the domain's pool */
	const struct boot_module *kernel, *ramdisk; /* NULL: built from elsewhere */
	const char *cmdline;
	u32 evtchn_limit, grant_frames, maptrack_frames;
};

#endif
