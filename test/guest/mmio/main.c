/* SPDX-License-Identifier: GPL-2.0-only */
/* The order of the tests, and those that need no table of forms. */
#include "mmio.h"

#include "guest/lib/hypercall.h"
#include "guest/lib/start.h"
#include "lib/string.h"
#include <xen/memory.h>

static u8 mmio_ram[3 * PAGE_SIZE] __aligned(PAGE_SIZE);

#define READ(type, address) (*(volatile type *)(address))
#define WRITE(type, address, v) (*(volatile type *)(address) = (v))

/* Code of other sizes: stores EAX, loads EBX, exchanges ECX with 5, sets bit 8. */
extern const u8 mmio_code32[], mmio_code16[];
__asm__(".pushsection .text\n"
	".code32\n"
	"mmio_code32:\n"
	"	mov %eax, (%edi)\n	mov (%edi), %ebx\n	mov $5, %ecx\n	xchg %ecx, (%edi)\n"
	"	orl $0x100, (%edi)\n	mov (%edi), %edx\n	mov %edi, %esi\n	lodsl\n	"
	"lret\n"
	".balign 16\n"
	".code16\n"
	"mmio_code16:\n"
	"	mov %eax, (%edi)\n	mov (%edi), %ebx\n	mov $5, %ecx\n	xchg %ecx, (%edi)\n"
	"	orl $0x100, (%edi)\n	mov (%edi), %edx\n	mov %edi, %esi\n"
	"	.byte 0x67, 0x66, 0xad /* lodsl */\n	lretl\n"
	".code64\n"
	".popsection");

static void modes_run(const void *code, const char *bits, bool wide)
{
	struct code_regs r = { .eax = 0x89abcdef, .edi = APIC_DEFAULT_BASE + APIC_TMICT };

	if (wide) {
		code_call32(code, &r);
	} else {
		code_call16(code, &r);
	}
	CHECK_EQ(r.ebx, 0x89abcdef, "%s-bit code: store and load", bits);
	CHECK_EQ(r.ecx, 0x89abcdef, "%s-bit code: XCHG", bits);
	CHECK_EQ(r.edx, 0x105, "%s-bit code: OR", bits);
	CHECK_EQ(r.eax, 0x105, "%s-bit code: LODS", bits);
	CHECK_EQ(r.esi, APIC_DEFAULT_BASE + APIC_TMICT + 4, "%s-bit code: LODS moves ESI", bits);
}

void test_modes(void)
{
	modes_run(mmio_code32, "32", true);
	modes_run(mmio_code16, "16", false);
	apic_write(APIC_TMICT, 0);
}

