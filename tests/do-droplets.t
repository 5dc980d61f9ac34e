#!/bin/sh
# SPDX-License-Identifier: ISC
# do-droplets on the sandbox, and on canned answers where the sandbox is too kind. "hazard N" is of
# the seed tool, "peers N" a pain of others.
. "$(dirname "$0")/lib.sh"

before='. "$tests/do.sh"; . "$tests/sandbox.sh"
'
c() { t "$1" "$before$2"; }
sb() { c "$1" "start_sandbox
$2"; }

# ---- the command line and the stream

c 'wrong options, verbs and operands are 64' '
	fails 64 do-droplets; fails 64 do-droplets wander; fails 64 do-droplets list x
	fails 64 do-droplets list -n; fails 64 do-droplets list - -; fails 64 do-droplets ensure x
	fails 64 do-droplets ensure --max some; fails 64 do-droplets ensure -k name
	fails 64 do-droplets ensure -f ""; fails 64 do-droplets ensure -t never
	fails 64 do-droplets ensure --interval x; fails 64 do-droplets rm ""
	fails 64 do-droplets rm web; fails 64 do-droplets rm --lag 1s 1
	fails 64 do-droplets rm -f in 1; fails 64 do-droplets rm --nope 1
	says "^usage: do-droplets list"
'
c 'no input, no records; records of others pass as they are, asking nobody' '
	export DIGITALOCEAN_API_URL=http://127.0.0.1:1 DIGITALOCEAN_ACCESS_TOKEN=x
	do-droplets ensure </dev/null >out; [ ! -s out ]
	fails 79 do-droplets rm </dev/null; says "no droplets selected"
	do-droplets rm --expect 0 </dev/null
	printf "" | SLUICE_SEAL=1 fails 76 do-droplets rm
	cat >in <<-END
	{"kind":"ssh-key","n":0.10000,"e":1e2}
	{"kind":"strange", "x":[1, 2]}
	{"kind":"instance","provider":"aws","name":"x"}
	{"kind":"instance","name":"x","error":{"status":75,"filter":"x","code":"network","message":"x"}}
	END
	sed "s/, /,/; s/1, 2/1,2/" in >want
	fails 75 do-droplets ensure <in; same want out
'
sb 'broken JSON is 65, with its place, and stops what is right' '
	{ want web; echo "{"; } >in
	fails 65 ensure <in; says "<stdin>:3:"
	jq -e "select(.error) | .error.code == \"not-attempted\" and .error.status == 65" out
	echo 7 | fails 65 do-droplets rm
	[ -z "$(changed)" ]
'
sb 'unknown members are kept; /dev/full is 74; a closed pipe stops nothing that was begun' '
	want web "{n: 1, more: {a: [1]}}" | sed "s/\"n\":1/\"n\":0.10000/" >in
	ensure <in >out
	grep -q "\"n\":0.10000,\"more\":{\"a\":\[1\]}" out
	fails 74 sh -c "do-droplets list >/dev/full"
	want web2 >>in; want web3 >>in
	{ ensure <in || echo $? >rc; } | : ; [ "$(cat rc)" -eq 141 ]
	[ "$(names)" = "web web2 web3" ]
'
c 'no token is 78, a refused one 77, a dead network 75, garbage 70; each a target' '
	fails 78 do-droplets list; says "cannot list droplets: no token: set DIGITALOCEAN_ACCESS_TOKEN"
	export DIGITALOCEAN_API_URL=http://127.0.0.1:1 DIGITALOCEAN_ACCESS_TOKEN=dop_v1_x
	DIGITALOCEAN_HTTP_RETRY_MAX=0 fails 75 do-droplets list
	echo "<html>no</html>" | answer 200 "X-Stub: times=2"
	echo "{\"id\":\"unauthorized\",\"message\":\"Unable to authenticate you\"}" | answer 401 "X-Stub: times=2" "x-request-id: r-2"
	echo "{\"meta\":{\"total\":3}}" | answer 200 "X-Stub: times=2"
	do_stub
	fails 70 do-droplets list; jq -e ".kind == \"target\" and .error.status == 70" out
	fails 77 do-droplets list; jq -e ".error.code == \"unauthorized\" and .error.request_id == \"r-2\"" out
	fails 70 do-droplets list
	no grep -q dop_v1 out err
	export DIGITALOCEAN_API_URL=http://example.com; fails 79 do-droplets list
'
c 'where the token comes from, and where it does not go' '
	no_gpus; page_of droplets 0 | answer 200 "X-Stub: times=0"
	do_stub; unset DIGITALOCEAN_ACCESS_TOKEN
	bearer() { do-droplets list >out; tr -d "\r" <"stub/request.$(asked)" | sed -n "s/^Authorization: Bearer //p"; }
	echo " one " >plain; echo "{\"digital_ocean_api_key\":\"two\",\"public_ssh_key\":\"x\"}" >security.json
	mkdir -p .config/doctl
	printf "access-token: three\nauth-contexts:\n  shop: four\n  web: five\ncontext: shop\n" >.config/doctl/config.yaml
	[ "$(bearer)" = four ]
	[ "$(DIGITALOCEAN_CONTEXT=web bearer)" = five ]
	[ "$(DIGITALOCEAN_CONTEXT=default bearer)" = three ]
	export DIGITALOCEAN_TOKEN=six; [ "$(bearer)" = six ]
	export DIGITALOCEAN_ACCESS_TOKEN_FILE=plain; [ "$(bearer)" = one ]
	export DIGITALOCEAN_ACCESS_TOKEN_FILE=security.json; [ "$(bearer)" = two ]
	export DIGITALOCEAN_ACCESS_TOKEN=seven; [ "$(bearer)" = seven ]
	unset DIGITALOCEAN_ACCESS_TOKEN
	DIGITALOCEAN_ACCESS_TOKEN_FILE=nowhere fails 66 do-droplets list
	echo "two words" >plain; DIGITALOCEAN_ACCESS_TOKEN_FILE=plain fails 65 do-droplets list
	no grep -q "words" err
	echo "a: [" >.config/doctl/config.yaml; unset DIGITALOCEAN_TOKEN DIGITALOCEAN_ACCESS_TOKEN_FILE
	fails 65 do-droplets list; says "config.yaml:"
'
sb 'SLUICE_ACCOUNT: another account is 79 before anything is asked' '
	sandbox_do GET /v2/account >status; uuid=$(jq -r .account.uuid got)
	SLUICE_ACCOUNT=$uuid do-droplets list
	forget; want web >in
	SLUICE_ACCOUNT=other fails 79 ensure <in
	SLUICE_ACCOUNT=other fails 79 do-droplets list
	jq -e ".error.code == \"other-account\"" out
	[ "$(requests)" -eq 2 ]
'

# ---- list

for many in 0 1 20 200 201 401; do
	c "peers 1: all of $many droplets, page by page" '
		droplets '$many'; do_stub
		do-droplets list >out
		jq -r .id out >got; [ '$many' -eq 0 ] || seq '$many' >want; touch want; same want got
	'
done
c 'peers 1, hazard 23: pages of 200, all after the first at once' '
	droplets 601 "gather=2"
	sed -i "s/gather=2/gather=5/" stub/*
	sed -i "s/gather=5/gather=2/" stub/answer.00001
	do_stub; do-droplets list >out; lines 601 out
	[ "$(asked)" -eq 5 ]
	grep -q "GET /v2/droplets?per_page=200&page=4" stub/log
'
c 'peers 1: a page that fails fails the list, what was read goes out' '
	droplets 450
	rm stub/answer.00003
	echo "{\"id\":\"forbidden\",\"message\":\"no\",\"request_id\":\"r-1\"}" | answer 403 "X-Stub: match=page=3"
	do_stub
	fails 77 do-droplets list
	says "^do-droplets: cannot list droplets: page 3: no$"; lines 1 err; lines 401 out; jq -r .id out | head -n 400 >got; seq 400 >want; same want got
	tail -n 1 out | jq -e ".kind == \"target\" and .error == {status: 77, filter: \"do-droplets list\", code: \"forbidden\", message: \"cannot list droplets: page 3: no\", operation: \"GET /v2/droplets\", request_id: \"r-1\"}"
'
c 'peers 1: a list that shifts while it is read is read again, nothing twice, nothing missing' '
	no_gpus
	page_of droplets 201 "$(for id in $(seq 200); do echo "{\"id\":$id}"; done)" | answer 200 "X-Stub: match=page=1"
	page_of droplets 200 | answer 200 "X-Stub: match=page=2"	# 7 is gone, 201 has slipped to page 1
	page_of droplets 200 "$(for id in $(seq 201 | grep -vx 7); do echo "{\"id\":$id}"; done)" | answer 200
	do_stub; do-droplets list >out
	jq -r .id out >got; seq 201 >want; same want got
	[ "$(asked)" -eq 4 ]
'
c 'a list that never stands still is 75' '
	no_gpus
	page_of droplets 3 "$(droplet 1; droplet 2)" | answer 200 "X-Stub: times=0"
	do_stub
	fails 75 do-droplets list; says "changed while it was read, 3 times"
	[ "$(jq -r .id out | head -n 2 | xargs)" = "1 2" ]
'
sb '10,000 droplets' '
	seed "{\"digitalocean\":{\"bulk\":{\"droplets\":10000,\"prefix\":\"w\"}}}"
	do-droplets list | jq -r .id | sort -u >out; lines 10000 out
'
sb 'peers 15: GPU droplets are in the list' '
	want gpu "{region: \"tor1\", size: \"gpu-h100x1-80gb\"}" | ensure >made
	want web | ensure >made
	[ "$(names)" = "gpu web" ]
'
c 'peers 6: 429 by the minute is waited for, by the hour it is 75 and says until when' '
	no_gpus
	answer 429 "Retry-After: 1" </dev/null
	page_of droplets 1 "$(droplet 1)" | answer 200
	echo "{\"id\":\"too_many_requests\",\"message\":\"API Rate limit exceeded.\"}" |
		answer 429 "ratelimit-limit: 5000" "ratelimit-remaining: 0" "ratelimit-reset: $(($(date +%s) + 1500))"
	do_stub
	do-droplets list >out; lines 1 out
	fails 75 do-droplets list
	says "the hour.s requests (5000) are used up; run it again in 25 min"
	[ "$(asked)" -eq 5 ]
'
c 'peers 8, hazard 38: 503 is never an empty list; what was refused is said with its request id' '
	export DIGITALOCEAN_HTTP_RETRY_MAX=0
	no_gpus
	answer 503 </dev/null
	echo "{\"id\":\"server_error\",\"message\":\"boom\",\"request_id\":\"r-9\"}" | answer 500
	do_stub
	fails 75 do-droplets list; lines 1 out; jq -e ".kind == \"target\"" out
	fails 75 do-droplets list; jq -e ".error.request_id == \"r-9\" and .error.code == \"server_error\"" out
'
c 'hazards 16, 26, 27, peers 15: addresses by the rule, a slug that is null, members that are not there' '
	v4="{ip_address: \"10.1.0.9\", type: \"private\"}"
	page_of droplets 4 "$(
		droplet 1 "{networks: {v4: [{ip_address: \"203.0.113.7\", type: \"public\"}, $v4, {ip_address: \"45.55.0.1\", type: \"public\"}], v6: []}}"
		droplet 2 "{networks: {}, image: {id: 99, slug: null}, features: [\"backups\"], tags: null, status: \"archive\"}"
		droplet 3 "{networks: {v6: [{ip_address: \"2604:A880:0800:0010:0000:0000:0060:C001\", type: \"public\"}]}}"
		echo "{\"id\":4,\"name\":null,\"status\":\"new\",\"networks\":null,\"image\":null}")" |
		answer 200 "X-Stub: match=v2/droplets\?per_page"
	page_of reserved_ips 1 "{\"ip\":\"203.0.113.7\"}" | answer 200 "X-Stub: match=reserved"
	no_gpus; do_stub
	do-droplets list >out; lines 4 out
	jq -se ".[0] | .public_network_interfaces == {ipv4: \"45.55.0.1\"} and .private_network_interfaces == {ipv4: \"10.1.0.9\"} and
		.addresses[0] == {address: \"203.0.113.7\", type: \"reserved\", primary: false}" out
	jq -se ".[1] | .image == \"99\" and .backups and .public_network_interfaces == {} and .tags == {} and .status == \"off\" and .provider_status == \"archive\"" out
	jq -se ".[2].public_network_interfaces == {ipv6: \"2604:a880:800:10::60:c001\"}" out
	jq -se ".[3] | .status == \"new\" and .id == \"4\" and (has(\"image\") | not)" out
'
sb 'list - copies its input first; sealed, an input that was cut off is 76' '
	want web | ensure >made
	echo "{\"kind\":\"x\"}" | do-droplets list - | jq -r .kind | xargs >got
	[ "$(cat got)" = "x instance" ]
	echo "{\"kind\":\"x\"}" | SLUICE_SEAL=1 fails 76 do-droplets list -
	SLUICE_SEAL=1 do-droplets list | tail -n 1 | jq -e ".kind == \"end\" and .records == 1"
'

# ---- ensure

sb 'makes what is not there, tells of it at once, writes networking in its turn; the second time nothing' '
	{ want web "{tags: {env: \"prod\", x: null}, names: [\"web.acme.com\"], monitoring: true, backups: true}"; echo "{\"kind\":\"x\"}"; want db; } >in
	ensure <in >out
	jq -r "[.kind, .name, .event] | join(\" \")" out | sort >got
	printf "%s\n" "event db created" "event web created" "instance db " "instance web " "x  " >want; same want got
	[ "$(jq -r .kind out | tail -n 3 | xargs)" = "instance x instance" ]
	jq -se "map(select(.kind == \"instance\" and .name == \"web\"))[0] | .status == \"active\" and .names == [\"web.acme.com\"] and .run == \"test\" and
		(.public_network_interfaces | .ipv4 and .ipv6) and .private_network_interfaces.ipv4 and .provider == \"digitalocean\"" out
	do-droplets list | jq -se "map(select(.name == \"web\"))[0] | .tags == {env: \"prod\", x: null} and .backups and .monitoring and .ipv6 and .run == \"test\""
	forget; ensure <in >again; [ -z "$(changed)" ]
	jq -c "select(.kind != \"event\")" out >want; same want again
'
sb 'hazard 34, peers 11: all is checked before anything is made; near matches, nothing mapped' '
	{ want good; want old "{size: \"1gb\"}"; want older "{image: \"debian-7-0-x64\"}"; want lost "{region: \"nyc9\"}"
	want shut "{region: \"ams2\"}"; want far "{size: \"gpu-h100x1-80gb\"}"; want none "{image: null}"; } >in
	fails 65 ensure <in
	says "droplet .old.: size .1gb. does not exist (any more) in .nyc3.: did you mean .*s-1vcpu-1gb"
	says "droplet .older.: image .debian-7-0-x64. does not exist (any more) in .nyc3.: did you mean .*debian-12-x64"
	says "droplet .lost.: region .nyc9. does not exist (any more): did you mean .nyc"
	says "droplet .shut.: region .ams2. takes no new droplets"
	says "droplet .far.: size .gpu-h100x1-80gb. cannot be had in .nyc3."
	says "droplet .none. is not there, and to make it the record needs .image."
	lines 7 out
	jq -se ".[0].error | .code == \"not-attempted\" and .status == 65" out
	[ -z "$(changed)" ]
'
sb 'hazard 29: names, and what else a record may not say' '
	for wrong in "\"a b\"" "\"web.\"" "\"...\"" "\"a_b\"" "\"\"" "\"web\\n\"" 7; do
		want x | jq -c ".name = $wrong" | fails 65 ensure
	done
	for wrong in "size: 1" "image: true" "backups: 1" "names: \"x\"" "names: [\"a..b\"]" "tags: []" "tags: {\"a b\": null}" \
		"tags: {sluice: \"x\"}" "keys: [\"my laptop\"]" "user_data: 1" "security_groups: [\"x\"]" "subnet: 1" "ipv6: \"y\""; do
		want x "{$wrong}" | fails 65 ensure
	done
	{ want x; want X; } | fails 65 ensure; says "two records want droplet .x."
	want a-b.example.com | ensure >out
	[ "$(requests)" -gt 0 ]; [ "$(names)" = a-b.example.com ]
'
sb 'hazards 12, 25, peers 12: a name that several have is refused with their ids, an id decides' '
	seed "{\"digitalocean\":{\"droplets\":[{\"name\":\"web\",\"id\":11},{\"name\":\"Web\",\"id\":12}]}}"
	want web >in; fails 1 ensure <in; says "there are 2 droplets .web.: 11, 12"
	region=$(do-droplets list | jq -r .region | head -n 1) size=$(do-droplets list | jq -r .size | head -n 1)
	want web "{id: \"12\", region: \"$region\", size: \"$size\"}" | ensure >out
	jq -e ".id == \"12\"" out; [ -z "$(changed)" ]
'
sb 'hazards 6, 27: another size or region is a conflict, another image is told; nothing is replaced' '
	want web | ensure >made; forget
	want web "{size: \"s-2vcpu-2gb\"}" | fails 1 ensure
	says "is another one: size is \"s-1vcpu-1gb\", not \"s-2vcpu-2gb\""
	jq -e ".error.status == 1 and .error.code == \"conflict\"" out
	{ want other; want web "{region: \"lon1\"}"; } >in; fails 1 ensure <in
	jq -se ".[0].error.code == \"not-attempted\"" out
	want web "{image: \"debian-13-x64\", backups: true}" | ensure >out 2>err
	says "is kept as it is: backups is false, not true, image is \"debian-12-x64\", not \"debian-13-x64\""
	[ -z "$(changed)" ]
	want web "{image: \"debian-13-x64\"}" | ensure -n 2>err | head -n 1 | jq -e ".action == \"keep\" and .before.image == \"debian-12-x64\""
'
sb 'peers 13: no droplet without a key that the account has; keys of records, -k and the stream' '
	want web >in
	fails 65 do-droplets ensure <in; says "droplet .web. has no ssh key"
	fails 65 do-droplets ensure -k 1 <in; says "the account has no ssh key .1."
	[ -z "$(changed)" ]
	sandbox_do POST /v2/account/keys "{\"name\":\"a\",\"public_key\":\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2YYWymuY9W/GVJSRs1Nf5yCNZTB+bFmlyEbQZ/cihk\"}" >status
	id=$(jq .ssh_key.id got) print=$(jq -r .ssh_key.fingerprint got)
	{ want web "{keys: [\"$id\"]}"; echo "{\"kind\":\"ssh-key\",\"provider\":\"digitalocean\",\"id\":\"$id\",\"fingerprint\":\"$print\"}"; } >in
	do-droplets ensure --interval 1ms -k "$print" <in >out
	journal | jq -se "[.[] | select(.action == \"droplets_create\")] | .[0].params.ssh_keys == [$id, \"$print\", \"$print\"]"
'
sb 'the account is asked for its limit before' '
	seed "{\"digitalocean\":{\"account\":{\"droplet_limit\":1}}}"
	{ want a; want b; } | fails 69 ensure; says "cannot make 2 droplets: the account has 0, its limit is 1"
	[ -z "$(changed)" ]
'
sb 'user data goes to the machine, only its digest comes out, whatever happens' '
	want web "{user_data: \"#!/bin/sh\necho hush-hush\"}" >in
	ensure -n <in >plan; ensure <in >made; want web "{size: \"x\", user_data: \"hush-hush\"}" | fails 1 ensure
	no grep -q hush plan made out err
	digest=$(printf "#!/bin/sh\necho hush-hush" | sha256sum | cut -d " " -f 1)
	jq -e "select(.kind == \"instance\").user_data_sha256 == \"$digest\"" made
	journal | jq -se "[.[] | select(.action == \"droplets_create\")] | .[0].params | has(\"user_data\")"
'
sb '-n changes nothing, and makes the whole pipe dry; --plan allows what was reviewed, and no more' '
	{ want web; want db; } >in
	ensure -n <in >plan; [ -z "$(changed)" ]
	[ "$(jq -r "select(.kind == \"plan\") | .action + \" \" + .name" plan | xargs)" = "create web create db" ]
	jq -se "map(select(.kind == \"instance\")) | all(.planned and .id == null and .public_network_interfaces.ipv4 == null)" plan
	ensure <plan >again; [ -z "$(changed)" ]
	want web "{size: \"s-2vcpu-2gb\"}" | fails 79 ensure --plan plan; says "not in the plan that was reviewed"
	want more | fails 79 ensure --plan plan
	[ -z "$(changed)" ]
	ensure --plan plan <in >out; [ "$(names)" = "db web" ]
	ensure --plan plan <in >out
	ensure --plan nowhere <in || [ $? -eq 66 ]
'
sb 'a plan made in one job and applied in another: something was removed between them: 79' '
	{ want web; want db; } >in
	want web | ensure >made; ensure -n <in >plan; forget
	do-droplets rm --interval 1ms "$(jq -r "select(.kind == \"instance\").id" made)" >out; forget
	fails 79 ensure --plan plan <in
	[ -z "$(changed)" ]
	want web "{size: \"s-2vcpu-2gb\"}" | ensure >out; forget
	fails 79 ensure --plan plan <in; says "is another one: size is"
	[ -z "$(changed)" ]
'
sb 'guards: --expect, --max; -n --max 0 is the drift check' '
	{ want web; want db; } >in
	fails 79 ensure --expect 1 <in; says "2 droplets would be changed, --expect says 1"
	fails 79 ensure --max 1 <in
	fails 79 ensure -n --max 0 <in
	[ -z "$(changed)" ]
	ensure --expect 2 <in >out
	ensure -n --max 0 <in >out
'
sb 'an input that is not whole: 76 and nothing is changed' '
	want web >in
	export SLUICE_SEAL=1; cat in | fails 76 ensure; unset SLUICE_SEAL
	jq -e ".error.code == \"not-attempted\" and .error.status == 76" out || jq -e "has(\"error\") | not" out
	[ -z "$(changed)" ]
'
sb 'hazards 31, 35, peers 4, 5: waits for active and addressed; not in time is 75 with the id, run again goes on' '
	behave "{\"digitalocean\":{\"active\":100000}}"
	want web >in
	fails 75 ensure -t 1s --interval 100ms <in; says "droplet .web. ([0-9]*) is not ready: run it again"
	jq -e "select(.kind == \"instance\") | .id and .error.code == \"deadline\"" out
	behave "{\"digitalocean\":{\"active\":0,\"addresses\":60}}"; advance 100000
	forget; ensure <in >out; jq -e ".status == \"active\" and .public_network_interfaces.ipv4" out
	[ -z "$(changed)" ]
	behave "{\"digitalocean\":{\"errored\":{\"bad\":\"create\"}}}"
	want bad | fails 69 ensure; says "its creation went wrong"
'
sb 'one question a round for all that are waited for' '
	behave "{\"digitalocean\":{\"active\":300,\"addresses\":0}}"
	for i in 1 2 3 4 5 6; do want web$i; done >in
	ensure <in >out
	journal | jq -se "[.[] | select(.action == \"droplets_get\")] | length < 5"
	[ "$(jq -r "select(.kind == \"instance\").status" out | sort | uniq -c | xargs)" = "6 active" ]
'
c 'peers 3, hazard 17: a list that lags: an unclear answer is looked after, not sent again' '
	start_sandbox --speed 20
	behave "{\"lag\":{\"seconds\":5,\"actions\":\"^droplets_\"}}"
	fault "{\"action\":\"^droplets_create$\",\"effect\":\"reset-after\",\"nth\":1}"
	want web >in
	do-droplets ensure --no-key --interval 50ms --lag 2s <in >out 2>err
	says "looking whether it was made"
	[ "$(changed | grep -c droplets_create)" -eq 1 ]
	jq -se "map(.kind) == [\"event\", \"instance\"]" out; [ "$(names)" = web ]
'
c 'a request that was lost is made again when no list can hide it' '
	start_sandbox
	fault "{\"action\":\"^droplets_create$\",\"effect\":\"reset-before\",\"nth\":1}"
	want web | ensure >out; [ "$(names)" = web ]
'
for effect in reset-after truncate garbage empty; do
	c "peers 2, hazard 35: lose the answer of every changing request: $effect" '
		start_sandbox
		{ want web; want db; } >in
		for k in 1 2 3 4 5; do
			no_faults; fault "{\"changing\":true,\"nth\":$k,\"effect\":\"'$effect'\"}"
			ensure <in >out 2>err || ensure <in >out 2>err
			no_faults; ensure <in >out
			[ "$(names)" = "db web" ] || { names; exit 1; }
			do-droplets list | do-droplets rm --interval 1ms >out
			[ -z "$(names)" ]
		done
	'
done
c 'kill -9 after any request, and run again: no second droplet, the same result' '
	start_sandbox
	{ want web; want db; } >in
	k=0
	while :; do
		k=$((k + 1)); forget; no_faults; fault "{\"nth\":$k,\"effect\":\"kill\"}"
		rc=0; sh -c "do-droplets ensure --no-key --interval 1ms --lag 0 <in >out 2>err" || rc=$?
		no_faults
		[ $rc -eq 137 ] || break
		ensure <in >out 2>err
		[ "$(names)" = "db web" ] || { echo "killed after request $k:"; names; exit 1; }
		jq -se "map(select(.kind == \"instance\").public_network_interfaces.ipv4) | length == 2" out
		do-droplets list | do-droplets rm --interval 1ms >out
	done
	[ $rc -eq 0 ]; [ $k -gt 12 ]
'
c 'kill -9 right after the request while the list lags: the next run looks longer' '
	start_sandbox --speed 20
	behave "{\"lag\":{\"seconds\":5,\"actions\":\"^droplets_list\"}}"
	fault "{\"action\":\"^droplets_create$\",\"effect\":\"kill\",\"nth\":1}"
	want web >in
	rc=0; sh -c "do-droplets ensure --no-key <in >out 2>err" || rc=$?; [ $rc -eq 137 ]
	do-droplets ensure --no-key --interval 50ms --lag 2s <in >out 2>err
	says "an earlier run may have made it"
	jq -se ".[0].event == \"found\"" out
	[ "$(names)" = web ]
'
sb 'SIGTERM: what is held is marked and written, the id with it; dies of the signal' '
	behave "{\"digitalocean\":{\"active\":100000}}"
	want web >in
	do-droplets ensure --no-key --interval 50ms <in >out 2>err & pid=$!
	until_so grep -q created out
	kill -TERM $pid; rc=0; wait $pid || rc=$?; [ $rc -eq 143 ]
	jq -e "select(.kind == \"instance\") | .id and .error.code == \"interrupted\"" out
'
sb '--again takes up what failed here' '
	want web | jq -c ". + {error: {status: 75, filter: \"do-droplets ensure\", code: \"x\", message: \"x\"}}" >in
	fails 75 ensure <in; [ -z "$(changed)" ]
	ensure --again <in >out; jq -e "select(.kind == \"instance\") | .id and (has(\"error\") | not)" out
'
sb 'a trace holds neither token nor user data, and replays to the same output' '
	want web "{user_data: \"hush-hush\"}" >in
	SLUICE_TRACE=trace ensure <in >want 2>err
	no grep -rq "dop_v1_sandbox\|hush-hush" trace
	unset DIGITALOCEAN_ACCESS_TOKEN
	SLUICE_REPLAY=trace ensure <in >got 2>err
	same want got
'

# ---- rm

sb 'rm removes by id or record, tells, and makes sure; what is gone is no failure' '
	{ want a; want b; want c; } | ensure | jq -c "select(.kind == \"instance\")" >made
	a=$(jq -r "select(.name == \"a\").id" made)
	do-droplets rm --interval 1ms "$a" >out
	jq -se "map(.kind) == [\"event\", \"instance\"] and .[0].event == \"deleted\" and .[1].status == \"gone\"" out
	[ "$(names)" = "b c" ]
	forget; do-droplets rm --interval 1ms "$a" >out; [ -z "$(changed)" ]
	do-droplets rm -n <made >plan
	[ "$(jq -r "select(.kind == \"plan\").action" plan | xargs)" = "keep delete delete" ]
	fails 79 do-droplets rm --max 1 <made; fails 79 do-droplets rm --expect 3 <made
	[ "$(names)" = "b c" ]
	do-droplets rm --interval 1ms --plan plan <made >out; [ -z "$(names)" ]
	sandbox_do GET /v2/tags >status; jq -e "[.tags[].name | select(startswith(\"sluice:token:\"))] == []" got
'
sb 'hazard 12: rm goes by id, and only where the name agrees' '
	want web | ensure | jq -c "select(.kind == \"instance\")" >made
	jq -c ".name = \"db\"" made | fails 1 do-droplets rm; says "is .web., the record says .db."
	jq -c "del(.id)" made | fails 65 do-droplets rm
	jq -c "del(.provider)" made | fails 79 do-droplets rm
	[ "$(names)" = web ]
'
sb 'hazard 38: what is busy is asked again; one that does not go is 75' '
	{ want web; want zombie; } | ensure | jq -c "select(.kind == \"instance\")" >made
	fault "{\"action\":\"^droplets_destroy$\",\"effect\":\"status\",\"status\":422,\"code\":\"unprocessable_entity\",\"message\":\"Droplet already has a pending event.\",\"times\":2}"
	jq -c "select(.name == \"web\")" made | do-droplets rm --interval 1ms >out; [ "$(names)" = zombie ]
	no_faults; behave "{\"digitalocean\":{\"undead\":{\"zombie\":true}}}"
	jq -c "select(.name == \"zombie\")" made | fails 75 do-droplets rm -t 1s --interval 100ms
	says "is still there"
'
c 'kill -9 after any request of rm, and run again: all are gone' '
	start_sandbox
	{ want web; want db; } >in
	k=0
	while :; do
		ensure <in 2>err | jq -c "select(.kind == \"instance\")" >made
		k=$((k + 1)); no_faults; fault "{\"nth\":$k,\"effect\":\"kill\"}"
		rc=0; sh -c "do-droplets rm --interval 1ms <made >out 2>err" || rc=$?
		no_faults
		do-droplets rm --interval 1ms <made >out
		[ -z "$(names)" ]
		[ $rc -eq 137 ] || break
	done
	[ $rc -eq 0 ]; [ $k -gt 6 ]
'

# ---- the page

for number in 1 2 5; do
	sb "the page, example $number" '
		{ want web "{tags: {env: \"test\"}}"; want db "{tags: {env: \"test\"}}"; } | ensure >made
		example do-droplets '$number' >text; sed -i "s/do-droplets rm/& --interval 1ms/" example.sh
		sh -eu ./example.sh >out; [ -s out ]
	'
done
sb 'the page, examples 3 and 4' '
	mkdir -p .config/doctl; unset DIGITALOCEAN_ACCESS_TOKEN
	printf "auth-contexts:\n  web: dop_v1_sandbox\n  shop: dop_v1_other\n" >.config/doctl/config.yaml
	export DIGITALOCEAN_CONTEXT=web
	sandbox_key() { curl -sS -X POST -H "Authorization: Bearer dop_v1_sandbox" -H "Content-Type: application/json" -d "$1" "$SANDBOX_URL/v2/account/keys"; }
	id=$(sandbox_key "{\"name\":\"a\",\"public_key\":\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2YYWymuY9W/GVJSRs1Nf5yCNZTB+bFmlyEbQZ/cihk\"}" | jq .ssh_key.id)
	want server1 | jq "{server1: del(.kind, .name)}" >cloud.json
	example do-droplets 4 >text; sed -i "s/512189/$id/; s/--plan plan/& --interval 1ms/" example.sh
	sh -eu ./example.sh >out; tail -n 1 out | jq -e ".name == \"server1\" and .id"
	example do-droplets 3 >text; sh -eu ./example.sh | jq -e ".name == \"server1\""
'
done_testing
