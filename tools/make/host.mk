# SPDX-License-Identifier: GPL-2.0-only
# arch/host: the core as a Linux process. Unit tests (gcc or clang, ASan and UBSan) and fuzz targets
# (clang, libFuzzer) link the real sources as one archive each.

HOST_KBUILD := src/arch/host/Kbuild
include $(SRC)/$(HOST_KBUILD)

HOST_CFLAGS := $(CFLAGS_BASE) -DBULKHEAD_HOST=1 -I$(SRC)/src/arch/host/include \
	-I$(SRC)/test -fno-omit-frame-pointer -O1
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined

# $(call host-lib,dir,compiler,flags)
define host-lib
$(OUT)/$(1)/%.o: $(SRC)/%.c $(B)/auto.conf $(B)/flags | $(B)/include/xen $$(DEPS_TEST)
	@mkdir -p $$(@D)
	$$(Q)$(2) $$(HOST_CFLAGS) $(3) -MMD -MP -c $$< -o $$@
$(OUT)/$(1)/libbulkhead.a: $$(addprefix $(OUT)/$(1)/,$$(host-objs:.c=.o))
	$$(Q)rm -f $$@ && ar rcs $$@ $$^
-include $$(patsubst %.c,$(OUT)/$(1)/%.d,$$(host-objs))
endef
$(eval $(call host-lib,host,gcc,$(SAN)))
$(eval $(call host-lib,fuzz,clang,$(SAN) -fsanitize=fuzzer-no-link))

UNIT_SRC := $(notdir $(wildcard $(SRC)/test/unit/test_*.c))
UNIT_BIN := $(patsubst %.c,$(OUT)/host/bin/%,$(UNIT_SRC))
FUZZ_SRC := $(notdir $(wildcard $(SRC)/test/fuzz/fuzz_*.c))
FUZZ_BIN := $(patsubst %.c,$(OUT)/fuzz/bin/%,$(FUZZ_SRC))

$(OUT)/host/bin/%: $(OUT)/host/test/unit/%.o $(OUT)/host/test/unit/harness.o $(OUT)/host/libbulkhead.a
	@mkdir -p $(@D)
	$(Q)gcc $(SAN) -o $@ $^ $(HOST_LIBS) -lpthread
$(OUT)/fuzz/bin/%: $(OUT)/fuzz/test/fuzz/%.o $(OUT)/fuzz/libbulkhead.a
	@mkdir -p $(@D)
	$(Q)clang $(SAN) -fsanitize=fuzzer -o $@ $^ $(HOST_LIBS)
.SECONDARY:
-include $(wildcard $(OUT)/host/test/unit/*.d $(OUT)/fuzz/test/fuzz/*.d)

.PHONY: unit fuzz
unit: $(UNIT_BIN)
	$(Q)$(PY) $(SRC)/tools/run-unit $^
FUZZ_SECONDS ?= 20
fuzz: $(FUZZ_BIN)
	$(Q)$(PY) $(SRC)/tools/run-fuzz --seconds $(FUZZ_SECONDS) --corpus $(SRC)/test/fuzz/corpus $^
