#!/bin/sh
# SPDX-License-Identifier: ISC
# What baking asks of EC2, by the aws CLI: on the sandbox, and on moto as far as moto can.
. "$(dirname "$0")/lib.sh"
. "$tests/moto.sh"
. "$tests/aws-cli.sh"

aws_cli_ready
words='
ec2() { aws ec2 "$@"; }
eq() { query=$1; shift; q "$query" ec2 "$@"; }
base_image() {
	[ $on = sandbox ] && image=ami-3db92b0d || image=$(eq ImageId register-image --name base)
}
tagged() {				# tagged TYPE…: tag specifications
	for type; do printf "ResourceType=%s,Tags=[{Key=sluice:run,Value=r1},{Key=expires,Value=soon}] " "$type"; done
}
group() {
	group=$(eq GroupId create-security-group --group-name "${1:-bake}" --description bake --tag-specifications $(tagged security-group))
}
key() {
	ssh-keygen -q -t ed25519 -N "" -C me -f key
	ec2 import-key-pair --key-name bake --public-key-material "fileb://$PWD/key.pub" --tag-specifications $(tagged key-pair)
}
launch() {
	ec2 run-instances --image-id "$image" --instance-type m5.large "$@" >launched
	instance=$(jq -r ".Instances[0].InstanceId" launched)
}
state_of() { eq "Reservations[].Instances[].State.Name" describe-instances --instance-ids "$@"; }
running() { wait_until all running state_of "$instance"; }
image_state() { eq "Images[].State" describe-images --image-ids "$1"; }
available() { wait_until all available image_state "$1"; }
snapshots() { eq "Snapshots[].SnapshotId" describe-snapshots --filters "Name=tag:sluice:run,Values=r1"; }
'

both 'key pairs: imported, made, listed, twice deleted' '
	key >got
	is "$(jq -r .KeyName got)" bake
	refused InvalidKeyPair.Duplicate ec2 import-key-pair --key-name bake --public-key-material "fileb://$PWD/key.pub"
	is "$(eq "KeyPairs[].KeyName" describe-key-pairs --filters Name=tag:sluice:run,Values=r1)" bake
	refused InvalidKeyPair.NotFound ec2 describe-key-pairs --key-names none
	ec2 create-key-pair --key-name made --query KeyMaterial --output text >made.pem
	chmod 600 made.pem
	ssh-keygen -y -f made.pem >made.pub
	grep -q "^ssh-rsa " made.pub
	for _ in 1 2; do ec2 delete-key-pair --key-name bake; done >got
	is "$(eq "KeyPairs[].KeyName" describe-key-pairs --filters Name=tag:sluice:run,Values=r1)" ""
'
both 'security groups: made with a rule, no second one, deleted' '
	group
	refused InvalidGroup.Duplicate ec2 create-security-group --group-name bake --description again
	port() { ec2 authorize-security-group-ingress --group-id "$group" --protocol tcp --port 22 --cidr 192.0.2.1/32; }
	port >got
	is "$(jq -r ".SecurityGroupRules[0].CidrIpv4" got)" 192.0.2.1/32
	refused InvalidPermission.Duplicate ec2 authorize-security-group-ingress --group-id "$group" --protocol tcp --port 22 --cidr 192.0.2.1/32
	ec2 describe-security-groups --filters Name=tag:sluice:run,Values=r1 >got
	jq -e ".SecurityGroups | length == 1 and .[0].GroupName == \"bake\" and .[0].IpPermissions[0].FromPort == 22" got
	ec2 revoke-security-group-ingress --group-id "$group" --protocol tcp --port 22 --cidr 192.0.2.1/32 >got
	is "$(eq "SecurityGroups[0].IpPermissions" describe-security-groups --group-ids "$group")" ""
	refused InvalidPermission.NotFound ec2 revoke-security-group-ingress --group-id "$group" --protocol tcp --port 22 --cidr 192.0.2.1/32
	ec2 delete-security-group --group-id "$group"
	refused InvalidGroup.NotFound ec2 describe-security-groups --group-ids "$group"
	refused InvalidGroup.NotFound ec2 delete-security-group --group-id "$group"
