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
	cp ../case case
	eval "$(jq -r "@sh \"protocol=\(.m.protocol) target=\(.m.targetPrefix) version=\(.m.apiVersion) name=\(.given.name)
		params=\(.params | tojson) body=\(.serialized.body) coding=\(.serialized.headers[\"Content-Encoding\"])
		code=\(.response.status_code) error=\(.errorCode) message=\(.errorMessage // \"\")\"" case)"
	case $protocol in
	json) set -- --protocol json --target "$target" ;;
	*) set -- --protocol "$protocol" --api-version "$version" ;;
	esac
'
input='printf "%s\n" "$params" | aws-call -n --endpoint https://example.com "$@" case "$name" >request
	case $protocol in
	json)
		[ "$body" != null ] || body="{}"
		jq -S ".postData.text | fromjson" request >got; printf "%s" "$body" | jq -S . >want ;;
	*) jq -j .postData.text request | decode_form >got; printf "%s" "$body" | decode_form >want ;;
	esac
	same want got
	if [ "$coding" != null ]; then
		jq -r ".headers[].name | ascii_downcase" request >names
		grep -qx content-encoding names
	fi
'
output='mkdir -p stub
	jq -j "\"HTTP/1.1 \(.response.status_code) Stub\n\",
		(.response.headers // {} | to_entries[] | \"\(.key): \(.value)\n\"), \"\n\", .response.body // \"\"" case >stub/answer.1
	serve
	if [ "$code" -lt 300 ]; then
		echo {} | aws-call --endpoint "$stub" "$@" case "$name" >answer
		jq -e -L "$tests" --slurpfile answer answer "include \"aws-names\";
			.result // {} | said | within(\$answer[0] | said)" case >verdict ||
			{ cat answer; jq .result case; return 1; }
	else
		echo {} >in
		case $code in 5*) status=75 ;; *) status=69 ;; esac
		fails $status aws-call --endpoint "$stub" "$@" case "$name" <in
		grep -q "$error" err
		[ "$message" = "" ] || grep -qF "$message" err
	fi
'
protocol_case() {			# protocol_case ID DIRECTION
	reason=$(sed -n "s/^$1	//p" "$skipped")
	case $2 in input) script=$prepare$input ;; *) script=$prepare$output ;; esac
	if [ -z "$reason" ]; then t "$2 $1" "$script"; return; fi
	mkdir "$scratch/$1.$2"
	if in_case "$scratch/$1.$2" "$script" >/dev/null 2>&1 </dev/null
	then t "$2 $1 is skipped but passes" 'return 1'
	else skip "$2 $1" "$reason"
	fi
}
for direction in input output; do
	for file in "$data/protocols/$direction"/*.json; do
		jq -c '.[] | .metadata as $m | .cases[] | .m = $m' "$file" >"$scratch/cases"
		jq -r '.[].cases[].id' "$file" >"$scratch/ids"
		while read -r id && IFS= read -r case <&3; do
			printf '%s\n' "$case" >"$scratch/case"
			protocol_case "$id" $direction
		done <"$scratch/ids" 3<"$scratch/cases"
	done
done
done_testing
