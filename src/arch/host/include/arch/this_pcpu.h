/* SPDX-License-Identifier: GPL-2.0-only */
/* Every host thread may play one CPU. */
extern _Thread_local struct pcpu *host_pcpu;

static inline struct pcpu *this_pcpu(void)
{
	return host_pcpu;
}
