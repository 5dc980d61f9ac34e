#!/bin/sh
# SPDX-License-Identifier: ISC
# asg-roll on the sandbox: deployments, what goes wrong in them, and roll back.
. "$(dirname "$0")/lib.sh"

st() { t "$1" '. "$tests/sandbox.sh"; . "$tests/asg.sh"
'"$2"; }
sb() { st "$1" "start_sandbox
$2"; }

# ---- the command line and the stream

t 'no input, no records; records of others pass as they are' '
	export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_REGION=us-west-2
	asg-roll </dev/null >out
	[ ! -s out ]
	cat >in <<-END
	{"kind":"instance","n":0.10000,"e":1e2}
	{"kind":"strange", "x":[1, 2]}
	{"kind":"asg-spec","provider":"gce","name":"x"}
	{"kind":"asg","provider":"aws","name":"x","error":{"status":75,"filter":"asg-roll","code":"network","message":"x"}}
	END
	fails 75 asg-roll <in
	sed "s/, /,/; s/1, 2/1,2/" in >want
	same want out
'
t 'wrong options and operands are 64' '
	fails 64 asg-roll --nope
	fails 64 asg-roll operand
	fails 64 asg-roll --to x
	fails 64 asg-roll --back --fresh
	fails 64 asg-roll --interval soon
	fails 64 asg-roll --keep -1
	fails 64 asg-roll -t 5y
'
t 'broken JSON is 65, with its line, and stops what is right' '
	export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_ENDPOINT_URL=http://127.0.0.1:1
	. "$tests/asg.sh"
	{ spec 21; echo "{"; } >in
	fails 65 asg-roll <in
	says "<stdin>:"
	jq -e ".kind == \"asg\" and .error.code == \"not-attempted\" and .error.status == 65 and (has(\"user_data\") | not)" out
'
t 'wrong types are 65, and nothing is asked' '
	export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_ENDPOINT_URL=http://127.0.0.1:1
	. "$tests/asg.sh"
	for wrong in ".name = 1" "del(.image)" ".instance_type = \"\"" ".tags = []" "del(.tags.env)" \
		".tags.x = 1" ".availability_zones = \"us-west-2a\"" "del(.availability_zones)" \
		".min_size = \"1\"" ".min_size = 3" ".max_size = -1" ".user_data = 7" ".health_check = \"X\"" \
		".security_groups = [1]" ".name = \"a:b\""; do
		spec 21 "$wrong" >in
		fails 65 asg-roll <in
		jq -e ".kind == \"asg\" and .error.status == 65" out >ok
		no grep -q canary out
	done
	{ spec 21; spec 22; } >in
	fails 65 asg-roll <in
	says "two asg-specs are for server .tmtt., env .development."
'
t 'a full disk is 74, a closed stdin nothing' '
	export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_REGION=us-west-2
	echo "{\"kind\":\"instance\"}" >in
	fails 74 sh -c "asg-roll <in >/dev/full"
	asg-roll <&-
'
t 'missing credentials, a region that is not named, a dead network' '
	. "$tests/asg.sh"
	spec 21 >in
	export AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_MAX_ATTEMPTS=1 AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
	fails 78 asg-roll <in
	jq -e ".error.status == 78" out
	export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y
	fails 75 asg-roll <in
	spec 21 "del(.region)" >in
	fails 78 asg-roll <in
'

# ---- deployments

sb 'a first deployment: template, group, tags, user data as they should be' '
	deploy 21
	events out >got
	cat >want <<-END
	created tmtt-build-21-development
	created tmtt-build-21-development
	healthy tmtt-build-21-development
	serving tmtt-build-21-development
	END
	same want got
	tail -n 1 out >last
	jq -e ".kind == \"asg\" and .provider == \"aws\" and .account == \"123456789012\" and .image == \"ami-3db92b0d\"
		and .desired_capacity == 2 and (.instances | length == 2 and all(.health == \"healthy\"))
		and .tags.server == \"tmtt\" and .tags.build == \"21\" and .tags.ami_build == \"21\"
		and .run == \"test\" and (has(\"user_data\") | not) and (.user_data_sha256 | length == 64)" last
	sandbox_aws ec2 describe-launch-template-versions --versions 1 --launch-template-id "$(jq -r .launch_template.id last)" >template
	jq -r ".LaunchTemplateVersions[0].LaunchTemplateData.UserData" template | base64 -d >got
	printf "#!/bin/sh\necho canary-secret\n" >want
	same want got
	jq -e ".LaunchTemplateVersions[0].LaunchTemplateData | .ImageId == \"ami-3db92b0d\" and .KeyName == \"tmtt\"
		and .InstanceType == \"t3.micro\" and (.SecurityGroupIds | length == 1)" template
	sandbox_aws autoscaling describe-tags >tags
	jq -e "[.Tags[] | select(.PropagateAtLaunch) | .Key] | sort == [\"ami_build\", \"build\", \"env\", \"server\", \"sluice:run\"]" tags
	no grep -r canary out err
'
sb 'the second takes the place of the first; a third run has nothing to do' '
	deploy 21
	deploy 22
	events out >got
	cat >want <<-END
	created tmtt-build-22-development
	created tmtt-build-22-development
	healthy tmtt-build-22-development
	deregistered tmtt-build-21-development
	drained tmtt-build-21-development
	deleted tmtt-build-21-development
	deleted tmtt-build-21-development
	serving tmtt-build-22-development
	END
	same want got
	groups >got
	echo "tmtt-build-22-development 1 2 2" >want
	same want got
	templates >got
	echo tmtt-build-22-development >want
	same want got
	end_state >before
	forget
	deploy 22
	changes >got
	[ ! -s got ]
	end_state >after
	same before after
	fails 79 asg-roll --expect 1 <spec.json
	asg-roll -q --interval 1ms --max 0 <spec.json >out
'
sb 'another environment and another server stay' '
	deploy 21
	spec 9 ".tags.env = \"staging\" | .name = \"tmtt-build-9-staging\" | .load_balancers = [\"tmtt-staging\"]" | roll >out
	spec 9 ".tags.server = \"other\" | .name = \"other-build-9-development\" | .load_balancers = []" | roll >out
	deploy 22
	groups >got
	cat >want <<-END
	other-build-9-development 1 2 2
	tmtt-build-22-development 1 2 2
	tmtt-build-9-staging 1 2 2
	END
	same want got
	templates >got
	cut -d " " -f 1 want >names
	same names got
'
sb 'two environments in one stream' '
	{ spec 21; spec 21 ".tags.env = \"staging\" | .name = \"tmtt-build-21-staging\" | .load_balancers = [\"tmtt-staging\"]"
	  echo "{\"kind\":\"instance\",\"n\":0.10}"; } | roll >out
	jq -r "select(.kind != \"event\") | .kind" out >got
	printf "asg\nasg\ninstance\n" >want
	same want got
	tail -n 1 out | grep -F 0.10
	groups >got
	lines 2 got
'
sb 'a group of that name with another content is a conflict, and nothing is done' '
	deploy 21
	forget
	spec 21 ".instance_type = \"t3.large\"" >in
	fails 1 roll <in
	says "is there already, with another content"
	jq -e ".error.code == \"conflict\"" out
	spec 21 ".user_data = \"x\"" >in
	fails 1 roll <in
	fails 1 roll -n <in
	jq -s -e ".[0].action == \"conflict\" and .[1].planned" out
	{ cat in; spec 9 ".tags.env = \"staging\" | .name = \"tmtt-build-9-staging\" | .load_balancers = []"; } >both
	fails 1 roll <both
	jq -s -e ".[1].error.code == \"not-attempted\" and .[1].error.status == 1" out
	changes >got
	[ ! -s got ]
'
sb 'what is named and not there stops it before anything is made' '
	for wrong in ".image = \"ami-00000000\"" ".security_groups = [\"nope\"]" ".key_pair = \"nope\"" \
		".load_balancers = [\"nope\"]" ".target_groups = [\"nope\"]" ".subnets = [\"subnet-00000000\"]" \
		".availability_zones = [\"us-west-2z\"]"; do
		spec 21 "$wrong" >in
		fails 69 roll <in
		jq -e ".error.status == 69 and .error.filter == \"asg-roll\"" out >ok
		says "nope\|ami-00000000\|subnet-00000000\|us-west-2z"
	done
	changes >got
	[ ! -s got ]
'
sb 'two target groups, one of which takes its time: the old one stays until both are well' '
	two=".load_balancers = [] | .target_groups = [\"tmtt-web\", \"tmtt-api\"]"
	spec 41 "$two" | roll >out
	behave "{\"target_groups\":{\"tmtt-api\":{\"unhealthy_for\":120}}}"
	forget
	spec 42 "$two" | asg-roll --interval 1ms >out 2>err
	grep -q "unhealthy in target group .tmtt-api." err
	journal | jq -r "select(.action == \"DescribeTargetHealth\" or .action == \"DetachLoadBalancerTargetGroups\") | .action" | uniq >got
	jq -s -e "map(select(.kind == \"asg\"))[0].target_groups | length == 2" out
	groups >got
	echo "tmtt-build-42-development 1 2 2" >want
	same want got
'
sb 'never healthy: the new one goes, the old one is not touched, 1 with the reason' '
	deploy 41
	end_state >before
	behave "{\"images\":{\"ami-3db92b42\":{\"healthy\":false}}}"
	forget
	spec 42 >in
	fails 1 roll -t 2s --interval 20ms <in
	says "is not healthy after 2 s: i-[0-9a-f]* is OutOfService in load balancer .tmtt-development."
	jq -s -e "last | .kind == \"asg\" and .error.status == 1 and .error.code == \"not-healthy\" and .id == null" out
	journal | jq -r "select(.changed) | .action" >got
	printf "%s\n" CreateLaunchTemplate CreateAutoScalingGroup DeleteAutoScalingGroup DeleteLaunchTemplate >want
	same want got
	advance 7200
	end_state >after
	same before after
'
sb 'launches keep failing: no wait for the deadline, and the reason is theirs' '
	deploy 41
	end_state >before
	behave "{\"images\":{\"ami-3db92b42\":{\"launch\":\"InsufficientInstanceCapacity\"}}}"
	spec 42 >in
	fails 1 roll <in
	says "3 launches failed, the last one: .*sufficient t3.micro capacity"
	jq -s -e "last | .error.code == \"launch-failed\"" out
	advance 7200
	end_state >after
	same before after
'
sb 'SLUICE_DEADLINE leaves time to remove what did not become healthy' '
	deploy 41
	behave "{\"images\":{\"ami-3db92b42\":{\"healthy\":false}}}"
	spec 42 >in
	fails 1 env SLUICE_DEADLINE=3 asg-roll -q --interval 20ms <in
	groups >got
	echo "tmtt-build-41-development 1 2 2" >want
	same want got
'

# ---- what is taken over

settings() {
	cat <<-'END'
	group=tmtt-build-41-development
	sandbox_aws autoscaling put-scaling-policy --auto-scaling-group-name $group --policy-name cpu --policy-type TargetTrackingScaling \
		--target-tracking-configuration "{\"PredefinedMetricSpecification\":{\"PredefinedMetricType\":\"ASGAverageCPUUtilization\"},\"TargetValue\":50.0}" >aws.out
	sandbox_aws autoscaling put-scheduled-update-group-action --auto-scaling-group-name $group --scheduled-action-name night --recurrence "0 22 * * *" --min-size 1 --max-size 9 --desired-capacity 1
	sandbox_aws autoscaling put-lifecycle-hook --auto-scaling-group-name $group --lifecycle-hook-name bye --lifecycle-transition autoscaling:EC2_INSTANCE_TERMINATING --heartbeat-timeout 60 --default-result CONTINUE
	sandbox_aws autoscaling put-notification-configuration --auto-scaling-group-name $group --topic-arn arn:aws:sns:us-west-2:123456789012:t --notification-types autoscaling:EC2_INSTANCE_LAUNCH autoscaling:EC2_INSTANCE_TERMINATE
	sandbox_aws autoscaling suspend-processes --auto-scaling-group-name $group --scaling-processes AZRebalance
	sandbox_aws autoscaling create-or-update-tags --tags ResourceId=$group,ResourceType=auto-scaling-group,Key=owner,Value=ops,PropagateAtLaunch=true
	sandbox_aws autoscaling update-auto-scaling-group --auto-scaling-group-name $group --max-size 5 --desired-capacity 4
	END
}
sb 'capacity, policies, schedule, hooks, notifications, suspended processes and tags are taken over' "
	deploy 41
	$(settings)
	advance 600
	deploy 42
	groups >got
	echo 'tmtt-build-42-development 1 4 4' >want
	same want got
	group=tmtt-build-42-development
"'
	sandbox_aws autoscaling describe-policies --auto-scaling-group-name $group | jq -e ".ScalingPolicies[0] | .PolicyName == \"cpu\" and .TargetTrackingConfiguration.TargetValue == 50"
	sandbox_aws autoscaling describe-scheduled-actions --auto-scaling-group-name $group | jq -e ".ScheduledUpdateGroupActions[0] | .ScheduledActionName == \"night\" and .Recurrence == \"0 22 * * *\" and .MaxSize == 9"
	sandbox_aws autoscaling describe-lifecycle-hooks --auto-scaling-group-name $group | jq -e ".LifecycleHooks[0] | .LifecycleHookName == \"bye\" and .HeartbeatTimeout == 60"
	sandbox_aws autoscaling describe-notification-configurations --auto-scaling-group-names $group | jq -e ".NotificationConfigurations | length == 2"
	sandbox_aws autoscaling describe-auto-scaling-groups | jq -e ".AutoScalingGroups[0] | ([.SuspendedProcesses[].ProcessName] == [\"AZRebalance\"]) and ([.Tags[] | select(.Key == \"owner\")][0] | .Value == \"ops\" and .PropagateAtLaunch)"
	journal | jq -e "select(.action == \"CreateAutoScalingGroup\") | .params.LifecycleHookSpecificationList[0].LifecycleHookName" | grep bye
'
sb '--fresh takes none of it' "
	deploy 41
	$(settings)
	advance 600
	forget
	deploy 42 --fresh
	groups >got
	echo 'tmtt-build-42-development 1 2 2' >want
	same want got
"'
	changes >got
	no grep -e "Put" -e "Suspend" got
'
sb 'an old one that grew meanwhile: the new one grows before it goes' '
	deploy 41
	fault "{\"action\":\"DescribeInstanceHealth\",\"nth\":3,\"effect\":\"delay\",\"delay_ms\":5000}"
	spec 42 "." | roll >out 2>err &
	while ! journal | grep -q "CreateAutoScalingGroup.*build-42"; do :; done
	sandbox_aws autoscaling update-auto-scaling-group --auto-scaling-group-name tmtt-build-41-development --max-size 3 --desired-capacity 3
	wait
	groups >got
	echo "tmtt-build-42-development 1 3 3" >want
	same want got
'

# ---- hold, keep, back

sb '--hold stops with both serving; without it the next run retires the old one' '
	deploy 41
	deploy 42 --hold
	groups >got
	lines 2 got
	deploy 42
	groups >got
	lines 1 got
	templates >got
	lines 1 got
'
sb '--keep 1 leaves the one retired last asleep, out of the balancer; the next drops it' '
	deploy 41
	deploy 42 --keep 1
	groups >got
	printf "%s\n" "tmtt-build-41-development 0 0 0" "tmtt-build-42-development 1 2 2" >want
	same want got
	state_is "$here.groups[\"tmtt-build-41-development\"] | .LoadBalancerNames == [] and .Instances == [] and ([.Tags[].Key] | index(\"sluice:retired\"))"
	deploy 22 --keep 1
	groups >got
	printf "%s\n" "tmtt-build-22-development 1 2 2" "tmtt-build-42-development 0 0 0" >want
	same want got
	templates >got
	lines 2 got
	deploy 22
	groups >got
	lines 1 got
	templates >got
	lines 1 got
'
sb 'roll back to a kept 41 and forward again, by --back and by running the pipeline again' '
	deploy 41
	deploy 42 --keep 1
	end_state >forward
	spec 42 | roll --back --keep 1 >out
	events out >got
	printf "%s\n" "restored tmtt-build-41-development" "healthy tmtt-build-41-development" \
		"deregistered tmtt-build-42-development" "drained tmtt-build-42-development" \
		"kept tmtt-build-42-development" "serving tmtt-build-41-development" >want
	same want got
	jq -s -e "last | .kind == \"asg\" and .name == \"tmtt-build-41-development\" and .image == \"ami-3db92b41\"" out
	groups >got
	printf "%s\n" "tmtt-build-41-development 1 2 2" "tmtt-build-42-development 0 0 0" >want
	same want got
	spec 42 | roll --back --to tmtt-build-42-development --keep 1 >out
	groups >got
	printf "%s\n" "tmtt-build-41-development 0 0 0" "tmtt-build-42-development 1 2 2" >want
	same want got
	deploy 41 --keep 1
	groups >got
	printf "%s\n" "tmtt-build-41-development 1 2 2" "tmtt-build-42-development 0 0 0" >want
	same want got
	deploy 42
	groups >got
	echo "tmtt-build-42-development 1 2 2" >want
	same want got
'
sb 'roll back by running pipeline 41 again, when it was not kept' '
	deploy 41
	deploy 42
	deploy 41
	groups >got
	echo "tmtt-build-41-development 1 2 2" >want
	same want got
	deploy 42
	groups >got
	echo "tmtt-build-42-development 1 2 2" >want
	same want got
'
sb '--back without a kept group is 79' '
	deploy 41
	forget
	spec 41 >in
	fails 79 roll --back <in
	says "there is no kept group of tmtt in development"
	fails 79 roll --back --to tmtt-build-40-development <in
	changes >got
	[ ! -s got ]
'
sb 'a kept group that does not become healthy goes back to sleep' '
	deploy 41
	deploy 42 --keep 1
	end_state >before
	behave "{\"images\":{\"ami-3db92b41\":{\"healthy\":false}}}"
	spec 42 >in
	fails 1 roll --back -t 2s --interval 20ms <in
	advance 7200
	end_state >after
	sed "s/by=[^ \"]*//" before >want
	sed "s/by=[^ \"]*//" after >got
	same want got
'
sb 'the capacity of the present group is brought back too' '
	deploy 41
	deploy 42 --keep 1
	sandbox_aws autoscaling update-auto-scaling-group --auto-scaling-group-name tmtt-build-42-development --max-size 5 --desired-capacity 4
	advance 600
	spec 42 | roll --back >out
	groups >got
	echo "tmtt-build-41-development 1 4 4" >want
	same want got
'

# ---- plans and guards

sb '-n says it all and changes nothing; one plan at the head makes the pipe dry' '
	deploy 41
	forget
	spec 42 >in
	roll -n <in >plan
	jq -r "select(.kind == \"plan\") | \"\(.action) \(.target) \(.name)\"" plan | sed "s/-[0-9a-f]\{12\}$//" >got
	cat >want <<-END
	create launch-template tmtt-build-42-development
	create asg tmtt-build-42-development
	delete asg tmtt-build-41-development
	delete launch-template tmtt-build-41-development
	END
	same want got
	tail -n 1 plan | jq -e ".kind == \"asg\" and .planned and .id == null and .instances == null"
	{ echo "{\"kind\":\"plan\",\"action\":\"create\"}"; cat in; } | roll >out
	jq -c ". + {planned:true}" in | roll >out
	changes >got
	[ ! -s got ]
	no grep -q canary plan
	fails 79 roll -n --max 0 <in
	fails 79 roll --max 1 <in
	fails 79 roll --expect 1 <in
	changes >got
	[ ! -s got ]
	roll --expect 2 <in >out
'
sb 'a plan that was reviewed is carried out; anything else is 79 and nothing is changed' '
	deploy 41
	spec 42 >in
	roll -n <in >plan
	forget
	roll --plan plan <in >out
	groups >got
	echo "tmtt-build-42-development 1 2 2" >want
	same want got
	roll --plan plan <in >out		# all is done
	spec 22 >in
	forget
	fails 79 roll --plan plan <in
	says "is not in the plan that was reviewed"
	changes >got
	[ ! -s got ]
	fails 66 roll --plan nowhere <in
	echo "{" >broken
	fails 65 roll --plan broken <in
'
sb 'a plan does not hold for an old group that was made again, or for one that grew' '
	deploy 41
	spec 42 >in
	roll -n <in >plan
	sandbox_aws autoscaling update-auto-scaling-group --auto-scaling-group-name tmtt-build-41-development --max-size 3 --desired-capacity 3
	forget
	fails 79 roll --plan plan <in
	changes >got
	[ ! -s got ]
'
done_testing