'
both 'from a launch to an image' '
	base_image; group; key >got
	launch --key-name bake --security-group-ids "$group" --user-data "#!/bin/sh" --client-token token --count 1 \
		--instance-initiated-shutdown-behavior terminate --tag-specifications $(tagged instance volume)
	is "$(jq -r ".Instances[0].State.Name" launched)" pending
	running
	is "$(eq "InstanceInitiatedShutdownBehavior.Value" describe-instance-attribute --instance-id "$instance" --attribute instanceInitiatedShutdownBehavior)" terminate
	is "$(eq "UserData.Value" describe-instance-attribute --instance-id "$instance" --attribute userData | base64 -d)" "#!/bin/sh"
	if [ $on = sandbox ]; then by=client-token,Values=token; else by=image-id,Values=$image; fi
	is "$(eq "Reservations[].Instances[].InstanceId" describe-instances --filters "Name=$by" Name=key-name,Values=bake Name=tag:sluice:run,Values=r1)" "$instance"
	is "$(eq "length(Volumes)" describe-volumes --filters Name=tag:sluice:run,Values=r1 "Name=attachment.instance-id,Values=$instance")" 1
	[ $on = moto ] || refused DependencyViolation ec2 delete-security-group --group-id "$group"
	made=$(eq ImageId create-image --instance-id "$instance" --name "image 1" --no-reboot --tag-specifications $(tagged image))
	available "$made"
	is "$(eq "Images[].Name" describe-images --owners self --filters Name=tag:sluice:run,Values=r1)" "image 1"
	snapshot=$(eq "Images[0].BlockDeviceMappings[0].Ebs.SnapshotId" describe-images --image-ids "$made")
	is "$(eq "Snapshots[].State" describe-snapshots --snapshot-ids "$snapshot")" completed
	refused InvalidSnapshot.InUse ec2 delete-snapshot --snapshot-id "$snapshot"
	for _ in 1 2; do ec2 terminate-instances --instance-ids "$instance"; done >got
	wait_until all terminated state_of "$instance"
	wait_until ec2 delete-security-group --group-id "$group"
	is "$(eq "Volumes[]" describe-volumes --filters Name=tag:sluice:run,Values=r1)" ""
'
both 'stopped, started, its type changed' '
	base_image; launch; running
	ec2 stop-instances --instance-ids "$instance" >got
	wait_until all stopped state_of "$instance"
	ec2 modify-instance-attribute --instance-id "$instance" --instance-type Value=m5.xlarge
	ec2 start-instances --instance-ids "$instance" >got
	running
	is "$(eq "Reservations[].Instances[].InstanceType" describe-instances --instance-ids "$instance")" m5.xlarge
	ec2 reboot-instances --instance-ids "$instance"
	is "$(state_of "$instance")" running
'
sandboxed 'one token, one launch; other parameters are refused; a zone of its own has its own' '
	image=ami-3db92b0d
	launch --client-token t; first=$instance
	launch --client-token t
	is "$instance" "$first"
	refused IdempotentParameterMismatch ec2 run-instances --image-id $image --instance-type m5.xlarge --client-token t
	launch --client-token t --placement AvailabilityZone=us-west-2b
	no [ "$instance" = "$first" ]
	is "$(eq "length(Reservations[].Instances[])" describe-instances)" 2
	AWS_REGION=eu-west-1
	image=$(eq "Images[0].ImageId" describe-images --owners 136693071363)
	launch --client-token t
	is "$(eq "length(Reservations[].Instances[])" describe-instances)" 1
