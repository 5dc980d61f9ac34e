#!/bin/sh
# SPDX-License-Identifier: ISC
# ami-find against canned answers, the sandbox and moto.
. "$(dirname "$0")/lib.sh"

before='. "$tests/stub.sh"; export AWS_MAX_ATTEMPTS=1
	image() {			# ID NAME CREATED [MORE]
		echo "<item><imageId>$1</imageId><name>$2</name><creationDate>$3</creationDate><imageState>available</imageState><imageOwnerId>123456789012</imageOwnerId><architecture>arm64</architecture>${4-}</item>"
	}
	images() { echo "<DescribeImagesResponse xmlns=\"http://ec2\"><requestId>r</requestId><imagesSet>${1-}</imagesSet>${2-}</DescribeImagesResponse>"; }
	old=2026-01-02T03:04:05.000Z new=2026-10-02T03:04:05.000Z
'
c() { t "$1" "$before$2"; }

c 'the newest one, as an image record' '
	images "$(image ami-1 web-1 $old)$(image ami-2 web-2 $new "<description>d</description><tagSet><item><key>role</key><value>web</value></item><item><key>distribution</key><value>debian-12</value></item></tagSet><sourceImageId>ami-0</sourceImageId><sourceImageRegion>eu-west-1</sourceImageRegion>")$(image ami-3 web-0 $old)" | answer 200
	serve; aws_stub
	ami-find -o self -o 123456789012 -a aarch64 -t role=web -t checked "web-*" "old?" >got
	echo "{\"kind\":\"image\",\"provider\":\"aws\",\"account\":\"123456789012\",\"region\":\"us-east-1\",\"id\":\"ami-2\",\"name\":\"web-2\",\"state\":\"available\",\"created\":\"$new\",\"architecture\":\"arm64\",\"distribution\":\"debian-12\",\"description\":\"d\",\"source\":{\"region\":\"eu-west-1\",\"id\":\"ami-0\"},\"tags\":{\"role\":\"web\",\"distribution\":\"debian-12\"}}" >want
	same want got
	form_of 1 | sort >got
	cat >want <<-END
	Action=DescribeImages
	Filter.1.Name=tag:role
	Filter.1.Value.1=web
	Filter.2.Name=tag-key
	Filter.2.Value.1=checked
	Filter.3.Name=name
	Filter.3.Value.1=web-*
	Filter.3.Value.2=old?
	Filter.4.Name=architecture
	Filter.4.Value.1=arm64
	Filter.5.Name=state
	Filter.5.Value.1=available
	Filter.6.Name=image-type
	Filter.6.Value.1=machine
	MaxResults=1000
	Owner.1=self
	Owner.2=123456789012
	Version=2016-11-15
	END
	same want got
'
c 'ties: by name, then by id, whatever the order' '
	images "$(image ami-1 b $new)$(image ami-3 a $new)$(image ami-2 b $new)" | answer 200
	images "$(image ami-2 b $new)$(image ami-1 b $new)$(image ami-3 a $new)" | answer 200
	images "$(image ami-1 a 2026-10-02T03:04:05.900Z)$(image ami-2 b 2026-10-02T03:04:05.100Z)" | answer 200
	serve; aws_stub
	[ "$(ami-find -o self | jq -r .id)" = ami-2 ]
	[ "$(ami-find -o self | jq -r .id)" = ami-2 ]
	[ "$(ami-find -o self | jq -r .id)" = ami-1 ]
'
c 'deprecated and pending ones are left out unless asked for' '
	gone="<deprecationTime>2020-01-01T00:00:00.000Z</deprecationTime>"
	later="<deprecationTime>2999-01-01T00:00:00.000Z</deprecationTime>"
	list="$(image ami-1 a $old "$later")$(image ami-2 a $new "$gone")$(image ami-3 a 2026-11-01T00:00:00.000Z | sed s/available/pending/)"
	images "$list" | answer 200 "X-Stub: times=2"
	serve; aws_stub
	[ "$(ami-find -o self | jq -r .id)" = ami-1 ]
	[ "$(ami-find -o self --deprecated | jq -r .id)" = ami-2 ]
	form_of 2 | grep -qx IncludeDeprecated=true
	form_of 1 >got; no grep -q IncludeDeprecated got
'
c 'pages are read to the end, a failed page fails the region' '
	images "$(image ami-1 a $old)" "<nextToken>t</nextToken>" | answer 200 "X-Stub: times=2 match=MaxResults=1000\$"
	images "$(image ami-2 a $new)" | answer 200
	answer 404 </dev/null
	serve; aws_stub
	[ "$(ami-find -o self | jq -r .id)" = ami-2 ]
	form_of 2 | grep -qx NextToken=t
	fails 69 ami-find -o self
	jq -e ".kind == \"target\" and .region == \"us-east-1\" and .error.status == 69 and .error.filter == \"ami-find\" and .error.operation == \"DescribeImages\"" out
	lines 1 out; lines 1 err
