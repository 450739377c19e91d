// SPDX-License-Identifier: GPL-2.0
/*
 * The probes on the functions of trace_point.c. Each is a kretprobe. What is
 * known when a function is called waits in the probe's instance for its return;
 * where that is all there is to tell, the return is not waited for.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/timekeeping.h>

#include "nf/trace.h"
#include "nf/trace_point.h"

/* Calls of one function that may be under way at once; more are missed. */
#define CALLS_MAX	256

static DEFINE_MUTEX(points_mutex);
/* Who sends does not wait for probes that are put up meanwhile. */
static DEFINE_SPINLOCK(missed_lock);

#define for_each_point(point)						\
	for ((point) = ctrack_trace_points;				\
	     (point) < ctrack_trace_points + CTRACK_TRACE_POINTS; (point)++)

static const struct ctrack_trace_point *point_of(struct kretprobe_instance *instance)
{
	const struct kretprobe *probe = get_kretprobe(instance);

	return probe ? container_of(probe, struct ctrack_trace_point, probe) : NULL;
}

NOKPROBE_SYMBOL(point_of);

/* Not 0: the return is not waited for. */
static int enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct ctrack_trace_point *point = point_of(instance);
	struct ctrack_trace_call *call = (void *)instance->data;

	if (!point)
		return 1;
	*call = (struct ctrack_trace_call){};
	call->told = (point->always || point->events & ctrack_trace_events()) &&
		     point->enter(regs, call);
	if (!call->told && !(point->timed && ctrack_trace_timing()))
		return 1;
	/* Last, so as not to measure ourselves. */
	call->began = ktime_get_mono_fast_ns();
	return 0;
}

NOKPROBE_SYMBOL(enter);

static int leave(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct ctrack_trace_point *point = point_of(instance);
	u64 ended = ktime_get_mono_fast_ns();
	struct ctrack_trace_call *call = (void *)instance->data;

	if (!point)
		return 0;
	/* That clock may go back a little when it is set right. */
	if (point->timed && ctrack_trace_timing())
		ctrack_trace_time(point - ctrack_trace_points,
				  max_t(s64, ended - call->began, 0));
	if (call->told && point->leave(regs, call))
		ctrack_trace_tell(call->net, &call->record);
	return 0;
}

NOKPROBE_SYMBOL(leave);

/**
 * ctrack_trace_point_name - which function is it?
 * @point: a number below CTRACK_TRACE_POINTS
 *
 * Return: its name, or NULL when it is not measured.
 */
const char *ctrack_trace_point_name(unsigned int point)
{
	const struct ctrack_trace_point *own = &ctrack_trace_points[point];

	return own->timed ? own->name : NULL;
}

/* The following have points_mutex held. */

/* With missed_lock. */
static u64 missed_by(const struct ctrack_trace_point *point)
{
	u64 missed = point->missed;

	if (point->armed)
		missed += READ_ONCE(point->probe.nmissed) +
			  READ_ONCE(point->probe.kp.nmissed);
	return missed;
}

static int arm(struct ctrack_trace_point *point, u32 flags)
{
	int err;

	point->probe = (struct kretprobe) {
		.kp.symbol_name = point->name,
		.kp.flags = flags,
		.entry_handler = enter,
		.handler = leave,
		.data_size = sizeof(struct ctrack_trace_call),
		.maxactive = CALLS_MAX,
	};
	err = register_kretprobe(&point->probe);
	spin_lock(&missed_lock);
	point->armed = !err;
	spin_unlock(&missed_lock);
	/* It is probed as soon as its module is there, see module_event(). */
	if (err == -ENOENT && point->elsewhere)
		return 0;
	if (err)
		pr_warn("%s can't be probed: %d\n", point->name, err);
	return err;
}

static void disarm(struct ctrack_trace_point **armed, unsigned int count)
{
	struct kretprobe *probes[CTRACK_TRACE_POINTS];
	unsigned int i;

	for (i = 0; i < count; i++)
		probes[i] = &armed[i]->probe;
	unregister_kretprobes(probes, count);
	for (i = 0; i < count; i++) {
		spin_lock(&missed_lock);
		armed[i]->missed = missed_by(armed[i]);
		armed[i]->armed = false;
		spin_unlock(&missed_lock);
	}
}

static int enable(struct ctrack_trace_point *point)
{
	int err = 0;

	if (point->armed && point->probe.kp.flags & KPROBE_FLAG_DISABLED)
		err = enable_kretprobe(&point->probe);
	if (err)
		pr_warn("the probe on %s can't be enabled: %d\n", point->name, err);
	return err;
}

static bool hears(u32 events, bool timing, const struct ctrack_trace_point *point)
{
	return point->events & events || (timing && point->timed);
}

