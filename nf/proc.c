// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/nf_conntrack, a line for each connection, and
 * /proc/net/stat/nf_conntrack, a line for each CPU: for programs that have read
 * them since before there was ctnetlink. The words are those they look for.
 */
#include <linux/netfilter/nf_conntrack_sctp.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>

#include "nf/netlink_parse.h"
#include "nf/proc.h"
#include "nf/secctx.h"

#define NAME	"nf_conntrack"

/* More than ever are in a bucket, by far: on average it is one or two. */
#define BATCH	64

/**
 * struct listing - a reader of the connections, between two reads
 * @cn: namespace
 * @position: how many were shown
 * @cursor: behind the bucket that @batch is from
 * @first: the one of @batch that is shown next
 * @count: how many there are in @batch
 * @batch: connections, a reference held to each from @first on
 */
struct listing {
	struct ctrack_net *cn;
	loff_t position;
	struct ctrack_cursor cursor;
	unsigned int first;
	unsigned int count;
	struct ctrack_conn *batch[BATCH];
};

static bool wanted(const struct ctrack_conn *conn, void *data)
{
	return ctrack_netlink_shown(conn);
}

static void listing_put_batch(struct listing *listing)
{
	for (; listing->first < listing->count; listing->first++)
		ctrack_conn_put(listing->batch[listing->first]);
}

/* The connection to be shown, which the listing keeps its reference to. */
static struct ctrack_conn *listing_current(struct listing *listing)
{
	while (listing->first == listing->count) {
		if (listing->cursor.done)
			return NULL;
		listing->first = 0;
		listing->count = ctrack_table_collect(listing->cn,
						      &listing->cursor, wanted,
						      NULL, listing->batch,
						      BATCH);
		cond_resched();
	}
	return listing->batch[listing->first];
}

static void listing_advance(struct listing *listing)
{
	ctrack_conn_put(listing->batch[listing->first++]);
	listing->position++;
}

/* A reader goes on where it was. Any other place is counted to from the start. */
static void *listing_start(struct seq_file *seq, loff_t *position)
{
	struct listing *listing = seq->private;

	if (!*position || *position != listing->position) {
		listing_put_batch(listing);
		listing->cursor = (struct ctrack_cursor){};
		listing->position = 0;
	}
	while (listing_current(listing) && listing->position < *position)
		listing_advance(listing);
	return listing_current(listing);
}

static void *listing_next(struct seq_file *seq, void *conn, loff_t *position)
{
	struct listing *listing = seq->private;

	listing_advance(listing);
	*position = listing->position;
	return listing_current(listing);
}

static void listing_stop(struct seq_file *seq, void *conn)
{
}

static const char *protocol_name(u8 protonum)
{
	switch (protonum) {
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_DCCP:
		return "dccp";
	case IPPROTO_GRE:
		return "gre";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_UDPLITE:
		return "udplite";
	case IPPROTO_ICMPV6:
		return "icmpv6";
	default:
		return "unknown";
	}
}

static const char *const tcp_states[TCP_CONNTRACK_MAX] = {
	[TCP_CONNTRACK_NONE] = "NONE",
	[TCP_CONNTRACK_SYN_SENT] = "SYN_SENT",
	[TCP_CONNTRACK_SYN_RECV] = "SYN_RECV",
	[TCP_CONNTRACK_ESTABLISHED] = "ESTABLISHED",
	[TCP_CONNTRACK_FIN_WAIT] = "FIN_WAIT",
	[TCP_CONNTRACK_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCP_CONNTRACK_LAST_ACK] = "LAST_ACK",
	[TCP_CONNTRACK_TIME_WAIT] = "TIME_WAIT",
	[TCP_CONNTRACK_CLOSE] = "CLOSE",
	[TCP_CONNTRACK_SYN_SENT2] = "SYN_SENT2",
};

static const char *const sctp_states[SCTP_CONNTRACK_MAX] = {
	[SCTP_CONNTRACK_NONE] = "NONE",
	[SCTP_CONNTRACK_CLOSED] = "CLOSED",
	[SCTP_CONNTRACK_COOKIE_WAIT] = "COOKIE_WAIT",
	[SCTP_CONNTRACK_COOKIE_ECHOED] = "COOKIE_ECHOED",
	[SCTP_CONNTRACK_ESTABLISHED] = "ESTABLISHED",
	[SCTP_CONNTRACK_SHUTDOWN_SENT] = "SHUTDOWN_SENT",
	[SCTP_CONNTRACK_SHUTDOWN_RECD] = "SHUTDOWN_RECD",
	[SCTP_CONNTRACK_SHUTDOWN_ACK_SENT] = "SHUTDOWN_ACK_SENT",
	[SCTP_CONNTRACK_HEARTBEAT_SENT] = "HEARTBEAT_SENT",
};

