# SPDX-License-Identifier: ISC
# moto, somebody else's AWS, with its signature checks on. In a test file, outside the cases:
#	. "$tests/moto.sh"
#	moto_ready || skip_all "$why_no_moto"	once per machine it is fetched from PyPI; starts one
#				for all cases, with images of Amazon if $moto_images is true
# and in a case the same line, then:
#	start_moto		nothing is in it yet; sets AWS_ENDPOINT_URL and the keys of a user who
#				may all
#	moto_things		what the sandbox has from the start and moto has not: the balancers
#				tmtt-development, -staging, -production, the target groups
#				tmtt-web, tmtt-api, security group and key pair tmtt, in us-west-2
#	moto_call SERVICE VERSION PAIRS		one signed call with curl; the body on stdout
#	moto_aws …		the aws CLI on it
moto_version=5.2.3
. "$tests/aws-one.sh"

# Of `tests/check moto`, else a virtual environment in the user's cache.
moto_ready() {
	why_no_moto=
	cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/sluice-tests
	venv=$top/build/moto
	[ -x "$venv/bin/moto_server" ] || venv=$cache/moto-$moto_version
	mkdir -p "$cache"
	(
		flock 9
		[ ! -e "$venv/ready" ] && [ "$venv" != "$top/build/moto" ] || exit 0
		rm -rf "$venv"
		python3 -m venv "$venv" || exit 2
		"$venv/bin/pip" -q --disable-pip-version-check install "moto[server]==$moto_version" || exit 3
		: >"$venv/ready"
	) 9>"$cache/moto.lock" >"$cache/moto.log" 2>&1 || case $? in
	2) why_no_moto="python3 -m venv does not work here" ;;
	*) why_no_moto="moto $moto_version cannot be installed from PyPI: $(tail -n 1 "$cache/moto.log")" ;;
	esac
	[ -z "$why_no_moto" ] && run_moto
}
run_moto() {
	mkdir "$scratch/moto"; : >"$scratch/moto/log"
	env -i PATH="$PATH" HOME="$scratch" LC_ALL=C TZ=UTC PYTHONUNBUFFERED=1 \
		MOTO_EC2_LOAD_DEFAULT_AMIS="${moto_images:-false}" setpriv --pdeathsig KILL \
		"$venv/bin/python3" "$tests/moto-server.py" -H 127.0.0.1 -p 0 >>"$scratch/moto/log" 2>&1 </dev/null &
	echo $! >"$scratch/moto/pid"; pids="$pids $!"
}

# What may be asked while moto checks nothing yet: any key does.
moto_call() {
	curl -sS --fail-with-body --noproxy '*' --aws-sigv4 "aws:amz:us-west-2:$1" \
		--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" --data "Version=$2&$3" \
		"$AWS_ENDPOINT_URL/"
}
moto_api() { call=$1; shift; curl -sSf --noproxy '*' "$@" "$url/moto-api/$call"; }
moto_listens() {			# the port is in its log; it answers when it is ready
	for _ in $(seq 2400); do
		url=$(sed -n 's/.*Running on \(http[^ ]*\).*/\1/p' ../moto/log)
		[ -z "$url" ] || ! moto_api data.json >moto.data 2>&1 || return 0
		kill -0 "$(cat ../moto/pid)" 2>/dev/null || break
		sleep 0.05
	done
	cat ../moto/log
	return 1
}
moto_user() {				# a user who may all, with a key; then signatures count
	iam() { moto_call iam 2010-05-08 "$1"; }
	iam 'Action=CreateUser&UserName=tester' >moto.user
	iam "Action=PutUserPolicy&UserName=tester&PolicyName=all&PolicyDocument=$1" >moto.policy
	iam 'Action=CreateAccessKey&UserName=tester' >moto.key
	AWS_ACCESS_KEY_ID=$(sed -n 's:.*<AccessKeyId>\(.*\)</AccessKeyId>.*:\1:p' moto.key)
	AWS_SECRET_ACCESS_KEY=$(sed -n 's:.*<SecretAccessKey>\(.*\)</SecretAccessKey>.*:\1:p' moto.key)
	[ -n "$AWS_SECRET_ACCESS_KEY" ]
	rm moto.key
	moto_api reset-auth -H 'Content-Type: text/plain' -d 0 >moto.auth
}
start_moto() {
	moto_listens
	moto_api reset -X POST >moto.reset
	moto_api reset-auth -H 'Content-Type: text/plain' -d inf >moto.auth
	export AWS_ENDPOINT_URL="$url" AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any \
		AWS_REGION=us-west-2 AWS_DEFAULT_REGION=us-west-2 AWS_CONFIG_FILE=/dev/null \
		AWS_SHARED_CREDENTIALS_FILE=/dev/null
	# {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}
	moto_user '%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D'
}
moto_things() {
	vpc=$(moto_call ec2 2016-11-15 Action=DescribeVpcs | sed -n 's:.*<vpcId>\(.*\)</vpcId>.*:\1:p' | head -n 1)
	listener='Listeners.member.1.Protocol=HTTP&Listeners.member.1.LoadBalancerPort=80&Listeners.member.1.InstancePort=80'
	for name in tmtt-development tmtt-staging tmtt-production; do
		moto_call elasticloadbalancing 2012-06-01 "Action=CreateLoadBalancer&LoadBalancerName=$name&$listener&AvailabilityZones.member.1=us-west-2a&AvailabilityZones.member.2=us-west-2b"
	done >moto.things
	for name in tmtt-web tmtt-api; do
		moto_call elasticloadbalancing 2015-12-01 "Action=CreateTargetGroup&Name=$name&Protocol=HTTP&Port=80&VpcId=$vpc"
	done >>moto.things
	moto_call ec2 2016-11-15 "Action=CreateSecurityGroup&GroupName=tmtt&GroupDescription=tmtt&VpcId=$vpc" >>moto.things
	moto_call ec2 2016-11-15 "Action=CreateKeyPair&KeyName=tmtt" >moto.key
	rm moto.key
}
moto_aws() {
	aws_cli --endpoint-url "$AWS_ENDPOINT_URL" --region "$AWS_REGION" --output json "$@"
}
