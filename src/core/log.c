/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages: levels, rate limit, the text of a line, and the ring that keeps the last of them. Knows
 * no device; never waits, never allocates.
 */
#include "core/log.h"

#include "core/console.h"
#include "core/param.h"
#include "core/time.h"
#include "lib/ctype.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define LOG_LINE_MAX 512
#define LOG_PREFIX "(BH) "
#define RING_SIZE (1UL << CONFIG_LOG_RING_SHIFT)

/* Under the console lock. */
static struct {
	char text[RING_SIZE];
	u64 next;
	u64 oldest;
} ring;

/* --- levels --- */

/* Lines up to `always` are shown, those up to `limited` at a bounded rate. */
struct log_threshold {
	u8 always;
	u8 limited;
};

static struct log_threshold host_threshold = { .always = 3, .limited = 3 };
static struct log_threshold guest_threshold = { .always = 0, .limited = 2 };

static const struct {
	const char *word;
	u8 threshold;
} level_words[] = {
	{ "none", 0 },
	{ "error", 1 },
	{ "warning", 2 },
	{ "info", 3 },
	{ "debug", 4 },
	{ "all", 4 },
};

static const struct {
	u8 severity;
	bool guest;
} levels[] = {
	[LOG_ERR] = { 1, false },
	[LOG_WARN] = { 2, false },
	[LOG_INFO] = { 3, false },
	[LOG_DEBUG] = { 4, false },
	[LOG_GUEST_ERR] = { 1, true },
	[LOG_GUEST_WARN] = { 2, true },
	[LOG_GUEST_INFO] = { 3, true },
	[LOG_FORCE] = { 0, false },
};

static int log_parse_level(const char *s, size_t n, u8 *threshold)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(level_words); i++) {
		if (strlen(level_words[i].word) == n && strncmp(level_words[i].word, s, n) == 0) {
			*threshold = level_words[i].threshold;
			return 0;
		}
	}
	return -EINVAL;
}

/* "always" or "always/limited". */
int log_set_levels(bool guest, const char *text)
{
	const char *slash = strchr(text, '/');
	struct log_threshold t;
	int rc;

	rc = log_parse_level(text, slash ? (size_t)(slash - text) : strlen(text), &t.always);
	if (rc != 0) {
		return rc;
	}
	t.limited = t.always;
	if (slash) {
		rc = log_parse_level(slash + 1, strlen(slash + 1), &t.limited);
		if (rc != 0) {
			return rc;
		}
	}
	t.limited = MAX(t.limited, t.always);
	*(guest ? &guest_threshold : &host_threshold) = t;
	return 0;
}

static int log_parse_loglvl(const char *value)
{
	return value ? log_set_levels(false, value) : -EINVAL;
}
PARAM(loglvl, "loglvl", log_parse_loglvl);

static int log_parse_guest_loglvl(const char *value)
{
	return value ? log_set_levels(true, value) : -EINVAL;
}
PARAM(guest_loglvl, "guest_loglvl", log_parse_guest_loglvl);

/* --- timestamps --- */

enum log_stamp { STAMP_NONE, STAMP_BOOT, STAMP_RAW };

static enum log_stamp log_stamp = STAMP_NONE;

static const struct {
	const char *word;
	enum log_stamp stamp;
} stamp_words[] = {
	{ "none", STAMP_NONE },
	{ "no", STAMP_NONE },
	{ "boot", STAMP_BOOT },
	{ "date", STAMP_BOOT }, /* no calendar here: the time since boot is the nearest */
	{ "datems", STAMP_BOOT },
	{ "yes", STAMP_BOOT },
	{ "raw", STAMP_RAW },
};

static int log_parse_timestamps(const char *value)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(stamp_words); i++) {
		if (strcmp(stamp_words[i].word, value ? value : "yes") == 0) {
			log_stamp = stamp_words[i].stamp;
			return 0;
		}
	}
	return -EINVAL;
}
PARAM(console_timestamps, "console_timestamps", log_parse_timestamps);

static size_t log_put_stamp(char *buf, size_t size)
{
	u64 now_ns = arch_now_ns();

	switch (log_stamp) {
	case STAMP_BOOT:
		return fmt_snprintf(buf, size, "[%5llu.%06llu] ",
			(unsigned long long)(now_ns / NS_PER_S),
			(unsigned long long)(now_ns % NS_PER_S / NS_PER_US));
	case STAMP_RAW:
		return fmt_snprintf(buf, size, "[%016llx] ", (unsigned long long)now_ns);
	case STAMP_NONE:
		break;
	}
	return 0;
}

/* --- rate limit --- */

