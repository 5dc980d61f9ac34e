#!/bin/sh
# SPDX-License-Identifier: ISC
# pipelines/asg.mk, as GoCD and Jenkins jobs run it, against the sandbox.
. "$(dirname "$0")/lib.sh"
. "$tests/aws-one.sh"; share_aws_cli

# The environment of a job, in each case.
t() {
	n=$((n + 1)); d=$scratch/$n; mkdir "$d"
	if in_case "$d" '. "$tests/sandbox.sh"
		export NAME=tmtt AMI_ENV=development AMI_REGION=us-west-2 AMI_AZ=us-west-2a
		export AMI_INSTANCE_TYPE=m1.medium AMI_USER=tmtt AMI_ACCESS_KEY_ID=AKIDONTHEBOX
		export AMI_SECRET_ACCESS_KEY=canary-secret-key ROLLFLAGS="-q --interval 1ms"
		mk() { make -s -f "$top/pipelines/asg.mk" "$@"; }
		built() { echo "{\"ami\":\"ami-3db92b$1\",\"build\":\"21\"}" >baseami.json; export AMI_BUILD="$2"; }
		start_sandbox
		built 0d 21
		'"$2" >"$d.log" 2>&1 </dev/null
	then echo "ok $n - $1"
	else failed "$1"
	fi
}

t 'help names every target, and needs no baseami.json' '
	rm baseami.json
	mk >out
	for target in plan deploy healthy rollback list delete; do grep -q "^$target" out; done
'
t 'plan changes nothing and shows a Markdown table' '
	mk plan >out
	grep -q "^| create | asg  *| tmtt-build-21-development" out
	[ -z "$(changes)" ]
	jq -e -s "any(.kind == \"plan\")" state/tmtt-development-21/plan.json
'
t 'deploy, deploy the next: one group, in its state the records, status 0' '
	mk deploy >out
	built 22 22
	mk deploy >out
	sandbox_aws autoscaling describe-auto-scaling-groups >groups
	jq -r ".AutoScalingGroups[].AutoScalingGroupName" groups >got
	echo tmtt-build-22-development >want
	same want got
	echo 0 >want
	same want state/tmtt-development-22/status
	jq -e -s ".[-1].kind == \"end\" and .[-2].kind == \"asg\" and .[-2].name == \"tmtt-build-22-development\"" \
		state/tmtt-development-22/deploy.json
	ls -A state/tmtt-development-22 >got
	printf "%s\n" deploy.json spec.json status >want
	same want got
'
t 'deploy twice changes nothing the second time' '
	mk deploy >out
	forget
	mk deploy >out
	[ -z "$(changes)" ]
'
t 'a reviewed plan is what happens; after somebody else it is 79 and nothing' '
	mk plan >out
	cp state/tmtt-development-21/plan.json approved.json
	mk deploy PLAN=approved.json >out
	built 22 22
	mk plan >out
	cp state/tmtt-development-22/plan.json approved.json
	sandbox_aws autoscaling update-auto-scaling-group --auto-scaling-group-name tmtt-build-21-development \
		--desired-capacity 3 --max-size 3
	forget
	fails 2 mk deploy PLAN=approved.json
	[ -z "$(changes)" ]
	echo 79 >want
	same want state/tmtt-development-22/status
	[ -s state/tmtt-development-22/deploy.failed.json ]
	no test -e state/tmtt-development-22/deploy.json
	mk plan >out
	mk deploy PLAN=state/tmtt-development-22/plan.json >out
	echo 0 >want
	same want state/tmtt-development-22/status
	no test -e state/tmtt-development-22/deploy.failed.json
'
t 'everything that is missing is named at once, 78' '
	unset NAME AMI_USER
	fails 2 mk deploy
	says "not set: NAME (or APP_NAME), AMI_USER"
	echo 78 >want
	same want state/unknown/status
'
t 'a filter that dies before asg-roll changes nothing' '
	fails 2 mk deploy BOOT_SCRIPT="head -c 40"
	[ -z "$(changes)" ]
	printf "%s\n" "#!/bin/sh" "head -n 1" "kill -9 \$\$" >dies
	chmod +x dies
	fails 2 mk deploy BOOT_SCRIPT=./dies
	[ -z "$(changes)" ]
	echo 76 >want
	same want state/tmtt-development-21/status
