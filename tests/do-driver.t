#!/bin/sh
# SPDX-License-Identifier: ISC
# DigitalOcean's driver behind cloud.h, as the filters of all clouds use it: one verb at a time, by
# tests/unit/cloud-try.c, on the sandbox.
. "$(dirname "$0")/lib.sh"

words='. "$tests/sandbox.sh"; start_sandbox
	blob=AAAAC3NzaC1lZDI1NTE5AAAAIL2YYWymuY9W/GVJSRs1Nf5yCNZTB+bFmlyEbQZ/cihk
	try() { cloud-try "$@" >out; }			# try VERB KIND [ROUNDS] <<<ITEM
	machine() { # machine NAME: a droplet that is off; its id is in $id
		want "$1" | do-droplets ensure --no-key --interval 1ms --lag 0 | jq -r "select(.kind == \"instance\").id" >id
		id=$(cat id)
		echo "{\"id\":\"$id\"}" | try power instances; advance 10
	}
	want() { jq -cn --arg name "$1" "{kind: \"instance\", name: \$name, region: \"nyc3\",
		size: \"s-1vcpu-1gb\", image: \"debian-12-x64\"} + ${2:-{\}}"; }
	wish() { jq -cn --arg id "$id" "{id: \$id, wanted: ({kind: \"image\", name: \"base-1\", run: \"r1\",
		region: \"nyc3\", distribution: \"debian-12.1\", tags: {os: \"linux\"}} + ${1:-{\}})}"; }
	snapshot() { wish "$@" | try image images; advance 70; wish "{id: null}" | jq -c "del(.id)" | try state images; }
'
sb() { t "$1" "$words$2"; }

# ---- what is temporary

sb 'a temporary machine says its run and its end by tags, and is listed by them' '
	want web "{run: \"r1\", expires: \"2026-11-20T12:00:00Z\"}" | jq -c "{wanted: ., certain: true}" |
		try create instances
	jq -e ".made and .record.run == \"r1\" and .record.expires == \"2026-11-20T12:00:00Z\" and .record.tags == {}" out
	want other "{run: \"r2\"}" | jq -c "{wanted: .}" | try create instances
	echo "{\"run\":\"r1\"}" | try list instances; lines 1 out; jq -e ".name == \"web\"" out
	echo "{\"temporary\":true}" | try list instances; lines 1 out
	echo "{\"name\":\"other\"}" | try list instances; lines 1 out
	echo "{\"run\":\"r3\"}" | try list instances; lines 0 out
	echo "{\"region\":\"ams3\"}" | try list instances; lines 0 out
'
sb 'another attempt is another machine; the same one is found again' '
	want web "{run: \"r1\"}" | jq -c "{wanted: .}" >item
	try create instances <item; jq -e .made out; id=$(jq -r .id out)
	try create instances <item; jq -e "(.made | not) and .id == \"$id\"" out
	jq -c ".attempt = 1" item | try create instances; jq -e ".made and .id != \"$id\"" out
