# SPDX-License-Identifier: GPL-2.0-only
# libfdt: Debian's, as a static archive for this machine (host tests) and for the one we build for.
# Its headers are reached through links, so that no other host header is seen; what they ask of a C
# library is in src/lib/libfdt_env.h.

$(eval $(call deps,FDT,libfdt-dev device-tree-compiler))

HOST_LIBS := /usr/lib/x86_64-linux-gnu/libfdt.a

$(B)/include/libfdt.h: $(SRC)/tools/make/fdt.mk | $(DEPS_FDT)
	$(Q)mkdir -p $(@D)
	$(Q)ln -sfn /usr/include/fdt.h $(@D)/fdt.h
	$(Q)ln -sfn $(SRC)/src/lib/libfdt_env.h $(@D)/libfdt_env.h
	$(Q)ln -sfn /usr/include/libfdt.h $@
# Whatever waits for the one waits for the other.
$(B)/include/xen: | $(B)/include/libfdt.h

ifeq ($(ARCH),arm64)
FDT_DEB := $(OUT)/deps/libfdt-arm64
HV_LIBS := $(FDT_DEB)/usr/lib/aarch64-linux-gnu/libfdt.a
$(HV_LIBS): $(SRC)/tools/images/fetch-deb
	$(Q)$(SRC)/tools/images/fetch-deb libfdt-dev:arm64 $(FDT_DEB)
	$(Q)touch $@
endif

# Trees that unit tests read: ours, QEMU's own, and real boards' out of Debian's kernel package.
DT_DIR := $(OUT)/host/dt
DT_TREES := $(patsubst $(SRC)/test/unit/data/dt/%.dts,$(DT_DIR)/%.dtb,$(wildcard $(SRC)/test/unit/data/dt/*.dts)) \
	$(DT_DIR)/qemu-2.dtb $(DT_DIR)/qemu-3.dtb
DT_BOARDS := broadcom/bcm2711-rpi-4-b xilinx/zynqmp-zcu102-rev1.0 renesas/r8a774a1-hihope-rzg2m \
	renesas/r8a774a1-beacon-rzg2m-kit ti/k3-j721e-common-proc-board
DT_BOARDS_DIR := $(OUT)/images/boards

$(eval $(call deps,DT_QEMU,qemu-system-arm))

$(DT_DIR)/%.dtb: $(SRC)/test/unit/data/dt/%.dts | $(DEPS_FDT)
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -o $@ $<
$(DT_DIR)/qemu-%.dtb: $(SRC)/tools/make/fdt.mk | $(DEPS_DT_QEMU)
	@mkdir -p $(@D)
	$(Q)qemu-system-aarch64 -M virt,virtualization=on,gic-version=$*,dumpdtb=$@ -cpu cortex-a57 \
		-smp 4 -m 3G -display none >/dev/null

# The package is unpacked already where arm64's images were made.
$(DT_BOARDS_DIR)/list: $(SRC)/tools/make/fdt.mk $(SRC)/tools/images/fetch-deb
	@mkdir -p $(@D)
	$(Q)if [ ! -d $(OUT)/images/arm64/kernel/usr/lib ]; then \
		$(SRC)/tools/images/fetch-deb linux-image-arm64:arm64 $(@D)/deb; fi
	$(Q)cd $$(ls -d $(OUT)/images/arm64/kernel/usr/lib/linux-image-* $(@D)/deb/usr/lib/linux-image-* \
		2>/dev/null | head -n 1) && cp $(addsuffix .dtb,$(DT_BOARDS)) $(@D)
	$(Q)rm -rf $(@D)/deb
	$(Q)printf '%s\n' $(DT_BOARDS) > $@

unit: export DT_TREES_DIR = $(DT_DIR)
unit: export DT_BOARDS_DIR = $(OUT)/images/boards
unit: | $(DT_TREES) $(DT_BOARDS_DIR)/list
