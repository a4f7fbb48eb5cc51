/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lengths of the instructions that cause exits, for CPUs that do not report the next RIP. The exit
 * says which instruction it was; the bytes only tell how many prefixes it has and how long it is.
 * One table, no state. Bytes that do not hold the instruction named (another CPU of the guest may
 * have changed them) give 0, never a guess.
 */
#ifndef ARCH_X86_EMUL_FIXED_LENGTH_H
#define ARCH_X86_EMUL_FIXED_LENGTH_H

#include "arch/x86/emul/emul.h"

enum emul_kind {
	EMUL_KIND_CPUID,
	EMUL_KIND_RDMSR,
	EMUL_KIND_WRMSR,
	EMUL_KIND_RDTSC,
	EMUL_KIND_RDTSCP,
	EMUL_KIND_RDPMC,
	EMUL_KIND_RDPRU,
	EMUL_KIND_VMCALL,
	EMUL_KIND_VMMCALL,
	EMUL_KIND_VMRUN,
	EMUL_KIND_VMLOAD,
	EMUL_KIND_VMSAVE,
	EMUL_KIND_STGI,
	EMUL_KIND_CLGI,
	EMUL_KIND_SKINIT,
	EMUL_KIND_INVLPGA,
	EMUL_KIND_INVLPG,
	EMUL_KIND_INVD,
	EMUL_KIND_WBINVD,
	EMUL_KIND_HLT,
	EMUL_KIND_PAUSE,
	EMUL_KIND_MONITOR,
	EMUL_KIND_MWAIT,
	EMUL_KIND_XSETBV,
	EMUL_KIND_CLTS,
	EMUL_KIND_LMSW,
	EMUL_KIND_SMSW,
	EMUL_KIND_MOV_CR, /* to and from */
	EMUL_KIND_MOV_DR,
	EMUL_KIND_INT3,
	EMUL_KIND_INT_N,
	EMUL_KIND_INTO,
	EMUL_KIND_ICEBP,
	EMUL_KIND_IRET,
	EMUL_KIND_PUSHF,
	EMUL_KIND_POPF,
	EMUL_KIND_RSM,
	EMUL_KIND_IO,	      /* IN, OUT, INS, OUTS */
	EMUL_KIND_DESCRIPTOR, /* SGDT, SIDT, LGDT, LIDT, SLDT, STR, LLDT, LTR */
	EMUL_KIND_COUNT,
};

/* What follows the opcode bytes. */
enum emul_fixed_tail {
	FIXED_NONE,
	FIXED_BYTE,  /* an immediate, or a ModRM that always names registers */
	FIXED_MODRM, /* ModRM with ModRM.reg == ext, and its displacement */
};

struct emul_fixed {
	u8 kind;
	u8 opcode_bytes;
	u8 opcode[3];
	u8 mask; /* of the last opcode byte */
	u8 tail; /* enum emul_fixed_tail */
	u8 ext;
	bool mem; /* ModRM must name memory */
	bool f3;  /* REP is part of the opcode */
};

/* Bytes of ModRM, SIB and displacement at @p, or 0 if there are not that many. */
static inline u32 emul_modrm_length(const u8 *p, size_t n, u32 addr_bytes)
{
	u32 mod, rm, len = 1;

	if (n < 1) {
		return 0;
	}
	mod = p[0] >> 6;
	rm = p[0] & 7;
	if (mod == 3) {
		return 1;
	}
	if (addr_bytes == 2) {
		len += mod == 1 ? 1 : mod == 2 || rm == 6 ? 2 : 0;
	} else {
		if (rm == 4) {
			if (n < 2) {
				return 0;
			}
			len++;
			rm = p[1] & 7;
		}
		len += mod == 1 ? 1 : mod == 2 || rm == 5 ? 4 : 0;
	}
	return len <= n ? len : 0;
}

/* What the prefixes before an opcode say. */
struct emul_fixed_prefixes {
	u32 count;
	bool addrsize, f3, lock;
};

