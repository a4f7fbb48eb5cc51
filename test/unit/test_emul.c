/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulator where the host's CPU cannot be asked: 16- and 32-bit modes, segmentation, prefixes,
 * lengths, what is committed and when, bounds of REP. Instructions are assembled by hand.
 */
#include <stdio.h>
#include <string.h>

#include "arch/x86/cpu_bits.h"
#include "arch/x86/emul/emul.h"
#include "arch/x86/emul/fixed_length.h"
#include "unit/harness.h"

#define MEM_SIZE 0x40000U
#define MMIO 0x30000U /* the last quarter of memory answers as told below */
#define CODE 0x1000U

/* A guest with a little memory at linear address 0, and a record of what was asked of it. */
struct world {
	struct emul e;
	struct x86_regs regs;
	struct x86_seg seg[X86_SEG_COUNT];
	u8 mem[MEM_SIZE];
	u8 vec[16][32];
	u64 mmx[8];
	enum emul_result mmio_read, mmio_write;
	u32 reads, writes, fetches, ports, bulks, probes;
	u64 bulk_limit;	 /* items that a bulk hook does at once; 0: it refuses */
	bool swap_loses; /* somebody else writes before every cmpxchg */
	u32 last_flags;
};

static struct world w;

static enum emul_result mem_check(struct emul *e, u64 linear, u32 bytes, u32 error)
{
	if (linear >= MEM_SIZE || bytes > MEM_SIZE - linear) {
		return emul_raise_pf(e, error, linear);
	}
	return EMUL_OKAY;
}

static enum emul_result hook_fetch(struct emul *e, u64 linear, void *buf, u32 bytes)
{
	enum emul_result r = mem_check(e, linear, bytes, X86_PF_I);

	w.fetches++;
	CHECK(bytes >= 1 && bytes <= EMUL_INSN_MAX);
	CHECK_EQ(linear >> PAGE_SHIFT, (linear + bytes - 1) >> PAGE_SHIFT);
	if (r == EMUL_OKAY) {
		memcpy(buf, w.mem + linear, bytes);
	}
	return r;
}

static enum emul_result hook_read(struct emul *e, u64 linear, void *buf, u32 bytes, u32 flags)
{
	enum emul_result r = mem_check(e, linear, bytes, 0);

	w.reads++;
	w.last_flags = flags;
	if (r == EMUL_OKAY && linear >= MMIO) {
		r = w.mmio_read;
	}
	if (r == EMUL_OKAY) {
		memcpy(buf, w.mem + linear, bytes);
	}
	return r;
}

static enum emul_result hook_write(
	struct emul *e, u64 linear, const void *buf, u32 bytes, u32 flags)
{
	enum emul_result r = mem_check(e, linear, bytes, X86_PF_W);

	w.writes++;
	w.last_flags = flags;
	if (r == EMUL_OKAY && linear >= MMIO) {
		r = w.mmio_write;
	}
	if (r == EMUL_OKAY) {
		memcpy(w.mem + linear, buf, bytes);
	}
	return r;
}

static enum emul_result hook_probe(struct emul *e, u64 linear, u32 bytes)
{
	w.probes++;
	return mem_check(e, linear, bytes, X86_PF_W);
}

static enum emul_result hook_cmpxchg(
	struct emul *e, u64 linear, void *old, const void *new, u32 bytes)
{
	enum emul_result r = mem_check(e, linear, bytes, X86_PF_W);
	u8 seen[16];

	if (r != EMUL_OKAY) {
		return r;
	}
	w.mem[linear] += w.swap_loses;
	memcpy(seen, w.mem + linear, bytes);
	if (memcmp(seen, old, bytes) == 0) {
		memcpy(w.mem + linear, new, bytes);
	}
	memcpy(old, seen, bytes);
	return EMUL_OKAY;
}

static enum emul_result hook_read_io(struct emul *e, u16 port, u32 bytes, u32 *value)
{
	w.ports++;
	*value = (0x11223300U + port) & (bytes == 4 ? ~0U : (1U << bytes * 8) - 1);
	return EMUL_OKAY;
}

static enum emul_result hook_write_io(struct emul *e, u16 port, u32 bytes, u32 value)
{
	w.ports++;
	w.mem[0x20000] = (u8)port;
	memcpy(w.mem + 0x20004, &value, 4);
	return EMUL_OKAY;
}

static enum emul_result hook_check_io(struct emul *e, u16 port, u32 bytes)
{
	return emul_raise_error(e, X86_EXC_GP, 0);
}

static enum emul_result hook_rep_stos(
	struct emul *e, u64 linear, const void *item, u32 bytes, u64 *count)
{
	if (!w.bulk_limit) {
		return EMUL_UNHANDLEABLE;
	}
	w.bulks++;
	*count = MIN(*count, w.bulk_limit);
	CHECK(linear + *count * bytes <= MEM_SIZE);
	for (u64 i = 0; i < *count; i++) {
		memcpy(w.mem + linear + i * bytes, item, bytes);
	}
	return EMUL_OKAY;
}

/* The other bulk hooks only count. */
static enum emul_result bulk_count(u64 *count)
{
	if (!w.bulk_limit) {
		return EMUL_UNHANDLEABLE;
	}
	w.bulks++;
	*count = w.bulk_limit == ~0ULL ? ~0ULL : MIN(*count, w.bulk_limit);
	return EMUL_OKAY;
}

static enum emul_result hook_rep_io(struct emul *e, u16 port, u64 linear, u32 bytes, u64 *count)
{
	return bulk_count(count);
}

static enum emul_result hook_rep_movs(struct emul *e, u64 src, u64 dst, u32 bytes, u64 *count)
{
	return bulk_count(count);
}

static enum emul_result hook_read_seg(struct emul *e, enum x86_seg_reg n, struct x86_seg *seg)
{
	*seg = w.seg[n];
	return EMUL_OKAY;
}

static enum emul_result hook_write_seg(
	struct emul *e, enum x86_seg_reg n, const struct x86_seg *seg)
{
	w.seg[n] = *seg;
	return EMUL_OKAY;
}

static enum emul_result hook_get_vec(struct emul *e, u32 reg, u8 buf[32])
{
	memcpy(buf, w.vec[reg], 32);
	return EMUL_OKAY;
}

static enum emul_result hook_put_vec(struct emul *e, u32 reg, const u8 buf[32])
{
	memcpy(w.vec[reg], buf, 32);
	return EMUL_OKAY;
}

static const struct emul_ops ops = {
	.fetch = hook_fetch,
	.read = hook_read,
	.write = hook_write,
	.probe_write = hook_probe,
	.cmpxchg = hook_cmpxchg,
	.read_io = hook_read_io,
	.write_io = hook_write_io,
	.check_io = hook_check_io,
	.rep_read_io = hook_rep_io,
	.rep_write_io = hook_rep_io,
	.rep_movs = hook_rep_movs,
	.rep_stos = hook_rep_stos,
	.read_seg = hook_read_seg,
	.write_seg = hook_write_seg,
	.get_vec = hook_get_vec,
	.put_vec = hook_put_vec,
};

#define DATA_ATTR (X86_SEG_P | X86_SEG_S | X86_SEG_WRITABLE | X86_SEG_ACCESSED)
#define CODE_ATTR (X86_SEG_P | X86_SEG_S | X86_SEG_CODE | X86_SEG_READABLE | X86_SEG_ACCESSED)

/* Segments as each mode usually has them; real mode and virtual-8086: DS at 0x2000, SS
 * at 0x4000. */
