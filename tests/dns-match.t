#!/bin/sh
# SPDX-License-Identifier: ISC
# dns-match(1): which names point at which machine.
. "$(dirname "$0")/lib.sh"

# machine NAME ID IPV4 IPV6 [MORE]; pointer NAME TYPE DATA [MORE]: records in acme.com
words='
	machine() { printf "{\"kind\":\"instance\",\"provider\":\"digitalocean\",\"id\":\"%s\",\"name\":\"%s\",\"public_network_interfaces\":{\"ipv4\":\"%s\",\"ipv6\":\"%s\"}%s}\n" "$2" "$1" "$3" "$4" "${5-}"; }
	pointer() { printf "{\"kind\":\"dns-record\",\"provider\":\"digitalocean\",\"domain\":\"acme.com\",\"type\":\"%s\",\"name\":\"%s\",\"data\":\"%s\"%s}\n" "$2" "$1" "$3" "${4-}"; }
	names() { jq -r "select(.kind == \"instance\") | [.name, (.names // [\"-\"])[]] | join(\" \")" "$@"; }
	owners() { jq -r "select(.kind == \"dns-record\") | [.name, if has(\"instance\") then (.instance | if . then .id else \"null\" end) else \"-\" end] | join(\" \")" "$@"; }
'
t 'the seed: names in the order of the records, once each; the rest keeps its text' "$words"'
	cat >in <<-\END
	{"kind":"dns-record","provider":"digitalocean","domain":"acme.com","id":"1","type":"A","name":"server1","fqdn":"server1.acme.com","data":"45.55.221.186","ttl":1800}
	{"kind":"instance","provider":"digitalocean","id":"3164494","name":"server1","x":0.10000,"names":["old.acme.com"],"y":1e2,"public_network_interfaces":{"ipv4":"45.55.221.186","ipv6":"2604:a880:0800:0010:0000:0000:0060:c001"}}
	{"kind":"dns-record","provider":"digitalocean","domain":"acme.com","id":"2","type":"A","name":"@","fqdn":"acme.com","data":"45.55.221.186","ttl":1e3}
	{"kind":"dns-record","provider":"digitalocean","domain":"acme.com","id":"3","type":"AAAA","name":"@","fqdn":"acme.com","data":"2604:a880:800:10::60:c001","ttl":1800}
	{"kind":"dns-record","provider":"digitalocean","domain":"acme.com","id":"4","type":"A","name":"old","fqdn":"old.acme.com","data":"45.55.221.1","ttl":1800}
	END
	dns-match <in >got
	cat >want <<-\END
	{"kind":"dns-record","provider":"digitalocean","domain":"acme.com","id":"1","type":"A","name":"server1","fqdn":"server1.acme.com","data":"45.55.221.186","ttl":1800,"instance":{"provider":"digitalocean","id":"3164494","name":"server1"}}
	{"kind":"instance","provider":"digitalocean","id":"3164494","name":"server1","x":0.10000,"names":["server1.acme.com","acme.com"],"y":1e2,"public_network_interfaces":{"ipv4":"45.55.221.186","ipv6":"2604:a880:0800:0010:0000:0000:0060:c001"}}
	{"kind":"dns-record","provider":"digitalocean","domain":"acme.com","id":"2","type":"A","name":"@","fqdn":"acme.com","data":"45.55.221.186","ttl":1e3,"instance":{"provider":"digitalocean","id":"3164494","name":"server1"}}
	{"kind":"dns-record","provider":"digitalocean","domain":"acme.com","id":"3","type":"AAAA","name":"@","fqdn":"acme.com","data":"2604:a880:800:10::60:c001","ttl":1800,"instance":{"provider":"digitalocean","id":"3164494","name":"server1"}}
	{"kind":"dns-record","provider":"digitalocean","domain":"acme.com","id":"4","type":"A","name":"old","fqdn":"old.acme.com","data":"45.55.221.1","ttl":1800,"instance":null}
	END
	same want got
