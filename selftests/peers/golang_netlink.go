// SPDX-License-Identifier: GPL-2.0

// golang_netlink says what github.com/vishvananda/netlink, with which container runtimes and Kubernetes' networks look
// after their connections, finds in the table, and what becomes of what it deletes:
//
//	golang_netlink list 4|6
//	golang_netlink delete 4|6 FIELD=VALUE...
//	golang_netlink flush
package main

import (
	"fmt"
	"net"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
)

var families = map[string]netlink.InetFamily{"4": netlink.FAMILY_V4, "6": netlink.FAMILY_V6}

var addresses = map[string]netlink.ConntrackFilterType{
	"orig-src":  netlink.ConntrackOrigSrcIP,
	"orig-dst":  netlink.ConntrackOrigDstIP,
	"reply-src": netlink.ConntrackReplySrcIP,
	"reply-dst": netlink.ConntrackReplyDstIP,
	"reply-any": netlink.ConntrackReplyAnyIP,
}

var ports = map[string]netlink.ConntrackFilterType{
	"sport": netlink.ConntrackOrigSrcPort,
	"dport": netlink.ConntrackOrigDstPort,
}

func list(family netlink.InetFamily) error {
	flows, err := netlink.ConntrackTableList(netlink.ConntrackTable, family)
	lines := []string{}
	for _, flow := range flows {
		lines = append(lines, flow.String())
	}
	// A dump has no order.
	sort.Strings(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
	return err
}

func add(filter *netlink.ConntrackFilter, field string) error {
	name, value, _ := strings.Cut(field, "=")
	if kind, found := addresses[name]; found {
		return filter.AddIP(kind, net.ParseIP(value))
	}
	number, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		return err
	}
	if kind, found := ports[name]; found {
		return filter.AddPort(kind, uint16(number))
	}
	return filter.AddProtocol(uint8(number))
}

func remove(family netlink.InetFamily, fields []string) error {
	filter := &netlink.ConntrackFilter{}
	for _, field := range fields {
		if err := add(filter, field); err != nil {
			return err
		}
	}
	count, err := netlink.ConntrackDeleteFilter(netlink.ConntrackTable, family, filter)
	fmt.Println("deleted:", count)
	return err
}

func run(words []string) error {
	switch {
	case words[0] == "list":
		return list(families[words[1]])
	case words[0] == "delete":
		return remove(families[words[1]], words[2:])
	default:
		return netlink.ConntrackTableFlush(netlink.ConntrackTable)
	}
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}
