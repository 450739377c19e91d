#!/bin/bash
# Whoever may be root in a namespace of their own may send ctnetlink anything there. 6,000 requests that
# are random, damaged or turned around, the same ones each time, in a namespace of the host's and in one
# that belongs to a user namespace: each is answered, and the table stays whole. Who has no privilege in
# the user namespace that a network namespace belongs to gets no answer there but EPERM. The same of ctrack's own
# generic netlink family, but for its statistics, which are anybody's.

. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2154
netns host
tool_cases "$host" ctnetlink_fuzz fuzz
as=(unshare --user --map-root-user --net)
tool_cases "$host" ctnetlink_fuzz fuzz
tool_cases "$host" genl_fuzz fuzz
tool_cases "$host" genl_fuzz own
as=()
tool_cases "$host" ctnetlink_fuzz open_one
as=(unshare --user)
tool_cases "$host" ctnetlink_fuzz forbidden
tool_cases "$host" genl_fuzz forbidden
as=()
tool_cases "$host" ctnetlink_fuzz is_there
