/* SPDX-License-Identifier: GPL-2.0-only */
/* The smaller calls: sched_op, hvm_op, console_io, multicall, and the numbers that are no calls. */
#include "tests.h"

#include "lib/string.h"
#include <xen/arch-x86/xen-mca.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/sched.h>
#include <xen/version.h>

void test_sched(void)
{
	struct sched_poll poll = { .nr_ports = 129 };
	struct sched_watchdog dog = { .id = 99, .timeout = 10 };
	struct sched_remote_shutdown remote = { .domain_id = NO_DOMAIN };
	evtchn_port_t port = MANY;
	const unsigned long call = __HYPERVISOR_sched_op;

	WANT(0, "yield", call, SCHEDOP_yield, 0);
	WANT(-EINVAL, "poll, 129 ports", call, SCHEDOP_poll, &poll);
	poll.nr_ports = 1;
	set_xen_guest_handle(poll.ports, &port);
	WANT(-EINVAL, "poll, bad port", call, SCHEDOP_poll, &poll);
	set_xen_guest_handle(poll.ports, (evtchn_port_t *)UNMAPPED);
	WANT(-EFAULT, "poll, unmapped ports", call, SCHEDOP_poll, &poll);
	WANT(-EFAULT, "poll, unmapped", call, SCHEDOP_poll, UNMAPPED);
	WANT(-EFAULT, "shutdown, unmapped", call, SCHEDOP_shutdown, UNMAPPED);
	WANT(-EFAULT, "shutdown_code, unmapped", call, SCHEDOP_shutdown_code, UNMAPPED);
	WANT(-ESRCH, "remote_shutdown of no domain", call, SCHEDOP_remote_shutdown, &remote);
	WANT(-EFAULT, "remote_shutdown, unmapped", call, SCHEDOP_remote_shutdown, UNMAPPED);
	WANT(-EINVAL, "watchdog 99", call, SCHEDOP_watchdog, &dog);
	WANT(-EFAULT, "watchdog, unmapped", call, SCHEDOP_watchdog, UNMAPPED);
	WANT(-ENOSYS, "sched_op 8", call, 8, 0);
	WANT(-ENOSYS, "sched_op ~0", call, 0x7fffffff, 0);
	WANT(-ENOSYS, "sched_op_compat", __HYPERVISOR_sched_op_compat, 0, 0);
}

static long hvm_param(bool set, domid_t domid, u32 index, u64 *value)
{
	struct xen_hvm_param p = { .domid = domid, .index = index, .value = *value };
	long rc = hypercall(__HYPERVISOR_hvm_op, set ? HVMOP_set_param : HVMOP_get_param, &p);

	*value = p.value;
	return rc;
}

static void hvm_params(void)
{
	const u64 vector = (u64)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | 0xf3;
	u64 v = 77, bad = 0xffULL << 56;

	CHECK_EQ(hvm_param(false, DOMID_SELF, HVM_PARAM_STORE_EVTCHN, &v), 0,
		"get_param(STORE_EVTCHN)");
	CHECK_EQ(v, 0, "dom0 has no xenstore port");
	v = vector;
	CHECK_EQ(hvm_param(true, DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, &v), 0,
		"set_param(CALLBACK_IRQ)");
	v = 0;
	CHECK_EQ(hvm_param(false, DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, &v), 0,
		"get_param(CALLBACK_IRQ)");
	CHECK_EQ(v, vector, "get_param gives what was set");
	CHECK_EQ(hvm_param(true, DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, &bad), 0,
		"set_param(CALLBACK_IRQ), unknown kind");
	v = 0;
	CHECK_EQ(hvm_param(true, DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, &v), 0,
		"set_param(CALLBACK_IRQ) back");
	CHECK_EQ(hvm_param(false, DOMID_SELF, HVM_NR_PARAMS, &v), -EINVAL, "get_param, too high");
	CHECK_EQ(hvm_param(true, DOMID_SELF, HVM_NR_PARAMS, &v), -EINVAL, "set_param, too high");
	CHECK_EQ(hvm_param(false, DOMID_SELF, ~0U, &v), -EINVAL, "get_param, ~0");
	CHECK_EQ(hvm_param(false, NO_DOMAIN, 0, &v), -ESRCH, "get_param of no domain");
	CHECK_EQ(hvm_param(true, NO_DOMAIN, 0, &v), -ESRCH, "set_param of no domain");
}

