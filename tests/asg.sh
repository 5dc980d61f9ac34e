# SPDX-License-Identifier: ISC
# A case's words for deployments on the sandbox; after sandbox.sh.
#	spec BUILD [JQ]		an asg-spec record of server tmtt, env development, changed by JQ
#	roll OPTION …		asg-roll, quietly and without pauses
#	deploy BUILD [OPTION …]	that spec through asg-roll: records in `out`, messages in `err`
#	events FILE		its events: EVENT NAME, a line each
#	groups			NAME MIN MAX DESIRED, a line each
#	templates, configurations	their names without digest, a line each
#	end_state		all that a deployment leaves, without ids and times
here='.state.accounts["123456789012"].regions["us-west-2"]'
spec() {
	jq -nc --arg build "$1" '{kind:"asg-spec", name:"tmtt-build-\($build)-development",
		region:"us-west-2", image:"ami-3db92b\(if $build == "41" or $build == "42" or $build == "22" then $build else "0d" end)",
		instance_type:"t3.micro", availability_zones:["us-west-2a"],
		load_balancers:["tmtt-development"], security_groups:["tmtt"], key_pair:"tmtt",
		min_size:1, max_size:2, desired_capacity:2,
		tags:{server:"tmtt", env:"development", build:$build, ami_build:"21"},
		run:"test", user_data:"#!/bin/sh\necho canary-secret\n"}'" | ${2:-.}"
}
roll() { asg-roll -q --interval 1ms "$@"; }
deploy() {
	build_number=$1; shift
	spec "$build_number" >spec.json
	rc=0; roll "$@" <spec.json >out 2>err || rc=$?
	[ $rc -eq 0 ] || { cat out err; return $rc; }
}
events() { jq -r 'select(.kind == "event") | "\(.event) \(.name)"' "$1" | sed 's/-[0-9a-f]\{12\}$//'; }
groups() {
	state >sandbox.state
	jq -r "$here"'.groups // {} | .[] | "\(.AutoScalingGroupName) \(.MinSize) \(.MaxSize) \(.DesiredCapacity)"' \
		sandbox.state | sort
}
templates() {
	state >sandbox.state
	jq -r "$here"'.templates // {} | .[] | .launchTemplateName' sandbox.state | sed 's/-[0-9a-f]\{12\}$//' | sort
}
end_state() {
	state >sandbox.state
	jq -S "$here"' | {
		groups: (.groups // {} | map({name: .AutoScalingGroupName, min: .MinSize, max: .MaxSize,
			desired: .DesiredCapacity, elb: .LoadBalancerNames, tg: .TargetGroupARNs,
			suspended: (.SuspendedProcesses | map(.ProcessName)), n: (.Instances | length),
			tags: (.Tags | map({key: .Key, value: .Value}) | sort_by(.key) | map(
				if .key | test("^sluice:(retired|restored)") then .value |= (gsub(" ?at=[^ ]*"; "")) else . end))})
			| sort_by(.name)),
		templates: (.templates // {} | map(.launchTemplateName) | sort),
		settings: ([.policies, .schedules, .hooks, .notifications] | map(. // {} | map_values(select(. != {})))
			| walk(if type == "object" then with_entries(select(.key | test("ARN|Alarms|^_") | not)) else . end)),
		instances: (.instances // {} | map(select(.instanceState.name == "running")) | length)}' sandbox.state
}
# a group with all that a deployment takes over
settings() {
	group=tmtt-build-$1-development
	sandbox_aws autoscaling put-scaling-policy --auto-scaling-group-name "$group" --policy-name cpu \
		--policy-type TargetTrackingScaling --target-tracking-configuration \
		'{"PredefinedMetricSpecification":{"PredefinedMetricType":"ASGAverageCPUUtilization"},"TargetValue":50.0}' >aws.out
	sandbox_aws autoscaling put-scheduled-update-group-action --auto-scaling-group-name "$group" \
		--scheduled-action-name night --recurrence "0 22 * * *" --min-size 1 --max-size 9 --desired-capacity 1
	sandbox_aws autoscaling put-lifecycle-hook --auto-scaling-group-name "$group" --lifecycle-hook-name bye \
		--lifecycle-transition autoscaling:EC2_INSTANCE_TERMINATING --heartbeat-timeout 60 --default-result CONTINUE
	sandbox_aws autoscaling put-notification-configuration --auto-scaling-group-name "$group" \
		--topic-arn arn:aws:sns:us-west-2:123456789012:t \
		--notification-types autoscaling:EC2_INSTANCE_LAUNCH autoscaling:EC2_INSTANCE_TERMINATE
	sandbox_aws autoscaling suspend-processes --auto-scaling-group-name "$group" --scaling-processes AZRebalance
	sandbox_aws autoscaling create-or-update-tags \
		--tags ResourceId="$group",ResourceType=auto-scaling-group,Key=owner,Value=ops,PropagateAtLaunch=true
	sandbox_aws autoscaling update-auto-scaling-group --auto-scaling-group-name "$group" --max-size 5 --desired-capacity 4
	advance 600
}
