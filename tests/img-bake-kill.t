#!/bin/sh
# SPDX-License-Identifier: ISC
# img-bake killed: after each request of making an image, and in each phase of what is done over ssh.
# The same step goes on to its end; run-reap leaves nothing of it.
. "$(dirname "$0")/lib.sh"
needs_machines

words='
	. "$tests/bake.sh"
	reap() {
		run-reap list --run r1 >list 2>err
		[ ! -s list ] || run-reap rm --run r1 --interval 50ms <list >reaped 2>err || { cat list reaped err; return 1; }
	}
	# killed_at TEXT STEP [OPTION…]: kills the step when its standard error says so; nothing is held then
	killed_at() {
		text=$1; shift
		(instead=exec; step "$@" <in >killed 2>said) & pid=$!
		said() { grep -q -e "$text" said; }
		until_so said || { cat said; return 1; }
		kill -9 $pid
		behave "{\"machines\": null, \"phases\": null}"; advance 20000
		rc=0; wait $pid || rc=$?
		[ $rc -eq 137 ] || { cat said; echo "$1 came to its end, $rc"; return 1; }
	}
'
for cloud in ec2 "do"; do
	t "$cloud: create-image killed after each of its requests goes on to its end" "$words"'
		start_bakes
		for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26; do bake '$cloud' "n$n"; done >specs
		echo true >ok.sh
		all=0
		n=0
		while :; do
			n=$((n + 1)); [ $n -lt 27 ]
			if [ $n -gt $all ]; then	# eight at once
				sed -n "$((all + 1)),$((all + 8))p" specs | step up 2>err | jq -c "select(.kind == \"bake\")" >ups
				while read -r line; do all=$((all + 1)); printf "%s\n" "$line" >"up$all"; done <ups
			fi
			no_faults; fault "{\"nth\": $n, \"effect\": \"kill\"}"
			rc=0; step create-image <"up$n" >killed 2>err || rc=$?
			no_faults
			[ $rc -ne 0 ] || break
			[ $rc -eq 137 ] || { cat err; exit 1; }
			step create-image <"up$n" >image 2>err || { cat err; echo "after request $n"; exit 1; }
			disk=$(disk_of_image "$(the .image.id image)")
			[ ! -e "$disk/etc/ssh/ssh_host_ed25519_key" ] || { echo "a host key after request $n"; exit 1; }
			[ ! -s "$disk/root/.ssh/authorized_keys" ] || { echo "a key that is let in after request $n"; exit 1; }
			[ $((n % 4)) -ne 1 ] || step verify ok.sh <image >verified 2>err || { cat err; echo "after request $n"; exit 1; }
			step destroy <image >gone 2>err
		done
		[ $n -gt 8 ]
		cat ups "up$n" | step destroy >gone 2>err
		nothing_left
	'
done
t 'killed in each phase over ssh: the same step goes on, or run-reap leaves nothing' "$words"'
	start_bakes
	try() {				# try TEXT STEP [SCRIPT]
		killed_at "$@"
		text=$1; shift
		step "$@" <in >out 2>err || { cat err; echo "$1 again, killed at: $text"; exit 1; }
	}
	hold() { behave "{\"machines\": {\"*\": {\"$held\": \"held\"}}}"; }
	while read -r held text; do
		bake ec2 one >in
		hold; try "$text" up
		step destroy <out >gone 2>err; nothing_left
		bake ec2 two >in
		hold; killed_at "$text" up
		reap; rm -rf .sluice; nothing_left
	done <<-END
		late waiting for port
		refuse waiting for the key
		cloud_init logged in
		cloud_init cloud-init: running
	END
	echo "echo now; sleep 1; echo done >>/opt/done" >slow.sh
	bake ec2 one | step up >up 2>err; cp up in
	try "^one: now" bootstrap slow.sh
	try "^one: now" tests slow.sh; cp out in
	try "running the last cleaning" create-image
	step destroy <out >gone 2>err; nothing_left
	bake ec2 two | step up >up 2>err; cp up in
	behave "{\"phases\": {\"stopping\": 20000}}"
	try "machines to be off" create-image
	step verify slow.sh <out >verified 2>err; cp out in
	try "^two verify: now" verify slow.sh
	step destroy <out >gone 2>err; nothing_left
	bake ec2 three | step up >up 2>err; cp up in
	killed_at "^three: now" bootstrap slow.sh
	killed_at "running the last cleaning" create-image
	behave "{\"phases\": {\"stopping\": 20000}}"
	killed_at "machines to be off" create-image
	behave "{\"phases\": {\"image\": 20000}}"
	killed_at "images to be available" create-image
	reap; rm -rf .sluice; nothing_left
'
done_testing
