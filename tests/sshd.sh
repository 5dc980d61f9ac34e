# SPDX-License-Identifier: ISC
# Machines with a real sshd on loopback, for cases: sourced after case.sh.
#	machine NAME		starts one; its record is appended to `machines`, its root is m/NAME
#	machine_stop NAME	the plug is pulled
# Each has its own /home, /etc/ssh, /tmp and boot id by proot(1), which needs no privileges.
command -v proot >/dev/null && [ -x /usr/sbin/sshd ]
machines_left() { for m in m/*/pid; do [ ! -e "$m" ] || kill -KILL "$(cat "$m")" 2>/dev/null || :; done; }
free_port() {
	perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 1)->sockport'
}
client_key() { [ -e key ] || ssh-keygen -q -t ed25519 -N "" -C test -f key; }
machine() {
	client_key
	m=$PWD/m/$1
	mkdir -p "$m/etc/ssh" "$m/home/user/.ssh" "$m/tmp" "$m/run"
	ssh-keygen -q -t ed25519 -N "" -C "$1" -f "$m/etc/ssh/ssh_host_ed25519_key"
	cat key.pub >"$m/home/user/.ssh/authorized_keys"
	me=$(id -un)
	echo "$me:x:$(id -u):$(id -g)::/home/user:/bin/sh" >"$m/passwd"
	[ "$me" = root ] || echo "root:x:0:0::/root:/bin/sh" >>"$m/passwd"
	echo "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin" >>"$m/passwd"
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
	setsid proot -b "$m/etc/ssh:/etc/ssh" -b "$m/home:/home" -b "$m/passwd:/etc/passwd" \
		-b "$m/boot_id:/proc/sys/kernel/random/boot_id" -b "$m/tmp:/tmp" -b "$m/run:/run/sshd" \
		/usr/sbin/sshd -D -e >"$m/log" 2>&1 9>&- &
	echo $! >"$m/pid"
	for i in $(seq 100); do
		grep -q "Server listening" "$m/log" && return
		sleep 0.05
	done
	cat "$m/log"; return 1
}
machine_stop() {
	kill -KILL -"$(cat "m/$1/pid")" || :
}
trap machines_left EXIT
