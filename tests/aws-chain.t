#!/bin/sh
# SPDX-License-Identifier: ISC
# The credential chain end to end: real requests, to a server on loopback.
. "$(dirname "$0")/lib.sh"

before='. "$tests/stub.sh"; PATH="$build/unit:$PATH"; export AWS_MAX_ATTEMPTS=1 AWS_REGION=eu-west-1
	mkdir .aws
	xml() { printf "<%s xmlns=\"http://x/\">%s</%s>" "$1" "$2" "$1"; }
	role() { xml "${2}Response" "<${2}Result><Credentials><AccessKeyId>$1</AccessKeyId><SecretAccessKey>roleseecret</SecretAccessKey><SessionToken>roletoken</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></${2}Result>"; }
	images() { xml DescribeImagesResponse "<imagesSet/>"; }
	by() { request "$1" | grep -q "Credential=$2/[0-9]*/$3/aws4_request" || { request "$1"; return 1; }; }
	ask() { fails "$1" aws-do ec2 DescribeImages read </dev/null; }
	message() { jq -r .message out >err; says "$1"; }
'
c() { t "$1" "$before$2"; }

c 'a role by a profile, which asks STS where AWS_ENDPOINT_URL_STS says' '
	role ASIAROLE AssumeRole | answer 200; images | answer 200
	serve
	cat >.aws/config <<-END
	[profile deploy]
	role_arn = arn:aws:iam::123456789012:role/deploy
	source_profile = base
	external_id = x y
	END
	printf "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = basesecret\n" >.aws/credentials
	export AWS_PROFILE=deploy AWS_ENDPOINT_URL_STS=$stub/sts AWS_ENDPOINT_URL_EC2=$stub/ec2
	ask 0
	printf "%s\n" "POST /sts/" "POST /ec2/" >want; same want stub/log
	by 1 AKIABASE eu-west-1/sts; by 2 ASIAROLE eu-west-1/ec2
	request 2 | grep -q "^X-Amz-Security-Token: roletoken"
	form_of 1 | grep -qx "ExternalId=x y"
	form_of 1 | grep -qx "RoleSessionName=sluice-test"
'
c 'a role that is refused: 77, and what was refused' '
	xml ErrorResponse "<Error><Code>AccessDenied</Code><Message>not you</Message></Error>" | answer 403
	serve
	printf "[default]\nrole_arn = arn:x\nsource_profile = default\naws_access_key_id = A\naws_secret_access_key = basesecret\n" >.aws/config
	export AWS_ENDPOINT_URL=$stub
	ask 77
	message "no AWS credentials from the role of profile .default.: cannot call AssumeRole of sts in .eu-west-1.: AccessDenied: not you"
	[ "$(asked)" -eq 1 ]
'
c 'STS that is not there: 75' '
	printf "[default]\nrole_arn = arn:x\nsource_profile = default\naws_access_key_id = A\naws_secret_access_key = basesecret\n" >.aws/config
	export AWS_ENDPOINT_URL=http://127.0.0.1:1
	ask 75
'
c 'web identity' '
	role ASIAWEB AssumeRoleWithWebIdentity | answer 200; images | answer 200
	serve
	echo jwtjwtjwt >token
	export AWS_WEB_IDENTITY_TOKEN_FILE=token AWS_ROLE_ARN=arn:r AWS_ROLE_SESSION_NAME=me AWS_ENDPOINT_URL=$stub
	ask 0
	no grep -qi "^Authorization" stub/request.1
	printf "%s\n" Action=AssumeRoleWithWebIdentity Version=2011-06-15 RoleArn=arn:r RoleSessionName=me WebIdentityToken=jwtjwtjwt >want
	form_of 1 >got; same want got
	by 2 ASIAWEB eu-west-1/ec2
