#!/bin/sh
# SPDX-License-Identifier: ISC
. "$(dirname "$0")/lib.sh"

before='. "$tests/stub.sh"
	req() { printf "{\"kind\":\"http-request\",\"method\":\"%s\",\"url\":\"%s\"%s}\n" "$1" "$2" "${3-}"; }
'
c() { t "$1" "$before$2"; }

c 'nothing in, nothing out' '
	http-send </dev/null >out; lines 0 out
'
c 'answers in the order of the input, whatever they are; other records pass as they are' '
	echo one | answer 200 "X-Stub: match=/one delay=0.2"
	echo two | answer 404 "Content-Type: text/plain" "X-Stub: match=/two"
	serve
	{ req GET "$stub/one"; echo "{\"kind\":\"other\",\"n\":0.10000,\"e\":1e2}"; req GET "$stub/two"; } >in
	http-send -j 2 <in >out
	lines 3 out
	jq -c "[.kind,.status,.content.text,.request.method,.url]" out >got
	printf "%s\n" "[\"http-response\",200,\"one\\n\",\"GET\",null]" "[\"other\",null,null,null,null]" \
		"[\"http-response\",404,\"two\\n\",\"GET\",null]" >want
	same want got
	sed -n 2p out | grep -qxF "{\"kind\":\"other\",\"n\":0.10000,\"e\":1e2}"
'
c 'what the request record holds besides is kept, also how its numbers are written' '
	answer 200 </dev/null
	serve
	req POST "$stub/x" ",\"name\":\"mine\",\"price\":0.10000,\"postData\":{\"mimeType\":\"text/plain\",\"text\":\"hallo\"},\"headers\":[{\"name\":\"Authorization\",\"value\":\"Bearer sesame\"},{\"name\":\"X-A\",\"value\":\"b\"}]" >in
	http-send <in >out
	grep -q "\"name\":\"mine\",\"price\":0.10000," out
	no grep -q sesame out
	request 1 | grep -q "^Authorization: Bearer sesame"
	request 1 | grep -q "^X-A: b"
	request 1 | grep -qi "^Content-Type: text/plain"
	[ "$(body_of 1)" = hallo ]
	[ "$(jq -r .request.postData.text out)" = hallo ]
'
c 'bytes that are not UTF-8, both ways' '
	printf "\377\376" | answer 200
	serve
	req PUT "$stub/x" ",\"postData\":{\"mimeType\":\"a/b\",\"text\":\"gIE=\",\"encoding\":\"base64\"}" >in
	http-send <in >out
	[ "$(jq -r .content.encoding out)" = base64 ]
	[ "$(jq -r .content.text out | base64 -d | od -An -tx1 | tr -d " ")" = fffe ]
	[ "$(body_of 1 | od -An -tx1 | tr -d " ")" = 8081 ]
'
c 'what can be done twice is sent again, what cannot is not' '
	answer 500 "X-Stub: match=^GET" </dev/null; echo ok | answer 200 "X-Stub: match=^GET"
	answer 502 "X-Stub: match=^PUT" </dev/null; echo ok | answer 200 "X-Stub: match=^PUT"
	answer 500 "X-Stub: match=^POST" </dev/null
	answer 503 "Retry-After: 0" "X-Stub: match=^PATCH" </dev/null; echo ok | answer 200 "X-Stub: match=^PATCH"
	serve
	for m in GET PUT POST PATCH; do req $m "$stub/"; done >in
	http-send <in | jq .status >got
	printf "%s\n" 200 200 500 200 >want; same want got
	[ "$(asked)" -eq 7 ]
	answer 500 "X-Stub: match=/again" </dev/null; echo ok | answer 200 "X-Stub: match=/again"
	req POST "$stub/again" | http-send --idempotent | jq .status | grep -qx 200
	answer 500 "X-Stub: match=/once" </dev/null
	req GET "$stub/once" | http-send --attempts 1 | jq .status | grep -qx 500
