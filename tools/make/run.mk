# SPDX-License-Identifier: GPL-2.0-only
# QEMU: the images it boots, `make run`, `make iso`, and the tests as a whole.

# Not under $(OUT)/guest: `make clean` keeps what was downloaded.
IMG := $(OUT)/images
IMG_SRC := $(SRC)/tools/images
IMAGES := $(addprefix $(IMG)/,vmlinuz initramfs.gz disk.img)
DOM0_MODULES := virtio_pci virtio_blk virtio_net crc32c_generic ext4 ahci sd_mod e1000e \
	xen-evtchn xen-privcmd xen-gntdev xen-gntalloc xenfs

# Debian's kernel, unmodified.
$(IMG)/vmlinuz: $(IMG_SRC)/fetch-deb | $(DEPS_QEMU)
	@mkdir -p $(IMG)
	$(Q)$(IMG_SRC)/fetch-deb linux-image-amd64 $(IMG)/kernel
	$(Q)cp $(IMG)/kernel/boot/vmlinuz-* $@

$(IMG)/initramfs.gz: $(IMG)/vmlinuz $(IMG_SRC)/mkinitramfs $(shell find $(SRC)/tools/images/rootfs) \
		$(SRC)/tools/make/run.mk
	$(call say,INITRD,$(@F))
	$(Q)$(PY) $(IMG_SRC)/mkinitramfs --kernel $(IMG)/kernel --tree $(IMG_SRC)/rootfs \
		--output $@ $(DOM0_MODULES)

$(IMG)/disk.img: $(IMG_SRC)/mkdisk | $(DEPS_QEMU)
	$(call say,DISK,$(@F))
	@mkdir -p $(IMG)
	$(Q)$(IMG_SRC)/mkdisk $@

# Debian's Xen, to compare with: `make test-xen` runs the system tests on it.
$(IMG)/xen-4.17-amd64: $(IMG_SRC)/fetch-deb | $(DEPS_QEMU)
	@mkdir -p $(IMG)
	$(Q)$(IMG_SRC)/fetch-deb xen-hypervisor-4.17-amd64 $(IMG)/xen
	$(Q)gunzip -c $(IMG)/xen/boot/xen-4.17-amd64.gz > $@

.PHONY: images
images: $(IMAGES)

# What boots: this build, or any other hypervisor with Xen's conventions (HYPERVISOR=FILE).
HYPERVISOR ?= $(B)/bulkhead
RUN_ARGS ?=
DOM0_OPTIONS := console=com1 com1=115200,8n1 dom0=pvh dom0_mem=1G loglvl=all guest_loglvl=all

.PHONY: run iso
run: $(HYPERVISOR) $(IMAGES)
	$(Q)$(PY) $(SRC)/tools/qemu.py --images $(IMG) --hypervisor $(HYPERVISOR) $(RUN_ARGS)

iso: $(B)/bulkhead.iso
$(B)/bulkhead.iso: $(HYPERVISOR) $(IMAGES) $(IMG_SRC)/mkiso | $(DEPS_ISO)
	$(call say,ISO,$(@F))
	$(Q)$(IMG_SRC)/mkiso --hypervisor $(HYPERVISOR) --options "$(DOM0_OPTIONS)" \
		--kernel $(IMG)/vmlinuz --linux console=hvc0 --initramfs $(IMG)/initramfs.gz --output $@

# The tests. PYTEST_ARGS chooses system tests: -m quick, -k ovmf, -s ...
TEST_JOBS ?= 2
PYTEST_ARGS ?=
# Test runs of a slow machine: TIME_SCALE=3 stretches every limit.
TIME_SCALE ?= 1
PYTEST = $(PY) -B -m pytest $(SRC)/test/system --rootdir=$(SRC)/test/system --out=$(OUT) \
	--time-scale=$(TIME_SCALE) -n $(TEST_JOBS) $(PYTEST_ARGS)

TEST_INPUTS := $(IMAGES) $(B)/unpack.elf $(GUEST_ELFS)

# Without -j on the command line as many jobs as there are CPUs. What does not build fails again, and
# is counted, in its suite.
SUBMAKE = $(MAKE) --no-print-directory -C $(SRC) O=$(OUT) \
	$(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: test system-test test-xen
test: all $(TEST_INPUTS) | $(DEPS_TEST) $(DEPS_ISO)
	-+$(Q)$(SUBMAKE) -k $(UNIT_BIN) $(FUZZ_BIN)
	+$(Q)$(PY) $(SRC)/tools/run-tests \
		"check=$(MAKE) --no-print-directory -C $(SRC) O=$(OUT) check" \
		"unit=$(MAKE) --no-print-directory -C $(SRC) O=$(OUT) unit" \
		"fuzz=$(MAKE) --no-print-directory -C $(SRC) O=$(OUT) fuzz" \
		"system=$(PYTEST) --hypervisor=$(HYPERVISOR)"

system-test: $(HYPERVISOR) $(TEST_INPUTS) | $(DEPS_ISO)
	$(Q)$(PYTEST) --hypervisor=$(HYPERVISOR)

# The same system tests on Debian's Xen: what fails here is the test's fault.
test-xen: $(IMG)/xen-4.17-amd64 $(TEST_INPUTS) | $(DEPS_ISO)
	$(Q)$(PYTEST) --hypervisor=$<
