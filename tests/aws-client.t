#!/bin/sh
# SPDX-License-Identifier: ISC
# The AWS client: requests by the protocol, errors and what they stand for, retries, pages, guards.
. "$(dirname "$0")/lib.sh"

before='. "$tests/stub.sh"; PATH="$build/unit:$PATH"; AWS_MAX_ATTEMPTS=1; export AWS_MAX_ATTEMPTS
	xml() { printf "<%s xmlns=\"http://x/\">%s</%s>" "$1" "$2" "$1"; }
	query_error() { xml ErrorResponse "<Error><Type>Sender</Type><Code>$1</Code><Message>$2</Message></Error><RequestId>req-1</RequestId>"; }
	ec2_error() { xml Response "<Errors><Error><Code>$1</Code><Message>$2</Message></Error></Errors><RequestID>req-2</RequestID>"; }
	is() { got=$(jq -r "$1" out); [ "$got" = "$2" ] || { echo "$1 is $got, want $2"; cat out err; return 1; }; }
'
c() { t "$1" "$before$2"; }

c 'the EC2 protocol' '
	xml DescribeImagesResponse "<requestId>r</requestId><imagesSet><item><imageId>ami-1</imageId></item></imagesSet>" | answer 200
	serve; aws_stub
	echo "{\"Owner\":[\"self\"]}" >in
	fails 0 aws-do ec2 DescribeImages read <in
	is ".result.imagesSet[0].imageId" ami-1
	form_of 1 >got; printf "Action=DescribeImages\nVersion=2016-11-15\nOwner.1=self\n" >want; same want got
	request 1 | grep -q "^Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/[0-9]*/us-east-1/ec2/aws4_request, "
	request 1 | grep -q "^POST / HTTP"
'
c 'the query protocol, a session token, a path before' '
	xml DescribeAutoScalingGroupsResponse "<DescribeAutoScalingGroupsResult><AutoScalingGroups/></DescribeAutoScalingGroupsResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>" | answer 200
	serve; aws_stub
	export AWS_ENDPOINT_URL_AUTO_SCALING=$stub/some/prefix/ AWS_SESSION_TOKEN=tokentoken
	echo "{\"AutoScalingGroupNames\":[\"a b\"]}" >in
	fails 0 aws-do autoscaling DescribeAutoScalingGroups read <in
	is ".result|tojson" "{\"AutoScalingGroups\":[]}"
	[ "$(cat stub/log)" = "POST /some/prefix/" ]
	request 1 | grep -qi "^X-Amz-Security-Token: tokentoken"
	form_of 1 | grep -qx "AutoScalingGroupNames.member.1=a b"
'
c 'the JSON protocol' '
	echo "{\"Parameter\":{\"Value\":\"ami-1\"}}" | answer 200
	serve; aws_stub
	echo "{\"Name\":\"/x\"}" >in
	fails 0 aws-do ssm GetParameter read <in
	is .result.Parameter.Value ami-1
	request 1 | grep -qi "^X-Amz-Target: AmazonSSM.GetParameter"
	request 1 | grep -qi "^Content-Type: application/x-amz-json-1.1"
	[ "$(body_of 1)" = "{\"Name\":\"/x\"}" ]
'
c 'refusals: credentials and rights 77, others 69' '
	ec2_error AuthFailure "AWS was not able to validate the provided access credentials" | answer 401
	ec2_error UnauthorizedOperation "You are not authorized" | answer 403
	ec2_error InvalidAMIID.NotFound "The image id does not exist" | answer 400
	query_error ValidationError "No updates are to be performed." | answer 400
	echo "{\"__type\":\"com.amazonaws.ssm#ParameterNotFound\",\"message\":\"none\"}" | answer 400 "x-amzn-requestid: req-3"
	query_error LimitExceeded "You have reached the limit" | answer 400
	serve; aws_stub
	fails 77 aws-do ec2 DescribeImages read </dev/null; is .code AuthFailure; is .request_id req-2; is .operation DescribeImages
	is .message "cannot call DescribeImages of ec2 in '\''us-east-1'\'': AuthFailure: AWS was not able to validate the provided access credentials"
	fails 77 aws-do ec2 RunInstances change </dev/null; is .code UnauthorizedOperation; is .unclear false
	fails 69 aws-do ec2 DescribeImages read </dev/null; is .code InvalidAMIID.NotFound
	fails 69 aws-do cloudformation UpdateStack change </dev/null; is .code ValidationError
	fails 69 aws-do ssm GetParameter read </dev/null; is .code ParameterNotFound; is .request_id req-3
	export AWS_MAX_ATTEMPTS=3
	fails 69 aws-do autoscaling CreateAutoScalingGroup change </dev/null; is .code LimitExceeded
	[ "$(asked)" -eq 6 ]