'
c 'a POST whose connection broke is not sent again; one that was never sent is' '
	answer 200 "X-Stub: reset" </dev/null; answer 200 </dev/null
	serve
	req POST "$stub/" >in
	fails 75 http-send <in
	says "^http-send: cannot send .POST $stub/.: "
	[ "$(jq -r "[.kind,.error.status,.error.code,.error.filter]|join(\" \")" out)" = "http-request 75 network http-send" ]
	[ "$(asked)" -eq 1 ]
'
c 'a server that is not there: the request goes out as it came, with the error' '
	req GET "http://127.0.0.1:1/?token=sesame" >in
	fails 75 http-send --attempts 2 <in
	jq -c "del(.error)" out >got; jq -c . in >want; same want got
	no grep -q sesame err
'
c 'a port where nobody listens is told at once, unless somebody answered before' '
	tries() { jq -r "select(.request) | ._attempt" "$1"/http-send-*; }
	export SLUICE_DEADLINE=30
	req GET "http://127.0.0.1:1/" >dead
	SLUICE_TRACE=t1 fails 75 http-send -j 1 <dead; [ "$(tries t1 | xargs)" = 1 ]
	SLUICE_TRACE=t2 fails 75 http-send -j 1 --attempts 2 <dead; [ "$(tries t2 | xargs)" = "1 2" ]
	answer 200 </dev/null
	serve
	{ req GET "$stub/"; cat dead; } >in
	SLUICE_TRACE=t3 fails 75 http-send -j 1 <in; [ "$(tries t3 | xargs)" = "1 1 2 3 4 5" ]
'
c '--fail makes errors of answers' '
	answer 404 </dev/null; answer 403 </dev/null; answer 429 "X-Stub: times=5" </dev/null
	serve
	req GET "$stub/a" >a; req GET "$stub/b" >b; req GET "$stub/c" >c
	fails 69 http-send --fail <a; says "was answered 404"
	[ "$(jq -r "[.kind,.status,.error.code]|join(\" \")" out)" = "http-response 404 http-404" ]
	fails 77 http-send --fail <b
	fails 75 http-send --fail --attempts 1 <c
'
c 'plain http only to loopback; other schemes and non-URLs are no requests' '
	req GET http://192.0.2.1/ >in; fails 79 http-send <in
	req GET ftp://127.0.0.1/ >in; fails 65 http-send <in
	req GET "" >in; fails 65 http-send <in
	echo "{\"kind\":\"http-request\",\"method\":5}" >in; fails 65 http-send <in
	[ "$(jq -r .error.code out)" = bad-request ]
'
c 'when something is wrong and something would be changed, nothing is sent' '
	serve
	{ req GET "$stub/1"; req DELETE "$stub/2"; req POST ftp://x/; } >in
	fails 65 http-send <in
	[ "$(asked)" -eq 0 ]
	jq -c "[.error.status,.error.code]" out >got
	printf "%s\n" "[65,\"not-attempted\"]" "[65,\"not-attempted\"]" "[65,\"bad-request\"]" >want; same want got
	{ req DELETE "$stub/2"; echo "{\"kind\":"; } >in
	fails 65 http-send <in; says "<stdin>:3:"; [ "$(asked)" -eq 0 ]
	echo page | answer 200
	{ req GET "$stub/1"; echo "nonsense"; } >in
	fails 65 http-send <in; says "<stdin>:2:"; [ "$(asked)" -eq 1 ]
	[ "$(jq -r .status out)" = 200 ]
'
c '-n and planned input send nothing' '
	serve
	{ req GET "$stub/1"; req DELETE "$stub/2?x=1"; req POST "$stub/3"; } >in
	http-send -n <in >out
	jq -c "[.kind,.action,.name,.status,.planned]" out >got
	printf "%s\n" "[\"plan\",\"keep\",\"GET $stub/1\",null,null]" "[\"http-response\",null,null,null,true]" \
		"[\"plan\",\"delete\",\"DELETE $stub/2\",null,null]" "[\"http-response\",null,null,null,true]" \
		"[\"plan\",\"change\",\"POST $stub/3\",null,null]" "[\"http-response\",null,null,null,true]" >want
	same want got
	echo "{\"kind\":\"plan\",\"action\":\"create\"}" >>in
	http-send <in >out
	[ "$(asked)" -eq 0 ]; lines 7 out
'
c '--plan: what was reviewed is what is sent' '
	answer 204 "X-Stub: times=0" </dev/null
	serve
	{ req GET "$stub/1"; req POST "$stub/3" ",\"postData\":{\"mimeType\":\"a/b\",\"text\":\"one\"}"; } >in
	http-send -n <in >plan
	http-send --plan plan <in >out
	[ "$(jq -c .status out | tr "\n" " ")" = "204 204 " ]; [ "$(asked)" -eq 2 ]
	sed "s/one/two/" in >other
	fails 79 http-send --plan plan <other
	[ "$(asked)" -eq 2 ]; [ "$(jq -c .error.status out | tr "\n" " ")" = "79 79 " ]
	says "^http-send: nothing was sent: "
	req DELETE "$stub/1" >other; fails 79 http-send --plan plan <other
	req GET "$stub/9" | http-send --plan plan >out; [ "$(asked)" -eq 3 ]
	fails 66 http-send --plan missing <in
'
c 'records with an error pass and give the status' '
	answer 200 </dev/null; serve
	{ req GET "$stub/1" ",\"error\":{\"status\":69,\"message\":\"x\"}"; req GET "$stub/2"; } >in
	fails 69 http-send <in
	[ "$(asked)" -eq 1 ]; head -n 1 in >want; head -n 1 out >got; same want got
'
c 'input that is not whole: changes are not sent, 76' '
	serve
	req DELETE "$stub/1" >in
	fails 76 sh -c "cat in | SLUICE_SEAL=1 http-send"
	same in out; [ "$(asked)" -eq 0 ]
	answer 204 </dev/null
	{ cat in; echo "{\"kind\":\"end\",\"filter\":\"x\",\"records\":1,\"failed\":0}"; } >sealed
	fails 0 sh -c "cat sealed | SLUICE_SEAL=1 http-send"
	lines 2 out; [ "$(jq -r .status out | head -n 1)" = 204 ]
'
c '-j N at once' '
	echo ok | answer 200 "X-Stub: gather=8 times=8"
	serve
	for i in 1 2 3 4 5 6 7 8; do req GET "$stub/$i"; done | http-send -j 8 >out
	[ "$(jq -sc "map(.status)|unique" out)" = "[200]" ]
	[ "$(jq -r .request.url out | sed "s|.*/||" | tr -d "\n")" = 12345678 ]
'
c 'one after another without -j' '
	echo ok | answer 200 "X-Stub: times=9"
	serve
	for i in 1 2 3 4 5 6 7 8 9; do req POST "$stub/$i"; done | http-send >out
	[ "$(sed "s|.*/||" stub/log | tr -d "\n")" = 123456789 ]
'
c 'garbage on the wire is a network failure' '
	printf "HTTP/1.1 200 OK\nX-Stub: raw\nnothing like HTTP\n" >raw
	mkdir -p stub; mv raw stub/answer.00000
	serve
	req POST "$stub/" >in
	fails 75 http-send --attempts 1 <in
'
c 'full disk, closed pipe, unknown option, operand, file that is not there' '
	echo "{\"kind\":\"x\"}" >in
	rc=0; http-send <in >/dev/full 2>err || rc=$?; [ $rc -eq 74 ]
	fails 64 http-send --nope; says "^usage: http-send "
	fails 64 http-send -j 0 </dev/null
	fails 64 http-send operand </dev/null
	fails 66 http-send -f missing
	http-send -f in >out; same in out
	http-send -h | grep -q "^usage: http-send"
'
c 'a deadline' '
	answer 200 "X-Stub: stall=0" </dev/null
	serve
	{ req GET "$stub/1"; req GET "$stub/2"; } >in
	fails 75 env SLUICE_DEADLINE=1 http-send <in
	lines 2 out; [ "$(jq -r .error.code out | tail -n 1)" = deadline ]
'
c 'SIGTERM: what is not sent has an error, and it dies of the signal' '
	answer 200 "X-Stub: stall=0" </dev/null
	serve
	{ req GET "$stub/1"; req GET "$stub/2"; } >in
	http-send <in >out 2>err & pid=$!
	until [ "$(asked)" -eq 1 ]; do sleep 0.02; done
	kill $pid; rc=0; wait $pid || rc=$?
	[ $rc -eq 143 ]; lines 2 out
	[ "$(jq -r .error.status out | tail -n 1)" = 143 ]
'
c 'a recording is replayed without a network' '
	echo hello | answer 200; answer 500 "X-Stub: match=POST" </dev/null
	serve
	{ req GET "$stub/1"; req POST "$stub/2" ",\"headers\":[{\"name\":\"Authorization\",\"value\":\"Bearer sesame\"}]"; } >in
	SLUICE_TRACE=trace http-send <in >want
	kill $stub_pid
	SLUICE_REPLAY=trace http-send <in >got
	same want got
	no grep -rq sesame trace
	req GET "$stub/1" | sed "s/GET/PUT/" >other
	fails 66 env SLUICE_REPLAY=trace http-send <other
'
c 'the examples of the manual' '
	echo page | answer 200 "X-Stub: times=0"
	serve
	echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"$stub/\"}" |
	    http-send | jq -r .status | grep -qx 200
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
	[ ! -x "$bin/aws-sign" ] ||
	echo "{\"kind\":\"http-request\",\"method\":\"GET\",
	       \"url\":\"$stub/2015-03-31/functions/\"}" |
	    aws-sign -s lambda -r eu-west-1 | http-send --fail | jq -r .content.text | grep -qx page
	printf "%s\n" "$stub/a" "$stub/b" >urls
	jq -Rc "{kind: \"http-request\", method: \"HEAD\", url: .}" urls |
	    http-send -j 16 | jq -r "select(.status == 200) | .request.url" >got
	same urls got
	jq -Rc "{kind: \"http-request\", method: \"GET\", url: .}" urls >requests.json
	http-send -j 4 -f requests.json | http-to-har >run.har
	[ "$(jq ".log.entries|length" run.har)" -eq 2 ]
'
done_testing
