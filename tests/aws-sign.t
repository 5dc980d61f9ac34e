#!/bin/sh
# SPDX-License-Identifier: ISC
# aws-sign as a filter. What it signs is proven by aws-sign-vectors.t.
. "$(dirname "$0")/lib.sh"

words='
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE
	export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
	at="-d 20150830T123600Z"
	get() { printf "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"%s\"}\n" "$1"; }
	value() { jq -r --arg name "$1" "[.headers[] | select((.name | ascii_downcase) == \$name) | .value] | join(\"|\")"; }
	scope() { value authorization | sed "s|.*Credential=AKIDEXAMPLE/[0-9]*/\(.*\)/aws4_request.*|\1|"; }
'

t 'nothing in, nothing out' "$words"'
	aws-sign </dev/null >out
	lines 0 out
'
t 'two requests, each on its line, in their order' "$words"'
	{ get https://ec2.us-east-1.amazonaws.com/; get https://sts.amazonaws.com/; } >in
	aws-sign $at <in >out
	lines 2 out
	scope <out >got
	printf "us-east-1/ec2\nus-east-1/sts\n" >want
	same want got
'
t 'only url and headers of a request change: other members keep their text and order' "$words"'
	echo "{\"x\":0.10000,\"kind\":\"http-request\",\"url\":\"https://ec2.us-east-1.amazonaws.com/\",\"method\":\"GET\",\"n\":1e2,\"comment\":\"\\u0041\"}" >in
	aws-sign $at <in >out
	grep -q "^{\"x\":0.10000,\"kind\":\"http-request\",\"url\":\"https://ec2.us-east-1.amazonaws.com/\",\"method\":\"GET\",\"n\":1e2,\"comment\":\"\\\\u0041\",\"headers\":\[{" out
	aws-sign $at -e 60 <in >out
	grep -q "^{\"x\":0.10000,\"kind\":\"http-request\",\"url\":\"https://ec2.us-east-1.amazonaws.com/?X-Amz-Algorithm=[^\"]*\",\"method\":\"GET\",\"n\":1e2,\"comment\":\"\\\\u0041\"" out
'
t 'a header keeps its own members' "$words"'
	echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"https://sts.amazonaws.com/\",\"headers\":[{\"name\":\"A\",\"value\":\"b\",\"comment\":7}]}" >in
	aws-sign $at <in | jq -c ".headers[0]" >got
	echo "{\"name\":\"A\",\"value\":\"b\",\"comment\":7}" >want
	same want got
'
t 'other kinds pass byte for byte, without a region or a host to sign for' "$words"'
	printf "%s\n" "{\"kind\":\"instance\",\"a\":0.10}" "{\"kind\":\"new-kind\",\"b\":[1,1e2]}" >in
	aws-sign <in >out
	same in out
'
t 'a request that carries an error passes, and its status counts' "$words"'
	echo "{\"kind\":\"http-request\",\"error\":{\"status\":69}}" >in
	fails 69 aws-sign <in
	same in out
'
t 'broken JSON is 65 and its line is named; the good request is signed' "$words"'
	{ get https://sts.amazonaws.com/; echo "{\"kind\":"; } >in
	fails 65 aws-sign <in
	says "<stdin>:3:"
	lines 1 out
	grep -q Authorization out
'
t 'wrong types and what cannot be sent: 65 on the record, the others are signed' "$words"'
	{
		echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":7}"
		echo "{\"kind\":\"http-request\",\"method\":\"GE T\",\"url\":\"https://sts.amazonaws.com/\"}"
		echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"ftp://sts.amazonaws.com/\"}"
		echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"https:///x\"}"
		echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"https://a\\\\nb/\"}"
		echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"https://sts.amazonaws.com/\",\"headers\":{}}"
		echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"https://sts.amazonaws.com/\",\"headers\":[{\"name\":\"a b\",\"value\":\"\"}]}"
		echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"https://sts.amazonaws.com/\",\"headers\":[{\"name\":\"a\",\"value\":1}]}"
		echo "{\"kind\":\"http-request\",\"method\":\"PUT\",\"url\":\"https://sts.amazonaws.com/\",\"postData\":{\"text\":\"%\",\"encoding\":\"base64\"}}"
		echo "{\"kind\":\"http-request\",\"method\":\"PUT\",\"url\":\"https://sts.amazonaws.com/\",\"postData\":{\"params\":[{\"name\":\"a\"}]}}"
		get https://sts.amazonaws.com/
	} >in
	fails 65 aws-sign <in
	lines 11 out
	lines 10 err
	jq -r ".error.status // \"signed\"" out | uniq -c | tr -s " " >got
	printf " 10 65\n 1 signed\n" >want
	same want got
	says "^aws-sign: cannot sign .https://sts.amazonaws.com/.: not an http-request: headers is no array$"
'
t 'service and region by the host' "$words"'
	while read -r host want; do
		get "https://$host/" | aws-sign $at >out
		got=$(scope <out)
		[ "$got" = "$want" ] || { echo "$host: $got, want $want"; exit 1; }
	done <<-END
		ec2.eu-west-1.amazonaws.com eu-west-1/ec2
		EC2.EU-WEST-1.amazonaws.com:443 eu-west-1/ec2
		ec2-fips.us-east-1.amazonaws.com us-east-1/ec2
		ec2.us-east-1.api.aws us-east-1/ec2
		ec2.us-gov-west-1.amazonaws.com us-gov-west-1/ec2
		ec2.cn-north-1.amazonaws.com.cn cn-north-1/ec2
		autoscaling.eusc-de-east-1.amazonaws.eu eusc-de-east-1/autoscaling
		vpce-0123-abcd.ec2.us-east-1.vpce.amazonaws.com us-east-1/ec2
		sts.amazonaws.com us-east-1/sts
		iam.amazonaws.com us-east-1/iam
		iam.us-gov.amazonaws.com us-gov-west-1/iam
		s3.amazonaws.com us-east-1/s3
		bucket.s3.amazonaws.com us-east-1/s3
		my.bucket.s3.eu-west-1.amazonaws.com eu-west-1/s3
		s3-eu-west-1.amazonaws.com eu-west-1/s3
		bucket.s3.dualstack.us-west-2.amazonaws.com us-west-2/s3
		bucket.s3-fips.dualstack.us-west-2.amazonaws.com us-west-2/s3
		bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com us-east-1/s3
		ap-123.s3-accesspoint.us-west-2.amazonaws.com us-west-2/s3
		abc.execute-api.us-east-1.amazonaws.com us-east-1/execute-api
		search-x-abc.us-east-1.es.amazonaws.com us-east-1/es
		us-west-2.queue.amazonaws.com us-west-2/sqs
		email.us-east-1.amazonaws.com us-east-1/ses
		api.ecr.us-east-1.amazonaws.com us-east-1/ecr
		bedrock-runtime.us-east-1.amazonaws.com us-east-1/bedrock
		abc.lambda-url.us-east-1.on.aws us-east-1/lambda
	END
'
t 'the region of a host that names none: -r, AWS_REGION, AWS_DEFAULT_REGION, the profile' "$words"'
	get https://b.s3-accelerate.amazonaws.com/k >in
	fails 78 aws-sign <in
	says "no region: give it by -r or set AWS_REGION"
	mkdir .aws; printf "[default]\nregion = eu-west-1\n" >.aws/config
	[ "$(aws-sign $at <in | scope)" = eu-west-1/s3 ]
	export AWS_DEFAULT_REGION=eu-west-2
	[ "$(aws-sign $at <in | scope)" = eu-west-2/s3 ]
	export AWS_REGION=eu-west-3
	[ "$(aws-sign $at <in | scope)" = eu-west-3/s3 ]
	[ "$(aws-sign $at -r eu-south-1 <in | scope)" = eu-south-1/s3 ]
	[ "$(get https://ec2.us-west-1.amazonaws.com/ | aws-sign $at | scope)" = us-west-1/ec2 ]
'
t 'a host that tells no service needs -s; a Host header is the host' "$words"'
	get http://127.0.0.1:5000/ >in
	fails 65 aws-sign -r us-east-1 <in
	says "cannot sign .http://127.0.0.1:5000/.: host .127.0.0.1. does not tell the service: give it by -s"
	[ "$(aws-sign $at -r us-east-1 -s ec2 <in | scope)" = us-east-1/ec2 ]
	jq -c ".headers = [{name: \"host\", value: \"ssm.eu-west-1.amazonaws.com\"}]" in >named
	[ "$(aws-sign $at <named | scope)" = eu-west-1/ssm ]
'
t 'signing again replaces date, token and authorization: the same as signing once' "$words"'
	export AWS_SESSION_TOKEN=token
	get "https://ec2.us-east-1.amazonaws.com/?Action=X" >in
	aws-sign $at <in >once
	aws-sign -d 20200101T000000Z <in | AWS_SESSION_TOKEN=old aws-sign -d 20210101T000000Z | aws-sign $at >twice
	same once twice
	jq -c ".headers += [{name: \"Date\", value: \"Mon, 09 Sep 2011 23:36:00 GMT\"}, {name: \"AUTHORIZATION\", value: \"x\"}, {name: \"x-amz-DATE\", value: \"x\"}]" once |
		aws-sign $at >again
	same once again
'
t 'presigning again, and the one form over the other' "$words"'
	export AWS_SESSION_TOKEN=a/token+
	for url in "https://ec2.us-east-1.amazonaws.com/?Action=X" https://b.s3.eu-west-1.amazonaws.com/k; do
		get "$url" | jq -c ".headers = [{name: \"A\", value: \"b\"}]" >in
		aws-sign $at -e 60 <in >presigned
		aws-sign $at <in >signed
		aws-sign -d 20200101T000000Z -e 99 <in | aws-sign $at -e 60 >got
		same presigned got
		aws-sign $at -e 60 <signed >got
		same presigned got
		aws-sign $at <presigned >got
		same signed got
	done
'
t 'without a token an old one goes' "$words"'
	get https://sts.amazonaws.com/ >in
	aws-sign $at <in >want
	AWS_SESSION_TOKEN=old aws-sign $at <in | aws-sign $at >got
	same want got
'
t 'S3: hash header, path encoded once and not normalized' "$words"'
	get "https://b.s3.eu-west-1.amazonaws.com/a//../%C3%A9%2B~/k" | aws-sign $at --explain >out
	[ "$(value x-amz-content-sha256 <out)" = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 ]
	jq -r .signing.canonical_request out >canonical
	[ "$(sed -n 2p canonical)" = "/a//../%C3%A9%2B~/k" ]
	get "https://b.s3.eu-west-1.amazonaws.com/é (1).txt" | aws-sign $at --explain | jq -r .signing.canonical_request >canonical
	[ "$(sed -n 2p canonical)" = "/%C3%A9%20%281%29.txt" ]
	get "https://ec2.eu-west-1.amazonaws.com/a//../%C3%A9" | aws-sign $at --explain >out
	[ -z "$(value x-amz-content-sha256 <out)" ]
	jq -r .signing.canonical_request out >canonical
	[ "$(sed -n 2p canonical)" = "/%25C3%25A9" ]
'
t 'a stale hash is set anew, UNSIGNED-PAYLOAD is obeyed; presigned S3 binds no body' "$words"'
	echo "{\"kind\":\"http-request\",\"method\":\"PUT\",\"url\":\"https://b.s3.eu-west-1.amazonaws.com/k\",\"postData\":{\"text\":\"hi\"},\"headers\":[{\"name\":\"X-Amz-Content-SHA256\",\"value\":\"00\"}]}" >in
	aws-sign $at <in >out
	[ "$(value x-amz-content-sha256 <out)" = 8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4 ]
	sed "s/\"00\"/\"UNSIGNED-PAYLOAD\"/" in | aws-sign $at --explain >out
	[ "$(value x-amz-content-sha256 <out)" = UNSIGNED-PAYLOAD ]
	jq -r .signing.canonical_request out | tail -1 | grep -qx UNSIGNED-PAYLOAD
	aws-sign $at -e 60 --explain <in >out
	[ -z "$(value x-amz-content-sha256 <out)" ]
	jq -r .signing.canonical_request out | tail -1 | grep -qx UNSIGNED-PAYLOAD
'
t 'query: decoded, encoded again, sorted by name and then by value' "$words"'
	get "https://sts.amazonaws.com/?b=2&a=%7e&b=1&&c&a-b=x+y%2B%e1%88%B4&é=#frag" | aws-sign $at --explain >out
	jq -r .signing.canonical_request out | sed -n 3p >got
	echo "%C3%A9=&a=~&a-b=x%20y%2B%E1%88%B4&b=1&b=2&c=" >want
	same want got
	get "https://sts.amazonaws.com/?a=b#frag" | aws-sign $at -e 60 >out
	no grep -q headers out
	jq -r .url out >got
	grep -q "^https://sts.amazonaws.com/?a=b&X-Amz-Algorithm=.*&X-Amz-Signature=[0-9a-f]*#frag$" got
'
t 'host: the port that is not usual, no user; headers that change on the way are not signed' "$words"'
	get "https://me:pw@sts.amazonaws.com:443/" | jq -c ".headers = ([\"User-Agent\", \"Connection\", \"X-Amzn-Trace-Id\", \"Expect\", \"Proxy-X\", \"B\"] | map({name: ., value: \" v  w \"}))" >in
	aws-sign $at --explain <in | jq -r .signing.canonical_request | sed -n 4,6p >got
	printf "%s\n" "b:v w" "host:sts.amazonaws.com" "x-amz-date:20150830T123600Z" >want
	same want got
	sed s/:443/:8443/ in | aws-sign $at --explain | jq -r .signing.canonical_request | grep -qx host:sts.amazonaws.com:8443
'
t 'a body in base64 is hashed as its bytes; mimeType counts as Content-Type' "$words"'
	echo "{\"kind\":\"http-request\",\"method\":\"POST\",\"url\":\"https://sts.amazonaws.com/\",\"postData\":{\"mimeType\":\"text/plain\",\"text\":\"aGk=\",\"encoding\":\"base64\"}}" >in
	aws-sign $at --explain <in | jq -r .signing.canonical_request >got
	grep -qx content-type:text/plain got
	tail -1 got | grep -qx 8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4
'
t 'the explanation of an earlier signature goes' "$words"'
	get https://sts.amazonaws.com/ >in
	aws-sign $at <in >want
	aws-sign $at --explain <in >explained
	grep -q "\"signing\":{\"canonical_request\":" explained
	aws-sign $at <explained >got
	same want got
'
t 'missing credentials: 78, every variable named, nothing written' '
	echo "{\"kind\":\"x\"}" >in
	fails 78 aws-sign <in
	says "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"
	lines 0 out
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE
	fails 78 aws-sign <in
	says "AWS_SECRET_ACCESS_KEY is not"
	export AWS_SECRET_ACCESS_KEY="canary-value
"
	fails 78 aws-sign <in
	says "the AWS secret access key has a space, line break or non-ASCII byte in it"
	no grep -q canary-value err
'
t 'keys of a profile' "$words"'
	unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	mkdir .aws
	printf "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s\n[other]\naws_access_key_id = OTHER\naws_secret_access_key = s\n" >.aws/credentials
	get https://sts.amazonaws.com/ >in
	[ "$(aws-sign $at <in | scope)" = us-east-1/sts ]
	aws-sign -p other <in | value authorization >got
	grep -q Credential=OTHER/ got
	AWS_PROFILE=other aws-sign <in | value authorization >got
	grep -q Credential=OTHER/ got
	fails 78 aws-sign -p nobody <in
	says "nobody"
'
t 'wrong options and operands: 64 and the usage, before anything is read' '
	for wrong in --nope "-d 2015-08-30" "-d 20150231T000000Z" "-e 0" "-e 604801" "-e x" "-s a/b" "-r" "-s=" operand; do
		fails 64 aws-sign $wrong
		says "^usage: aws-sign "
		lines 0 out
	done
	fails 64 aws-sign ""
	fails 64 aws-sign -r ""
'
t '-h and -V' '
	aws-sign -h >out
	grep -q "^usage: aws-sign " out
	grep -q -e "--unsigned-token" out
	aws-sign -V | grep -q "^aws-sign (sluice) "
'
t '-f reads files, in their order; one that is not there is 66' "$words"'
	get https://ec2.us-east-1.amazonaws.com/ >a
	get https://sts.amazonaws.com/ >b
	aws-sign -f b -f a </dev/null | scope >got
	printf "us-east-1/sts\nus-east-1/ec2\n" >want
	same want got
	fails 66 aws-sign -f a -f nowhere
	says "cannot open .nowhere."
'
t 'a full disk is 74, a closed pipe death by SIGPIPE' "$words"'
	get https://sts.amazonaws.com/ >in
	rc=0; aws-sign <in >/dev/full 2>err || rc=$?
	[ $rc -eq 74 ]
	says "cannot write to standard output"
	mkfifo fifo
	{ rc=0; aws-sign -f in >fifo 2>err || rc=$?; echo $rc >status; } &
	: <fifo
	wait
	[ "$(cat status)" -eq 141 ] || [ "$(cat status)" -eq 0 ]
'
t 'sealed: the end is passed on; without one 76' "$words"'
	export SLUICE_SEAL=1
	{ get https://sts.amazonaws.com/; echo "{\"kind\":\"end\",\"filter\":\"x\",\"records\":1,\"failed\":0}"; } >in
	cat in | aws-sign $at >out
	tail -1 out | grep -qx "{\"kind\":\"end\",\"filter\":\"aws-sign\",\"records\":1,\"failed\":0}"
	head -1 in | { rc=0; aws-sign $at >out || rc=$?; [ $rc -eq 76 ]; }
	lines 1 out
'
t 'the secret key is in no output, message or trace' "$words"'
	{ get https://sts.amazonaws.com/; get nothing; } >in
	export SLUICE_TRACE="$PWD/trace"
	fails 65 aws-sign --explain <in
	no grep -r -e "wJalrXUtnFEMI" out err trace
'
t 'example: a presigned link' "$words"'
	echo "{\"kind\":\"http-request\",\"method\":\"GET\",
	       \"url\":\"https://acme.s3.eu-west-1.amazonaws.com/setup.tar\"}" |
	    aws-sign -e 3600 | jq -r .url >out
	grep -q "^https://acme.s3.eu-west-1.amazonaws.com/setup.tar?X-Amz-Algorithm=AWS4-HMAC-SHA256&.*&X-Amz-Expires=3600&X-Amz-Signature=" out
'
t 'example: what was signed' "$words"'
	get https://sts.amazonaws.com/ >request.json
	aws-sign --explain -f request.json | jq -r .signing.canonical_request >out
	[ "$(head -1 out)" = GET ]
'
if command -v curl >/dev/null; then
	t 'example: sent by curl' "$words"'
		. "$tests/stub.sh"
		echo hello | answer 200
		serve
		export AWS_REGION=eu-west-1
		get "$stub/2015-03-31/functions/" | jq -c ".headers = [{name: \"X\", value: \"a b\"}]" >request.json
		aws-sign -s lambda -f request.json |
		    jq -r "\"url = \\\"\\(.url)\\\"\",
		           (.headers[] | \"header = \\\"\\(.name): \\(.value)\\\"\")" |
		    curl -s -K - >out
		grep -qx hello out
		request 1 | grep -q "^Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/[0-9]*/eu-west-1/lambda/aws4_request, SignedHeaders=host;x;x-amz-date, Signature="
	'
	# curl signs by itself, too: both say the same of the same request.
	t 'the same signature as curl --aws-sigv4' "$words"'
		. "$tests/stub.sh"
		echo | answer 200
		serve
		body="Action=DescribeImages&Version=2016-11-15"
		curl -s --aws-sigv4 aws:amz:us-east-1:ec2 -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
			-H "Content-Type: application/x-www-form-urlencoded" -d "$body" "$stub/" >out
		request 1 | tr -d "\r" >sent
		date=$(sed -n "s/^X-Amz-Date: //p" sent)
		get "$stub/" | jq -c --arg body "$body" ".method = \"POST\" | .postData = {mimeType: \"application/x-www-form-urlencoded\", text: \$body}" |
			aws-sign -s ec2 -r us-east-1 -d "$date" | value authorization >got
		sed -n "s/^Authorization: //p" sent >want
		same want got
	'
else
	skip 'sent by curl' 'no curl'
fi
if command -v http-send >/dev/null || [ -x "$bin/http-send" ]; then
	t 'example: sent by http-send' "$words"'
		. "$tests/stub.sh"
		echo "{\"Functions\":[]}" | answer 200 "Content-Type: application/json"
		serve
		export AWS_REGION=eu-west-1
		get "$stub/2015-03-31/functions/" |
		    aws-sign -s lambda | http-send | jq -r .content.text >out
		grep -qx "{\"Functions\":\[\]}" out
		request 1 | grep -qi "^Authorization: AWS4-HMAC-SHA256 .*SignedHeaders=host;x-amz-date"
	'
else
	skip 'sent by http-send' 'it is not built'
fi
done_testing
