#!/bin/sh
# SPDX-License-Identifier: ISC
# yaml-put(1): values in YAML and JSON files, every other byte kept. What comes out is read by
# PyYAML, too, where that is there.
. "$(dirname "$0")/lib.sh"

words='
	data=$tests/data/jenkins-yaml
	[ ! -d "$top/../shared/data/jenkins-yaml" ] || data=$top/../shared/data/jenkins-yaml
	images="jenkins.clouds.images.{provider}.{region}.{distribution}"
	casc="jenkins.clouds[amazonEC2.name={region}].amazonEC2.templates[description={distribution}].ami"
	erb="configs.regions.{region}.distribution.{distribution}.ami"
	image() { printf "{\"kind\":\"image\",\"provider\":\"%s\",\"region\":\"%s\",\"distribution\":\"%s\",\"id\":\"%s\"}\n" "$@"; }
	python=
	for candidate in python3 /usr/bin/python3; do
		[ -n "$python" ] || ! $candidate -c "import yaml" 2>/dev/null || python=$candidate
	done
	# one_line BEFORE AFTER LINE VALUE: diff says -1 +1, there; a parser says one leaf
	one_line() {
		diff "$1" "$2" >diff || :
		[ "$(sed -n 1p diff)" = "$3c$3" ] && [ "$(grep -c "^[<>]" diff)" -eq 2 ] || { cat diff; return 1; }
		[ -z "$python" ] || "$python" "$tests/yaml-same.py" "$1" "$2" "$4"
	}
	# set_to FILE-TEXT ID WANT-TEXT [OPTION...]: path a.b
	set_to() {
		printf -- "$1" >f; printf -- "$3" >want; id=$2; shift 3
		jq -nc --arg id "$id" "{kind:\"image\",\$id}" | yaml-put -q "$@" a.b f >got
		cmp want got || { cat -A got; return 1; }
	}
	refused() {
		printf -- "$1" >f; text=$2; shift 2
		echo "{\"kind\":\"image\",\"id\":\"new\"}" | fails 65 yaml-put "$@" a.b f
		lines 0 out; says "$text"
	}
'
y() { t "$1" "$words$2"; }

python3 -c 'import yaml' 2>/dev/null || /usr/bin/python3 -c 'import yaml' 2>/dev/null ||
	skip 'an independent parser reads what was written' 'no PyYAML'

y 'each file of the data: one value is one line, byte for byte, and one leaf' '
	new=ami-0f00000000000c7zz
	for file in "$data"/ci-platform*.yaml; do
		image aws us-west-2 centos7 $new | yaml-put "$images" "$file" >got 2>err; one_line "$file" got 22 $new
		says "ci-platform.*.yaml:22: .jenkins.clouds.images.aws.us-west-2.centos7.: .ami-0000000000000c702. -> .$new.$"
		image aws us-west-2 ubuntu1404 $new | yaml-put -q "$images" "$file" >got; one_line "$file" got 23 $new
		image aws us-east-1 centos7 $new | yaml-put -q "$images" "$file" >got; one_line "$file" got 19 $new
		image aws us-east-1 ubuntu1404 $new | yaml-put -q "$images" "$file" >got; one_line "$file" got 20 $new
		image rackspace IAD centos7 $new | yaml-put -q "$images" "$file" >got; one_line "$file" got 37 $new
		image rackspace IAD ubuntu1404 $new | yaml-put -q "$images" "$file" >got; one_line "$file" got 38 $new
		image gce default ubuntu1404 $new | yaml-put -q "$images" "$file" >got; one_line "$file" got 41 $new
		[ "$(tail -c 1 "$file" | od -c)" = "$(tail -c 1 got | od -c)" ]
	done
	for file in "$data"/casc-ec2*.yaml; do
		image aws us-west-2 centos7 $new | yaml-put -q "$casc" "$file" >got; one_line "$file" got 13 $new
		image aws us-west-2 ubuntu1404 $new | yaml-put -q "$casc" "$file" >got; one_line "$file" got 24 $new
		image aws eu-central-1 centos7 $new | yaml-put -q "$casc" "$file" >got; one_line "$file" got 33 $new
		image openstack flex-sjc3 centos7 $new | yaml-put -q "jenkins.clouds[openstack.name={region}].openstack.templates[0].slaveOptions.bootSource.image.name" "$file" >got; one_line "$file" got 44 $new
		image gce "" centos7 $new | yaml-put -q "jenkins.clouds[3].computeEngine.configurations[description={distribution}].bootDiskSourceImageName" "$file" >got; one_line "$file" got 53 $new
	done
	file=$data/templates-erb.yaml
	image aws us-west-2 centos7 $new | yaml-put -q "$erb" "$file" >got; one_line "$file" got 23 $new
	image aws default centos7 $new | yaml-put -q "$erb" "$file" >got; one_line "$file" got 29 $new
	file=$data/vault-jinja.yaml
	image aws us-west-2 centos7 $new | yaml-put -q "$images" "$file" >got; one_line "$file" got 10 $new
	sed -n 10p got >line; echo "      aws: {us-east-1: {centos7: ami-0000000000000c701}, us-west-2: {centos7: $new}}" >want; same want line
