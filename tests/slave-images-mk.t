#!/bin/sh
# SPDX-License-Identifier: ISC
# pipelines/slave-images.mk, as GoCD and Jenkins jobs run it: what it does with its files, by steps
# that only look like the real ones; then the real ones, against the sandbox.
. "$(dirname "$0")/lib.sh"

words='. "$tests/sandbox.sh"; . "$tests/slave-images.sh"
'
c() { t "$1" "$words$2"; }
six='config images.json "us-west-2 us-east-1 eu-west-1" "debian12 ubuntu2404"; stand_ins
'
one='config images.json; stand_ins; name=aws-us-west-2-debian12
'
c 'help names every target and variable, and needs no files' '
	mk help >out
	for word in images up bootstrap tests create-image destroy verify copy jenkins plan reap KEEP=1 PARTIAL=1 COMMIT=1 \
		PUSH=1 PR=1 TO= ONLY= PATHS= YAML= RUN= FROM= FETCHED=1 CONFIG=; do
		grep -q -e "$word" out || { echo "no $word"; exit 1; }
	done
	sed -n "s/^\([A-Z_]*\) ?=.*/\1/p" "$top/pipelines/slave-images.mk" >variables; [ -s variables ]
	while read -r word; do grep -q "$word=" out || [ $word = STATE ] || { echo "no $word"; exit 1; }; done <variables
	[ ! -e state ]
	make -f "$top/pipelines/slave-images.mk" >got; grep -q "^images " got
'
c 'an image through all steps, a file for each, nobody else may read them; again: nothing is done' "$one"'
	mk -s images >out 2>err
	printf "%s\n" up bootstrap tests create-image destroy verify | sed "s/$/ $name/" >want; same want steps
	for step in spec up bootstrap tests image destroyed verified copied; do [ -s "state/r1/$name/$step.json" ]; done
	status_is $name 0
	find state ! -type d -perm /077 >open; lines 0 open
	same "state/r1/$name/verified.json" "state/r1/$name/copied.json"
	mk -s images up destroy >out 2>err; lines 6 steps
'
c 'one target after the other, each does one step' "$one"'
	n=0
	for target in up bootstrap tests create-image destroy verify; do
		n=$((n + 1)); mk -s $target >out 2>err; lines $n steps; tail -n 1 steps | grep -q "^$target "
	done
	mk -s copy TO="us-east-1 eu-west-1" >out 2>err
	tail -n 1 steps >got; echo "copy $name -t eu-west-1 -t us-east-1" >want; same want got
'
c 'TO: each cloud has the regions that are its own; ONLY is options, and never a command' '
	config images.json "us-west-2 nyc3"; stand_ins
	mk -s -k -j2 images TO="us-gov-east-1 fra1,rackspace:IAD digitalocean:nyc2 ec2:eu-west-1" >out 2>err
	grep copy steps | sort >got
	printf "copy %s\n" "aws-us-west-2-debian12 -t eu-west-1 -t us-gov-east-1" "digitalocean-nyc3-debian12 -t fra1 -t nyc2" >want
	same want got
	ONLY="-c ec2; touch bad; \$(shell touch bad) \`touch bad\`" SLUICE_RUN="\$(shell touch bad)" fails 2 make -f "$top/pipelines/slave-images.mk" CONFIG=images.json up
	[ ! -e bad ]; says "cannot open .touch."
	: >steps; ONLY="-c ec2" mk -s images RUN=r2 >out 2>err; no grep digitalocean steps
