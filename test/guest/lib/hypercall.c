/* SPDX-License-Identifier: GPL-2.0-only */
/* The two instructions, and the registers that carry a call. */
#include "guest/lib/hypercall.h"

#include "guest/lib/cpu.h"

static bool hypercall_amd;

extern const u8 hypercall_code32_amd[], hypercall_code32_intel[];

__asm__(".pushsection .text\n"
	".code32\n"
	"hypercall_code32_amd: vmmcall; lret\n"
	"hypercall_code32_intel: vmcall; lret\n"
	".code64\n"
	".popsection");

void hypercall_init(void)
{
	struct cpuid_regs r = cpuid(0, 0);

	/* "AuthenticAMD", "HygonGenuine": what is not Intel's or alike. */
	hypercall_amd = r.ecx == 0x444d4163 || r.ecx == 0x656e6975;
}

bool hypercall_is_amd(void)
{
	return hypercall_amd;
}

long hypercall5(unsigned long nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	register u64 r10 __asm__("r10") = a4;
	register u64 r8 __asm__("r8") = a5;
	long ret;

	if (hypercall_amd) {
		__asm__ volatile("vmmcall"
				 : "=a"(ret), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
				 : "0"(nr)
				 : "memory");
	} else {
		__asm__ volatile("vmcall"
				 : "=a"(ret), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
				 : "0"(nr)
				 : "memory");
	}
	return ret;
}

int hypercall_compat(u32 nr, u32 a1, u32 a2, u32 a3, u32 a4, u32 a5)
{
	struct code_regs r = { .eax = nr, .ebx = a1, .ecx = a2, .edx = a3, .esi = a4, .edi = a5 };

	code_call32(hypercall_amd ? hypercall_code32_amd : hypercall_code32_intel, &r);
	return (int)r.eax;
}
