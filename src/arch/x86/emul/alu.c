/* SPDX-License-Identifier: GPL-2.0-only */
/* Integer arithmetic with x86 flags, in portable C. Knows neither registers nor memory. */
#include "arch/x86/emul/alu.h"

#define STATUS                                                                           \
	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | X86_EFLAGS_SF | \
		X86_EFLAGS_OF)

static u32 alu_bits(u32 bytes)
{
	return bytes * 8;
}

static u64 alu_cut(u32 bytes, u64 v)
{
	return bytes >= 8 ? v : v & (BIT64(bytes * 8) - 1);
}

static bool alu_msb(u32 bytes, u64 v)
{
	return (v >> (alu_bits(bytes) - 1)) & 1;
}

static u64 alu_signed(u32 bytes, u64 v)
{
	u64 sign = BIT64(alu_bits(bytes) - 1);

	return (alu_cut(bytes, v) ^ sign) - sign;
}

/* PF: the low byte has an even number of ones. */
static bool alu_even(u64 v)
{
	u32 b = (u32)v & 0xff;

	b ^= b >> 4;
	b ^= b >> 2;
	b ^= b >> 1;
	return !(b & 1);
}

static void alu_put(u64 *flags, u64 mask, bool on)
{
	*flags = (*flags & ~mask) | (on ? mask : 0);
}

static void alu_szp(u32 bytes, u64 r, u64 *flags)
{
	alu_put(flags, X86_EFLAGS_ZF, r == 0);
	alu_put(flags, X86_EFLAGS_SF, alu_msb(bytes, r));
	alu_put(flags, X86_EFLAGS_PF, alu_even(r));
}

static u64 alu_add_carry(u32 bytes, u64 a, u64 b, u64 carry, u64 *flags)
{
	u64 r = alu_cut(bytes, a + b + carry);

	alu_szp(bytes, r, flags);
	alu_put(flags, X86_EFLAGS_CF, alu_msb(bytes, (a & b) | ((a | b) & ~r)));
	alu_put(flags, X86_EFLAGS_OF, alu_msb(bytes, (a ^ r) & (b ^ r)));
	alu_put(flags, X86_EFLAGS_AF, (a ^ b ^ r) & 0x10);
	return r;
}

static u64 alu_sub_borrow(u32 bytes, u64 a, u64 b, u64 borrow, u64 *flags)
{
	u64 r = alu_cut(bytes, a - b - borrow);

	alu_szp(bytes, r, flags);
	alu_put(flags, X86_EFLAGS_CF, alu_msb(bytes, (~a & b) | (~(a ^ b) & r)));
	alu_put(flags, X86_EFLAGS_OF, alu_msb(bytes, (a ^ b) & (a ^ r)));
	alu_put(flags, X86_EFLAGS_AF, (a ^ b ^ r) & 0x10);
	return r;
}

/* AND, OR, XOR: CF and OF are zero; AF is undefined, and zero here as on real parts. */
static u64 alu_logic(u32 bytes, u64 r, u64 *flags)
{
	*flags &= ~STATUS;
	alu_szp(bytes, r, flags);
	return r;
}

u64 emul_alu_add(u32 bytes, u64 a, u64 b, u64 *flags)
{
	return alu_add_carry(bytes, a, b, 0, flags);
}

u64 emul_alu_sub(u32 bytes, u64 a, u64 b, u64 *flags)
{
	return alu_sub_borrow(bytes, a, b, 0, flags);
}

static u64 alu_adc(u32 bytes, u64 a, u64 b, u64 *flags)
{
	return alu_add_carry(bytes, a, b, *flags & X86_EFLAGS_CF, flags);
}

static u64 alu_sbb(u32 bytes, u64 a, u64 b, u64 *flags)
{
	return alu_sub_borrow(bytes, a, b, *flags & X86_EFLAGS_CF, flags);
}

static u64 alu_or(u32 bytes, u64 a, u64 b, u64 *flags)
{
	return alu_logic(bytes, a | b, flags);
}

u64 emul_alu_and(u32 bytes, u64 a, u64 b, u64 *flags)
{
	return alu_logic(bytes, a & b, flags);
}

static u64 alu_xor(u32 bytes, u64 a, u64 b, u64 *flags)
{
	return alu_logic(bytes, a ^ b, flags);
}

emul_alu_fn *const emul_alu_binary[8] = {
	emul_alu_add, alu_or, alu_adc, alu_sbb, emul_alu_and, emul_alu_sub, alu_xor,
	emul_alu_sub, /* CMP: its caller drops the result */
};

u64 emul_alu_inc(u32 bytes, u64 a, u64 *flags)
{
	u64 carry = *flags & X86_EFLAGS_CF;
	u64 r = alu_add_carry(bytes, a, 1, 0, flags);

	alu_put(flags, X86_EFLAGS_CF, carry);
	return r;
}

