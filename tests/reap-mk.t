#!/bin/sh
# SPDX-License-Identifier: ISC
# pipelines/reap.mk, as GoCD and Jenkins jobs run it every night, against the sandbox.
. "$(dirname "$0")/lib.sh"

t() {
	n=$((n + 1)); d=$scratch/$n; mkdir "$d"
	if in_case "$d" '. "$tests/sandbox.sh"
		export CLOUDS="aws digitalocean"
		mk() { make -s -f "$top/pipelines/reap.mk" RMFLAGS="--interval 1ms" "$@"; }
		status_is() { echo "$1" >want; same want state/test/status; }
		# droplet NAME RUN EXPIRES, in seconds since 1970
		droplet() {
			[ "$(sandbox_do POST /v2/droplets "{\"name\":\"$1\",\"region\":\"nyc3\",\"size\":\"s-1vcpu-1gb\",
				\"image\":\"debian-12-x64\",\"tags\":[\"sluice:run:$2\",\"sluice:expires:$3\"]}")" = 202 ]
		}
		# group REGION NAME RUN EXPIRES
		group() {
			jq -n "{GroupName: \"$2\", GroupDescription: \"x\", TagSpecification: [{ResourceType: \"security-group\",
				Tag: [{Key: \"sluice:run\", Value: \"$3\"}, {Key: \"sluice:expires\", Value: \"$4\"}]}]}" |
				aws-call -q -r "$1" ec2 CreateSecurityGroup >answer
		}
		left() {
			{ do-droplets list | jq -r .name; for region in us-west-2 eu-west-1; do
				aws-call -q -r $region ec2 DescribeSecurityGroups </dev/null | jq -r ".securityGroupInfo[].groupName"
			done; } | grep old | sort | xargs
		}
		start_sandbox
		droplet old-droplet r1 1577836800
		droplet told-to-stay r2 4070908800
		group us-west-2 old-group r1 2020-01-01T00:00:00Z
		group eu-west-1 cold-group r2 2020-01-01T00:00:00Z
		advance 60
		forget
		'"$2" >"$d.log" 2>&1 </dev/null
	then echo "ok $n - $1"
	else failed "$1"
	fi
}

t 'help names every target, and asks nobody' '
	mk >out
	for target in list plan reap; do grep -q "^$target" out; done
	[ ! -e state ]; [ "$(requests)" = 0 ]
'
t 'list is a table, plan a Markdown one; both change nothing' '
	mk list >out
	grep -q "^old-droplet .*nyc3" out
	grep -q "eu-west-1 .*cold-group" out
	no grep told-to-stay out
	mk plan >out
	grep -q "^| delete | instance .*old-droplet" out
	[ -z "$(changes)" ]
	status_is 0
	jq -s -e "map(select(.kind == \"plan\")) | length == 3" state/test/plan.json
'
t 'reap removes what has expired in all clouds and regions; again there is nothing, and that is 0' '
	mk reap >out
	grep -q "deleted .*old-droplet" out
	[ "$(left)" = told-to-stay ]
	status_is 0
	forget
	mk reap >out
	[ -z "$(changes)" ]; status_is 0
	[ -s state/test/reap.json ]
'
t 'a run of any name is a name, to make and to the shell' '
	unset SLUICE_RUN
	BUILD_TAG="it'\''s \$(touch pwned) \$\$(shell touch pwned) \$(shell touch pwned)" mk plan >out
	mk plan RUN="\$\$(shell touch pwned)'\''\`touch pwned\`" >out
	[ ! -e pwned ]
	ls state | lines 2 /dev/stdin
'
t 'more than MAX is 79, and nothing is removed' '
	fails 2 mk reap MAX=2
	status_is 79
	[ -z "$(changes)" ]
	[ -s state/test/reap.failed.json ]; [ ! -e state/test/reap.json ]
'
t 'LEFT is one run, whatever somebody typed' '
	LEFT=r2 mk reap >out
	[ "$(left)" = "old-droplet old-group" ]
	export LEFT="r1'\''; touch oops; \$(touch oops) \$(shell touch oops)"
	mk reap >out
	[ ! -e oops ]
	[ "$(left)" = "old-droplet old-group" ]
'
t 'only the regions and clouds that are named; a plan is all that happens' '
	mk plan REGIONS=us-west-2 CLOUDS=aws >out
	cp state/test/plan.json approved.json
	fails 2 mk reap PLAN=approved.json
	status_is 79; [ -z "$(changes)" ]
	mk reap REGIONS=us-west-2 CLOUDS=aws PLAN=approved.json >out
	[ "$(left)" = "cold-group old-droplet told-to-stay" ]
	fails 2 mk reap PLAN=none.json
	status_is 66
'
t 'a region that cannot be read fails the job, and the others are reaped' '
	fault "{\"region\":\"eu-west-1\",\"action\":\"DescribeSecurityGroups\",\"effect\":\"status\",\"status\":403,\"code\":\"UnauthorizedOperation\"}"
	fails 2 mk reap
	no_faults
	[ "$(left)" = "cold-group told-to-stay" ]
	jq -s -e "any(.kind == \"target\" and .region == \"eu-west-1\" and .error)" state/test/reap.failed.json
	no status_is 0
'
t 'a step that dies removes nothing; one step swapped by hand' '
	fails 2 mk reap REAP_LIST="head -c 40"
	status_is 76; [ -z "$(changes)" ]
	printf "%s\n" "#!/bin/sh" "run-reap list \"\$@\" | head -n 1" >dies
	chmod +x dies
	fails 2 mk reap REAP_LIST=./dies
	status_is 76; [ -z "$(changes)" ]
	mk reap SELECT="rec-seal jq -c \"select(.run != \\\"r1\\\")\"" >out
	[ "$(left)" = "old-droplet old-group told-to-stay" ]
'
t 'what the GoCD pipeline and the Jenkinsfile run, runs' '
	export REAP_MK="$top/pipelines/reap.mk" TARGET=reap REGIONS=all MAX=50 LEFT= RMFLAGS="--interval 1ms"
	sed -n "s/^ *sh '\''\\(make .*\\)'\''\$/\\1/p" "$top/pipelines/Jenkinsfile.reap" >commands
	sed -n "s/.*\"\\(make -f .*\\)\".*/\\1/p" "$top/pipelines/gocd/reap.gocd.yaml" | tr -d "\\\\" >>commands
	lines 3 commands
	while read -r command; do
		sh -xec "$command" </dev/null >out 2>err || { cat err; exit 1; }
	done <commands
	[ "$(left)" = told-to-stay ]
	for name in CLOUDS REGIONS MAX REAP_MK; do
		grep -q "^ *$name" "$top/pipelines/Jenkinsfile.reap"; grep -q "^ *$name" "$top/pipelines/gocd/reap.gocd.yaml"
	done
'
t 'recorded, it replays in an empty environment, without the clouds, to the same bytes' '
	SLUICE_TRACE=trace mk plan >want.out
	mv state/test want
	stop_sandbox
	env -i PATH="$PATH" CLOUDS="$CLOUDS" RUN=test SLUICE_REPLAY=trace make -s -f "$top/pipelines/reap.mk" plan RMFLAGS="--interval 1ms" >got.out
	same want.out got.out
	diff -r want state/test
'
done_testing
