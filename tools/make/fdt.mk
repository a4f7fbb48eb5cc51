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
