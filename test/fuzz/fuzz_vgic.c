/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual GIC: any sequence of register accesses, SGI registers, injections, acknowledges, ends
 * and moves. Nothing is touched that is not the domain's, list registers hold only what hardware
 * takes, and no access waits for ever.
 */
#include "core/log.h"
#include "unit/vgic_machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const struct unit *const units[] = { &sched_unit, &bus_unit, &model_unit, &vgic_unit };
const unsigned int unit_count = ARRAY_SIZE(units);

#define VCPUS 3
#define OPS_MAX 256

struct op {
	u8 kind, vcpu;
	u16 offset;
	u32 value, high;
} __packed;

static struct domain *d;

static u64 region_of(u8 kind)
{
	static const u64 starts[] = { MODEL_DIST, MODEL_DIST, MODEL_REDIST, MODEL_SGI_FRAME(0),
		MODEL_SGI_FRAME(1), MODEL_SGI_FRAME(2), MODEL_REDIST + 3 * 0x20000, MODEL_DIST };

	return model.v3 ? starts[kind % 8] : MODEL_DIST;
}

static void access_register(struct vcpu *v, const struct op *o)
{
	u64 value = (u64)o->high << 32 | o->value;
	u8 size = (u8)(1U << (o->kind >> 5 & 3));
	u64 offset = model.v3 ? o->offset : o->offset % 0xff8;

	model_access(v, region_of(o->vcpu >> 4) + offset, size, (o->kind & 0x80) != 0, value);
}

static void write_sysreg(struct vcpu *v, const struct op *o)
{
	u64 value = (u64)o->high << 32 | o->value;

	model_be(v);
	vgic_sysreg(v, SYSREG(3, 0, 12, 11 + (o->offset & 1), o->offset >> 1 & 7),
		(o->kind & 0x80) != 0, &value);
}

static void move(struct vcpu *v, unsigned int cpu)
{
	if (model_loaded(v)) {
		model_unload(v);
	}
	if (!pcpus[cpu]->current) {
		model_load(v, cpu);
	}
}

static void set_interface(struct vcpu *v, u32 value)
{
	model_cpus[v->cpu->id].state.vmcr = (value & 0xf8000000) | (value & 3);
}

/* What only a vCPU that runs can do. */
static void guest_op(struct vcpu *v, const struct op *o)
{
	switch (o->kind & 7) {
	case 0:
		write_sysreg(v, o);
		break;
	case 1:
		if (model_guests[v->id].depth < MODEL_NESTING) {
			model_ack(v);
		}
		break;
	case 2:
		model_eoi(v);
		break;
	case 3:
		set_interface(v, o->value);
		break;
	case 4:
		model_be(v);
		vgic_has_pending(v);
		break;
	default:
		access_register(v, o);
		break;
	}
}

static void machine_op(struct vcpu *v, const struct op *o)
{
	switch (o->kind & 7) {
	case 0:
		vgic_set_level(d, v, o->offset & 0x3ff, o->value & 1);
		break;
	case 1:
		vgic_pulse(d, v, o->offset & 0x3ff);
		break;
	case 2:
		model_fire(d, 32 + o->offset % 64);
		break;
	case 3:
		vgic_inject_hw(d, v, 16 + o->offset % 16, 27);
		break;
	case 4:
		move(v, o->value % MODEL_CPUS);
		break;
	case 5:
		model_settle(v);
		break;
	case 6:
		model_be(v);
		vgic_vcpu_reset(v);
		model_guests[v->id].depth = 0;
		break;
	default:
		vgic_unit.dump();
		break;
	}
}

static void run(const struct op *o)
{
	struct vcpu *v = d->vcpus[o->vcpu % VCPUS];

	host_be_cpu(0);
	if ((o->kind & 0x10) != 0) {
		machine_op(v, o);
	} else if (model_loaded(v)) {
		guest_op(v, o);
	}
	if ((o->kind & 8) != 0) {
		model_settle_all(d);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool booted;

	if (!booted) {
		host_boot(MODEL_CPUS, MiB(64));
		log_set_levels(false, "none");
		booted = true;
	}
	if (size < 1) {
		return 0;
	}
	model.v3 = data[0] & 1;
	model.lr_count = data[0] & 2 ? 2 : 4;
	d = model_domain(VCPUS, data[0] & 4 ? 992 : 64);
	for (unsigned int i = 0; i < VCPUS; i++) {
		d->vcpus[i]->cpu = pcpus[i];
	}
	model_start(d);
	for (size_t at = 1, n = 0; at + sizeof(struct op) <= size && n < OPS_MAX; n++) {
		struct op o;

		memcpy(&o, data + at, sizeof(o));
		run(&o);
		at += sizeof(o);
	}
	model_settle_all(d);
	model_end(d);
	return 0;
}
