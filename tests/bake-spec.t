#!/bin/sh
# SPDX-License-Identifier: ISC
# bake-spec(1): configurations, variables, choices, the record, and what is refused.
. "$(dirname "$0")/lib.sh"

words='
	small() {			# small [SETTING]...: one image on EC2, with these settings
		echo "{cloud: ec2, region: us-west-2, distributions: {d: {"
		echo "  ami: ami-1, instance_type: t, username: u"
		for setting; do echo "  , $setting"; done
		echo "}}}"
	}
	value() { jq -c "$1" got >value; printf "%s\n" "$2" >want; same want value; }
	gives() {			# gives FILTER VALUE SETTING...
		filter=$1 expected=$2; shift 2
		small "$@" >in; bake-spec in >got || return; value "$filter" "$expected"
	}
	refuses() {			# refuses STATUS MESSAGE SETTING...
		status=$1 message=$2; shift 2
		small "$@" >in; fails "$status" bake-spec in; says "$message"; [ ! -s out ]
	}
	labels() { jq -r .name got | tr "\n" " " >value; echo "$* " | tr -d "\n" >want; same want value; }
	bad() { fails 65 bake-spec in; says "$1"; [ ! -s out ]; }
'
s() { t "$1" "$words$2"; }

s 'the whole record, in its order' '
	mkdir conf; touch conf/b.sh conf/t.sh conf/v.sh
	cat >conf/ec2.yaml <<-END
	region: us-west-2
	regions:
	  us-west-2:
	    distribution:
	      centos7:
	        ssh: {port: 2222}
	        share_with: [012345678901]
	        copy_to: [us-east-1, us-west-2]
	        tags: {a: "1.10", b: 1.10}
	        description: two words
	        image_name: web-7
	        sudo: yes
	        environment: [ONE, TWO]
	        verify: v.sh
	        tests: [t.sh]
	        bootstrap: [b.sh]
	        user_data: "#!/bin/sh"
	        project: p
	        subnet: subnet-1
	        security_groups: [ssh, web]
	        public_key_file: /k.pub
	        key_file: /k
	        key_pair: k
	        disk: 48
	        username: centos
	        instance_types: [t2.medium, t3.medium]
	        source_image: ami-1
	        zones: [us-west-2a, us-west-2b]
	        account: 012345678901
	END
	bake-spec conf/ec2.yaml >got
	cat >want <<-END
	{"kind":"bake","name":"aws-us-west-2-centos7","provider":"aws","region":"us-west-2","account":"012345678901","zones":["us-west-2a","us-west-2b"],"distribution":"centos7","source_image":"ami-1","instance_types":["t2.medium","t3.medium"],"username":"centos","disk":48,"key_pair":"k","key_file":"/k","public_key_file":"/k.pub","security_groups":["ssh","web"],"subnet":"subnet-1","project":"p","user_data":"#!/bin/sh","bootstrap":["conf/b.sh"],"tests":["conf/t.sh"],"verify":["conf/v.sh"],"environment":["ONE","TWO"],"sudo":true,"image_name":"web-7","description":"two words","tags":{"a":"1.10","b":"1.10"},"copy_to":["us-east-1"],"share_with":["012345678901"],"ssh":{"port":2222},"run":"test"}
	END
	same want got
'
s 'what is not configured is not there' '
	small >in; bake-spec in >got
	value "keys_unsorted" "[\"kind\",\"name\",\"provider\",\"region\",\"distribution\",\"source_image\",\"instance_types\",\"username\",\"image_name\",\"run\"]"
'
s 'JSON is a configuration, too' '
	printf "%s\n" "{\"cloud\":\"ec2\",\"region\":\"r\",\"distributions\":{\"d\":{\"ami\":\"a\\u00e9\",\"size\":\"t\",\"user\":\"u\",\"disk\":48,\"sudo\":false,\"key_pair\":null}}}" >in
	bake-spec <in >got
	value "[.source_image,.disk,.sudo,.key_pair]" "[\"aé\",48,false,null]"
	jq . in | tr " " "\t" | bake-spec >got
	value .disk 48
'

