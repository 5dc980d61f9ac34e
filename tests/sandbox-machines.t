#!/bin/sh
# SPDX-License-Identifier: ISC
# The sandbox's machines by themselves, with ssh, curl and the aws CLI: what the tests of img-bake
# and ssh-run rely on. Run by root, some of it is seen as an ordinary user, too.
. "$(dirname "$0")/lib.sh"
. "$tests/aws-one.sh"; share_aws_cli
needs_machines

words='. "$tests/machines.sh"
'
as_user=
# The sandbox as it is run by an ordinary user, who cannot look into this directory.
if [ "$(id -u)" -eq 0 ] && [ "$(setpriv --reuid 61001 --regid 61001 --clear-groups id -u 2>&1)" = 61001 ]; then
	user_build=$(mktemp -d /tmp/sandbox-build.XXXXXX)
	trap 'rm -rf "$user_build"; stop' EXIT
	chmod 755 "$user_build"
	cp "$build/sandbox" "$user_build/real"
	printf '#!/bin/sh\nTMPDIR=/tmp exec setpriv --reuid 61001 --regid 61001 --clear-groups %s/real "$@"\n' \
		"$user_build" >"$user_build/sandbox"
	chmod 755 "$user_build/sandbox"
	as_user="build=$user_build
"
fi
c() { t "machines: $1" "$words$2"; }
both() {
	c "$@"
	[ -z "$as_user" ] || t "machines of an ordinary user: $1" "$as_user$words$2"
}

