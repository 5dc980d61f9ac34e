#!/bin/sh
# SPDX-License-Identifier: ISC
# asg-roll on the sandbox: deployments, what goes wrong in them, and roll back.
. "$(dirname "$0")/lib.sh"
. "$tests/aws-one.sh"; share_aws_cli

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
		".min_size = \"1\"" ".min_size = 3" ".max_size = -1" ".grace_seconds = 86401" ".user_data = 7" ".health_check = \"X\"" \
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
	spec 42 ".grace_seconds = 86400" >in	# nothing is replaced, else the last look may see a new one
	fails 1 roll -t 4s --interval 20ms <in
	says "is not healthy after 4 s: i-[0-9a-f]* is OutOfService in load balancer .tmtt-development."
	jq -s -e "last | .kind == \"asg\" and .error.status == 1 and .error.code == \"not-healthy\" and .id == null" out
	journal | jq -r "select(.changed) | .action" >got
	printf "%s\n" CreateLaunchTemplate CreateAutoScalingGroup DeleteAutoScalingGroup DeleteLaunchTemplate >want
	same want got
	advance 7200
	end_state >after
	same before after
'
sb 'a conflict that came up after the review is 79, nothing is changed' '
	deploy 41
	spec 42 >in
	roll -n <in >plan
	spec 42 ".image = \"ami-3db92b22\"" | roll --hold >out 2>err
	forget
	fails 79 roll --plan plan <in
	[ -z "$(changes)" ]
	fails 1 roll <in
	[ -z "$(changes)" ]
'
sb 'an instance profile is looked for before anything is made' '
	spec 42 ".instance_profile = \"nobody\"" >in
	fails 69 roll <in
	says "nobody"
	[ -z "$(changes)" ]
	spec 42 ".instance_profile = \"tmtt\"" >in
	roll <in >out 2>err
	state_is '\''.state.accounts["123456789012"].regions["us-west-2"].groups | length == 1'\''
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

sb 'capacity, policies, schedule, hooks, notifications, suspended processes and tags are taken over' '
	deploy 41
	settings 41
	deploy 42
	groups >got
	echo "tmtt-build-42-development 1 4 4" >want
	same want got
	group=tmtt-build-42-development
	sandbox_aws autoscaling describe-policies --auto-scaling-group-name $group | jq -e ".ScalingPolicies[0] | .PolicyName == \"cpu\" and .TargetTrackingConfiguration.TargetValue == 50"
	sandbox_aws autoscaling describe-scheduled-actions --auto-scaling-group-name $group | jq -e ".ScheduledUpdateGroupActions[0] | .ScheduledActionName == \"night\" and .Recurrence == \"0 22 * * *\" and .MaxSize == 9"
	sandbox_aws autoscaling describe-lifecycle-hooks --auto-scaling-group-name $group | jq -e ".LifecycleHooks[0] | .LifecycleHookName == \"bye\" and .HeartbeatTimeout == 60"
	sandbox_aws autoscaling describe-notification-configurations --auto-scaling-group-names $group | jq -e ".NotificationConfigurations | length == 2"
	sandbox_aws autoscaling describe-auto-scaling-groups | jq -e ".AutoScalingGroups[0] | ([.SuspendedProcesses[].ProcessName] == [\"AZRebalance\"]) and ([.Tags[] | select(.Key == \"owner\")][0] | .Value == \"ops\" and .PropagateAtLaunch)"
	journal | jq -e "select(.action == \"CreateAutoScalingGroup\") | .params.LifecycleHookSpecificationList[0].LifecycleHookName" | grep bye
'
sb '--fresh takes none of it' '
	deploy 41
	settings 41
	forget
	deploy 42 --fresh
	groups >got
	echo "tmtt-build-42-development 1 2 2" >want
	same want got
	changes >got
	no grep -e "Put" -e "Suspend" got
'
sb 'an old one that grew meanwhile: the new one grows before it goes' '
	deploy 41
	fault "{\"action\":\"DescribeInstanceHealth\",\"nth\":3,\"effect\":\"delay\",\"delay_ms\":5000}"
	spec 42 "." | roll >out 2>err &
	until_so was_asked "CreateAutoScalingGroup.*build-42"
	sandbox_aws autoscaling update-auto-scaling-group --auto-scaling-group-name tmtt-build-41-development --max-size 3 --desired-capacity 3
	wait
	groups >got
	echo "tmtt-build-42-development 1 3 3" >want
	same want got
'

# ---- the new one falls ill while the old ones drain

# roll_to BUILD OPTION …: in the background, stopped where the old ones have just drained
drains='
	roll_to() {
		spec "$1" ".grace_seconds = 86400" >in; shift
		behave "{\"phases\":{\"drain\":3000}}"
		asg-roll --interval 20ms "$@" <in >out 2>err & pid=$!
		until_so grep -q "\"deregistered\".*build-41" out || { cat out err; return 1; }
		kill -STOP $pid
		advance 3000
	}
	goes_on() { kill -CONT $pid; rc=0; wait $pid || rc=$?; [ $rc -eq 1 ]; }