# The seed's files: their structure, with other names.
seed='
	cat >ec2.yaml <<-END
	templates:
	  common: &common
	    credentials:
	      access_key_id: <%= ENV[QAWS_ACCESS_KEY_IDQ] %>
	      secret_access_key: <%= ENV[QAWS_SECRET_ACCESS_KEYQ] %>
	    disk_name: Q/dev/sdaQ
	    disk_size: Q48Q
	    instance_type: Qt2.mediumQ

	    key_filename: <%= ENV[QAWS_KEY_FILENAMEQ] %>
	    key_pair: <%= ENV[QAWS_KEY_PAIRQ] %>
	    security_groups: [QsshQ]

	  one: &one
	    username: QoneQ
	    instance_name: Qslave_oneQ
	    image_description: Qslave one, on demandQ
	    image_basename: Qslave_oneQ
	    tags: {QnameQ: Qslave_oneQ}
	  two: &two
	    username: QtwoQ
	    image_basename: Qslave_twoQ



	configs:
	  regions:
	    us-east-1:
	      distribution:
	        one:
	          <<: *common
	          <<: *one
	          ami: Qami-east1Q
	        two:
	          <<: *common
	          <<: *two
	          ami: Qami-east2Q
	    us-west-2:
	      distribution:
	        one:
	          <<: *common
	          <<: *one
	          ami: Qami-west1Q
	END
	cat >rackspace.yaml <<-END
	templates:
	  common: &common
	    username: QrootQ
	    instance_type: Q1GB Standard InstanceQ
	    key_pair: <%= ENV[QRACKSPACE_KEY_PAIRQ] %>
	    public_key_filename: <%= ENV[QRACKSPACE_PUBLIC_KEY_FILENAMEQ] %>
	    private_key_filename: <%= ENV[QRACKSPACE_KEY_FILENAMEQ] %>
	    access_key_id: <%= ENV[QOS_USERNAMEQ] %>
	    secret_access_key: <%= ENV[QOS_PASSWORDQ] %>
	configs:
	  regions:
	    default:
	      distribution:
	        one:
	          <<: *common
	          ami: QOne 7 (PVHVM)Q
	          description: Qslave-oneQ
	          image_basename: Qslave-oneQ
	END
	cat >gce.yaml <<-END
	templates:
	  common: &common
	    credentials_private_key: <%= ENV[QGCE_CREDENTIALS_PRIVATE_KEYQ] %>
	    credentials_email: <%= ENV[QGCE_CREDENTIALS_EMAILQ] %>
	    public_key_filename: <%= ENV[QGCE_PUBLIC_KEYQ] %>
	    private_key_filename: <%= ENV[QGCE_PRIVATE_KEYQ] %>
	    project: <%= ENV[QGCE_PROJECTQ] %>
	    machine_type: Qn1-standard-2Q
	    username: QpreparerQ
	configs:
	  regions:
	    default:
	      distribution:
	        one:
	          <<: *common
	          image_basename: Qslave-oneQ
	          base_image_prefix: Qone-7Q
	          base_image_project: Qone-cloudQ
	END
	for file in ec2 rackspace gce; do tr Q "\047" <$file.yaml >new; mv new $file.yaml; done
	export AWS_KEY_PAIR=pair AWS_KEY_FILENAME=/keys/pair.pem
	export RACKSPACE_KEY_PAIR=rpair RACKSPACE_PUBLIC_KEY_FILENAME=/keys/r.pub
	export RACKSPACE_PRIVATE_KEY_FILENAME=/keys/r OS_REGION_NAME=IAD
	export GCE_PUBLIC_KEY=/keys/g.pub GCE_PRIVATE_KEY=/keys/g GCE_PROJECT=proj
'
e() { s "seed: $1" "$seed$2"; }
e 'fab cloud:ec2 region:us-west-2 distribution:centos7 up' '
	bake-spec -c ec2 -r us-west-2 -d one ec2.yaml >got
	sed "s/slave_one-[0-9]\{14\}/slave_one-TIME/" got >timed
	cat >want <<-END
	{"kind":"bake","name":"aws-us-west-2-one","provider":"aws","region":"us-west-2","distribution":"one","source_image":"ami-west1","instance_types":["t2.medium"],"username":"one","disk":48,"key_pair":"pair","key_file":"/keys/pair.pem","security_groups":["ssh"],"image_name":"slave_one-TIME","description":"slave one, on demand","tags":{"name":"slave_one"},"run":"test"}
	END
	same want timed
'
e 'rackspace: images by name, OS_REGION_NAME, either name of the key file' '
	bake-spec rackspace.yaml >got
	value "[.name,.region,.source,.instance_types,.key_pair,.key_file,.public_key_file]" \
		"[\"rackspace-iad-one\",\"IAD\",{\"name\":\"One 7 (PVHVM)\"},[\"1GB Standard Instance\"],\"rpair\",\"/keys/r\",\"/keys/r.pub\"]"
	unset RACKSPACE_PRIVATE_KEY_FILENAME; export RACKSPACE_KEY_FILENAME=/keys/other
	bake-spec -r DFW rackspace.yaml >got
	value "[.region,.key_file]" "[\"DFW\",\"/keys/other\"]"
'
e 'gce: how the name of the base image begins, and its project' '
	bake-spec -r us-central1 gce.yaml >got
	value "[.source,.project,.key_file,.public_key_file,.key_pair]" \
		"[{\"owner\":\"one-cloud\",\"name\":\"one-7*\"},\"proj\",\"/keys/g\",\"/keys/g.pub\",null]"
'
e 'several files, one for each cloud, one with defaults for all' '
	touch common.sh
	printf "defaults:\n  bootstrap: common.sh\n  disk: 7\n" >config.yaml
	bake-spec --all -d one -r us-west-2,gce:us-central1,rackspace:IAD config.yaml ec2.yaml gce.yaml rackspace.yaml >got
	labels aws-us-west-2-one gce-us-central1-one rackspace-iad-one
	jq -c "[.disk,.bootstrap]" got >value
	printf "%s\n" "[48,[\"common.sh\"]]" "[7,[\"common.sh\"]]" "[7,[\"common.sh\"]]" >want; same want value
'
e 'credentials need not be set, and are nowhere' '
	export AWS_ACCESS_KEY_ID=canary-id AWS_SECRET_ACCESS_KEY=canary-secret OS_PASSWORD=canary-password SLUICE_TRACE=trace
	bake-spec --all -r us-east-1,us-west-2,rackspace:IAD,gce:us-central1 ec2.yaml rackspace.yaml gce.yaml >got 2>&1
	lines 5 got
	no grep -r canary got trace
'
e 'all variables that are missing are named in one run, and only those in use' '
	unset AWS_KEY_PAIR AWS_KEY_FILENAME RACKSPACE_KEY_PAIR GCE_PROJECT
	fails 78 bake-spec -c ec2,rackspace -r us-east-1,us-west-2,rackspace:IAD -d one ec2.yaml rackspace.yaml gce.yaml
	says "not set: AWS_KEY_PAIR, AWS_KEY_FILENAME, RACKSPACE_KEY_PAIR\$"
	lines 1 err; [ ! -s out ]
