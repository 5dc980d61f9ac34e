#!/bin/sh
# SPDX-License-Identifier: ISC
# inv-merge(1): records and documents as one inventory document.
. "$(dirname "$0")/lib.sh"

words='
	keys() { jq -r "to_entries[] | [.key, .value.id // \"-\"] | join(\" \")" "$@"; }
	server() { printf "{\"kind\":\"instance\",\"provider\":\"digitalocean\",\"name\":\"%s\",\"id\":\"%s\"%s}\n" "$1" "$2" "${3-}"; }
'
t 'the seed: every member of the example, in its order, from droplets and DNS records' "$words"'
	cat >droplets <<-\END
	{"kind":"instance","provider":"digitalocean","account":"a","id":"3164494","name":"server1","region":"nyc3","size":"1gb","image":"debian-7-0-x64","backups":false,"status":"active","public_network_interfaces":{"ipv4":"45.55.221.186","ipv6":"2604:a880:800:10::60:c001"},"private_network_interfaces":{"ipv4":"10.132.247.60"}}
	{"kind":"instance","provider":"digitalocean","account":"a","id":"3164495","name":"server2","region":"nyc3","size":"1gb","image":"debian-7-0-x64","backups":false,"status":"active","public_network_interfaces":{"ipv4":"45.55.221.139","ipv6":"2604:a880:800:10::60:e001"},"private_network_interfaces":{"ipv4":"10.132.241.32"}}
	END
	cat >records <<-\END
	{"kind":"dns-record","provider":"digitalocean","domain":"acme.com","id":"1","type":"A","name":"server1","fqdn":"server1.acme.com","data":"45.55.221.186","ttl":1800}
	{"kind":"dns-record","provider":"digitalocean","domain":"acme.com","id":"2","type":"AAAA","name":"server1","fqdn":"server1.acme.com","data":"2604:a880:0800:0010:0000:0000:0060:c001","ttl":1800}
	{"kind":"dns-record","provider":"digitalocean","domain":"acme.com","id":"3","type":"A","name":"@","fqdn":"acme.com","data":"45.55.221.186","ttl":1800}
	{"kind":"dns-record","provider":"digitalocean","domain":"acme.com","id":"4","type":"A","name":"server2","fqdn":"server2.acme.com","data":"45.55.221.139","ttl":1800}
	END
	dns-match droplets records | inv-merge >out
	grep -v "\"account\"" out | sed "s/\"active\",/\"active\"/" >got
	same "$tests/data/inventory/inventory.json" got
'
t 'inv-split | inv-merge is the identity' '
	inv-split "$tests/data/inventory/inventory.json" | inv-merge >got; same "$tests/data/inventory/inventory.json" got
	inv-merge "$tests/data/inventory/inventory.json" >got; same "$tests/data/inventory/inventory.json" got
	inv-split "$tests/data/inventory/cloud.json" | inv-merge | jq -S . >got; jq -S . "$tests/data/inventory/cloud.json" >want; same want got
	printf "%s\n" "{" "  \"a\": {" "    \"x\": 0.10000," "    \"y\": 1e2," "    \"n\": 123456789012345678901234567890," "    \"e\": []," "    \"s\": \"\\u00e9 {,:}\\\\\"," "    \"o\": {}" "  }," "  \"web@1\": {" "    \"name\": \"web\"," "    \"id\": \"1\"" "  }," "  \"web@2\": {" "    \"name\": \"web\"," "    \"id\": \"2\"" "  }," "  \"7\": {" "    \"id\": \"7\"" "  }" "}" >in
	inv-split in | inv-merge -q >got; same in got
	inv-merge --key id "$tests/data/inventory/inventory.json" >byid
	inv-split byid | inv-merge --key id >got; same byid got
	inv-split byid | inv-merge >got; same "$tests/data/inventory/inventory.json" got
	inv-split </dev/null | inv-merge >got; echo "{}" >want; same want got
'
t 'hazards 12, 25: a name of two machines keys neither, the nameless goes by id; 0 and a note' "$words"'
	{ server web 1; server db 2; server web 3; server "" 4; } >in
	inv-merge in >out 2>err
	says "^inv-merge: 2 machines have the name .web., filed as .web@1., .web@3.$"; lines 1 err
	keys out >got; printf "%s\n" "web@1 1" "db 2" "web@3 3" "4 4" >want.keys; same want.keys got
	jq -c "[.[].name]" out >got; echo "[\"web\",null,\"web\",null]" >want; same want got
	inv-merge -q in >got 2>err; same out got; lines 0 err
	fails 1 inv-merge --unique in; keys out >got; same want.keys got
	{ server web 1; server db 2; } | inv-merge --unique >out 2>err; lines 0 err