'
c 'throttled: 75 after the attempts, also in a 400 and for a change' '
	ec2_error RequestLimitExceeded "Request limit exceeded." | answer 503 "X-Stub: times=2"
	query_error Throttling "Rate exceeded" | answer 400 "X-Stub: times=2"
	serve; aws_stub; export AWS_MAX_ATTEMPTS=2
	fails 75 aws-do ec2 RunInstances change </dev/null; is .code RequestLimitExceeded; is .unclear false
	fails 75 aws-do autoscaling CreateAutoScalingGroup change </dev/null; is .code Throttling; is .unclear false
	[ "$(asked)" -eq 4 ]
'
c 'throttled once, then not' '
	query_error Throttling "Rate exceeded" | answer 400
	xml CreateAutoScalingGroupResponse "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>" | answer 200
	serve; aws_stub; export AWS_MAX_ATTEMPTS=2
	fails 0 aws-do autoscaling CreateAutoScalingGroup change </dev/null
	is ".result|tojson" "{}"
'
c 'x-amz-retry-after says that a change was not looked at' '
	answer 503 "x-amz-retry-after: 5" </dev/null
	xml RunInstancesResponse "<a/>" | answer 200
	serve; aws_stub; export AWS_MAX_ATTEMPTS=2
	fails 0 aws-do ec2 RunInstances change </dev/null
'
c 'a fault: reads are repeated, changes are unclear' '
	answer 500 "X-Stub: times=1" </dev/null
	xml DescribeImagesResponse "" | answer 200
	query_error InternalFailure "oops" | answer 500
	ec2_error InternalError "oops" | answer 500 "X-Stub: times=2"
	serve; aws_stub; export AWS_MAX_ATTEMPTS=2
	fails 0 aws-do ec2 DescribeImages read </dev/null
	fails 75 aws-do autoscaling CreateAutoScalingGroup change </dev/null; is .unclear true; is .code InternalFailure
	fails 75 aws-do ec2 DescribeImages read </dev/null; is .unclear false
	[ "$(asked)" -eq 5 ]
'
c 'garbage: 70, and unclear for a change' '
	echo "<html><body>login</body></html>" | answer 200 "Content-Type: text/html" "X-Stub: times=2"
	printf "<RunInstancesResponse><instancesSet><item>" | answer 200
	echo "<html>" | answer 200
	echo "{}" | answer 302 "Location: http://127.0.0.1:1/"
	serve; aws_stub
	fails 70 aws-do ec2 DescribeImages read </dev/null; is .unclear false
	fails 70 aws-do autoscaling DescribeAutoScalingGroups read </dev/null
	fails 70 aws-do ec2 RunInstances change </dev/null; is .unclear true
	fails 70 aws-do ssm GetParameter read </dev/null
	fails 70 aws-do ssm GetParameter read </dev/null
'
c 'a connection lost: 75, unclear when it was sent' '
	answer 200 "X-Stub: reset" </dev/null
	xml RunInstancesResponse "<a>long enough</a>" | answer 200 "X-Stub: truncate=9"
	serve; aws_stub
	fails 75 aws-do ec2 RunInstances change </dev/null; is .unclear true; is .code network
	fails 75 aws-do ec2 RunInstances change </dev/null; is .unclear true
	AWS_ENDPOINT_URL=http://127.0.0.1:1
	fails 75 aws-do ec2 RunInstances change </dev/null; is .unclear false
	jq -r .message out >err; says "cannot call RunInstances of ec2 in .us-east-1.: .*127.0.0.1"
'
c 'a clock that is off is corrected once' '
	ec2_error RequestExpired "Request has expired." | answer 400 "Date: Tue, 01 Jan 2030 00:00:00 GMT"
	xml DescribeImagesResponse "" | answer 200
	serve; aws_stub
	fails 0 aws-do ec2 RunInstances change </dev/null
	[ "$(asked)" -eq 2 ]
	request 2 | grep -qi "^X-Amz-Date: 20300101T0000"
