# SPDX-License-Identifier: ISC
# A scratch root for first-boot scripts: the programs that they call, and nothing else.

# make_root DIRECTORY: programs, their libraries, an /etc with root alone.
make_root() {
	mkdir -p "$1/etc" "$1/bin" "$1/tmp" "$1/home" "$1/dev"
	: >"$1/dev/null" # a plain file: nodes need rights that a container may lack
	for program in sh id useradd chown chmod mv mkdir date cat rm cp tar gzip sha256sum getent cut \
		sed setpriv env touch; do
		path=$(command -v "$program") || return 1
		cp -L "$path" "$1/bin/$program"
		ldd "$path" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[^/]*\(\/[^ ]*ld-[^ ]*\).*/\1/p'
	done | sort -u >"$1/libraries"
	while read -r library; do
		mkdir -p "$1$(dirname "$library")"
		cp -L "$library" "$1$library"
	done <"$1/libraries"
	rm "$1/libraries"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"
	echo 'root:x:0:' >"$1/etc/group"
	# the real one asks PAM, which has no place here
	cat >"$1/bin/runuser" <<-'END'
	#!/bin/sh
	exec setpriv --reuid="$2" --regid="$(id -g "$2")" --clear-groups "$4"
	END
	# the network: hands out /installer, and notes what it was asked
	cat >"$1/bin/curl" <<-'END'
	#!/bin/sh
	printf '%s\n' "$@" >>/curl.arguments
	cat >>/curl.config
	while [ $# -gt 0 ]; do
		[ "$1" != --output ] || exec cp /installer "$2"
		shift
	done
	case $(cat /curl.config) in
	*security-credentials/a-role*)
		printf '{\n  "Code" : "Success",\n  "AccessKeyId" : "AKIDROLE",\n  "SecretAccessKey" : "role/secret+",\n  "Token" : "role-token=="\n}\n' ;;
	*security-credentials/*) echo a-role ;;
	*) echo session-token ;;
	esac
	END
	chmod 755 "$1/bin/runuser" "$1/bin/curl"
	chmod 1777 "$1/tmp"
}
# boot ROOT SCRIPT: runs it there as the first boot does, with an almost empty environment.
boot() {
	cp "$2" "$1/boot.sh"
	chroot "$1" /bin/env -i PATH=/bin /bin/sh /boot.sh
}
