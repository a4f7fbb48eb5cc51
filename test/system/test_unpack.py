# SPDX-License-Identifier: GPL-2.0-only
"""The unpacker (src/boot/unpack) on a bare QEMU machine, without the hypervisor.

QEMU starts it through the PVH ABI and hands it the kernel file as the first module, exactly as the
hypervisor does. A small guest reports the state that it was entered in and a sum over its data.
"""

import bz2
import gzip
import lzma
import os
import random
import re
import struct
import subprocess

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.path.join(os.path.dirname(os.path.dirname(HERE)), "src")
SECONDS = 120
DEBIAN_SECONDS = 300
GUEST_EXIT = 0x10 << 1 | 1
ERROR_EXIT = 3
BLOB_SIZE = 9 << 20  # more than one block of each format
KERNEL = 0x1000000
UNPACKER = 0x100000
MIDDLE = 0x8000000
XZ_LINUX = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "dict_size": 32 << 20}]


def filtered(*command):
    def run(data):
        return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout
    return run


# How Linux's build calls each compressor (scripts/Makefile.lib), at less effort.
PACK = {
    "elf": lambda data: data,
    "gzip": lambda data: gzip.compress(data, 6),
    "bzip2": bz2.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE, preset=1),
    "xz": lambda data: lzma.compress(data, check=lzma.CHECK_CRC32, filters=XZ_LINUX),
    "xz-crc64": lambda data: lzma.compress(data, preset=1),
    "lzop": filtered("lzop", "-c"),
    "lz4": filtered("lz4", "-l", "-c", "-q"),
    "zstd": filtered("zstd", "-c", "-q", "-19"),
}
PACKED = [name for name in PACK if name != "elf"]


def name_of(pack):
    return pack.split("-", maxsplit=1)[0]


def bzimage(pack, data, claim=None):
    """A bzImage with `data`, packed; Linux appends the size unless the format ends with it."""
    payload = PACK[pack](data)
    if pack not in ("elf", "gzip"):
        payload += struct.pack("<I", len(data) if claim is None else claim)
    header = bytearray(0x600)
    header[0x1F1] = 1
    header[0x202:0x208] = b"HdrS\x0f\x02"
    struct.pack_into("<II", header, 0x248, 0x200, len(payload))
    return bytes(header) + payload + bytes(64)


def rotating_sum(data):
    total = 0
    for (word,) in struct.iter_unpack("<I", data):
        total = ((total << 1 | total >> 31) + word) & 0xFFFFFFFF
    return total


def assemble(source, output, bits, address, *defines):
    """Assembles and links one file of unpack/ at an address, as a 32 or 64-bit ELF file."""
    machine = {32: "elf_i386", 64: "elf_x86_64"}[bits]
    subprocess.run(["gcc", "-c", f"-I{SRC}", f"-Wa,--{bits}", *defines, "-o", f"{output}.o",
                    os.path.join(HERE, "unpack", source)], check=True)
    subprocess.run(["ld", "-m", machine, "-static", "-nostdlib", "--no-warn-rwx-segments",
                    "-z", "max-page-size=4096", f"-Ttext-segment={address:#x}", "-o", output,
                    f"{output}.o"], check=True)


@pytest.fixture(scope="module")
def unpack(request):
    folder = os.path.join(os.path.abspath(request.config.getoption("--out")), "x86_64")
    path = os.path.join(folder, "unpack.elf")
    if not os.path.exists(path):
        pytest.fail(f"{path} is missing: run `make unpack`")
    return path


