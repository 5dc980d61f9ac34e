#!/bin/sh
# SPDX-License-Identifier: ISC
# What the seed's cloudmaker did wrong and no other test names: "hazard N". Those of its language and
# of its own last revision (2, 20, 21) cannot come back in C; the rest is named in do-*.t, dns-match.t,
# inv-*.t and droplets-mk.t.
. "$(dirname "$0")/lib.sh"

sb() { t "$1" '. "$tests/do.sh"; . "$tests/sandbox.sh"; start_sandbox
'"$2"; }

sb 'hazard 5: the inventory is in the file that the manual names' '
	make -s -f "$top/pipelines/droplets.mk" RUN=test inventory >out
	jq -e "type == \"object\"" cloudmaker_inventory.json
	grep -q cloudmaker_inventory.json "$top/pipelines/droplets.mk"
'
t 'hazards 14, 15: a machine with no public address, or none at all, and a record for another' '
	jq -cn "{kind: \"instance\", provider: \"digitalocean\", id: \"1\", name: \"inside\", private_network_interfaces: {ipv4: \"10.0.0.1\"}},
		{kind: \"instance\", provider: \"digitalocean\", id: \"2\", name: \"new\", addresses: []},
		{kind: \"dns-record\", provider: \"digitalocean\", id: \"3\", type: \"AAAA\", fqdn: \"a.acme.com\", data: \"2001:DB8::1\"},
		{kind: \"dns-record\", provider: \"digitalocean\", id: \"4\", type: \"A\", fqdn: \"b.acme.com\", data: \"10.0.0.1\"}" >in
	dns-match <in >out
	jq -s -c "[.[0].names, .[2].instance, .[3].instance.name]" out >got
	echo "[[\"b.acme.com\"],null,\"inside\"]" >want
	same want got
'
sb 'hazards 19, 33: backups need not be said, and what is missing is called by its name' '
	want web >in
	ensure <in >out
	forget
	ensure <in >again
	[ -z "$(changed)" ]
	want other "{image: null}" >in
	fails 65 ensure <in
	says "image"
	no grep -q backups err
'
sb 'hazard 28: private networking is not asked for: every droplet has it' '
	want web >in
	ensure <in >out
	journal >requests
	jq -e -s "map(select(.action == \"droplets_create\")) | length == 1 and (.[0].params | has(\"private_networking\") | not)" requests
	jq -e -s "map(select(.kind == \"instance\"))[0].private_network_interfaces.ipv4" out
'
sb 'hazard 40: a name is never part of a path unescaped' '
	want "a/../b?x=1#y" >in
	fails 65 ensure <in
	[ -z "$(changed)" ]
	fails 69 do-records list "a/b?c"
	journal >requests
	jq -e -s "all(.path | contains(\"a/b?c\") | not)" requests
'
sb 'hazard 41: records are asked for by domain once, not by type' '
	do-records list >out
	journal >requests
	jq -r "select(.action == \"domains_list_records\").path" requests | sort | uniq -d >twice
	lines 0 twice
	jq -e -s "map(select(.action == \"domains_list_records\")) | length == 1" requests
'
done_testing
