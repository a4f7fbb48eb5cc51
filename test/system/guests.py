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
    options: str = ""
    seconds: int = 60
    line: dict = field(default_factory=dict)
    at_least: int = 1  # checks that must have passed
    marks: tuple = ()


GUESTS = [
    Guest("hypercall", at_least=400, marks=("quick",)),
]

# Checks that a hypervisor is known to fail, and why. Each of them must fail there.
KNOWN_FAILURES = {
    "xen": {},
    "bulkhead": {},
}