u64 emul_alu_dec(u32 bytes, u64 a, u64 *flags)
{
	u64 carry = *flags & X86_EFLAGS_CF;
	u64 r = alu_sub_borrow(bytes, a, 1, 0, flags);

	alu_put(flags, X86_EFLAGS_CF, carry);
	return r;
}

static u32 alu_count(u32 bytes, u64 count)
{
	return (u32)count & (bytes == 8 ? 63 : 31);
}

static u64 alu_rol(u32 bytes, u64 a, u64 b, u64 *flags)
{
	u32 count = alu_count(bytes, b), n = count & (alu_bits(bytes) - 1);
	u64 r = n ? alu_cut(bytes, a << n) | a >> (alu_bits(bytes) - n) : a;

	if (count) {
		alu_put(flags, X86_EFLAGS_CF, r & 1);
		alu_put(flags, X86_EFLAGS_OF, alu_msb(bytes, r) != (r & 1));
	}
	return r;
}

static u64 alu_ror(u32 bytes, u64 a, u64 b, u64 *flags)
{
	u32 count = alu_count(bytes, b), n = count & (alu_bits(bytes) - 1);
	u64 r = n ? alu_cut(bytes, a << (alu_bits(bytes) - n)) | a >> n : a;

	if (count) {
		alu_put(flags, X86_EFLAGS_CF, alu_msb(bytes, r));
		alu_put(flags, X86_EFLAGS_OF, alu_msb(bytes, r ^ (r << 1)));
	}
	return r;
}

/* Rotates through carry turn one bit more than the operand has; done bit by bit, at most 63. */
static u64 alu_rcl(u32 bytes, u64 a, u64 b, u64 *flags)
{
	u32 n = alu_count(bytes, b) % (alu_bits(bytes) + 1);
	bool carry = *flags & X86_EFLAGS_CF, out;

	for (u32 i = 0; i < n; i++) {
		out = alu_msb(bytes, a);
		a = alu_cut(bytes, a << 1) | carry;
		carry = out;
	}
	if (n) {
		alu_put(flags, X86_EFLAGS_CF, carry);
		alu_put(flags, X86_EFLAGS_OF, alu_msb(bytes, a) != carry);
	}
	return a;
}

static u64 alu_rcr(u32 bytes, u64 a, u64 b, u64 *flags)
{
	u32 n = alu_count(bytes, b) % (alu_bits(bytes) + 1);
	bool carry = *flags & X86_EFLAGS_CF, out;

	for (u32 i = 0; i < n; i++) {
		out = a & 1;
		a = a >> 1 | (u64)carry << (alu_bits(bytes) - 1);
		carry = out;
	}
	if (n) {
		alu_put(flags, X86_EFLAGS_CF, carry);
		alu_put(flags, X86_EFLAGS_OF, alu_msb(bytes, a ^ (a << 1)));
	}
	return a;
}

/* Flags of shifts: AF is undefined, and OF too unless the count is one. */
static u64 alu_shifted(u32 bytes, u64 r, bool carry, bool overflow, u64 *flags)
{
	*flags &= ~STATUS;
	alu_szp(bytes, r, flags);
	alu_put(flags, X86_EFLAGS_CF, carry);
	alu_put(flags, X86_EFLAGS_OF, overflow);
	return r;
}

static u64 alu_shl(u32 bytes, u64 a, u64 b, u64 *flags)
{
	u32 n = alu_count(bytes, b);
	bool carry;
	u64 r;

	if (!n) {
		return a;
	}
	r = alu_cut(bytes, a << n);
	carry = n <= alu_bits(bytes) && ((a >> (alu_bits(bytes) - n)) & 1);
	return alu_shifted(bytes, r, carry, alu_msb(bytes, r) != carry, flags);
}

static u64 alu_shr(u32 bytes, u64 a, u64 b, u64 *flags)
{
	u32 n = alu_count(bytes, b);

	if (!n) {
		return a;
	}
	return alu_shifted(bytes, a >> n, (a >> (n - 1)) & 1, alu_msb(bytes, a), flags);
}

static u64 alu_sar(u32 bytes, u64 a, u64 b, u64 *flags)
{
	u32 n = alu_count(bytes, b);
	s64 v = (s64)alu_signed(bytes, a);

	if (!n) {
		return a;
	}
	return alu_shifted(bytes, alu_cut(bytes, (u64)(v >> n)), (v >> (n - 1)) & 1, false, flags);
}

emul_alu_fn *const emul_alu_shift[8] = {
	alu_rol,
	alu_ror,
	alu_rcl,
	alu_rcr,
	alu_shl,
	alu_shr,
	alu_shl, /* /6 is SHL too */
	alu_sar,
};

