#!/bin/bash
# ulogd2, as distributions ship it: it writes down each connection when it is over, from ctnetlink's events and with
# reliable delivery, and each packet that a rule logs.

. "$(dirname "$0")/lib.sh"

# written FILE REGEX: is there such a line?
written() { grep -qE -e "$2" "$work/$1"; }

topology_router
# shellcheck disable=SC2154
rules "$router" <<-'END'
	table inet nat {
		chain forward { type filter hook forward priority 0; udp dport 54 ct mark set 0x11; udp dport 54 log prefix "asks" group 5; }
		chain post { type nat hook postrouting priority srcnat; oifname r1 masquerade; }
	}
END
plugins=/usr/lib/x86_64-linux-gnu/ulogd
cat >"$work/ulogd.conf" <<-END
	[global]
	logfile="$work/ulogd.log"
	loglevel=3
	plugin="$plugins/ulogd_inpflow_NFCT.so"
	plugin="$plugins/ulogd_inppkt_NFLOG.so"
	plugin="$plugins/ulogd_raw2packet_BASE.so"
	plugin="$plugins/ulogd_filter_IP2STR.so"
	plugin="$plugins/ulogd_output_GPRINT.so"
	stack=flows:NFCT,flows_text:IP2STR,flows_out:GPRINT
	stack=packets:NFLOG,packets_base:BASE,packets_text:IP2STR,packets_out:GPRINT
	[flows]
	reliable=1
	[packets]
	group=5
	[flows_out]
	file="$work/flows"
	sync=1
	[packets_out]
	file="$work/packets"
	sync=1
END
# shellcheck disable=SC2154
set_sysctl "$router" net.netfilter.nf_conntrack_timestamp=1
in_ns "$router" ulogd -c "$work/ulogd.conf" </dev/null >"$work/said" 2>&1 &
background+=($!)
check "ulogd2 listens" wait_for 30 written ulogd.log 'entering main loop'

# shellcheck disable=SC2154
sock echo udp "$server" 10.0.2.2 54
# shellcheck disable=SC2154
sock udp c "$client" 10.0.1.2 4000
for i in 1 2; do sock ask c $i 10.0.2.2 54 >/dev/null; done
check "a packet that a rule logs" wait_for 30 written packets \
	'oob.prefix=asks,.*ip.saddr=10.0.1.2,ip.daddr=10.0.2.2,.*udp.sport=4000,udp.dport=54,'
in_ns "$router" ctctl delete sport 4000 >/dev/null
check "a connection that is over" wait_for 30 written flows 'orig.ip.saddr=10.0.1.2,orig.ip.daddr=10.0.2.2,orig.ip.protocol=17,'
check_output "with its translation" ',reply.ip.saddr=10.0.2.2,reply.ip.daddr=10.0.2.1,' cat "$work/flows"
check_output "with what was counted" ',orig.raw.pktlen=58,orig.raw.pktcount=2,.*,reply.raw.pktlen=58,reply.raw.pktcount=2,' cat "$work/flows"
check_output "with its mark" ',ct.mark=17,' cat "$work/flows"
check_output "with its beginning and its end" ',flow.start.sec=[1-9][0-9]*,.*flow.end.sec=[1-9]' cat "$work/flows"
