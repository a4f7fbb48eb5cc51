# SPDX-License-Identifier: GPL-2.0-only
"""Every build of the hypervisor, by each compiler with and without debug, boots to user space.

They are made here, each in its own folder, whatever the configuration of the build under test.
"""

import os
import re
import subprocess

import pytest
import qemu
import session

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD_SECONDS = 600
BOOT_SECONDS = 180
END_SECONDS = 60
SAYS = {"gcc": r"built by gcc \d", "clang": r"built by .*[Cc]lang"}
CONFIGS = {"debug": "CONFIG_DEBUG=y\n", "nodebug": "# CONFIG_DEBUG is not set\n"}
# What only a debug build has in it: the text of an assertion.
ASSERTION = b"assertion failed: "


def build(folder, compiler, config, seconds):
    """Makes the hypervisor there and returns its path."""
    os.makedirs(os.path.join(folder, "x86_64"), exist_ok=True)
    path = os.path.join(folder, "x86_64", ".config")
    if not os.path.exists(path):
        with open(path, "w", encoding="ascii") as f:
            f.write(CONFIGS[config])
    # Not the variables of the make that may have started this.
    env = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
    done = subprocess.run(["make", "-j2", "-C", ROOT, f"O={folder}", f"CC_FAMILY={compiler}",
                           "hypervisor"], env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, timeout=seconds)
    assert done.returncode == 0, done.stdout[-4000:]
    return os.path.join(folder, "x86_64", "bulkhead")


@pytest.mark.build
@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("compiler", SAYS)
def test_build(compiler, config, kind, request, images, log, scale, checked):
    if kind != "bulkhead":
        pytest.skip("is about Bulkhead")
    out = os.path.abspath(request.config.getoption("--out"))
    hypervisor = build(os.path.join(out, "builds", f"{compiler}-{config}"), compiler, config,
                       BUILD_SECONDS * scale)
    with open(hypervisor, "rb") as f:
        content = f.read()
    checked(f"{len(content)} bytes")
    assert (ASSERTION in content) == (config == "debug")

    machine = qemu.Machine(hypervisor=hypervisor, serial="stdio",
                           options=f"{qemu.OPTIONS} dom0_mem=512M",
                           modules=[f"{images.kernel} console=hvc0 bulkhead.test=hypervisor,cpus "
                                    f"bulkhead.cpus=2 bulkhead.end=poweroff", images.initramfs])
    with session.Session(machine, log, scale) as run:
        run.expect_boot(BOOT_SECONDS)
        if not re.search(SAYS[compiler], run.console()):
            run.fail(f"the console lacks {SAYS[compiler]}")
        bad = [name for name, result in run.expect_results(BOOT_SECONDS).items() if not result[0]]
        if bad:
            run.fail(f"failed: {', '.join(bad)}")
        run.expect_end(END_SECONDS)
        checked(f"built by {compiler}, {config}: booted, powered off after {run.elapsed():.0f} s")
