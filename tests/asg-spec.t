#!/bin/sh
# SPDX-License-Identifier: ISC
# asg-spec(1): the conventions, their overrides, and what is refused.
. "$(dirname "$0")/lib.sh"

settings='
	export NAME=tmtt AMI_ENV=development AMI_REGION=us-west-2 AMI_USER=tmtt
	export AMI_INSTANCE_TYPE=m1.medium AMI_AZ=us-west-2a,us-west-2b AMI_BUILD=42
	export AMI_ACCESS_KEY_ID=AKIDINSTANCE AMI_SECRET_ACCESS_KEY=canary-secret
	base() { echo "{\"ami\":\"ami-3db92b0d\",\"build\":\"21\"}"; }
	spec() { base | asg-spec >got; jq -c "$1" got >value; echo "$2" >want; same want value; }
	refused() { base >in; fails "$1" asg-spec in; says "$2"; [ ! -s out ]; }
'
s() { t "$1" "$settings$2"; }

s 'the conventions of the seed make the whole record' '
	base | asg-spec >got
	cat >want <<-END
	{"kind":"asg-spec","name":"tmtt-build-42-development","region":"us-west-2","image":"ami-3db92b0d","instance_type":"m1.medium","availability_zones":["us-west-2a","us-west-2b"],"subnets":[],"load_balancers":["tmtt-development"],"target_groups":[],"security_groups":["tmtt"],"key_pair":"tmtt","user":"tmtt","min_size":1,"max_size":1,"desired_capacity":1,"health_check":"ELB","grace_seconds":300,"launch_template":"tmtt-build-42-development","tags":{"server":"tmtt","env":"development","build":"42","ami_build":"21"},"run":"test"}
	END
	same want got
'
s 'the instance keys are never on the record' '
	base | asg-spec >got 2>&1
	no grep -q -e canary -e AKIDINSTANCE got
'
s 'every missing variable is named at once' '
	base >in
	fails 78 env -i PATH="$PATH" asg-spec in
	for name in NAME APP_NAME AMI_ENV APP_ENV AMI_REGION AMI_AZ AMI_INSTANCE_TYPE AMI_USER \
		AMI_BUILD GO_PIPELINE_COUNTER BUILD_NUMBER GITHUB_RUN_NUMBER CI_PIPELINE_IID \
		AMI_ACCESS_KEY_ID AMI_SECRET_ACCESS_KEY
	do says "\\b$name\\b"; done
	lines 1 err
'
s 'an empty variable counts as missing' 'export AMI_USER=; refused 78 "not set: AMI_USER$"'
s 'wrong and missing are told together' '
	unset AMI_USER; export AMI_ENV=prod
	refused 78 "AMI_ENV .prod.: it must be development, staging or production"
	says "not set: AMI_USER"
'
for stage in development staging production; do
	s "AMI_ENV may be $stage" "export AMI_ENV=$stage; spec .tags.env '\"$stage\"'"
done
s 'the later names work, the first ones win' '
	export APP_NAME=other APP_ENV=staging
	spec "[.name]" "[\"tmtt-build-42-development\"]"
	unset NAME AMI_ENV
	spec "[.name, .load_balancers[0]]" "[\"other-build-42-staging\",\"other-staging\"]"
'
s 'the build number comes from the CI server that runs it' '
	unset AMI_BUILD
	export CI_PIPELINE_IID=5; spec .tags.build "\"5\""
	export GITHUB_RUN_NUMBER=4; spec .tags.build "\"4\""
	export BUILD_NUMBER=3; spec .tags.build "\"3\""
	export GO_PIPELINE_COUNTER=2; spec .tags.build "\"2\""
	export AMI_BUILD=1; spec .tags.build "\"1\""
'
s 'each convention has an override' '
	export AMI_ELB=lb1,lb2 AMI_KEY_PAIR="ops key" AMI_SECURITY_GROUP="sg-1, web" AMI_SUBNETS=subnet-1,subnet-2
	export AMI_MIN_SIZE=2 AMI_MAX_SIZE=6 AMI_DESIRED=3 AMI_GRACE_SECONDS=60
	spec "[.load_balancers,.key_pair,.security_groups,.subnets,.min_size,.max_size,.desired_capacity,.grace_seconds]" \
		"[[\"lb1\",\"lb2\"],\"ops key\",[\"sg-1\",\"web\"],[\"subnet-1\",\"subnet-2\"],2,6,3,60]"
'
s 'target groups replace the load balancer of the convention' '
	export AMI_TARGET_GROUPS=tg1,tg2
	spec "[.load_balancers,.target_groups,.health_check]" "[[],[\"tg1\",\"tg2\"],\"ELB\"]"
	export AMI_ELB=lb
	spec "[.load_balancers,.target_groups]" "[[\"lb\"],[\"tg1\",\"tg2\"]]"
