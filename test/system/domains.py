# SPDX-License-Identifier: GPL-2.0-only
"""The console of a machine with several domains, taken apart.

Dom0's text comes as it is; a line of another domain has a mark before it, and may stand in the
middle of a line of dom0's. So do the hypervisor's own lines. A line of the domain that has the
keyboard is shown as it grows: when another comes between, first in part and then whole.
"""

import re
import time

import pexpect
import session

# Bulkhead: "(d1) line"; Xen: "(XEN) DOM1: line".
LINE = re.compile(r"(?:\(d(\d+)\) |\(XEN\) DOM(\d+): |\((?:BH|XEN)\) )([^\n]*)\n")
HYPERVISOR = -1
RESULT = re.compile(r"^TEST ([\w-]+): (ok|FAIL) ?([^\n]*)$", re.MULTILINE)
GUEST_RESULT = re.compile(r"^(ok|FAIL|skip) +([^\n]*)$", re.MULTILINE)
INIT = re.compile(r"^BULKHEAD init ([^\n]*)$", re.MULTILINE)
DONE = re.compile(r"^BULKHEAD done$", re.MULTILINE)
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)
POLL_SECONDS = 2


def split(console):
    """{number of a domain, or HYPERVISOR: its text}."""
    lines = {}
    for guest, xen_guest, line in LINE.findall(console):
        found = lines.setdefault(int(guest or xen_guest or HYPERVISOR), [])
        if found and line.startswith(found[-1]) and line != found[-1]:
            found.pop()  # the piece of a line that another domain's interrupted
        found.append(line)
    texts = {number: "".join(line + "\n" for line in found) for number, found in lines.items()}
    texts[0] = LINE.sub("", console)
    return texts


class Session(session.Session):
    """A run that is judged by its whole console."""

    def expect_again(self, seconds):
        """Waits until user space is reached a second time."""
        wait_for(self, lambda texts: len(INIT.findall(texts[0])) >= 2, seconds,
                 "user space after the reboot")


def wait_for(run, ready, seconds, what, fatal=True):
    """Waits until ready(texts) is true, and returns the texts. Fails on a machine that died, unless
    `fatal` says that it may."""
    end = time.monotonic() + seconds * run.scale
    death = re.compile(session.FATAL)
    while True:
        try:
            run.process.expect(pexpect.EOF, timeout=POLL_SECONDS)
            ended = True
        except pexpect.TIMEOUT:
            ended = False
        console = run.console()
        texts = split(console)
        if ready(texts):
            return texts
        if fatal and death.search(console):
            time.sleep(session.LAST_WORDS_SECONDS)
            run.fail(f"the machine died before {what}")
        if ended:
            run.fail(f"QEMU ended before {what}")
        if time.monotonic() > end:
            run.fail(f"no {what} within {seconds * run.scale:.0f} s")


def done(numbers):
    """For wait_for(): all these domains have ended their tests, or their summary is there."""
    def ready(texts):
        return all(DONE.search(texts.get(n, "")) or SUMMARY.search(texts.get(n, ""))
                   for n in numbers)
    return ready
