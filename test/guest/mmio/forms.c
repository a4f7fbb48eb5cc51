/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Forms of instructions, each run twice: on a word of RAM and on a register of an emulated device
 * that holds all 32 bits. Registers, flags and the word must be the same afterwards.
 */
#include "mmio.h"

struct form_state {
	u64 a, b, c, d, si, flags;
};

struct form {
	const char *name;
	void (*run)(void *p, struct form_state *s);
};

/* The instruction's memory operand is (%rdi); RSI points to other memory. CF and ZF are set. */
#define FORM(insn)                                                                              \
	static void FORM_NAME(__LINE__)(void *p, struct form_state *s)                          \
	{                                                                                       \
		u64 flags = 0x43;                                                               \
                                                                                                \
		__asm__ volatile("push %[f]\n\tpopf\n\t" insn "\n\tpushf\n\tpop %[f]\n\tcld"    \
				 : "+a"(s->a), "+b"(s->b), "+c"(s->c), "+d"(s->d), "+S"(s->si), \
				 "+D"(p), [f] "+&r"(flags)                                      \
				 :                                                              \
				 : "memory", "cc");                                             \
		s->flags = flags;                                                               \
	}
#define FORM_NAME(line) FORM_NAME_(line)
#define FORM_NAME_(line) form_##line
/* One line each, so that the names differ; forms.inc lists them once, and is read twice. */
#include "forms.inc"
#undef FORM
#define FORM(insn) { insn, FORM_NAME(__LINE__) },

static const struct form forms[] = {
#include "forms.inc"
};

#define FLAGS_CHECKED 0x8c5 /* OF SF ZF PF CF; AF and what is undefined is left out */

static bool forms_agree(const struct form *f, const struct form_state *ram, u32 ram_word,
	const struct form_state *dev, u32 dev_word)
{
	bool same = ram->a == dev->a && ram->b == dev->b && ram->c == dev->c && ram->d == dev->d &&
		    ram->si == dev->si && ram_word == dev_word &&
		    ((ram->flags ^ dev->flags) & FLAGS_CHECKED) == 0;

	if (!same) {
		print("  %s: RAM %#x a %#llx b %#llx c %#llx d %#llx flags %#llx\n", f->name,
			ram_word, (unsigned long long)ram->a, (unsigned long long)ram->b,
			(unsigned long long)ram->c, (unsigned long long)ram->d,
			(unsigned long long)ram->flags);
		print("  %s: dev %#x a %#llx b %#llx c %#llx d %#llx flags %#llx\n", f->name,
			dev_word, (unsigned long long)dev->a, (unsigned long long)dev->b,
			(unsigned long long)dev->c, (unsigned long long)dev->d,
			(unsigned long long)dev->flags);
	}
	return same;
}

/* The text of a form without its doubled percent signs. */
static void forms_name(const struct form *f, char *name, size_t size)
{
	size_t n = 0;

	for (const char *p = f->name; *p != '\0' && n + 1 < size; p++) {
		p += p[0] == '%' && p[1] == '%';
		name[n++] = *p;
	}
	name[n] = '\0';
}

static void forms_run(const struct form *f, volatile u32 *device, u32 word, u64 a)
{
	static u64 side[2][2];
	static u32 pair[2];
	struct form_state ram, dev;
	char name[160];

	forms_name(f, name, sizeof(name));
	side[0][0] = side[1][0] = 0x8000000100000002;
	ram = (struct form_state){ a, 0x1122334455667788, 1, 0xfedcba98 };
	dev = ram;
	pair[0] = word;
	*device = word;
	/* The same address for both, so that RSI agrees; the memory behind it is put back. */
	ram.si = dev.si = (uintptr_t)side[0];
	f->run(pair, &ram);
	side[1][1] = side[0][0];
	side[0][0] = 0x8000000100000002;
	f->run((void *)(uintptr_t)device, &dev);
	CHECK(forms_agree(f, &ram, pair[0], &dev, *device) && side[1][1] == side[0][0],
		"%s on %#x, a %#llx", name, word, (unsigned long long)a);
}

void test_forms(void)
{
	volatile u32 *device = (u32 *)(APIC_DEFAULT_BASE + APIC_TMICT);

	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | 0x40);
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		forms_run(&forms[i], device, 0x80000001, 0x80000001);
		forms_run(&forms[i], device, 0x12345678, 0xaaaaaaaa00f0f00f);
	}
	apic_write(APIC_TMICT, 0);
}
