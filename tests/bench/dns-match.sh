#!/bin/sh
# SPDX-License-Identifier: ISC
# dns-match beside the same join in jq: MACHINES machines with two addresses each, a name for each
# address. Prints ratios; fails only when the two disagree.
# In jq 1.6 INDEX and `+=` in a reduce are quadratic (hours here); this join sorts, as fast as it
# gets. It compares addresses as text, so the data has one spelling only.
set -eu
machines=${MACHINES:-100000}
here=$(cd "$(dirname "$0")/../.." && pwd)
PATH=${SLUICE_BIN:-$here/bin}:$PATH
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

awk -v n="$machines" 'BEGIN {
	for (i = 0; i < n; i++) {
		v4 = sprintf("45.%d.%d.%d", i / 65536, i / 256 % 256, i % 256)
		v6 = sprintf("2604:a880:800:10::%x:%x", 1 + i / 65536, i % 65536)
		printf "{\"kind\":\"instance\",\"provider\":\"digitalocean\",\"id\":\"%d\",\"name\":\"server%d\",", 3164494 + i, i
		printf "\"region\":\"nyc3\",\"public_network_interfaces\":{\"ipv4\":\"%s\",\"ipv6\":\"%s\"},", v4, v6
		printf "\"backups\":false,\"image\":\"debian-12-x64\",\"size\":\"s-1vcpu-1gb\",\"status\":\"active\"}\n"
		printf "{\"kind\":\"dns-record\",\"provider\":\"digitalocean\",\"domain\":\"acme.com\",\"id\":\"%d\",", 2 * i
		printf "\"type\":\"A\",\"name\":\"www%d\",\"fqdn\":\"www%d.acme.com\",\"data\":\"%s\",\"ttl\":1800}\n", i, i, v4
		printf "{\"kind\":\"dns-record\",\"provider\":\"digitalocean\",\"domain\":\"acme.com\",\"id\":\"%d\",", 2 * i + 1
		printf "\"type\":\"AAAA\",\"name\":\"six%d\",\"fqdn\":\"six%d.acme.com\",\"data\":\"%s\",\"ttl\":1800}\n", i, i, v6
	}
}' >"$dir/in"

cat >"$dir/join.jq" <<'JQ'
[inputs] as $all
| (reduce ([$all[] | select(.kind == "dns-record") | {data, fqdn}] | group_by(.data))[] as $g
	({}; .[$g[0].data] = ($g | map(.fqdn)))) as $names
| (reduce ($all[] | select(.kind == "instance") | {provider, id, name} as $machine
	| .public_network_interfaces[] | {address: ., $machine}) as $o
	({}; .[$o.address] = $o.machine)) as $owner
| $all[]
| if .kind == "instance" then
	.names = ([.public_network_interfaces[] | $names[.] // [] | .[]]
		| if length > 1 then reduce .[] as $n ([]; if index($n) then . else . + [$n] end) else . end)
  else .instance = $owner[.data] end
JQ

# cost NAME COMMAND...: seconds of CPU and peak memory (kB) in $dir/NAME
cost() {
	name=$1; shift
	/usr/bin/time -f '%U %S %M' -o "$dir/$name" "$@" <"$dir/in" >"$dir/$name.out"
}
cost jq jq -cn -f "$dir/join.jq"
cost ours dns-match
cmp "$dir/jq.out" "$dir/ours.out"
paste -d ' ' "$dir/jq" "$dir/ours" | awk -v n="$machines" '{
	printf "dns-match, %d machines, %d records: time 1/%.1f of jq (%.2f s), memory 1/%.1f of jq (%d MB)\n",
		n, 2 * n, ($1 + $2) / ($4 + $5), $4 + $5, $3 / $6, $6 / 1024
}'
