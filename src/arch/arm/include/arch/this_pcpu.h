/* SPDX-License-Identifier: GPL-2.0-only */
/* TPIDR_EL2 holds the address of the CPU's struct pcpu. */
static inline struct pcpu *this_pcpu(void)
{
	struct pcpu *p;

	__asm__("mrs %0, tpidr_el2" : "=r"(p));
	return p;
}
