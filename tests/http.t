#!/bin/sh
# SPDX-License-Identifier: ISC
# The HTTP engine by itself (tests/unit/http-try.c): what is sent again and what is not, deadlines,
# signals, many requests at once.
. "$(dirname "$0")/lib.sh"

words='
	. "$tests/stub.sh"
	# ask EFFECT [MEMBERS]: a record for the stub
	ask() { echo "{\"kind\":\"http-request\",\"method\":\"${method:-POST}\",\"url\":\"$stub/${path-}\",\"effect\":\"$1\"${2+,$2}}"; }
	# got: status, attempts, code of the failure, one line a record
	got() { jq -r ".result | [.status, .attempts, .failure.code // \"-\"] | join(\" \")"; }
	# comes_to "LINE" ARGUMENTS…: what http-try makes of the file in
	comes_to() {
		want=$1; shift
		http-try "$@" <in >out 2>err || { cat err; exit 1; }
		line=$(got <out)
		[ "$line" = "$want" ] || { echo "got $line, want $want"; cat out err; return 1; }
	}
	no_port() { perl -MIO::Socket::INET -e "print IO::Socket::INET->new(Listen => 1, LocalAddr => q(127.0.0.1))->sockport"; }
'

t 'an answer is an answer: 200, 404, 301 are not asked again' "$words"'
	echo hello | answer 200
	answer 404 </dev/null
	answer 301 "Location: http://127.0.0.1:1/" </dev/null
	serve
	(ask change; ask read; ask read) >in
	comes_to "200 1 -
404 1 -
301 1 -" -j 1
	[ "$(head -n 1 out | jq -r .result.body)" = hello ]
	[ "$(asked)" -eq 3 ]
'
t '429: anything is sent again, after the time that was asked for' "$words"'
	answer 429 "Retry-After: 1" </dev/null
	answer 200 </dev/null
	serve
	ask change >in
	before=$(date +%s%N)
	comes_to "200 2 -"
	[ $(($(date +%s%N) - before)) -ge 1000000000 ]
'
t 'a wait of more than two minutes is not waited' "$words"'
	answer 429 "Retry-After: 121" </dev/null
	serve
	ask read >in
	comes_to "429 1 -"
'
t 'five attempts, no more; -a says how many' "$words"'
	answer 500 "X-Stub: times=0" </dev/null
	serve
	ask read >in
	comes_to "500 2 -" -a 2
	comes_to "500 5 -"
	[ "$(asked)" -eq 7 ]
'
t '500: a read and an idempotent change are sent again, another change is not' "$words"'
	for status in 500 502 504; do answer $status </dev/null; done
	answer 200 </dev/null
	answer 500 </dev/null
	answer 200 </dev/null
	answer 500 </dev/null
	serve
	ask read >in; comes_to "200 4 -"
	ask idempotent >in; comes_to "200 2 -"
	ask change >in; comes_to "500 1 -"
'
t '503: a change is sent again only when the service says when' "$words"'
	answer 503 </dev/null
	answer 503 "Retry-After: 0" </dev/null
	answer 200 </dev/null
	answer 503 </dev/null
	answer 200 </dev/null
	serve
	ask change >in; comes_to "503 1 -"
	ask change >in; comes_to "200 2 -"
	ask read >in; comes_to "200 2 -"
'
t 'a reset, a hang-up, half an answer: a read is sent again, a change is not and says it was sent' "$words"'
	for fault in reset hangup truncate=2; do
		echo 0123456789 | answer 200 "X-Stub: $fault"
	done
	echo 0123456789 | answer 200
	serve
	ask read >in; comes_to "200 4 -"
	[ "$(jq -r .result.body out)" = 0123456789 ]
	for fault in reset hangup truncate=2; do
		echo 0123456789 | answer 200 "X-Stub: $fault"
		ask change >in; comes_to "0 1 network"
		[ "$(jq .result.sent out)" = true ]
		[ "$(jq .result.failure.status out)" = 75 ]
	done
	[ "$(asked)" -eq 7 ]
'
t 'nothing listens: nothing was sent, so even a change is tried again' "$words"'
	stub=http://127.0.0.1:$(no_port)
	ask change >in; comes_to "0 3 network" -a 3
	[ "$(jq .result.sent out)" = false ]
	jq -r .result.failure.message out | grep -qi "connect"
'
t 'a stall ends with the attempt'"'"'s time' "$words"'
	echo hello | answer 200 "X-Stub: stall=20"
	echo hello | answer 200 "X-Stub: stall=0"
	echo hello | answer 200
	serve
	ask read >in; comes_to "200 3 -" -t 1000
	echo hello | answer 200 "X-Stub: stall=0"
	ask change >in; comes_to "0 1 network" -t 200
	[ "$(jq .result.sent out)" = true ]
'
t 'a kept connection that died: curl does not send a change again behind our back' "$words"'
	answer 200 </dev/null
	answer 200 "X-Stub: hangup" </dev/null
	answer 200 </dev/null
	serve
	ask change "\"follow\":1" >in; comes_to "0 1 network"
	[ "$(asked)" -eq 2 ]
	answer 200 "X-Stub: hangup" </dev/null
	answer 200 </dev/null
	(ask read; ask change) >in; comes_to "200 1 -
0 1 network" -j 1
	[ "$(asked)" -eq 4 ]
