#!/bin/sh
# SPDX-License-Identifier: ISC
# run-reap on the sandbox: what is temporary and left over in any cloud, and nothing else.
. "$(dirname "$0")/lib.sh"

words='. "$tests/sandbox.sh"
past=2020-01-01T00:00:00Z past_s=1577836800 later=2099-01-01T00:00:00Z later_s=4070908800
reap() { run-reap rm --interval 1ms "$@"; }
# What a list has: KIND PLACE NAME a line.
told() { jq -r "select(.kind != \"end\") | \"\\(.kind) \\(.region // .provider) \\(.name)\"" "$@"; }
deleted() { jq -r "select(.event == \"deleted\") | \"\\(.target) \\(.name)\"" "$@"; }
# droplet NAME TAG…: its id in $id
droplet() {
	name=$1; shift
	tags=$(printf "%s\n" "$@" | jq -Rc . | jq -cs .)
	[ "$(sandbox_do POST /v2/droplets "{\"name\":\"$name\",\"region\":\"nyc3\",\"size\":\"s-1vcpu-1gb\",
		\"image\":\"debian-12-x64\",\"tags\":$tags}")" = 202 ] || { cat got; return 1; }
	id=$(jq -r .droplet.id got)
}
# do_key NAME: each case has but one
do_key() {
	[ "$(sandbox_do POST /v2/account/keys "{\"name\":\"$1\",\"public_key\":\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2YYWymuY9W/GVJSRs1Nf5yCNZTB+bFmlyEbQZ/cihk x\"}")" = 201 ] ||
		{ cat got; return 1; }
}
droplets() { do-droplets list | jq -r .name | sort | xargs; }
keys() { do-keys list | jq -r .name | sort | xargs; }
nowhere() {
	export DIGITALOCEAN_API_URL=http://127.0.0.1:1 DIGITALOCEAN_ACCESS_TOKEN=x DIGITALOCEAN_HTTP_RETRY_MAX=0 \
		AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_REGION=us-west-2
}
thing() {				# thing KIND ID [MEMBERS]: a record that may go, as far as it tells
	jq -cn --arg kind "$1" --arg id "$2" "{kind: \$kind, provider: \"digitalocean\", id: \$id, name: \"n\", run: \"r1\",
		expires: \"$past\"} + ${3:-{\}}"
}
'
c() { t "$1" "$words$2"; }
sb() { c "$1" "start_sandbox
$2"; }

# ---- the command line and the stream

c 'wrong options, verbs and operands are 64' '
	fails 64 run-reap
	fails 64 run-reap wander
	fails 64 run-reap list x
	fails 64 run-reap list - x
	fails 64 run-reap list ""
	fails 64 run-reap list -n
	fails 64 run-reap list --max 1
	fails 64 run-reap list --run ""
	fails 64 run-reap list -c cloudy; says "no cloud: .cloudy"
	fails 64 run-reap list -r ""
	fails 64 run-reap list -r x --all-regions
	fails 64 run-reap rm x
	fails 64 run-reap rm -r x
	fails 64 run-reap rm -c aws
	fails 64 run-reap rm --max some
	fails 64 run-reap rm -t soon
'
c 'no input, two records, those of other kinds and failed ones pass as they are' '
	nowhere
	fails 79 run-reap rm </dev/null; says "no temporary things selected"; [ ! -s out ]
	run-reap rm --expect 0 </dev/null >out; [ ! -s out ]
	cat >in <<-END
	{"kind":"image","provider":"aws","id":"ami-1","n":0.10000,"e":1e2,"expires":"2020-01-01T00:00:00Z"}
	{"kind":"strange", "x":[1, 2]}
	{"kind":"target","provider":"aws","region":"eu-west-1","error":{"status":75,"filter":"run-reap list","code":"network","message":"x"}}
	{"kind":"instance","provider":"aws","id":"i-1","error":{"status":69,"filter":"x","code":"x","message":"x"}}
	END
	sed "s/, /,/; s/1, 2/1,2/" in >want
	fails 75 run-reap rm --expect 0 <in; same want out
	fails 75 run-reap rm <in; same want out; says "no temporary things selected"
'
c 'broken JSON and wrong types are 65 and remove nothing' '
	nowhere
	{ thing instance 1; echo "{"; } >in
	fails 65 run-reap rm <in; says "<stdin>:"
	for wrong in "{id: null}" "{id: 7}" "{id: \"\"}" "{provider: null}" "{provider: 1}" "{provider: \"nimbus\"}" \
		"{account: 7}" "{region: 7}" "{name: []}" "{run: 7}"; do
		thing instance 1 "$wrong" >in
		fails 65 run-reap rm <in
		jq -e ".error.status == 65" out
	done
	thing instance i-1 "{provider: \"aws\"}" >in
	fails 65 run-reap rm <in; says "a record of aws to be reaped needs a .region"
'
c 'a full disk, a closed pipe' '
	nowhere
	echo "{\"kind\":\"image\"}" >in
	fails 74 sh -c "run-reap rm --expect 0 <in >/dev/full"
	yes "{\"kind\":\"image\"}" | head -n 20000 >many
	{ { rc=0; run-reap rm --expect 0 <many || rc=$?; echo $rc >status; } | head -n 1 >out; } || :
	echo 141 >want; same want status
'
c 'what carries no expiry, or none that is a time, or has not expired, is refused before anybody is asked' '
	nowhere
	for wrong in "{expires: null}" "{expires: 1}" "{expires: \"\"}" "{expires: \"never\"}" "{expires: \"$later\"}"; do
		{ thing instance 1; thing ssh-key 2 "$wrong"; } >in
		fails 79 run-reap rm <in
		jq -s -e "map(.error.status) == [79, 79]" out
		fails 79 run-reap rm --run r2 <in
	done
	jq -e ".id != \"2\" or .error.code == \"not-expired\"" out
	thing snapshot 1 "{image: \"ami-1\"}" >in
	fails 79 run-reap rm <in; says "it belongs to image .ami-1"
	thing instance 1 "{expires: \"$later\"}" >in
	fails 75 run-reap rm --run R1 <in
'

# ---- DigitalOcean

sb 'nothing there is an empty stream and 0; sealed it is an end' '
	run-reap list -c digitalocean >out; [ ! -s out ]
	SLUICE_SEAL=1 run-reap list -c digitalocean >out
	jq -e ".kind == \"end\" and .records == 0" out
	SLUICE_SEAL=1 run-reap rm <out >out2
	jq -e ".kind == \"end\"" out2
	fails 79 run-reap rm </dev/null
'
sb 'what has expired is listed, machines first, and removed; the rest stays' '
	do_key "bake-key sluice:run:r1 sluice:expires:$past_s"
	droplet gone sluice:run:r1 "sluice:expires:$past_s"
	droplet fresh sluice:run:r1 "sluice:expires:$later_s"
	droplet mine sluice:run:r1
	droplet odd1 sluice:run:r1 sluice:expires:never
	droplet odd2 sluice:run:r1 sluice:expires:
	droplet odd3 sluice:run:r1 sluice:expires:-5
	droplet odd4 sluice:run:r1 expires:1 xsluice:expires:1
	run-reap list -c digitalocean >out
	told out >got
	printf "%s\n" "instance nyc3 gone" "ssh-key digitalocean bake-key" >want; same want got
	jq -e ".run == \"r1\" and .expires == \"$past\"" out
	reap <out >out2
	deleted out2 >got
	printf "%s\n" "instance gone" "ssh-key bake-key" >want; same want got
	jq -s -e "map(select(.kind == \"instance\").status, select(.kind == \"ssh-key\").state) == [\"gone\", \"gone\"]" out2
	[ "$(droplets)" = "fresh mine odd1 odd2 odd3 odd4" ]
	[ -z "$(keys)" ]
	run-reap list -c digitalocean >out; [ ! -s out ]
'
sb 'of several expiries the last one counts, and one that is no time most of all' '
	droplet both-1 sluice:run:r1 sluice:expires:$past_s sluice:expires:$later_s
	droplet both-2 sluice:run:r1 sluice:expires:$later_s sluice:expires:$past_s
	droplet never-1 sluice:run:r1 sluice:expires:never sluice:expires:$past_s
	droplet never-2 sluice:run:r1 sluice:expires:$past_s sluice:expires:never
	droplet old sluice:run:r1 sluice:expires:$past_s; advance 60
	run-reap list -c digitalocean >out 2>err; [ "$(jq -r .name out)" = old ]; [ "$(grep -c "no time: it is to stay" err)" = 2 ]
	run-reap list -c digitalocean -q --run r1 | jq -r .name | sort | xargs >got; echo both-1 both-2 old >want; same want got
	reap --run r1 <out >gone; [ "$(droplets)" = "both-1 both-2 never-1 never-2" ]
'
sb 'what a cloud has no things of is wrong input, and nothing is removed' '
	droplet old sluice:run:r1 sluice:expires:$past_s; advance 60
	{ run-reap list -c digitalocean; thing volume 1; } >in
	fails 65 reap <in; says "volume .1.: DigitalOcean has no such thing"; [ "$(droplets)" = old ]
'
sb 'of one run: expired or not, but only what is temporary, and nothing of other runs' '
	do_key "bake-key sluice:run:r1 sluice:expires:$later_s"
	droplet a sluice:run:r1 "sluice:expires:$later_s"
	droplet asked-for sluice:run:r1
	droplet other sluice:run:r10 "sluice:expires:$later_s"
	droplet other-gone sluice:run:r2 "sluice:expires:$past_s"
	run-reap list -c digitalocean --run R1 >list
	told list >got
	printf "%s\n" "instance nyc3 a" "ssh-key digitalocean bake-key" >want; same want got
	forget
	fails 79 reap <list; [ -z "$(changes)" ]
	fails 79 reap --run r2 <list; [ -z "$(changes)" ]
	reap --run r1 <list >out
	[ "$(droplets)" = "asked-for other other-gone" ]
	[ -z "$(keys)" ]
'
sb 'the run of this process counts only when it is named' '
	droplet a sluice:run:test "sluice:expires:$later_s"
	droplet b sluice:run:other "sluice:expires:$past_s"
	run-reap list -c digitalocean >out; told out >got
	echo "instance nyc3 b" >want; same want got
	run-reap list -c digitalocean --run "$SLUICE_RUN" >out; told out >got
	echo "instance nyc3 a" >want; same want got
'
sb 'who takes the expiry off, or sets it later, after the list keeps the thing: 79, and nothing goes' '
	droplet first sluice:run:r1 "sluice:expires:$past_s"
	droplet kept sluice:run:r1 "sluice:expires:$past_s"
	run-reap list -c digitalocean >list
	sandbox_do DELETE "/v2/tags/sluice:expires:$past_s/resources" "{\"resources\":[{\"resource_id\":\"$id\",\"resource_type\":\"droplet\"}]}"
	forget
	fails 79 reap <list
	[ -z "$(changes)" ]
	says "cannot remove instance .$id.: it is not as the record says: it carries no expiry"
	jq -s -e "map(.error.code) == [\"not-attempted\", \"no-expiry\"]" out
	fails 79 reap --run r1 <list; [ -z "$(changes)" ]
	run-reap list -c digitalocean | reap >out
	[ "$(droplets)" = kept ]
'
sb 'gone already is done' '
	droplet a sluice:run:r1 "sluice:expires:$past_s"
	run-reap list -c digitalocean >list
	reap <list >out
	reap <list >out
	jq -e ".status == \"gone\" and (.error | not)" out
	reap -n <list >out
	jq -s -e ".[0].action == \"keep\"" out
'
sb '-n changes nothing, --plan does that and no more, guards count' '
	droplet a sluice:run:r1 "sluice:expires:$past_s"
	droplet b sluice:run:r1 "sluice:expires:$past_s"
	run-reap list -c digitalocean >list
	forget
	reap -n <list >plan
	jq -s -e "map(.kind) == [\"plan\", \"instance\", \"plan\", \"instance\"] and .[0].action == \"delete\" and .[1].planned" plan
	fails 79 reap --max 1 <list
	fails 79 reap --expect 1 <list
	head -n 2 plan >half
	fails 79 reap --plan half <list
	[ -z "$(changes)" ]
	[ "$(droplets)" = "a b" ]
	reap --plan plan --expect 2 <list >out
	[ -z "$(droplets)" ]
'
sb 'a droplet that something is being done to is asked for again; one that stays is 75, the others go' '
	droplet busy sluice:run:r1 "sluice:expires:$past_s"
	advance 60
	[ "$(sandbox_do POST "/v2/droplets/$id/actions" "{\"type\":\"power_off\"}")" = 201 ]
	droplet undead sluice:run:r2 "sluice:expires:$past_s"
	advance 60
	behave "{\"digitalocean\":{\"undead\":{\"undead\":true}}}"
	do_key "key sluice:run:r2 sluice:expires:$past_s"
	run-reap list -c digitalocean >list
	fails 75 reap -t 3 <list
	deleted out >got; echo "instance busy" >want; same want got
	says "cannot remove instance .*not in time"
	# its key opens it: that goes with it the next time
	jq -s -e "map(select(.kind == \"ssh-key\"))[0].error.code == \"not-attempted\"" out
	[ "$(keys)" = "key sluice:run:r2 sluice:expires:$past_s" ] || [ "$(keys)" = key ]
	behave "{\"digitalocean\":{\"undead\":null}}"
	reap --again <out >out2
	[ -z "$(droplets)" ]; [ -z "$(keys)" ]
'
sb 'refused for one: its own error, the others go' '
	droplet a sluice:run:r1 "sluice:expires:$past_s"
	one=$id
	droplet b sluice:run:r1 "sluice:expires:$past_s"
	advance 60
	run-reap list -c digitalocean >list
	fault "{\"action\":\"droplets_destroy\",\"params\":\"\\\"$one\\\"\",\"status\":403,\"code\":\"forbidden\",\"effect\":\"status\"}"
	rc=0; reap <list >out 2>err || rc=$?
	case $rc in 69|77) ;; *) echo "status $rc"; exit 1;; esac
	[ "$(droplets)" = a ]
'
sb 'throttled and faulty answers are asked again' '
	droplet a sluice:run:r1 "sluice:expires:$past_s"
	advance 60
	fault "[{\"every\":2,\"status\":429,\"effect\":\"status\",\"retry_after\":0,\"times\":3},{\"nth\":3,\"effect\":\"reset-after\"}]"
	run-reap list -c digitalocean >list
	reap <list >out
	[ -z "$(droplets)" ]
'
sb 'a dead network, garbage, a refused token: a target with the error, never an empty list' '
	droplet a sluice:run:r1 "sluice:expires:$past_s"
	(nowhere; fails 75 run-reap list -c digitalocean
	jq -e ".kind == \"target\" and .provider == \"digitalocean\" and .error.status == 75" out)
	fault "{\"effect\":\"garbage\"}"
	fails 70 run-reap list -c digitalocean
	no_faults
	export DIGITALOCEAN_ACCESS_TOKEN=dop_v1_wrong
	fails 77 run-reap list -c digitalocean
	unset DIGITALOCEAN_ACCESS_TOKEN
	fails 78 run-reap list -c digitalocean
	jq -e ".kind == \"target\" and .error.code == \"no-token\"" out
'
sb 'one list of several that fails is told; what the others have is there, and may go' '
	droplet a sluice:run:r1 "sluice:expires:$past_s"
	advance 60
	fault "{\"action\":\"sshKeys_list\",\"effect\":\"status\",\"status\":403}"
	export SLUICE_SEAL=1
	rc=0; run-reap list -c digitalocean >list || rc=$?
	case $rc in 69|77) ;; *) echo "status $rc"; exit 1;; esac
	jq -s -e "map(.kind) == [\"instance\", \"target\", \"end\"]" list
	fails $rc reap <list
	[ -z "$(SLUICE_SEAL= droplets)" ]