'
c 'SSO' '
	echo "{\"roleCredentials\":{\"accessKeyId\":\"ASIASSO\",\"secretAccessKey\":\"ssosecret\",\"sessionToken\":\"ssotoken\",\"expiration\":4070908800000}}" | answer 200
	images | answer 200
	serve
	cat >.aws/config <<-END
	[default]
	sso_session = dev
	sso_account_id = 123456789012
	sso_role_name = admin
	[sso-session dev]
	sso_start_url = https://x.awsapps.com/start
	sso_region = us-east-2
	END
	mkdir -p .aws/sso/cache
	echo "{\"accessToken\":\"bearer\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}" >.aws/sso/cache/$(printf dev | sha1sum | cut -c 1-40).json
	export AWS_ENDPOINT_URL=$stub
	ask 0
	head -n 1 stub/log | grep -qx "GET /federation/credentials?role_name=admin&account_id=123456789012"
	request 1 | grep -qi "^x-amz-sso_bearer_token: bearer"
	by 2 ASIASSO eu-west-1/ec2
	echo "{\"accessToken\":\"bearer\",\"expiresAt\":\"2020-01-01T00:00:00Z\"}" >.aws/sso/cache/$(printf dev | sha1sum | cut -c 1-40).json
	ask 77; message "run aws sso login"
	n=$(asked); file=.aws/sso/cache/$(printf dev | sha1sum | cut -c 1-40).json
	echo "{\"accessToken\":\"bearer\",\"expiresAt\":\"2020-01-01T00:00:00Z\",\"refreshToken\":\"refresh1\",\"clientId\":\"id\",\"clientSecret\":\"secretsecret\",\"registrationExpiresAt\":\"2099-01-01T00:00:00Z\",\"other\":1}" >$file
	echo "{\"accessToken\":\"newbearer\",\"expiresIn\":3600,\"refreshToken\":\"refresh2\"}" | answer 200
	echo "{\"roleCredentials\":{\"accessKeyId\":\"ASIASSO\",\"secretAccessKey\":\"ssosecret\",\"sessionToken\":\"ssotoken\",\"expiration\":4070908800000}}" | answer 200
	images | answer 200
	ask 0
	[ "$(sed -n $((n + 1))p stub/log)" = "POST /token" ]
	[ "$(body_of $((n + 1)) | jq -r "[.grantType,.clientId,.refreshToken]|join(\" \")")" = "refresh_token id refresh1" ]
	request $((n + 2)) | grep -qi "^x-amz-sso_bearer_token: newbearer"
	[ "$(jq -r "[.accessToken,.refreshToken,.other]|join(\" \")" $file)" = "newbearer refresh2 1" ]
	[ "$(stat -c %a $file)" = 600 ]
'
c 'a container' '
	echo "{\"AccessKeyId\":\"ASIABOX\",\"SecretAccessKey\":\"boxsecret\",\"Token\":\"boxtoken\",\"Expiration\":\"2099-01-01T00:00:00Z\"}" | answer 200
	images | answer 200
	serve
	export AWS_CONTAINER_CREDENTIALS_FULL_URI=$stub/v1 AWS_CONTAINER_AUTHORIZATION_TOKEN=boxauth AWS_ENDPOINT_URL=$stub
	ask 0
	request 1 | grep -q "^Authorization: boxauth"
	by 2 ASIABOX eu-west-1/ec2
	answer 404 </dev/null
	ask 77
'
imds='imds() { echo "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIAIMDS\",\"SecretAccessKey\":\"imdssecret\",\"Token\":\"imdstoken\",\"Expiration\":\"2099-01-01T00:00:00Z\"}" | answer 200 "X-Stub: match=GET.*/web-role"
		echo web-role | answer 200 "X-Stub: match=security-credentials/\s"
		printf eu-north-1 | answer 200 "X-Stub: match=placement/region times=0"; }
	unset AWS_EC2_METADATA_DISABLED
'
c 'the metadata service, version 2; also for the region' "$imds"'
	printf sessiontoken | answer 200 "X-Stub: match=^PUT times=0"
	imds; images | answer 200
	serve; unset AWS_REGION
	export AWS_EC2_METADATA_SERVICE_ENDPOINT=$stub/ AWS_ENDPOINT_URL=$stub
	ask 0
	by "$(asked)" ASIAIMDS eu-north-1/ec2
	for i in $(seq $(($(asked) - 1))); do
		case $(head -n 1 stub/request.$i) in
		PUT*) request $i | grep -qi "^x-aws-ec2-metadata-token-ttl-seconds: 21600";;
		GET*) request $i | grep -qi "^x-aws-ec2-metadata-token: sessiontoken";;
		esac
	done
