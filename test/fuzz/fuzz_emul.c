/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulator with arbitrary bytes, modes, registers, segments and hooks that answer as the input
 * says: nothing read outside, nothing committed unless OKAY, a bounded number of hook calls, and
 * lengths that agree with fixed_length.h.
 *
 * Input: struct fuzz_head, answers of hooks (head.answers bytes), then the instruction.
 */
#include <stdlib.h>
#include <string.h>

#include "arch/x86/cpu_bits.h"
#include "arch/x86/emul/emul.h"
#include "arch/x86/emul/fixed_length.h"
#include "lib/bug.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct fuzz_head {
	u8 mode;
	u8 cpl;
	u8 flags; /* FUZZ_* */
	u8 rep_max;
	u8 answers;
	u8 spread; /* seed of the registers */
	u16 attr;
	u32 limit;
	u32 base;
	u32 rflags;
	u64 value[2];
};

#define FUZZ_INTEL 1
#define FUZZ_FEATURES 2
#define FUZZ_TS 4
#define FUZZ_NO_SSE 8
#define FUZZ_LA57 16
#define FUZZ_NO_HOOKS 32
#define FUZZ_SMALL 64 /* registers are small numbers */
#define FUZZ_REAL_IP 128

struct fuzz {
	struct emul e;
	struct x86_regs regs, before;
	struct x86_seg seg[X86_SEG_COUNT];
	const u8 *answers;
	u32 answer_count, asked;
	const u8 *insn;
	size_t insn_len;
	u32 calls, writes;
};

static u8 fuzz_answer(struct fuzz *f)
{
	return f->asked < f->answer_count ? f->answers[f->asked++] : 0;
}

/* What a hook returns; also checks what must hold whenever one is called. */
static enum emul_result fuzz_hook(struct emul *e)
{
	struct fuzz *f = e->opaque;
	u8 a = fuzz_answer(f);

	f->calls++;
	BUG_ON(memcmp(&f->regs, &f->before, sizeof(f->regs)) != 0);
	switch (a & 15) {
	case 1:
		return EMUL_RETRY;
	case 2:
		return EMUL_UNHANDLEABLE;
	case 3:
		return emul_raise_pf(e, a, 0x1000);
	default:
		return EMUL_OKAY;
	}
}

static void fuzz_check_linear(const struct emul *e, u64 linear, u64 bytes)
{
	u32 shift = (e->cr4 & X86_CR4_LA57) ? 7 : 16;
	u64 last = linear + bytes - 1;

	BUG_ON(bytes == 0 || last < linear);
	if (e->mode != EMUL_LONG64) {
		BUG_ON(last > 0xffffffffULL);
		return;
	}
	BUG_ON((u64)((s64)(linear << shift) >> shift) != linear);
	BUG_ON((u64)((s64)(last << shift) >> shift) != last);
}

/* Hands out the instruction, as many bytes as there are; the rest of the page is missing. */
static enum emul_result fuzz_fetch(struct emul *e, u64 linear, void *buf, u32 bytes)
{
	struct fuzz *f = e->opaque;
	enum emul_result r = fuzz_hook(e);

	BUG_ON(bytes == 0 || e->fetched + bytes > EMUL_INSN_MAX);
	BUG_ON(linear >> PAGE_SHIFT != (linear + bytes - 1) >> PAGE_SHIFT);
	if (r != EMUL_OKAY) {
		return r;
	}
	memset(buf, 0, bytes);
	if (e->fetched < f->insn_len) {
		memcpy(buf, f->insn + e->fetched, MIN((size_t)bytes, f->insn_len - e->fetched));
	}
	return EMUL_OKAY;
}

static enum emul_result fuzz_read(struct emul *e, u64 linear, void *buf, u32 bytes, u32 flags)
{
	BUG_ON(bytes > 64);
	fuzz_check_linear(e, linear, bytes);
	memset(buf, fuzz_answer(e->opaque), bytes);
	return fuzz_hook(e);
}

static enum emul_result fuzz_write(
	struct emul *e, u64 linear, const void *buf, u32 bytes, u32 flags)
{
	struct fuzz *f = e->opaque;
	u8 copy[64];

	BUG_ON(bytes > 64);
	fuzz_check_linear(e, linear, bytes);
	memcpy(copy, buf, bytes);
	f->writes++;
	return fuzz_hook(e);
}

static enum emul_result fuzz_probe(struct emul *e, u64 linear, u32 bytes)
{
	fuzz_check_linear(e, linear, bytes);
	return fuzz_hook(e);
}

static enum emul_result fuzz_cmpxchg(
	struct emul *e, u64 linear, void *old, const void *new, u32 bytes)
{
	struct fuzz *f = e->opaque;
	u8 copy[16];

	BUG_ON(bytes > 16 || (bytes & (bytes - 1)));
	fuzz_check_linear(e, linear, bytes);
	memcpy(copy, new, bytes);
	f->writes++;
	if (fuzz_answer(f) & 1) {
		memset(old, fuzz_answer(f), bytes);
	}
	return fuzz_hook(e);
}

