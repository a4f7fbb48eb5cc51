/* SPDX-License-Identifier: GPL-2.0-only */
/* Register models: what a test puts behind arch/contract/io.h. */
#ifndef ARCH_HOST_IO_H
#define ARCH_HOST_IO_H

#include "arch/contract/io.h"

/* Each may be NULL: ports then read as all ones and ignore writes, registers are plain memory. */
struct host_io {
	u32 (*in)(u16 port, unsigned int size);
	void (*out)(u16 port, unsigned int size, u32 value);
	/* False: not this model's register, treat it as memory. */
	bool (*mmio_read)(const volatile void *reg, unsigned int size, u64 *value);
	bool (*mmio_write)(volatile void *reg, unsigned int size, u64 value);
	void (*writeback)(const void *p, size_t size);
};

/* The model in force; a test changes its members. */
extern struct host_io host_io;

#endif
