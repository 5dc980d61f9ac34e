#!/bin/sh
# SPDX-License-Identifier: ISC
# Deployments on moto, an AWS that we did not write, with its signature checks on; read back with
# the aws CLI.
. "$(dirname "$0")/lib.sh"
. "$tests/aws-one.sh"; share_aws_cli
. "$tests/moto.sh"

if ! moto_ready; then
	skip 'deployments on moto' "$why_no_moto"
	done_testing
fi
mt() { t "$1" '. "$tests/sandbox.sh"; . "$tests/asg.sh"; . "$tests/moto.sh"
start_moto; moto_things
image=$(moto_call ec2 2016-11-15 "Action=RegisterImage&Name=tmtt-base-21" | sed -n "s:.*<imageId>\(.*\)</imageId>.*:\1:p")
build_of() { spec "$1" ".image = \"$image\" | ${2:-.}"; }
go() { b=$1; shift; build_of "$b" >spec.json; roll "$@" <spec.json >out 2>err || { rc=$?; cat out err; return $rc; }; }
names() { moto_aws autoscaling describe-auto-scaling-groups | jq -r ".AutoScalingGroups[] | \"\(.AutoScalingGroupName) \(.DesiredCapacity)\"" | sort; }
'"$2"; }

mt 'builds 21 and 22, another environment: one group each, tags, template and user data right' '
	go 21
	go 22
	build_of 22 ".tags.env = \"staging\" | .name = \"tmtt-build-22-staging\" | .load_balancers = [\"tmtt-staging\"]" | roll >out 2>err
	names >got
	printf "%s\n" "tmtt-build-22-development 2" "tmtt-build-22-staging 2" >want
	same want got
	moto_aws autoscaling describe-auto-scaling-groups >asgs
	jq -e ".AutoScalingGroups[] | select(.AutoScalingGroupName == \"tmtt-build-22-development\")
		| (.Tags | map({key: .Key, value: .Value}) | from_entries | .server == \"tmtt\" and .env == \"development\" and .build == \"22\" and .ami_build == \"21\" and .[\"sluice:run\"] == \"test\" and (has(\"sluice:replaces\") | not))
		and .LoadBalancerNames == [\"tmtt-development\"] and .AvailabilityZones == [\"us-west-2a\"]" asgs
	moto_aws ec2 describe-launch-templates >templates
	jq -e ".LaunchTemplates | length == 2" templates
	id=$(jq -r ".AutoScalingGroups[0].LaunchTemplate.LaunchTemplateId" asgs)
	moto_aws ec2 describe-launch-template-versions --launch-template-id "$id" --versions 1 >version
	jq -r ".LaunchTemplateVersions[0].LaunchTemplateData.UserData" version | base64 -d >got
	printf "#!/bin/sh\necho canary-secret\n" >want
	same want got
	jq -e --arg image "$image" ".LaunchTemplateVersions[0].LaunchTemplateData | .ImageId == \$image and .KeyName == \"tmtt\" and (.SecurityGroupIds | length == 1)" version
	moto_aws ec2 describe-instances --filters Name=instance-state-name,Values=running | jq -e "[.Reservations[].Instances[]] | length == 4"
'
mt 'two target groups; 41, 42 that keeps it, back, forward again' '
	two=".load_balancers = [] | .target_groups = [\"tmtt-web\", \"tmtt-api\"]"
	build_of 41 "$two" | roll >out
	build_of 42 "$two" >42
	roll --keep 1 <42 >out
	names >got
	printf "%s\n" "tmtt-build-41-development 0" "tmtt-build-42-development 2" >want
	same want got
	roll --back --keep 1 <42 >out
	tail -n 1 out | jq -e ".instances | length == 2 and all(.health == \"healthy\")"
	roll --back --to tmtt-build-42-development <42 >out
	names >got
	echo "tmtt-build-42-development 2" >want
	same want got
	build_of 41 "$two" | roll >out
	names >got
	echo "tmtt-build-41-development 2" >want
	same want got
	moto_aws ec2 describe-launch-templates | jq -e ".LaunchTemplates | length == 1"
'
mt 'asg-list and asg-rm; signatures that are wrong are refused' '
	go 21
	asg-list | tee list | jq -e --arg image "$image" ".image == \$image and (.instances | length == 2)"
	fails 77 env AWS_SECRET_ACCESS_KEY=wrong asg-list
	asg-rm -q --interval 1ms <list >out
	names >got
	[ ! -s got ]
	moto_aws ec2 describe-launch-templates | jq -e ".LaunchTemplates == []"
'
done_testing
