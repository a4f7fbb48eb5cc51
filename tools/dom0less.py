# SPDX-License-Identifier: GPL-2.0-only
"""Device trees that describe a machine's domains, as Xen's bindings have them.

Takes the tree of a machine and adds to its /chosen what a boot loader would: boot modules, domains,
static and shared memory, event channels, CPU pools. The result is a tree and the places in memory
that the modules have to be loaded to. Bindings: Xen, docs/misc/arm/device-tree/booting.txt.
"""

import os
import struct
import subprocess
from dataclasses import dataclass, field

import libfdt

MiB = 1 << 20
GROW = 64 << 10  # room for what is added
SIZE_CELLS = struct.pack(">I", 2)


@dataclass
class Shared:
    """Memory that two domains share: the host's address, and the guest's."""

    name: str
    host: int
    guest: int
    size: int
    role: str = ""  # owner, borrower


@dataclass
class Channel:
    """This domain's end of an event channel: its port, and the domain and port at the other."""

    port: int
    peer: str  # the name of a domain; "dom0"
    peer_port: int


@dataclass
class Domain:
    """One node of type xen,domain. Sizes are in MiB unless said otherwise."""

    name: str
    kernel: str
    arguments: str = ""
    ramdisk: str = ""
    memory: int = 128
    cpus: int = 1
    vpl011: bool = True
    static_mem: tuple = ()  # (start, bytes) ...
    direct_map: bool = False
    enhanced: str = None  # "enabled", "disabled", "no-xenstore", or "" for no value
    spis: int = None
    p2m_mem: int = None
    fragment: str = ""  # the source of a partial device tree
    pool: str = ""
    shared: tuple = ()
    channels: tuple = ()
    properties: dict = field(default_factory=dict)  # more of them, as bytes; None takes one away


@dataclass
class Dom0:
    """The domain whose modules are in /chosen itself."""

    kernel: str
    arguments: str = ""
    ramdisk: str = ""
    shared: tuple = ()
    channels: tuple = ()
    name: str = "dom0"


@dataclass
class Pool:
    """A CPU pool: the numbers of its CPUs in the order of the machine's tree."""

    name: str
    cpus: tuple
    scheduler: str = ""


@dataclass
class Machine:
    """What the tree describes, and where in memory there is room for modules."""

    domains: list
    dom0: Dom0 = None
    options: str = ""
    pools: tuple = ()
    passthrough: tuple = ()  # paths of the machine's devices that domains get
    properties: dict = field(default_factory=dict)  # of /chosen, as bytes
    edit: object = None  # function(Fdt), called last


def cells(*values):
    """64-bit numbers as pairs of cells."""
    return b"".join(struct.pack(">Q", value) for value in values)


def text(*words):
    """A list of strings."""
    return b"".join(word.encode() + b"\0" for word in words)


def static_heap(start, size):
    """Properties of /chosen: the only memory that the hypervisor may allocate."""
    return {"#xen,static-heap-address-cells": SIZE_CELLS, "#xen,static-heap-size-cells": SIZE_CELLS,
            "xen,static-heap": cells(start, size)}


