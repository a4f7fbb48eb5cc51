/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IVRS: AMD's IOMMUs, the devices behind each, and memory that devices must keep reaching (AMD
 * 48882, chapter 5). A unit may be described by several generations of IVHD; the newest counts.
 */
#include "core/log.h"
#include "drv/acpi/acpi_parse.h"
#include "lib/string.h"

/* Entries say their length by their type: 4 << (type >> 6) bytes, but for the named ones. */
#define ACPI_IVHD_HID_SIZE 22 /* and the unique id behind */
#define ACPI_IVHD_HID_UID_LENGTH 21

/* The start entry of a range waits here for its end. */
struct acpi_ivrs_range {
	bool open;
	struct acpi_ivrs_dev dev;
};

static void acpi_ivrs_dev_add(struct acpi_info *info, const struct acpi_ivrs_dev *dev)
{
	struct acpi_ivrs_dev *d;

	if (dev->last < dev->first) {
		log_warn("ACPI: IVRS: device range %#x to %#x is empty: ignored", dev->first,
			dev->last);
		return;
	}
	d = acpi_list_take(info, ACPI_LIST_IVRS_DEVS);
	if (d) {
		*d = *dev;
	}
}

static void acpi_ivrs_special(struct acpi_info *info, u16 ivhd, const struct acpi_ivhd_entry *e)
{
	struct acpi_special *s;

	if (e->special.kind != ACPI_SPECIAL_IOAPIC && e->special.kind != ACPI_SPECIAL_HPET) {
		return;
	}
	s = acpi_list_take(info, ACPI_LIST_SPECIALS);
	if (s) {
		s->ivhd = ivhd;
		s->devid = e->special.source;
		s->kind = e->special.kind;
		s->handle = e->special.handle;
		s->flags = e->flags;
	}
}

/* What the entry says about its device or the start of its range. */
static struct acpi_ivrs_dev acpi_ivrs_dev_of(u16 ivhd, const struct acpi_ivhd_entry *e)
{
	struct acpi_ivrs_dev dev = {
		.ivhd = ivhd,
		.first = e->devid,
		.last = e->devid,
		.flags = e->flags,
	};

	if (e->type == ACPI_IVHD_DEV_ALIAS || e->type == ACPI_IVHD_DEV_ALIAS_RANGE) {
		dev.has_alias = true;
		dev.alias = e->alias.source;
	}
	if (e->type == ACPI_IVHD_DEV_ALL) {
		dev.first = 0;
		dev.last = 0xffff;
	}
	return dev;
}

static void acpi_ivrs_entry(struct acpi_info *info, u16 ivhd, const struct acpi_ivhd_entry *e,
	struct acpi_ivrs_range *range)
{
	struct acpi_ivrs_dev dev;

	switch (e->type) {
	case ACPI_IVHD_DEV_ALL:
	case ACPI_IVHD_DEV_ONE:
	case ACPI_IVHD_DEV_ALIAS:
	case ACPI_IVHD_DEV_EXT:
		dev = acpi_ivrs_dev_of(ivhd, e);
		acpi_ivrs_dev_add(info, &dev);
		break;
	case ACPI_IVHD_DEV_RANGE:
	case ACPI_IVHD_DEV_ALIAS_RANGE:
	case ACPI_IVHD_DEV_EXT_RANGE:
		range->dev = acpi_ivrs_dev_of(ivhd, e);
		range->open = true;
		break;
	case ACPI_IVHD_DEV_RANGE_END:
		if (range->open) {
			range->dev.last = e->devid;
			acpi_ivrs_dev_add(info, &range->dev);
		}
		range->open = false;
		break;
	case ACPI_IVHD_DEV_SPECIAL:
		acpi_ivrs_special(info, ivhd, e);
		break;
	default:
		break; /* padding, named devices, and what comes later */
	}
}

/* The size of the entry at p, 0 if it does not fit into what is left. */
static u32 acpi_ivrs_entry_size(const u8 *p, u32 left)
{
	u32 size = 4U << (p[0] >> 6);

	if (p[0] == ACPI_IVHD_DEV_HID) {
		size = ACPI_IVHD_HID_SIZE;
		if (left >= size) {
			size += p[ACPI_IVHD_HID_UID_LENGTH];
		}
	}
	return size <= left ? size : 0;
}

static void acpi_ivrs_entries(struct acpi_info *info, u16 ivhd, const u8 *p, u32 left)
{
	struct acpi_ivrs_range range = { .open = false };
	struct acpi_ivhd_entry e;

	while (left > 0) {
		u32 size = acpi_ivrs_entry_size(p, left);

		if (size == 0) {
			log_warn("ACPI: IVRS: device entry of type %u is cut off: "
				 "the rest of its IVHD is ignored",
				p[0]);
			return;
		}
		e = (struct acpi_ivhd_entry){ .type = 0 };
		memcpy(&e, p, MIN(size, (u32)sizeof(e)));
		acpi_ivrs_entry(info, ivhd, &e, &range);
		p += size;
		left -= size;
	}
}

