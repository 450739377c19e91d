/* SPDX-License-Identifier: GPL-2.0 */
/* What the nft expressions `nat`, `masq` and `redir` have in common. */
#ifndef CTRACK_RANGE_NFT_H
#define CTRACK_RANGE_NFT_H

#include <linux/netfilter/nf_nat.h>
#include <net/netfilter/nf_tables.h>
#include <net/netfilter/nf_nat.h>

/* How a choice is made, whatever the range. */
#define RANGE_NFT_CHOICE						\
	(NF_NAT_RANGE_PROTO_RANDOM_ALL | NF_NAT_RANGE_PERSISTENT)

/**
 * struct range_nft_attributes - what an expression calls the parts of a range
 * @address_min: attribute number; 0, as in the others, where it has none
 * @address_max: attribute number
 * @port_min: attribute number
 * @port_max: attribute number
 * @flags: attribute number
 * @allowed: NF_NAT_RANGE_* that it can be given
 */
struct range_nft_attributes {
	u8 address_min;
	u8 address_max;
	u8 port_min;
	u8 port_max;
	u8 flags;
	u32 allowed;
};

/**
 * struct range_nft - a range as a rule has it, its bounds in registers
 * @address_min: register; 0, as in the others, when it was not given
 * @address_max: register
 * @port_min: register
 * @port_max: register
 * @flags: NF_NAT_RANGE_* as given
 */
struct range_nft {
	u8 address_min;
	u8 address_max;
	u8 port_min;
	u8 port_max;
	u32 flags;
};

int range_nft_init(const struct nft_ctx *ctx,
		   const struct range_nft_attributes *attributes,
		   const struct nlattr * const tb[],
		   unsigned int address_length, struct range_nft *range);
int range_nft_dump(struct sk_buff *skb,
		   const struct range_nft_attributes *attributes,
		   const struct range_nft *range);
int range_nft_validate(const struct nft_ctx *ctx, unsigned int hooks);
void range_nft_load(const struct range_nft *range, const struct nft_regs *regs,
		    u8 family, struct nf_nat_range2 *loaded);

#endif
