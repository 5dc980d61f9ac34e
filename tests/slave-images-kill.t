#!/bin/sh
# SPDX-License-Identifier: ISC
# pipelines/slave-images.mk ended by signals in each of its steps, and run again: one image of each
# name, nothing else is left. The clouds are the sandbox; a bootstrap and the logs of it are real ones
# where it has machines.
. "$(dirname "$0")/lib.sh"

words='. "$tests/sandbox.sh"; . "$tests/slave-images.sh"
	# begin MAKE-ARGUMENTS…: make, in a group of its own
	make() { command make "$@"; }
	begin() {
		make() { exec perl -e "\$SIG{INT} = q(DEFAULT); setpgrp(0, 0); exec qw(make), @ARGV" -- "$@"; }
		mk "$@" >log 2>&1 & pid=$!
		make() { command make "$@"; }
	}
	# until_in STEP [ACTION]: the step is under way, and has asked the cloud for that
	until_in() {
		tries=0
		until ls state/r1/*/."$1".json.* >at 2>/dev/null && { [ -z "${2-}" ] || changes | grep -Eq "$2"; }; do
			tries=$((tries + 1)); [ $tries -lt 1500 ] || { echo "never: $*"; cat log; return 1; }
			sleep 0.02
		done
	}
	ends() {				# make loses a child, and says 2, that ends just when a signal comes
		rc=0; wait $pid || rc=$?
		[ $rc -ne 2 ] || ! grep -q "make: \*\*\* wait: No child" log || return 0
		[ $rc -eq "$1" ] || { echo "ended with $rc, not $1"; cat log; return 1; }
	}
	no_machine() { run-reap list -q --all-regions --run r1 >left; lines 0 left || { cat log; return 1; }; }
	again() {
		rc=0; mk "$@" >again.log 2>&1 || rc=$?
		[ $rc -eq 0 ] || { echo "again: $rc"; cat log; echo "-- again"; cat again.log; return 1; }
		clean || { cat log; echo "-- again"; cat again.log; return 1; }
	}
	# all_in STEP ACTION SIGNAL TARGET: two images, and a signal when that step waits for its cloud
	all_in() {
		config images.json "us-west-2 nyc3"; fast
		case $1 in
		up) behave "{\"phases\":{\"pending\":2500},\"digitalocean\":{\"active\":2500}}" ;;
		image) behave "{\"phases\":{\"image\":2500},\"digitalocean\":{\"snapshot\":2500}}" ;;
		destroyed) speed 60 ;;
		copied) behave "{\"phases\":{\"copy\":2500}}" ;;
		esac
		begin -k -j2 images TO="ec2:us-east-1 digitalocean:fra1"
		until_in "$1" "$2"
		kill "-$3" "$4$pid"
		behave "{\"phases\":null,\"digitalocean\":null}"; advance 3000; speed 1000
	}
	same_again() { again -k -j2 images TO="ec2:us-east-1 digitalocean:fra1"; }
'
c() { t "$1" "$words$2"; }
while read -r step action; do
	c "SIGTERM to make in $step: it ends by it, no machine is left; again ends right" '
		all_in '"$step '$action'"' TERM ""; ends 143; no_machine; same_again
	'
	c "ctrl-C in $step" '
		all_in '"$step '$action'"' INT -; ends 130; no_machine; same_again
	'
	c "make killed in $step, its steps go on: again waits for them, nothing is done twice" '
		all_in '"$step '$action'"' KILL ""; ends 137; same_again
		changes | sort | uniq -c | grep -E "RunInstances|droplets_create|CreateImage|CopyImage" >got
		no grep -v "^ *1 " got
	'
	c "all processes killed in $step" '
		all_in '"$step '$action'"' KILL -; ends 137; same_again
		changes | sort | uniq -c | grep -E "RunInstances|droplets_create|CreateImage|CopyImage" >got
		no grep -v "^ *1 " got
	'
done <<END
up RunInstances|droplets_create
image CreateImage|dropletActions_post
destroyed TerminateInstances|droplets_destroy
copied CopyImage
END
c 'a signal at any moment, also between two steps: no machine is left' '
	config images.json "us-west-2 nyc3"; fast; speed 2000
	send() { until kill "-$1" "$2$pid" 2>/dev/null; do kill -0 $pid 2>/dev/null || return 1; done; }	# until it has its group
	seen=0
	for moment in 0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1 1.2 1.4 1.6 1.8 2 3 4 5; do
		rm -rf state
		begin -k -j2 images; sleep $moment
		if send TERM ""; then ends 143; else ends 0; break; fi
		no_machine || { echo "TERM after $moment s"; exit 1; }
		begin -k -j2 images; sleep $moment
		if send INT -; then ends 130; else ends 0; break; fi
		no_machine || { echo "INT after $moment s"; exit 1; }
		seen=$((seen + 1))
	done
	[ $seen -gt 3 ]
	same_again
'
done_testing