static void world_init(enum emul_mode mode)
{
	bool real = mode == EMUL_REAL || mode == EMUL_VM86;
	u16 db = mode == EMUL_PROT32 ? X86_SEG_DB : 0;

	memset(&w, 0, sizeof(w));
	for (u32 i = 0; i < X86_SEG_COUNT; i++) {
		w.seg[i] = (struct x86_seg){ .sel = 8 * i, .attr = DATA_ATTR | db };
		w.seg[i].limit = real || mode == EMUL_PROT16 ? 0xffff : 0xffffffff;
	}
	w.seg[SEG_CS].attr = CODE_ATTR | db | (mode == EMUL_LONG64 ? X86_SEG_L : 0);
	if (real) {
		w.seg[SEG_DS] = (struct x86_seg){ 0x200, DATA_ATTR, 0xffff, 0x2000 };
		w.seg[SEG_SS] = (struct x86_seg){ 0x400, DATA_ATTR, 0xffff, 0x4000 };
	}
	w.regs.rip = CODE;
	w.regs.rflags = X86_EFLAGS_FIXED;
	w.regs.gpr[REG_RSP] = 0x8000;
	w.e = (struct emul){
		.ops = &ops,
		.regs = &w.regs,
		.mode = mode,
		.cpl = mode == EMUL_VM86 ? 3 : 0,
		.features = EMUL_HAS_ALL,
		.cr0 = X86_CR0_PE,
		.cr4 = X86_CR4_OSFXSR | X86_CR4_OSXSAVE,
		.xcr0 = X86_XCR0_X87 | X86_XCR0_SSE | X86_XCR0_AVX,
		.rep_max = 100,
	};
}

static enum emul_result run_bytes(const u8 *insn, u32 len)
{
	memcpy(w.mem + w.seg[SEG_CS].base + w.regs.rip, insn, len);
	return emul_run(&w.e);
}

#define RUN(...) run_bytes((const u8[]){ __VA_ARGS__ }, sizeof((u8[]){ __VA_ARGS__ }))

static u64 mem_get(u32 at, u32 bytes)
{
	u64 v = 0;

	memcpy(&v, w.mem + at, bytes);
	return v;
}

static void mem_put(u32 at, u64 v, u32 bytes)
{
	memcpy(w.mem + at, &v, bytes);
}

/* One instruction from a known state: AX=1234 BX=10 CX=3 DX=5 SP=8000 BP=20 SI=30
 * DI=40 +89abcdxx. */
struct row {
	const char *what;
	enum emul_mode mode;
	u8 len;
	u8 insn[15];
	enum emul_result result;
	u8 vector; /* of EMUL_EXCEPTION */
	s8 reg;	   /* which register is looked at, -1: none */
	u64 value; /* of it, afterwards */
	u32 at;	   /* memory that is looked at, 0: none */
	u32 bytes;
	u64 memory;
};

#define OK(reg, value) EMUL_OKAY, 0, reg, value
#define OK_MEM(at, bytes, memory) EMUL_OKAY, 0, -1, 0, at, bytes, memory
#define FAULT(vector) EMUL_EXCEPTION, X86_EXC_##vector, -1
#define NOT_KNOWN EMUL_UNHANDLEABLE, 0, -1
#define BYTES(...)                     \
	sizeof((u8[]){ __VA_ARGS__ }), \
	{                              \
		__VA_ARGS__            \
	}
#define HIGH 0x89abcd0000000000ULL