'
y 'several ids in one pass; -i replaces the file, keeps its mode, and not a byte is touched if nothing is new' '
	cp "$data/ci-platform-crlf.yaml" jenkins.yaml; chmod 640 jenkins.yaml
	{ image aws us-west-2 centos7 ami-1; echo "{\"kind\":\"domain\",\"id\":\"x\"}"; image aws eu-central-1 centos7 ami-2; } >in
	yaml-put -i -f in "$images" jenkins.yaml >out 2>err; lines 0 out; lines 2 err
	diff "$data/ci-platform-crlf.yaml" jenkins.yaml | grep "^[<>]" | tr -d "\r" >got || :
	printf "%s\n" "<                     centos7:    ami-0000000000000c702" ">                     centos7:    ami-1" "<                     centos7: ami-0000000000000c703" ">                     centos7: ami-2" >want
	same want got
	[ "$(stat -c %a jenkins.yaml)" = 640 ]; ls >got; no grep -q "jenkins.yaml\." got
	stat -c %i jenkins.yaml >before; yaml-put --in-place --file in "$images" jenkins.yaml 2>err; says "is .ami-1. already"
	stat -c %i jenkins.yaml >after; same before after
	mkfifo fifo; cat "$data/ci-platform.yaml" >fifo &
	fails 74 yaml-put -i -f in "$images" fifo; says "cannot write .fifo.: it is no regular file"; [ -p fifo ]
	ln -s jenkins.yaml link; image aws us-west-2 centos7 ami-3 | yaml-put -q -i "$images" link; [ -L link ]; grep -q ami-3 jenkins.yaml
'
y 'many at once into one file: none is lost' '
	{ echo "a:"; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "  r$i: x"; done; } >f
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do image aws r$i x new | yaml-put -q -i "a.{region}" f & done; wait
	[ "$(grep -c ": new$" f)" -eq 12 ]; ls >got; echo f >want; echo got >>want; same want got
'
y 'instances, other members, members of members, replaced ones' '
	printf "%s\n" "web:" "  ec2:" "    linux: 10.0.0.1" "  all: {n: 1, on: no}" >f
	echo "{\"kind\":\"instance\",\"provider\":\"aws\",\"id\":\"i-1\",\"tags\":{\"os\":\"linux\",\"a.b\":\"n\"},\"addresses\":[{\"address\":\"10.9.9.9\"}],\"size\":2,\"backups\":true}" >in
	yaml-put -q --map provider:aws=ec2 -v addresses.0.address -f in "web.{provider}.{tags.os}" f | diff f - >diff || :
	printf "%s\n" "3c3" "<     linux: 10.0.0.1" "---" ">     linux: 10.9.9.9" >want; same want diff
	yaml-put -q -v size -f in "web.all.{tags.a.b}" f >got; grep -q "{n: 2, on: no}" got
	yaml-put -q -v backups -f in web.all.on f >got; grep -q "{n: 1, on: true}" got
	yaml-put -q --map "region:=all" --map "tags.a.b:n=on" --map id:i-1=i-2 -f in "web.{region}.{tags.a.b}" f >got; grep -q "on: i-2}" got
	echo "{\"kind\":\"image\",\"id\":1.10,\"tags\":{\"os\":{\"v.w\":1e2}}}" >real
	yaml-put -q -f real web.all.n f >got; grep -q "{n: 1.10, on: no}" got
	yaml-put -q -v tags.os.v.w -f real web.all.n f >got; grep -q "{n: 1e2, on: no}" got
	yaml-put -q --create -f real "web.all.{id}" f >got; grep -q "{n: 1, on: no, .1.10.: 1.10}" got
	fails 65 yaml-put -f in "web.{region}.x" f; lines 0 out; says "cannot put instance .i-1.: it has no .region.$"
	fails 65 yaml-put -f in "web.{tags}.x" f; says "its .tags. is not a single value"
	fails 65 yaml-put -v nope -f in web.all.n f; says "it has no .nope."
