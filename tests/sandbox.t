#!/bin/sh
# SPDX-License-Identifier: ISC
# The sandbox by itself: its control API, faults and clock. What it says of AWS: sandbox-aws.t.
. "$(dirname "$0")/lib.sh"

# One signed request by curl: call SERVICE VERSION ACTION [PAIRS]; the body in `got`, prints the status.
words='. "$tests/sandbox.sh"
call() {
	service=$1 version=$2 action=$3; shift 3
	curl -sS --noproxy "*" --aws-sigv4 "aws:amz:$AWS_REGION:$service" \
		--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -o got -w "%{http_code}\n" \
		--data "Action=$action&Version=$version${1:+&$1}" "$SANDBOX_URL/"
}
regions() { call ec2 2016-11-15 DescribeRegions; }
whoami() { call sts 2011-06-15 GetCallerIdentity; }
tag() { call ec2 2016-11-15 CreateTags "ResourceId.1=ami-3db92b0d&Tag.1.Key=k&Tag.1.Value=$1"; }
is() { [ "$1" = "$2" ] || { echo "got $1, want $2"; cat got; return 1; }; }
'
st() { t "$1" "$words
start_sandbox
$2"; }

st 'a signed request is answered, an unsigned or wrongly signed one is refused' '
	is "$(whoami)" 200
	grep -q "<Account>123456789012</Account>" got
	AWS_SECRET_ACCESS_KEY=wrong
	is "$(whoami)" 403
	grep -q "<Code>SignatureDoesNotMatch</Code>" got
	is "$(regions)" 401
	grep -q "<Code>AuthFailure</Code>" got
	AWS_ACCESS_KEY_ID=AKIDUNKNOWN
	is "$(whoami)" 403
	grep -q "<Code>InvalidClientTokenId</Code>" got
	is "$(curl -sS -o got -w "%{http_code}" -d "Action=GetCallerIdentity&Version=2011-06-15" "$SANDBOX_URL/")" 403
	grep -q "<Code>MissingAuthenticationToken</Code>" got
'
st 'rights: a key that may only read, one that may nothing, another account' '
	AWS_ACCESS_KEY_ID=AKIDREADONLY AWS_SECRET_ACCESS_KEY=readonly-secret-key
	is "$(regions)" 200
	is "$(tag x)" 403
	grep -q "<Code>UnauthorizedOperation</Code>" got
	AWS_ACCESS_KEY_ID=AKIDNORIGHTS AWS_SECRET_ACCESS_KEY=norights-secret-key
	is "$(call autoscaling 2011-01-01 DescribeAutoScalingGroups)" 403
	grep -q "<Code>AccessDenied</Code>" got
	AWS_ACCESS_KEY_ID=AKIDOTHER AWS_SECRET_ACCESS_KEY=other-secret-key
	is "$(whoami)" 200
	grep -q "<Account>210987654321</Account>" got
'
st 'a clock that is wrong, an expired token' '
	sandbox_call POST clock "{\"skew\":400}" >clock
	is "$(whoami)" 403
	grep -q "Signature expired" got
	sandbox_call POST clock "{\"skew\":0}" >clock
	is "$(call sts 2011-06-15 AssumeRole "RoleArn=arn:aws:iam::210987654321:role/x&RoleSessionName=s")" 200
	AWS_ACCESS_KEY_ID=$(sed -n "s/.*<AccessKeyId>\(.*\)<.AccessKeyId>.*/\1/p" got)
	AWS_SECRET_ACCESS_KEY=$(sed -n "s/.*<SecretAccessKey>\(.*\)<.SecretAccessKey>.*/\1/p" got)
	is "$(whoami)" 403
	grep -q "<Code>InvalidClientTokenId</Code>" got
'
st 'an unknown action, version, region, service' '
	is "$(call ec2 2016-11-15 DescribeNothing)" 400
	grep -q "<Code>InvalidAction</Code>" got
	is "$(call autoscaling 2011-01-01 DescribeNothing)" 400
	grep -q "<Code>InvalidAction</Code>" got
	is "$(call nowhere 2011-01-01 DescribeNothing)" 404
	AWS_REGION=us-west-9
	is "$(whoami)" 403
'
st 'the nth request of an action meets its fault, before the effect or after it' '
	fault "{\"action\":\"CreateTags\",\"nth\":2,\"effect\":\"status\",\"status\":503,\"code\":\"RequestLimitExceeded\",\"retry_after\":7}"
	is "$(tag one)" 200
	is "$(tag two)" 503
	grep -q "<Code>RequestLimitExceeded</Code>" got
	is "$(tag three)" 200
	no_faults
	fault "{\"changing\":true,\"nth\":1,\"effect\":\"reset-before\"}"
	fails 56 tag four
	state_is ".state.images[\"us-west-2\"][\"ami-3db92b0d\"].tagSet[] | select(.key == \"k\").value == \"three\""
	fault "{\"changing\":true,\"nth\":1,\"effect\":\"reset-after\"}"
	fails 56 tag five
	state_is ".state.images[\"us-west-2\"][\"ami-3db92b0d\"].tagSet[] | select(.key == \"k\").value == \"five\""
	journal | jq -c "select(.changing) | [.status, .changed, .fault]" >list
	cat >want <<-END
	[200,true,null]
	[503,false,"status"]
	[200,true,null]
	[null,false,"reset"]
	[200,true,"reset"]
	END
	sed "s/\"reset-before\"/\"reset\"/; s/\"reset-after\"/\"reset\"/" list >short
	same want short
	changes >list
	lines 3 list
'
st 'bodies cut short, pages for people, garbage, nothing, 429' '
	fault "[{\"nth\":1,\"effect\":\"truncate\"},{\"nth\":2,\"effect\":\"html\"},
		{\"nth\":3,\"effect\":\"garbage\"},{\"nth\":4,\"effect\":\"empty\"},
		{\"nth\":5,\"effect\":\"status\",\"status\":429,\"body\":\"slow\",\"retry_after\":3}]"
	fails 18 regions
	is "$(regions)" 502
	grep -q "<html>" got
	is "$(regions)" 200
	no grep -q "DescribeRegionsResponse" got
	is "$(regions)" 200
	[ ! -s got ]
	is "$(regions)" 429
	is "$(cat got)" slow
'
st 'a stalled answer, one that is late' '
	fault "[{\"nth\":1,\"effect\":\"stall\"},{\"nth\":2,\"effect\":\"delay\",\"delay_ms\":300}]"
	fails 28 curl -sS --max-time 0.5 --aws-sigv4 aws:amz:us-west-2:sts --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
		-d "Action=GetCallerIdentity&Version=2011-06-15" "$SANDBOX_URL/"
	is "$(whoami)" 200
	is "$(whoami)" 200
'
st 'the client is killed after the effect, before the answer' '
	fault "{\"changing\":true,\"nth\":1,\"effect\":\"kill\"}"
	fails 137 tag dead
	changes >list
	lines 1 list
'
st 'a rule with a wrong member or effect is refused' '
	fails 22 sandbox_call POST faults "{\"acton\":\"x\",\"effect\":\"html\"}"
	fails 22 sandbox_call POST faults "{\"effect\":\"explode\"}"
	fails 22 sandbox_call POST faults "{"
'
st 'throttling: a bucket for an action, refilled' '
	behave "{\"throttle\":{\"DescribeRegions\":{\"burst\":2,\"rate\":0,\"status\":503,\"code\":\"RequestLimitExceeded\"}}}"
	is "$(regions)" 200
	is "$(regions)" 200
	is "$(regions)" 503
	is "$(whoami)" 200
	behave "{\"throttle\":{\"DescribeRegions\":{\"rate\":1000}}}"
	is "$(regions)" 200
'
st 'lists that lag: a thing is not there at first' '
	speed 0
	sandbox_call POST clock "{\"tick\":1}" >clock
	behave "{\"lag\":5}"
	is "$(tag before)" 200
	image="ImageId.1=ami-3db92b0d&Filter.1.Name=tag:k&Filter.1.Value.1=before"
	call ec2 2016-11-15 DescribeImages "$image" >status
	no grep -q "<imageId>" got
	for i in 1 2 3 4 5; do call ec2 2016-11-15 DescribeImages "$image" >status; done
	grep -q "<imageId>" got
'
st 'the state is dumped, loaded and reset; kept in a file from one run to the next' '
	is "$(tag kept)" 200
	state >dump
	sandbox_call POST reset >reset
	state_is ".state.images[\"us-west-2\"][\"ami-3db92b0d\"].tagSet | map(.key) | index(\"k\") == null"
	sandbox_call PUT state @dump >loaded
	state_is ".state.images[\"us-west-2\"][\"ami-3db92b0d\"].tagSet | map(.key) | index(\"k\")"
	"$build/sandbox" --state kept --run true
	jq -e .state.keys.AKIDSANDBOX kept >key
	"$build/sandbox" --state kept --run true
'
st '--run gives the environment and the status; a seed adds what is asked for' '
	fails 3 "$build/sandbox" --run sh -c "exit 3"
	echo "{\"load_balancers\":[\"mine\"],\"images\":[{\"id\":\"ami-00000042\",\"name\":\"seeded\"}]}" >seed
	"$build/sandbox" --seed seed --run sh -euc "curl -s \"\$AWS_ENDPOINT_URL/_sandbox/state\"" >dump
	jq -e ".state.images[\"us-west-2\"][\"ami-00000042\"].name == \"seeded\"" dump
	jq -e ".state.accounts[\"123456789012\"].regions[\"us-west-2\"].load_balancers.mine" dump >mine
	fails 64 "$build/sandbox" --nope
	fails 1 "$build/sandbox" --seed nowhere
'
t 'it ends with the process that it was started for' '
	sh -c "\"$build/sandbox\" --daemon --with \$\$" >started
	read -r url pid <started
	while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
'
st 'the metadata service wants a token first' '
	url=$SANDBOX_URL/latest
	is "$(curl -s -o got -w "%{http_code}" "$url/meta-data/placement/region")" 401
	is "$(curl -s -o got -w "%{http_code}" "$url/api/token")" 405
	token=$(curl -s -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" "$url/api/token")
	is "$(curl -s -H "X-aws-ec2-metadata-token: $token" "$url/meta-data/placement/region")" us-west-2
	role=$(curl -s -H "X-aws-ec2-metadata-token: $token" "$url/meta-data/iam/security-credentials/")
	curl -s -H "X-aws-ec2-metadata-token: $token" "$url/meta-data/iam/security-credentials/$role" >got
	jq -e ".Code == \"Success\" and (.Token | length > 10)" got
'
done_testing
