# SPDX-License-Identifier: GPL-2.0-only
"""One QEMU run: its serial console, its log file, its end.

A Session never outlives its `with` block, and every wait has a limit.
"""

import re
import time

import pexpect

# The last words of a hypervisor, Bulkhead's (src/core/panic.c) and Xen's, and of what it runs.
PANIC = r"\(BH\) (?:\[[^\]]*\] )?(?:panic|cannot start): |Panic on CPU \d+:"
CRASH = r"\bd\d+(?:v\d+)?: crash: |Hardware Dom0 crashed|Domain \d+ .*crashed"
# What ends a boot early; there is no point in waiting for more.
FATAL = rf"Kernel panic - not syncing|{PANIC}|{CRASH}"
RESULT = r"TEST ([\w-]+): (ok|FAIL) ?([^\r\n]*)[\r\n]"
INIT = r"BULKHEAD init ([^\r\n]*)[\r\n]"
DONE = r"BULKHEAD done[\r\n]"
TAIL = 60
LAST_WORDS_SECONDS = 3  # registers and a backtrace follow


class Failed(AssertionError):
    """The machine did not do what was expected; the text ends with the console's last lines."""


class Session:
    """Starts a machine and reads its serial console."""

    def __init__(self, machine, log, scale=1.0):
        self.log_path = log
        self.scale = scale
        self.started = time.monotonic()
        self.command = machine.command()
        self.log = open(log, "wb")
        self.process = pexpect.spawn(self.command[0], self.command[1:], logfile=self.log,
                                     timeout=None, maxread=65536, dimensions=(24, 1000))

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.close(force=True)
        self.log.close()

    def elapsed(self):
        """Seconds since QEMU was started."""
        return time.monotonic() - self.started

    def console(self):
        """Everything that the machine has printed."""
        self.log.flush()
        with open(self.log_path, "rb") as f:
            return f.read().decode(errors="replace").replace("\r", "")

    def fail(self, why):
        """Raises Failed with the end of the console."""
        lines = self.console().rstrip("\n").split("\n")[-TAIL:]
        tail = "\n".join("    | " + line for line in lines)
        raise Failed(f"{why}, {self.elapsed():.0f} s after the start\n{tail}\n"
                     f"console: {self.log_path}") from None

    def expect(self, patterns, seconds, what=""):
        """Waits for one of the patterns and returns its index and match."""
        if isinstance(patterns, str):
            patterns = [patterns]
        coded = [re.compile(p.encode()) for p in patterns]
        try:
            index = self.process.expect(coded, timeout=seconds * self.scale)
        except pexpect.TIMEOUT:
            self.fail(f"no {what or patterns[0]} within {seconds * self.scale:.0f} s")
        except pexpect.EOF:
            self.fail(f"QEMU ended before {what or patterns[0]}")
        groups = [(g or b"").decode(errors="replace") for g in self.process.match.groups()]
        return index, groups

    def fail_fatal(self, why):
        """Raises Failed after a line of FATAL, with what the machine says after it."""
        self.process.expect([pexpect.EOF, pexpect.TIMEOUT],
                            timeout=LAST_WORDS_SECONDS * self.scale)
        self.fail(why)

    def expect_boot(self, seconds):
        """Waits for user space and returns what /init says of itself."""
        index, groups = self.expect([INIT, FATAL], seconds, "user space")
        if index != 0:
            self.fail_fatal("the boot failed")
        return groups[0].strip()

    def expect_results(self, seconds):
        """Reads test results until /init says that it is done: {name: (ok, details, time)}."""
        results = {}
        while True:
            index, groups = self.expect([RESULT, DONE, FATAL], seconds, "test result")
            if index == 1:
                return results
            if index == 2:
                self.fail_fatal("the machine died during the tests")
            name = groups[0]
            if name in results and not results[name][0]:
                continue  # it was given up, and has ended since
            results[name] = (groups[1] == "ok", groups[2].strip(), time.time())

    def expect_end(self, seconds):
        """Waits until QEMU ends by itself."""
        try:
            self.process.expect(pexpect.EOF, timeout=seconds * self.scale)
        except pexpect.TIMEOUT:
            self.fail(f"QEMU did not end within {seconds * self.scale:.0f} s")
        self.process.wait()
        if self.process.exitstatus != 0:
            self.fail(f"QEMU ended with status {self.process.exitstatus}")
