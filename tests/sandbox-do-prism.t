#!/bin/sh
# SPDX-License-Identifier: ISC
# The sandbox's DigitalOcean held against DigitalOcean's own description of its API: between curl and
# the sandbox stands Prism, which answers 422 to a request and 500 to an answer that do not fit it.
# `tests/check prism` installs it.
. "$(dirname "$0")/lib.sh"

prism=$top/build/prism/node_modules/.bin/prism
if ! command -v node >/dev/null || [ ! -x "$prism" ]; then
	skip 'DigitalOcean as described by itself' 'no Prism: tests/check prism installs it'
	done_testing
fi
described=$top/../shared/data/digitalocean/do-subset.openapi.json
[ -e "$described" ] || described=$tests/data/digitalocean/do-subset.openapi.json

words="prism=$prism described=$described"'
	. "$tests/sandbox.sh"
	start_sandbox --speed 0
	behave "{\"digitalocean\":{\"limits\":{\"minute\":0}}}"
	seed "{\"digitalocean\":{\"bulk\":{\"droplets\":25}, \"droplets\":[
		{\"name\":\"old\",\"size\":\"1gb\",\"image\":\"debian-7-0-x64\",\"ipv6\":\"2604:a880:800:10::60:c001\",\"reserved\":\"45.55.1.1\"},
		{\"name\":\"gpu\",\"size\":\"gpu-h100x1-80gb\",\"region\":\"tor1\",\"image\":\"gpu-h100x1-base\"}]}}"
	"$prism" proxy --errors -h 127.0.0.1 -p 0 "$described" "$SANDBOX_URL" >prism.log 2>&1 &
	prism_pid=$!
	trap "kill $prism_pid" EXIT
	tries=0
	until DIGITALOCEAN_API_URL=$(sed -n "s/.*Prism is listening on //p" prism.log) && [ "$DIGITALOCEAN_API_URL" ]; do
		kill -0 $prism_pid || { cat prism.log; exit 1; }
		tries=$((tries + 1)); [ $tries -lt 600 ] || { cat prism.log; exit 1; }
		perl -e "select undef, undef, undef, 0.1"
	done
'
c() { t "DigitalOcean as described by itself: $1" "$words$2"; }

c 'all calls fit, and their answers' '
	# call STATUS METHOD PATH [BODY]: it is that status, and Prism has no objection.
	call() {
		want=$1; shift
		status=$(sandbox_do "$1" "/v2/$2" ${3:+"$3"})
		if [ "$status" != "$want" ] || grep -q stoplight.io/prism got; then
			echo "$* $status, not $want"; head -c 2000 got; exit 1
		fi
	}
	get() { for path; do call 200 GET "$path"; done; }
	value() { jq -r "$1" got; }

	get account droplets "droplets?per_page=200&page=1" "droplets?page=2" "droplets?type=gpus" "droplets?name=OLD" \
		domains domains/acme.com domains/acme.com/records regions sizes "sizes?per_page=2&page=2" images \
		images/debian-12-x64 "images?type=distribution" "images?type=application" "images?private=true" \
		snapshots tags actions vpcs
	call 404 GET droplets/1
	call 404 GET domains/none.com/records
	(DIGITALOCEAN_ACCESS_TOKEN=wrong; call 401 GET account)

	key="ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQDDHr/jh2Jy4yALcK4JyWbVkPRaWmhck3IgCoeOO3z1e2dBowLh64QAM+Qb72pxekALga2oi4GvT+TlWNhzPH4V fredy@acme.com"
	call 201 POST account/keys "{\"name\":\"fredy\",\"public_key\":\"$key\"}"
	id=$(value .ssh_key.id) print=$(value .ssh_key.fingerprint)
	call 422 POST account/keys "{\"name\":\"again\",\"public_key\":\"$key\"}"
	get account/keys account/keys/$id account/keys/$print
	call 200 PUT account/keys/$id "{\"name\":\"fredy2\"}"

	of="\"region\":\"nyc1\",\"size\":\"s-1vcpu-1gb\",\"image\":\"debian-12-x64\""
	call 202 POST droplets "{\"name\":\"server1\",$of,\"ipv6\":true,\"backups\":true,\"monitoring\":true,\"tags\":[\"a\"],\"ssh_keys\":[$id,\"$print\"],\"user_data\":\"#!/bin/sh\"}"
	droplet=$(value .droplet.id) action=$(value ".links.actions[0].id")
	get droplets/$droplet droplets actions/$action actions droplets/$droplet/actions droplets/$droplet/actions/$action
	advance 21
	get droplets/$droplet
	advance 6
	get droplets/$droplet actions/$action
	call 202 POST droplets "{\"names\":[\"server2\",\"server3\"],$of}"
	call 422 POST droplets "{\"name\":\"x\",\"region\":\"nyc1\",\"size\":\"1gb\",\"image\":\"debian-12-x64\"}"
	advance 30

	get "droplets?tag_name=a" tags tags/a
	call 201 POST tags "{\"name\":\"b\"}"
	one="{\"resources\":[{\"resource_id\":\"$droplet\",\"resource_type\":\"droplet\"}]}"
	call 204 POST tags/b/resources "$one"
	get tags/b
	call 204 DELETE tags/b/resources "$one"
	call 204 DELETE tags/b

	for type in reboot power_off power_on shutdown power_on; do
		call 201 POST droplets/$droplet/actions "{\"type\":\"$type\"}"
		advance 10
		get droplets/$droplet
	done
	call 422 POST droplets/$droplet/actions "{\"type\":\"enable_ipv6\"}"
	call 201 POST droplets/$droplet/actions "{\"type\":\"snapshot\",\"name\":\"before\"}"
	call 422 DELETE droplets/$droplet
	advance 61
	get snapshots "snapshots?resource_type=droplet" droplets/$droplet/snapshots droplets/$droplet/backups "images?private=true"
	call 200 GET snapshots/$(jq -r ".images[0].id" got)
	snapshot=$(value .snapshot.id)
	get images/$snapshot droplets/$droplet
	call 204 DELETE snapshots/$snapshot

	call 201 POST domains "{\"name\":\"example.org\",\"ip_address\":\"192.0.2.1\"}"
	call 422 POST domains "{\"name\":\"example.org\"}"
	call 422 DELETE domains/example.org/records/$(sandbox_do GET /v2/domains/example.org/records >status; jq ".domain_records[0].id" got)
	for record in "\"A\",\"name\":\"www\",\"data\":\"192.0.2.1\"" "\"AAAA\",\"name\":\"www\",\"data\":\"2604:a880:800:10::60:c001\",\"ttl\":60" \
		"\"CNAME\",\"name\":\"x\",\"data\":\"www.example.org.\"" "\"MX\",\"name\":\"@\",\"data\":\"mail.example.org.\",\"priority\":10" \
		"\"TXT\",\"name\":\"@\",\"data\":\"v=spf1 -all\"" "\"SRV\",\"name\":\"_a._tcp\",\"data\":\"www.example.org.\",\"priority\":1,\"port\":2,\"weight\":3" \
		"\"CAA\",\"name\":\"@\",\"data\":\"letsencrypt.org.\",\"flags\":0,\"tag\":\"issue\""; do
		call 201 POST domains/example.org/records "{\"type\":$record}"
	done
	record=domains/example.org/records/$(value .domain_record.id)
	get domains/example.org domains/example.org/records "domains/example.org/records?type=AAAA&name=www.example.org" $record
	call 422 POST domains/example.org/records "{\"type\":\"CNAME\",\"name\":\"www\",\"data\":\"x.acme.com.\"}"
	call 200 PATCH $record "{\"type\":\"CAA\",\"ttl\":90}"
	call 200 PUT $record "{\"type\":\"CAA\",\"ttl\":120}"
	call 204 DELETE $record
	call 404 DELETE $record
	call 204 DELETE domains/example.org

	get vpcs
	vpc=vpcs/$(value ".vpcs[0].id")
	get $vpc $vpc/members
	call 201 POST vpcs "{\"name\":\"mine\",\"region\":\"nyc1\"}"
	vpc=vpcs/$(value .vpc.id)
	call 200 PATCH $vpc "{\"name\":\"ours\"}"
	call 204 DELETE $vpc

	call 204 DELETE droplets/$droplet
	call 404 DELETE droplets/$droplet
	call 204 DELETE account/keys/$print
	behave "{\"digitalocean\":{\"limits\":{\"minute\":1}}}"
	call 429 GET account
	behave "{\"digitalocean\":{\"limits\":{\"minute\":0}}}"
	fault "{\"effect\":\"status\",\"status\":500}"
	call 500 GET account
	no_faults

	# Prism does see what does not fit.
	behave "{\"digitalocean\":{\"hide\":[\"networks\"]}}"
	[ "$(sandbox_do GET /v2/droplets)" = 500 ]; grep -q stoplight.io/prism got
	[ "$(sandbox_do POST /v2/droplets "{\"name\":\"a_b\"}")" = 422 ]; grep -q stoplight.io/prism got
'
c 'our filters' '
	do-droplets list >out
	jq -r .name out | sort >got
	{ echo old; echo gpu; seq -f web%g 25; } | sort >want
	same want got
	journal | jq -e -s "map(select(.status != 200)) == [] and length > 0"
'
done_testing
