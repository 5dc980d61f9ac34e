#!/bin/sh
# SPDX-License-Identifier: ISC
# asg-roll killed after every request in turn, and cut off after every change: run again, it comes
# to the same end, with nothing left over.
. "$(dirname "$0")/lib.sh"
. "$tests/aws-one.sh"; share_aws_cli

words='. "$tests/sandbox.sh"; . "$tests/asg.sh"
# each FAULT COMMAND: from the state `base` COMMAND is run with the k-th request (of those that FAULT
# names) meeting its fault, k from 1 on until none does; then again without; the end must be `want`.
# Each TEST_EVERYth only, if that is set.
each() {
	rule=$1; shift
	sandbox_call PUT state @base >put
	"$@" >reference.out 2>reference.err || { cat reference.err; return 1; }
	advance 600; end_state >want
	k=$((1 - every))
	while :; do
		k=$((k + every))
		sandbox_call PUT state @base >put; no_faults
		fault "{\"nth\":$k,\"times\":1,$rule}"
		forget
		rc=0; "$@" >first.out 2>first.err || rc=$?
		journal | grep -q "\"fault\":[^n]" || break
		no_faults
		if [ $rc -ne 0 ] || [ -z "${once-}" ]; then
			again=0; "$@" >out 2>err || again=$?
			[ $again -eq 0 ] || { echo "fault $k: first $rc, then $again"; cat first.err err; journal | jq -c "[.n,.action,.fault]"; return 1; }
		fi
		advance 600; end_state >got
		diff -u want got || { echo "fault $k: $rc, $again"; cat first.out err out; journal | jq -c "[.n,.action,.fault]" ; return 1; }
		no grep -q "\"kind\":\"asg-spec\"" first.out out
	done
	echo "$k faults"
	echo "$k" >count; [ $k -gt "${least-10}" ]
}
kill="\"effect\":\"kill\""
cut="\"changing\":true,\"effect\":\"reset-after\""
lost="\"changing\":true,\"effect\":\"reset-before\""
again() { roll "$@" <spec.json; }
'
st() { t "$1" "$words start_sandbox
$2"; }

base='deploy 41; state >base; spec 42 >spec.json'
back='deploy 41; deploy 42 --keep 1; state >base; spec 42 >spec.json'
targets='two=".load_balancers = [] | .target_groups = [\"tmtt-web\", \"tmtt-api\"]"
	spec 41 "$two" | roll >out; state >base; spec 42 "$two" >spec.json'

st 'a deployment killed after each request' "$base; each \"\$kill\" again"
st 'a deployment that keeps the old one, killed after each request' "$base; each \"\$kill\" again --keep 1"
st 'a roll back killed after each request' "$back; each \"\$kill\" again --back"
st 'a roll back that keeps the present one, killed after each request' "$back; each \"\$kill\" again --back --keep 1"
st 'a first deployment killed after each request' 'state >base; spec 42 >spec.json; each "$kill" again'
st 'a deployment behind two target groups, killed after each request' "$targets; each \"\$kill\" again"
st 'all that is taken over, killed after each request' 'deploy 41; settings 41; state >base; spec 42 >spec.json
	each "$kill" again
	jq -e ".settings | tostring | contains(\"night\") and contains(\"cpu\") and contains(\"bye\")" want
'
st 'a deployment that fails, killed after each request' 'deploy 41
	behave "{\"images\":{\"ami-3db92b42\":{\"launch\":\"InsufficientInstanceCapacity\"}}}"
	state >base; spec 42 >spec.json
	refused() { refusal=0; roll <spec.json || refusal=$?; [ $refusal -eq 1 ]; }
	each "$kill" refused
	jq -e ".groups | map(.name) == [\"tmtt-build-41-development\"]" want
'
st 'garbage for an answer, each in turn' 'deploy 41; state >base; spec 42 >spec.json
	each "\"effect\":\"garbage\"" again
'
for fault in cut lost; do
	st "a deployment, each change $fault" "$base; least=5; each \"\$$fault\" again"
	st "a deployment that keeps the old one, each change $fault" "$base; least=5; each \"\$$fault\" again --keep 1"
	st "a roll back, each change $fault" "$back; least=5; each \"\$$fault\" again --back --keep 1"
done
done_testing
