# SPDX-License-Identifier: GPL-2.0-only
"""What the checks of the tree (check-layers, check-format, check-style) have in common.

A check finds the tree's files, applies named rules to them, prints each breach as
"PATH:LINE: what is wrong", and ends with one line "N passed, N failed" that counts rules.
"""

import argparse
import pathlib
import sys

# Not ours to judge: data, and what only the build makes.
SKIPPED = ("build", ".git", "test/fuzz/corpus", "__pycache__", ".pytest_cache")
SHOWN = 20


def files(root, folders, suffixes=None):
    """Paths relative to root, sorted: the files below the folders, by suffix if there are any."""
    found = []
    for folder in folders:
        top = root / folder
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            name = path.relative_to(root).as_posix()
            if not path.is_file() or path.is_symlink():
                continue
            if any(name.startswith(s + "/") or f"/{s}/" in name for s in SKIPPED):
                continue
            if suffixes is None or path.suffix in suffixes:
                found.append(name)
    return found


class Report:
    """Breaches of named rules. A rule that was declared and has none counts as passed."""

    def __init__(self, what):
        self.what = what
        self.rules = {}

    def rule(self, name, means):
        self.rules[name] = (means, [])

    def breach(self, rule, where, why):
        self.rules[rule][1].append(f"{where}: {why}")

    def end(self, summary):
        """Prints everything; the status to exit with."""
        for name, (means, breaches) in self.rules.items():
            print(f"{'FAIL' if breaches else 'ok':4} {self.what} {name}: {means}")
            for line in breaches[:SHOWN]:
                print(f"     {line}")
            if len(breaches) > SHOWN:
                print(f"     and {len(breaches) - SHOWN} more")
        failed = sum(1 for _, breaches in self.rules.values() if breaches)
        print(f"{self.what}: {summary}")
        print(f"{len(self.rules) - failed} passed, {failed} failed", flush=True)
        return 1 if failed else 0


def main(check, doc):
    """Runs check(root) on the tree that --root names, by default the one of this script."""
    parser = argparse.ArgumentParser(description=doc.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    sys.exit(check(parser.parse_args().root.resolve()))