'
sandboxed 'launches that are refused' '
	wrong() { code=$1; shift; refused "$code" ec2 run-instances --instance-type m5.large --image-id ami-3db92b0d "$@"; }
	wrong InvalidAMIID.NotFound --image-id ami-00000000000000000
	wrong InvalidAMIID.Malformed --image-id x
	wrong InvalidAMIID.Unavailable --image-id ami-3db92bff
	wrong AuthFailure --image-id ami-0123456789abcdef0
	wrong InvalidKeyPair.NotFound --key-name none
	wrong InvalidGroup.NotFound --security-group-ids sg-00000000000000000
	wrong InvalidGroupId.Malformed --security-group-ids tmtt
	wrong InvalidGroup.NotFound --security-groups none
	wrong InvalidSubnetID.NotFound --subnet-id subnet-0
	wrong InvalidParameterValue --placement AvailabilityZone=us-west-2z
	wrong InvalidParameterValue --instance-type nonsense
	wrong InvalidParameterValue --instance-type t4g.small
	wrong InvalidParameterValue --iam-instance-profile Name=none
	wrong InvalidParameterValue --count 0
	wrong InvalidParameterValue --tag-specifications "ResourceType=image,Tags=[{Key=a,Value=b}]"
	wrong InvalidBlockDeviceMapping --block-device-mappings "DeviceName=/dev/xvda,Ebs={VolumeSize=4}"
	wrong DryRunOperation --dry-run
	is "$(eq "Reservations[]" describe-instances)" ""
'
sandboxed 'no capacity: in one zone, of one type, anywhere' '
	image=ami-3db92b0d
	behave "{\"capacity\":{\"us-west-2a\":[\"*\"],\"us-west-2b\":[\"m5.large\"]}}"
	in_zone() { zone=$1; shift; ec2 run-instances --image-id $image --instance-type m5.large --placement "AvailabilityZone=us-west-2$zone" "$@"; }
	fails 254 in_zone a
	says "(InsufficientInstanceCapacity)"
	fails 254 in_zone b
	in_zone b --instance-type m5.xlarge >got
	launch
	is "$(jq -r ".Instances[0].Placement.AvailabilityZone" launched)" us-west-2c
	behave "{\"capacity\":{\"*\":[\"m5.large\"]}}"
	refused InsufficientInstanceCapacity ec2 run-instances --image-id $image --instance-type m5.large
'
sandboxed 'lists that lag; the console is empty at first; an address when it runs' '
	image=ami-3db92b0d
	behave "{\"lag\":7}"
	advance 10
	launch
	refused InvalidInstanceID.NotFound ec2 describe-instances --instance-ids "$instance"
	is "$(jq -r ".Instances[0].PublicIpAddress" launched)" null
	running
	behave "{\"lag\":null}"
	no jq -e .Output got
	ec2 get-console-output --instance-id "$instance" >got
	jq -e "has(\"Output\") | not" got
	advance 30
	ec2 get-console-output --instance-id "$instance" >got
	jq -e ".Output | contains(\"cloud-init\")" got
	is "$(eq "length(Reservations[].Instances[].PublicIpAddress)" describe-instances --instance-ids "$instance")" 1
'
sandboxed 'an image in the making has no snapshot ids; one that fails, one that never ends, one refused' '
	image=ami-3db92b0d
	behave "{\"create_image\":{\"bad\":{\"failed\":\"disk on fire\"},\"slow\":{\"stuck\":true},\"none\":{\"code\":\"ResourceLimitExceeded\"}}}"
	launch; running
	make() { made=$(eq ImageId create-image --instance-id "$instance" --name "$1" --tag-specifications $(tagged image snapshot)); }
	make good
	is "$(image_state "$made")" pending
	is "$(eq "Images[].BlockDeviceMappings[].Ebs.SnapshotId" describe-images --image-ids "$made")" ""
	is "$(eq "Snapshots[].State" describe-snapshots --filters Name=tag:sluice:run,Values=r1)" pending
	refused InvalidAMIName.Duplicate ec2 create-image --instance-id "$instance" --name good
	refused InvalidAMIName.Malformed ec2 create-image --instance-id "$instance" --name "a&b"
	refused InvalidAMIID.Unavailable ec2 run-instances --image-id "$made" --instance-type m5.large
	refused ResourceLimitExceeded ec2 create-image --instance-id "$instance" --name none
	available "$made"
	is "$(eq "Images[].BlockDeviceMappings[].Ebs.SnapshotId" describe-images --image-ids "$made")" "$(snapshots)"
	make slow; slow=$made
	make bad
	wait_until all failed image_state "$made"
	is "$(eq "Images[].StateReason.Message" describe-images --image-ids "$made")" "disk on fire"
	is "$(image_state "$slow")" pending
	launch
	refused InvalidParameterValue ec2 create-image --instance-id "$instance" --name early
'
done_testing
