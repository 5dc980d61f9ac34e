#!/bin/sh
# SPDX-License-Identifier: ISC
# What botocore sent and made of answers, and what services really answered, through aws-call.
. "$(dirname "$0")/lib.sh"

keys='export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_REGION=us-east-1 \
	AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
data=$top/../shared/data/aws
[ -d "$data" ] || data=$tests/data/aws

# Requests as botocore sent them. What differs on purpose is said by `skip`.
golden_request() {
	t "golden request $1: $2" "$keys; data=$data i=$1"'
	. "$tests/stub.sh"
	jq ".cases[$i]" "$data/golden-requests/requests.json" >case
	eval "$(jq -r "@sh \"token=\(.session_token // \"\") at=\(.url) region=\(.region) service=\(.service)
		operation=\(.operation) method=\(.method) body=\(.body) authorized=\(.authorization // \"\")\"" case)"
	[ -z "$token" ] || export AWS_SESSION_TOKEN="$token"
	[ "${AWS_SESSION_TOKEN-}" = "$token" ]
	case $at in http:*) set -- --endpoint "$at" ;; *) set -- ;; esac
	jq -L "$tests" --slurpfile names "$tests/data/aws-names.json" "include \"aws-names\";
		.operation as \$operation | .service as \$service
		| if .body | contains(\"ClientToken=00000000\")
			then .params.ClientToken = \"00000000-0000-4000-8000-000000000000\" else . end
		| .params | wire(\$names[0]; \$service; \"request\"; \$operation)" case >params
	aws-call -n -r "$region" "$@" "$service" "$operation" <params >request
	eval "$(jq -r "@sh \"got_method=\(.method) got_at=\(.url) text=\(.postData.text) signed=\(
		[.headers[] | select(.name | ascii_downcase == \"authorization\") | .value] | join(\" \"))\"" request)"
	[ "$got_method" = "$method" ]
	[ "$got_at" = "$at" ]
	case $body in
	{*) printf "%s" "$text" | jq -S . >got; printf "%s" "$body" | jq -S . >want ;;
	*) printf "%s" "$text" | decode_form | sort >got; printf "%s" "$body" | tr -d "\n" | decode_form | sort >want ;;
	esac
	same want got
	if [ -z "$authorized" ]; then [ -z "$signed" ]; exit 0; fi
	headers="s/.*SignedHeaders=\([^,]*\),.*/\1/"
	echo "$signed" | sed "$headers" >got
	echo "$authorized" | sed "$headers" >want
	same want got
	echo "$signed" | grep -q "Credential=AKIDEXAMPLE/[0-9]*/$region/"
'
}
jq -r '.cases | keys[] as $i | .[$i] | "\($i) \(.service) \(.operation)"' \
	"$data/golden-requests/requests.json" >"$scratch/requests"
while read -r i service operation; do
	case $service in
	s3) skip "golden request $i: s3 $operation" 'no query, EC2 or JSON protocol: aws-sign has these' ;;
	*) golden_request "$i" "$service $operation" ;;
	esac
done <"$scratch/requests"

# Answers: what botocore made of them, renamed, is all there and the same.
golden_response() {			# golden_response NAME CASE BODY
	t "golden response $1" "$keys; case=$2 body=$3"'
	. "$tests/stub.sh"
	jq -c . "$case" >case
	mkdir stub
	jq -r "\"HTTP/1.1 \(.status) Stub\", \"X-Stub: times=0 body=body\",
		(.headers | to_entries[] | \"\(.key): \(.value)\"), \"\"" case >stub/answer.1
	eval "$(jq -r "@sh \"status=\(.status) service=\(.service) operation=\(.operation) request_id=\(.request_id)
		code=\(.expected.Error.Code) message=\(.expected.Error.Message)\"" case)"
	cp "$body" body
	serve
	AWS_ENDPOINT_URL=$stub
	export AWS_ENDPOINT_URL
	if [ "$status" -lt 300 ]; then
		echo {} | aws-call "$service" "$operation" >answer
		jq -e -L "$tests" --slurpfile names "$tests/data/aws-names.json" \
			--slurpfile answer answer "include \"aws-names\";
			.operation as \$operation | .service as \$service | .expected
			| wire(\$names[0]; \$service; \"response\"; \$operation) | said
			| within(\$answer[0] | said)" case >verdict || { cat answer; jq .expected case; return 1; }
	else
		echo {} >in
		fails 69 aws-call "$service" "$operation" <in
		[ ! -s out ]
		lines 1 err
		grep -qF "$code" err
		grep -qF "$message" err
		grep -qF "$request_id" err
	fi
'
}
for case in "$data"/golden-responses/*.expected.json; do
	stem=${case%.expected.json}
	for body in "$stem".*.raw; do golden_response "${stem##*/}" "$case" "$body"; done
done

# What the services themselves sent, once upon a time.
kept_response() {			# kept_response NAME STEM
	t "response $1" "$keys; name=$1 stem=$2"'
	. "$tests/stub.sh"
	operation=$(grep -o "<[A-Z][A-Za-z]*Response" "$stem.xml" | head -n 1)
	operation=${operation#<} operation=${operation%Response}
	service=${name%%-*}
	answer_file 200 "$stem.xml" "Content-Type: text/xml"
	serve
	AWS_ENDPOINT_URL=$stub; export AWS_ENDPOINT_URL
	echo {} | aws-call "$service" "$operation" >answer
	jq -e -L "$tests" --slurpfile names "$tests/data/aws-names.json" --slurpfile answer answer \
		--arg service "$service" --arg operation "$operation" "include \"aws-names\";
		del(.ResponseMetadata) | wire(\$names[0]; \$service; \"response\"; \$operation)
		| said | within(\$answer[0] | said)" "$stem.json" >verdict ||
		{ jq . answer; jq . "$stem.json"; return 1; }
'
}
for case in "$data"/response-parsing/responses/*.json; do
	stem=${case%.json}; kept_response "${stem##*/}" "$stem"
done
kept_error() {				# kept_error NAME STEM
	t "error $1" "$keys; name=$1 stem=$2"'
	. "$tests/stub.sh"
	answer_file 400 "$stem.xml" "Content-Type: text/xml"
	serve
	AWS_ENDPOINT_URL=$stub; export AWS_ENDPOINT_URL
	echo {} >in
	case $name in sts*) status=77 ;; *) status=69 ;; esac
	fails $status aws-call "${name%%-*}" DescribeIt <in
	for said in .Error.Code .Error.Message .ResponseMetadata.RequestId; do
		grep -qF "$(jq -r "$said" "$stem.json")" err || { cat err; return 1; }
	done
'
}
for case in "$data"/response-parsing/errors/*.json; do
	stem=${case%.json}; kept_error "${stem##*/}" "$stem"
done
done_testing
