/* SPDX-License-Identifier: GPL-2.0-only */
/* The IDT, and the last words of an unpacker that took an exception. It must never return. */
#include "boot/unpack/unpack_console.h"
#include "boot/unpack/unpack_error.h"
#include "boot/unpack/unpack_fault.h"

#define GATE_INTERRUPT 0x8e00 /* present, DPL 0, 64-bit interrupt gate; SDM 3A 6.14.1 */
#define STUB_SIZE 16

struct fault_gate {
	u16 offset_low;
	u16 selector;
	u16 flags;
	u16 offset_mid;
	u32 offset_high;
	u32 reserved;
};
static_assert(sizeof(struct fault_gate) == 16, "SDM 3A 6.14.1");

/* What the stubs leave on the stack. */
struct fault_frame {
	u64 vector;
	u64 error_code;
	u64 rip;
};

struct fault_idtr {
	u16 limit;
	u64 base;
} __packed;

extern const u8 unpack_fault_stubs[];

static struct fault_gate idt[UNPACK_FAULT_VECTORS];

void __noreturn unpack_fault_report(const struct fault_frame *frame);

void unpack_fault_report(const struct fault_frame *frame)
{
	static struct unpack_error error;
	u64 cr2;

	__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
	unpack_error_set(&error, 0,
		"exception %llu in the unpacker: rip %#llx, error code %#llx, cr2 %#llx",
		(unsigned long long)frame->vector, (unsigned long long)frame->rip,
		(unsigned long long)frame->error_code, (unsigned long long)cr2);
	unpack_console_fail(error.text);
}

void unpack_fault_init(void)
{
	struct fault_idtr idtr = { sizeof(idt) - 1, (uintptr_t)idt };
	u16 cs;

	__asm__ volatile("mov %%cs, %0" : "=r"(cs));
	for (unsigned int i = 0; i < UNPACK_FAULT_VECTORS; i++) {
		uintptr_t stub = (uintptr_t)unpack_fault_stubs + i * STUB_SIZE;

		idt[i] = (struct fault_gate){
			.offset_low = stub & 0xffff,
			.selector = cs,
			.flags = GATE_INTERRUPT,
			.offset_mid = stub >> 16 & 0xffff,
			.offset_high = (u64)stub >> 32,
		};
	}
	__asm__ volatile("lidt %0" : : "m"(idtr));
}
