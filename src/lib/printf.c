/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The formatter behind every message. It owns nothing and must never write outside the buffer
 * that it is given, nor read a string beyond the precision that limits it.
 */
#include "lib/printf.h"
#include "lib/ctype.h"
#include "lib/string.h"

struct fmt_out {
	char *buf;
	size_t size;
	size_t len; /* what was produced, whether or not it fitted */
};

/* The flags' letters, and their bits in the same order. */
static const char fmt_flags[] = "-0+ #";
enum {
	FMT_LEFT = BIT32(0),
	FMT_ZERO = BIT32(1),
	FMT_PLUS = BIT32(2),
	FMT_SPACE = BIT32(3),
	FMT_ALT = BIT32(4),
};

/* One conversion, between '%' and its letter. */
struct fmt_spec {
	unsigned int flags;
	size_t width;
	size_t precision;
	bool has_precision;
	u8 bytes; /* size of the integer argument */
	char conv;
};

/* A va_list may be an array type, and cannot be passed by reference without this. */
struct fmt_args {
	va_list ap;
};

static void fmt_putc(struct fmt_out *o, char c)
{
	if (o->len < o->size) {
		o->buf[o->len] = c;
	}
	o->len++;
}

static void fmt_fill(struct fmt_out *o, char c, size_t n)
{
	while (n-- > 0) {
		fmt_putc(o, c);
	}
}

static void fmt_write(struct fmt_out *o, const char *s, size_t n)
{
	while (n-- > 0) {
		fmt_putc(o, *s++);
	}
}

static void fmt_text(struct fmt_out *o, const struct fmt_spec *sp, const char *s, size_t n)
{
	size_t pad = sp->width > n ? sp->width - n : 0;

	fmt_fill(o, ' ', (sp->flags & FMT_LEFT) ? 0 : pad);
	fmt_write(o, s, n);
	fmt_fill(o, ' ', (sp->flags & FMT_LEFT) ? pad : 0);
}

/* Sign or 0x, zeros, digits; and the blanks around them. */
static void fmt_number(struct fmt_out *o, const struct fmt_spec *sp, const char *prefix,
	const char *digits, size_t n)
{
	size_t prefix_len = strlen(prefix);
	size_t zeros = sp->has_precision && sp->precision > n ? sp->precision - n : 0;
	size_t total = prefix_len + zeros + n;
	size_t pad = sp->width > total ? sp->width - total : 0;

	if ((sp->flags & (FMT_ZERO | FMT_LEFT)) == FMT_ZERO && !sp->has_precision) {
		zeros += pad;
		pad = 0;
	}
	fmt_fill(o, ' ', (sp->flags & FMT_LEFT) ? 0 : pad);
	fmt_write(o, prefix, prefix_len);
	fmt_fill(o, '0', zeros);
	fmt_write(o, digits, n);
	fmt_fill(o, ' ', (sp->flags & FMT_LEFT) ? pad : 0);
}

/* Writes @v backwards from @end and returns the first digit; nothing for 0. */
static char *fmt_digits(char *end, u64 v, unsigned int base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (; v != 0; v /= base) {
		*--end = set[v % base];
	}
	return end;
}

static void fmt_integer(
	struct fmt_out *o, struct fmt_spec *sp, u64 v, unsigned int base, const char *prefix)
{
	char buf[24]; /* 22 octal digits, and one more for # */
	char *end = buf + sizeof(buf);
	char *p = fmt_digits(end, v, base, sp->conv == 'X');

	/* A precision of 0 prints no digit for 0. "#o" wants a leading zero, from wherever. */
	bool bare = p == end && !(sp->has_precision && sp->precision == 0);
	bool octal = base == 8 && (sp->flags & FMT_ALT) &&
		     !(sp->has_precision && sp->precision > end - p);

	if (bare || octal) {
		*--p = '0';
	}
	fmt_number(o, sp, prefix, p, end - p);
}

/* An argument narrower than int arrives as int. */
static u64 fmt_arg(struct fmt_args *a, u8 bytes)
{
	return bytes == sizeof(u64) ? va_arg(a->ap, u64) : va_arg(a->ap, unsigned int);
}

/* What stands in the place of a minus. */
static const char *fmt_plus(const struct fmt_spec *sp)
{
	if (sp->flags & FMT_PLUS) {
		return "+";
	}
	return (sp->flags & FMT_SPACE) ? " " : "";
}

static void fmt_signed(struct fmt_out *o, struct fmt_spec *sp, struct fmt_args *a)
{
	unsigned int unused = 64 - 8 * sp->bytes;
	s64 v = (s64)(fmt_arg(a, sp->bytes) << unused) >> unused;
	const char *sign = v < 0 ? "-" : fmt_plus(sp);

	fmt_integer(o, sp, v < 0 ? -(u64)v : (u64)v, 10, sign);
}

static void fmt_unsigned(struct fmt_out *o, struct fmt_spec *sp, struct fmt_args *a)
{
	unsigned int unused = 64 - 8 * sp->bytes;
	u64 v = fmt_arg(a, sp->bytes) << unused >> unused;
	unsigned int base = sp->conv == 'u' ? 10 : sp->conv == 'o' ? 8 : 16;
	const char *prefix = sp->conv == 'X' ? "0X" : "0x";

	fmt_integer(o, sp, v, base, base == 16 && (sp->flags & FMT_ALT) && v != 0 ? prefix : "");
}