class Guest:
    """The test guest's ELF files, by word size and address; all have the same data."""

    def __init__(self, folder):
        self.folder = folder
        self.blob = os.path.join(folder, "blob")
        rng = random.Random(1)
        pieces = [rng.randbytes(1024) for _ in range(256)]
        data = b"".join(rng.choice(pieces) for _ in range(BLOB_SIZE // 1024))
        self.sum = rotating_sum(data)
        with open(self.blob, "wb") as f:
            f.write(data)
        self.packed = {}

    def elf(self, bits=64, address=KERNEL, *defines):
        path = os.path.join(self.folder, f"guest{bits}-{address:x}{''.join(defines)}")
        if not os.path.exists(path):
            assemble("guest.S", path, bits, address, f'-DBLOB="{self.blob}"', *defines)
        with open(path, "rb") as f:
            return f.read()

    def pack(self, pack):
        if pack not in self.packed:
            self.packed[pack] = PACK[pack](self.elf())
        return self.packed[pack]


@pytest.fixture(scope="module")
def guest(tmp_path_factory):
    return Guest(str(tmp_path_factory.mktemp("guest")))


@pytest.fixture
def boot(unpack, tmp_path, scale):
    """boot(image): runs QEMU to its end and returns what it printed and its status."""
    def run(image, kernel=unpack, memory="256M", seconds=SECONDS, append="ABC"):
        path = image
        if isinstance(image, bytes):
            path = tmp_path / "image"
            path.write_bytes(image)
        command = [os.environ.get("BULKHEAD_QEMU", "qemu-system-x86_64"), "-nodefaults",
                   "-no-user-config", "-display", "none", "-accel", "tcg", "-machine", "q35",
                   "-m", memory, "-no-reboot", "-serial", "stdio", "-kernel", kernel,
                   "-initrd", str(path), "-append", append,
                   "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, timeout=seconds * scale)
        return done.stdout.decode(errors="replace").replace("\r", ""), done.returncode
    return run


def check_guest(result, guest, modules=0, first=0, cmdline="ABC"):
    """The guest ran, with the data and in the state that the PVH ABI promises."""
    output, status = result
    match = re.search(r"^GUEST (.*)$", output, re.MULTILINE)
    assert match and status == GUEST_EXIT, f"status {status}:\n{output}"
    state = dict(field.split("=") for field in match[1].split(" "))
    assert state["cmdline"] == cmdline
    value = {name: int(text, 16) for name, text in state.items() if name != "cmdline"}
    assert value["flags"] & 0x20700 == 0, "VM, DF, IF or TF set"
    assert value["cr0"] & ~0x10 == 1
    assert value["cr4"] == 0
    assert value["efer"] == 0
    assert value["tss"] == 0x67
    assert value["sum"] == guest.sum, "the data is not what it was"
    assert value["zero"] == 1, "the bss is not zero"
    assert value["magic"] == 0x336EC578
    assert value["modules"] == modules
    assert value["first"] == first


def check_error(result, line):
    output, status = result
    assert f"dom0 kernel: {line}\n" in output, f"status {status}:\n{output}"
    assert status == ERROR_EXIT


@pytest.mark.quick
@pytest.mark.parametrize("pack", PACK)
def test_bare(pack, guest, boot):
    check_guest(boot(guest.pack(pack)), guest)


@pytest.mark.parametrize("pack", PACK)
def test_bzimage(pack, guest, boot):
    check_guest(boot(bzimage(pack, guest.elf())), guest)


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("address", [UNPACKER, KERNEL])
def test_places(bits, address, guest, boot):
    """Over the unpacker itself, and in the usual place."""
    check_guest(boot(guest.elf(bits, address)), guest)


@pytest.mark.parametrize("address", [MIDDLE - (2 << 20), MIDDLE + (2 << 20)])
def test_overlap(address, guest, boot):
    """Without a claimed size the file is unpacked from the middle of the 256 MiB on: the segments
    move a little down, or up, over themselves."""
    check_guest(boot(PACK["zstd"](guest.elf(64, address))), guest)


@pytest.mark.parametrize("pack", ["elf", "xz"])
def test_as_the_hypervisor(pack, unpack, guest, boot, tmp_path):
    """From unpack.bin by its header, into dirty memory, with a second module."""
    loader = str(tmp_path / "loader")
    flat = unpack.removesuffix(".elf") + ".bin"
    assemble("loader.S", loader, 64, 0x4000000, f'-DUNPACK_BIN="{flat}"')
    first = int.from_bytes(b"BETA", "little")
    check_guest(boot(guest.pack(pack), kernel=loader), guest, modules=1, first=first)


@pytest.mark.quick
def test_debian(images, boot):
    """Debian's own kernel runs until it finds no root file system."""
    output, _ = boot(images.kernel, memory="1G", seconds=DEBIAN_SECONDS,
                     append="console=ttyS0 panic=-1")
    assert "Command line: console=ttyS0 panic=-1\n" in output, output[-2000:]
    assert "VFS: Unable to mount root fs" in output, output[-2000:]


@pytest.mark.bad
@pytest.mark.parametrize("pack", PACKED)
def test_truncated(pack, guest, boot):
    image = guest.pack(pack)
    check_error(boot(image[:len(image) * 2 // 3]), f"{name_of(pack)} data truncated")


@pytest.mark.bad
@pytest.mark.parametrize("pack", [name for name in PACKED if name != "lz4"])  # has no checksum
def test_corrupt(pack, guest, boot):
    image = bytearray(guest.pack(pack))
    middle = len(image) // 2
    image[middle:middle + 64] = bytes(64)
    check_error(boot(bytes(image)), f"{name_of(pack)} data corrupt")


def elf_with(data, offset, size, value):
    return data[:offset] + value.to_bytes(size, "little") + data[offset + size:]


# What is wrong: (the file, from the guest; the line).
BAD = {
    "text": (lambda guest: b"#!/bin/sh\n" * 100, "neither a bzImage nor an ELF file"),
    "cut-bzimage": (lambda guest: bzimage("gzip", b"x" * 5000)[:0x610],
                    "truncated bzImage: payload ends at 0x[0-9a-f]+ but the file has 0x610 bytes"),
    "old-bzimage": (lambda guest: elf_with(bzimage("gzip", b"x"), 0x206, 2, 0x205),
                    "bzImage of boot protocol 2.05, which does not say where the payload is "
                    r"\(2.08 or later does\)"),
    "claims-little": (lambda guest: bzimage("xz", guest.elf(), 4096),
                      "xz data unpacks to more than 8 KiB"),
    "claims-much": (lambda guest: bzimage("xz", guest.elf(), 1 << 30),
                    r"not enough memory: needs 1048580 KiB to unpack, largest free is \d+ KiB"),
    "huge-dictionary": (lambda guest: lzma.compress(
        b"x" * 99, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 29}]),
        r"not enough memory: needs \d+ KiB to unpack, largest free is \d+ KiB"),
    "not-elf": (lambda guest: gzip.compress(b"hello" * 100),
                "the unpacked kernel is not an ELF file"),
    "initramfs": (lambda guest: gzip.compress(b"070701" * 100),
                  "an initramfs, not a kernel: the kernel is the first module"),
    "cut-elf": (lambda guest: guest.elf()[:5 << 20],
                "truncated ELF: segment of 0x[0-9a-f]+ bytes at 0x[0-9a-f]+ but the file has "
                "0x500000 bytes"),
    "arm": (lambda guest: elf_with(guest.elf(), 18, 2, 183),
            "ELF for machine 183, which is not an x86"),
    "no-note": (lambda guest: guest.elf(64, KERNEL, "-DNO_NOTE"),
                r"ELF has no PVH entry note \(Xen, type 18\): a kernel needs CONFIG_PVH"),
    "no-ram": (lambda guest: guest.elf(64, 0xE0000000),
               "not enough memory: its segment at 0xe[0-9a-f]+-0xe[0-9a-f]+ is not free RAM"),
    "beyond-4g": (lambda guest: elf_with(guest.elf(), 64 + 24, 8, 1 << 32),
                  "ELF segment of 0x[0-9a-f]+ bytes for 0x100000000 ends beyond 4 GiB"),
}


@pytest.mark.bad
@pytest.mark.parametrize("case", BAD)
def test_bad(case, guest, boot):
    make, line = BAD[case]
    output, status = boot(make(guest))
    assert re.search(f"^dom0 kernel: {line}$", output, re.MULTILINE), f"{status}:\n{output}"
    assert status == ERROR_EXIT