'
sb 'they are put back as they were, those that slept sleep on, and the new one goes' "$drains"'
	deploy 21
	deploy 41 --keep 2
	advance 7200
	end_state >before
	roll_to 42 --keep 2 -t 2s
	behave "{\"images\":{\"ami-3db92b42\":{\"healthy\":false}}}"
	goes_on
	says "asg .tmtt-build-42-development. is not healthy after 2 s: i-[0-9a-f]* is OutOfService"
	events out | sed "1,/^drained/d" >got
	cat >want <<-END
	reinstated tmtt-build-41-development
	deleted tmtt-build-42-development
	deleted tmtt-build-42-development
	END
	same want got
	advance 7200
	end_state >after
	same before after
'
sb 'they are put back when somebody deleted the new one' "$drains"'
	deploy 41
	advance 7200
	end_state >before
	roll_to 42
	sandbox_aws autoscaling delete-auto-scaling-group --auto-scaling-group-name tmtt-build-42-development --force-delete
	goes_on
	says "was deleted meanwhile\|is being deleted"
	advance 7200
	end_state | jq .groups >after
	jq .groups before >before.groups
	same before.groups after
'
sb 'what cannot be put back is named, and the new one stays' "$drains"'
	deploy 41
	roll_to 42 -t 2s
	behave "{\"images\":{\"ami-3db92b42\":{\"healthy\":false}}}"
	fault "{\"action\":\"AttachLoadBalancers\",\"effect\":\"status\",\"status\":400,\"code\":\"AccessDenied\",\"message\":\"no rights\"}"
	goes_on
	says "cannot put .tmtt-build-41-development. back into service: .*no rights"
	says "tmtt-build-42-development. stays as it is"
	groups >got
	printf "%s\n" "tmtt-build-41-development 1 2 2" "tmtt-build-42-development 1 2 2" >want
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

# ---- the world as it is

sb 'an old group from a launch configuration: both go, and a template of others stays' '
	sandbox_aws autoscaling create-launch-configuration --launch-configuration-name old-lc --image-id ami-3db92b0d --instance-type t3.micro
	sandbox_aws autoscaling create-auto-scaling-group --auto-scaling-group-name tmtt-build-7-development --launch-configuration-name old-lc \
		--min-size 1 --max-size 1 --availability-zones us-west-2a --load-balancer-names tmtt-development \
		--tags Key=server,Value=tmtt,PropagateAtLaunch=true Key=env,Value=development,PropagateAtLaunch=true
	sandbox_aws ec2 create-launch-template --launch-template-name theirs --launch-template-data "{\"ImageId\":\"ami-3db92b0d\"}" >made
	advance 600
	deploy 21
	groups >got
	echo "tmtt-build-21-development 1 2 2" >want
	same want got
	sandbox_aws autoscaling describe-launch-configurations | jq -e ".LaunchConfigurations == []"
	templates >got
	printf "%s\n" theirs tmtt-build-21-development >want
	same want got
'
sb 'lists that lag, small pages' '
	sandbox_call POST clock "{\"tick\":1}" >clock
	behave "{\"lag\":4,\"page_size\":1}"
	deploy 41
	deploy 42 --keep 1
	spec 42 >in
	roll --back <in >out
	groups >got
	echo "tmtt-build-41-development 1 2 2" >want
	same want got
'
sb 'throttling is waited out; when it does not end, 75, and the same command goes on' '
	deploy 41
	behave "{\"throttle\":{\"*\":{\"burst\":20,\"rate\":40,\"status\":400,\"code\":\"Throttling\"}}}"
	deploy 42
	behave "{\"throttle\":{\"*\":null,\"DetachLoadBalancers\":{\"burst\":0,\"rate\":0,\"status\":400,\"code\":\"Throttling\"}}}"
	spec 22 >in
	fails 75 env AWS_MAX_ATTEMPTS=2 asg-roll -q --interval 1ms <in
	says "the same command goes on with it"
	behave "{\"throttle\":{\"DetachLoadBalancers\":null}}"
	roll <in >out
	groups >got
	echo "tmtt-build-22-development 1 2 2" >want
	same want got
'
sb 'the service refuses: 69 for a refusal, 77 for rights' '
	spec 21 >in
	fault "{\"action\":\"CreateAutoScalingGroup\",\"effect\":\"status\",\"status\":400,\"code\":\"LimitExceeded\",\"message\":\"too many groups\"}"
	fails 69 roll <in
	says "cannot create asg .tmtt-build-21-development.: .*too many groups"
	jq -s -e "last.error | .code == \"LimitExceeded\" and .operation == \"CreateAutoScalingGroup\" and (.request_id | length > 0)" out
	no_faults
	fails 77 env AWS_ACCESS_KEY_ID=AKIDNORIGHTS AWS_SECRET_ACCESS_KEY=norights-secret-key asg-roll -q <in
	fails 79 env SLUICE_ACCOUNT=999999999999 asg-roll -q <in
	roll <in >out
'
sb 'an answer that is garbage, or none, in a wait does not end it' '
	deploy 41
	fault "[{\"action\":\"DescribeInstanceHealth\",\"nth\":2,\"effect\":\"reset-before\"},{\"action\":\"DescribeAutoScalingGroups\",\"nth\":4,\"effect\":\"reset-before\"}]"
	deploy 42
	groups >got
	lines 1 got
