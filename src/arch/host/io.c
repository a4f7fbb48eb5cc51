/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices as the process has them: whatever model the test registered. */
#include "arch/host/io.h"
#include "lib/bug.h"

struct host_io host_io;

#define HOST_PORTS(bits)                                                           \
	u##bits arch_in##bits(u16 port)                                            \
	{                                                                          \
		return (u##bits)(host_io.in ? host_io.in(port, (bits) / 8) : ~0U); \
	}                                                                          \
	void arch_out##bits(u16 port, u##bits value)                               \
	{                                                                          \
		if (host_io.out) {                                                 \
			host_io.out(port, (bits) / 8, value);                      \
		}                                                                  \
	}
HOST_PORTS(8)
HOST_PORTS(16)
HOST_PORTS(32)

#define HOST_MMIO(bits)                                                                   \
	u##bits arch_mmio_read##bits(const volatile void *reg)                            \
	{                                                                                 \
		u64 value;                                                                \
                                                                                          \
		BUG_ON((uintptr_t)reg % ((bits) / 8) != 0);                               \
		if (host_io.mmio_read && host_io.mmio_read(reg, (bits) / 8, &value)) {    \
			return (u##bits)value;                                            \
		}                                                                         \
		return *(const volatile u##bits *)reg;                                    \
	}                                                                                 \
	void arch_mmio_write##bits(volatile void *reg, u##bits value)                     \
	{                                                                                 \
		BUG_ON((uintptr_t)reg % ((bits) / 8) != 0);                               \
		if (!host_io.mmio_write || !host_io.mmio_write(reg, (bits) / 8, value)) { \
			*(volatile u##bits *)reg = value;                                 \
		}                                                                         \
	}
HOST_MMIO(8)
HOST_MMIO(16)
HOST_MMIO(32)
HOST_MMIO(64)

void arch_cache_writeback(const void *p, size_t size)
{
	if (host_io.writeback) {
		host_io.writeback(p, size);
	}
}
