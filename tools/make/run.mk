# QEMU: the images it boots, `make run`, `make iso`, and the tests as a whole.

# Not under $(OUT)/guest: `make clean` keeps what was downloaded.
IMG := $(OUT)/images
IMG_SRC := $(SRC)/tools/images
IMAGES := $(addprefix $(IMG)/,vmlinuz initramfs.gz disk.img)
DOM0_MODULES := virtio_pci virtio_blk virtio_net crc32c_generic ext4 ahci sd_mod e1000e \
	xen-evtchn xen-privcmd xen-gntdev xen-gntalloc xenfs

# Debian's kernel, unmodified.
$(IMG)/vmlinuz: $(IMG_SRC)/fetch-deb | $(DEPS_QEMU)
	@mkdir -p $(IMG)
	$(Q)$(IMG_SRC)/fetch-deb linux-image-amd64 $(IMG)/kernel
	$(Q)cp $(IMG)/kernel/boot/vmlinuz-* $@

$(IMG)/initramfs.gz: $(IMG)/vmlinuz $(IMG_SRC)/mkinitramfs $(shell find $(SRC)/tools/images/rootfs) \
		$(SRC)/tools/make/run.mk
	$(call say,INITRD,$(@F))
	$(Q)$(PY) $(IMG_SRC)/mkinitramfs --kernel $(IMG)/kernel --tree $(IMG_SRC)/rootfs \
		--output $@ $(DOM0_MODULES)

$(IMG)/disk.img: $(IMG_SRC)/mkdisk | $(DEPS_QEMU)
	$(call say,DISK,$(@F))
	@mkdir -p $(IMG)
	$(Q)$(IMG_SRC)/mkdisk $@

# Debian's Xen, to compare with: `make test-xen` runs the system tests on it.
$(IMG)/xen-4.17-amd64: $(IMG_SRC)/fetch-deb | $(DEPS_QEMU)
	@mkdir -p $(IMG)
	$(Q)$(IMG_SRC)/fetch-deb xen-hypervisor-4.17-amd64 $(IMG)/xen
	$(Q)gunzip -c $(IMG)/xen/boot/xen-4.17-amd64.gz > $@

.PHONY: images
images: $(IMAGES)
