// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/rbtree.h>
#include <linux/slab.h>

#include "nf/labels.h"

/**
 * struct label_set - labels that some connections have
 * @node: in the namespace's tree, ordered by @labels
 * @labels: immutable
 * @id: its number in the namespace, never 0; immutable
 * @users: connections that have it
 *
 * All under the lock of ctrack_net.label_sets.
 */
struct label_set {
	struct rb_node node;
	struct ctrack_labels labels;
	u16 id;
	unsigned int users;
};

/**
 * ctrack_labels_init - a namespace's sets of labels, of which there are none yet
 * @cn: namespace
 */
void ctrack_labels_init(struct ctrack_net *cn)
{
	xa_init_flags(&cn->label_sets, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	cn->label_tree = RB_ROOT;
}

static int compare(const void *labels, const struct rb_node *node)
{
	const struct label_set *set = rb_entry(node, struct label_set, node);

	return memcmp(labels, &set->labels, sizeof(set->labels));
}

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return compare(&rb_entry(a, struct label_set, node)->labels, b) < 0;
}

static int make_set(struct ctrack_net *cn, const struct ctrack_labels *labels)
{
	struct label_set *set = kzalloc(sizeof(*set), GFP_ATOMIC);
	u32 id;
	int err;

	if (!set)
		return -ENOMEM;
	err = __xa_alloc(&cn->label_sets, &id, set, XA_LIMIT(1, U16_MAX),
			 GFP_ATOMIC);
	if (err) {
		kfree(set);
		return err == -EBUSY ? -ENOSPC : err;
	}
	set->id = id;
	set->users = 1;
	set->labels = *labels;
	rb_add(&set->node, &cn->label_tree, less);
	return id;
}

/* The number of a set, with one more user; 0 where there are no labels. */
static int get_set(struct ctrack_net *cn, const struct ctrack_labels *labels)
{
	struct rb_node *node;
	int id;

	if (!memchr_inv(labels, 0, sizeof(*labels)))
		return 0;
	xa_lock_bh(&cn->label_sets);
	node = rb_find(labels, &cn->label_tree, compare);
	if (node) {
		struct label_set *set = rb_entry(node, struct label_set, node);

		set->users++;
		id = set->id;
	} else {
		id = make_set(cn, labels);
	}
	xa_unlock_bh(&cn->label_sets);
	return id;
}

/**
 * ctrack_labels_put - a connection has a set of labels no more
 * @cn: namespace
 * @id: the set's number; 0 for none
 *
 * Context: any; the connection's lock may be held.
 */
void ctrack_labels_put(struct ctrack_net *cn, u16 id)
{
	struct label_set *set;

	if (likely(!id))
		return;
	xa_lock_bh(&cn->label_sets);
	set = xa_load(&cn->label_sets, id);
	if (!--set->users) {
		__xa_erase(&cn->label_sets, id);
		rb_erase(&set->node, &cn->label_tree);
		kfree(set);
	}
	xa_unlock_bh(&cn->label_sets);
}

static struct ctrack_labels labels_locked(struct ctrack_net *cn,
					  const struct ctrack_conn *conn)
{
	struct ctrack_labels none = {};
	const struct label_set *set;

	if (!conn->labels)
		return none;
	set = xa_load(&cn->label_sets, conn->labels);
	return set->labels;
}

/**
 * ctrack_conn_labels - the labels of a connection
 * @conn: a connection that the caller has a reference to
 *
 * Return: its labels.
 * Context: any but under the connection's or a bucket's lock.
 */
struct ctrack_labels ctrack_conn_labels(struct ctrack_conn *conn)
{
	struct ctrack_labels labels = {};

	if (!READ_ONCE(conn->labels))
		return labels;
	spin_lock_bh(&conn->lock);
	labels = labels_locked(ctrack_net(ctrack_conn_net(conn)), conn);
	spin_unlock_bh(&conn->lock);
	return labels;
}
EXPORT_SYMBOL_GPL(ctrack_conn_labels);

static int change_locked(struct ctrack_net *cn, struct ctrack_conn *conn,
			 const struct ctrack_labels *keep,
			 const struct ctrack_labels *flip)
{
	const struct ctrack_labels before = labels_locked(cn, conn);
	struct ctrack_labels after;
	unsigned int i;
	int id;

	for (i = 0; i < CTRACK_LABELS_WORDS; i++)
		after.word[i] = (before.word[i] & keep->word[i]) ^ flip->word[i];
	if (!memcmp(&before, &after, sizeof(after)))
		return 0;
	id = get_set(cn, &after);
	if (id < 0)
		return id;
	ctrack_labels_put(cn, conn->labels);
	WRITE_ONCE(conn->labels, id);
	ctrack_conn_event(conn, IPCT_LABEL);
	return 0;
}

/**
 * ctrack_conn_change_labels - change the labels of a connection
 * @conn: a connection that the caller has a reference to
 * @keep: those that stay
 * @flip: those that are then turned over
 *
 * A change is noted as an event.
 *
 * Return: 0; -ENOMEM; -ENOSPC when the namespace has too many different sets.
 * Then the labels are as they were.
 * Context: any but under the connection's or a bucket's lock.
 */
int ctrack_conn_change_labels(struct ctrack_conn *conn,
			      const struct ctrack_labels *keep,
			      const struct ctrack_labels *flip)
{
	int err;

	spin_lock_bh(&conn->lock);
	err = change_locked(ctrack_net(ctrack_conn_net(conn)), conn, keep, flip);
	spin_unlock_bh(&conn->lock);
	return err;
}
EXPORT_SYMBOL_GPL(ctrack_conn_change_labels);
