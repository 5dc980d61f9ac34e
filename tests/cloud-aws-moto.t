#!/bin/sh
# SPDX-License-Identifier: ISC
# EC2 behind common/cloud.h on moto, an AWS that we did not write, with its signature checks on. It
# knows no tokens, phases, or tags of copies: what these are for is in cloud-aws.t.
. "$(dirname "$0")/lib.sh"
. "$tests/aws-one.sh"; share_aws_cli
. "$tests/moto.sh"

if ! moto_ready; then
	skip 'EC2 on moto' "$why_no_moto"
	done_testing
fi
mt() { t "$1" '. "$tests/moto.sh"
start_moto; moto_things
base=$(moto_aws ec2 register-image --name base --root-device-name /dev/sda1 | jq -r .ImageId)
try() { cloud-verb aws "$@" >got || { echo "status $?"; cat got; return 1; }; }
got() { jq -se "$1" got >holds || { echo "does not hold: $1"; cat got; return 1; }; }
id() { jq -r "select(.id).id" got | head -n 1; }
machine() { jq -cn --arg image "$base" "{wanted: {kind: \"instance\", name: \"bake-1\", run: \"r1\", image: \$image, size: \"t3.micro\", zone: \"us-west-2b\", keys: [\"tmtt\"], security_groups: [\"tmtt\"], disk: 12, user_data: \"hello\", expires: \"2026-11-21T00:00:00Z\", tags: {role: \"web\"}}}"; }
'"$2"; }

mt 'a machine is made once, stopped, made an image of, copied, shared and removed' '
	machine | try create
	got ".[0].made"
	machine | try create
	got ".[0].made == null and (.[0].record | .run == \"r1\" and .zone == \"us-west-2b\" and .tags.role == \"web\")"
	machine=$(id)
	moto_aws ec2 describe-instance-attribute --instance-id "$machine" --attribute userData | jq -e ".UserData.Value == (\"hello\" | @base64)"
	moto_aws ec2 describe-volumes | jq -e ".Volumes | length == 1 and .[0].Size == 12"
	{ echo "{\"id\":\"$machine\"}"; echo "{\"id\":\"i-0123456789abcdef0\"}"; } | try state
	got ".[0].ready and .[1].record == null"
	{ echo "{\"run\":\"r1\",\"temporary\":true}"; echo "{\"run\":\"r2\"}"; } | try list
	got "map(.listed | length) == [1, 0]"
	echo "{\"run\":\"r1\",\"temporary\":true}" | try list volumes
	got ".[0].listed[0].instance == \"$machine\""
	echo "{\"id\":\"$machine\"}" | try power
	echo "{\"id\":\"$machine\"}" | try state
	got ".[0].record.status == \"off\""
	echo "{\"id\":\"$machine\",\"wanted\":{\"name\":\"web-1\",\"run\":\"r1\",\"tags\":{\"os\":\"debian\"}}}" >in
	try image <in
	got ".[0].made"
	image=$(id)
	try image <in
	got ".[0].made == null and .[0].id == \"$image\" and .[0].record.tags.os == \"debian\""
	echo "{\"run\":\"r1\"}" | try list snapshots
	got ".[0].listed[0].image == \"$image\""
	echo "{\"region\":\"eu-west-1\",\"wanted\":{\"name\":\"web-1\",\"source\":{\"region\":\"us-west-2\",\"id\":\"$image\"}}}" | try copy
	got ".[0].made and .[0].record.region == \"eu-west-1\""
	echo "{\"id\":\"$image\",\"wanted\":{\"share_with\":[\"210987654321\"]}}" | try share
	moto_aws ec2 describe-image-attribute --image-id "$image" --attribute launchPermission | jq -e ".LaunchPermissions[0].UserId == \"210987654321\""
	{ echo "{\"id\":\"$image\"}"; echo "{\"id\":\"$base\"}"; } | try users
	got "map(.record.used_by | length) == [0, 1]"
	{ echo "{\"id\":\"$image\"}"; echo "{\"id\":\"$image\"}"; } | try remove images
	echo "{\"run\":\"r1\"}" | try list snapshots
	got ".[0].listed == null"
	{ echo "{\"id\":\"$machine\"}"; echo "{\"id\":\"$machine\"}"; } | try remove
	echo "{\"id\":\"$machine\"}" | try state
	got ".[0].record.status == \"gone\""
	echo "{}" | try list
	got ".[0].listed == null"
'
mt 'key pairs and security groups, found again and removed' '
	ssh-keygen -q -t ed25519 -N "" -f key
	jq -cn --arg key "$(cat key.pub)" "{wanted: {name: \"k\", run: \"r1\", expires: \"2026-11-21T00:00:00Z\", public_key: \$key}}" >in
	try create keys <in
	got ".[0].made"
	try create keys <in
	got ".[0].made == null and .[0].record.run == \"r1\""
	echo "{\"run\":\"r1\",\"temporary\":true}" | try list keys
	jq -c ".listed[] | {id}" got >ids
	lines 1 ids
	cat ids ids | try remove keys
	echo "{\"wanted\":{\"name\":\"g\",\"run\":\"r1\",\"ports\":[22]}}" | try create groups
	got ".[0].made and .[0].record.run == \"r1\""
	echo "{\"wanted\":{\"name\":\"g\",\"run\":\"r1\",\"ports\":[22,80]}}" | try create groups
	got ".[0].made == null"
	group=$(id)
	moto_aws ec2 describe-security-groups --group-ids "$group" | jq -e ".SecurityGroups[0].IpPermissions | map(.FromPort) | unique == [22, 80]"
	{ echo "{\"id\":\"$group\"}"; echo "{\"id\":\"$group\"}"; } | try remove groups
'
mt 'sizes and regions, the image that a source means' '
	echo "{\"region\":\"eu-west-1\"}" | try list sizes
	got ".[0].listed | map(.id) | index(\"t3.micro\")"
	echo "{}" | try list regions
	got ".[0].listed | map(select(.available).id) | index(\"us-west-2\")"
	{ echo "{\"wanted\":{\"source_image\":\"base\"}}"; echo "{\"wanted\":{\"source\":{\"owner\":\"self\",\"name\":\"ba*\"}}}"; } | try find
	got "map(.id) == [\"$base\", \"$base\"]"
'
done_testing
