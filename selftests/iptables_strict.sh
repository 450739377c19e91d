#!/bin/bash
# modules: none
# limit: 900
# Rules that are wrong in one thing each, asked for without iptables, which would not send them: nf_conntrack and ctrack
# have the same revisions of each match and target, and take or refuse the same, with the same error. Where ctrack is
# stricter, that is written down here.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trackers.sh"

groups="revisions good sizes places other_families flags_of_ranges words"

chains() { # FAMILY
	cat <<-END
		table $1 nat {
			chain prerouting { type nat hook prerouting priority -100; }
			chain input { type nat hook input priority 100; }
			chain output { type nat hook output priority -100; }
			chain postrouting { type nat hook postrouting priority 100; }
		}
		table $1 mangle {
			chain prerouting { type filter hook prerouting priority -150; }
			chain forward { type filter hook forward priority -150; }
			chain postrouting { type filter hook postrouting priority -150; }
		}
		table $1 raw {
			chain prerouting { type filter hook prerouting priority -300; }
			chain output { type filter hook output priority -300; }
		}
		table $1 filter { chain forward { type filter hook forward priority 0; }; }
		table $1 security { chain forward { type filter hook forward priority 50; }; }
	END
}

answers() {
	local group
	netns host
	{
		chains ip
		chains ip6
		chains inet
		echo 'table arp filter { chain input { type filter hook input priority 0; }; }'
	} | rules "$host"
	in_ns "$host" nfct timeout add ip inet tcp established 100
	in_ns "$host" nfct timeout add ip6 inet6 tcp established 100
	for group in $groups; do
		in_ns "$host" python3 -ESsB "$(dirname "$0")/tools/xtables.py" "$group" >"$work/$tracker.$group"
	done
}

# Flags and modes that there are not, which nf_conntrack takes and ctrack refuses, each with EINVAL.
stricter='^match conntrack [123] .*(asks for|inverts) 0x[48]000:
^match conntrack [123] .*(asks for|inverts) 0xffff:
^match connlimit 1 .*flags 0x(4|80000000):
^match cluster 0 .*, flags 0x(2|80000000):
^target CONNMARK [12] .*mode (3|255):
^target (SNAT|DNAT|NETMAP|MASQUERADE|REDIRECT) [012] .*flags 0x(20|21|40|41|80|81|80000000|80000001):'
# Older kernels have these for any family.
older='^(match (connlimit|cluster)|target (CT|NOTRACK|CONNMARK|CONNSECMARK)) [012] in (inet|arp) .*: ENOENT$'

# unexplained GROUP: where they differ, nf_conntrack's answer first
unexplained() {
	paste -d '|' "$work/nf_conntrack.$1" "$work/ctrack.$1" | awk -F '|' -v stricter="${stricter//$'\n'/|}" -v older="$older" '
		$1 == $2 || ($2 ~ older) || ($1 ~ /: taken$/ && $2 ~ /: EINVAL$/ && $2 ~ stricter) { next }
		{ print }'
}

# unused: what is written down as stricter, and is not
unused() {
	local regex
	while IFS= read -r regex; do
		cat "$work"/ctrack.* | grep -E "$regex EINVAL$" | grep -qvxFf <(cat "$work"/nf_conntrack.*) || echo "$regex"
	done <<<"$stricter"
}

on_both answers
for group in $groups; do
	check "$group: there are answers" [ -s "$work/ctrack.$group" ]
	check_equal "$group: each answer of ctrack's is nf_conntrack's" "" "$(unexplained "$group")"
done
check_equal "what iptables may send is taken" "" "$(grep -v ': taken$' "$work/ctrack.good")"
check "hundreds of rules are refused" [ "$(cat "$work"/ctrack.* | grep -c ': E')" -ge 500 ]
check_equal "ctrack is stricter where it is said to be" "" "$(unused)"
