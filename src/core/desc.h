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

#define DESC_BANKS_MAX 16
#define DESC_SHARED_MAX 8
#define DESC_CHANNELS_MAX 16
#define DESC_SHARED_ID 16 /* characters, terminator included */

/* Memory that is the domain's from the start (xen,static-mem), pages. */
struct desc_bank {
	u64 pa, size;
};

/* A region that domains share (xen,domain-shared-memory-v1). */
struct desc_shared {
	char id[DESC_SHARED_ID];
	u64 pa, gpa, size;
	bool owner; /* else a borrower; a region that nobody owns belongs to DOMID_IO */
};

/* Half of an event channel that exists from the start (xen,evtchn-v1). */
struct desc_channel {
	u32 port;
	u16 peer; /* domain */
	u32 peer_port;
};

/* xen,enhanced */
enum desc_enhanced { DESC_PLAIN, DESC_NO_XENSTORE, DESC_ENHANCED };

struct domain_desc {
	u16 id;
	const char *name;
	const char *where; /* for messages: device-tree node or option; may be NULL */
	bool privileged;
	bool hardware;	    /* gets all devices that nobody else is given */
	bool direct_mapped; /* gfn == mfn for all RAM */
	u64 memory;	    /* bytes of RAM at start */
	u64 memory_max;
	unsigned int vcpu_count;
	u64 pool_pages;				    /* limit of the domain's pool */
	const struct boot_module *kernel, *ramdisk; /* NULL: built from elsewhere */
	const struct boot_module
		*device_tree; /* partial tree with devices to pass through, or NULL */
	const char *cmdline;
	u32 evtchn_limit, grant_frames, maptrack_frames;

	/* dom0less */
	enum desc_enhanced enhanced;
	bool vpl011;
	u32 spi_count; /* SPIs of its virtual GIC; the hardware domain: 0, as many as the machine */
	u32 cpupool;   /* 0: the first */
	struct desc_bank banks[DESC_BANKS_MAX];
	unsigned int bank_count; /* 0: from anywhere */
	struct desc_shared shared[DESC_SHARED_MAX];
	unsigned int shared_count;
	struct desc_channel channels[DESC_CHANNELS_MAX];
	unsigned int channel_count;
};

#endif