/* clang-format off */
static const struct row rows[] = {
	/* Addressing: memory holds its own address in each word at 0x2000..0x6000. */
	{ "mov ax,[bx+si]", EMUL_REAL, BYTES(0x8b, 0x00), OK(REG_RAX, 0x2040) },
	{ "mov ax,[bx+di]", EMUL_REAL, BYTES(0x8b, 0x01), OK(REG_RAX, 0x2050) },
	{ "mov ax,[bp+si]: SS", EMUL_REAL, BYTES(0x8b, 0x02), OK(REG_RAX, 0x4050) },
	{ "mov ax,[bp+di]: SS", EMUL_REAL, BYTES(0x8b, 0x03), OK(REG_RAX, 0x4060) },
	{ "mov ax,[si]", EMUL_REAL, BYTES(0x8b, 0x04), OK(REG_RAX, 0x2030) },
	{ "mov ax,[di]", EMUL_REAL, BYTES(0x8b, 0x05), OK(REG_RAX, 0x2040) },
	{ "mov ax,[0x100]", EMUL_REAL, BYTES(0x8b, 0x06, 0x00, 0x01), OK(REG_RAX, 0x2100) },
	{ "mov ax,[bx]", EMUL_REAL, BYTES(0x8b, 0x07), OK(REG_RAX, 0x2010) },
	{ "mov ax,[bp+0]: SS", EMUL_REAL, BYTES(0x8b, 0x46, 0x00), OK(REG_RAX, 0x4020) },
	{ "mov ax,[bx-8]", EMUL_REAL, BYTES(0x8b, 0x47, 0xf8), OK(REG_RAX, 0x2008) },
	{ "mov ax,[bx+0x200]", EMUL_REAL, BYTES(0x8b, 0x87, 0x00, 0x02), OK(REG_RAX, 0x2210) },
	{ "mov ax,[bx-0x20] wraps at 64 KiB", EMUL_REAL, BYTES(0x8b, 0x47, 0xe0), OK(REG_RAX, 0) },
	{ "mov ax,ds:[bp]", EMUL_REAL, BYTES(0x3e, 0x8b, 0x46, 0x00), OK(REG_RAX, 0x2020) },
	{ "mov ax,cs:[0x2100]", EMUL_REAL,
		BYTES(0x2e, 0x8b, 0x06, 0x00, 0x21), OK(REG_RAX, 0x2100) },
	{ "the last override wins", EMUL_REAL,
		BYTES(0x36, 0x3e, 0x8b, 0x46, 0x00), OK(REG_RAX, 0x2020) },
	{ "mov ax,[ebx+esi*2] by 67", EMUL_REAL,
		BYTES(0x67, 0x8b, 0x04, 0x73), OK(REG_RAX, 0x2070) },
	{ "mov ax,[esp+ebx] by 67: beyond the limit", EMUL_REAL,
		BYTES(0x67, 0x8b, 0x84, 0x1c, 0, 0, 1, 0), FAULT(SS) },
	{ "mov eax,[si] by 66", EMUL_REAL, BYTES(0x66, 0x8b, 0x04), OK(REG_RAX, 0x20322030) },
	{ "mov ax keeps the rest", EMUL_REAL, BYTES(0x8b, 0x04), OK(REG_RAX, 0x2030) },
	{ "mov [bx],al", EMUL_REAL, BYTES(0x88, 0x07), OK_MEM(0x2010, 2, 0x2034) },
	{ "mov ax,moffs", EMUL_REAL, BYTES(0xa1, 0x04, 0x01), OK(REG_RAX, 0x2104) },
	{ "mov moffs,ax", EMUL_REAL, BYTES(0xa3, 0x04, 0x01), OK_MEM(0x2104, 2, 0x1234) },
	{ "word at 0xffff is beyond the limit", EMUL_REAL,
		BYTES(0x8b, 0x06, 0xff, 0xff), FAULT(GP) },
	{ "and #SS through SS", EMUL_REAL, BYTES(0x36, 0x8b, 0x06, 0xff, 0xff), FAULT(SS) },
	{ "byte at 0xffff is not", EMUL_REAL, BYTES(0x8a, 0x06, 0xff, 0xff), OK(REG_RAX, 0x1200) },
	{ "virtual-8086 is like real mode", EMUL_VM86, BYTES(0x8b, 0x02), OK(REG_RAX, 0x4050) },
	{ "mov eax,[ebx+0x2000]", EMUL_PROT32,
		BYTES(0x8b, 0x83, 0, 0x20, 0, 0), OK(REG_RAX, 0x20122010) },
	{ "mov eax,[ebp+ebx*4+0x2000]", EMUL_PROT32,
		BYTES(0x8b, 0x84, 0x9d, 0, 0x20, 0, 0), OK(REG_RAX, 0x20622060) },
	{ "mov eax,[disp32], no SIB", EMUL_PROT32,
		BYTES(0x8b, 0x05, 4, 0x20, 0, 0), OK(REG_RAX, 0x20062004) },
	{ "mov eax,[ecx*8+disp32]", EMUL_PROT32,
		BYTES(0x8b, 0x04, 0xcd, 0, 0x20, 0, 0), OK(REG_RAX, 0x201a2018) },
	{ "mov ax,[disp16] by 67", EMUL_PROT32,
		BYTES(0x66, 0x67, 0x8b, 0x06, 8, 0x20), OK(REG_RAX, 0x2008) },
	{ "mov eax,[si+0x2000] by 67", EMUL_PROT32,
		BYTES(0x67, 0x8b, 0x84, 0, 0x20), OK(REG_RAX, 0x20322030) },
	{ "mov ax,[bx+0x2000] in 16-bit code", EMUL_PROT16,
		BYTES(0x8b, 0x87, 0, 0x20), OK(REG_RAX, 0x2010) },
	{ "mov eax,[rip+0x1000-6]", EMUL_LONG64,
		BYTES(0x8b, 0x05, 0xfa, 0x0f, 0, 0), OK(REG_RAX, 0x20022000) },
	{ "mov eax,[eip+...] by 67", EMUL_LONG64,
		BYTES(0x67, 0x8b, 0x05, 0xf9, 0x0f, 0, 0), OK(REG_RAX, 0x20022000) },
	{ "RIP-relative with immediate", EMUL_LONG64,
		BYTES(0xc7, 0x05, 0xf6, 0x0f, 0, 0, 1, 2, 3, 4), OK_MEM(0x2000, 4, 0x04030201) },
	{ "DS override is ignored in 64-bit mode", EMUL_LONG64,
		BYTES(0x3e, 0x8b, 0x04, 0x25, 0, 0x20, 0, 0), OK(REG_RAX, 0x20022000) },
	{ "movabs", EMUL_LONG64,
		BYTES(0xa0, 0, 0x20, 0, 0, 0, 0, 0, 0), OK(REG_RAX, HIGH | 0x1200) },

	/* What only 16- and 32-bit modes have. */
	{ "inc cx", EMUL_REAL, BYTES(0x41), OK(REG_RCX, 4) },
	{ "dec edx", EMUL_PROT32, BYTES(0x4a), OK(REG_RDX, 4) },
	{ "push es", EMUL_REAL, BYTES(0x06), OK_MEM(0xbffe, 2, 0) },
	{ "push ds, 32 bits", EMUL_PROT32, BYTES(0x1e), OK_MEM(0x7ffc, 4, 24) },
	{ "push ds of 64-bit mode", EMUL_LONG64, BYTES(0x1e), FAULT(UD) },
	{ "pop es", EMUL_REAL, BYTES(0x07), OK(REG_RSP, 0x8002) },
	{ "pop es needs descriptors", EMUL_PROT32, BYTES(0x07), NOT_KNOWN },
	{ "pusha", EMUL_REAL, BYTES(0x60), OK_MEM(0xbff0, 8, 0x8000002000300040) },
	{ "popa", EMUL_PROT32, BYTES(0x61), OK(REG_RSP, 0x8020) },
	{ "pusha of 64-bit mode", EMUL_LONG64, BYTES(0x60), FAULT(UD) },
	{ "82 is 80 once more", EMUL_PROT32, BYTES(0x82, 0xc1, 0x02), OK(REG_RCX, 5) },
	{ "82 of 64-bit mode", EMUL_LONG64, BYTES(0x82, 0xc1, 0x02), FAULT(UD) },
	{ "push word with a 32-bit stack", EMUL_PROT32, BYTES(0x66, 0x50), OK(REG_RSP, 0x7ffe) },
	{ "push dword with a 16-bit stack", EMUL_REAL, BYTES(0x66, 0x50), OK(REG_RSP, 0x7ffc) },
	{ "call near", EMUL_REAL, BYTES(0xe8, 0x10, 0x00), OK_MEM(0xbffe, 2, 0x1003) },
	{ "jmp short", EMUL_REAL, BYTES(0xeb, 0xf0), OK(REG_RSP, 0x8000) },
	{ "jmp beyond the limit", EMUL_REAL, BYTES(0x66, 0xe9, 0, 0, 2, 0), FAULT(GP) },
	{ "jcxz with CX=3", EMUL_REAL, BYTES(0xe3, 0x10), OK(REG_RCX, 3) },
	{ "loop", EMUL_REAL, BYTES(0xe2, 0x10), OK(REG_RCX, 2) },
	{ "les", EMUL_REAL, BYTES(0xc4, 0x07), NOT_KNOWN },
	{ "C4 with a register is not VEX in real mode", EMUL_REAL,
		BYTES(0xc4, 0xe1, 0x78, 0x28, 0xc1), FAULT(UD) },
	{ "lds of 32-bit mode", EMUL_PROT32, BYTES(0xc5, 0x07), NOT_KNOWN },
	{ "VEX of 32-bit mode", EMUL_PROT32, BYTES(0xc5, 0xf8, 0x28, 0xc1), OK(REG_RCX, 3) },
	{ "arpl", EMUL_PROT32, BYTES(0x63, 0xc8), NOT_KNOWN },
	{ "mov ds,ax", EMUL_REAL, BYTES(0x8e, 0xd8), OK(REG_RAX, 0x1234) },
	{ "mov cs,ax", EMUL_REAL, BYTES(0x8e, 0xc8), FAULT(UD) },
	{ "mov [bx],ds", EMUL_REAL, BYTES(0x8c, 0x1f), OK_MEM(0x2010, 4, 0x20120200) },
	{ "mov to segment register 7", EMUL_REAL, BYTES(0x8e, 0xf8), FAULT(UD) },
	{ "movs", EMUL_REAL, BYTES(0xa5), OK_MEM(0x0040, 2, 0x2030) },
	{ "movs with ES: the destination is ES anyway", EMUL_REAL,
		BYTES(0x36, 0xa5), OK_MEM(0x0040, 2, 0x4030) },
	{ "xlat", EMUL_REAL, BYTES(0xd7), OK(REG_RAX, 0x1244) },
	{ "aam", EMUL_REAL, BYTES(0xd4, 0x0a), NOT_KNOWN },

	/* Prefixes. */
	{ "lock with a register", EMUL_PROT32, BYTES(0xf0, 0x01, 0xc8), FAULT(UD) },
	{ "lock cmp", EMUL_PROT32, BYTES(0xf0, 0x39, 0x08), FAULT(UD) },
	{ "lock add", EMUL_REAL, BYTES(0xf0, 0x01, 0x0f), OK_MEM(0x2010, 2, 0x2013) },
	{ "lock mov", EMUL_REAL, BYTES(0xf0, 0x8b, 0x07), FAULT(UD) },
	{ "lock bt", EMUL_REAL, BYTES(0xf0, 0x0f, 0xba, 0x27, 0x01), FAULT(UD) },
	{ "lock bts", EMUL_REAL, BYTES(0xf0, 0x0f, 0xba, 0x2f, 0x00), OK_MEM(0x2010, 2, 0x2011) },
	{ "fifteen bytes", EMUL_REAL,
		BYTES(0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		0x66, 0x66, 0x41), OK(REG_RCX, 4) },
	{ "fifteen prefixes", EMUL_REAL,
		BYTES(0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		0x66, 0x66, 0x66), FAULT(GP) },
	{ "REX counts right before the opcode", EMUL_LONG64,
		BYTES(0x48, 0x66, 0x01, 0xc8), OK(REG_RAX, HIGH | 0x1237) },
	{ "REX.W beats 66", EMUL_LONG64, BYTES(0x66, 0x48, 0xff, 0xc1), OK(REG_RCX, HIGH | 4) },
	{ "40 is REX in 64-bit mode only", EMUL_LONG64,
		BYTES(0x40, 0x88, 0xe1), OK(REG_RCX, HIGH | 0x00) },
	{ "AH without it", EMUL_LONG64, BYTES(0x88, 0xe1), OK(REG_RCX, HIGH | 0x12) },
	{ "66 before VEX", EMUL_LONG64, BYTES(0x66, 0xc5, 0xf8, 0x28, 0xc1), FAULT(UD) },
	{ "VEX map 7", EMUL_LONG64, BYTES(0xc4, 0xe7, 0x78, 0x28, 0xc1), NOT_KNOWN },
	{ "EVEX", EMUL_LONG64, BYTES(0x62, 0xf1, 0x7c, 0x48, 0x28, 0xc1), NOT_KNOWN },

	/* Faults and refusals by definition. */
	{ "ud2", EMUL_PROT32, BYTES(0x0f, 0x0b), FAULT(UD) },
	{ "lea with a register", EMUL_PROT32, BYTES(0x8d, 0xc0), FAULT(UD) },
	{ "FF /7", EMUL_PROT32, BYTES(0xff, 0xf8), FAULT(UD) },
	{ "call far through memory", EMUL_PROT32, BYTES(0xff, 0x18), NOT_KNOWN },
	{ "hlt", EMUL_PROT32, BYTES(0xf4), NOT_KNOWN },
	{ "fld", EMUL_PROT32, BYTES(0xd9, 0x05, 0, 0x20, 0, 0), NOT_KNOWN },
	{ "div: the quotient is too large", EMUL_REAL, BYTES(0xf6, 0xf1), FAULT(DE) },
	{ "aligned move of 16 bytes", EMUL_PROT32,
		BYTES(0x0f, 0x28, 0x05, 8, 0x20, 0, 0), FAULT(GP) },
	{ "unaligned move of 16 bytes", EMUL_PROT32,
		BYTES(0x0f, 0x10, 0x05, 8, 0x20, 0, 0), OK(REG_RCX, 3) },
	{ "sti in virtual-8086 mode", EMUL_VM86, BYTES(0xfb), FAULT(GP) },
	{ "FE /2", EMUL_PROT32, BYTES(0xfe, 0xd0), FAULT(UD) },
	{ "0F BA /3", EMUL_PROT32, BYTES(0x0f, 0xba, 0xd8, 1), FAULT(UD) },
	{ "cmpxchg8b with a register", EMUL_PROT32, BYTES(0x0f, 0xc7, 0xc8), FAULT(UD) },
	{ "rdrand", EMUL_PROT32, BYTES(0x0f, 0xc7, 0xf0), NOT_KNOWN },
	{ "xabort", EMUL_PROT32, BYTES(0xc6, 0xf8, 0), NOT_KNOWN },
	{ "xop", EMUL_PROT32, BYTES(0x8f, 0xe8, 0x78), NOT_KNOWN },
	{ "movnti with 66", EMUL_PROT32, BYTES(0x66, 0x0f, 0xc3, 0x05, 0, 0x20, 0, 0), FAULT(UD) },
	{ "movntps with a register", EMUL_PROT32, BYTES(0x0f, 0x2b, 0xc1), FAULT(UD) },
	{ "haddps", EMUL_PROT32, BYTES(0xf2, 0x0f, 0x7c, 0xc1), NOT_KNOWN },
	{ "movsldup", EMUL_PROT32, BYTES(0xf3, 0x0f, 0x12, 0xc1), NOT_KNOWN },
	{ "crc32", EMUL_PROT32, BYTES(0xf2, 0x0f, 0x38, 0xf0, 0xc1), NOT_KNOWN },
	{ "fxsave", EMUL_PROT32, BYTES(0x0f, 0xae, 0x00), NOT_KNOWN },
	{ "clwb", EMUL_PROT32, BYTES(0x66, 0x0f, 0xae, 0x30), NOT_KNOWN },
	{ "VEX cut by the length limit", EMUL_LONG64,
		BYTES(0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e,
		0x2e, 0x2e, 0xc5), FAULT(GP) },
	{ "xlat with SS", EMUL_REAL, BYTES(0x36, 0xd7), OK(REG_RAX, 0x1244) },
	{ "in, permitted by nobody", EMUL_VM86, BYTES(0xe4, 0x60), FAULT(GP) },
	{ "in al,0x60", EMUL_PROT32, BYTES(0xe4, 0x60), OK(REG_RAX, 0x1260) },
	{ "in eax,dx", EMUL_PROT32, BYTES(0xed), OK(REG_RAX, 0x11223305) },
	{ "in ax,dx", EMUL_PROT32, BYTES(0x66, 0xed), OK(REG_RAX, 0x3305) },
	{ "in rax,dx has 32 bits", EMUL_LONG64, BYTES(0x48, 0xed), OK(REG_RAX, 0x11223305) },
	{ "out dx,ax", EMUL_REAL, BYTES(0xef), OK_MEM(0x20004, 4, 0x1234) },
	{ "insw", EMUL_REAL, BYTES(0x6d), OK_MEM(0x0040, 2, 0x3305) },
	{ "outsb", EMUL_REAL, BYTES(0x6e), OK_MEM(0x20004, 4, 0x30) },
};
/* clang-format on */