'
e 'an empty variable counts as missing' 'export AWS_KEY_PAIR=; fails 78 bake-spec -r us-west-2 ec2.yaml; says "not set: AWS_KEY_PAIR\$"'
e 'the invented file with a doubled << in one mapping' '
	data=$top/../shared/data/jenkins-yaml/templates-erb.yaml
	[ -e "$data" ] || data=$tests/data/jenkins-yaml/templates-erb.yaml
	sed "s/disk_name/instance_type: t, &/" "$data" >erb.yaml
	sed "s/    disk_name: /    instance_type: t\n&/" "$data" >erb.yaml
	bake-spec -c ec2 -r us-west-2 erb.yaml >got
	value "[.source_image,.username,.disk]" "[\"ami-0000000000000c702\",\"centos\",48]"
	bake-spec -c ec2 -r eu-west-3 erb.yaml >got
	value "[.source_image,.region]" "[\"ami-0000000000000c70f\",\"eu-west-3\"]"
'

s 'of two << the second wins, of a list the first, and the own keys over all; as PyYAML has it' '
	cat >in <<-END
	templates:
	  - &a {ami: a, user: a, size: a, disk: 1}
	  - &b {ami: b, user: b, size: b}
	cloud: ec2
	region: r
	distributions:
	  twice: {<<: *a, <<: *b, ami: own}
	  list: {ami: own, <<: [*a, *b]}
	  chain: {<<: {<<: *a, user: c}}
	END
	bake-spec --all in >got
	jq -c "[.source_image,.username,.instance_types[0],.disk]" got >value
	printf "%s\n" "[\"own\",\"b\",\"b\",1]" "[\"own\",\"a\",\"a\",1]" "[\"a\",\"c\",\"a\",1]" >want
	same want value
'
s 'a stronger place wins: region, cloud, all; the distribution before its defaults; the later file' '
	cat >one.yaml <<-END
	defaults: {disk: 1, size: t, user: u, ami: i, tags: {a: 1, b: 1}}
	distributions: {d: {disk: 2, tags: {b: 2, c: 2}}}
	clouds:
	  ec2:
	    region: r1
	    defaults: {disk: 3, tags: {d: 3}}
	    distributions: {d: {disk: 4}, e: }
	    regions:
	      r1: {defaults: {disk: 5, tags: ~}, distribution: {d: {disk: 6}}}
	      r2: {defaults: {disk: 5}}
	      r3:
	END
	bake-spec --all one.yaml >got
	jq -c "[.name,.disk,.tags]" got >value
	cat >want <<-END
	["aws-r1-d",6,null]
	["aws-r2-d",5,{"a":"1","b":"2","c":"2","d":"3"}]
	["aws-r2-e",5,{"a":"1","b":"1","d":"3"}]
	["aws-r3-d",4,{"a":"1","b":"2","c":"2","d":"3"}]
	["aws-r3-e",3,{"a":"1","b":"1","d":"3"}]
	END
	same want value
	echo "clouds: {ec2: {defaults: {disk: 9}, regions: {r4: }}}" >two.yaml
	bake-spec -r r3,r4 -d e one.yaml two.yaml >got
	jq -c "[.name,.disk]" got >value
	printf "%s\n" "[\"aws-r3-e\",9]" "[\"aws-r4-e\",9]" >want; same want value
'
s 'null takes a setting away, and the variable with it' '
	export AWS_KEY_PAIR=pair
	gives .key_pair "\"pair\""
	gives .key_pair null "key_pair: ~"
'
s 'a region "default" stands for those that are not named; as a text it names the usual one' '
	cat >in <<-END
	cloud: ec2
	defaults: {size: t, user: u}
	regions:
	  r1: {distribution: {d: {ami: one}}}
	  default: {distribution: {d: {ami: any}}}
	END
	bake-spec -r r1,r9 in >got
	jq -c "[.region,.source_image]" got >value
	printf "%s\n" "[\"r1\",\"one\"]" "[\"r9\",\"any\"]" >want; same want value
	fails 78 bake-spec in; says "cannot choose a region of aws"
	AWS_DEFAULT_REGION=r7 bake-spec in >got; labels aws-r7-d
	AWS_REGION=r8 AWS_DEFAULT_REGION=r7 bake-spec in >got; labels aws-r8-d
	sed "s/default: .*/default: r1/" in >named; bake-spec named >got; labels aws-r1-d
'
s 'the usual region may be a variable; a name may not, nor have what no name has' '
	export R=r2 Q="<%= ENV[\"R\"] %>"
	for region in "\${R}" "\"\${R}\"" "\${NO:-r2}" "$Q"; do
		printf "%s\n" "cloud: ec2" "region: $region" "regions: {r1: , r2: }" "distributions: {d: {ami: i, size: t, user: u}}" >in
		bake-spec in >got; labels aws-r2-d
	done
	fails 78 env -u R bake-spec in; says "not set: R$"; lines 1 err
	R=r3 fails 78 bake-spec in; says "cannot use .region. .r3.: the configuration of aws has .r1., .r2.$"
	for region in "\${R}" "<%= x %>" "a/b" "../x" "a\\nb" ""; do
		printf "%s\n" "{cloud: ec2, regions: {\"$region\": {distribution: {d: {ami: i, size: t, user: u}}}}}" >in
		bad "^bake-spec: cannot use region "; lines 1 err
	done
	small >in; sed "s/{d:/{\"\": /" in >new; fails 65 bake-spec new; says "cannot use distribution ..: it is empty"
	echo "{cloud: ec2, region: r, distributions: {default: {ami: i, size: t, user: u}}}" >in
	fails 65 bake-spec -d ../x in; says "cannot use distribution .\.\./x.: it has a ./."
