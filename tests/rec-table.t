#!/bin/sh
# SPDX-License-Identifier: ISC
# rec-table(1): what a person sees.
. "$(dirname "$0")/lib.sh"

t 'groups: name, build, AMI, healthy of all, since' '
	cat >in <<-\END
	{"kind":"asg","region":"us-west-2","name":"tmtt-build-21-production","image":"ami-1","tags":{"build":"21"},"created":"2026-11-20T12:00:00Z","instances":[]}
	{"kind":"asg","region":"us-west-2","name":"tmtt-build-22-production","image":"ami-2","tags":{"build":"22"},"created":"2026-11-20T13:00:00Z","instances":[{"id":"i-1","state":"InService","health":"Healthy"},{"id":"i-2","state":"Pending","health":"Healthy"},{"id":"i-3","state":"InService","health":"Unhealthy"}]}
	END
	rec-table in >got
	cat >want <<-\END
	GROUP                     BUILD  AMI    HEALTHY  SINCE
	tmtt-build-21-production  21     ami-1  0/0      2026-11-20T12:00:00Z
	tmtt-build-22-production  22     ami-2  1/3      2026-11-20T13:00:00Z
	END
	same want got
	sed "1s/us-west-2/eu-west-1/" in | rec-table >got
	head -1 got | grep -q "SINCE                 REGION$"
	sed "s/}$/,\"status\":\"active\"}/; 1s/active/off/" in | rec-table >got
	head -1 got | grep -q "SINCE                 STATUS$"
'
t 'servers: what has no value anywhere is no column, what has none here is a dash' '
	cat >in <<-\END
	{"kind":"instance","name":"web1","status":"active","provider":"aws","region":"us-west-2","size":"t3.micro","public_network_interfaces":{"ipv4":"192.0.2.1"},"id":"i-1"}
	{"kind":"instance","name":"web2","status":"off","provider":"aws","region":"us-west-2","size":"t3.micro","public_network_interfaces":{},"id":"i-2","names":["a.example.com","b.example.com"]}
	END
	rec-table <in >got
	cat >want <<-\END
	NAME  STATUS  REGION     SIZE      ADDRESS    ID   DNS
	web1  active  us-west-2  t3.micro  192.0.2.1  i-1  -
	web2  off     us-west-2  t3.micro  -          i-2  a.example.com,b.example.com
	END
	same want got
'
t 'a kind that it does not know: scalar members, in their order' '
	echo "{\"kind\":\"odd\",\"b\":1,\"a\":\"x\",\"o\":{},\"l\":[]}{\"kind\":\"odd\",\"c\":true,\"n\":null,\"f\":0.1,\"e\":1e2}" | rec-table >got
	printf "%s\n" "B  A  C     F    E" "1  x  -     -    -" "-  -  true  0.1  100" >want
	same want got
'
t 'several kinds: a table each, in the order of their first record' '
	echo "{\"kind\":\"b\",\"x\":1}{\"kind\":\"a\",\"y\":2}{\"kind\":\"b\",\"x\":3}" >in
	rec-table in >got
	printf "%s\n" b: X 1 3 "" a: Y 2 >want; same want got
	rec-table -m in >got
	printf "%s\n" "### b" "" "| X |" "|---|" "| 1 |" "| 3 |" "" "### a" "" "| Y |" "|---|" "| 2 |" >want; same want got
'
t 'columns of your own: paths through objects and arrays, titles' '
	echo "{\"kind\":\"x\",\"name\":\"n\",\"tags\":{\"team\":\"web\",\"a.b\":\"dots\"},\"list\":[{\"id\":1},{\"id\":2,\"s\":[3,4]}]}" >in
	rec-table -c "name,TEAM=tags.team,tags.a.b,list.id,list.1.id,list.s,tags,none" in >got
	cat >want <<-\END
	NAME  TEAM  TAGS.A.B  LIST.ID  LIST.1.ID  LIST.S  TAGS                          NONE
	n     web   dots      1,2      2          3,4     {"team":"web","a.b":"dots"}  -
	END
	sed "s/  *\$//; s/   */  /g" got >squeezed; sed "s/   */  /g" want >wanted; same wanted squeezed
