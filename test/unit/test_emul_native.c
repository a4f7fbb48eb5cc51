/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulator against the CPU it emulates: random instructions with random operands run once in
 * this process, one at a time with RFLAGS.TF set, and once in the emulator on a copy of the memory;
 * registers, flags, vectors, memory and faults must agree. Flags that the architecture leaves
 * undefined are not compared. 64-bit user mode only: test_emul.c has the other modes.
 */
#include <cpuid.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/x86/cpu_bits.h"
#include "arch/x86/emul/emul.h"
#include "unit/harness.h"
#include "unit/random.h"

/* Indices of uc_mcontext.gregs, whose names <ucontext.h> shares with regs.h. */
enum { FRAME_RIP = 16, FRAME_FLAGS = 17, FRAME_ERROR = 19, FRAME_TRAP = 20, FRAME_CR2 = 22 };
static const u8 frame_gpr[X86_REG_COUNT] = { 13, 14, 12, 11, 15, 10, 9, 8, 0, 1, 2, 3, 4, 5, 6, 7 };

/*
 * Low addresses, so that 32-bit addressing and absolute operands reach them. The arena is guarded
 * on both sides by GUARD bytes that are not mapped: whatever is generated points into that range.
 */
#define ARENA 0x20000000UL
#define ARENA_RW (2 * PAGE_SIZE)
#define ARENA_SIZE (ARENA_RW + PAGE_SIZE) /* the last page is read-only */
#define GUARD MiB(1)
#define CODE 0x50000000UL
#define LAST_USER_PAGE 0x00007ffffffff000UL

struct state {
	struct x86_regs regs;
	u8 vec[16][32];
	u64 mmx[8];
	int vector; /* -1: the instruction completed */
	u32 error;
	u64 cr2;
};

/* The host's side. */

static struct {
	bool armed, running;
	struct state *state;
	gregset_t saved;
	u8 saved_fp[8192];
	size_t fp_bytes;
	u32 ymm_offset; /* 0: no AVX */
	u64 fs_base;
	u32 features; /* EMUL_HAS_* */
	bool intel;
	u16 sel[X86_SEG_COUNT];
	u64 seed;
} host;

#define FX_ST 32
#define FX_XMM 160
#define FX_SW_SIZE 480 /* sw_reserved.xstate_size */
#define XSAVE_BV 512

static void host_load(ucontext_t *uc, const struct state *s)
{
	u8 *fp = (u8 *)uc->uc_mcontext.fpregs;
	u64 bv;

	for (u32 i = 0; i < 16; i++) {
		uc->uc_mcontext.gregs[frame_gpr[i]] = (greg_t)s->regs.gpr[i];
		memcpy(fp + FX_XMM + 16 * i, s->vec[i], 16);
		if (host.ymm_offset) {
			memcpy(fp + host.ymm_offset + 16 * i, s->vec[i] + 16, 16);
		}
	}
	for (u32 i = 0; i < 8; i++) {
		memcpy(fp + FX_ST + 16 * i, &s->mmx[i], 8);
		memset(fp + FX_ST + 16 * i + 8, 0xff, 2);
	}
	if (host.ymm_offset) {
		memcpy(&bv, fp + XSAVE_BV, 8);
		bv |= X86_XCR0_X87 | X86_XCR0_SSE | X86_XCR0_AVX;
		memcpy(fp + XSAVE_BV, &bv, 8);
	}
	uc->uc_mcontext.gregs[FRAME_RIP] = (greg_t)s->regs.rip;
	uc->uc_mcontext.gregs[FRAME_FLAGS] = (greg_t)s->regs.rflags;
}

/* The kernel leaves parts in their initial state out of the frame: they are zero. */
static void host_store_vectors(const u8 *fp, struct state *s)
{
	u64 bv = X86_XCR0_SSE;

	if (host.ymm_offset) {
		memcpy(&bv, fp + XSAVE_BV, 8);
	}
	memset(s->vec, 0, sizeof(s->vec));
	for (u32 i = 0; i < 16; i++) {
		if (bv & X86_XCR0_SSE) {
			memcpy(s->vec[i], fp + FX_XMM + 16 * i, 16);
		}
		if (bv & X86_XCR0_AVX) {
			memcpy(s->vec[i] + 16, fp + host.ymm_offset + 16 * i, 16);
		}
	}
	for (u32 i = 0; i < 8; i++) {
		memcpy(&s->mmx[i], fp + FX_ST + 16 * i, 8);
	}
}

static void host_store(const ucontext_t *uc, struct state *s)
{
	const greg_t *g = uc->uc_mcontext.gregs;

	for (u32 i = 0; i < 16; i++) {
		s->regs.gpr[i] = (u64)g[frame_gpr[i]];
	}
	s->regs.rip = (u64)g[FRAME_RIP];
	s->regs.rflags = (u64)g[FRAME_FLAGS];
	host_store_vectors((const u8 *)uc->uc_mcontext.fpregs, s);
	s->vector = g[FRAME_TRAP] == X86_EXC_DB ? -1 : (int)g[FRAME_TRAP];
	s->error = (u32)g[FRAME_ERROR];
	s->cr2 = (u64)g[FRAME_CR2];
}

/* SIGUSR1 starts the instruction; whatever signal comes next ends it. */
static void host_signal(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	if (host.armed && sig == SIGUSR1) {
		host.armed = false;
		host.running = true;
		memcpy(host.saved, uc->uc_mcontext.gregs, sizeof(host.saved));
		memcpy(host.saved_fp, uc->uc_mcontext.fpregs, host.fp_bytes);
		host_load(uc, host.state);
	} else if (host.running) {
		host.running = false;
		host_store(uc, host.state);
		memcpy(uc->uc_mcontext.gregs, host.saved, sizeof(host.saved));
		memcpy(uc->uc_mcontext.fpregs, host.saved_fp, host.fp_bytes);
	} else {
		signal(sig, SIG_DFL); /* a fault of the test itself: let it happen again */
	}
}

static void host_run(struct state *s)
{
	host.state = s;
	host.armed = true;
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1);
}

static void host_probe_features(void)
{
	u32 a = 0, b = 0, c = 0, d = 0;

	__get_cpuid_count(0, 0, &a, &b, &c, &d);
	host.intel = b == 0x756e6547; /* "Genu" */
	__get_cpuid_count(1, 0, &a, &b, &c, &d);
	host.features = ((c & BIT32(23)) ? EMUL_HAS_POPCNT : 0) |
			((c & BIT32(22)) ? EMUL_HAS_MOVBE : 0);
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & BIT32(3))) {
		host.features |= EMUL_HAS_BMI1;
	}
	if (__get_cpuid(0x80000001, &a, &b, &c, &d) && (c & BIT32(5))) {
		host.features |= EMUL_HAS_LZCNT;
	}
}