static void row_prepare(const struct row *row)
{
	u64 high = row->mode == EMUL_LONG64 ? HIGH : 0;

	world_init(row->mode);
	for (u32 a = 0x2000; a < 0x6000; a += 2) {
		mem_put(a, a, 2);
	}
	w.regs.gpr[REG_RAX] = high | 0x1234;
	w.regs.gpr[REG_RBX] = 0x10;
	w.regs.gpr[REG_RCX] = high | 3;
	w.regs.gpr[REG_RDX] = high | 5;
	w.regs.gpr[REG_RBP] = 0x20;
	w.regs.gpr[REG_RSI] = 0x30;
	w.regs.gpr[REG_RDI] = 0x40;
}

/* Says which row a failed check below belongs to. */
static void row_announce(const struct row *row, enum emul_result r)
{
	if (r != row->result || (r == EMUL_EXCEPTION && w.e.exc.vector != row->vector) ||
		(row->reg >= 0 && w.regs.gpr[row->reg] != row->value) ||
		(row->at && mem_get(row->at, row->bytes) != row->memory)) {
		printf("    in mode %d: %s\n", row->mode, row->what);
	}
}

static void row_check(const struct row *row)
{
	struct x86_regs before;
	enum emul_result r;

	row_prepare(row);
	before = w.regs;
	r = run_bytes(row->insn, row->len);
	row_announce(row, r);
	CHECK_EQ(r, row->result);
	if (r != EMUL_OKAY) {
		CHECK_EQ(memcmp(&before, &w.regs, sizeof(before)), 0);
		CHECK_EQ(w.writes, 0);
	}
	if (r == EMUL_OKAY) {
		CHECK_EQ(w.e.insn.length, row->len);
	}
	if (r == EMUL_EXCEPTION && row->result == EMUL_EXCEPTION) {
		CHECK_EQ(w.e.exc.vector, row->vector);
		CHECK_EQ(w.e.exc.has_error, (X86_EXC_HAS_ERROR >> row->vector) & 1);
	}
	if (row->reg >= 0) {
		CHECK_EQ(w.regs.gpr[row->reg], row->value);
	}
	if (row->at) {
		CHECK_EQ(mem_get(row->at, row->bytes), row->memory);
	}
}

UNIT_TEST(emul_rows, "each instruction of the table does what its row says")
{
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		row_check(&rows[i]);
	}
}

UNIT_TEST(emul_mode, "the mode follows from CR0, EFER, RFLAGS and CS")
{
	CHECK_EQ(emul_mode_of(0, 0, 0, X86_SEG_DB), EMUL_REAL);
	CHECK_EQ(emul_mode_of(X86_CR0_PE, 0, 0, 0), EMUL_PROT16);
	CHECK_EQ(emul_mode_of(X86_CR0_PE, 0, 0, X86_SEG_DB), EMUL_PROT32);
	CHECK_EQ(emul_mode_of(X86_CR0_PE, 0, X86_EFLAGS_VM, X86_SEG_DB), EMUL_VM86);
	CHECK_EQ(emul_mode_of(X86_CR0_PE, X86_EFER_LMA, 0, X86_SEG_L), EMUL_LONG64);
	CHECK_EQ(emul_mode_of(X86_CR0_PE, X86_EFER_LMA, 0, X86_SEG_DB), EMUL_PROT32);
	CHECK_EQ(emul_mode_of(X86_CR0_PE, 0, 0, X86_SEG_L | X86_SEG_DB), EMUL_PROT32);
}