'
t 'hazard 24: four spellings of one IPv6 address are one, on both sides' "$words"'
	for machine in 2604:a880:0800:0010:0000:0000:0060:c001 2604:A880:800:10::60:C001 \
		2604:a880:800:10:0:0:60:c001 2604:a880:800:10::0.96.192.1; do
		for record in 2604:a880:0800:0010:0000:0000:0060:c001 2604:A880:800:10::60:C001 \
			2604:a880:800:10:0:0:60:c001 2604:a880:800:10::0.96.192.1; do
			{ machine web 1 192.0.2.1 "$machine"; pointer www AAAA "$record"; } | dns-match | names >got
			echo "web www.acme.com" >want; same want got
		done
	done
'
t 'hazards 14-16: machines without networks, with empty and null ones' "$words"'
	cat >in <<-\END
	{"kind":"instance","name":"a"}
	{"kind":"instance","name":"b","names":["wanted.acme.com"],"public_network_interfaces":{},"private_network_interfaces":null,"addresses":[]}
	{"kind":"instance","name":"c","public_network_interfaces":{"ipv4":null}}
	END
	dns-match <in >got; same in got
'
t 'hazard 25: namesakes are both kept, and each has its own names' "$words"'
	{ machine web 1 192.0.2.1 ::1; machine web 2 192.0.2.2 ::2; pointer b A 192.0.2.2; pointer a A 192.0.2.1; } | dns-match >out
	names out >got; printf "%s\n" "web a.acme.com" "web b.acme.com" >want; same want got
	owners out >got; printf "%s\n" "b 2" "a 1" >want; same want got
'
t 'hazard 26: every address counts: first, last, reserved, private' "$words"'
	echo "{\"kind\":\"instance\",\"name\":\"web\",\"id\":\"7\",\"private_network_interfaces\":{\"ipv4\":\"10.1.2.3\"},\"addresses\":[{\"address\":\"192.0.2.1\",\"type\":\"public\"},{\"address\":\"192.0.2.9\",\"type\":\"reserved\"}]}" >in
	{ pointer a A 10.1.2.3; pointer b A 192.0.2.9; pointer c A 192.0.2.1; cat in; } | dns-match | names >got
	echo "web a.acme.com b.acme.com c.acme.com" >want; same want got
'
t 'hazard 30: only A and AAAA records are marked; names without case and final dot' "$words"'
	{ machine web 1 192.0.2.1 ::1; pointer WWW.Dev A 192.0.2.1; pointer www CNAME web.acme.com; pointer mail TXT 192.0.2.1
	pointer x A 192.0.2.1 ",\"fqdn\":\"X.Acme.COM.\""; } | dns-match >out
	names out >got; echo "web www.dev.acme.com x.acme.com" >want; same want got
	owners out >got; printf "%s\n" "WWW.Dev 1" "www -" "mail -" "x 1" >want; same want got
'
t 'apex, wildcard, a zone inside a zone, example.co.uk' "$words"'
	{ pointer @ A 192.0.2.1; pointer "*" A 192.0.2.1; pointer "*.dev" A 192.0.2.1
	pointer @ A 192.0.2.1 ",\"domain\":\"b.acme.com\"" ; pointer www A 192.0.2.1 ",\"domain\":\"Example.CO.uk.\""
	machine web 1 192.0.2.1 ::1; } | dns-match | names >got
	echo "web acme.com *.acme.com *.dev.acme.com b.acme.com www.example.co.uk" >want; same want got
'
t 'a type and data that do not fit point nowhere: A with IPv6, AAAA with IPv4, no address' "$words"'
	{ machine web 1 192.0.2.1 ::ffff:192.0.2.1; pointer a A ::ffff:192.0.2.1; pointer b AAAA 192.0.2.1; pointer c A 192.0.2.01
	pointer d A 1800; pointer e AAAA ::FFFF:c000:201; } | dns-match >out
	owners out >got; printf "%s\n" "a null" "b null" "c null" "d null" "e 1" >want; same want got
	names out >got; echo "web e.acme.com" >want; same want got
