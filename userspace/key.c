// SPDX-License-Identifier: GPL-2.0
/*
 * A key: the words that name one connection, by its original or its reply direction, checked to
 * be all there and to name no more than one. PURE.
 */
#include "key.h"
#include "names.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const char *missing_word(const struct filter *f, uint32_t need)
{
	static char text[160];
	const char *name, *expects;
	int i;

	for (i = 0; i < WORD_COUNT; i++) {
		if (!(need & 1u << i) || filter_has(f, i))
			continue;
		expects = filter_expects(i, &name);
		snprintf(text, sizeof(text), "'%s' is missing, expected %s", name, expects);
		return text;
	}
	return NULL;
}

/* What is wrong with the words that are to name one connection, NULL when nothing is. */
static const char *key_complaint(const struct filter *f, enum flow_kind kind)
{
	static const uint32_t ports = 1u << WORD_SPORT | 1u << WORD_DPORT;
	static const uint32_t icmp = 1u << WORD_TYPE | 1u << WORD_ID;
	static const uint32_t all = 1u << WORD_PROTO | 1u << WORD_SRC | 1u << WORD_DST;
	const char *text = missing_word(f, all);

	if (!text && kind == FLOW_PORTS)
		text = missing_word(f, ports);
	if (!text && kind == FLOW_ICMP)
		text = missing_word(f, icmp);
	if (text)
		return text;
	if (kind != FLOW_PORTS && f->given & ports)
		return "'sport' and 'dport' are not known to this protocol, expected none";
	if (kind != FLOW_ICMP && f->given & (icmp | 1u << WORD_CODE))
		return "'type', 'code' and 'id' are not known to this protocol, expected none";
	if (!prefix_is_host(&f->src))
		return "'src' is a prefix, expected one address";
	if (!prefix_is_host(&f->dst))
		return "'dst' is a prefix, expected one address";
	if (f->sport.from != f->sport.to)
		return "'sport' is a range, expected one port";
	if (f->dport.from != f->dport.to)
		return "'dport' is a range, expected one port";
	return NULL;
}

/**
 * key_from_words - the one connection that %FILTER_ONE words name
 * @f: the words
 * @key: where its family, protocol, zone and one direction, as @orig, go
 * @err: where the complaint goes
 * @size: the room there
 *
 * GRE has ports only if they are given, and a code that is not given is 0.
 *
 * Return: 0, or -EINVAL with a complaint that names the word that is missing or too wide.
 */
int key_from_words(const struct filter *f, struct entry *key, char *err, size_t size)
{
	const char *complaint;

	memset(key, 0, sizeof(*key));
	if (proto_is_icmp(f->proto))
		key->kind = FLOW_ICMP;
	else if (proto_has_ports(f->proto) ||
		 (f->proto == IPPROTO_GRE && filter_has(f, WORD_SPORT)))
		key->kind = FLOW_PORTS;

	complaint = key_complaint(f, key->kind);
	if (complaint) {
		snprintf(err, size, "%s", complaint);
		return -EINVAL;
	}
	key->family = f->family;
	key->proto = f->proto;
	key->zone = f->zone;
	memcpy(key->orig.src, f->src.address, sizeof(key->orig.src));
	memcpy(key->orig.dst, f->dst.address, sizeof(key->orig.dst));
	key->orig.sport = f->sport.from;
	key->orig.dport = f->dport.from;
	key->orig.type = f->type;
	key->orig.code = f->code;
	key->orig.id = f->id;
	return 0;
}