'
s 'a distribution "default" stands for those that are not named' '
	echo "{cloud: ec2, region: r, distributions: {default: {ami: i, size: t, user: u}}}" >in
	bake-spec -d anything in >got; labels aws-r-anything
	fails 64 bake-spec in; says "cannot choose a distribution of aws r: give -d"
'

matrix='
	cat >m.yaml <<-END
	defaults: {size: t, user: u, ami: i}
	clouds:
	  ec2:
	    region: us-west-2
	    regions:
	      us-west-2: {distribution: {centos7: , debian12: }}
	      us-east-1: {distribution: {centos7: }}
	  digitalocean:
	    distributions: {debian12: }
	    regions: {nyc3: , fra1: }
	END
'
m() { s "$1" "$matrix$2"; }
m '--all is the matrix, in the order of the configuration' '
	bake-spec --all m.yaml >got
	labels aws-us-west-2-centos7 aws-us-west-2-debian12 aws-us-east-1-centos7 digitalocean-nyc3-debian12 digitalocean-fra1-debian12
	bake-spec --all m.yaml >again; sed -i "s/-[0-9]\{14\}/-TIME/" got again; same got again
'
m 'options narrow it, and give the order' '
	bake-spec --all -d debian12 m.yaml >got
	labels aws-us-west-2-debian12 digitalocean-nyc3-debian12 digitalocean-fra1-debian12
	bake-spec -c ec2 -r us-east-1,us-west-2 -d centos7 m.yaml >got
	labels aws-us-east-1-centos7 aws-us-west-2-centos7
	bake-spec -c digitalocean -c aws -c ec2 --region us-west-2 -r nyc3 -d debian12 m.yaml >got
	labels digitalocean-nyc3-debian12 aws-us-west-2-debian12
	bake-spec -c ec2 -d centos7 m.yaml >got; labels aws-us-west-2-centos7
'
m 'the region tells the cloud' 'bake-spec -r fra1 m.yaml >got; labels digitalocean-fra1-debian12'
m '--list needs no settings, and makes what follows dry' '
	sed -i "s/ami: i/ami: \"\${NOT_SET}\"/" m.yaml
	bake-spec --list -c digitalocean m.yaml >got
	cat >want <<-END
	{"kind":"bake","name":"digitalocean-nyc3-debian12","provider":"digitalocean","region":"nyc3","distribution":"debian12","planned":true}
	{"kind":"bake","name":"digitalocean-fra1-debian12","provider":"digitalocean","region":"fra1","distribution":"debian12","planned":true}
	END
	same want got
