#!/bin/sh
# SPDX-License-Identifier: ISC
# EC2 behind common/cloud.h: each verb against the sandbox, again after it was done, and when answers
# are lost, late or no.
. "$(dirname "$0")/lib.sh"
. "$tests/aws-one.sh"; share_aws_cli
words='
. "$tests/sandbox.sh"
start_sandbox
try() { cloud-verb aws "$@" >got || { echo "status $?"; cat got; return 1; }; }
refuses() { want=$1; shift; rc=0; cloud-verb aws "$@" >got || rc=$?; [ "$rc" -eq "$want" ] || { echo "status $rc"; cat got; return 1; }; }
got() { jq -se "$1" got >holds || { echo "does not hold: $1"; cat got; return 1; }; }
id() { jq -r "select(.id).id" got | head -n 1; }
ami=ami-3db92b42
machine() { jq -cn --arg ami $ami "{region: \"us-west-2\", wanted: ({kind: \"instance\", name: \"bake-1\", run: \"r1\", image: \$ami, size: \"t3.micro\", expires: \"2026-11-21T00:00:00Z\"} + ${1:-{\}})} + ${2:-{\}}"; }
up() { machine "$@" | try create; machine=$(id); advance 60; }
off() { up "$@"; stop_it; }
stop_it() { echo "{\"id\":\"$machine\"}" | try power; advance 120; }
image() { jq -cn --arg id "$machine" "{id: \$id, wanted: ({kind: \"image\", name: \"web-1\", run: \"r1\", tags: {os: \"debian\"}} + ${1:-{\}})} + ${2:-{\}}"; }
'
c() { t "$1" "$words$2"; }