'
y 'quotes stay; a value is quoted only if it must be' '
	set_to "a: {b: \"x\"}\n" y "a: {b: \"y\"}\n"
	set_to "a:\n  b: x\n" "a b" "a:\n  b: a b\n"
	set_to "a:\n  b: x\n" "a, [b]" "a:\n  b: a, [b]\n"
	set_to "a: {b: x}\n" "a, [b]" "a: {b: \047a, [b]\047}\n"
	for value in "a: b" "a #b" "- a" "&a" "*a" "!a" "@a" "{a}" "a:" "null" "~" "yes" "On" "12" "1e3" "0x1f" "1:30" "2026-11-20" " a" "a " "---" "=" ".5" "1_000"; do
		set_to "a:\n  b: x\n" "$value" "a:\n  b: \047$value\047\n"
		[ -z "$python" ] || "$python" "$tests/yaml-same.py" f got "$value"
	done
	for value in "a:b" "http://x/y?z#w" "-a" "11111111-1111-4111-8111-111111111111" "1.2.3" "12a" "projects/p/global/images/i"; do
		set_to "a:\n  b: x\n" "$value" "a:\n  b: $value\n"
		[ -z "$python" ] || "$python" "$tests/yaml-same.py" f got "$value"
	done
	set_to "a:\n  b: \047x\047\n" "$(printf "it\047s")" "a:\n  b: \047it\047\047s\047\n"
	set_to "a:\n  b: \"x\"\n" "\"\\" "a:\n  b: \"\\\\\"\\\\\\\\\"\n"
	set_to "a:\n  b: x\n" "$(printf "x\ny")" "a:\n  b: \"x\\\\u000ay\"\n"
	set_to "a:\n  b: 12345\n" 67890 "a:\n  b: 67890\n"
	for value in 012345670123 0x1f 1e3 1:30 1_000 .5 1.; do # a number to some, and not the same one to all
		set_to "a:\n  b: 12345\n" "$value" "a:\n  b: \047$value\047\n"
	done
	set_to "a:\n  b: ~\n" 67890 "a:\n  b: \04767890\047\n"
	set_to "a:\n  b: on\n" off "a:\n  b: \047off\047\n"
	set_to "a:\n  b: é # é\n" ü "a:\n  b: ü # é\n"
'
y 'an empty value; anchors and tags that do no harm; the comment keeps its column if it can' '
	set_to "a:\n  b:\n" x "a:\n  b: x\n"
	set_to "a:\n  b:   # c\n" x "a:\n  b: x # c\n"
	set_to "a:\n  b: &z !!str x\n" yy "a:\n  b: &z !!str yy\n"
	set_to "a:\n  b: xx   # c\n" z "a:\n  b: z    # c\n"
	set_to "a:\n  b: xx   # c\n" yyyy "a:\n  b: yyyy # c\n"
	set_to "a:\n  b: xx    # c\n" yyyy "a:\n  b: yyyy  # c\n"
	set_to "a:\n  b: xx  # c\n" yyyy "a:\n  b: yyyy  # c\n"
	set_to "a:\n  b: xx # c\n" z "a:\n  b: z # c\n"
	set_to "a:\n  b: é   # c\n" ü "a:\n  b: ü   # c\n"
	set_to "a:\n  b:\tx\t# c\n" yyy "a:\n  b:\tyyy\t# c\n"
	set_to "a: {b: \047x\n  z\047, c: d}\n" y "a: {b: \047y\047, c: d}\n"
	set_to "a:\n  b: \"x\n    z\"  # c\n" y "a:\n  b: \"y\"  # c\n"
	set_to "a: {b: , c: d}\n" x "a: {b: x, c: d}\n"
	set_to "a: {c: d, b: }\n" x "a: {c: d, b: x}\n"
	set_to "? a\n: b: x\n" yy "? a\n: b: yy\n"
	set_to "--- {c: d}\n...\n---\na: {b: x}\n" yy "--- {c: d}\n...\n---\na: {b: yy}\n"
