/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device registers as drivers reach them: ports, mapped registers, and caches that a device does
 * not snoop. Host tests put a register model behind the same functions (arch/host/io.h).
 */
#ifndef ARCH_CONTRACT_IO_H
#define ARCH_CONTRACT_IO_H

#include "lib/compiler.h"

/* Ports, where the architecture has them; elsewhere reads give all ones. Any context. */
u8 arch_in8(u16 port);
u16 arch_in16(u16 port);
u32 arch_in32(u16 port);
void arch_out8(u16 port, u8 value);
void arch_out16(u16 port, u16 value);
void arch_out32(u16 port, u32 value);

/* One access of this size to a naturally aligned register in a mapping made with HV_DEVICE. Not
 * reordered with each other; writes come after all earlier stores to memory. Any context. */
u8 arch_mmio_read8(const volatile void *reg);
u16 arch_mmio_read16(const volatile void *reg);
u32 arch_mmio_read32(const volatile void *reg);
u64 arch_mmio_read64(const volatile void *reg);
void arch_mmio_write8(volatile void *reg, u8 value);
void arch_mmio_write16(volatile void *reg, u16 value);
void arch_mmio_write32(volatile void *reg, u32 value);
void arch_mmio_write64(volatile void *reg, u64 value);

/* Writes the dirty cache lines of [p, p + size) back and drops them, so that a device that does not
 * snoop (or a guest whose MMU is off) sees what was written, and we see what it writes. */
void arch_cache_writeback(const void *p, size_t size);

#endif
