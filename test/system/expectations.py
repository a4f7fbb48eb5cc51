# SPDX-License-Identifier: GPL-2.0-only
"""What each hypervisor is known to do differently.

A case in KNOWN_FAILURES must fail there: the day that it passes, the test says so.
"""

KNOWN_FAILURES = {
    "bulkhead": {},
    "bulkhead-arm64": {},
    "xen-arm64": {
        "dom0-and-two": "Debian's build has no static memory",
        "shared-memory-and-events": "Debian's build has no static shared memory",
        "zcu102": "it hangs before the first domain under QEMU 7.2",
    },
    "xen": {
        "iommu-intel39": "devices of a VT-d with three levels of page tables get no mappings",
        "iommu-no": "a PVH dom0 without an IOMMU is refused",
        "kernel-truncated": "a page fault in the hypervisor",
        "option-unknown": "nothing is said",
        "dom0-mem-nonsense": "nothing is said",
        "no-svm": "only an error number is said",
        "ivrs-broken": "it hangs",
    },
}