'
sb 'the live line of a terminal shows no secret either' '
	spec 42 >in
	fault "{\"action\":\"DescribeInstanceHealth\",\"nth\":1,\"effect\":\"status\",\"status\":503,\"code\":\"Busy\",\"message\":\"with sandbox-secret-key\"}"
	AWS_MAX_ATTEMPTS=1 script -qec "asg-roll --interval 1ms <in >out" typescript </dev/null >seen
	grep -q "with \*\*\*" typescript
	no grep -q sandbox-secret-key typescript
'
sb 'SIGTERM: within 4 seconds, the record marked, and the same command goes on' '
	deploy 41
	behave "{\"load_balancers\":{\"tmtt-development\":{\"unhealthy_for\":100000}}}"
	spec 42 >in
	asg-roll --interval 30s <in >out 2>err & pid=$!
	until_so grep -q OutOfService err
	kill -TERM $pid
	rc=0; wait $pid || rc=$?
	[ $rc -eq 143 ]
	says "the same command goes on with it"
	tail -n 1 out | jq -e ".kind == \"asg\" and .error.status == 143"
	behave "{\"load_balancers\":{\"tmtt-development\":{\"unhealthy_for\":0}}}"
	roll <in >out
	groups >got
	echo "tmtt-build-42-development 1 2 2" >want
	same want got
'
sb 'a reader that goes away: the deployment is finished, then SIGPIPE' '
	deploy 41
	spec 42 >in
	{ rc=0; roll <in || rc=$?; echo $rc >status; } | head -n 1 >first
	[ "$(cat status)" = 141 ]
	groups >got
	echo "tmtt-build-42-development 1 2 2" >want
	same want got
'
sb 'a sealed input that is not whole changes nothing, 76' '
	spec 21 >in
	export SLUICE_SEAL=1
	rc=0; cat in | roll >out 2>err || rc=$?
	[ $rc -eq 76 ]
	jq -e ".kind == \"asg\" and .error.status == 76 and (has(\"user_data\") | not)" out
	[ "$(requests)" -eq 0 ]
	{ cat in; echo "{\"kind\":\"end\",\"filter\":\"x\",\"records\":1,\"failed\":0}"; } | roll >out
	tail -n 1 out | jq -e ".kind == \"end\" and .filter == \"asg-roll\" and .failed == 0"
'
sb 'recorded and replayed: the same bytes, without network, keys or the user data itself' '
	deploy 41
	spec 42 >in
	SLUICE_TRACE=$PWD/trace asg-roll --interval 1ms <in >want 2>want.err
	no grep -r canary trace
	jq -c ".user_data = \"another\"" in >other
	unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	stop_sandbox
	SLUICE_REPLAY=$PWD/trace asg-roll --interval 1ms <in >got 2>got.err
	same want got
	same want.err got.err
'

# ---- two at once

sb 'two that began at the same moment: neither retires the other, the next retires both' '
	deploy 21
	spec 41 >one; spec 42 >two
	fault "{\"action\":\"CreateLaunchTemplate\",\"params\":\"build-41\",\"nth\":1,\"effect\":\"delay\",\"delay_ms\":2000}"
	forget
	roll <one >one.out 2>one.err & pid=$!
	until_so was_asked CreateLaunchTemplate
	roll <two >two.out 2>two.err
	wait $pid
	groups >got
	printf "%s\n" "tmtt-build-41-development 1 2 2" "tmtt-build-42-development 1 2 2" >want
	same want got
	deploy 22
	groups >got
	echo "tmtt-build-22-development 1 2 2" >want
	same want got
	templates >got
	lines 1 got
'
sb 'one that began later retires the other, which sees that: 1, superseded' '
	deploy 21
	behave "{\"images\":{\"ami-3db92b41\":{\"healthy\":false}}}"
	spec 41 >one
	asg-roll -q --interval 10ms <one >one.out 2>one.err & pid=$!
	until_so was_asked "CreateAutoScalingGroup.*build-41"
	deploy 42
	rc=0; wait $pid || rc=$?
	[ $rc -eq 1 ]
	tail -n 1 one.out | jq -e ".error.code == \"superseded\""
	groups >got
	echo "tmtt-build-42-development 1 2 2" >want
	same want got
'
sb 'what a killed run was to retire is remembered: what was made since stays' '
	deploy 21
	spec 41 >one
	fault "{\"action\":\"CreateAutoScalingGroup\",\"nth\":1,\"effect\":\"kill\"}"
	fails 137 roll <one
	no_faults
	spec 42 ".tags.env = \"x\"" | roll >out	# made since, then put into our place
	sandbox_aws autoscaling create-or-update-tags --tags ResourceId=tmtt-build-42-development,ResourceType=auto-scaling-group,Key=env,Value=development,PropagateAtLaunch=true
	roll <one >out
	groups >got
	printf "%s\n" "tmtt-build-41-development 1 2 2" "tmtt-build-42-development 1 2 2" >want
	same want got
'
done_testing