'
choice() { m "asked for: $1" "fails $2 bake-spec $1 m.yaml; says '$(echo "$3" | tr "'" .)'; [ ! -s out ]"; }
choice '' 64 "cannot choose a cloud: give -c, or --all; the configuration has 'aws', 'digitalocean'"
choice '-c ec3' 64 "cannot find cloud 'ec3'"
choice '-c gce' 64 "cannot find cloud 'gce'.*has 'aws', 'digitalocean'"
choice '-c ec2' 64 "cannot choose a distribution of aws us-west-2"
choice '-c ec2 -r us-wst-2' 64 "cannot find region 'us-wst-2' of aws: did you mean 'us-west-2'.*has 'us-west-2', 'us-east-1'"
choice '--all -r nyc4' 64 "cannot find region 'nyc4': did you mean 'nyc3'"
choice '-c ec2 -r us-west-2,nyc3 -d centos7' 64 "cannot find region 'nyc3'"
choice '-c ec2 -d centos' 64 "cannot find distribution 'centos' of aws us-west-2: did you mean 'centos7'; the configuration has 'centos7', 'debian12'"
choice '--all -d fedora' 64 "cannot find distribution 'fedora'"
choice '-c digitalocean' 78 "cannot choose a region of digitalocean: give -r.*'nyc3', 'fra1'"
choice '-c ec2,' 64 "usage: bake-spec"
choice '-d ""' 64 "usage: bake-spec"
choice '--no-such-option' 64 "usage: bake-spec"
choice '""' 64 "the name of an input file is empty"
choice '-f m.yaml -f' 64 "usage: bake-spec"
choice nothing.yaml 66 "cannot open 'nothing.yaml'"
choice . 66 "cannot read '.'"
m 'a region that several clouds take needs its cloud' '
	echo "clouds: {openstack: {defaults: {ami: i, size: t, user: u}, distributions: {d: }}, rackspace: {defaults: {ami: i, size: t}, distributions: {d: }}}" >in
	fails 64 bake-spec -r X in; says "cannot choose a cloud for region .X.: several take it: give CLOUD:X"
	fails 64 bake-spec -c openstack,rackspace -r X in
	bake-spec -r rackspace:X in >got; labels rackspace-x-d
'
m 'a region out of the environment that is not configured is 78' '
	echo "{cloud: ec2, regions: {a: , b: }, distributions: {d: }}" >in
	AWS_REGION=c fails 78 bake-spec in; says "cannot use AWS_REGION .c.: the configuration of aws has .a., .b."
'

s 'variables: all forms' '
	export ONE=1 TWO="two words" EMPTY=
	gives .description "\"1 two words \$ONE \$ 1\"" "description: \"\${ONE} \${TWO} \$ONE \$\$ <%= ENV[\\\"ONE\\\"] %>\""
	gives .description "\"1-z--{x}\"" "description: \"\${ONE:-y}-\${EMPTY:-z}-\${UNSET:-}-{x}\""
	gives .description "\"\${ONE}\"" "description: \"\$\${ONE}\""
	gives .description "\"<%= 1 %>\"" "description: \"<%%= 1 %>\""
	gives .description "\"aws us-west-2 d\"" "description: \"{provider} {region} {distribution}\""
	small >in; sed -i "s/^  ami: ami-1/  ami: ami-1, description: \"<%=ENV.fetch(\x27ONE\x27)-%>\"/" in
	bake-spec in >got; value .description "\"1\""
'
s 'a variable is text: it changes no structure, and is not looked at again' '
	export EVIL="x, disk: 9
	user: root" TWICE="\${ONE} <%= ENV[1] %> {region}" LIST="[a, b]"
	gives "[.description,.disk]" "[\"x, disk: 9\\n\\tuser: root\",null]" "description: \"\${EVIL}\""
	gives .description "\"\${ONE} <%= ENV[1] %> {region}\"" "description: \"\${TWICE}\""
	gives .subnet "\"[a, b]\"" "subnet: \"\${LIST}\""
	refuses 65 "in:3:[0-9]*: this must be one line" "subnet: \"\${EVIL}\""
'
s 'a list out of a variable is split at its commas' '
	export GROUPS_OF="ssh, web"
	gives .security_groups "[\"ssh\",\"web\"]" "security_groups: \"\${GROUPS_OF}\""
	gives .security_groups "[\"ssh\",\"web\",\"db\"]" "security_groups: [[ssh, \"\${GROUPS_OF}\"], [db]]"
	export GROUPS_OF="ssh,,web"
	refuses 65 "an element of it is empty" "security_groups: \"\${GROUPS_OF}\""
'
for form in '${1X}' '${ONE' '${}' '${ONE:?x}' '${ONE-x}' '<% if x %>' '<%= x %>' '<%= ENV["ONE"] || 1 %>' '<%= ENV["ONE]' '<%# x %>'; do
	s "a form that is not understood: $form" "
		export ONE=1
		cat >in <<-'END'
		{cloud: ec2, region: r, distributions: {d: {ami: i, size: t, user: u,
		  description: 'a $form'}}}
		END
		bad '^bake-spec: in:2:16: cannot use '
	"
done
for name in AWS_SECRET_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_SESSION_TOKEN OS_PASSWORD DIGITALOCEAN_TOKEN db_password; do
	s "$name must not land in a record" "
		export $name=canary SLUICE_TRACE=trace
		refuses 65 'in:3:18: cannot use .$name.: it looks like a secret' 'description: \"\${$name}\"'
		refuses 65 'cannot use .$name.: it looks like a secret' 'subnet: \"\${$name:-x}\"'
		no grep -r canary err out trace
	"
done
s 'the text of a private key must not land in a record, the name of a file with a token may' '
	KEY=$(printf "%s\n" "-----BEGIN PRIVATE KEY-----" canary); export KEY TOKEN_FILE=/t
	refuses 65 "cannot use .KEY.: it holds a private key" "description: \"\${KEY}\""
	no grep canary err
	gives .description "\"/t\"" "description: \"\${TOKEN_FILE}\""
'
s 'environment lists names' '
	export A=canary
	gives .environment "[\"A\",\"B_2\"]" "environment: [A, B_2, A]"
	gives .environment "[\"A\",\"B\"]" "environment: \"A, B\""
	no grep canary got
	refuses 65 "environment. lists names" "environment: {A: 1}"
	refuses 65 "environment. lists names" "environment: [A=1]"
	refuses 65 "environment. lists names" "environment: [\"A=1,2\"]"
'

s 'scripts are relative to their file, and hold here' '
	mkdir -p a/b; touch a/b/x.sh a/y.sh z.sh d.sh
	small "bootstrap: [./x.sh, ../y.sh, \"$PWD/z.sh\", \"\${HERE}\", ~/d.sh, \"{distribution}.sh\"]" >a/b/in
	touch a/b/d.sh
	HERE=z.sh bake-spec a/b/in >got
	value "[.bootstrap[] | ltrimstr(\"$PWD/\")]" "[\"a/b/x.sh\",\"a/b/../y.sh\",\"z.sh\",\"z.sh\",\"d.sh\",\"a/b/d.sh\"]"
	(cd a; HERE=../z.sh bake-spec b/in) >got
	value ".bootstrap[0]" "\"b/x.sh\""
	jq -r ".bootstrap[]" got >list; (cd a; while read -r script; do [ -e "$script" ]; done) <list
	touch x.sh
	small "bootstrap: x.sh" | bake-spec >got; value .bootstrap "[\"x.sh\"]"
'
s 'a script that is not there is told before there is a machine' '
	small "bootstrap: [b.sh, c.sh]" "tests: t.sh" >in
	fails 66 bake-spec in
	says "cannot read the script .b.sh.: No such file"; says c.sh; says t.sh; lines 3 err; [ ! -s out ]
'
s 'verify is tests unless it is configured' '
	touch t.sh v.sh
	gives .verify "[\"t.sh\"]" "tests: t.sh"
	gives .verify "[\"v.sh\"]" "tests: t.sh" "verify: v.sh"
	gives .verify "[]" "tests: t.sh" "verify: []"
'
s 'a list in a list is part of it, so that an alias can be added to' '
	touch a.sh b.sh c.sh
	cat >in <<-END
	templates: {x: &x [a.sh, b.sh]}
	cloud: ec2
	region: r
	distributions: {d: {ami: i, size: t, user: u, bootstrap: [*x, c.sh]}}
	END
	bake-spec in >got; value .bootstrap "[\"a.sh\",\"b.sh\",\"c.sh\"]"
'
s 'key files: a variable that is relative is relative to here, and needs a pair' '
	mkdir a; small "key_pair: k" >a/in
	AWS_KEY_FILENAME=k.pem bake-spec a/in >got; value .key_file "\"k.pem\""
	small "key_pair: k" "key_file: k.pem" >a/in
	bake-spec a/in >got; value .key_file "\"a/k.pem\""
	small >a/in; AWS_KEY_FILENAME=k.pem bake-spec a/in >got; value .key_file null
'

s 'image names: distribution and time, or a basename; in UTC' '
	small >in; TZ=Asia/Tokyo bake-spec in >got
	name=$(jq -r .image_name got); case $name in d-2[0-9][0-9][0-9][0-1][0-9][0-3][0-9][0-2][0-9][0-5][0-9][0-5][0-9]) ;; *) echo "$name"; exit 1 ;; esac
	small "image_basename: \"web_{distribution}\"" >in; bake-spec in >got
	value ".image_name | sub(\"[0-9]{14}\$\"; \"T\")" "\"web_d-T\""
	export N=7
	gives .image_name "\"web-7 (x)\"" "image_name: \"web-\${N} (x)\""
	small "image_name: \"{time}-x\"" >in; bake-spec in >got; value ".image_name | sub(\"[0-9]{14}\"; \"T\")" "\"T-x\""
