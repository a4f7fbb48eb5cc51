# SPDX-License-Identifier: GPL-2.0-only
# QEMU: the images it boots, `make run`, `make iso`, and the tests as a whole.

# Not under $(OUT)/guest: `make clean` keeps what was downloaded. What differs between architectures
# is in arch/ARCH.mk; the disk is the same for all.
IMG := $(OUT)/$(IMG_FOLDER)
IMG_SRC := $(SRC)/tools/images
DISK := $(OUT)/images/disk.img
IMAGES := $(addprefix $(IMG)/,vmlinuz initramfs.gz) $(DISK)
DOM0_XEN_MODULES := xen-evtchn xen-privcmd xen-gntdev xen-gntalloc xenfs
BUSYBOX := $(if $(BUSYBOX_DEB),$(IMG)/busybox,/bin/busybox)

# Debian's kernel, unmodified; for arm64 also the device trees of boards.
$(IMG)/vmlinuz: $(IMG_SRC)/fetch-deb | $(DEPS_QEMU)
	@mkdir -p $(IMG)
	$(Q)$(IMG_SRC)/fetch-deb $(KERNEL_DEB) $(IMG)/kernel
	$(Q)cp $(IMG)/kernel/boot/vmlinuz-* $@

# The host's own busybox, or one of the other architecture.
$(IMG)/busybox: $(IMG_SRC)/fetch-deb | $(DEPS_QEMU)
	@mkdir -p $(IMG)
	$(Q)$(IMG_SRC)/fetch-deb $(BUSYBOX_DEB) $(IMG)/busybox-deb
	$(Q)cp $(IMG)/busybox-deb/bin/busybox $@

$(IMG)/initramfs.gz: $(IMG)/vmlinuz $(if $(BUSYBOX_DEB),$(BUSYBOX)) $(IMG_SRC)/mkinitramfs \
		$(shell find $(SRC)/tools/images/rootfs) $(SRC)/tools/make/run.mk
	$(call say,INITRD,$(@F))
	$(Q)$(PY) $(IMG_SRC)/mkinitramfs --kernel $(IMG)/kernel --tree $(IMG_SRC)/rootfs \
		--busybox $(BUSYBOX) --output $@ $(DOM0_MODULES) $(DOM0_XEN_MODULES)

$(DISK): $(IMG_SRC)/mkdisk | $(DEPS_QEMU)
	$(call say,DISK,$(@F))
	@mkdir -p $(@D)
	$(Q)$(IMG_SRC)/mkdisk $@

# Debian's Xen, to compare with: `make test-xen` runs the system tests on it. On arm64 it is not
# compressed.
$(IMG)/$(XEN_FILE): $(IMG_SRC)/fetch-deb | $(DEPS_QEMU)
	@mkdir -p $(IMG)
	$(Q)$(IMG_SRC)/fetch-deb $(XEN_DEB) $(IMG)/xen
	$(Q)cd $(IMG)/xen/boot && if [ -f $(XEN_FILE).gz ]; then gunzip -c $(XEN_FILE).gz; \
		else cat $(XEN_FILE); fi > $@

.PHONY: images
images: $(IMAGES)

# What boots: this build, or any other hypervisor with Xen's conventions (HYPERVISOR=FILE).
HYPERVISOR ?= $(B)/bulkhead
RUN_ARGS ?=
DOM0_OPTIONS := console=com1 com1=115200,8n1 dom0=pvh dom0_mem=1G loglvl=all guest_loglvl=all

.PHONY: run
run: $(HYPERVISOR) $(IMAGES)
	$(Q)$(PY) -B $(SRC)/tools/$(QEMU_PY) --images $(IMG) --hypervisor $(HYPERVISOR) $(RUN_ARGS)

ifeq ($(SRCARCH),x86)
.PHONY: iso
iso: $(B)/bulkhead.iso
$(B)/bulkhead.iso: $(HYPERVISOR) $(IMAGES) $(IMG_SRC)/mkiso | $(DEPS_ISO)
	$(call say,ISO,$(@F))
	$(Q)$(IMG_SRC)/mkiso --hypervisor $(HYPERVISOR) --options "$(DOM0_OPTIONS)" \
		--kernel $(IMG)/vmlinuz --linux console=hvc0 --initramfs $(IMG)/initramfs.gz --output $@
endif

# The tests. PYTEST_ARGS chooses system tests: -m quick, -k ovmf, -s ...
TEST_JOBS ?= 2
PYTEST_ARGS ?=
# Test runs of a slow machine: TIME_SCALE=3 stretches every limit.
TIME_SCALE ?= 1
PYTEST = $(PY) -B -m pytest $(SRC)/test/system --rootdir=$(SRC)/test/system --out=$(OUT) \
	--arch=$(ARCH) 	--time-scale=$(TIME_SCALE) -n $(TEST_JOBS) $(PYTEST_ARGS)

TEST_INPUTS := $(IMAGES) $(GUEST_ELFS) $(if $(filter x86,$(SRCARCH)),$(B)/unpack.elf)
# `make test` is about both architectures, `make ARCH=arm64 test` about that one. Each other one is
# built and tested by a make of its own.
OTHER_ARCHS := $(if $(filter command line environment,$(origin ARCH)),,arm64)

# Without -j on the command line as many jobs as there are CPUs. What does not build fails again, and
# is counted, in its suite.
SUBMAKE = $(MAKE) --no-print-directory -C $(SRC) O=$(OUT) \
	$(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: test test-inputs system-test test-xen
test: test-inputs | $(DEPS_TEST) $(DEPS_ISO)
	-+$(Q)$(SUBMAKE) -k $(UNIT_BIN) $(FUZZ_BIN)
	-+$(Q)$(foreach a,$(OTHER_ARCHS),$(SUBMAKE) -k ARCH=$(a) test-inputs;)
	+$(Q)$(PY) $(SRC)/tools/run-tests \
		"check=$(MAKE) --no-print-directory -C $(SRC) O=$(OUT) check" \
		"unit=$(MAKE) --no-print-directory -C $(SRC) O=$(OUT) unit" \
		"fuzz=$(MAKE) --no-print-directory -C $(SRC) O=$(OUT) fuzz" \
		"system=$(PYTEST) --hypervisor=$(HYPERVISOR)" \
		$(foreach a,$(OTHER_ARCHS),"system $(a)=$(MAKE) --no-print-directory -C $(SRC) \
			O=$(OUT) ARCH=$(a) system-test")

test-inputs: all $(TEST_INPUTS)

system-test: $(HYPERVISOR) $(TEST_INPUTS) | $(DEPS_ISO)
	$(Q)$(PYTEST) --hypervisor=$(HYPERVISOR)

# The same system tests on Debian's Xen: what fails here is the test's fault.
test-xen: $(IMG)/$(XEN_FILE) $(TEST_INPUTS) | $(DEPS_ISO)
	$(Q)$(PYTEST) --hypervisor=$<
