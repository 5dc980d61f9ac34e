#!/bin/sh
# SPDX-License-Identifier: ISC
# do-records on the sandbox.
. "$(dirname "$0")/lib.sh"

words='. "$tests/sandbox.sh"
	# machine NAME JQ: an instance record as do-droplets ensure leaves it
	machine() {
		jq -cn --arg name "$1" "{kind: \"instance\", provider: \"digitalocean\", id: \"7\", name: \$name, status: \"active\",
			names: [\"\\(\$name).acme.com\"], public_network_interfaces: {ipv4: \"45.55.221.186\", ipv6: \"2604:a880:800:10::60:c001\"},
			private_network_interfaces: {ipv4: \"10.132.247.60\"}} | ${2-.}"
	}
	nowhere() { export DIGITALOCEAN_API_URL=http://127.0.0.1:1 DIGITALOCEAN_ACCESS_TOKEN=x DIGITALOCEAN_HTTP_RETRY_MAX=0; }
	seed() { sandbox_call POST seed "{\"digitalocean\":$1}" >sandbox.seed; }
	# there: TYPE FQDN DATA of all records but the domains own, sorted
	there() { do-records list | jq -r "select(.kind == \"dns-record\" and .type != \"SOA\" and .type != \"NS\") | \"\\(.type) \\(.fqdn) \\(.data)\"" | sort; }
	plans() { jq -r "select(.kind == \"plan\") | \"\\(.action) \\(.target) \\(.name) \\(.after.type // \"\")\"" "$@" | sed "s/ *\$//"; }
	ensure() { do-records ensure -q --interval 1ms "$@"; }
	added() { changes | grep -c domains_create_record || :; }
'
c() { t "$1" "$words$2"; }
sb() { c "$1" "start_sandbox
$2"; }

# ---- the command line and the stream

c 'wrong options, verbs and operands are 64' '
	for wrong in "" wander "list -n" "list --ttl 60" "list --plan x" "ensure x" "ensure --ttl 29" "ensure --ttl x" "ensure -z a..b" \
		"ensure -t never" "ensure --interval x" "rm x" "rm /1" "rm acme.com/" "rm -z a acme.com/1" "rm --ttl 60" "rm -f x acme.com/1" \
		"ensure --expect many" "list --nope"; do
		fails 64 do-records $wrong
	done
	fails 64 do-records list ""
	fails 64 do-records rm ""
'
c 'no input, no records; records of others pass as they are' '
	nowhere
	do-records ensure </dev/null >out; [ ! -s out ]
	fails 79 do-records rm </dev/null
	do-records rm --expect 0 </dev/null
	cat >in <<-END
	{"kind":"instance","n":0.10000,"e":1e2}
	{"kind":"instance","names":[]}
	{"kind":"instance","provider":"aws","names":["x.acme.com"]}
	{"kind":"strange", "x":[1, 2]}
	{"kind":"dns-record","type":"TXT"}
	{"kind":"instance","provider":"digitalocean","names":["x.acme.com"],"error":{"status":75,"filter":"x","code":"network","message":"x"}}
	END
	sed "s/, /,/; s/1, 2/1,2/" in >want
	fails 75 do-records ensure <in; same want out
	fails 75 do-records rm --expect 0 <in; same want out
'
c 'broken JSON is 65, with its line, and stops what is right; wrong types' '
	nowhere
	{ machine a; echo "{"; } >in
	for verb in ensure rm; do fails 65 do-records $verb <in; says "<stdin>:"; done
	start_sandbox
	for wrong in ".names = \"x\"" ".names = [1]" ".names = [\"\"]" ".names = [\"a..b\"]" ".names = [\"a b.acme.com\"]" \
		".public_network_interfaces = 1" "del(.public_network_interfaces)" ".public_network_interfaces.ipv4 = \"010.1.1.1\"" \
		".public_network_interfaces.ipv4 = \"::1\"" ".names = [(\"a\" * 64) + \".acme.com\"]"; do
		{ machine a "$wrong"; machine b; } >in
		fails 65 ensure <in
		head -n 1 out | jq -e ".error.status == 65"
		tail -n 1 out | jq -e ".error.code == \"not-attempted\" and .error.status == 65"
	done
	[ -z "$(changes)" ]
'
c 'a full disk is 74, a closed pipe 141' '
	nowhere
	echo "{\"kind\":\"strange\"}" >in
	fails 74 sh -c "do-records ensure <in >/dev/full"
	fails 74 sh -c "do-records list - <in >/dev/full"
	yes "{\"kind\":\"strange\"}" | head -n 20000 >many
	{ { rc=0; do-records ensure <many || rc=$?; echo $rc >status; } | head -n 1 >out; } || :
	echo 141 >want; same want status
'
c 'missing credentials 78, refused ones 77, a dead network 75, garbage 70' '
	unset DIGITALOCEAN_ACCESS_TOKEN; machine a >in
	for verb in list ensure rm; do fails 78 do-records $verb <in; done
	nowhere
	for verb in list ensure rm; do fails 75 do-records $verb <in; done
	start_sandbox
	export DIGITALOCEAN_ACCESS_TOKEN=dop_v1_wrong
	for verb in list ensure rm; do fails 77 do-records $verb <in; done
	export DIGITALOCEAN_ACCESS_TOKEN=dop_v1_readonly
	fails 77 do-records ensure <in; says "cannot make A record .a.acme.com."
	export DIGITALOCEAN_ACCESS_TOKEN=dop_v1_sandbox
	fault "{\"effect\":\"garbage\",\"status\":200}"
	for verb in list ensure rm; do fails 70 do-records $verb <in; done
	fault "{\"effect\":\"html\",\"status\":502}"
	export DIGITALOCEAN_HTTP_RETRY_MAX=0
	for verb in list ensure rm; do fails 70 do-records $verb <in || fails 75 do-records $verb <in; done
'
c 'a sealed input that is not whole: 76, nothing is changed' '
	start_sandbox; export SLUICE_SEAL=1
	machine a >in
	{ cat in; } | { rc=0; do-records ensure >out || rc=$?; echo $rc >status; }
	echo 76 >want; same want status
	{ cat in; } | { rc=0; do-records rm >out || rc=$?; echo $rc >status; }
	same want status
	[ -z "$(changes)" ]
	{ cat in; echo "{\"kind\":\"end\",\"filter\":\"x\",\"records\":1,\"failed\":0}"; } | do-records ensure >out
	tail -n 1 out | jq -e ".kind == \"end\""
'

# ---- list

sb 'list: every domain, every page, in order; the input first' '
	seed "{\"domains\":{\"b.example\":[{\"type\":\"A\",\"name\":\"@\",\"data\":\"192.0.2.1\"},{\"type\":\"AAAA\",\"name\":\"WWW\",\"data\":\"2001:DB8::1\"},{\"type\":\"MX\",\"name\":\"@\",\"data\":\"mail.b.example.\",\"priority\":10}]},
		\"bulk\":{\"domain\":\"a.example\",\"droplets\":0,\"records\":450}}"
	echo "{\"kind\":\"instance\",\"n\":0.10000}" >in
	do-records list - <in >out
	head -n 1 out | same in -
	jq -r "select(.kind == \"domain\").name" out >got; printf "%s\n" acme.com b.example a.example >want; sort want >w; sort got | same w -
	jq -r "select(.domain == \"a.example\") | .fqdn" out | grep -c "^other" >n; echo 450 >want; same want n
	jq -c "select(.domain == \"b.example\" and .type == \"MX\") | del(.id)" out >got
	echo "{\"kind\":\"dns-record\",\"provider\":\"digitalocean\",\"domain\":\"b.example\",\"type\":\"MX\",\"name\":\"@\",\"fqdn\":\"b.example\",\"data\":\"mail.b.example\",\"ttl\":1800,\"priority\":10}" >want; same want got
	jq -e -s "map(select(.type == \"AAAA\" and .domain == \"b.example\")) | .[0].fqdn == \"www.b.example\" and .[0].data == \"2001:db8::1\"" out
	do-records list b.example >one; lines 8 one
	do-records list - b.example <in >two; lines 9 two
	fails 69 do-records list nowhere.example; jq -e ".kind == \"target\" and .domain == \"nowhere.example\"" out
'
sb 'peers 8: 503 on a record list is never "no records"; the other domains go out' '
	seed "{\"domains\":{\"b.example\":[{\"type\":\"A\",\"name\":\"@\",\"data\":\"192.0.2.1\"}]}}"
	export DIGITALOCEAN_HTTP_RETRY_MAX=0
	fault "{\"path\":\"acme.com\",\"effect\":\"status\",\"status\":503}"
	fails 75 do-records list
	jq -e -s "map(select(.kind == \"target\")) | length == 1 and .[0].error.status == 75 and .[0].domain == \"acme.com\"" out
	jq -e -s "map(select(.domain == \"b.example\")) | length == 5" out
	machine a >in
	fails 75 do-records ensure <in
	fails 75 do-records rm <in
	no_faults
	fault "{\"action\":\"domains_list\",\"effect\":\"status\",\"status\":503}"
	fails 75 do-records list; jq -e ".kind == \"target\"" out
	fails 75 do-records ensure <in
	[ -z "$(changes)" ]
'
sb 'droplets, records and names in a row, sealed' '
	seed "{\"droplets\":[{\"name\":\"server1\",\"ipv4\":\"45.55.221.186\"}],\"domains\":{\"acme.com\":[{\"type\":\"A\",\"name\":\"@\",\"data\":\"45.55.221.186\"}]}}"
	export SLUICE_SEAL=1
	do-droplets list | do-records list - | dns-match >out
	jq -e -s "map(select(.kind == \"instance\")) | .[0].names == [\"acme.com\"]" out
'

# ---- ensure

sb 'an A for each name, an AAAA where the machine has IPv6; the second time nothing' '
	machine server1 ".names += [\"acme.com\", \"ACME.com.\", \"*.dev.acme.com\"] | .n = 1" | sed "s/\"n\":1/\"n\":1e2/" >in
	ensure <in >out
	grep -q "\"n\":1e2" out
	there >got
	sort >want <<-END
	A server1.acme.com 45.55.221.186
	AAAA server1.acme.com 2604:a880:800:10::60:c001
	A acme.com 45.55.221.186
	AAAA acme.com 2604:a880:800:10::60:c001
	A *.dev.acme.com 45.55.221.186
	AAAA *.dev.acme.com 2604:a880:800:10::60:c001
	END
	same want got
	jq -e -s "map(select(.kind == \"event\")) | length == 6 and all(.[]; .event == \"created\" and .target == \"dns-record\" and (.id | type) == \"string\")" out
	state_is ".. | objects | select(.name? == \"*.dev\" and .type? == \"A\")"
	forget
	ensure <in >out; lines 1 out
	machine four "del(.public_network_interfaces.ipv6)" | ensure >out
	there | grep -c four >n; echo 1 >want; same want n
	[ "$(added)" -eq 1 ]
'
sb 'hazard 24, peers 7: all four spellings of one IPv6 address are one' '
	seed "{\"domains\":{\"acme.com\":[{\"type\":\"A\",\"name\":\"a\",\"data\":\"45.55.221.186\"},{\"type\":\"AAAA\",\"name\":\"A\",\"data\":\"2604:A880:0800:0010:0000:0000:0060:C001\"}]}}"
	for spelling in 2604:a880:800:10::60:c001 2604:A880:800:10::60:C001 2604:a880:0800:0010:0000:0000:0060:c001 2604:a880:800:10:0:0:0.96.192.1; do
		machine a ".public_network_interfaces.ipv6 = \"$spelling\"" | ensure >out
		machine a ".public_network_interfaces.ipv6 = \"$spelling\"" | do-records rm -n | plans | grep -c "^delete" >n
		echo 2 >want; same want n
	done
	[ -z "$(changes)" ]
'
sb 'hazards 4, 34: a name that points elsewhere is a conflict, found before anything is changed' '
	seed "{\"domains\":{\"acme.com\":[{\"type\":\"A\",\"name\":\"b\",\"data\":\"45.55.221.186\"},{\"type\":\"A\",\"name\":\"b\",\"data\":\"192.0.2.9\"}]}}"
	{ machine a; machine b; machine c; } >in
	fails 1 ensure <in
	says "^do-records: cannot name .b.: .b.acme.com. points elsewhere: the A record .b.acme.com. ([0-9]*) has .192.0.2.9.$"
	jq -r ".error.code" out >got; printf "%s\n" not-attempted conflict not-attempted >want; same want got
	jq -e -s "all(.[]; .error.status == 1)" out
	fails 1 ensure -n <in
	plans out >got
	printf "%s\n" "create dns-record a.acme.com A" "create dns-record a.acme.com AAAA" "keep dns-record b.acme.com" \
		"create dns-record b.acme.com AAAA" "conflict dns-record b.acme.com" "create dns-record c.acme.com A" "create dns-record c.acme.com AAAA" >want
	same want got
	jq -e -s "map(select(.kind == \"instance\") | .error.status) == [null, 1, null]" out
	[ -z "$(changes)" ]
'
sb 'hazards 13, 30: an AAAA elsewhere is a conflict for a machine without IPv6, and stays; so is a CNAME' '
	seed "{\"domains\":{\"acme.com\":[{\"type\":\"AAAA\",\"name\":\"a\",\"data\":\"2001:db8::1\"},{\"type\":\"CNAME\",\"name\":\"B\",\"data\":\"x.example.\"}]}}"
	machine a "del(.public_network_interfaces.ipv6)" >in; fails 1 ensure <in; says "2001:db8::1"
	machine b >in; fails 1 ensure <in; says "CNAME"
	machine c ".names = [\"b.acme.com\"]" >in; fails 1 ensure <in
	[ -z "$(changes)" ]
'
sb 'a name at a reserved address of the machine is its; at its private one not' '
	seed "{\"domains\":{\"acme.com\":[{\"type\":\"A\",\"name\":\"a\",\"data\":\"192.0.2.7\"},{\"type\":\"A\",\"name\":\"b\",\"data\":\"10.132.247.60\"}]}}"
	machine a ".addresses = [{address: \"192.0.2.7\", type: \"reserved\"}] | del(.public_network_interfaces.ipv6)" >in
	ensure <in >out; [ -z "$(changes)" ]
	machine b >in; fails 1 ensure <in
'
sb 'hazard 22, peers 9: the zone is the longest suffix among the account'"'"'s domains' '
	seed "{\"domains\":{\"example.co.uk\":[],\"www.acme.com\":[],\"com.example\":[]}}"
	machine a ".names = [\"www.example.co.uk\", \"example.co.uk\", \"a.www.acme.com\", \"www.acme.com\", \"xwww.acme.com\"] | del(.public_network_interfaces.ipv6)" | ensure >out
	do-records list | jq -r "select(.type == \"A\") | \"\\(.domain) \\(.name)\"" | sort >got
	printf "%s\n" "example.co.uk www" "example.co.uk @" "www.acme.com a" "www.acme.com @" "acme.com xwww" | sort >want
	same want got
'
sb 'hazards 9, 10: a missing domain is an error, found before anything; -z makes it, once, without an address of its own' '
	{ machine a; machine b ".names = [\"b.example.co.uk\", \"example.co.uk\"]"; } >in
	fails 65 ensure <in; says "no domain of the account holds .b.example.co.uk. (-z DOMAIN makes one)"
	[ -z "$(changes)" ]
	fails 65 ensure -z example.org <in
	ensure -n -z example.co.uk <in >out
	plans out | grep -c "create domain example.co.uk" >n; echo 1 >want; same want n
	ensure -z Example.co.uk. -z unused.example <in >out
	changes | sort | uniq -c | sed "s/^ *//" >got
	printf "%s\n" "1 digitalocean domains_create" "6 digitalocean domains_create_record" >want; same want got
	there | no grep -q 127.0.0.1
	do-records list example.co.uk | jq -r .type | grep -c NS >n; echo 3 >want; same want n
	forget; ensure -z example.co.uk <in >out; [ -z "$(changes)" ]
'
sb 'the making of a domain loses its answer: one domain' '
	machine b ".names = [\"b.example.org\"]" >in
	fault "{\"action\":\"domains_create\",\"effect\":\"reset-after\",\"times\":1}"
	ensure -z example.org <in >out
	there >got; lines 2 got
'
sb 'exact duplicates are told of and kept; nobody makes more' '
	seed "{\"domains\":{\"acme.com\":[{\"type\":\"A\",\"name\":\"a\",\"data\":\"45.55.221.186\"},{\"type\":\"A\",\"name\":\"a\",\"data\":\"45.55.221.186\"}]}}"
	machine a "del(.public_network_interfaces.ipv6)" >in
	do-records ensure <in >out 2>err; grep -q "there are 2 equal A records .a.acme.com." err
	do-records ensure -n <in | jq -r "select(.kind == \"plan\").because" >got; echo "A 45.55.221.186, 2 times" >want; same want got
	[ -z "$(changes)" ]
	do-records rm <in >out; [ "$(changes | wc -l)" -eq 2 ]
'
sb 'one name for two machines is refused; twice for one is once' '
	{ machine a; machine b ".names = [\"b.acme.com\", \"A.acme.com.\"]"; } >in
	fails 65 ensure <in; says ".a.acme.com. is a name of .a., too"
	[ -z "$(changes)" ]
	machine a ".names += .names" | ensure >out; [ "$(added)" -eq 2 ]
'
sb 'TTL: of --ttl, else of its neighbours, else the service'"'"'s' '
	seed "{\"domains\":{\"acme.com\":[{\"type\":\"A\",\"name\":\"a\",\"data\":\"45.55.221.186\",\"ttl\":300}]}}"
	machine a | ensure >out
	machine b | ensure --ttl 60 >out
	machine c | ensure >out
	do-records list | jq -r "select(.type == \"AAAA\") | \"\\(.name) \\(.ttl)\"" >got
	printf "%s\n" "a 300" "b 60" "c 1800" >want; same want got
'
sb 'planned machines: what only the cloud can know is null, and matches anything in the plan' '
	machine a ".id = null | .planned = true | .public_network_interfaces = {ipv4: null, ipv6: null}" >planned
	ensure <planned >plan
	jq -c "select(.kind == \"plan\").after" plan >got
	printf "%s\n" "{\"type\":\"A\",\"domain\":\"acme.com\",\"data\":null}" "{\"type\":\"AAAA\",\"domain\":\"acme.com\",\"data\":null}" >want; same want got
	machine b ".id = null | .planned = true | del(.public_network_interfaces)" | ensure >out
	plans out >got; echo "create dns-record b.acme.com A" >want; same want got
	[ -z "$(changes)" ]
	machine a >in
	ensure --plan plan <in >out; [ "$(added)" -eq 2 ]
	ensure --plan plan <in >out; [ "$(added)" -eq 2 ]
	machine c >other; fails 79 ensure --plan plan <other; says "to create dns-record .c.acme.com. is not in the plan"
	{ cat in; cat other; } >both; fails 79 ensure --plan plan -n <both; jq -e -s "map(.error.status) | index(79)" out
	seed "{\"domains\":{\"acme.com\":[{\"type\":\"A\",\"name\":\"a\",\"data\":\"192.0.2.9\"}]}}"
	ensure <planned >out 2>err || rc=$?; [ $rc -eq 1 ]
	[ "$(added)" -eq 2 ]
	for dry in "" -n; do fails 79 ensure $dry --plan plan <in; says "points elsewhere"; done
	fails 1 ensure -n <in; mv out conflict
	fails 1 ensure --plan conflict <in
	[ "$(added)" -eq 2 ]
'
sb '--expect and --max count the changes; -n --max 0 is the drift check' '
	machine a >in
	fails 79 ensure -n --max 0 <in; fails 79 ensure --max 1 <in; fails 79 ensure --expect 3 <in
	[ -z "$(changes)" ]
	ensure --expect 2 --max 2 <in >out
	ensure -n --max 0 <in >out; ensure --expect 0 <in >out
'
sb 'section 3: the answer of a POST is lost, before or after the effect: one record each' '
	for effect in reset-before reset-after truncate html garbage stall-after; do
		[ $effect = stall-after ] || {
		fault "{\"action\":\"domains_create_record\",\"effect\":\"$effect\",\"times\":2}"
		machine a | ensure -t 5s >out 2>err
		there >got; printf "%s\n" "A a.acme.com 45.55.221.186" "AAAA a.acme.com 2604:a880:800:10::60:c001" >want; same want got
		jq -e -s "map(select(.kind == \"event\")) | length == 2" out
		no_faults; machine a | do-records rm >out; }
	done
'
sb 'a POST that stays unclear is given up, 75, and says so; what can be done is done' '
	fault "{\"action\":\"domains_create_record\",\"params\":\"\\\"A\\\"\",\"effect\":\"reset-before\"}"
	{ machine a; } >in
	fails 75 ensure -t 0s <in; says "cannot name .a.: cannot make A record .a.acme.com."
	there >got; echo "AAAA a.acme.com 2604:a880:800:10::60:c001" >want; same want got
	no_faults; ensure <in >out; there >got; lines 2 got
'
sb 'after an unclear POST a list that fails is no proof: it is not sent again' '
	fault "[{\"action\":\"domains_create_record\",\"effect\":\"reset-after\"},{\"action\":\"domains_list_records\",\"from\":2,\"to\":99,\"effect\":\"status\",\"status\":403}]"
	machine a "del(.public_network_interfaces.ipv6)" >in
	fails 75 ensure -t 0s <in
	journal | jq -r .action | grep -c create_record >n; echo 1 >want; same want n
'
sb 'refused by the service: that record alone, 69' '
	fault "{\"action\":\"domains_create_record\",\"params\":\"b\\\"\",\"effect\":\"status\",\"status\":422,\"message\":\"no\"}"
	{ machine a; machine b; } >in
	fails 69 ensure <in; says "cannot name .b.: cannot make A record .b.acme.com.: no"
	jq -e -s "map(select(.kind == \"instance\") | .error.status) == [null, 69]" out
	there >got; lines 2 got
'
sb '--again takes up what failed here, and nothing else' '
	fault "{\"action\":\"domains_create_record\",\"effect\":\"status\",\"status\":422}"
	{ machine a; machine b; } >in
	fails 69 ensure <in; cp out failed; no_faults
	fails 69 ensure <failed; [ -z "$(changes)" ]
	ensure --again <failed >out
	there >got; lines 4 got; no grep -q error out
	jq -c ".error = {status: 69, filter: \"do-droplets ensure\", code: \"x\", message: \"x\"}" in >other
	fails 69 ensure --again <other
'
sb 'killed at any request of ensure and of rm, and run again: the same end' '
	machine a ".names += [\"acme.com\"]" >in
	ensure <in >out; there >want
	k=0
	while :; do
		do-records rm <in >out
		k=$((k + 1)); no_faults; fault "{\"nth\":$k,\"effect\":\"kill\"}"
		rc=0; ensure <in >out 2>err || rc=$?
		no_faults
		[ $rc -eq 137 ] || break
		ensure <in >out
		there >got; same want got
	done
	[ $k -ge 4 ]
	k=0
	while :; do
		ensure <in >out
		k=$((k + 1)); no_faults; fault "{\"nth\":$k,\"effect\":\"kill\"}"
		rc=0; do-records rm <in >out 2>err || rc=$?
		no_faults
		[ $rc -eq 137 ] || break
		do-records rm <in >out
		there >got; lines 0 got
	done
	[ $k -ge 4 ]
'

# ---- rm

sb 'hazards 7, 8, peers 10: rm takes what is ours, by type, name and address; nothing else, never a domain' '
	seed "{\"domains\":{\"acme.com\":[
		{\"type\":\"A\",\"name\":\"a\",\"data\":\"45.55.221.186\"},{\"type\":\"A\",\"name\":\"a\",\"data\":\"192.0.2.9\"},
		{\"type\":\"TXT\",\"name\":\"a\",\"data\":\"45.55.221.186\"},{\"type\":\"A\",\"name\":\"other\",\"data\":\"45.55.221.186\"}]}}"
	machine a ".names += [\"a.elsewhere.example\", \"nothing.acme.com\"] | .n = 0.5" | sed "s/0\.5/0.50/" >in
	do-records rm -n <in >out
	plans out >got; printf "%s\n" "delete dns-record a.acme.com" "keep dns-record a.acme.com" >want; same want got
	[ -z "$(changes)" ]
	fails 79 do-records rm --max 0 <in
	do-records rm <in >out
	grep -q "0\.50" out
	there >got
	printf "%s\n" "A a.acme.com 192.0.2.9" "A other.acme.com 45.55.221.186" "TXT a.acme.com 45.55.221.186" >want; same want got
	forget; do-records rm <in >out; [ -z "$(changes)" ]
	state_is ".state.digitalocean.accounts.sandbox.domains | has(\"acme.com\")"
'
sb 'rm by id: records and DOMAIN/ID; gone is gone; what is another by now stays' '
	{ machine a; machine b; } | ensure >out
	do-records list | jq -c "select(.type == \"A\" or .type == \"AAAA\")" >records
	fails 79 do-records rm --max 3 <records
	id=$(head -n 1 records | jq -r .id)
	do-records rm "acme.com/$id" >out; tail -n 1 out | jq -e ".status == \"gone\""
	do-records rm "acme.com/$id" >out
	sed -n 2p records | jq -c ".data = \"2001:db8::1\"" >wrong
	fails 1 do-records rm <wrong; says "by now"
	do-records rm <records >out
	jq -e -s "map(select(.kind == \"dns-record\")) | length == 4 and all(.[]; .status == \"gone\")" out
	there >got; lines 0 got
	do-records list >all
	fails 65 do-records rm <all; says "the domain.s own NS record"
	[ "$(changes | grep -c delete)" -eq 4 ]
	fails 79 do-records rm <wrong --plan /dev/null || fails 0 do-records rm <wrong --plan /dev/null
'
sb 'a DELETE that is refused marks its record only; the answer lost: deleted all the same' '
	{ machine a "del(.public_network_interfaces.ipv6)"; machine b "del(.public_network_interfaces.ipv6)"; } >in
	ensure <in >out
	fault "{\"action\":\"domains_delete_record\",\"nth\":1,\"effect\":\"status\",\"status\":403}"
	fails 77 do-records rm <in; says "cannot remove the names of .a.: cannot delete A record"
	no_faults
	fault "{\"action\":\"domains_delete_record\",\"effect\":\"reset-after\",\"times\":1}"
	do-records rm <in >out
	there >got; lines 0 got
'
sb 'another account: nothing is asked of it' '
	export SLUICE_ACCOUNT=someone-else
	machine a >in
	fails 79 do-records list
	for verb in ensure rm; do fails 79 do-records $verb <in; done
	[ -z "$(changes)" ]
'
sb 'a recorded run is replayed without network or token' '
	machine a >in
	SLUICE_TRACE=trace ensure <in >want
	stop_sandbox; unset DIGITALOCEAN_ACCESS_TOKEN
	SLUICE_REPLAY=trace ensure <in >got
	same want got
'
sb 'the examples of the manual' '
	seed "{\"droplets\":[{\"name\":\"server1\",\"ipv4\":\"45.55.221.186\"},{\"name\":\"old\",\"ipv4\":\"45.55.221.1\"}],\"domains\":{\"acme.com\":[{\"type\":\"A\",\"name\":\"old\",\"data\":\"45.55.221.1\"},{\"type\":\"A\",\"name\":\"dead\",\"data\":\"192.0.2.9\"}]}}"
	for n in 1 2 3 4; do example do-records $n; sh -e example.sh >out$n; done
	grep -q "old.acme.com" out1
	grep -q "www.acme.com" out2
	grep -q "dead.acme.com" out3
	there >got; echo "A dead.acme.com 192.0.2.9" >want; echo "A www.acme.com 45.55.221.186" >>want; same want got
'
done_testing
