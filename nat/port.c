// SPDX-License-Identifier: GPL-2.0
/* PURE: compiled into ctrack_nat.ko and into the userspace tests. */
#include "nat/port.h"

/**
 * ctrack_ports_between - the ports that a rule names
 * @low: one end, host order
 * @high: the other end, included; the two may be swapped
 *
 * Return: the ports, at least one.
 */
struct ctrack_ports ctrack_ports_between(__u16 low, __u16 high)
{
	struct ctrack_ports ports = {
		.first = low < high ? low : high,
	};

	ports.count = (__u32)(low < high ? high : low) - ports.first + 1;
	return ports;
}

/**
 * ctrack_ports_like - what may stand for a port when the rule names none
 * @port: the port, host order
 *
 * A privileged port stays privileged and another stays another, because some
 * servers ask for it (RFC 4787 REQ-3a). Below 512 the difference matters to
 * the r-commands.
 *
 * Return: the ports, without 0.
 */
struct ctrack_ports ctrack_ports_like(__u16 port)
{
	if (port < 512)
		return ctrack_ports_between(1, 511);
	if (port < 1024)
		return ctrack_ports_between(600, 1023);
	return ctrack_ports_between(1024, 65535);
}

/**
 * ctrack_ports_contain - is a port among them?
 * @ports: the ports
 * @port: host order
 *
 * Return: true when it is.
 */
bool ctrack_ports_contain(const struct ctrack_ports *ports, __u16 port)
{
	return port >= ports->first && port < ports->first + ports->count;
}

/**
 * ctrack_ports_at - the next port to try
 * @ports: the ports
 * @start: where the search began, any number
 * @i: how many were tried
 *
 * Return: for @i from 0 to one below the count, each port once; host order.
 */
__u16 ctrack_ports_at(const struct ctrack_ports *ports, __u32 start, __u32 i)
{
	return ports->first + (start % ports->count + i) % ports->count;
}
