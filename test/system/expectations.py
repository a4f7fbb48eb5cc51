# SPDX-License-Identifier: GPL-2.0-only
"""What each hypervisor is known to do differently.

A case in KNOWN_FAILURES must fail there: the day that it passes, the test says so.
"""

KNOWN_FAILURES = {
    "bulkhead": {},
    "xen": {
        "iommu-intel-virtio": "virtio-blk's interrupts do not arrive behind QEMU's VT-d",
        "iommu-no": "Xen 4.17 refuses a PVH dom0 without an IOMMU",
    },
}
