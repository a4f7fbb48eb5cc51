# SPDX-License-Identifier: GPL-2.0-only
"""The table of bad device trees: what is wrong with the first domain, and the line that says so.

That domain must not run; the second one, which is good, must, unless `line` is the machine's end.
`line` is Bulkhead's; Xen 4.17 refuses to go on in most of these cases, and says `xen` then.
"""

import os
import struct
from dataclasses import dataclass, field

from dom0less import Channel, MiB, Shared, cells

XEN_PANIC = r"Panic on CPU \d+:"
NODE = r"device tree: /chosen/domU1: "
MODULE = r"device tree: /chosen/domU1/module@[0-9a-f]+: reg: "


@dataclass
class BadDomain:
    name: str
    line: str
    fields: dict = field(default_factory=dict)  # of dom0less.Domain
    kernel: str = ""  # a file that make() made, instead of the test guest
    make: object = None  # function(folder) that writes files
    edit: object = None  # function(Fdt), on the whole tree
    good: dict = field(default_factory=dict)  # fields of the good domain
    alone: bool = False  # without the good domain: the machine cannot start
    dom0: str = ""  # its kernel, in a machine without other domains: a file, or "good"
    options: str = ""
    xen: str = XEN_PANIC


def write(name, content):
    """make(): a file of these bytes."""
    def make(folder):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(content)
    return make


def module_of(fdt, node="/chosen/domU1", kind=b"multiboot,kernel"):
    """The offset of a domain's module of a kind."""
    offset = fdt.first_subnode(fdt.path_offset(node))
    while kind not in bytes(fdt.getprop(offset, "compatible")):
        offset = fdt.next_subnode(offset)
    return offset


def move_kernel(start, size):
    """edit(): the kernel module is said to be elsewhere."""
    def edit(fdt):
        fdt.setprop(module_of(fdt), "reg", cells(start, size))
    return edit


def drop_kernel(fdt):
    fdt.del_node(module_of(fdt))


def drop_reg(fdt):
    fdt.delprop(module_of(fdt), "reg")


def overlap_good(fdt):
    """The first domain's kernel is where the second one's is."""
    good = bytes(fdt.getprop(module_of(fdt, "/chosen/domU2"), "reg"))
    start, size = struct.unpack(">QQ", good)
    fdt.setprop(module_of(fdt), "reg", cells(start + 4096, size))


def image(text_offset=0, size=0x100000, magic=b"ARM\x64"):
    """The header of Linux's boot protocol, and a loop."""
    header = struct.pack("<IIQQQQQQ", 0x14000000, 0, text_offset, size, 0xA, 0, 0, 0)
    return header + magic + bytes(4) + bytes(4096)


TEXT = write("text", b"This is not a kernel.\n" * 1000)
RTC = """
/dts-v1/;
/ {{
	#address-cells = <2>;
	#size-cells = <2>;
	passthrough {{
		compatible = "simple-bus";
		ranges;
		#address-cells = <2>;
		#size-cells = <2>;
		rtc@9010000 {{
			compatible = "arm,pl031";
			reg = <0 0x9010000 0 0x1000>;
			interrupt-parent = <0xfde8>;
			interrupts = <0 2 4>;
			xen,reg = <0 0x9010000 0 0x1000 0 0x9010000>;
			{}
		}};
	}};
}};
"""
FORCE = "xen,force-assign-without-iommu;"

