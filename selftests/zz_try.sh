. "$(dirname "$0")/lib.sh"
netns host
in_ns "$host" strace -e trace=sendto,sendmsg -xx -s 400 conntrack -I -p tcp -s 1.1.1.1 -d 2.2.2.2 --sport 10 --dport 20 --state ESTABLISHED -t 100 --mark 5 -u SEEN_REPLY,ASSURED 2>&1 | grep send
in_ns "$host" conntrack -L
in_ns "$host" conntrack -I -p tcp -s 1.1.1.1 -d 2.2.2.2 --sport 10 --dport 20 --state ESTABLISHED -t 100 || true
in_ns "$host" conntrack -L
in_ns "$host" conntrack -L -z -p tcp || true
in_ns "$host" conntrack -L -z || true
ok fine
