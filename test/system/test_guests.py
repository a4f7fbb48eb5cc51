# SPDX-License-Identifier: GPL-2.0-only
"""The small test guests of test/guest, each started as dom0; they count their own checks.

A guest prints "N passed, N failed" on the hypervisor's console and then powers off or resets.
"""

import glob
import os
import re

import pytest
import qemu
import session

SECONDS = 120
END_SECONDS = 60
SUMMARY = r"(\d+) passed, (\d+) failed[\r\n]"
NO_GUEST = "none"


def pytest_generate_tests(metafunc):
    """One case for each guest that has been built, at least one."""
    out = os.path.abspath(metafunc.config.getoption("--out"))
    paths = sorted(glob.glob(os.path.join(out, "guest", "*.elf"))) or [NO_GUEST]
    metafunc.parametrize("guest", paths, ids=lambda p: "guest-" + os.path.basename(p)[:-4])


@pytest.mark.guest
@pytest.mark.quick
def test_guest(guest, hypervisor, log, scale, checked):
    if guest == NO_GUEST:
        pytest.fail("no guest has been built")
    machine = qemu.Machine(hypervisor=hypervisor, serial="stdio", modules=[guest],
                           options=qemu.OPTIONS.replace(" noreboot", "") + " dom0_mem=128M")
    with session.Session(machine, log, scale) as run:
        index, counts = run.expect([SUMMARY, session.FATAL], SECONDS, "summary of the guest")
        if index != 0:
            run.fail("the hypervisor died")
        run.expect_end(END_SECONDS)
        passed, failed = int(counts[0]), int(counts[1])
        checked(f"{passed} passed, {failed} failed")
        bad = re.findall(r"^.*\bFAIL\b.*$", run.console(), re.M)
        if failed or not passed:
            run.fail(f"{passed} passed, {failed} failed: " + "; ".join(bad[:10]))
