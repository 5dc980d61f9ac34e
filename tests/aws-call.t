#!/bin/sh
# SPDX-License-Identifier: ISC
# aws-call as a command; what it sends and reads is held against others in aws-golden.t and
# aws-protocols.t.
. "$(dirname "$0")/lib.sh"

before='. "$tests/stub.sh"
	images() { echo "<DescribeImagesResponse xmlns=\"http://ec2\"><requestId>r</requestId><imagesSet>${1-}</imagesSet>${2-}</DescribeImagesResponse>"; }
	ok="<CreateImageResponse><imageId>ami-9</imageId></CreateImageResponse>"
'
c() { t "$1" "$before$2"; }

c 'nothing on standard input, /dev/null, and {} are the same' '
	for i in 1 2 3; do images | answer 200; done
	serve; aws_stub
	aws-call ec2 DescribeImages </dev/null >got
	: | aws-call ec2 DescribeImages >>got
	echo "{}" | aws-call -f - ec2 DescribeImages >>got
	jq -c . got >answers
	printf "{\"imagesSet\":[]}\n{\"imagesSet\":[]}\n{\"imagesSet\":[]}\n" >want; same want answers
	body_of 1 >want; body_of 2 >two; body_of 3 >three; same want two; same want three
'
c 'a terminal counts as nothing' '
	command -v script >/dev/null || exit 0
	images | answer 200
	serve; aws_stub
	script -qec "aws-call ec2 DescribeImages >got 2>err" /dev/null </dev/null >/dev/null
	[ ! -s err ]; jq -e ".imagesSet == []" got
'
c 'parameters from a file; the answer is one indented document' '
	images "<item><imageId>ami-1</imageId></item>" | answer 200
	serve; aws_stub
	echo "{\"Owner\":[\"self\",\"a b\"],\"Filter\":[{\"Name\":\"name\",\"Value\":[\"x\"]}],\"DryRun\":false,\"MaxResults\":5,\"NextToken\":null}" >in
	aws-call -f in ec2 DescribeImages >got
	printf "{\n  \"imagesSet\": [\n    {\n      \"imageId\": \"ami-1\"\n    }\n  ]\n}\n" >want; same want got
	form_of 1 >got
	cat >want <<-END
	Action=DescribeImages
	Version=2016-11-15
	Owner.1=self
	Owner.2=a b
	Filter.1.Name=name
	Filter.1.Value.1=x
	DryRun=false
	MaxResults=5
	END
	same want got
'
c 'the forms that a list, a map, a name may have' '
	serve; aws_stub
	sent() { echo "$1" | aws-call -n autoscaling CreateOrUpdateTags | jq -j .postData.text | decode_form | sed 1,2d >got; }
	printf "Tags.member.1.Key=k\nTags.member.2.Key=l\n" >want
	sent "{\"Tags\":[{\"Key\":\"k\"},{\"Key\":\"l\"}]}"; same want got
	sent "{\"Tags\":{\"member\":[{\"Key\":\"k\"},{\"Key\":\"l\"}]}}"; same want got
	sent "{\"Tags.member.1.Key\":\"k\",\"Tags.member.2.Key\":\"l\"}"; same want got
	sent "{\"Tags\":{\"member\":{\"1\":{\"Key\":\"k\"},\"2\":{\"Key\":\"l\"}}}}"; same want got
	printf "M.entry.1.key=a\nM.entry.1.value=1.5\nE=\nF.1=x\nB=true\n" >want
	sent "{\"M\":{\"entry\":[{\"key\":\"a\",\"value\":1.50}]},\"E\":[],\"F\":{\"1\":\"x\"},\"B\":true,\"N\":null,\"O\":{}}"
	same want got
	[ "$(asked)" -eq 0 ]