BAD_DOMAINS = [
    BadDomain("no-memory", NODE + r"memory: missing: KiB of RAM in two cells",
              {"properties": {"memory": None}}),
    BadDomain("no-cpus", NODE + r"cpus: missing: the number of vCPUs in one cell",
              {"properties": {"cpus": None}}),
    BadDomain("cpus-0", NODE + r"cpus: 0, but a domain has 1 to 128 on this machine", {"cpus": 0}),
    BadDomain("cpus-1000", NODE + r"cpus: 1000, but a domain has 1 to 128 on this machine", {"cpus": 1000}),
    BadDomain("memory-too-large", NODE + r"memory: 1048576 MiB, but this machine has 1024 MiB",
              {"memory": 1 << 20}),
    BadDomain("memory-too-small", NODE + r"memory: at least 1 MiB, in whole pages",
              {"properties": {"memory": struct.pack(">Q", 64)}}),
    BadDomain("no-kernel", NODE + r"multiboot,kernel: no such module below this node", edit=drop_kernel),
    BadDomain("kernel-without-reg", MODULE + r"needs the address and the size of the file", edit=drop_reg),
    BadDomain("kernel-not-in-memory", MODULE + r"0x7f00000000 - 0x7f000fffff is no memory of this "
              r"machine",
              edit=move_kernel(0x7F00000000, 0x100000)),
    BadDomain("kernel-over-another", r"device tree: /chosen/domU2: reg: a module overlaps one of: /chosen/domU1",
              edit=overlap_good, alone=True),
    BadDomain("kernel-is-text", r"/chosen/domU1: kernel: the file at 0x[0-9a-f]+ is no kernel: ",
              kernel="text", make=TEXT),
    BadDomain("kernel-of-20-bytes", r"/chosen/domU1: kernel: the file at 0x[0-9a-f]+ is too short for a "
              r"kernel", kernel="short",
              make=write("short", image()[:20])),
    BadDomain("kernel-of-1-gib", r"/chosen/domU1: memory: no bank has room for kernel, ", kernel="huge",
              make=write("huge", image(size=1 << 30))),
    BadDomain("kernel-size-overflow",
              r"/chosen/domU1: kernel: the file at 0x[0-9a-f]+ has a damaged arm64 Image header",
              kernel="huge",
              make=write("huge", image(text_offset=~0xFFF & (1 << 64) - 1, size=1 << 63))),
    BadDomain("static-mem-overlap", r"device tree: /chosen/domU2: xen,static-mem: overlaps that of: "
              r"/chosen/domU1",
              {"memory": 32, "static_mem": ((0x60000000, 32 * MiB),)},
              good={"memory": 32, "static_mem": ((0x61000000, 32 * MiB),)}, alone=True),
    BadDomain("static-mem-not-memory", NODE + r"xen,static-mem: 0x7000000000 - 0x7001ffffff is no memory "
              r"of this machine", {"memory": 32, "static_mem": ((0x7000000000, 32 * MiB),)}),
    BadDomain("static-mem-sum", NODE + r"xen,static-mem: the sum is not what memory says",
              {"memory": 64, "static_mem": ((0x60000000, 32 * MiB),)}),
    BadDomain("static-mem-odd", NODE + r"xen,static-mem: a range is empty, not in whole pages",
              {"memory": 32, "static_mem": ((0x60000800, 32 * MiB),)}),
    BadDomain("direct-map-alone", NODE + r"direct-map: needs xen,static-mem",
              {"direct_map": True}),
    BadDomain("shared-mem-not-memory", r"device tree: /chosen/domU1/shared-mem@7000000000: xen,shared-mem: "
              r"0x7000000000, 0x200000 bytes: no memory of this machine",
              {"shared": (Shared("page", 0x7000000000, 0x50000000, 2 * MiB),)}),
    BadDomain("shared-mem-in-ram", r"/chosen/domU1: xen,shared-mem: its guest address is in",
              {"shared": (Shared("page", 0x60000000, 0x41000000, 2 * MiB),)}),
    BadDomain("evtchn-one-sided", NODE + r"xen,evtchn: no other end in",
              {"enhanced": "no-xenstore", "channels": (Channel(5, "domU2", 6),)},
              good={"enhanced": "no-xenstore", "channels": (Channel(6, "domU2", 6),)},
              alone=True),
    BadDomain("passthrough-no-path", r"/chosen/domU1: device tree: /passthrough/rtc@9010000: xen,path: "
              r"the host's tree has no such node",
              {"fragment": RTC.format('xen,path = "/no/such/node"; ' + FORCE)}),
    BadDomain("passthrough-not-marked", r"/chosen/domU1: device tree: /passthrough/rtc@9010000: "
              r"xen,path: that node of the host is not marked xen,passthrough",
              {"fragment": RTC.format('xen,path = "/pl061@9030000"; ' + FORCE)}),
    BadDomain("nr-spis", NODE + r"nr_spis: not a number up to 988 in one cell", {"spis": 100000}),
    BadDomain("unknown-pool", NODE + r"domain-cpupool: no node xen,cpupool that is usable",
              {"properties": {"domain-cpupool": struct.pack(">I", 0x7777)}}),
    BadDomain("no-domains", r"cannot start: no domain was started: /chosen names none that can be",
              alone=True, fields=None),
    BadDomain("dom0-kernel-is-text", r"/chosen: kernel: the file at .* is no kernel: neither arm64 Image",
              dom0="text", make=TEXT, alone=True),
    BadDomain("dom0-mem-too-large",
              r"dom0_mem: asks for 1048576 MiB, but this machine has \d+ MiB", dom0="good",
              options="dom0_mem=1T", alone=True),
]
