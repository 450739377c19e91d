#!/bin/bash
# modules: none
# limit: 860
# iptables' own tests of what has to do with connections: which rules are taken, which refused, and how they are listed.

. "$(dirname "$0")/lib.sh"

tests=()
for name in lib{xt,ipt,ip6t}_{conntrack,state,connmark,connbytes,connlabel,connlimit,cluster,helper} \
	lib{xt,ipt,ip6t}_{CONNMARK,CONNSECMARK,CT,NOTRACK,MASQUERADE,SNAT,DNAT,REDIRECT,NETMAP}; do
	[ ! -e "/peers/iptables/extensions/$name.t" ] || tests+=("extensions/$name.t")
done
check_not "there are such tests" [ ${#tests[@]} = 0 ]
same_with_command env -C /peers/iptables python3 iptables-test.py --host --nftables "${tests[@]}"