'
c '… version 1 where 2 is not there, unless that is forbidden' "$imds"'
	answer 404 "X-Stub: match=^PUT times=0" </dev/null
	imds; images | answer 200
	serve
	export AWS_EC2_METADATA_SERVICE_ENDPOINT=$stub AWS_ENDPOINT_URL=$stub
	ask 0
	by "$(asked)" ASIAIMDS eu-west-1/ec2
	AWS_EC2_METADATA_V1_DISABLED=true; export AWS_EC2_METADATA_V1_DISABLED
	ask 78; message "AWS_EC2_METADATA_V1_DISABLED"
'
c '… nothing there, disabled, too slow' "$imds"'
	export AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1
	ask 78; message "no AWS credentials: AWS_ACCESS_KEY_ID is not set, .*/.aws/credentials is not there, no metadata service"
	answer 200 "X-Stub: stall=0 times=0" </dev/null
	serve
	AWS_EC2_METADATA_SERVICE_ENDPOINT=$stub
	start=$(date +%s); ask 78; [ $(($(date +%s) - start)) -lt 50 ]
	AWS_EC2_METADATA_DISABLED=TRUE; export AWS_EC2_METADATA_DISABLED; n=$(asked)
	ask 78; message "the metadata service is disabled"; [ "$(asked)" -eq "$n" ]
'
c 'keys that have ended meanwhile are asked for again, once' '
	cat >keys <<-\END
	#!/bin/sh
	echo x >>count
	printf "{\"Version\":1,\"AccessKeyId\":\"KEY%d\",\"SecretAccessKey\":\"processsecret\",\"SessionToken\":\"t\",\"Expiration\":\"2099-01-01T00:00:00Z\"}" "$(wc -l <count)"
	END
	chmod +x keys
	printf "[default]\ncredential_process = \"$PWD/keys\" --an \"option with spaces\"\n" >.aws/config
	xml Response "<Errors><Error><Code>ExpiredToken</Code><Message>old</Message></Error></Errors>" | answer 400
	images | answer 200
	xml Response "<Errors><Error><Code>ExpiredToken</Code><Message>old</Message></Error></Errors>" | answer 400 "X-Stub: times=0"
	serve; export AWS_ENDPOINT_URL=$stub
	ask 0
	by 1 KEY1 eu-west-1/ec2; by 2 KEY2 eu-west-1/ec2
	ask 77
	[ "$(asked)" -eq 4 ]; lines 4 count
'
c 'a process that hangs ends with the deadline' '
	export SLUICE_DEADLINE=1
	for process in "sleep 1000" "sh -c \"trap : TERM; while :; do sleep 1; done\"" "sh -c \"exec sleep 1000 >&- 2>&-\""; do
		printf "[default]\ncredential_process = %s\n" "$process" >.aws/config
		ask 75
	done
'
c 'no secret of the chain reaches a trace, and a replay needs none' '
	role ASIAROLE AssumeRole | answer 200; images | answer 200
	serve
	printf "[default]\nrole_arn = arn:x\nsource_profile = default\naws_access_key_id = AKIABASE\naws_secret_access_key = basesecret\nregion = eu-west-2\nendpoint_url = $stub\nmax_attempts = 1\n" >.aws/config
	unset AWS_REGION AWS_MAX_ATTEMPTS
	export SLUICE_TRACE=trace; ask 0; cp out want; unset SLUICE_TRACE
	for word in basesecret roleseecret roletoken; do
		no grep -rq "$word" trace
		no grep -rq "$(printf %s "$word" | od -An -tx1 | tr -d " \n")" trace
	done
	kill $stub_pid; rm -r .aws
	export SLUICE_REPLAY=trace; ask 0; same want out
'
c 'that there were no keys is replayed too' '
	export SLUICE_TRACE=trace; ask 78; cp out want; unset SLUICE_TRACE
	export SLUICE_REPLAY=trace; ask 78; same want out
'
c 'as many attempts as the profile says, also when replayed' '
	answer 500 "X-Stub: times=0" </dev/null
	serve; export AWS_ENDPOINT_URL=$stub AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=secret
	unset AWS_MAX_ATTEMPTS
	printf "[default]\nmax_attempts = 2\n" >.aws/config
	export SLUICE_TRACE=trace; ask 75; cp out want; unset SLUICE_TRACE
	[ "$(asked)" -eq 2 ]
	rm -r .aws; export SLUICE_REPLAY=trace; ask 75; same want out
'
done_testing
