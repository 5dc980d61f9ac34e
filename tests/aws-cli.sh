# SPDX-License-Identifier: ISC
# The aws CLI as a witness: the same script on the sandbox and on moto. In a test file:
#	. "$tests/moto.sh"; . "$tests/aws-cli.sh"
#	aws_cli_ready FUNCTIONS	ends the file when there is no aws CLI; sees to moto, too; what the
#				scripts have in common, besides the words below
#	sandboxed NAME SCRIPT	on the sandbox
#	both NAME SCRIPT	on the sandbox and on moto; `on` says which
# In a script:
#	aws …			the CLI, started once
#	q QUERY …		the same, of its answer what a JMESPath query says, as text
#	is GOT WANT
#	refused CODE …		the call fails with that code
#	wait_until COMMAND…	lets time pass until it succeeds
#	empty COMMAND…, all WORD COMMAND…	what it prints: nothing; that word, once or more
aws_cli_ready() {
	words=$1
	aws=${AWS_CLI:-/usr/bin/aws}
	[ -x "$aws" ] || aws=$(command -v aws) || { echo "1..0 # SKIP there is no aws CLI"; exit 0; }
	aws_python=$(sed -n '1s/^#! *//p' "$aws")
	"$aws_python" -c 'import awscli.clidriver' ||
		{ echo "1..0 # SKIP $aws is not the CLI in Python"; exit 0; }
	moto_ready || echo "# $why_no_moto"
}
sandboxed() {
	t "$1 (sandbox)" 'on=sandbox; . "$tests/aws-cli.sh"; start_aws_cli '"$aws_python; $words"'
. "$tests/sandbox.sh"; start_sandbox; pass() { advance 20; }
'"$2"
}
both() {
	sandboxed "$1" "$2"
	if [ -n "$why_no_moto" ]; then skip "$1 (moto)" "$why_no_moto"; return; fi
	t "$1 (moto)" 'on=moto; . "$tests/aws-cli.sh"; start_aws_cli '"$aws_python; $words"'
. "$tests/moto.sh"; start_moto; moto_things; pass() { sleep 0.1; }
'"$2"
}
start_aws_cli() {
	export AWS_PYTHON="$1"
	mkdir cli; mkfifo cli/ask cli/told
	setpriv --pdeathsig KILL "$1" "$tests/aws-many.py" cli >cli/log 2>&1 &
}
aws() {
	printf '%s\0' "AWS_ACCESS_KEY_ID=$AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY=$AWS_SECRET_ACCESS_KEY" \
		"AWS_SESSION_TOKEN=${AWS_SESSION_TOKEN-}" -- --endpoint-url "$AWS_ENDPOINT_URL" \
		--region "$AWS_REGION" --output json "$@" >cli/ask
	read -r status <cli/told
	cat cli/out; cat cli/err >&2
	return "$status"
}
q() { query=$1; shift; aws "$@" --query "$query" --output text; }
is() { [ "$1" = "$2" ] || { echo "got $1, want $2"; return 1; }; }
refused() { code=$1; shift; fails 254 aws "$@"; says "($code)"; }
wait_until() { for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do ! "$@" || return 0; pass; done; echo "never: $*"; return 1; }
empty() { got=$("$@") && [ -z "$got" ]; }
all() { want=$1; shift; got=$("$@"); [ -n "$got" ] && ! echo "$got" | tr '\t' '\n' | grep -qvx "$want"; }
