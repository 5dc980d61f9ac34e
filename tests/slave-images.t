#!/bin/sh
# SPDX-License-Identifier: ISC
# pipelines/slave-images.mk with the real steps, on machines of the sandbox that are really there.
. "$(dirname "$0")/lib.sh"
needs_machines

words='. "$tests/sandbox.sh"; . "$tests/slave-images.sh"
'
c() { t "$1" "$words$2"; }

c 'six images at once, one bootstrap fails: the others finish; recorded, it replays without a network' '
	config images.json "us-west-2 us-east-1 nyc3" "debian12 ubuntu2404"; fast_machines
	bad=digitalocean-nyc3-ubuntu2404
	echo "[ \"\$PASSWORD\" = canary-secret-7 ] && echo no such package \$PASSWORD; exit 3" >scripts/bad.sh
	jq ".clouds.digitalocean.regions.nyc3.distribution.ubuntu2404 = {bootstrap: \"scripts/bad.sh\", environment: [\"PASSWORD\"]}" images.json >new
	mv new images.json
	export PASSWORD=canary-secret-7
	fails 2 env SLUICE_TRACE=trace make -k -j6 -f "$top/pipelines/slave-images.mk" CONFIG=images.json RUN=r1 TO=digitalocean:fra1 VERIFY="img-bake verify $quick" images
	says "$bad: bootstrap failed with status 1, see state/r1/$bad/bootstrap.failed.json"
	status_is $bad 1
	names state/r1/*/copied.json >got
	lines 6 got
	clean
	grep -q "no such package" state/r1/$bad/$bad.bootstrap.log
	no grep -r "PRIVATE KEY" state trace; no grep -r canary-secret-7 state trace
	find state ! -type d -perm /077 >open; lines 0 open
	cp -a state before; rm -rf state
	mkdir home; fails 2 env -i PATH="$PATH" HOME="$PWD/home" SLUICE_REPLAY=trace make -k -j6 -f "$top/pipelines/slave-images.mk" \
		CONFIG=images.json RUN=r1 TO=digitalocean:fra1 \
		UP="img-bake up $quick" CREATE_IMAGE="img-bake create-image --interval 20ms" DESTROY="img-bake destroy $quick" \
		VERIFY="img-bake verify $quick" COPY="img-copy --interval 20ms" images
	for file in $bad/bootstrap.failed.json $bad/status aws-us-east-1-debian12/copied.json digitalocean-nyc3-debian12/copied.json; do
		same before/r1/$file state/r1/$file
	done
	rm -rf state; mv before state
	jq "del(.clouds.digitalocean.regions.nyc3.distribution.ubuntu2404.bootstrap)" images.json >new; mv new images.json; forget
	mk -s -k -j6 images TO=digitalocean:fra1 >out 2>err || { cat err; exit 1; }
	changes | grep -c "droplets_create\|RunInstances" >got; echo 2 >want; same want got
	names state/r1/*/copied.json | lines 8 /dev/stdin; clean
'
c 'KEEP=1: the printed command gets in; what is mended goes on with that machine; another one removes it' '
	config images.json nyc3; fast_machines; name=digitalocean-nyc3-debian12
	echo "test -e /etc/mended" >scripts/test.sh
	fails 2 mk images KEEP=1; status_is $name 1
	sed -n "s/.*is kept: \(img-bake ssh -f [^;]*\); away.*/\1/p" err >get-in; lines 1 get-in
	$(cat get-in) "touch /etc/mended" </dev/null
	forget; mk -s images KEEP=1 >out 2>err || { cat err; exit 1; }
	changes | grep -c droplets_create >got; echo 1 >want; same want got		# the one of verify
	clean
	rm -rf state; echo false >scripts/test.sh; fails 2 mk images KEEP=1 RUN=r2
	eval "$(sed -n "s/.*; away with it: \(img-bake destroy -f .*\)/\1/p" err) $quick >gone" || [ $? -eq 1 ]
	run-reap list -q --run r2 >left; lines 0 left
'
for signal in TERM KILL; do
	c "SIG$signal to make and what it runs while a script runs: no second machine" '
		config images.json "us-west-2 nyc3"; fast_machines
		echo "echo begins; [ -e /etc/before ] || { touch /etc/before; sleep 3; }; echo baked >>/etc/baked" >scripts/boot.sh
		perl -e "setpgrp(0, 0); exec @ARGV" make -k -j2 -f "$top/pipelines/slave-images.mk" CONFIG=images.json RUN=r1 images >log 2>&1 & pid=$!
		until_so sh -c "grep -q aws.*begins log && grep -q digital.*begins log"
		kill -'$signal' -$pid; rc=0; wait $pid || rc=$?
		[ $rc -gt 128 ]
		[ '$signal' = KILL ] || { run-reap list -q --all-regions --run r1 >left; lines 0 left; }
		mk -s -k -j2 images >again.log 2>&1 || { cat log again.log; exit 1; }
		names state/r1/*/copied.json | lines 2 /dev/stdin; clean
	'
done
c 'plan changes nothing and says all; reap removes what a run left, state or not' '
	config images.json "us-west-2 nyc3"; fast_machines
	mk -s plan >out 2>err; grep -c "^| create | instance" out >got; echo 2 >want; same want got; grep -q "^| create | image .*ci-debian12" out
	[ -z "$(changes)" ]; [ ! -e state ]
	mk -s up >out 2>err; mk -s reap REAP_RM="run-reap rm --interval 20ms" >out 2>err || { cat err; exit 1; }
	grep -q "deleted *instance" out; clean
	mk -s images >out 2>err || { cat err; exit 1; }; clean
'
done_testing
