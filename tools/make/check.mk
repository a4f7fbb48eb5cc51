# SPDX-License-Identifier: GPL-2.0-only
# What can be said of the tree without running it: layers, format, style, that the checks themselves
# find what they look for, and that two builds are equal.

PYTEST_TOOLS := $(PY) -B -m pytest -q -p no:cacheprovider --rootdir=$(SRC)/test/tools $(SRC)/test/tools

.PHONY: check
check: $(B)/bulkhead | $(DEPS_TEST)
	+$(Q)$(PY) $(SRC)/tools/run-tests \
		"layers=$(SRC)/tools/check-layers" \
		"format=$(SRC)/tools/check-format" \
		"style=$(SRC)/tools/check-style" \
		"the checks=$(PYTEST_TOOLS)" \
		"reproducible=$(SRC)/tools/check-reproducible $(MAKE) $(B) $(OUT)/check"