static const char *const dccp_states[DCCP_CONNTRACK_MAX] = {
	[DCCP_CONNTRACK_NONE] = "NONE",
	[DCCP_CONNTRACK_REQUEST] = "REQUEST",
	[DCCP_CONNTRACK_RESPOND] = "RESPOND",
	[DCCP_CONNTRACK_PARTOPEN] = "PARTOPEN",
	[DCCP_CONNTRACK_OPEN] = "OPEN",
	[DCCP_CONNTRACK_CLOSEREQ] = "CLOSEREQ",
	[DCCP_CONNTRACK_CLOSING] = "CLOSING",
	[DCCP_CONNTRACK_TIMEWAIT] = "TIMEWAIT",
};

static void show_state(struct seq_file *seq, const struct ctrack_net *cn,
		       u8 protonum, const union ctrack_state *state)
{
	const char *name = NULL;

	switch (protonum) {
	case IPPROTO_TCP:
		name = tcp_states[state->tcp.state];
		break;
	case IPPROTO_SCTP:
		name = sctp_states[state->sctp.state];
		break;
	case IPPROTO_DCCP:
		name = dccp_states[state->dccp.state];
		break;
	case IPPROTO_GRE:
		seq_printf(seq, "timeout=%u, stream_timeout=%u ",
			   READ_ONCE(cn->timeout[CTRACK_TIMEOUT_GRE]) / HZ,
			   READ_ONCE(cn->timeout[CTRACK_TIMEOUT_GRE_STREAM]) /
			   HZ);
		break;
	}
	if (name)
		seq_printf(seq, "%s ", name);
}

static void show_identifiers(struct seq_file *seq, const struct ctrack_key *key)
{
	u16 source = ntohs(key->source_id.all);

	switch (key->protonum) {
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		seq_printf(seq, "type=%u code=%u id=%u ",
			   key->destination_id.icmp.type,
			   key->destination_id.icmp.code, source);
		break;
	case IPPROTO_GRE:
		seq_printf(seq, "srckey=0x%x dstkey=0x%x ", source,
			   ntohs(key->destination_id.all));
		break;
	default:
		if (ctrack_key_has_ports(key))
			seq_printf(seq, "sport=%u dport=%u ", source,
				   ntohs(key->destination_id.all));
	}
}

/* The zone, 0 as well, where it counts in just the directions that @dir says. */
static void show_zone(struct seq_file *seq, const struct ctrack_conn *conn,
		      u8 dir, const char *name)
{
	if (conn->zone.dir == dir)
		seq_printf(seq, "%s=%u ", name, conn->zone.id);
}

static void show_key(struct seq_file *seq, const struct ctrack_key *key)
{
	if (key->l3num == NFPROTO_IPV4)
		seq_printf(seq, "src=%pI4 dst=%pI4 ", &key->source.ip,
			   &key->destination.ip);
	else
		seq_printf(seq, "src=%pI6 dst=%pI6 ", &key->source.in6,
			   &key->destination.in6);
	show_identifiers(seq, key);
}

static void show_counts(struct seq_file *seq, const struct ctrack_net *cn,
			const struct ctrack_half *half)
{
	if (READ_ONCE(cn->account))
		seq_printf(seq, "packets=%llu bytes=%llu ",
			   READ_ONCE(half->packets),
			   READ_ONCE(half->bytes));
}

static void show_flags(struct seq_file *seq, unsigned long status)
{
	if (status & IPS_HW_OFFLOAD)
		seq_puts(seq, "[HW_OFFLOAD] ");
	else if (status & IPS_OFFLOAD)
		seq_puts(seq, "[OFFLOAD] ");
	else if (status & IPS_ASSURED)
		seq_puts(seq, "[ASSURED] ");
}

static void show_secctx(struct seq_file *seq, const struct ctrack_conn *conn)
{
	struct lsm_context context;

	if (!ctrack_secctx_get(conn, &context))
		return;
	seq_printf(seq, "secctx=%s ", context.context);
	SECCTX_RELEASE(&context);
}

static void show_age(struct seq_file *seq, const struct ctrack_conn *conn)
{
	u64 start = ctrack_conn_start(conn);
	s64 age = ktime_get_real_ns() - start;

	if (start)
		seq_printf(seq, "delta-time=%llu ",
			   div_u64(max_t(s64, age, 0), NSEC_PER_SEC));
}

