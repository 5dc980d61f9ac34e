#!/bin/sh
# SPDX-License-Identifier: ISC
# The steps of img-bake on moto, an AWS that we did not write, without logging in to machines; copies
# and retention there.
. "$(dirname "$0")/lib.sh"
. "$tests/aws-one.sh"; share_aws_cli
. "$tests/moto.sh"

if ! moto_ready; then
	skip 'img-bake on moto' "$why_no_moto"
	done_testing
fi
t 'up, create-image, down, destroy; each again; what the user named is used' '. "$tests/moto.sh"
	start_moto; moto_things
	base=$(moto_aws ec2 register-image --name base --root-device-name /dev/sda1 | jq -r .ImageId)
	spec() { jq -cn --arg base "$base" "{kind: \"bake\", name: \"one\", provider: \"aws\", region: \"us-west-2\", source: {owner: \"self\", name: \"ba*\"},
		instance_types: [\"t3.micro\"], zones: [\"us-west-2b\"], disk: 12, image_name: \"one-1\", description: \"made\", run: \"r1\", tags: {os: \"debian\"}} + ${1:-{\}}"; }
	up() { img-bake up --no-ssh --interval 20ms --lag 0 "$@"; }
	image() { img-bake create-image --no-ssh --interval 20ms "$@"; }
	destroy() { img-bake destroy --interval 20ms --lag 0 "$@"; }
	ours() { moto_aws ec2 describe-instances --filters Name=instance-state-name,Values=pending,running,stopping,stopped | jq "[.Reservations[].Instances[]] | length"; }
	spec | up >up 2>err || { cat err; exit 1; }
	[ "$(ours)" = 1 ]
	moto_aws ec2 describe-instances >machines
	jq -e "[.Reservations[].Instances[]] | length == 1 and (.[0] | .ImageId == \"$base\" and .InstanceType == \"t3.micro\" and .Placement.AvailabilityZone == \"us-west-2b\" and
		(.Tags | map({key: .Key, value: .Value}) | from_entries | .os == \"debian\"))" machines
	moto_aws ec2 describe-key-pairs | jq -e "[.KeyPairs[].KeyName] | length == 2"
	up <up >again 2>err; [ "$(ours)" = 1 ]
	spec | up >again 2>err; [ "$(ours)" = 1 ]
	image <up >image 2>err || { cat err; exit 1; }
	id=$(jq -r "select(.kind == \"image\").id" image)
	grep -qx "created server image: $id" err
	moto_aws ec2 describe-images --image-ids "$id" | jq -e ".Images[0] | .Name == \"one-1\" and .Description == \"made\" and (.Tags | any(.Key == \"os\"))"
	image <up >again 2>err; [ "$(jq -r "select(.kind == \"image\").id" again)" = "$id" ]
	image <image >again 2>err; [ "$(jq -r "select(.kind == \"image\").id" again)" = "$id" ]
	img-bake status <image >status 2>err; grep -q "image $id available" err
	destroy <image >gone 2>err || { cat err; exit 1; }
	[ "$(ours)" = 0 ]; [ ! -e .sluice ]
	# moto deletes key pairs by their names only
	grep -q "\"deleted\",\"target\":\"ssh-key\"" gone
	moto_aws ec2 describe-security-groups | jq -e "[.SecurityGroups[].GroupName] | map(select(startswith(\"sluice\"))) == []"
	destroy <gone >again 2>err

	spec "{name: \"two\", image_name: \"two-1\", key_pair: \"tmtt\", security_groups: [\"tmtt\"], user_data: \"#!/bin/sh\"}" | up >up 2>err || { cat err; exit 1; }
	moto_aws ec2 describe-key-pairs | jq -e ".KeyPairs | length == 2"
	moto_aws ec2 describe-security-groups | jq -e "[.SecurityGroups[].GroupName] | map(select(startswith(\"sluice\"))) == []"
	machine=$(jq -r "select(.kind == \"bake\").instance.id" up)
	moto_aws ec2 describe-instances --instance-ids "$machine" | jq -e ".Reservations[0].Instances[0] | .KeyName == \"tmtt\" and .SecurityGroups[0].GroupName == \"tmtt\""
	img-bake down --interval 20ms <up >down 2>err
	jq -es "map(select(.kind == \"bake\"))[0].instance.status == \"off\"" down
	up <down >up 2>err
	jq -es "map(select(.kind == \"bake\"))[0].instance.status == \"active\"" up
	destroy <up >gone 2>err
	[ "$(ours)" = 0 ]
	moto_aws ec2 describe-key-pairs | jq -e ".KeyPairs | length == 2 and any(.KeyName == \"tmtt\")"
'
t 'images are listed, copied, shared, and the old ones removed with their users named' '. "$tests/moto.sh"
	start_moto
	register() { echo "{\"Name\": \"web-$1\", \"RootDeviceName\": \"/dev/sda1\", \"BlockDeviceMapping\": [{\"DeviceName\": \"/dev/sda1\", \"Ebs\": {\"VolumeSize\": 8}}]}" | aws-call ec2 RegisterImage | jq -r .imageId; }
	old=$(register 20261101); new=$(register 20261103)
	img-list -c aws | jq -c ".created = \"2026-11-\(.name[-2:])T00:00:00Z\"" >in; lines 2 in
	sed -n 2p in | img-copy -q --interval 20ms -t eu-west-1 -t us-east-1 --share 111122223333 >out
	jq -c "select(.kind == \"image\") | [.region, .name, .state, .source.region, .share_with]" out >got
	cat >want <<-END
	["us-west-2","web-20261103","available",null,["111122223333"]]
	["eu-west-1","web-20261103","available","us-west-2",["111122223333"]]
	["us-east-1","web-20261103","available","us-west-2",["111122223333"]]
	END
	same want got
	jq -r "select(.region == \"eu-west-1\" and .kind == \"image\").id" out >id
	AWS_REGION=eu-west-1 moto_aws ec2 describe-image-attribute --image-id "$(cat id)" --attribute launchPermission | jq -e ".LaunchPermissions[0].UserId == \"111122223333\""
	img-copy -q -t eu-west-1 -t us-east-1 <out >again; same out again	# moto does not tell what a copy is of: the records do
	img-list -c aws -r us-east-1 -r us-west-2 -r eu-west-1 | jq -r .region | sort | xargs >got; echo eu-west-1 us-east-1 us-west-2 us-west-2 >want; same want got
	img-old -q --keep 1 <in >old; jq -r .id old >got; echo "$old" >want; same want got
	echo "{\"LaunchTemplateName\": \"tpl\", \"LaunchTemplateData\": {\"ImageId\": \"$old\"}}" | aws-call ec2 CreateLaunchTemplate >made
	fails 79 img-rm <old; says "launch-template lt-[0-9a-f]* .tpl."
	img-rm --force -n <old >plan; img-rm -q --force --plan plan <old >out
	img-list -c aws | jq -r .id >got; echo "$new" >want; same want got
	img-rm -q --force <old >out; tail -n 1 out | jq -e ".state == \"gone\""
'
done_testing
