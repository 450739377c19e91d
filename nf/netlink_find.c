// SPDX-License-Identifier: GPL-2.0
/* Which connection a request is about. */
#include "nf/netlink_parse.h"

/**
 * ctrack_netlink_shown - is there this connection, as seen from outside?
 * @conn: a connection in the table
 *
 * Return: false for tentative ones, which may leave no trace, and for those
 * that are over.
 */
bool ctrack_netlink_shown(const struct ctrack_conn *conn)
{
	return ctrack_conn_committed(conn) && !ctrack_conn_dying(conn) &&
	       !ctrack_conn_expired(conn);
}

/**
 * ctrack_request_lookup - the connection that has a key
 * @rq: request
 * @key: the key of either direction
 * @zone: its zone
 *
 * Return: a connection that is shown, with a reference taken, or NULL.
 */
struct ctrack_conn *ctrack_request_lookup(const struct ctrack_request *rq,
					  const struct ctrack_key *key,
					  const struct nf_conntrack_zone *zone)
{
	enum ctrack_direction direction;
	struct ctrack_conn *conn;

	rcu_read_lock();
	conn = ctrack_table_find(rq->cn, key, zone, &direction);
	rcu_read_unlock();
	if (!conn || ctrack_netlink_shown(conn))
		return conn;
	/* What is over makes room for the next one of its key. */
	ctrack_conn_expire(conn);
	ctrack_conn_put(conn);
	return NULL;
}

/**
 * ctrack_request_find - the connection that a request names
 * @rq: request with the tuple of either direction
 *
 * When both tuples are there, the original one names it. An id has to be the
 * connection's own. Further attributes describe the connection, as a listing
 * does, and are not compared.
 *
 * Return: the connection with a reference taken, or ERR_PTR(-errno).
 */
struct ctrack_conn *ctrack_request_find(const struct ctrack_request *rq)
{
	const struct nlattr *id = rq->attr[CTA_ID];
	struct nf_conntrack_zone zone;
	struct ctrack_conn *conn;
	struct ctrack_key key;
	int err;

	ctrack_request_zone(rq, &zone);
	err = ctrack_request_key(rq, rq->attr[CTA_TUPLE_ORIG] ?
				     CTA_TUPLE_ORIG : CTA_TUPLE_REPLY,
				 &key, &zone);
	if (err)
		return ERR_PTR(err);
	conn = ctrack_request_lookup(rq, &key, &zone);
	if (conn && id && nla_get_u32(id) != ctrack_conn_id(conn)) {
		ctrack_conn_put(conn);
		conn = NULL;
	}
	return conn ?: ERR_PTR(-ENOENT);
}
