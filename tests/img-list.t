#!/bin/sh
# SPDX-License-Identifier: ISC
# img-list on the sandbox.
. "$(dirname "$0")/lib.sh"

words='. "$tests/sandbox.sh"; . "$tests/img.sh"
	nowhere() { export DIGITALOCEAN_API_URL=http://127.0.0.1:1 DIGITALOCEAN_ACCESS_TOKEN=x DIGITALOCEAN_HTTP_RETRY_MAX=0; }
	only_do() { unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; }
'
c() { t "$1" "$words$2"; }
sb() { c "$1" "start_sandbox; only_do
$2"; }

c 'wrong options and operands are 64' '
	fails 64 img-list --nope
	fails 64 img-list -c nowhere
	fails 64 img-list -r ""
	fails 64 img-list -r x --all-regions
	fails 64 img-list -t ""
	fails 64 img-list -t =x
	fails 64 img-list --run ""
	fails 64 img-list ""
	fails 64 img-list x -
	img-list -h | grep -q -- --run
'
sb 'no images, no records' '
	img-list -c digitalocean >out; [ ! -s out ]
'
sb 'ones own images with name, date, region, tags and run; never the public ones' '
	image web-1 "{tags: {os: \"linux\"}}"; image web-2 "{run: \"r2\", distribution: \"debian-12\"}"; image db-1
	img-list -c digitalocean >out; lines 3 out
	jq -r .name out | xargs >got; echo "web-1 web-2 db-1" >want; same want got
	jq -es "all(.kind == \"image\" and .provider == \"digitalocean\" and .region == \"nyc3\" and
		.state == \"available\" and (.id | type) == \"string\" and .created)" out
	img-list "web-*" | jq -r .name | xargs >got; echo "web-1 web-2" >want; same want got
	img-list web-1 "d?-1" | jq -r .name | xargs >got; echo "web-1 db-1" >want; same want got
	img-list --run r2 | jq -r .distribution >got; echo debian-12 >want; same want got
	img-list -t os | jq -r .name >got; echo web-1 >want; same want got
	img-list -t os=linux | jq -r .name >got; same want got
	img-list -t os=mac >got; [ ! -s got ]
	img-list -t os -t none >got; [ ! -s got ]
	img-list -r nyc3 -c digitalocean | lines 3 /dev/stdin
	img-list -r ams3 -c digitalocean >got; [ ! -s got ]
'
sb 'with - what was there before is copied' '
	image web-1
	cat >in <<-END
	{"kind":"instance","n":0.10000,"e":1e2}
	{"kind":"strange","x":[1,2]}
	END
	img-list -c digitalocean - <in >out; lines 3 out; head -n 2 out >got; same in got
	echo "{" >in; fails 65 img-list -c digitalocean - <in; says "<stdin>:"; lines 1 out
'
sb 'clouds without credentials are left out, and a cloud that was named is not' '
	img-list 2>err >out; [ ! -s out ]; grep -q "aws is left out" err
	fails 78 img-list -c aws; jq -e ".kind == \"target\" and .provider == \"aws\" and .error.status == 78" out
	unset DIGITALOCEAN_ACCESS_TOKEN
	fails 78 img-list; lines 2 out
'
sb 'automatic backups are no images of a release, and go by themselves' '
	image web-1; image web-2; change ".images[\"$image\"].type = \"backup\""
	img-list -c digitalocean | jq -r .name >got; echo web-1 >want; same want got
'
sb 'what could not be read is a target' '
	fails 78 img-list -c aws -c digitalocean
	fault "{\"action\":\"^images_list$\",\"effect\":\"status\",\"status\":403}"
	fails 77 img-list -c digitalocean
	jq -e ".kind == \"target\" and .provider == \"digitalocean\" and .error.message" out
	no_faults; fault "{\"action\":\"^images_list$\",\"effect\":\"garbage\"}"
	fails 70 img-list -c digitalocean
	no_faults; fault "{\"action\":\"^images_list$\",\"effect\":\"status\",\"status\":429,\"retry_after\":0,\"times\":1}"
	img-list -c digitalocean
	nowhere; fails 75 img-list -c digitalocean
'
c 'several clouds and regions at once, always in the same order' '
	start_sandbox; image web-1
	seed "{\"images\":[{\"id\":\"ami-0e\",\"name\":\"web-1\",\"region\":\"eu-west-1\",\"owner\":\"123456789012\",\"tags\":{\"os\":\"linux\",\"distribution\":\"debian-12\"}}]}"
	img-list --all-regions >out
	jq -r "\"\(.provider) \(.region) \(.name)\"" out >got
	cat >want <<-END
	aws eu-west-1 web-1
	aws us-west-2 tmtt-base-21
	aws us-west-2 tmtt-base-22
	aws us-west-2 tmtt-base-40
	aws us-west-2 tmtt-base-41
	aws us-west-2 tmtt-base-42
	aws us-west-2 tmtt-base-43
	digitalocean nyc3 web-1
	END
	same want got
	img-list --all-regions >again; same out again
	img-list "web-*" | jq -r .provider >got; echo digitalocean >want; same want got	# us-west-2
	img-list -r eu-west-1 -r nyc3 | jq -r .name | xargs >got; echo web-1 web-1 >want; same want got
	img-list -c ec2 -r eu-west-1 -t distribution | jq -r .distribution >got; echo debian-12 >want; same want got
	fails 65 img-list -r eu-west-1 -r mars; says "none of the clouds has the region .mars."; lines 2 out
	fault "{\"action\":\"^DescribeImages$\",\"region\":\"eu-west-1\",\"effect\":\"status\",\"status\":403,\"code\":\"UnauthorizedOperation\"}"
	fails 77 img-list --all-regions
	jq -c "select(.kind == \"target\") | [.provider, .region]" out >got
	echo "[\"aws\",\"eu-west-1\"]" >want; same want got; lines 8 out
'
sb 'a closed or full output is told' '
	image web-1
	fails 74 sh -c "img-list -c digitalocean >/dev/full"
	SLUICE_SEAL=1 img-list -c digitalocean | tail -n 1 | jq -e ".kind == \"end\" and .records == 1"
'
c 'the examples of the page' '
	start_sandbox; image web-1
	for number in 1 2 3; do example img-list $number >script; sh -e script >got; [ -s got ]; done
	grep -q "^\"ami\|^\"[0-9]" got
'
done_testing
