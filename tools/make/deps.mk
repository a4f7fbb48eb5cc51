# SPDX-License-Identifier: GPL-2.0-only
# What a fresh Debian 12 lacks is installed on first use, one stamp for each purpose.

PKGS_BUILD := gcc make binutils libc6-dev libxen-dev kconfig-frontends-nox python3 \
	liblzma-dev zlib1g-dev libbz2-dev liblzo2-dev liblz4-dev libzstd-dev
PKGS_TEST := clang llvm libclang-rt-14-dev clang-format universal-ctags python3-pytest python3-pexpect lz4 lzop zstd
PKGS_QEMU := qemu-system-x86 seabios ovmf e2fsprogs busybox-static python3-pytest python3-pexpect \
	python3-pytest-xdist python3-pytest-timeout
ifeq ($(ARCH),arm64)
PKGS_QEMU += qemu-system-arm device-tree-compiler python3-libfdt
endif
PKGS_ISO := grub-common grub-pc-bin grub-efi-amd64-bin mtools xorriso

APT := tools/apt-install

# $(call deps,name,packages): a stamp that is newer than the list of packages.
define deps
DEPS_$(1) := $(OUT)/deps/$(1)
$(OUT)/deps/$(1): $(SRC)/tools/make/deps.mk
	@$(SRC)/$(APT) $(2)
	@mkdir -p $$(@D) && touch $$@
endef
$(eval $(call deps,BUILD,$(PKGS_BUILD)))
$(eval $(call deps,ARCH_$(ARCH),$(PKGS_ARCH)))
DEPS_ARCH := $(if $(PKGS_ARCH),$(DEPS_ARCH_$(ARCH)))
$(eval $(call deps,TEST,$(PKGS_BUILD) $(PKGS_TEST)))
$(eval $(call deps,QEMU_$(ARCH),$(PKGS_QEMU)))
DEPS_QEMU := $(DEPS_QEMU_$(ARCH))
$(eval $(call deps,ISO,$(PKGS_ISO)))

.PHONY: deps
deps: $(DEPS_BUILD) $(DEPS_TEST) $(DEPS_QEMU) $(DEPS_ISO)
