#!/bin/sh
# SPDX-License-Identifier: ISC
# fuzz.sh DIRECTORY SECONDS: each fuzz target of DIRECTORY for SECONDS, one on each processor at a
# time, its seeds all small files of tests/data. What made one fail stays in DIRECTORY/found-NAME; run the target on it.
set -eu
targets=$(cd "$1" && pwd) seconds=$2
data=$(cd "$(dirname "$0")/data" && pwd)
seeds=$(mktemp -d)
trap 'rm -rf "$seeds" "$seeds.failed"' EXIT
find "$data" -type f -size -8k | sort | awk 'NR % 3 == 1' | {
	number=0
	while read -r file; do
		number=$((number + 1))
		cp "$file" "$seeds/$number"
	done
}
fuzz() {
	target=$1 name=${1##*/}
	corpus=$targets/corpus-$name
	mkdir -p "$corpus"
	# 2: what the target itself says on stderr is not shown
	if "$target" -close_fd_mask=2 -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
		-artifact_prefix="$targets/found-$name-" "$corpus" "$seeds" >"$targets/log-$name" 2>&1
	then
		echo "fuzz $name: $(sed -n 's/^Done \([0-9]*\) runs.*/\1 runs, nothing found/p' "$targets/log-$name")"
	else
		touch "$seeds.failed"
		echo "fuzz $name: failed"
		tail -n 20 "$targets/log-$name"
		for found in "$targets/found-$name-"*; do
			[ ! -e "$found" ] || "$target" "$found" 2>&1 | tail -n 40 || :
		done
	fi
}
jobs=$(getconf _NPROCESSORS_ONLN) running=0
for target in "$targets"/*; do
	case ${target##*/} in found-* | corpus-* | log-*) continue ;; esac
	fuzz "$target" &
	running=$((running + 1))
	[ $((running % jobs)) -ne 0 ] || wait	# all have the same time
done
wait
[ ! -e "$seeds.failed" ]
