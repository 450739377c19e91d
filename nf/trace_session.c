// SPDX-License-Identifier: GPL-2.0
/*
 * Trace sessions. One belongs to the socket that asked for it, and ends with
 * that socket, however that comes about.
 */
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "nf/latency.h"
#include "nf/net.h"
#include "nf/trace.h"
#include "nf/trace_filter.h"

/* Probes make packets slower, and rings take memory: no more than this. */
#define SESSIONS_MAX	16
/* Words about devices, which the session's own namespace gave numbers. */
#define OF_DEVICES	(CTRACK_FILTER_IIF | CTRACK_FILTER_OIF)
/* How long a reader is waited for whose socket is full. */
#define PATIENCE	(HZ / 50 + 1)

/**
 * struct session - somebody who wants to know
 * @list: RCU, written under sessions_mutex
 * @net: of the socket, which holds it
 * @portid: the socket
 * @everywhere: all namespaces are of interest
 * @filter: immutable
 * @ring: what is yet to be sent; NULL in a session that measures
 * @latency: how long functions took; NULL in one that traces
 * @missed: what probes had missed when it began; immutable
 * @told: what it was told that it is not told; only @work
 * @wake: queues @work from a handler
 * @work: sends
 * @look: queues @work, too: what is lost may be all that there is to be told
 */
struct session {
	struct list_head list;
	struct net *net;
	u32 portid;
	bool everywhere;
	struct ctrack_trace_filter filter;
	struct ctrack_trace_ring *ring;
	struct ctrack_latency __percpu *latency;
	u64 missed;
	struct ctrack_trace_losses told;
	struct irq_work wake;
	struct delayed_work work;
	struct delayed_work look;
};

static LIST_HEAD(sessions);
static DEFINE_MUTEX(sessions_mutex);
static unsigned int sessions_count;
/* What any session wants: bits by enum ctrack_trace_event. */
static u32 wanted;
/* Any session measures. */
static bool timing;

/* Since the module was loaded. */
static u64 missed_by_now(const struct session *session)
{
	return ctrack_trace_missed(session->filter.events, session->latency);
}

static int send_some(struct session *session)
{
	const struct ctrack_trace_losses losses = {
		.lost = ctrack_trace_ring_lost(session->ring),
		.missed = missed_by_now(session) - session->missed,
	};
	bool news = losses.lost != session->told.lost ||
		    losses.missed != session->told.missed;
	int sent;

	sent = ctrack_trace_send(session->net, session->portid, session->ring,
				 &losses, news);
	if (sent >= 0)
		session->told = losses;
	return sent;
}

static void send(struct work_struct *work)
{
	struct session *session = container_of(to_delayed_work(work),
					       struct session, work);
	int sent;

	do {
		sent = send_some(session);
		cond_resched();
	} while (sent > 0);
	if (sent == -EAGAIN || sent == -ENOMEM)
		queue_delayed_work(ctrack_workqueue, &session->work, PATIENCE);
}

static void wake(struct irq_work *work)
{
	struct session *session = container_of(work, struct session, wake);

	/* A tick later, so that there is more than one record to send. */
	queue_delayed_work(ctrack_workqueue, &session->work, 1);
}

static void look(struct work_struct *work)
{
	struct session *session = container_of(to_delayed_work(work),
					       struct session, look);

	queue_delayed_work(ctrack_workqueue, &session->work, 0);
	queue_delayed_work(ctrack_workqueue, &session->look, HZ);
}

/**
 * ctrack_trace_events - what is anybody interested in?
 *
 * Return: bits by enum ctrack_trace_event.
 */
u32 ctrack_trace_events(void)
{
	return READ_ONCE(wanted);
}

/**
 * ctrack_trace_timing - does anybody measure?
 *
 * Return: true when somebody does.
 */
bool ctrack_trace_timing(void)
{
	return READ_ONCE(timing);
}

/**
 * ctrack_trace_time - a function has returned: note how long it took
 * @point: which one
 * @duration: ns
 *
 * Context: any, also in a kprobe's handler.
 */
