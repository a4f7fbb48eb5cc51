# SPDX-License-Identifier: GPL-2.0-only
"""The small test guests as dom0: what they check, and that the hypervisor outlives them."""

import os
import re

import guests
import pytest
import qemu
import session

DOM0_MEM = 128  # MiB
END_SECONDS = 20
RESULT = re.compile(r"^(?:\([^)]*\) )?(ok|FAIL|skip) +([^\n]*)$", re.MULTILINE)
SUMMARY = r"(\d+) passed, (\d+) failed, (\d+) skipped[\r\n]"
HALTED = r"halting machine"


def params():
    return [pytest.param(guest, id=f"guest-{guest.name}",
                         marks=[getattr(pytest.mark, m) for m in guest.marks])
            for guest in guests.GUESTS]


@pytest.fixture
def elf(request):
    """The path of a guest's program, by its name."""
    folder = os.path.join(os.path.abspath(request.config.getoption("--out")), "guest")

    def find(name):
        path = os.path.join(folder, f"{name}.elf")
        if not os.path.exists(path):
            pytest.fail(f"{path} is missing: run `make guest-elfs`")
        return path
    return find


def make_machine(guest, kind, hypervisor, path):
    options = qemu.OPTIONS.replace(" noreboot", "")
    if kind == "xen":
        options += " dom0_vcpus_pin"  # or two vCPUs that wait for each other share a CPU
    return qemu.Machine(
        hypervisor=hypervisor, cpus=guest.cpus, cpu=guest.cpu, memory="1G", serial="stdio",
        modules=[f"{path} {guest.arguments}".rstrip()],
        options=f"{options} dom0_mem={DOM0_MEM}M dom0_max_vcpus={guest.cpus} {guest.options}"
                .rstrip())


def judge(run, guest, known, checked):
    """Compares each result with what is expected of this hypervisor."""
    results = RESULT.findall(run.console())
    passed = {text for kind, text in results if kind == "ok"}
    failed = {text.split(": got ")[0]: text for kind, text in results if kind == "FAIL"}
    skipped = [text for kind, text in results if kind == "skip"]
    bad = [text for name, text in failed.items() if name not in known]
    bad += [f"{name}: passes, though it is known to fail" for name in known if name in passed]
    checked(f"{len(passed)} checks passed, {len(failed.keys() & known)} failed as expected")
    for text in skipped:
        checked(f"skipped: {text}")
    if bad:
        run.fail(f"{len(bad)} of {len(results)}: " + "; ".join(bad))
    if len(passed) + len(failed) + len(skipped) < guest.at_least:
        run.fail(f"{len(passed)} checks passed, where at least {guest.at_least} should")


def wait_for_end(run, kind, finished):
    """A dom0 that powers off, or crashes, ends QEMU; Xen only halts after a power-off."""
    if kind == "xen" and finished:
        run.expect(HALTED, END_SECONDS)
    else:
        run.expect_end(END_SECONDS)


@pytest.mark.guest
@pytest.mark.parametrize("guest", params())
def test_guest(guest, kind, hypervisor, elf, log, scale, checked):
    machine = make_machine(guest, kind, hypervisor, elf(guest.elf or guest.name))
    known = set(guests.KNOWN_FAILURES[kind].get(guest.name, {}))
    with session.Session(machine, log, scale) as run:
        if guest.line:
            if run.expect([guest.line[kind], session.PANIC], guest.seconds)[0] != 0:
                run.fail_fatal("the hypervisor died")
            checked(run.console().rstrip("\n").split("\n")[-1])
            wait_for_end(run, kind, "passed, 0" in run.console())
        else:
            index, _ = run.expect([SUMMARY, session.FATAL], guest.seconds, "summary")
            if index != 0:
                run.fail_fatal("the machine died")
            judge(run, guest, known, checked)
            wait_for_end(run, kind, True)
        if re.search(session.PANIC, run.console()):
            run.fail("the hypervisor panicked")
