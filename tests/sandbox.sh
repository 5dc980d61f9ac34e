# SPDX-License-Identifier: ISC
# A case's words for the sandbox (tests/sandbox/README.md); in a case or a test file:
#	. "$tests/sandbox.sh"
#	start_sandbox [OPTION…]	starts one, sets AWS_ENDPOINT_URL, DIGITALOCEAN_API_URL, keys and token;
#				it ends with this shell; with --machines SLUICE_SSH leads to them
#	fault '{"action":"^Create","nth":2,"effect":"reset-after"}'	adds a rule, or several: […]
#	no_faults		drops all rules
#	behave '{"phases":{"healthy":0}}'	turns knobs; null as a value drops one
#	advance SECONDS		moves the model clock
#	speed N			model seconds in a second; 0: it stands still
#	journal			what was asked, a JSON object a line, oldest first
#	forget			empties the journal
#	changes			of those the ones that changed something: SERVICE ACTION a line
#	requests		how many requests came (a number)
#	state			the whole state as JSON; state_is JQ: whether that holds for it
#	seed JSON|@FILE		puts more into the state
#	sandbox_do METHOD PATH [BODY]	one call of DigitalOcean: prints its status; answer in `got`,
#				its headers in `got.head`
#	sandbox_aws …		the aws CLI on the sandbox, text in its default JSON
# Time stands still but for what a request takes (--tick 5), unless other options are given: a
# deployment takes a few dozen requests and no time, and always the same ones.
. "$tests/aws-one.sh"
start_sandbox() {
	[ $# -gt 0 ] || set -- --tick 5
	started=$("$build/sandbox" --daemon --with $$ "$@") || return 1
	SANDBOX_URL=${started%% *} sandbox_pid=${started#* }
	case $sandbox_pid in
	*' '*) export SLUICE_SSH="ssh -F ${sandbox_pid#* }"; sandbox_pid=${sandbox_pid%% *} ;;
	esac
	export SANDBOX_URL AWS_ENDPOINT_URL="$SANDBOX_URL" AWS_ACCESS_KEY_ID=AKIDSANDBOX \
		AWS_SECRET_ACCESS_KEY=sandbox-secret-key AWS_REGION=us-west-2 \
		AWS_DEFAULT_REGION=us-west-2 AWS_CONFIG_FILE=/dev/null \
		AWS_SHARED_CREDENTIALS_FILE=/dev/null DIGITALOCEAN_API_URL="$SANDBOX_URL" \
		DIGITALOCEAN_ACCESS_TOKEN=dop_v1_sandbox
}
stop_sandbox() { kill "$sandbox_pid"; }
sandbox_call() {			# sandbox_call METHOD CALL [BODY]
	perl "$tests/sandbox-call.pl" "$SANDBOX_URL" "$@"
}
fault() { sandbox_call POST faults "$1" >sandbox.faults || { cat sandbox.faults; return 1; }; }
no_faults() { sandbox_call DELETE faults >sandbox.faults; }
behave() { sandbox_call POST behave "$1" >sandbox.behave || { cat sandbox.behave; return 1; }; }
seed() { sandbox_call POST seed "$1" >sandbox.seed || { cat sandbox.seed; return 1; }; }
advance() { sandbox_call POST clock "{\"advance\":$1}" >sandbox.clock; }
speed() { sandbox_call POST clock "{\"speed\":$1}" >sandbox.clock; }
journal() { sandbox_call GET journal; }
forget() { sandbox_call DELETE journal; }
changes() {				# a sandbox that is gone must not look like one that nothing changed
	{ journal >sandbox.journal && jq -r 'select(.changed) | "\(.service) \(.action)"' sandbox.journal; } ||
		echo 'no journal'
}
was_asked() { journal | grep -q "$1"; }	# was_asked REGEX: a line of the journal has it
requests() { journal >sandbox.journal && wc -l <sandbox.journal; }
state() { sandbox_call GET state; }
state_is() { { state >sandbox.state && jq -e "$1" sandbox.state >sandbox.answer; } || { cat sandbox.answer; return 1; }; }
sandbox_do() {
	curl -sS --noproxy '*' -X "$1" -o got -D got.head -w '%{http_code}\n' ${3:+--data-binary "$3"} \
		-H "Authorization: Bearer $DIGITALOCEAN_ACCESS_TOKEN" -H 'Content-Type: application/json' \
		"$DIGITALOCEAN_API_URL$2"
}
sandbox_aws() {
	aws_cli --endpoint-url "$SANDBOX_URL" --region "$AWS_REGION" --output json "$@"
}
