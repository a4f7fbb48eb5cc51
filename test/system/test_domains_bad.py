# SPDX-License-Identifier: GPL-2.0-only
"""arm64: bad device trees: one line that names node and property; the other domain starts."""

import os
import re

import bad_domains
import dom0less
import domains
import pytest
import qemu_arm64

SECONDS = 30
GOOD = 2


def params():
    return [pytest.param(case, id=f"bad-{case.name}") for case in bad_domains.BAD_DOMAINS]


def make_system(case, program, folder):
    good = program("arm-basics")
    files = {"good": good, "": good}
    kernel = files.get(case.kernel, os.path.join(folder, case.kernel))
    entries, dom0 = [], None
    if case.dom0:
        dom0 = dom0less.Dom0(files.get(case.dom0, os.path.join(folder, case.dom0)))
    elif case.fields is not None:
        entries.append(dom0less.Domain("domU1", kernel, **({"memory": 64} | case.fields)))
        entries.append(dom0less.Domain("domU2", good, **({"memory": 64} | case.good)))
    return dom0less.Machine(entries, dom0, f"{qemu_arm64.OPTIONS} {case.options}".strip(),
                            edit=case.edit)


@pytest.mark.bad
@pytest.mark.parametrize("case", params())
def test_bad_domain(case, kind, hypervisor, program, log, scale, checked, tmp_path):
    if case.make:
        case.make(str(tmp_path))
    machine = qemu_arm64.Machine(hypervisor, make_system(case, program, str(tmp_path)),
                                 str(tmp_path), memory="1G", serial="stdio")
    line = case.line if kind == "bulkhead" else f"{case.xen}|{case.line}"

    def ready(texts):
        said = re.search(line, texts.get(domains.HYPERVISOR, ""))
        runs = domains.SUMMARY.search(texts.get(GOOD, ""))
        return said and (case.alone or kind == "xen" or runs)

    with domains.Session(machine, log, scale) as run:
        texts = domains.wait_for(run, ready, SECONDS, f"line {line}, and the good domain's end",
                                 fatal=False)
        found = [text for text in texts[domains.HYPERVISOR].split("\n") if re.search(line, text)]
        if len(set(found)) > 1:
            run.fail(f"{len(set(found))} lines say {line}")
        checked(found[-1].strip())
        if domains.GUEST_RESULT.search(texts.get(1, "")) and not case.alone:
            run.fail("the bad domain runs")
        if domains.SUMMARY.search(texts.get(GOOD, "")):
            checked("the good domain ran")
