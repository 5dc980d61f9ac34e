#!/bin/sh
# SPDX-License-Identifier: ISC
# inv-split(1): inventory documents as instance records.
. "$(dirname "$0")/lib.sh"

t 'the seed: a record an entry, its name the key, members as they are' '
	inv-split "$tests/data/inventory/cloud.json" >got
	cat >want <<-\END
	{"kind":"instance","name":"server1","region":"nyc3","size":"1gb","image":"debian-7-0-x64","backups":false,"names":["server1.acme.com","acme.com"]}
	{"kind":"instance","name":"server2","region":"nyc3","size":"1gb","image":"debian-7-0-x64","backups":false,"names":["server2.acme.com"]}
	END
	same want got
	inv-split <"$tests/data/inventory/cloud.json" >got; same want got
	inv-split -f "$tests/data/inventory/cloud.json" >got; same want got
'
t 'unknown members, number text, escapes, odd keys stay' '
	printf "%s\n" "{\"a \\u0041\\\"/\": {\"x\" : 0.10000, \"y\":1e2, \"n\":123456789012345678901234567890, \"s\":\"\\u00e9\\/\", \"o\":{\"b\":1.0,\"a\":[ ]}}, \"kind\":{}, \"end\":{}}" >in
	inv-split <in >got
	printf "%s\n" "{\"kind\":\"instance\",\"name\":\"a A\\\"/\",\"x\":0.10000,\"y\":1e2,\"n\":123456789012345678901234567890,\"s\":\"\\u00e9\\/\",\"o\":{\"b\":1.0,\"a\":[]}}" "{\"kind\":\"instance\",\"name\":\"kind\"}" "{\"kind\":\"instance\",\"name\":\"end\"}" >want
	same want got
'
t 'a member name wins over the key; under its id an entry has no name; ids are strings' '
	echo "{\"web@7\":{\"name\":\"web\",\"id\":7},\"8\":{\"id\":8},\"9\":{\"id\":\"9\",\"name\":\"nine\"},\"x\":{\"id\":\"5\",\"name\":null},\"y\":{\"kind\":\"instance\",\"name\":null}}" | inv-split >got
	cat >want <<-\END
	{"kind":"instance","name":"web","id":"7"}
	{"kind":"instance","id":"8"}
	{"kind":"instance","name":"nine","id":"9"}
	{"kind":"instance","id":"5"}
	{"kind":"instance","name":"y"}
	END
	same want got
'
t 'several documents and records, from files and standard input; nothing comes of nothing' '
	echo "{\"a\":{}}{\"b\":{}}" >one; echo "{\"c\":{}}" >two
	echo "{\"kind\":\"dns-record\",\"ttl\":1.50}{}" | inv-split one - two >got
	printf "%s\n" "{\"kind\":\"instance\",\"name\":\"a\"}" "{\"kind\":\"instance\",\"name\":\"b\"}" "{\"kind\":\"dns-record\",\"ttl\":1.50}" "{\"kind\":\"instance\",\"name\":\"c\"}" >want
	same want got
	inv-split </dev/null >got; lines 0 got
'
t 'hazard 32: a key that is there twice is refused, at any depth; 65 with its place' '
	printf "%s\n" "{" "\"a\":{}," "\"a\":{\"x\":1}}" >in
	fails 65 inv-split in; says "^inv-split: in:3:[0-9]*: duplicate object key"; lines 0 out
	echo "{\"a\":{\"x\":1,\"x\":2}}" | fails 65 inv-split; says duplicate; lines 0 out
'
t 'a wrong entry is a record with an error, so that nobody goes on without it; the others are good' '
	echo "{\"a\":{},\"b\":\"secret\",\"c\":{\"names\":\"x\",\"y\":1.0},\"d\":{\"kind\":\"image\"},\"\":{},\"e\":{\"id\":true},\"f\":{}}" >in
	fails 65 inv-split in
	lines 7 out; lines 5 err
	says "^inv-split: cannot split .b.: it is not an object$"
	says "^inv-split: cannot split .c.: .names. is not an array of strings$"
	no grep -q secret out err
	jq -r "[.name, .error.status // 0, .error.filter // \"-\"] | join(\" \")" out >got
	printf "%s\n" "a 0 -" "b 65 inv-split" "c 65 inv-split" "d 65 inv-split" " 65 inv-split" "e 65 inv-split" "f 0 -" >want
	same want got
	sed -n 3p out | grep -q "\"names\":\"x\",\"y\":1.0,\"error\":"
'
t 'what is no inventory is 65: an array, text, security.json' '
	echo "[{\"name\":\"a\"}]" | fails 65 inv-split; says "<stdin>:1:1: not an inventory: not an object"; lines 0 out
	echo "{\"digital_ocean_api_key\":\"k3y\"}" | fails 65 inv-split; no grep -q k3y out err
'
t 'broken JSON is 65 with the line, other documents are split' '
	printf "%s\n" "{\"a\":{}}" "{\"b\": nope}" "{\"c\":{}}" | fails 65 inv-split
	says "<stdin>:2:"; lines 2 out
'
t 'sealed: one document is whole by itself, two in a pipe are not; a wrong one ends nothing well' '
	export SLUICE_SEAL=1
	echo "{\"a\":{}}" | inv-split >got
	printf "%s\n" "{\"kind\":\"instance\",\"name\":\"a\"}" "{\"kind\":\"end\",\"filter\":\"inv-split\",\"records\":1,\"failed\":0}" >want; same want got
	echo "{\"a\":{}}{\"b\":{}}" | fails 76 inv-split; lines 2 out
	echo "[]" | fails 65 inv-split; lines 0 out
'
t 'full disk is 74, a closed pipe SIGPIPE; 64 and 66' '
	echo "{\"a\":{}}" >in
	rc=0; inv-split <in >/dev/full 2>err || rc=$?; [ $rc -eq 74 ]
	awk "BEGIN { printf \"{\"; for (i = 0; i < 9999; i++) printf \"\\\"%d\\\":{},\", i; print \"\\\"x\\\":{}}\" }" >many
	(rc=0; inv-split <many || rc=$?; echo $rc >rc) | head -n 1 >out
	echo 141 >want; same want rc
	fails 64 inv-split --nope; fails 64 inv-split ""; fails 66 inv-split nowhere
'
t 'the examples of the manual' '
	cp "$tests/data/inventory/inventory.json" cloudmaker_inventory.json; cp "$tests/data/inventory/cloud.json" .
	inv-split cloudmaker_inventory.json | rec-table -c name,public_network_interfaces.ipv4,names >got
	cat >want <<-\END
	NAME     PUBLIC_NETWORK_INTERFACES.IPV4  NAMES
	server1  45.55.221.186                   server1.acme.com,acme.com
	server2  45.55.221.139                   server2.acme.com
	END
	same want got
	inv-split cloud.json | jq -c "select(.name == \"server2\")" >got; sed -n 2p got >none; lines 0 none; grep -q server2.acme.com got
	inv-split cloud.json | jq -c ".size = \"s-1vcpu-1gb\"" | inv-merge >new.json
	jq -c "[.[].size]" new.json >got; echo "[\"s-1vcpu-1gb\",\"s-1vcpu-1gb\"]" >want; same want got
'
done_testing