both 'a droplet is logged in to, by the host key that its user data gave it' '
	start_machines; host_key
	droplet web "{}" "$(user_data "{runcmd: [[\"sh\", \"-c\", \"echo \\\"it'"'"'s\\\" \$(id -u) >/root/ran\"], \"echo two >>/root/ran\"], bootcmd: [\"echo booted >>/root/booted\"]}")"
	[ "$(sandbox_do GET "/v2/droplets/$id")" = 200 ]
	jq -e --arg a "$address" "[.droplet.networks.v4[].ip_address] == [\$a, \$a]" got
	knows; is_up root
	log_in root "cloud-init status --wait; cat /root/ran /root/booted; id -u; hostname -f >/dev/null; echo \$HOME" >got
	printf "\nstatus: done\nit'"'"'s 0\ntwo\nbooted\n0\n/root\n" >want; tr -d . <got >got.plain; same want got.plain
	log_in root "cat /var/lib/cloud/instance/user-data.txt" >got
	grep -q "BEGIN OPENSSH PRIVATE KEY" got
	log_in root "cat /etc/ssh/ssh_host_ed25519_key" >got; same hostkey got
	[ ! -e "$HOME/.ssh" ]
'
both 'an ordinary user of a machine is one, sudo makes root of it; nothing is written but to its disk' '
	start_machines; host_key; droplet web "{}" "$(user_data)"; knows; is_up ubuntu
	log_in ubuntu "id -un; id -u; pwd; sudo id -u; sudo -n -E -H sh -c '"'"'echo \$HOME \$SUDO_USER \$(whoami)'"'"'; sudo -u debian id -un" >got
	printf "%s\n" ubuntu 1006 /home/ubuntu 0 "/root ubuntu root" debian >want; same want got
	fails 3 log_in ubuntu "exit 3"
	ls -l /etc/ssh /etc /opt >before
	log_in ubuntu "sudo rm -f /etc/ssh/ssh_host_*; sudo touch /etc/sluice-was-here /opt/x; sudo mv /etc/hostname /etc/moved; ls /etc/moved; ! sudo touch /usr/bin/sluice-was-here" >got 2>err
	ls -l /etc/ssh /etc /opt >after; same before after
	disk=$(disk_of "droplet-$id")
	[ -e "$disk/etc/sluice-was-here" ] && [ ! -e "$disk/etc/ssh/ssh_host_ed25519_key" ] && [ -e "$disk/etc/moved" ]
'
c 'reboots: by the machine, by the cloud; processes end, the disk stays, the boot id is another' '
	start_machines; host_key; droplet web "{}" "$(user_data "{bootcmd: [[\"sh\", \"-c\", \"echo boot >>/root/boots\"]], runcmd: [\"echo first >>/root/firsts\"]}")"
	knows; is_up root
	boot_id() { log_in root cat /proc/sys/kernel/random/boot_id; }
	is_another() { now=$(boot_id) && [ -n "$now" ] && [ "$now" != "$first" ]; }
	first=$(boot_id)
	log_in root "touch /root/kept /tmp/lost; setsid sleep 4711 >/dev/null 2>&1 & echo \$!" >pid
	log_in root "cloud-init status --wait; sudo reboot" || :
	until_so is_another; first=$(boot_id)
	log_in root "ls /root/kept; ls /tmp"
	[ ! -d "/proc/$(cat pid)" ]
	[ "$(sandbox_do POST "/v2/droplets/$id/actions" "{\"type\":\"power_cycle\"}")" = 201 ]
	advance 10
	until_so is_another
	until_so log_in root "[ \$(wc -l </root/boots) -eq 3 ]"; log_in root "[ \$(wc -l </root/firsts) -eq 1 ]"
'
c 'off: by its own shutdown, by a timer of it, by the cloud; on again' '
	start_machines; host_key; droplet web "{}" "$(user_data)"; knows; is_up root
	status() { sandbox_do GET "/v2/droplets/$id" >status; jq -r .droplet.status got; }
	is() { [ "$(status)" = "$1" ]; }
	act() { [ "$(sandbox_do POST "/v2/droplets/$id/actions" "{\"type\":\"$1\"}")" = 201 ]; advance 10; }
	log_in root "shutdown -h now" || :
	until_so is off; fails 255 log_in root true
	act power_on; is active; is_up root
	log_in root "shutdown -h +240; shutdown -c; shutdown -h +60"
	is active; advance 3500; is active; log_in root true; advance 110; until_so is off
	until_so fails 255 log_in root true
	act power_on; is_up root; act power_off; until_so is off
	until_so fails 255 log_in root true
	[ "$(sandbox_do DELETE "/v2/droplets/$id")" = 204 ]
	no grep -q "$address" "$machines_dir/ssh_config"
'
both 'an image keeps the disk, a machine made of it has another host key, and its own users' '
	start_machines; host_key; droplet web "{}" "$(user_data)"; knows; is_up root
	log_in root "cloud-init status --wait; echo baked >/opt/file; mkdir -m 500 /srv/closed; echo x >/srv/closed/y; chmod 000 /srv/closed/y"
	[ "$(sandbox_do POST "/v2/droplets/$id/actions" "{\"type\":\"snapshot\",\"name\":\"base-1\"}")" = 201 ]
	advance 70
	sandbox_do GET "/v2/images?private=true"; image=$(jq .images[0].id got)
	sandbox_do DELETE "/v2/droplets/$id"
	cp hostkey.pub old.pub; host_key
	droplet two "{image: $image}" "$(user_data)"; knows; is_up root
	[ "$(log_in root "cat /opt/file /srv/closed/y")" = "baked
x" ]
	knows old.pub; fails 255 log_in root true
	droplet three "{image: $image}"
	until_so grep -q "END SSH HOST KEY KEYS" "$(of_machine "droplet-$id" .directory)/own/console"
	tr -d "\r" <"$(of_machine "droplet-$id" .directory)/own/console" |
		sed -n "/BEGIN SSH HOST KEY KEYS/,/END SSH/p" | grep ^ssh-ed25519 >console.pub
	knows console.pub; is_up root; no grep -qF "$(cut -d" " -f2 hostkey.pub)" console.pub
'
c 'knobs: another host key, logins that are refused for a while, no sshd, a banner and no more, cloud-init that fails' '
	start_machines; host_key
	behave "{\"machines\":{\"*\":{\"cloud_init_fails\":true},\"mitm\":{\"host_key\":\"other\"},\"never\":{\"ssh\":\"never\"},
		\"hang\":{\"ssh\":\"hang\"},\"slow\":{\"refuse\":\"held\", \"cloud_init\":\"held\"},\"deaf\":{\"user_data\":\"ignored\"}}}"
	droplet mitm "{}" "$(user_data)"; knows
	until_so sh -c "ssh-keyscan -p $(of_machine "droplet-$id" .port) $address | grep ssh-ed25519 >scanned"
	fails 255 log_in root true; no grep -qF "$(cut -d" " -f2 hostkey.pub)" scanned
	droplet never "{}" "$(user_data)"; knows; fails 255 log_in root true; says refused
	droplet hang "{}" "$(user_data)"; knows
	until_so sh -c "timeout 5 $SLUICE_SSH -v $address true 2>&1 | grep -q \"remote software version\""
	droplet slow "{}" "$(user_data)"; knows
	refused() { fails 255 log_in root true; says denied; }
	until_so refused
	behave "{\"machines\":{\"slow\":{\"refuse\":null}}}"; is_up root
	log_in root "cloud-init status" | grep -q running; behave "{\"machines\":{\"slow\":{\"cloud_init\":null}}}"
	fails 1 log_in root "cloud-init status --wait"; grep -q "status: error" out
	log_in root cat /run/cloud-init/result.json | jq -e ".v1.errors | length == 1"
	droplet deaf "{}" "$(user_data)"; knows; until_so fails 255 log_in root true
	until_so grep -q "END SSH HOST KEY KEYS" "$(of_machine "droplet-$id" .directory)/own/console"
	no grep -qF "$(cut -d" " -f2 hostkey.pub)" "$(of_machine "droplet-$id" .directory)/own/console"
'
c 'an instance of EC2: its console tells its host key; images of it, in other regions, too; its own end' '
	start_machines; host_key
	user_data >data
	instance --user-data file://data --instance-initiated-shutdown-behavior terminate
	sandbox_aws ec2 describe-instances --instance-ids "$id" >got
	jq -e --arg a "$address" ".Reservations[0].Instances[0] | [.PublicIpAddress, .PrivateIpAddress, .State.Name] == [\$a, \$a, \"running\"]" got
	knows; is_up ec2-user
	log_in ec2-user "cloud-init status --wait; echo baked | sudo tee /opt/file; cat /proc/sys/kernel/random/boot_id" >first
	advance 30
	sandbox_aws ec2 get-console-output --instance-id "$id" --latest --output text --query Output | tr -d "\r" |
		sed -n "/BEGIN SSH HOST KEY KEYS/,/END SSH HOST KEY KEYS/p" | grep ^ssh-ed25519 >console.pub
	[ "$(cut -d" " -f1,2 console.pub)" = "$(cut -d" " -f1,2 hostkey.pub)" ]
	image=$(sandbox_aws ec2 create-image --instance-id "$id" --name base-1 --output text --query ImageId)
	advance 90
	rebooted() { log_in ec2-user cat /proc/sys/kernel/random/boot_id >second && no grep -qF -f second first; }
	until_so rebooted
	log_in ec2-user "sudo shutdown -h now" || :
	state_of() { sandbox_aws ec2 describe-instances --instance-ids "$id" --query "Reservations[0].Instances[0].State.Name" --output text; }
	ended() { [ "$(state_of)" = shutting-down ]; }
	until_so ended; advance 30; [ "$(state_of)" = terminated ]
	no grep -q "$address" "$machines_dir/ssh_config"
	AWS_REGION=eu-west-1
	image=$(sandbox_aws ec2 copy-image --source-region us-west-2 --source-image-id "$image" --name base-1 --output text --query ImageId)
	advance 150
	rm key.imported; instance --instance-initiated-shutdown-behavior stop; advance 60
	console() { sandbox_aws ec2 get-console-output --instance-id "$id" --output text --query Output | tr -d "\r" >console && grep -q "END SSH HOST KEY KEYS" console; }
	until_so console; sed -n "/BEGIN SSH HOST KEY KEYS/,/END SSH/p" console | grep ^ssh-ed25519 >console.pub
	no same console.pub hostkey.pub
	knows console.pub; is_up ec2-user
	[ "$(log_in ec2-user cat /opt/file)" = baked ]
	log_in ec2-user "sudo shutdown -h +10" || :
	[ "$(state_of)" = running ]; advance 660; state_of >got; [ "$(state_of)" = stopping ]; advance 30
	sandbox_aws ec2 start-instances --instance-ids "$id"; advance 30; is_up ec2-user
	sandbox_aws ec2 terminate-instances --instance-ids "$id"; advance 30
	none() { [ "$(processes)" -eq 0 ]; }
	until_so none
'
both 'twelve at once; nothing is left, neither when they go nor when the sandbox is killed' '
	start_machines; host_key
	seed "{\"digitalocean\":{\"account\":{\"droplet_limit\":50}}}"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do droplet "m$i" "{tags: [\"all\"]}" "$(user_data)"; done
	for one in $(jq -r .[].address machines.json); do address=$one; knows; is_up root; done
	[ "$(grep -c "^Host 127[.][0-9]" "$machines_dir/ssh_config")" -eq 12 ] || { cat "$machines_dir/ssh_config"; exit 1; }
	sandbox_do DELETE "/v2/droplets?tag_name=all"
	none() { [ "$(processes)" -eq 0 ] && [ -z "$(ls "$machines_dir/m")" ]; }
	until_so none
	for i in 1 2 3; do droplet "n$i" "{}" "$(user_data)"; done; knows; is_up root
	log_in root "setsid sleep 4712 >/dev/null 2>&1 & echo \$!" >pid
	kill -9 "$sandbox_pid"
	gone() { [ ! -e "$machines_dir" ] && [ "$(processes)" -eq 0 ] && [ ! -d "/proc/$(cat pid)" ]; }
	until_so gone
'
done_testing
