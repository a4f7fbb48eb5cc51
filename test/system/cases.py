# SPDX-License-Identifier: GPL-2.0-only
"""The table of boots. Each is one QEMU run with several checks in the guest."""

from dataclasses import dataclass, field

# Checks in the guest, see tools/images/rootfs/tests. "dmesg" looks back and comes last.
BASIC = ["hypervisor", "cpus", "memory", "interrupts"]
DEVICES = ("virtio", "ahci", "e1000e")


@dataclass
class Case:
    """One boot: the machine, the options, the checks, and how it ends."""

    name: str
    checks: list
    machine: dict = field(default_factory=dict)  # fields of qemu.Machine
    dom0_mem: int = 1024  # MiB
    options: str = ""
    end: str = "poweroff"
    console: str = ""  # what the hypervisor must have said, a regular expression
    boot_seconds: int = 180
    marks: tuple = ()


CASES = [
    Case("amd-2cpu", BASIC + ["hotplug", "clock", "virtio", "ahci", "e1000e"],
         {"devices": DEVICES}, marks=("quick",)),
    Case("reboot", ["hypervisor"], {"devices": ("ahci",)}, end="reboot"),
    Case("cpus-1", BASIC + ["hotplug"], {"cpus": 1}, marks=("smp",)),
    Case("cpus-4", BASIC + ["hotplug"], {"cpus": 4}, marks=("smp",)),
    Case("cpus-8", BASIC + ["hotplug", "virtio"], {"cpus": 8, "devices": ("virtio",)},
         boot_seconds=420, marks=("smp",)),
    Case("memory-1g", BASIC + ["virtio"], {"memory": "1G", "devices": ("virtio",)}, dom0_mem=640,
         marks=("memory",)),
    Case("memory-64g", BASIC + ["virtio"], {"memory": "64G", "devices": ("virtio",)},
         dom0_mem=3072, marks=("memory",)),
    Case("iommu-intel", BASIC + ["clock", "virtio", "ahci", "e1000e"],
         {"iommu": "intel", "devices": DEVICES}, marks=("iommu",)),
    Case("iommu-intel39", ["virtio", "ahci", "e1000e"],
         {"iommu": "intel39", "devices": DEVICES}, marks=("iommu",)),
    Case("iommu-fault", ["dma", "virtio"], {"iommu": "intel", "devices": ("virtio", "edu")},
         console=r"(?i)0000:00:[0-9a-f]{2}\.[0-7].*0?60000000", marks=("iommu",)),
    Case("iommu-no", BASIC + ["virtio", "ahci", "e1000e"],
         {"iommu": "none", "devices": DEVICES}, options="iommu=no",
         console=r"(?i)no IOMMU|without an IOMMU|iommu=no", marks=("iommu",)),
    Case("virtio-net", ["virtio-net"], {"devices": ("virtio-net",)}, marks=("devices",)),
    Case("iso-seabios", BASIC + ["virtio"],
         {"iso": True, "firmware": "seabios", "devices": ("virtio",)}, marks=("iso",)),
    Case("iso-ovmf", BASIC + ["virtio"],
         {"iso": True, "firmware": "ovmf", "devices": ("virtio",)}, marks=("iso",)),
]