'
c '-n writes the signed request and sends nothing' '
	serve; aws_stub; export AWS_SESSION_TOKEN=TOKEN
	aws-call -n -r eu-west-1 sts GetCallerIdentity </dev/null >got
	jq -e ".kind == \"http-request\" and .method == \"POST\"" got
	[ "$(jq -r .postData.text got)" = "Action=GetCallerIdentity&Version=2011-06-15" ]
	[ "$(asked)" -eq 0 ]
	lines 1 got
	jq -r ".headers[] | select(.name == \"Authorization\") | .value" got | grep -q "/eu-west-1/sts/aws4_request"
	jq -e ".headers[] | select(.name | ascii_downcase == \"x-amz-security-token\") | .value == \"TOKEN\"" got
'
c 'web identities are exchanged without keys and unsigned' '
	echo "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials/></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>" | answer 200
	serve
	export AWS_ENDPOINT_URL="$stub" AWS_REGION=us-east-1
	echo "{\"RoleArn\":\"arn\"}" | aws-call sts AssumeRoleWithWebIdentity >got
	request 1 >sent; no grep -qi ^authorization sent
'
c '--all follows the pages of every protocol, a document a page' '
	images "<item><imageId>a</imageId></item>" "<nextToken>t/1=</nextToken>" | answer 200
	images "<item><imageId>b</imageId></item>" "<nextToken/>" | answer 200
	echo "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><NextMarker>m</NextMarker></DescribeLoadBalancersResult></DescribeLoadBalancersResponse>" | answer 200
	echo "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult/></DescribeLoadBalancersResponse>" | answer 200
	echo "{\"taskArns\":[\"a\"],\"nextToken\":\"n\"}" | answer 200
	echo "{\"taskArns\":[\"b\"]}" | answer 200
	serve; aws_stub
	[ "$(aws-call --all ec2 DescribeImages </dev/null | jq -r ".imagesSet[].imageId" | xargs)" = "a b" ]
	form_of 2 | grep -qx "NextToken=t/1="
	aws-call --all elb DescribeLoadBalancers </dev/null | jq -s -e "length == 2"
	form_of 4 | grep -qx "Marker=m"
	[ "$(aws-call --all ecs ListTasks </dev/null | jq -n -c "[inputs.taskArns[]]")" = "[\"a\",\"b\"]" ]
	[ "$(body_of 6)" = "{\"nextToken\":\"n\"}" ]
'
c 'without --all one page; a page that leads to itself, or fails, fails the call' '
	images "<item><imageId>a</imageId></item>" "<nextToken>t</nextToken>" | answer 200 "X-Stub: times=3"
	answer 400 </dev/null
	serve; aws_stub
	aws-call ec2 DescribeImages </dev/null | jq -e ".nextToken == \"t\""
	fails 70 aws-call --all ec2 DescribeImages </dev/null; lines 1 err
	rm -r stub/answer.*; images "" "<nextToken>u</nextToken>" | answer 200; answer 404 </dev/null
	fails 69 aws-call --all ec2 DescribeImages </dev/null
	jq -e ".nextToken == \"u\"" out; lines 1 err; says "404"
'
c 'services that are not known' '
	echo "<DoItResponse><x>1</x></DoItResponse>" | answer 200
	echo "{\"x\":1.5}" | answer 200
	serve; aws_stub
	aws-call --protocol query --api-version 2020-01-01 --signing-name other newone DoIt </dev/null | jq -e ".x == \"1\""
	request 1 | grep -q "/us-east-1/other/aws4_request"
	aws-call --protocol json-1.0 --target NewOne_2020 newone DoIt </dev/null | jq -e ".x == 1.5"
	request 2 | grep -qi "^x-amz-target: NewOne_2020.DoIt"
	request 2 | grep -qi "^content-type: application/x-amz-json-1.0"
	fails 64 aws-call newone DoIt; says "unknown service .newone.: --protocol is missing"
	fails 64 aws-call --protocol query newone DoIt; says "api-version is missing"
	fails 64 aws-call --protocol json newone DoIt; says "target is missing"
	fails 64 aws-call --protocol soap newone DoIt; says "no protocol .soap."
	fails 64 aws-call s3 ListBuckets; says "aws-sign | http-send"
	[ "$(asked)" -eq 2 ]