'
t 'one step swapped by hand' '
	mk deploy BOOT_SCRIPT="rec-seal jq -c \".user_data = \\\"#!/bin/sh\\\"\"" >out
	template=$(state | jq -r '\''.state.accounts["123456789012"].regions["us-west-2"].templates[].launchTemplateName'\'')
	sandbox_aws ec2 describe-launch-template-versions --launch-template-name "$template" >versions
	jq -r ".LaunchTemplateVersions[0].LaunchTemplateData.UserData | @base64d" versions >got
	echo "#!/bin/sh" >want
	same want got
	mk deploy ASG_SPEC="cat state/tmtt-development-21/spec.json" BOOT_SCRIPT="rec-seal jq -c \".user_data = \\\"#!/bin/sh\\\"\"" >out
'
t 'healthy holds with both serving; deploy finishes' '
	mk deploy >out
	built 22 22
	mk healthy >out
	state_is '\''.state.accounts["123456789012"].regions["us-west-2"].groups | length == 2'\''
	mk deploy >out
	state_is '\''.state.accounts["123456789012"].regions["us-west-2"].groups | length == 1'\''
'
t 'rollback: 79 without a kept group, else it serves again' '
	mk deploy >out
	fails 2 mk rollback
	echo 79 >want
	same want state/tmtt-development-21/status
	built 22 22
	mk deploy KEEP=1 >out
	mk list >out
	lines 3 out
	mk rollback TO=tmtt-build-21-development >out
	mk list >out
	lines 2 out
	grep -q "^tmtt-build-21-development .*1/1" out
'
t 'delete takes a name, and only one' '
	mk deploy >out
	fails 2 mk delete
	fails 2 mk delete ASG=other
	mk delete ASG=tmtt-build-21-development
	state_is '\''.state.accounts["123456789012"].regions["us-west-2"].groups | length == 0'\''
'
t 'the keys are in the user data, and in no file, trace or argument' '
	: >argv
	watch=
	# leaks cannot be looked for under a tracer
	if command -v strace >found; then watch="strace -f -qq -s 100000 -e trace=execve -o argv"; export ASAN_OPTIONS=detect_leaks=0; fi
	SLUICE_TRACE=trace $watch make -s -f "$top/pipelines/asg.mk" deploy >out 2>err
	for form in canary-secret-key canary%2Dsecret 63616e6172792d73656372 Y2FuYXJ5LXNlY3Jld NhbmFyeS1zZWNyZXQta jYW5hcnktc2VjcmV0LW; do
		no grep -rqi -e "$form" state trace out err argv
	done
	state >sandbox.state
	grep -q canary-secret-key sandbox.state || jq -r ".. | strings" sandbox.state | grep -q Y2FuYXJ5LXNlY3Jld ||
		jq -r ".. | .UserData? // .userData? // empty" sandbox.state | base64 -d | grep -q canary-secret-key
'
t 'recorded, it replays in an empty environment, without the cloud, to the same bytes' '
	mk deploy >out
	built 22 22
	SLUICE_TRACE=trace mk deploy >want.out
	mv state/tmtt-development-22 want
	stop_sandbox
	ln -s "$top/pipelines/asg.mk" asg.mk
	env -i PATH="$PATH" SLUICE_REPLAY=trace make -s -f asg.mk deploy ROLLFLAGS="$ROLLFLAGS" >got.out
	same want.out got.out
	diff -r want state/tmtt-development-22
'
t 'what the GoCD pipeline and the Jenkinsfile run, runs' '
	export ASG_MK="$top/pipelines/asg.mk" BUILD_NUMBER=21
	sed -n "s/^ *sh '\''\\(make .*\\)'\''\$/\\1/p" "$top/pipelines/Jenkinsfile" >commands
	sed -n "s/.*\"\\(make -f .*\\)\".*/\\1/p" "$top/pipelines/gocd/asg.gocd.yaml" | tr -d "\\\\" >>commands
	lines 5 commands
	mkdir approved
	mk plan >out
	cp state/tmtt-development-21/plan.json approved/
	while read -r command; do
		sh -xec "$command" </dev/null >out 2>err || { cat err; exit 1; }
	done <commands
	state_is '\''.state.accounts["123456789012"].regions["us-west-2"].groups | length == 1'\''
'
done_testing
