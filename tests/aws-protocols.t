#!/bin/sh
# SPDX-License-Identifier: ISC
# The published protocol cases, through aws-call. It has no model: a case that needs a shape is
# listed in tests/data/aws-protocols-skipped with the reason, and must really not pass.
. "$(dirname "$0")/lib.sh"
data=$top/../shared/data/aws
[ -d "$data" ] || data=$tests/data/aws
skipped=$tests/data/aws-protocols-skipped

prepare='. "$tests/stub.sh"
	export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret AWS_REGION=us-east-1
	export AWS_MAX_ATTEMPTS=1
	jq -c --arg id "$id" ".[] | .metadata as \$m | .cases[] | select(.id == \$id) | .m = \$m" "$file" >case
	of() { jq -r "$1" case; }
	protocol=$(of .m.protocol)
	case $protocol in
	json) set -- --protocol json --target "$(of .m.targetPrefix)" ;;
	*) set -- --protocol "$protocol" --api-version "$(of .m.apiVersion)" ;;
	esac
'
input='jq -c .params case >params
	aws-call -n --endpoint https://example.com "$@" case "$(of .given.name)" <params >request
	case $protocol in
	json) jq -r .postData.text request | jq -S . >got; of ".serialized.body // \"{}\"" | jq -S . >want ;;
	*) jq -j .postData.text request | decode_form >got; jq -j .serialized.body case | decode_form >want ;;
	esac
	same want got
	jq -r ".headers[].name | ascii_downcase" request >names
	if [ "$(of ".serialized.headers[\"Content-Encoding\"]")" != null ]; then grep -qx content-encoding names; fi
'
output='mkdir -p stub
	{
		of "\"HTTP/1.1 \(.response.status_code) Stub\""
		of ".response.headers // {} | to_entries[] | \"\(.key): \(.value)\""
		echo
		jq -j ".response.body // \"\"" case
	} >stub/answer.1
	serve
	if [ "$(of .response.status_code)" -lt 300 ]; then
		echo {} | aws-call --endpoint "$stub" "$@" case "$(of .given.name)" >answer
		jq -e -L "$tests" --slurpfile answer answer "include \"aws-names\";
			.result // {} | said | within(\$answer[0] | said)" case >verdict ||
			{ cat answer; of .result; return 1; }
	else
		echo {} >in
		case $(of .response.status_code) in 5*) status=75 ;; *) status=69 ;; esac
		fails $status aws-call --endpoint "$stub" "$@" case "$(of .given.name)" <in
		grep -q "$(of .errorCode)" err
		[ "$(of ".errorMessage // empty")" = "" ] || grep -qF "$(of .errorMessage)" err
	fi
'
protocol_case() {			# protocol_case FILE ID DIRECTION
	reason=$(sed -n "s/^$2	//p" "$skipped")
	case $3 in input) body=$input ;; *) body=$output ;; esac
	script="id='$2' file='$1'; $prepare$body"
	if [ -z "$reason" ]; then t "$3 $2" "$script"; return; fi
	mkdir "$scratch/$2.$3"
	if in_case "$scratch/$2.$3" "$script" >/dev/null 2>&1 </dev/null
	then t "$3 $2 is skipped but passes" 'return 1'
	else skip "$3 $2" "$reason"
	fi
}
for direction in input output; do
	for file in "$data/protocols/$direction"/*.json; do
		for id in $(jq -r '.[].cases[].id' "$file"); do protocol_case "$file" "$id" $direction; done
	done
done
done_testing
