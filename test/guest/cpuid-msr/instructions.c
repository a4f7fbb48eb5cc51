/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions at CPL 0 and 3, and the hypercall page. */
#include "tests.h"

#include "guest/lib/hypercall.h"
#include "lib/errno.h"
#include "lib/string.h"
#include <xen/version.h>

static u8 insn_page[PAGE_SIZE] __aligned(PAGE_SIZE);

void test_instructions(void)
{
	void *page = insn_page;

	CHECK_FAULT(TRY("vmrun", "a"(page)), UD, "VMRUN");
	CHECK_FAULT(TRY("vmload", "a"(page)), UD, "VMLOAD");
	CHECK_FAULT(TRY("vmsave", "a"(page)), UD, "VMSAVE");
	CHECK_FAULT(TRY("stgi", "a"(0)), UD, "STGI");
	CHECK_FAULT(TRY("clgi", "a"(0)), UD, "CLGI");
	CHECK_FAULT(TRY("skinit", "a"(0)), UD, "SKINIT");
	CHECK_FAULT(TRY("invlpga", "a"(0), "c"(0)), UD, "INVLPGA");
	CHECK_FAULT(TRY("vmxon (%%rax)", "a"(page)), UD, "VMXON");
	CHECK_FAULT(TRY("vmxoff", "a"(0)), UD, "VMXOFF");
	CHECK_FAULT(TRY("vmptrld (%%rax)", "a"(page)), UD, "VMPTRLD");
	CHECK_FAULT(TRY("vmclear (%%rax)", "a"(page)), UD, "VMCLEAR");
	CHECK_FAULT(TRY("vmlaunch", "a"(0)), UD, "VMLAUNCH");
	CHECK_FAULT(TRY("vmresume", "a"(0)), UD, "VMRESUME");
	CHECK_FAULT(TRY("vmread %%rax, %%rcx", "a"(0)), UD, "VMREAD");
	CHECK_FAULT(TRY("vmwrite %%rax, %%rcx", "a"(0)), UD, "VMWRITE");
	CHECK_FAULT(TRY("monitor", "a"(page), "c"(0), "d"(0)), UD, "MONITOR");
	CHECK_FAULT(TRY("mwait", "a"(0), "c"(0)), UD, "MWAIT");
	CHECK_FAULT(TRY("rsm", "a"(0)), UD, "RSM");
	CHECK_FAULT(TRY("getsec", "a"(0)), UD, "GETSEC");
	CHECK_FAULT(TRY("ud2", "a"(0)), UD, "UD2");
	CHECK_FAULT(TRY(".byte 0x0f, 0xff, 0xc0", "a"(0)), UD, "UD0");
}

#define USER(id, insn)                                                                \
	static u64 user_##id(u64 arg)                                                 \
	{                                                                             \
		__asm__ volatile(insn : : "a"(arg), "c"(0), "d"(0) : "memory", "cc"); \
		return 7;                                                             \
	}
USER(nothing, "nop")
USER(hlt, "hlt")
USER(cli, "cli")
USER(sti, "sti")
USER(in, "inb $0x60, %%al")
USER(out, "outb %%al, $0x80")
USER(out_dx, "mov $0x3f8, %%dx; outb %%al, %%dx")
USER(read_cr0, "mov %%cr0, %%rcx")
USER(write_cr0, "mov %%rcx, %%cr0")
USER(read_cr3, "mov %%cr3, %%rcx")
USER(write_cr8, "mov %%rcx, %%cr8")
USER(read_dr7, "mov %%dr7, %%rcx")
USER(lgdt, "lgdt (%%rax)")
USER(lidt, "lidt (%%rax)")
USER(lldt, "lldt %%cx")
USER(ltr, "ltr %%cx")
USER(lmsw, "lmsw %%cx")
USER(clts, "clts")
USER(invlpg, "invlpg (%%rax)")
USER(invd, "invd")
USER(wbinvd, "wbinvd")
USER(rdmsr, "mov $0xc0000080, %%ecx; rdmsr")
USER(wrmsr, "mov $0xc0000080, %%ecx; wrmsr")
USER(rdpmc, "rdpmc")
USER(swapgs, "swapgs")
USER(int_gate, "int $0x20")
USER(monitor, "monitor")
USER(sgdt, "sgdt (%%rax)")
USER(sidt, "sidt (%%rax)")
USER(sldt, "sldt (%%rax)")
USER(str, "str (%%rax)")
USER(smsw, "smsw (%%rax)")

struct user_case {
	const char *name;
	u64 (*fn)(u64);
	u32 want;
};

