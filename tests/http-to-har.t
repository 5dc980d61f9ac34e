#!/bin/sh
# SPDX-License-Identifier: ISC
. "$(dirname "$0")/lib.sh"

before='. "$tests/stub.sh"
	response() { printf "{\"kind\":\"http-response\",\"status\":%s,\"statusText\":\"OK\",\"headers\":[{\"name\":\"Location\",\"value\":\"/x\"}],\"content\":{\"mimeType\":\"text/plain\",\"text\":\"hi\"},\"startedDateTime\":\"2026-11-20T12:00:%s.000Z\",\"time\":7,\"timings\":{\"dns\":-1,\"connect\":1,\"ssl\":-1,\"send\":0,\"wait\":5,\"receive\":1},\"request\":{\"method\":\"GET\",\"url\":\"https://h/p?a=b%%20c&d\",\"headers\":[]}%s}\n" "$1" "$2" "${3-}"; }
	# what HAR 1.2 demands of an entry
	valid() { jq -e ".log | .version == \"1.2\" and (.creator.name|type) == \"string\" and (.entries|all(
		(.startedDateTime|type) == \"string\" and (.time|type) == \"number\" and (.cache|type) == \"object\"
		and (.request|(.method,.url,.httpVersion)|type == \"string\")
		and (.request|(.cookies,.headers,.queryString)|type == \"array\")
		and (.request|(.headersSize,.bodySize)|type == \"number\")
		and (.response|(.status,.headersSize,.bodySize)|type == \"number\")
		and (.response|(.statusText,.httpVersion,.redirectURL)|type == \"string\")
		and (.response|(.cookies,.headers)|type == \"array\")
		and (.response.content|(.size|type) == \"number\" and (.mimeType|type) == \"string\")
		and (.timings|.send >= 0 and .wait >= 0 and .receive >= 0)))" "$1" >/dev/null; }
'
c() { t "$1" "$before$2"; }

c 'nothing in: a document without entries' '
	http-to-har </dev/null >out
	valid out; [ "$(jq -c .log.entries out)" = "[]" ]
'
c 'exchanges, oldest first' '
	{ response 200 05; response 302 01; } >in
	http-to-har <in >out
	valid out
	[ "$(jq -c "[.log.entries[].response.status]" out)" = "[302,200]" ]
	[ "$(jq -c ".log.entries[0].request.queryString" out)" = "[{\"name\":\"a\",\"value\":\"b c\"},{\"name\":\"d\",\"value\":\"\"}]" ]
	[ "$(jq -c ".log.entries[0].response.redirectURL" out)" = "\"/x\"" ]
	[ "$(jq -c ".log.entries[0].timings.wait" out)" = 5 ]
	[ "$(jq -c ".log.entries[0].response.content.size" out)" = 2 ]
'
c 'the least and the wrong become valid entries' '
	printf "%s\n" "{\"kind\":\"http-response\"}" "{\"kind\":\"http-response\",\"status\":\"x\",\"timings\":[],\"request\":5,\"content\":null}" >in
	http-to-har <in >out
	valid out; [ "$(jq ".log.entries|length" out)" -eq 2 ]
'
c 'a trace: a page for each process, attempts without an answer, no secrets' '
	answer 500 </dev/null; echo ok | answer 200; answer 200 "X-Stub: reset" </dev/null
	serve
	echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"$stub/1\",\"headers\":[{\"name\":\"Authorization\",\"value\":\"Bearer sesame\"}]}" >one
	echo "{\"kind\":\"http-request\",\"method\":\"POST\",\"url\":\"$stub/2\"}" >two
	SLUICE_TRACE=trace http-send <one >/dev/null
	fails 75 env SLUICE_TRACE=trace http-send -j 2 <two
	http-to-har trace/* >out
	valid out
	[ "$(jq ".log.pages|length" out)" -eq 2 ]
	jq -r ".log.pages[].title" out | sort >got; printf "%s\n" "http-send" "http-send -j 2" >want
	same want got
	[ "$(jq -c "[.log.entries[].response.status]" out)" = "[500,200,0]" ]
	jq -e "[.log.entries[].pageref]|unique|length == 2" out >/dev/null
	jq -e ".log.entries[2].response._error|length > 0" out >/dev/null
	no grep -q sesame out
'
c 'errors of records give the status; what is left out is said' '
	{ response 404 01 ",\"error\":{\"status\":69,\"message\":\"m\"}"; echo "{\"kind\":\"http-request\",\"url\":\"x\",\"error\":{\"status\":75,\"message\":\"no route\"}}"; } >in
	fails 69 http-to-har <in
	valid out; says "no route"; [ "$(jq ".log.entries|length" out)" -eq 1 ]
'
c 'broken input: 65, the rest is there' '
	{ response 200 01; echo "{"; } >in
	fails 65 http-to-har <in
	says "<stdin>:3:"; [ "$(jq ".log.entries|length" out)" -eq 1 ]
'
c 'input that is not whole: no document, 76' '
	response 200 01 >in
	fails 76 sh -c "cat in | SLUICE_SEAL=1 http-to-har"
	lines 0 out
'
c 'full disk, unknown option, empty operand, missing file' '
	rc=0; http-to-har </dev/null >/dev/full 2>err || rc=$?; [ $rc -eq 74 ]
	fails 64 http-to-har --nope; says "^usage: http-to-har "
	fails 64 http-to-har ""
	fails 66 http-to-har missing
'
c 'the examples of the manual' '
	answer 200 "X-Stub: times=0" </dev/null
	serve
	echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"$stub/1\"}" >requests.json
	SLUICE_TRACE=trace http-send -f requests.json >/dev/null
	http-to-har trace/* |
	    jq -r ".log.entries | sort_by(-.time)[:5][] | \"\(.time) ms \(.request.url)\"" >got
	grep -qx "[0-9]* ms $stub/1" got
	http-send -j 4 -f requests.json | http-to-har >run.har
	valid run.har
'
done_testing
