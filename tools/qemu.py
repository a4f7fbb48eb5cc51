#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The QEMU machine that Bulkhead (or Xen, to compare with) is started on.

As a module it makes QEMU command lines for the system tests; as a program it runs one machine on
the terminal. It only describes machines: nothing here judges what they print.
"""

import argparse
import os
import shlex
import sys
from dataclasses import dataclass, field

# Modern virtio that reaches memory through the IOMMU, as a real device does.
VIRTIO = "iommu_platform=on,disable-legacy=on"
TOOLS = os.path.dirname(os.path.abspath(__file__))
DEVICES = {
    "virtio": ["-device", f"virtio-blk-pci,drive=virtio,{VIRTIO}"],
    "ahci": ["-device", "ide-hd,drive=ahci,bus=ide.0"],
    "e1000e": ["-netdev", "user,id=e1000e", "-device", "e1000e,netdev=e1000e"],
    "edu": ["-device", "edu,dma_mask=0xffffffff"],
    "virtio-net": ["-netdev", "user,id=vnet", "-device", f"virtio-net-pci,netdev=vnet,{VIRTIO}"],
}
DISKS = ("virtio", "ahci")
IOMMUS = {
    "amd": ["-device", "amd-iommu,intremap=on"],
    "intel": ["-device", "intel-iommu,intremap=on,aw-bits=48"],
    "intel39": ["-device", "intel-iommu,intremap=on,aw-bits=39"],  # three levels of page tables
    "none": [],
}
FIRMWARE = {"seabios": [], "ovmf": ["-bios", "/usr/share/ovmf/OVMF.fd"]}
OPTIONS = "console=com1 com1=115200,8n1 dom0=pvh loglvl=all guest_loglvl=all noreboot"
# What a path-valued option of QEMU's needs in place of a comma.
COMMA = ",,"


@dataclass
class Images:
    """Where the images are that `make images` leaves."""

    folder: str

    def __post_init__(self):
        self.kernel = os.path.join(self.folder, "vmlinuz")
        self.initramfs = os.path.join(self.folder, "initramfs.gz")
        self.disk = os.path.join(self.folder, "disk.img")
        self.mkiso = os.path.join(TOOLS, "images", "mkiso")
        self.xen = os.path.join(self.folder, "xen-4.17-amd64")


@dataclass
class Machine:
    """One machine. Either `hypervisor` with `modules`, or `iso` says what it boots."""

    hypervisor: str = ""
    options: str = OPTIONS
    modules: list = field(default_factory=list)  # each "path arguments"
    iso: str = ""
    firmware: str = "seabios"
    cpus: int = 2
    memory: str = "4G"
    cpu: str = "qemu64,+svm,+npt"
    iommu: str = "amd"
    devices: tuple = ()
    disk: str = ""
    reboot: bool = False  # stay in QEMU when the machine resets itself
    serial: str = "mon:stdio"
    extra: list = field(default_factory=list)

    def command(self):
        """The QEMU command line, as a list."""
        qemu = os.environ.get("BULKHEAD_QEMU", "qemu-system-x86_64")
        line = [qemu, "-nodefaults", "-no-user-config", "-display", "none", "-vga", "std"]
        # With thread=single, guests of SVM on several CPUs crash in QEMU 7.2.
        line += ["-accel", "tcg,thread=multi,tb-size=256", "-cpu", self.cpu]
        line += ["-machine", "q35,kernel-irqchip=off,memory-backend=ram"]
        # Memory is sparse and not reserved, so that a machine may have more than the host.
        line += ["-object", f"memory-backend-ram,id=ram,size={self.memory},reserve=off"]
        line += ["-m", self.memory, "-smp", str(self.cpus), "-serial", self.serial]
        line += IOMMUS[self.iommu] + FIRMWARE[self.firmware]
        if not self.reboot:
            line.append("-no-reboot")
        for device in self.devices:
            if device in DISKS:
                disk = self.disk.replace(",", COMMA)
                line += ["-drive", f"file={disk},if=none,id={device},format=raw,snapshot=on"]
            line += DEVICES[device]
        line += self.extra
        if self.iso:
            return line + ["-cdrom", self.iso]
        line += ["-kernel", self.hypervisor, "-append", self.options]
        if self.modules:
            line += ["-initrd", ",".join(m.replace(",", COMMA) for m in self.modules)]
        return line


def main():
    parser = argparse.ArgumentParser(description="Boots a hypervisor with Debian in QEMU.")
    parser.add_argument("--images", required=True, help="the folder that `make images` filled")
    parser.add_argument("--hypervisor", required=True)
    parser.add_argument("--iso", default="")
    parser.add_argument("--firmware", choices=FIRMWARE, default="seabios")
    parser.add_argument("--iommu", choices=IOMMUS, default="amd")
    parser.add_argument("--cpus", type=int, default=2)
    parser.add_argument("--memory", default="4G")
    parser.add_argument("--options", default=OPTIONS + " dom0_mem=1G")
    parser.add_argument("--append", default="", help="more for the Debian kernel's command line")
    parser.add_argument("--devices", default="virtio,ahci,e1000e")
    parser.add_argument("--print", action="store_true", help="print the command, run nothing")
    args = parser.parse_args()

    images = Images(args.images)
    machine = Machine(
        hypervisor=args.hypervisor, options=args.options, iso=args.iso, firmware=args.firmware,
        iommu=args.iommu, cpus=args.cpus, memory=args.memory, disk=images.disk, reboot=True,
        devices=tuple(d for d in args.devices.split(",") if d),
        modules=[f"{images.kernel} console=hvc0 {args.append}".strip(), images.initramfs])
    command = machine.command()
    if args.print:
        print(shlex.join(command))
        return
    print("QEMU emulates every instruction: the shell comes after about 20 s. "
          "Ctrl-A X ends QEMU.", flush=True)
    try:
        os.execvp(command[0], command)
    except FileNotFoundError:
        sys.exit(f"{command[0]} is not installed")


if __name__ == "__main__":
    main()
