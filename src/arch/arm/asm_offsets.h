/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the assembly of the boot and the vectors finds fields of C structures; cpu.c and traps.c
 * assert that they are there, and exit.c for enter.S. */
#ifndef ARCH_ARM_ASM_OFFSETS_H
#define ARCH_ARM_ASM_OFFSETS_H

#define PCPU_ARCH 88
#define ARCH_PCPU_EMERGENCY_TOP 0

/* struct smp_start */
#define SMP_START_MPIDR 0
#define SMP_START_PCPU 8
#define SMP_START_STACK 16
#define SMP_START_SIZE 24

/* struct trap_frame */
#define TRAP_X30 240
#define TRAP_SP 248
#define TRAP_PC 256
#define TRAP_PSTATE 264
#define TRAP_ESR 272
#define TRAP_FAR 280
#define TRAP_KIND 288
#define TRAP_RECORD 304
#define TRAP_SIZE 320

/* struct arch_vcpu, which begins with struct arm_regs */
#define VCPU_X30 240
#define VCPU_PC 248
#define VCPU_PSTATE 256

/* enum exit_vector */
#define EXIT_VECTOR_SYNC 0
#define EXIT_VECTOR_IRQ 1
#define EXIT_VECTOR_SERROR 2

#endif
