/* SPDX-License-Identifier: GPL-2.0-only */
/* Included before everything else: every symbol is in this image, so no address needs a table. */
#ifndef LIB_HIDDEN_H
#define LIB_HIDDEN_H

#ifndef __ASSEMBLY__
#pragma GCC visibility push(hidden)
#endif

#endif