void ctrack_trace_time(unsigned int point, u64 duration)
{
	struct session *session;
	unsigned long flags;

	local_irq_save(flags);
	rcu_read_lock();
	list_for_each_entry_rcu(session, &sessions, list)
		if (session->latency)
			ctrack_latency_add(session->latency, point, duration);
	rcu_read_unlock();
	local_irq_restore(flags);
}

/**
 * ctrack_trace_tell - something happened: tell who wants to know
 * @net: where
 * @record: what; time and place are filled in here
 *
 * Context: any, also in a kprobe's handler.
 */
void ctrack_trace_tell(const struct net *net,
		       struct ctrack_trace_record *record)
{
	struct session *session;
	unsigned long flags;

	local_irq_save(flags);
	rcu_read_lock();
	record->time = ktime_get_real_fast_ns();
	record->cpu = smp_processor_id();
	record->netns = net->ns.inum;
	list_for_each_entry_rcu(session, &sessions, list) {
		if (!session->ring ||
		    (!session->everywhere && !net_eq(session->net, net)))
			continue;
		if (ctrack_trace_match(&session->filter, record) &&
		    ctrack_trace_ring_put(session->ring, record))
			irq_work_queue(&session->wake);
	}
	rcu_read_unlock();
	local_irq_restore(flags);
}

static void session_free(struct session *session)
{
	ctrack_trace_ring_free(session->ring);
	ctrack_latency_free(session->latency);
	kfree(session);
}

static struct session *session_alloc(struct net *net, u32 portid)
{
	struct session *session = kzalloc(sizeof(*session), GFP_KERNEL);

	if (!session)
		return NULL;
	session->net = net;
	session->portid = portid;
	init_irq_work(&session->wake, wake);
	INIT_DELAYED_WORK(&session->work, send);
	INIT_DELAYED_WORK(&session->look, look);
	return session;
}

/* The following have sessions_mutex held. */

static struct session *find(const struct net *net, u32 portid)
{
	struct session *session;

	list_for_each_entry(session, &sessions, list)
		if (session->portid == portid && net_eq(session->net, net))
			return session;
	return NULL;
}

static void update_wanted(void)
{
	struct session *session;
	bool measures = false;
	u32 events = 0;

	list_for_each_entry(session, &sessions, list) {
		events |= session->filter.events;
		measures |= !!session->latency;
	}
	WRITE_ONCE(wanted, events);
	WRITE_ONCE(timing, measures);
}

static int begin(struct session *session, struct netlink_ext_ack *extack)
{
	int err;

	if (find(session->net, session->portid)) {
		NL_SET_ERR_MSG(extack, "this socket has a session already");
		return -EBUSY;
	}
	if (sessions_count == SESSIONS_MAX) {
		NL_SET_ERR_MSG(extack, "there are 16 sessions already, the most there may be");
		return -EBUSY;
	}
	/* What it traces must not go from under it; it may be going already. */
	if (!try_module_get(THIS_MODULE)) {
		NL_SET_ERR_MSG(extack, "ctrack is being unloaded");
		return -ENODEV;
	}
	err = ctrack_trace_arm(session->filter.events, session->latency, extack);
	if (err) {
		module_put(THIS_MODULE);
		return err;
	}
	sessions_count++;
	session->missed = missed_by_now(session);
	list_add_tail_rcu(&session->list, &sessions);
	update_wanted();
	if (session->ring)
		queue_delayed_work(ctrack_workqueue, &session->look, HZ);
	return 0;
}

static void end(struct session *session)
{
	list_del_rcu(&session->list);
	sessions_count--;
	update_wanted();
	ctrack_trace_disarm(session->filter.events, session->latency);
	/* No handler knows of it any more, then nobody wakes it. */
	synchronize_rcu();
	irq_work_sync(&session->wake);
	cancel_delayed_work_sync(&session->look);
	cancel_delayed_work_sync(&session->work);
	session_free(session);
	module_put(THIS_MODULE);
}