'
s 'the usual name is good in every cloud' '
	cat >in <<-END
	cloud: gce
	region: r
	defaults: {image: i, size: t, user: u}
	distributions: {Ubuntu_14.04: , 7: , "a very long name of a distribution that is longer than any cloud takes it": , é: }
	END
	bake-spec --all in >got
	jq -r ".image_name" got | grep -cE "^[a-z][-a-z0-9]{0,61}[0-9]\$" >value; echo 4 >want; same want value
'
name() {
	s "an image in $1 cannot be called '$2'" "
		echo '{cloud: $1, region: r, distributions: {d: {image: i, size: t, user: u,' >in
		echo '  image_name: \"$2\"}}}' >>in
		bad 'in:2:15: cannot call an image .$2.: $3'
	"
}
name ec2 ab 'in EC2 it has 3 to 128'
name ec2 a:bc 'in EC2 it has'
name ec2 'a&bc' 'in EC2 it has'
name gce A 'in Google'
name gce a- 'in Google'
name gce a_b 'in Google'
name gce 7a 'in Google'
name gce a234567890123456789012345678901234567890123456789012345678901234 'in Google'
s 'two images of one name in one place are refused, Google has one place' '
	cat >in <<-END
	defaults: {size: t, user: u, ami: i, image_name: same}
	clouds:
	  ec2: {regions: {a: {distribution: {x: }}, b: {distribution: {x: , y: }}}}
	  gce: {defaults: {project: p}, regions: {a: {distribution: {x: }}, b: {distribution: {x: }}}}
	END
	bake-spec -c ec2 -r a,b -d x in >got; lines 2 got
	fails 65 bake-spec --all in
	says "cannot make .aws-b-y.: .aws-b-x. makes image .same. in aws b, too"
	says "cannot make .gce-b-x.: .gce-a-x. makes image .same. in gce p, too"
	lines 2 err
'
s 'two records of one name are refused' '
	echo "{cloud: ec2, region: r, defaults: {ami: i, size: t, user: u}, distributions: {a b: {image_name: one}, A-b: {image_name: two}}}" >in
	fails 65 bake-spec --all in; says "makes records called .aws-r-a-b., too"
'

s 'a source by owner, name, family' '
	src() { small "$@" | sed "s/ami: ami-1, //" >in; bake-spec in >got; }
	src "source: {owner: self, name: web-*, architecture: amd64}"
	value .source "{\"owner\":\"self\",\"name\":\"web-*\",\"architecture\":\"x86_64\"}"
	src "source: {name: x, owner: 012345678901}"; value .source "{\"owner\":\"012345678901\",\"name\":\"x\"}"
	sed "s/ami: ami-1/source: {name: x}/" in >other
	small "source: {name: x}" | sed "s/ami: ami-1, //" >in; bad "in:3:13: the source has no .owner."
	small "source: {owner: x}" | sed "s/ami: ami-1, //" >in; bad "the source has no .name. and no .family."
	small "source: {onwer: x, name: y}" | sed "s/ami: ami-1, //" >in; bad "a source has no .onwer.: did you mean .owner."
	small "source: {owner: x, name: y, architecture: i386}" | sed "s/ami: ami-1, //" >in; bad "architecture. must be x86_64"
	small "source: x" | sed "s/ami: ami-1, //" >in; bad "source. must be a mapping"
	small "source: {owner: x, name: y}" >in; bad "an image by its id and a .source. stand side by side"
	small | sed "s/ami: ami-1, //" >in; bad "cannot make .aws-us-west-2-d.: no .source_image. and no .source."
'
s 'parts of a source come from several places; an id that is nearer replaces it' '
	cat >in <<-END
	cloud: ec2
	region: r
	defaults: {size: t, user: u, source: {owner: self, name: base-*}}
	distributions: {a: {source: {name: a-*}}, b: {ami: ami-b}, c: }
	END
	bake-spec --all in >got; jq -c "[.source_image,.source]" got >value
	printf "%s\n" "[null,{\"owner\":\"self\",\"name\":\"a-*\"}]" "[\"ami-b\",null]" "[null,{\"owner\":\"self\",\"name\":\"base-*\"}]" >want
	same want value
