# SPDX-License-Identifier: GPL-2.0-only
"""The table of test guests (test/guest): each line is one boot of one of them as dom0.

A guest prints one line for each check and a summary, see test/guest/lib/check.h; it powers off by
itself. A guest that must not live that long has `line`, one regular expression for each
hypervisor: what the console must say instead of the summary.
"""

from dataclasses import dataclass, field


@dataclass
class Guest:
    name: str
    elf: str = ""  # default: the name
    arguments: str = ""
    cpus: int = 2
    cpu: str = "qemu64,+svm,+npt"
    options: str = ""
    seconds: int = 60
    line: dict = field(default_factory=dict)
    at_least: int = 1  # checks that must have passed
    marks: tuple = ()


# The end of a domain that brought it on itself, or a fault that it could handle.
ENDED = {
    "xen": r"Triple fault|Domain 0 \(vcpu#\d+\) crashed|[1-9]\d* passed, 0 failed",
    "bulkhead": r"d0v\d+: crash: |[1-9]\d* passed, 0 failed",
}

GUESTS = [
    Guest("hypercall", at_least=400, marks=("quick",)),
    Guest("cpuid-msr", at_least=240, marks=("quick",)),
    # A CPU with XSAVE, UMIP, SMEP. QEMU's intercept of RDTSCP gives the wrong exit code.
    Guest("cpuid-msr-max", elf="cpuid-msr", cpu="max,+svm,+npt,-rdtscp", at_least=260),
    Guest("interrupts-timers", cpus=3, seconds=180, at_least=230),
    Guest("mmio", at_least=190),
] + [
    # The domain may end, but the hypervisor must say so.
    Guest(f"isolation-{case}", elf="isolation", arguments=f"case={case}", cpus=3, line=ENDED)
    for case in ("triple-fault", "tables-in-nothing", "tables-in-apic", "nw-without-cd",
                 "invalid-cr3")
] + [
    Guest(f"isolation-{case}", elf="isolation", arguments=f"case={case}", cpus=3, seconds=seconds,
          at_least=2)
    for case, seconds in (
        ("jump-to-nothing", 60), ("bad-stack", 60), ("cache-instructions", 60),
        ("foreign-memory", 60), ("endless-string", 90), ("interrupt-flood", 90),
        ("self-modifying", 120), ("registered-pages", 60), ("storm", 300))
]

# What a guest may write without an exit is not checked by QEMU 7.2, as a CPU would.
NOT_CHECKED = {name: "QEMU lets it pass" for name in (
    "LSTAR, non-canonical", "CSTAR, non-canonical", "FS_BASE, non-canonical",
    "GS_BASE, non-canonical", "KERNEL_GS_BASE, non-canonical", "CR8 = 16", "CR8 = ~0")}
PAT_NOT_CHECKED = {name: "Xen leaves the PAT to the CPU, and QEMU lets it pass" for name in (
    "PAT type 2", "PAT type 8")}

# Checks that a hypervisor is known to fail, and why. Each of them must fail there.
KNOWN_FAILURES = {
    "xen": {
        "cpuid-msr": NOT_CHECKED | PAT_NOT_CHECKED,
        "cpuid-msr-max": NOT_CHECKED | PAT_NOT_CHECKED,
        "interrupts-timers": {name: "4.17 never clears the APIC's error register" for name in (
            "xAPIC: the error is gone", "x2APIC: no error", "x2APIC: the error is gone")},
    },
    "bulkhead": {
        "hypercall": {
            "machine_memory_map, not for PVH": "dom0 may know the machine's map",
            "vcpu_op 14": "registration by physical address, which Xen has from 4.18 on",
            "prepare_msix is for PV": "later Xen has it for PVH; no such function here",
            "release_msix is for PV": "later Xen has it for PVH; no such function here",
            "physdev_op setup_gsi in a PVH domain": "Linux 6.12 as PVH dom0 calls it"},
        "cpuid-msr": NOT_CHECKED,
        "cpuid-msr-max": NOT_CHECKED,
    },
}
