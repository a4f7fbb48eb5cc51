# SPDX-License-Identifier: GPL-2.0-only
"""Do the checks of the tree find what they look for? Each case is a small tree with one fault."""

import pathlib
import subprocess

import pytest

TOOLS = pathlib.Path(__file__).resolve().parent.parent.parent / "tools"
SPDX = "/* SPDX-License-Identifier: GPL-2.0-only */\n"
HEAD = SPDX + "/* What it owns. */\n"


def header(guard, body=""):
    return f"{HEAD}#ifndef {guard}\n#define {guard}\n{body}#endif\n"


# One file of every layer, and nothing wrong with any.
TREE = {
    "src/lib/errno.h": header("LIB_ERRNO_H"),
    "src/core/log.h": header("CORE_LOG_H", '#include "lib/errno.h"\n#include <stdarg.h>\n'),
    "src/mm/heap.h": header("MM_HEAP_H", '#include "core/log.h"\n'),
    "src/sched/sched.h": header("SCHED_SCHED_H", '#include "core/log.h"\n'),
    "src/drv/pci/pci.h": header("DRV_PCI_PCI_H", '#include "mm/heap.h"\n'),
    "src/drv/iommu/iommu.c": HEAD + '#include "drv/pci/pci.h"\n',
    "src/comm/evtchn.h": header("COMM_EVTCHN_H", '#include "sched/sched.h"\n'),
    "src/vdev/bus.h": header("VDEV_BUS_H", '#include "mm/heap.h"\n'),
    "src/abi/hypercall.h": header("ABI_HYPERCALL_H", '#include "comm/evtchn.h"\n'),
    "src/abi/call.c": HEAD + '#include <xen/xen.h>\n#include "arch/contract/cpu.h"\n',
    "src/boot/desc.h": header("BOOT_DESC_H", '#include "abi/hypercall.h"\n'),
    "src/boot/unpack/unpack.h": header("BOOT_UNPACK_UNPACK_H"),
    "src/arch/contract/cpu.h": header("ARCH_CONTRACT_CPU_H", '#include "lib/errno.h"\n'),
    "src/arch/x86/cpu.c": HEAD + '#include "abi/hypercall.h"\n#include "drv/pci/pci.h"\n',
    "src/arch/x86/boot/start.c": HEAD + '#include "boot/desc.h"\n',
    "src/arch/x86/cpu.h": header("ARCH_X86_CPU_H"),
    "src/arch/host/cpu.c": HEAD + "#include <stdlib.h>\n",
    "src/units.c": HEAD + '#include "arch/x86/cpu.h"\n#include "sched/sched.h"\n',
    "test/unit/test_x.c": HEAD + '#include "lib/errno.h"\n',
}


def check(tmp_path, tool, **changes):
    """Runs a check on TREE with changes (path: content), and returns its status and output."""
    for name, content in {**TREE, **changes.pop("files", {})}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (tmp_path / ".clang-format").write_bytes((TOOLS.parent / ".clang-format").read_bytes())
    run = subprocess.run([TOOLS / tool, "--root", tmp_path], stdout=subprocess.PIPE, text=True,
                         check=False)
    return run.returncode, run.stdout


def assert_found(result, rule, where):
    """The rule, and no other but that of stale exceptions, was found broken at one place."""
    status, output = result
    failed = [line.split(":")[0] for line in output.splitlines() if line.startswith("FAIL")]
    assert status == 1
    assert [f for f in failed if not f.endswith(" exceptions")] == [f"FAIL {rule}"], output
    assert output.count(f"     {where}: ") == 1, output


@pytest.mark.parametrize("tool", ["check-layers", "check-format", "check-style"])
def test_nothing_is_found_where_nothing_is(tmp_path, tool):
    _, output = check(tmp_path, tool)
    failed = [line for line in output.splitlines() if line.startswith("FAIL")]
    assert not [f for f in failed if " exceptions:" not in f], output


