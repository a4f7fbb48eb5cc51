# SPDX-License-Identifier: GPL-2.0-only
"""Bad input: one clear line that names the thing, then a reset or, for what is harmless, a boot."""

import os
import re

import bad_inputs
import pytest
import qemu
import session

END_SECONDS = 60
BOOT_SECONDS = 180


def write_table(table, folder):
    """QEMU's options for one more ACPI table."""
    signature, content = table
    path = os.path.join(folder, "table")
    with open(path, "wb") as f:
        f.write(content)
    return ["-acpitable", f"sig={signature},rev=1,data={path}"]


@pytest.mark.bad
@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in bad_inputs.BAD_INPUTS])
def test_bad_input(case, kind, images, hypervisor, log, scale, checked, tmp_path):
    if case.make:
        case.make(images.kernel, tmp_path)
    names = {"kernel": images.kernel, "initramfs": images.initramfs, "tmp": tmp_path}
    machine = qemu.Machine(hypervisor=hypervisor, serial="stdio",
                           modules=[m.format(**names) for m in case.modules], **case.machine)
    machine.options = f"{qemu.OPTIONS} {case.options}".replace(" noreboot", "")
    if case.table:
        machine.extra = write_table(case.table, tmp_path)

    with session.Session(machine, log, scale) as run:
        if case.boots:
            run.expect_boot(BOOT_SECONDS)
        run.expect_end(END_SECONDS)
        lines = run.console().split("\n")
        found = [line for line in lines if re.search(case.line[kind], line) and
                 "ommand line" not in line]
        if not found:
            run.fail(f"no line says {case.line[kind]}")
        if len(set(found)) > 1:
            run.fail(f"{len(set(found))} lines say {case.line[kind]}")
        checked(found[-1].strip())
        checked(f"{'booted, and ' if case.boots else ''}QEMU ended after {run.elapsed():.0f} s")
