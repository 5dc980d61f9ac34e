#!/bin/sh
# SPDX-License-Identifier: ISC
# img-copy on the sandbox.
. "$(dirname "$0")/lib.sh"

words='. "$tests/sandbox.sh"; . "$tests/img.sh"
	nowhere() { export DIGITALOCEAN_API_URL=http://127.0.0.1:1 DIGITALOCEAN_ACCESS_TOKEN=x DIGITALOCEAN_HTTP_RETRY_MAX=0; }
	only_do() { unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; }
	list() { img-list -c digitalocean; }
	copy() { img-copy --interval 1ms "$@"; }
	quick() { behave "{\"digitalocean\":{\"snapshot\":20}}"; }
	only() { jq -c "select(.kind == \"$1\")"; }
'
c() { t "$1" "$words$2"; }
sb() { c "$1" "start_sandbox; only_do
$2"; }

# ---- the command line and the stream

c 'wrong options and operands are 64' '
	fails 64 img-copy
	fails 64 img-copy -t ""
	fails 64 img-copy -t x y
	fails 64 img-copy -t x --nope
	fails 64 img-copy -t x --share ""
	fails 64 img-copy -t x --kms-key x
	fails 64 img-copy -t x --kms-key =k
	fails 64 img-copy -t x --kms-key x=
	fails 64 img-copy -t x --kms-key y=k
	fails 64 img-copy -t x --kms-key x=k --kms-key x=l
	fails 64 img-copy -t x -T soon
	img-copy -h | grep -q -- --kms-key
'
c 'no input, no records; records of others pass as they are' '
	nowhere
	img-copy -t ams3 </dev/null >out; [ ! -s out ]
	cat >in <<-END
	{"kind":"bake","n":0.10000,"e":1e2,"image":{"kind":"image"}}
	{"kind":"strange", "x":[1, 2]}
	{"kind":"image","provider":"digitalocean","id":"1","error":{"status":75,"filter":"x","code":"network","message":"x"}}
	END
	sed "s/, /,/; s/1, 2/1,2/" in >want
	fails 75 img-copy -t ams3 <in; same want out
'
sb 'broken JSON and records that cannot be meant are 65, nothing is copied' '
	image web-1; list >good; forget
	for wrong in "{" "{\"kind\":\"image\",\"id\":\"1\"}" "{\"kind\":\"image\",\"provider\":\"digitalocean\"}" \
		"{\"kind\":\"image\",\"provider\":\"moon\",\"id\":\"1\"}" \
		"{\"kind\":\"image\",\"provider\":\"digitalocean\",\"id\":\"1\",\"share_with\":7}"; do
		{ cat good; echo "$wrong"; } >in
		fails 65 copy -t ams3 <in
		head -n 1 out | jq -e ".error.code == \"not-attempted\" and .error.status == 65"
	done
	changes >got; [ ! -s got ]
'

# ---- copying

sb 'the source first, then one record a region, in their order' '
	image web-1 "{tags: {os: \"linux\"}, distribution: \"debian-12\"}"; image web-2; list | jq -c ". + {mine: 1}" >in; quick
	copy -t sgp1 -t ams3 -t nyc3 -t sgp1 <in >out
	only image <out | jq -r "\"\(.name) \(.region) \(.state)\"" >got
	cat >want <<-END
	web-1 nyc3 available
	web-1 sgp1 available
	web-1 ams3 available
	web-2 nyc3 available
	web-2 sgp1 available
	web-2 ams3 available
	END
	same want got
	only image <out >images; sed -n 1p images >got; sed -n 1p in >want; same want got
	sed -n 3p images | jq -e ".source == {region: \"nyc3\", id: .id} and .run == \"r1\" and .distribution == \"debian-12\" and
		.tags.os == \"linux\" and (has(\"mine\") | not)"
	images >got; printf "%s\n" "web-1 nyc3 sgp1 ams3" "web-2 nyc3 sgp1 ams3" >want; same want got
	only event <out | jq -r "\"\(.event) \(.target) \(.region)\"" | sort | uniq -c | xargs >got
	echo "2 created image ams3 2 created image sgp1" >want; same want got
'
sb 'all are started before any is waited for' '
	image web-1; image web-2; list >in; forget
	copy -t sgp1 -t ams3 <in >out
	journal | jq -r .action | grep -n imageActions_post | tail -n 1 | cut -d: -f1 >last
	journal | jq -r .action | grep -n actions_get | head -n 1 | cut -d: -f1 >first
	[ "$(cat last)" -lt "$(cat first)" ]
'
sb 'again: what was copied is found, and its own output gives itself' '
	image web-1; list >in; quick
	copy -t ams3 -t sgp1 <in | only image >out
	forget; copy -t ams3 -t sgp1 <in >again; changes >got; [ ! -s got ]; same out again
	copy -t ams3 -t sgp1 <out >again; changes >got; [ ! -s got ]; same out again
	copy -t ams3 <out >again; same out again
	copy -t sgp1 -t lon1 <out | only image >again; lines 4 again
	jq -r .region again | xargs >got; echo nyc3 lon1 ams3 sgp1 >want; same want got
	cat in in >twice; copy -t ams3 <twice >again; lines 3 again
	jq -c .region again | xargs >got; echo nyc3 ams3 nyc3 >want; same want got
	[ "$(changes | grep -c imageActions_post)" = 1 ]
'
sb 'a copy that is still under way is waited for, not begun again' '
	image web-1; list >in; fails 75 copy -t ams3 -T 0 <in
	says "cannot copy image .*to .ams3..*web-1. ([0-9]*): not in time"
	only image <out >first; lines 2 first; tail -n 1 first | jq -e ".state == \"pending\" and .region == \"ams3\" and
		.error.status == 75 and .error.filter == \"img-copy\" and .id and .source.region == \"nyc3\""
	forget; speed 100
	fails 75 copy -t ams3 <first; same first out			# left to --again
	copy -t ams3 --again <first >out; lines 2 out; tail -n 1 out | jq -e ".state == \"available\" and (has(\"error\") | not)"
	copy -t ams3 <in >out; lines 2 out
	changes >got; [ ! -s got ]
'
sb 'one of three regions fails: the others are written, 69' '
	image web-1; list >in; quick; behave "{\"digitalocean\":{\"errored\":{\"web-1\":\"transfer:ams3\"}}}"
	fails 69 copy -t sgp1 -t ams3 -t lon1 <in
	says "cannot copy image .*to .ams3.: image .web-1. ([0-9]*) is failed"
	only image <out | jq -c "[.region, .state, .error.status]" >got
	cat >want <<-END
	["nyc3","available",null]
	["sgp1","available",null]
	["ams3","failed",69]
	["lon1","available",null]
	END
	same want got
	behave "{\"digitalocean\":{\"errored\":null}}"; only image <out >in
	copy --again -t sgp1 -t ams3 -t lon1 <in | only image | jq -s -e "length == 4 and all(.state == \"available\" and (has(\"error\") | not))"
'
sb 'one that is refused at the beginning does not hide the others' '
	image web-1; list >in; quick
	fault "{\"action\":\"^imageActions_post$\",\"params\":\"ams3\",\"effect\":\"status\",\"status\":422,\"message\":\"no such thing\"}"
	fails 69 copy -t sgp1 -t ams3 <in; says "no such thing"
	only image <out | jq -c "[.region, .error.status]" | xargs >got; echo "[nyc3,null] [sgp1,null] [ams3,69]" >want; same want got
'
sb 'a source that is gone stops all of it' '
	image web-1; list >in; forget; jq -c ".id = \"123\"" in >>in
	fails 69 copy -t ams3 <in; says "it is not there"; lines 2 out; changes >got; [ ! -s got ]
	jq -es "first | .error.code == \"not-attempted\"" out
'
sb 'what would be done, then that and nothing else' '
	image web-1; image web-2; list | head -n 1 >in; list >both; quick; forget
	copy -n -t ams3 -t sgp1 <in >plan
	changes >got; [ ! -s got ]
	jq -c "[.kind, .action, .region, .planned, .id]" plan >got
	cat >want <<-END
	["plan","create","ams3",null,null]
	["plan","create","sgp1",null,null]
	["image",null,"nyc3",true,"$(jq -r .id in)"]
	["image",null,"ams3",true,null]
	["image",null,"sgp1",true,null]
	END
	same want got
	fails 79 copy -n --max 1 -t ams3 -t sgp1 <in; fails 79 copy --expect 1 -t ams3 -t sgp1 <in
	fails 79 copy --plan plan -t ams3 <both; changes >got; [ ! -s got ]
	copy --plan plan -t ams3 -t sgp1 <in >out
	copy -n --max 0 -t ams3 -t sgp1 <in >out; jq -es "map(select(.kind == \"plan\").action) == [\"keep\", \"keep\"]" out
	copy -t lon1 <plan >out; jq -es "last | .planned" out; [ "$(changes | grep -c imageActions_post)" = 2 ]
'
sb 'what else is done to the image ends before the transfer begins' '
	image web-1; list >in; quick; fault "{\"action\":\"^imageActions_post$\",\"times\":2,\"effect\":\"status\",\"status\":422,\"message\":\"Image already has a pending event.\"}"
	copy -t ams3 -t sgp1 <in >out; images >got; grep -q "ams3 sgp1\|sgp1 ams3" got
'
sb 'no keys and no accounts at DigitalOcean' '
	image web-1; list >in; forget
	fails 69 copy -t ams3 --share 123 <in; says "digitalocean cannot do that"; changes >got; [ ! -s got ]
	fails 69 copy -t ams3 --kms-key ams3=k <in; says "DigitalOcean encrypts no image"
	fails 69 copy -t ams3 --encrypt <in; says "DigitalOcean encrypts no image"; changes >got; [ ! -s got ]
'

# ---- trouble

sb 'killed after any request, or its answer lost: one transfer a region, all there in the end' '
	quick
	for effect in kill reset-after reset-before; do
		k=0
		while :; do
			k=$((k + 1)); no_faults; image "w-$k-$effect"; list | tail -n 1 >in
			forget; fault "{\"nth\":$k,\"effect\":\"$effect\"}"
			rc=0; copy -t ams3 -t sgp1 <in >out 2>err || rc=$?
			no_faults; n=$(requests)
			copy -t ams3 -t sgp1 <in >out; lines 3 out || only image <out | lines 3 /dev/stdin
			[ "$(changes | grep -c imageActions_post)" -eq 2 ]
			[ "$n" -ge "$k" ] || break
		done
		[ $k -gt 6 ]
	done
'
for signal in INT TERM; do
	[ $signal = INT ] && status=130 || status=143
	sb "told to stop by SIG$signal, it names what is under way; the next one goes on" '
	image web-1; list >in; speed 0.001; signal='$signal' status='"$status"'
	perl -e "\$SIG{INT} = q(DEFAULT); exec @ARGV" img-copy -t ams3 -t sgp1 <in >out 2>err & pid=$!
	until_so grep -q "copies to be available" err
	kill -$signal $pid; rc=0; wait $pid || rc=$?; [ $rc -eq $status ]
	only image <out >records; lines 3 records
	grep -q "to .ams3..*web-1. ([0-9]*)" err; grep -q "to .sgp1..*web-1. ([0-9]*)" err
	jq -es "[.[].error.status] == [null, $status, $status]" records
	speed 1000; copy --again -t ams3 -t sgp1 <records >out; lines 3 out
	[ "$(changes | grep -c imageActions_post)" = 2 ]
'
done
sb 'nobody there, garbage, no credentials, no room' '
	image web-1; list >in; quick
	fault "{\"action\":\"^images_get$\",\"effect\":\"garbage\"}"; fails 70 copy -t ams3 <in; no_faults
	fault "{\"action\":\"^images_get$\",\"times\":1,\"effect\":\"status\",\"status\":429,\"retry_after\":0}"; copy -t ams3 <in
	no_faults; fault "{\"effect\":\"status\",\"status\":401}"; fails 77 copy -t sgp1 <in; no_faults
	fails 74 sh -c "img-copy -t ams3 <in >/dev/full"
	cat in | SLUICE_SEAL=1 fails 76 copy -t sgp1
	nowhere; fails 75 copy -t ams3 <in
	unset DIGITALOCEAN_ACCESS_TOKEN; fails 78 copy -t ams3 <in
'

# ---- EC2

words2='
	start_sandbox; wish() { img-list -c aws tmtt-base-21; }
	in_region() { region=$1; shift; AWS_REGION=$region AWS_DEFAULT_REGION=$region sandbox_aws "$@"; }
	copies() { for region in eu-west-1 us-east-1; do in_region $region ec2 describe-images --owners self --query "Images[].Name" | jq -c .; done; }
'
ec() { c "$1" "$words2$2"; }

ec 'copies of EC2 have name, tags, snapshot tags, and their source' '
	wish | jq -c ".tags.os = \"linux\" | .tags.Name = \"Base of ours\" | .distribution = \"debian-12\" | .run = \"r9\"" >in
	copy -t eu-west-1 -t us-east-1 <in >out
	only image <out >images; lines 3 images; sed -n 1p images >got; same in got
	sed -n 2p images | jq -e ".region == \"eu-west-1\" and .state == \"available\" and .name == \"tmtt-base-21\" and
		.source == {region: \"us-west-2\", id: \"ami-3db92b0d\"} and .id != \"ami-3db92b0d\" and
		.tags.os == \"linux\" and .tags.build == \"21\" and .tags.Name == \"Base of ours\" and .distribution == \"debian-12\" and .run == \"r9\""
	in_region eu-west-1 ec2 describe-snapshots --owner-ids self --query "Snapshots[].Tags[?Key==\`os\`].Value | [][]" | jq -c . >got
	echo "[\"linux\"]" >want; same want got
	forget; copy -t eu-west-1 -t us-east-1 <in >out; same images out
	copy -t eu-west-1 -t us-east-1 <images >out; same images out
	sed -n 2p images | copy -t us-east-1 >out; sed -n 2,3p images >want; same want out	# a copy, its sibling is there
	changes >got; [ ! -s got ]
'
ec 'encrypted, by a key a region' '
	wish >in; key=arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555
	copy -n --encrypt --kms-key "eu-west-1=$key" -t eu-west-1 -t us-east-1 <in >plan
	jq -es "map(select(.kind == \"plan\").after) | .[0].kms_key == \"$key\" and .[0].encrypted and .[1].encrypted and (.[1] | has(\"kms_key\") | not)" plan
	copy --encrypt --kms-key "eu-west-1=$key" -t eu-west-1 -t us-east-1 --plan plan <in | only image >out
	jq -c .encrypted out | xargs >got; echo "false true true" >want; same want got
	in_region eu-west-1 ec2 describe-snapshots --owner-ids self --query "Snapshots[].KmsKeyId" | grep -q "$key"
'
ec 'one region refuses, another fails: the third is written, 69' '
	wish >in; behave "{\"copy_image\":{\"eu-west-1\":{\"failed\":\"no luck\"}}}"
	fault "{\"action\":\"^CopyImage$\",\"region\":\"us-east-1\",\"effect\":\"status\",\"status\":400,\"code\":\"ResourceLimitExceeded\",\"message\":\"too many\"}"
	fails 69 copy -t eu-west-1 -t us-east-1 -t ap-southeast-2 <in
	only image <out | jq -c "[.region, .error.status]" | xargs >got
	echo "[us-west-2,null] [eu-west-1,69] [us-east-1,69] [ap-southeast-2,null]" >want; same want got
	says "too many"; says "no luck"; only image <out | sed -n 2p | jq -e ".state == \"failed\" and .id"
'
ec 'a region that cannot be looked at carries the error, the others are written' '
	wish >in; fails 65 copy -t eu-west-1 -t eu-wset-9 <in; says "is in .eu-wset-9.: there is no such region"; changes >got; [ ! -s got ]
	fails 77 copy -n -t eu-west-1 -t me-south-1 <in; says "in .me-south-1.: the region is not switched on for this account"
	jq -c "[.kind, .action, .region, .error.status]" out | xargs >got
	echo "[plan,create,eu-west-1,null] [image,null,us-west-2,null] [image,null,eu-west-1,null] [image,null,me-south-1,77]" >want; same want got
	fault "{\"region\":\"us-east-1\",\"effect\":\"garbage\"}"
	fails 70 copy -t eu-west-1 -t us-east-1 -t ap-southeast-2 <in; says "whether image .ami-3db92b0d. is in .us-east-1."
	only image <out | jq -c "[.region, .state, .error.status]" | xargs >got
	echo "[us-west-2,available,null] [eu-west-1,available,null] [us-east-1,null,70] [ap-southeast-2,available,null]" >want; same want got
	no_faults; copy --again -t eu-west-1 -t us-east-1 -t ap-southeast-2 <out >again
	[ "$(changes | sort | uniq -c | xargs)" = "3 ec2 CopyImage" ]; only image <again | jq -es "all(.state == \"available\")"
'
ec 'members of another type are 65' '
	wish >in
	for wrong in "{name: 7}" "{tags: []}" "{tags: {a: 1}}" "{run: 5}" "{description: []}"; do
		jq -c ". + $wrong" in >wrong; fails 65 copy -t eu-west-1 <wrong; says "is no \(text\|object of texts\)$"
	done
	jq -c ".tags = {a: null, b: \"\"} | .name = null" in >empty; copy -t eu-west-1 <empty | only image | sed -n 2p |
		jq -e ".tags.a == \"\" and .tags.b == \"\" and .name == \"tmtt-base-21\""
'
ec 'a copy that is there but not encrypted is a conflict where it is to be' '
	wish >in; copy -t eu-west-1 <in >out; forget
	fails 1 copy --encrypt -t us-east-1 -t eu-west-1 <in; says "eu-west-1. has a copy that is not encrypted"
	changes >got; [ ! -s got ]
	copy --encrypt -t us-east-1 <in >out; copy --encrypt -t us-east-1 <in >again; only image <out >want; same want again
'
ec 'a copy copied on: what it was made of is there, also where it came from' '
	wish >in; copy -t eu-west-1 <in | only image >both; sed -n 2p both >copy; forget
	copy -t us-west-2 -t us-east-1 <copy | only image >out; lines 3 out
	sed -n 2p out >got; same in got; [ "$(changes)" = "ec2 CopyImage" ]
'
ec 'a failed copy says how to go on; then it is made again' '
	wish >in; behave "{\"copy_image\":{\"eu-west-1\":{\"failed\":\"no luck\"}}}"
	fails 69 copy -t eu-west-1 <in; id=$(only image <out | jq -r "select(.region == \"eu-west-1\").id")
	behave "{\"copy_image\":null}"; fails 69 copy -t eu-west-1 <in; says "no luck; remove it with img-rm to copy it again"
	img-rm -c aws -r eu-west-1 "$id" >gone; copy -t eu-west-1 <in | only image | jq -es "all(.state == \"available\") and length == 2"
'
ec 'at a signal the copies that are under way are named, within the time' '
	wish >in; behave "{\"copy_image\":{\"us-east-1\":{\"stuck\":true}}}"; fault "{\"action\":\"^CopyImage$\",\"region\":\"eu-west-1\",\"effect\":\"stall\"}"
	img-copy --interval 1ms -t us-east-1 -t eu-west-1 <in >out 2>err & pid=$!
	for i in $(seq 3000); do grep -q us-east-1 out && break; sleep 0.02; done	# its event
	kill -TERM $pid; rc=0; wait $pid || rc=$?; [ $rc = 143 ]
	id=$(only event <out | jq -r .id); says "to .us-east-1.: .tmtt-base-21. ($id): .*interrupted by SIGTERM"
	only image <out | jq -c "[.region, .state, .error.status]" | xargs >got
	echo "[us-west-2,available,null] [us-east-1,pending,143] [eu-west-1,null,143]" >want; same want got
'
ec 'a name that another image has there is a conflict, nothing is begun' '
	wish >in; seed "{\"images\":[{\"id\":\"ami-0e\",\"name\":\"tmtt-base-21\",\"region\":\"us-east-1\",\"owner\":\"123456789012\"}]}"; forget
	fails 1 copy -t eu-west-1 -t us-east-1 <in; says "has another image .tmtt-base-21.: ami-0e"
	changes >got; [ ! -s got ]
'
ec 'shared with the accounts of the option and of the record, twice is as once' '
	wish | jq -c ".share_with = [\"111122223333\"]" >in
	copy -t eu-west-1 --share 444455556666 --share 111122223333 <in | only image >out; lines 2 out
	jq -ce .share_with out | sort -u >got; echo "[\"111122223333\",\"444455556666\"]" >want; same want got
	for place in us-west-2 eu-west-1; do
		id=$(jq -r "select(.region == \"$place\").id" out); snapshot=$(jq -r "select(.region == \"$place\").snapshots[0]" out)
		in_region $place ec2 describe-image-attribute --image-id "$id" --attribute launchPermission | jq -c "[.LaunchPermissions[].UserId] | sort" >got
		same want got
		in_region $place ec2 describe-snapshot-attribute --snapshot-id "$snapshot" --attribute createVolumePermission | jq -c "[.CreateVolumePermissions[].UserId] | sort" >got
		same want got
	done
	copy -t eu-west-1 --share 444455556666 <in | only image >again; same out again
	fault "{\"action\":\"^ModifySnapshotAttribute$\",\"region\":\"eu-west-1\",\"effect\":\"status\",\"status\":400,\"code\":\"OperationNotPermitted\",\"message\":\"no\"}"
	fails 69 copy -t eu-west-1 --share 777788889999 <in; says "cannot share image .ami-.* of .eu-west-1.: the snapshot .snap-"
	only image <out | jq -c .error.status | xargs >got; echo "null 69" >want; same want got
	fails 65 copy -t eu-west-1 --share nobody <in
'
ec 'copies under way in a region that nobody can reach any more are given up long before the limit' '
	wish >in; export AWS_MAX_ATTEMPTS=1; behave "{\"copy_image\":{\"*\":{\"stuck\":true}}}"
	fault "{\"action\":\"^DescribeImages$\",\"region\":\"eu-west-1\",\"from\":4,\"effect\":\"reset-before\"}"
	fails 75 timeout 20 img-copy --interval 1ms -T 2s -t eu-west-1 -t us-east-1 <in
	id=$(only event <out | jq -r "select(.region == \"eu-west-1\").id")
	says "to .eu-west-1.: .tmtt-base-21. ($id): nobody .* 20 times.*reset"; says "to .us-east-1.: .*not in time"
	only image <out | jq -c "[.region, .state, .error.code]" | xargs >got
	echo "[us-west-2,available,null] [eu-west-1,pending,network] [us-east-1,pending,deadline]" >want; same want got
'
ec 'a cloud without a driver is the fault of its own record only, one that there is not of all' '
	wish >in; echo "{\"kind\":\"image\",\"provider\":\"gce\",\"id\":\"x\"}" >>in
	fails 69 copy -n -t eu-west-1 <in; fails 69 copy -t eu-west-1 <in; says "image .x.: gce is a cloud that sluice cannot work with yet"
	only image <out | jq -c "[.provider, .state, .error.code]" | xargs >got; echo "[aws,available,null] [aws,available,null] [gce,null,no-driver]" >want; same want got
	only image <out | jq -c "del(.error)" >again; forget; fails 69 img-rm --interval 1ms <again; says "gce is a cloud"
	[ "$(changes | grep -c DeregisterImage)" = 2 ]
'
ec 'a disabled image is no source, and keeps its name; a deprecated one of others can be copied' '
	seed "{\"images\":[{\"id\":\"ami-0d\",\"name\":\"off\",\"state\":\"disabled\",\"owner\":\"123456789012\"},
		{\"id\":\"ami-0e\",\"name\":\"tmtt-base-21\",\"region\":\"us-east-1\",\"state\":\"disabled\",\"owner\":\"123456789012\"},
		{\"id\":\"ami-0f\",\"name\":\"theirs\",\"owner\":\"210987654321\",\"public\":true,\"deprecated\":\"2026-01-01T00:00:00Z\"}]}"
	img-list -c aws off >in; fails 69 copy -t us-east-1 <in; says "it is disabled"
	wish >in; fails 1 copy -t us-east-1 <in; says "has another image .tmtt-base-21.: ami-0e"
	echo "{\"kind\":\"image\",\"provider\":\"aws\",\"region\":\"us-west-2\",\"id\":\"ami-0f\"}" >in
	copy -t us-east-1 <in | only image | jq -es "last | .state == \"available\" and .name == \"theirs\""
'
ec 'an image that is still being made is waited for' '
	img-list -c aws tmtt-base-43 >in; jq -e ".state == \"pending\"" in
	fails 75 copy -T 0 -t eu-west-1 <in; says "not in time"
'
ec 'killed after any request, or its answer lost: one copy a region' '
	behave "{\"phases\":{\"copy\":20}}"
	for effect in kill reset-after reset-before; do
		k=0
		while :; do
			k=$((k + 1)); no_faults
			seed "{\"images\":[{\"id\":\"ami-0$k$effect\",\"name\":\"$effect-$k\",\"owner\":\"123456789012\"}]}"
			img-list -c aws "$effect-$k" >in; lines 1 in
			forget; fault "{\"nth\":$k,\"effect\":\"$effect\"}"
			rc=0; copy -t eu-west-1 -t us-east-1 <in >out 2>err || rc=$?
			no_faults; n=$(requests)
			copy -t eu-west-1 -t us-east-1 <in | only image >out; lines 3 out
			jq -es "all(.state == \"available\")" out
			[ "$n" -ge "$k" ] || break
		done
		[ $k -gt 6 ]
	done
	for region in eu-west-1 us-east-1; do
		img-list -c aws -r $region >got; jq -r .name got | sort >names; sort -u names >want; same want names
		in_region $region ec2 describe-snapshots --owner-ids self --query "Snapshots[].SnapshotId" | jq length >count
		[ "$(cat count)" = "$(wc -l <got)" ]
	done
'
sb 'recorded, it replays without network, credentials or clock' '
	image web-1; { echo "{\"kind\":\"bake\",\"n\":1.50}"; list; } >in; quick
	SLUICE_TRACE=trace copy -t ams3 -t sgp1 <in >out; grep -qF "{\"kind\":\"bake\",\"n\":1.50}" out
	nowhere; unset DIGITALOCEAN_ACCESS_TOKEN
	SLUICE_REPLAY=trace copy -t ams3 -t sgp1 <in >again; same out again
'
c 'the examples of the page' '
	start_sandbox; image web-22
	seed "{\"images\":[{\"id\":\"ami-0a\",\"name\":\"web-1\",\"owner\":\"123456789012\"}]}"
	behave "{\"digitalocean\":{\"snapshot\":5},\"phases\":{\"copy\":5}}"
	example img-copy 1 >script; sh -e script | only image | jq -r .region | xargs >got
	echo "us-west-2 eu-west-1 ap-southeast-2" >want; same want got
	example img-copy 2 >script; sh -e script >got; grep -q "create.*ams3" got
	example img-copy 3 >script; sh -e script | jq -e "keys == [\"ams3\", \"nyc3\"]"
'
done_testing
