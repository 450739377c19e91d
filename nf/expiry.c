// SPDX-License-Identifier: GPL-2.0
/* When connections expire, and how those are found that have: see due.h. */
#include "nf/bucket.h"
#include "nf/expiry.h"

/* Buckets that are passed over without a break. */
#define SCAN	1024

/**
 * ctrack_conn_set_timeout - say when a connection expires
 * @conn: the connection
 * @timeout: the jiffy
 * @kind: which timeout says so, %CTRACK_TIMEOUT_COUNT: a user
 *
 * Context: the connection's lock held, or it is in no table yet.
 */
void ctrack_conn_set_timeout(struct ctrack_conn *conn, u32 timeout,
			     enum ctrack_timeout kind)
{
	u32 before = READ_ONCE(conn->timeout);

	WRITE_ONCE(conn->timeout_kind, kind);
	if (timeout == before)
		return;
	WRITE_ONCE(conn->timeout, timeout);
	if ((s32)(timeout - before) < 0 && !due_is_before(timeout, jiffies))
		ctrack_expiry_note(conn);
}

/**
 * ctrack_expiry_note - a connection expires earlier than was known
 * @conn: the connection
 *
 * Context: any but under a bucket lock.
 */
void ctrack_expiry_note(struct ctrack_conn *conn)
{
	struct ctrack_net *cn = ctrack_net(ctrack_conn_net(conn));
	const struct ctrack_table *table;
	struct ctrack_bucket *bucket;
	u32 hash;

	if (!READ_ONCE(conn->linked[CTRACK_ORIGINAL]))
		return;
	hash = ctrack_conn_hash(cn, conn, CTRACK_ORIGINAL);
	rcu_read_lock();
	bucket = lock_bucket_in(cn, hash, &table);
	note_due(table, hash, READ_ONCE(conn->timeout));
	unlock_bucket(bucket);
	rcu_read_unlock();
}

static bool past(u32 jiffy)
{
	return (s32)(jiffy - (u32)jiffies) <= 0;
}

/* Moves on to a bucket that may have something; false when there was none. */
static bool find_due(struct ctrack_net *cn, u64 *at)
{
	const struct ctrack_table *table = ctrack_table_of(cn, *at);
	unsigned int shift = 32 - table->order;
	u32 first = *at >> shift, end, i;

	end = min_t(u32, first + SCAN, 1U << table->order);
	for (i = first; i < end; i++)
		if (past(READ_ONCE(table->due[i])))
			break;
	if (i > first)
		*at = (u64)i << shift;
	return i < end;
}

/* What expired in one locked bucket; @due is when the next one does. */
static unsigned int collect_locked(const struct ctrack_bucket *bucket,
				   struct ctrack_conn **found, unsigned int room,
				   u32 *due)
{
	struct ctrack_conn *conn;
	unsigned int n = 0, i;
	unsigned long slot;
	u32 timeout;

	for (; bucket; bucket = bucket->next) {
		for (i = 0; i < SLOTS; i++) {
			slot = bucket->slot[i];
			if (!slot || !slot_has(slot, CTRACK_ORIGINAL))
				continue;
			conn = slot_conn(slot);
			timeout = READ_ONCE(conn->timeout);
			if (past(timeout)) {
				if (n < room && ctrack_conn_committed(conn) &&
				    refcount_inc_not_zero(&conn->general.use)) {
					found[n++] = conn;
					continue;
				}
				/* Its packets wait in a queue, or no room. */
				timeout = (u32)jiffies;
			}
			*due = due_earlier(*due, timeout, jiffies);
		}
	}
	return n;
}

/**
 * ctrack_expiry_collect - connections whose time has come
 * @cn: namespace
 * @at: where to go on, a hash, 0 at the start; moved by a bounded number of
 *	buckets, to CTRACK_EXPIRY_END at the end
 * @found: filled in with those of one bucket
 * @room: how many fit into @found; what is left over comes next time
 *
 * Each of them is to be ended, or said to live on with ctrack_expiry_note().
 *
 * Return: how many were found, a reference taken to each.
 * Context: any but under a bucket lock.
 */
unsigned int ctrack_expiry_collect(struct ctrack_net *cn, u64 *at,
				   struct ctrack_conn **found, unsigned int room)
{
	const struct ctrack_table *table;
	struct ctrack_bucket *bucket;
	unsigned int shift, n = 0;
	u32 due;

	rcu_read_lock();
	if (!rcu_access_pointer(cn->table)) {
		*at = CTRACK_EXPIRY_END;
		goto unlock;
	}
	if (!find_due(cn, at))
		goto unlock;

	bucket = lock_bucket_in(cn, *at, &table);
	shift = 32 - table->order;
	due = (u32)jiffies + DUE_NEVER;
	n = collect_locked(bucket, found, room, &due);
	WRITE_ONCE(table->due[*at >> shift], due);
	unlock_bucket(bucket);
	*at = ((*at >> shift) + 1) << shift;
unlock:
	rcu_read_unlock();
	return n;
}