'
t 'wrong columns are a usage error' '
	fails 64 rec-table -c a,,b; says usage:; fails 64 rec-table -c ""; fails 64 rec-table -c "=a"; fails 64 rec-table -c "T="
'
t 'a failed record shows its error and gives its status' '
	echo "{\"kind\":\"image\",\"id\":\"ami-1\"}{\"kind\":\"image\",\"id\":\"ami-2\",\"error\":{\"status\":75,\"message\":\"throttled\"}}" >in
	fails 75 rec-table in
	printf "%s\n" "ID     ERROR" "ami-1  -" "ami-2  throttled (75)" >want; same want out
	fails 75 rec-table -c id in; same want out
	echo "{\"kind\":\"image\",\"id\":\"ami-2\",\"error\":{}}" >in; fails 70 rec-table in
'
t 'a region that could not be read shows as well' '
	echo "{\"kind\":\"target\",\"region\":\"eu-west-1\",\"error\":{\"status\":77,\"message\":\"denied\"}}" >in
	fails 77 rec-table in
	printf "%s\n" "REGION     ERROR" "eu-west-1  denied (77)" >want; same want out
'
t 'a plan: what would be done' '
	echo "{\"kind\":\"plan\",\"action\":\"change\",\"target\":\"instance\",\"name\":\"web\",\"before\":{\"size\":\"s\"},\"after\":{\"size\":\"m\"}}{\"kind\":\"instance\",\"name\":\"web\",\"planned\":true,\"id\":null}" | rec-table >got
	printf "%s\n" plan: "ACTION  TARGET    NAME  BEFORE        AFTER" "change  instance  web   {\"size\":\"s\"}  {\"size\":\"m\"}" "" \
		instance: "NAME  PLANNED" "web   true" >want
	same want got
'
t 'nothing of a record is obeyed by a terminal' '
	printf "%s\n" "{\"kind\":\"x\",\"name\":\"a\\u001b[31mb\\u0007\\r\\n\\tc\\u0085\\u202ed\\u200b\\u007f\\u0000e\"}" "{\"kind\":\"\\u001b[2J\",\"n\":1}" >in
	rec-table in >got
	printf "%s\n" "a\\x1b[31mb\\x07\\r\\n\\tc\\x85\\u202ed\\u200b\\x7f\\x00e" >want
	sed -n 3p got >line; same want line
	LC_ALL=C; no grep -q "[^ -~]" got
'
t 'Markdown: no cell breaks out of its column, or becomes mark-up' '
	printf "%s\n" "{\"kind\":\"x\",\"v\":\"a|b\\nc <script> & *x* _y_ \`z\` [l](u) \\\\ ~s~\"}" | rec-table -m >got
	sed -n 3p got >line
	printf "%s\n" "| a\\|b\\\\nc &lt;script> &amp; \\*x\\* \\_y\\_ \\\`z\\\` \\[l\\](u) \\\\ \\~s\\~ |" >want
	same want line
'
t 'widths count what a terminal shows' '
	printf "%s\n" "{\"kind\":\"x\",\"a\":\"日本\",\"b\":1}" "{\"kind\":\"x\",\"a\":\"mü\",\"b\":2}" "{\"kind\":\"x\",\"a\":\"e\\u0301\",\"b\":3}" "{\"kind\":\"x\",\"a\":\"🚀\",\"b\":4}" | rec-table >got
	printf "%s\n" "A     B" "日本  1" "mü    2" "$(printf "e\314\201")     3" "🚀    4" >want
	same want got
'
t 'integers keep all their digits' '
	echo "{\"kind\":\"x\",\"a\":9007199254740993,\"b\":-1,\"c\":0.30000000000000004}" | rec-table >got
	printf "%s\n" "A                 B   C" "9007199254740993  -1  0.30000000000000004" >want; same want got