class Builder:
    """Adds to one tree."""

    def __init__(self, tree, load_from, folder):
        self.fdt = libfdt.Fdt(tree)
        self.fdt.resize(len(tree) + GROW)
        self.next = load_from
        self.folder = folder
        self.files = []  # (address, path)
        self.phandle = self.max_phandle()
        self.channels = {}  # (domain, port): phandle

    def max_phandle(self):
        offset, depth, highest = 0, 0, 0
        while offset >= 0 and depth >= 0:
            highest = max(highest, self.fdt.get_phandle(offset))
            offset, depth = self.fdt.next_node(offset, depth, [libfdt.NOTFOUND])
        return highest

    def set(self, path, name, value):
        self.fdt.setprop(self.fdt.path_offset(path), name, value)

    def node(self, parent, name, **properties):
        """Adds a node; in the names of properties, '_' stands for '-'. Returns its path."""
        self.fdt.add_subnode(self.fdt.path_offset(parent), name)
        path = f"{parent.rstrip('/')}/{name}"
        for key, value in properties.items():
            self.set(path, key.replace("_", "-"), value)
        return path

    def new_phandle(self, path):
        self.phandle += 1
        self.set(path, "phandle", struct.pack(">I", self.phandle))
        return self.phandle

    def place(self, path):
        """Gives a file a place in memory; one that does not exist keeps an address of nothing."""
        size = os.path.getsize(path)
        start = self.next
        self.next += (size + 2 * MiB - 1) // (2 * MiB) * 2 * MiB
        self.files.append((start, path))
        return start, size

    def module(self, parent, path, kind, arguments=""):
        start, size = self.place(path)
        node = self.node(parent, f"module@{start:x}", compatible=text(kind, "multiboot,module"),
                         reg=cells(start, size))
        if arguments:
            self.set(node, "bootargs", text(arguments))

    def fragment(self, parent, name, source):
        """Compiles a partial device tree and adds it as a module."""
        path = os.path.join(self.folder, f"{name}.dtb")
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", path, "-"],
                       input=source.encode(), check=True)
        self.module(parent, path, "multiboot,device-tree")

    def shared(self, parent, regions):
        for region in regions:
            node = self.node(parent, f"shared-mem@{region.host:x}",
                             compatible=text("xen,domain-shared-memory-v1"))
            self.set(node, "xen,shm-id", text(region.name))
            self.set(node, "xen,shared-mem", cells(region.host, region.guest, region.size))
            if region.role:
                self.set(node, "role", text(region.role))

    def add_channels(self, parent, domain):
        """Nodes first; connect() makes them point at each other."""
        for channel in domain.channels:
            node = self.node(parent, f"evtchn@{channel.port:x}", compatible=text("xen,evtchn-v1"))
            self.channels[domain.name, channel.port] = self.new_phandle(node)

    def connect(self, parent, domain):
        for channel in domain.channels:
            other = self.channels[channel.peer, channel.peer_port]
            self.set(f"{parent}/evtchn@{channel.port:x}", "xen,evtchn",
                     struct.pack(">II", channel.port, other))

    def pool(self, pool):
        cpus = [self.fdt.path_offset("/cpus")]
        names = []
        offset = self.fdt.first_subnode(cpus[0], [libfdt.NOTFOUND])
        while offset >= 0:
            if self.fdt.get_name(offset).startswith("cpu@"):
                names.append(self.fdt.get_name(offset))
            offset = self.fdt.next_subnode(offset, [libfdt.NOTFOUND])
        handles = []
        for index in pool.cpus:
            path = f"/cpus/{names[index]}"
            handle = self.fdt.get_phandle(self.fdt.path_offset(path))
            handles.append(handle or self.new_phandle(path))
        node = self.node("/chosen", pool.name, compatible=text("xen,cpupool"))
        self.set(node, "cpupool-cpus", struct.pack(f">{len(handles)}I", *handles))
        if pool.scheduler:
            self.set(node, "cpupool-sched", text(pool.scheduler))
        return self.new_phandle(node)

    def domain(self, domain, pools):
        node = self.node("/chosen", domain.name, compatible=text("xen,domain"),
                         memory=struct.pack(">Q", domain.memory * 1024),
                         cpus=struct.pack(">I", domain.cpus))
        self.set(node, "#address-cells", SIZE_CELLS)
        self.set(node, "#size-cells", SIZE_CELLS)
        if domain.vpl011:
            self.set(node, "vpl011", b"")
        if domain.static_mem:
            self.set(node, "#xen,static-mem-address-cells", SIZE_CELLS)
            self.set(node, "#xen,static-mem-size-cells", SIZE_CELLS)
            self.set(node, "xen,static-mem", b"".join(cells(*bank) for bank in domain.static_mem))
        if domain.direct_map:
            self.set(node, "direct-map", b"")
        if domain.enhanced is not None:
            self.set(node, "xen,enhanced", text(domain.enhanced) if domain.enhanced else b"")
        if domain.spis is not None:
            self.set(node, "nr_spis", struct.pack(">I", domain.spis))
        if domain.p2m_mem is not None:
            self.set(node, "xen,domain-p2m-mem-mb", struct.pack(">I", domain.p2m_mem))
        if domain.pool:
            self.set(node, "domain-cpupool", struct.pack(">I", pools[domain.pool]))
        self.module(node, domain.kernel, "multiboot,kernel", domain.arguments)
        if domain.ramdisk:
            self.module(node, domain.ramdisk, "multiboot,ramdisk")
        if domain.fragment:
            self.fragment(node, domain.name, domain.fragment)
        self.shared(node, domain.shared)
        self.add_channels(node, domain)
        for name, value in domain.properties.items():
            if value is None:
                self.fdt.delprop(self.fdt.path_offset(node), name)
            else:
                self.set(node, name, value)


def build(machine, tree, load_from, folder):
    """The machine's tree with its domains: (path of the tree, [(address, file)])."""
    b = Builder(tree, load_from, folder)
    if b.fdt.path_offset("/chosen", [libfdt.NOTFOUND]) < 0:
        b.node("/", "chosen")
    b.set("/chosen", "#address-cells", SIZE_CELLS)
    b.set("/chosen", "#size-cells", SIZE_CELLS)
    b.set("/chosen", "xen,xen-bootargs", text(machine.options))
    if machine.dom0:
        b.module("/chosen", machine.dom0.kernel, "multiboot,kernel", machine.dom0.arguments)
        if machine.dom0.ramdisk:
            b.module("/chosen", machine.dom0.ramdisk, "multiboot,ramdisk")
        b.shared("/chosen", machine.dom0.shared)
        b.add_channels("/chosen", machine.dom0)
    pools = {pool.name: b.pool(pool) for pool in machine.pools}
    # A new node becomes the first of its siblings; domains are numbered as they stand.
    for domain in reversed(machine.domains):
        b.domain(domain, pools)
    if machine.dom0:
        b.connect("/chosen", machine.dom0)
    for domain in machine.domains:
        b.connect(f"/chosen/{domain.name}", domain)
    for path in machine.passthrough:
        b.set(path, "xen,passthrough", b"")
    for name, value in machine.properties.items():
        b.set("/chosen", name, value)
    if machine.edit:
        machine.edit(b.fdt)
    b.fdt.pack()
    output = os.path.join(folder, "machine.dtb")
    with open(output, "wb") as f:
        f.write(b.fdt.as_bytearray())
    return output, b.files