'
c 'regions are asked at once, answered in order' '
	images "$(image ami-b a $new)" | answer 200 "X-Stub: gather=3 match=/us-west-2/ec2/"
	images "$(image ami-a a $new)" | answer 200 "X-Stub: gather=3 delay=0.1 match=/eu-west-1/ec2/"
	images "$(image ami-c a $new)" | answer 200 "X-Stub: gather=3 match=/us-east-1/ec2/"
	serve; aws_stub
	ami-find -o self -r eu-west-1 -r us-west-2 -r us-east-1 -r eu-west-1 >out
	jq -r "[.region,.id]|join(\" \")" out >got
	printf "eu-west-1 ami-a\nus-west-2 ami-b\nus-east-1 ami-c\n" >want; same want got
	[ "$(asked)" -eq 3 ]
'
c '--all-regions asks for them first' '
	echo "<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName></item><item><regionName>us-east-1</regionName></item></regionInfo></DescribeRegionsResponse>" | answer 200
	images "$(image ami-a a $new)" | answer 200 "X-Stub: gather=3 match=/eu-west-1/ec2/"
	images "$(image ami-b a $new)" | answer 200 "X-Stub: gather=3 match=/us-east-1/ec2/"
	echo "<Response><Errors><Error><Code>AuthFailure</Code><Message>no</Message></Error></Errors></Response>" | answer 401
	serve; aws_stub
	[ "$(ami-find -o amazon --all-regions | jq -r .id | xargs)" = "ami-a ami-b" ]
	fails 77 ami-find -o amazon --all-regions
	jq -e ".kind == \"target\" and .error.code == \"AuthFailure\"" out
'
c 'no match in a region is 1 and named, the others go out' '
	images | answer 200 "X-Stub: match=/eu-west-1/ec2/"
	images "$(image ami-b a $new)" | answer 200 "X-Stub: match=/us-east-1/ec2/"
	serve; aws_stub
	fails 1 ami-find -o self -r eu-west-1 -r us-east-1
	says "^ami-find: cannot find an image in .eu-west-1.: no image matches$"; lines 1 err
	[ "$(jq -r .id out)" = ami-b ]
