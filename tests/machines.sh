# SPDX-License-Identifier: ISC
# A case's words for machines of the sandbox that are really there; in a case:
#	. "$tests/machines.sh"; start_machines [OPTION…]
#	host_key		a new one: hostkey, hostkey.pub
#	user_data JQ		a #cloud-config with the host key and the members of JQ
#	droplet NAME [MEMBERS [USER_DATA]]	creates one that may be logged in to with `key`; sets $id, $address
#	instance [OPTION…]	runs one by the aws CLI with the options; the same
#	address_of ID		an instance's or droplet's address, of the sandbox's own list
#	disk_of ID		its disk
#	knows [FILE]		from now on its host key is the one in FILE (hostkey.pub)
#	log_in USER COMMAND	by ssh, once, with that host key only
#	is_up USER		until it can be logged in to
#	processes		how many there are of this sandbox's machines
. "$tests/sandbox.sh"

start_machines() {
	start_sandbox --machines --speed 0 "$@" || return 1
	machines_dir=${SLUICE_SSH#ssh -F }; machines_dir=${machines_dir%/ssh_config}
	ssh-keygen -q -t ed25519 -N '' -C me -f key
}
host_key() { rm -f hostkey hostkey.pub; ssh-keygen -q -t ed25519 -N '' -C injected -f hostkey; }
user_data() {
	echo '#cloud-config'
	jq -n --rawfile private hostkey --rawfile public hostkey.pub \
		"{ssh_keys: {ed25519_private: \$private, ed25519_public: \$public}} + ${1:-{\}}"
}
droplet() {
	[ -n "${key_id-}" ] || {
		sandbox_do POST /v2/account/keys "$(jq -n --rawfile k key.pub '{name: "me", public_key: $k}')"
		key_id=$(jq .ssh_key.id got)
	}
	jq -n --arg name "$1" --argjson key "$key_id" --arg data "${3-}" "{name: \$name, region: \"nyc1\",
		size: \"s-1vcpu-1gb\", image: \"debian-12-x64\", ssh_keys: [\$key], user_data: \$data} + ${2:-{\}}" >wish
	[ "$(sandbox_do POST /v2/droplets "@wish")" = 202 ] || { cat got; return 1; }
	id=$(jq -r .droplet.id got)
	advance 25
	address=$(address_of "droplet-$id")
}
of_machine() {
	sandbox_call GET machines >machines.json
	jq -re --arg id "$1" ".[] | select(.id == \$id) | $2" machines.json
}
address_of() { of_machine "$1" .address; }
disk_of() { echo "$(of_machine "$1" .directory)/disk"; }
knows() { echo "$address $(cut -d' ' -f1,2 "${1:-hostkey.pub}")" >known; }
log_in() {
	user=$1; shift
	$SLUICE_SSH -i key -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes \
		-o UserKnownHostsFile=known -o LogLevel=ERROR -o ConnectTimeout=60 "$user@$address" "$@" </dev/null
}
is_up() { until_so log_in "$1" true; }
processes() {
	echo "$machines_dir/" >pattern		# else grep would find itself
	{ grep -lzF -f pattern /proc/[0-9]*/cmdline 2>/dev/null || :; } | wc -l
}
instance() {
	[ -e key.imported ] || sandbox_aws ec2 import-key-pair --key-name me --public-key-material fileb://key.pub >key.imported
	sandbox_aws ec2 run-instances --image-id "${image:-ami-3db92b0d}" --instance-type t3.micro --key-name me "$@" >got
	id=$(jq -r '.Instances[0].InstanceId' got)
	advance 25
	address=$(address_of "$id")
}