'
c 'a signature that is wrong for another reason is not repeated' '
	query_error SignatureDoesNotMatch "no" | answer 403 "Date: $(LC_ALL=C date -u "+%a, %d %b %Y %H:%M:%S GMT")"
	serve; aws_stub
	fails 77 aws-do autoscaling DescribeAutoScalingGroups read </dev/null
	[ "$(asked)" -eq 1 ]
'
c 'all pages; a circle ends; a failed page fails the list' '
	page() { xml DescribeAutoScalingGroupsResponse "<DescribeAutoScalingGroupsResult><AutoScalingGroups><member><AutoScalingGroupName>$1</AutoScalingGroupName></member></AutoScalingGroups>$2</DescribeAutoScalingGroupsResult>"; }
	page a "<NextToken>t1</NextToken>" | answer 200
	page b "<NextToken>t2</NextToken>" | answer 200
	page c "" | answer 200
	serve; aws_stub
	fails 0 aws-do autoscaling DescribeAutoScalingGroups list=AutoScalingGroups </dev/null
	is "[.result[].AutoScalingGroupName]|tojson" "[\"a\",\"b\",\"c\"]"
	form_of 3 | grep -qx NextToken=t2
	page a "<NextToken>t1</NextToken>" | answer 200
	page b "<NextToken>t2</NextToken>" | answer 200
	page c "<NextToken>t1</NextToken>" | answer 200
	fails 70 aws-do autoscaling DescribeAutoScalingGroups list=AutoScalingGroups </dev/null
	page a "<NextToken>t1</NextToken>" | answer 200
	query_error ValidationError "no" | answer 400
	fails 69 aws-do autoscaling DescribeAutoScalingGroups list=AutoScalingGroups </dev/null
	is .result null
'
c 'SLUICE_ACCOUNT refuses other credentials before anything is asked' '
	who() { xml GetCallerIdentityResponse "<GetCallerIdentityResult><Account>$1</Account></GetCallerIdentityResult>" | answer 200; }
	who 123456789012; xml DescribeImagesResponse "" | answer 200 "X-Stub: times=2"; who 123456789012; who 123456789012
	serve; aws_stub
	export SLUICE_ACCOUNT=123456789012
	fails 0 aws-do ec2 DescribeImages twice </dev/null
	export SLUICE_ACCOUNT=210987654321
	fails 79 aws-do ec2 DescribeImages read </dev/null
	is .code wrong-account
	[ "$(asked)" -eq 4 ]
	unset SLUICE_ACCOUNT
	fails 0 aws-do x y account </dev/null; is .result 123456789012
'
c 'what is missing is said: 78' '
	unset AWS_MAX_ATTEMPTS
	fails 78 aws-do ec2 DescribeImages read </dev/null
	is .code no-credentials
	is .message "no AWS credentials: AWS_ACCESS_KEY_ID is not set, $HOME/.aws/credentials is not there, the metadata service is disabled"
	export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=yyyy
	fails 78 aws-do ec2 DescribeImages read </dev/null; is .code no-region
	export AWS_REGION=us-east-1
	fails 64 aws-do nonesuch X read </dev/null; is .code unknown-service
	fails 64 aws-do s3 ListBuckets read </dev/null; is .code rest-service
	fails 78 env AWS_MAX_ATTEMPTS=many aws-do ec2 DescribeImages read </dev/null
	fails 78 env AWS_PROFILE=other aws-do ec2 DescribeImages read </dev/null
	says "the AWS profile .other. is neither in"
	unset AWS_SECRET_ACCESS_KEY
	fails 78 aws-do ec2 DescribeImages read </dev/null; is .code partial-credentials
'
c 'what is recorded is replayed without keys, region, network' '
	xml DescribeImagesResponse "<imagesSet><item><imageId>ami-1</imageId></item></imagesSet>" | answer 200
	ec2_error RequestExpired "Request has expired." | answer 400 "Date: Tue, 01 Jan 2030 00:00:00 GMT"
	xml DescribeImagesResponse "<imagesSet/>" | answer 200
	serve; aws_stub
	fails 0 env SLUICE_TRACE=trace aws-do ec2 DescribeImages twice </dev/null; cp out want
	[ "$(asked)" -eq 3 ]
	no grep -r wJalrXUtnFEMI trace
	kill $stub_pid; unset AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION
	fails 0 env SLUICE_REPLAY=trace aws-do ec2 DescribeImages twice </dev/null; same want out
'
done_testing