'
t 'a name that looks like another key gives way to no one, nothing is lost' "$words"'
	{ server web 1; server web 2; server web@1 3; server "" 9; server 9 5; } >in
	inv-merge -q in >out; keys out >got
	printf "%s\n" "web@1@2 1" "web@2 2" "web@1 3" "9@digitalocean 9" "9 5" >want
	sort want >want.s; jq -r ".[].id" out | sort >ids; printf "%s\n" 1 2 3 5 9 >want.ids; same want.ids ids
	inv-split out | jq -c "[.name,.id]" | sort >back; jq -c "[if .name == \"\" then null else .name end,.id]" in | sort >there; same there back
'
t '--key id: all by id, names kept; without id by name' "$words"'
	{ server web 1; server web 2; server i 3 | sed s/digitalocean/aws/; server j 3; echo "{\"kind\":\"instance\",\"name\":\"wanted\"}"; } | inv-merge -q --key id >out
	jq -c "to_entries[] | [.key, .value.name]" out >got
	printf "%s\n" "[\"1\",\"web\"]" "[\"2\",\"web\"]" "[\"3\",\"i\"]" "[\"3@digitalocean\",\"j\"]" "[\"wanted\",null]" >want
	same want got
	fails 64 inv-merge --key nope
'
t 'one machine: provider and id agree; the later entry wins, member by member' "$words"'
	echo "{\"old\":{\"provider\":\"digitalocean\",\"id\":\"1\",\"status\":\"new\",\"note\":\"mine\",\"v\":1.50},\"x\":{\"provider\":\"aws\",\"id\":\"1\"}}" >doc
	server web 1 ",\"status\":\"active\"" | inv-merge doc - >out
	printf "%s" "{\"web\":{\"provider\":\"digitalocean\",\"id\":\"1\",\"status\":\"active\",\"note\":\"mine\",\"v\":1.50},\"x\":{\"provider\":\"aws\",\"id\":\"1\"}}" >want
	tr -d " \n" <out >got; same want got
	echo "{\"a\":{\"provider\":\"ec2\",\"id\":\"i-1\",\"x\":1},\"b\":{\"provider\":\"aws\",\"id\":\"i-1\"},\"c\":{\"id\":7},\"d\":{\"id\":\"7\"}}" | inv-merge | keys >got
	printf "%s\n" "b i-1" "d 7" >want; same want got
'
t 'one machine: the one without id and the only other of its name, and region where given' "$words"'
	inv-split "$tests/data/inventory/cloud.json" >wanted
	{ cat wanted; server server1 1 ",\"region\":\"nyc3\""; server server2 2 ",\"region\":\"ams3\""; } | inv-merge -q >out
	keys out >got; printf "%s\n" "server1 1" "server2@nyc3 -" "server2@2 2" >want; same want got
	{ echo "{\"kind\":\"instance\",\"name\":\"web\",\"x\":1}"; server web 1; server web 2; } >in
	inv-merge in >out 2>err; says "^inv-merge: entries without id whose name several machines have, kept apart: 1$"
	keys out >got; printf "%s\n" "web -" "web@1 1" "web@2 2" >want; same want got
	echo "{\"kind\":\"instance\",\"name\":\"w\",\"a\":1}{\"kind\":\"instance\",\"name\":\"w\",\"b\":2}" | inv-merge | jq -c . >got
	echo "{\"w\":{\"a\":1,\"b\":2}}" >want; same want got
'
t 'hazard 27: a null replaces nothing that is known: the image of a retired slug stays' "$words"'
	{ server web 1 ",\"image\":\"debian-7-0-x64\",\"x\":null"; server web 1 ",\"image\":null,\"x\":5"; } | inv-merge | jq -c "[.web.image, .web.x]" >got
	echo "[\"debian-7-0-x64\",5]" >want; same want got
'
t 'any cloud, any number of documents and records; other kinds are left out' "$words"'
	server a 1 >one; echo "{\"b\":{\"provider\":\"gce\",\"id\":\"2\"}}{\"c\":{}}" >two
	echo "{\"kind\":\"dns-record\",\"name\":\"x\"}{\"kind\":\"event\"}" | inv-merge one two - | keys >got
	printf "%s\n" "a 1" "b 2" "c -" >want; same want got
	inv-merge </dev/null >got; echo "{}" >want; same want got
'
t 'record plumbing stays out: kind, name, user data that may carry keys; a document keeps its own' "$words"'
	server a 1 ",\"user_data\":\"k3y\"" >in; echo "{\"b\":{\"user_data\":\"mine\"}}" >>in
	inv-merge in | jq -c . >got; echo "{\"a\":{\"provider\":\"digitalocean\",\"id\":\"1\"},\"b\":{\"user_data\":\"mine\"}}" >want; same want got