static enum emul_result fuzz_read_io(struct emul *e, u16 port, u32 bytes, u32 *value)
{
	BUG_ON(bytes != 1 && bytes != 2 && bytes != 4);
	*value = fuzz_answer(e->opaque) * 0x01010101U;
	return fuzz_hook(e);
}

static enum emul_result fuzz_write_io(struct emul *e, u16 port, u32 bytes, u32 value)
{
	BUG_ON(bytes != 1 && bytes != 2 && bytes != 4);
	BUG_ON(bytes < 4 && value >> (8 * bytes));
	return fuzz_hook(e);
}

static enum emul_result fuzz_check_io(struct emul *e, u16 port, u32 bytes)
{
	return fuzz_hook(e);
}

/* A bulk hook that may do all, some, none, or claim more than it was asked for. */
static enum emul_result fuzz_bulk(struct emul *e, u64 linear, u32 bytes, u64 *count)
{
	u64 asked = *count;

	fuzz_check_linear(e, linear, bytes * asked);
	BUG_ON(bytes * asked > PAGE_SIZE);
	*count = fuzz_answer(e->opaque) % (asked + 2);
	return fuzz_hook(e);
}

static enum emul_result fuzz_rep_read_io(
	struct emul *e, u16 port, u64 linear, u32 bytes, u64 *count)
{
	return fuzz_bulk(e, linear, bytes, count);
}

static enum emul_result fuzz_rep_movs(struct emul *e, u64 src, u64 dst, u32 bytes, u64 *count)
{
	fuzz_check_linear(e, src, bytes * *count);
	return fuzz_bulk(e, dst, bytes, count);
}

static enum emul_result fuzz_rep_stos(
	struct emul *e, u64 linear, const void *item, u32 bytes, u64 *count)
{
	u8 copy[8];

	memcpy(copy, item, bytes);
	return fuzz_bulk(e, linear, bytes, count);
}

static enum emul_result fuzz_read_seg(struct emul *e, enum x86_seg_reg n, struct x86_seg *seg)
{
	struct fuzz *f = e->opaque;

	BUG_ON(n >= X86_SEG_COUNT);
	*seg = f->seg[n];
	return fuzz_hook(e);
}

static enum emul_result fuzz_write_seg(
	struct emul *e, enum x86_seg_reg n, const struct x86_seg *seg)
{
	BUG_ON(n >= X86_SEG_COUNT || n == SEG_CS);
	return fuzz_hook(e);
}

static enum emul_result fuzz_get_vec(struct emul *e, u32 reg, u8 buf[32])
{
	BUG_ON(reg >= 16);
	memset(buf, fuzz_answer(e->opaque), 32);
	return fuzz_hook(e);
}

static enum emul_result fuzz_put_vec(struct emul *e, u32 reg, const u8 buf[32])
{
	u8 copy[32];

	BUG_ON(reg >= 16);
	memcpy(copy, buf, sizeof(copy));
	return fuzz_hook(e);
}

static enum emul_result fuzz_get_mmx(struct emul *e, u32 reg, u64 *value)
{
	BUG_ON(reg >= 8);
	*value = fuzz_answer(e->opaque);
	return fuzz_hook(e);
}

static enum emul_result fuzz_put_mmx(struct emul *e, u32 reg, u64 value)
{
	BUG_ON(reg >= 8);
	return fuzz_hook(e);
}

static const struct emul_ops all_hooks = {
	.fetch = fuzz_fetch,
	.read = fuzz_read,
	.write = fuzz_write,
	.probe_write = fuzz_probe,
	.cmpxchg = fuzz_cmpxchg,
	.read_io = fuzz_read_io,
	.write_io = fuzz_write_io,
	.check_io = fuzz_check_io,
	.rep_read_io = fuzz_rep_read_io,
	.rep_write_io = fuzz_rep_read_io,
	.rep_movs = fuzz_rep_movs,
	.rep_stos = fuzz_rep_stos,
	.read_seg = fuzz_read_seg,
	.write_seg = fuzz_write_seg,
	.get_vec = fuzz_get_vec,
	.put_vec = fuzz_put_vec,
	.get_mmx = fuzz_get_mmx,
	.put_mmx = fuzz_put_mmx,
};
static const struct emul_ops no_hooks = { .fetch = fuzz_fetch };