/* What bits a double shift of a 16-bit operand by more than 16 brings in: @fill, then @a again. */
static u64 alu_double_shift(u32 bytes, u64 a, u64 fill, u64 count, bool left, u64 *flags)
{
	u32 n = alu_count(bytes, count), bits = alu_bits(bytes);
	u64 r = a;
	bool carry;

	if (!n) {
		return a;
	}
	if (n > bits) {
		r = fill;
		fill = a;
		n -= bits;
	}
	carry = (r >> (left ? bits - n : n - 1)) & 1;
	if (n == bits) {
		r = fill;
	} else {
		r = left ? r << n | fill >> (bits - n) : r >> n | fill << (bits - n);
	}
	r = alu_cut(bytes, r);
	return alu_shifted(bytes, r, carry, alu_msb(bytes, a ^ r), flags);
}

u64 emul_alu_shld(u32 bytes, u64 a, u64 fill, u64 count, u64 *flags)
{
	return alu_double_shift(bytes, a, fill, count, true, flags);
}

u64 emul_alu_shrd(u32 bytes, u64 a, u64 fill, u64 count, u64 *flags)
{
	return alu_double_shift(bytes, a, fill, count, false, flags);
}

/* 64 x 64 -> 128 bits, from four products of 32-bit halves. */
static void alu_mul64(u64 a, u64 b, u64 *low, u64 *high)
{
	u64 al = (u32)a, ah = a >> 32, bl = (u32)b, bh = b >> 32;
	u64 mid = ah * bl + (al * bl >> 32);
	u64 mid2 = al * bh + (u32)mid;

	*low = a * b;
	*high = ah * bh + (mid >> 32) + (mid2 >> 32);
}

/* Cuts a 128-bit product to two halves of the operand size. */
static void alu_split(u32 bytes, u64 *low, u64 *high)
{
	if (bytes < 8) {
		*high = alu_cut(bytes, *low >> alu_bits(bytes));
		*low = alu_cut(bytes, *low);
	}
}

static void alu_mul_flags(bool wide, u64 low, u32 bytes, u64 *flags)
{
	alu_szp(bytes, low, flags);
	alu_put(flags, X86_EFLAGS_AF, false);
	alu_put(flags, X86_EFLAGS_CF | X86_EFLAGS_OF, wide);
}

void emul_alu_mul(u32 bytes, u64 a, u64 b, u64 *low, u64 *high, u64 *flags)
{
	alu_mul64(a, b, low, high);
	alu_split(bytes, low, high);
	alu_mul_flags(*high != 0, *low, bytes, flags);
}

void emul_alu_imul(u32 bytes, u64 a, u64 b, u64 *low, u64 *high, u64 *flags)
{
	u64 sa = alu_signed(bytes, a), sb = alu_signed(bytes, b);
	u64 sign;

	alu_mul64(sa, sb, low, high);
	*high -= ((s64)sa < 0 ? sb : 0) + ((s64)sb < 0 ? sa : 0);
	alu_split(bytes, low, high);
	sign = alu_msb(bytes, *low) ? alu_cut(bytes, ~0ULL) : 0;
	alu_mul_flags(*high != sign, *low, bytes, flags);
}

/* 128 / 64 bits by shift and subtract; @high < @divisor, so that the quotient fits. */
static void alu_div128(u64 low, u64 high, u64 divisor, u64 *quotient, u64 *remainder)
{
	bool carry;

	for (u32 i = 0; i < 64; i++) {
		carry = high >> 63;
		high = high << 1 | low >> 63;
		low <<= 1;
		if (carry || high >= divisor) {
			high -= divisor;
			low |= 1;
		}
	}
	*quotient = low;
	*remainder = high;
}

bool emul_alu_div(u32 bytes, u64 low, u64 high, u64 divisor, u64 *quotient, u64 *remainder)
{
	u64 dividend;

	if (high >= divisor) {
		return false;
	}
	if (bytes == 8) {
		alu_div128(low, high, divisor, quotient, remainder);
		return true;
	}
	dividend = high << alu_bits(bytes) | low;
	*quotient = dividend / divisor;
	*remainder = dividend % divisor;
	return true;
}

static void alu_negate(u32 bytes, u64 *low, u64 *high)
{
	*low = alu_cut(bytes, -*low);
	*high = alu_cut(bytes, ~*high + (*low == 0));
}

bool emul_alu_idiv(u32 bytes, u64 low, u64 high, u64 divisor, u64 *quotient, u64 *remainder)
{
	bool negative = alu_msb(bytes, high);
	bool negative_quotient = negative != alu_msb(bytes, divisor);
	u64 limit = BIT64(alu_bits(bytes) - 1) - !negative_quotient;

	if (negative) {
		alu_negate(bytes, &low, &high);
	}
	if (alu_msb(bytes, divisor)) {
		divisor = alu_cut(bytes, -divisor);
	}
	if (!emul_alu_div(bytes, low, high, divisor, quotient, remainder) || *quotient > limit) {
		return false;
	}
	*quotient = alu_cut(bytes, negative_quotient ? -*quotient : *quotient);
	*remainder = alu_cut(bytes, negative ? -*remainder : *remainder);
	return true;
}
