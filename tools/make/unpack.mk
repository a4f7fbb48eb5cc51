# SPDX-License-Identifier: GPL-2.0-only
# The unpacker (src/boot/unpack): the guest program that turns a kernel file into a running kernel.
# Debian's static compression libraries, without a C library: unpack.elf, and flat unpack.bin.

UNPACK := $(B)/unpack
UNPACK_DIR := src/boot/unpack
include $(SRC)/$(UNPACK_DIR)/Kbuild
UNPACK_OBJS := $(addprefix $(UNPACK)/,$(addprefix $(UNPACK_DIR)/,$(unpack-y)) $(unpack-lib-y))
UNPACK_ARCHIVES := $(addprefix /usr/lib/x86_64-linux-gnu/lib,lzma.a z.a bz2.a lzo2.a lz4.a zstd.a)

UNPACK_CFLAGS := $(CFLAGS_BASE) -m64 -march=x86-64 -ffreestanding -fno-pic -fno-pie -mno-red-zone \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none \
	-ffunction-sections -fdata-sections

# The formats that zstd had before its first stable release, which Linux never used: with their
# entry points defined already, their decoders (80 KiB) stay out of the link.
UNPACK_ABSENT := $(foreach v,v05 v06 v07,$(addprefix ZSTD$(v)_,createDCtx decompress_usingDict \
	findFrameSizeInfoLegacy freeDCtx getFrameParams) $(addprefix ZBUFF$(v)_,createDCtx \
	decompressContinue decompressInitDictionary freeDCtx))

$(UNPACK)/%.o: $(SRC)/%.c $(B)/auto.conf $(B)/flags | $(B)/include/xen $(DEPS_BUILD)
	$(call say,CC,$*.c)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UNPACK_CFLAGS) -MMD -MP -c $< -o $@
$(UNPACK)/%.o: $(SRC)/%.S $(B)/auto.conf $(B)/flags | $(DEPS_BUILD)
	$(call say,AS,$*.S)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UNPACK_CFLAGS) $(ASFLAGS_BASE) -MMD -MP -c $< -o $@
$(UNPACK)/unpack.lds: $(SRC)/$(UNPACK_DIR)/unpack.lds.S $(SRC)/$(UNPACK_DIR)/unpack_header.h
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -D__ASSEMBLER__ -x c -I$(SRC)/src $< -o $@

$(B)/unpack.elf: $(UNPACK_OBJS) $(UNPACK)/unpack.lds $(SRC)/tools/make/unpack.mk
	$(call say,LD,$@)
	$(Q)$(LD) -m elf_x86_64 -static -nostdlib --gc-sections --build-id=none --fatal-warnings \
		--no-warn-rwx-segments -z noexecstack -z max-page-size=4096 \
		$(patsubst %,--defsym=%=libc_absent,$(UNPACK_ABSENT)) -T $(UNPACK)/unpack.lds \
		-Map=$(UNPACK)/unpack.map -o $@ $(UNPACK_OBJS) $(UNPACK_ARCHIVES)
$(B)/unpack.bin: $(B)/unpack.elf
	$(Q)$(OBJCOPY) -O binary $< $@
	@printf '  %-7s %s: %s bytes\n' SIZE $@ "$$(stat -c %s $@)"

-include $(UNPACK_OBJS:.o=.d)

.PHONY: unpack
unpack: $(B)/unpack.bin
