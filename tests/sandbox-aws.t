#!/bin/sh
# SPDX-License-Identifier: ISC
# The sandbox held against what we did not write: the aws CLI must understand it, and the same
# scenarios, one script each, must end the same on moto where moto can.
. "$(dirname "$0")/lib.sh"
. "$tests/moto.sh"
. "$tests/aws-cli.sh"

aws_cli_ready '
template() {
	aws ec2 create-launch-template --launch-template-name "$1" --launch-template-data \
		"{\"ImageId\":\"ami-3db92b0d\",\"InstanceType\":\"m1.medium\",\"UserData\":\"aGVsbG8=\",\"KeyName\":\"tmtt\"}" >template
}
group() {
	name=$1; shift
	aws autoscaling create-auto-scaling-group --auto-scaling-group-name "$name" --min-size 1 --max-size 4 \
		--desired-capacity 2 --launch-template "LaunchTemplateName=${template:-one},Version=1" \
		--availability-zones us-west-2a us-west-2b \
		--tags Key=server,Value=tmtt,PropagateAtLaunch=true Key=env,Value=development,PropagateAtLaunch=true "$@"
}
states() { q "AutoScalingGroups[].Instances[].LifecycleState" autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$1"; }
groups() { q "AutoScalingGroups[].AutoScalingGroupName" autoscaling describe-auto-scaling-groups; }
members() { q "AutoScalingGroups[].Instances[].InstanceId" autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$1"; }
target_group() { q "TargetGroups[0].TargetGroupArn" elbv2 describe-target-groups --names "$1"; }
targets() { q "TargetHealthDescriptions[].TargetHealth.State" elbv2 describe-target-health --target-group-arn "$1"; }
'
both 'who is calling' '
	is "$(q Account sts get-caller-identity)" 123456789012
	AWS_SECRET_ACCESS_KEY=wrong
	refused SignatureDoesNotMatch sts get-caller-identity
	refused AuthFailure ec2 describe-regions
	AWS_ACCESS_KEY_ID=AKIDNOBODY
	refused InvalidClientTokenId autoscaling describe-auto-scaling-groups
	refused AuthFailure ec2 describe-regions
'
both 'launch templates: made, described, a second version, no second one of that name, deleted' '
	template one
	is "$(jq -r .LaunchTemplate.LatestVersionNumber template)" 1
	refused InvalidLaunchTemplateName.AlreadyExistsException ec2 create-launch-template \
		--launch-template-name one --launch-template-data "{\"ImageId\":\"ami-1\"}"
	aws ec2 create-launch-template-version --launch-template-name one \
		--launch-template-data "{\"ImageId\":\"ami-3db92b22\",\"InstanceType\":\"m1.medium\"}" >second
	is "$(jq -r .LaunchTemplateVersion.VersionNumber second)" 2
	data() { aws ec2 describe-launch-template-versions --launch-template-name one --versions "$1"; }
	data 1 >got
	is "$(jq -r ".LaunchTemplateVersions[0].LaunchTemplateData | [.ImageId,.InstanceType,.UserData,.KeyName] | join(\" \")" got)" \
		"ami-3db92b0d m1.medium aGVsbG8= tmtt"
	data \$Latest >got
	is "$(jq -r ".LaunchTemplateVersions[0].LaunchTemplateData.ImageId" got)" ami-3db92b22
	is "$(q "LaunchTemplates[].LaunchTemplateName" ec2 describe-launch-templates)" one
	refused InvalidLaunchTemplateName.NotFoundException ec2 describe-launch-template-versions --launch-template-name two
	aws ec2 delete-launch-template --launch-template-name one >got
	is "$(q "LaunchTemplates[].LaunchTemplateName" ec2 describe-launch-templates)" ""
'
both 'a group: made behind two target groups, healthy, tagged, deleted' '
	template one
	web=$(target_group tmtt-web) api=$(target_group tmtt-api)
	group g1 --target-group-arns "$web" "$api"
	wait_until all InService states g1
	wait_until all healthy targets "$web"
	wait_until all healthy targets "$api"
	is "$(members g1 | wc -w)" 2
	is "$(q "LoadBalancerTargetGroups[].LoadBalancerTargetGroupARN" autoscaling describe-load-balancer-target-groups \
		--auto-scaling-group-name g1 | wc -w)" 2
	q "sort_by(AutoScalingGroups[0].Tags,&Key)[].[Key,Value]" autoscaling describe-auto-scaling-groups --auto-scaling-group-names g1 >tags
	printf "env\tdevelopment\nserver\ttmtt\n" >want
	same want tags
	q "Reservations[].Instances[].Tags[?Key==\`server\`].Value[]" ec2 describe-instances --instance-ids $(members g1) >tags
	is "$(tr "\t" "\n" <tags | sort -u)" tmtt
	is "$(q "Reservations[].Instances[].ImageId" ec2 describe-instances --instance-ids $(members g1) | tr "\t" "\n" | sort -u)" ami-3db92b0d
	aws autoscaling delete-auto-scaling-group --auto-scaling-group-name g1 --force-delete
	wait_until empty groups
'
both 'a group behind a classic balancer' '
	template one
	group g1 --load-balancer-names tmtt-development
	wait_until all InService states g1
	health() { q "InstanceStates[].State" elb describe-instance-health --load-balancer-name tmtt-development; }
	wait_until all InService health
	is "$(health | wc -w)" 2
	is "$(q "LoadBalancers[].LoadBalancerName" autoscaling describe-load-balancers --auto-scaling-group-name g1)" tmtt-development
	aws autoscaling detach-load-balancers --auto-scaling-group-name g1 --load-balancer-names tmtt-development
	wait_until empty health
	refused LoadBalancerNotFound elb describe-instance-health --load-balancer-name none
'
both 'attached later, detached with draining' '
	template one
	group g1
	wait_until all InService states g1
	web=$(target_group tmtt-web)
	aws autoscaling attach-load-balancer-target-groups --auto-scaling-group-name g1 --target-group-arns "$web"
	wait_until all healthy targets "$web"
	aws autoscaling detach-load-balancer-target-groups --auto-scaling-group-name g1 --target-group-arns "$web"
	wait_until empty targets "$web"
	wait_until all InService states g1
'
both 'two groups behind one target group: the new one comes, the old one goes' '
	template old; template new
	template=old
	web=$(target_group tmtt-web)
	group old --target-group-arns "$web"
	wait_until all InService states old
	template=new
	group new --target-group-arns "$web"
	wait_until all InService states new
	wait_until all healthy targets "$web"
	is "$(targets "$web" | wc -w)" 4
	aws autoscaling detach-load-balancer-target-groups --auto-scaling-group-name old --target-group-arns "$web"
	only_two() { [ "$(targets "$web" | wc -w)" = 2 ]; }
	wait_until only_two
	aws autoscaling delete-auto-scaling-group --auto-scaling-group-name old --force-delete
	only_new() { [ "$(groups)" = new ]; }
	wait_until only_new
'
both 'capacity, scale-in and processes' '
	template one
	group g1
	size() { members g1 | wc -w; }
	wait_until all InService states g1
	aws autoscaling set-desired-capacity --auto-scaling-group-name g1 --desired-capacity 3
	three() { [ "$(size)" = 3 ]; }
	wait_until three
	wait_until all InService states g1
	aws autoscaling update-auto-scaling-group --auto-scaling-group-name g1 --min-size 0 --max-size 1 --desired-capacity 0
	wait_until empty members g1
	aws autoscaling suspend-processes --auto-scaling-group-name g1 --scaling-processes Launch AZRebalance
	is "$(q "sort(AutoScalingGroups[].SuspendedProcesses[].ProcessName)" autoscaling describe-auto-scaling-groups)" "AZRebalance	Launch"
	aws autoscaling resume-processes --auto-scaling-group-name g1 --scaling-processes Launch
	is "$(q "AutoScalingGroups[].SuspendedProcesses[].ProcessName" autoscaling describe-auto-scaling-groups)" AZRebalance
'
both 'policies, scheduled actions, hooks and tags' '
	template one
	group g1
	of="--auto-scaling-group-name g1"
	aws autoscaling put-scaling-policy $of --policy-name cpu --policy-type TargetTrackingScaling \
		--target-tracking-configuration "{\"PredefinedMetricSpecification\":{\"PredefinedMetricType\":\"ASGAverageCPUUtilization\"},\"TargetValue\":40.0}" >arn
	aws autoscaling put-scaling-policy $of --policy-name more --policy-type StepScaling --adjustment-type ChangeInCapacity \
		--step-adjustments MetricIntervalLowerBound=0,ScalingAdjustment=1 >arn
	is "$(q "sort(ScalingPolicies[].PolicyName)" autoscaling describe-policies $of)" "cpu	more"
	is "$(q "ScalingPolicies[?PolicyName==\`cpu\`].TargetTrackingConfiguration.TargetValue" autoscaling describe-policies $of)" 40.0
	is "$(q "ScalingPolicies[].StepAdjustments[].ScalingAdjustment" autoscaling describe-policies $of)" 1
	aws autoscaling put-scheduled-update-group-action $of --scheduled-action-name night --recurrence "0 22 * * *" --desired-capacity 1
	is "$(q "ScheduledUpdateGroupActions[].[ScheduledActionName,Recurrence,DesiredCapacity]" autoscaling describe-scheduled-actions $of)" "night	0 22 * * *	1"
	aws autoscaling put-lifecycle-hook $of --lifecycle-hook-name wait --lifecycle-transition autoscaling:EC2_INSTANCE_TERMINATING \
		--heartbeat-timeout 60 --default-result CONTINUE
	is "$(q "LifecycleHooks[].[LifecycleHookName,HeartbeatTimeout,DefaultResult]" autoscaling describe-lifecycle-hooks $of)" "wait	60	CONTINUE"
	aws autoscaling create-or-update-tags --tags ResourceId=g1,ResourceType=auto-scaling-group,Key=kept,Value=yes,PropagateAtLaunch=false
	is "$(q "Tags[].Value" autoscaling describe-tags --filters Name=auto-scaling-group,Values=g1 Name=key,Values=kept)" yes
	aws autoscaling delete-tags --tags ResourceId=g1,ResourceType=auto-scaling-group,Key=kept
	is "$(q "Tags[].Value" autoscaling describe-tags --filters Name=key,Values=kept)" ""
	aws autoscaling delete-policy $of --policy-name cpu
	is "$(q "ScalingPolicies[].PolicyName" autoscaling describe-policies $of)" more
'
both 'launch configurations' '
	aws autoscaling create-launch-configuration --launch-configuration-name lc --image-id ami-3db92b0d --instance-type m1.medium --key-name tmtt
	aws autoscaling create-auto-scaling-group --auto-scaling-group-name g1 --min-size 1 --max-size 1 \
		--launch-configuration-name lc --availability-zones us-west-2a
	wait_until all InService states g1
	is "$(q "AutoScalingInstances[].LaunchConfigurationName" autoscaling describe-auto-scaling-instances)" lc
	is "$(q "LaunchConfigurations[].ImageId" autoscaling describe-launch-configurations)" ami-3db92b0d
	aws autoscaling delete-auto-scaling-group --auto-scaling-group-name g1 --force-delete
	wait_until empty groups
	aws autoscaling delete-launch-configuration --launch-configuration-name lc
	is "$(q "LaunchConfigurations[].ImageId" autoscaling describe-launch-configurations)" ""
'
both 'parameters, networks, keys, tags' '
	aws ssm put-parameter --name /mine --value one --type String >got
	is "$(q Parameter.Value ssm get-parameter --name /mine)" one
	refused ParameterAlreadyExists ssm put-parameter --name /mine --value two --type String
	refused ParameterNotFound ssm get-parameter --name /none
	is "$(q "InvalidParameters[]" ssm get-parameters --names /mine /none)" /none
	is "$(q "Vpcs[].IsDefault" ec2 describe-vpcs)" True
	is "$(q "SecurityGroups[].GroupName" ec2 describe-security-groups --filters Name=group-name,Values=tmtt)" tmtt
	is "$(q "KeyPairs[].KeyName" ec2 describe-key-pairs --key-names tmtt)" tmtt
	refused InvalidGroup.NotFound ec2 describe-security-groups --group-ids sg-00000000
	refused InvalidKeyPair.NotFound ec2 describe-key-pairs --key-names none
	is "$(q "Subnets[?AvailabilityZone==\`us-west-2b\`].DefaultForAz" ec2 describe-subnets)" True
	id=$(q "SecurityGroups[].GroupId" ec2 describe-security-groups --filters Name=group-name,Values=tmtt)
	aws ec2 create-tags --resources "$id" --tags Key=a,Value=b
	is "$(q "Tags[].[Key,Value]" ec2 describe-tags --filters Name=resource-id,Values="$id")" "a	b"
	aws ec2 delete-tags --resources "$id" --tags Key=a
	is "$(q "Tags[].[Key,Value]" ec2 describe-tags --filters Name=resource-id,Values="$id")" ""
'
both 'a role assumed' '
	aws sts assume-role --role-arn arn:aws:iam::210987654321:role/deploy --role-session-name job >got
	AWS_ACCESS_KEY_ID=$(jq -r .Credentials.AccessKeyId got) AWS_SECRET_ACCESS_KEY=$(jq -r .Credentials.SecretAccessKey got)
	export AWS_SESSION_TOKEN=$(jq -r .Credentials.SessionToken got)
	case $AWS_ENDPOINT_URL in "${SANDBOX_URL-}") is "$(q Account sts get-caller-identity)" 210987654321;; esac
'

sandboxed 'a group of what is not there, of wrong sizes, twice' '
	make() { name=$1; shift; set -- autoscaling create-auto-scaling-group --auto-scaling-group-name "$name" "$@"; refused "$because" "$@"; }
	template one
	base="--min-size 1 --max-size 2 --launch-template LaunchTemplateName=one"
	because=ValidationError
	make g1 --min-size 1 --max-size 2 --launch-template LaunchTemplateName=none --availability-zones us-west-2a
	make g1 $base --availability-zones us-west-2z
	make g1 $base --vpc-zone-identifier subnet-none
	make g1 $base --availability-zones us-west-2a --load-balancer-names none
	make g1 $base --availability-zones us-west-2a --target-group-arns arn:none
	make g1 $base
	aws ec2 create-launch-template --launch-template-name keyless --launch-template-data \
		"{\"ImageId\":\"ami-3db92b0d\",\"InstanceType\":\"t3.micro\",\"KeyName\":\"none\"}" >got
	make g1 --min-size 1 --max-size 2 --launch-template LaunchTemplateName=keyless --availability-zones us-west-2a
	says "The key pair .none. does not exist"
	make g1 --min-size 3 --max-size 2 --launch-template LaunchTemplateName=one --availability-zones us-west-2a
	make g1 $base --desired-capacity 3 --availability-zones us-west-2a
	is "$(groups)" ""
	group g1
	because=AlreadyExists
	make g1 $base --availability-zones us-west-2a
	refused ValidationError autoscaling set-desired-capacity --auto-scaling-group-name g1 --desired-capacity 9
	refused ValidationError autoscaling set-desired-capacity --auto-scaling-group-name none --desired-capacity 1
	refused ResourceInUse autoscaling delete-auto-scaling-group --auto-scaling-group-name g1
	aws autoscaling delete-auto-scaling-group --auto-scaling-group-name g1 --force-delete
	is "$(q "AutoScalingGroups[].Status" autoscaling describe-auto-scaling-groups)" "Delete in progress"
	make g1 $base --availability-zones us-west-2a
	refused ValidationError autoscaling update-auto-scaling-group --auto-scaling-group-name g1 --max-size 9
'
sandboxed 'the phases of a group, one after another' '
	speed 0
	sandbox_call POST clock "{\"tick\":0}" >clock
	template one
	web=$(target_group tmtt-web)
	group g1 --target-group-arns "$web" --load-balancer-names tmtt-staging
	machines() { q "Reservations[].Instances[].State.Name" ec2 describe-instances | tr "\t" "\n" | sort -u; }
	all Pending states g1
	is "$(machines)" pending
	is "$(q "Activities[].StatusCode" autoscaling describe-scaling-activities --auto-scaling-group-name g1)" "InProgress	InProgress"
	advance 21
	all Pending states g1
	is "$(machines)" running
	advance 5
	all InService states g1
	all initial targets "$web"
	is "$(q "LoadBalancers[].State" autoscaling describe-load-balancers --auto-scaling-group-name g1)" Added
	advance 15
	all healthy targets "$web"
	is "$(q "LoadBalancers[].State" autoscaling describe-load-balancers --auto-scaling-group-name g1)" InService
	aws autoscaling detach-load-balancers --auto-scaling-group-name g1 --load-balancer-names tmtt-staging
	is "$(q "LoadBalancers[].State" autoscaling describe-load-balancers --auto-scaling-group-name g1)" Removing
	aws autoscaling delete-auto-scaling-group --auto-scaling-group-name g1 --force-delete
	all Terminating states g1
	all draining targets "$web"
	is "$(machines)" running
	advance 30
	is "$(machines)" shutting-down
	is "$(targets "$web")" ""
	advance 20
	is "$(machines)" terminated
	is "$(groups)" g1
	advance 5
	is "$(groups)" ""
	advance 3600
	is "$(machines)" ""
'
sandboxed 'launches that fail, machines that die or never get healthy' '
	template one
	web=$(target_group tmtt-web)
	behave "{\"images\":{\"ami-3db92b0d\":{\"launch\":\"InsufficientInstanceCapacity\"}}}"
	group g1 --target-group-arns "$web"
	is "$(members g1)" ""
	is "$(q "Activities[0].StatusCode" autoscaling describe-scaling-activities --auto-scaling-group-name g1)" Failed
	q "Activities[0].StatusMessage" autoscaling describe-scaling-activities --auto-scaling-group-name g1 >message
	grep -q "do not have sufficient m1.medium capacity" message
	behave "{\"images\":{\"ami-3db92b0d\":{\"launch\":null,\"healthy\":false}}}"
	wait_until all InService states g1
	wait_until all unhealthy targets "$web"
	aws autoscaling update-auto-scaling-group --auto-scaling-group-name g1 --health-check-type ELB --health-check-grace-period 10
	first=$(members g1)
	other() { now=$(members g1); [ "$now" != "$first" ]; }
	wait_until other
	q "Activities[].Cause" autoscaling describe-scaling-activities --auto-scaling-group-name g1 >causes
	grep -q "ELB system health check failure" causes
	behave "{\"images\":{\"ami-3db92b0d\":{\"healthy\":null,\"dies\":60}}}"
'
sandboxed 'one target group unhealthy for a while' '
	behave "{\"target_groups\":{\"tmtt-api\":{\"unhealthy_for\":60}}}"
	template one
	web=$(target_group tmtt-web) api=$(target_group tmtt-api)
	group g1 --target-group-arns "$web" "$api"
	wait_until all healthy targets "$web"
	wait_until all unhealthy targets "$api"
	wait_until all healthy targets "$api"
'
sandboxed 'a lifecycle hook holds an instance; protection, standby, replacement' '
	template one
	group g1
	wait_until all InService states g1
	of="--auto-scaling-group-name g1"
	aws autoscaling put-lifecycle-hook $of --lifecycle-hook-name h --lifecycle-transition autoscaling:EC2_INSTANCE_LAUNCHING --default-result CONTINUE
	aws autoscaling set-desired-capacity $of --desired-capacity 3
	waits() { states g1 | grep -q Pending:Wait; }
	wait_until waits
	id=$(q "AutoScalingGroups[].Instances[?LifecycleState==\`Pending:Wait\`].InstanceId[]" autoscaling describe-auto-scaling-groups)
	aws autoscaling complete-lifecycle-action $of --lifecycle-hook-name h --lifecycle-action-result CONTINUE --instance-id "$id"
	wait_until all InService states g1
	aws autoscaling delete-lifecycle-hook $of --lifecycle-hook-name h
	aws autoscaling set-instance-protection $of --instance-ids "$id" --protected-from-scale-in
	aws autoscaling set-desired-capacity $of --desired-capacity 1
	only_it() { [ "$(members g1)" = "$id" ]; }
	wait_until only_it
	aws autoscaling update-auto-scaling-group $of --min-size 0
	aws autoscaling enter-standby $of --instance-ids "$id" --should-decrement-desired-capacity >got
	is "$(states g1)" Standby
	aws autoscaling exit-standby $of --instance-ids "$id" >got
	is "$(states g1)" InService
	aws autoscaling terminate-instance-in-auto-scaling-group --instance-id "$id" --no-should-decrement-desired-capacity >got
	another() { now=$(members g1); [ -n "$now" ] && [ "${now#*"$id"}" = "$now" ]; }
	wait_until another
'
sandboxed 'images: owners, filters, pages, other regions, what is not there' '
	names() { q "Images[].Name" ec2 describe-images "$@" | tr "\t" "\n" | sed "/^None$/d"; }
	is "$(names --owners self | wc -l)" 6
	is "$(names --owners self --filters Name=state,Values=available Name=tag:build,Values=2? | sort | tr "\n" " ")" "tmtt-base-21 tmtt-base-22 "
	names --owners amazon --filters "Name=name,Values=al2023-ami-2023*" Name=architecture,Values=arm64 >arm
	lines 2 arm
	is "$(names --owners amazon --filters "Name=name,Values=al2023-ami-2023*" Name=architecture,Values=arm64 --page-size 1 | wc -l)" 2
	behave "{\"page_size\":2}"
	is "$(names --owners self | wc -l)" 6
	AWS_REGION=eu-west-1
	is "$(names --owners self | wc -l)" 0
	is "$(names --owners 136693071363 | wc -l)" 2
	refused InvalidAMIID.NotFound ec2 describe-images --image-ids ami-3db92b0d
	refused InvalidAMIID.Malformed ec2 describe-images --image-ids x
	refused InvalidParameterValue ec2 describe-images --filters Name=nonsense,Values=1
	is "$(q "Regions[].RegionName" ec2 describe-regions | wc -w)" 6
	is "$(q "Regions[].RegionName" ec2 describe-regions --all-regions | wc -w)" 7
	path=/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended
	image=$(q Parameter.Value ssm get-parameter --name $path/image_id)
	is "$(q Parameter.Value ssm get-parameter --name $path | jq -r .image_id)" "$image"
	is "$(q "Images[].ImageId" ec2 describe-images --image-ids "$image")" "$image"
'
sandboxed 'errors and tokens as AWS words them' '
	refused InvalidInstanceID.NotFound ec2 describe-instances --instance-ids i-00000000000000000
	refused InvalidInstanceID.Malformed ec2 terminate-instances --instance-ids x
	refused TargetGroupNotFound elbv2 describe-target-groups --names none
	refused InvalidLaunchTemplateName.MalformedException ec2 create-launch-template --launch-template-name "a b" --launch-template-data "{\"ImageId\":\"ami-1\"}"
	AWS_ACCESS_KEY_ID=ASIAEXPIRED AWS_SECRET_ACCESS_KEY=expired-secret-key
	export AWS_SESSION_TOKEN=expired-token
	refused ExpiredToken sts get-caller-identity
	refused ExpiredTokenException ssm get-parameter --name /x
	refused RequestExpired ec2 describe-regions
'
sandboxed 'a presigned request; a role by web identity, unsigned' '
	cat >presign <<-END
	import sys
	try:
	    from awscli import botocore    # version 2 brings its own
	    sys.modules["botocore"] = botocore
	except ImportError:
	    pass
	from botocore.auth import SigV4QueryAuth
	from botocore.awsrequest import AWSRequest
	from botocore.credentials import Credentials
	keys = Credentials("AKIDSANDBOX", "sandbox-secret-key")
	request = AWSRequest("GET", sys.argv[1] + "/?Action=GetCallerIdentity&Version=2011-06-15")
	SigV4QueryAuth(keys, "sts", "us-west-2", expires=60).add_auth(request)
	print(request.url)
	END
	url=$("$aws_python" presign "$AWS_ENDPOINT_URL")
	curl -sSf "$url" >got
	grep -q "<Account>123456789012</Account>" got
	is "$(curl -s -o got -w "%{http_code}" "$url&more=1")" 403
	sandbox_call POST clock "{\"skew\":70}" >clock
	is "$(curl -s -o got -w "%{http_code}" "$url")" 403
	grep -q "<Code>RequestExpired</Code>" got
	sandbox_call POST clock "{\"skew\":0}" >clock
	aws sts assume-role-with-web-identity --role-arn arn:aws:iam::123456789012:role/ci --role-session-name job --web-identity-token good >got
	refused InvalidIdentityToken sts assume-role-with-web-identity --role-arn arn:aws:iam::123456789012:role/ci --role-session-name job --web-identity-token "not a token"
	AWS_ACCESS_KEY_ID=$(jq -r .Credentials.AccessKeyId got) AWS_SECRET_ACCESS_KEY=$(jq -r .Credentials.SecretAccessKey got)
	export AWS_SESSION_TOKEN=$(jq -r .Credentials.SessionToken got)
	is "$(q Arn sts get-caller-identity)" arn:aws:sts::123456789012:assumed-role/ci/job
'
sandboxed 'a template by token: the same again, another content is refused' '
	make() { aws ec2 create-launch-template --client-token t1 --launch-template-name one --launch-template-data "{\"ImageId\":\"$1\"}"; }
	make ami-3db92b0d >first
	make ami-3db92b0d >second
	same first second
	refused IdempotentParameterMismatch ec2 create-launch-template --client-token t1 --launch-template-name one --launch-template-data "{\"ImageId\":\"ami-1\"}"
'
sandboxed 'groups by pages and by tag' '
	template one
	for name in a b c d e; do
		aws autoscaling create-auto-scaling-group --auto-scaling-group-name "$name" --min-size 0 --max-size 1 \
			--launch-template LaunchTemplateName=one --availability-zones us-west-2a --tags "Key=letter,Value=$name"
	done
	is "$(q "AutoScalingGroups[].AutoScalingGroupName" autoscaling describe-auto-scaling-groups --page-size 2 | wc -w)" 5
	is "$(q "AutoScalingGroups[].AutoScalingGroupName" autoscaling describe-auto-scaling-groups --filters Name=tag:letter,Values=c)" c
'
sandboxed 'notifications; a deleted group takes all along' '
	template one
	group g1
	aws autoscaling put-notification-configuration --auto-scaling-group-name g1 --topic-arn arn:aws:sns:us-west-2:123456789012:t \
		--notification-types autoscaling:EC2_INSTANCE_LAUNCH autoscaling:EC2_INSTANCE_TERMINATE
	is "$(q "NotificationConfigurations[].NotificationType" autoscaling describe-notification-configurations --auto-scaling-group-names g1 | wc -w)" 2
	aws autoscaling delete-auto-scaling-group --auto-scaling-group-name g1 --force-delete
	wait_until empty groups
	is "$(q "NotificationConfigurations[]" autoscaling describe-notification-configurations)" ""
'
done_testing
