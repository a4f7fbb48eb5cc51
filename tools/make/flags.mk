# SPDX-License-Identifier: GPL-2.0-only
# Compilers and flags. Warnings are errors; the output depends on the sources alone.

ifeq ($(CC_FAMILY),)
CC_FAMILY := $(if $(CONFIG_CC_IS_CLANG),clang,gcc)
endif
CC := $(if $(filter clang,$(CC_FAMILY)),clang --target=$(CLANG_TARGET),$(CROSS)gcc)
OBJCOPY := $(CROSS)objcopy
LD := $(CROSS)ld
NM := $(CROSS)nm

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wundef -Wpointer-arith -Wwrite-strings -Wvla -Wimplicit-fallthrough -Wno-unused-parameter \
	-Wno-missing-field-initializers -Wno-sign-compare -Wformat=2
ifeq ($(CC_FAMILY),clang)
WARN += -Wno-gnu-variable-sized-type-not-at-end
endif

# Neither the image nor the build-id, which covers the debug information, knows where it was built:
# of these, gcc takes the last that fits and clang the shortest.
PREFIX_MAP := -fdebug-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(SRC)/= \
	-ffile-prefix-map=$(B)/=./build/$(ARCH)/

CFLAGS_BASE := -std=gnu11 -O2 -g -fno-strict-aliasing -fno-common -fwrapv $(WARN) $(PREFIX_MAP) \
	-I$(SRC)/src -I$(B)/include \
	-include $(B)/include/generated/config.h

# For assembly, behind the flags of C. clang's assembler would name the source's folder.
ASFLAGS_BASE := -D__ASSEMBLY__ $(if $(filter clang,$(CC_FAMILY)),-g0)

# Newer than everything that was compiled with other flags or by another compiler.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(strip $(filter-out $(PREFIX_MAP),$(CC) $(HV_CFLAGS) $(ASFLAGS_BASE) \
		$(UNPACK_CFLAGS) $(GUEST_CFLAGS) $(HOST_CFLAGS) $(SAN)))' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
.PHONY: FORCE

# The public ABI headers of libxen-dev, reached through a link so that no other host header is seen.
$(B)/include/xen: | $(DEPS_BUILD) $(DEPS_ARCH)
	$(Q)mkdir -p $(@D)
	$(Q)ln -sfn /usr/include/xen $@

# $(call visit,folder): adds the folder's objects to OBJS, recursively.
define visit
obj-y :=
subdir-y :=
ifeq ($$(wildcard $(SRC)/$(1)/Kbuild),)
$$(warning $(1)/Kbuild is missing: nothing of that folder is built)
else
include $(SRC)/$(1)/Kbuild
endif
OBJS += $$(addprefix $(1)/,$$(obj-y))
SUBDIRS_$(subst /,_,$(1)) := $$(subdir-y)
endef
visit-tree = $(eval $(call visit,$(1)))$(foreach d,$(SUBDIRS_$(subst /,_,$(1))),$(call visit-tree,$(1)/$(patsubst %/,%,$(d))))
