/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/lib/mem.c, string.c, strl.c and ctype.h against libc. The host archive leaves the first two
 * to libc, so they are compiled in here under other names.
 */
#define memcpy own_memcpy
#define memmove own_memmove
#define memset own_memset
#define memcmp own_memcmp
#define strlen own_strlen
#define strnlen own_strnlen
#define strcmp own_strcmp
#define strncmp own_strncmp
#define strcasecmp own_strcasecmp
#define strchr own_strchr
#define strrchr own_strrchr
#define strstr own_strstr
#include "lib/mem.c"
#include "lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strcasecmp
#undef strchr
#undef strrchr
#undef strstr

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "unit/harness.h"
#include "unit/random.h"

#define ROUNDS 20000
#define ROOM 80

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void fill(u8 *buf, u64 *seed)
{
	for (size_t i = 0; i < ROOM; i++) {
		buf[i] = (u8)random_next(seed);
	}
}

UNIT_TEST(memcpy_any, "memcpy copies exactly its bytes at every length and alignment")
{
	u8 src[ROOM], got[ROOM], want[ROOM];
	u64 seed = 1;

	for (int i = 0; i < ROUNDS; i++) {
		size_t n = random_below(&seed, 60), to = random_below(&seed, 16);
		size_t from = random_below(&seed, 16);

		fill(src, &seed);
		fill(got, &seed);
		memcpy(want, got, ROOM);
		memcpy(want + to, src + from, n);
		CHECK(own_memcpy(got + to, src + from, n) == got + to);
		CHECK_EQ(memcmp(got, want, ROOM), 0);
	}
}

UNIT_TEST(memmove_any, "memmove copes with every overlap")
{
	u8 got[ROOM], want[ROOM];
	u64 seed = 2;

	for (int i = 0; i < ROUNDS; i++) {
		size_t n = random_below(&seed, 60), to = random_below(&seed, 20);
		size_t from = random_below(&seed, 20);

		fill(got, &seed);
		memcpy(want, got, ROOM);
		memmove(want + to, want + from, n);
		CHECK(own_memmove(got + to, got + from, n) == got + to);
		CHECK_EQ(memcmp(got, want, ROOM), 0);
	}
}

UNIT_TEST(memset_any, "memset fills exactly its bytes with the low byte of its argument")
{
	u8 got[ROOM], want[ROOM];
	u64 seed = 3;

	for (int i = 0; i < ROUNDS; i++) {
		size_t n = random_below(&seed, 60), to = random_below(&seed, 20);
		int c = (int)random_next(&seed);

		fill(got, &seed);
		memcpy(want, got, ROOM);
		memset(want + to, c, n);
		CHECK(own_memset(got + to, c, n) == got + to);
		CHECK_EQ(memcmp(got, want, ROOM), 0);
	}
}

UNIT_TEST(memcmp_any, "memcmp orders by the first byte that differs, unsigned")
{
	u8 a[ROOM], b[ROOM];
	u64 seed = 4;

	for (int i = 0; i < ROUNDS; i++) {
		size_t n = random_below(&seed, ROOM);

		fill(a, &seed);
		memcpy(b, a, ROOM);
		b[random_below(&seed, ROOM)] = (u8)random_next(&seed);
		CHECK_EQ(sign(own_memcmp(a, b, n)), sign(memcmp(a, b, n)));
	}
}

/* A string on the heap, exactly as long as it is, so that ASan sees any byte read beyond it. */
static char *random_string(u64 *seed, size_t max)
{
	static const char alphabet[] = "aAbB\x80\xff";
	size_t n = random_below(seed, max);
	char *s = malloc(n + 1);

	for (size_t i = 0; i < n; i++) {
		s[i] = alphabet[random_below(seed, sizeof(alphabet) - 1)];
	}
	s[n] = '\0';
	return s;
}

static void compare_pair(const char *a, const char *b, size_t n)
{
	CHECK_EQ(own_strlen(a), strlen(a));
	CHECK_EQ(own_strnlen(a, n), strnlen(a, n));
	CHECK_EQ(sign(own_strcmp(a, b)), sign(strcmp(a, b)));
	CHECK_EQ(sign(own_strncmp(a, b, n)), sign(strncmp(a, b, n)));
	CHECK_EQ(sign(own_strcasecmp(a, b)), sign(strcasecmp(a, b)));
	CHECK_EQ(own_strstr(a, b), strstr(a, b));
	CHECK_EQ(own_strchr(a, b[0]), strchr(a, b[0]));
	CHECK_EQ(own_strrchr(a, b[0]), strrchr(a, b[0]));
}

UNIT_TEST(strings, "the string functions agree with libc on random short strings")
{
	u64 seed = 5;

	for (int i = 0; i < ROUNDS; i++) {
		char *a = random_string(&seed, 12), *b = random_string(&seed, 4);

		compare_pair(a, b, random_below(&seed, 8));
		compare_pair(a, a, random_below(&seed, 14));
		free(a);
		free(b);
	}
}

UNIT_TEST(strnlen_limit, "strnlen and strncmp read no byte beyond their limit")
{
	char *s = malloc(3);

	memcpy(s, "abc", 3);
	CHECK_EQ(own_strnlen(s, 3), 3);
	CHECK_EQ(own_strncmp(s, "abcd", 3), 0);
	free(s);
}

UNIT_TEST(strlcpy_cases, "strlcpy cuts off, terminates, and returns the whole length")
{
	static const struct {
		const char *src, *want;
		size_t size;
	} cases[] = {
		{ "", "", 1 },
		{ "abc", "abc", 8 },
		{ "abc", "abc", 4 },
		{ "abc", "ab", 3 },
		{ "abc", "", 1 },
	};
	char buf[8];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(buf, 'x', sizeof(buf));
		CHECK_EQ(strlcpy(buf, cases[i].src, cases[i].size), strlen(cases[i].src));
		CHECK_STR(buf, cases[i].want);
		CHECK(cases[i].size == 8 || buf[cases[i].size] == 'x');
	}
	buf[0] = 'x';
	CHECK_EQ(strlcpy(buf, "abc", 0), 3);
	CHECK_EQ(buf[0], 'x');
}

UNIT_TEST(strlcat_cases, "strlcat appends what fits, and leaves a full buffer alone")
{
	char buf[6] = "ab", full[2] = { 'x', 'y' };

	CHECK_EQ(strlcat(buf, "cd", sizeof(buf)), 4);
	CHECK_STR(buf, "abcd");
	CHECK_EQ(strlcat(buf, "efg", sizeof(buf)), 7);
	CHECK_STR(buf, "abcde");
	CHECK_EQ(strlcat(full, "z", sizeof(full)), 3);
	CHECK_EQ(memcmp(full, "xy", 2), 0);
}

UNIT_TEST(classes, "the character classes are those of the C locale, and hold for any int")
{
	for (int c = -1; c < 256; c++) {
		CHECK_EQ(is_digit(c), isdigit(c) != 0);
		CHECK_EQ(is_xdigit(c), isxdigit(c) != 0);
		CHECK_EQ(is_upper(c), isupper(c) != 0);
		CHECK_EQ(is_lower(c), islower(c) != 0);
		CHECK_EQ(is_alpha(c), isalpha(c) != 0);
		CHECK_EQ(is_alnum(c), isalnum(c) != 0);
		CHECK_EQ(is_space(c), isspace(c) != 0);
		CHECK_EQ(is_print(c), isprint(c) != 0);
		CHECK_EQ(to_lower(c), tolower(c));
		CHECK_EQ(to_upper(c), toupper(c));
	}
	CHECK(!is_alpha(-128) && !is_space(1 << 20));
}