'
t 'failed records are left out, named, and give their status; the others are written' "$words"'
	{ server a 1; server b 2 ",\"error\":{\"status\":69,\"message\":\"droplet limit\"}"; server c 3
	echo "{\"kind\":\"target\",\"region\":\"r\",\"id\":\"x\",\"error\":{\"status\":75}}"; } >in
	fails 69 inv-merge in
	says "^inv-merge: left out instance .b.: droplet limit$"; says "left out target .x."
	keys out >got; printf "%s\n" "a 1" "c 3" >want; same want got
'
t 'wrong types are 65 and left out; duplicate keys (hazard 32) and arrays are refused with their place' "$words"'
	{ server a 1; echo "{\"kind\":\"instance\",\"name\":\"b\",\"names\":5}{\"kind\":\"instance\"}{\"kind\":\"instance\",\"name\":7}"; echo "{\"c\":[],\"d\":{}}"; } >in
	fails 65 inv-merge in; lines 4 err
	says "^inv-merge: left out .b.: .names. is not an array of strings$"; says "left out .?.: it has neither name nor id"
	says "left out .c.: it is not an object"
	keys out >got; printf "%s\n" "a 1" "d -" >want; same want got
	echo "{\"a\":{},\"a\":{}}" | fails 65 inv-merge; says "<stdin>:1:[0-9]*: duplicate"
	echo "[]" | fails 65 inv-merge; says "<stdin>:1:1: not an inventory"
	printf "%s\n" "{\"a\":{}}" "{" | fails 65 inv-merge; says "<stdin>:3:"
'
t 'sealed: not whole is 76 and no document; whole has no end behind it' "$words"'
	export SLUICE_SEAL=1
	server a 1 >in; cp in keep.json; echo "{}" >keep.json; cp keep.json before
	cat in | fails 76 inv-merge; lines 0 out
	cat in | fails 76 inv-merge --into keep.json; same before keep.json; lines 0 out
	inv-split <before | inv-merge >out; echo "{}" >want; same want out
	inv-split before in | inv-merge --into keep.json >out; lines 0 out; keys keep.json >got; echo "a 1" >want; same want got
'
t 'full disk is 74, a closed pipe SIGPIPE; 64 and 66' "$words"'
	server a 1 >in
	rc=0; inv-merge <in >/dev/full 2>err || rc=$?; [ $rc -eq 74 ]
	awk "BEGIN { for (i = 0; i < 9999; i++) printf \"{\\\"kind\\\":\\\"instance\\\",\\\"name\\\":\\\"%d\\\"}\", i }" >many
	(rc=0; inv-merge <many || rc=$?; echo $rc >rc) | head -n 1 >out
	echo 141 >want; same want rc
	fails 64 inv-merge --nope; fails 64 inv-merge ""; fails 64 inv-merge --into ""; fails 66 inv-merge nowhere
'
t 'hazard 1: --into writes the networking into cloud.json; every other byte stays' "$words"'
	cp "$tests/data/inventory/cloud.json" .
	server server1 3164494 ",\"region\":\"nyc3\",\"image\":null,\"backups\":false,\"public_network_interfaces\":{\"ipv4\":\"45.55.221.186\",\"ipv6\":\"2604:a880:800:10::60:c001\"}" >in
	inv-merge --into cloud.json <in >out; lines 0 out
	cat >want <<-\END
	7a8,13
	>         , "public_network_interfaces" : {
	>             "ipv4": "45.55.221.186",
	>             "ipv6": "2604:a880:800:10::60:c001"
	>         }
	>         , "provider" : "digitalocean"
	>         , "id" : "3164494"
	END
	diff "$tests/data/inventory/cloud.json" cloud.json >got || :; same want got
	cp cloud.json once; inode=$(ls -i cloud.json); inv-merge --into cloud.json <in; same once cloud.json
	[ "$inode" = "$(ls -i cloud.json)" ] || { echo "written though nothing is new"; exit 1; }
'
t '--into: values change in their place, new members and entries look like their neighbours' "$words"'
	printf "\357\273\277{\r\n\t\"a\": {\"id\": \"1\", \"v\": 1.50, \"t\": [1,  2], \"provider\":\"digitalocean\"},\n\n\t\"b\": { },\n\t\"note\": {\n\t\t\"x\": 1e2\n\t}\n}   \n\n" >doc
	{ server a 1 ",\"t\":[1,2],\"new\":{\"k\":[]},\"v\":2"; server b 2; server c 3 ",\"l\":[1]"; } | inv-merge --into doc
	printf "\357\273\277{\r\n\t\"a\": {\"id\": \"1\", \"v\": 2, \"t\": [1,  2], \"provider\":\"digitalocean\", \"new\":{\"k\":[]}},\n\n\t\"b\": {\n\t\t\"provider\": \"digitalocean\",\n\t\t\"id\": \"2\"\n\t},\n\t\"note\": {\n\t\t\"x\": 1e2\n\t},\n\t\"c\": {\n\t\t\"provider\": \"digitalocean\",\n\t\t\"id\": \"3\",\n\t\t\"l\": [\n\t\t\t1\n\t\t]\n\t}\n}   \n\n" >want
	same want doc