'
t 'an address of several machines: all get the name, the record its own cloud, and a note says so' "$words"'
	{ machine aws i-1 10.0.0.1 ::1 | sed s/digitalocean/aws/; machine do 2 10.0.0.1 ::2; pointer web A 10.0.0.1; } >in
	dns-match <in >out 2>err
	names out >got; printf "%s\n" "aws web.acme.com" "do web.acme.com" >want; same want got
	owners out >got; echo "web 2" >want; same want got
	says "^dns-match: several machines have the address of 1 record, such as .web.acme.com.$"
	dns-match -q <in >out 2>err; lines 0 err
	{ machine do 2 10.0.0.1 ::2; machine do 2 10.0.0.1 ::2; pointer web A 10.0.0.1; } | dns-match >out 2>err
	lines 0 err
'
t 'a machine that is gone owns no address, another may have it' "$words"'
	{ machine old 1 192.0.2.1 ::1 ",\"status\":\"gone\""; machine new 2 192.0.2.1 ::2; pointer www A 192.0.2.1; } | dns-match | owners >got
	echo "www 2" >want; same want got
'
t 'names are what the records say, [] when none; wanted names stay until there is an address' "$words"'
	{ machine a 1 192.0.2.1 ::1 ",\"names\":[\"stale.acme.com\"]"
	echo "{\"kind\":\"instance\",\"name\":\"b\",\"names\":[\"wanted.acme.com\"]}"; } | dns-match | jq -c "[.name, .names]" >got
	printf "%s\n" "[\"a\",[]]" "[\"b\",[\"wanted.acme.com\"]]" >want; same want got
'
t 'an error is never an empty list: with a zone unread, names stay and nothing is marked null' "$words"'
	{ machine a 1 192.0.2.1 ::1 ",\"names\":[\"Other.acme.com\",\"www.acme.com\"]"; pointer www A 192.0.2.1; pointer lost A 192.0.2.2
	pointer stale A 192.0.2.3 ",\"instance\":null"
	echo "{\"kind\":\"target\",\"provider\":\"digitalocean\",\"id\":\"acme.org\",\"error\":{\"status\":75,\"message\":\"503\"}}"; } >in
	fails 75 dns-match <in
	names out >got; echo "a other.acme.com www.acme.com" >want; same want got
	owners out >got; printf "%s\n" "www 1" "lost -" "stale -" >want; same want got
	lines 5 out
'
t 'a machine with an error passes untouched, but what points at it does not point at nothing' "$words"'
	{ machine a 1 192.0.2.1 ::1 ",\"error\":{\"status\":69}"; pointer www A 192.0.2.1; } >in
	fails 69 dns-match <in
	owners out >got; echo "www 1" >want; same want got
	head -1 in >want; head -1 out >got; same want got
'
t 'wrong types are 65, on the record and on stderr; the others are matched' "$words"'
	{ machine ok 1 192.0.2.1 ::1; pointer www A 192.0.2.1
	echo "{\"kind\":\"instance\",\"name\":\"bad\",\"x\":0.10,\"addresses\":{}}"
	echo "{\"kind\":\"instance\",\"name\":\"bad2\",\"names\":[1]}"
	echo "{\"kind\":\"instance\",\"name\":\"bad3\",\"public_network_interfaces\":[]}"
	echo "{\"kind\":\"dns-record\",\"id\":\"5\",\"type\":\"A\",\"data\":5,\"fqdn\":\"x\"}"
	echo "{\"kind\":\"dns-record\",\"id\":\"6\",\"type\":\"A\",\"data\":\"192.0.2.1\"}"
	echo "{\"kind\":\"dns-record\",\"id\":\"7\"}"; } >in
	fails 65 dns-match <in
	lines 8 out; lines 6 err
	says "^dns-match: cannot match instance .bad.: .addresses. is not an array$"
	says "^dns-match: cannot match dns-record .6.: it has neither .fqdn. nor .name. and .domain.$"
	jq -r "select(.error) | [.error.status, .error.filter, .error.code] | join(\" \")" out | sort -u >got
	echo "65 dns-match wrong-type" >want; same want got
	sed -n 3p out | grep -q "\"x\":0.10,\"addresses\":{},\"error\":"
	names out | head -1 >got; echo "ok www.acme.com" >want; same want got
'
t 'other kinds pass as they are, and nothing comes of nothing' "$words"'
	dns-match </dev/null >out; lines 0 out
	echo "{\"kind\":\"event\",\"a\":0.10000,\"b\":1e2,\"names\":5}" >in; dns-match <in >got; same in got