/* Each line costs LOG_RATE_NS of an allowance that fills up with time. */
bool log_rate_allow(struct log_rate *r, u64 now_ns, u32 *dropped)
{
	u64 full_ns = MAX(r->full_ns, now_ns) + LOG_RATE_NS;

	if (full_ns - now_ns > LOG_RATE_BURST * LOG_RATE_NS) {
		r->dropped++;
		return false;
	}
	r->full_ns = full_ns;
	*dropped = r->dropped;
	r->dropped = 0;
	return true;
}

/* --- lines --- */

enum log_verdict { LOG_DROP, LOG_KEEP /* ring only */, LOG_SHOW };

static struct log_rate rates[2]; /* the hypervisor's, the guests'; under the console lock */

static bool log_within_rate(bool guest, u32 *dropped)
{
	bool allowed;

	console_enter();
	allowed = log_rate_allow(&rates[guest], arch_now_ns(), dropped);
	console_leave();
	return allowed;
}

/*
 * What the hypervisor says of its own always reaches the ring. What a guest causes and nobody wants
 * to see does not: it would push everything else out.
 */
static enum log_verdict log_judge(enum log_level level, u32 *dropped)
{
	bool guest = levels[level].guest;
	const struct log_threshold *t = guest ? &guest_threshold : &host_threshold;

	*dropped = 0;
	if (levels[level].severity <= t->always) {
		return LOG_SHOW;
	}
	if (levels[level].severity <= t->limited && log_within_rate(guest, dropped)) {
		return LOG_SHOW;
	}
	return guest ? LOG_DROP : LOG_KEEP;
}

bool log_enabled(enum log_level level)
{
	const struct log_threshold *t = levels[level].guest ? &guest_threshold : &host_threshold;

	return !levels[level].guest || levels[level].severity <= t->limited;
}

/* A name or string of a guest in the line must not steer the terminal. */
static void log_clean(char *s)
{
	for (; *s != '\0'; s++) {
		if (!is_print(*s)) {
			*s = '.';
		}
	}
}

static void log_line(const char *fmt, va_list ap, bool show) __printf(1, 0);
static void log_line(const char *fmt, va_list ap, bool show)
{
	char line[LOG_LINE_MAX];
	size_t start, room, n;

	start = strlcpy(line, LOG_PREFIX, sizeof(line));
	start += log_put_stamp(line + start, sizeof(line) - start);
	room = sizeof(line) - start - 1; /* one byte for the newline */
	n = (size_t)fmt_vsnprintf(line + start, room, fmt, ap);
	log_clean(line + start);
	n = start + MIN(n, room - 1);
	line[n++] = '\n';
	console_output(line, n, show);
}

static void log_line_fmt(const char *fmt, ...) __printf(1, 2);
static void log_line_fmt(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(fmt, ap, true);
	va_end(ap);
}

void log_vmsg(enum log_level level, const char *fmt, va_list ap)
{
	u32 dropped;
	enum log_verdict verdict = log_judge(level, &dropped);

	if (verdict == LOG_DROP) {
		return;
	}
	if (dropped != 0) {
		log_line_fmt("%u lines like the next were not shown", dropped);
	}
	log_line(fmt, ap, verdict == LOG_SHOW);
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vmsg(level, fmt, ap);
	va_end(ap);
}

void log_raw(const char *text, size_t n)
{
	console_output(text, n, true);
}

/* --- ring --- */

void log_ring_append(const char *text, size_t n)
{
	while (n > 0) {
		size_t at = ring.next & (RING_SIZE - 1);
		size_t piece = MIN(n, RING_SIZE - at);

		memcpy(ring.text + at, text, piece);
		ring.next += piece;
		text += piece;
		n -= piece;
	}
	if (ring.next - ring.oldest > RING_SIZE) {
		ring.oldest = ring.next - RING_SIZE;
	}
}

size_t log_ring_peek(u64 *index, char *buf, size_t n)
{
	size_t done = 0;

	if (*index < ring.oldest || *index > ring.next) {
		*index = ring.oldest;
	}
	n = MIN((u64)n, ring.next - *index);
	while (done < n) {
		size_t at = *index & (RING_SIZE - 1);
		size_t piece = MIN(n - done, RING_SIZE - at);

		memcpy(buf + done, ring.text + at, piece);
		*index += piece;
		done += piece;
	}
	return n;
}

size_t log_ring_read(u64 *index, char *buf, size_t n)
{
	console_enter();
	n = log_ring_peek(index, buf, n);
	console_leave();
	return n;
}

void log_ring_clear(void)
{
	console_enter();
	ring.oldest = ring.next;
	console_leave();
}

void log_ring_forget(u64 index)
{
	console_enter();
	ring.oldest = MIN(MAX(ring.oldest, index), ring.next);
	console_leave();
}

u64 log_ring_oldest(void)
{
	return READ_ONCE(ring.oldest);
}

u64 log_ring_next(void)
{
	return READ_ONCE(ring.next);
}