'
t '--into: keys of the document stay; a namesake is filed beside; a new name goes into the entry' "$words"'
	echo "{\"web\":{\"provider\":\"digitalocean\",\"id\":\"1\"},\"mine\":{\"provider\":\"digitalocean\",\"id\":\"5\"}}" >doc
	{ server web 2; server renamed 5; } | inv-merge -q --into doc
	echo "{\"web\":{\"provider\":\"digitalocean\",\"id\":\"1\"},\"mine\":{\"provider\":\"digitalocean\",\"id\":\"5\", \"name\":\"renamed\"},\"web@2\":{\"name\":\"web\",\"provider\":\"digitalocean\",\"id\":\"2\"}}" | jq -c . >want
	jq -c . doc >got; same want got
	cp doc before; server web 7 | fails 1 inv-merge --unique --into doc; same before doc
'
t 'hazard 42: --into replaces the file at once, mode and link kept; no half file, nothing left beside it' "$words"'
	mkdir d; echo "{}" >d/real; chmod 640 d/real; ln -s d/real link
	server a 1 | inv-merge --into link
	[ -L link ]; keys d/real >got; echo "a 1" >want; same want got
	[ "$(stat -c %a d/real)" = 640 ]; ls d >got; echo real >want; same want got
	(umask 027; server a 1 | inv-merge --into fresh.json); [ "$(stat -c %a fresh.json)" = 640 ]; inv-merge fresh.json >got; same fresh.json got
	command -v strace >/dev/null || exit 0
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=fsync,rename -o log inv-merge --into d/real "$tests/data/inventory/cloud.json"
	grep -n "fsync\|rename(" log | sed "s/.*\(fsync\|rename\).*/\1/" >got; printf "%s\n" fsync rename fsync >want; same want got
'
t '--into: what is wrong changes nothing: no JSON 65, no inventory 65, not writable 74' "$words"'
	server a 1 >in
	printf "{\n\"a\": {},\n" >doc; cp doc before; fails 65 inv-merge --into doc in; says "^inv-merge: doc:[34]:"; same before doc
	echo "{\"a\":{},\"a\":{}}" >doc; fails 65 inv-merge --into doc in; says duplicate
	echo "[]" >doc; fails 65 inv-merge --into doc in; says "cannot update .doc.: not an inventory$"
	echo "{\"a\":5}" >doc; fails 65 inv-merge --into doc in; says "cannot update .doc.: .a.: it is not an object$"
	fails 66 inv-merge --into . in
	fails 74 inv-merge --into nowhere/doc in; says "cannot write .nowhere/doc.: No such file or directory$"
	echo "{}" >doc; cp doc before; echo "nope" >>in; fails 65 inv-merge --into doc in; same before doc
'
t '--into: failed records are told, the others go in' "$words"'
	echo "{\"b\":{\"x\":1}}" >doc
	{ server a 1; server b 2 ",\"error\":{\"status\":69}"; } >in
	fails 69 inv-merge --into doc in
	jq -c . doc >got; echo "{\"b\":{\"x\":1},\"a\":{\"provider\":\"digitalocean\",\"id\":\"1\"}}" >want; same want got
'
t '-n shows what --into would write; planned records leave the file alone' "$words"'
	echo "{}" >doc; cp doc before
	server a 1 | inv-merge -n --into doc | keys >got; echo "a 1" >want; same want got; same before doc
	server a 1 ",\"planned\":true" >in
	inv-merge --into doc in >out 2>err; lines 0 out; same before doc; says "planned records: .doc. stays as it is"
	inv-merge -n --into doc in | keys >got; same want got
	inv-merge in | keys >got; same want got
'
t 'the examples of the manual' "$words"'
	cp "$tests/data/inventory/cloud.json" .; server server1 3164494 ",\"region\":\"nyc3\"" >droplets.json
	server web i-1 | sed s/digitalocean/aws/ >ec2.json
	inv-merge ec2.json droplets.json >inventory.json; jq -r "to_entries[] | [.key, .value.provider] | @tsv" inventory.json >got
	printf "%s\t%s\n" web aws server1 digitalocean >want; same want got
	jq -c "{kind, name, region, provider, id, public_network_interfaces, private_network_interfaces}" droplets.json | inv-merge --into cloud.json
	jq -r .server1.id cloud.json >got; echo 3164494 >want; same want got
	inv-merge -n --into inventory.json droplets.json | diff inventory.json -
'
done_testing
