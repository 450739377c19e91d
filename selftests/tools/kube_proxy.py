"""kube_proxy.py SERVICES: rules for iptables-restore, as kube-proxy writes them in its iptables mode.

default/web       10.96.0.1:80, node port 30080: two endpoints, 10.244.0.2:8080 and 10.244.0.3:8080
default/sticky    10.96.0.2:80: the same, and a client stays at the one that it had
default/empty     10.96.0.3:80: no endpoint
default/other-N   as many more, each with two endpoints that are not there
"""
import base64
import hashlib
import sys

PODS = "10.244.0.0/16"


def chain(kind, *names):
    digest = hashlib.sha256(" ".join(names).encode()).digest()
    return f"KUBE-{kind}-{base64.b32encode(digest).decode()[:16]}"


class Rules:
    def __init__(self):
        self.chains = {"nat": [], "filter": []}
        self.rules = {"nat": [], "filter": []}

    def chain(self, table, name):
        self.chains[table].append(name)
        return name

    def add(self, table, rule):
        self.rules[table].append("-A " + rule)

    def text(self):
        for table in ("filter", "nat"):
            yield "*" + table
            for name in self.chains[table]:
                yield f":{name} - [0:0]"
            yield from self.rules[table]
            yield "COMMIT"


def comment(text):
    return f'-m comment --comment "{text}"'


def frame(rules):
    for name in ("KUBE-EXTERNAL-SERVICES", "KUBE-FORWARD", "KUBE-NODEPORTS", "KUBE-PROXY-FIREWALL", "KUBE-SERVICES"):
        rules.chain("filter", name)
    for name in ("KUBE-MARK-MASQ", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-SERVICES"):
        rules.chain("nat", name)
    new = "-m conntrack --ctstate NEW"
    for hook in ("INPUT", "FORWARD", "OUTPUT"):
        rules.add("filter", f'{hook} {new} {comment("kubernetes load balancer firewall")} -j KUBE-PROXY-FIREWALL')
    rules.add("filter", f'INPUT {comment("kubernetes health check service ports")} -j KUBE-NODEPORTS')
    for hook in ("INPUT", "FORWARD"):
        rules.add("filter", f'{hook} {new} {comment("kubernetes externally-visible service portals")} '
                  "-j KUBE-EXTERNAL-SERVICES")
    rules.add("filter", f'FORWARD {comment("kubernetes forwarding rules")} -j KUBE-FORWARD')
    for hook in ("FORWARD", "OUTPUT"):
        rules.add("filter", f'{hook} {new} {comment("kubernetes service portals")} -j KUBE-SERVICES')
    rules.add("filter", "KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP")
    rules.add("filter", f'KUBE-FORWARD {comment("kubernetes forwarding rules")} -m mark --mark 0x4000/0x4000 -j ACCEPT')
    rules.add("filter", f'KUBE-FORWARD {comment("kubernetes forwarding conntrack rule")} '
              "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")
    for hook in ("PREROUTING", "OUTPUT"):
        rules.add("nat", f'{hook} {comment("kubernetes service portals")} -j KUBE-SERVICES')
    rules.add("nat", f'POSTROUTING {comment("kubernetes postrouting rules")} -j KUBE-POSTROUTING')
    rules.add("nat", "KUBE-MARK-MASQ -j MARK --or-mark 0x4000")
    rules.add("nat", "KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN")
    rules.add("nat", "KUBE-POSTROUTING -j MARK --xor-mark 0x4000")
    rules.add("nat", f'KUBE-POSTROUTING {comment("kubernetes service traffic requiring SNAT")} '
              "-j MASQUERADE --random-fully")


def service(rules, name, address, endpoints, node_port=None, sticky=False):
    services = rules.chain("nat", chain("SVC", name))
    rules.add("nat", f'KUBE-SERVICES -d {address}/32 -p tcp {comment(name + " cluster IP")} -m tcp --dport 80 '
              f"-j {services}")
    if node_port:
        external = rules.chain("nat", chain("EXT", name))
        rules.add("nat", f"KUBE-NODEPORTS -p tcp {comment(name)} -m tcp --dport {node_port} -j {external}")
        rules.add("nat", f'{external} {comment("masquerade traffic for " + name + " external destinations")} '
                  "-j KUBE-MARK-MASQ")
        rules.add("nat", f"{external} -j {services}")
    rules.add("nat", f'{services} ! -s {PODS} -d {address}/32 -p tcp {comment(name + " cluster IP")} -m tcp --dport 80 '
              "-j KUBE-MARK-MASQ")
    ends = [rules.chain("nat", chain("SEP", name, end)) for end in endpoints]
    if sticky:
        for end, to in zip(ends, endpoints):
            rules.add("nat", f'{services} {comment(f"{name} -> {to}")} -m recent --rcheck --seconds 10800 --reap '
                      f"--name {end} --mask 255.255.255.255 --rsource -j {end}")
    for i, (end, to) in enumerate(zip(ends, endpoints)):
        left = len(ends) - i
        chance = f"-m statistic --mode random --probability {1 / left:.11f} " if left > 1 else ""
        rules.add("nat", f'{services} {comment(f"{name} -> {to}")} {chance}-j {end}')
        rules.add("nat", f'{end} -s {to.split(":")[0]}/32 {comment(name)} -j KUBE-MARK-MASQ')
        recent = f"-m recent --set --name {end} --mask 255.255.255.255 --rsource " if sticky else ""
        rules.add("nat", f"{end} -p tcp {comment(name)} {recent}-m tcp -j DNAT --to-destination {to}")


def main():
    rules = Rules()
    pods = ["10.244.0.2:8080", "10.244.0.3:8080"]
    frame(rules)
    for i in range(int(sys.argv[1])):
        service(rules, f"default/other-{i}", f"10.97.{i // 256}.{i % 256}",
                [f"10.245.{i // 256}.{i % 256}:8080", f"10.246.{i // 256}.{i % 256}:8080"])
    service(rules, "default/web", "10.96.0.1", pods, node_port=30080)
    service(rules, "default/sticky", "10.96.0.2", pods, sticky=True)
    rules.add("filter", f'KUBE-SERVICES -d 10.96.0.3/32 -p tcp {comment("default/empty has no endpoints")} '
              "-m tcp --dport 80 -j REJECT")
    rules.add("nat", f'KUBE-SERVICES {comment("kubernetes service nodeports; NOTE: this must be the last rule in this chain")}'
              " -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS")
    print("\n".join(rules.text()))


main()
