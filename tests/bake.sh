# SPDX-License-Identifier: ISC
# A case's words for img-bake on machines that are really there (tests/machines.sh); in a case:
#	. "$tests/bake.sh"; start_bakes [OPTION…]
#	bake CLOUD NAME [MEMBERS]	a record for ec2 or do
#	step STEP [OPTION…]	img-bake without long waits; in the background with instead=exec
#	script NAME <TEXT	an executable sh script
#	the JQ FILE		what holds for the bake record of a stream; prints it
#	holds JQ FILE		whether it does
#	left_over		all that is there for a while in any cloud, and machines: a line each
#	nothing_left		none of it, and no private key
#	disk_of_image ID	the disk that an image has
#	sent_auth		machines' sshd that let somebody in
. "$tests/machines.sh"

start_bakes() {
	start_sandbox --machines --speed 600 "$@" || return 1
	machines_dir=${SLUICE_SSH#ssh -F }; machines_dir=${machines_dir%/ssh_config}
}
bake() {
	case $1 in
	ec2) set -- "$2" '{provider: "aws", region: "us-west-2", source: {owner: "136693071363", name: "debian-12-amd64*"},
		instance_types: ["t3.micro"], username: "admin", sudo: true}' "${3-}" ;;
	do) set -- "$2" '{provider: "digitalocean", region: "nyc3", source_image: "debian-12-x64",
		instance_types: ["s-1vcpu-1gb"]}' "${3-}" ;;
	esac
	jq -cn --arg name "$1" "{kind: \"bake\", name: \$name, distribution: \"debian12\",
		image_name: \"\(\$name)-1\", run: \"r1\", tags: {os: \"debian\"}} + $2 + (${3:-null} // {})"
}
step() {
	case $1 in
	up | verify | destroy | create-image) step=$1; shift; set -- "$step" --interval "${interval:-50ms}" --lag "${lag:-0}" "$@" ;;
	*) step=$1; shift; set -- "$step" --interval "${interval:-50ms}" "$@" ;;
	esac
	${instead-} img-bake "$@"
}
script() { { echo '#!/bin/sh'; cat; } >"$1"; chmod 755 "$1"; }
the() { jq -r "select(.kind == \"bake\") | $1" "$2"; }
holds() { jq -se "map(select(.kind == \"bake\"))[0] | $1" "$2" >holds.log || { echo "$2: not so: $1"; jq -c "select(.kind == \"bake\").error" "$2"; cat "$2"; return 1; }; }
left_over() {
	state >sandbox.all
	jq -r '.state | ((.accounts[].regions[] | (.instances // {} | .[] | select(.instanceState.name != "terminated") |
			"instance \(.instanceId) \(.instanceState.name)"),
		(.key_pairs // {} | .[] | "key \(.keyName)"), (.security_groups // {} | .[] | "group \(.groupName)"),
		(.volumes // {} | .[] | "volume \(.volumeId)")),
		(.digitalocean.accounts[] | (.droplets // {} | .[] | "droplet \(.name)"), (.keys // {} | .[] | "key \(.name)")))' sandbox.all |
		grep -vE '^(key|group) (default|tmtt)$' || :
	[ ! -d .sluice ] || ls .sluice
}
nothing_left() {
	left_over >left
	[ ! -s left ] || { echo 'left over:'; cat left; return 1; }
}
disk_of_image() { echo "$machines_dir"/images/*"$1"/disk; }
sent_auth() { grep -l Accepted "$machines_dir"/m/*/own/sshd.log || :; }