'
c 'numbers of a JSON service say what they said' '
	echo "{\"a\":0.1,\"b\":1795170902.301,\"c\":1.0,\"d\":123456789012}" | answer 200
	echo "{\"big\":12345678901234567890}" | answer 200
	serve; aws_stub
	aws-call logs GetIt </dev/null | tr -d " \n" >got
	printf "%s" "{\"a\":0.1,\"b\":1795170902.301,\"c\":1.0,\"d\":123456789012}" >want; same want got
	aws-call logs GetIt </dev/null | jq -e ".big > 1e19"
'
c 'wrong options and operands: 64 and the usage' '
	fails 64 aws-call --nope; says "^usage: aws-call"; [ ! -s out ]
	fails 64 aws-call ec2; says "a service and an action"
	fails 64 aws-call ec2 "" ; fails 64 aws-call "" DescribeImages
	fails 64 aws-call ec2 "Describe Images"; fails 64 aws-call ec2 A B
	fails 0 aws-call -h; grep -q "^usage: aws-call" out; [ ! -s err ]
'
c 'wrong input: 65, its place, nothing sent' '
	serve; aws_stub
	printf "{\n \"a\": }\n" >in; fails 65 aws-call ec2 CreateImage <in; says "<stdin>:2:"
	echo "[]" >in; fails 65 aws-call ec2 CreateImage <in; says "<stdin>:1:1: parameters are an object"
	fails 65 aws-call -f in ec2 CreateImage; says "in:1:1: "
	echo "{} {}" >in; fails 65 aws-call ec2 CreateImage <in; says "a second document"
	echo "{\"a\":1,\"a\":2}" >in; fails 65 aws-call ec2 CreateImage <in
	echo "{\"kind\":\"image\",\"id\":\"x\"}" >in; fails 65 aws-call ec2 CreateImage <in; says "a record"
	fails 66 aws-call -f nowhere ec2 CreateImage
	[ "$(asked)" -eq 0 ]
'
c 'a failed record passes its status, an unsealed end is 76; nothing is sent' '
	serve; aws_stub
	echo "{\"kind\":\"image\",\"id\":\"x\",\"error\":{\"status\":75,\"message\":\"no network\"}}" >in
	fails 75 aws-call ec2 CreateImage <in; says "no network"
	export SLUICE_SEAL=1
	: | fails 76 aws-call ec2 CreateImage; [ ! -s out ]
	[ "$(asked)" -eq 0 ]
'
c 'sealed: a single document is whole, and the answer has no end' '
	echo "$ok" | answer 200
	serve; aws_stub; export SLUICE_SEAL=1
	echo "{\"Name\":\"x\"}" | aws-call ec2 CreateImage >got
	jq -s -e ". == [{\"imageId\":\"ami-9\"}]" got
'
c 'a refusal: one line with code, words and request id' '
	echo "<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>The image id
	does not exist</Message></Error></Errors><RequestID>req-7</RequestID></Response>" | answer 400
	serve; aws_stub
	fails 69 aws-call ec2 DescribeImages </dev/null
	[ ! -s out ]; lines 1 err
	says "^aws-call: cannot call DescribeImages of ec2 in .us-east-1.: InvalidAMIID.NotFound: The image id.*does not exist (request req-7)$"
'
c 'what may be sent again: reads and tokens, not changes' '
	answer 500 </dev/null; images | answer 200
	answer 500 </dev/null; echo "$ok" | answer 200
	answer 500 </dev/null
	serve; aws_stub
	fails 0 aws-call ec2 DescribeImages </dev/null
	echo "{\"ClientToken\":\"t\"}" >in; fails 0 aws-call ec2 CopyImage <in
	fails 75 aws-call ec2 CreateImage </dev/null; says "it may have been done all the same"
	[ "$(asked)" -eq 5 ]
