# SPDX-License-Identifier: GPL-2.0-only
"""The table of boots on arm64. Each is one QEMU run with one or more domains.

The domains other than dom0 are numbered from 1 in the order of the table, as they stand in the
device tree.
"""

from dataclasses import dataclass, field

from dom0less import Channel, MiB, Pool, Shared

# Checks in the guest, see tools/images/rootfs/tests. "dmesg" looks back and comes last.
DOM0 = ("hypervisor", "cpus", "memory", "interrupts")
DOMU = ("cpus", "memory", "interrupts")


@dataclass
class Linux:
    """Debian in a domain; `fields` are those of dom0less.Domain."""

    checks: tuple = DOMU
    fields: dict = field(default_factory=dict)


@dataclass
class Bare:
    """A test guest (test/guest/arm-*) in a domain."""

    program: str
    arguments: str = ""
    fields: dict = field(default_factory=dict)
    at_least: int = 1  # checks that must have passed


@dataclass
class Case:
    """One boot: the machine, its domains with their checks, and how it ends."""

    name: str
    dom0: tuple = None  # its checks; None: there is no dom0
    domains: tuple = ()
    machine: dict = field(default_factory=dict)  # fields of qemu_arm64.Machine
    dom0_mem: int = 512  # MiB
    dom0_cpus: int = 0  # default: all that the machine has
    options: str = ""
    end: str = "poweroff"  # of dom0
    pools: tuple = ()
    passthrough: tuple = ()
    heap: tuple = ()  # xen,static-heap: (start, bytes)
    console: str = ""  # what the hypervisor must have said, a regular expression
    never: str = ""  # what it must not have said
    seconds: int = 240  # until all checks are done
    marks: tuple = ()


DISK_NET = {"devices": ("virtio-mmio", "net-mmio")}
DISK_NET_PCI = {"devices": ("virtio-pci", "net-pci")}
VIRTIO = ("virtio", "virtio-net")

# The clock chip of QEMU's virt machine.
RTC = "/pl031@9010000"
RTC_FRAGMENT = """
/dts-v1/;
/ {
	#address-cells = <2>;
	#size-cells = <2>;
	passthrough {
		compatible = "simple-bus";
		ranges;
		#address-cells = <2>;
		#size-cells = <2>;
		clock: clock {
			compatible = "fixed-clock";
			#clock-cells = <0>;
			clock-frequency = <24000000>;
		};
		rtc@9010000 {
			compatible = "arm,pl031", "arm,primecell";
			reg = <0 0x9010000 0 0x1000>;
			interrupt-parent = <0xfde8>;
			interrupts = <0 2 4>;
			clocks = <&clock>;
			clock-names = "apb_pclk";
			xen,reg = <0 0x9010000 0 0x1000 0 0x9010000>;
			xen,path = "/pl031@9010000";
			xen,force-assign-without-iommu;
		};
	};
};
"""