'
t 'a member twice: the last one counts, as everywhere; escaped keys are keys' "$words"'
	printf "%s\n" "{\"kind\":\"instance\",\"name\":\"a\",\"nam\\u0065s\":[\"x\"],\"public_network_interfaces\":{\"ipv4\":\"192.0.2.1\"},\"names\":[\"y\"]}" >in
	dns-match <in >got
	printf "%s\n" "{\"kind\":\"instance\",\"name\":\"a\",\"nam\\u0065s\":[],\"public_network_interfaces\":{\"ipv4\":\"192.0.2.1\"}}" >want; same want got
'
t 'broken JSON: 65 with the line, the rest is matched' "$words"'
	{ machine a 1 192.0.2.1 ::1; echo nope; pointer www A 192.0.2.1; } >in
	fails 65 dns-match <in
	says "<stdin>:2:"; names out >got; echo "a www.acme.com" >want; same want got
	fails 65 dns-match -f /dev/stdin <<-\END
	[1]
	END
	says "not a record"
'
t 'sealed: not whole is 76, passed on, and nothing counts as absent' "$words"'
	export SLUICE_SEAL=1
	{ machine a 1 192.0.2.1 ::1; pointer lost A 192.0.2.2; } >in
	cat in | fails 76 dns-match
	owners out >got; echo "lost -" >want; same want got
	dns-match <in | tail -n 1 >got
	echo "{\"kind\":\"end\",\"filter\":\"dns-match\",\"records\":2,\"failed\":0}" >want; same want got
'
t 'files: operands, -f, - for standard input; one that is not there is 66, an empty name 64' "$words"'
	machine a 1 192.0.2.1 ::1 >machines; pointer www A 192.0.2.1 >records
	dns-match machines records | names >got; echo "a www.acme.com" >want; same want got
	dns-match -f machines - <records | names >got; same want got
	fails 66 dns-match nowhere; fails 64 dns-match ""; fails 64 dns-match --nope
'
t 'full disk is 74, a closed pipe SIGPIPE' "$words"'
	machine a 1 192.0.2.1 ::1 >in
	rc=0; dns-match <in >/dev/full 2>err || rc=$?; [ $rc -eq 74 ]
	i=0; while [ $i -lt 3000 ]; do cat in; i=$((i + 1)); done >many
	(rc=0; dns-match <many || rc=$?; echo $rc >rc) | head -n 1 >out
	echo 141 >want; same want rc
'
t 'many of each: all matched, in order' "$words"'
	awk "BEGIN { for (i = 0; i < 5000; i++) printf \"{\\\"kind\\\":\\\"dns-record\\\",\\\"type\\\":\\\"A\\\",\\\"fqdn\\\":\\\"n%d.x\\\",\\\"data\\\":\\\"10.0.%d.%d\\\",\\\"name\\\":\\\"n\\\"}\\n{\\\"kind\\\":\\\"instance\\\",\\\"name\\\":\\\"m%d\\\",\\\"public_network_interfaces\\\":{\\\"ipv4\\\":\\\"10.0.%d.%d\\\"}}\\n\", i, i / 256 % 256, i % 256, 4999 - i, (4999 - i) / 256 % 256, (4999 - i) % 256 }" >in
	dns-match <in | names | sed "s/^m//; s/ n/ /; s/\.x$//" | awk "\$1 != \$2" >wrong; lines 0 wrong
'
t 'the examples of the manual' "$words"'
	{ machine server1 1 192.0.2.1 ::1; machine server2 2 192.0.2.2 ::2; } >droplets.json
	{ pointer @ A 192.0.2.1; pointer old A 192.0.2.7; } >records.json
	dns-match droplets.json records.json | jq -r "select(.kind == \"instance\") | [.name, .names[]] | @tsv" >got
	printf "%s\n" "server1	acme.com" server2 >want; same want got
	dns-match droplets.json records.json | rec-seal jq -c "select(.kind == \"dns-record\" and has(\"instance\") and .instance == null)" | rec-table -c name,domain,data >got
	printf "%s\n" "NAME  DOMAIN    DATA" "old   acme.com  192.0.2.7" >want; same want got
'
done_testing