UNIT_TEST(emul_segments, "descriptors refuse what they should")
{
	world_init(EMUL_PROT32);
	w.seg[SEG_DS].attr &= ~X86_SEG_P;
	CHECK_EQ(RUN(0xa1, 0, 0x20, 0, 0), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_GP);
	w.seg[SEG_SS].attr &= ~X86_SEG_P;
	CHECK_EQ(RUN(0x50), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_SS);

	world_init(EMUL_PROT32);
	w.seg[SEG_DS].attr &= ~X86_SEG_WRITABLE;
	CHECK_EQ(RUN(0xa1, 0, 0x20, 0, 0), EMUL_OKAY);
	CHECK_EQ(RUN(0xa3, 0, 0x20, 0, 0), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_GP);
	CHECK_EQ(RUN(0xff, 0x05, 0, 0x20, 0, 0), EMUL_EXCEPTION);
	CHECK_EQ(w.reads, 1);
	CHECK_EQ(RUN(0x2e, 0xa1, 0, 0x20, 0, 0), EMUL_OKAY);
	CHECK_EQ(RUN(0x2e, 0xa3, 0, 0x20, 0, 0), EMUL_EXCEPTION);
	w.seg[SEG_CS].attr &= ~X86_SEG_READABLE;
	CHECK_EQ(RUN(0x2e, 0xa1, 0, 0x20, 0, 0), EMUL_EXCEPTION);
}

UNIT_TEST(emul_limits, "limits are inclusive, and upside down in expand-down segments")
{
	world_init(EMUL_PROT32);
	w.seg[SEG_DS].limit = 0x2003;
	CHECK_EQ(RUN(0xa1, 0, 0x20, 0, 0), EMUL_OKAY);
	CHECK_EQ(RUN(0xa1, 1, 0x20, 0, 0), EMUL_EXCEPTION);
	w.seg[SEG_DS].attr |= X86_SEG_EXPAND_DOWN;
	CHECK_EQ(RUN(0xa1, 3, 0x20, 0, 0), EMUL_EXCEPTION);
	CHECK_EQ(RUN(0xa1, 4, 0x20, 0, 0), EMUL_OKAY);
	w.seg[SEG_DS].attr &= ~X86_SEG_DB;
	CHECK_EQ(RUN(0xa1, 0xfc, 0xff, 0, 0), EMUL_OKAY);
	CHECK_EQ(RUN(0xa1, 0xfd, 0xff, 0, 0), EMUL_EXCEPTION);

	world_init(EMUL_PROT32);
	w.seg[SEG_DS].base = 0xfffff000;
	CHECK_EQ(RUN(0xa1, 0, 0x30, 0, 0), EMUL_OKAY);		  /* 32-bit linear addresses wrap */
	CHECK_EQ(RUN(0xa1, 0xfe, 0x0f, 0, 0), EMUL_UNHANDLEABLE); /* but not inside an access */
}

UNIT_TEST(emul_canonical, "addresses that are not canonical fault, by segment, with 48 and 57 bits")
{
	world_init(EMUL_LONG64);
	w.regs.gpr[REG_RBX] = w.regs.gpr[REG_RBP] = 0x0000800000000000ULL;
	CHECK_EQ(RUN(0x8b, 0x03), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_GP);
	CHECK_EQ(RUN(0x8b, 0x45, 0x00), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_SS);
	w.e.cr4 |= X86_CR4_LA57;
	CHECK_EQ(RUN(0x8b, 0x03), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_PF);
	CHECK_EQ(w.e.exc.cr2, 0x0000800000000000ULL);
	w.regs.gpr[REG_RBX] = ~0ULL - 2;
	CHECK_EQ(RUN(0x8b, 0x03), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_GP);
}

UNIT_TEST(emul_fs_base, "FS and GS have their bases in 64-bit mode, DS has none")
{
	world_init(EMUL_LONG64);
	w.seg[SEG_FS].base = 0x3000;
	w.seg[SEG_DS].base = 0x10000;
	mem_put(0x5000, 0x77, 1);
	w.regs.gpr[REG_RBX] = 0x2000;
	CHECK_EQ(RUN(0x64, 0x8a, 0x03), EMUL_OKAY);
	CHECK_EQ(w.regs.gpr[REG_RAX], 0x77);
	CHECK_EQ(RUN(0x64, 0x3e, 0x8a, 0x03), EMUL_OKAY);
	CHECK_EQ(w.regs.gpr[REG_RAX], 0x77);
	CHECK_EQ(RUN(0x8a, 0x03), EMUL_OKAY);
	CHECK_EQ(w.regs.gpr[REG_RAX], 0);
}

UNIT_TEST(emul_retry, "nothing is committed when a hook says retry or refuses")
{
	struct x86_regs before;

	world_init(EMUL_PROT32);
	w.mmio_read = EMUL_RETRY;
	w.mmio_write = EMUL_UNHANDLEABLE;
	before = w.regs;
	CHECK_EQ(RUN(0x03, 0x05, 0, 0, 3, 0), EMUL_RETRY); /* add eax,[MMIO] */
	CHECK_EQ(memcmp(&before, &w.regs, sizeof(before)), 0);
	CHECK_EQ(RUN(0x89, 0x05, 0, 0, 3, 0), EMUL_UNHANDLEABLE);
	CHECK_EQ(memcmp(&before, &w.regs, sizeof(before)), 0);
	CHECK_EQ(RUN(0x8f, 0x05, 0, 0, 3, 0), EMUL_UNHANDLEABLE); /* pop [MMIO] */
	CHECK_EQ(memcmp(&before, &w.regs, sizeof(before)), 0);
	w.mmio_read = EMUL_OKAY;
	CHECK_EQ(RUN(0x03, 0x05, 0, 0, 3, 0), EMUL_OKAY);
	CHECK_EQ(w.regs.rip, CODE + 6);
	CHECK_EQ(w.last_flags, 0);
	CHECK_EQ(RUN(0x01, 0x05, 0, 0, 3, 0), EMUL_UNHANDLEABLE);
	w.mmio_write = EMUL_OKAY;
	w.mmio_read = EMUL_RETRY;
	CHECK_EQ(RUN(0x01, 0x05, 0, 0, 3, 0), EMUL_RETRY);
	CHECK_EQ(w.last_flags, EMUL_ACC_RMW);
}

UNIT_TEST(emul_lost_swap, "a locked instruction that loses the race starts again")
{
	world_init(EMUL_PROT32);
	w.swap_loses = true;
	CHECK_EQ(RUN(0xf0, 0xff, 0x05, 0, 0x20, 0, 0), EMUL_RETRY);
	CHECK_EQ(w.regs.rip, CODE);
	CHECK_EQ(w.mem[0x2000], 1);
	w.swap_loses = false;
	CHECK_EQ(emul_run(&w.e), EMUL_OKAY);
	CHECK_EQ(w.mem[0x2000], 2);
	CHECK_EQ(w.writes, 0);
	/* XCHG is locked by nature. */
	w.regs.gpr[REG_RAX] = 0x55;
	CHECK_EQ(RUN(0x87, 0x05, 0, 0x20, 0, 0), EMUL_OKAY);
	CHECK_EQ(w.writes, 0);
	CHECK_EQ(w.regs.gpr[REG_RAX], 2);
	CHECK_EQ(w.mem[0x2000], 0x55);
}

/* rep movsb from 0x2000 to @dst, 10 items. */
static void prepare_movs(enum emul_mode mode, u64 dst)
{
	world_init(mode);
	for (u32 i = 0; i < 10; i++) {
		w.mem[0x2000 + i] = (u8)(i + 1);
	}
	w.regs.gpr[REG_RSI] = 0x2000;
	w.regs.gpr[REG_RDI] = dst;
	w.regs.gpr[REG_RCX] = 10;
}

UNIT_TEST(emul_rep_bound, "REP stops after rep_max iterations and goes on in the next call")
{
	prepare_movs(EMUL_PROT32, 0x5000);
	w.e.rep_max = 4;
	CHECK_EQ(RUN(0xf3, 0xa4), EMUL_OKAY);
	CHECK(w.e.rep_again);
	CHECK_EQ(w.regs.rip, CODE);
	CHECK_EQ(w.regs.gpr[REG_RCX], 6);
	CHECK_EQ(w.regs.gpr[REG_RSI], 0x2004);
	CHECK_EQ(emul_run(&w.e), EMUL_OKAY);
	CHECK(w.e.rep_again);
	CHECK_EQ(emul_run(&w.e), EMUL_OKAY);
	CHECK(!w.e.rep_again);
	CHECK_EQ(w.regs.rip, CODE + 2);
	CHECK_EQ(w.regs.gpr[REG_RCX], 0);
	CHECK_EQ(memcmp(w.mem + 0x2000, w.mem + 0x5000, 10), 0);
	CHECK_EQ(w.writes, 10);
}