'
t 'nothing in, nothing out' 'rec-table </dev/null >got; lines 0 got'
t 'broken JSON is 65 and named; the good records are shown' '
	printf "%s\n" "{\"kind\":\"x\",\"a\":1}" "{\"kind\": nope}" "{\"kind\":\"x\",\"a\":2}" >in
	fails 65 rec-table in; says "in:2:"; printf "%s\n" A 1 2 >want; same want out
'
t 'a document is wrong input' 'echo "{\"a\":1}" >in; fails 65 rec-table in; says "in:1:1: not a record"'
t 'sealed: no end after a table; not whole is 76, said, and what came is shown' '
	export SLUICE_SEAL=1
	printf "%s\n" "{\"kind\":\"x\",\"a\":1}" "{\"kind\":\"end\"}" | rec-table >got
	printf "%s\n" A 1 >want; same want got
	echo "{\"kind\":\"x\",\"a\":1}" >in
	rc=0; cat in | rec-table >got 2>err || rc=$?; [ $rc = 76 ]; says "not whole"; same want got
	rc=0; : | rec-table >got 2>err || rc=$?; [ $rc = 76 ]; lines 0 got
	echo "{\"kind\":\"end\"}" | rec-table >got; lines 0 got
'
t 'several files, and standard input among them' '
	echo "{\"kind\":\"x\",\"a\":1}" >one; echo "{\"kind\":\"x\",\"a\":3}" >three
	echo "{\"kind\":\"x\",\"a\":2}" | rec-table one - three >got
	printf "%s\n" A 1 2 3 >want; same want got
	rec-table -f one three >got; printf "%s\n" A 1 3 >want; same want got
'
t 'a full disk is 74' 'echo "{\"kind\":\"x\",\"a\":1}" >in; fails 74 sh -c "rec-table in >/dev/full"'
t 'an unknown option is 64, a missing file 66' '
	fails 64 rec-table --nope; says usage:; fails 66 rec-table nosuch; fails 64 rec-table ""; fails 64 rec-table -f in -f in; fails 64 rec-table -f ""
'
groups='
	cat >groups <<-\END
	{"kind":"asg","name":"tmtt-build-21-production","image":"ami-1","tags":{"build":"21"},"created":"2026-11-20T12:00:00Z","instances":[]}
	{"kind":"asg","name":"tmtt-build-22-production","image":"ami-2","tags":{"build":"22","owner":"web"},"created":"2026-11-20T13:00:00Z","instances":[{"id":"i-1","health":"healthy"},{"id":"i-2","health":"healthy"}]}
	END
	echo "cat $PWD/groups" | stand_in asg-list
'
t 'EXAMPLES: the groups of a service, just as the page shows them' "$groups"'
	example rec-table 1 | sh -eu >got
	sed -n "/^\\$ asg-list | rec-table\$/,/^\.Ed/p" "$top/man/rec-table.1" | sed "1d; \$d" >want
	lines 3 want; same want got
'
t 'EXAMPLES: who owns what' "$groups"'
	example rec-table 2 | sh -eu >got
	printf "%s\n" "NAME                      OWNER  INSTANCES.ID" "tmtt-build-21-production  -      -" "tmtt-build-22-production  web    i-1,i-2" >want
	same want got
'
t 'EXAMPLES: for the change ticket' '
	echo "cat" | stand_in asg-roll
	echo "{\"kind\":\"plan\",\"action\":\"create\",\"target\":\"asg\"}{\"kind\":\"asg\",\"name\":\"x\"}" >spec.json
	example rec-table 3 | sh -eu >got
	printf "%s\n" "| ACTION | TARGET |" "|--------|--------|" "| create | asg    |" >want; same want got
'
t 'EXAMPLES: sorted by a member' '
	echo "{\"kind\":\"image\",\"id\":\"b\",\"created\":\"2\"}{\"kind\":\"image\",\"id\":\"a\",\"created\":\"1\"}" >images.json
	example rec-table 4 | sh -eu >got
	sed -n 2p got | grep -q "^a"
'
done_testing