@pytest.mark.parametrize("name, include", [
    ("src/lib/bad.c", '"core/log.h"'),
    ("src/core/bad.c", '"mm/heap.h"'),
    ("src/core/bad.c", '"sched/sched.h"'),
    ("src/core/bad.c", '"boot/desc.h"'),
    ("src/mm/bad.c", '"sched/sched.h"'),
    ("src/mm/bad.c", '"arch/x86/cpu.h"'),
    ("src/sched/bad.c", '"mm/heap.h"'),
    ("src/drv/pci/bad.c", '"sched/sched.h"'),
    ("src/drv/pci/bad.c", '"vdev/bus.h"'),
    ("src/comm/bad.c", '"vdev/bus.h"'),
    ("src/comm/bad.c", '"abi/hypercall.h"'),
    ("src/vdev/bad.c", '"drv/pci/pci.h"'),
    ("src/abi/bad.c", '"boot/desc.h"'),
    ("src/abi/bad.c", '"arch/x86/cpu.h"'),
    ("src/boot/bad.c", '"arch/x86/cpu.h"'),
    ("src/boot/unpack/bad.c", '"core/log.h"'),
    ("src/arch/contract/bad.h", '"core/log.h"'),
    ("src/arch/x86/bad.c", '"boot/desc.h"'),
    ("src/arch/x86/emul/bad.c", '"core/log.h"'),
    ("src/arch/host/bad.c", '"arch/x86/cpu.h"'),
    ("src/nowhere/bad.c", '"lib/errno.h"'),
    ("src/lib/bad.S", '"core/log.h"'),
    ("src/lib/bad.c", '"core/log.h" /* a remark */'),
])
def test_an_include_that_goes_up_or_sideways_is_found(tmp_path, name, include):
    result = check(tmp_path, "check-layers", files={name: f"{HEAD}\n#  include {include}\n"})
    assert_found(result, "layers order", f"{name}:4")


@pytest.mark.parametrize("include", ['"errno.h"', '"../lib/errno.h"', '"lib/none.h"', "ERRNO_H"])
def test_an_include_by_another_path_is_found(tmp_path, include):
    result = check(tmp_path, "check-layers", files={"src/mm/bad.c": f"{HEAD}#include {include}\n"})
    assert_found(result, "layers paths", "src/mm/bad.c:3")


@pytest.mark.parametrize("name, include", [
    ("src/core/bad.c", "<stdlib.h>"),
    ("src/core/bad.c", "<xen/xen.h>"),
    ("src/arch/x86/bad.c", "<string.h>"),
    ("src/boot/unpack/unpack_elf.c", "<zlib.h>"),
])
def test_a_header_of_the_build_machine_is_found(tmp_path, name, include):
    result = check(tmp_path, "check-layers", files={name: f"{HEAD}#include {include}\n"})
    assert_found(result, "layers system", f"{name}:3")


def test_an_exception_that_nothing_needs_is_found(tmp_path):
    _, output = check(tmp_path, "check-layers")
    assert "nothing needs core/domain.h -> mm/pool.h" in output


def test_what_clang_format_would_change_is_found(tmp_path):
    bad = HEAD + "int  x;\nint y ;\n"
    result = check(tmp_path, "check-format", files={"test/unit/bad.c": bad})
    assert_found(result, "format clang-format", "test/unit/bad.c:3")
    assert "2 places differ" in result[1]


LONG = "int f(void)\n{\n" + "\tg();\n" * 78 + "}\n"
LONGEST = LONG.replace("\tg();\n", "", 1)


@pytest.mark.parametrize("rule, name, content, line", [
    ("licence", "src/lib/bad.c", "/* What it owns. */\n/* x */\n", 1),
    ("licence", "src/lib/Kbuild", "obj-y += x.o\n", 1),
    ("licence", "tools/bad", "#!/bin/sh\ntrue\n", 1),
    ("opening", "src/lib/bad.c", SPDX + "int x;\n", 2),
    ("guard", "src/lib/bad.h", header("BAD_H"), 1),
    ("guard", "test/unit/bad.h", HEAD + "int x;\n", 1),
    ("blanks", "src/lib/bad.c", HEAD + "int x; \n", 3),
    ("blanks", "docs/bad.md", "text\t\n", 1),
    ("width", "src/lib/bad.c", HEAD + "\t" + "x" * 93 + "\n", 3),
    ("todo", "src/lib/bad.c", HEAD + "/* TODO: this */\n", 3),
    ("machine", "src/lib/bad.c", HEAD + "/* see /home/me/notes */\n", 3),
    ("machine", "docs/bad.md", "in `/work/tree`\n", 1),
    ("length", "src/lib/bad.c", HEAD + LONG, 3),
    ("conditionals", "src/lib/bad.c", HEAD + "int f(void)\n{\n#ifdef X\n\tg();\n#endif\n}\n", 5),
])
def test_a_breach_of_style_is_found(tmp_path, rule, name, content, line):
    result = check(tmp_path, "check-style", files={name: content})
    assert_found(result, f"style {rule}", f"{name}:{line}")


@pytest.mark.parametrize("content", [
    HEAD + "\t" + "x" * 92 + "\n",
    HEAD + "/* TODO(#12): this */\n",
    HEAD + LONGEST,
    HEAD + "#ifdef X\nint f(void)\n{\n\tg();\n}\n#endif\n",
])
def test_what_is_just_right_is_left_alone(tmp_path, content):
    _, output = check(tmp_path, "check-style", files={"src/lib/good.c": content})
    assert "FAIL style exceptions" in output and output.count("FAIL") == 1, output