UNIT_TEST(emul_rep_fault, "a fault in a later iteration keeps the earlier ones and comes next time")
{
	prepare_movs(EMUL_PROT32, MEM_SIZE - 3);
	CHECK_EQ(RUN(0xf3, 0xa4), EMUL_OKAY);
	CHECK(w.e.rep_again);
	CHECK_EQ(w.regs.gpr[REG_RCX], 7);
	CHECK_EQ(w.regs.gpr[REG_RDI], MEM_SIZE);
	CHECK_EQ(w.regs.rip, CODE);
	CHECK_EQ(emul_run(&w.e), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_PF);
	CHECK_EQ(w.e.exc.cr2, MEM_SIZE);
	CHECK(!w.e.rep_again);
	CHECK_EQ(w.regs.gpr[REG_RCX], 7);

	prepare_movs(EMUL_PROT32, MMIO - 2);
	w.mmio_write = EMUL_RETRY;
	CHECK_EQ(RUN(0xf3, 0xa4), EMUL_OKAY);
	CHECK(w.e.rep_again);
	CHECK_EQ(w.regs.gpr[REG_RCX], 8);
	CHECK_EQ(emul_run(&w.e), EMUL_RETRY);
	CHECK_EQ(w.regs.gpr[REG_RCX], 8);
}

UNIT_TEST(emul_rep_direction, "DF counts down, CX alone counts in 16-bit code, zero does nothing")
{
	prepare_movs(EMUL_PROT16, 0x5009);
	w.regs.gpr[REG_RSI] = 0x12009; /* upper halves are kept */
	w.regs.gpr[REG_RCX] = 0x7000a;
	w.regs.rflags |= X86_EFLAGS_DF;
	CHECK_EQ(RUN(0xf2, 0xa4), EMUL_OKAY);
	CHECK_EQ(w.regs.gpr[REG_RCX], 0x70000);
	CHECK_EQ(w.regs.gpr[REG_RSI], 0x11fff);
	CHECK_EQ(w.mem[0x5000], 1);
	CHECK_EQ(w.mem[0x5009], 10);
	w.reads = 0;
	CHECK_EQ(RUN(0xf3, 0xa4), EMUL_OKAY);
	CHECK_EQ(w.reads, 0);
	CHECK(!w.e.rep_again);
}

UNIT_TEST(emul_rep_compare, "REPE and REPNE stop at the first difference or match")
{
	prepare_movs(EMUL_PROT32, 0x5000);
	memcpy(w.mem + 0x5000, w.mem + 0x2000, 10);
	w.mem[0x5004] = 0;
	CHECK_EQ(RUN(0xf3, 0xa6), EMUL_OKAY);
	CHECK_EQ(w.regs.gpr[REG_RCX], 5);
	CHECK(!(w.regs.rflags & X86_EFLAGS_ZF));
	CHECK(!w.e.rep_again);
	prepare_movs(EMUL_PROT32, 0x2000);
	w.regs.gpr[REG_RAX] = 7;
	CHECK_EQ(RUN(0xf2, 0xae), EMUL_OKAY);
	CHECK_EQ(w.regs.gpr[REG_RCX], 3);
	CHECK(w.regs.rflags & X86_EFLAGS_ZF);
	CHECK(!w.e.rep_again);
}

UNIT_TEST(emul_rep_bulk, "bulk hooks get contiguous ranges, may do a part, and may refuse")
{
	prepare_movs(EMUL_PROT32, 0x5000);
	w.regs.gpr[REG_RAX] = 0x11223344;
	w.bulk_limit = 7;
	CHECK_EQ(RUN(0xf3, 0xab), EMUL_OKAY);
	CHECK(w.e.rep_again);
	CHECK_EQ(w.bulks, 1);
	CHECK_EQ(w.writes, 0);
	CHECK_EQ(w.regs.gpr[REG_RCX], 3);
	CHECK_EQ(w.regs.gpr[REG_RDI], 0x5000 + 28);
	CHECK_EQ(emul_run(&w.e), EMUL_OKAY);
	CHECK(!w.e.rep_again);
	CHECK_EQ(mem_get(0x5024, 4), 0x11223344);
	/* Across the end of a 16-bit segment: item by item, up to the fault. */
	prepare_movs(EMUL_PROT16, 0xfffe);
	w.bulk_limit = 7;
	CHECK_EQ(RUN(0xf3, 0xaa), EMUL_OKAY);
	CHECK_EQ(w.bulks, 0);
	CHECK_EQ(w.regs.gpr[REG_RCX], 0);
	CHECK_EQ(w.regs.gpr[REG_RDI], 8); /* DI wraps */
}

UNIT_TEST(emul_rep_bulk_ports,
	"INS, OUTS and MOVS go in bulk too; a count of 0 or too many is a retry")
{
	prepare_movs(EMUL_PROT32, 0x5000);
	w.bulk_limit = 4;
	CHECK_EQ(RUN(0xf3, 0xa5), EMUL_OKAY);
	CHECK_EQ(w.regs.gpr[REG_RCX], 6);
	CHECK_EQ(w.regs.gpr[REG_RSI], 0x2010);
	CHECK_EQ(w.regs.gpr[REG_RDI], 0x5010);
	CHECK_EQ(RUN(0xf3, 0x6d), EMUL_OKAY);
	CHECK_EQ(w.regs.gpr[REG_RCX], 2);
	CHECK_EQ(w.regs.gpr[REG_RSI], 0x2010);
	CHECK_EQ(w.regs.gpr[REG_RDI], 0x5020);
	CHECK_EQ(RUN(0xf3, 0x6e), EMUL_OKAY);
	CHECK_EQ(w.regs.gpr[REG_RCX], 0);
	CHECK_EQ(w.regs.gpr[REG_RSI], 0x2012);
	CHECK_EQ(w.bulks, 3);
	CHECK_EQ(w.reads + w.writes + w.ports, 0);
	prepare_movs(EMUL_PROT32, 0x5000);
	w.bulk_limit = ~0ULL; /* claims more than it was asked for */
	CHECK_EQ(RUN(0xf3, 0xa5), EMUL_RETRY);
	CHECK_EQ(w.regs.gpr[REG_RCX], 10);
}

UNIT_TEST(emul_popf, "POPF changes IOPL and IF only as far as CPL and IOPL allow")
{
	u64 both = X86_EFLAGS_IOPL | X86_EFLAGS_IF;

	world_init(EMUL_PROT32);
	mem_put(0x8000, both, 4);
	CHECK_EQ(RUN(0x9d), EMUL_OKAY);
	CHECK_EQ(w.regs.rflags & both, both);
	world_init(EMUL_PROT32);
	mem_put(0x8000, both, 4);
	w.e.cpl = 3;
	CHECK_EQ(RUN(0x9d), EMUL_OKAY);
	CHECK_EQ(w.regs.rflags & both, 0);
	world_init(EMUL_VM86);
	CHECK_EQ(RUN(0x9d), EMUL_UNHANDLEABLE);
	CHECK_EQ(RUN(0x9c), EMUL_UNHANDLEABLE);
	w.regs.rflags |= X86_EFLAGS_IOPL;
	CHECK_EQ(RUN(0x9d), EMUL_OKAY);
	CHECK_EQ(w.regs.rflags & X86_EFLAGS_IOPL, X86_EFLAGS_IOPL);
}