c 'a machine is made as wanted, with its tags, and found when it is asked for again' '
	machine "{zone: \"us-west-2b\", disk: 30, keys: [\"tmtt\"], security_groups: [\"tmtt\"], tags: {role: \"web\"}, user_data: \"#cloud-config\"}" >in
	try create <in
	got ".[0].made and .[0].record.status == \"new\" and .[0].record.zone == \"us-west-2b\""
	got ".[0].record | .run == \"r1\" and .expires == \"2026-11-21T00:00:00Z\" and .tags == {role: \"web\", Name: \"bake-1\"}"
	first=$(id)
	try create <in
	got ".[0].made == null and .[0].id == \"$first\""
	journal | jq -se "[.[] | select(.action == \"RunInstances\")] | length == 1 and (.[0].params |
		.UserData == (\"#cloud-config\" | @base64) and .InstanceInitiatedShutdownBehavior == \"terminate\" and
		.BlockDeviceMapping == [{DeviceName: \"/dev/xvda\", Ebs: {VolumeSize: \"30\", DeleteOnTermination: \"true\"}}] and
		([.TagSpecification[].ResourceType] == [\"instance\", \"volume\", \"network-interface\"]) and (.ClientToken | length == 64))"
	jq -c ".wanted.expires = \"2026-11-22T00:00:00Z\" | .certain = true" in | try create
	got ".[0].made == null and .[0].id == \"$first\""
'
c 'what is not temporary is stopped when it shuts down, and carries no expiry' '
	machine "{expires: null}" | try create
	journal | jq -se "any(.[]; .action == \"RunInstances\") and all(.[]; .params.InstanceInitiatedShutdownBehavior == null)"
	got ".[0].record.expires == null"
'
c 'a machine that is dead is said to be, and another attempt makes another one' '
	up; dead=$machine
	echo "{\"id\":\"$machine\"}" | try remove; advance 120
	machine | refuses 69 create
	got ".[0].error.code == \"gone\" and .[0].id == \"$dead\" and .[0].record.status == \"gone\""
	machine "{}" "{attempt: 1}" | try create
	got ".[0].made and .[0].id != \"$dead\""
	printf "{}" | try list
	got ".[0].listed | length == 1"
'
c 'the answer is lost after the effect: one machine all the same' '
	fault "{\"action\":\"RunInstances\",\"effect\":\"reset-after\",\"times\":1}"
	machine | try create
	printf "{}" | try list
	got ".[0].listed | length == 1"
'
c 'no answer at all is unclear; state finds it by its token' '
	export AWS_MAX_ATTEMPTS=1
	fault "{\"action\":\"RunInstances\",\"effect\":\"reset-after\"}"
	machine | refuses 75 create
	got ".[0].unclear and .[0].id == null"
	machine | try state
	got ".[0].record.name == \"bake-1\""
'
c 'a token that is used with other words, and a list that lags: unclear, then found' '
	behave "{\"lag\":{\"seconds\":60,\"actions\":\"^DescribeInstances$\"}}"
	machine | try create; first=$(id)
	machine "{expires: \"2026-11-30T00:00:00Z\"}" | refuses 75 create
	got ".[0].unclear"
	machine "{expires: \"2026-11-30T00:00:00Z\"}" "{certain: true}" | refuses 69 create
	got ".[0].record.status == \"gone\" and .[0].unclear == null"
	advance 100
	machine "{expires: \"2026-11-30T00:00:00Z\"}" "{certain: true}" | try create
	got ".[0].id == \"$first\""
'
c 'no room is told from refusals, at the first answer' '
	fault "{\"action\":\"RunInstances\",\"effect\":\"status\",\"status\":500,\"code\":\"InsufficientInstanceCapacity\",\"message\":\"none\"}"
	machine | refuses 69 create
	got ".[0].no_capacity and .[0].unclear == null and .[0].error.code == \"InsufficientInstanceCapacity\""
	journal | jq -se "[.[] | select(.action == \"RunInstances\")] | length == 1"
	no_faults
	fault "{\"action\":\"RunInstances\",\"effect\":\"status\",\"status\":400,\"code\":\"Unsupported\"}"
	machine | refuses 69 create
	got ".[0].no_capacity"
	no_faults
	fault "{\"action\":\"RunInstances\",\"effect\":\"status\",\"status\":400,\"code\":\"VcpuLimitExceeded\"}"
	machine | refuses 69 create
	got ".[0].no_capacity == null and .[0].unclear == null"
'
c 'several regions in one round, throttled ones again' '
	fault "{\"action\":\"RunInstances\",\"nth\":1,\"effect\":\"status\",\"status\":503,\"code\":\"RequestLimitExceeded\"}"
	printf "{}" | try list images
	{ machine "{name: \"a\"}"; machine "{name: \"b\"}"; } >two
	jq -c "select(.wanted.name == \"b\") |= (.region = \"eu-west-1\" | .wanted.image = \"$(
		echo "{\"region\":\"eu-west-1\",\"wanted\":{\"source\":{\"owner\":\"amazon\",\"name\":\"al2023-*\"}}}" | cloud-verb aws find | jq -r .id)\")" two >in
	try create <in
	got "map(.record.region) == [\"us-west-2\", \"eu-west-1\"] and all(.[]; .made)"
	jq -c "{id, region: .record.region}" got >ids
	advance 60
	{ cat ids; echo "{\"id\":\"i-00000000000000000\",\"region\":\"eu-west-1\"}"; } | try state
	got ".[0].ready and .[1].ready and .[2].record == null"
	forget
	{ cat ids; cat ids; } | try state
	[ "$(requests)" -eq 2 ]
	got "map(.ready) == [true, true, true, true]"
'
c 'power: off and on, each again is nothing; a busy one is for later' '
	up
	echo "{\"id\":\"$machine\"}" | try power
	echo "{\"id\":\"$machine\"}" | try state
	got ".[0].record | .status == \"active\" and .provider_status == \"stopping\""
	echo "{\"id\":\"$machine\",\"on\":true}" | refuses 75 power
	got ".[0].unclear"
	advance 120
	echo "{\"id\":\"$machine\"}" | try power
	echo "{\"id\":\"$machine\"}" | try state
	got ".[0].record.status == \"off\""
	echo "{\"id\":\"$machine\",\"on\":true}" | try power
'
c 'key pairs: the same key is found, another one refused' '
	ssh-keygen -q -t ed25519 -N "" -f one; ssh-keygen -q -t ed25519 -N "" -f two
	key() { jq -cn --arg key "$(cat "$1.pub")" "{wanted: {name: \"k\", run: \"r1\", expires: \"2026-11-21T00:00:00Z\", public_key: \$key}}"; }
	fault "{\"action\":\"ImportKeyPair\",\"effect\":\"reset-after\",\"times\":1}"
	key one | try create keys
	key one | try create keys
	got ".[0].made == null and .[0].record.run == \"r1\""
	key two | refuses 69 create keys
	got ".[0].error.code == \"name-taken\""
	echo "{\"run\":\"r1\",\"temporary\":true}" | try list keys
	got ".[0].listed | length == 1"
	jq -c ".listed[0] | {id}" got >in
	try remove keys <in
	try remove keys <in
	key one | try state keys
	got ".[0].record == null"
'
c 'security groups: made once, completed, in use not removed' '
	group() { jq -cn "{wanted: {name: \"g\", run: \"${2:-r1}\", description: \"for a while\", ports: $1}}"; }
	fault "{\"action\":\"CreateSecurityGroup\",\"effect\":\"reset-after\",\"times\":1}"
	group "[22]" | try create groups
	group "[22, 443]" | try create groups
	got ".[0].made == null"
	g=$(id)
	group "[22]" r2 | refuses 69 create groups
	got ".[0].error.code == \"name-taken\""
	sandbox_aws ec2 describe-security-groups --group-ids "$g" | jq -e ".SecurityGroups[0].IpPermissions | map(.FromPort) | unique == [22, 443]"
	up "{security_groups: [\"$g\"]}"
	echo "{\"id\":\"$g\"}" | refuses 75 remove groups
	got ".[0].unclear"
	echo "{\"id\":\"$machine\"}" | try remove; advance 120
	echo "{\"id\":\"$g\"}" | try remove groups
	echo "{\"id\":\"$g\"}" | try remove groups
'
c 'groups by name go with a subnet, too' '
	subnet=$(sandbox_aws ec2 describe-subnets | jq -r ".Subnets[0].SubnetId")
	machine "{subnet: \"$subnet\", security_groups: [\"tmtt\"]}" | try create
	got ".[0].record.security_groups[0] | startswith(\"sg-\")"
	machine "{name: \"x\", subnet: \"$subnet\", security_groups: [\"nope\"]}" | refuses 69 create
	got ".[0].error.code == \"InvalidGroup.NotFound\""
'
c 'an image is made once, tagged with its snapshots; another run does not get it' '
	off
	image | try image
	got ".[0].made and .[0].record.state == \"pending\" and .[0].record.tags.os == \"debian\""
	ami=$(id)
	image | try image
	got ".[0].made == null and .[0].id == \"$ami\""
	image "{run: \"r2\"}" | refuses 69 image
	got ".[0].error.code == \"name-taken\""
	image "{}" "{certain: true}" | try image
	got ".[0].id == \"$ami\""
	{ echo "{\"id\":\"$ami\"}"; echo "{\"wanted\":{\"name\":\"web-1\",\"run\":\"r1\"}}"; echo "{\"wanted\":{\"name\":\"web-2\",\"run\":\"r1\"}}"; } | try state images
	got ".[0].id == \"$ami\" and .[1].id == \"$ami\" and .[2].record == null"
	advance 900
	echo "{\"id\":\"$ami\"}" | try state images
	got ".[0].ready and .[0].record.state == \"available\" and (.[0].record.snapshots | length == 1)"
	echo "{\"run\":\"r1\"}" | try list snapshots
	got ".[0].listed | length == 1 and .[0].image == \"$ami\" and .[0].expires == null"
	journal | jq -se "[.[] | select(.action == \"CreateImage\" and .outcome != \"x\")] | all(.[]; .params.NoReboot == \"true\")"
'
c 'an image whose answer was lost is found; one that no list shows is unclear' '
	off
	fault "{\"action\":\"CreateImage\",\"effect\":\"reset-after\",\"times\":1}"
	image | try image
	got ".[0].record.name == \"web-1\""
	behave "{\"lag\":{\"seconds\":60,\"actions\":\"^DescribeImages$\"}}"
	fault "{\"action\":\"CreateImage\",\"effect\":\"reset-after\"}"
	image "{name: \"web-2\"}" | refuses 75 image
	got ".[0].unclear and .[0].id == \"$machine\""
	no_faults
	image "{name: \"web-2\"}" "{certain: true}" | refuses 75 image
	got ".[0].unclear"
	advance 100
	image "{name: \"web-2\"}" "{certain: true}" | try image
	got ".[0].made == null"
'
c 'an image that fails says why' '
	behave "{\"create_image\":{\"web-1\":{\"failed\":\"the disk is on fire\",\"seconds\":5}}}"
	off
	image | try image; ami=$(id)
	advance 100
	echo "{\"id\":\"$ami\"}" | try state images
	got ".[0].record | .state == \"failed\" and (.reason | test(\"fire\"))"
'
c 'lists: by run, name, expiry; pages to the end, and what fails is no empty list' '
	for n in a b c d e; do machine "{name: \"$n\", run: \"r-$n\"}"; done | try create
	behave "{\"page_size\":2}"
	{ echo "{}"; echo "{\"run\":\"r-b\"}"; echo "{\"name\":\"c\"}"; echo "{\"name\":\"?\"}"; echo "{\"temporary\":true}"; echo "{\"region\":\"eu-west-1\"}"; } | try list
	got "map(.listed | length) == [5, 1, 1, 0, 5, 0]"
	fault "{\"action\":\"DescribeInstances\",\"nth\":2,\"effect\":\"status\",\"status\":400,\"code\":\"InternalError\"}"
	echo "{}" | refuses 69 list
	no_faults
	echo "{\"temporary\":true}" | try list volumes
	got ".[0].listed | length == 5 and all(.[]; .instance)"
'
c 'the account is guarded, and wrong keys are said to be' '
	export SLUICE_ACCOUNT=210987654321
	echo "{}" | refuses 79 list
	unset SLUICE_ACCOUNT
	AWS_ACCESS_KEY_ID=nobody
	echo "{}" | refuses 77 list
	AWS_ACCESS_KEY_ID=AKIDREADONLY AWS_SECRET_ACCESS_KEY=readonly-secret-key
	machine | refuses 77 create
	got ".[0].unclear == null"
'
c 'the image that a source means: by id, own name, owner and pattern' '
	{
		echo "{\"wanted\":{\"source_image\":\"ami-3db92b42\"}}"
		echo "{\"wanted\":{\"source_image\":\"tmtt-base-41\"}}"
		echo "{\"wanted\":{\"source\":{\"owner\":\"self\",\"name\":\"tmtt-base-*\"}}}"
		echo "{\"region\":\"eu-west-1\",\"wanted\":{\"source\":{\"owner\":\"amazon\",\"name\":\"al2023-ami-2023*\",\"architecture\":\"arm64\"}}}"
	} | try find
	got "map(.record.name)[0:3] == [\"tmtt-base-42\", \"tmtt-base-41\", \"tmtt-base-42\"] and (.[3].record | .region == \"eu-west-1\" and .architecture == \"arm64\")"
	echo "{\"wanted\":{\"source_image\":\"tmtt-base-*\"}}" | refuses 1 find
	echo "{\"wanted\":{\"source\":{\"name\":\"debian-*\"}}}" | refuses 65 find
'
c 'what EC2 has not is listed as none and not made' '
	echo "{\"wanted\":{\"name\":\"x\"}}" | refuses 64 create volumes
	got ".[0].error.code == \"no-such-kind\""
'
c 'an image goes before its snapshots; again, and where an earlier run came half-way, too' '
	off
	image | try image; ami=$(id)
	advance 900
	sandbox_aws ec2 deregister-image --image-id "$ami" >made
	fault "{\"action\":\"DeleteSnapshot\",\"effect\":\"status\",\"status\":400,\"code\":\"UnauthorizedOperation\"}"
	echo "{\"id\":\"$ami\"}" | refuses 77 remove images
	got ".[0].error.message | test(\"^image .* is gone, but not its snapshot .snap-\")"
	no_faults
	echo "{\"run\":\"r1\"}" | try list snapshots
	got ".[0].listed | length == 1"
	forget
	{ echo "{\"id\":\"$ami\"}"; echo "{\"id\":\"$ami\"}"; } | try remove images
	echo "{\"run\":\"r1\"}" | try list snapshots
	got ".[0].listed == null"
	image "{name: \"web-2\"}" | try image; ami=$(id)
	advance 900; forget
	echo "{\"id\":\"$ami\"}" | try remove images
	[ "$(changes)" = "ec2 DeregisterImage" ]	# its snapshots with it
	echo "{\"run\":\"r1\"}" | try list snapshots
	got ".[0].listed == null"
	echo "{\"id\":\"$ami\"}" | try state images
	got ".[0].record == null"
	image "{name: \"web-3\"}" | try image; ami=$(id)
	echo "{\"id\":\"$ami\"}" | try remove images
	echo "{\"run\":\"r1\"}" | try list snapshots
	got ".[0].listed == null"
'
c 'snapshots of another image stay; protection is told' '
	off
	image | try image; ami=$(id)
	advance 900; sandbox_aws ec2 deregister-image --image-id "$ami" >made
	fault "{\"action\":\"DeleteSnapshot\",\"effect\":\"status\",\"status\":400,\"code\":\"InvalidSnapshot.InUse\",\"message\":\"The snapshot snap-1 is currently in use by ami-0123456789abcdef0\"}"
	echo "{\"id\":\"$ami\"}" | try remove images
	no_faults
	image "{name: \"web-2\"}" | try image; ami=$(id)
	advance 900; sandbox_aws ec2 deregister-image --image-id "$ami" >made
	fault "{\"action\":\"DeleteSnapshot\",\"times\":1,\"effect\":\"status\",\"status\":400,\"code\":\"InvalidSnapshot.InUse\",\"message\":\"The snapshot snap-1 is currently in use by $ami\"}"
	echo "{\"id\":\"$ami\"}" | refuses 75 remove images
	got ".[0].unclear"
	echo "{\"id\":\"$ami\"}" | try remove images
	image "{name: \"web-4\"}" | try image; ami=$(id)
	fault "{\"action\":\"DeregisterImage\",\"effect\":\"status\",\"status\":400,\"code\":\"OperationNotPermitted\",\"message\":\"no\"}"
	echo "{\"id\":\"$ami\"}" | refuses 69 remove images
	got ".[0].error.message | test(\"protected\")"
'
copies='
copies() { for region in "$@"; do jq -cn --arg region "$region" --arg id "$ami" "{region: \$region, wanted: ({name: \"web-1\", run: \"r1\", tags: {os: \"debian\"}, source: {region: \"us-west-2\", id: \$id}} + ${more:-{\}})}"; done; }
more=
baked() { off; image | try image; ami=$(id); advance 900; }
'
c 'copies to several regions at once, found again, tagged with their snapshots' "$copies"'
	baked
	fault "{\"action\":\"CopyImage\",\"nth\":1,\"effect\":\"reset-after\"}"
	copies eu-west-1 us-east-1 sa-east-1 | try copy
	got "all(.[]; .made and .record.state == \"pending\") and map(.record.region) == [\"eu-west-1\", \"us-east-1\", \"sa-east-1\"]"
	jq -c "{id, region: .record.region}" got >ids
	copies eu-west-1 us-east-1 sa-east-1 | try copy
	got "all(.[]; .made == null)"
	jq -c "{id, region: .record.region}" got | same ids -
	advance 900
	try state images <ids
	got "all(.[]; .ready and .record.run == \"r1\" and .record.tags.os == \"debian\" and .record.source.id == \"$ami\")"
	echo "{\"region\":\"eu-west-1\",\"run\":\"r1\"}" | try list snapshots
	got ".[0].listed | length == 1 and .[0].tags.os == \"debian\""
	more="{source: {region: \"us-west-2\", id: \"ami-3db92b42\"}}"
	copies eu-west-1 | refuses 69 copy
	got ".[0].error.code == \"name-taken\""
'
c 'one copy of three fails, one is refused; a lost one is found when the list catches up' "$copies"'
	baked
	behave "{\"copy_image\":{\"us-east-1\":{\"failed\":\"no luck\",\"seconds\":1},\"sa-east-1\":{\"code\":\"ResourceLimitExceeded\"}}}"
	copies eu-west-1 us-east-1 sa-east-1 | refuses 69 copy
	got "map(.error.code) == [null, null, \"ResourceLimitExceeded\"]"
	jq -c "select(.id) | {id, region: .record.region}" got >ids
	advance 900
	try state images <ids
	got "map(.record.state) == [\"available\", \"failed\"] and .[1].record.reason == \"no luck\""
	behave "{\"lag\":{\"seconds\":60,\"actions\":\"^DescribeImages$\"}}"
	export AWS_MAX_ATTEMPTS=1
	fault "{\"action\":\"CopyImage\",\"effect\":\"reset-after\"}"
	copies eu-central-1 | refuses 75 copy
	got ".[0].unclear"
	advance 100
	copies eu-central-1 | jq -c ".certain = true" | try copy
	got ".[0].made == null"
'
c 'shared with accounts: image and snapshots; what is missing is named' "$copies"'
	baked
	share() { jq -cn --arg id "$ami" "{id: \$id, wanted: {share_with: $1}} + ${2:-{\}}"; }
	share "[\"210987654321\", \"arn:aws:organizations::1:organization/o-1\"]" | try share
	share "[\"210987654321\"]" | try share
	snapshot=$(sandbox_aws ec2 describe-images --image-ids "$ami" | jq -r ".Images[0].BlockDeviceMappings[0].Ebs.SnapshotId")
	sandbox_aws ec2 describe-image-attribute --image-id "$ami" --attribute launchPermission | jq -e ".LaunchPermissions | length == 2"
	sandbox_aws ec2 describe-snapshot-attribute --snapshot-id "$snapshot" --attribute createVolumePermission | jq -e ".CreateVolumePermissions == [{UserId: \"210987654321\"}]"
	share "[\"everybody\"]" | refuses 65 share
	fault "{\"action\":\"ModifySnapshotAttribute\",\"effect\":\"status\",\"status\":403,\"code\":\"UnauthorizedOperation\",\"message\":\"no\"}"
	share "[\"210987654321\"]" | refuses 77 share
	got ".[0].error.message | test(\"^the snapshot .snap-.* is not shared: \")"
	no_faults
	more="{encrypted: true}"
	copies eu-west-1 | try copy; ami=$(id); advance 900
	share "[\"210987654321\"]" "{region: \"eu-west-1\"}" | refuses 69 share
	got ".[0].error.message | test(\"^the image .ami-.* is not shared, it is encrypted .*key\")"
	more="{name: \"web-k\", kms_key: \"arn:aws:kms:eu-west-1:123456789012:key/1\", source: {region: \"us-west-2\", id: \"ami-3db92b42\"}}"
	copies eu-west-1 | try copy; ami=$(id); advance 900
	share "[\"210987654321\"]" "{region: \"eu-west-1\"}" | try share
	got ".[0].record.kms_key | test(\"key/1$\")"
	share "[]" "{region: \"eu-west-1\"}" | try share
'
c 'who uses an image: machines, templates, configurations, groups' "$copies"'
	baked
	echo "{\"id\":\"$ami\"}" | try users
	got ".[0].record.used_by == []"
	up "{name: \"user\", image: \"$ami\"}"
	sandbox_aws ec2 create-launch-template --launch-template-name tpl --launch-template-data "{\"ImageId\":\"$ami\",\"InstanceType\":\"t3.micro\"}" >t1
	sandbox_aws ec2 create-launch-template-version --launch-template-name tpl --launch-template-data "{\"ImageId\":\"ami-3db92b42\",\"InstanceType\":\"t3.micro\"}" >t1
	sandbox_aws ec2 create-launch-template-version --launch-template-name tpl --launch-template-data "{\"ImageId\":\"ami-3db92b41\",\"InstanceType\":\"t3.micro\"}" >t1
	sandbox_aws autoscaling create-launch-configuration --launch-configuration-name lc --image-id "$ami" --instance-type t3.micro >lc
	group() { name=$1; shift; sandbox_aws autoscaling create-auto-scaling-group --auto-scaling-group-name "$name" --min-size 0 --max-size 1 --availability-zones us-west-2a "$@"; }
	group g-default --launch-template LaunchTemplateName=tpl
	group g-latest --launch-template "LaunchTemplateName=tpl,Version=\$Latest"
	group g-first --launch-template LaunchTemplateName=tpl,Version=1
	group g-second --launch-template LaunchTemplateName=tpl,Version=2
	group g-old --launch-configuration-name lc
	{ echo "{\"id\":\"$ami\"}"; echo "{\"id\":\"ami-3db92b41\"}"; echo "{\"id\":\"$ami\",\"region\":\"eu-west-1\"}"; } | try users
	got ".[0].record.used_by | map(\"\(.kind) \(.name)\") | sort == [\"asg g-default\", \"asg g-first\", \"asg g-old\", \"instance user\", \"launch-configuration lc\", \"launch-template tpl\"]"
	got ".[1].record.used_by | map(\"\(.kind) \(.name)\") | sort == [\"asg g-latest\", \"launch-template tpl\"]"
	got ".[2].record.used_by == []"
	forget; seq 90 | jq -c "{id: \"ami-0\(.)\"}" | try users; [ "$(requests)" = 6 ]	# each list once, and two numbered versions
	call() { service=$1 action=$2; shift 2; echo "$*" | aws-call "$service" "$action" >called; }
	call ssm PutParameter "{\"Name\": \"/web/image\", \"Type\": \"String\", \"Value\": \"$ami\"}"
	for version in 1 3; do	# the first, and the newest after one of another image
		data="\"LaunchTemplateName\": \"alias\", \"LaunchTemplateData\": {\"ImageId\": \"resolve:ssm:/web/image\"}"
		if [ $version = 1 ]; then call ec2 CreateLaunchTemplate "{$data}"; else call ec2 CreateLaunchTemplateVersion "{$data}"; fi
		call ec2 CreateLaunchTemplateVersion "{\"LaunchTemplateName\": \"alias\", \"LaunchTemplateData\": {\"ImageId\": \"ami-3db92b42\"}}"
	done
	call ec2 ModifyLaunchTemplate "{\"LaunchTemplateName\": \"alias\", \"SetDefaultVersion\": \"3\"}"
	call autoscaling CreateAutoScalingGroup "{\"AutoScalingGroupName\": \"g-alias\", \"MinSize\": 0, \"MaxSize\": 1, \"AvailabilityZones\": [\"us-west-2a\"],
		\"LaunchTemplate\": {\"LaunchTemplateName\": \"alias\", \"Version\": \"1\"}}"
	echo "{\"id\":\"$ami\"}" | try users
	got ".[0].record.used_by | map(\"\(.kind) \(.name)\") | contains([\"asg g-alias\", \"launch-template alias\"])"
	fault "{\"action\":\"DescribeLaunchConfigurations\",\"effect\":\"status\",\"status\":403,\"code\":\"AccessDenied\"}"
	echo "{\"id\":\"$ami\"}" | refuses 77 users
'
c 'host keys on the console: none yet, those of a whole block, of old types too' '
	up
	echo "{\"id\":\"$machine\"}" | try host-keys
	got ".[0].record == null"
	ssh-keygen -q -t ed25519 -N "" -f key; pub=$(cut -d " " -f 1,2 key.pub)
	answer() {
		printf "%b" "$1" | base64 -w 0 >output
		no_faults
		fault "$(jq -cn --rawfile output output "{action: \"GetConsoleOutput\", effect: \"status\", status: 200, type: \"text/xml\", body: \"<GetConsoleOutputResponse><requestId>x</requestId><instanceId>i</instanceId><output>\(\$output)</output></GetConsoleOutputResponse>\"}")"
	}
	answer "boot\r\n-----BEGIN SSH HOST KEY KEYS-----\r\n$pub root@host\r\nssh-rsa !!! x\r\n-----END SSH HOST KEY KEYS-----\r\nlogin: "
	echo "{\"id\":\"$machine\"}" | try host-keys
	got ".[0].record.host_keys == [\"$pub\"]"
	answer "-----BEGIN SSH HOST KEY KEYS-----\n$pub root@host\n"
	echo "{\"id\":\"$machine\"}" | try host-keys
	got ".[0].record == null"
	answer "[   12.0] cloud-init[1]: ec2: $pub x\nssh-ed25519 AAAA\n"
	echo "{\"id\":\"$machine\"}" | try host-keys
	got ".[0].record.host_keys == [\"$pub\"]"
	no_faults
	fault "{\"action\":\"GetConsoleOutput\",\"params\":\"Latest\",\"effect\":\"status\",\"status\":400,\"code\":\"UnsupportedOperation\"}"
	forget
	echo "{\"id\":\"$machine\"}" | try host-keys
	[ "$(requests)" -eq 2 ]
'
c 'no answer is no empty list: garbage, half an answer, a dead network' '
	machine | try create
	for effect in garbage truncate empty html; do
		fault "{\"action\":\"DescribeInstances\",\"effect\":\"$effect\",\"status\":200}"
		echo "{}" | refuses 70 list || echo "{}" | refuses 75 list
		machine | refuses 70 state || machine | refuses 75 state
		got ".[0].record == null"
		no_faults
	done
	fault "{\"action\":\"RunInstances\",\"effect\":\"garbage\",\"status\":200}"
	machine "{name: \"other\"}" | refuses 70 create
	got ".[0].unclear"
	no_faults
	machine "{name: \"other\"}" | try create
	got ".[0].made == null"
	AWS_ENDPOINT_URL=http://127.0.0.1:1
	echo "{}" | refuses 75 list
	machine "{name: \"third\"}" | refuses 75 create
	got ".[0].unclear == null"
'
c 'a recorded run replays without network and keys' '
	machine "{user_data: \"a secret in user data\"}" >in
	SLUICE_TRACE=trace cloud-verb aws create <in >first
	SLUICE_TRACE=trace cloud-verb aws list <in >>first
	no grep -r -e "secret in user" -e "$(printf "a secret in user data" | base64)" trace
	stop_sandbox
	env -i PATH="$PATH" HOME=/nonexistent SLUICE_REPLAY=trace cloud-verb aws create <in >second
	env -i PATH="$PATH" HOME=/nonexistent SLUICE_REPLAY=trace cloud-verb aws list <in >>second
	same first second
'
done_testing
