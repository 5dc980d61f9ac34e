#!/bin/sh
# SPDX-License-Identifier: ISC
# Ctrl-C and SIGTERM, to a whole pipe of img-bake's steps, to one of them, to one alone: each ends
# within four seconds but for destroy, and no machine is left.
. "$(dirname "$0")/lib.sh"
needs_machines

words='
	. "$tests/bake.sh"
	echo "echo now; sleep 60" >slow.sh; echo "echo ok" >ok.sh
	now() { date +%s%N; }
	cat >pipe.sh <<-"END"
		. "$tests/case.sh"; . "$tests/bake.sh"
		one() {
			name=$1
			trap : INT TERM
			rc=0; step "$@" 2>"err.$name" || rc=$?
			date +%s%N >"end.$name"
			echo $rc >"rc.$name"
		}
		trap : INT TERM
		one up <in | one bootstrap "${1-slow.sh}" | one tests ok.sh | one create-image | one destroy >out
		cat rc.* >ended
	END
	in_group() { exec perl -e "\$SIG{INT} = q(DEFAULT); setpgrp; exec @ARGV" "$@"; }
	begin() { in_group sh pipe.sh "$@" & group=$!; }		# the whole pipe
	until_says() { text=$2 file=$1; says_it() { grep -qs -e "$text" "$file"; }; until_so says_it; }
	end() { until_so [ -e ended ]; wait $group || :; }
	statuses() { for name in up bootstrap tests create-image destroy; do printf "%s " "$(cat rc.$name)"; done >statuses
		[ "$(cat statuses)" = "$* " ] || { cat statuses err.*; return 1; }; }
	in_time() {			# in_time STEP…: within four seconds after the signal, and sixteen for a busy machine
		for name; do [ $((($(cat end.$name) - asked) / 1000000)) -lt 20000 ] || { echo "$name: too late"; cat err.$name; return 1; }; done
	}
'
for signal in INT TERM; do
	[ $signal = INT ] && status=130 || status=143
	words="$words signal=$signal status=$status
"
	t "SIG$signal to the whole pipe while a script runs" "$words"'
		start_bakes; bake ec2 one >in; bake do two >>in
		begin; until_says err.bootstrap "^one: now"; until_says err.bootstrap "^two: now"
		asked=$(now); kill -s $signal -- -$group; end
		statuses 0 $status $status $status $status
		in_time bootstrap tests create-image
		jq -es "map(select(.kind == \"bake\")) | length == 2 and all(.error.filter == \"img-bake bootstrap\" and .error.code == \"interrupted\" and .error.status == $status)" out >got || { cat out; exit 1; }
		nothing_left
	'
	t "SIG$signal to the whole pipe while up waits for the machine" "$words"'
		start_bakes; bake ec2 one >in
		behave "{\"machines\": {\"*\": {\"late\": \"held\"}}}"
		begin; until_says err.up "waiting for port"
		asked=$(now); kill -s $signal -- -$group; end
		statuses $status $status $status $status $status
		in_time up bootstrap tests create-image
		nothing_left
	'
	t "SIG$signal to one step of the pipe: the others end it" "$words"'
		start_bakes; bake do one >in
		begin; until_says err.bootstrap "^one: now"
		asked=$(now); kill -s $signal $(pgrep -g $group -f "^img-bake bootstrap"); end
		statuses 0 $status $status $status $status
		nothing_left
	'
	t "SIG$signal to up alone: it asks for the removal; in place, the record tells" "$words"'
		start_bakes; bake ec2 one >state.json
		behave "{\"machines\": {\"*\": {\"late\": \"held\"}}}"
		in_group img-bake up --interval 50ms --lag 0 -i state.json >out 2>err & pid=$!
		until_says err "waiting for port"
		asked=$(now); kill -s $signal $pid
		rc=0; wait $pid || rc=$?; now >end.up; cp err err.up; in_time up
		[ $rc -eq $status ]
		holds ".error.code == \"interrupted\" and .error.status == $status and .instance.status == \"deleting\"" state.json
		says "is being removed"
		fails $status step destroy -i state.json
		nothing_left
		holds ".instance.status == \"gone\"" state.json
	'
	t "SIG$signal to bootstrap alone: the machine stays, and --again goes on" "$words"'
		start_bakes; bake do one | step up >state.json 2>err
		in_group img-bake bootstrap --interval 50ms -i state.json slow.sh >out 2>err & pid=$!
		until_says err "^one: now"
		asked=$(now); kill -s $signal $pid
		rc=0; wait $pid || rc=$?; now >end.bootstrap; cp err err.bootstrap; in_time bootstrap
		[ $rc -eq $status ]
		holds ".error.code == \"interrupted\" and .instance.status == \"active\"" state.json
		fails $status step bootstrap -i state.json ok.sh
		step bootstrap --again -i state.json ok.sh 2>err; says "^one: ok"
		step create-image -i state.json 2>err
		step destroy -i state.json 2>err; nothing_left
	'
done
t 'SIGTERM to the whole pipe while create-image works: the machine goes, the image may be there' "$words"'
	start_bakes; signal=TERM status=143
	for text in "running the last cleaning" "machines to be off" "images to be available"; do
		rm -f rc.* end.* err.* ended
		bake ec2 "n$(echo "$text" | wc -c)" >in
		case $text in		# it would be over before a slow machine looks
		*off) behave "{\"phases\": {\"stopping\": 1000000}}" ;;
		*) behave "{\"phases\": {\"stopping\": 20, \"image\": 1000000}}" ;;
		esac
		begin ok.sh; until_says err.create-image "$text"
		asked=$(now); kill -s TERM -- -$group; end
		statuses 0 0 0 143 143
		in_time create-image
		nothing_left
	done
'
done_testing