'
t 'the same with a reset instead' "$words"'
	answer 200 </dev/null
	answer 200 "X-Stub: reset" </dev/null
	answer 200 </dev/null
	serve
	(ask read; ask change) >in; comes_to "200 1 -
0 1 network" -j 1
	[ "$(asked)" -eq 2 ]
'
t 'plain http: only to loopback and the metadata services, and no secret in what is said' "$words"'
	for host in example.com 127.0.0.1.example.com 127.0.0.1@example.com 10.0.0.1 "[::2]" localhost.example.com; do
		stub=http://user:hunter2@$host
		path="?X-Amz-Signature=hunter3" ask read >in
		comes_to "0 0 plain-http"
		[ "$(jq .result.failure.status out)" = 79 ]
		no grep -q hunter err
		jq -r .result.failure.message out | no grep -q hunter
	done
	export http_proxy=http://127.0.0.1:1 HTTP_PROXY=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1
	answer 200 </dev/null
	serve
	ask read >in; comes_to "200 1 -"
'
t 'other schemes are wrong input' "$words"'
	for url in file:///etc/passwd ftp://127.0.0.1/ gopher://127.0.0.1/ nothing; do
		echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"$url\"}" >in
		fails 65 http-try <in
	done
'
for signal in INT TERM; do
t "SIG$signal ends it within four seconds: what is under way is marked, what waits too" "$words"'
	answer 200 "X-Stub: stall=0 times=0" </dev/null
	serve
	(ask change; ask change; ask read) >in
	perl -e "\$SIG{INT} = q(DEFAULT); exec @ARGV" http-try -j 2 -f in >out 2>err &
	pid=$!
	until [ "$(asked)" -ge 2 ]; do sleep 0.02; done
	before=$(date +%s)
	kill -'$signal' $pid
	rc=0; wait $pid || rc=$?
	[ $(($(date +%s) - before)) -le 20 ]	# and not the minute that a request has
	case $rc in 130|143) ;; *) echo "status $rc"; exit 1;; esac
	got <out >line
	printf "0 1 interrupted\n0 1 interrupted\n0 0 interrupted\n" >want
	same want line
	[ "$(jq -c "[.result.sent]" out | tr -d "\n")" = "[true][true][false]" ]
	[ "$(asked)" -eq 2 ]
'
done
t 'an answer that comes within two seconds of the signal still counts' "$words"'
	answer 200 "X-Stub: gather=2 times=0" </dev/null
	serve
	ask change >in
	http-try -f in >out 2>err &
	pid=$!
	until [ "$(asked)" -ge 1 ]; do sleep 0.02; done
	kill -TERM $pid
	curl -s "$stub/answer-now"
	rc=0; wait $pid || rc=$?
	[ $rc -eq 143 ]
	[ "$(got <out)" = "200 1 -" ]
'
t 'SLUICE_DEADLINE ends everything with 75, also a wait before an attempt' "$words"'
	answer 200 "X-Stub: stall=0 times=0 match=/stall" </dev/null
	answer 429 "Retry-After: 60" "X-Stub: times=0" </dev/null
	serve
	(path=stall ask change; ask read) >in
	export SLUICE_DEADLINE=1
	before=$(date +%s)
	comes_to "0 1 deadline
429 1 -"
	[ $(($(date +%s) - before)) -le 20 ]
	SLUICE_DEADLINE=soon fails 78 http-try <in
'
t 'many at once, not more than -j, all answered, in the order of the input' "$words"'
	answer 200 "X-Stub: gather=40 times=0" </dev/null
	serve
	for i in $(seq 40); do path=$i ask read; done >in
	http-try -j 40 -t 120000 <in >out
	lines 40 out
	[ "$(got <out | sort -u)" = "200 1 -" ]
	jq -r .url out | sed "s,.*/,," >order; seq 40 >want; same want order
	seq 300 | while read -r i; do path=$i ask read; done >in
	http-try -j 7 <in >out
	[ "$(got <out | sort | uniq -c | tr -s " ")" = " 300 200 1 -" ]
'
t 'callbacks may queue more' "$words"'
	answer 200 "X-Stub: times=0" </dev/null
	serve
	ask read "\"follow\":9" >in; comes_to "200 1 -"
	[ "$(asked)" -eq 10 ]
'
t 'what is sent: method, body, headers, an empty body has a length' "$words"'
	answer 200 "X-Stub: times=0" </dev/null
	serve
	for method in GET HEAD DELETE POST PUT PATCH; do ask read; done >in
	method=POST ask read "\"postData\":{\"mimeType\":\"text/x\",\"text\":\"a\\u0000b\"},\"headers\":[{\"name\":\"X-Empty\",\"value\":\"\"},{\"name\":\"X-A\",\"value\":\"b\"}]" >>in
	http-try -j 1 <in >out
	sed "s/ .*//" stub/log | tr "\n" " " >got; printf "GET HEAD DELETE POST PUT PATCH POST " >want; same want got
	for i in 4 5 6; do request $i | grep -qi "^content-length: 0"; done
	for i in 1 2 3; do request $i | no grep -qi "^content-length"; done
	for i in 1 2 3 4 5 6; do request $i | no grep -qi "^content-type"; done
	request 7 | grep -qi "^content-length: 3"
	request 7 | grep -qi "^content-type: text/x"
	request 7 | grep -qi "^x-empty:"
	request 7 | grep -qi "^x-a: b"
	request 7 | no grep -qi "^expect"
'
done_testing