'
sb 'a list that died removes nothing in a sealed pipe' '
	droplet a sluice:run:r1 "sluice:expires:$past_s"
	export SLUICE_SEAL=1
	run-reap list -c digitalocean | head -n 1 >cut
	forget
	fails 76 sh -c "cat cut | run-reap rm"
	[ -z "$(changes)" ]
'
sb 'the operand - copies the input first; sources in a row' '
	droplet a sluice:run:r1 "sluice:expires:$past_s"
	echo "{\"kind\":\"strange\",\"n\":1.0}" >in
	run-reap list -c digitalocean - <in >out
	head -n 1 out >got; same in got
	lines 2 out
'
sb 'killed at any request, then again: gone, nothing else' '
	n=0
	while :; do
		n=$((n + 1)); [ $n -lt 40 ]
		no_faults
		droplet a sluice:run:r1 "sluice:expires:$past_s"
		[ -n "$(keys)" ] || do_key "key sluice:run:r1 sluice:expires:$past_s"
		advance 60
		run-reap list -c digitalocean >list
		fault "{\"nth\":$n,\"effect\":\"kill\"}"
		rc=0; reap <list >out 2>err || rc=$?
		no_faults
		[ $rc -eq 137 ] || break
		run-reap list -c digitalocean | SLUICE_SEAL= reap --max 9 >out || [ ! -s out ]
		[ -z "$(droplets)" ]; [ -z "$(keys)" ]
	done
	[ $rc -eq 0 ]; [ $n -gt 4 ]
