/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console_io: text to the hypervisor's console, and its input. Domains that do not own the console
 * may print only (their lines are marked and limited by core/console.c).
 */
#include "abi/hypercall.h"
#include "core/console.h"
#include "core/domain.h"
#include "lib/errno.h"
#include "lib/xen_public.h"

#define CONSOLE_CHUNK 128U

/* The text that is left stands in the arguments: so it can be interrupted. */
static s64 console_write(struct hypercall *call)
{
	char text[CONSOLE_CHUNK];

	while ((u32)call->args[1] > 0) {
		u32 n = MIN((u32)call->args[1], CONSOLE_CHUNK);

		if (abi_read(call, call->args[2], text, n) != 0) {
			return -EFAULT;
		}
		console_guest_write(call->v->domain, text, n);
		call->args[1] = (u32)call->args[1] - n;
		call->args[2] += n;
		if ((u32)call->args[1] > 0 && abi_preempt(call)) {
			return -ERESTART;
		}
	}
	return 0;
}

static s64 console_read(struct hypercall *call)
{
	u32 room = (u32)call->args[1], done = 0;
	char text[CONSOLE_CHUNK];

	if ((s32)room < 0) {
		return -E2BIG;
	}
	while (done < room) {
		size_t n = console_guest_read(text, MIN(room - done, CONSOLE_CHUNK));

		if (n == 0) {
			break;
		}
		if (abi_write(call, call->args[2] + done, text, n) != 0) {
			return -EFAULT;
		}
		done += (u32)n;
	}
	return done;
}

s64 abi_console_io(struct hypercall *call)
{
	bool privileged = call->v->domain->privileged;

	switch ((u32)call->args[0]) {
	case CONSOLEIO_write:
		return console_write(call);
	case CONSOLEIO_read:
		return privileged ? console_read(call) : -EPERM;
	default:
		return privileged ? -ENOSYS : -EPERM;
	}
}
