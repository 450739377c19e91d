. "$(dirname "$0")/lib.sh"
topology_router
count_states "$router"
sock echo udp "$server" 10.0.2.2 53
sock udp c "$client" 10.0.1.2 4003
sock ask c hello 10.0.2.2 53
check "-m" in_ns "$router" conntrack -U -p udp --orig-port-src 4003 -m 5
echo "$output"
check "-t" in_ns "$router" conntrack -U -p udp --orig-port-src 4003 -t 1
echo "$output"
run in_ns "$router" strace -s 400 -e trace=sendmsg,sendto,recvmsg,recvfrom conntrack -U -p udp --orig-port-src 4003 -t 1
echo "$output"
check "-t" in_ns "$router" conntrack -U -p udp -s 10.0.1.2 -t 1
echo "$output"