static void fuzz_init(struct fuzz *f, const struct fuzz_head *h)
{
	u64 x = h->value[0];

	for (u32 i = 0; i < X86_REG_COUNT; i++) {
		f->regs.gpr[i] = (h->flags & FUZZ_SMALL) ? x & 0xffff : x;
		x = (x ^ h->value[1]) * 0x9e3779b97f4a7c15ULL + h->spread;
		f->seg[i % X86_SEG_COUNT] = (struct x86_seg){ (u16)i, (h->attr >> (i & 3)) & 0xfff,
			h->limit, h->base };
	}
	f->regs.rip = (h->flags & FUZZ_REAL_IP) ? h->value[1] & 0xffff : h->value[1];
	f->regs.rflags = h->rflags;
	f->before = f->regs;
	f->e = (struct emul){
		.ops = (h->flags & FUZZ_NO_HOOKS) ? &no_hooks : &all_hooks,
		.opaque = f,
		.regs = &f->regs,
		.mode = h->mode % EMUL_MODE_COUNT,
		.cpl = h->cpl & 3,
		.intel = h->flags & FUZZ_INTEL,
		.features = (h->flags & FUZZ_FEATURES) ? EMUL_HAS_ALL : 0,
		.cr0 = X86_CR0_PE | ((h->flags & FUZZ_TS) ? X86_CR0_TS : 0) | X86_CR0_AM,
		.cr4 = ((h->flags & FUZZ_NO_SSE) ? 0 : X86_CR4_OSFXSR | X86_CR4_OSXSAVE) |
		       ((h->flags & FUZZ_LA57) ? X86_CR4_LA57 : 0),
		.xcr0 = X86_XCR0_X87 | X86_XCR0_SSE | X86_XCR0_AVX,
		.rep_max = h->rep_max,
	};
}

/* Every byte of an instruction is needed, and none after it matters. */
static void fuzz_decode(struct fuzz *f)
{
	enum emul_mode mode = f->e.mode;
	enum emul_result r = emul_decode(&f->e, f->insn, f->insn_len);
	u32 length = f->e.insn.length, fixed;

	if (r == EMUL_OKAY) {
		BUG_ON(length == 0 || length > EMUL_INSN_MAX || length > f->insn_len);
		BUG_ON(emul_decode(&f->e, f->insn, length - 1) != EMUL_TRUNCATED);
		BUG_ON(emul_decode(&f->e, f->insn, length) != EMUL_OKAY);
		BUG_ON(f->e.insn.length != length);
	}
	for (u32 kind = 0; kind < EMUL_KIND_COUNT; kind++) {
		fixed = emul_fixed_length(f->insn, f->insn_len, mode, kind);
		BUG_ON(fixed > EMUL_INSN_MAX || fixed > f->insn_len);
		BUG_ON(fixed && r == EMUL_OKAY && fixed != length);
		BUG_ON(fixed && emul_fixed_length(f->insn, fixed - 1, mode, kind));
	}
	BUG_ON(memcmp(&f->regs, &f->before, sizeof(f->regs)) != 0);
}

static bool fuzz_is_string(const struct emul_insn *i)
{
	return i->map == EMUL_MAP_1 && (i->opcode & 0xfc) != 0xa0 && (i->opcode & 0xf0) != 0xb0 &&
	       ((i->opcode & 0xf0) == 0xa0 || (i->opcode & 0xfc) == 0x6c);
}

static void fuzz_run(struct fuzz *f)
{
	enum emul_result r = emul_run(&f->e);
	u32 max = MAX(f->e.rep_max, 1U);

	BUG_ON(r == EMUL_TRUNCATED);
	BUG_ON(r == EMUL_EXCEPTION && f->e.exc.vector >= 32);
	BUG_ON(f->calls > 64 + 6 * max);
	BUG_ON(f->writes > max || (f->writes > 1 && !fuzz_is_string(&f->e.insn)));
	if (r != EMUL_OKAY) {
		BUG_ON(memcmp(&f->regs, &f->before, sizeof(f->regs)) != 0);
		BUG_ON(f->e.rep_again || f->e.single_step || f->e.shadow != EMUL_SHADOW_NONE);
		return;
	}
	BUG_ON(f->e.insn.length == 0 || f->e.insn.length > EMUL_INSN_MAX);
	BUG_ON(f->e.rep_again && f->regs.rip != f->before.rip);
	BUG_ON(f->e.single_step != !!(f->before.rflags & X86_EFLAGS_TF));
	BUG_ON((f->regs.rflags ^ f->before.rflags) & (X86_EFLAGS_VM | X86_EFLAGS_FIXED));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz f = { 0 };
	struct fuzz_head h;
	u8 *insn;

	if (size < sizeof(h)) {
		return 0;
	}
	memcpy(&h, data, sizeof(h));
	data += sizeof(h);
	size -= sizeof(h);
	f.answers = data;
	f.answer_count = (u32)MIN(size, (size_t)h.answers);
	f.insn_len = MIN(size - f.answer_count, (size_t)32);
	insn = malloc(f.insn_len + !f.insn_len); /* of its own, so that ASan sees its end */
	memcpy(insn, data + f.answer_count, f.insn_len);
	f.insn = insn;
	fuzz_init(&f, &h);
	fuzz_decode(&f);
	fuzz_run(&f);
	free(insn);
	return 0;
}
