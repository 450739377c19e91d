// SPDX-License-Identifier: GPL-2.0
/* PURE: compiled into ctrack_nat.ko and into the userspace tests. */
#include <linux/bitmap.h>

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

/**
 * ctrack_ports_next - pass over ports that are known to be taken
 * @ports: the ports
 * @start: where the search began, any number
 * @i: how many were tried or passed over, at most the count
 * @taken: a bit for each of 65,536 ports; or NULL
 *
 * Return: the least number from @i on, for ctrack_ports_at(), whose port has a
 * bit that is 0; the count when there is none.
 */
__u32 ctrack_ports_next(const struct ctrack_ports *ports, __u32 start, __u32 i,
			const unsigned long *taken)
{
	__u32 begin = ports->first + start % ports->count;
	__u32 end = ports->first + ports->count;
	__u32 port = begin + i;

	if (!taken)
		return i;
	if (port < end) {
		port = find_next_zero_bit(taken, end, port);
		if (port < end)
			return port - begin;
	}
	/* On from the lowest, up to where it began. */
	return find_next_zero_bit(taken, begin, port - ports->count) +
	       ports->count - begin;
}
