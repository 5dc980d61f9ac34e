#!/bin/sh
# SPDX-License-Identifier: ISC
# ami-find and aws-call on the sandbox, what they say held against the aws CLI.
. "$(dirname "$0")/lib.sh"
. "$tests/aws-one.sh"; share_aws_cli

before='. "$tests/sandbox.sh"; start_sandbox
	newest() {			# newest REGION FILTERS… of the aws CLI
		region=$1; shift
		sandbox_aws --region "$region" ec2 describe-images "$@" |
			jq -r "[.Images[] | select(.State == \"available\")] | max_by([.CreationDate, .Name, .ImageId]) | .ImageId"
	}
'
c() { t "$1" "$before$2"; }

c 'the newest of ours, of Amazon by name and architecture' '
	[ "$(ami-find -o self | jq -r .id)" = "$(newest us-west-2 --owners self)" ]
	[ "$(ami-find -o self "tmtt-base-2?" | jq -r .id)" = "$(newest us-west-2 --owners self --filters "Name=name,Values=tmtt-base-2?")" ]
	for arch in x86_64 arm64; do
		ami-find -o amazon -a $arch "al2023-ami-2023*" >got
		[ "$(jq -r .id got)" = "$(newest us-west-2 --owners amazon --filters "Name=name,Values=al2023-ami-2023*" Name=architecture,Values=$arch)" ]
		[ "$(jq -r .architecture got)" = $arch ]
	done
	fails 1 ami-find -o self "nothing-*"
'
c 'all regions; a region that is refused' '
	sandbox_aws ec2 describe-regions | jq -r ".Regions[].RegionName" | sort >want
	ami-find -o amazon --all-regions "al2023-ami-2023*" >out
	jq -r .region out | sort >got; same want got
	for region in eu-west-1 sa-east-1; do
		jq -r "select(.region == \"$region\") | .id" out >>got.ids
		newest $region --owners amazon --filters "Name=name,Values=al2023-ami-2023*" >>want.ids
	done
	same want.ids got.ids
	fails 77 ami-find -o amazon -r me-south-1 -r us-west-2 "al2023-ami-2023*"
	[ "$(jq -r .kind out | xargs)" = "target image" ]
'
c 'SSM parameters: JSON and plain' '
	name=/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended
	want=$(sandbox_aws ssm get-parameter --name $name | jq -r ".Parameter.Value | fromjson.image_id")
	[ "$(ami-find --ssm $name | jq -r .id)" = "$want" ]
	name=/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64
	want=$(sandbox_aws ssm get-parameter --name $name | jq -r .Parameter.Value)
	[ "$(ami-find --ssm $name -a amd64 | jq -r .id)" = "$want" ]
	fails 1 ami-find --ssm $name -a arm64
	fails 1 ami-find --ssm /no/such
'
c 'rights, keys, throttling, resets' '
	AWS_ACCESS_KEY_ID=AKIDNORIGHTS AWS_SECRET_ACCESS_KEY=norights-secret-key fails 77 ami-find -o self
	AWS_SECRET_ACCESS_KEY=wrong fails 77 ami-find -o self
	fault "{\"action\":\"DescribeImages\",\"nth\":1,\"effect\":\"status\",\"code\":\"RequestLimitExceeded\"}"
	ami-find -o self >got; jq -e ".kind == \"image\"" got
	no_faults; fault "{\"action\":\"DescribeImages\",\"nth\":1,\"effect\":\"reset-after\"}"
	ami-find -o self >got; jq -e ".kind == \"image\"" got
	no_faults; fault "{\"action\":\"DescribeImages\",\"effect\":\"html\"}"
	AWS_MAX_ATTEMPTS=1 fails 75 ami-find -o self; says 502
	no_faults; fault "{\"action\":\"DescribeImages\",\"effect\":\"truncate\"}"
	AWS_MAX_ATTEMPTS=1 fails 75 ami-find -o self
'
c 'aws-call: the same answer as the aws CLI has, and changes' '
	aws-call --all ec2 DescribeImages </dev/null | jq -r ".imagesSet[].imageId" | sort >got
	sandbox_aws ec2 describe-images | jq -r ".Images[].ImageId" | sort >want
	same want got
	echo "{\"MaxResults\":5,\"Owner\":[\"amazon\"]}" | aws-call --all ec2 DescribeImages >pages
	[ "$(jq -s length pages)" -gt 1 ]
	id=$(ami-find -o self | jq -r .id)
	echo "{\"ResourceId\":[\"$id\"],\"Tag\":[{\"Key\":\"a b\",\"Value\":\"c&d=é\"}]}" | aws-call ec2 CreateTags
	[ "$(ami-find -o self -t "a b=c&d=é" | jq -r "[.id, .tags[\"a b\"]] | join(\" \")")" = "$id c&d=é" ]
	aws-call sts GetCallerIdentity </dev/null | jq -e ".Account == \"123456789012\""
	echo "{\"Name\":\"/no/such\"}" >in; fails 69 aws-call ssm GetParameter <in; says ParameterNotFound
'
c 'recorded and replayed with no cloud: the same bytes' '
	SLUICE_TRACE=$PWD/trace ami-find -o amazon --all-regions "al2023-ami-2023*" >want
	stop_sandbox
	env -i PATH="$PATH" HOME="$HOME" SLUICE_REPLAY="$PWD/trace" \
		ami-find -o amazon --all-regions "al2023-ami-2023*" >got
	same want got
	no grep -rq sandbox-secret-key trace
'

if [ -f "$tests/moto.sh" ]; then
	. "$tests/moto.sh"
	before='. "$tests/moto.sh"; start_moto
'
	m() { if moto_images=true moto_ready; then c "$1" "$2"; else skip "$1" "$why_no_moto"; fi; }
	m 'on moto, with its signature checks' '
		newest() {
			moto_aws ec2 describe-images "$@" |
				jq -r "[.Images[] | select(.State == \"available\")] | max_by([.CreationDate, .Name, .ImageId]) | .ImageId"
		}
		ami-find -o amazon -a x86_64 "amzn2-ami-*" >got
		[ "$(jq -r .id got)" = "$(newest --owners amazon --filters "Name=name,Values=amzn2-ami-*" Name=architecture,Values=x86_64)" ]
		name=/aws/service/ecs/optimized-ami/amazon-linux-2/recommended
		ami-find --ssm $name | jq -e ".id | startswith(\"ami-\")"
		[ "$(ami-find --ssm $name/image_id | jq -r .id)" = "$(ami-find --ssm $name | jq -r .id)" ]
		aws-call --all ec2 DescribeImages </dev/null | jq -r ".imagesSet[].imageId" | sort >got
		moto_aws ec2 describe-images | jq -r ".Images[].ImageId" | sort >want
		same want got
		AWS_SECRET_ACCESS_KEY=wrong fails 77 ami-find -o self
		AWS_MAX_ATTEMPTS=1 fails 75 aws-call ec2 EnableImageDeprecation </dev/null
	'
fi
done_testing
