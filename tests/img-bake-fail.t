#!/bin/sh
# SPDX-License-Identifier: ISC
# What goes wrong while an image is baked: each failure has its status and says where and why, the
# record tells it, and destroy leaves nothing.
. "$(dirname "$0")/lib.sh"
needs_machines

words='
	. "$tests/bake.sh"
	machine() { behave "{\"machines\": {\"*\": $1}}"; }
	fails_with() {			# fails_with STATUS CODE STEP [OPTION…] <RECORDS >RECORDS
		want_status=$1 code=$2; shift 2
		cat >fails.in
		rc=0; step "$@" <fails.in >fails.out 2>err || rc=$?
		[ $rc -eq "$want_status" ] || { echo "want $want_status, got $rc: $*"; cat fails.out err; return 1; } >&2
		holds ".error.status == $want_status and .error.code == \"$code\"" fails.out >&2 || return 1
		cat fails.out
	}
	gone_too() {			# gone_too STATUS FILE: destroy cleans up, and keeps the status
		rc=0; step destroy <"$2" >gone 2>destroy.err || rc=$?
		[ $rc -eq "$1" ] || { echo "destroy: $rc"; cat destroy.err; return 1; }
		nothing_left
	}
	logs() { cat "$machines_dir"/m/*/own/sshd.log; }
'
for cloud in ec2 "do"; do
	t "$cloud: another host key stops it before anything is sent: 77" "$words"'
		start_bakes; machine "{\"host_key\": \"other\"}"
		bake '$cloud' one | fails_with 77 host-key up -t 60s >up
		says "host key"
		logs >log; [ -s log ]
		no grep -Ei "accepted|failed|userauth|invalid user" log
		fails 77 step bootstrap <up; fails 77 step create-image <up
		same log log; gone_too 77 up
	'
	t "$cloud: another host key than up saw: nothing is sent by the later steps" "$words"'
		start_bakes; bake '$cloud' one | step up >up 2>err
		dir=$(of_machine "$(sandbox_call GET machines | jq -r ".[0].id")" .directory)
		wc -l <"$dir/own/sshd.log" >seen
		ssh-keygen -q -t ed25519 -N "" -f other
		jq -c --arg key "$(cut -d" " -f1,2 other.pub)" "if .kind == \"bake\" then .ssh.host_keys = [\$key] else . end" up >wrong
		export TOKEN=canary-value; echo true >s
		fails_with 77 host-key bootstrap -e TOKEN s <wrong >bs
		fails_with 77 host-key create-image <wrong >im
		tail -n "+$(($(cat seen) + 1))" "$dir/own/sshd.log" >log; [ -s log ]
		no grep -Ei "accepted|failed|userauth" log
		gone_too 77 bs
	'
	t "$cloud: an image that fails is removed: 69" "$words"'
		start_bakes; bake '$cloud' one | step up >up 2>err
		behave "{\"create_image\": {\"*\": {\"failed\": \"Client.InternalError\"}}, \"digitalocean\": {\"errored\": {\"$(the .temporary.name up)\": \"snapshot\"}}}"
		rc=0; step create-image <up >image 2>err || rc=$?; [ $rc -eq 69 ] || { echo $rc; cat err; exit 1; }
		holds ".error.status == 69 and .error.filter == \"img-bake create-image\"" image
		jq -es "map(select(.kind == \"image\")) == []" image >got
		no grep "created server image" err
		behave "{\"create_image\": null, \"digitalocean\": {\"errored\": null}}"
		cp image failed
		step create-image --again <image >image2 2>err; says "^created server image"
		gone_too 0 image2
		gone_too 69 failed
	'
done
t 'no room in all zones and types: 69, both are named' "$words"'
	start_bakes; behave "{\"capacity\": {\"*\": [\"t3.micro\", \"t3.small\"]}}"
	bake ec2 one "{zones: [\"us-west-2a\", \"us-west-2b\"], instance_types: [\"t3.micro\", \"t3.small\"]}" |
		fails_with 69 InsufficientInstanceCapacity up >up
	[ "$(grep -c "trying the next zone or type" err)" -eq 3 ]
	holds "has(\"instance\") | not" up
	gone_too 69 up
'
t 'a bootstrap that fails, one that hangs: the image is not made' "$words"'
	start_bakes; bake do one | step up >up 2>err
	echo "echo broken >&2; exit 3" >bad; echo "echo begun; sleep 50" >hangs; echo true >ok
	fails_with 1 script-failed bootstrap bad ok <up >bs
	says "^one: broken$"; no grep "running ok" err
	holds ".error.message | test(\"bad exited with 3: broken\")" bs
	fails 1 step tests ok <bs; fails 1 step create-image <bs; fails 1 step verify ok <bs
	holds ".error.filter == \"img-bake bootstrap\" and (.steps | length) == 2" out
	fails_with 75 deadline bootstrap -t 6s hangs <up >bs2
	holds ".error.message | test(\"hangs\")" bs2
	fails_with 1 script-failed tests bad <up >ts
	gone_too 1 ts
'
t 'a bootstrap that reboots, and one in whose middle the machine crashes' "$words"'
	start_bakes; bake ec2 one | step up >up 2>err
	echo "echo first >/opt/first; reboot; sleep 30" >reboots; echo "cat /opt/first; cat /proc/sys/kernel/random/boot_id" >then
	step bootstrap reboots then <up >bs 2>err; says "^one: first"; says "reboots rebooted the machine"
	echo "echo now; kill -9 \$PPID; reboot; sleep 30" >crash
	fails_with 1 went-down bootstrap crash then <bs >crashed; no grep "running then" err
	gone_too 1 crashed
'
t 'a script that prints 100 MB: as it comes, in little memory' "$words"'
	start_bakes; bake do one | step up >up 2>err
	echo "yes \"\$(printf %999s x)\" | head -c 100000000; echo; echo printed; sleep 20" >prints
	(instead=exec; step bootstrap -l logs prints <up >bs 2>lines) & pid=$!
	says_it() { tail -n 1 lines | grep -q "one: printed"; }
	until_so says_it
	size=$(sed -n "s/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p" /proc/$pid/status)
	kill $pid; wait $pid || :
	case ${ASAN_OPTIONS-}$(ldd "$bin/img-bake") in *libasan*) [ "$size" -lt 300000 ] ;; *) [ "$size" -lt 20000 ] ;; esac
	[ "$(stat -c %s logs/one.bootstrap.log)" -gt 100000000 ]
	gone_too 143 bs
'
t 'cloud-init that fails is told, cloud-init that is not there is none' "$words"'
	start_bakes; machine "{\"cloud_init_fails\": true}"
	bake do one | step up >up 2>err; says "one: cloud-init: error"
	gone_too 0 up
	machine "{\"cloud_init\": \"absent\"}"
	bake do two | step up >up 2>err; no grep "two: cloud-init" err
	gone_too 0 up
'
t 'a machine that nobody can log in to: 75, with phase and id' "$words"'
	start_bakes
	for knob in "never=port" "silent=banner" "hang=host key"; do
		machine "{\"ssh\": \"${knob%=*}\"}"
		bake ec2 "a${knob%=*}" | fails_with 75 deadline up -t 8s >up
		holds ".error.message | test(\"${knob#*=}\") and test(\"$(the .instance.id up)\")" up
		gone_too 75 up
	done
	behave "{\"machines\": null, \"phases\": {\"pending\": 100000}}"
	bake ec2 b | fails_with 75 deadline up -t 4s >up
	holds ".error.message | test(\"$(the .instance.id up)\")" up
	gone_too 75 up
'
done_testing
