# SPDX-License-Identifier: GPL-2.0-only
"""The table of bad inputs: what is wrong, and the one line that each hypervisor must say of it.

`line` has one regular expression for each hypervisor. After the line the machine must reset itself
(QEMU then ends), or, where `boots` is set, the boot must go on to user space.
"""

import os
from dataclasses import dataclass, field

KERNEL = "{kernel} console=hvc0 bulkhead.end=poweroff"
GOOD = (KERNEL, "{initramfs}")


@dataclass
class BadInput:
    name: str
    line: dict
    modules: tuple = GOOD  # {kernel}, {initramfs} and {tmp} are replaced
    options: str = "dom0_mem=512M"
    machine: dict = field(default_factory=dict)  # fields of qemu.Machine
    table: tuple = ()  # an ACPI table: signature and the bytes after its header
    make: object = None  # function(kernel, folder) that writes files into folder
    boots: bool = False


def truncate(size):
    """Makes {tmp}/kernel out of the first bytes of the kernel."""
    def make(kernel, folder):
        with open(kernel, "rb") as source, open(os.path.join(folder, "kernel"), "wb") as target:
            target.write(source.read(size))
    return make


def write_text(kernel, folder):
    """Makes {tmp}/kernel a text."""
    with open(os.path.join(folder, "kernel"), "w", encoding="ascii") as target:
        target.write("This is not a kernel.\n" * 1000)


def damage(kernel, folder):
    """Makes {tmp}/kernel a kernel whose compressed part has wrong bytes in its middle."""
    with open(kernel, "rb") as source:
        content = bytearray(source.read())
    middle = len(content) // 2
    content[middle:middle + 4096] = b"\xff" * 4096
    with open(os.path.join(folder, "kernel"), "wb") as target:
        target.write(content)


# An IVRS or DMAR whose first entry has length 0: who trusts it walks in a circle.
IVRS_LENGTH_0 = ("IVRS", bytes(12) + bytes([0x10, 0, 0, 0]) + bytes(20))
DMAR_LENGTH_0 = ("DMAR", bytes([38, 0]) + bytes(10) + bytes([0, 0, 0, 0]) + bytes(12))
SRAT_LENGTH_0 = ("SRAT", bytes([1, 0, 0, 0]) + bytes(8) + bytes([1, 0]) + bytes(38))

# What Bulkhead says of most kernels that are none, and of such tables.
NO_KERNEL = r"^dom0 kernel: neither a bzImage nor an ELF file$"
BROKEN = r"^\(BH\) ACPI: {}: record at byte 0 has length 0 of \d+ left: the rest of the table is ignored$"

BAD_INPUTS = [
    BadInput("no-module",
             {"xen": r"dom0 kernel",
              "bulkhead": r"cannot start: no kernel for dom0: the boot loader passed no module$"},
             modules=()),
    BadInput("kernel-truncated",
             {"xen": r"Dom0 kernel",
              "bulkhead": r"^dom0 kernel: truncated bzImage: payload ends at 0x[0-9a-f]+ but the "
                          r"file has 0x100000 bytes$"},
             ("{tmp}/kernel console=hvc0", "{initramfs}"), make=truncate(1 << 20)),
    BadInput("kernel-of-20-bytes", {"xen": r"Dom0 kernel", "bulkhead": NO_KERNEL},
             ("{tmp}/kernel console=hvc0", "{initramfs}"), make=truncate(20)),
    BadInput("kernel-damaged",
             {"xen": r"Dom0 kernel", "bulkhead": r"^dom0 kernel: xz data corrupt$"},
             ("{tmp}/kernel console=hvc0", "{initramfs}"), make=damage),
    BadInput("kernel-is-text", {"xen": r"Dom0 kernel", "bulkhead": NO_KERNEL},
             ("{tmp}/kernel console=hvc0", "{initramfs}"), make=write_text),
    BadInput("modules-swapped",
             {"xen": r"Dom0 kernel",
              "bulkhead": r"^dom0 kernel: an initramfs, not a kernel: the kernel is the first "
                          r"module$"},
             ("{initramfs}", KERNEL)),
    BadInput("option-unknown",
             {"xen": r"no-such-option",
              "bulkhead": r"^\(BH\) option no-such-option is unknown: ignored$"},
             options="dom0_mem=512M no-such-option=1", boots=True),
    BadInput("option-value",
             {"xen": r"dom0_max_vcpus",
              "bulkhead": r'^\(BH\) option dom0_max_vcpus: bad value "2-1000"$'},
             options="dom0_mem=512M dom0_max_vcpus=2-1000", boots=True),
    BadInput("dom0-mem-too-large",
             {"xen": r"Unable to allocate|Dom0",
              "bulkhead": r"cannot start: dom0_mem: asks for 1048576 MiB, but this machine has "
                          r"409[56] MiB$"},
             options="dom0_mem=1T"),
    BadInput("dom0-mem-too-small",
             {"xen": r"Unable to allocate|Dom0",
              "bulkhead": r"cannot start: dom0_mem: less than the 16M that dom0 needs to boot$"},
             options="dom0_mem=1M"),
    BadInput("dom0-mem-nonsense",
             {"xen": r"dom0_mem",
              "bulkhead": r"cannot start: dom0_mem: an amount is a number such as "},
             options="dom0_mem=lots"),
    BadInput("host-too-small",
             {"xen": r"Dom0|memory",
              "bulkhead": r"cannot start: dom0_mem: the host has too little memory for dom0$"},
             ("{tmp}/kernel console=hvc0",), make=truncate(4096), machine={"memory": "24M"}),
    BadInput("no-svm",
             {"xen": r"SVM|VMX|VT-x",
              "bulkhead": r"cannot start: the CPU has neither SVM nor VMX: it cannot run guests$"},
             machine={"cpu": "qemu64,-svm"}),
    BadInput("no-npt",
             {"xen": r"HAP|NPT", "bulkhead": r"cannot start: SVM without nested paging \(NPT\): "},
             machine={"cpu": "qemu64,+svm,-npt"}),
    BadInput("no-iommu",
             {"xen": r"iommu", "bulkhead": r"cannot start: dom0: no usable IOMMU: .*iommu=no"},
             machine={"iommu": "none"}),
    BadInput("iommu-forced",
             {"xen": r"iommu",
              "bulkhead": r"cannot start: iommu=force: this machine has no IOMMU that works$"},
             options="dom0_mem=512M iommu=force", machine={"iommu": "none"}),
    BadInput("ivrs-broken", {"xen": r"IVRS|iommu", "bulkhead": BROKEN.format("IVRS")},
             machine={"iommu": "none"}, table=IVRS_LENGTH_0),
    BadInput("dmar-broken", {"xen": r"DMAR|iommu", "bulkhead": BROKEN.format("DMAR")},
             machine={"iommu": "none"}, table=DMAR_LENGTH_0),
    BadInput("srat-broken", {"xen": r"SRAT", "bulkhead": BROKEN.format("SRAT")},
             table=SRAT_LENGTH_0, boots=True),
]
