// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/hookload. Who opens it has a load of his own, in his
 * namespace, between the devices in0 and out0. What he writes is an order,
 * words NAME=NUMBER; when the write returns it is done, and reading tells what
 * it took:
 *
 *	flows=1000 tcp=1 ipv6=0 translated=1	(once)
 *	touch=1				(once) each packet touches what a tracker's would have to,
 *					see touch.c
 *	base=0 per_client=50 servers=1000	(once) source and destination addresses
 *	open=1 first=0 count=1000	the first packet of each of 1000 flows
 *	open=3 first=0 count=1000	or three: they are established
 *	data=1 first=0 count=5000	data over all flows
 *	hooks=0				the same, but the hooks are not called
 *	chunk=64			how many packets between two looks at the clock
 *	evict=1				before each of these, a cache line of what a tracker
 *					keeps of the last flow is made cold, see run.c
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <net/dst.h>
#include <net/net_namespace.h>

#include "load.h"

/* Orders come one after another. */
struct session {
	struct mutex lock; /* all of this */
	struct load load;
	bool started;
	char answer[512];
};

static int load_start(struct load *load, bool translated, bool touches)
{
	static const char * const names[] = { "in0", "out0" };
	int i, ret;

	if (!load->flows || !load->per_client || !load->servers)
		return -EINVAL;
	for (i = 0; i < 2; i++) {
		load->device[i] = dev_get_by_name(load->net, names[i]);
		if (!load->device[i])
			return -ENODEV;
	}
	if (translated) {
		load->source = vzalloc(array_size(load->flows, sizeof(*load->source)));
		if (!load->source)
			return -ENOMEM;
	}
	if (touches) {
		ret = load_touch_init(load);
		if (ret)
			return ret;
	}
	return load_packet_init(load);
}

static void load_stop(struct load *load)
{
	int i;

	load_packet_exit(load);
	load_touch_exit(load);
	vfree(load->source);
	for (i = 0; i < 2; i++)
		dev_put(load->device[i]);
	load->skb = NULL;
	load->source = NULL;
	memset(load->dst, 0, sizeof(load->dst));
	memset(load->device, 0, sizeof(load->device));
}

struct words {
	u32 flows, tcp, ipv6, translated, touch, base, per_client, servers;
	u32 open, data, first, count, hooks, chunk, evict;
};

#define WORD(member) { #member, offsetof(struct words, member) }
static const struct {
	const char *name;
	size_t offset;
} known[] = {
	WORD(flows), WORD(tcp), WORD(ipv6), WORD(translated), WORD(touch),
	WORD(base), WORD(per_client), WORD(servers), WORD(open), WORD(data),
	WORD(first), WORD(count), WORD(hooks), WORD(chunk), WORD(evict),
};

static u32 *word_named(struct words *words, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(name, known[i].name))
			return (u32 *)((u8 *)words + known[i].offset);
	return NULL;
}

static int parse(struct words *words, char *text)
{
	char *name, *value;
	u32 *word;
	int ret;

	text = strim(text);
	while ((name = strsep(&text, " "))) {
		value = strchr(name, '=');
		if (!value)
			return -EINVAL;
		*value++ = '\0';
		word = word_named(words, name);
		if (!word)
			return -EINVAL;
		ret = kstrtou32(value, 10, word);
		if (ret)
			return ret;
	}
	return 0;
}

static int start(struct session *session, const struct words *words)
{
	struct load *load = &session->load;
	int ret;

	load->flows = words->flows;
	load->tcp = words->tcp;
	load->ipv6 = words->ipv6;
	load->base = words->base;
	load->per_client = words->per_client;
	load->servers = words->servers;
	ret = load_start(load, words->translated, words->touch);
	if (ret)
		load_stop(load);
	else
		session->started = true;
	return ret;
}

static bool within(const struct load *load, const struct load_order *order)
{
	if (!order->chunk || load->evict > LOAD_LINES)
		return false;
	if (order->data)
		return true;
	return order->steps && order->steps <= LOAD_DATA &&
	       order->first <= load->flows &&
	       order->count <= load->flows - order->first;
}

static void answer(struct session *session, const struct load_result *result)
{
	snprintf(session->answer, sizeof(session->answer),
		 "packets=%llu passed=%llu touched=%llu ns=%llu cycles=%llu elapsed=%llu chunks=%u p1=%u p25=%u p50=%u p75=%u p99=%u max=%u\n",
		 result->packets, result->passed, result->touched, result->ns,
		 result->cycles, result->elapsed, result->chunks, result->percentile[0],
		 result->percentile[1], result->percentile[2],
		 result->percentile[3], result->percentile[4],
		 result->percentile[5]);
}

static int obey(struct session *session, char *text)
{
	struct words words = {
		.per_client = 50, .servers = 1000, .hooks = 1, .chunk = 64,
	};
	struct load_result result;
	struct load_order order;
	int ret;

	ret = parse(&words, text);
	if (!ret && !session->started)
		ret = start(session, &words);
	if (ret || !words.count)
		return ret;
	order = (struct load_order){
		.data = words.data,
		.steps = words.open,
		.first = words.first,
		.count = words.count,
		.chunk = words.chunk,
	};
	session->load.hooks = words.hooks;
	session->load.evict = words.evict;
	if (!within(&session->load, &order))
		return -EINVAL;
	ret = load_run(&session->load, &order, &result);
	if (!ret)
		answer(session, &result);
	return ret;
}

static int hookload_open(struct inode *inode, struct file *file)
{
	struct session *session = kzalloc(sizeof(*session), GFP_KERNEL);

	if (!session)
		return -ENOMEM;
	mutex_init(&session->lock);
	session->load.net = get_net(current->nsproxy->net_ns);
	file->private_data = session;
	return nonseekable_open(inode, file);
}

static int hookload_release(struct inode *inode, struct file *file)
{
	struct session *session = file->private_data;

	if (session->started)
		load_stop(&session->load);
	put_net(session->load.net);
	kfree(session);
	return 0;
}

static ssize_t hookload_write(struct file *file, const char __user *from,
			      size_t size, loff_t *position)
{
	struct session *session = file->private_data;
	char *text;
	int ret;

	if (size > PAGE_SIZE)
		return -E2BIG;
	text = memdup_user_nul(from, size);
	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&session->lock);
	session->answer[0] = '\0';
	ret = obey(session, text);
	mutex_unlock(&session->lock);
	kfree(text);
	return ret ?: size;
}

/* The answer can be read once. */
static ssize_t hookload_read(struct file *file, char __user *to, size_t size,
			     loff_t *position)
{
	struct session *session = file->private_data;
	loff_t begin = 0;
	ssize_t ret;

	mutex_lock(&session->lock);
	ret = simple_read_from_buffer(to, size, &begin, session->answer,
				      strlen(session->answer));
	if (ret > 0)
		memmove(session->answer, session->answer + ret,
			strlen(session->answer + ret) + 1);
	mutex_unlock(&session->lock);
	return ret;
}

static const struct file_operations hookload_operations = {
	.owner = THIS_MODULE,
	.open = hookload_open,
	.release = hookload_release,
	.write = hookload_write,
	.read = hookload_read,
};

static struct dentry *file;

static int __init hookload_init(void)
{
	file = debugfs_create_file("hookload", 0600, NULL, NULL,
				   &hookload_operations);
	return PTR_ERR_OR_ZERO(file);
}

static void __exit hookload_exit(void)
{
	debugfs_remove(file);
}

module_init(hookload_init);
module_exit(hookload_exit);
MODULE_DESCRIPTION("Packets for the netfilter hooks, to measure what they cost");
MODULE_LICENSE("GPL");
