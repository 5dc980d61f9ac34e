#!/bin/sh
# SPDX-License-Identifier: ISC
# img-rm on the sandbox.
. "$(dirname "$0")/lib.sh"
. "$tests/aws-one.sh"; share_aws_cli

words='. "$tests/sandbox.sh"; . "$tests/img.sh"
	nowhere() { export DIGITALOCEAN_API_URL=http://127.0.0.1:1 DIGITALOCEAN_ACCESS_TOKEN=x DIGITALOCEAN_HTTP_RETRY_MAX=0; }
	only_do() { unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; }
	list() { img-list -c digitalocean; }
	rm_() { img-rm --interval 1ms "$@"; }
	use() { sandbox_do POST /v2/droplets "{\"name\":\"$1\",\"region\":\"nyc3\",\"size\":\"s-1vcpu-1gb\",\"image\":$2}" >code; }
	transfer() { sandbox_do POST "/v2/images/$1/actions" "{\"type\":\"transfer\",\"region\":\"$2\"}" >code; advance 70; }
'
c() { t "$1" "$words$2"; }
sb() { c "$1" "start_sandbox; only_do
$2"; }

# ---- the command line and the stream

c 'wrong options and operands are 64' '
	fails 64 img-rm --nope
	fails 64 img-rm -c nowhere
	fails 64 img-rm 1
	fails 64 img-rm -c digitalocean -f x 1
	fails 64 img-rm -r nyc3
	fails 64 img-rm -c digitalocean -r "" 1
	fails 64 img-rm -c digitalocean -r nyc3 ""
	fails 64 img-rm -c digitalocean -r nyc3 -f x 1
	fails 64 img-rm --force --skip-used
	fails 64 img-rm --max some
	img-rm -h | grep -q -- --skip-used
'
c 'no input removes nothing, and says so; records of others pass as they are' '
	nowhere
	fails 79 img-rm </dev/null; says "no images selected"
	img-rm --expect 0 </dev/null >out; [ ! -s out ]
	SLUICE_SEAL=1 fails 0 img-rm </dev/null; lines 1 out
	cat >in <<-END
	{"kind":"instance","n":0.10000,"e":1e2}
	{"kind":"strange", "x":[1, 2]}
	{"kind":"image","provider":"digitalocean","id":"1","error":{"status":75,"filter":"x","code":"network","message":"x"}}
	END
	sed "s/, /,/; s/1, 2/1,2/" in >want
	fails 75 img-rm --expect 0 <in; same want out
'
c 'broken JSON is 65, with its line, and stops what is right' '
	nowhere
	printf "%s\n" "{\"kind\":\"image\",\"provider\":\"digitalocean\",\"id\":\"1\"}" "{" >in
	fails 65 img-rm <in
	says "<stdin>:"
'
sb 'a record without id or provider, or of no cloud, stops everything' '
	image web-1; list >good
	for wrong in "{\"kind\":\"image\",\"id\":\"1\"}" "{\"kind\":\"image\",\"provider\":\"digitalocean\"}" \
		"{\"kind\":\"image\",\"provider\":\"digitalocean\",\"id\":\"\"}" \
		"{\"kind\":\"image\",\"provider\":\"moon\",\"id\":\"1\"}"; do
		{ cat good; echo "$wrong"; } >in
		fails 65 img-rm <in
		lines 2 out; head -n 1 out | jq -e ".error.code == \"not-attempted\" and .error.status == 65"
	done
	images | lines 1 /dev/stdin
'

# ---- removing

sb 'an image of a record is removed, and only that' '
	image web-1; image web-2; image web-3
	list | jq -c "select(.name == \"web-2\") + {mine: 1}" >in
	rm_ <in >out
	jq -c "select(.kind == \"event\")" out >event; jq -e ".event == \"deleted\" and .target == \"image\" and .name == \"web-2\"" event
	jq -c "select(.kind == \"image\")" out >got; jq -e ".state == \"gone\" and .mine == 1 and (has(\"error\") | not)" got
	images >got; printf "web-1 nyc3\nweb-3 nyc3\n" >want; same want got
	rm_ <in >out; lines 1 out; jq -e ".state == \"gone\"" out	# again: done
	images >got; same want got
'
sb 'ids with their cloud and region; two at most' '
	image web-1; one=$image; image web-2; two=$image; image web-3
	fails 79 rm_ -c digitalocean -r nyc3 --max 1 "$one" "$two"; lines 2 out
	jq -es "all(.error.code == \"not-attempted\" and .error.status == 79)" out
	fails 79 rm_ -c digitalocean -r nyc3 --expect 3 "$one" "$two"
	images | lines 3 /dev/stdin
	rm_ -c digitalocean -r nyc3 --max 2 "$one" "$two" >out
	images >got; echo "web-3 nyc3" >want; same want got
	rm_ -c digitalocean -r nyc3 "$one" 12345 >out; jq -es "length == 2 and all(.state == \"gone\")" out
'
sb 'a record without provider takes that of -c' '
	image web-1
	list | jq -c "del(.provider)" >in; fails 65 rm_ <in
	rm_ -c digitalocean <in >out; jq -es "last | .state == \"gone\" and .provider == \"digitalocean\"" out
	images >got; [ ! -s got ]
'
sb 'an image that has another name than the record is a conflict' '
	image web-1; list | jq -c ".name = \"db-1\"" >in
	fails 1 rm_ <in; says "it is '\''web-1'\'', the record says '\''db-1'\''"
	images | lines 1 /dev/stdin
	fails 1 rm_ -n <in; jq -es "first | .kind == \"plan\" and .action == \"conflict\"" out
'
sb 'what would be done, then that and nothing else' '
	image web-1; image web-2; list | head -n 1 >in
	forget; rm_ -n <in >plan
	jq -es "first | .kind == \"plan\" and .action == \"delete\" and .target == \"image\" and .name == \"web-1\"" plan
	jq -es "last | .planned and .state == \"gone\"" plan
	changes >got; [ ! -s got ]
	list >all; fails 79 rm_ --plan plan <all; images | lines 2 /dev/stdin
	fails 79 rm_ -n --max 0 <in
	fails 66 rm_ --plan none <in
	rm_ --plan plan <in; images >got; echo "web-2 nyc3" >want; same want got
	rm_ --plan plan <in; rm_ -n --max 0 <in
	rm_ <plan >got; jq -es "last | .planned" got	# a plan makes it dry
'
sb 'an image in use stays, its users are named; --skip-used, --force' '
	image web-1; one=$image; image web-2; use prod-7 "$one"; list >in
	forget; fails 79 rm_ <in; says "image .$one.: it is used by instance [0-9]* .prod-7.; --force removes it"
	jq -es "map(select(.name == \"web-1\")) | first | .error.code == \"in-use\" and .error.status == 79 and .used_by[0].name == \"prod-7\"" out
	jq -es "map(select(.name == \"web-2\")) | first | .error.code == \"not-attempted\"" out
	changes >got; [ ! -s got ]
	rm_ --skip-used -n <in >out
	jq -es "map(select(.kind == \"plan\" and .name == \"web-1\")) | first | .action == \"keep\" and (.because | test(\"prod-7\"))" out
	rm_ --skip-used <in >out; jq -es "map(select(.kind == \"image\" and .name == \"web-1\")) | first | .state == \"available\" and (has(\"error\") | not)" out
	images >got; echo "web-1 nyc3" >want; same want got
	rm_ --force <in >out; images >got; [ ! -s got ]
'
sb 'an autoscale pool uses the image that it makes droplets of; lists are read once for all images' '
	image web-1; image web-2; list >in
	change ".autoscale_pools = {p: {id: \"0d3d-1\", name: \"front\", droplet_template: {image: \"$image\", region: \"nyc3\"}}}"
	forget; fails 79 rm_ <in; says "image .$image.: it is used by autoscale-pool 0d3d-1 .front."
	[ "$(journal | jq -r .action | grep -c "list")" = 3 ]
'
c 'more images than EC2 lets go at once: all are gone in the end' '
	start_sandbox; img-list -c aws >in; behave "{\"throttle\":{\"DeregisterImage\":{\"burst\":1,\"rate\":50}}}"
	export AWS_MAX_ATTEMPTS=1; rm_ <in >out; jq -es "map(select(.kind == \"image\")) | length == 6 and all(.state == \"gone\")" out
	fault "{\"action\":\"DeregisterImage\",\"effect\":\"reset-before\"}"; fails 75 timeout 5 img-rm --interval 1ms <in
'
sb 'who uses it cannot be told: it stays' '
	image web-1; list >in; fault "{\"action\":\"^droplets_list$\",\"effect\":\"status\",\"status\":500}"
	fails 75 rm_ <in; says "cannot tell who uses it"; images | lines 1 /dev/stdin
'
sb 'an image of two regions under one id goes only when both are given' '
	image web-1; transfer "$image" ams3; list >in
	jq -e "(has(\"region\") | not) and .regions == [\"nyc3\", \"ams3\"]" in
	jq -c ".region = \"ams3\"" in >one
	fails 79 rm_ <one; says "it would go in .nyc3., too"; images | lines 1 /dev/stdin
	{ cat one; jq -c ".region = \"nyc3\"" one; } >both
	fails 79 rm_ --max 0 <both; rm_ --max 1 <both >out
	[ "$(jq -c "select(.kind == \"event\")" out | wc -l)" = 1 ]
	jq -c "select(.kind == \"image\").state" out | xargs >got; echo gone gone >want; same want got
	images >got; [ ! -s got ]
'
sb 'what the service refuses concerns its own record' '
	image web-1; image web-2; list >in
	fault "{\"action\":\"^images_delete$\",\"nth\":1,\"effect\":\"status\",\"status\":403,\"message\":\"no\"}"
	fails 77 rm_ <in; says "cannot remove image"
	jq -c "select(.kind == \"image\").state" out | sort | xargs >got; echo available gone >want; same want got
	images | lines 1 /dev/stdin
	no_faults; jq -c "select(.kind == \"image\")" out >in; fails 77 rm_ <in; images | lines 1 /dev/stdin
	rm_ --again <in; images >got; [ ! -s got ]
'
sb 'busy is tried again, throttling is waited for, garbage and nobody are told' '
	image web-1; list >in
	fault "[{\"action\":\"^images_delete$\",\"times\":2,\"effect\":\"status\",\"status\":422,\"message\":\"pending\"},
		{\"action\":\"^images_get$\",\"times\":1,\"effect\":\"status\",\"status\":429,\"retry_after\":0}]"
	rm_ <in >out; images >got; [ ! -s got ]
	no_faults; image web-2; list >in; fault "{\"action\":\"^images_delete$\",\"effect\":\"status\",\"status\":422,\"message\":\"pending\"}"
	fails 75 rm_ -T 0 <in; images | lines 1 /dev/stdin
	no_faults; fault "{\"action\":\"^images_get$\",\"effect\":\"garbage\"}"; fails 70 rm_ <in
	nowhere; fails 75 rm_ <in
	unset DIGITALOCEAN_ACCESS_TOKEN; fails 78 rm_ <in
'
sb 'killed after any request, it comes to its end the next time' '
	k=0
	while :; do
		k=$((k + 1)); no_faults; image "a-$k"; image "b-$k"; list >in; [ -s in ] || break
		fault "{\"nth\":$k,\"effect\":\"kill\"}"
		rc=0; rm_ <in >out || rc=$?
		[ $rc -eq 137 ] || break
		no_faults; rm_ <in >out; jq -es "map(select(.kind == \"image\")) | length == 2 and all(.state == \"gone\")" out
		images >got; [ ! -s got ]
	done
	[ $k -gt 4 ]
'
sb 'a full output is told, sealed input that is not whole changes nothing' '
	image web-1; list >in
	cat in | SLUICE_SEAL=1 fails 76 rm_ -f /dev/stdin; images | lines 1 /dev/stdin
	fails 74 sh -c "img-rm --interval 1ms <in >/dev/full"
'

# ---- EC2

c 'an image of EC2 goes with its snapshots, and what uses it is named' '
	start_sandbox
	img-list -c aws tmtt-base-22 tmtt-base-41 >in; lines 2 in
	rm_ <in >out
	sandbox_aws ec2 describe-images --owners self --query "Images[].Name" | jq -c sort >got
	echo "[\"tmtt-base-21\",\"tmtt-base-40\",\"tmtt-base-42\",\"tmtt-base-43\"]" >want; same want got
	sandbox_aws ec2 describe-snapshots --owner-ids self --query "Snapshots[].SnapshotId" >snapshots
	jq -r "select(.kind == \"image\").snapshots[]" out >were; lines 2 were; fails 1 grep -qFf were snapshots
	img-list -c aws tmtt-base-21 >in; id=$(jq -r .id in)
	sandbox_aws ec2 create-launch-template --launch-template-name web --launch-template-data "{\"ImageId\":\"$id\"}" >made
	sandbox_aws ec2 run-instances --image-id "$id" --instance-type m5.large >made
	fails 79 rm_ <in; says "is used by.*instance i-.*launch-template lt-[0-9a-f]* .web."
	rm_ --force <in >out; jq -es "last | .state == \"gone\"" out
	fails 78 env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY img-rm -c aws -r us-west-2 "$id"
	jq -c "del(.region)" in >bad; fails 65 rm_ <bad; says "needs its .region."
'
c 'a record of another account, or of another type, removes nothing and is not called gone' '
	start_sandbox; img-list -c aws tmtt-base-22 >in
	jq -c ".account = \"210987654321\"" in >bad; fails 79 rm_ <bad; says "it is of account 123456789012, the record says 210987654321"
	export AWS_ACCESS_KEY_ID=AKIDOTHER AWS_SECRET_ACCESS_KEY=other-secret-key
	jq -c ".id = \"ami-0feedfeedfeed0001\"" in >bad; fails 79 rm_ <bad; says "of account 123456789012, the credentials are of 210987654321"
	jq -e "has(\"error\") and .state == \"available\"" out
	export AWS_ACCESS_KEY_ID=AKIDSANDBOX AWS_SECRET_ACCESS_KEY=sandbox-secret-key
	for wrong in ".name = 7" ".account = 7" ".snapshots = 7"; do jq -c "$wrong" in >bad; fails 65 rm_ <bad; done
	changes >got; [ ! -s got ]
'
c 'images of others, which EC2 and DigitalOcean show to everybody, are refused before anything is done' '
	start_sandbox; theirs=$(ami-find -o amazon "al2023-ami-2023*" | jq -r .id); one=$(img-list -c aws tmtt-base-22 | jq -r .id); forget
	fails 79 rm_ -c aws "$one" "$theirs"; says "it is of account 137112412989, the credentials are of 123456789012"
	ami-find -o amazon "al2023-ami-2023*" >in; fails 79 rm_ -n <in
	sandbox_do GET "/v2/images/debian-12-x64" >code; fails 79 rm_ -c digitalocean "$(jq .image.id got)"; says "it is a public one"
	changes >got; [ ! -s got ]
	fault "{\"service\":\"sts\",\"effect\":\"status\",\"status\":403,\"code\":\"AccessDenied\"}"; rm_ -c aws "$one" >out
	jq -es "last | .state == \"gone\"" out
'
c 'only snapshots of the image go, whatever the record says' '
	start_sandbox; img-list -c aws tmtt-base-22 >in
	backup=$(img-list -c aws tmtt-base-41 | jq -r ".snapshots[0]")
	sandbox_aws ec2 deregister-image --image-id "$(img-list -c aws tmtt-base-41 | jq -r .id)" >made
	jq -c ".snapshots += [\"$backup\"]" in | rm_ >out; jq -es "last | .state == \"gone\"" out
	sandbox_aws ec2 describe-snapshots --owner-ids self --query "Snapshots[].SnapshotId" | jq -r ".[]" >left
	grep -qx "$backup" left; no grep -qx "$(jq -r ".snapshots[0]" in)" left
'
c 'snapshots that an image left are planned, counted and told; those of others never' '
	start_sandbox; img-list -c aws tmtt-base-22 tmtt-base-41 >in
	for id in ami-3db92b22 ami-3db92b42; do echo "{\"ImageId\":\"$id\"}" | aws-call ec2 DeregisterImage >gone; done; forget
	fails 79 rm_ --max 1 <in; rm_ -n <in >plan
	jq -c "select(.kind == \"plan\") | [.action, .target, .id]" plan | xargs >got
	echo "[keep,image,ami-3db92b22] [delete,snapshot,snap-3db92b22] [delete,image,ami-3db92b41]" >want; same want got
	rm_ --plan plan <in | jq -c "select(.kind == \"event\") | [.target, .id]" | xargs >got
	echo "[snapshot,snap-3db92b22] [image,ami-3db92b41]" >want; same want got
	rm_ -n --max 0 <in >plan
	jq -c ".snapshots = [\"snap-0b5e\", \"snap-3db92b0d\"]" in >more; rm_ --max 0 <more >out	# they are others
	journal | jq -r "select(.action == \"DeleteSnapshot\" and .changed).params.SnapshotId" >got; echo snap-3db92b22 >want; same want got
	fault "{\"action\":\"DescribeSnapshots\",\"effect\":\"status\",\"status\":403,\"code\":\"UnauthorizedOperation\"}"
	fails 77 rm_ <in; says "it is gone, and what it left cannot be told"
'
c 'an image that was disabled is there: it is planned, and goes' '
	start_sandbox; seed "{\"images\":[{\"id\":\"ami-0d\",\"name\":\"off\",\"state\":\"disabled\",\"owner\":\"123456789012\"}]}"
	img-list -c aws off >in; jq -e ".state == \"disabled\"" in; img-old -q --older-than 1h <in >out; lines 0 out
	rm_ -n <in | jq -es "first | .action == \"delete\" and .target == \"image\""
	rm_ <in >out; [ "$(changes)" = "ec2 DeregisterImage" ]
'
c 'ids of EC2 are in the region of the environment, or that of -r; what is in use is planned to stay' '
	start_sandbox; id=$(img-list -c aws tmtt-base-22 | jq -r .id)
	rm_ -n -c aws "$id" >out; jq -es "all(.region == \"us-west-2\")" out
	sandbox_aws ec2 run-instances --image-id "$id" --instance-type m5.large >made
	fails 79 rm_ -n -c aws "$id"; jq -es ".[0].action == \"keep\" and (.[0].because | test(\"used by instance\")) and .[1].error.status == 79" out
	rm_ --force -c aws "$id" "$id" >out; jq -es "map(select(.kind == \"image\")) | length == 2 and all(.state == \"gone\" and .region == \"us-west-2\")" out
	[ "$(changes | grep -c DeregisterImage)" = 1 ]
'
c 'killed after any request at EC2, no snapshot stays behind' '
	start_sandbox; k=0
	snapshots() { echo "{}" | cloud-verb aws list snapshots | jq -r ".listed[].id" | sort; }
	snapshots >want
	while :; do
		k=$((k + 1)); no_faults
		seed "{\"images\":[{\"id\":\"ami-0e$k\",\"name\":\"kill-$k\",\"owner\":\"123456789012\"}]}"
		snapshots >more; lines $(($(wc -l <want) + 1)) more
		img-list -c aws "kill-$k" >in; lines 1 in
		fault "{\"nth\":$k,\"effect\":\"kill\"}"
		rc=0; rm_ --force <in >out || rc=$?
		[ $rc -eq 137 ] || break
		no_faults; img-list -c aws "kill-$k" >left; [ -s left ] || { snapshots >got; same want got; }	# nobody would find them
		rm_ --force <in >out; snapshots >got; same want got
	done
	[ $k -gt 3 ]; no_faults; snapshots >got; same want got
'
c 'the examples of the page' '
	start_sandbox; sandbox_aws ec2 run-instances --image-id ami-3db92b0d --instance-type m5.large >made
	seed "{\"images\":[{\"id\":\"ami-01\",\"name\":\"tmtt-base-20\",\"created\":\"2026-08-01T00:00:00Z\",\"owner\":\"123456789012\"},
		{\"id\":\"ami-0a\",\"name\":\"test-1\",\"owner\":\"123456789012\"},
		{\"id\":\"ami-0b\",\"name\":\"test-2\",\"owner\":\"123456789012\",\"tags\":{\"keep\":\"\"}},
		{\"id\":\"ami-0c\",\"name\":\"nightly\",\"owner\":\"123456789012\",\"tags\":{\"sluice:run\":\"nightly-812\"}}]}"
	example img-rm 1 >script; sh -e script >got 2>err || { cat err; exit 1; }
	img-list | jq -r .name | grep tmtt | xargs >got	# 20 went, 21 is used
	echo "tmtt-base-21 tmtt-base-22 tmtt-base-40 tmtt-base-41 tmtt-base-42 tmtt-base-43" >want; same want got
	example img-rm 2 >script; sh -e script >got; jq -es "last | .name == \"nightly\" and .state == \"gone\"" got
	example img-rm 3 >script; sh -e script >got; jq -es "map(select(.kind == \"image\").name) == [\"test-1\"]" got
'
done_testing