'
sb 'a temporary key carries both in its name, and keeps the name that it was given' '
	jq -cn "{wanted: {kind: \"ssh-key\", name: \"bake 1\", run: \"r1\", expires: \"2026-11-20T12:00:00Z\",
		public_key: \"ssh-ed25519 $blob\"}}" >item
	try create keys <item
	jq -e ".made and .record.name == \"bake 1\" and .record.run == \"r1\" and
		.record.expires == \"2026-11-20T12:00:00Z\"" out
	state_is "[.state.digitalocean.accounts[].keys // {} | .[].name] ==
		[\"bake 1 sluice:run:r1 sluice:expires:1795176000\"]"
	try create keys <item; jq -e "(.made | not) and .record.run == \"r1\"" out
	try state keys <item; jq -e .ready out; id=$(jq -r .id out)
	echo "{\"temporary\":true,\"name\":\"bake 1\"}" | try list keys; lines 1 out
	echo "{\"run\":\"r2\"}" | try list keys; lines 0 out
	echo "{\"id\":\"$id\"}" | try remove keys; jq -e ".error | not" out
	echo "{\"id\":\"$id\"}" | try remove keys; jq -e ".error | not" out
	try state keys <item; jq -e "(has(\"record\") or has(\"error\")) | not" out
'
sb 'a key whose making was answered by nothing is there' '
	jq -cn "{wanted: {kind: \"ssh-key\", name: \"k\", public_key: \"ssh-ed25519 $blob\"}}" >item
	fault "{\"action\":\"^sshKeys_create$\",\"effect\":\"reset-after\",\"nth\":1}"
	try create keys <item; jq -e ".record.name == \"k\" and (has(\"error\") | not)" out
'
sb 'security groups there are none' '
	echo "{}" | try list groups; lines 0 out
	echo "{\"wanted\":{\"name\":\"x\"}}" | try create groups; jq -e ".error.code == \"no-such-kind\" and .error.status == 64" out
	echo "{\"temporary\":true}" | try list volumes; lines 0 out
'

# ---- an image

sb 'an image is made, tagged, and found again by its name and run' '
	machine base
	wish | try image images
	jq -e ".made and .record.state == \"pending\" and (.record | has(\"id\") | not)" out
	wish | try image images
	jq -e "(.made | not) and .record.state == \"pending\"" out
	advance 70
	wish | try image images 1; tail -n 1 out >last
	jq -e ".record | .state == \"available\" and .run == \"r1\" and .distribution == \"debian-12.1\" and
		.tags == {os: \"linux\", distribution: \"debian-12-1\"} and .region == \"nyc3\"" last
	state_is "[.state.digitalocean.accounts[].images // {} | .[].tags | sort] ==
		[[\"distribution:debian-12-1\", \"os:linux\", \"sluice:run:r1\"]]"
	changed=$(changes | grep -c dropletActions_post); [ "$changed" -eq 2 ]	# off, snapshot
	wish | jq -c "del(.id)" | try state images; jq -e ".record.state == \"available\"" out
	wish "{name: \"nobody\"}" | jq -c "del(.id)" | try state images; jq -e "has(\"record\") | not" out
	echo "{\"own\":true}" | try list images; lines 1 out
	jq -e ".run == \"r1\" and .distribution == \"debian-12-1\" and .region == \"nyc3\"" out
	wish "{run: \"r2\"}" | jq -c ".id = \"1\"" | try image images
	jq -e ".error.code == \"name-taken\" and .error.status == 69" out
'
sb 'the machine is gone, the image is still ours' '
	machine base; wish | try image images 1; advance 70; wish | try image images 1
	echo "{\"id\":\"$id\"}" | try remove instances
	wish | try image images; jq -e ".record.state == \"available\" and (.made | not)" out
'
sb 'an answer that is lost after the snapshot began: no second one' '
	machine base
	fault "{\"action\":\"^dropletActions_post$\",\"effect\":\"reset-after\",\"nth\":1}"
	wish | try image images; jq -e ".error.status == 75 and .unclear" out
	no_faults
	wish | try image images; jq -e ".record.state == \"pending\" and (.made | not)" out
	advance 70; wish | try image images; wish | try image images
	jq -e ".record.state == \"available\"" out
	state_is "[.state.digitalocean.accounts[].images // {} | .[]] | length == 1"
'
sb 'a snapshot that fails is failed' '
	machine base; behave "{\"digitalocean\":{\"errored\":{\"base\":\"snapshot\"}, \"snapshot\": 0}}"
	wish | try image images 1; tail -n 1 out | jq -e ".record.state == \"failed\" and .record.reason"
'
sb 'tags that cannot be put on fail the image, by name' '
	machine base; fault "{\"action\":\"^tags_assign_resources$\",\"effect\":\"status\",\"status\":403}"
	wish | try image images; advance 70; wish | try image images
	jq -e ".error.message | test(\"cannot tag image [0-9]+ with\")" out
	no_faults; wish | try image images 1; tail -n 1 out | jq -e ".record.run == \"r1\" and (has(\"error\") | not)"
'
sb 'a machine that is busy is told: again' '
	machine base; behave "{\"digitalocean\":{\"action\":1000}}"
 echo "{\"id\":\"$id\",\"on\":true}" | try power instances
	wish | try image images; jq -e ".error.status == 75" out
'

# ---- copies, users, removal

sb 'a copy is the image in one more region, under the same id' '
	machine base; wish | try image images; advance 70; wish | try image images
	image=$(jq -r .id out)
	jq -cn "{region: \"ams3\", wanted: {kind: \"image\", name: \"base-1\", source: {region: \"nyc3\", id: \"$image\"}}}" >item
	try copy images 1 <item; lines 2 out; head -n 1 out | jq -e ".made and .record.state == \"pending\""
	tail -n 1 out | jq -e ".record.state == \"pending\" and .id == \"$image\""
	try copy images <item; jq -e "(.made | not) and .record.state == \"pending\"" out
	advance 70; try copy images 1 <item
	tail -n 1 out | jq -e ".record | .state == \"available\" and .region == \"ams3\" and .id == \"$image\" and
		.source.region == \"nyc3\" and .run == \"r1\" and .regions == [\"nyc3\", \"ams3\"]"
	[ "$(changes | grep -c imageActions_post)" -eq 1 ]
	jq -c ".region = \"sgp1\" | .wanted.kms_key = \"k\"" item | try copy images
	jq -e ".error.code == \"no-kms\"" out
	jq -c ".wanted.source.id = \"1\"" item | try copy images; jq -e ".error.status == 69" out
	jq -cn "{region: \"sgp1\", id: \"$image\"}" | try state images; jq -e "has(\"record\") | not" out
	try users images <<-END
	{"id":"$image"}
	END
	jq -e ".record.used_by == []" out
	want of "{image: \"$image\"}" | jq -c "{wanted: .}" | try create instances
	echo "{\"id\":\"$image\"}" | try users images
	jq -e ".record.used_by[0] | .kind == \"instance\" and .name == \"of\"" out
	echo "{\"id\":\"$image\"}" | try remove images; jq -e "has(\"error\") | not" out
	echo "{\"id\":\"$image\"}" | try remove images; jq -e "has(\"error\") | not" out
	echo "{\"id\":\"$image\"}" | try state images; jq -e "has(\"record\") | not" out
'

# ---- what an image is made of

sb 'a source is a slug, an id, a name, a family' '
	machine base; wish | try image images; advance 70; wish | try image images
	image=$(jq -r .id out)
	found() { jq -cn "{wanted: $1, region: \"nyc3\"}" | try find images; jq -r ".record.slug // .id // .error.code" out; }
	[ "$(found "{source_image: \"debian-12-x64\"}")" = debian-12-x64 ]
	[ "$(found "{source_image: \"$image\"}")" = "$image" ]
	[ "$(found "{source_image: \"base-1\"}")" = "$image" ]
	[ "$(found "{source_image: \"base-*\"}")" = "$image" ]
	[ "$(found "{source: {name: \"b*\"}}")" = "$image" ]
	[ "$(found "{source: {family: \"debian-12\"}}")" = debian-12-x64 ]
	found "{source: {family: \"debian\"}}" | grep "^debian-"
	[ "$(found "{source_image: \"nothing\"}")" = no-match ]
	[ "$(found "{source: {name: \"b*\", architecture: \"arm64\"}}")" = no-match ]
	[ "$(found "{}")" = no-source ]
	jq -cn "{wanted: {source_image: \"$image\"}, region: \"ams3\"}" | try find images
	jq -e ".error.status == 1 and (.error.message | test(\"ams3\"))" out
'
done_testing
