# SPDX-License-Identifier: GPL-2.0-only
#
#   make                 build/x86_64/bulkhead             make run    boot it in QEMU with Debian
#   make menuconfig      choose the configuration          make test   run every test
#   make sloc            lines of this build, by folder
#   make olddefconfig    after .config was edited          make check  the tree, without running it
#   make O=/dir          build elsewhere                   make iso    a bootable ISO (BIOS and UEFI)
#
# Every folder of src/ has a Kbuild file that lists its objects (obj-y) and folders (subdir-y).

ARCH ?= x86_64
O ?= build
.DEFAULT_GOAL := all
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
Q := $(if $(V),,@)
say = @printf '  %-7s %s\n' $(1) $(2)

SRC := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
OUT := $(abspath $(O))
B := $(OUT)/$(ARCH)
PY := /usr/bin/python3

include $(SRC)/tools/make/arch/$(ARCH).mk
include $(SRC)/tools/make/deps.mk
include $(SRC)/tools/make/config.mk
include $(SRC)/tools/make/flags.mk
include $(SRC)/tools/make/fdt.mk
ifeq ($(SRCARCH),x86)
include $(SRC)/tools/make/unpack.mk
endif
include $(SRC)/tools/make/hypervisor.mk
include $(SRC)/tools/make/host.mk
include $(SRC)/tools/make/guest.mk
include $(SRC)/tools/make/check.mk
include $(SRC)/tools/make/run.mk

.PHONY: all clean distclean
all: hypervisor

clean:
	rm -rf $(B) $(OUT)/host $(OUT)/fuzz $(OUT)/guest

distclean:
	rm -rf $(OUT)