'
s 'a single - means none' '
	export AMI_ELB=- AMI_KEY_PAIR=- AMI_SECURITY_GROUP=-
	spec "[.load_balancers,.health_check,.key_pair,.security_groups]" "[[],\"EC2\",null,[]]"
'
s 'an empty AMI_ELB is the convention, as if it were not set' '
	export AMI_ELB=; spec .load_balancers "[\"tmtt-development\"]"
'
s 'with subnets the zones need not be named' '
	unset AMI_AZ; export AMI_SUBNETS=subnet-1
	spec "[.availability_zones,.subnets]" "[[],[\"subnet-1\"]]"
'
s 'a role makes the instance keys unnecessary' '
	unset AMI_ACCESS_KEY_ID AMI_SECRET_ACCESS_KEY; export AMI_INSTANCE_PROFILE=tmtt-role
	spec .instance_profile "\"tmtt-role\""
'
s 'one of the two keys is not enough' 'unset AMI_SECRET_ACCESS_KEY; refused 78 "not set: AMI_SECRET_ACCESS_KEY$"'
s 'sizes follow each other when one is given' '
	export AMI_MIN_SIZE=2; spec "[.min_size,.desired_capacity,.max_size]" "[2,2,2]"
	export AMI_MAX_SIZE=5; spec "[.min_size,.desired_capacity,.max_size]" "[2,2,5]"
'
s 'sizes out of order are refused' '
	export AMI_MIN_SIZE=3 AMI_DESIRED=2; refused 78 "each must be at least"
	export AMI_DESIRED=4 AMI_MAX_SIZE=3; refused 78 "each must be at least"
'
for size in 1x -1 0x2 1.5 ' 2' 99999999999999999999; do
	s "AMI_MIN_SIZE '$size' is refused" "export AMI_MIN_SIZE='$size'; refused 78 AMI_MIN_SIZE"
done
for name in 'two words' 'a:b' 'a/b' 'a,b' 'tmütt'; do
	s "NAME '$name' is refused" "export NAME='$name'; refused 78 'must be one word'"
done
for user in root Root 0day -x 'a b'; do
	s "AMI_USER '$user' is refused" "export AMI_USER='$user'; refused 78 AMI_USER"
done
s 'an empty element of a list is refused' 'export AMI_AZ=us-west-2a,,us-west-2b; refused 78 "AMI_AZ .*empty"'
s 'a zone of another region is refused' 'export AMI_AZ=us-west-2a,eu-west-1a; refused 78 "AMI_AZ .*AMI_REGION"'
s 'build may be a number, or be missing' '
	echo "{\"ami\":\"ami-1\",\"build\":7,\"note\":\"x\"}" | asg-spec | jq -r .tags.ami_build >got
	echo 7 >want; same want got
	echo "{\"ami\":\"ami-1\"}" | asg-spec | jq -c "[.image,.tags.ami_build]" >got
	echo "[\"ami-1\",null]" >want; same want got
'
wrong() {
	s "the document $1 is wrong" "
		echo ' $1' >in
		fails 65 asg-spec in; says 'in:1:2: cannot use this document: $2'; [ ! -s out ]
	"
}
wrong '{}' "member .ami. is missing"
wrong '{"ami":7}' "member .ami. must be a string"
wrong '{"ami":"img-7"}' "member .ami. must be a string"
wrong '{"ami":"ami-7","build":[1]}' "member .build. must be"
wrong '{"ami":"ami-7","build":1.5}' "member .build. must be"
wrong '{"ami":"ami-7","region":"eu-west-1"}' "its .region. is not AMI_REGION"
wrong '[]' 'it must be an object'
wrong '"ami-7"' 'it must be an object'
s 'broken JSON exits 65 and names the line' '
	printf "{\n\"ami\": \"ami-1\",,\n}\n" >in
	fails 65 asg-spec <in; says "<stdin>:2:"; lines 0 out
'
s 'a key that is there twice is refused' '
	echo "{\"ami\":\"ami-1\",\"ami\":\"ami-2\"}" >in; fails 65 asg-spec in; says "in:1:"
'
s 'nothing at all is wrong input, not an empty success' '
	fails 65 asg-spec </dev/null; says "neither a baseami.json nor an image"
