#!/bin/sh
# SPDX-License-Identifier: ISC
# sluice(7): it names the filters that there are, and its examples run as they are printed.
. "$(dirname "$0")/lib.sh"

t 'the list of filters is that of the manual pages, in their words' '
	sed -n "/^\.Sh DESCRIPTION/,/^\.El/p" "$top/man/sluice.7" |
		sed -n "s/^\.It Xr \([^ ]*\) 1\$/\1/; T; N; s/\n/: /p" >got
	for source in "$top"/cmd/*.c; do
		filter=$(basename "$source" .c)
		echo "$filter: $(sed -n "s/^\.Nd \(.*\) (sluice)\$/\1/p" "$top/man/$filter.1")"
	done >want
	same want got
'
if command -v mandoc >/dev/null; then
	t 'mandoc has nothing to warn of' 'mandoc -Tlint -Wwarning "$top/man/sluice.7"'
else
	skip 'mandoc has nothing to warn of' 'no mandoc here'
fi
t 'the exit statuses are those of the code' '
	sed -n "/^\.Sh EXIT STATUSES/,/^\.El/s/^\.It \([0-9]*\)\$/\1/p" "$top/man/sluice.7" >got
	sed -n "s/^.ST_[A-Z]* = \([0-9]*\),.*/\1/p" "$top/common/status.h" >want
	same want got
'

# Each block of EXAMPLES is a file; they build on each other as a reader would go through them.
examples='
	. "$tests/sandbox.sh"
	start_sandbox
	sandbox_call POST seed "{\"region\":\"us-west-2\",\"load_balancers\":[\"web-production\"],
		\"security_groups\":[\"web\"],\"key_pairs\":[\"web\"],\"images\":[{\"id\":\"ami-0e1\",
		\"name\":\"web-1\",\"created\":\"2026-11-01T00:00:00.000Z\",\"state\":\"available\"}]}" >seeded
	mkdir quick
	printf "#!/bin/sh\nexec %s --interval 1ms \"\$@\"\n" "$bin/asg-roll" >quick/asg-roll
	printf "#!/bin/sh\nexec %s --interval 1ms \"\$@\"\n" "$bin/asg-rm" >quick/asg-rm
	chmod +x quick/*
	export PATH="$PWD/quick:$PATH" EDITOR=true NAME=web AMI_ENV=production AMI_REGION=us-west-2 \
		AMI_AZ=us-west-2a AMI_INSTANCE_TYPE=t3.micro AMI_USER=web AMI_BUILD=21 \
		AMI_ACCESS_KEY_ID=AKIDONTHEBOX AMI_SECRET_ACCESS_KEY=restrictive-secret
	echo "{\"ami\": \"ami-3db92b0d\", \"build\": \"21\"}" >baseami.json
	awk "/^\.Sh EXAMPLES/ { on = 1 } /^\.Sh THE/ { on = 0 } /^\.Ed/ { file = \"\" }
		file { print >file } on && /^\.Bd -literal/ { file = sprintf(\"example.%02d\", ++n) }" \
		"$top/man/sluice.7"
	run() { sh -e example.$1 >run.out 2>run.err || { echo "status $?"; cat example.$1 run.out run.err; exit 1; }; }
'
t 'the examples run as they are printed' "$examples"'
	ls example.* >names; [ "$(wc -l <names)" -ge 9 ]
	for number in $(sed "s/example.//" names); do
		AMI_BUILD=$((20 + ${number#0})); export AMI_BUILD
		if grep -q asg-rm example.$number; then AMI_BUILD=40 run 01; fi # a kept one to remove
		run "$number"
	done
'
t 'what the recording of a deployment replays needs no network and no environment' "$examples"'
	deployment="asg-spec baseami.json | boot-script | asg-roll -q"
	SLUICE_TRACE="$PWD/trace" sh -ec "$deployment" >out
	sandbox_call GET journal >journal
	env -i PATH="$PATH" SLUICE_REPLAY="$PWD/trace" sh -ec "$deployment" >again
	same out again
	sandbox_call GET journal >journal.after
	same journal journal.after
	cat trace/* | no grep -q restrictive-secret
'
t 'names that no record can hold, empty or not UTF-8, are 64, and nothing is asked' '
	export AWS_ENDPOINT_URL=http://127.0.0.1:1 DIGITALOCEAN_API_URL=http://127.0.0.1:1
	while read -r command; do
		for word in "" "$(printf "\366")"; do
			# shellcheck disable=SC2086
			fails 64 $command "$word" </dev/null
		done
	done <<-END
	ami-find -o self
	ami-find -o self -r
	ami-find -o self -t
	ami-find -o
	ami-find --ssm
	asg-list --env
	asg-list -r
	asg-list
	asg-rm -r
	asg-rm -r us-west-2
	asg-roll --back --to
	asg-roll -r
	aws-call sts GetCallerIdentity -r
	do-droplets ensure -r
	do-keys ensure --key x --name
	do-keys rm
	do-records list
	do-records rm
	img-copy --share
	img-copy -t
	img-list -r
	img-list
	img-rm -c aws
	img-rm -c aws -r
	run-reap list -r
	ssh-run --user
	ssh-run
	END
'
t 'the file of -f: not empty, and not one in the place of another' '
	for filter in "asg-rm" "asg-roll" "asg-spec" "aws-call sts X" "boot-script" "do-keys ensure" "dns-match" "inv-merge" "inv-split" "rec-table"; do
		fails 64 $filter -f "" </dev/null
		fails 64 $filter -f a -f b </dev/null
	done
	for filter in aws-sign http-send http-to-har; do fails 64 $filter -f "" </dev/null; done
'
done_testing