'
c 'make -k -j6 over six images, one fails: the others finish, its machine goes' "$six"'
	bad=aws-us-east-1-debian12
	echo "{\"status\":1,\"message\":\"no\"}" >fail.bootstrap.$bad
	fails 2 mk -k -j6 images
	says "$bad: bootstrap failed with status 1, see state/r1/$bad/bootstrap.failed.json"
	says "$bad/bootstrap.json.* Error 1"
	grep -c "^verify" steps >got; echo 5 >want; same want got
	ls state/r1/*/copied.json | lines 5 /dev/stdin
	status_is $bad 1; status_is aws-us-west-2-debian12 0
	grep $bad steps >got; printf "%s $bad\n" up bootstrap destroy >want; same want got
	[ ! -e state/r1/$bad/up.json ]
	rm fail.*; : >steps
	mk -s -k -j6 images >out 2>err
	printf "%s $bad\n" up bootstrap tests create-image destroy verify >want; same want steps
	[ ! -e state/r1/$bad/bootstrap.failed.json ]; status_is $bad 0
'
c 'without -k, and with fewer jobs than images, what has begun goes on to its end' "$six"'
	echo "{\"status\":75}" >fail.up.aws-us-west-2-debian12
	fails 2 mk -j2 images
	grep -c "^up" steps >got; echo 2 >want; same want got
	ls state/r1/*/copied.json | lines 1 /dev/stdin
	status_is aws-us-west-2-debian12 75
	rm fail.*; : >steps
	mk -s images -j2 >out 2>err
	# depth first: no machine waits for another one'"'"'s steps
	grep -n "^up\|^destroy" steps | awk -F: "{ n += \$2 ~ /up/ ? 1 : -1; if (n > 2) exit 1 }"
'
c 'every step that fails: its record is kept, the status told, the machine removed, the next run ends right' "$one"'
	for step in up bootstrap tests create-image destroy verify; do
		rm -rf state steps
		echo "{\"status\":69}" >fail.$step.$name
		fails 2 mk images; status_is $name 69
		file=$(echo $step | sed "s/create-//; s/destroy$/destroyed/; s/verify$/verified/")
		jq -es "any(.error.status == 69)" "state/r1/$name/$file.failed.json" >got
		case $step in destroy) ;; *) tail -n 1 steps | grep -q ^destroy ;; esac
		rm fail.*; mk -s images >out 2>err; status_is $name 0
		[ ! -e "state/r1/$name/$file.failed.json" ]
	done
'
c 'a step that dies before it writes: destroy gets what the step had' "$one"'
	touch die.up.$name
	fails 2 mk images; status_is $name 137
	printf "%s $name\n" up destroy >want; same want steps
	jq -e .image_name state/r1/$name/up.failed.json >got
	rm die.*; touch die.tests.$name; fails 2 mk images
	jq -es "map(select(.kind == \"bake\"))[0].instance.id" state/r1/$name/tests.failed.json >got
	status_is $name 137
'
c 'a machine that cannot be removed is tried again before another one is made' "$one"'
	echo "{\"status\":1}" >fail.tests.$name; echo "{\"status\":75}" >fail.destroy.$name
	fails 2 mk images; says "could not be removed (status 75)"; status_is $name 1
	fails 2 mk images; status_is $name 75
	grep -c ^up steps >got; echo 1 >want; same want got
	rm fail.*; mk -s images >out 2>err; status_is $name 0
	[ ! -e state/r1/$name/leaving.json ]
'
c 'KEEP=1 leaves the machine, says how to get in, and goes on with it' "$one"'
	echo "{\"status\":1}" >fail.tests.$name
	fails 2 mk images KEEP=1; says "is kept: img-bake ssh -f state/r1/$name/tests.failed.json; away"
	no grep destroy steps
	rm fail.*; : >steps; mk -s images KEEP=1 >out 2>err
	head -n 1 steps >got; echo "tests $name" >want; same want got
'
c 'from every file, also one that was edited by hand' "$one"'
	mk -s images >out 2>err
	for from in "up bootstrap" "bootstrap tests" "tests create-image" "image destroy" "destroyed verify"; do
		: >steps; step=${from% *}
		jq -c "if .kind == \"bake\" then .note = 1 else . end" state/r1/$name/$step.json >new; mv new state/r1/$name/$step.json
		mk -s images >out 2>err
		head -n 1 steps >got; echo "${from#* } $name" >want; same want got
		jq -es "any(.note == 1)" state/r1/$name/copied.json >got
		: >steps; mv state/r1/$name/$step.json aside; mk -s images >out 2>err; lines 0 steps; mv aside state/r1/$name/$step.json
	done
	rm state/r1/$name/verified.json state/r1/$name/copied.json
	mk -s images >out 2>err; echo "verify $name" >want; same want steps
