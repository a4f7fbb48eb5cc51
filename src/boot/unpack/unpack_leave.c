/* SPDX-License-Identifier: GPL-2.0-only */
/* Fills in the trampoline's page and goes there. */
#include "boot/unpack/unpack_leave.h"
#include "lib/string.h"

/* What unpack_leave_asm.S finds at UNPACK_LEAVE_ARGS. */
struct leave_args {
	u32 move_count;
	u32 entry;
	u32 start_info;
	u32 reserved;
	struct unpack_move moves[UNPACK_SEGMENTS_MAX];
};
static_assert(offsetof(struct leave_args, moves) == 16, "layout known to unpack_leave_asm.S");
static_assert(sizeof(struct unpack_move) == 16, "layout known to unpack_leave_asm.S");
static_assert(UNPACK_LEAVE_ARGS + sizeof(struct leave_args) <= UNPACK_TRAMPOLINE_SIZE, "one page");

struct leave_gdtr {
	u16 limit;
	u64 base;
} __packed;

extern const u8 unpack_leave_page[], unpack_leave_page_end[];

void __noreturn unpack_leave_asm(u64 page, const struct leave_gdtr *gdtr);

void unpack_leave(const struct unpack_plan *plan, u32 start_info)
{
	u8 *page = (u8 *)(uintptr_t)plan->trampoline;
	struct leave_args *args = (struct leave_args *)(page + UNPACK_LEAVE_ARGS);
	struct leave_gdtr gdtr = {
		.limit = UNPACK_LEAVE_GDT_SIZE - 1,
		.base = plan->trampoline + UNPACK_LEAVE_GDT,
	};

	memset(page, 0, UNPACK_TRAMPOLINE_SIZE);
	memcpy(page, unpack_leave_page, unpack_leave_page_end - unpack_leave_page);
	args->move_count = plan->move_count;
	args->entry = plan->entry;
	args->start_info = start_info;
	memcpy(args->moves, plan->moves, plan->move_count * sizeof(plan->moves[0]));
	unpack_leave_asm(plan->trampoline, &gdtr);
}
