#!/bin/sh
# SPDX-License-Identifier: ISC
# A secret is found in no output, message, trace, state file or argument list, in no encoding.
. "$(dirname "$0")/lib.sh"

words='
	. "$tests/stub.sh"; . "$tests/sandbox.sh"
	CANARY="cAnArY/9+q=&<>\"%x y$(od -An -N6 -tx1 /dev/urandom | tr -d " ")"; export CANARY
	no_leaks() { perl "$tests/leaks.pl" "$@"; }
	# Keeps the arguments of all processes while a command runs.
	watched() {
		(while [ ! -e watch.off ]; do cat /proc/[0-9]*/cmdline 2>/dev/null || :; done >argv) &
		rc=0; "$@" || rc=$?
		touch watch.off; wait $!; rm watch.off; [ -s argv ]
		return $rc
	}
	# The secret in all encodings, as a service could quote it.
	quoted() {
		perl -MMIME::Base64 -e '"'"'
			my $s = $ENV{CANARY}; my ($p, $x) = ($s, $s);
			$p =~ s/([^A-Za-z0-9\-._~])/sprintf "%%%02X", ord $1/ge;
			my $every = join "", map { sprintf "%%%02x", ord } split //, $s;
			(my $twice = $p) =~ s/%/%25/g;
			$x =~ s/&/&amp;/g; $x =~ s/</&lt;/g; $x =~ s/>/&gt;/g;
			print join " ", $x, $p, lc $p, encode_base64($s, ""), encode_base64("a$s", ""),
				encode_base64("ab$s", ""), unpack("H*", $s), uc unpack("H*", $s),
				$every, uc $every, $twice
		'"'"'
	}
	refusal() { echo "<Response><Errors><Error><Code>$1</Code><Message>not $(quoted) as it was $(quoted)</Message></Error></Errors><RequestID>r</RequestID></Response>"; }
'

t 'what looks for the secret finds it in each encoding' "$words"'
	quoted | tr " " "\n" >each
	[ "$(wc -l <each)" -ge 10 ]
	while read -r form; do
		echo "before $form after" >hay
		fails 1 no_leaks hay
	done <<-END
	$(tail -n 10 each)
	END
	perl -e "print qq(x \$ENV{CANARY} y)" >hay; fails 1 no_leaks hay
	perl -MMIME::Base64 -e "print encode_base64(qq(#!/bin/sh\nexport A=\$ENV{CANARY}\n))" >hay; fails 1 no_leaks hay
	echo nothing >hay; no_leaks hay
'
for call in 'aws-call ec2 DescribeRegions' 'ami-find -o self x' 'asg-list' 'asg-rm -r us-east-1 x' \
	'aws-call ec2 RunInstances'; do
	[ -x "$bin/${call%% *}" ] || continue
	t "$call: secret key and session token, quoted by the service" "$words"'
		serve; aws_stub
		export AWS_SECRET_ACCESS_KEY="$CANARY" AWS_SESSION_TOKEN="$CANARY" SLUICE_TRACE="$PWD/trace"
		refusal AuthFailure | answer 401 "X-Stub: times=0 delay=0.05"
		rc=0; watched '"$call"' </dev/null >out 2>err || rc=$?
		[ $rc -eq 77 ] || { echo "status $rc"; cat err; exit 1; }
		[ -s err ]
		no_leaks out err trace argv
	'
done
t 'aws-sign | http-send: the token is in the request alone' "$words"'
	CANARY=$(echo "$CANARY" | tr -d " ")	# such a token aws-sign refuses
	serve; aws_stub
	export AWS_SECRET_ACCESS_KEY="$CANARY" AWS_SESSION_TOKEN="$CANARY" SLUICE_TRACE="$PWD/trace"
	(refusal x; quoted) | answer 403 "Set-Cookie: session=$(quoted | cut -d" " -f4)" "X-Stub: times=0"
	echo "{\"kind\":\"http-request\",\"method\":\"GET\",\"url\":\"$stub/x\"}" >in
	for presign in "" "-e 60"; do
		watched sh -c "{ aws-sign -s ec2 -r us-east-1 $presign <in || touch failed; } | http-send >out" 2>err
		[ ! -e failed ]
		[ "$(jq .status out)" = 403 ]
		jq -c "del(.content, .headers)" out >answer	# what the service says is what was asked for
		no_leaks answer err trace argv
	done
'
t 'keys from a profile file and from a credential process' "$words"'
	serve; aws_stub; unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	mkdir .aws
	printf "[default]\naws_access_key_id = AKIDX\naws_secret_access_key = %s\naws_session_token = %s\n" "$CANARY" "$CANARY" >.aws/credentials
	perl -e "my \$s = \$ENV{CANARY}; \$s =~ s/\\\"/\\\\\\\"/g; print qq({\"Version\":1,\"AccessKeyId\":\"AKIDY\",\"SecretAccessKey\":\"\$s\",\"SessionToken\":\"\$s\"}\n)" >keys.json
	jq -e .SecretAccessKey keys.json >/dev/null
	printf "[profile process]\ncredential_process = cat %s\n" "$PWD/keys.json" >.aws/config
	refusal AuthFailure | answer 401 "X-Stub: times=0"
	for profile in default process; do
		AWS_PROFILE=$profile SLUICE_TRACE="$PWD/trace" fails 77 watched aws-call ec2 DescribeRegions </dev/null
		no_leaks out err trace argv
	done
'
if [ -x "$bin/asg-roll" ]; then
t 'a deployment: the keys that go on the instance, in no file and no argument' "$words"'
	start_sandbox --speed 600
	export NAME=tmtt AMI_ENV=development AMI_REGION=us-west-2 AMI_AZ=us-west-2a AMI_INSTANCE_TYPE=t3.micro \
		AMI_USER=tmtt AMI_BUILD=21 AMI_ACCESS_KEY_ID=AKIDONTHEBOX AMI_SECRET_ACCESS_KEY="$CANARY"
	echo "{\"ami\": \"ami-3db92b0d\", \"build\": \"21\"}" >baseami.json
	boot-script <<-END >rendered
	$(asg-spec baseami.json)
	END
	fails 1 no_leaks rendered; rm rendered out err	# it does get there
	export SLUICE_TRACE="$PWD/trace"
	for target in plan deploy; do
		watched make -f "$top/pipelines/asg.mk" $target ROLLFLAGS="--interval 100ms" >out.$target 2>err.$target ||
			{ cat err.$target; exit 1; }
	done
	AMI_BUILD=22 watched make -f "$top/pipelines/asg.mk" deploy KEEP=1 ROLLFLAGS="--interval 100ms" >out.22 2>err.22
	fault "{\"action\":\"^RunInstances|^CreateAutoScalingGroup\",\"effect\":\"status\",\"status\":400,\"code\":\"ValidationError\",\"message\":\"no\"}"
	AMI_BUILD=23 watched make -f "$top/pipelines/asg.mk" deploy ROLLFLAGS="--interval 100ms" >out.23 2>err.23 || :
	find trace -type f | grep -q asg-roll
	find state -type f | grep -q deploy.json
	no_leaks .
'
fi
done_testing
