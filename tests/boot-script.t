#!/bin/sh
# SPDX-License-Identifier: ISC
# boot-script(1): the script is run in a scratch root, so that what comes out is what was put in.
. "$(dirname "$0")/lib.sh"
. "$tests/scratch-root.sh"

have_root=
if make_root "$scratch/root" 2>/dev/null && chroot "$scratch/root" /bin/id >/dev/null 2>&1
then have_root=yes
fi

settings='
	. "$tests/scratch-root.sh"
	export AMI_ACCESS_KEY_ID=AKIDINSTANCE AMI_SECRET_ACCESS_KEY="canary/+secret"
	root=$PWD/root
	[ ! -d ../root ] || cp -al ../root "$root"
	for file in passwd group; do
		cp "$root/etc/$file" own; mv own "$root/etc/$file"
	done
	spec() {
		jq -n -c "{kind:\"asg-spec\",name:\"tmtt-build-42-staging\",region:\"us-west-2\",user:\"tmtt\",
			tags:{server:\"tmtt\",env:\"staging\",build:\"42\"}}"
	}
	script() { jq -r .user_data "$@"; }
	says_log() { grep -q -e "$1" "$root/var/log/sluice-boot.log" || { cat "$root/var/log/sluice-boot.log"; return 1; }; }
'
s() { t "$1" "$settings$2"; }
r() {					# a case that boots
	if [ "$have_root" ]; then s "$1" "$2"; else skip "$1" 'a scratch root needs the right to chroot'; fi
}

r 'the user and the environment file are made, and the log tells it' '
	spec | boot-script | script >boot.sh
	boot "$root" boot.sh
	grep -q "^tmtt:" "$root/etc/passwd"
	[ -d "$root/home/tmtt" ]
	cat >want <<-END
	NAME="tmtt"
	AMI_ENV="staging"
	AMI_REGION="us-west-2"
	AMI_BUILD="42"
	AMI_USER="tmtt"
	AWS_REGION="us-west-2"
	AWS_DEFAULT_REGION="us-west-2"
	AWS_ACCESS_KEY_ID="AKIDINSTANCE"
	AWS_SECRET_ACCESS_KEY="canary/+secret"
	END
	same want "$root/etc/sluice.env"
	uid=$(sed -n "s/^tmtt:[^:]*:\([0-9]*\):.*/\1/p" "$root/etc/passwd")
	[ "$(stat -c %a:%u "$root/etc/sluice.env")" = "640:$uid" ]
	says_log "making the user"; says_log "done"
	no grep -q canary "$root/var/log/sluice-boot.log"
'
r 'a second run, and a user that is there, change nothing' '
	spec | boot-script | script >boot.sh
	boot "$root" boot.sh; cp "$root/etc/passwd" before; cp "$root/etc/sluice.env" env
	boot "$root" boot.sh
	same before "$root/etc/passwd"; same env "$root/etc/sluice.env"
	says_log "the user is there"
'
r 'a group of that name is no obstacle' '
	echo "tmtt:x:777:" >>"$root/etc/group"
	spec | boot-script | script >boot.sh
	boot "$root" boot.sh
	grep -q "^tmtt:[^:]*:[0-9]*:777:" "$root/etc/passwd"
'
# What comes out of the environment file in a shell is, byte for byte, what was in the record.
as_data() {
	r "as data: $1" '
		printf "%s" '"$2"' >value
		spec | jq -c --rawfile v value ".tags.server=\$v | .tags.env=\$v | .tags.build=\$v" |
			boot-script | script >boot.sh
		boot "$root" boot.sh
		for name in NAME AMI_ENV AMI_BUILD; do
			env -i sh -eu -c ". \"\$1\"; eval \"printf %s \\\"\\\$$name\\\"\"" - "$root/etc/sluice.env" >got
			cmp value got
		done
		[ ! -e "$root/hit" ]; [ ! -e hit ]
		printf "%s" '"$2"' >value
		export AMI_SECRET_ACCESS_KEY="$(cat value)"
		spec | boot-script | script >boot.sh; boot "$root" boot.sh
		env -i sh -eu -c ". \"\$1\"; printf %s \"\$AWS_SECRET_ACCESS_KEY\"" - "$root/etc/sluice.env" >got
		cmp value got
		[ ! -e "$root/hit" ]; [ ! -e hit ]
	'
}
as_data 'a single quote' '"o'\'\\\'\''brien"'
as_data 'a single quote that would end the word' '"'\'\\\'\''; touch /hit; '\'\\\'\''"'
as_data 'a command substitution' '"\$(touch /hit)"'
as_data 'backquotes' '"\`touch /hit\`"'
as_data 'a double quote and a backslash' '"a\\\"; touch /hit; \\\\\\"'
as_data 'a newline and a command' '"a
touch /hit
b"'
as_data 'EOF on its own line' '"a
EOF
touch /hit"'
as_data 'a variable, a glob and a tilde' '"~ \$HOME * ? [a] {a,b} # ! & | ; < >"'
as_data 'percent signs and a leading -' '"-n %s %d %%"'
as_data 'not ASCII' '"tmütt ☃"'

s 'bash and dash agree that the script is one' '
	spec | boot-script | script >boot.sh
	head -1 boot.sh >got; echo "#!/bin/sh" >want; same want got
	dash -n boot.sh; bash -n boot.sh
'
if command -v shellcheck >/dev/null; then
	s 'shellcheck finds nothing in the script' '
		shellcheck "$top/pipelines/boot/first-boot.sh"
		spec | boot-script | script >boot.sh; shellcheck boot.sh
	'
else
	skip 'shellcheck finds nothing in the script' 'no shellcheck here'
fi
installer='
	mkdir pack
	printf "%s\n" "#!/bin/sh" "printf \"%s %s %s\\n\" \"\$NAME\" \"\$(id -un)\" \"\$HOME\" >/tmp/installed" >pack/install.sh
	export AMI_INSTALLER=https://example.com/tmtt.tar.gz
'
i() { r "$1" "$installer$2"; }
installed='
	spec | boot-script | script >boot.sh
	boot "$root" boot.sh || { cat "$root/var/log/sluice-boot.log"; false; }
	echo "tmtt tmtt /home/tmtt" >want; same want "$root/tmp/installed"
'
i 'an installer is fetched, and its install.sh run as the user' '
	tar -czf "$root/installer" -C pack install.sh
	'"$installed"'
	grep -q "^url = \"https://example.com/tmtt.tar.gz\"" "$root/curl.config"
	[ ! -e "$root/var/lib/sluice/installer.file" ]
'
i 'install.sh may be in the only directory of the archive' '
	mkdir -p top/tmtt-1.0; mv pack/install.sh top/tmtt-1.0
	tar -czf "$root/installer" -C top tmtt-1.0
	'"$installed"
i 'the installer may be the script itself' '
	cp pack/install.sh "$root/installer"; export AMI_INSTALLER="https://example.com/install.sh?v=1"
	'"$installed"
i 'the right hash lets it pass' '
	tar -czf "$root/installer" -C pack install.sh
	AMI_INSTALLER_SHA256=$(sha256sum <"$root/installer" | cut -c 1-64); export AMI_INSTALLER_SHA256
	'"$installed"
i 'a wrong hash stops it before anything is unpacked' '
	tar -czf "$root/installer" -C pack install.sh
	AMI_INSTALLER_SHA256=$(printf "%064d" 7); export AMI_INSTALLER_SHA256
	spec | boot-script | script >boot.sh
	fails 1 boot "$root" boot.sh; says "first boot failed with status 1"
	[ ! -e "$root/tmp/installed" ]; says_log FAILED
	[ -s "$root/etc/sluice.env" ]
'
i 'an archive without install.sh is told' '
	mv pack/install.sh pack/other; tar -czf "$root/installer" -C pack other
	spec | boot-script | script >boot.sh
	fails 1 boot "$root" boot.sh; says_log "no install.sh"
'
i 'a failing install.sh fails the first boot, with its status' '
	echo "exit 7" >>pack/install.sh; tar -czf "$root/installer" -C pack install.sh
	spec | boot-script | script >boot.sh
	fails 7 boot "$root" boot.sh; says "status 7"
'
i 's3 with the keys: signed by curl, neither key among its arguments' '
	tar -czf "$root/installer" -C pack install.sh; export AMI_INSTALLER="s3://my.bucket/a b/ü.tar.gz"
	fails 78 boot-script </dev/null # a space is no part of a URL
	export AMI_INSTALLER="s3://my.bucket/dir/tm+tt.tar.gz"
	'"$installed"'
	grep -q "^url = \"https://s3.us-west-2.amazonaws.com/my.bucket/dir/tm%2Btt.tar.gz\"" "$root/curl.config"
	grep -q "^user = \"AKIDINSTANCE:canary/+secret\"" "$root/curl.config"
	grep -q "^aws:amz:us-west-2:s3$" "$root/curl.arguments"
	no grep -q -e canary -e AKID "$root/curl.arguments"
'
i 's3 with the role: keys and token from the metadata service' '
	tar -czf "$root/installer" -C pack install.sh; export AMI_INSTALLER=s3://b/k.tar.gz
	spec | jq -c ".instance_profile=\"a-role\"" | boot-script | script >boot.sh
	no grep -q -e canary -e AKID boot.sh
	boot "$root" boot.sh || { cat "$root/var/log/sluice-boot.log"; false; }
	grep -q "^user = \"AKIDROLE:role/secret+\"" "$root/curl.config"
	grep -q "^header = \"x-amz-security-token: role-token==\"" "$root/curl.config"
	grep -q "^header = \"X-aws-ec2-metadata-token: session-token\"" "$root/curl.config"
	no grep -q -e AKID -e token== -e role/secret "$root/curl.arguments"
	[ -s "$root/tmp/installed" ]
	no grep -q AWS_SECRET "$root/etc/sluice.env"
'
i 's3 with the aws CLI where there is one' '
	tar -czf "$root/installer" -C pack install.sh; export AMI_INSTALLER=s3://b/k.tar.gz
	cat >"$root/bin/aws" <<-END
	#!/bin/sh
	printf "%s\n" "\$@" "\$AWS_ACCESS_KEY_ID" "\$AWS_DEFAULT_REGION" >/aws.called
	cp /installer "\$5"
	END
	chmod 755 "$root/bin/aws"
	'"$installed"'
	printf "%s\n" s3 cp --only-show-errors s3://b/k.tar.gz /var/lib/sluice/installer.file AKIDINSTANCE us-west-2 >want
	same want "$root/aws.called"; [ ! -e "$root/curl.config" ]
'
s 'a role: the script has no keys, and none are needed' '
	unset AMI_ACCESS_KEY_ID AMI_SECRET_ACCESS_KEY
	spec | jq -c ".instance_profile=\"r\"" | boot-script | script >boot.sh
	grep -q "^AWS_ACCESS_KEY_ID=..$" boot.sh; no grep -q "^AWS_SECRET_ACCESS_KEY=\"" boot.sh
'
s 'without a role both missing keys are named at once' '
	unset AMI_ACCESS_KEY_ID AMI_SECRET_ACCESS_KEY
	spec >in; fails 78 boot-script in; says "AMI_ACCESS_KEY_ID, AMI_SECRET_ACCESS_KEY"
	[ "$(jq -r .error.code out)" = no-keys ]; [ "$(jq .user_data out)" = null ]
'
s 'an installer that is neither https nor s3 is refused, its text not shown' '
	spec >in
	for url in http://u:hidden@x/y ftp://x /etc/passwd s3://bucket s3:///key https:// "https://x
y"; do
		AMI_INSTALLER=$url fails 78 boot-script in; says "AMI_INSTALLER: it must be"
		no grep -q hidden err; [ ! -s out ]
	done
	AMI_INSTALLER=https://x/y AMI_INSTALLER_SHA256=12 fails 78 boot-script in; says "64 hex"
'
r 'a template of your own gets the values, in here-documents too' '
	cat >mine.sh <<-\END
	#!/bin/sh
	cat >/tmp/mine <<EOF
	$NAME in $AMI_REGION
	EOF
	END
	spec | jq -c ".tags.server=\"\$(touch /hit)\nEOF\ntouch /hit\"" | boot-script -t mine.sh | script >boot.sh
	boot "$root" boot.sh
	printf "%s\n" "\$(touch /hit)" EOF "touch /hit in us-west-2" >want
	same want "$root/tmp/mine"; [ ! -e "$root/hit" ]
'
s 'a template must be a shell script' '
	spec >in
	printf "#cloud-config\n" >t; fails 65 boot-script -t t in; says "does not begin with .#!. and a shell"
	printf "#!/usr/bin/python3\n" >t; fails 65 boot-script -t t in
	printf "#!/bin/csh\n" >t; fails 65 boot-script -t t in
	printf "#!/bin/sh\r\nx\r\n" >t; fails 65 boot-script -t t in
	printf "#!/bin/sh\n\000" >t; fails 65 boot-script -t t in
	: >t; fails 65 boot-script -t t in
	head -c 20000 /dev/zero | tr "\000" x >t; fails 65 boot-script -t t in; says 16384
	fails 66 boot-script -t nosuch in; says "cannot open .nosuch."
	for shell in /bin/sh "/bin/sh -e" /bin/bash "/usr/bin/env bash" "/bin/busybox"; do
		printf "#!%s" "$shell" >t
		case $shell in
		*busybox) fails 65 boot-script -t t in ;;
		*) boot-script -t t in >out; [ "$(script out | head -1)" = "#!$shell" ] ;;
		esac
	done
