# SPDX-License-Identifier: ISC
# TAP for shell tests. A test file begins
#	. "$(dirname "$0")/lib.sh"
# and ends with done_testing. Each case runs under `sh -eu` in its own empty directory, with
# nothing inherited but PATH and what lib.sh sets; its output is shown when it fails.
tests=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$tests")
bin=${SLUICE_BIN:-$top/bin}
build=${SLUICE_BUILD:-$top/build}
scratch=$(mktemp -d)
stop() {
	for pid in $pids; do kill "$pid" 2>/dev/null || :; done
	rm -rf "$scratch"
}
pids=
trap stop EXIT
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
n=0 bad=0

# in_case DIRECTORY SCRIPT: the environment of a case.
in_case() {
	(cd "$1" && env -i PATH="$1/stand-ins:$bin:$build/unit:$build:$PATH" HOME="$1" TMPDIR="$1" \
		LC_ALL=C TZ=UTC \
		SLUICE_RUN=test AWS_EC2_METADATA_DISABLED=true every="${TEST_EVERY:-1}" tests="$tests" top="$top" bin="$bin" \
		build="$build" ASAN_OPTIONS="${ASAN_OPTIONS-}" UBSAN_OPTIONS="${UBSAN_OPTIONS-}" \
		LSAN_OPTIONS="${LSAN_OPTIONS-}" \
		sh -eu -c '. "$tests/case.sh"; '"$2")
}
failed() {				# what prove shows of it goes to stderr
	bad=1; echo "not ok $n - $1"
	{ echo "not ok $n - $1"; cat "$d.log"; } | sed 's/^/# /' >&2
}
t() {					# t NAME SCRIPT
	n=$((n + 1)); d=$scratch/$n; mkdir "$d"
	if in_case "$d" "$2" >"$d.log" 2>&1 </dev/null
	then echo "ok $n - $1"
	else failed "$1"
	fi
}
skip() {				# skip NAME REASON
	n=$((n + 1)); echo "ok $n - $1 # skip $2"
}
needs_machines() {			# the file is skipped where the sandbox can have none
	why=$("$build/sandbox" --machines --run true 2>&1) && return
	case $why in
	*'machines: no '*) echo "1..0 # SKIP ${why#*: }"; exit 0 ;;
	esac
}
done_testing() { echo "1..$n"; exit $bad; }
