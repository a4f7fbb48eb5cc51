# SPDX-License-Identifier: GPL-2.0-only
"""Every build of the hypervisor, by each compiler with and without debug, boots: on x86 to user
space, on arm64 a test guest.

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


def build(folder, arch, compiler, config, seconds):
    """Makes the hypervisor there and returns its path."""
    os.makedirs(os.path.join(folder, arch), exist_ok=True)
    path = os.path.join(folder, arch, ".config")
    if not os.path.exists(path):
        with open(path, "w", encoding="ascii") as f:
            f.write(CONFIGS[config])
    # Not the variables of the make that may have started this.
    env = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
    done = subprocess.run(["make", "-j2", "-C", ROOT, f"O={folder}", f"ARCH={arch}",
                           f"CC_FAMILY={compiler}", "hypervisor"], env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, timeout=seconds)
    assert done.returncode == 0, done.stdout[-4000:]
    return os.path.join(folder, arch, "bulkhead")


def boot_linux(run, checked):
    run.expect_boot(BOOT_SECONDS)
    bad = [name for name, result in run.expect_results(BOOT_SECONDS).items() if not result[0]]
    if bad:
        run.fail(f"failed: {', '.join(bad)}")
    run.expect_end(END_SECONDS)
    checked(f"booted, powered off after {run.elapsed():.0f} s")


def machine_x86(images, hypervisor):
    return qemu.Machine(hypervisor=hypervisor, serial="stdio",
                        options=f"{qemu.OPTIONS} dom0_mem=512M",
                        modules=[f"{images.kernel} console=hvc0 bulkhead.test=hypervisor,cpus "
                                 f"bulkhead.cpus=2 bulkhead.end=poweroff", images.initramfs])


def boot_guest(run, checked):
    index, groups = run.expect([r"(\d+) passed, 0 failed", r"\d+ passed, \d+ failed",
                                session.FATAL], BOOT_SECONDS, "summary")
    if index != 0:
        run.fail_fatal("the boot failed")
    run.expect_end(END_SECONDS)
    checked(f"booted: {groups[0]} checks of arm-basics passed")


def machine_arm64(hypervisor, program, folder):
    import dom0less
    import qemu_arm64
    options = f"{qemu_arm64.OPTIONS} dom0_mem=128M dom0_max_vcpus=2"
    system = dom0less.Machine([], dom0less.Dom0(program("arm-basics")), options)
    return qemu_arm64.Machine(hypervisor, system, folder, memory="1G", serial="stdio")


@pytest.mark.build
@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("compiler", SAYS)
def test_build(compiler, config, arch, kind, request, images, log, scale, checked, tmp_path):
    if kind != "bulkhead":
        pytest.skip("is about Bulkhead")
    out = os.path.abspath(request.config.getoption("--out"))
    hypervisor = build(os.path.join(out, "builds", f"{compiler}-{config}"), arch, compiler, config,
                       BUILD_SECONDS * scale)
    with open(hypervisor, "rb") as f:
        content = f.read()
    checked(f"{len(content)} bytes by {compiler}, {config}")
    assert (ASSERTION in content) == (config == "debug")

    if arch == "arm64":
        program = request.getfixturevalue("program")
        machine, boot = machine_arm64(hypervisor, program, str(tmp_path)), boot_guest
    else:
        machine, boot = machine_x86(images, hypervisor), boot_linux
    with session.Session(machine, log, scale) as run:
        boot(run, checked)
        if not re.search(SAYS[compiler], run.console()):
            run.fail(f"the console lacks {SAYS[compiler]}")
