# SPDX-License-Identifier: GPL-2.0-only
"""The test guests of arm64 (test/guest/arm-*): how each runs as dom0, how results are judged."""

from dataclasses import dataclass, field

import domains


@dataclass
class Guest:
    name: str
    program: str = ""  # default: the name
    arguments: str = ""
    cpus: int = 2
    machine: dict = field(default_factory=dict)  # fields of qemu_arm64.Machine
    options: str = ""
    seconds: int = 60
    at_least: int = 1  # checks that must have passed
    limits: int = 0  # of Bulkhead's costs, in percent of the aims
    marks: tuple = ()


GUESTS = [
    Guest("arm-basics", at_least=200, marks=("quick",)),
    Guest("arm-basics-gicv2", "arm-basics", at_least=200,
          machine={"gic": 2, "cpu": "cortex-a53"}),
    Guest("arm-interrupts", cpus=3, seconds=120, at_least=140),
    Guest("arm-interrupts-gicv2", "arm-interrupts", cpus=3, seconds=120, at_least=140,
          machine={"gic": 2}),
    # What the hypervisor says of the guest would fill the console.
    Guest("arm-isolation", cpus=3, seconds=180, at_least=70, options="guest_loglvl=none/none"),
    Guest("arm-isolation-gicv2", "arm-isolation", "seed=2", cpus=3, seconds=180, at_least=70,
          machine={"gic": 2, "cpu": "cortex-a72"}, options="guest_loglvl=none/none"),
    # Instructions, counted by QEMU.
    Guest("arm-latency", cpus=1, at_least=10, machine={"icount": True}, limits=600),
    Guest("arm-latency-gicv2", "arm-latency", cpus=1, at_least=10, limits=1200,
          machine={"icount": True, "gic": 2}),
]

BASICS = {
    "AFFINITY_INFO of no CPU": "4.17 says that it is off",
    "ARCH_FEATURES of itself": "4.17 knows only the workarounds",
}
INTERRUPTS = {
    "ICFGR: SGIs are edges": "4.17 reads as zero",
} | {f"{timer}: the level stays, it comes again": "4.17 masks the timer when it is delivered"
     for timer in ("virtual timer", "physical timer", "virtual timer of CPU 1")}
INTERRUPTS_V2 = INTERRUPTS | {
    "PIDR2 can be read": "4.17 has no identification registers",
    "PIDR2 names the version": "4.17 has no identification registers",
    "SGI from CPU 1 names its sender": "4.17 always says CPU 0",
}

# Checks that a hypervisor is known to fail, and why. Each of them must fail there.
KNOWN_FAILURES = {
    "xen": {"arm-basics": BASICS, "arm-basics-gicv2": BASICS,
            "arm-interrupts": INTERRUPTS, "arm-interrupts-gicv2": INTERRUPTS_V2},
    "bulkhead": {},
}


def known(kind, program):
    """The names of the checks of a program that must fail."""
    return set(KNOWN_FAILURES[kind].get(program, {}))


def judge(run, who, at_least, text, expected, checked):
    """Compares each result with what is expected of this hypervisor."""
    results = domains.GUEST_RESULT.findall(text)
    passed = {name for kind, name in results if kind == "ok"}
    failed = {name.split(": got ")[0]: name for kind, name in results if kind == "FAIL"}
    skipped = [name for kind, name in results if kind == "skip"]
    bad = [name for key, name in failed.items() if key not in expected]
    bad += [f"{name}: passes, though it is known to fail" for name in expected if name in passed]
    checked(f"{who}: {len(passed)} checks passed, {len(failed.keys() & expected)} failed as "
            f"expected")
    for name in skipped:
        checked(f"{who}: skipped: {name}")
    if bad:
        run.fail(f"{who}: {len(bad)} of {len(results)}: " + "; ".join(bad))
    if len(passed) + len(failed) + len(skipped) < at_least:
        run.fail(f"{who}: {len(passed)} checks passed, where at least {at_least} should")
