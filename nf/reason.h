/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a packet was found invalid or dropped: every refusal has a name, and
 * each such packet is counted under exactly one. PURE.
 */
#ifndef CTRACK_REASON_H
#define CTRACK_REASON_H

/*
 * X(name, text): the name is what `ctctl stats` prints and scripts match, so
 * names are only ever added; the text is for people.
 */
#define CTRACK_REASONS(X)						\
	X(ip_header, "IP header is short or lies about its length")	\
	X(ip_fragment, "fragment that could not be reassembled")	\
	X(ip_extension, "IPv6 extension headers can't be followed")	\
	X(transport_header, "transport header is cut short")		\
	X(transport_length, "transport length and packet disagree")	\
	X(checksum, "checksum is wrong")				\
	X(tcp_offset, "TCP data offset is out of range")		\
	X(tcp_flags, "TCP flags that no segment may carry together")	\
	X(tcp_state, "TCP segment does not fit the connection's state")	\
	X(tcp_window, "TCP segment lies outside the window")		\
	X(tcp_ack, "TCP segment acknowledges what was never sent")	\
	X(tcp_reset, "TCP reset whose sequence number does not fit")	\
	X(tcp_midstream, "TCP segment of an unknown connection")	\
	X(icmp_type, "ICMP type that is not known")			\
	X(icmp_answer, "ICMP answer without a query")			\
	X(icmp_inner, "ICMP error quotes a packet that can't be read")	\
	X(icmp_unrelated, "ICMP error about an unknown connection")	\
	X(icmp_redirect, "ICMPv6 redirect from no router on the link")	\
	X(sctp_chunk, "SCTP chunk lies about its length, or there is none") \
	X(sctp_bundle, "SCTP chunks that must not be together")		\
	X(sctp_vtag, "SCTP verification tag is wrong")			\
	X(sctp_collision, "SCTP INIT ACK contradicts an INIT")		\
	X(sctp_unknown, "SCTP packet of an unknown association")	\
	X(dccp_offset, "DCCP data offset is out of range")		\
	X(dccp_type, "DCCP type that is not known, or cut short")	\
	X(dccp_state, "DCCP packet does not fit the connection's state") \
	X(dccp_unknown, "DCCP packet of an unknown connection")		\
	X(gre_header, "GRE header is cut short or is not PPTP's")	\
	X(protocol_state, "packet does not fit the connection's state")	\
	X(ip_reassembly, "IPv6 fragments overlap or contradict each other") \
	X(table_full, "table is full")					\
	X(chain_too_long, "far too many connections have the same hash")	\
	X(no_memory, "out of memory")					\
	X(reply_taken, "another connection has the reply key")		\
	X(nat_no_port, "no free port for the translation")		\
	X(nat_no_address, "no address to translate to")			\
	X(nat_rewrite, "packet could not be rewritten")			\
	X(nat_route, "no route after translation")			\
	X(nat_redirect, "ICMP redirect about a translated connection")	\
	X(nat_policy, "no IPsec policy after translation")

/**
 * enum ctrack_reason - why a packet was refused
 * @CTRACK_REASON_NONE: it was not; never counted
 * @CTRACK_REASON_COUNT: how many there are, the first included
 */
#define CTRACK_REASON_ENUM(name, text) CTRACK_REASON_##name,
enum ctrack_reason {
	CTRACK_REASON_NONE,
	CTRACK_REASONS(CTRACK_REASON_ENUM)
	CTRACK_REASON_COUNT
};

#undef CTRACK_REASON_ENUM

const char *ctrack_reason_name(enum ctrack_reason reason);
const char *ctrack_reason_text(enum ctrack_reason reason);

#endif
