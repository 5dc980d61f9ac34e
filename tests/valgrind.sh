#!/bin/sh
# SPDX-License-Identifier: ISC
# valgrind.sh BUILD: runs what is there of a few filters under valgrind; leaks count.
set -eu
out=$(cd "$1" && pwd)
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
export AWS_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true AWS_ENDPOINT_URL=http://127.0.0.1:9 AWS_MAX_ATTEMPTS=1
failed=0

# try STATUS PROGRAM ARGUMENTS…: its status under valgrind, and no complaint
try() {
	want=$1 program=$2; shift 2
	for place in bin build/unit; do [ ! -x "$out/$place/$program" ] || break; done
	[ -x "$out/$place/$program" ] || return 0
	rc=0
	valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect \
		"$out/$place/$program" "$@" <in >/dev/null 2>err || rc=$?
	if [ $rc -eq "$want" ]; then
		echo "$program: clean"
	else
		echo "$program: status $rc, want $want"; cat err; failed=1
	fi
}

cat >in <<'END'
{"kind":"http-request","method":"POST","url":"https://ec2.us-east-1.amazonaws.com/","postData":{"mimeType":"application/x-www-form-urlencoded","text":"Action=DescribeRegions"}}
{"kind":"test","a":0.10,"fail":"x"}
nonsense
{"kind":"x","error":{"status":65}}
END
try 65 rec-cat a=b
try 65 aws-sign
try 65 rec-table
printf '%s\n' '{"kind":"http-request","method":"GET","url":"http://127.0.0.1:9/"}' >in
try 0 aws-sign -s ec2
try 0 http-try -a 1
try 75 http-send
echo '{}' >in
try 75 aws-call ec2 DescribeRegions
try 75 ami-find -r us-east-1 -o 123456789012 x
echo '{cloud: ec2, region: r, distributions: {d: {ami: i, size: t, user: u, tags: {a: b}}}}' >in
try 0 bake-spec
echo '{cloud: ec2, region: r, distributions: {d: {<<: [{ami: i}], sise: t}}}' >in
try 65 bake-spec
echo '{a: &a [b], c: [*a, *d]}' >in
try 65 bake-spec
exit $failed