'
c 'garbage, HTML, truncated and empty answers' '
	export AWS_MAX_ATTEMPTS=1
	echo "hello" | answer 200; echo "<html>x" | answer 502
	echo "<ListAllMyBucketsResult/>" | answer 200
	echo "<a><![CDATA[" | answer 200 "X-Stub: truncate=3"; answer 200 </dev/null
	echo "<!DOCTYPE a [<!ENTITY e \"x\">]><DescribeImagesResponse><a>&e;</a></DescribeImagesResponse>" | answer 200
	serve; aws_stub
	fails 70 aws-call ec2 DescribeImages </dev/null
	fails 75 aws-call ec2 DescribeImages </dev/null; says "502"
	fails 70 aws-call ec2 DescribeImages </dev/null; says "unexpected <ListAllMyBucketsResult>"
	fails 75 aws-call ec2 DescribeImages </dev/null
	fails 70 aws-call ec2 DescribeImages </dev/null; says "empty"
	fails 70 aws-call ec2 DescribeImages </dev/null; says "document type"
'
c 'throttled, dead network, no credentials, no region' '
	export AWS_MAX_ATTEMPTS=2
	echo "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>" | answer 503 "X-Stub: times=2"
	serve; aws_stub
	fails 75 aws-call ec2 CreateImage </dev/null; says RequestLimitExceeded; [ "$(asked)" -eq 2 ]
	no grep -q "may have been done" err
	fails 75 aws-call --endpoint http://127.0.0.1:1 ec2 DescribeImages </dev/null
	unset AWS_ACCESS_KEY_ID
	fails 78 aws-call ec2 DescribeImages </dev/null
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE; unset AWS_REGION
	fails 78 aws-call ec2 DescribeImages </dev/null; says "region"
'
c 'a full disk is 74, a closed pipe no success' '
	images | answer 200 "X-Stub: times=0"
	serve; aws_stub
	rc=0; aws-call ec2 DescribeImages </dev/null >/dev/full 2>err || rc=$?; [ $rc -eq 74 ]; lines 1 err
	{ rc=0; aws-call ec2 DescribeImages </dev/null || rc=$?; echo $rc >status; } | :
	case $(cat status) in 0|141) ;; *) cat status; exit 1;; esac
'
c 'examples of the page' '
	export AWS_MAX_ATTEMPTS=1
	echo "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ci</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>" | answer 200
	echo "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member><AutoScalingGroupName>web-build-21-production</AutoScalingGroupName></member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>" | answer 200
	images "<item><imageId>ami-2</imageId><imageState>available</imageState></item>" | answer 200
	echo "<EnableImageDeprecationResponse><requestId/><return>true</return></EnableImageDeprecationResponse>" | answer 200
	serve; aws_stub
	[ "$(aws-call sts GetCallerIdentity </dev/null | jq -r .Arn)" = arn:aws:iam::123456789012:user/ci ]
	aws-call --all autoscaling DescribeAutoScalingGroups </dev/null |
		jq -r ".AutoScalingGroups[] | .AutoScalingGroupName" >got
	echo web-build-21-production >want; same want got
	ami-find -o self "web-*" |
		jq "{ImageId: .id, DeprecateAt: \"2027-01-01T00:00:00Z\"}" |
		aws-call ec2 EnableImageDeprecation >got
	printf "{\n  \"return\": \"true\"\n}\n" >want; same want got
	form_of 4 | grep -qx ImageId=ami-2
	echo "{\"Owner\":[\"self\"]}" | aws-call -n ec2 DescribeImages |
		jq -r .postData.text >got
	echo "Action=DescribeImages&Version=2016-11-15&Owner.1=self" >want; same want got
'
t 'the page is clean' 'command -v mandoc >/dev/null || exit 0; mandoc -Tlint -Wwarning "$top/man/aws-call.1"'
done_testing
