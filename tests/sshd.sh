# SPDX-License-Identifier: ISC
# Machines with a real sshd on loopback, for cases:
#	machine NAME		boots one; its record is appended to `machines`, its disk is m/NAME
#	machine_reboot NAME	an orderly one: everything is asked to end first
#	machine_crash NAME	the plug is pulled, then it boots again
#	machine_down NAME	it stays down
#	when_asked NAME CMD…	runs CMD when the machine has made /tmp/ask
# Each has its own /home, /etc/ssh, /tmp and boot id, by proot(1).
trap machines_off EXIT
machines_off() {
	for m in m/*/pid; do
		[ ! -e "$m" ] || { m=${m%/pid}; machine_down "${m#m/}"; }
	done
}
free_port() {
	perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 1)->sockport'
}
machine() {
	m=$PWD/m/$1 me=$(id -un)
	[ -e key ] || ssh-keygen -q -t ed25519 -N "" -C test -f key
	mkdir -p "$m/etc/ssh" "$m/home/user/.ssh" "$m/tmp" "$m/run" "$m/cloud/instance"
	ssh-keygen -q -t ed25519 -N "" -C "$1" -f "$m/etc/ssh/ssh_host_ed25519_key"
	cp key.pub "$m/home/user/.ssh/authorized_keys"
	{
		echo "$me:x:$(id -u):$(id -g)::/home/user:/bin/sh"
		[ "$me" = root ] || echo 'root:x:0:0::/root:/bin/sh'
		echo 'sshd:x:100:65534::/run/sshd:/usr/sbin/nologin'
	} >"$m/passwd"
	free_port >"$m/port"
	cat >"$m/etc/ssh/sshd_config" <<-END
		ListenAddress 127.0.0.1
		Port $(cat "$m/port")
		HostKey /etc/ssh/ssh_host_ed25519_key
		UsePAM no
		StrictModes no
		PidFile none
		LogLevel VERBOSE
		MaxStartups 100
		PermitRootLogin yes
		AuthorizedKeysFile /home/user/.ssh/authorized_keys
	END
	machine_boot "$1"
	jq -nc --arg name "$1" --arg user "$me" --argjson port "$(cat "$m/port")" \
		--arg key "$(cut -d" " -f1,2 "$m/etc/ssh/ssh_host_ed25519_key.pub")" \
		'{kind: "instance", provider: "digitalocean", id: $name, $name, status: "active",
		ssh: {host: "127.0.0.1", $port, $user, host_keys: [$key]}}' >>machines
}
machine_boot() {
	m=$PWD/m/$1
	cat /proc/sys/kernel/random/uuid >"$m/boot_id"
	: >"$m/log"
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin setsid proot -w / -b "$m/etc/ssh:/etc/ssh" \
		-b "$m/home:/home" -b "$m/passwd:/etc/passwd" -b "$m/tmp:/tmp" -b "$m/run:/run/sshd" \
		-b "$m/cloud:/var/lib/cloud" -b "$m/boot_id:/proc/sys/kernel/random/boot_id" \
		/usr/sbin/sshd -D -r -e >>"$m/log" 2>&1 </dev/null &
	echo $! >"$m/pid"
	for try in $(seq 2400); do
		! grep -q 'Server listening' "$m/log" || return 0
		sleep 0.05
	done
	echo "$1 does not boot after $try looks"; cat "$m/log"; return 1
}
machine_signal() {			# its processes, which proot traces; none left is fine
	grep -l "^TracerPid:[^0-9]*$(cat "m/$1/pid")\$" /proc/[0-9]*/status 2>/dev/null |
		cut -d/ -f3 | xargs -r kill "$2" 2>/dev/null || :
}
machine_down() {
	machine_signal "$1" -KILL
	kill -KILL "$(cat "m/$1/pid")" 2>/dev/null || :
	rm -f "m/$1/pid"
}
machine_crash() { machine_down "$1"; machine_boot "$1"; }
machine_reboot() {
	machine_signal "$1" -TERM
	for try in $(seq 600); do
		grep -q "^TracerPid:[^0-9]*$(cat "m/$1/pid")\$" /proc/[0-9]*/status 2>/dev/null || break
		sleep 0.05
	done
	machine_crash "$1"
}
when_asked() {
	asked=m/$1/tmp/ask
	shift
	( until [ -e "$asked" ]; do sleep 0.05; done; "$@" ) &
}