static void nothing_strings(void)
{
	const void *from = (const void *)NOTHING;
	void *to = mmio_ram;
	u64 count = 300;

	memset(mmio_ram, 0, sizeof(mmio_ram));
	__asm__ volatile("rep movsb" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
	CHECK_EQ(count, 0, "REP MOVSB from nothing counts down");
	CHECK_EQ((uintptr_t)from, NOTHING + 300, "it moves RSI");
	CHECK(mmio_ram[0] == 0xff && mmio_ram[299] == 0xff && mmio_ram[300] == 0,
		"it writes as many bytes of ones");
	from = mmio_ram;
	to = (void *)(NOTHING + PAGE_SIZE - 64);
	count = 32;
	__asm__ volatile("rep movsl" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
	CHECK_EQ(count, 0, "REP MOVSL to nothing, across pages");
	to = (void *)(NOTHING + 256);
	count = 16;
	__asm__ volatile("std\n\trep stosq\n\tcld" : "+D"(to), "+c"(count) : "a"(0) : "memory");
	CHECK_EQ((uintptr_t)to, NOTHING + 256 - 128, "REP STOSQ to nothing, downwards");
}

/* A page of ours is given back: an access may begin in RAM and end in nothing. */
static void nothing_beside_ram(void)
{
	xen_pfn_t frame = ((uintptr_t)mmio_ram >> PAGE_SHIFT) + 1;
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };
	u8 *hole = mmio_ram + PAGE_SIZE;

	set_xen_guest_handle(r.extent_start, &frame);
	hypercall(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &r);
	CHECK_EQ(READ(u8, hole), 0xff, "a hole in RAM reads as ones");
	WRITE(u32, hole - 4, 0x11223344);
	CHECK_EQ(READ(u64, hole - 4), 0xffffffff11223344, "8 bytes from RAM into the hole");
	WRITE(u64, hole - 4, 0x5566778899aabbcc);
	CHECK_EQ(READ(u32, hole - 4), 0x99aabbcc, "a write into the hole leaves its part in RAM");
	WRITE(u32, hole + PAGE_SIZE, 0x77777777);
	CHECK_EQ(READ(u64, hole + PAGE_SIZE - 4), 0x77777777ffffffff, "8 bytes out of the hole");
	hypercall(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &r);
}

void test_nothing(void)
{
	u64 low = 0, high = 0;

	CHECK_EQ(READ(u8, NOTHING), 0xff, "nothing reads as ones, 1 byte");
	CHECK_EQ(READ(u16, NOTHING + 2), 0xffff, "2 bytes");
	CHECK_EQ(READ(u32, NOTHING + 4), 0xffffffff, "4 bytes");
	CHECK_EQ(READ(u64, NOTHING + 8), ~0ULL, "8 bytes");
	CHECK_EQ(READ(u32, NOTHING + 0x11), 0xffffffff, "4 bytes, unaligned");
	CHECK_EQ(READ(u64, NOTHING + PAGE_SIZE - 3), ~0ULL, "8 bytes across pages");
	__asm__ volatile("movups (%2), %%xmm0\n\tmovq %%xmm0, %0\n\tpsrldq $8, %%xmm0\n\t"
			 "movq %%xmm0, %1"
			 : "=r"(low), "=r"(high)
			 : "r"(NOTHING + 32)
			 : "memory");
	CHECK_EQ(low & high, ~0ULL, "16 bytes");
	__asm__ volatile("movups %%xmm0, (%0)" : : "r"(NOTHING + 32) : "memory");
	WRITE(u8, NOTHING, 0);
	WRITE(u64, NOTHING + 8, 0);
	CHECK_EQ(READ(u64, NOTHING), ~0ULL, "writes are dropped");
	CHECK_FAULT(TRY("lock incl (%[p])", [p] "r"(NOTHING)), 0, "LOCK INC of nothing");
	nothing_strings();
	nothing_beside_ram();
}

static u32 ioapic_read(u32 index)
{
	WRITE(u32, IOAPIC, index);
	return READ(u32, IOAPIC + 0x10);
}

static void ioapic_write(u32 index, u32 v)
{
	WRITE(u32, IOAPIC, index);
	WRITE(u32, IOAPIC + 0x10, v);
}

void test_ioapic(void)
{
	const u32 pin = 0x10 + 2 * 22;
	u32 version = ioapic_read(1), low = ioapic_read(pin), high = ioapic_read(pin + 1);

	CHECK(ioapic_read(1) >> 16 >= 23 && ioapic_read(1) >> 16 < 240, "I/O APIC: pins");
	CHECK((version & 0xff) >= 0x11, "I/O APIC: version");
	WRITE(u32, IOAPIC, pin);
	CHECK_EQ(READ(u32, IOAPIC) & 0xff, pin, "I/O APIC: the index reads as written");
	ioapic_write(pin, 0x10000 | 0xa000 | 0x66);
	CHECK_EQ(ioapic_read(pin), 0x10000 | 0xa000 | 0x66, "I/O APIC: an entry's lower half");
	ioapic_write(pin + 1, 0x02000000);
	CHECK_EQ(ioapic_read(pin + 1), 0x02000000, "I/O APIC: an entry's upper half");
	WRITE(u32, IOAPIC, pin);
	__asm__ volatile("andl $0xffff7fff, (%0)" : : "r"(IOAPIC + 0x10) : "memory", "cc");
	CHECK_EQ(ioapic_read(pin), 0x10000 | 0x2000 | 0x66, "I/O APIC: AND on the window");
	__asm__ volatile("btsl $15, (%0)" : : "r"(IOAPIC + 0x10) : "memory", "cc");
	CHECK_EQ(ioapic_read(pin), 0x10000 | 0xa000 | 0x66, "I/O APIC: BTS on the window");
	__asm__ volatile("xorl $0x77, (%0)" : : "r"(IOAPIC + 0x10) : "memory", "cc");
	CHECK_EQ(ioapic_read(pin), 0x10000 | 0xa000 | 0x11, "I/O APIC: XOR on the window");
	ioapic_write(1, 0);
	CHECK_EQ(ioapic_read(1), version, "I/O APIC: the version cannot be written");
	ioapic_read(0x10 + 2 * 200);
	ioapic_write(0x10 + 2 * 200, ~0U);
	CHECK_EQ(ioapic_read(1), version, "I/O APIC: entries beyond the last do no harm");
	ioapic_write(pin, low | 0x10000);
	ioapic_write(pin + 1, high);
}

static u32 config_port(u32 address)
{
	outl(0xcf8, BIT32(31) | address);
	return inl(0xcfc);
}

/* The machine's bridge says where the memory-mapped configuration space is (Intel Q35, 5.1.16). */
void test_config_space(void)
{
	u64 base = config_port(0x60) & 0xfc000000;
	u32 id = config_port(0);

	CHECK(id != 0 && id != ~0U, "00:00.0 is there");
	CHECK(config_port(0x60) & 1, "it has memory-mapped configuration space");
	CHECK_EQ(READ(u32, base), id, "4 bytes of it");
	CHECK_EQ(READ(u16, base + 2), id >> 16, "2 bytes of it");
	CHECK_EQ(READ(u8, base + 1), id >> 8 & 0xff, "1 byte of it");
	CHECK_EQ((u32)READ(u64, base), id, "8 bytes of it");
	CHECK_EQ(READ(u32, base + (31 << 15)), config_port(31 << 11), "00:1f.0 by both ways");
	CHECK_EQ(READ(u32, base + (9 << 15)), ~0U, "a device that is not there, by memory");
	CHECK_EQ(config_port(9 << 11), ~0U, "and by ports");
	outl(0xcf8, BIT32(31));
	CHECK_EQ(inw(0xcfe), id >> 16, "2 bytes by ports");
	CHECK_EQ(inb(0xcfd), id >> 8 & 0xff, "1 byte by ports");
	CHECK_EQ(inl(0xcf8), BIT32(31), "the address reads as written");
}

void test_ports(void)
{
	static u8 buf[64];
	static u32 address = BIT32(31);
	const void *from = &address;
	void *to = buf;
	u64 count = 8;
	u32 id = config_port(0);

	CHECK_EQ(inb(0x5678), 0xff, "a port without device, 1 byte");
	CHECK_EQ(inw(0x5678), 0xffff, "2 bytes from ports");
	CHECK_EQ(inl(0x5678), 0xffffffff, "4 bytes from ports");
	outb(0x5678, 0);
	outl(0x5678, 0);
	memset(buf, 0, sizeof(buf));
	__asm__ volatile("rep insb" : "+D"(to), "+c"(count) : "d"(0x5678) : "memory");
	CHECK(count == 0 && to == buf + 8, "REP INSB counts");
	CHECK(buf[7] == 0xff && buf[8] == 0, "REP INSB writes as many bytes");
	__asm__ volatile("outsl" : "+S"(from) : "d"(0xcf8) : "memory");
	CHECK_EQ((uintptr_t)from, (uintptr_t)&address + 4, "OUTSL moves RSI");
	to = buf + 16;
	__asm__ volatile("insl" : "+D"(to) : "d"(0xcfc) : "memory");
	CHECK_EQ(*(u32 *)(uintptr_t)(buf + 16), id, "INSL after OUTSL: 00:00.0");
	to = buf + 40;
	count = 3;
	__asm__ volatile("std\n\trep insw\n\tcld" : "+D"(to), "+c"(count) : "d"(0x5678) : "memory");
	CHECK(to == buf + 34 && buf[41] == 0xff && buf[36] == 0xff && buf[35] == 0,
		"REP INSW downwards");
	to = (void *)0x7f0000000000;
	CHECK_EQ(FAULT_VECTOR(TRY("insb", "D"(to), "d"(0x5678))), VEC_PF,
		"INSB to an unmapped page");
	CHECK_EQ(trap_last_cr2(), 0x7f0000000000, "CR2 is that page");
	count = 0;
	__asm__ volatile("rep outsb" : "+S"(from), "+c"(count) : "d"(0x80) : "memory");
	CHECK_EQ(count, 0, "REP OUTSB of nothing");
}

void guest_main(void)
{
	apic_enable(false);
	test_nothing();
	test_ioapic();
	test_config_space();
	test_ports();
	test_modes();
	test_forms();
}
