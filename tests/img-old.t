#!/bin/sh
# SPDX-License-Identifier: ISC
# img-old(1): the images that may go.
. "$(dirname "$0")/lib.sh"

words='
	# image ID CREATED [MEMBER=VALUE...]
	image() {
		id=$1 created=$2; shift 2
		jq -nc --arg id "$id" --arg created "$created" --args "{kind:\"image\",provider:\"aws\",account:\"1\",region:\"us-east-1\",\$id,name:\"web-1\",state:\"available\",\$created,distribution:\"centos7\"} + (\$ARGS.positional | map(split(\"=\") | {(.[0]):(.[1] | if . == \"null\" then null else . end)}) | add // {})" "$@"
	}
	days() { for day; do image "i$day" "2026-11-${day}T00:00:00Z"; done; }
	# goes WANTED-IDS OPTION...: with the input in
	goes() { ids=$1; shift; img-old -q "$@" <in >out; jq -r "[.id] | add" out | tr "\n" " " >got; [ "$(cat got)" = "$ids${ids:+ }" ] || { echo "want $ids, got"; cat got; return 1; }; }
'
y() { t "$1" "$words$2"; }

y 'all but the newest, in the order in which they came; unknown members and number text stay' '
	days 03 01 05 02 04 >in
	goes "i03 i01 i02" --keep 2; goes "i01" --keep 4; goes "" --keep 5; goes "" --keep 99
	printf "%s\n" "{\"kind\":\"image\",\"id\":\"a\",\"name\":\"x-1\",\"created\":\"2026-01-01T00:00:00Z\",\"size\":0.10000,\"n\":1e2, \"z\":[]}" "{\"kind\":\"image\",\"id\":\"b\",\"name\":\"x-2\",\"created\":\"2026-01-02T00:00:00.5+01:00\"}" | img-old --keep 1 >out 2>err
	echo "{\"kind\":\"image\",\"id\":\"a\",\"name\":\"x-1\",\"created\":\"2026-01-01T00:00:00Z\",\"size\":0.10000,\"n\":1e2,\"z\":[]}" >want; same want out
	says "^img-old: 1 of 2 images may go$"
	{ image a 2026-11-01; image b 2026-11-02; image c 2026-11-01T23:59:59Z; } >in; goes "a c" --keep 1
'
y 'each provider, account, region, architecture and distribution is for itself' '
	for change in provider=gce account=2 region=eu-west-1 architecture=arm64 distribution=debian; do
		{ days 01; image other 2026-11-02T00:00:00Z $change; } >in; goes "" --keep 1
		{ days 01; image other 2026-11-02T00:00:00Z $change; image new 2026-11-03T00:00:00Z $change; } >in; goes other --keep 1
	done
'
y 'images of one distribution and several names are several series, unless the name is only a date, or none' '
	try() { { image a 2026-11-01T00:00:00Z distribution=Debian "name=$2"; image b 2026-11-02T00:00:00Z distribution=Debian "name=$3"; } >in; goes "$1" --keep 1 || { echo "$2 $3"; return 1; }; }
	try "" web-20261101 db-20261102
	try "" web-a1b2c3 web-d4e5f6
	try a web-20261101 web-20261102T0930
	try a debian12-20261120153000 debian12-20261121153000
	try a 20261101 20261102
	try a 2026-11-01T09:30:00Z 7
	try a "" null
	try "" "" web
'
y 'without a distribution it is the name without its final date or number' '
	try() { { image a 2026-11-01T00:00:00Z distribution=null "name=$2"; image b 2026-11-02T00:00:00Z distribution= "name=$3"; } >in; goes "$1" --keep 1 || { echo "$2 $3"; return 1; }; }
	try a web-20261101 web-20261102
	try a web-2026-11-01T0930 web-2026-11-02T10:00:59Z
	try a jenkins_slave_centos7-201601011200 jenkins_slave_centos7-201511021405
	try a web_20261101.2 web-2026.11.02
	try a web-21 web-22
	try a "web 1700000000" "web 1700000001"
	try a web web
	try a web web-3
	try a web-v9 web-v10
	try a "web 2026-11-01T09:30:00+01:00" "web 2026-11-02T09:30:00+01:00"
	try "" web-20261101 db-20261102
	try "" centos-6-20261101 centos-7-20261102
	try "" centos6-20261101 centos7-20261102
	try "" centos6 centos7
	try "" 20261101 20261102
	try "" 6 7
	try "" web-1.2.1 web-1.3.1
	try "" web-a1b2c3 web-d4e5f6
'
y 'age, and both' '
	now=$(date +%s); at() { date -u -d "@$((now - $1))" +%Y-%m-%dT%H:%M:%SZ; }
	{ image a "$(at 40)"; image b "$(at 7300)"; image c "$(at 180000)"; image d "$(at 3000000)"; image e "$(at -500)"; } >in
	goes "b c d" --older-than 1h; goes "c d" --older-than 2d; goes d --older-than 30d; goes "a b c d" --older-than 20s
	goes "d" --older-than 1d --keep 4; goes "c d" --older-than 1d --keep 2; goes "b c d" --keep 1 --older-than 1m
'
y 'what is in doubt stays: no date, a strange one, not finished, gone, no name' '
	{ days 09 08; image none null; image null 2026; image future 2099-01-01T00:00:00Z; image x 2026-11-01T00:00:00Z state=pending; image y 2026-11-01T00:00:00Z state=gone; image z 2026-11-01T00:00:00Z name=null distribution=null; } | jq -c "if .id == \"none\" then .created = null else . end" >in
	img-old --keep 1 <in >out 2>err; jq -r .id out >got; echo i08 >want; same want got
	says "1 of 8 images may go"; says "their date is not known: 3$"; says "not finished: 2$"; says "neither distribution nor name: 1$"
