# SPDX-License-Identifier: ISC
# The aws CLI; sandbox.sh, moto.sh and aws-cli.sh call it by
#	aws_cli ARGUMENT…
# which starts it, half a second each time. A test file that calls it often says, outside its cases,
#	. "$tests/aws-one.sh"; share_aws_cli
# and it is started once.
share_aws_cli() {
	aws=${AWS_CLI:-/usr/bin/aws}
	[ -x "$aws" ] || aws=$(command -v aws) || return 0
	aws_python=$(sed -n '1s/^#! *//p' "$aws")
	"$aws_python" -c 'import awscli' 2>/dev/null || return 0	# not the CLI in Python
	mkdir "$scratch/cli"; mkfifo "$scratch/cli/ask" "$scratch/cli/told"
	# what create_client() asks for before there is a call, which brings its own
	env -i PATH="$PATH" HOME="$scratch" LC_ALL=C TZ=UTC AWS_EC2_METADATA_DISABLED=true \
		AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null setpriv --pdeathsig KILL \
		"$aws_python" "$tests/aws-many.py" "$scratch/cli" >"$scratch/cli/log" 2>&1 </dev/null &
	pids="$pids $!"
}
aws_cli() {
	[ -p ../cli/ask ] || { "${AWS_CLI:-/usr/bin/aws}" "$@"; return; }
	printf '%s\0' "$PWD" "AWS_ACCESS_KEY_ID=$AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY=$AWS_SECRET_ACCESS_KEY" \
		"AWS_SESSION_TOKEN=${AWS_SESSION_TOKEN-}" -- "$@" >../cli/ask
	read -r status <../cli/told
	cat ../cli/out; cat ../cli/err >&2
	return "$status"
}