static void fmt_pointer(struct fmt_out *o, struct fmt_spec *sp, struct fmt_args *a)
{
	fmt_integer(o, sp, (uintptr_t)va_arg(a->ap, void *), 16, "0x");
}

static void fmt_char(struct fmt_out *o, struct fmt_spec *sp, struct fmt_args *a)
{
	char c = (char)va_arg(a->ap, int);

	fmt_text(o, sp, &c, 1);
}

static void fmt_string(struct fmt_out *o, struct fmt_spec *sp, struct fmt_args *a)
{
	const char *s = va_arg(a->ap, const char *);

	if (s == NULL) {
		s = "(null)";
	}
	fmt_text(o, sp, s, strnlen(s, sp->has_precision ? sp->precision : SIZE_MAX));
}

static void fmt_percent(struct fmt_out *o, struct fmt_spec *sp, struct fmt_args *a)
{
	fmt_putc(o, '%');
}

static const struct fmt_conversion {
	char conv;
	void (*put)(struct fmt_out *o, struct fmt_spec *sp, struct fmt_args *a);
} fmt_conversions[] = {
	{ 'd', fmt_signed },
	{ 'i', fmt_signed },
	{ 'u', fmt_unsigned },
	{ 'x', fmt_unsigned },
	{ 'X', fmt_unsigned },
	{ 'o', fmt_unsigned },
	{ 's', fmt_string },
	{ 'c', fmt_char },
	{ 'p', fmt_pointer },
	{ '%', fmt_percent },
};

static const char *fmt_parse_flags(const char *f, struct fmt_spec *sp)
{
	const char *flag;

	for (; *f != '\0' && (flag = strchr(fmt_flags, *f)) != NULL; f++) {
		sp->flags |= BIT32(flag - fmt_flags);
	}
	return f;
}

/* Digits, or '*' for an argument; a negative argument sets *@negative. */
static const char *fmt_parse_count(const char *f, size_t *count, bool *negative, struct fmt_args *a)
{
	int n;

	if (*f == '*') {
		n = va_arg(a->ap, int);
		*negative = n < 0;
		*count = n < 0 ? -(size_t)n : (size_t)n;
		return f + 1;
	}
	for (*count = 0; is_digit(*f); f++) {
		*count = MIN(*count * 10 + (size_t)(*f - '0'), (size_t)INT32_MAX);
	}
	return f;
}

static const char *fmt_parse_length(const char *f, struct fmt_spec *sp)
{
	static const struct {
		char name[3];
		u8 bytes;
	} lengths[] = {
		{ "hh", sizeof(char) },
		{ "h", sizeof(short) },
		{ "ll", sizeof(long long) },
		{ "l", sizeof(long) },
		{ "z", sizeof(size_t) },
		{ "j", sizeof(intmax_t) },
		{ "t", sizeof(ptrdiff_t) },
	};

	sp->bytes = sizeof(int);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		size_t n = strlen(lengths[i].name);

		if (strncmp(f, lengths[i].name, n) == 0) {
			sp->bytes = lengths[i].bytes;
			return f + n;
		}
	}
	return f;
}

/* @f stands behind the '%'; returns what stands behind the length. */
static const char *fmt_parse_spec(const char *f, struct fmt_spec *sp, struct fmt_args *a)
{
	bool negative = false;

	*sp = (struct fmt_spec){ 0 };
	f = fmt_parse_flags(f, sp);
	f = fmt_parse_count(f, &sp->width, &negative, a);
	sp->flags |= negative ? FMT_LEFT : 0;
	if (*f == '.') {
		negative = false;
		f = fmt_parse_count(f + 1, &sp->precision, &negative, a);
		sp->has_precision = !negative;
	}
	f = fmt_parse_length(f, sp);
	sp->conv = *f;
	return f;
}

/* @f is the '%'; returns what stands behind the conversion. */
static const char *fmt_convert(struct fmt_out *o, const char *f, struct fmt_args *a)
{
	struct fmt_spec sp;
	const char *end = fmt_parse_spec(f + 1, &sp, a);

	for (size_t i = 0; i < ARRAY_SIZE(fmt_conversions); i++) {
		if (fmt_conversions[i].conv == sp.conv) {
			fmt_conversions[i].put(o, &sp, a);
			return end + 1;
		}
	}
	fmt_write(o, f, end - f);
	return end;
}

int fmt_vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct fmt_out o = { .buf = buf, .size = size };
	struct fmt_args a;

	va_copy(a.ap, args);
	while (*fmt != '\0') {
		if (*fmt == '%') {
			fmt = fmt_convert(&o, fmt, &a);
		} else {
			fmt_putc(&o, *fmt++);
		}
	}
	va_end(a.ap);
	if (size > 0) {
		buf[MIN(o.len, size - 1)] = '\0';
	}
	return (int)MIN(o.len, (size_t)INT32_MAX);
}

int fmt_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = fmt_vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
