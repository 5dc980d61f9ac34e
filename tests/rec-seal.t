#!/bin/sh
# SPDX-License-Identifier: ISC
# rec-seal(1): a command that knows nothing of seals, inside a sealed stream.
. "$(dirname "$0")/lib.sh"

words='
	records() { printf "%s\n" "{\"kind\":\"a\",\"name\":\"x\",\"n\":0.10000}" "{\"kind\":\"a\",\"name\":\"y\",\"n\":1e2}"; }
	whole() { records; echo "{\"kind\":\"end\",\"filter\":\"t\",\"records\":2,\"failed\":0}"; }
	# piped STATUS INPUT CMD...: the status of CMD behind a pipe; out and err kept
	piped() {
		want=$1 from=$2; shift 2; rc=0
		cat "$from" | "$@" >out 2>err || rc=$?
		[ $rc -eq "$want" ] || { echo "want exit $want, got $rc: $*"; cat out err; return 1; }
	}
	ended() { tail -1 out | grep -q "^{\"kind\":\"end\",\"filter\":\"rec-seal\""; }
	records >records; whole >whole
'
s() { t "$1" "$words
	export SLUICE_SEAL=1
$2"; }
u() { t "unsealed: $1" "$words$2"; }

s 'the command sees the records, with their text, and no end' '
	piped 0 whole rec-seal tee seen
	same records seen
	{ records; echo "{\"kind\":\"end\",\"filter\":\"rec-seal\",\"records\":2,\"failed\":0}"; } >want
	same want out
'
s 'what the command leaves out is left out' '
	piped 0 whole rec-seal jq -c "select(.name == \"y\")"
	lines 2 out; ended; grep -q "\"y\"" out
'
s 'an empty list is whole' 'piped 0 whole rec-seal jq -c "empty"; lines 1 out; ended'
s 'input that is not whole: all passes, nothing is ended, 76' '
	piped 76 records rec-seal cat
	same records out; says "the input is not whole"
'
s 'nothing at all from a pipe is not whole' ': >none; piped 76 none rec-seal cat; lines 0 out'
s 'a command that stops reading early is whole all the same' '
	piped 0 whole rec-seal head -n 1; lines 2 out; ended
'
s 'and when it stopped early, the rest is still read to the end' '
	{ records; yes "{\"kind\":\"b\"}" | head -n 200000; } >many
	piped 76 many rec-seal head -n 1; lines 1 out
	{ cat many; echo "{\"kind\":\"end\"}"; } >all
	piped 0 all rec-seal head -n 1; lines 2 out; ended
'
s 'a command that fails: its records pass, nothing is ended, its own status' '
	piped 5 whole rec-seal sh -c "cat; exit 5"
	same records out; says "rec-seal: .sh. failed: exit status 5"
'
s 'an end of the command itself is not believed' '
	piped 5 whole rec-seal sh -c "cat whole; exit 5"; same records out
	piped 76 records rec-seal cat whole; no grep -q "\"end\"" out
'
s 'the command runs unsealed: a filter of ours can be one' '
	piped 0 whole rec-seal rec-seal cat; ended; lines 3 out
	piped 0 whole rec-seal sh -c "test -z \"\${SLUICE_SEAL-}\""
'
for pair in 1:1 4:4 64:64 122:122 123:70 124:75 125:70 126:78 127:78 130:130 200:200 254:254 255:70; do
	s "exit status ${pair%:*} of the command becomes ${pair#*:}" "
		piped ${pair#*:} whole rec-seal sh -c 'cat >/dev/null; exit ${pair%:*}'; lines 0 out
		says 'exit status ${pair%:*}\|ended by signal'
	"
done
s 'a command that is killed: 128 and the signal' '
	piped 137 whole rec-seal sh -c "kill -9 \$\$"; says "ended by signal 9"; lines 0 out
'
s 'a command that is not there is 78, and said once' '
	piped 78 whole rec-seal no-such-command
	says "cannot run .no-such-command.: No such file"; lines 1 err
	piped 78 whole rec-seal ./whole; says "Permission denied"
'
s 'failed records pass, the stream is ended, their status is the status' '
	{ echo "{\"kind\":\"a\",\"error\":{\"status\":75}}"; echo "{\"kind\":\"a\",\"error\":{\"status\":69}}"; whole; } >in
	piped 75 in rec-seal cat; ended; tail -1 out | grep -q "\"failed\":2"
'
s 'a failed record that the command leaves out still counts' '
	{ echo "{\"kind\":\"a\",\"error\":{\"status\":69}}"; whole; } >in
	piped 69 in rec-seal jq -c "select(.error | not)"; ended; lines 3 out
'
s 'a failed record that the command makes counts' '
	piped 77 whole rec-seal jq -c ".error.status = 77"; ended
'
s 'the status of the command comes before that of a record' '
	{ echo "{\"kind\":\"a\",\"error\":{\"status\":69}}"; whole; } >in
	piped 3 in rec-seal sh -c "cat; exit 3"
'
s 'a failed record comes before input that is not whole' '
	{ echo "{\"kind\":\"a\",\"error\":{\"status\":69}}"; records; } >in
	piped 69 in rec-seal cat; piped 77 records rec-seal jq -c ".error.status = 77"
	no grep -q "\"end\"" out
'
s 'broken input: its place, 65, the good records, no end' '
	{ head -1 records; echo "{\"kind\": nope}"; tail -1 records; echo "{\"kind\":\"end\"}"; } >in
	piped 65 in rec-seal cat; says "<stdin>:2:"; same records out
'
s 'output that is not JSON: whose it is, 65, no end' '
	piped 65 whole rec-seal sh -c "cat; echo oops"
	says "rec-seal: <output of sh>:3:"; same records out
'
s 'pretty-printed output becomes one line a record' 'piped 0 whole rec-seal jq .; lines 3 out; ended'
s 'at the head of a pipe: no pipe behind it, and a file' '
	fails 0 rec-seal cat records </dev/null; ended; lines 3 out
	fails 0 rec-seal cat <records; ended
	fails 0 rec-seal -f whole cat </dev/null; ended; lines 3 out
	fails 0 rec-seal -f records cat </dev/null; ended
'
s 'one single document keeps its text and gets no end' '
	echo "{ \"ami\": \"ami-1\", \"build\": 0.10 }" >in
	fails 0 rec-seal cat in </dev/null
	echo "{\"ami\":\"ami-1\",\"build\":0.10}" >want; same want out
	piped 0 in rec-seal cat; same want out
'
s 'several documents are a stream' '
	fails 0 rec-seal echo "1 2 {}" </dev/null; lines 4 out; ended
'
s 'much goes through both ways at once' '
	{ i=0; while [ $i -lt 2000 ]; do echo "{\"kind\":\"a\",\"i\":$i,\"pad\":\"$(printf %0200d 0)\"}"; i=$((i + 1)); done; } >many
	{ cat many; echo "{\"kind\":\"end\"}"; } >all
	piped 0 all rec-seal cat; ended; sed "\$d" out >got; same many got
	piped 0 all rec-seal sh -c "cat many; cat"; lines 4001 out; ended
	piped 0 all rec-seal sort -r; lines 2001 out; ended
'
s 'a sealed pipe that loses its first filter changes nothing behind it' '
	rc=0; sh -c "head -1 whole; kill -9 \$\$" | rec-seal jq -c . | rec-table >got 2>err || rc=$?
	[ $rc = 76 ]
'
u 'the same, without ends' '
	piped 0 records rec-seal jq -c "select(.name == \"y\")"; lines 1 out
	piped 0 whole rec-seal cat; same records out
	piped 5 records rec-seal sh -c "cat; exit 5"
'
u 'a command that stops reading stops the one before it' '
	yes "{\"kind\":\"a\"}" | rec-seal head -n 1 >out; lines 1 out
'
u 'a reader that is gone stops the command' '
	yes "{\"kind\":\"a\"}" | rec-seal cat | head -n 1 >out; lines 1 out
'
u 'killed, it takes the command with it' '
	mkfifo hold; exec 3<>hold
	rec-seal sh -c "echo \$\$ >pid; exec cat" <hold >out & seal=$!
	until_so [ -s pid ]
	kill -9 $seal; wait $seal || :
	exec 3>&-
	while kill -0 $(cat pid) 2>/dev/null; do sleep 0.02; done
'
u 'SIGCHLD ignored by the parent does no harm' '
	perl -e "\$SIG{CHLD} = q(IGNORE); exec @ARGV" rec-seal sh -c "exit 3" <records || rc=$?; [ $rc = 3 ]
'
u 'options end at the command' '
	piped 0 records rec-seal cat -u; same records out
	piped 0 records rec-seal -- cat -u; same records out
'
u 'usage' '
	fails 64 rec-seal; says "command to run is missing"
	fails 64 rec-seal --nope; says usage:; fails 64 rec-seal ""; fails 64 rec-seal -f "" cat
	fails 66 rec-seal -f nosuch cat; says "cannot open .nosuch."; lines 1 err
	rec-seal -h >out; grep -q "^usage: rec-seal" out
'
s 'a full disk is 74' 'cat whole | fails 74 sh -c "rec-seal cat >/dev/full"'

u 'EXAMPLES: only the groups that serve' '
	stand_in asg-list <<-END
	echo "{\"kind\":\"asg\",\"name\":\"a\",\"desired_capacity\":0}"
	echo "{\"kind\":\"asg\",\"name\":\"b\",\"desired_capacity\":2}"
	[ -z "\${SLUICE_SEAL-}" ] || echo "{\"kind\":\"end\"}"
	END
	example rec-seal 1 | sh -eu >got; printf "%s\n" GROUP b >want; same want got
'
s 'EXAMPLES: a command that may hang' '
	echo "echo {\\\"kind\\\":\\\"asg\\\",\\\"name\\\":\\\"a\\\"}; echo {\\\"kind\\\":\\\"end\\\"}" | stand_in asg-list
	echo cat >ask-the-cmdb; chmod 755 ask-the-cmdb
	fails 0 sh -c "$(example rec-seal 2)"; printf "%s\n" GROUP a >want; same want out
	echo "exit 124" | stand_in timeout
	rc=0; cat whole | rec-seal timeout 600 x || rc=$?; [ $rc = 75 ]
'
s 'EXAMPLES: a file at the head' '
	cp records records.json; cat records >>records.json
	example rec-seal 3 | sh -eu >got; lines 3 got
'
done_testing
