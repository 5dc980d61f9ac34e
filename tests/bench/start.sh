#!/bin/sh
# SPDX-License-Identifier: ISC
# How long each filter takes to start, against an empty program linked with the same libraries; at
# most 1.5 times that.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
bin=${SLUICE_BIN:-$here/bin}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

echo 'int main(void) { return 0; }' >"$dir/empty.c"
for filter in "$bin"/*; do
	libraries=$(readelf -d "$filter" | sed -n 's/.*(NEEDED).*\[\(lib.*\.so[.0-9]*\)\].*/-l:\1/p' | grep -v -e -l:libc.so | sort | tr '\n' ' ')
	empty=$dir/empty-$(echo "$libraries" | tr -cd 'a-z0-9')
	# shellcheck disable=SC2086 # a list of words
	[ -x "$empty" ] || ${CC:-cc} -O2 -fPIE -pie -Wl,-z,now,--no-as-needed -o "$empty" "$dir/empty.c" $libraries
	hyperfine -N --style none --warmup 10 --runs "${RUNS:-150}" --export-json "$dir/times" \
		"$filter --version" "$empty" >"$dir/said" 2>&1 || { cat "$dir/said" >&2; exit 1; }
	jq -r --arg name "${filter##*/}" '(.results | map(.min)) as [$ours, $empty]
		| "start of \($name): \($ours / $empty * 100 | round / 100) of an empty program (at most 1.5)"' "$dir/times"
done