'

# ---- EC2, and both

ec2='
# ec2 REGION ACTION JQ: the call with these parameters; answer in `answer`
ec2() { jq -n "$3" | aws-call -q -r "$1" ec2 "$2" >answer || { cat answer; return 1; }; }
# spec TYPE RUN EXPIRES [NAME]: a tag specification; an empty run or expiry: none
spec() {
	jq -cn --arg type "$1" --arg run "$2" --arg expires "$3" --arg name "${4-}" "{ResourceType: \$type, Tag: [
		{Key: \"sluice:run\", Value: \$run}, {Key: \"sluice:expires\", Value: \$expires}, {Key: \"Name\", Value: \$name}]
		| map(select(.Value != \"\"))} | select(.Tag != [])"
}
group() {				# group REGION NAME RUN EXPIRES: its id in $group
	ec2 "$1" CreateSecurityGroup "{GroupName: \"$2\", GroupDescription: \"x\", TagSpecification: [$(spec security-group "$3" "$4")]}"
	group=$(jq -r .groupId answer)
}
key() { ec2 "$1" CreateKeyPair "{KeyName: \"$2\", TagSpecification: [$(spec key-pair "$3" "$4")]}"; }
# machine REGION NAME RUN EXPIRES: with group, key, and a volume of its own; id in $machine
machine() {
	group "$1" "$2" "$3" "$4"
	key "$1" "$2" "$3" "$4"
	ec2 "$1" DescribeImages "{Owner: [\"136693071363\"]}"
	ec2 "$1" RunInstances "{ImageId: $(jq .imagesSet[0].imageId answer), MinCount: 1, MaxCount: 1, InstanceType: \"m5.large\",
		KeyName: \"$2\", SecurityGroupId: [\"$group\"],
		TagSpecification: [$(spec instance "$3" "$4" "$2"), $(spec volume "$3" "$4" "$2") | select(.)]}"
	machine=$(jq -r .instancesSet[0].instanceId answer)
}
# volume REGION NAME RUN EXPIRES: one that outlived its machine
volume() {
	ec2 "$1" DescribeImages "{Owner: [\"136693071363\"]}"
	ec2 "$1" RunInstances "{ImageId: $(jq .imagesSet[0].imageId answer), MinCount: 1, MaxCount: 1, InstanceType: \"m5.large\",
		BlockDeviceMapping: [{DeviceName: $(jq .imagesSet[0].rootDeviceName answer), Ebs: {DeleteOnTermination: false}}],
		TagSpecification: [$(spec volume "$3" "$4" "$2")]}"
	ec2 "$1" TerminateInstances "{InstanceId: [$(jq .instancesSet[0].instanceId answer)]}"
	advance 60
}
# there [REGION…]: all that is in EC2 and was not there at first, but dead machines
there() {
	for region in ${*:-us-west-2}; do
		ec2 $region DescribeInstances "{}"
		jq -r ".reservationSet[]?.instancesSet[] | select(.instanceState.name != \"terminated\") |
			\"instance \\(.tagSet | map(select(.key == \"Name\").value)[0])\"" answer
		ec2 $region DescribeVolumes "{}"
		jq -r ".volumeSet[]? | \"volume \\(.tagSet | arrays | map(select(.key == \"Name\").value)[0])\"" answer
		ec2 $region DescribeSecurityGroups "{}"
		jq -r ".securityGroupInfo[] | \"group \\(.groupName)\"" answer | grep -vx "group default\|group tmtt" || :
		ec2 $region DescribeKeyPairs "{}"
		jq -r ".keySet[] | \"key \\(.keyName)\"" answer | grep -vx "key tmtt" || :
		ec2 $region DescribeImages "{Owner: [\"self\"]}"
		jq -r ".imagesSet[]? | \"image \\(.name)\"" answer | grep -v tmtt || :
	done
}
'
aws() { sb "$1" "$ec2$2"; }

aws 'EC2: a machine with all that it has goes in the safe order; nothing else does' '
	machine us-west-2 bake r1 "$past"
	machine us-west-2 asked-for r1 ""
	machine us-west-2 fresh r2 "$later"
	volume us-west-2 left r1 "$past"
	volume us-west-2 odd r1 never
	volume us-west-2 odd2 r1 "2020-13-45 soon"
	advance 60
	forget
	run-reap list -c aws >list 2>err
	says "is left alone: its expiry is .never., which is no time"
	told list >got
	printf "%s us-west-2 %s\n" instance bake volume bake volume left security-group bake ssh-key bake >want
	sort got >got2; sort want >want2; same want2 got2
	cut -d" " -f1 got >order
	printf "%s\n" instance volume volume security-group ssh-key >want; same want order
	[ -z "$(changes)" ]
	reap <list >out 2>err
	no grep "\"error\"" out
	changes | cut -d" " -f2 >order
	[ "$(head -n 1 order)" = TerminateInstances ]
	there >got
	printf "%s\n" "group asked-for" "group fresh" "instance asked-for" "instance fresh" "key asked-for" "key fresh" \
		"volume asked-for" "volume fresh" "volume left" "volume odd" "volume odd2" >want
	sort got >got2
	grep -v "volume left" want >want2; same want2 got2
	run-reap list -c aws >out; [ ! -s out ]
'
aws 'EC2: one run, with its image, which stays, and so do the snapshots of it' '
	machine us-west-2 bake r1 "$later"
	advance 60
	ec2 us-west-2 CreateImage "{InstanceId: \"$machine\", Name: \"made\", TagSpecification: [$(spec image r1 ""), $(spec snapshot r1 "")]}"
	advance 600
	run-reap list -c aws --run r1 >list
	jq -r .kind list | sort -u | xargs >got
	echo "instance security-group ssh-key volume" >want; same want got
	fails 79 reap <list
	reap --run r1 <list >out
	there >got; echo "image made" >want; same want got
	ec2 us-west-2 DescribeSnapshots "{Owner: [\"self\"]}"
	jq -e "any(.snapshotSet[]; .tagSet // [] | any(.value == \"r1\"))" answer
'
aws 'EC2: a snapshot of an image is not touched, whatever it carries' '
	machine us-west-2 asked-for r1 ""
	advance 60
	ec2 us-west-2 CreateImage "{InstanceId: \"$machine\", Name: \"made\", TagSpecification: [$(spec snapshot r1 "$past")]}"
	advance 600
	forget
	run-reap list -c aws --run r1 >out; [ ! -s out ]
	run-reap list -c aws >out; [ ! -s out ]
'
aws 'EC2: several regions, one of them refused: its target, the others are read and reaped' '
	machine us-west-2 bake r1 "$past"
	group eu-west-1 bake r1 "$past"
	group eu-central-1 bake r1 "$past"
	advance 60
	run-reap list -c aws -r eu-west-1 -r eu-central-1 | told >got
	printf "security-group %s bake\n" eu-west-1 eu-central-1 >want; same want got
	fault "{\"region\":\"eu-west-1\",\"effect\":\"status\",\"status\":403,\"code\":\"UnauthorizedOperation\"}"
	rc=0; run-reap list -c aws --all-regions >list || rc=$?
	[ $rc -eq 77 ] || [ $rc -eq 69 ]
	jq -s -e "map(select(.kind == \"target\")) | length == 1 and .[0].region == \"eu-west-1\" and .[0].error.status == $rc" list
	fails $rc reap <list
	no_faults
	[ -z "$(there us-west-2 eu-central-1)" ]
	[ "$(there eu-west-1)" = "group bake" ]
'
aws 'EC2: a region that is not there, a dead network, refused and missing credentials are never empty' '
	fails 75 env AWS_ENDPOINT_URL=http://127.0.0.1:1 run-reap list -c aws --all-regions
	jq -e ".kind == \"target\" and .provider == \"aws\"" out
	fails 77 env AWS_SECRET_ACCESS_KEY=wrong run-reap list -c aws
	fails 78 env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY run-reap list -c aws
	fails 78 env -u AWS_REGION -u AWS_DEFAULT_REGION run-reap list -c aws
	fails 79 env SLUICE_ACCOUNT=1 run-reap list -c aws
	fails 65 run-reap list -c aws -c digitalocean -r us-west-9
	says "none of the clouds has the region .us-west-9"
'
aws 'EC2: a group that somebody else uses is waited for, and told; its machine still there: not tried' '
	group us-west-2 bake r1 "$past"
	used=$group
	ec2 us-west-2 DescribeImages "{Owner: [\"136693071363\"]}"
	ec2 us-west-2 RunInstances "{ImageId: $(jq .imagesSet[0].imageId answer), MinCount: 1, MaxCount: 1, InstanceType: \"m5.large\",
		SecurityGroupId: [\"$used\"], TagSpecification: [$(spec instance r2 "" asked-for)]}"
	advance 60
	run-reap list -c aws >list
	fails 75 reap -t 3s <list
	says "cannot remove security-group .$used.: .*not in time.*: "
	machine us-west-2 bake2 r2 "$past"
	advance 60
	run-reap list -c aws | jq -c "select(.run == \"r2\")" >list
	fault "{\"action\":\"TerminateInstances\",\"effect\":\"status\",\"status\":403,\"code\":\"UnauthorizedOperation\"}"
	rc=0; reap <list >out 2>err || rc=$?
	[ $rc -eq 77 ] || [ $rc -eq 69 ]
	jq -s -e "map(select(.error.code == \"not-attempted\").kind) == [\"volume\", \"security-group\", \"ssh-key\"]" out
	no_faults
	reap --again <out >out2
	there >got; sort got >got2
	printf "%s\n" "group bake" "instance asked-for" "volume null" >want
	grep -v volume got2 >got3; grep -v volume want >want2; same want2 got3
'
aws 'EC2: throttled, faults, a lost answer: asked again' '
	machine us-west-2 bake r1 "$past"
	advance 60
	fault "[{\"every\":3,\"status\":503,\"code\":\"RequestLimitExceeded\",\"effect\":\"status\",\"times\":6},{\"action\":\"Delete\",\"nth\":1,\"effect\":\"reset-after\"}]"
	run-reap list -c aws | reap >out
	no_faults
	[ -z "$(there)" ]
'
aws 'EC2: tagged to stay after the list: kept; gone meanwhile: done' '
	machine us-west-2 bake r1 "$past"
	advance 60
	run-reap list -c aws >list
	ec2 us-west-2 DeleteTags "{ResourceId: [\"$machine\"], Tag: [{Key: \"sluice:expires\"}]}"
	forget
	fails 79 reap <list; [ -z "$(changes)" ]
	fails 79 reap --run r1 <list; [ -z "$(changes)" ]
	ec2 us-west-2 CreateTags "{ResourceId: [\"$machine\"], Tag: [{Key: \"sluice:expires\", Value: \"$later\"}]}"
	fails 79 reap <list
	ec2 us-west-2 TerminateInstances "{InstanceId: [\"$machine\"]}"
	advance 60
	reap <list >out
	[ -z "$(there)" ]
'
aws 'both clouds: what each has, machines of all first; -r is for the cloud that has it; -c for one' '
	machine us-west-2 bake r1 "$past"
	droplet bake sluice:run:r1 "sluice:expires:$past_s"
	do_key "bake sluice:run:r1 sluice:expires:$past_s"
	advance 60
	run-reap list >list
	jq -r "\"\\(.kind) \\(.provider)\"" list >got
	printf "%s\n" "instance aws" "instance digitalocean" "volume aws" "security-group aws" "ssh-key aws" "ssh-key digitalocean" >want
	same want got
	run-reap list -r nyc3 | told >got
	printf "%s\n" "instance nyc3 bake" "ssh-key digitalocean bake" >want; same want got
	run-reap list -c ec2 -r us-west-2 | jq -r .provider | sort -u >got; echo aws >want; same want got
	run-reap list -r us-west-2 -r nyc3 >got; same list got
	reap --expect 6 <list >out
	[ -z "$(there)" ]; [ -z "$(droplets)" ]; [ -z "$(keys)" ]
'
aws 'records of another account are refused, not taken for gone' '
	group us-west-2 bake r1 "$past"
	run-reap list -c aws >list
	export AWS_ACCESS_KEY_ID=AKIDOTHER AWS_SECRET_ACCESS_KEY=other-secret-key
	fails 79 reap <list
	says "it is of account 123456789012, the credentials are of 210987654321"
	fails 79 env SLUICE_ACCOUNT=123456789012 run-reap rm <list
	fault "{\"action\":\"GetCallerIdentity\",\"effect\":\"status\",\"status\":403,\"code\":\"AccessDenied\"}"
	rc=0; reap <list >out 2>err || rc=$?
	[ $rc -eq 69 ] || [ $rc -eq 77 ]
'
aws 'without -c a cloud that has no credentials is left out with a note; with it, it is an error' '
	droplet bake sluice:run:r1 "sluice:expires:$past_s"
	unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	run-reap list >out 2>err
	says "aws is left out: "
	lines 1 out
	fails 78 run-reap list -c aws -c digitalocean; lines 2 out
	unset AWS_REGION AWS_DEFAULT_REGION
	run-reap list >out 2>err; lines 1 out
	unset DIGITALOCEAN_ACCESS_TOKEN
	fails 78 run-reap list; lines 2 out
'
aws 'recorded, both verbs replay in an empty environment to the same bytes' '
	machine us-west-2 bake r1 "$past"
	group eu-west-1 bake r1 "$past"
	droplet bake sluice:run:r1 "sluice:expires:$past_s"
	advance 60
	# all regions answer at one address, and the first one last
	fault "{\"region\":\"us-west-2\",\"effect\":\"delay\",\"delay_ms\":200}"
	export SLUICE_TRACE=trace
	run-reap list --all-regions >list
	reap <list >out
	unset SLUICE_TRACE
	stop_sandbox
	env -i PATH="$PATH" SLUICE_REPLAY=trace run-reap list --all-regions >got; same list got
	env -i PATH="$PATH" SLUICE_REPLAY=trace run-reap rm --interval 1ms <list >got; same out got
'
aws 'killed at any request, then the two commands again: the account is empty but for what was asked for' '
	n=0
	while :; do
		n=$((n + 3)); [ $n -lt 60 ]
		no_faults
		machine us-west-2 bake r1 "$later"
		advance 60
		fault "{\"nth\":$n,\"effect\":\"kill\"}"
		rc=0
		{ run-reap list -c aws --run r1 >list && reap --run r1 <list >out 2>err; } || rc=$?
		no_faults
		[ $rc -eq 137 ] || break
		advance 60
		run-reap list -c aws --run r1 >list
		[ ! -s list ] || reap --run r1 <list >out
		[ -z "$(there)" ]
	done
	[ $rc -eq 0 ]; [ $n -gt 8 ]
'
aws 'img-bake killed at any request: what it left goes, in both clouds; the image and what others asked for stay' '
	spec="{kind: \"bake\", name: \"b\", image_name: \"made\", run: \"r1\", distribution: \"d\"}"
	jq -cn "$spec + {provider: \"aws\", region: \"us-west-2\", source_image: \"ami-3db92b0d\",
		instance_types: [\"m5.large\"], username: \"admin\"}" >spec
	jq -cn "$spec + {provider: \"digitalocean\", region: \"nyc3\", source_image: \"debian-12-x64\",
		instance_types: [\"s-1vcpu-1gb\"]}" >>spec
	droplet asked-for sluice:run:r1
	group us-west-2 asked-for r1 ""
	export SLUICE_TTL=1h
	n=0
	while :; do
		n=$((n + 3)); [ $n -lt 90 ]
		no_faults
		rm -rf .sluice; forget
		jq -c ".image_name = \"made-$n\"" spec >one
		fault "{\"nth\":$n,\"effect\":\"kill\"}"
		rc=0
		img-bake up --no-ssh --interval 1ms --lag 0 <one >up 2>err || rc=$?
		[ $rc -ne 0 ] || img-bake create-image --no-ssh --interval 1ms <up >made 2>err || rc=$?
		no_faults
		[ $rc -eq 137 ] || break
		advance 60
		run-reap list --run r2 >list; [ ! -s list ]
		run-reap list >list; [ ! -s list ]
		run-reap list --run r1 >list
		[ ! -s list ] || reap --run r1 <list >out
		[ "$(there | grep -v "^image")" = "group asked-for" ]
		[ "$(droplets)" = asked-for ]; [ -z "$(keys)" ]
	done
	[ $rc -eq 0 ] || { cat err; exit 1; }
	[ $n -gt 20 ]
	advance 300
	run-reap list --run r1 | reap --run r1 >out
	there >got
	grep -q "image made-$n$" got
	[ "$(grep -v "^image" got)" = "group asked-for" ]
	[ "$(droplets)" = asked-for ]
	[ "$(img-list -c digitalocean | jq -r .name | grep -cx "made-$n")" = 1 ]
'
aws 'the examples of the page' '
	machine us-west-2 bake bake-41 "$later"
	machine us-west-2 old r1 "$past"
	advance 60
	example run-reap 1; sh -e example.sh >out
	grep -q "^old " out
	example run-reap 4; sh -e example.sh >out
	grep -q "^ *1 r1$" out
	example run-reap 5; sh -e example.sh >out
	there >got; no grep old got; grep -q bake got
	example run-reap 3; sh -e example.sh >out
	[ -z "$(there)" ]
	machine us-west-2 old r1 "$past"
	advance 60
	example run-reap 2; sh -e example.sh >out
	[ -z "$(there)" ]
'
sb 'a clock that is days ahead takes nothing that is in use: the cloud'"'"'s counts' '
	soon_s=$(($(date +%s) - 3600)); soon=$(jq -rn "$soon_s | todate")
	sandbox_aws ec2 run-instances --image-id ami-3db92b0d --instance-type t3.micro \
		--tag-specifications "ResourceType=instance,Tags=[{Key=Name,Value=e},{Key=sluice:expires,Value=$soon}]" >ran
	droplet d "sluice:expires:$soon_s"
	run-reap list >list; [ "$(jq -r .name list | xargs)" = "d e" ] || [ "$(jq -r .name list | xargs)" = "e d" ]
	sandbox_call POST clock "{\"skew\": -86400}" >skewed; forget
	run-reap list >out; [ ! -s out ]
	fails 79 reap <list; says "it is of run .* until"; [ -z "$(changes)" ]
	sandbox_call POST clock "{\"skew\": 0}" >skewed
	reap <list >out
'
done_testing
