# SPDX-License-Identifier: GPL-2.0-only
"""Options, fixtures and the closing list of what was checked."""

import os
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tools"), os.path.dirname(os.path.abspath(__file__))]

import expectations  # noqa: E402
import fileserver  # noqa: E402
import qemu  # noqa: E402

# Of the test files, those that are about one architecture only; the others are about all.
ARCH_OF = {name: "x86_64" for name in (
    "test_bad_input.py", "test_boot.py", "test_guests.py", "test_unpack.py")}
ARCH_OF |= {name: "arm64" for name in (
    "test_domains.py", "test_domains_bad.py", "test_guests_arm64.py")}

MARKERS = {
    "quick": "the few cases to run after each change",
    "smp": "numbers of CPUs",
    "memory": "sizes of memory",
    "iommu": "kinds of IOMMU, and none",
    "devices": "single devices",
    "iso": "booted by GRUB, from BIOS and from UEFI",
    "bad": "bad input",
    "build": "both compilers, with and without debug",
    "guest": "the small test guests",
    "gic": "versions of the interrupt controller, and CPU models",
    "domains": "several domains from the device tree",
    "board": "machines other than QEMU's virt",
    "static": "static memory, shared memory and event channels",
}


def pytest_addoption(parser):
    group = parser.getgroup("bulkhead")
    group.addoption("--out", default=os.path.join(ROOT, "build"), help="the build folder (O=)")
    group.addoption("--arch", default="x86_64", choices=("x86_64", "arm64"),
                    help="which architecture is tested")
    group.addoption("--hypervisor", default=os.environ.get("BULKHEAD_HYPERVISOR"),
                    help="the binary to test (default: OUT/ARCH/bulkhead)")
    group.addoption("--time-scale", type=float,
                    default=float(os.environ.get("BULKHEAD_TIME_SCALE", "1")),
                    help="stretches every time limit, for a slow or busy machine")


def pytest_configure(config):
    for name, text in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {text}")


def hypervisor_path(config):
    out = os.path.abspath(config.getoption("--out"))
    return config.getoption("--hypervisor") or os.path.join(out, config.getoption("--arch"),
                                                            "bulkhead")


def hypervisor_kind(config):
    return "xen" if os.path.basename(hypervisor_path(config)).startswith("xen") else "bulkhead"


def pytest_ignore_collect(collection_path, config):
    arch = config.getoption("--arch")
    return ARCH_OF.get(collection_path.name, arch) != arch or None


def pytest_collection_modifyitems(config, items):
    kind, arch = hypervisor_kind(config), config.getoption("--arch")
    known = expectations.KNOWN_FAILURES[kind if arch == "x86_64" else f"{kind}-{arch}"]
    for item in items:
        case = getattr(item, "callspec", None) and item.callspec.id
        if case in known:
            item.add_marker(pytest.mark.xfail(reason=known[case], strict=True))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """Notes the CPU time of what the test started: on a busy machine only that can be compared."""
    before = os.times()
    yield
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    item.user_properties.append(("cpu", cpu))


@pytest.fixture(scope="session")
def images(request):
    out = os.path.abspath(request.config.getoption("--out"))
    if request.config.getoption("--arch") == "arm64":
        import qemu_arm64  # needs libfdt, which is installed for arm64 only
        result = qemu_arm64.Images(os.path.join(out, "images", "arm64"))
    else:
        result = qemu.Images(os.path.join(out, "images"))
    for path in (result.kernel, result.initramfs, result.disk):
        if not os.path.exists(path):
            pytest.exit(f"{path} is missing: run `make images`", returncode=2)
    return result


@pytest.fixture(scope="session")
def hypervisor(request):
    path = hypervisor_path(request.config)
    if not os.path.exists(path):
        pytest.exit(f"{path} is missing: run `make`, or pass --hypervisor=", returncode=2)
    return path


@pytest.fixture(scope="session")
def kind(request):
    """"bulkhead" or "xen"."""
    return hypervisor_kind(request.config)


@pytest.fixture(scope="session")
def arch(request):
    return request.config.getoption("--arch")


@pytest.fixture(scope="session")
def scale(request):
    return request.config.getoption("--time-scale")


@pytest.fixture(scope="session")
def http():
    with fileserver.FileServer() as server:
        yield server


@pytest.fixture
def program(request):
    """arm64: the path of a test guest, by its name."""
    folder = os.path.join(os.path.abspath(request.config.getoption("--out")), "guest", "arm64")

    def find(name):
        path = os.path.join(folder, f"{name}.bin")
        if not os.path.exists(path):
            pytest.fail(f"{path} is missing: run `make ARCH=arm64 guest-elfs`")
        return path
    return find


@pytest.fixture
def log(request, kind):
    """The file that this test's console goes to."""
    out = os.path.abspath(request.config.getoption("--out"))
    folder = os.path.join(out, "system" if kind == "bulkhead" else f"system-{kind}")
    if request.config.getoption("--arch") != "x86_64":
        folder = os.path.join(folder, request.config.getoption("--arch"))
    os.makedirs(folder, exist_ok=True)
    callspec = getattr(request.node, "callspec", None)
    return os.path.join(folder, f"{callspec.id if callspec else request.node.name}.log")


@pytest.fixture
def checked(record_property):
    """Notes one thing that was checked, for the list at the end."""
    def note(text):
        print(text)
        record_property("checked", text)
    return note


def pytest_terminal_summary(terminalreporter):
    terminalreporter.section("what was checked")
    total = 0
    for outcome in ("passed", "failed", "xfailed", "xpassed"):
        for report in terminalreporter.stats.get(outcome, []):
            notes = [value for key, value in report.user_properties if key == "checked"]
            name = report.nodeid.split("::")[-1]
            cpu = dict(report.user_properties).get("cpu", 0)
            total += cpu
            terminalreporter.write_line(f"{name} ({report.duration:.0f} s, CPU {cpu:.0f} s)")
            for note in notes:
                terminalreporter.write_line(f"  {note}")
    terminalreporter.write_line(f"CPU time of all: {total:.0f} s")