'
c 'what changes is done again, and nothing else: a distribution, a region, settings, scripts' "$one"'
	mk -s images >out 2>err; : >steps
	config images.json us-west-2 "debian12 ubuntu2404"; mk -s images >out 2>err
	no grep $name steps; grep -q "up aws-us-west-2-ubuntu2404" steps; : >steps
	mk -s images TO=us-east-1 >out 2>err; cut -d" " -f1,3- steps | sort -u >got; echo "copy -t us-east-1" >want; same want got; : >steps
	jq ".defaults.copy_to = [\"us-east-1\"]" images.json >new; mv new images.json; mk -s images >out 2>err; lines 0 steps
	jq ".defaults.share_with = [\"210987654321\"]" images.json >new; mv new images.json; mk -s images >out 2>err
	cut -d" " -f1,3- steps | sort -u >got; echo "copy -t us-east-1 --share 210987654321" >want; same want got; : >steps
	echo "# more" >>scripts/test.sh; mk -s images >out 2>err
	cut -d" " -f1 steps | sort -u >got; printf "%s\n" copy verify >want; same want got; : >steps
	jq -r "select(.kind == \"bake\").image_name" state/r1/$name/copied.json >old
	sleep 1		# the name has the second in it
	echo "# more" >>scripts/boot.sh; mk -s images >out 2>err; grep -c ^up steps >got; echo 2 >want; same want got; : >steps
	jq -r "select(.kind == \"bake\").image_name" state/r1/$name/copied.json >new; no same old new >got
	sleep 1
	jq ".clouds.ec2.regions[\"us-west-2\"].distribution.debian12 = {disk: 20}" images.json >new; mv new images.json
	mk -s images >out 2>err; grep -c ^up steps >got; echo 1 >want; same want got; no grep ubuntu steps
'
c 'two steps in a row, as the file says it: an unsealed one would be 76' "$one"'
	example=$(sed -n "s/^# one by sh -c: UP=.\(.*\).\$/\1/p" "$top/pipelines/slave-images.mk"); [ -n "$example" ]
	export UP="$(echo "$example" | sed "s,img-bake up,./step up,")"
	mk -s up >out 2>err
	jq -es "any(.[]; .disk == 20)" state/r1/$name/up.json
'
c 'what changes while a machine is there: it goes before another one is made' "$one"'
	echo "{\"status\":1}" >fail.tests.$name; fails 2 mk images KEEP=1; rm fail.*; : >steps
	jq ".defaults.disk = 20" images.json >new; mv new images.json
	mk -s tests >out 2>err; printf "%s $name\n" destroy up bootstrap tests >want; same want steps
	: >steps; echo "# more" >>scripts/test.sh; mk -s tests >out 2>err; echo "tests $name" >want; same want steps
'
c 'an image with a name of its own cannot be made twice in a run' "$one"'
	jq ".defaults |= (del(.image_basename) | .image_name = \"{distribution}\")" images.json >new; mv new images.json
	mk -s images >out 2>err; : >steps
	jq ".defaults.disk = 20" images.json >new; mv new images.json
	fails 2 mk images; says "image .debian12. was made of what there was before: take another RUN"; lines 0 steps
	echo 79 >want; same want state/r1/status
	mk -s images RUN=r2 >out 2>err; grep -q ^up steps
'
c 'a copy that fails in one of three regions: the others are kept, the status is 69, again finishes' "$one"'
	echo "{\"status\":69,\"region\":\"eu-west-1\"}" >fail.copy.$name
	fails 2 mk images TO="us-east-1 eu-west-1 sa-east-1"; status_is $name 69
	jq -s "map(select(.kind == \"image\" and .error == null)) | length" state/r1/$name/copied.failed.json >got; echo 3 >want; same want got
	no grep -x "destroy $name" steps | lines 1 /dev/stdin || :
	: >steps; rm fail.*
	mk -s images TO="us-east-1 eu-west-1 sa-east-1" >out 2>err; lines 1 steps; status_is $name 0
