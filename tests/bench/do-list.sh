#!/bin/sh
# SPDX-License-Identifier: ISC
# Listing DROPLETS droplets, a page in 50 ms: do-droplets beside curl page after page, and doctl where
# tests/check has built it. Round trips are counted in answers of 50 ms; what the sandbox itself takes
# to make a page counts against all of them, so its time without delay is shown, too.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
tests=$here/tests build=${SLUICE_BUILD:-$here/build}
PATH=${SLUICE_BIN:-$here/bin}:$PATH
droplets=${DROPLETS:-10000} ms=50
[ -x "$build/sandbox" ] || { echo "do-list: no sandbox here: make sandbox" >&2; exit 0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
. "$tests/sandbox.sh"
start_sandbox
trap 'stop_sandbox; rm -rf "$dir"' EXIT
seed "{\"digitalocean\":{\"bulk\":{\"droplets\":$droplets,\"prefix\":\"web\"}}}"
behave '{"digitalocean":{"limits":{"hour":0,"minute":0,"keys":0}}}'
pages=$(((droplets + 199) / 200))

cat >curl.sh <<'END'
page=1
while [ $page -le "$PAGES" ]; do
	echo "url = \"$DIGITALOCEAN_API_URL/v2/droplets?per_page=200&page=$page\""
	page=$((page + 1))
done | curl -sS --noproxy '*' -H "Authorization: Bearer $DIGITALOCEAN_ACCESS_TOKEN" -K - |
	jq -c '.droplets[] | {id, name}'
END
export PAGES=$pages
doctl=${DOCTL:-$here/build/doctl/doctl}
[ "$(do-droplets list | wc -l)" -eq "$droplets" ]
[ "$(sh curl.sh | wc -l)" -eq "$droplets" ]

time_of() {				# time_of COMMAND: the mean of 3 runs, in ms
	hyperfine -N --style none --warmup 1 --runs 3 --export-json times "$1" >said 2>&1 || { cat said >&2; exit 1; }
	jq '.results[0].mean * 1000 | round' times
}
bare=$(time_of 'do-droplets list')
behave "{\"latency_ms\":$ms}"
ours=$(time_of 'do-droplets list')
curl=$(time_of 'sh curl.sh')
echo "do-droplets list, $droplets droplets: $ours ms, of which $((ours - bare)) ms wait for $pages pages of $ms ms each (two round trips: $((2 * ms)) ms)"
jq -nr --argjson a "$ours" --argjson b "$curl" --arg n "$pages" \
	'"do-droplets list: \($a / $b * 100 | round / 100) of the time of curl and jq, \($n) pages one after the other"'
if [ -x "$doctl" ]; then
	peer=$(time_of "$doctl compute droplet list -o json")
	jq -nr --argjson a "$ours" --argjson b "$peer" '"do-droplets list: \($a / $b * 100 | round / 100) of the time of doctl"'
fi