void test_hvm(void)
{
	struct xen_hvm_evtchn_upcall_vector upcall = { .vcpu = 0, .vector = 0x0f };
	struct xen_hvm_pagetable_dying dying = { .domid = DOMID_SELF };
	const unsigned long call = __HYPERVISOR_hvm_op;

	hvm_params();
	WANT(-EINVAL, "set_evtchn_upcall_vector 15", call, HVMOP_set_evtchn_upcall_vector, &upcall);
	upcall.vector = 0xf3;
	WANT(0, "set_evtchn_upcall_vector", call, HVMOP_set_evtchn_upcall_vector, &upcall);
	upcall.vcpu = MANY;
	WANT(-ENOENT, "set_evtchn_upcall_vector, no such vCPU", call,
		HVMOP_set_evtchn_upcall_vector, &upcall);
	WANT(-EINVAL, "pagetable_dying", call, HVMOP_pagetable_dying, &dying);
	WANT(-EFAULT, "set_param, unmapped", call, HVMOP_set_param, UNMAPPED);
	WANT(-EFAULT, "get_param, unmapped", call, HVMOP_get_param, UNMAPPED);
	WANT(-EFAULT, "set_evtchn_upcall_vector, unmapped", call, HVMOP_set_evtchn_upcall_vector,
		UNMAPPED);
	WANT(-ENOSYS, "hvm_op 26", call, 26, 0);
	WANT(-ENOSYS, "hvm_op ~0", call, 0x7fffffff, 0);
}

void test_console(void)
{
	static char text[3000];
	const unsigned long call = __HYPERVISOR_console_io;
	char byte;

	WANT(0, "write of nothing", call, CONSOLEIO_write, 0, UNMAPPED);
	WANT(-EFAULT, "write, unmapped", call, CONSOLEIO_write, 8, UNMAPPED);
	WANT(-EFAULT, "write, non-canonical", call, CONSOLEIO_write, 8, NONCANONICAL);
	WANT(0, "read of nothing", call, CONSOLEIO_read, 0, &byte);
	WANT(0, "read without input", call, CONSOLEIO_read, 1, &byte);
	WANT(-ENOSYS, "console_io 2", call, 2, 0, 0);
	memset(text, '.', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	WANT(0, "write of 3000 bytes", call, CONSOLEIO_write, sizeof(text), text);
}

void test_multicall(void)
{
	static struct multicall_entry calls[4];
	const unsigned long call = __HYPERVISOR_multicall;

	calls[0] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version,
		.args = { XENVER_version } };
	calls[1] = (struct multicall_entry){ .op = 0xff };
	calls[2] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version,
		.args = { XENVER_get_features, UNMAPPED } };
	calls[3] = (struct multicall_entry){ .op = __HYPERVISOR_multicall, .args = { 0, 0 } };
	WANT(0, "multicall", call, calls, 4);
	CHECK_EQ(calls[0].result, 4 << 16 | 17, "multicall 0: version");
	CHECK_EQ(calls[1].result, -ENOSYS, "multicall 1: unknown");
	CHECK_EQ(calls[2].result, -EFAULT, "multicall 2: unmapped");
	WANT(0, "multicall of nothing", call, UNMAPPED, 0);
	WANT(-EFAULT, "multicall, unmapped", call, UNMAPPED, 1);
	WANT(-EFAULT, "multicall, non-canonical and endless", call, NONCANONICAL, 0x7fffffff);
}

void test_unknown(void)
{
	static const u8 pv_only[] = { 0, 1, 2, 3, 4, 5, 8, 9, 10, 14, 22, 23, 25, 28, 30, 31, 38 };
	static const u32 none[] = { 11, 43, 47, 50, 55, 56, 63, 64, 0xff, 0x1000, 0x40000000, ~0U };

	for (size_t i = 0; i < ARRAY_SIZE(pv_only); i++) {
		CHECK_EQ(hypercall(pv_only[i], 0, 0, 0, 0), -ENOSYS, "hypercall %u of PV guests",
			pv_only[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		CHECK_EQ(hypercall(none[i], 0, 0, 0, 0), -ENOSYS, "hypercall %#x", none[i]);
	}
	WANT(-ENOSYS, "xsm_op", __HYPERVISOR_xsm_op, 0);
	WANT(-ENOSYS, "mca", __HYPERVISOR_mca, 0);
	WANT(0, "vm_assist, runstate_update_flag", __HYPERVISOR_vm_assist, VMASST_CMD_enable,
		VMASST_TYPE_runstate_update_flag);
	WANT(0, "vm_assist, disable", __HYPERVISOR_vm_assist, VMASST_CMD_disable,
		VMASST_TYPE_runstate_update_flag);
	WANT(-EINVAL, "vm_assist, unknown type", __HYPERVISOR_vm_assist, VMASST_CMD_enable, 31);
	WANT(-EINVAL, "vm_assist, type ~0", __HYPERVISOR_vm_assist, VMASST_CMD_enable, ~0U);
	WANT(-ENOSYS, "vm_assist, unknown command", __HYPERVISOR_vm_assist, 2,
		VMASST_TYPE_runstate_update_flag);
}
