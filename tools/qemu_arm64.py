#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The QEMU machines of arm64 that Bulkhead (or Xen, to compare with) is started on.

As a module it makes QEMU command lines for the system tests; as a program it runs dom0 and two
dom0less domains on the terminal. It only describes machines: nothing here judges what they print.
"""

import argparse
import glob
import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

import dom0less

OPTIONS = "console=dtuart loglvl=all guest_loglvl=all"
DEVICES = {
    "virtio-mmio": ["-device", "virtio-blk-device,drive=virtio-mmio"],
    "virtio-pci": ["-device", "virtio-blk-pci,drive=virtio-pci,disable-legacy=on"],
    "net-mmio": ["-netdev", "user,id=vnet", "-device", "virtio-net-device,netdev=vnet"],
    "net-pci": ["-netdev", "user,id=pnet", "-device",
                "virtio-net-pci,netdev=pnet,disable-legacy=on,romfile="],
}
DISKS = ("virtio-mmio", "virtio-pci")
# Where QEMU puts neither the hypervisor nor the device tree (128 MiB into RAM).
LOAD_FROM = {"virt": 0x49000000, "xlnx-zcu102": 0x09000000}
ZCU102_TREE = "zynqmp-zcu102-rev1.0.dtb"


@dataclass
class Images:
    """Where the images are that `make ARCH=arm64 images` leaves."""

    folder: str

    def __post_init__(self):
        self.kernel = os.path.join(self.folder, "vmlinuz")
        self.initramfs = os.path.join(self.folder, "initramfs.gz")
        self.disk = os.path.join(os.path.dirname(self.folder), "disk.img")
        self.xen = os.path.join(self.folder, "xen-4.17-arm64")
        trees = os.path.join(self.folder, "kernel/usr/lib/linux-image-*/xilinx", ZCU102_TREE)
        self.zcu102 = next(iter(glob.glob(trees)), "")


@dataclass
class Machine:
    """One machine. `system` says which domains it has; files are made in `folder`."""

    hypervisor: str
    system: dom0less.Machine
    folder: str
    board: str = "virt"
    gic: int = 3
    cpu: str = "cortex-a57"
    cpus: int = 2
    memory: str = "2G"
    devices: tuple = ()
    disk: str = ""
    tree: str = ""  # of boards whose tree QEMU does not make
    reboot: bool = False  # stay in QEMU when the machine resets itself
    serial: str = "mon:stdio"
    icount: bool = False  # count instructions: one CPU, CNTVCT advances by one for each
    extra: list = field(default_factory=list)

    def base(self):
        """The part of the command line that the device tree depends on."""
        qemu = os.environ.get("BULKHEAD_QEMU_ARM64", "qemu-system-aarch64")
        line = [qemu, "-nodefaults", "-no-user-config", "-display", "none",
                "-nic", "none", "-audiodev", "none,id=none"]
        if self.board == "virt":
            machine = f"virt,virtualization=on,gic-version={self.gic}"
            cpu = self.cpu + (",cntfrq=1000000000" if self.icount else "")
            line += ["-machine", machine, "-cpu", cpu]
        else:
            line += ["-machine", f"{self.board},virtualization=on,secure=off"]
        line += ["-smp", str(self.cpus), "-m", self.memory]
        for device in self.devices:
            if device in DISKS:
                disk = self.disk.replace(",", ",,")
                line += ["-drive", f"file={disk},if=none,id={device},format=raw,snapshot=on"]
            line += DEVICES[device]
        return line + self.extra

    def machine_tree(self):
        """The machine's own device tree."""
        path = self.tree
        if not path:
            path = os.path.join(self.folder, "qemu.dtb")
            line = self.base()
            line[line.index("-machine") + 1] += f",dumpdtb={path.replace(',', ',,')}"
            subprocess.run(line, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(path, "rb") as f:
            return f.read()

    def command(self):
        """Makes the device tree and returns the QEMU command line, as a list."""
        tree, files = dom0less.build(self.system, self.machine_tree(), LOAD_FROM[self.board],
                                     self.folder)
        line = self.base()
        line += ["-accel", "tcg,thread=single" if self.icount else "tcg,thread=multi,tb-size=256"]
        if self.icount:
            line += ["-icount", "shift=0,sleep=off"]
        if not self.reboot:
            line.append("-no-reboot")
        line += ["-serial", self.serial, "-kernel", self.hypervisor, "-dtb", tree]
        for address, path in files:
            path = path.replace(",", ",,")
            line += ["-device", f"loader,addr={address:#x},force-raw=on,file={path}"]
        return line


def linux(images, name, arguments="", **fields):
    """A dom0less domain with Debian's kernel."""
    return dom0less.Domain(name=name, kernel=images.kernel, ramdisk=images.initramfs,
                           arguments=f"console=ttyAMA0 bulkhead.name={name} {arguments}".strip(),
                           **fields)


def demonstration(images, options, append):
    """Dom0, and two domains that say once in a while that they are there."""
    dom0 = dom0less.Dom0(images.kernel, f"console=hvc0 {append}".strip(), images.initramfs)
    alive = "quiet bulkhead.end=alive"
    return dom0less.Machine(
        [linux(images, "domU1", alive, memory=256), linux(images, "domU2", alive, memory=256)],
        dom0, options)


def main():
    parser = argparse.ArgumentParser(description="Boots a hypervisor with three Debians in QEMU.")
    parser.add_argument("--images", required=True,
                        help="the folder that `make ARCH=arm64 images` filled")
    parser.add_argument("--hypervisor", required=True)
    parser.add_argument("--gic", type=int, choices=(2, 3), default=3)
    parser.add_argument("--cpu", default="cortex-a57")
    parser.add_argument("--cpus", type=int, default=4)
    parser.add_argument("--memory", default="4G")
    parser.add_argument("--options", default=OPTIONS + " dom0_mem=1G dom0_max_vcpus=2")
    parser.add_argument("--append", default="", help="more for dom0's command line")
    parser.add_argument("--devices", default="virtio-mmio,net-mmio")
    parser.add_argument("--print", action="store_true", help="print the command, run nothing")
    args = parser.parse_args()

    images = Images(args.images)
    folder = tempfile.mkdtemp(prefix="bulkhead-") if args.print else args.images
    machine = Machine(
        hypervisor=args.hypervisor, system=demonstration(images, args.options, args.append),
        folder=folder, gic=args.gic, cpu=args.cpu, cpus=args.cpus, memory=args.memory,
        devices=tuple(d for d in args.devices.split(",") if d), disk=images.disk, reboot=True)
    command = machine.command()
    if args.print:
        print(shlex.join(command))
        return
    print("QEMU emulates every instruction: the shell comes after about 40 s. "
          "Ctrl-A X ends QEMU.", flush=True)
    try:
        os.execvp(command[0], command)
    except FileNotFoundError:
        sys.exit(f"{command[0]} is not installed")


if __name__ == "__main__":
    main()