'
c 'a failed region is a target record, the status its own; the others go out' '
	images | answer 200 "X-Stub: match=/eu-west-1/ec2/"
	echo "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>" | answer 503 "X-Stub: match=/us-west-1/ec2/"
	images "$(image ami-b a $new)" | answer 200 "X-Stub: match=/us-east-1/ec2/"
	serve; aws_stub
	fails 75 ami-find -o self -r eu-west-1 -r us-west-1 -r us-east-1
	[ "$(jq -r "[.kind,.region]|join(\" \")" out | xargs)" = "target us-west-1 image us-east-1" ]
	lines 2 err
'
c 'an SSM parameter: an id, JSON text, an object' '
	for value in "\"ami-77\"" "\"{\\\"image_id\\\":\\\"ami-77\\\"}\"" "{\"image_id\":\"ami-77\"}"; do
		echo "{\"Parameter\":{\"Value\":$value}}" | answer 200
		images "$(image ami-77 ecs $old)" | answer 200
	done
	echo "{\"Parameter\":{\"Value\":\"hello\"}}" | answer 200
	echo "{\"__type\":\"ParameterNotFound\",\"message\":\"x\"}" | answer 400
	echo "{\"Parameter\":{\"Value\":\"ami-78\"}}" | answer 200
	echo "<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>m</Message></Error></Errors></Response>" | answer 400
	serve; aws_stub
	for i in 1 2 3; do
		[ "$(ami-find --ssm /aws/service/x/recommended -a x86_64 -o amazon | jq -r .id)" = ami-77 ]
	done
	[ "$(body_of 1)" = "{\"Name\":\"/aws/service/x/recommended\"}" ]
	form_of 2 | grep -qx ImageId.1=ami-77
	form_of 2 | grep -qx Owner.1=amazon
	form_of 2 | grep -qx Filter.1.Value.1=x86_64
	fails 69 ami-find --ssm /x; says "names no image"; jq -e ".kind == \"target\"" out
	fails 1 ami-find --ssm /x; says "no such parameter"; [ ! -s out ]
	fails 1 ami-find --ssm /x; says "is not there"; [ ! -s out ]
'
c 'an owner is wanted; options that exclude each other; wrong ones' '
	fails 64 ami-find "web-*"; says "give --owner, or --any-owner"
	fails 64 ami-find --any-owner -o self
	fails 64 ami-find --ssm /x "web-*"
	fails 64 ami-find -o self -r eu-west-1 --all-regions
	fails 64 ami-find -o self -a sparc; says "sparc"
	fails 64 ami-find -o self ""
	fails 64 ami-find -o self -t =x
	fails 64 ami-find --nope; says "^usage: ami-find"; [ ! -s out ]
	fails 0 ami-find --help; grep -q "^usage: ami-find" out
	images "$(image ami-1 a $old)" | answer 200
	serve; aws_stub
	ami-find --any-owner "web-*" | jq -e ".id == \"ami-1\""
	form_of 1 >got; no grep -q Owner got
'
c 'pages that lead in a circle end with 70, not never' '
	for token in t u t; do images "$(image ami-1 a $old)" "<nextToken>$token</nextToken>" | answer 200; done
	serve; aws_stub
	fails 70 ami-find -o self a
	says "in a circle"
	jq -e ".kind == \"target\" and .error.code == \"bad-answer\"" out
'
c 'a source in a row: its input first, unchanged; broken input is 65' '
	images "$(image ami-1 a $old)" | answer 200 "X-Stub: times=0"
	serve; aws_stub
	printf "{\"kind\":\"image\", \"id\":\"x\", \"n\":0.10000}\n{\"kind\":\"other\",\"n\":1e2}\n" >in
	ami-find -o self - <in >out
	head -n 2 out >got
	printf "{\"kind\":\"image\",\"id\":\"x\",\"n\":0.10000}\n{\"kind\":\"other\",\"n\":1e2}\n" >want; same want got
	lines 3 out
	echo "{" | { fails 65 ami-find -o self -; }; says "<stdin>:"
	: | { ami-find -o self - >out; }; lines 1 out
	echo "{\"kind\":\"x\",\"error\":{\"status\":69}}" | { fails 69 ami-find -o self -; }; lines 2 out
'
c 'sealed: an end is written, one that is missing is 76' '
	images "$(image ami-1 a $old)" | answer 200 "X-Stub: times=0"
	serve; aws_stub; export SLUICE_SEAL=1
	ami-find -o self </dev/null | ami-find -o self - >out
	[ "$(jq -r .kind out | xargs)" = "image image end" ]
	printf "{\"kind\":\"x\"}\n" | { fails 76 ami-find -o self -; }
	[ "$(jq -r .kind out | xargs)" = "x image" ]
'
c 'dead network, garbage, no credentials, no region, a full disk' '
	echo "hello" | answer 200; images "$(image ami-1 a $old)" | answer 200
	serve; aws_stub
	fails 70 ami-find -o self; jq -e ".error.status == 70" out
	rc=0; ami-find -o self >/dev/full 2>err || rc=$?; [ $rc -eq 74 ]
	AWS_ENDPOINT_URL=http://127.0.0.1:1 fails 75 ami-find -o self; lines 1 err
	unset AWS_ACCESS_KEY_ID; fails 78 ami-find -o self; lines 1 err
	unset AWS_REGION; fails 78 ami-find -o self; says "no AWS region"
'
c 'examples of the page' '
	images "$(image ami-0123456789abcdef0 web $old)" | answer 200
	for region in us-east-1 eu-west-1; do
		echo "{\"Parameter\":{\"Value\":\"{\\\"image_id\\\":\\\"ami-$region\\\"}\"}}" | answer 200 "X-Stub: match=/$region/ssm/"
		images "$(image ami-$region ecs $old)" | answer 200 "X-Stub: match=/$region/ec2/.*ImageId"
	done
	images "$(image ami-0c3 debian $old)" | answer 200 "X-Stub: match=Owner.1=136693071363"
	images "$(image ami-0d4 web $old)" | answer 200
	serve; aws_stub
	ami-find -o self -t role=web | jq "{ami: .id}" | jq -e ". == {ami: \"ami-0123456789abcdef0\"}"
	ami-find -r us-east-1 -r eu-west-1 \
		--ssm /aws/service/ecs/optimized-ami/amazon-linux-2/recommended |
		jq -r "[.region, .id, .name] | @tsv" >got
	printf "us-east-1\tami-us-east-1\tecs\neu-west-1\tami-eu-west-1\tecs\n" >want; same want got
	ami-find -o 136693071363 "debian-12-amd64-*" |
		ami-find -o self "web-*" - |
		jq -r .id >got
	printf "ami-0c3\nami-0d4\n" >want; same want got
'
t 'the page is clean' 'command -v mandoc >/dev/null || exit 0; mandoc -Tlint -Wwarning "$top/man/ami-find.1"'
done_testing