static bool needs(u32 events, bool timing, const struct ctrack_trace_point *point)
{
	return point->always || hears(events, timing, point);
}

/*
 * The probes hear nothing before all are there: where the kernel makes probes of
 * jumps, it begins to 20 ms after the first one that hears, and to put up another
 * one then waits until every task has slept.
 */
static int use(u32 events, bool timing, struct netlink_ext_ack *extack)
{
	struct ctrack_trace_point *point;
	int result = 0;

	for_each_point(point) {
		if (!needs(events, timing, point))
			continue;
		/* Those that follow one that failed are counted, too: unuse() will. */
		point->users++;
		if (point->armed || result)
			continue;
		result = arm(point, KPROBE_FLAG_DISABLED);
	}
	for_each_point(point)
		if (!result)
			result = enable(point);
	if (result)
		NL_SET_ERR_MSG(extack, "a function can't be probed, see the kernel's log");
	return result;
}

static void unuse(u32 events, bool timing)
{
	struct ctrack_trace_point *gone[CTRACK_TRACE_POINTS];
	struct ctrack_trace_point *point;
	unsigned int count = 0;

	for_each_point(point)
		if (needs(events, timing, point) && !--point->users && point->armed)
			gone[count++] = point;
	if (count)
		disarm(gone, count);
}

/* Those at a function's beginning may be made by ftrace, which can be off by itself. */
static int turned_off(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack,
		       "kprobes are off, see kprobes/enabled in debugfs and kernel.ftrace_enabled");
	return -EOPNOTSUPP;
}

/**
 * ctrack_trace_arm - put probes where a session needs them
 * @events: what it wants to be told, bits by enum ctrack_trace_event
 * @timing: it measures
 * @extack: for what goes wrong
 *
 * Return: 0 or -errno.
 * Context: process.
 */
int ctrack_trace_arm(u32 events, bool timing, struct netlink_ext_ack *extack)
{
	bool heard = false;
	int err;

	mutex_lock(&points_mutex);
	err = use(events, timing, extack);
	ctrack_trace_check(&heard);
	if (!err && !heard)
		err = turned_off(extack);
	if (err)
		unuse(events, timing);
	mutex_unlock(&points_mutex);
	return err;
}

/**
 * ctrack_trace_disarm - take back what ctrack_trace_arm() did
 * @events: as it was given
 * @timing: as it was given
 *
 * Context: process.
 */
void ctrack_trace_disarm(u32 events, bool timing)
{
	mutex_lock(&points_mutex);
	unuse(events, timing);
	mutex_unlock(&points_mutex);
}

/**
 * ctrack_trace_missed - how often was a probe met that could not be heard?
 * @events: what a session wants to be told: those of others do not count
 * @timing: it measures
 *
 * Because another one was being heard on that CPU, or CALLS_MAX calls of its
 * function were under way.
 *
 * Return: the number since the module was loaded.
 * Context: process.
 */
u64 ctrack_trace_missed(u32 events, bool timing)
{
	const struct ctrack_trace_point *point;
	u64 missed = 0;

	spin_lock(&missed_lock);
	for_each_point(point)
		if (hears(events, timing, point))
			missed += missed_by(point);
	spin_unlock(&missed_lock);
	return missed;
}

/* ctrack_nat comes or goes while somebody traces. */
static int module_event(struct notifier_block *this, unsigned long event,
			void *data)
{
	const struct module *module = data;
	struct ctrack_trace_point *gone[CTRACK_TRACE_POINTS];
	struct ctrack_trace_point *point;
	unsigned int count = 0;

	if (strcmp(module->name, "ctrack_nat"))
		return NOTIFY_DONE;
	mutex_lock(&points_mutex);
	for_each_point(point) {
		if (!point->elsewhere || !point->users)
			continue;
		if (event == MODULE_STATE_COMING && !point->armed)
			arm(point, 0);
		else if (event == MODULE_STATE_GOING && point->armed)
			gone[count++] = point;
	}
	if (count)
		disarm(gone, count);
	mutex_unlock(&points_mutex);
	return NOTIFY_DONE;
}

/* After the notifier of kprobes themselves, which has the highest priority. */
static struct notifier_block notifier = {
	.notifier_call = module_event,
};

/**
 * ctrack_trace_probe_init - look after modules that are probed
 *
 * Return: 0 or -errno.
 */
int ctrack_trace_probe_init(void)
{
	return register_module_notifier(&notifier);
}

/**
 * ctrack_trace_probe_exit - no longer; nothing is probed any more
 */
void ctrack_trace_probe_exit(void)
{
	unregister_module_notifier(&notifier);
}
