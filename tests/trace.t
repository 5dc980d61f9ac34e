#!/bin/sh
# SPDX-License-Identifier: ISC
# SLUICE_TRACE and SLUICE_REPLAY.
. "$(dirname "$0")/lib.sh"

words='
	. "$tests/stub.sh"
	ask() { echo "{\"kind\":\"http-request\",\"method\":\"POST\",\"url\":\"$stub/$1\",\"postData\":{\"mimeType\":\"text/plain\",\"text\":\"${2-}\"}}"; }
	stub_off() { kill $stub_pid; wait $stub_pid || :; stub_pid=; }
	record() { SLUICE_TRACE="$PWD/trace" "$@"; }
	replay() { env -u SLUICE_TRACE SLUICE_REPLAY="$PWD/trace" "$@"; }
'

t 'the recording is one file a process, 0600 in 0700, its name tells filter, arguments and input' "$words"'
	umask 0; echo hello | answer 200 "X-Stub: times=0"; serve
	ask a >in
	record http-try <in >out
	record http-try -j 3 <in >out
	ask b | record http-try >out
	[ "$(stat -c %a trace)" = 700 ]
	[ "$(stat -c %a trace/* | sort -u)" = 600 ]
	ls -A trace >names
	lines 3 names
	no grep -vE "^http-try-[0-9a-f]{8}-[0-9a-f]{8}$" names
	[ "$(cut -d- -f3 names | sort -u | wc -l)" -eq 2 ]
	[ "$(cut -d- -f4 names | sort -u | wc -l)" -eq 2 ]
	for file in trace/*; do jq -c . "$file" >lines; [ "$(head -n 1 lines | jq -r .filter)" = http-try ]; done
'
t 'a replay gives the same bytes with no network, failures and retries too, without sleeping' "$words"'
	echo one | answer 429 "Retry-After: 1"
	printf "two \\377\\376" | answer 200
	answer 200 "X-Stub: hangup" </dev/null
	echo three | answer 404
	serve
	(ask a 1; ask b 2; ask c 3) >in
	record http-try -j 1 <in >out
	stub_off
	for try in 1 2 3 4 5 6; do		# it slept a second each time, if it slept
		before=$(date +%s%N)
		replay http-try -j 1 <in >again
		[ $(($(date +%s%N) - before)) -ge 1000000000 ] || break
	done
	[ $try -lt 6 ]
	same out again
'
t 'what was given up then is given up in the replay, at the same attempt' "$words"'
	answer 429 "Retry-After: 60" </dev/null
	answer 200 "X-Stub: stall=0" </dev/null
	serve
	ask a >in
	export SLUICE_DEADLINE=1
	for i in 1 2; do record http-try <in >out.$i; done
	unset SLUICE_DEADLINE
	stub_off
	for i in 1 2; do replay http-try <in >again; same out.$i again; done
	[ "$(jq .result.status out.1)" = 429 ]
	[ "$(jq -r .result.failure.code out.2)" = deadline ]
'
t 'refused by us, too: plain http to elsewhere is the same in the replay' "$words"'
	stub=http://user:hunter2@example.com
	ask a >in
	record http-try <in >out
	replay http-try <in >again
	same out again
	cat trace/* | no grep hunter2
'
t 'many at once: the same bytes' "$words"'
	for i in $(seq 60); do echo "answer $i" | answer 200; done
	answer 500 "X-Stub: times=9" </dev/null
	serve
	for i in $(seq 60); do ask $((i % 7)) $i; done >in
	record http-try -j 16 <in >out
	stub_off
	replay http-try -j 16 <in >again
	same out again
	rm trace/.turn* 2>/dev/null || :
	for i in 1 2 3; do replay http-try -j 16 <in >again; same out again; done
'
t 'the same command again has its own recording, .2; a replay takes them in turn' "$words"'
	for i in 1 2 3; do echo "answer $i" | answer 200; done
	serve
	ask a >in
	for i in 1 2 3; do record http-try <in >out.$i; done
	[ "$(ls trace | sed "s/.*-........//" | tr "\n" " ")" = " .2 .3 " ]
	for i in 1 2 3 1 2; do replay http-try <in >again; same out.$i again; done
'
t 'a recording that cannot be written to gives the first run each time' "$words"'
	for i in 1 2; do echo "answer $i" | answer 200; done
	serve
	ask a >in
	for i in 1 2; do record http-try <in >out.$i; done
	if [ "$(id -u)" -eq 0 ]; then exit 0; fi
	chmod 500 trace
	replay http-try <in >again; same out.1 again
	replay http-try <in >again; same out.1 again
	chmod 700 trace
'
t 'what was not recorded is 66 and says what' "$words"'
	answer 200 </dev/null
	serve
	ask a one >in
	record http-try <in >out
	ask a two >other
	fails 0 replay http-try <other
	[ "$(jq .result.failure.status out)" = 66 ]
	jq -r .result.failure.message out >message
	grep -q "does not hold this request: POST $stub/a two" message
	fails 66 replay http-try -j 2 <in
	says "no run of this command"
	SLUICE_REPLAY=nowhere fails 66 http-try <in
	says "cannot read the recording .nowhere.: No such file"
'
t 'a disk that is full only for the trace: the work is done, said once, 74' "$words"'
	head -c 3000 /dev/zero | tr "\0" x | answer 200 "X-Stub: times=0"; serve
	{ ask a; ask b; ask c; } >in
	http-try <in >want
	{ trap "" XFSZ; (ulimit -f 1; rc=0; SLUICE_TRACE=$PWD/trace http-try <in 2>err || rc=$?; echo $rc >&3) 3>rc | cat >got; }
	[ "$(cat rc)" -eq 74 ]
	grep -c "cannot write the trace" err >count; echo 1 >one; same one count
	lines 3 got
	[ -z "$(ls -A trace)" ]
'
t 'a directory that cannot be made is 74' "$words"'
	touch file
	SLUICE_TRACE=file/x fails 74 rec-cat </dev/null
	SLUICE_TRACE=file fails 74 rec-cat </dev/null
'
t 'a process that ends early is recorded and replayed, too' "$words"'
	stub=http://127.0.0.1:1 ask a | sed "s/POST/P OST/" >in
	SLUICE_TRACE=trace fails 65 http-try <in
	cp err err.1
	ls -A trace >names; lines 1 names
	tail -n 1 trace/* | grep -q "\"status\":65"
	SLUICE_REPLAY=trace fails 65 http-try <in
	same err.1 err
'
t 'what signs the input, and user data in it, does not count for its name' "$words"'
	put() { printf "%s\n" "{\"kind\":\"x\",\"url\":\"http://h/?X-Amz-Signature=$1&a=b\",\"headers\":[{\"name\":\"Authorization\",\"value\":\"$1\"},{\"name\":\"X-A\",\"value\":\"${2-b}\"}], \"user_data\" : \"\\\"$1\\\"\"}"; }
	for secret in one two three; do put $secret | record rec-cat >out; done
	put one other | record rec-cat >out
	[ "$(ls trace | sed "s/\\..*//" | sort -u | wc -l)" -eq 2 ]
'
t 'a sealed pipe records and replays' "$words"'
	export SLUICE_SEAL=1
	echo hello | answer 200
	serve
	ask a >in
	(export SLUICE_TRACE="$PWD/trace"; http-try <in | rec-cat x=y | rec-cat) >out
	stub_off
	(export SLUICE_REPLAY="$PWD/trace"; http-try <in | rec-cat x=y | rec-cat) >again
	same out again
	tail -n 1 again | grep -q "\"kind\":\"end\""
'
for presign in '' '-e 60'; do
t "aws-sign $presign | http-send replays without credentials" "$words"'
	echo hello | answer 200
	serve
	echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"$stub/x?a=b\"}" >in
	pipe="aws-sign -s ec2 -r us-east-1 '"$presign"' <in | http-send"
	AWS_ACCESS_KEY_ID=AKIDX AWS_SECRET_ACCESS_KEY=abcdefgh AWS_SESSION_TOKEN=tokentoken \
		SLUICE_TRACE="$PWD/trace" sh -c "$pipe" >out
	[ "$(jq .status out)" = 200 ]
	stub_off
	SLUICE_REPLAY="$PWD/trace" sh -c "$pipe" >again
	same out again
'
done
done_testing
