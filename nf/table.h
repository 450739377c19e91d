/* SPDX-License-Identifier: GPL-2.0 */
/* The table of one namespace: from keys to connections. */
#ifndef CTRACK_TABLE_H
#define CTRACK_TABLE_H

#include "nf/conn.h"

struct ctrack_port_space;
struct ctrack_table;

/**
 * struct ctrack_cursor - a place in a walk over a table
 * @hash: where the next bucket begins. Buckets lie in the order of the hashes,
 *	whatever the table's size, so that a walk during which it grows or
 *	shrinks skips nothing that stood throughout
 * @position: how many places of that bucket were visited
 * @generation: of the table in which that was, plus that of the oldest there was then;
 *	when one of them was replaced in between, the bucket is visited anew
 * @examined: connections that were looked at so far
 * @anew: how often a bucket was visited anew, so that some of it came twice
 * @done: the walk is over
 *
 * All zeros is the start.
 */
struct ctrack_cursor {
	u32 hash;
	u32 position;
	u32 generation;
	u32 examined;
	u32 anew;
	bool done;
};

/**
 * struct ctrack_shape - how evenly a table is filled
 * @looked: buckets that were looked at
 * @chained: of these, those with further ones behind them
 * @longest: keys in the fullest
 */
struct ctrack_shape {
	u32 looked;
	u32 chained;
	u32 longest;
};

/**
 * enum ctrack_taken - what came of taking a reply key
 * @CTRACK_TAKEN: it is this connection's
 * @CTRACK_TAKEN_BY_EXPIRED: a connection has it that the collector has yet to
 *	fetch
 * @CTRACK_TAKEN_BY_OTHER: another connection has it
 * @CTRACK_TAKEN_NOT: there is no memory, or no room in its bucket
 */
enum ctrack_taken {
	CTRACK_TAKEN,
	CTRACK_TAKEN_BY_EXPIRED,
	CTRACK_TAKEN_BY_OTHER,
	CTRACK_TAKEN_NOT,
};

typedef bool ctrack_wanted_fn(const struct ctrack_conn *conn, void *data);

/**
 * struct ctrack_search - what a walk is after
 * @wanted: called under the bucket's lock, must be quick, take no lock and put
 *	no reference; and called without the lock, too, of what may be freed and
 *	another connection by then: it may look at nothing but its fields
 * @data: for @wanted
 * @direction: of the keys that the walk goes by. When it is the reply's, @wanted
 *	must want committed connections only
 * @mask: bits of such a key's fingerprint that count; without any, @wanted is
 *	asked about every connection
 * @fingerprint: what these bits are, see ctrack_key_fingerprint()
 */
struct ctrack_search {
	ctrack_wanted_fn *wanted;
	void *data;
	enum ctrack_direction direction;
	u8 mask;
	u8 fingerprint;
};

int ctrack_table_init(struct ctrack_net *cn);
void ctrack_table_replace(struct ctrack_net *cn, struct ctrack_table *from,
			  struct ctrack_table *to);
void ctrack_table_leave(struct ctrack_net *cn);
void ctrack_table_exit(struct ctrack_net *cn);
u32 ctrack_table_buckets(struct ctrack_net *cn);
struct ctrack_shape ctrack_table_shape(struct ctrack_net *cn);
u32 ctrack_table_buckets_min(const struct ctrack_net *cn);
int ctrack_table_set_buckets_min(struct ctrack_net *cn, u32 buckets);

/**
 * struct ctrack_found - what was found for a key
 * @conn: the connection; NULL for none
 * @direction: that the key has in it
 */
struct ctrack_found {
	struct ctrack_conn *conn;
	enum ctrack_direction direction;
};

/* Both return a connection with a reference taken, or none. */
struct ctrack_conn *ctrack_table_find(struct ctrack_net *cn,
				      const struct ctrack_key *key,
				      const struct nf_conntrack_zone *zone,
				      enum ctrack_direction *direction);
struct ctrack_found ctrack_table_find_hashed(struct ctrack_net *cn, u32 hash,
					     const struct ctrack_key *key,
					     u32 zones);

/* Returns @conn, or the one that was there, with a reference taken. */
struct ctrack_conn *ctrack_table_insert(struct ctrack_conn *conn, u32 original,
					bool mirrored,
					enum ctrack_direction *direction);
enum ctrack_taken ctrack_table_rekey(struct ctrack_conn *conn,
				     const struct ctrack_key *reply,
				     struct ctrack_port_space *space);
void ctrack_table_rekey_unreserved(struct ctrack_conn *conn,
				   const struct ctrack_key *reply);
void ctrack_table_release(struct ctrack_conn *conn);
bool ctrack_table_reserve(struct ctrack_conn *conn);
void ctrack_table_remove(struct ctrack_net *cn, struct ctrack_conn *conn);

/**
 * ctrack_table_reserved - is the reply key of a connection its own?
 * @conn: a connection in the table
 *
 * Return: false while another connection had it first.
 */
static inline bool ctrack_table_reserved(const struct ctrack_conn *conn)
{
	return READ_ONCE(conn->linked[CTRACK_REPLY]);
}

void ctrack_table_shrink(struct ctrack_net *cn);

/* Both fill @found with connections, a reference taken to each. */
unsigned int ctrack_table_collect(struct ctrack_net *cn,
				  struct ctrack_cursor *cursor,
				  ctrack_wanted_fn *wanted, void *data,
				  struct ctrack_conn **found, unsigned int room);
unsigned int ctrack_table_walk(struct ctrack_net *cn,
			       struct ctrack_cursor *cursor,
			       const struct ctrack_search *search,
			       struct ctrack_conn **found, unsigned int room);

#endif
