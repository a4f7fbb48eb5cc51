/* SPDX-License-Identifier: GPL-2.0-only */
/* dom0_mem=: parsing and arithmetic; see the header. Never allocates the memory itself. */
#include "boot/dom0_mem.h"
#include "core/param.h"
#include "lib/errno.h"
#include "lib/parse.h"
#include "lib/string.h"

#define DOM0_MEM_RESERVE_MAX MiB(128)
#define DOM0_MEM_RESERVE_SHARE 16

/* One number with its unit: a percentage or a size. */
static int dom0_mem_parse_part(
	const char **s, struct dom0_mem_amount *a, bool *percent, const char **why)
{
	u64 number;

	if (parse_u64(*s, s, 0, &number) != 0) {
		*why = "an amount is a number such as 1G, 25% or 512M+10%";
		return -EINVAL;
	}
	*percent = **s == '%';
	if (!*percent) {
		return 0;
	}
	if (number >= 100) {
		*why = "a percentage is below 100";
		return -EINVAL;
	}
	a->percent = (u8)number;
	(*s)++;
	return 0;
}

static int dom0_mem_parse_amount(const char **s, struct dom0_mem_amount *out, const char **why)
{
	struct dom0_mem_amount a = { .given = true };
	const char *start;
	bool percent;

	if (**s == '-') {
		a.minus = true;
		(*s)++;
	}
	start = *s;
	if (dom0_mem_parse_part(s, &a, &percent, why) != 0) {
		return -EINVAL;
	}
	if (!percent) {
		if (parse_size(start, s, 'K', &a.bytes) != 0) {
			*why = "a size has one of the suffixes B K M G T and fits in 64 bits";
			return -EINVAL;
		}
		if (**s == '+') {
			(*s)++;
			if (dom0_mem_parse_part(s, &a, &percent, why) != 0) {
				return -EINVAL;
			}
			if (!percent) {
				*why = "what is added to a size is a percentage";
				return -EINVAL;
			}
		}
	}
	*out = a;
	return 0;
}

int dom0_mem_parse(const char *text, struct dom0_mem *mem, const char **why)
{
	struct dom0_mem m = *mem;
	const char *s = text;

	for (;;) {
		struct dom0_mem_amount *a = &m.size;

		if (strncmp(s, "min:", 4) == 0) {
			a = &m.min;
			s += 4;
		} else if (strncmp(s, "max:", 4) == 0) {
			a = &m.max;
			s += 4;
		}
		if (dom0_mem_parse_amount(&s, a, why) != 0) {
			return -EINVAL;
		}
		if (*s == '\0') {
			*mem = m;
			return 0;
		}
		if (*s++ != ',') {
			*why = "amounts are separated by commas: "
			       "min:<amount>,max:<amount>,<amount>";
			return -EINVAL;
		}
	}
}

/* The sum is cut off at 2^64 - 1. */
static u64 dom0_mem_evaluate(const struct dom0_mem_amount *a, u64 available)
{
	u64 share = available / 100 * a->percent + available % 100 * a->percent / 100;
	u64 bytes = a->bytes + share < share ? ~0ULL : a->bytes + share;

	if (a->minus) {
		return bytes < available ? available - bytes : 0;
	}
	return bytes;
}

static u64 dom0_mem_default(u64 available)
{
	return available - MIN(available / DOM0_MEM_RESERVE_SHARE, DOM0_MEM_RESERVE_MAX);
}

int dom0_mem_compute(
	const struct dom0_mem *mem, u64 available, struct dom0_mem_result *out, const char **why)
{
	u64 bytes = mem->size.given ? dom0_mem_evaluate(&mem->size, available) : 0;
	u64 max = mem->max.given ? dom0_mem_evaluate(&mem->max, available) : ~0ULL;

	if (mem->size.given && mem->size.minus && bytes < DOM0_MEM_LEAST) {
		*why = "the negative amount leaves dom0 too little";
		return -EINVAL;
	}
	if (max < DOM0_MEM_LEAST) {
		*why = "max: is less than dom0 can boot with";
		return -EINVAL;
	}
	if (bytes == 0) {
		bytes = dom0_mem_default(available);
	}
	if (mem->min.given) {
		bytes = MAX(bytes, dom0_mem_evaluate(&mem->min, available));
	}
	bytes = MIN(bytes, max);
	out->asked = ALIGN_DOWN(bytes, PAGE_SIZE);
	out->bytes = bytes > available ? dom0_mem_default(available) : bytes;
	out->bytes = ALIGN_DOWN(out->bytes, PAGE_SIZE);
	out->max = mem->max.given ? ALIGN_DOWN(max, PAGE_SIZE) : ~0ULL;
	if (out->bytes < DOM0_MEM_LEAST) {
		*why = bytes >= DOM0_MEM_LEAST || available < DOM0_MEM_LEAST
			       ? "the host has too little memory for dom0"
			       : "less than the 16M that dom0 needs to boot";
		return -EINVAL;
	}
	return 0;
}

static struct dom0_mem option;
static const char *option_error;

static int dom0_mem_param(const char *value)
{
	const char *why;

	if (dom0_mem_parse(value ? value : "", &option, &why) != 0) {
		option_error = why;
		return -EINVAL;
	}
	option_error = NULL;
	return 0;
}
PARAM(dom0_mem, "dom0_mem", dom0_mem_param);

int dom0_mem_get(u64 available, struct dom0_mem_result *out, const char **why)
{
	if (option_error) {
		*why = option_error;
		return -EINVAL;
	}
	return dom0_mem_compute(&option, available, out, why);
}

bool dom0_mem_given(void)
{
	return !option_error && option.size.given;
}
