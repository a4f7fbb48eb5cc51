/* SPDX-License-Identifier: GPL-2.0-only */
/* %gs holds the CPU's struct pcpu; its first field is its own address. */
static inline struct pcpu *this_pcpu(void)
{
	struct pcpu *p;

	__asm__("movq %%gs:0, %0" : "=r"(p));
	return p;
}
