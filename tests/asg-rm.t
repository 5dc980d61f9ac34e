#!/bin/sh
# SPDX-License-Identifier: ISC
. "$(dirname "$0")/lib.sh"
. "$tests/aws-one.sh"; share_aws_cli

st() { t "$1" '. "$tests/sandbox.sh"; . "$tests/asg.sh"; start_sandbox
rm_() { asg-rm -q --interval 1ms "$@"; }
'"$2"; }

t 'wrong options are 64; nothing selected is 79; other records pass' '
	export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_REGION=us-west-2
	fails 64 asg-rm --nope
	fails 64 asg-rm name
	fails 64 asg-rm -r us-west-2 ""
	fails 64 asg-rm -f x -r us-west-2 name
	fails 79 asg-rm </dev/null
	says "no groups selected"
	asg-rm --expect 0 </dev/null
	echo "{\"kind\":\"asg\",\"name\":\"x\",\"n\":0.10}" >in
	fails 79 asg-rm <in
	same in out
	SLUICE_SEAL=1 asg-rm <in >out
'
t 'broken JSON, wrong types: 65 and nothing is asked' '
	export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_REGION=us-west-2 AWS_ENDPOINT_URL=http://127.0.0.1:1
	echo "{\"kind\":\"asg\",\"provider\":\"aws\",\"name\":7,\"region\":\"x\"}" >in
	fails 65 asg-rm <in
	echo "{" >in
	fails 65 asg-rm <in
	says "<stdin>:"
'
st 'a group goes with its template; what is named twice or gone is no failure' '
	deploy 21
	asg-list >list
	forget
	rm_ -n <list >out
	jq -r "\"\(.kind) \(.action) \(.target) \(.name)\"" out | sed "s/-[0-9a-f]\{12\}$//" >got
	cat >want <<-END
	plan delete asg tmtt-build-21-development
	plan delete launch-template tmtt-build-21-development
	asg null null tmtt-build-21-development
	END
	same want got
	rm_ --max 0 <list >out 2>err || rc=$?
	[ "$rc" -eq 79 ]
	changes >got
	[ ! -s got ]
	rm_ -n <list >plan
	rm_ --plan plan --expect 1 <list >out
	tail -n 1 out | jq -e ".kind == \"asg\" and .status == \"gone\""
	jq -r "select(.kind == \"event\") | .event" out >got
	printf "%s\n" deregistered drained deleted deleted >want
	same want got
	groups >got
	[ ! -s got ]
	templates >got
	[ ! -s got ]
	rm_ --expect 0 <list >out
	rm_ -r us-west-2 --expect 0 tmtt-build-21-development >out
'
st '--again takes up what failed here' '
	deploy 21
	asg-list >list
	forget
	jq -c ".error = {status: 75, filter: \"asg-rm\", code: \"x\", message: \"x\"}" list >in
	fails 75 rm_ --expect 0 <in
	changes >got
	[ ! -s got ]
	rm_ --again <in >out
	tail -n 1 out | jq -e ".status == \"gone\" and (has(\"error\") | not)"
	groups >got
	[ ! -s got ]
'
st 'by name; only what no other uses; a group made since under the name stays' '
	deploy 41
	asg-list >list
	deploy 42 --keep 1
	rm_ -r us-west-2 tmtt-build-41-development >out
	groups >got
	echo "tmtt-build-42-development 1 2 2" >want
	same want got
	deploy 41 --hold
	rm_ --expect 0 <list >out
	groups >got
	lines 2 got
	id=$(asg-list tmtt-build-41-development | jq -r .launch_template.id)
	sandbox_aws autoscaling create-auto-scaling-group --auto-scaling-group-name sharer --launch-template LaunchTemplateId=$id \
		--min-size 0 --max-size 0 --availability-zones us-west-2a
	rm_ -r us-west-2 tmtt-build-41-development >out
	templates >got
	lines 2 got
	rm_ -r us-west-2 sharer >out
	templates >got
	lines 1 got
'
st 'a launch configuration goes, a template of others stays' '
	sandbox_aws autoscaling create-launch-configuration --launch-configuration-name lc --image-id ami-3db92b0d --instance-type t3.micro
	sandbox_aws ec2 create-launch-template --launch-template-name theirs --launch-template-data "{\"ImageId\":\"ami-3db92b0d\"}" >made
	sandbox_aws autoscaling create-auto-scaling-group --auto-scaling-group-name a --launch-configuration-name lc --min-size 0 --max-size 1 --availability-zones us-west-2a
	sandbox_aws autoscaling create-auto-scaling-group --auto-scaling-group-name b --launch-template LaunchTemplateName=theirs --min-size 0 --max-size 1 --availability-zones us-west-2a
	asg-list | rm_ >out
	groups >got
	[ ! -s got ]
	templates >got
	echo theirs >want
	same want got
	sandbox_aws autoscaling describe-launch-configurations | jq -e ".LaunchConfigurations == []"
'
st 'killed after each request, run again: all is gone' '
	deploy 21
	asg-list >list
	state >base
	k=0
	while :; do
		k=$((k + 1))
		sandbox_call PUT state @base >put; no_faults
		fault "{\"nth\":$k,\"effect\":\"kill\"}"
		rc=0; rm_ <list >out 2>err || rc=$?
		[ $rc -eq 137 ] || break
		no_faults
		rm_ <list >out
		groups >got
		templates >>got
		[ ! -s got ] || { echo "killed after $k"; cat got; exit 1; }
	done
	[ $k -gt 8 ]
'
st 'refused, throttled, no network, a full disk, not whole' '
	deploy 21
	asg-list >list
	export AWS_MAX_ATTEMPTS=1
	fault "{\"action\":\"DeleteAutoScalingGroup\",\"effect\":\"status\",\"status\":400,\"code\":\"Nope\",\"message\":\"not today\"}"
	fails 69 rm_ <list
	says "cannot delete .tmtt-build-21-development.: .*not today"
	no_faults
	fault "{\"effect\":\"status\",\"status\":400,\"code\":\"Throttling\"}"
	fails 75 rm_ <list
	no_faults
	fails 75 env AWS_ENDPOINT_URL=http://127.0.0.1:1 asg-rm <list
	fails 77 env AWS_SECRET_ACCESS_KEY=wrong asg-rm <list
	rc=0; cat list | SLUICE_SEAL=1 asg-rm >out 2>err || rc=$?
	[ $rc -eq 76 ]
	groups >got
	lines 1 got
	fails 74 sh -c "asg-rm -q --interval 1ms <list >/dev/full"
'
st 'the examples of the page' '
	deploy 21
	deploy 22 --keep 1
	asg-rm -n -r us-west-2 tmtt-build-21-development >got
	lines 3 got
	asg-list --server tmtt | jq -c "select(.status == \"off\")" | asg-rm --max 2 --interval 1ms >got
	groups >got
	lines 1 got
	asg-list --server tmtt --env development | asg-rm --interval 1ms | rec-table >got
	groups >got
	[ ! -s got ]
'
done_testing
