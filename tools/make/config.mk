# SPDX-License-Identifier: GPL-2.0-only
# Kconfig: build/ARCH/.config, and from it auto.conf for make and include/generated/config.h for C.

CONFIG := $(B)/.config
# Without KCONFIG_OVERWRITECONFIG it would write into the source tree first.
KCONF := cd $(SRC) && ARCH=$(ARCH) KCONFIG_OVERWRITECONFIG=1 KCONFIG_CONFIG=$(CONFIG) KCONFIG_AUTOCONFIG=$(B)/auto.conf \
	KCONFIG_AUTOHEADER=$(B)/include/generated/config.h KCONFIG_TRISTATE=$(B)/tristate.conf

.PHONY: menuconfig defconfig olddefconfig
menuconfig: | $(DEPS_BUILD)
	@mkdir -p $(B)/include/generated
	$(KCONF) kconfig-mconf Kconfig

defconfig: | $(DEPS_BUILD)
	@mkdir -p $(B)/include/generated
	$(Q)$(KCONF) kconfig-conf --defconfig=$(SRC)/configs/$(ARCH)_defconfig Kconfig >/dev/null

# Others than the default: `make ARCH=arm64 partition_defconfig`.
%_defconfig: $(SRC)/configs/$(ARCH)_%_defconfig | $(DEPS_BUILD)
	@mkdir -p $(B)/include/generated
	$(Q)$(KCONF) kconfig-conf --defconfig=$< Kconfig >/dev/null

# After $(CONFIG) was edited by hand: new symbols get their defaults.
olddefconfig: $(CONFIG)
	$(Q)$(KCONF) kconfig-conf --olddefconfig Kconfig >/dev/null

$(CONFIG): | $(DEPS_BUILD)
	@mkdir -p $(B)/include/generated
	$(Q)$(KCONF) kconfig-conf --defconfig=$(SRC)/configs/$(ARCH)_defconfig Kconfig >/dev/null

# Both files are made of the configuration here, once every symbol of Kconfig has a value in it.
$(B)/auto.conf: $(CONFIG) $(SRC)/Kconfig | $(DEPS_BUILD)
	$(Q)$(KCONF) kconfig-conf --olddefconfig Kconfig >/dev/null
	$(Q)mkdir -p $(B)/include/config $(B)/include/generated
	$(Q)sed -n -e 's/^CONFIG_\([A-Z0-9_]*\)=y$$/#define CONFIG_\1 1/p' \
		-e 's/^CONFIG_\([A-Z0-9_]*\)=\([0-9x].*\)$$/#define CONFIG_\1 \2/p' \
		$(CONFIG) > $(B)/include/generated/config.h
	$(Q)grep '^CONFIG_' $(CONFIG) > $@ || true

BUILDS := $(if $(MAKECMDGOALS),$(filter-out clean distclean menuconfig defconfig %_defconfig olddefconfig deps, \
	$(MAKECMDGOALS)),all)
ifneq ($(BUILDS),)
-include $(B)/auto.conf
endif