'
s 'openstack: an id is an id' '
	echo "{cloud: openstack, region: r, distributions: {d: {size: t, user: u, image: 11111111-1111-4111-8111-111111111111}}}" >in
	bake-spec in >got; value "[.source_image,.source]" "[\"11111111-1111-4111-8111-111111111111\",null]"
'
s 'digitalocean: root logs in, tags may be a list' '
	echo "{cloud: digitalocean, region: nyc3, distributions: {d: {size: s, image: debian-12-x64, tags: [a, \"b:c\"]}}}" >in
	bake-spec in >got; value "[.username,.tags]" "[\"root\",{\"a\":null,\"b\":\"c\"}]"
'
wrong() { s "wrong: $1" "refuses 65 '$2' '$1'"; }
wrong 'disk: 1e2' 'in:3:11: this must be a number from 1'
wrong 'disk: 0' 'this must be a number'
wrong 'disk: [1]' 'this must be one text'
wrong 'sudo: maybe' 'this must be true or false'
wrong 'ssh: 22' 'ssh. must be a mapping'
wrong 'ssh: {port: 66000}' 'number from 1 to 65535'
wrong 'ssh: {port: 22, host: x}' 'ssh. must be a mapping with .port. alone'
wrong 'tags: [a]' 'tags. must be a mapping'
wrong 'tags: {a: [b]}' 'this must be one text'
wrong 'subnet: ""' 'this is empty'
wrong 'bootstrap: {a: b}' 'this must be a text or a list'
wrong 'zones: [us-east-1a]' 'cannot make .aws-us-west-2-d.: zone .us-east-1a. is not in .us-west-2.'
wrong 'bootstap: x' 'in:3:15: an image has no .bootstap.: did you mean .bootstrap.'
wrong 'foo_bar_baz: 1' 'an image has no .foo_bar_baz.'
s 'required settings are named together' '
	echo "{cloud: ec2, region: r, distributions: {d: }}" >in
	fails 65 bake-spec in; says "no .source_image."; says "no .instance_types."; says "no .username."; lines 3 err
	refuses 65 "no .instance_types." "instance_types: []"
'
s 'what begins with x- is the users own' 'gives .disk 1 "x-note: y" "disk: 1"'

structure() { s "structure: $1" "printf '%s\n' '$1' >in; bad '$2'"; }
structure '' 'in: a configuration must be a mapping, and not empty'
structure '[a]' 'in:1:1: a configuration must be a mapping'
structure 'regions: {a: }' 'which cloud is this about'
structure 'cloud: ec3' 'cloud. must be one of'
structure '{clouds: {ec3: {}}}' 'no cloud is called .ec3.: did you mean .ec2.'
structure '{clouds: {ec2: x}}' 'cloud .ec2. must be a mapping'
structure '{clouds: [ec2]}' 'clouds. must be a mapping'
structure '{clouds: {ec2: {}}, cloud: ec2}' 'beside .clouds. there can be no'
structure '{clouds: {ec2: {region: [a]}}}' 'region. must be the name of one'
structure '{clouds: {ec2: {regoins: {}}}}' 'a cloud has no .regoins.: did you mean .regions.'
structure '{clouds: {ec2: {regions: {a: x}}}}' 'in:1:30: this must be a mapping'
structure '{clouds: {ec2: {regions: {a: {disk: 1}}}}}' 'a region has no .disk.'
structure '{clouds: {ec2: {distributions: {d: x}}}}' 'this must be a mapping'
structure '{clouds: {ec2: {distributions: {}, distribution: {}}}}' 'are the same: one must go'
structure '{confgs: {}}' 'a configuration has no .confgs.: did you mean .configs.'
structure '{cloud: ec2, configs: x}' 'configs. must be a mapping'

yaml() { s "YAML: $1" "printf '%b' '$2' >in; bad '$3'"; }
yaml 'broken JSON, its line' '{\n\n"a" "b"}' '^bake-spec: in:3:'
yaml 'a JSON text that ends early' '{"cloud":"ec2",' '^bake-spec: in:2:1: '
yaml 'a tag that means something' 'a: 1\nb: !vault x\n' 'in:2:4: the tag .!vault. is not understood'
yaml 'a tag of a list' 'b: !include [x]\n' 'in:1:4: the tag .!include. is not understood'
yaml 'a tag of bytes' 'b: !!binary eA==\n' 'in:1:4: the tag .tag:yaml.org,2002:binary. is not understood'
yaml 'a line of ERB' 'a: 1\n<% if x %>\nb: 1\n<% end %>\n' 'in:3:1: .*; of ERB only <%= ENV\[.NAME.\] %> in a value is understood'
yaml 'a tab in front' 'a:\n\tb: c\n' 'in:2:1: .*cannot start any token'
yaml 'a key that is there twice' 'cloud: ec2\nregion: a\nregion: b\n' 'in:3:1: .region. is there twice'
yaml 'two documents' '--- {cloud: ec2}\n--- {cloud: ec2}\n' 'in:2:1: a second document begins here'
yaml 'no such anchor' 'a: *b\n' 'in:1:4: .*anchor'
yaml 'an alias in its own anchor' 'a: &b [*b]\n' 'in:1:8: no anchor'
yaml 'a merge of a text' 'a: {<<: b}\n' 'in:1:9: .<<. takes a mapping'
yaml 'a merge of a list of texts' 'a: {<<: [b]}\n' 'in:1:9: .<<. takes a mapping'
yaml 'a key that is a list' '? [a]\n: b\n' 'in:1:3: a key that is no text'
s 'YAML: a NUL' 'printf "%s\n" "a: \"\\0\"" >in; bad "in:1:4: text with a NUL"'
yaml 'no UTF-8' 'a: b\nc: \0377\n' 'in:2:4: .*UTF-8'
yaml 'an ERB tag in single quotes' "a: 1\nb: \\047<%= ENV[\\047X\\047] %>\\047\n" 'in:2:.*put the <%= .* %> here into double quotes'
s 'YAML: the tags of plain values' 'gives "[.disk,.tags,.subnet]" "[5,{\"a\":\"1\"},null]" "disk: !!int 5" "tags: !!map {a: !!str 1}" "subnet: !!null x"'
s 'a quoted << is a key like others, a number is text, a BOM is skipped' '
	printf "\357\273\277cloud: ec2\nregion: r\ndistributions: {14.04: {ami: i, size: t, user: 007, tags: {\"<<\": a}}}\n" >in
	bake-spec in >got; value "[.distribution,.username,.tags]" "[\"14.04\",\"007\",{\"<<\":\"a\"}]"
