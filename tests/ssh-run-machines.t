#!/bin/sh
# SPDX-License-Identifier: ISC
# ssh-run, and what is done before an image is made, on the sandbox's machines: other users, sudo,
# cloud-init, reboots that the machine does itself.
. "$(dirname "$0")/lib.sh"
needs_machines

words='
	. "$tests/machines.sh"
	record() {			# record USER
		jq -nc --arg host "$address" --arg user "$1" --arg key "$(cut -d" " -f1,2 hostkey.pub)" \
			"{kind: \"instance\", provider: \"digitalocean\", id: \"$id\", name: \"web\", ssh: {host: \$host, user: \$user, host_keys: [\$key]}}"
	}
	run() { ssh-run -i key --interval 100ms --login 30 "$@"; }
	errors() { jq -r "select(.kind == \"instance\") | .error.code // \"-\"" "$1" | tr "\n" " "; }
'
t 'an ordinary user, sudo with variables, cloud-init is waited for' "$words"'
	start_machines; host_key
	droplet web "{}" "$(user_data "{runcmd: [\"sleep 1; echo made >/root/made\"]}")"
	record ubuntu >in
	echo "id -un; pwd; echo \"\$GIVEN\"; cat /root/made" >s
	export GIVEN="a value"
	run --sudo -e GIVEN s <in >out 2>err
	printf "web: root\nweb: /home/ubuntu\nweb: ***\nweb: made\n" >want; grep "^web: " err >got; same want got
	says "web: cloud-init: done"
	run s <in >out 2>err; says "^web: ubuntu"; says "^web: $"
'
t 'a script that reboots by itself: the next one runs on the machine that came back' "$words"'
	start_machines; host_key; droplet web "{}" "$(user_data)"
	record ubuntu >in
	printf "cat /proc/sys/kernel/random/boot_id; reboot; sleep 60\n" >one
	printf "cat /proc/sys/kernel/random/boot_id\n" >two
	run --sudo one two one two <in >out 2>err
	[ "$(grep -cE "^web: [0-9a-f-]{36}$" err)" = 4 ]
	[ "$(grep -E "^web: [0-9a-f-]{36}$" err | sort -u | wc -l)" = 3 ]
	jq -e "select(.kind == \"instance\").ssh_run | map(.reboots) == [1, null, 1, null] and all(.status == 0)" out
	printf "reboot; exit 0\n" >one
	run --sudo one two <in >out 2>err
	jq -e "select(.kind == \"instance\").ssh_run | all(.status == 0)" out
'
t 'sudo that wants a password: the script is not started, 69' "$words"'
	start_machines; host_key; droplet web "{}" "$(user_data)"
	record ubuntu >in; knows; is_up ubuntu
	sandbox_call GET machines >machines.json
	echo x >"$(of_machine "droplet-$id" .directory)/own/no-sudo"
	echo id >s
	fails 69 run --sudo s <in; says "a password is required"
	run s <in >out
'
t 'before an image is made: our keys and what cloud-init keeps go, other keys stay; nobody gets in' "$words"'
	start_machines; host_key
	ssh-keygen -q -t ed25519 -N "" -f other
	droplet web "{}" "$(user_data "{ssh_authorized_keys: [$(jq -R . other.pub)]}")"
	record ubuntu >in; knows; is_up ubuntu
	disk=$(disk_of "droplet-$id")
	echo "cp -p /etc/ssh/ssh_host_ed25519_key* /opt" >s; run s <in >out; run --sudo s <in >out
	[ -d "$disk/home/ubuntu/.sluice" ]; [ -d "$disk/root/.sluice" ]
	grep -rlF "$(cut -d" " -f2 key.pub)" "$disk" >before || :; [ -s before ]
	ssh-keygen -q -t rsa -b 2048 -N "" -f "$disk/etc/ssh/ssh_host_rsa_key"
	ssh-clean key "$(cat key.pub)" <in
	no grep -rlF "$(cut -d" " -f2 key.pub)" "$disk"
	grep -rlF "$(sed -n 2p hostkey)" "$disk" >keys || :
	no grep -v /opt/ssh_host keys
	[ -s "$disk/etc/ssh/ssh_host_rsa_key" ]; [ ! -e "$disk/etc/ssh/ssh_host_ed25519_key" ]
	grep -qF "$(cut -d" " -f2 other.pub)" "$disk/home/ubuntu/.ssh/authorized_keys"
	[ ! -d "$disk/home/ubuntu/.sluice" ]; [ ! -d "$disk/root/.sluice" ]
	[ -z "$(ls "$disk/var/lib/cloud/instances")" ]
	no ssh-clean key "$(cat key.pub)" <in
	mkdir "$disk/root/.sluice"; chmod 777 "$disk/root/.sluice"
	mv "$disk/opt/"ssh_host_ed25519_key* "$disk/etc/ssh"
	fails 77 ssh-clean key "$(cat key.pub)" <in; says "denied: cannot log in"
	ssh-clean other "$(cat other.pub)" <in
	[ ! -d "$disk/root/.sluice" ]; [ ! -e "$disk/etc/ssh/ssh_host_ed25519_key" ]
	no grep -rlF "$(cut -d" " -f2 other.pub)" "$disk/home"
'
t 'the examples of the page' "$words"'
	start_machines; host_key; droplet web "{}" "$(user_data)"
	knows; is_up root
	cp key id_bake; cp hostkey.pub host.pub
	record root >machine.json
	jq -c "del(.ssh.user)" machine.json | inv-merge >inventory.json
	export SLUICE_SSH="$SLUICE_SSH -o IdentityFile=$PWD/key" TOKEN=a-token
	echo "echo upgraded" >upgrade
	echo "echo broken; exit 1" >check
	echo "echo \"\$TOKEN\" | sha256sum" >install
	example ssh-run 1; sh -e example.sh >out 2>err
	grep -q web out; says "^web: upgraded"
	stand_in do-droplets <<-END
	cat "$PWD/machine.json"
	END
	example ssh-run 2; sh example.sh >out 2>err
	echo "web: web: check exited with 1: broken" >want; same want out
	example ssh-run 3; sh -e example.sh >out 2>err
	says "^web: $(echo a-token | sha256sum | cut -d" " -f1)"; [ -s logs/web.ssh-run.log ]
	jq -e "select(.kind == \"instance\").ssh_run[0].status == 0" done.json
'
done_testing
