#!/bin/sh
# SPDX-License-Identifier: ISC
# The canned server itself, held against curl.
. "$(dirname "$0")/lib.sh"

t 'answers in order, keeps requests, says when none is left' '
	. "$tests/stub.sh"
	answer 200 "X-One: 1" <<-END
	hello
	END
	answer 503 "X-Stub: times=2" </dev/null
	serve
	[ "$(curl -sS -d "a=b+c&d=%2F" "$stub/x?y=1")" = hello ]
	[ "$(curl -sS -o /dev/null -w "%{http_code}" "$stub/")" = 503 ]
	[ "$(curl -sS -o /dev/null -w "%{http_code}" "$stub/")" = 503 ]
	[ "$(curl -sS -o /dev/null -w "%{http_code}" "$stub/")" = 421 ]
	[ "$(asked)" -eq 4 ]
	[ "$(head -n 1 stub/log)" = "POST /x?y=1" ]
	form_of 1 >got; printf "a=b c\nd=/\n" >want; same want got
'

t 'resets, hangs up, truncates' '
	. "$tests/stub.sh"
	answer 200 "X-Stub: reset" </dev/null
	answer 200 "X-Stub: hangup" </dev/null
	echo 0123456789 | answer 200 "X-Stub: truncate=4"
	echo 0123456789 | answer 200 "X-Stub: chunked"
	serve
	fails 56 curl -s "$stub/"
	fails 52 curl -s "$stub/"
	fails 18 curl -s "$stub/"
	[ "$(cat out)" = 0123 ]
	[ "$(curl -sS "$stub/")" = 0123456789 ]
'

t 'matches, gathers, keeps connections' '
	. "$tests/stub.sh"
	echo both | answer 200 "X-Stub: gather=2 match=/both times=2"
	echo other | answer 200 "X-Stub: match=name=x"
	serve
	curl -sS --parallel --parallel-immediate "$stub/both" "$stub/both" >got
	printf "both\nboth\n" >want; same want got
	[ "$(curl -sS -d name=x "$stub/")" = other ]
'
done_testing