'
s 'user data larger than the limit fails its own record only' '
	{ spec | jq -c ".tags.server=(\"x\"*9000)"; spec; } >in
	fails 65 boot-script in; says "user data may have 16384"
	jq -r "[.error.code, .user_data != null] | @text" out >got
	printf "%s\n" "[\"too-large\",false]" "[null,true]" >want; same want got
'
s 'a record that lacks what the script needs, and one with a NUL' '
	spec | jq -c "del(.user)" >in; fails 65 boot-script in; says "member .user. must be a string"
	spec | jq -c ".region=7" >in; fails 65 boot-script in; says "member .region."
	spec | jq -c ".tags.server=\"a\u0000b\"" >in; fails 65 boot-script in; says "member .server."
'
s 'other records and unknown members pass with their text' '
	{ spec | sed "s/}\$/,\"x\":0.10000,\"y\":1e2}/"; echo "{\"kind\":\"z\",\"x\":0.10}"; } >in
	boot-script in >got
	grep -q "\"x\":0.10000,\"y\":1e2,\"user_data\":" got
	[ "$(sed -n 2p got)" = "{\"kind\":\"z\",\"x\":0.10}" ]
'
s 'a failed spec passes untouched' '
	spec | jq -c ".error={status:75,message:\"x\"}" >in; fails 75 boot-script in; same in out
