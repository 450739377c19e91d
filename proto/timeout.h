/* SPDX-License-Identifier: GPL-2.0 */
/* The timeouts of all protocols. PURE. */
#ifndef CTRACK_TIMEOUT_H
#define CTRACK_TIMEOUT_H

/*
 * X(name, sysctl name behind nf_conntrack_, default in seconds). The defaults
 * are those of the in-tree tracker, but for SCTP's set-up and shutdown; TCP's
 * established one is far above the 2 h 4 min that RFC 5382 REQ-5 asks for. RFC
 * 4787 REQ-5 allows a short one for UDP to a well-known port where it suits what
 * is there: that of DNS lasts longer than the 5 s after which a resolver asks
 * again.
 *
 * What an SCTP end sends again while it opens or shuts down must find its entry:
 * the longest gap is RTO.Max, 60 s (RFC 9260 section 16), and a timer may be
 * late, Linux's by an eighth.
 */
#define CTRACK_TIMEOUTS(X)						\
	X(TCP_NONE, "tcp_timeout_none", 120)				\
	X(TCP_SYN_SENT, "tcp_timeout_syn_sent", 120)			\
	X(TCP_SYN_SENT2, "tcp_timeout_syn_sent2", 120)			\
	X(TCP_SYN_RECV, "tcp_timeout_syn_recv", 60)			\
	X(TCP_ESTABLISHED, "tcp_timeout_established", 432000)		\
	X(TCP_FIN_WAIT, "tcp_timeout_fin_wait", 120)			\
	X(TCP_CLOSE_WAIT, "tcp_timeout_close_wait", 60)			\
	X(TCP_LAST_ACK, "tcp_timeout_last_ack", 30)			\
	X(TCP_TIME_WAIT, "tcp_timeout_time_wait", 120)			\
	X(TCP_CLOSE, "tcp_timeout_close", 10)				\
	X(TCP_MAX_RETRANS, "tcp_timeout_max_retrans", 300)		\
	X(TCP_UNACKNOWLEDGED, "tcp_timeout_unacknowledged", 300)	\
	X(UDP, "udp_timeout", 30)					\
	X(UDP_STREAM, "udp_timeout_stream", 120)			\
	X(UDP_DNS, "udp_timeout_dns", 10)				\
	X(ICMP, "icmp_timeout", 30)					\
	X(ICMPV6, "icmpv6_timeout", 30)					\
	X(GENERIC, "generic_timeout", 600)				\
	X(GRE, "gre_timeout", 30)					\
	X(GRE_STREAM, "gre_timeout_stream", 180)			\
	X(SCTP_CLOSED, "sctp_timeout_closed", 10)			\
	X(SCTP_COOKIE_WAIT, "sctp_timeout_cookie_wait", 70)		\
	X(SCTP_COOKIE_ECHOED, "sctp_timeout_cookie_echoed", 70)		\
	X(SCTP_ESTABLISHED, "sctp_timeout_established", 210)		\
	X(SCTP_SHUTDOWN_SENT, "sctp_timeout_shutdown_sent", 70)		\
	X(SCTP_SHUTDOWN_RECD, "sctp_timeout_shutdown_recd", 70)		\
	X(SCTP_SHUTDOWN_ACK_SENT, "sctp_timeout_shutdown_ack_sent", 70)	\
	X(SCTP_HEARTBEAT_SENT, "sctp_timeout_heartbeat_sent", 30)	\
	X(DCCP_REQUEST, "dccp_timeout_request", 240)			\
	X(DCCP_RESPOND, "dccp_timeout_respond", 480)			\
	X(DCCP_PARTOPEN, "dccp_timeout_partopen", 480)			\
	X(DCCP_OPEN, "dccp_timeout_open", 43200)			\
	X(DCCP_CLOSEREQ, "dccp_timeout_closereq", 64)			\
	X(DCCP_CLOSING, "dccp_timeout_closing", 64)			\
	X(DCCP_TIMEWAIT, "dccp_timeout_timewait", 240)

/**
 * enum ctrack_timeout - which of a namespace's timeouts applies
 * @CTRACK_TIMEOUT_COUNT: how many there are
 */
#define CTRACK_TIMEOUT_ENUM(name, sysctl, seconds) CTRACK_TIMEOUT_##name,
enum ctrack_timeout {
	CTRACK_TIMEOUTS(CTRACK_TIMEOUT_ENUM)
	CTRACK_TIMEOUT_COUNT
};

#undef CTRACK_TIMEOUT_ENUM

#endif
