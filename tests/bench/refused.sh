#!/bin/sh
# SPDX-License-Identifier: ISC
# The CPU time of one signed call to a port that refuses, against curl's; at most the same.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
bin=${SLUICE_BIN:-$here/bin}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY \
	AWS_REGION=us-east-1 AWS_ENDPOINT_URL=http://127.0.0.1:9 HOME="$dir" \
	AWS_EC2_METADATA_DISABLED=true
hyperfine -N -i --style none --warmup 5 --runs "${RUNS:-100}" --export-json "$dir/times" \
	"$bin/ami-find -q -o self web" \
	"$bin/aws-call -q ec2 DescribeImages" \
	"curl -s --aws-sigv4 aws:amz:us-east-1:ec2 --user $AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY \
		-d Action=DescribeImages $AWS_ENDPOINT_URL/" >"$dir/said" 2>&1 || { cat "$dir/said" >&2; exit 1; }
jq -r '(.results | map(.user + .system)) as [$find, $call, $curl]
	| "ami-find, refused: \($find / $curl * 100 | round / 100) of the CPU of curl --aws-sigv4 (at most 1)",
	"aws-call, refused: \($call / $curl * 100 | round / 100) of the CPU of curl --aws-sigv4 (at most 1)"' "$dir/times"
