# SPDX-License-Identifier: GPL-2.0-only
"""Debian's kernel as dom0: what it finds, what it can do with its devices, and how it ends."""

import re
import subprocess

import cases
import pytest
import qemu
import session

CHECK_SECONDS = 200  # more than the guest's own limit for one check, see run_limited()
END_SECONDS = 60
CLOCK_ERROR = 20  # a busy host delays the line


def params():
    return [pytest.param(case, id=case.name, marks=[getattr(pytest.mark, m) for m in case.marks])
            for case in cases.CASES]


def linux_arguments(case, cpus, http):
    return (f"console=hvc0 bulkhead.test={','.join(case.checks + ['dmesg'])} "
            f"bulkhead.end={case.end} bulkhead.cpus={cpus} bulkhead.mem={case.dom0_mem} "
            f"bulkhead.http={http.port} bulkhead.sha256={http.sha256}")


def make_iso(images, hypervisor, machine, linux, path):
    subprocess.run([images.mkiso, "--hypervisor", hypervisor, "--options", machine.options,
                    "--kernel", images.kernel, "--linux", linux,
                    "--initramfs", images.initramfs, "--output", path],
                   check=True, capture_output=True)
    machine.iso = path


def check_results(run, case, results, checked):
    for name in case.checks + ["dmesg"]:
        if name not in results:
            run.fail(f"no result of the check {name}")
        checked(f"{name}: {'ok' if results[name][0] else 'FAIL'} {results[name][1]}")
    bad = [f"{name}: {results[name][1]}" for name in results if not results[name][0]]
    if bad:
        run.fail("; ".join(bad))
    if "clock" in results:
        _, details, host = results["clock"]
        guest = int(re.search(r"date (\d+)", details)[1])
        assert abs(guest - host) <= CLOCK_ERROR, f"dom0's date is {guest - host:.0f} s ahead"


@pytest.mark.parametrize("case", params())
def test_boot(case, images, hypervisor, http, log, scale, checked, tmp_path):
    fields = dict(case.machine)
    iso = fields.pop("iso", False)
    machine = qemu.Machine(disk=images.disk, serial="stdio", reboot=case.end == "reboot", **fields)
    machine.options = (f"{qemu.OPTIONS} dom0_mem={case.dom0_mem}M "
                       f"dom0_max_vcpus={machine.cpus} {case.options}").rstrip()
    linux = linux_arguments(case, machine.cpus, http)
    if iso:
        make_iso(images, hypervisor, machine, linux, str(tmp_path / "boot.iso"))
    else:
        machine.hypervisor = hypervisor
        machine.modules = [f"{images.kernel} {linux}", images.initramfs]

    with session.Session(machine, log, scale) as run:
        version = run.expect_boot(case.boot_seconds)
        checked(f"user space of {version} after {run.elapsed():.0f} s")
        check_results(run, case, run.expect_results(CHECK_SECONDS), checked)
        said = re.search(case.console, run.console())
        if not said:
            run.fail(f"the console lacks {case.console}")
        if case.console:
            checked(f"the console says {said[0]!r}")
        if case.end == "reboot":
            run.expect_boot(case.boot_seconds)
            checked("the reboot led to user space again")
        else:
            run.expect_end(END_SECONDS)
            checked(f"power-off ended QEMU after {run.elapsed():.0f} s")
