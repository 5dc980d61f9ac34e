# SPDX-License-Identifier: ISC
# The aws CLI as a witness: the same script on the sandbox and on moto. In a test file:
#	. "$tests/moto.sh"; . "$tests/aws-cli.sh"
#	aws_cli_ready FUNCTIONS	ends the file when there is no aws CLI; sees to moto, too; what the
#				scripts have in common, besides the words below
#	sandboxed NAME SCRIPT	on the sandbox
#	both NAME SCRIPT	on the sandbox and on moto; `on` says which
# In a script:
#	aws …			the CLI
#	q QUERY …		the same, of its answer what a JMESPath query says, as text
#	is GOT WANT
#	refused CODE …		the call fails with that code
#	wait_until COMMAND…	lets time pass until it succeeds
#	empty COMMAND…, all WORD COMMAND…	what it prints: nothing; that word, once or more
. "$tests/aws-one.sh"
aws_cli_ready() {
	words=$1
	share_aws_cli
	[ -p "$scratch/cli/ask" ] || { echo "1..0 # SKIP there is no aws CLI in Python"; exit 0; }
	moto_ready || echo "# $why_no_moto"
}
sandboxed() {
	t "$1 (sandbox)" 'on=sandbox; . "$tests/aws-cli.sh"; aws_python='"$aws_python; $words"'
. "$tests/sandbox.sh"; start_sandbox; pass() { advance 20; }
'"$2"
}
both() {
	sandboxed "$1" "$2"
	if [ -n "$why_no_moto" ]; then skip "$1 (moto)" "$why_no_moto"; return; fi
	t "$1 (moto)" 'on=moto; . "$tests/aws-cli.sh"; '"$words"'
. "$tests/moto.sh"; start_moto; moto_things; pass() { sleep 0.1; }
'"$2"
}
aws() { aws_cli --endpoint-url "$AWS_ENDPOINT_URL" --region "$AWS_REGION" --output json "$@"; }
q() { query=$1; shift; aws "$@" --query "$query" --output text; }
is() { [ "$1" = "$2" ] || { echo "got $1, want $2"; return 1; }; }
refused() { code=$1; shift; fails 254 aws "$@"; says "($code)"; }
wait_until() { for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do ! "$@" || return 0; pass; done; echo "never: $*"; return 1; }
empty() { got=$("$@") && [ -z "$got" ]; }
all() { want=$1; shift; got=$("$@"); [ -n "$got" ] && ! echo "$got" | tr '\t' '\n' | grep -qvx "$want"; }
