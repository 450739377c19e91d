/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The nft expressions `ct`, `ct count` and `notrack`, and the object
 * `ct timeout`.
 */
#ifndef CTRACK_NFT_H
#define CTRACK_NFT_H

int ctrack_nft_ct_init(void);
void ctrack_nft_ct_exit(void);
int ctrack_nft_notrack_init(void);
void ctrack_nft_notrack_exit(void);
int ctrack_nft_connlimit_init(void);
void ctrack_nft_connlimit_exit(void);
int ctrack_nft_ct_timeout_init(void);
void ctrack_nft_ct_timeout_exit(void);
int ctrack_nft_absent_init(void);
void ctrack_nft_absent_exit(void);

#endif