/* Forgets what an older description of a unit said about its devices. */
static void acpi_ivrs_forget(struct acpi_info *info, u16 ivhd)
{
	u16 devs = 0, specials = 0;

	for (unsigned int i = 0; i < info->ivrs_dev_count; i++) {
		if (info->ivrs_devs[i].ivhd != ivhd) {
			info->ivrs_devs[devs++] = info->ivrs_devs[i];
		}
	}
	info->ivrs_dev_count = devs;
	for (unsigned int i = 0; i < info->special_count; i++) {
		if (info->specials[i].ivhd != ivhd) {
			info->specials[specials++] = info->specials[i];
		}
	}
	info->special_count = specials;
}

/* Where to put a description of this unit; NULL if there is no room, or a newer one. */
static struct acpi_ivhd *acpi_ivrs_slot(struct acpi_info *info, const struct acpi_ivhd_raw *r)
{
	for (u16 i = 0; i < info->ivhd_count; i++) {
		struct acpi_ivhd *h = &info->ivhds[i];

		if (h->segment == r->segment && h->devid == r->devid) {
			if (h->type >= r->type) {
				return NULL;
			}
			acpi_ivrs_forget(info, i);
			return h;
		}
	}
	return acpi_list_take(info, ACPI_LIST_IVHDS);
}

static void acpi_ivrs_ivhd(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_ivhd_raw *r = (const void *)record;
	u32 header = r->type == ACPI_IVHD_10 ? ACPI_IVHD_V1_SIZE : (u32)sizeof(*r);
	struct acpi_ivhd *h = acpi_ivrs_slot(info, r);

	if (!h) {
		return;
	}
	*h = (struct acpi_ivhd){
		.type = r->type,
		.flags = r->flags,
		.devid = r->devid,
		.cap = r->cap,
		.segment = r->segment,
		.at = HPA(r->base),
		.info = r->info,
		.features = r->features,
		.efr = header == sizeof(*r) ? r->efr : 0,
	};
	acpi_ivrs_entries(info, (u16)(h - info->ivhds), record + header, size - header);
}

static void acpi_ivrs_ivmd(struct acpi_info *info, const u8 *record, u32 size)
{
	const struct acpi_ivmd_raw *r = (const void *)record;
	struct acpi_ivmd m = {
		.first = r->devid,
		.last = r->devid,
		.flags = r->flags,
		.at = HPA(r->start),
		.size = r->size,
	};
	struct acpi_ivmd *slot;

	if (r->type == ACPI_IVMD_ALL) {
		m.first = 0;
		m.last = 0xffff;
	} else if (r->type == ACPI_IVMD_RANGE) {
		m.last = r->aux;
	}
	if (m.last < m.first || m.size == 0 || m.at.v + m.size < m.at.v) {
		log_warn("ACPI: IVRS: IVMD of devices %#x to %#x at %#llx, %#llx bytes: ignored",
			m.first, m.last, (unsigned long long)m.at.v, (unsigned long long)m.size);
		return;
	}
	slot = acpi_list_take(info, ACPI_LIST_IVMDS);
	if (slot) {
		*slot = m;
	}
}

static const struct acpi_record_kind kinds[] = {
	{ ACPI_IVHD_10, ACPI_IVHD_V1_SIZE, acpi_ivrs_ivhd },
	{ ACPI_IVHD_11, sizeof(struct acpi_ivhd_raw), acpi_ivrs_ivhd },
	{ ACPI_IVHD_40, sizeof(struct acpi_ivhd_raw), acpi_ivrs_ivhd },
	{ ACPI_IVMD_ALL, sizeof(struct acpi_ivmd_raw), acpi_ivrs_ivmd },
	{ ACPI_IVMD_ONE, sizeof(struct acpi_ivmd_raw), acpi_ivrs_ivmd },
	{ ACPI_IVMD_RANGE, sizeof(struct acpi_ivmd_raw), acpi_ivrs_ivmd },
};

void acpi_ivrs_parse(struct acpi_info *info, const u8 *table, u32 size)
{
	static const struct acpi_record_fmt fmt = { "IVRS", 1, 2, 2 };
	const struct acpi_ivrs_raw *r = (const void *)table;

	info->has_ivrs = true;
	info->ivinfo = r->ivinfo;
	acpi_walk_records(
		info, table + sizeof(*r), size - (u32)sizeof(*r), &fmt, kinds, ARRAY_SIZE(kinds));
}