'
y 'a failed image is none of the newest N, and goes when it is older than they are' '
	{ days 05 03 01; image f4 2026-11-04T00:00:00Z state=failed; image f2 2026-11-02T00:00:00Z state=failed; image f6 2026-11-06T00:00:00Z state=failed; } >in
	goes "i01 f2" --keep 2; goes "i03 i01 f4 f2" --keep 1; goes "" --keep 3
	image only 2026-11-04T00:00:00Z state=failed >in; goes "" --keep 1
'
y 'an image that is there twice counts once; of one time the first ones stay' '
	{ days 05 05 04 03 03; } >in; goes "i03 i03" --keep 2
	{ image a 2026-11-01T00:00:00Z; image b 2026-11-01T00:00:00Z; image c 2026-11-01T00:00:00Z; } >in; goes "c" --keep 2
'
y 'other kinds and failed records pass, and their status is the status' '
	{ days 01 02; echo "{\"kind\":\"snapshot\",\"x\":1.50}"; echo "{\"kind\":\"target\",\"provider\":\"aws\",\"region\":\"r\",\"error\":{\"status\":75}}"; echo "{\"kind\":\"image\",\"id\":\"e\",\"created\":\"2020-01-01T00:00:00Z\",\"error\":{\"status\":69}}"; } >in
	fails 75 img-old --keep 1 <in; lines 4 out; sed -n 2p out >line; echo "{\"kind\":\"snapshot\",\"x\":1.50}" >want; same want line
	says "1 of 2 images"
	echo "{\"kind\":\"image\",\"name\":\"web\",\"created\":\"2020-01-01T00:00:00Z\"}" | fails 65 img-old --keep 1; says "cannot judge image .web.: it has no id$"; grep -q "\"error\":{\"status\":65,\"filter\":\"img-old\"" out
	{ echo "{\"kind\":\"plan\",\"action\":\"create\"}"; echo "{\"kind\":\"image\",\"id\":null,\"planned\":true}"; } | img-old -q --keep 1 >got; lines 1 got
'
y 'wrong types do not matter where they cannot' '
	echo "{\"kind\":\"image\",\"id\":\"a\",\"created\":5,\"region\":[],\"state\":1,\"name\":{}}" | img-old --keep 1 >out; lines 0 out
	echo "{\"kind\":\"image\",\"id\":5,\"created\":\"2020-01-01T00:00:00Z\"}" | fails 65 img-old --keep 1
'
y 'nothing in, nothing out; broken JSON is 65 with its line' '
	img-old --keep 1 </dev/null >out; lines 0 out
	{ days 01; echo nope; days 02; } | fails 65 img-old --keep 1; says "<stdin>:2:"; lines 1 out
	echo "[]" | fails 65 img-old --keep 1
'
y 'sealed' '
	export SLUICE_SEAL=1
	{ days 01 02; echo "{\"kind\":\"end\"}"; } | img-old -q --keep 1 >out; lines 2 out; sed -n 2p out >line
	echo "{\"kind\":\"end\",\"filter\":\"img-old\",\"records\":1,\"failed\":0}" >want; same want line
	days 01 02 | fails 76 img-old --keep 1; lines 1 out
'
y 'usage, full disk, closed pipe, files' '
	fails 64 img-old; says "are needed"; fails 64 img-old --keep 0; fails 64 img-old --keep x; fails 64 img-old --older-than 0d
	fails 64 img-old --older-than 30; says "takes a time with its unit, such as 30d"
	fails 64 img-old --older-than 3w; fails 64 img-old --nope; fails 64 img-old --keep 1 ""; fails 66 img-old --keep 1 nowhere
	days 01 02 >one; days 03 >two; img-old -q --keep 1 one two >out; lines 2 out; img-old -q --keep 1 -f one two >out; lines 2 out
	rc=0; img-old --keep 1 one >/dev/full 2>err || rc=$?; [ $rc -eq 74 ]
	jq -nc "range(0;20000)|{kind:\"image\",id:\"\(.)\",distribution:\"x\",created:\"2026-01-01T00:00:00Z\"}" >many
	(rc=0; img-old -q --keep 1 many || rc=$?; echo $rc >rc) | head -n 1 >out; echo 141 >want; same want rc
'
y 'a recording replays at its own time' '
	{ image a "$(date -u -d "3 seconds ago" +%Y-%m-%dT%H:%M:%SZ)"; } >in
	SLUICE_TRACE=trace img-old -q --older-than 1h <in >out; lines 0 out
	sed "s/\(\"clock\",\"value\":\)\([0-9]*\)/\19999999999999/" trace/img-old-* >changed; file=$(echo trace/img-old-*); no cmp -s changed "$file"; cp changed "$file"
	SLUICE_REPLAY=trace img-old -q --older-than 1h <in >out; lines 1 out
'
y 'the examples of the manual' '
	for day in 01 02 03 04; do image "ami-$day" "2026-11-${day}T00:00:00Z" "name=web-202611$day"; done >images.json
	example img-old 1 >script; sh -e script >got
	printf "%s\n" "REGION     CREATED               NAME" "us-east-1  2026-11-01T00:00:00Z  web-20261101" >want; same want got
	example img-old 2 >script; sh -e script >got 2>err
	example img-old 3 >script; sh -e script >got 2>err; echo ami-01 >want; same want got
'
done_testing
