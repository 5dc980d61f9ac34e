#!/bin/sh
# SPDX-License-Identifier: ISC
# aws-sign on many requests, against reading, hashing and printing them (tests/unit/sign-floor.c); at
# most twice that.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
bin=${SLUICE_BIN:-$here/bin} build=${SLUICE_BUILD:-$here/build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
awk -v n="${REQUESTS:-50000}" 'BEGIN { for (i = 0; i < n; i++)
	printf "{\"kind\":\"http-request\",\"method\":\"POST\",\"url\":\"https://ec2.us-east-1.amazonaws.com/\",\"headers\":[{\"name\":\"Content-Type\",\"value\":\"application/x-www-form-urlencoded\"}],\"postData\":{\"mimeType\":\"application/x-www-form-urlencoded\",\"text\":\"Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-%017x\"}}\n", i }' >"$dir/in"
hyperfine -N --style none --warmup 1 --runs "${RUNS:-8}" --export-json "$dir/times" \
	"$bin/aws-sign -d 20261120T120000Z -f $dir/in" "$build/unit/sign-floor $dir/in" >"$dir/said" 2>&1 || { cat "$dir/said" >&2; exit 1; }
jq -r '(.results | map(.user + .system)) as [$ours, $floor]
	| "aws-sign: \($ours / $floor * 100 | round / 100) of the CPU to parse, hash and print (at most 2)"' "$dir/times"