UNIT_TEST(emul_single_step, "TF is reported, and stops REP after each iteration")
{
	prepare_movs(EMUL_PROT32, 0x5000);
	w.regs.rflags |= X86_EFLAGS_TF | X86_EFLAGS_RF;
	w.bulk_limit = 100;
	CHECK_EQ(RUN(0xf3, 0xaa), EMUL_OKAY);
	CHECK(w.e.single_step && w.e.rep_again);
	CHECK_EQ(w.regs.gpr[REG_RCX], 9);
	CHECK(w.regs.rflags & X86_EFLAGS_RF);
	w.regs.gpr[REG_RCX] = 1;
	CHECK_EQ(emul_run(&w.e), EMUL_OKAY);
	CHECK(w.e.single_step && !w.e.rep_again);
	CHECK(!(w.regs.rflags & X86_EFLAGS_RF));
	w.regs.rflags &= ~X86_EFLAGS_TF;
	CHECK_EQ(RUN(0x90), EMUL_OKAY);
	CHECK(!w.e.single_step);
}

UNIT_TEST(emul_shadow, "STI and loads of SS report their shadow")
{
	world_init(EMUL_REAL);
	CHECK_EQ(RUN(0xfb), EMUL_OKAY);
	CHECK_EQ(w.e.shadow, EMUL_SHADOW_STI);
	CHECK(w.regs.rflags & X86_EFLAGS_IF);
	CHECK_EQ(RUN(0xfb), EMUL_OKAY);
	CHECK_EQ(w.e.shadow, EMUL_SHADOW_NONE);
	CHECK_EQ(RUN(0xfa), EMUL_OKAY);
	CHECK_EQ(RUN(0xfa), EMUL_OKAY);
	CHECK_EQ(w.e.shadow, EMUL_SHADOW_NONE);
	CHECK(!(w.regs.rflags & X86_EFLAGS_IF));
	w.regs.gpr[REG_RAX] = 0x300;
	CHECK_EQ(RUN(0x8e, 0xd0), EMUL_OKAY);
	CHECK_EQ(w.e.shadow, EMUL_SHADOW_MOV_SS);
	CHECK_EQ(w.seg[SEG_SS].base, 0x3000);
	CHECK_EQ(w.seg[SEG_SS].sel, 0x300);
	CHECK_EQ(RUN(0x17), EMUL_OKAY);
	CHECK_EQ(w.e.shadow, EMUL_SHADOW_MOV_SS);
	CHECK_EQ(RUN(0x90), EMUL_OKAY);
	CHECK_EQ(w.e.shadow, EMUL_SHADOW_NONE);
}

UNIT_TEST(emul_fetch, "fetches stop at pages and limits, and are made only when needed")
{
	world_init(EMUL_PROT32);
	w.regs.rip = 0x1ffe;
	CHECK_EQ(RUN(0xb8, 1, 2, 3, 4), EMUL_OKAY);
	CHECK_EQ(w.fetches, 2);
	CHECK_EQ(w.regs.gpr[REG_RAX], 0x04030201);
	w.fetches = 0;
	w.regs.rip = 0x1fff;
	CHECK_EQ(RUN(0x90), EMUL_OKAY);
	CHECK_EQ(w.fetches, 1);

	world_init(EMUL_PROT32);
	w.seg[SEG_CS].limit = CODE + 3;
	CHECK_EQ(RUN(0xb8, 1, 2, 3, 4), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_GP);
	CHECK_EQ(RUN(0x66, 0xb8, 1, 2), EMUL_OKAY);

	world_init(EMUL_PROT32);
	w.regs.rip = MEM_SIZE - 1;
	CHECK_EQ(RUN(0xb8), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_PF);
	CHECK_EQ(w.e.exc.cr2, MEM_SIZE);

	/* Bytes that came with the exit. */
	world_init(EMUL_PROT32);
	w.e.bytes[0] = 0x40;
	w.e.fetched = 1;
	CHECK_EQ(emul_run(&w.e), EMUL_OKAY);
	CHECK_EQ(w.fetches, 0);
	CHECK_EQ(w.e.fetched, 0);
	CHECK_EQ(w.regs.gpr[REG_RAX], 1);
}

UNIT_TEST(emul_alignment_check, "user code with AC set gets #AC for what is not aligned")
{
	world_init(EMUL_PROT32);
	w.e.cpl = 3;
	w.e.cr0 |= X86_CR0_AM;
	w.regs.rflags |= X86_EFLAGS_AC;
	CHECK_EQ(RUN(0xa1, 1, 0x20, 0, 0), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_AC);
	CHECK_EQ(RUN(0xa1, 4, 0x20, 0, 0), EMUL_OKAY);
	w.e.cpl = 0;
	CHECK_EQ(RUN(0xa1, 1, 0x20, 0, 0), EMUL_OKAY);
}

UNIT_TEST(emul_simd_enabled, "vector moves need their CR0, CR4 and XCR0 bits")
{
	world_init(EMUL_PROT32);
	w.e.cr0 |= X86_CR0_TS;
	CHECK_EQ(RUN(0x0f, 0x28, 0xc1), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_NM);
	w.e.cr0 = X86_CR0_PE | X86_CR0_EM;
	CHECK_EQ(RUN(0x0f, 0x28, 0xc1), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_UD);
	CHECK_EQ(RUN(0xc5, 0xf8, 0x28, 0xc1), EMUL_OKAY);
	w.e.xcr0 = X86_XCR0_X87 | X86_XCR0_SSE;
	CHECK_EQ(RUN(0xc5, 0xf8, 0x28, 0xc1), EMUL_EXCEPTION);
	w.e.cr0 = X86_CR0_PE;
	w.e.cr4 = 0;
	CHECK_EQ(RUN(0x0f, 0x28, 0xc1), EMUL_EXCEPTION);
	CHECK_EQ(w.e.exc.vector, X86_EXC_UD);
}

UNIT_TEST(emul_simd_upper, "SSE keeps the upper half of YMM, VEX clears it")
{
	world_init(EMUL_PROT32);
	memset(w.vec, 0xaa, sizeof(w.vec));
	CHECK_EQ(RUN(0x0f, 0x10, 0x05, 0, 0x20, 0, 0), EMUL_OKAY);
	CHECK_EQ(w.vec[0][0], 0);
	CHECK_EQ(w.vec[0][16], 0xaa);
	CHECK_EQ(RUN(0xc5, 0xf8, 0x10, 0x05, 0, 0x20, 0, 0), EMUL_OKAY);
	CHECK_EQ(w.vec[0][16], 0);
	CHECK_EQ(w.e.insn.mem.bytes, 16);
	CHECK_EQ(RUN(0xc5, 0xfc, 0x11, 0x0d, 0, 0, 3, 0), EMUL_OKAY);
	CHECK_EQ(w.e.insn.mem.bytes, 32);
	CHECK_EQ(mem_get(MMIO + 24, 8), 0xaaaaaaaaaaaaaaaaULL);
	CHECK_EQ(w.writes, 1);
}

UNIT_TEST(emul_features, "encodings mean what the guest's CPUID says")
{
	world_init(EMUL_PROT32);
	w.regs.gpr[REG_RCX] = 0x80;
	CHECK_EQ(RUN(0xf3, 0x0f, 0xbd, 0xc1), EMUL_OKAY); /* lzcnt */
	CHECK_EQ(w.regs.gpr[REG_RAX], 24);
	w.e.features = 0;
	CHECK_EQ(RUN(0xf3, 0x0f, 0xbd, 0xc1), EMUL_OKAY); /* bsr */
	CHECK_EQ(w.regs.gpr[REG_RAX], 7);
	CHECK_EQ(RUN(0xf3, 0x0f, 0xb8, 0xc1), EMUL_EXCEPTION);
	CHECK_EQ(RUN(0x0f, 0x38, 0xf0, 0x05, 0, 0x20, 0, 0), EMUL_EXCEPTION);
}

UNIT_TEST(emul_vendor, "66 on near branches of 64-bit mode cuts RIP on AMD and is ignored on Intel")
{
	world_init(EMUL_LONG64);
	w.regs.rip = 0x12000;
	CHECK_EQ(RUN(0x66, 0xe9, 0x10, 0x00), EMUL_OKAY);
	CHECK_EQ(w.regs.rip, 0x2014);
	w.regs.rip = 0x12000;
	w.e.intel = true;
	CHECK_EQ(RUN(0x66, 0xe9, 0x10, 0, 0, 0), EMUL_OKAY);
	CHECK_EQ(w.regs.rip, 0x12016);
	mem_put(0x2000, 0x5555, 8);
	CHECK_EQ(RUN(0x66, 0xff, 0x24, 0x25, 0, 0x20, 0, 0), EMUL_OKAY);
	CHECK_EQ(w.regs.rip, 0x5555);
}

