/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small calls: vm_assist, and those of PV features, of which the guest learns in the proper order
 * why they are refused.
 */
#include "abi/domain.h"
#include "abi/hypercall.h"
#include "core/domain.h"
#include "lib/errno.h"
#include "lib/xen_public.h"

#define ASSISTS_VALID BIT64(VMASST_TYPE_runstate_update_flag)

s64 abi_vm_assist(struct hypercall *call)
{
	u32 cmd = (u32)call->args[0], type = (u32)call->args[1];
	u64 *assists = &call->v->domain->abi->assists;

	if (type >= 64 || (ASSISTS_VALID & BIT64(type)) == 0) {
		return -EINVAL;
	}
	switch (cmd) {
	case VMASST_CMD_enable:
		__atomic_fetch_or(assists, BIT64(type), __ATOMIC_SEQ_CST);
		return 0;
	case VMASST_CMD_disable:
		__atomic_fetch_and(assists, ~BIT64(type), __ATOMIC_SEQ_CST);
		return 0;
	default:
		return -ENOSYS;
	}
}

/* Virtual performance counters are not offered to domains that have a local APIC. */
s64 abi_xenpmu_op(struct hypercall *call)
{
	return -EOPNOTSUPP;
}