'
y 'what cannot be done exactly is refused, with its place' '
	refused "x: &x 1\na:\n  b: *x\n" "^yaml-put: f:3:6: cannot set .a.b.: the value is an alias .*1:7$"
	refused "x: &x {b: 1}\na: *x\n" "^yaml-put: f:2:4: cannot set .a.b.: it is behind an alias .* 1:4$"
	refused "x: &x {b: 1}\na:\n  <<: *x\n  c: 2\n" "f:3:3: cannot set .a.b.: .* merge key (<<), from 1:11$"
	refused "x: &x {b: 1}\ny: &y {<<: *x}\na:\n  <<: [*y, *x]\n" "merge key"
	refused "a:\n  b: &x 1\nc: *x\n" "f:2:9: .*--shared allows; the anchor (&) is at 2:9"
	refused "a: &x\n  b: 1\nc: *x\n" "f:2:6: .*--shared allows; the anchor (&) is at 1:4"
	refused "a:\n  b: |\n    x\n" "f:2:6: .*block scalar"
	refused "a:\n  b: >-\n    x\n" "block scalar"
	refused "a:\n  b: !secret x\n" "f:2:14: .*tag"
	refused "a:\n  b: 1\n  c: 2\n  b: 3\n" "f:4:6: cannot set .a.b.: the key is there twice, first at 2:3$" || refused "a:\n  b: 1\n  c: 2\n  b: 3\n" "f:4:3: cannot set .a.b.: the key is there twice, first at 2:3$"
	refused "a: {b: 1}\n---\na: {b: 2}\n" "f:3:8: .*there twice, first at 1:8"
	refused "a:\n  b: {c: 1}\n" "it is a map"
	refused "a:\n  b: [1]\n" "it is a list"
	refused "a:\n  b: <%%= ENV[\047B\047] %%>\n" "f:2:6: .*made by a template"
	refused "a:\n  b: \"{{ b }}\"\n" "made by a template"
	refused "a:\n  b: {{ b }}\n" "made by a template"
	refused "a:\n  b:\n    <%%= b %%>\n" "made by a template"
	printf "a:\n  b: x\n" >f
	for value in "<%= exit %>" "{{ x }}" "{% x"; do
		jq -nc --arg id "$value" "{kind:\"image\",\$id}" >in
		fails 65 yaml-put -f in a.b f; lines 0 out; says "^yaml-put: f:2:6: cannot set .a.b.: .$value. is a template.s tag$"
		fails 65 yaml-put -f in --create a.n f; says "^yaml-put: f:2:3: cannot set .a.n.: .$value. is"
	done
	refused "a: x\n" "f:1:4: cannot set .a.b.: no .b. here, it is no map"
	refused "a:\n  bb: 1\n" "no .b. here"
	refused "" "no .a. here"
	refused "a: |\n  b: x\n" "no .b. here"
	refused "a: [\n" "^yaml-put: f:"
	refused "a:\n\tb: x\n" "^yaml-put: f:2:1: "
	printf "a:\n  b: &x 1\nc: *x\n" >f
	echo "{\"kind\":\"image\",\"id\":\"new\"}" | yaml-put -q --shared a.b f >got; grep -q "b: &x new$" got
