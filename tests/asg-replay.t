#!/bin/sh
# SPDX-License-Identifier: ISC
# Deployments that failed, from their recordings: the same bytes and statuses with no sandbox and no
# keys; with no network at all where the kernel lets us take it away.
. "$(dirname "$0")/lib.sh"

# st NAME WHAT GOES WRONG, STATUS, OPTIONS
st() {
	t "$1" '. "$tests/sandbox.sh"; . "$tests/asg.sh"
	start_sandbox
	alone=; unshare -n true 2>/dev/null && alone="unshare -n"
	deploy 41
	spec 42 >in
	'"$2"'
	rc=0
	SLUICE_TRACE=$PWD/trace asg-roll --interval 20ms '"$4"' <in >want 2>want.err || rc=$?
	[ $rc -eq '"$3"' ] || { echo "status $rc"; cat want.err; exit 1; }
	no grep -r canary trace want want.err
	stop_sandbox
	rc=0
	$alone env -i PATH="$PATH" SLUICE_REPLAY="$PWD/trace" asg-roll --interval 20ms '"$4"' \
		<in >got 2>got.err || rc=$?
	[ $rc -eq '"$3"' ] || { echo "replay: status $rc"; cat got.err; exit 1; }
	same want got
	same want.err got.err
	'
}
st 'never healthy' 'behave "{\"images\":{\"ami-3db92b42\":{\"healthy\":false}}}"' 1 '-t 3s'
st 'launches that fail' \
	'behave "{\"images\":{\"ami-3db92b42\":{\"launch\":\"InsufficientInstanceCapacity\"}}}"' 1 ''
st 'refused' \
	'fault "{\"action\":\"CreateAutoScalingGroup\",\"effect\":\"status\",\"status\":400,\"code\":\"LimitExceeded\",\"message\":\"too many groups\"}"' \
	69 ''
st 'throttled for good' \
	'behave "{\"throttle\":{\"CreateLaunchTemplate\":{\"burst\":0,\"rate\":0,\"status\":400,\"code\":\"Throttling\"}}}"; export AWS_MAX_ATTEMPTS=2' \
	75 ''
st 'a plan with a conflict' 'spec 41 ".instance_type = \"t3.large\"" >in' 1 '-n'
done_testing
