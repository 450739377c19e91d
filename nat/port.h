/* SPDX-License-Identifier: GPL-2.0 */
/* Which ports a translation may use, and in what order they are tried. PURE. */
#ifndef CTRACK_PORT_H
#define CTRACK_PORT_H

#include <linux/types.h>

/**
 * struct ctrack_ports - ports to choose from
 * @first: the lowest, host order
 * @count: how many, 1 to 65536
 */
struct ctrack_ports {
	__u16 first;
	__u32 count;
};

struct ctrack_ports ctrack_ports_between(__u16 low, __u16 high);
struct ctrack_ports ctrack_ports_like(__u16 port);
bool ctrack_ports_contain(const struct ctrack_ports *ports, __u16 port);
__u16 ctrack_ports_at(const struct ctrack_ports *ports, __u32 start, __u32 i);
__u32 ctrack_ports_next(const struct ctrack_ports *ports, __u32 start, __u32 i,
			const unsigned long *taken);

#endif
