# SPDX-License-Identifier: GPL-2.0-only
"""arm64: dom0 and the domains of the device tree, what they find, and how the machine ends."""

import re

import cases_arm64
import dom0less
import domains
import guests_arm64
import pytest
import qemu_arm64

END_SECONDS = 60


def params():
    return [pytest.param(case, id=case.name, marks=[getattr(pytest.mark, m) for m in case.marks])
            for case in cases_arm64.CASES]


def linux_arguments(name, checks, cpus, memory, http, end):
    return (f"bulkhead.name={name} bulkhead.test={','.join(checks + ('dmesg',))} "
            f"bulkhead.end={end} bulkhead.cpus={cpus} bulkhead.mem={memory} "
            f"bulkhead.http={http.port} bulkhead.sha256={http.sha256}")


def domain_of(entry, number, images, http, program):
    """The description of one line of the table."""
    fields = dict(entry.fields)
    name = f"domU{number}"
    if isinstance(entry, cases_arm64.Bare):
        return dom0less.Domain(name=name, kernel=program(entry.program),
                               arguments=entry.arguments, **fields)
    fields.setdefault("memory", 256)
    arguments = linux_arguments(name, entry.checks, fields.get("cpus", 1), fields["memory"], http,
                                "stay")
    # Quiet, because these lines and dom0's share one console.
    return dom0less.Domain(name=name, kernel=images.kernel, ramdisk=images.initramfs,
                           arguments=f"console=ttyAMA0 quiet {arguments}", **fields)


def make_machine(case, hypervisor, images, http, program, folder):
    machine = qemu_arm64.Machine(hypervisor, None, str(folder), disk=images.disk, serial="stdio",
                                 reboot=case.end == "reboot", **case.machine)
    if machine.board == "xlnx-zcu102":
        machine.tree = images.zcu102
    dom0 = None
    options = f"{qemu_arm64.OPTIONS} {case.options}"
    if case.dom0 is not None:
        cpus = case.dom0_cpus or machine.cpus
        options += f" dom0_mem={case.dom0_mem}M dom0_max_vcpus={cpus}"
        arguments = linux_arguments("dom0", case.dom0, cpus, case.dom0_mem, http, "stay")
        dom0 = dom0less.Dom0(images.kernel, f"console=hvc0 {arguments}", images.initramfs)
        if not case.domains:
            dom0.arguments = dom0.arguments.replace("end=stay", f"end={case.end}")
    machine.system = dom0less.Machine(
        [domain_of(entry, number, images, http, program)
         for number, entry in enumerate(case.domains, 1)],
        dom0, options.strip(), case.pools, case.passthrough,
        dom0less.static_heap(*case.heap) if case.heap else {})
    return machine


def check_linux(run, number, checks, text, checked):
    results = {name: (good == "ok", details)
               for name, good, details in domains.RESULT.findall(text)}
    for name in checks + ("dmesg",):
        if name not in results:
            run.fail(f"domain {number}: no result of the check {name}")
        checked(f"domain {number}, {name}: {'ok' if results[name][0] else 'FAIL'} "
                f"{results[name][1]}")
    bad = [f"{name}: {results[name][1]}" for name in results if not results[name][0]]
    if bad:
        run.fail(f"domain {number}: " + "; ".join(bad))


def check_bare(run, number, entry, text, kind, checked):
    guests_arm64.judge(run, f"domain {number}", entry.at_least, text,
                       guests_arm64.known(kind, entry.program), checked)


@pytest.mark.parametrize("case", params())
def test_domains(case, kind, images, hypervisor, http, program, log, scale, checked, tmp_path):
    machine = make_machine(case, hypervisor, images, http, program, tmp_path)
    numbers = ([0] if case.dom0 is not None else []) + list(range(1, len(case.domains) + 1))
    with domains.Session(machine, log, scale) as run:
        texts = domains.wait_for(run, domains.done(numbers), case.seconds,
                                 f"end of the checks of domains {numbers}")
        checked(f"all checks of {len(numbers)} domains after {run.elapsed():.0f} s")
        if case.dom0 is not None:
            check_linux(run, 0, case.dom0, texts[0], checked)
        for number, entry in enumerate(case.domains, 1):
            if isinstance(entry, cases_arm64.Linux):
                check_linux(run, number, entry.checks, texts[number], checked)
            else:
                check_bare(run, number, entry, texts[number], kind, checked)
        said = re.search(case.console, run.console())
        if not said:
            run.fail(f"the console lacks {case.console}")
        if case.console:
            checked(said.group())
        if case.never and re.search(case.never, run.console()):
            run.fail(f"the console has {case.never}")
        if case.domains:
            return  # domains that have nothing more to do
        if case.end == "reboot":
            run.expect_again(case.seconds)
            checked("the reboot led to user space again")
        else:
            run.expect_end(END_SECONDS)
            checked(f"power-off ended QEMU after {run.elapsed():.0f} s")