'
c 'two runs do not see each other, however alike their names are' "$one"'
	mk -s up RUN=a/b >out 2>err; mk -s up RUN=a-b >out 2>err; mk -s up RUN="a b" >out 2>err; mk -s up RUN=.. >out 2>err
	mk -s up RUN="it'"'"'s" >out 2>err
	lines 5 steps; ls state | lines 5 /dev/stdin
	mk -s up RUN=a-b >out 2>err; lines 5 steps
	env GO_PIPELINE_NAME=p GO_PIPELINE_COUNTER=3 GO_JOB_NAME=j SLUICE_RUN= make -s -f "$top/pipelines/slave-images.mk" \
		CONFIG=images.json UP="./step up" up >out 2>err; [ -s state/p-3-j/$name/up.json ]
	jq -e ".run == \"p-3-j\"" state/p-3-j/$name/spec.json >got
'
c 'odd names: of directories, of the configuration, of the file; those that cannot be are refused' '
	mkdir "it'"'"'s a \$dir"; cd "it'"'"'s a \$dir"; config "my images.json"; stand_ins
	cp "$tests/data/jenkins-yaml/ci-platform.yaml" "the '"'"'yaml.yaml"
	mk -s jenkins CONFIG="my images.json" YAML="the '"'"'yaml.yaml" YAML_PUT="yaml-put --create" >out 2>err
	grep -q "^+ .*debian12: .ami-aws" out; grep -q "^git -C .\.. commit .*-- .the ....yaml.yaml.\$" out
	mkdir "my pipelines"; cp "$top/pipelines/slave-images.mk" "my pipelines/x.mk"; : >steps
	make -s -f "my pipelines/x.mk" CONFIG="my images.json" RUN=r2 UP="./step up" up; lines 1 steps
	fails 2 mk up STATE="a b"; says "STATE is .a b.: letters"
	config images.json us-west-2 "a@b"; mk -s up RUN=r3 >out 2>err; [ -s state/r3/aws-us-west-2-a-b/up.json ]
	bake-spec images.json | jq -c ".name = \"../b\"" >specs
	fails 2 mk up BAKE_SPEC="cat specs #"; says "no name for a directory of its own: .\.\./b."
	echo 65 >want; same want state/r1/status
'
c 'a configuration that is wrong, or is not there: its status is in the file' "$one"'
	echo "{" >images.json; fails 2 mk images; echo 65 >want; same want state/r1/status; says "images.json:"
	fails 2 mk images CONFIG=none.json; echo 66 >want; same want state/r1/status
	lines 0 steps 2>/dev/null || [ ! -e steps ]
'
c 'files that another agent made are taken as they are' "$one"'
	mk -s destroy >out 2>err; : >steps
	touch state/r1/$name/copied.json; rm state/r1/$name/copied.json; touch state/r1/$name/up.json state/r1/$name/spec.json
	mk -s copy FETCHED=1 >out 2>err; echo "verify $name" >want; same want steps
'

dictionary='config images.json "us-west-2 us-east-1" centos7; stand_ins
	git init -q --bare -b main origin.git; git clone -q origin.git repo 2>/dev/null; mkdir repo/conf; git -C repo checkout -q -b main
	git config --global user.name me; git config --global user.email me@example.org
	cp "$tests/data/jenkins-yaml/ci-platform.yaml" repo/conf/ci.yaml
	git -C repo add .; git -C repo commit -q -m first; git -C repo push -q origin main
	stand_in gh <<-"END"
		printf "%s\n" "$PWD: $*" >>"$HOME/gh.log"
		case $2 in
		list) cat "$HOME/open" 2>/dev/null || : ;;
		create) echo https://example.org/pull/1 | tee "$HOME/open" ;;
		esac
	END
	jenkins() { mk -s jenkins YAML=repo/conf/ci.yaml "$@" >out 2>err; }