'
s 'a bomb of aliases is refused at once, a deep one too' '
	{
		echo "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"
		for i in 0 1 2 3 4 5 6 7 8; do echo "a$((i + 1)): &a$((i + 1)) [*a$i, *a$i, *a$i, *a$i, *a$i, *a$i, *a$i, *a$i, *a$i, *a$i]"; done
	} >in
	bad "in:5:[0-9]*: more than 100000 values, aliases followed"
	{ echo "a0: &a0 [x]"; for i in $(seq 0 80); do echo "a$((i + 1)): &a$((i + 1)) [*a$i]"; done; } >in
	bad "more than 64 levels, aliases followed"
	printf "%5000s" | tr " " "[" >in; bad "in:1:65: more than 64 levels"
	{ echo "a: &a {x: 1}"; printf "b: {<<: ["; printf "*a, %.0s" $(seq 60000); echo "]}"; } >in
	bad "more than 100000 values"
'
s 'a fault below an anchor is told once, with its place' '
	cat >in <<-END
	x-y: &x
	  bootstap: a
	cloud: ec2
	regions: {a: &r {distribution: {d: *x}}, b: *r, c: *r}
	END
	fails 65 bake-spec --all in; says "in:2:13: an image has no .bootstap."; lines 1 err
'
s 'all that is wrong is told in one run' '
	small "disk: x" "sudo: x" "subnet: \"\${UNSET}\"" >in
	fails 65 bake-spec in; says number; says "true or false"; says "not set: UNSET"; lines 3 err
'

s 'a full disk is 74' 'small >in; fails 74 sh -c "exec bake-spec in >/dev/full"'
s 'a closed pipe ends it by SIGPIPE' '
	small >in
	{ rc=0; bake-spec in || rc=$?; echo $rc >status; } | :
	case $(cat status) in 0 | 141) ;; *) cat status; exit 1 ;; esac
'
s 'in a sealed stream there is an end, and none after a failure' '
	small >in; SLUICE_SEAL=1 bake-spec <in >got
	lines 2 got; tail -n 1 got >value
	echo "{\"kind\":\"end\",\"filter\":\"bake-spec\",\"records\":1,\"failed\":0}" >want; same want value
	echo "[]" >in; SLUICE_SEAL=1 fails 65 bake-spec in; [ ! -s out ]
'
s 'a recording replays with another clock, environment and run' '
	small "description: \"\${WHO}\"" "bootstrap: b.sh" >in; touch b.sh
	WHO=me SLUICE_TRACE=trace bake-spec in >want
	rm b.sh; sleep 1
	SLUICE_RUN=other SLUICE_REPLAY=trace bake-spec in >got; same want got
'
s 'the sample configuration' '
	cd "$top/pipelines"
	bake-spec --all images.yaml >"$OLDPWD/got"; cd "$OLDPWD"
	labels aws-us-west-2-debian12 aws-us-west-2-ubuntu2404 aws-us-east-1-debian12 aws-us-east-1-ubuntu2404 \
		aws-eu-central-1-debian12 aws-eu-central-1-ubuntu2404 digitalocean-nyc3-debian12 \
		digitalocean-nyc3-ubuntu2404 digitalocean-fra1-debian12 digitalocean-fra1-ubuntu2404
	jq -r ".bootstrap[], .tests[], .verify[]" got | sort -u | while read -r script; do
		[ -x "$top/pipelines/$script" ] || { echo "$script"; touch missing; }
	done
	[ ! -e missing ]
'
s 'the examples of the page run' '
	cp -r "$top/pipelines/images.yaml" "$top/pipelines/images" .
	example bake-spec 1; sh example.sh >got; lines 11 got
	example bake-spec 2; sh example.sh >got; value .bootstrap "[\"images/bootstrap/debian12.sh\"]"
	example bake-spec 3; sh example.sh
	jq -c .disk aws-us-east-1-debian12.json digitalocean-nyc3-debian12.json >value; printf "20\nnull\n" >want; same want value
	echo "defaults: {user: u}" >defaults.yaml
	echo "{distributions: {debian12: {ami: i, size: t}}, region: r}" | tee ec2.yaml >digitalocean.yaml
	example bake-spec 4; sh example.sh >got; lines 3 got
'
done_testing