/* What a fault's frame does not tell: the selectors, FS.base, and how large the frame is. */
static void host_probe(void)
{
	u32 a, b, c, d;
	u64 sel;

	host_probe_features();
	host.fp_bytes = 512;
	if (__get_cpuid_count(1, 0, &a, &b, &c, &d) && (c & (3U << 27)) == 3U << 27) {
		__get_cpuid_count(0xd, 2, &a, &b, &c, &d);
		host.ymm_offset = b;
		host.fp_bytes = b + 16 * 16;
	}
	syscall(SYS_arch_prctl, 0x1003, &host.fs_base); /* ARCH_GET_FS */
#define READ_SEL(n, name)                          \
	__asm__("mov %%" name ", %0" : "=r"(sel)); \
	host.sel[n] = (u16)sel
	READ_SEL(SEG_ES, "es");
	READ_SEL(SEG_CS, "cs");
	READ_SEL(SEG_SS, "ss");
	READ_SEL(SEG_DS, "ds");
	READ_SEL(SEG_FS, "fs");
	READ_SEL(SEG_GS, "gs");
#undef READ_SEL
}

static void *host_map(u64 at, size_t bytes, int prot)
{
	return mmap(
		(void *)at, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}

static bool host_start(void)
{
	static const int signals[] = { SIGUSR1, SIGTRAP, SIGSEGV, SIGBUS, SIGILL, SIGFPE };
	struct sigaction sa = { .sa_sigaction = host_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t stack = { .ss_size = 1 << 18 };
	static bool started;

	if (started) {
		return true;
	}
	host_probe();
	stack.ss_sp = mmap(
		NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL) != 0 ||
		host_map(ARENA - GUARD, 2 * GUARD + ARENA_SIZE, PROT_NONE) == MAP_FAILED ||
		mprotect((void *)ARENA, ARENA_SIZE, PROT_READ | PROT_WRITE) != 0 ||
		host_map(CODE, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC) == MAP_FAILED) {
		return false;
	}
	host.seed = 0x9e3779b97f4a7c15ULL;
	for (u32 i = 0; i < ARENA_SIZE; i += 8) {
		*(u64 *)(ARENA + i) = random_next(&host.seed);
	}
	mprotect((void *)(ARENA + ARENA_RW), PAGE_SIZE, PROT_READ);
	for (u32 i = 0; i < ARRAY_SIZE(signals); i++) {
		sigaction(signals[i], &sa, NULL);
	}
	started = true;
	return true;
}

/* The emulator's side: the same memory map over a copy. */

static u8 shadow[ARENA_SIZE];

static enum emul_result model_check(struct emul *e, u64 linear, u32 bytes, bool write)
{
	u64 a = linear;

	for (u32 i = 0; i < bytes; i++, a++) {
		if (a < ARENA || a >= ARENA + ARENA_SIZE) {
			return emul_raise_pf(e, X86_PF_U | (write ? X86_PF_W : 0), a);
		}
		if (write && a >= ARENA + ARENA_RW) {
			return emul_raise_pf(e, X86_PF_U | X86_PF_P | X86_PF_W, a);
		}
	}
	return EMUL_OKAY;
}

static enum emul_result model_read(struct emul *e, u64 linear, void *buf, u32 bytes, u32 flags)
{
	enum emul_result r = model_check(e, linear, bytes, flags & EMUL_ACC_RMW);

	if (r == EMUL_OKAY) {
		memcpy(buf, shadow + (linear - ARENA), bytes);
	}
	return r;
}

static enum emul_result model_write(
	struct emul *e, u64 linear, const void *buf, u32 bytes, u32 flags)
{
	enum emul_result r = model_check(e, linear, bytes, true);

	if (r == EMUL_OKAY) {
		memcpy(shadow + (linear - ARENA), buf, bytes);
	}
	return r;
}

static enum emul_result model_cmpxchg(
	struct emul *e, u64 linear, void *old, const void *new, u32 bytes)
{
	enum emul_result r = model_check(e, linear, bytes, true);
	u8 *at = shadow + (linear - ARENA);
	u8 seen[16];

	if (r == EMUL_OKAY) {
		memcpy(seen, at, bytes);
		if (memcmp(seen, old, bytes) == 0) {
			memcpy(at, new, bytes);
		}
		memcpy(old, seen, bytes);
	}
	return r;
}

static enum emul_result model_probe_write(struct emul *e, u64 linear, u32 bytes)
{
	return model_check(e, linear, bytes, true);
}

static enum emul_result model_check_io(struct emul *e, u16 port, u32 bytes)
{
	return emul_raise_error(e, X86_EXC_GP, 0);
}

static enum emul_result model_read_seg(struct emul *e, enum x86_seg_reg n, struct x86_seg *seg)
{
	*seg = (struct x86_seg){ .sel = host.sel[n], .base = n == SEG_FS ? host.fs_base : 0 };
	return EMUL_OKAY;
}

static enum emul_result model_get_vec(struct emul *e, u32 reg, u8 buf[32])
{
	memcpy(buf, ((struct state *)e->opaque)->vec[reg], 32);
	return EMUL_OKAY;
}

static enum emul_result model_put_vec(struct emul *e, u32 reg, const u8 buf[32])
{
	memcpy(((struct state *)e->opaque)->vec[reg], buf, 32);
	return EMUL_OKAY;
}

static enum emul_result model_get_mmx(struct emul *e, u32 reg, u64 *value)
{
	*value = ((struct state *)e->opaque)->mmx[reg];
	return EMUL_OKAY;
}

static enum emul_result model_put_mmx(struct emul *e, u32 reg, u64 value)
{
	((struct state *)e->opaque)->mmx[reg] = value;
	return EMUL_OKAY;
}

static const struct emul_ops model_ops = {
	.read = model_read,
	.write = model_write,
	.probe_write = model_probe_write,
	.cmpxchg = model_cmpxchg,
	.check_io = model_check_io,
	.read_seg = model_read_seg,
	.get_vec = model_get_vec,
	.put_vec = model_put_vec,
	.get_mmx = model_get_mmx,
	.put_mmx = model_put_mmx,
};

static void model_init(struct emul *e, struct state *s)
{
	*e = (struct emul){
		.ops = &model_ops,
		.opaque = s,
		.regs = &s->regs,
		.mode = EMUL_LONG64,
		.cpl = 3,
		.features = host.features,
		.intel = host.intel,
		.cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_AM | X86_CR0_MP | X86_CR0_NE,
		.cr4 = X86_CR4_OSFXSR | X86_CR4_OSXSAVE,
		.xcr0 = X86_XCR0_X87 | X86_XCR0_SSE | X86_XCR0_AVX,
		.rep_max = 1,
	};
}

static enum emul_result model_run(struct emul *e, struct state *s, const u8 *insn, u32 len)
{
	enum emul_result r;

	model_init(e, s);
	memcpy(e->bytes, insn, len);
	e->fetched = (u8)len;
	r = emul_run(e);
	s->vector = r == EMUL_EXCEPTION ? e->exc.vector : -1;
	s->error = r == EMUL_EXCEPTION ? e->exc.error : 0;
	s->cr2 = e->exc.cr2;
	return r;
}

/* What is generated. */

#define T_BYTE BIT32(0) /* byte operands: 66 and REX.W change nothing */
#define T_MODRM BIT32(1)
#define T_MEM BIT32(2) /* memory only */
#define T_REG BIT32(3) /* registers only */
#define T_LOCK BIT32(4)
#define T_PLUS_R BIT32(5)  /* register in the opcode */
#define T_PLUS_CC BIT32(6) /* condition in the opcode */
#define T_IMM8 BIT32(7)
#define T_IMMZ BIT32(8)
#define T_IMMV BIT32(9)
#define T_MOFFS BIT32(10)
#define T_STRING BIT32(11)
#define T_NO66 BIT32(12) /* 66 would change the instruction, or cut RIP */
#define T_NOW BIT32(13)	 /* likewise REX.W */
#define T_IMM16 BIT32(14)
#define T_BITREG BIT32(15) /* ModRM.reg is a bit number */
#define T_VEX BIT32(16)	   /* has a VEX form */
#define T_VEX_ONLY BIT32(17)
#define T_VVVV BIT32(18)     /* VEX.vvvv is a source when there is no memory operand */
#define T_VVVV_MEM BIT32(19) /* and when there is one */
#define T_L0 BIT32(20)
#define T_REP BIT32(21)
#define T_COUNT BIT32(22) /* a shift: what is undefined depends on the count */
#define T_NORO BIT32(23)
#define T_HALF BIT32(24) /* 16-bit forms with counts above 16 are undefined */

#define ANY (-1)

#define F_C X86_EFLAGS_CF
#define F_P X86_EFLAGS_PF
#define F_A X86_EFLAGS_AF
#define F_Z X86_EFLAGS_ZF
#define F_S X86_EFLAGS_SF
#define F_O X86_EFLAGS_OF
#define F_ALL (F_C | F_P | F_A | F_Z | F_S | F_O)

struct pattern {
	u8 map; /* 0, 1: 0F, 2: 0F 38 */
	u8 opcode;
	s8 ext;	   /* ModRM.reg, or ANY */
	u8 prefix; /* 66, F2, F3 as part of the opcode, or 0 */
	u32 flags;
	u64 undefined;
};

#define ALU(base, lock, undef)                                       \
	{ 0, (base) + 0, ANY, 0, T_MODRM | T_BYTE | (lock), undef }, \
		{ 0, (base) + 1, ANY, 0, T_MODRM | (lock), undef },  \
		{ 0, (base) + 2, ANY, 0, T_MODRM | T_BYTE, undef },  \
		{ 0, (base) + 3, ANY, 0, T_MODRM, undef },           \
		{ 0, (base) + 4, ANY, 0, T_BYTE | T_IMM8, undef },   \
	{                                                            \
		0, (base) + 5, ANY, 0, T_IMMZ, undef                 \
	}
#define GROUP1(ext, lock, undef)                                        \
	{ 0, 0x80, ext, 0, T_MODRM | T_BYTE | T_IMM8 | (lock), undef }, \
		{ 0, 0x81, ext, 0, T_MODRM | T_IMMZ | (lock), undef },  \
	{                                                               \
		0, 0x83, ext, 0, T_MODRM | T_IMM8 | (lock), undef       \
	}
#define SHIFT(ext)                                                \
	{ 0, 0xc0, ext, 0, T_MODRM | T_BYTE | T_IMM8 | T_COUNT }, \
		{ 0, 0xc1, ext, 0, T_MODRM | T_IMM8 | T_COUNT },  \
		{ 0, 0xd0, ext, 0, T_MODRM | T_BYTE | T_COUNT },  \
		{ 0, 0xd1, ext, 0, T_MODRM | T_COUNT },           \
		{ 0, 0xd2, ext, 0, T_MODRM | T_BYTE | T_COUNT },  \
	{                                                         \
		0, 0xd3, ext, 0, T_MODRM | T_COUNT                \
	}
#define BOTH(opcode, ext, flags, undef)                           \
	{ 0, opcode, ext, 0, T_MODRM | T_BYTE | (flags), undef }, \
	{                                                         \
		0, (opcode) + 1, ext, 0, T_MODRM | (flags), undef \
	}
#define BOTH_0F(opcode, ext, flags, undef)                        \
	{ 1, opcode, ext, 0, T_MODRM | T_BYTE | (flags), undef }, \
	{                                                         \
		1, (opcode) + 1, ext, 0, T_MODRM | (flags), undef \
	}
#define STRING(opcode)                                    \
	{ 0, opcode, ANY, 0, T_STRING | T_BYTE | T_REP }, \
	{                                                 \
		0, (opcode) + 1, ANY, 0, T_STRING | T_REP \
	}
#define SIMD (T_MODRM | T_NO66)

/* clang-format off */
static const struct pattern patterns[] = {
	ALU(0x00, T_LOCK, 0), ALU(0x08, T_LOCK, F_A), ALU(0x10, T_LOCK, 0), ALU(0x18, T_LOCK, 0),
	ALU(0x20, T_LOCK, F_A), ALU(0x28, T_LOCK, 0), ALU(0x30, T_LOCK, F_A), ALU(0x38, 0, 0),
	GROUP1(0, T_LOCK, 0), GROUP1(1, T_LOCK, F_A), GROUP1(2, T_LOCK, 0), GROUP1(3, T_LOCK, 0),
	GROUP1(4, T_LOCK, F_A), GROUP1(5, T_LOCK, 0), GROUP1(6, T_LOCK, F_A), GROUP1(7, 0, 0),
	SHIFT(0), SHIFT(1), SHIFT(2), SHIFT(3), SHIFT(4), SHIFT(5), SHIFT(6), SHIFT(7),
	BOTH(0x84, ANY, 0, F_A), BOTH(0x86, ANY, T_LOCK, 0),
	{ 0, 0xa8, ANY, 0, T_BYTE | T_IMM8, F_A }, { 0, 0xa9, ANY, 0, T_IMMZ, F_A },
	BOTH(0x88, ANY, 0, 0), BOTH(0x8a, ANY, 0, 0),
	{ 0, 0x8c, ANY, 0, T_MODRM }, { 0, 0x8d, ANY, 0, T_MODRM | T_MEM },
	{ 0, 0xa0, ANY, 0, T_BYTE | T_MOFFS }, { 0, 0xa1, ANY, 0, T_MOFFS },
	{ 0, 0xa2, ANY, 0, T_BYTE | T_MOFFS }, { 0, 0xa3, ANY, 0, T_MOFFS },
	{ 0, 0xb0, ANY, 0, T_BYTE | T_PLUS_R | T_IMM8 }, { 0, 0xb8, ANY, 0, T_PLUS_R | T_IMMV },
	{ 0, 0xc6, 0, 0, T_MODRM | T_BYTE | T_IMM8 }, { 0, 0xc7, 0, 0, T_MODRM | T_IMMZ },
	{ 0, 0x63, ANY, 0, T_MODRM },
	{ 1, 0xb6, ANY, 0, T_MODRM }, { 1, 0xb7, ANY, 0, T_MODRM },
	{ 1, 0xbe, ANY, 0, T_MODRM }, { 1, 0xbf, ANY, 0, T_MODRM },
	{ 0, 0xd7, ANY, 0, T_BYTE },
	{ 0, 0x90, ANY, 0, T_PLUS_R },
	{ 1, 0x40, ANY, 0, T_MODRM | T_PLUS_CC }, { 1, 0x90, ANY, 0, T_MODRM | T_BYTE | T_PLUS_CC },
	{ 1, 0xc8, ANY, 0, T_PLUS_R }, { 1, 0xc3, ANY, 0, T_MODRM | T_MEM | T_NO66 },
	{ 2, 0xf0, ANY, 0, T_MODRM | T_MEM }, { 2, 0xf1, ANY, 0, T_MODRM | T_MEM },
	{ 0, 0x69, ANY, 0, T_MODRM | T_IMMZ, F_S | F_Z | F_A | F_P },
	{ 0, 0x6b, ANY, 0, T_MODRM | T_IMM8, F_S | F_Z | F_A | F_P },
	{ 1, 0xaf, ANY, 0, T_MODRM, F_S | F_Z | F_A | F_P },
	{ 0, 0xf6, 0, 0, T_MODRM | T_BYTE | T_IMM8, F_A }, { 0, 0xf7, 0, 0, T_MODRM | T_IMMZ, F_A },
	{ 0, 0xf6, 1, 0, T_MODRM | T_BYTE | T_IMM8, F_A }, { 0, 0xf7, 1, 0, T_MODRM | T_IMMZ, F_A },
	BOTH(0xf6, 2, T_LOCK, 0), BOTH(0xf6, 3, T_LOCK, 0),
	BOTH(0xf6, 4, 0, F_S | F_Z | F_A | F_P), BOTH(0xf6, 5, 0, F_S | F_Z | F_A | F_P),
	BOTH(0xf6, 6, 0, F_ALL), BOTH(0xf6, 7, 0, F_ALL),
	BOTH(0xfe, 0, T_LOCK, 0), BOTH(0xfe, 1, T_LOCK, 0),
	{ 0, 0x98, ANY, 0, 0 }, { 0, 0x99, ANY, 0, 0 }, { 0, 0x9e, ANY, 0, 0 },
	{ 0, 0x9f, ANY, 0, 0 },
	{ 0, 0xf5, ANY, 0, 0 }, { 0, 0xf8, ANY, 0, 0 }, { 0, 0xf9, ANY, 0, 0 },
	{ 0, 0xfa, ANY, 0, 0 }, { 0, 0xfb, ANY, 0, 0 }, { 0, 0xfc, ANY, 0, 0 },
	{ 0, 0xfd, ANY, 0, 0 },
	{ 1, 0xa4, ANY, 0, T_MODRM | T_IMM8 | T_COUNT | T_HALF },
	{ 1, 0xa5, ANY, 0, T_MODRM | T_COUNT | T_HALF },
	{ 1, 0xac, ANY, 0, T_MODRM | T_IMM8 | T_COUNT | T_HALF },
	{ 1, 0xad, ANY, 0, T_MODRM | T_COUNT | T_HALF },
	{ 1, 0xa3, ANY, 0, T_MODRM | T_BITREG, F_O | F_S | F_A | F_P },
	{ 1, 0xab, ANY, 0, T_MODRM | T_BITREG | T_LOCK, F_O | F_S | F_A | F_P },
	{ 1, 0xb3, ANY, 0, T_MODRM | T_BITREG | T_LOCK, F_O | F_S | F_A | F_P },
	{ 1, 0xbb, ANY, 0, T_MODRM | T_BITREG | T_LOCK, F_O | F_S | F_A | F_P },
	{ 1, 0xba, 4, 0, T_MODRM | T_IMM8, F_O | F_S | F_A | F_P },
	{ 1, 0xba, 5, 0, T_MODRM | T_IMM8 | T_LOCK, F_O | F_S | F_A | F_P },
	{ 1, 0xba, 6, 0, T_MODRM | T_IMM8 | T_LOCK, F_O | F_S | F_A | F_P },
	{ 1, 0xba, 7, 0, T_MODRM | T_IMM8 | T_LOCK, F_O | F_S | F_A | F_P },
	{ 1, 0xbc, ANY, 0, T_MODRM, F_C | F_O | F_S | F_A | F_P },
	{ 1, 0xbd, ANY, 0, T_MODRM, F_C | F_O | F_S | F_A | F_P },
	{ 1, 0xbc, ANY, 0xf3, T_MODRM, F_O | F_S | F_A | F_P },
	{ 1, 0xbd, ANY, 0xf3, T_MODRM, F_O | F_S | F_A | F_P },
	{ 1, 0xb8, ANY, 0xf3, T_MODRM },
	{ 2, 0xf2, ANY, 0, T_MODRM | T_VEX_ONLY | T_VVVV | T_VVVV_MEM | T_L0, F_A | F_P },
	BOTH_0F(0xb0, ANY, T_LOCK, 0), BOTH_0F(0xc0, ANY, T_LOCK, 0),
	{ 1, 0xc7, 1, 0, T_MODRM | T_MEM | T_LOCK },
	{ 0, 0x50, ANY, 0, T_PLUS_R }, { 0, 0x58, ANY, 0, T_PLUS_R },
	{ 0, 0x68, ANY, 0, T_IMMZ }, { 0, 0x6a, ANY, 0, T_IMM8 },
	{ 0, 0xff, 6, 0, T_MODRM }, { 0, 0x8f, 0, 0, T_MODRM },
	{ 1, 0xa0, ANY, 0, 0 }, { 1, 0xa8, ANY, 0, 0 },
	{ 0, 0x9c, ANY, 0, 0 }, { 0, 0x9d, ANY, 0, 0 }, { 0, 0xc9, ANY, 0, 0 },
	{ 0, 0x70, ANY, 0, T_PLUS_CC | T_IMM8 | T_NO66 },
	{ 1, 0x80, ANY, 0, T_PLUS_CC | T_IMMZ | T_NO66 },
	{ 0, 0xe0, ANY, 0, T_IMM8 | T_NO66 }, { 0, 0xe1, ANY, 0, T_IMM8 | T_NO66 },
	{ 0, 0xe2, ANY, 0, T_IMM8 | T_NO66 }, { 0, 0xe3, ANY, 0, T_IMM8 | T_NO66 },
	{ 0, 0xe8, ANY, 0, T_IMMZ | T_NO66 }, { 0, 0xe9, ANY, 0, T_IMMZ | T_NO66 },
	{ 0, 0xeb, ANY, 0, T_IMM8 | T_NO66 },
	{ 0, 0xc2, ANY, 0, T_IMM16 | T_NO66 }, { 0, 0xc3, ANY, 0, T_NO66 },
	{ 0, 0xff, 2, 0, T_MODRM | T_NO66 }, { 0, 0xff, 4, 0, T_MODRM | T_NO66 },
	{ 1, 0x0d, ANY, 0, T_MODRM | T_MEM }, { 1, 0x18, ANY, 0, T_MODRM | T_MEM },
	{ 1, 0x1f, 0, 0, T_MODRM }, { 1, 0xae, 5, 0, T_MODRM | T_REG | T_NO66 },
	{ 1, 0xae, 7, 0, T_MODRM | T_REG | T_NO66 },
	STRING(0xa4), STRING(0xa6), STRING(0xaa), STRING(0xac), STRING(0xae), STRING(0x6c),
	{ 0, 0xe4, ANY, 0, T_BYTE | T_IMM8 }, { 0, 0xe5, ANY, 0, T_IMM8 },
	{ 0, 0xee, ANY, 0, T_BYTE }, { 0, 0xef, ANY, 0, 0 },

	{ 1, 0x10, ANY, 0, SIMD | T_VEX }, { 1, 0x11, ANY, 0, SIMD | T_VEX },
	{ 1, 0x10, ANY, 0x66, SIMD | T_VEX }, { 1, 0x11, ANY, 0x66, SIMD | T_VEX },
	{ 1, 0x10, ANY, 0xf3, SIMD | T_VEX | T_VVVV },
	{ 1, 0x11, ANY, 0xf3, SIMD | T_VEX | T_VVVV },
	{ 1, 0x10, ANY, 0xf2, SIMD | T_VEX | T_VVVV },
	{ 1, 0x11, ANY, 0xf2, SIMD | T_VEX | T_VVVV },
	{ 1, 0x12, ANY, 0, SIMD | T_VEX | T_VVVV | T_VVVV_MEM | T_L0 },
	{ 1, 0x12, ANY, 0x66, SIMD | T_MEM | T_VEX | T_VVVV_MEM | T_L0 },
	{ 1, 0x16, ANY, 0, SIMD | T_VEX | T_VVVV | T_VVVV_MEM | T_L0 },
	{ 1, 0x16, ANY, 0x66, SIMD | T_MEM | T_VEX | T_VVVV_MEM | T_L0 },
	{ 1, 0x13, ANY, 0, SIMD | T_MEM | T_VEX | T_L0 },
	{ 1, 0x13, ANY, 0x66, SIMD | T_MEM | T_VEX | T_L0 },
	{ 1, 0x17, ANY, 0, SIMD | T_MEM | T_VEX | T_L0 },
	{ 1, 0x17, ANY, 0x66, SIMD | T_MEM | T_VEX | T_L0 },
	{ 1, 0x28, ANY, 0, SIMD | T_VEX }, { 1, 0x29, ANY, 0, SIMD | T_VEX },
	{ 1, 0x28, ANY, 0x66, SIMD | T_VEX }, { 1, 0x29, ANY, 0x66, SIMD | T_VEX },
	{ 1, 0x2b, ANY, 0, SIMD | T_MEM | T_VEX }, { 1, 0x2b, ANY, 0x66, SIMD | T_MEM | T_VEX },
	{ 1, 0x6e, ANY, 0x66, SIMD | T_VEX | T_L0 }, { 1, 0x7e, ANY, 0x66, SIMD | T_VEX | T_L0 },
	{ 1, 0x7e, ANY, 0xf3, SIMD | T_VEX | T_L0 }, { 1, 0xd6, ANY, 0x66, SIMD | T_VEX | T_L0 },
	{ 1, 0x6f, ANY, 0x66, SIMD | T_VEX }, { 1, 0x7f, ANY, 0x66, SIMD | T_VEX },
	{ 1, 0x6f, ANY, 0xf3, SIMD | T_VEX }, { 1, 0x7f, ANY, 0xf3, SIMD | T_VEX },
	{ 1, 0xe7, ANY, 0x66, SIMD | T_MEM | T_VEX }, { 1, 0xf0, ANY, 0xf2, SIMD | T_MEM | T_VEX },
	{ 2, 0x2a, ANY, 0x66, SIMD | T_MEM | T_VEX },
	{ 1, 0x6e, ANY, 0, SIMD }, { 1, 0x7e, ANY, 0, SIMD }, { 1, 0x6f, ANY, 0, SIMD },
	{ 1, 0x7f, ANY, 0, SIMD }, { 1, 0xe7, ANY, 0, SIMD | T_MEM },
};
/* clang-format on */

struct test_case {
	const struct pattern *p;
	u8 insn[16];
	u32 len;
	bool opsize, addrsize, vex, rex_w;
	u8 seg; /* override prefix, or 0 */
	u32 op_bytes;
	u8 mod, reg, rm; /* as encoded, with REX bits in reg and rm */
	u8 base, index;
	u8 imm8;
	u32 rip_disp_at; /* where a RIP-relative displacement is, or 0 */
	u64 target;	 /* offset in the segment */
	struct state before;
};

static u64 rnd(u64 n)
{
	return random_below(&host.seed, n);
}

static bool one_in(u64 n)
{
	return rnd(n) == 0;
}

static void put(struct test_case *t, u64 v, u32 bytes)
{
	for (u32 i = 0; i < bytes; i++) {
		t->insn[t->len++] = (u8)(v >> (8 * i));
	}
}

/* Somewhere in the arena; sometimes across an edge of it. */
static u64 random_target(void)
{
	u64 a = ARENA + rnd(ARENA_RW - 64);

	if (one_in(2)) {
		a &= ~31ULL;
	}
	if (one_in(24)) {
		a = ARENA + rnd(3) * ARENA_RW / 2 + rnd(64) - 32;
	}
	if (one_in(24)) {
		a = ARENA + ARENA_SIZE + rnd(64) - 32;
	}
	if (one_in(64)) { /* not canonical, or just so */
		a = (one_in(2) ? 0x0000800000000000ULL : 0xffff800000000000ULL) + rnd(64) - 48;
	}
	return a;
}

static void random_state(struct state *s)
{
	for (u32 i = 0; i < 16; i++) {
		s->regs.gpr[i] = random_spread(&host.seed);
		for (u32 j = 0; j < 32; j++) {
			s->vec[i][j] = (u8)rnd(256);
		}
		if (!host.ymm_offset) {
			memset(s->vec[i] + 16, 0, 16);
		}
	}
	for (u32 i = 0; i < 8; i++) {
		s->mmx[i] = random_next(&host.seed);
	}
	s->regs.gpr[REG_RSP] = random_target();
	s->regs.rip = CODE + rnd(PAGE_SIZE - 64);
	s->regs.rflags = (random_next(&host.seed) & (F_ALL | X86_EFLAGS_DF)) | X86_EFLAGS_TF |
			 X86_EFLAGS_IF | X86_EFLAGS_FIXED;
}

/* ModRM, SIB and displacement for t->target; registers are set so that they add up to it. */
static void put_memory(struct test_case *t)
{
	u64 *gpr = t->before.regs.gpr;
	u32 mod = (u32)rnd(3), scale = (u32)rnd(4), kind = (u32)rnd(8);
	u32 disp_bytes = mod == 1 ? 1 : mod == 2 ? 4 : 0;
	s64 disp = mod == 1   ? (s8)rnd(256)
		   : mod == 2 ? (s64)rnd(one_in(2) ? 0x2000000 : 64) - 32
			      : 0;
	bool sib = kind < 3 || (t->base & 7) == 4;
	u8 reg3 = (t->reg & 7) << 3;

	if (kind == 7) { /* RIP-relative */
		put(t, reg3 | 5, 1);
		t->rip_disp_at = t->len;
		put(t, 0, 4);
		return;
	}
	if (kind == 6) { /* absolute: SIB without base and index */
		put(t, reg3 | 4, 1);
		put(t, 0x25, 1);
		put(t, t->target, 4);
		t->index &= 7;
		t->base = 16;
		return;
	}
	if (mod == 0 && (t->base & 7) == 5) {
		mod = 1;
		disp_bytes = 1;
	}
	put(t, mod << 6 | reg3 | (sib ? 4 : t->base & 7), 1);
	if (sib) {
		put(t, scale << 6 | (t->index & 7) << 3 | (t->base & 7), 1);
	}
	put(t, (u64)disp, disp_bytes);
	if (sib && t->index != REG_RSP && t->index != t->base) {
		gpr[t->index] = rnd(one_in(2) ? 0x1000000 : 64) - (one_in(2) ? 0 : 32);
		gpr[t->base] = t->target - disp - (gpr[t->index] << scale);
	} else if (sib && t->index == t->base && t->index != REG_RSP) {
		gpr[t->base] = (t->target - disp) / (1 + (1U << scale));
	} else {
		gpr[t->base] = t->target - disp;
	}
}

static void put_vex(struct test_case *t, bool l)
{
	const struct pattern *p = t->p;
	u32 pp = p->prefix == 0x66 ? 1 : p->prefix == 0xf3 ? 2 : p->prefix == 0xf2 ? 3 : 0;
	bool uses = t->mod == 3 ? p->flags & T_VVVV : p->flags & T_VVVV_MEM;
	u32 vvvv = uses || one_in(64) ? (u32)rnd(16) : 0;
	u32 low = ((~vvvv & 15) << 3) | (l ? 4 : 0) | pp;
	u32 x = t->index >= 8 && t->mod != 3;
	u32 b = (t->mod == 3 ? t->rm : t->base & 15) >= 8;

	if (!x && !b && p->map == 1 && one_in(2)) {
		t->rex_w = false;
		put(t, 0xc5, 1);
		put(t, (t->reg >= 8 ? 0 : 0x80) | low, 1);
	} else {
		put(t, 0xc4, 1);
		put(t, (t->reg >= 8 ? 0 : 0x80) | (x ? 0 : 0x40) | (b ? 0 : 0x20) | p->map, 1);
		put(t, (t->rex_w ? 0x80 : 0) | low, 1);
	}
}

static void put_prefixes(struct test_case *t, bool lock)
{
	u32 flags = t->p->flags;
	u32 b = t->mod == 3 || (flags & T_PLUS_R) ? t->rm : t->base & 15;
	u8 rex = 0x40 | (t->rex_w ? 8 : 0) | (t->reg >= 8 ? 4 : 0) | (b >= 8 ? 1 : 0) |
		 (t->index >= 8 && t->mod != 3 ? 2 : 0);

	if ((t->seg || t->opsize) && one_in(16)) { /* ignored before any other prefix */
		put(t, 0x40 | rnd(16), 1);
	}
	if (t->seg) {
		put(t, t->seg, 1);
	}
	if (t->opsize) {
		put(t, 0x66, 1);
	}
	if (lock) {
		put(t, 0xf0, 1);
	}
	if (t->p->prefix) {
		put(t, t->p->prefix, 1);
	}
	if ((flags & T_REP) && one_in(2)) {
		put(t, one_in(2) ? 0xf2 : 0xf3, 1);
	}
	if (t->vex) {
		put_vex(t, !(flags & T_L0) && one_in(2));
		return;
	}
	if (rex != 0x40 || one_in(4)) {
		put(t, rex, 1);
	}
	if (t->p->map) {
		put(t, 0x0f, 1);
	}
	if (t->p->map == 2) {
		put(t, 0x38, 1);
	}
}

static void put_immediate(struct test_case *t)
{
	u32 flags = t->p->flags;

	t->imm8 = (u8)random_spread(&host.seed);
	if (flags & T_IMM8) {
		put(t, t->imm8, 1);
	} else if (flags & T_IMM16) {
		put(t, rnd(64), 2);
	} else if (flags & T_IMMZ) {
		put(t, random_spread(&host.seed), MIN(t->op_bytes, 4));
	} else if (flags & T_IMMV) {
		put(t, random_next(&host.seed), t->op_bytes);
	} else if (flags & T_MOFFS) {
		put(t, t->target, t->addrsize ? 4 : 8);
	}
}

/* Operands that are implied, and bit numbers that must stay near. */
static void set_implied(struct test_case *t)
{
	u64 *gpr = t->before.regs.gpr;
	u32 flags = t->p->flags;

	if (flags & T_STRING) {
		gpr[REG_RSI] = random_target();
		gpr[REG_RDI] = random_target();
		gpr[REG_RCX] = one_in(4) ? rnd(2) : random_spread(&host.seed);
		if (t->addrsize && one_in(2)) {
			gpr[REG_RSI] |= random_next(&host.seed) << 32;
		}
		if (one_in(4)) {
			gpr[REG_RAX] = *(u64 *)ARENA;
		}
	}
	if (flags & T_BITREG) {
		gpr[t->reg] = rnd(1 << 16) - (1 << 15);
	}
	if (t->p->map == 0 && t->p->opcode == 0xd7) {
		gpr[REG_RBX] = t->target - (gpr[REG_RAX] & 0xff);
	}
	if (t->p->map == 0 && t->p->opcode == 0xc9) {
		gpr[REG_RBP] = random_target();
	}
	/* No POPF of AC (the signal handler could not run), NT and ID (sigreturn keeps it). */
	if (t->p->map == 0 && t->p->opcode == 0x9d) {
		u64 at = rnd(ARENA_RW - 8), v;

		memcpy(&v, shadow + at, 8);
		v &= ~(X86_EFLAGS_AC | X86_EFLAGS_NT | X86_EFLAGS_ID);
		memcpy(shadow + at, &v, 8);
		memcpy((void *)(ARENA + at), &v, 8);
		gpr[REG_RSP] = ARENA + at;
	}
	/* Division that succeeds, often. */
	if (t->p->undefined == F_ALL && one_in(2)) {
		gpr[REG_RDX] = one_in(2) ? 0 : rnd(16);
	}
	/* CMPXCHG that succeeds, often. */
	if (t->p->map == 1 && (t->p->opcode & 0xfe) == 0xb0 && t->mod != 3 && one_in(2)) {
		memcpy(&gpr[REG_RAX], shadow + (t->target - ARENA) % ARENA_RW, 8);
	}
}

static void choose_operands(struct test_case *t)
{
	u32 flags = t->p->flags;

	t->vex = (flags & T_VEX_ONLY) || ((flags & T_VEX) && host.ymm_offset && one_in(2));
	t->opsize = !(flags & T_NO66) && !t->vex && one_in(4);
	t->addrsize = one_in(8);
	t->rex_w = one_in(3);
	t->op_bytes = (flags & T_BYTE) ? 1 : t->rex_w ? 8 : t->opsize ? 2 : 4;
	t->mod = !(flags & T_MODRM) || (!(flags & T_MEM) && ((flags & T_REG) || one_in(4))) ? 3 : 0;
	t->reg = t->p->ext == ANY ? (flags & T_MODRM) ? (u8)rnd(16) : 0 : (u8)t->p->ext;
	t->rm = (flags & (T_MODRM | T_PLUS_R)) ? (u8)rnd(16) : 0;
	t->base = (u8)rnd(16);
	t->index = (u8)rnd(16);
	if (t->base == REG_RSP && one_in(2)) {
		t->index = REG_RSP; /* none */
	}
	t->target = random_target();
	if (one_in(16)) {
		t->seg = 0x26 + 8 * rnd(4); /* ES, CS, SS, DS: ignored */
	} else if (t->mod != 3 && !t->addrsize && one_in(8)) {
		t->seg = 0x64;
		t->target -= host.fs_base;
	}
	if (t->p->map == 0 && t->p->opcode == 0x8c) {
		t->reg = (u8)rnd(7);
	}
}

static void generate(struct test_case *t, const struct pattern *p)
{
	bool lock;
	u8 opcode = p->opcode;

	*t = (struct test_case){ .p = p };
	random_state(&t->before);
	choose_operands(t);
	if (t->addrsize) {
		put(t, 0x67, 1);
	}
	lock = !t->vex && ((p->flags & T_LOCK) && t->mod != 3 ? one_in(3) : one_in(64));
	put_prefixes(t, lock);
	opcode += (p->flags & T_PLUS_R) ? t->rm & 7 : (p->flags & T_PLUS_CC) ? rnd(16) : 0;
	put(t, opcode, 1);
	if ((p->flags & T_MODRM) && t->mod == 3) {
		put(t, 0xc0 | (t->reg & 7) << 3 | (t->rm & 7), 1);
	} else if (p->flags & T_MODRM) {
		put_memory(t);
	}
	put_immediate(t);
	if (t->rip_disp_at) {
		u32 disp = (u32)(t->target - (t->before.regs.rip + t->len));

		memcpy(t->insn + t->rip_disp_at, &disp, 4);
	}
	set_implied(t);
}

/*
 * Whether every address of @t is where the guards are, or not canonical: safe to try. Bit numbers
 * that lead back from a bad address to a good one are not: parts check the former as well.
 */
static bool is_safe(struct test_case *t)
{
	struct state s = t->before;
	struct emul e;
	u64 a;

	if (t->len > EMUL_INSN_MAX) {
		return false;
	}
	model_init(&e, &s);
	if (emul_decode(&e, t->insn, t->len) != EMUL_OKAY || !e.insn.has_mem) {
		return true;
	}
	a = e.insn.mem.offset + (e.insn.mem.seg == SEG_FS ? host.fs_base : 0);
	return (a >= ARENA - GUARD + 65536 && a < ARENA + ARENA_SIZE + GUARD - 65536) ||
	       (!(t->p->flags & T_BITREG) && (s64)(a << 16) >> 16 != (s64)a);
}

/* Flags that are undefined after @t. */
static u64 undefined_flags(const struct test_case *t)
{
	u32 opcode = t->p->opcode, bits = t->op_bytes * 8;
	bool by_cl = t->p->map ? opcode & 1 : opcode >= 0xd2;
	bool rotate = !t->p->map && t->reg < 4;
	u32 count = by_cl ? t->before.regs.gpr[REG_RCX] & 0xff : t->imm8;
	u64 u = t->p->undefined;

	if (!(t->p->flags & T_COUNT)) {
		return u;
	}
	if (!t->p->map && (opcode & 0xfe) == 0xd0) {
		count = 1;
	}
	count &= bits == 64 ? 63 : 31;
	if (count != 0 && !rotate) {
		u |= F_A;
	}
	if (count > 1) {
		u |= F_O;
	}
	if (count >= bits && !rotate) {
		u |= F_C;
	}
	return u;
}

/* SHLD and SHRD of 16 bits by more than 16: even the result is undefined. */
static bool is_undefined(const struct test_case *t)
{
	u32 by = (t->p->opcode & 1) ? t->before.regs.gpr[REG_RCX] & 31 : t->imm8 & 31;

	return (t->p->flags & T_HALF) && t->op_bytes == 2 && by > 16;
}

static bool is_compare(const struct test_case *t)
{
	return t->p->map == 0 && (t->p->opcode & 0xfe) == 0xa6;
}

static bool same_fault(const struct test_case *t, const struct state *a, const struct state *b)
{
	if (a->vector >= 0 && is_compare(t)) {
		return b->vector >=
		       0; /* which of two faulting operands is first differs by CPU state */
	}
	if (a->vector != b->vector) {
		return false;
	}
	if (a->vector == X86_EXC_PF) {
		/* Linux pretends that all of the kernel's addresses are mapped. */
		u32 ignore = a->cr2 >= LAST_USER_PAGE ? X86_PF_P : 0;

		return a->cr2 == b->cr2 && !((a->error ^ b->error) & ~ignore);
	}
	return a->vector == -1 || a->error == b->error;
}

static bool same_state(const struct test_case *t, const struct state *a, const struct state *b)
{
	u64 ignore = X86_EFLAGS_RF | (a->vector == -1 ? undefined_flags(t) : 0);

	return memcmp(a->regs.gpr, b->regs.gpr, sizeof(a->regs.gpr)) == 0 &&
	       a->regs.rip == b->regs.rip && !((a->regs.rflags ^ b->regs.rflags) & ~ignore) &&
	       memcmp(a->vec, b->vec, sizeof(a->vec)) == 0 &&
	       memcmp(a->mmx, b->mmx, sizeof(a->mmx)) == 0;
}

static void show_state(const char *who, const struct state *s, const struct state *before)
{
	printf("  %s: rip %lx flags %lx vector %d error %x cr2 %lx\n", who, s->regs.rip,
		s->regs.rflags, s->vector, s->error, s->cr2);
	for (u32 i = 0; i < 16; i++) {
		if (s->regs.gpr[i] != before->regs.gpr[i]) {
			printf("    gpr %u: %lx was %lx\n", i, s->regs.gpr[i], before->regs.gpr[i]);
		}
		if (memcmp(s->vec[i], before->vec[i], 32) != 0) {
			printf("    vec %u:", i);
			for (u32 j = 0; j < 32; j++) {
				printf(" %02x", s->vec[i][j]);
			}
			printf("\n");
		}
	}
}

static void show(const struct test_case *t, const struct state *cpu, const struct state *emu, int r)
{
	printf("  insn");
	for (u32 i = 0; i < t->len; i++) {
		printf(" %02x", t->insn[i]);
	}
	printf(" flags %lx, result %d\n", t->before.regs.rflags, r);
	show_state("cpu", cpu, &t->before);
	show_state("emulator", emu, &t->before);
}

static u64 outcomes[32]; /* by vector; 1 counts what completed */

/* False if CPU and emulator disagree. */
static bool run_case(struct test_case *t)
{
	struct state cpu = t->before, emu = t->before;
	enum emul_result r;
	struct emul e;
	bool same;

	memcpy((void *)t->before.regs.rip, t->insn, t->len);
	host_run(&cpu);
	r = model_run(&e, &emu, t->insn, t->len);
	if (is_undefined(t)) {
		memcpy(shadow, (void *)ARENA, ARENA_SIZE);
		return true;
	}
	outcomes[cpu.vector < 0 ? 1 : cpu.vector & 31]++;
	same = (r == EMUL_OKAY || r == EMUL_EXCEPTION) && same_fault(t, &cpu, &emu) &&
	       same_state(t, &cpu, &emu) && memcmp(shadow, (void *)ARENA, ARENA_SIZE) == 0;
	if (!same) {
		show(t, &cpu, &emu, r);
		if (memcmp(shadow, (void *)ARENA, ARENA_SIZE) != 0) {
			printf("    memory differs\n");
			memcpy(shadow, (void *)ARENA, ARENA_SIZE);
		}
	}
	return same;
}

/* Runs @count cases of each pattern in [first, last). */
static void run_patterns(u32 first, u32 last, u32 count)
{
	struct test_case t;
	u32 wrong = 0;

	CHECK(host_start());
	memcpy(shadow, (void *)ARENA, ARENA_SIZE);
	for (u32 n = first; n < last && wrong < 20; n++) {
		if (!host.ymm_offset && (patterns[n].flags & T_VEX_ONLY)) {
			continue;
		}
		for (u32 i = 0; i < count && wrong < 20; i++) {
			generate(&t, &patterns[n]);
			if (is_safe(&t)) {
				wrong += !run_case(&t);
			}
		}
	}
	CHECK_EQ(wrong, 0);
}

/* Of each pattern. EMUL_CASES in the environment asks for more. */
static u32 case_count(void)
{
	const char *s = getenv("EMUL_CASES");

	return s ? (u32)atoi(s) : 1000;
}

static u32 first_simd(void)
{
	u32 n = 0;

	while (patterns[n].map != 1 || patterns[n].opcode != 0x10) {
		n++;
	}
	return n;
}

UNIT_TEST(emul_native_integer, "integer instructions do what the CPU does")
{
	run_patterns(0, first_simd(), case_count());
}

UNIT_TEST(emul_native_simd, "MMX, SSE and AVX moves do what the CPU does")
{
	run_patterns(first_simd(), ARRAY_SIZE(patterns), case_count());
}

UNIT_TEST(emul_native_outcomes, "the cases above completed, and raised each fault they can")
{
	u64 n = case_count();

	CHECK(outcomes[1] > 50 * n);
	CHECK(outcomes[X86_EXC_PF] > 5 * n);
	CHECK(outcomes[X86_EXC_UD] > n / 2);
	CHECK(outcomes[X86_EXC_GP] > n / 2);
	CHECK(outcomes[X86_EXC_SS] > n / 20);
	CHECK(outcomes[X86_EXC_DE] > n / 2);
}
