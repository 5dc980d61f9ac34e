#!/bin/sh
# SPDX-License-Identifier: ISC
. "$(dirname "$0")/lib.sh"

st() { t "$1" '. "$tests/sandbox.sh"; . "$tests/asg.sh"; start_sandbox
'"$2"; }

t 'wrong options are 64' '
	fails 64 asg-list --nope
	fails 64 asg-list ""
	fails 64 asg-list x -
'
st 'no groups, no records' '
	asg-list >out
	[ ! -s out ]
	fails 1 asg-list nope
	says "there is no asg .nope."
'
st 'a group with its image and the health of its instances' '
	spec 21 ".target_groups = [\"tmtt-web\"]" | roll >rolled
	asg-list >out
	lines 1 out
	jq -e ".kind == \"asg\" and .provider == \"aws\" and .account == \"123456789012\" and .region == \"us-west-2\"
		and .name == \"tmtt-build-21-development\" and .image == \"ami-3db92b0d\" and .min_size == 1 and .max_size == 2
		and .desired_capacity == 2 and .load_balancers == [\"tmtt-development\"] and (.target_groups | length == 1)
		and .tags.build == \"21\" and .run == \"test\" and .status == \"active\" and .launch_template.version == \"1\"
		and (.instances | length == 2 and all(.state == \"InService\" and .health == \"healthy\" and .zone == \"us-west-2a\"))" out
	tail -n 1 rolled | jq -S "{id, image, instances, launch_template, created}" >want
	jq -S "{id, image, instances, launch_template, created}" out >got
	same want got
	behave "{\"target_groups\":{\"tmtt-web\":{\"state\":\"unhealthy\"}}}"
	asg-list >out
	jq -e ".instances | all(.health == \"unhealthy\" and (.reason | contains(\"target group\")))" out
'
st 'an instance that a classic load balancer lets go is draining, not healthy' '
	behave "{\"phases\":{\"drain\":100000}}"
	deploy 21
	one=$(asg-list | jq -r ".instances[0].id")
	sandbox_aws elb deregister-instances-from-load-balancer --load-balancer-name tmtt-development --instances "$one" >left
	asg-list | jq -e --arg one "$one" ".instances | map(select(.id == \$one))[0] | .health == \"draining\" and (.reason | contains(\"deregistration\"))"
'
st 'selected by name, server, env; a launch configuration; a kept group is off' '
	deploy 41
	deploy 42 --keep 1
	spec 9 ".tags.env = \"staging\" | .name = \"tmtt-build-9-staging\" | .load_balancers = []" | roll >out
	sandbox_aws autoscaling create-launch-configuration --launch-configuration-name lc --image-id ami-3db92b0d --instance-type t3.micro
	sandbox_aws autoscaling create-auto-scaling-group --auto-scaling-group-name plain --launch-configuration-name lc \
		--min-size 0 --max-size 0 --availability-zones us-west-2a
	asg-list | jq -r "[.name, .status, .image] | join(\" \")" | sort >got
	cat >want <<-END
	plain active ami-3db92b0d
	tmtt-build-41-development off ami-3db92b41
	tmtt-build-42-development active ami-3db92b42
	tmtt-build-9-staging active ami-3db92b0d
	END
	same want got
	[ "$(asg-list --server tmtt | wc -l)" -eq 3 ]
	[ "$(asg-list --server tmtt --env staging | jq -r .name)" = tmtt-build-9-staging ]
	[ "$(asg-list plain | jq -r .launch_template.configuration)" = lc ]
	fails 1 asg-list plain nope
	lines 1 out
'
st 'several regions, one of which cannot be read; pages; the input is copied first' '
	behave "{\"page_size\":1}"
	deploy 41
	deploy 42 --keep 1
	fault "{\"region\":\"eu-west-1\",\"effect\":\"status\",\"status\":400,\"code\":\"Nope\",\"message\":\"not today\"}"
	echo "{\"kind\":\"instance\",\"n\":0.10}" >in
	fails 69 asg-list -r us-west-2 -r eu-west-1 -r us-east-1 -r us-west-2 - <in
	jq -r .kind out >got
	printf "%s\n" instance asg asg target >want
	same want got
	head -n 1 out | grep -F 0.10
	tail -n 1 out | jq -e ".region == \"eu-west-1\" and .error.status == 69 and .error.code == \"Nope\""
	no_faults
	fault "{\"action\":\"DescribeInstanceHealth\",\"effect\":\"status\",\"status\":400,\"code\":\"Nope\",\"message\":\"not today\"}"
	fails 69 asg-list
	jq -s -e "map(.error.code) | sort == [null, \"Nope\"]" out
'
st 'no credentials, no rights, throttled, no network, garbage, a full disk' '
	deploy 41
	export AWS_MAX_ATTEMPTS=1
	fails 77 env AWS_SECRET_ACCESS_KEY=wrong asg-list
	fails 78 env AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY= asg-list
	fails 78 env AWS_REGION= AWS_DEFAULT_REGION= asg-list
	fails 75 env AWS_ENDPOINT_URL=http://127.0.0.1:1 asg-list
	fault "{\"effect\":\"garbage\"}"
	fails 70 asg-list
	no_faults
	fault "{\"effect\":\"status\",\"status\":400,\"code\":\"Throttling\"}"
	fails 75 asg-list
	no_faults
	fails 74 sh -c "asg-list >/dev/full"
'
st 'the examples of the page' '
	deploy 41
	deploy 42 --keep 1
	asg-list -r us-west-2 -r eu-west-1 | rec-table >got
	grep -q tmtt-build-42-development got
	asg-list --server tmtt | jq -r ".instances[] | select(.health != \"healthy\") | .reason" >got
	[ ! -s got ]
	[ "$(asg-list --server tmtt --env development | jq -r "select(.status == \"off\").tags.build" | sort -n)" = 41 ]
'
done_testing
