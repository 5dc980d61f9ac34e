# SPDX-License-Identifier: ISC
# A case's words for DigitalOcean on the stub; in a case: . "$tests/do.sh"
. "$tests/stub.sh"
do_stub() {				# the stub is DigitalOcean
	serve
	export DIGITALOCEAN_API_URL="$stub" DIGITALOCEAN_ACCESS_TOKEN=dop_v1_stub
}
droplet() {				# droplet ID [MEMBERS]: members replace or add
	jq -cn --argjson id "$1" "{id: \$id, name: \"web-\\(\$id)\", status: \"active\", locked: false,
		region: {slug: \"nyc3\"}, size_slug: \"s-1vcpu-1gb\", features: [\"ipv6\"],
		image: {id: 7, slug: \"debian-12-x64\"}, tags: [], created_at: \"2026-01-02T03:04:05Z\",
		networks: {v4: [{ip_address: \"10.1.0.\\(\$id % 250)\", type: \"private\"},
				{ip_address: \"45.55.0.\\(\$id % 250)\", type: \"public\"}],
			v6: [{ip_address: \"2604:a880:800:10::\\(\$id % 250)\", type: \"public\"}]}} + ${2:-{\}}"
}
# page_of MEMBER TOTAL [THINGS]: an answer with those lines
page_of() { printf "%s\n" "${3-}" | jq -cs "{$1: ., links: {}, meta: {total: $2}}"; }
no_gpus() { page_of droplets 0 | answer 200 "X-Stub: times=0 match=type=gpus"; }
# droplets N: answers the list of N droplets, page by page, for ever
droplets() {
	no_gpus
	jq -cn --argjson n "$1" "range(1; \$n + 1) | {id: ., name: \"web-\\(.)\", status: \"active\",
		region: {slug: \"nyc3\"}, size_slug: \"s-1vcpu-1gb\", networks: {}}" >all
	page=1
	while :; do
		tail -n +$((page * 200 - 199)) all | head -n 200 |
			jq -cs "{droplets: ., links: {}, meta: {total: $1}}" |
			answer 200 "X-Stub: times=0 match=page=$page\\s ${2-}"
		[ $((page * 200)) -lt "$1" ] || break
		page=$((page + 1))
	done
}
# On the sandbox: . "$tests/sandbox.sh"; start_sandbox; then
want() {				# want NAME [MEMBERS]: a wanted instance that can be made
	jq -cn --arg name "$1" "{kind: \"instance\", name: \$name, region: \"nyc3\", size: \"s-1vcpu-1gb\",
		image: \"debian-12-x64\"} + ${2:-{\}}"
}
ensure() { do-droplets ensure --no-key --interval 1ms --lag 0 "$@"; }
names() { do-droplets list | jq -r .name | sort | xargs; }
changed() {				# the changing requests, as the journal has them
	{ journal >sandbox.journal && jq -r 'select(.changed) | .action' sandbox.journal; } || echo 'no journal'
}
