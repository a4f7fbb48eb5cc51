/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of CPUID features, for options. Pure. */
#ifndef ARCH_X86_FEATURES_H
#define ARCH_X86_FEATURES_H

#include "lib/types.h"

/* The number (XEN_X86_FEATURE_*) of the feature that the n characters at s name: "avx2", "no-avx2",
 * "avx2=no"; case and '-' or '_' do not matter. -EINVAL: there is none. */
int features_lookup(const char *s, size_t n, bool *set);

#endif
