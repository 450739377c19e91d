/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The code is written for the newest kernel; what older ones lack is filled in
 * here. Kbuild looks for each thing itself in the kernel's headers, because
 * distributions bring things back into older versions.
 */
#ifndef CTRACK_COMPAT_H
#define CTRACK_COMPAT_H

/* Members of struct nf_ct_hook. */
#ifdef CTRACK_HAVE_CT_HOOK_CONFIRM
#define CT_HOOK_CONFIRM(function)	.confirm = (function),
#else
#define CT_HOOK_CONFIRM(function)
#endif
#ifdef CTRACK_HAVE_CT_HOOK_GET_ID
#define CT_HOOK_GET_ID(function)	.get_id = (function),
#else
#define CT_HOOK_GET_ID(function)
#endif

/* What the validate of an nft expression is called with. */
#ifdef CTRACK_HAVE_NFT_VALIDATE_DATA
#define NFT_VALIDATE_ARGS(ctx, expr)					\
	const struct nft_ctx *ctx, const struct nft_expr *expr,		\
	const struct nft_data **data
#else
#define NFT_VALIDATE_ARGS(ctx, expr)					\
	const struct nft_ctx *ctx, const struct nft_expr *expr
#endif

/* A sysctl handler may not write to its table any more. */
#ifdef CTRACK_HAVE_CONST_CTL_TABLE
#define CTL_TABLE_CONST			const
#else
#define CTL_TABLE_CONST
#endif

/* Tables once ended with an empty entry; callers leave room for it. */
#ifndef CTRACK_HAVE_SYSCTL_SIZE
#define register_net_sysctl_sz(net, path, table, size)			\
	register_net_sysctl(net, path, table)
#endif

/* A setting of netfilter's own was nf_conntrack's. */
#if defined(CONFIG_LWTUNNEL) && !defined(CTRACK_HAVE_LWTUNNEL_SYSCTL)
#define CTRACK_SETS_LWTUNNEL
#endif

/* A security context once was a string and its length. */
#ifdef CTRACK_HAVE_LSM_CONTEXT
#define SECCTX_GET(secid, context)					\
	security_secid_to_secctx(secid, context)
#define SECCTX_RELEASE(context)		security_release_secctx(context)
#else
struct lsm_context {
	char *context;
	unsigned int len;
};

#define SECCTX_GET(secid, lsm)						\
	security_secid_to_secctx(secid, &(lsm)->context, &(lsm)->len)
#define SECCTX_RELEASE(lsm)						\
	security_release_secctx((lsm)->context, (lsm)->len)
#endif

/* The namespace was once found by the packet. */
#ifdef CTRACK_HAVE_XFRM_DECODE_NET
#define XFRM_DECODE_SESSION(net, skb, flow, family)			\
	xfrm_decode_session(net, skb, flow, family)
#else
#define XFRM_DECODE_SESSION(net, skb, flow, family)			\
	xfrm_decode_session(skb, flow, family)
#endif

/* A table of xtables was once found until its exit. */
#ifdef CTRACK_HAVE_XT_TABLE_PRE_EXIT
#define XT_TABLE_PRE_EXIT(net, family, name)				\
	xt_unregister_table_pre_exit(net, family, name)
#else
#define XT_TABLE_PRE_EXIT(net, family, name)
#endif

/* The time of an event; in an enum, behind what was the last one. */
#ifndef CTRACK_HAVE_TIMESTAMP_EVENT
#define CTA_TIMESTAMP_EVENT		(CTA_STATUS_MASK + 1)
#endif

#endif