'
s 'nothing in, nothing out' 'boot-script </dev/null >got; lines 0 got'
s 'broken JSON is 65 and named' '
	{ spec; echo "{\"kind\": nope}"; spec; } >in; fails 65 boot-script in; says "in:2:"; lines 2 out
'
s 'a document is wrong input' 'echo "{}" >in; fails 65 boot-script in; says "in:1:1"'
s 'a pipe without its end is not whole' '
	export SLUICE_SEAL=1; rc=0; spec | boot-script >got || rc=$?; [ $rc = 76 ]; lines 1 got
'
s 'a recorded run holds no secret, and a replay needs no environment' '
	spec >in
	AMI_INSTALLER="https://example.com/x.sh?Signature=hidden" SLUICE_TRACE=trace boot-script in |
		sed "s,canary/+secret,***,g; s,AKIDINSTANCE,***,g; s,https://example[^\\x27]*,***,g" >want
	env -i PATH="$PATH" SLUICE_REPLAY=trace boot-script in >got
	same want got; no grep -r -q -e canary -e AKIDINSTANCE -e hidden trace
'
s 'a full disk is 74' 'spec >in; fails 74 sh -c "boot-script in >/dev/full"'
s 'an unknown option is 64' 'fails 64 boot-script --nope; says usage:; fails 64 boot-script -t'

spec_stand_in='
	spec >spec.json; echo "cat $PWD/spec.json" | stand_in asg-spec
'
s 'EXAMPLES: the script to read' "$spec_stand_in"'
	example boot-script 1 | sh -eu
'
s 'EXAMPLES: a deployment with a script of your own' "$spec_stand_in"'
	echo cat | stand_in asg-roll
	mkdir boot; cp "$top/pipelines/boot/first-boot.sh" boot/ours.sh
	example boot-script 2 | sh -eu >got
	boot-script spec.json >want; same want got
'
s 'EXAMPLES: cloud-init instead' '
	printf "#cloud-config\npackages: [nginx]\n" >cloud-config.yaml; spec >spec.json
	example boot-script 3 | sh -eu >got
	[ "$(script got | head -1)" = "#cloud-config" ]
'
done_testing
