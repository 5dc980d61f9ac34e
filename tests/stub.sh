# SPDX-License-Identifier: ISC
# A case's words for tests/stub.pl; in a case: . "$tests/stub.sh"
#	answer 200 <<'END' … END	the next answer is that body; more arguments are header lines:
#	answer 429 'Retry-After: 1' 'X-Stub: times=2' </dev/null
#	answer_file 200 FILE [HEADER…]	the same with the body from FILE
#	serve				starts the server: $stub is its URL, without a final slash
#	asked				how many requests arrived (a number)
#	request N			the Nth request, byte for byte; body_of N: only its body
#	form_of N			its form body, decoded, a pair a line; decode_form: so stdin
# Answers may be added while it serves. It ends with the case.
answer() {				# numbered by the files there: it may run in a pipe's subshell
	mkdir -p stub; number=$(find stub -type f | wc -l)
	{
		echo "HTTP/1.1 $1 Stub"; shift
		for header; do echo "$header"; done
		echo
		cat
	} >stub/part
	mv stub/part "stub/answer.$(printf %05d "$number")"
}
answer_file() { status=$1 file=$2; shift 2; answer "$status" "$@" <"$file"; }
serve() {
	mkdir -p stub; mkfifo stub/ready
	perl "$tests/stub.pl" stub >stub/ready & stub_pid=$!
	trap 'kill $stub_pid 2>/dev/null || :' EXIT
	read -r stub <stub/ready
	[ -n "$stub" ]
}
asked() { if [ -f stub/log ]; then wc -l <stub/log; else echo 0; fi; }
request() { cat "stub/request.$1"; }
body_of() { sed '1,/^\r*$/d' "stub/request.$1"; }
form_of() { body_of "$1" | decode_form; }
decode_form() { perl -0777 -ne 'for (split /&/) { tr/+/ /; s/%(..)/chr hex $1/ge; print "$_\n" }'; }
aws_stub() {				# every AWS service is the stub, with the published example keys
	export AWS_ENDPOINT_URL="$stub" AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_REGION=us-east-1 \
		AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
}