'
s 'an image record is replaced, what is round it passes as it is' '
	cat >in <<-END
	{"kind":"other", "n":0.10000, "e":1e2}
	{"kind":"image","provider":"aws","id":"ami-7","region":"us-west-2","state":"available","tags":{"build":"9"}}
	{"kind":"image","provider":"digitalocean","id":"7"}
	END
	asg-spec <in >got
	lines 3 got
	[ "$(sed -n 1p got)" = "{\"kind\":\"other\",\"n\":0.10000,\"e\":1e2}" ]
	sed -n 2p got | jq -c "[.kind,.image,.tags.ami_build]" >spec
	echo "[\"asg-spec\",\"ami-7\",\"9\"]" >want; same want spec
	sed -n 3p got | grep -q "^{\"kind\":\"image\",\"provider\":\"digitalocean\",\"id\":\"7\"}$"
'
s 'of several regions the image of AMI_REGION is taken' '
	echo "{\"kind\":\"image\",\"id\":\"ami-1\",\"region\":\"eu-west-1\"}{\"kind\":\"image\",\"id\":\"ami-2\",\"region\":\"us-west-2\"}" >in
	asg-spec in | jq -c "[.kind,.id,.image]" >got
	printf "[\"image\",\"ami-1\",null]\n[\"asg-spec\",null,\"ami-2\"]\n" >want
	same want got
'
s 'an image of another region alone is wrong' '
	echo "{\"kind\":\"image\",\"id\":\"ami-1\",\"region\":\"eu-west-1\"}" >in
	fails 65 asg-spec in; says "image .ami-1.: its region is not AMI_REGION"
	[ "$(jq -r .error.code out)" = wrong-region ]
'
s 'two images for one group are wrong, and no spec is made' '
	echo "{\"kind\":\"image\",\"id\":\"ami-1\"}{\"kind\":\"image\",\"id\":\"ami-2\"}" >in
	fails 65 asg-spec in; lines 2 out
	[ "$(jq -r .error.code out | sort -u)" = ambiguous ]
'
for state in pending failed gone; do
	s "an image that is $state is wrong" "
		echo '{\"kind\":\"image\",\"id\":\"ami-1\",\"state\":\"$state\"}' >in
		fails 65 asg-spec in; says 'it is not available'
	"
done
s 'a planned image makes a planned spec' '
	echo "{\"kind\":\"image\",\"provider\":\"aws\",\"id\":null,\"planned\":true}" >in
	asg-spec in | jq -c "[.kind,.image,.planned]" >got
	echo "[\"asg-spec\",null,true]" >want; same want got
'
s 'a failed image passes, and its status is the one that counts' '
	echo "{\"kind\":\"image\",\"id\":\"ami-1\",\"error\":{\"status\":75,\"message\":\"x\"}}" >in
	fails 75 asg-spec in; same in out
'
s 'in a sealed stream one document is whole, and a stream is only with its end' '
	export SLUICE_SEAL=1
	base | asg-spec >got; [ "$(tail -1 got | jq -r .kind)" = end ]
	echo "{\"kind\":\"image\",\"id\":\"ami-1\"}" >image
	{ cat image; echo "{\"kind\":\"end\"}"; } >whole
	cat whole | asg-spec >got; [ "$(tail -1 got | jq -r .kind)" = end ]
	rc=0; cat image | asg-spec >got || rc=$?
	[ $rc = 76 ]; no grep -q "\"end\"" got
'
s 'a recorded run gives the same bytes in an empty environment' '
	base >in
	SLUICE_TRACE=trace asg-spec in >want
	env -i PATH="$PATH" SLUICE_REPLAY=trace asg-spec in >got; same want got
	no grep -r -q canary trace
'
s 'a full disk is 74' 'base >in; fails 74 sh -c "asg-spec in >/dev/full"'
s 'a closed pipe ends it by SIGPIPE' '
	base >in; { rc=0; asg-spec in || rc=$?; echo $rc >status; } | :
	case $(cat status) in 0|141) ;; *) cat status; exit 1;; esac
'
s 'an unknown option is 64' 'fails 64 asg-spec --nope; says usage:; fails 64 asg-spec -f ""; fails 64 asg-spec ""'
s 'a file that is not there is 66' 'fails 66 asg-spec nosuch; says "cannot open .nosuch."'

s 'EXAMPLES: a look at what will be deployed' '
	base >baseami.json
	example asg-spec 1 | sh -eu >got; [ "$(jq -r .name got)" = tmtt-build-42-development ]
'
s 'EXAMPLES: another type for one run' '
	base >baseami.json; echo cat | stand_in asg-roll
	example asg-spec 2 | sh -eu | jq -c "[.instance_type, .user_data != null]" >got
	echo "[\"c5.large\",true]" >want; same want got
'
s 'EXAMPLES: a member that no variable names' '
	base >baseami.json
	example asg-spec 3 | sh -eu >got
	printf "%s\n" "NAME                       TAGS.TEAM" "tmtt-build-42-development  web" >want; same want got
'
done_testing
