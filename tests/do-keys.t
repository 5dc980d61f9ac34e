#!/bin/sh
# SPDX-License-Identifier: ISC
# do-keys on the sandbox, and on canned answers where the sandbox is too kind.
. "$(dirname "$0")/lib.sh"

words='. "$tests/sandbox.sh"
	blob1=AAAAC3NzaC1lZDI1NTE5AAAAIL2YYWymuY9W/GVJSRs1Nf5yCNZTB+bFmlyEbQZ/cihk
	print1=23:43:04:2f:17:ac:2a:9b:04:09:da:7d:90:ef:af:c2
	blob2=AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
	key() { jq -cn --arg key "ssh-ed25519 $1${2+ $2}" "{kind: \"ssh-key\", public_key: \$key}"; }
	nowhere() { export DIGITALOCEAN_API_URL=http://127.0.0.1:1 DIGITALOCEAN_ACCESS_TOKEN=x DIGITALOCEAN_HTTP_RETRY_MAX=0; }
	asked_for() { journal | jq -r "\"\\(.method) \\(.action)\""; }
'
c() { t "$1" "$words$2"; }
sb() { c "$1" "start_sandbox
$2"; }

# ---- the command line and the stream

sb 'a key file whose comment is not UTF-8 has none; one that is not UTF-8 in the key is 65' '
	printf "ssh-ed25519 $blob1 J\366rg\n" >k.pub
	do-keys ensure --key k.pub | jq -s -e "last | .name == \"$print1\" and .public_key == \"ssh-ed25519 $blob1 $print1\"" >got
	printf "ssh-ed25519 \366$blob1\n" >k.pub
	fails 65 do-keys ensure --key k.pub
	says "cannot use .k.pub.: it is not UTF-8"
'
c 'wrong options, verbs and operands are 64' '
	fails 64 do-keys
	fails 64 do-keys wander
	fails 64 do-keys list x
	fails 64 do-keys list -n
	fails 64 do-keys ensure x
	fails 64 do-keys ensure -
	fails 64 do-keys ensure --name x
	fails 64 do-keys ensure --key x -f y
	fails 64 do-keys ensure --key ""
	fails 64 do-keys rm --key x
	fails 64 do-keys rm ""
	fails 64 do-keys rm -f x 1
	fails 64 do-keys rm --max some 1
'
c 'no input, no records; records of others pass as they are' '
	nowhere
	do-keys ensure </dev/null >out; [ ! -s out ]
	cat >in <<-END
	{"kind":"instance","n":0.10000,"e":1e2}
	{"kind":"strange", "x":[1, 2]}
	{"kind":"ssh-key","provider":"aws","name":"x"}
	{"kind":"ssh-key","name":"x","error":{"status":75,"filter":"x","code":"network","message":"x"}}
	END
	sed "s/, /,/; s/1, 2/1,2/" in >want
	fails 75 do-keys ensure <in; same want out
	fails 75 do-keys rm <in; same want out; says "no keys selected"
	fails 75 do-keys rm --expect 0 <in; same want out
'
c 'broken JSON is 65, with its line, and stops what is right' '
	nowhere
	{ key "$blob1"; echo "{"; } >in
	fails 65 do-keys ensure --plan /dev/null <in
	says "<stdin>:"
	fails 65 do-keys rm <in
	says "<stdin>:"
'
c 'what is no public key is 65: two lines, an option, a wrong blob, a private one, none' '
	nowhere
	for wrong in "\"ssh-ed25519 $blob1\\nssh-ed25519 $blob2\"" "\"no-pty ssh-ed25519 $blob1\"" "\"ssh-rsa $blob1\"" \
		"\"ssh-ed25519 %%%%\"" "\"ssh-ed25519\"" "\"\"" "7" "null" \
		"\"-----BEGIN OPENSSH PRIVATE KEY-----canary\""; do
		echo "{\"kind\":\"ssh-key\",\"public_key\":$wrong}" >in
		fails 65 do-keys ensure <in
		jq -e ".error.status == 65 and .error.code == \"bad-key\"" out
		no grep canary err
	done
	printf "%s\n" "-----BEGIN OPENSSH PRIVATE KEY-----" canary >id
	fails 65 do-keys ensure --key id
	says "^do-keys: cannot use .id.: it is a private key; only the public one (.pub) is wanted$"
	no grep canary out err
	echo "{\"digital_ocean_api_key\":\"canary\"}" >security.json
	fails 65 do-keys ensure --key security.json
	says "public_ssh_key"; no grep canary out err
	echo "{\"digital_ocean_api_key\":\"canary" >security.json
	fails 65 do-keys ensure --key security.json
	no grep canary out err
	fails 66 do-keys ensure --key not-there
	fails 66 do-keys ensure --plan not-there </dev/null
	key "$blob1" >in; jq -c ".provider = \"digitalocean\"" in >in2
	fails 79 do-keys rm <in
	fails 65 do-keys rm <in2
'
c 'a full disk is 74, a closed pipe 141' '
	nowhere
	echo "{\"kind\":\"instance\"}" >in
	fails 74 sh -c "do-keys ensure <in >/dev/full"
	fails 74 sh -c "do-keys list - <in >/dev/full"
	{ { rc=0; do-keys ensure <in || rc=$?; echo $rc >status; } | :; } || :
	yes "{\"kind\":\"instance\"}" | head -n 20000 >many
	{ { rc=0; do-keys ensure <many || rc=$?; echo $rc >status; } | head -n 1 >out; } || :
	echo 141 >want; same want status
'
c 'missing credentials 78, refused ones 77, a dead network 75, garbage 70' '
	unset DIGITALOCEAN_ACCESS_TOKEN; key "$blob1" >in
	for verb in list ensure; do fails 78 do-keys $verb <in; done
	fails 78 do-keys rm 1
	nowhere
	for verb in list ensure; do fails 75 do-keys $verb <in; done
	fails 75 do-keys rm 1
	start_sandbox
	export DIGITALOCEAN_ACCESS_TOKEN=dop_v1_wrong
	for verb in list ensure; do fails 77 do-keys $verb <in; done
	export DIGITALOCEAN_ACCESS_TOKEN=dop_v1_readonly
	fails 77 do-keys ensure <in
	says "cannot upload key"
	export DIGITALOCEAN_ACCESS_TOKEN=dop_v1_sandbox
	fault "{\"effect\":\"garbage\",\"status\":200}"
	for verb in list ensure; do fails 70 do-keys $verb <in; done
'
c 'a sealed input that is not whole: 76, nothing is asked' '
	nowhere; export SLUICE_SEAL=1
	key "$blob1" >in
	cat in | { fails 75 do-keys ensure || fails 76 do-keys ensure; } || :
	{ key "$blob1"; } | { rc=0; do-keys ensure --expect 5 >out || rc=$?; echo $rc >status; }
	no grep -q "\"end\"" out
'

# ---- what it does

sb 'list: the account'"'"'s keys, what came first first' '
	do-keys list >out; [ ! -s out ]
	key "$blob1" fredy@acme.com | do-keys ensure >made
	echo "{\"kind\":\"instance\",\"n\":0.10000}" >in
	do-keys list - <in >out; lines 2 out
	head -n 1 out | same in -
	tail -n 1 out | jq -e ".kind == \"ssh-key\" and .provider == \"digitalocean\" and .name == \"fredy@acme.com\" and .fingerprint == \"$print1\" and (.id | type) == \"string\" and .public_key == \"ssh-ed25519 $blob1 fredy@acme.com\""
	fault "{\"action\":\"sshKeys_list\",\"effect\":\"status\",\"status\":403}"
	fails 77 do-keys list; jq -e ".kind == \"target\" and .error.status == 77" out
'
sb 'ensure uploads once; the second time nothing is changed, and keys are never listed (hazards 23, 36, 37)' '
	key "$blob1" fredy@acme.com >in
	do-keys ensure <in >out
	jq -e -s ".[0].event == \"created\" and .[0].target == \"ssh-key\" and .[1].fingerprint == \"$print1\" and .[1].id == .[0].id" out
	forget
	key "$blob1" "  other   comment " | do-keys ensure >out; lines 1 out
	key "$blob1" | do-keys ensure >out
	printf "ssh-ed25519\t%s  x y\r\n\n" "$blob1" >k.pub
	do-keys ensure --key k.pub --name another </dev/null >out; lines 1 out
	[ -z "$(changes)" ]
	asked_for | no grep -q sshKeys_list
'
sb 'the key of security.json; the token in it goes nowhere' '
	jq -n --arg k "ssh-ed25519 $blob1 fredy@acme.com" "{digital_ocean_api_key: \"canary-token\", public_ssh_key: \$k}" >security.json
	do-keys ensure --key security.json >out 2>err
	jq -e -s ".[-1].name == \"fredy@acme.com\"" out
	no grep canary out err
	do-keys ensure -n --key security.json - <out >out2
	jq -e -s "map(.kind) == [\"plan\",\"ssh-key\",\"event\",\"ssh-key\"] and all(.[] | select(.kind == \"ssh-key\"); .planned)" out2
'
sb 'one key twice in the input is uploaded once; two keys are two' '
	{ key "$blob1" a; key "$blob1" b; key "$blob2" c; } >in
	do-keys ensure -n <in >out
	jq -e -s "map(select(.kind == \"plan\")) | map(.action) == [\"create\",\"create\"]" out
	do-keys ensure <in >out
	[ "$(changes | wc -l)" -eq 2 ]
	jq -e -s "map(select(.kind == \"ssh-key\")) | length == 3 and .[0].id == .[1].id and .[0].id != .[2].id" out
'
sb 'unknown members are kept; what is wrong stops what is right' '
	key "$blob1" a | jq -c ". + {x: 1}" | sed "s/\"x\":1/\"x\":0.10000/" >in
	{ cat in; echo "{\"kind\":\"ssh-key\",\"public_key\":7}"; } >both
	fails 65 do-keys ensure <both
	head -n 1 out | jq -e ".error.code == \"not-attempted\" and .error.status == 65"
	[ -z "$(changes)" ]
	do-keys ensure <in | tail -n 1 >out
	grep -q "\"x\":0.10000" out
'
sb 'the answer of the upload is lost, before or after the effect: one key (peers 2, 13)' '
	key "$blob1" a >in
	for effect in reset-before reset-after truncate empty; do
		fault "{\"action\":\"sshKeys_create\",\"effect\":\"$effect\",\"times\":1}"
		do-keys ensure <in >out
		jq -e -s ".[-1].id | type == \"string\"" out
		do-keys list >list; lines 1 list
		no_faults
		do-keys rm <list >out
	done
'
sb 'somebody else uploads it in between: present is present (peers 13)' '
	key "$blob1" a >in
	do-keys ensure <in >out
	fault "{\"action\":\"sshKeys_get\",\"effect\":\"status\",\"status\":404,\"times\":1}"
	do-keys ensure <in >out
	lines 1 out; jq -e ".fingerprint == \"$print1\"" out
'
sb '--again takes up what failed here' '
	key "$blob1" a >in
	fault "{\"action\":\"sshKeys_create\",\"effect\":\"status\",\"status\":403}"
	fails 77 do-keys ensure <in; cp out failed; no_faults
	fails 77 do-keys ensure <failed; [ -z "$(changes)" ]
	do-keys ensure --again <failed >out
	tail -n 1 out | jq -e "(.id | type) == \"string\" and (has(\"error\") | not)"
'
sb 'throttled: it waits as it is told to' '
	key "$blob1" a >in
	fault "{\"action\":\"sshKeys_get\",\"effect\":\"status\",\"status\":429,\"retry_after\":0,\"times\":1}"
	do-keys ensure <in >out
	lines 2 out
'
sb '-n, --plan, --expect, --max' '
	key "$blob1" a >in
	do-keys ensure -n <in >plan
	jq -e -s "length == 2 and .[0].action == \"create\" and .[0].target == \"ssh-key\" and .[0].after.fingerprint == \"$print1\" and .[1].planned and .[1].id == null" plan
	do-keys ensure <plan >out; [ -z "$(changes)" ]
	fails 79 do-keys ensure -n --max 0 <in
	fails 79 do-keys ensure --max 0 <in; jq -e ".error.code == \"not-attempted\"" out
	key "$blob2" b >other
	fails 79 do-keys ensure --plan plan <other; says "not in the plan"
	fails 79 do-keys ensure -n --plan plan <other; jq -e -s ".[-1].error.status == 79" out
	[ -z "$(changes)" ]
	do-keys ensure --plan plan --expect 1 <in >out
	do-keys ensure --plan plan <in >out
	do-keys ensure -n --max 0 <in >out
	[ "$(changes)" = "digitalocean sshKeys_create" ]
'
sb 'rm: by id, fingerprint or record; gone is gone; never all by accident' '
	{ key "$blob1" a; key "$blob2" b; } | do-keys ensure | jq -c "select(.kind == \"ssh-key\")" >made
	fails 79 do-keys rm </dev/null
	fails 79 do-keys rm --max 1 <made
	do-keys rm -n <made >out; jq -e -s "map(.action // .status) == [\"delete\",\"gone\",\"delete\",\"gone\"]" out
	jq -c ".fingerprint = \"00\"" made >wrong
	fails 1 do-keys rm <wrong
	forget
	do-keys rm "$print1" >out
	jq -e -s ".[0].event == \"deleted\" and .[1].status == \"gone\"" out
	do-keys rm --max 1 <made >out
	do-keys rm <made >out
	[ "$(changes | wc -l)" -eq 2 ]
	do-keys list >out; [ ! -s out ]
'
sb 'another account: nothing is asked of it' '
	export SLUICE_ACCOUNT=someone-else
	key "$blob1" a >in
	fails 79 do-keys ensure <in
	fails 79 do-keys list
	fails 79 do-keys rm 1
	[ -z "$(changes)" ]
'
sb 'killed at any request and run again: one key' '
	key "$blob1" a >in
	k=0
	while :; do
		k=$((k + 1)); no_faults; fault "{\"nth\":$k,\"effect\":\"kill\"}"
		rc=0; do-keys ensure <in >out 2>err || rc=$?
		no_faults
		[ $rc -eq 137 ] || break
		do-keys ensure <in >out
		do-keys list >list; lines 1 list
		do-keys rm <list >out
	done
	[ $k -eq 3 ]
'
sb 'a recorded run is replayed without network, token or key file' '
	jq -n --arg k "ssh-ed25519 $blob1 x" "{digital_ocean_api_key: \"canary-token\", public_ssh_key: \$k}" >security.json
	SLUICE_TRACE=trace do-keys ensure --key security.json >want
	no grep -r canary trace
	stop_sandbox; rm security.json
	unset DIGITALOCEAN_ACCESS_TOKEN
	SLUICE_REPLAY=trace do-keys ensure --key security.json >got
	same want got
'
sb 'the examples of the manual' '
	mkdir -p .ssh; echo "ssh-ed25519 $blob1 me@home" >.ssh/id_ed25519.pub
	echo "{\"digital_ocean_api_key\":\"x\",\"public_ssh_key\":\"ssh-ed25519 $blob2 fredy@acme.com\"}" >security.json
	for n in 1 2 3 4; do example do-keys $n; sh -e example.sh >out$n; done
	grep -q "me@home" out3
	do-keys list >out; no grep -q fredy out; grep -q me@home out
'
done_testing
