/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one table of hypercalls: HYPERCALL(number, name, arguments, handler, permission). Dispatch,
 * names and the fuzz target's choices are made from it. A handler `none` means -ENOSYS: calls of
 * PV guests alone, and those that are not here yet.
 *
 * Permissions: any; priv: of the privileged domain alone (-EPERM); x86: any, but on Arm there is no
 * such call. Where Xen looks at the caller's buffer before it looks at the caller, the handler
 * checks.
 */
HYPERCALL(0, set_trap_table, 1, none, any)
HYPERCALL(1, mmu_update, 4, none, any)
HYPERCALL(2, set_gdt, 2, none, any)
HYPERCALL(3, stack_switch, 2, none, any)
HYPERCALL(4, set_callbacks, 3, none, any)
HYPERCALL(5, fpu_taskswitch, 1, none, any)
HYPERCALL(6, sched_op_compat, 2, none, any)
HYPERCALL(7, platform_op, 1, HARDWARE(abi_platform_op), any)
HYPERCALL(8, set_debugreg, 2, none, any)
HYPERCALL(9, get_debugreg, 1, none, any)
HYPERCALL(10, update_descriptor, 2, none, any)
HYPERCALL(12, memory_op, 2, abi_memory_op, any)
HYPERCALL(13, multicall, 2, abi_multicall, any)
HYPERCALL(14, update_va_mapping, 3, none, any)
HYPERCALL(15, set_timer_op, 1, abi_set_timer_op, x86)
HYPERCALL(16, event_channel_op_compat, 1, none, any)
HYPERCALL(17, xen_version, 2, abi_xen_version, any)
HYPERCALL(18, console_io, 3, abi_console_io, any)
HYPERCALL(19, physdev_op_compat, 1, none, any)
HYPERCALL(20, grant_table_op, 3, abi_grant_table_op, any)
HYPERCALL(21, vm_assist, 2, abi_vm_assist, any)
HYPERCALL(22, update_va_mapping_otherdomain, 4, none, any)
HYPERCALL(23, iret, 0, none, any)
HYPERCALL(24, vcpu_op, 3, abi_vcpu_op, any)
HYPERCALL(25, set_segment_base, 2, none, any)
HYPERCALL(26, mmuext_op, 4, none, any)
HYPERCALL(27, xsm_op, 1, none, any)
HYPERCALL(28, nmi_op, 2, none, any)
HYPERCALL(29, sched_op, 2, abi_sched_op, any)
HYPERCALL(30, callback_op, 2, none, any)
HYPERCALL(31, xenoprof_op, 2, none, any)
HYPERCALL(32, event_channel_op, 2, abi_event_channel_op, any)
HYPERCALL(33, physdev_op, 2, X86(abi_physdev_op), any)
HYPERCALL(34, hvm_op, 2, abi_hvm_op, any)
HYPERCALL(35, sysctl, 1, abi_sysctl, any)
HYPERCALL(36, domctl, 1, abi_domctl, any)
HYPERCALL(37, kexec_op, 2, none, any)
HYPERCALL(38, tmem_op, 1, none, any)
HYPERCALL(39, argo_op, 5, none, any)
HYPERCALL(40, xenpmu_op, 2, abi_xenpmu_op, x86)
HYPERCALL(41, dm_op, 3, none, any)
HYPERCALL(42, hypfs_op, 5, none, priv)
HYPERCALL(48, mca, 1, none, any)