CASES = [
    Case("dom0-gicv3", DOM0 + ("hotplug", "clock") + VIRTIO, machine=DISK_NET,
         marks=("quick",)),
    Case("dom0-gicv2-4cpu", DOM0 + ("hotplug",) + VIRTIO, marks=("gic", "smp"),
         machine={"gic": 2, "cpus": 4, "cpu": "cortex-a72"} | DISK_NET),
    Case("dom0-gicv3-1cpu", DOM0 + ("virtio",), end="reboot", marks=("smp",),
         machine={"cpus": 1, "cpu": "cortex-a53", "devices": ("virtio-mmio",)}),
    Case("dom0-gicv3-4cpu", DOM0 + ("hotplug",) + VIRTIO, marks=("smp",),
         machine={"cpus": 4, "cpu": "cortex-a53"} | DISK_NET_PCI),
    Case("dom0-memory", DOM0 + ("virtio",), dom0_mem=2560, marks=("memory",),
         machine={"memory": "6G", "gic": 2, "cpus": 1, "devices": ("virtio-pci",)}),
    # With static memory, as no other domain has it, and mapped one to one.
    Case("dom0-and-two", DOM0 + VIRTIO,
         (Linux(fields={"memory": 256, "cpus": 2}),
          Linux(fields={"memory": 256, "static_mem": ((0x80000000, 256 * MiB),),
                        "direct_map": True})),
         machine={"cpus": 4, "memory": "4G"} | DISK_NET, dom0_cpus=2, seconds=420,
         marks=("domains", "static", "quick")),
    Case("dom0-and-two-gicv2", ("hypervisor", "cpus", "virtio"),
         (Linux(fields={"memory": 256, "enhanced": "no-xenstore"},
                checks=("hypervisor",) + DOMU), Linux(fields={"memory": 160, "cpus": 2})),
         machine={"gic": 2, "cpus": 4, "memory": "3G", "devices": ("virtio-pci",)}, dom0_cpus=1,
         seconds=420, marks=("domains", "gic")),
    Case("dom0less", None,
         (Linux(fields={"memory": 256, "cpus": 2}), Linux(fields={"memory": 192}),
          Bare("arm-basics", at_least=190)),
         machine={"cpus": 4, "memory": "3G"}, seconds=420, marks=("domains",)),
    Case("shared-memory-and-events", None,
         (Bare("arm-comm", "role=owner shm=50000000 port=a", at_least=11, fields={
             "enhanced": "no-xenstore", "channels": (Channel(10, "domU2", 11),),
             "shared": (Shared("page", 0x70000000, 0x50000000, 2 * MiB, "owner"),)}),
          Bare("arm-comm", "role=borrower shm=60000000 port=b", at_least=11, fields={
              "enhanced": "no-xenstore", "channels": (Channel(11, "domU1", 10),),
              "shared": (Shared("page", 0x70000000, 0x60000000, 2 * MiB, "borrower"),)})),
         machine={"memory": "2G"}, seconds=60, marks=("static",)),
    # Without the memory, which Debian's Xen is built without.
    Case("events-from-tree", None,
         (Bare("arm-comm", "role=owner port=a", at_least=6, fields={
             "enhanced": "no-xenstore", "channels": (Channel(10, "domU2", 11),)}),
          Bare("arm-comm", "role=borrower port=b", at_least=6, fields={
              "enhanced": "no-xenstore", "channels": (Channel(11, "domU1", 10),)})),
         machine={"memory": "1G"}, seconds=60, marks=("static",)),
    # All memory has its place: nothing is allocated once the domains run, though they exchange
    # events and pages. One vCPU for each CPU, which sleeps in WFI itself.
    Case("static", None,
         (Bare("arm-comm", "role=owner shm=50000000 port=a", at_least=11, fields={
             "enhanced": "no-xenstore", "static_mem": ((0x60000000, 128 * MiB),),
             "shared": (Shared("page", 0x90000000, 0x50000000, 2 * MiB, "owner"),),
             "channels": (Channel(10, "domU2", 11),)}),
          Bare("arm-comm", "role=borrower shm=60000000 port=b", at_least=11, fields={
              "enhanced": "no-xenstore", "static_mem": ((0x68000000, 128 * MiB),),
              "shared": (Shared("page", 0x90000000, 0x60000000, 2 * MiB, "borrower"),),
              "channels": (Channel(11, "domU1", 10),)}),
          Linux(fields={"memory": 256, "static_mem": ((0x70000000, 256 * MiB),)})),
         machine={"cpus": 4}, heap=(0xa0000000, 64 * MiB), options="sched=null vwfi=native",
         console="static configuration: nothing is allocated from here on",
         never="bytes refused to", seconds=300, marks=("static", "domains")),
    # A guest that asks for memory of the hypervisor's then is refused it, and lives on.
    Case("static-refuses", None,
         (Linux(fields={"memory": 256, "static_mem": ((0x70000000, 256 * MiB),),
                        "enhanced": "no-xenstore"}),),
         heap=(0xa0000000, 64 * MiB), console="static configuration: [0-9]+ bytes refused to evtchn",
         seconds=300, marks=("static", "domains")),
    Case("passthrough-rtc", ("hypervisor",),
         (Linux(("rtc",), fields={"memory": 256, "fragment": RTC_FRAGMENT}),),
         passthrough=(RTC,), machine={"memory": "2G"}, dom0_cpus=1, seconds=300,
         marks=("devices", "domains")),
    Case("cpu-pools", ("hypervisor", "cpus"),
         (Linux(("cpus",), fields={"memory": 192, "pool": "second"}),),
         pools=(Pool("second", (2, 3), "null"),), machine={"cpus": 4}, dom0_cpus=2,
         console="CPU pool 1", seconds=300, marks=("domains",)),
    Case("zcu102", None,
         (Linux(fields={"memory": 512, "cpus": 4}), Bare("arm-basics", at_least=190)),
         machine={"board": "xlnx-zcu102", "cpus": 4, "memory": "2G"}, seconds=300,
         marks=("board",)),
]