/**
 * ctrack_trace_open - begin to tell a socket what happens
 * @net: the socket's namespace
 * @portid: the socket
 * @filter: what it wants to be told; checked
 * @everywhere: of all namespaces, but where the filter is about devices
 * @extack: for what goes wrong
 *
 * The session ends with the socket.
 *
 * Return: 0 or -errno.
 * Context: process, on behalf of the socket, which so stays.
 */
int ctrack_trace_open(struct net *net, u32 portid,
		      const struct ctrack_trace_filter *filter, bool everywhere,
		      struct netlink_ext_ack *extack)
{
	struct session *session = session_alloc(net, portid);
	int err;

	if (!session)
		return -ENOMEM;
	session->filter = *filter;
	/* Each namespace numbers its devices by itself. */
	session->everywhere = everywhere && !(filter->given & OF_DEVICES);
	session->ring = ctrack_trace_ring_alloc();
	mutex_lock(&sessions_mutex);
	err = session->ring ? begin(session, extack) : -ENOMEM;
	mutex_unlock(&sessions_mutex);
	if (err)
		session_free(session);
	return err;
}

static int begin_measuring(struct net *net, u32 portid,
			   struct netlink_ext_ack *extack)
{
	struct session *session = session_alloc(net, portid);
	int err;

	if (!session)
		return -ENOMEM;
	session->latency = ctrack_latency_alloc();
	err = session->latency ? begin(session, extack) : -ENOMEM;
	if (err)
		session_free(session);
	return err;
}

/**
 * ctrack_trace_measure - how long do functions take?
 * @net: namespace of the socket that asks
 * @portid: the socket
 * @sum: filled in, CTRACK_TRACE_POINTS of them: what was measured since the
 *	socket asked for the first time
 * @missed: filled in: calls that could not be measured since then
 * @extack: for what goes wrong
 *
 * Measuring ends with the socket.
 *
 * Return: 0 or -errno.
 * Context: process, on behalf of the socket, which so stays.
 */
int ctrack_trace_measure(struct net *net, u32 portid,
			 struct ctrack_latency_sum *sum, u64 *missed,
			 struct netlink_ext_ack *extack)
{
	struct session *session;
	int err = 0;

	mutex_lock(&sessions_mutex);
	session = find(net, portid);
	if (!session || !session->latency)
		err = begin_measuring(net, portid, extack);
	if (!err) {
		session = find(net, portid);
		ctrack_latency_read(session->latency, sum);
		*missed = missed_by_now(session) - session->missed;
	}
	mutex_unlock(&sessions_mutex);
	return err;
}

/* While others begin and end, who has none must not wait for their probes. */
static bool has_session(const struct net *net, u32 portid)
{
	const struct session *session;
	bool found = false;

	rcu_read_lock();
	list_for_each_entry_rcu(session, &sessions, list)
		found |= session->portid == portid && net_eq(session->net, net);
	rcu_read_unlock();
	return found;
}

static int socket_event(struct notifier_block *this, unsigned long event,
			void *data)
{
	const struct netlink_notify *notify = data;
	struct session *session;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC ||
	    !has_session(notify->net, notify->portid))
		return NOTIFY_DONE;
	mutex_lock(&sessions_mutex);
	session = find(notify->net, notify->portid);
	if (session)
		end(session);
	mutex_unlock(&sessions_mutex);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = socket_event,
};

/**
 * ctrack_trace_init - be ready for sessions
 *
 * Return: 0 or -errno.
 */
int ctrack_trace_init(void)
{
	int err = ctrack_trace_probe_init();

	if (err)
		return err;
	err = netlink_register_notifier(&notifier);
	if (err)
		ctrack_trace_probe_exit();
	return err;
}

/**
 * ctrack_trace_exit - no session is left: each holds the module
 */
void ctrack_trace_exit(void)
{
	netlink_unregister_notifier(&notifier);
	ctrack_trace_probe_exit();
}
