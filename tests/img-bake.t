#!/bin/sh
# SPDX-License-Identifier: ISC
# img-bake's steps on the sandbox, without logging in to the machines: what they ask of the clouds.
. "$(dirname "$0")/lib.sh"

words='
	. "$tests/sandbox.sh"
	bake() {			# bake NAME [MEMBERS]
		jq -cn --arg name "$1" "{kind: \"bake\", name: \$name, provider: \"aws\", region: \"us-west-2\",
			distribution: \"debian12\", source: {owner: \"136693071363\", name: \"debian-12-amd64*\"},
			instance_types: [\"t3.micro\"], username: \"admin\", image_name: \"\(\$name)-1\", run: \"r1\",
			tags: {os: \"debian\"}} + ${2:-{\}}"
	}
	droplet() { bake "$1" "{provider: \"digitalocean\", region: \"nyc3\", source_image: \"debian-12-x64\",
		source: null, instance_types: [\"s-1vcpu-1gb\"]} + ${2:-{\}}"; }
	up() { img-bake up --no-ssh --interval 20ms --lag 0 "$@"; }
	image() { img-bake create-image --no-ssh --interval 20ms "$@"; }
	destroy() { img-bake destroy --interval 20ms --lag 0 "$@"; }
	left() { state_is "[.. | objects | select(has(\"instanceState\")) | select(.instanceState.name != \"terminated\")] == []"; }
	fast() { start_sandbox --speed 1000; }
'
for cloud in bake droplet; do
	t "$cloud: a machine, its image, and nothing else is left" "$words"'
		fast
		'$cloud' one | up >up; '$cloud' one >spec
		jq -es "map(select(.kind == \"bake\"))[0] | .instance.status == \"active\" and .ssh.host and
			.steps[0].step == \"up\" and .steps[0].outcome == \"done\"" up >got || { cat up; exit 1; }
		image <up >image 2>err
		id=$(jq -r "select(.kind == \"image\") | .id" image)
		says "^created server image: $id\$"
		jq -es "map(select(.kind == \"image\"))[0] | .state == \"available\" and .name == \"one-1\" and
			.distribution == \"debian12\" and .tags.os == \"debian\" and .run == \"r1\"" image >got || { cat image; exit 1; }
		destroy <image >end
		jq -es "map(select(.kind == \"bake\"))[0].instance.status == \"gone\"" end >got || { cat end; exit 1; }
		[ ! -e .sluice ]
		journal | jq -r "select(.changed) | .action" | sort >did
		grep -Eq "DeleteKeyPair|sshKeys_delete" did
	'
	t "$cloud: each step run again changes nothing" "$words"'
		fast
		'$cloud' one | up >up 2>err; forget
		up <up >again 2>err; [ -z "$(changes)" ]
		image <up >image 2>err; forget
		image <image >again 2>err; [ -z "$(changes)" ]
		jq -cS "select(.kind != \"event\")" image >want; jq -cS "select(.kind != \"event\")" again >got; same want got
		destroy <image >end 2>err; forget
		destroy <end >again 2>err; [ -z "$(changes)" ]
	'
	t "$cloud: up that was killed after each of its requests is finished by another" "$words"'
		'$cloud' one >spec
		n=0
		while :; do
			fast; n=$((n + 1)); rm -rf .sluice
			fault "{\"nth\": $n, \"effect\": \"kill\"}"
			rc=0; up -f spec >killed 2>err || rc=$?
			[ $rc -eq 137 ] || break
			no_faults
			img-bake up --no-ssh --interval 20ms --lag 200ms -f spec >up 2>err || { cat err; echo "after request $n"; exit 1; }
			destroy <up >end 2>err
			left || { echo "left after request $n"; exit 1; }
			stop_sandbox
			[ $n -lt 40 ]
		done
		[ $n -gt 5 ]
	'
done
t 'usage: no step, a wrong step, options of other steps, an empty operand' '
	fails 64 img-bake; says "what to do"
	fails 64 img-bake bake; says "no step"
	fails 64 img-bake down --force; says "fewer options"
	fails 64 img-bake bootstrap ""; says empty
	fails 64 img-bake bootstrap -e "$(printf "\366")" x; says "not UTF-8"
	fails 64 img-bake bootstrap -F "" x; says "empty"
	fails 64 img-bake up x
	fails 64 img-bake ssh; says "needs -f"
'
t 'what is wrong with a record stops everything' "$words"'
	fast
	bake one | jq -c "del(.instance_types)" >in; fails 65 up <in; says "one: no instance_types"
	bake one "{provider: \"nimbus\"}" >in; fails 65 up <in; says "no cloud: .nimbus"
	bake one "{zones: \"a\"}" >in; fails 65 up <in; says "zones.*array of texts"
	{ bake one; bake two "{username: null}"; } >in; fails 65 img-bake up <in; says "two: no username"
	jq -r .error.code out >got; printf "not-attempted\nincomplete\n" >want; same want got
	echo "{\"kind\": \"bake\"" >in; fails 65 up <in; says "<stdin>:"
	[ -z "$(changes)" ]
'
t 'empty input, other records, numbers kept as they are written' "$words"'
	fast
	: | up >out; [ ! -s out ]
	echo "{\"kind\":\"x\",\"n\":0.10000,\"m\":1e2}" | up >out; printf "%s\n" "{\"kind\":\"x\",\"n\":0.10000,\"m\":1e2}" >want; same want out
'
t 'two that begin at once have one key' "$words"'
	fast
	stand_in ssh-keygen <<-END
	[ -e first ] || { : >first; until [ -e go ]; do sleep 0.05; done; }
	exec $(command -v ssh-keygen) "\$@"
	END
	bake one >spec
	up <spec >one 2>one.err & first=$!
	until_so [ -e first ]
	up <spec >two 2>two.err & second=$!
	sleep 0.5; : >go; wait $first; wait $second
	for record in one two; do jq -r "select(.kind == \"bake\") | .temporary.public_key" $record; done >keys
	ssh-keygen -y -f .sluice/*.pem | cut -d" " -f 1,2 >key; cat key key >want; same want keys
'
t 'in place: the file is the state, also when a step fails' "$words"'
	fast
	bake one >state.json; chmod 640 state.json; mkdir link; ln -s ../state.json link/state.json
	up -i link/state.json >out 2>err; [ ! -s out ]; [ -L link/state.json ]
	[ "$(stat -c %a state.json)" = 640 ]
	jq -e ".instance.status == \"active\"" state.json >got
	fails 66 img-bake bootstrap -i state.json ./none; says none
	fails 66 destroy -i state.json # the status of what failed before
	jq -e ".instance.status == \"gone\"" state.json >got
'
t 'a dry run changes nothing and makes the steps behind it dry' "$words"'
	fast
	bake one | up -n >plan 2>err
	jq -es "map(select(.kind == \"plan\")) | length == 1 and .[0].action == \"create\"" plan >got
	image <plan >more 2>err
	jq -es "map(select(.kind == \"plan\" and .target == \"image\")) | length == 1" more >got || { cat more; exit 1; }
	[ -z "$(changes)" ]
'
t 'who runs a failed step again, or the next one, is told what to do' "$words"'
	fast
	bake one "{source: null, source_image: \"ami-00000000000000bad\"}" >in
	no img-bake up --no-ssh -i in 2>err; says "ami-00000000000000bad"
	forget; no img-bake up --no-ssh -i in 2>err; says "img-bake up failed before: .*ami-00000000000000bad.*; --again takes it up"
	no image -f in 2>err >out; says "nothing is done, since img-bake up failed before: .*bad"; no grep -e again err
	no image <in 2>err >out; [ ! -s err ]; [ -z "$(changes)" ]
'
t 'no room in a zone: the next one, then the next type' "$words"'
	fast
	behave "{\"capacity\": {\"*\": [\"t3.micro\"]}}"
	bake one "{zones: [\"us-west-2a\", \"us-west-2b\"], instance_types: [\"t3.micro\", \"t3.small\"]}" | up >up 2>err
	jq -es "map(select(.kind == \"bake\"))[0].instance.size == \"t3.small\"" up >got || { cat up err; exit 1; }
'
t 'destroy does not touch a machine that has no expiry' "$words"'
	fast
	sandbox_aws ec2 run-instances --image-id "$(ami-find -o 136693071363 "debian-12-amd64*" | jq -r .id)" --instance-type t3.micro >ran
	id=$(jq -r ".Instances[0].InstanceId" ran); forget
	bake one "{instance: {id: \"$id\", kind: \"instance\", provider: \"aws\"}}" >in
	fails 79 destroy <in; says "no expiry"
	[ -z "$(changes)" ]
'
t 'DigitalOcean: a snapshot that was not tagged in time, of a machine that is gone, is found all the same' "$words"'
	fast
	droplet one | up >up 2>err
	fault "{\"action\": \"tags_assign_resources\", \"nth\": 1, \"effect\": \"kill-before\"}"
	rc=0; image <up >killed 2>err || rc=$?; [ $rc -eq 137 ]
	no_faults
	destroy <up >end 2>err
	forget
	image <up >image 2>err
	jq -es "map(select(.kind == \"image\"))[0].state == \"available\"" image >got || { cat image err; exit 1; }
	changes >did; no grep -q dropletActions did; grep -q tags_assign did
'
t 'DigitalOcean: runs and tags with bytes that host names and its tags may not have' "$words"'
	fast
	for run in my_job-7 "Job  #7/x" "$(printf %0200d 7)"; do
		droplet one "{run: \"$run\", tags: {version: \"1.2.3\", \"a b\": null, \"sluice:expires\": \"never\"}}" | up >up 2>err || { cat err; exit 1; }
		run-reap list -c digitalocean --run "$run" >list
		jq -se "map(select(.kind == \"instance\")) | length == 1 and .[0].tags == {version: \"1-2-3\", \"a-b\": null}" list || { cat list; exit 1; }
		destroy <up >end; run-reap list -c digitalocean --run "$run" >list; [ ! -s list ]
	done
'
t 'no room that is told only after the launch: the next zone; the reason of an end is told' "$words"'
	fast
	image=$(ami-find -o 136693071363 "debian-12-amd64*" | jq -r .id)
	behave "{\"images\": {\"$image\": {\"dies\": 1, \"dies_of\": \"Server.InsufficientInstanceCapacity\"}}}"
	bake one "{zones: [\"us-west-2a\", \"us-west-2b\"]}" >in
	fails 69 up <in; says "trying the next zone or type"; says "is gone: Server.InsufficientInstanceCapacity"
	[ "$(changes | grep -c RunInstances)" = 2 ]
	behave "{\"images\": {\"$image\": {\"dies_of\": null}}}"; mv out in
	fails 69 up --again <in; says "is gone: Server.InternalError"; no grep -q "next zone" err
	behave "{\"images\": {\"$image\": null}}"
	mv out in; up --again <in >up; destroy <up >end; left
'
t 'a machine of another account is not taken for one that is gone' "$words"'
	fast
	bake one | up >up; forget
	id=$(jq -r "select(.kind == \"bake\").instance.id" up); [ "$id" ]
	(
		export AWS_ACCESS_KEY_ID=AKIDOTHER AWS_SECRET_ACCESS_KEY=other-secret-key
		for step in up image destroy "img-bake down" "img-bake status"; do
			fails 79 $step <up; says "it is of account 123456789012, the credentials are of 210987654321"
		done
		bake one "{account: \"123456789012\"}" >in
		fails 79 up <in
	)
	[ -z "$(changes)" ]; ls .sluice/*.pem
	fault "{\"service\": \"sts\", \"status\": 503, \"effect\": \"status\"}"
	AWS_MAX_ATTEMPTS=1 destroy <up >end; left
'
t 'down: a machine that is dead by now is told at once' "$words"'
	start_sandbox --tick 1
	bake one | up >up
	sandbox_aws ec2 terminate-instances --instance-ids "$(jq -r "select(.kind == \"bake\").instance.id" up)" >ended
	fails 69 img-bake down <up; says "is gone: Client.UserInitiatedShutdown"
'
for cloud in bake droplet; do
	t "$cloud: a machine that is not seen yet is waited for, and removed all the same" "$words"'
		start_sandbox --tick 1
		behave "{\"digitalocean\": {\"limits\": {\"keys\": 0}}}"
		behave "{\"lag\": {\"seconds\": 5, \"actions\": \"^(DescribeInstances|droplets_get|droplets_list)\$\"}}"
		'$cloud' one | up >up 2>err || { cat err; exit 1; }
		jq -es "map(select(.kind == \"bake\"))[0].instance.status == \"active\"" up >got
		destroy <up >end
		behave "{\"lag\": {\"seconds\": 3600, \"actions\": \"^(DescribeInstances|droplets_get|droplets_list)\$\"}}"
		'$cloud' two >in; fails 75 up -t 1s <in; says "not in time"
		jq -c "if .kind == \"bake\" then .instance.created = (now | todate) else . end" out >in
		rc=0; destroy --lag 1s --interval 400ms <in >end || rc=$?; [ $rc -eq 75 ]
		behave "{\"lag\": null}"
		[ "$(changes | grep -Ec "TerminateInstances|droplets_destroy")" = 2 ]; left
		run-reap list --run r1 >got; [ ! -s got ]
	'
done
for cloud in bake droplet; do
	t "$cloud: the same image once more, when the machine of the first time is long forgotten" "$words"'
		fast
		'$cloud' one >in; up <in >up; destroy <up >end; advance 7200; forget
		img-bake up --no-ssh --interval 20ms --lag 100ms <in >up 2>err || { cat err; exit 1; }
		no grep -q "looking whether" err || [ '$cloud' = bake ]
		jq -es "map(select(.kind == \"bake\"))[0].instance.status == \"active\"" up >got
		destroy <up >end; left
		[ '$cloud' = bake ] || { sandbox_do GET /v2/tags; jq -e "[.tags[].name | select(startswith(\"sluice:token\"))] == []" got; }
	'
done
t 'a token of a machine that has ended by now: another one' "$words"'
	fast
	fault "{\"action\": \"RunInstances\", \"nth\": 1, \"effect\": \"status\", \"status\": 400, \"code\": \"IdempotentInstanceTerminated\"}"
	bake one | up >up 2>err || { cat err; exit 1; }
	jq -es "map(select(.kind == \"bake\"))[0] | .instance.status == \"active\" and .temporary.attempt == 1" up >got
'
t 'a disk that its machine leaves behind is removed, other disks are not' "$words"'
	fast
	bake one | up >up
	name=$(jq -r "select(.kind == \"bake\").temporary.name" up)
	disk() {				# disk TAGS: of a machine that is gone
		sandbox_aws ec2 run-instances --image-id ami-3db92b0d --instance-type t3.micro --tag-specifications "ResourceType=volume,Tags=[{Key=Name,Value=$name}$1]" \
			--block-device-mappings "DeviceName=/dev/xvda,Ebs={DeleteOnTermination=false}" | jq -r ".Instances[0].InstanceId" >ran
		sandbox_aws ec2 terminate-instances --instance-ids "$(cat ran)" >ended
	}
	disk ""; disk ",{Key=sluice:expires,Value=2030-01-01T00:00:00Z}"; advance 100
	sandbox_aws ec2 describe-volumes | jq -e "[.Volumes[].State] | sort == [\"available\", \"available\", \"in-use\"]"
	destroy <up >end
	[ "$(jq -r "select(.event == \"deleted\").target" end | xargs)" = "instance security-group ssh-key volume" ]
	sandbox_aws ec2 describe-volumes | jq -e "[.Volumes[].Tags | length] == [1]"
'
t 'a dry run tells what would be: a machine that is off stays so, one that is dead makes no image' "$words"'
	fast
	bake one | up >up
	img-bake down -n <up >plan; jq -es "map(select(.kind == \"plan\"))[0].action == \"change\"" plan >got
	img-bake down --interval 20ms <up >down
	img-bake down -n <down >plan; jq -es "map(select(.kind == \"plan\"))[0] | .action == \"keep\" and .because == \"it is off\"" plan >got
	sandbox_aws ec2 terminate-instances --instance-ids "$(jq -r "select(.kind == \"bake\").instance.id" up)" >ended
	fails 69 image -n <up; says "is gone: "; no grep -q "\"plan\"" out
	fails 69 img-bake down -n <up; no grep -q "\"plan\"" out
'
done_testing