UNIT_TEST(emul_null_hooks, "without its hook an instruction is refused, not guessed")
{
	static const struct emul_ops none = { .fetch = hook_fetch, .read_seg = hook_read_seg };

	world_init(EMUL_PROT32);
	w.e.ops = &none;
	w.mmx[0] = 0;
	CHECK_EQ(RUN(0xa1, 0, 0x20, 0, 0), EMUL_UNHANDLEABLE);
	CHECK_EQ(RUN(0xa3, 0, 0x20, 0, 0), EMUL_UNHANDLEABLE);
	CHECK_EQ(RUN(0xf0, 0xff, 0x05, 0, 0x20, 0, 0), EMUL_UNHANDLEABLE);
	CHECK_EQ(RUN(0xe4, 0x60), EMUL_UNHANDLEABLE);
	CHECK_EQ(RUN(0xe6, 0x60), EMUL_UNHANDLEABLE);
	CHECK_EQ(RUN(0x6c), EMUL_UNHANDLEABLE);
	CHECK_EQ(RUN(0x0f, 0x28, 0xc1), EMUL_UNHANDLEABLE);
	CHECK_EQ(RUN(0x0f, 0x6f, 0xc1), EMUL_UNHANDLEABLE);
	CHECK_EQ(RUN(0x50), EMUL_UNHANDLEABLE);
	CHECK_EQ(RUN(0x40), EMUL_OKAY);
}

static struct emul_insn decoded(enum emul_mode mode, const u8 *insn, size_t len)
{
	world_init(mode);
	if (emul_decode(&w.e, insn, len) != EMUL_OKAY) {
		w.e.insn.length = 0;
	}
	return w.e.insn;
}

UNIT_TEST(emul_decode_only, "decoding alone tells operand, size, immediate and length")
{
	static const u8 mov[] = { 0xc7, 0x84, 0x8b, 4, 0, 0, 0, 0x78, 0x56, 0x34, 0xf2 };
	static const u8 sgdt[] = { 0x0f, 0x01, 0x45, 0x10 };
	static const u8 fxsave[] = { 0x0f, 0xae, 0x00 };
	static const u8 enter[] = { 0xc8, 0x10, 0x20, 0x03 };
	static const u8 far[] = { 0x9a, 1, 2, 3, 4, 5, 6 };
	struct emul_insn i;

	i = decoded(EMUL_PROT32, mov, sizeof(mov));
	CHECK_EQ(i.length, sizeof(mov));
	CHECK(i.has_mem);
	CHECK_EQ(i.mem.bytes, 4);
	CHECK_EQ(i.mem.seg, SEG_DS);
	CHECK_EQ(i.mem.offset, 4);
	CHECK_EQ(i.imm, 0xfffffffff2345678ULL);
	CHECK_EQ(emul_decode(&w.e, mov, sizeof(mov) - 1), EMUL_TRUNCATED);
	CHECK_EQ(emul_decode(&w.e, mov, 0), EMUL_TRUNCATED);
	CHECK_EQ(decoded(EMUL_REAL, sgdt, sizeof(sgdt)).length, 4);
	CHECK_EQ(w.e.insn.mem.bytes, 0);
	CHECK_EQ(decoded(EMUL_PROT32, fxsave, sizeof(fxsave)).length, 3);
	i = decoded(EMUL_PROT32, enter, sizeof(enter));
	CHECK_EQ(i.imm, 0x2010);
	CHECK_EQ(i.imm2, 3);
	i = decoded(EMUL_PROT32, far, sizeof(far));
	CHECK_EQ(i.imm, 0x04030201);
	CHECK_EQ(i.imm2, 0x0605);
	CHECK_EQ(i.length, 7);
	CHECK_EQ(decoded(EMUL_REAL, far, sizeof(far)).length, 5);
	CHECK_EQ(decoded(EMUL_LONG64, far, sizeof(far)).length, 0);
}

#define LENGTH(mode, kind, ...)                                                                    \
	emul_fixed_length((const u8[]){ __VA_ARGS__ }, sizeof((u8[]){ __VA_ARGS__ }), EMUL_##mode, \
		EMUL_KIND_##kind)

UNIT_TEST(emul_lengths, "known instructions have their length, others and cut ones 0")
{
	CHECK_EQ(LENGTH(LONG64, CPUID, 0x0f, 0xa2), 2);
	CHECK_EQ(LENGTH(LONG64, CPUID, 0x66, 0x48, 0x0f, 0xa2, 0x90), 4);
	CHECK_EQ(LENGTH(PROT32, CPUID, 0x48, 0x0f, 0xa2), 0);
	CHECK_EQ(LENGTH(LONG64, CPUID, 0x0f), 0);
	CHECK_EQ(LENGTH(LONG64, CPUID, 0x0f, 0x32), 0);
	CHECK_EQ(LENGTH(LONG64, CPUID, 0xf0, 0x0f, 0xa2), 0);
	CHECK_EQ(LENGTH(REAL, HLT, 0x2e, 0xf4), 2);
	CHECK_EQ(LENGTH(LONG64, VMMCALL, 0x0f, 0x01, 0xd9), 3);
	CHECK_EQ(LENGTH(LONG64, VMCALL, 0x0f, 0x01, 0xd9), 0);
	CHECK_EQ(LENGTH(LONG64, PAUSE, 0xf3, 0x90), 2);
	CHECK_EQ(LENGTH(LONG64, PAUSE, 0x90), 0);
	CHECK_EQ(LENGTH(LONG64, INVLPG, 0x0f, 0x01, 0x3c, 0x25, 0, 0, 0, 0), 8);
	CHECK_EQ(LENGTH(LONG64, INVLPG, 0x0f, 0x01, 0x38), 3);
	CHECK_EQ(LENGTH(LONG64, INVLPG, 0x0f, 0x01, 0xf8), 0);
	CHECK_EQ(LENGTH(LONG64, INVLPG, 0x0f, 0x01, 0x3c, 0x25, 0, 0, 0), 0);
	CHECK_EQ(LENGTH(REAL, INVLPG, 0x0f, 0x01, 0x3e, 0, 0), 5);
	CHECK_EQ(LENGTH(PROT32, INVLPG, 0x67, 0x0f, 0x01, 0x3e, 0, 0), 6);
	CHECK_EQ(LENGTH(LONG64, MOV_CR, 0x44, 0x0f, 0x20, 0xc0), 4);
	CHECK_EQ(LENGTH(PROT32, MOV_CR, 0xf0, 0x0f, 0x22, 0xc0), 4);
	CHECK_EQ(LENGTH(PROT32, MOV_CR, 0x0f, 0x22, 0x05), 3);
	CHECK_EQ(LENGTH(PROT32, MOV_DR, 0x0f, 0x23, 0xf8), 3);
	CHECK_EQ(LENGTH(LONG64, IO, 0xe4, 0x60), 2);
	CHECK_EQ(LENGTH(LONG64, IO, 0x66, 0xef), 2);
	CHECK_EQ(LENGTH(LONG64, IO, 0xf3, 0x6c), 2);
	CHECK_EQ(LENGTH(LONG64, IO, 0xe4), 0);
	CHECK_EQ(LENGTH(LONG64, IO, 0xe8, 0, 0, 0, 0), 0);
	CHECK_EQ(LENGTH(PROT32, DESCRIPTOR, 0x0f, 0x01, 0x15, 0, 0, 0, 0), 7);
	CHECK_EQ(LENGTH(PROT32, DESCRIPTOR, 0x0f, 0x00, 0xd8), 3);
	CHECK_EQ(LENGTH(PROT32, DESCRIPTOR, 0x0f, 0x01, 0xd8), 0);
	CHECK_EQ(LENGTH(PROT32, INT3, 0xcc), 1);
	CHECK_EQ(LENGTH(PROT32, INT_N, 0xcd, 0x80), 2);
}