static inline struct emul_fixed_prefixes emul_fixed_prefixes(
	const u8 *bytes, size_t n, enum emul_mode mode)
{
	struct emul_fixed_prefixes p = { 0 };
	u8 b;

	for (; p.count < n; p.count++) {
		b = bytes[p.count];
		if (b == 0x67) {
			p.addrsize = true;
		} else if (b == 0xf2 || b == 0xf3) {
			p.f3 = b == 0xf3;
		} else if (b == 0xf0) {
			p.lock = true;
		} else if (b != 0x66 && b != 0x64 && b != 0x65 && (b & 0xe7) != 0x26 &&
			   !(mode == EMUL_LONG64 && (b & 0xf0) == 0x40)) {
			break;
		}
	}
	return p;
}

static inline u32 emul_fixed_addr_bytes(enum emul_mode mode, bool override)
{
	u32 normal = mode == EMUL_LONG64 ? 8 : mode == EMUL_PROT32 ? 4 : 2;

	return !override ? normal : normal == 4 ? 2 : 4;
}

/* Length of the opcode and its tail if @row describes what is at @p, or 0. */
static inline u32 emul_fixed_match(
	const struct emul_fixed *row, const u8 *p, size_t n, u32 addr_bytes)
{
	u32 len = row->opcode_bytes, last = len - 1, modrm;

	if (n < len) {
		return 0;
	}
	for (u32 i = 0; i < len; i++) {
		if ((p[i] & (i == last ? row->mask : 0xff)) != row->opcode[i]) {
			return 0;
		}
	}
	if (row->tail == FIXED_NONE) {
		return len;
	}
	if (row->tail == FIXED_BYTE) {
		return n > len ? len + 1 : 0;
	}
	modrm = emul_modrm_length(p + len, n - len, addr_bytes);
	if (!modrm || ((p[len] >> 3) & 7) != row->ext || (row->mem && p[len] >= 0xc0)) {
		return 0;
	}
	return len + modrm;
}

#define FIXED(kind, ...) EMUL_KIND_##kind, sizeof((u8[]){ __VA_ARGS__ }), { __VA_ARGS__ }, 0xff

/*
 * The length in bytes (1..15) of the instruction of @kind that starts at @bytes, of which @n are
 * valid; 0 if it is not there, or not whole.
 */