'
c 'jenkins: a line for each image, one commit on a branch, pushed, one pull request; again: nothing' "$dictionary"'
	jenkins COMMIT=1
	git -C repo diff --numstat main images-r1 >got; printf "2\t2\tconf/ci.yaml\n" >want; same want got
	git -C repo diff main images-r1 | grep "^[-+] " >got
	cat >want <<-END
	-                    centos7:    ami-0000000000000c701   # 201511021405
	+                    centos7:    ami-aws-us-east-1-centos7  # 201511021405
	-                    centos7:    ami-0000000000000c702
	+                    centos7:    ami-aws-us-west-2-centos7
	END
	same want got
	git -C repo log -1 --format=%s images-r1 >got
	echo "Images of r1: aws-us-west-2-centos7 aws-us-east-1-centos7" >want; same want got
	no git -C origin.git rev-parse -q --verify images-r1; [ ! -e gh.log ]
	jenkins PUSH=1; [ "$(git -C origin.git rev-parse images-r1)" = "$(git -C repo rev-parse HEAD)" ]; [ ! -e gh.log ]
	jenkins PR=1; jenkins PR=1; jenkins PR=1
	grep -c "pr create --fill --head images-r1\$" gh.log >got; echo 1 >want; same want got
	grep -q "^$PWD/repo/conf: pr list" gh.log; tail -n 1 out >got; echo https://example.org/pull/1 >want; same want got
	git -C repo log --format=%s main.. | lines 1 /dev/stdin; echo 0 >want; same want state/r1/status
'
c 'jenkins: the commands that it prints are those' "$dictionary"'
	jenkins
	tail -n 4 out >commands; sh -e commands >got 2>&1
	[ "$(git -C origin.git log -1 --format=%s images-r1)" = "Images of r1: aws-us-west-2-centos7 aws-us-east-1-centos7" ]
	lines 1 gh.log
'
c 'jenkins: a fresh clone finds what was pushed before; nothing new makes no branch' "$dictionary"'
	jenkins PUSH=1; rm -rf repo; git clone -q -b main origin.git repo; jenkins PR=1; says "was pushed before"; lines 2 gh.log
	git -C repo fetch -q origin; git -C repo checkout -q -- .; git -C repo merge -q origin/images-r1; git -C repo push -q
	forget_gh() { rm gh.log open; }; forget_gh
	jenkins PR=1 RUN=r2 FROM=state/r1; says "has these ids already"; [ ! -e gh.log ]
	no git -C repo rev-parse -q --verify images-r2
'
c 'jenkins: a branch that was begun is gone on with, from a fresh clone too' "$dictionary"'
	mk -s images >out 2>err; mkdir part; cp -R state/r1/aws-us-east-1-centos7 part
	jenkins FROM=part PR=1; rm -rf repo; git clone -q origin.git repo
	jenkins PR=1
	git -C repo diff --numstat main origin/images-r1 >got; printf "2\t2\tconf/ci.yaml\n" >want; same want got
	git -C repo log --format=%s main..origin/images-r1 | lines 2 /dev/stdin
	git -C repo checkout -q main; echo "# mine" >>repo/conf/ci.yaml; git -C repo reset -q --soft HEAD; git -C repo branch -q -f images-r1 main
	fails 2 mk -s jenkins YAML=repo/conf/ci.yaml PR=1; says "was changed before"; grep -q "^# mine" repo/conf/ci.yaml
	cp repo/conf/ci.yaml repo/conf/other.yaml
	fails 2 mk -s jenkins YAML=repo/conf/other.yaml COMMIT=1; says "is in no git repository"; echo 66 >want; same want state/r1/status
	git -C repo checkout -q -f main; git -C repo branch -q -D images-r1; echo "exit 4" | stand_in gh
	fails 2 mk -s jenkins YAML=repo/conf/ci.yaml PR=1; echo 69 >want; same want state/r1/status
