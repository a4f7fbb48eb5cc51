# SPDX-License-Identifier: GPL-2.0-only
"""arm64: the small test guests as dom0: what they check, and that the hypervisor outlives them."""

import re

import dom0less
import domains
import guests_arm64
import pytest
import qemu_arm64
import session

DOM0_MEM = 128  # MiB
END_SECONDS = 30


def params():
    return [pytest.param(guest, id=f"guest-{guest.name}",
                         marks=[getattr(pytest.mark, m) for m in guest.marks])
            for guest in guests_arm64.GUESTS]


@pytest.mark.guest
@pytest.mark.parametrize("guest", params())
def test_guest(guest, kind, hypervisor, program, log, scale, checked, tmp_path):
    name = guest.program or guest.name
    options = (f"{qemu_arm64.OPTIONS} dom0_mem={DOM0_MEM}M dom0_max_vcpus={guest.cpus} "
               f"{guest.options}")
    arguments = guest.arguments
    if guest.limits and kind == "bulkhead":
        arguments += f" limits={guest.limits}"
    system = dom0less.Machine([], dom0less.Dom0(program(name), arguments), options.strip())
    machine = qemu_arm64.Machine(hypervisor, system, str(tmp_path), serial="stdio",
                                 **({"memory": "1G", "cpus": guest.cpus} | guest.machine))
    with domains.Session(machine, log, scale) as run:
        texts = domains.wait_for(run, domains.done([0]), guest.seconds, "summary")
        guests_arm64.judge(run, "dom0", guest.at_least, texts[0],
                           guests_arm64.known(kind, guest.name), checked)
        for number in re.findall(r"^cost: [^\n]*", texts[0], re.MULTILINE):
            checked(number)
        run.expect_end(END_SECONDS)
        if re.search(session.PANIC, run.console()):
            run.fail("the hypervisor panicked")
