# shellcheck shell=bash
# A download from $server to $client that never ends by itself. For tests, which source it behind lib.sh.

begin_download() { # as fast as it goes, for as long as it takes
	spawn in_ns "$server" python3 -c '
import socket
s = socket.create_server(("10.0.2.2", 84))
c, a = s.accept()
c.settimeout(60)
try:
    while True: c.sendall(b"x" * 65536)
except OSError as e: print(e)'
	server_pid=$!
	wait_for 30 listens "$server" tcp 84
	spawn in_ns "$client" python3 -c '
import socket, sys
c = socket.create_connection(("10.0.2.2", 84))
c.settimeout(60)
n = 0
while True:
    data = c.recv(1 << 20)
    if not data: sys.exit("ended")
    n += len(data)
    open(sys.argv[1], "w").write(str(n))' "$work/downloaded"
	client_pid=$!
}
downloaded() { local n=; read -r n <"$work/downloaded" || true; echo "${n:-0}"; }