static inline u32 emul_fixed_length(
	const u8 *bytes, size_t n, enum emul_mode mode, enum emul_kind kind)
{
	static const struct emul_fixed table[] = {
		{ FIXED(CPUID, 0x0f, 0xa2) }, { FIXED(RDMSR, 0x0f, 0x32) },
		{ FIXED(WRMSR, 0x0f, 0x30) }, { FIXED(RDTSC, 0x0f, 0x31) },
		{ FIXED(RDTSCP, 0x0f, 0x01, 0xf9) }, { FIXED(RDPMC, 0x0f, 0x33) },
		{ FIXED(RDPRU, 0x0f, 0x01, 0xfd) }, { FIXED(VMCALL, 0x0f, 0x01, 0xc1) },
		{ FIXED(VMMCALL, 0x0f, 0x01, 0xd9) }, { FIXED(VMRUN, 0x0f, 0x01, 0xd8) },
		{ FIXED(VMLOAD, 0x0f, 0x01, 0xda) }, { FIXED(VMSAVE, 0x0f, 0x01, 0xdb) },
		{ FIXED(STGI, 0x0f, 0x01, 0xdc) }, { FIXED(CLGI, 0x0f, 0x01, 0xdd) },
		{ FIXED(SKINIT, 0x0f, 0x01, 0xde) }, { FIXED(INVLPGA, 0x0f, 0x01, 0xdf) },
		{ FIXED(INVLPG, 0x0f, 0x01), FIXED_MODRM, 7, .mem = true },
		{ FIXED(INVD, 0x0f, 0x08) }, { FIXED(WBINVD, 0x0f, 0x09) }, { FIXED(HLT, 0xf4) },
		{ FIXED(PAUSE, 0x90), .f3 = true }, { FIXED(MONITOR, 0x0f, 0x01, 0xc8) },
		{ FIXED(MONITOR, 0x0f, 0x01, 0xfa) }, /* MONITORX */
		{ FIXED(MWAIT, 0x0f, 0x01, 0xc9) }, { FIXED(MWAIT, 0x0f, 0x01, 0xfb) }, /* MWAITX */
		{ FIXED(XSETBV, 0x0f, 0x01, 0xd1) }, { FIXED(CLTS, 0x0f, 0x06) },
		{ FIXED(LMSW, 0x0f, 0x01), FIXED_MODRM, 6 },
		{ FIXED(SMSW, 0x0f, 0x01), FIXED_MODRM, 4 },
		{ EMUL_KIND_MOV_CR, 2, { 0x0f, 0x20 }, 0xfd, FIXED_BYTE }, /* 20, 22 */
		{ EMUL_KIND_MOV_DR, 2, { 0x0f, 0x21 }, 0xfd, FIXED_BYTE }, /* 21, 23 */
		{ FIXED(INT3, 0xcc) }, { FIXED(INT_N, 0xcd), FIXED_BYTE }, { FIXED(INTO, 0xce) },
		{ FIXED(ICEBP, 0xf1) }, { FIXED(IRET, 0xcf) }, { FIXED(PUSHF, 0x9c) },
		{ FIXED(POPF, 0x9d) }, { FIXED(RSM, 0x0f, 0xaa) },
		{ EMUL_KIND_IO, 1, { 0xe4 }, 0xfc, FIXED_BYTE },   /* IN, OUT with immediate port */
		{ EMUL_KIND_IO, 1, { 0xec }, 0xfc, FIXED_NONE },   /* IN, OUT with DX */
		{ EMUL_KIND_IO, 1, { 0x6c }, 0xfc, FIXED_NONE },   /* INS, OUTS */
		{ FIXED(DESCRIPTOR, 0x0f, 0x00), FIXED_MODRM, 0 }, /* SLDT */
		{ FIXED(DESCRIPTOR, 0x0f, 0x00), FIXED_MODRM, 1 }, /* STR */
		{ FIXED(DESCRIPTOR, 0x0f, 0x00), FIXED_MODRM, 2 }, /* LLDT */
		{ FIXED(DESCRIPTOR, 0x0f, 0x00), FIXED_MODRM, 3 }, /* LTR */
		{ FIXED(DESCRIPTOR, 0x0f, 0x01), FIXED_MODRM, 0, .mem = true }, /* SGDT */
		{ FIXED(DESCRIPTOR, 0x0f, 0x01), FIXED_MODRM, 1, .mem = true }, /* SIDT */
		{ FIXED(DESCRIPTOR, 0x0f, 0x01), FIXED_MODRM, 2, .mem = true }, /* LGDT */
		{ FIXED(DESCRIPTOR, 0x0f, 0x01), FIXED_MODRM, 3, .mem = true }, /* LIDT */
	};
	struct emul_fixed_prefixes p;
	u32 addr_bytes, len;

	n = MIN(n, (size_t)EMUL_INSN_MAX);
	p = emul_fixed_prefixes(bytes, n, mode);
	addr_bytes = emul_fixed_addr_bytes(mode, p.addrsize);
	for (u32 i = 0; i < ARRAY_SIZE(table); i++) {
		if (table[i].kind != kind || (p.lock && kind != EMUL_KIND_MOV_CR) ||
			(table[i].f3 && !p.f3)) {
			continue;
		}
		len = emul_fixed_match(&table[i], bytes + p.count, n - p.count, addr_bytes);
		if (len) {
			return p.count + len;
		}
	}
	return 0;
}
#undef FIXED

#endif