'
y 'control lines of ERB, Jinja and Helm are not looked at, and stay' '
	cat >f <<-\END
	% if x
	a:
	<% if ENV["X"] %>
	  c: 1
	  <%# more
	     lines -%>
	{% for x in y %}
	  <%= x %>: {{ z["a: b"] }}
	  {{- if .Values.x }}
	  m: <%= "a: b" %>
	  {# text #}
	  b: ami-1 # here
	<% else %> <% end %>
	% end
	END
	image aws x x ami-2 | yaml-put -q a.b f >got
	diff f got >diff || :; printf "%s\n" "12c12" "<   b: ami-1 # here" "---" ">   b: ami-2 # here" >want; same want diff
	printf "%s\n" "a:" "<% if x %>" "  b: 1" "<% else %>" "  b: 2" "<% end %>" >f
	image aws x x ami-2 | fails 65 yaml-put a.b f; says "f:5:.*twice"
	printf "%s\n" "a:" "  b: foo" "    <% if x %>" "  c: d" >f
	image aws x x ami-2 | yaml-put -q a.b f >got; grep -q "^  b: ami-2$" got; lines 4 got
'
y 'marker comments' '
	cat >f <<-\END
	list:
	  - [a, b]
	  - name: x
	    ami: ami-1   # yaml-put: aws/us-east-1/centos7
	    other: "# yaml-put: aws/us-east-1/centos7"
	text: |
	  ami: ami-1 # yaml-put: aws/us-east-1/centos7
	map: {ami: "ami-1"} # since 2015, yaml-put: aws/us-east-1/centos7 for all
	two: {a: 1, b: 2} # yaml-put: two
	none: # yaml-put: aws/us-east-1/centos70
	END
	image aws us-east-1 centos7 ami-2 | yaml-put -q "#{provider}/{region}/{distribution}" f >got
	diff f got >diff || :
	cat >want <<-\END
	4c4
	<     ami: ami-1   # yaml-put: aws/us-east-1/centos7
	---
	>     ami: ami-2   # yaml-put: aws/us-east-1/centos7
	8c8
	< map: {ami: "ami-1"} # since 2015, yaml-put: aws/us-east-1/centos7 for all
	---
	> map: {ami: "ami-2"} # since 2015, yaml-put: aws/us-east-1/centos7 for all
	END
	same want diff
	image aws us-east-1 centos70 ami-2 | yaml-put -q "#{provider}/{region}/{distribution}" f >got
	grep -q "^none: ami-2 # yaml-put" got
	image aws x x 1 | fails 65 yaml-put "#two" f; says "f:9:16: .*several values are on its line"
	image aws x x 1 | fails 65 yaml-put "#three" f; says "no value has a comment .yaml-put: three."
'
y 'JSON: packer.json, cloud.json, over several lines or not; numbers stay numbers' '
	printf "{\n\t\"builders\": [\n\t\t{\"type\": \"amazon-ebs\", \"region\": \"us-east-1\", \"source_ami\": \"ami-1\"},\n\t\t{\"type\":\"docker\"}\n\t]\n}" >packer.json
	image aws us-east-1 x ami-2 | yaml-put -q "builders[type=amazon-ebs][region={region}].source_ami" packer.json >got
	sed "s/ami-1/ami-2/" packer.json >want; same want got; jq . got >/dev/null
	printf "{ \"web\" : { \"image\" : 123, \"n\":null, \"k\\\\u00e9y\":\"\\\\ud83d\\\\ude00\" }, \"w\":{} }\n" >f
	echo "{\"kind\":\"image\",\"id\":\"456\"}" | yaml-put -q web.image f >got; sed "s/123/456/" f >want; same want got
	echo "{\"kind\":\"image\",\"id\":\"ami-1\"}" | yaml-put -q web.image f >got; sed "s/123/\"ami-1\"/" f >want; same want got
	echo "{\"kind\":\"image\",\"id\":\"7\"}" | yaml-put -q web.n f >got; sed "s/null/\"7\"/" f >want; same want got
	jq -nc "{kind:\"image\",id:\"a\\\"\\u0001\"}" | yaml-put -q "web.kéy" f >got; jq -c ".web[\"kéy\"]" got >line; echo "\"a\\\\\"\\u0001\"" | sed "s/\\\\\\\\/\\\\/" >want; same want line
	echo "{\"kind\":\"image\",\"id\":\"7\"}" | yaml-put -q --create w.x.y f >got; jq -c .w got >line; echo "{\"x\":{\"y\":\"7\"}}" >want; same want line
	printf "{\"a\": {\"b\": 1},}\n" >f.json; image aws x x new | yaml-put -q a.b f.json >got; echo "{\"a\": {\"b\": \"new\"},}" >want; same want got
	printf "{\"a\":{\"b\":1,\"b\":2}}" >f; echo "{\"kind\":\"image\",\"id\":\"7\"}" | fails 65 yaml-put a.b f; says twice
'
y 'a missing key is added only with --create, behind the last one and as the others are' '
	cp "$data/ci-platform.yaml" f
	{ image aws us-west-3 centos7 ami-1; image aws us-west-3 ubuntu1404 ami-2; image aws us-east-1 ubuntu1604 ami-3; } >in
	fails 65 yaml-put -f in "$images" f; lines 0 out; lines 4 err
	says "^yaml-put: f:18:17: cannot set .jenkins.clouds.images.aws.us-west-3.centos7.: no .us-west-3. here; there is .us-west-2.,"
	yaml-put -f in --create "$images" f 2>err >got
	says "^yaml-put: f:32: .jenkins.clouds.images.aws.us-west-3.centos7.: new, .ami-1.$"
	diff f got >diff || :
	cat >want <<-\END
	20a21
	>                     ubuntu1604: "ami-3"
	29a31,33
	>                 us-west-3:
	>                     centos7: ami-1
	>                     ubuntu1404: ami-2
	END
	same want diff
	yaml-put -f in --create "$images" got 2>err >again; same got again; says already
	image aws x z ami-9 | yaml-put -q --create "jenkins.clouds.images.{provider}.{region}.{distribution}" "$data/vault-jinja.yaml" >got
	grep -q "us-west-2: {centos7: ami-0000000000000c702}, x: {z: ami-9}}$" got
	image rackspace x z ami-9 | yaml-put -q --create "$images" "$data/vault-jinja.yaml" >got; grep -q "rackspace: {x: {z: ami-9}}$" got
	set_to "a:\n  c: 1\n\n# end\n" x "a:\n  c: 1\n  b: x\n\n# end\n" --create
	set_to "a:\r\n  c: |\r\n    t\r\n\r\nz: 1\r\n" x "a:\r\n  c: |\r\n    t\r\n  b: x\r\n\r\nz: 1\r\n" --create
	set_to "a:\nz:\n   y: 1" x "a:\n   b: x\nz:\n   y: 1" --create
	set_to "z: 1" x "z: 1\na:\n  b: x" --create
	set_to "{\n  \"z\": {\n    \"y\": 1\n  }\n}\n" x "{\n  \"z\": {\n    \"y\": 1\n  },\n  \"a\": {\n    \"b\": \"x\"\n  }\n}\n" --create
	set_to "a: ~\n" x "a:\n  b: x\n" --create
	set_to "a:  null   # c\nz: 1\n" x "a:   # c\n  b: x\nz: 1\n" --create
	set_to "z: {a: 1}\na: {}\n" x "z: {a: 1}\na: {b: x}\n" --create
	set_to "{a: ~, z: 1}\n" x "{a: {b: x}, z: 1}\n" --create
	set_to "{\"a\": null}\n" x "{\"a\": {\"b\": \"x\"}}\n" --create
	set_to "" x "a:\n  b: x\n" --create
	set_to "# c\r\n" x "# c\r\na:\r\n  b: x\r\n" --create
	set_to "---\n\n# c" x "---\n\n# c\na:\n  b: x" --create
	set_to "? z\n: 1\n" x "? z\n: 1\na:\n  b: x\n" --create
	set_to "a:\n  &n c: 1\n  !!str d: 1\n" x "a:\n  &n c: 1\n  !!str d: 1\n  b: x\n" --create
	printf "l:\n  - n: 1\n" >f; echo "{\"kind\":\"image\",\"id\":\"x\"}" | yaml-put -q --create "l[n=1].a.b" f >got
	printf "l:\n  - n: 1\n    a:\n      b: x\n" >want; same want got
	: >f.json; echo "{\"kind\":\"image\",\"id\":\"x\"}" | fails 65 yaml-put --create a.b f.json
	refused "a:\n  c: 1\n<%% if x %%>\n  d: 1\n<%% end %%>\n" "f:4:7: cannot add .a.b.: the next line is a template.s" --create
	refused "a:\n  c: |+\n    t\n\nz: 1\n" "f:3:6: cannot add .a.b.: other values would change, too" --create
	refused "a: &n\n" "no .b. here" --create
	refused "a: x\n" "no .b. here" --create
	refused "a: *x\n" "alias" --create
	refused "x: &x\n  c: 1\na: &y\n  <<: *x\nd: *y\n" "shared" --create
	refused "x: &x\n  b: 1\na:\n  <<: *x\n" "merge key" --create
	echo "{\"kind\":\"image\",\"id\":\"new\"}" | fails 65 yaml-put --create "a[n=1].b" "$data/vault-jinja.yaml"
'
y 'two records for one place: the same value is fine, different ones are refused' '
	printf "a: {b: 1}\n" >f
	{ image aws x x new; image gce x x new; } | yaml-put -q a.b f >got; grep -q "b: new}" got
	{ image aws x x new; image aws x x old; } >in
	fails 65 yaml-put -f in a.b f; lines 0 out; says "^yaml-put: f:1:8: cannot set .a.b.: it would be .new. and .old."
	{ image aws x.y z new; image aws x y.z old; } | yaml-put --create "a.{region}.{distribution}" f 2>err >got
	says "new, .old.$"; says "a.\"x.y\".z.: new, .new."; grep -q "x.y: {z: new}, x: {y.z: old}}" got
	fails 65 yaml-put -f in --create a.c f; lines 0 out; says "cannot set .a.c.: it would be"
	fails 65 yaml-put --partial -f in a.b f; same f out
	{ cat in; image aws x x new; image aws x x old; } >more
	fails 65 yaml-put --partial -f more a.b f; same f out
	for i in 1 2 3 4 5 6 7 8; do cat in >>more; done; sed "s/old/new/" more >same; for i in 1 2 3 4; do cat same same >twice; mv twice same; done
	yaml-put -q -f same a.b f >got; echo "a: {b: new}" >want; same want got
'
y 'a failed record: nothing is written, its status; with --partial the good ones are' '
	printf "{\"kind\":\"image\",\"id\":\"x\",\"error\":{\"status\":69,\"message\":\"no room\"}}\n" >bad
	cp "$data/ci-platform.yaml" f
	{ image aws us-west-2 centos7 ami-1; cat bad; image aws nowhere centos7 ami-2; } >in
	fails 69 yaml-put -i -f in "$images" f; lines 0 out; same "$data/ci-platform.yaml" f
	says "left out image .x.: no room"; says "no .nowhere. here"; says "nothing is written"
	fails 69 yaml-put --partial -i -f in "$images" f; lines 0 out; one_line "$data/ci-platform.yaml" f 22 ami-1
	echo "{\"kind\":\"target\",\"provider\":\"aws\",\"region\":\"r\",\"error\":{\"status\":75}}" | fails 75 yaml-put "$images" f; lines 0 out
	for state in failed gone; do
		echo "{\"kind\":\"image\",\"id\":\"x\",\"state\":\"$state\"}" | fails 65 yaml-put jenkins.admin_email f; says "its state is .$state."
	done
	echo "{\"kind\":\"instance\",\"id\":\"x\",\"status\":\"gone\"}" | fails 65 yaml-put jenkins.admin_email f
'
y '-n shows what would be done; a planned record makes it dry' '
	cp "$data/ci-platform.yaml" f
	{ image aws us-west-2 centos7 ami-1; image aws us-west-3 centos7 ami-2; image aws eu-central-1 centos7 ami-0000000000000c703; } >in
	yaml-put -n -i --create -f in "$images" f 2>err >got; same "$data/ci-platform.yaml" f
	cat >want <<-\END
	{"kind":"plan","action":"change","target":"value","provider":"aws","region":"us-west-2","name":"jenkins.clouds.images.aws.us-west-2.centos7","id":"f","before":{"value":"ami-0000000000000c702"},"after":{"value":"ami-1"}}
	{"kind":"plan","action":"create","target":"value","provider":"aws","region":"us-west-3","name":"jenkins.clouds.images.aws.us-west-3.centos7","id":"f","after":{"value":"ami-2"}}
	{"kind":"plan","action":"keep","target":"value","provider":"aws","region":"eu-central-1","name":"jenkins.clouds.images.aws.eu-central-1.centos7","id":"f"}
	END
	same want got
	echo "{\"kind\":\"image\",\"provider\":\"aws\",\"region\":\"us-west-2\",\"distribution\":\"centos7\",\"id\":null,\"planned\":true}" | yaml-put -i "$images" f >got 2>err
	same "$data/ci-platform.yaml" f; jq -c "[.action,.after.value]" got >line; echo "[\"change\",null]" >want; same want line
	fails 65 yaml-put -n -f in "$images" f; lines 2 out
'
y 'nothing in the input; records of other kinds; broken and wrong input' '
	printf "a: {b: 1}\n" >f
	yaml-put a.b f </dev/null >got 2>err; same f got; says "f. stays as it is: no image or instance"
	echo "{\"kind\":\"asg\",\"x\":0.10000}" | yaml-put -q a.b f >got; same f got
	{ image aws x x new; echo nope; } | fails 65 yaml-put a.b f; lines 0 out; says "<stdin>:2:"
	{ image aws x x new; echo nope; } | fails 65 yaml-put --partial -i a.b f; grep -q "b: 1" f
	echo "[]" | fails 65 yaml-put a.b f; lines 0 out
	echo "{\"kind\":\"image\",\"id\":[1]}" | fails 65 yaml-put a.b f; lines 0 out; says "its .id. is not a single value"
	printf "a: \\000" >nul; image aws x x new | fails 65 yaml-put a.b nul; says "null bytes"
	printf "a: {b: \\377}\n" >latin; image aws x x new | fails 65 yaml-put a.b latin; says "latin:1:8: "
'
y 'sealed: input that is not whole writes nothing, 76; whole input does, and no end follows' '
	printf "a: {b: 1}\n" >f; cp f before; export SLUICE_SEAL=1
	image aws x x new | fails 76 yaml-put a.b f; lines 0 out
	image aws x x new | fails 76 yaml-put --partial -i a.b f; lines 0 out; same before f
	{ image aws x x new; echo "{\"kind\":\"end\"}"; } | yaml-put -q a.b f >got; echo "a: {b: new}" >want; same want got
	{ image aws x x new; echo "{\"kind\":\"end\"}"; } | yaml-put -q -i a.b f >got; lines 0 got; same want f
	{ image aws x x new; echo "{\"kind\":\"end\"}"; } | yaml-put -q -n a.b f >got; lines 2 got
'
y 'full disk is 74, a closed pipe SIGPIPE; 64 and 66; a directory that cannot be written' '
	printf "a: {b: 1}\n" >f; image aws x x new >in
	rc=0; yaml-put -f in a.b f >/dev/full 2>err || rc=$?; [ $rc -eq 74 ]
	awk "BEGIN { print \"a: {b: 1}\"; for (i = 0; i < 99999; i++) print \"x\" i \": y\" }" >large
	(rc=0; yaml-put -q -f in a.b large || rc=$?; echo $rc >rc) | head -n 1 >out; echo 141 >want; same want rc
	fails 64 yaml-put; fails 64 yaml-put a.b; fails 64 yaml-put a.b f f; fails 64 yaml-put --nope a.b f
	fails 64 yaml-put "" f; fails 64 yaml-put a.b ""; fails 64 yaml-put --map x a.b f; fails 64 yaml-put --map :a=b a.b f
	for path in "a..b" "a." ".a" "{a" "{}" "a[b" "a[b]" "a[b=" "a[=c]" "a[0]b" "a[{b}=c]" "\"a" "#" "a.[0]"; do
		fails 64 yaml-put "$path" f; says "path .*character"
	done
	fails 66 yaml-put -f in a.b nowhere; fails 66 yaml-put -f nowhere a.b f; fails 66 yaml-put -f in a.b .
'
y 'keys with dots, brackets and quotes; a list at the top' '
	printf "%s\n" "\"a.b\":" "  \"c[0]\": 1" >f
	image aws x x new | yaml-put -q "\"a.b\".c\\[0]" f >got; grep -q "c\[0\]\": new$" got
	printf "%s\n" "- k: a" "  v: 1" "- k: \"b]\"" "  v: 2" >f
	image aws x "b]" new | yaml-put -q "[k={distribution}].v" f >got; sed -n 4p got >line; echo "  v: new" >want; same want line
	image aws x "b]" new | yaml-put -q "[k=\"b]\"].v" f | cmp - got
	image aws x x new | fails 65 yaml-put "[2].v" f; says "f:1:1: cannot set .\[2\].v.: no item of this list"
	printf "%s\n" "d: &d {k: a}" "l:" "  - {<<: *d, v: 1}" "  - {k: b, v: 2}" >f
	image aws x x new | yaml-put -q "l[k=a].v" f >got; sed -n 3p got >line; echo "  - {<<: *d, v: new}" >want; same want line
'
y 'a file of 100,000 lines, and one that is nested too deep' '
	awk "BEGIN { print \"a:\"; for (i = 0; i < 100000; i++) print \"  k\" i \": v\" i \" # c\"; print \"  b: 1\" }" >f
	image aws x x new | yaml-put -q a.b f >got; one_line f got 100002 new
	awk "BEGIN { printf \"a: \"; for (i = 0; i < 100000; i++) printf \"[\"; print \"\" }" >f
	image aws x x new | fails 65 yaml-put a.b f; says "nested deeper than 1000"
'
y 'thousands of records into a large file take no longer than the file: each key is found at once' '
	awk "BEGIN { print \"a:\"; for (i = 0; i < 99999; i++) print \"  r\" i \":\\n    d: v\" }" >f
	awk "BEGIN { for (i = 0; i < 8000; i++) print \"{\\\"kind\\\":\\\"image\\\",\\\"region\\\":\\\"r\" 12 * i \"\\\",\\\"id\\\":\\\"new\\\"}\" }" >in
	(ulimit -t 5; yaml-put -q -f in "a.{region}.d" f >got); [ "$(grep -c "d: new" got)" -eq 8000 ]
	head -n 2000 in >some
	(ulimit -t 8; yaml-put --create -f some "a.{region}.e.e" f 2>err >got); [ "$(grep -c "e: new" got)" -eq 2000 ]
	says "^yaml-put: f:5: .a.r0.e.e.: new, .new.$"; says "^yaml-put: f:51979: .a.r23988.e.e.: new"
	sed -n 51979p got >line; echo "      e: new" >want; same want line
'
y 'the examples of the manual' '
	cp "$data/ci-platform.yaml" jenkins.yaml; cp "$data/casc-ec2.yaml" casc.yaml
	image aws us-west-2 centos7 ami-0f00000000000c802 >images
	example yaml-put 1 >script; sh -e script >got 2>err
	one_line "$data/ci-platform.yaml" jenkins.yaml 22 ami-0f00000000000c802
	cp "$data/ci-platform.yaml" jenkins.yaml
	example yaml-put 2 >script; sh -e script >got 2>err || [ $? -eq 1 ]; grep -q "^+.*ami-0f00000000000c802" got
	example yaml-put 3 >script; sh -e script >got 2>err; one_line "$data/casc-ec2.yaml" casc.yaml 13 ami-0f00000000000c802
	example yaml-put 4 >script; sh -e script >got; grep -q change got
	printf "{\"builders\":[{\"type\":\"amazon-ebs\",\"source_ami\":\"ami-1\"}]}\n" >packer.json
	example yaml-put 5 >script; sh -e script >got 2>err; jq -r ".builders[0].source_ami" packer.json >got; echo ami-0f00000000000c802 >want; same want got
'
done_testing