static int listing_show(struct seq_file *seq, void *data)
{
	const struct listing *listing = seq->private;
	const struct ctrack_net *cn = listing->cn;
	struct ctrack_conn *conn = data;
	const struct ctrack_key *key = ctrack_conn_key(conn, CTRACK_ORIGINAL);
	unsigned long status = READ_ONCE(conn->status);
	union ctrack_state state;

	/* It may have waited for the reader for long. */
	if (!ctrack_netlink_shown(conn))
		return SEQ_SKIP;
	spin_lock_bh(&conn->lock);
	state = conn->state;
	spin_unlock_bh(&conn->lock);

	seq_printf(seq, "%-8s %u %-8s %u ",
		   key->l3num == NFPROTO_IPV4 ? "ipv4" : "ipv6", key->l3num,
		   protocol_name(key->protonum), key->protonum);
	if (!(status & IPS_OFFLOAD))
		seq_printf(seq, "%u ", ctrack_conn_expires(conn) / HZ);
	show_state(seq, cn, key->protonum, &state);
	show_key(seq, key);
	show_zone(seq, conn, NF_CT_ZONE_DIR_ORIG, "zone-orig");
	show_counts(seq, cn, &conn->half[CTRACK_ORIGINAL]);
	if (!(status & IPS_SEEN_REPLY))
		seq_puts(seq, "[UNREPLIED] ");
	show_key(seq, ctrack_conn_key(conn, CTRACK_REPLY));
	show_zone(seq, conn, NF_CT_ZONE_DIR_REPL, "zone-reply");
	show_counts(seq, cn, &conn->half[CTRACK_REPLY]);
	show_flags(seq, status);
	seq_printf(seq, "mark=%u ", READ_ONCE(conn->mark));
	show_secctx(seq, conn);
	show_zone(seq, conn, NF_CT_DEFAULT_ZONE_DIR, "zone");
	show_age(seq, conn);
	seq_printf(seq, "use=%u\n", refcount_read(&conn->general.use));
	return 0;
}

static const struct seq_operations listing_operations = {
	.start = listing_start,
	.next = listing_next,
	.stop = listing_stop,
	.show = listing_show,
};

static int listing_open(struct inode *inode, struct file *file)
{
	struct listing *listing;

	listing = __seq_open_private(file, &listing_operations,
				     sizeof(*listing));
	if (!listing)
		return -ENOMEM;
	listing->cn = pde_data(inode);
	return 0;
}

/* Also called when the file goes away under its reader. */
static int listing_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	listing_put_batch(seq->private);
	return seq_release_private(inode, file);
}

static const struct proc_ops listing_file = {
	.proc_open = listing_open,
	.proc_read_iter = seq_read_iter,
	.proc_lseek = seq_lseek,
	.proc_release = listing_release,
};

/* The heading, then one CPU after another; a place is a CPU's number plus 1. */
static void *cpus_at(struct seq_file *seq, loff_t *position)
{
	struct ctrack_net *cn = ctrack_net(seq_file_net(seq));
	unsigned int cpu;

	if (!*position)
		return SEQ_START_TOKEN;
	if (*position > nr_cpu_ids)
		return NULL;
	cpu = cpumask_next(*position - 2, cpu_possible_mask);
	*position = cpu + 1;
	return cpu < nr_cpu_ids ? per_cpu_ptr(cn->counts, cpu) : NULL;
}

static void *cpus_next(struct seq_file *seq, void *counts, loff_t *position)
{
	++*position;
	return cpus_at(seq, position);
}

static void cpus_stop(struct seq_file *seq, void *counts)
{
}

/* What has no number, or none any more, is zero. */
static int cpus_show(struct seq_file *seq, void *counts)
{
	const struct ctrack_net *cn = ctrack_net(seq_file_net(seq));
	u32 n[CTA_STATS_MAX + 1] = {};

	if (counts == SEQ_START_TOKEN) {
		seq_puts(seq, "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart\n");
		return 0;
	}
	ctrack_netlink_sum_counts(counts, n);
	seq_printf(seq, "%08x  %08x %08x %08x %08x %08x %08x %08x ",
		   atomic_read(&cn->count), n[CTA_STATS_CLASH_RESOLVE],
		   n[CTA_STATS_FOUND], 0, n[CTA_STATS_INVALID], 0, 0,
		   n[CTA_STATS_CHAIN_TOOLONG]);
	seq_printf(seq, "%08x %08x %08x %08x %08x  %08x %08x %08x %08x\n",
		   n[CTA_STATS_INSERT], n[CTA_STATS_INSERT_FAILED],
		   n[CTA_STATS_DROP], n[CTA_STATS_EARLY_DROP],
		   n[CTA_STATS_ERROR], 0, 0, 0, n[CTA_STATS_SEARCH_RESTART]);
	return 0;
}

static const struct seq_operations cpus_operations = {
	.start = cpus_at,
	.next = cpus_next,
	.stop = cpus_stop,
	.show = cpus_show,
};

/**
 * ctrack_proc_init - show a namespace in /proc
 * @cn: namespace
 *
 * Return: 0 or -ENOMEM.
 */
int ctrack_proc_init(struct ctrack_net *cn)
{
	struct net *net = cn->net;

	if (!IS_ENABLED(CONFIG_PROC_FS))
		return 0;
	if (!proc_create_data(NAME, 0440, net->proc_net, &listing_file, cn))
		return -ENOMEM;
	if (proc_create_net(NAME, 0444, net->proc_net_stat, &cpus_operations,
			    sizeof(struct seq_net_private)))
		return 0;
	remove_proc_entry(NAME, net->proc_net);
	return -ENOMEM;
}

/**
 * ctrack_proc_exit - no more; who still reads is done, and holds no connection
 * @cn: namespace
 */
void ctrack_proc_exit(struct ctrack_net *cn)
{
	if (!IS_ENABLED(CONFIG_PROC_FS))
		return;
	remove_proc_entry(NAME, cn->net->proc_net_stat);
	remove_proc_entry(NAME, cn->net->proc_net);
}