'
c 'jenkins: all or nothing, but with PARTIAL=1' "$dictionary"'
	bad=aws-us-east-1-centos7
	echo "{\"status\":1}" >fail.tests.$bad
	fails 2 mk -k jenkins YAML=repo/conf/ci.yaml COMMIT=1
	git -C repo diff --quiet HEAD; no git -C repo rev-parse -q --verify images-r1
	rm fail.*; echo "{\"status\":69,\"region\":\"eu-central-1\"}" >fail.copy.$bad
	fails 2 mk -k jenkins YAML=repo/conf/ci.yaml COMMIT=1 TO="eu-central-1"; git -C repo diff --quiet HEAD
	jenkins PARTIAL=1 TO=eu-central-1; says "$bad is there in some regions only"
	git -C repo diff --numstat >got; printf "3\t3\tconf/ci.yaml\n" >want; same want got
	rm state/r1/$bad/copied.failed.json; jenkins PARTIAL=1; says "$bad is not there"
	fails 2 mk jenkins PARTIAL=1; says "which file"; fails 2 mk jenkins PARTIAL=1 YAML=none; echo 66 >want; same want state/r1/status
	fails 2 mk jenkins PARTIAL=1 RUN=r3 YAML=repo/conf/ci.yaml; says "no image is done"
	fails 2 mk jenkins YAML=repo/conf/ci.yaml PATHS="jenkins.{nothing}"; echo 65 >want; same want state/r1/status
'
c 'what the GoCD pipelines and the Jenkinsfile run, runs' "$dictionary"'
	mkdir images; (cd images; config images.yaml "us-west-2 us-east-1 nyc3" centos7); mkdir -p state/images-6
	stand_in run-reap <<-"END"
		echo "run-reap $*" >>"$HOME/reaped"
		echo "{\"kind\":\"end\",\"filter\":\"run-reap\",\"records\":0,\"failed\":0}"
	END
	export SLAVE_IMAGES_MK="$top/pipelines/slave-images.mk" TO="" DICTIONARY="$PWD/origin.git" YAML=ci-platform/conf/ci.yaml CONFIG=images/images.yaml UP="./step up" BOOTSTRAP="./step bootstrap" TESTS="./step tests" \
		CREATE_IMAGE="./step create-image" DESTROY="./step destroy" VERIFY="./step verify" COPY="./step copy" YAML_PUT="yaml-put --create --partial" \
		ONLY= KEEP_MACHINES=false GO_PIPELINE_NAME=images GO_PIPELINE_COUNTER=7 GO_JOB_NAME=bake SLUICE_RUN=
	sed -n "s/.*\"\(make .*\|mkdir .*\|git clone .*\)\".*/\1/p" "$top/pipelines/gocd/slave-images.gocd.yaml" | sed "s/[\\]//g" >commands
	lines 6 commands
	while read -r command; do
		case $command in
		mkdir*) [ -e state/images-6 ] ;;
		*FROM=*) [ ! -e state/images-6 ]; mkdir fetched; mv state fetched/state ;;
		esac
		sh -ec "$command" </dev/null >out 2>err || { echo "$command"; cat err; exit 1; }
	done <commands
	cut -d" " -f1 steps | sort | uniq -c | sed "s/^ *//" >got
	printf "3 %s\n" bootstrap create-image destroy tests up verify >want; same want got
	tail -n 1 gh.log | grep -q "pr create --fill --head images-images-7\$"; rm steps
	git -C ci-platform show origin/images-images-7:conf/ci.yaml | grep -q ami-aws-us-east-1-centos7; rm gh.log open
	export ONLY=--all SLUICE_RUN=jenkins-1
	sed -n "s/^ *\(steps { \)\?sh '\''\(.*\)'\''\( }\)\?\$/\2/p" "$top/pipelines/Jenkinsfile.slave-images" >commands
	lines 6 commands
	grep -v " plan" commands | while read -r command; do
		sh -xec "$command" </dev/null >out 2>err || { echo "$command"; cat err; exit 1; }
	done
	cut -d" " -f1 steps | sort | uniq -c | sed "s/^ *//" >got
	printf "3 %s\n" bootstrap create-image destroy tests up verify >want; same want got
	lines 2 reaped; tail -n 1 gh.log | grep -q "pr create --fill --head images-jenkins-1\$"
'
c 'jenkins of the files of another agent' "$dictionary"'
	mk -s images >out 2>err; mkdir there; mv state/r1 there/ids; mv images.json away; : >steps
	jenkins FROM=there/ids; lines 0 steps
	git -C repo diff --numstat >got; printf "2\t2\tconf/ci.yaml\n" >want; same want got
'
done_testing
