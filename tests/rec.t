#!/bin/sh
# SPDX-License-Identifier: ISC
# The record stream itself, by the least filter that there is (tests/unit/rec-cat.c).
. "$(dirname "$0")/lib.sh"

t 'nothing in, nothing out' '
	rec-cat </dev/null >out
	lines 0 out
'
t 'what is passed on keeps its text: numbers, escapes, order, big integers' '
	printf "%s\n" "{\"kind\":\"x\",\"b\":0.10,\"a\":1e2,\"n\":123456789012345678901234567890,\"s\":\"\\u0041\\/\"}" >in
	rec-cat <in >out
	same in out
'
t 'a changed record keeps the text of its other members; new ones go last' '
	echo "{\"kind\":\"test\",\"b\":0.10,\"old\":1,\"c\":{\"x\":1.0}}" >in
	rec-cat old=two new=3 <in >out
	echo "{\"kind\":\"test\",\"b\":0.10,\"old\":\"two\",\"c\":{\"x\":1.0},\"new\":\"3\"}" >want
	same want out
'
t 'pretty-printed input and a byte order mark are read; one compact line a record' '
	printf "\357\273\277{\n  \"kind\": \"x\",\n  \"a\": [ 1, 2 ] }{\"kind\":\"y\"}" >in
	rec-cat <in >out
	printf "%s\n" "{\"kind\":\"x\",\"a\":[1,2]}" "{\"kind\":\"y\"}" >want
	same want out
'
t 'broken text: its place over the whole stream, 65, and the good records all the same' '
	printf "%s\n" "{\"kind\":\"a\"}" "" "{\"kind\": nope}" "{\"kind\":\"b\"}" >in
	fails 65 rec-cat <in
	says "^rec-cat: <stdin>:3:1[0-9]: "
	printf "%s\n" "{\"kind\":\"a\"}" "{\"kind\":\"b\"}" >want
	same want out
'
t 'a value that never ends names the line where the text ends' '
	echo "{" >in
	fails 65 rec-cat <in
	says "<stdin>:2:"
'
t 'a raw line break in a string does not eat the rest' '
	printf "{\"kind\":\"a\n{\"kind\":\"b\"}\n" >in
	fails 65 rec-cat <in
	echo "{\"kind\":\"b\"}" >want
	same want out
'
t 'documents are wrong input' '
	echo "[1] {\"kind\":5} \"x\"" >in
	fails 65 rec-cat <in
	lines 0 out
	lines 3 err
'
t 'the status is that of the first record with an error, own or passed on' '
	printf "%s\n" "{\"kind\":\"a\"}" "{\"kind\":\"x\",\"error\":{\"status\":77}}" "{\"kind\":\"test\",\"fail\":\"x\"}" >in
	fails 77 rec-cat <in
	lines 3 out
'
t 'full disk is 74, closed pipe is death by SIGPIPE' '
	echo "{\"kind\":\"a\"}" >in
	rc=0; rec-cat <in >/dev/full 2>err || rc=$?
	[ $rc -eq 74 ]
	says "cannot write to standard output: No space left"
	yes "{\"kind\":\"a\"}" | (rc=0; rec-cat || rc=$?; echo $rc >rc) | head -n 1 >out
	echo 141 >want
	same want rc
'
t 'closed descriptors are no trouble' '
	rec-cat <&- >&- 2>&-
'
t 'sealed: an empty pipe is not whole, a sealed one is, a file is' '
	export SLUICE_SEAL=1
	: | fails 76 rec-cat
	lines 0 out
	rec-cat </dev/null | rec-cat >out
	echo "{\"kind\":\"end\",\"filter\":\"rec-cat\",\"records\":0,\"failed\":0}" >want
	same want out
	echo "{\"kind\":\"a\"}" >in
	rec-cat <in | rec-cat | rec-cat >out
	printf "%s\n" "{\"kind\":\"a\"}" "{\"kind\":\"end\",\"filter\":\"rec-cat\",\"records\":1,\"failed\":0}" >want
	same want out
'
t 'sealed: broken text, a missing end, an end in the middle do not end well' '
	export SLUICE_SEAL=1
	echo nope | fails 65 rec-cat
	lines 0 out
	echo "{\"kind\":\"a\"}" | fails 76 rec-cat
	echo "{\"kind\":\"a\"}" >want
	same want out
	echo "{\"kind\":\"end\"}{\"kind\":\"a\"}" | fails 76 rec-cat
	same want out
'
t 'sealed: failed records end well, and are counted' '
	export SLUICE_SEAL=1
	echo "{\"kind\":\"test\",\"fail\":\"x\"}" >in
	fails 65 rec-cat <in
	tail -n 1 out | jq -c "[.kind, .records, .failed]" >got
	echo "[\"end\",1,1]" >want
	same want got
'
t 'a recording knows whether the stream was sealed' '
	echo "{\"kind\":\"a\"}" >in
	SLUICE_SEAL=1 SLUICE_TRACE=trace rec-cat <in >want
	lines 2 want
	SLUICE_REPLAY=trace rec-cat <in >got
	same want got
'
t 'unknown option: one line and the usage on stderr, 64' '
	fails 64 rec-cat --nope
	lines 0 out
	lines 2 err
	says "^usage: rec-cat"
'
t 'help and version on stdout; a full disk is told there too' '
	rec-cat --help >out
	grep -q "^usage: rec-cat" out
	rec-cat -V >out
	lines 1 out
	rc=0; rec-cat -h >/dev/full 2>err || rc=$?
	[ $rc -eq 74 ]
'
done_testing