static const struct user_case user_cases[] = {
	{ "NOP", user_nothing, 0 },
	{ "HLT", user_hlt, GP },
	{ "CLI", user_cli, GP },
	{ "STI", user_sti, GP },
	{ "IN", user_in, GP },
	{ "OUT", user_out, GP },
	{ "OUT to DX", user_out_dx, GP },
	{ "read of CR0", user_read_cr0, GP },
	{ "write of CR0", user_write_cr0, GP },
	{ "read of CR3", user_read_cr3, GP },
	{ "write of CR8", user_write_cr8, GP },
	{ "read of DR7", user_read_dr7, GP },
	{ "LGDT", user_lgdt, GP },
	{ "LIDT", user_lidt, GP },
	{ "LLDT", user_lldt, GP },
	{ "LTR", user_ltr, GP },
	{ "LMSW", user_lmsw, GP },
	{ "CLTS", user_clts, GP },
	{ "INVLPG", user_invlpg, GP },
	{ "INVD", user_invd, GP },
	{ "WBINVD", user_wbinvd, GP },
	{ "RDMSR", user_rdmsr, GP },
	{ "WRMSR", user_wrmsr, GP },
	{ "RDPMC", user_rdpmc, GP },
	{ "SWAPGS", user_swapgs, GP },
	{ "INT of a kernel's gate", user_int_gate, GP },
	{ "MONITOR", user_monitor, UD },
};

static const struct user_case user_umip_cases[] = {
	{ "SGDT", user_sgdt, GP },
	{ "SIDT", user_sidt, GP },
	{ "SLDT", user_sldt, GP },
	{ "STR", user_str, GP },
	{ "SMSW", user_smsw, GP },
};

/* The number travels in RAX, the result comes back in it. */
static u64 user_hypercall(u64 nr)
{
	return (u64)hypercall(nr, XENVER_version, 0);
}

void test_user(void)
{
	u64 result = 0;

	for (size_t i = 0; i < ARRAY_SIZE(user_cases); i++) {
		u32 fault = user_call(user_cases[i].fn, (uintptr_t)insn_page, &result);

		CHECK_EQ(FAULT_VECTOR(fault), FAULT_VECTOR(user_cases[i].want), "%s at CPL 3",
			user_cases[i].name);
	}
	CHECK_FAULT(user_call(user_hypercall, __HYPERVISOR_xen_version, &result), 0,
		"a hypercall at CPL 3 is no fault");
	CHECK_EQ(result, -EPERM, "a hypercall at CPL 3 is refused");
	CHECK_FAULT(user_call(user_hypercall, 0xff, &result), 0,
		"an unknown hypercall at CPL 3 is no fault");
	CHECK_EQ(result, -EPERM, "an unknown hypercall at CPL 3 is refused");
}

void test_umip(void)
{
	u64 cr4 = read_cr4();

	for (size_t i = 0; i < ARRAY_SIZE(user_umip_cases); i++) {
		CHECK_FAULT(user_call(user_umip_cases[i].fn, (uintptr_t)insn_page, NULL), 0,
			"%s at CPL 3 without UMIP", user_umip_cases[i].name);
	}
	if (!HAS_UMIP) {
		check_skip("the CPU has no UMIP", "UMIP");
		return;
	}
	write_cr4(cr4 | CR4_UMIP);
	for (size_t i = 0; i < ARRAY_SIZE(user_umip_cases); i++) {
		CHECK_FAULT(user_call(user_umip_cases[i].fn, (uintptr_t)insn_page, NULL),
			user_umip_cases[i].want, "%s at CPL 3 with UMIP", user_umip_cases[i].name);
	}
	CHECK_FAULT(TRY("sgdt (%%rax)", "a"(insn_page)), 0, "SGDT at CPL 0 with UMIP");
	write_cr4(cr4);
}

static long page_call(unsigned int nr, u64 a1, u64 a2)
{
	const u8 *entry = insn_page + 32 * nr;
	long ret;

	__asm__ volatile("call *%[entry]"
			 : "=a"(ret), "+D"(a1), "+S"(a2)
			 : [entry] "r"(entry)
			 : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
	return ret;
}

void test_hypercall_page(void)
{
	struct xen_feature_info f = { .submap_idx = 0 };

	memset(insn_page, 0xcc, sizeof(insn_page));
	CHECK_FAULT(msr_write(0x40000000, (uintptr_t)insn_page), 0, "the hypercall page's MSR");
	CHECK_EQ(page_call(__HYPERVISOR_xen_version, XENVER_version, 0), 4 << 16 | 17,
		"version through the page");
	CHECK_EQ(page_call(__HYPERVISOR_xen_version, XENVER_get_features, (uintptr_t)&f), 0,
		"get_features through the page");
	CHECK_EQ(page_call(63, 0, 0), -ENOSYS, "hypercall 63 through the page");
	CHECK(insn_page[32 * __HYPERVISOR_iret] != 0xcc, "the page has an entry for iret");
	CHECK_FAULT(msr_write(0x40000000, (uintptr_t)insn_page | 1), GP, "hypercall page 1");
	CHECK_FAULT(msr_write(0x40000000, 0xfffffffff000), GP, "hypercall page outside of RAM");
}
