#!/bin/sh
# SPDX-License-Identifier: ISC
# The sandbox's DigitalOcean by itself: what tests rely on that neither Prism nor doctl looks at.
. "$(dirname "$0")/lib.sh"

words='. "$tests/sandbox.sh"
# call STATUS METHOD PATH [BODY]
call() {
	status=$(sandbox_do "$2" "/v2/$3" ${4:+"$4"})
	[ "$status" = "$1" ] || { echo "$2 $3: $status, not $1"; cat got; echo; return 1; }
}
# is JQ WANT: that of the last answer
is() {
	value=$(jq -c "$1" got)
	[ "$value" = "$2" ] || { echo "$1 is $value, not $2"; return 1; }
}
of="\"region\":\"nyc1\",\"size\":\"s-1vcpu-1gb\",\"image\":\"debian-12-x64\""
create() { call 202 POST droplets "{\"name\":\"$1\",$of${2:+,$2}}"; id=$(jq .droplet.id got); }
head_is() {				# head_is NAME REGEX: that header of the last answer
	tr -d "\r" <got.head | grep -qixE "$1: $2" || { echo "no $1: $2"; cat got.head; return 1; }
}
'
c() { t "digitalocean: $1" "$words
start_sandbox --speed 0
$2"; }

c 'a droplet is new, then active, then has its addresses; its action tells' '
	create web "\"ipv6\":true,\"user_data\":\"secret\",\"tags\":[\"b\",\"a\"]"
	is ".droplet | [.status, .features, .networks, .vpc_uuid]" "[\"new\",[],{\"v4\":[],\"v6\":[]},null]"
	is ".links.actions[0].rel" "\"create\""
	action=$(jq ".links.actions[0].id" got)
	advance 19; call 200 GET actions/$action; is .action.status "\"in-progress\""
	call 422 DELETE droplets/$id
	advance 1; call 200 GET actions/$action; is .action.status "\"completed\""
	call 200 GET droplets/$id
	is ".droplet | [.status, .networks, .tags]" "[\"active\",{\"v4\":[],\"v6\":[]},[\"b\",\"a\"]]"
	advance 5; call 200 GET droplets/$id
	is ".droplet.networks | [.v4[].type, .v6[].netmask]" "[\"private\",\"public\",64]"
	no grep -q secret got
	state_is ".state.digitalocean.accounts.sandbox.droplets[]._user_data == \"secret\""
	call 204 DELETE droplets/$id
	call 404 GET droplets/$id
	is "[.id, .message]" "[\"not_found\",\"The resource you were accessing could not be found.\"]"
	head_is x-request-id "$(jq -r .request_id got)"
'
c 'pages: 1 to 200, 20 by default, links to the real host, a total' '
	seed "{\"digitalocean\":{\"bulk\":{\"droplets\":41}}}"
	call 200 GET droplets
	is "[(.droplets | length), .meta.total]" "[20,41]"
	is .links "{\"pages\":{\"next\":\"https://api.digitalocean.com/v2/droplets?page=2\",\"last\":\"https://api.digitalocean.com/v2/droplets?page=3\"}}"
	call 200 GET "droplets?page=3"
	is "[(.droplets | length), (.links.pages | keys)]" "[1,[\"first\",\"prev\"]]"
	call 200 GET "droplets?per_page=200"
	is "[(.droplets | length), .links]" "[41,{}]"
	call 200 GET "droplets?page=9"
	is .droplets "[]"
	for wrong in per_page=201 per_page=0 page=0 page=x; do call 422 GET "droplets?$wrong"; done
	behave "{\"page_size\":10}"
	call 200 GET "droplets?per_page=200"
	is "[(.droplets | length), .links.pages.last]" "[10,\"https://api.digitalocean.com/v2/droplets?page=5&per_page=200\"]"
'
c 'a page that shifts while the list is read' '
	seed "{\"digitalocean\":{\"bulk\":{\"droplets\":5}}}"
	behave "{\"digitalocean\":{\"shift\":{\"droplets_list\":{\"page\":1,\"remove\":1}}}}"
	call 200 GET "droplets?per_page=2"; is "[.droplets[].name]" "[\"web1\",\"web2\"]"
	call 200 GET "droplets?per_page=2&page=2"; is "[[.droplets[].name], .meta.total]" "[[\"web4\",\"web5\"],4]"
	call 200 GET "droplets?per_page=2"; is "[.droplets[].name]" "[\"web2\",\"web3\"]"
	call 200 GET "droplets?per_page=2"; is "[.droplets[].name]" "[\"web2\",\"web3\"]"
'
c 'limits: headers; by the minute with retry-after, by the hour without, keys by themselves' '
	call 200 GET account
	head_is ratelimit-limit 5000
	head_is ratelimit-remaining 4999
	grep -qi "^ratelimit-reset: [0-9]" got.head
	for i in 1 2 3 4 5 6 7 8 9 10; do call 200 GET account/keys; done
	advance 20
	call 429 GET account/keys
	is "[.id, .message]" "[\"too_many_requests\",\"API Rate limit exceeded.\"]"
	head_is retry-after 40
	call 200 GET account
	call 404 GET account/keys/3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa
	advance 40; call 200 GET account/keys
	behave "{\"digitalocean\":{\"limits\":{\"minute\":4}}}"
	call 200 GET account; call 429 GET account
	behave "{\"digitalocean\":{\"limits\":{\"minute\":0,\"hour\":16}}}"
	call 200 GET account; call 429 GET account
	no grep -qi retry-after got.head
	head_is ratelimit-remaining 0
	DIGITALOCEAN_ACCESS_TOKEN=dop_v1_other call 200 GET account
	advance 3600; call 200 GET account
'
c 'lists that lag, by the action' '
	behave "{\"lag\":{\"seconds\":5,\"actions\":\"^droplets_list$\"}}"
	call 200 GET droplets
	create web
	call 200 GET droplets; is .meta.total 0
	call 200 GET droplets/$id
	advance 5
	call 200 GET droplets; is .meta.total 1
	behave "{\"lag\":{\"seconds\":5,\"actions\":\"droplets_get\"}}"
	create other
	call 404 GET droplets/$id
	advance 6; call 200 GET droplets/$id
'
c 'GPU droplets are in a list of their own; name without case, tag, not both' '
	seed "{\"digitalocean\":{\"droplets\":[{\"name\":\"Web\",\"tags\":[\"x\"]},{\"name\":\"web\"},
		{\"name\":\"gpu\",\"size\":\"gpu-h100x1-80gb\",\"region\":\"tor1\",\"image\":\"gpu-h100x1-base\"}]}}"
	call 200 GET droplets; is "[.droplets[].name]" "[\"Web\",\"web\"]"
	call 200 GET "droplets?type=gpus"; is "[.droplets[].name]" "[\"gpu\"]"
	call 200 GET "droplets?name=wEb"; is .meta.total 2
	call 200 GET "droplets?tag_name=x"; is "[.droplets[].name]" "[\"Web\"]"
	call 422 GET "droplets?name=web&tag_name=x"
'
c 'what a droplet may not be made of, in the words of the service' '
	refused() { call 422 POST droplets "{$1}"; is .message "\"$2\""; }
	refused "\"name\":\"a\",\"region\":\"nyc1\",\"size\":\"1gb\",\"image\":\"debian-12-x64\"" "You specified an invalid size for Droplet creation."
	refused "\"name\":\"a\",\"region\":\"nyc1\",\"size\":\"s-1vcpu-1gb\",\"image\":\"debian-7-0-x64\"" "You specified an invalid image for Droplet creation."
	refused "\"name\":\"a\",\"region\":\"ams2\",\"size\":\"s-1vcpu-1gb\",\"image\":\"debian-12-x64\"" "Region is not available"
	refused "\"name\":\"a\",\"region\":\"nyc1\",\"size\":\"s-1vcpu-512mb-10gb\",\"image\":\"debian-12-x64\"" "Size is not available in this region."
	refused "\"name\":\"a_b\",$of" "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)"
	refused "\"name\":\"a\",$of,\"ssh_keys\":[1,\"fredy\"]" "[1,\\\"fredy\\\"] are invalid key identifiers for Droplet creation."
	refused "\"names\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\"],$of" "You can only create up to 10 droplets at once."
	seed "{\"digitalocean\":{\"account\":{\"droplet_limit\":1}}}"
	refused "\"names\":[\"a\",\"b\"],$of" "creating this/these droplet(s) will exceed your droplet limit"
	call 202 POST droplets "{\"name\":\"a\",\"region\":\"nyc\",\"size\":\"s-1vcpu-512mb-10gb\",\"image\":189103361}"
	is ".droplet.region.slug" "\"nyc2\""
	changes >list; lines 1 list
'
c 'namesakes, several at once in another order, knobs for what goes wrong' '
	create web; create web
	call 202 POST droplets "{\"names\":[\"a\",\"b\"],$of}"
	is "[[.droplets[].name], (.links.actions | length)]" "[[\"b\",\"a\"],2]"
	behave "{\"digitalocean\":{\"errored\":{\"bad\":\"create\"},\"stuck\":{\"slow\":\"create\"},\"hide\":[\"tags\",\"vpc_uuid\"]}}"
	create bad; bad=$id; create slow
	advance 1000
	call 200 GET droplets/$bad/actions; is ".actions[0].status" "\"errored\""
	call 200 GET droplets/$bad; is ".droplet | [.status, .networks.v4, has(\"tags\")]" "[\"new\",[],false]"
	call 200 GET droplets/$id/actions; is ".actions[0].status" "\"in-progress\""
	behave "{\"digitalocean\":{\"undead\":{\"bad\":true}}}"
	call 204 DELETE droplets/$bad; call 200 GET droplets/$bad
	call 200 GET "droplets?name=web"; is "[.droplets[].status]" "[\"active\",\"active\"]"
'
c 'off comes after the power-off; a snapshot is an image' '
	create web; advance 30
	call 201 POST droplets/$id/actions "{\"type\":\"power_off\"}"; action=$(jq .action.id got)
	advance 5; call 200 GET actions/$action; is .action.status "\"completed\""
	call 200 GET droplets/$id; is .droplet.status "\"active\""
	advance 2; call 200 GET droplets/$id; is .droplet.status "\"off\""
	call 201 POST droplets/$id/actions "{\"type\":\"snapshot\",\"name\":\"s\"}"; advance 60
	call 200 GET "images?private=true"; is "[.images[] | [.name, .slug, .public, .regions, .min_disk_size]]" "[[\"s\",null,false,[\"nyc1\"],25]]"
	image=$(jq ".images[0].id" got)
	call 422 POST droplets "{\"name\":\"x\",\"region\":\"fra1\",\"size\":\"s-1vcpu-1gb\",\"image\":$image}"
	call 201 POST images/$image/actions "{\"type\":\"transfer\",\"region\":\"fra1\"}"; advance 60
	call 202 POST droplets "{\"name\":\"x\",\"region\":\"fra1\",\"size\":\"s-1vcpu-1gb\",\"image\":$image}"
	call 200 GET droplets/$id; is .droplet.snapshot_ids "[$image]"
	call 204 DELETE images/$image
	call 200 GET droplets/$id; is .droplet.snapshot_ids "[]"
'
c 'IPv6 switched on later; a reserved IP is a second public address' '
	create web; advance 30
	call 200 GET droplets/$id; is ".droplet.networks.v6" "[]"
	call 201 POST droplets/$id/actions "{\"type\":\"enable_ipv6\"}"; advance 5
	call 200 GET droplets/$id; is ".droplet | [(.networks.v6 | length), (.features | index(\"ipv6\") != null)]" "[1,true]"
	call 202 POST reserved_ips "{\"droplet_id\":$id}"; ip=$(jq .reserved_ip.ip got)
	call 200 GET droplets/$id; is "[.droplet.networks.v4[] | select(.type == \"public\").ip_address][1]" "$ip"
	call 204 DELETE droplets/$id
	call 200 GET reserved_ips; is "[.reserved_ips[].droplet]" "[null]"
'
c 'each place spells IPv6 in its own way, or as told' '
	seed "{\"digitalocean\":{\"droplets\":[{\"name\":\"web\",\"id\":7,\"ipv6\":\"2604:A880:0800:0010::60:C001\"}]}}"
	both() {
		call 200 GET droplets/7; jq -r ".droplet.networks.v6[0].ip_address" got
		call 200 GET "domains/acme.com/records?type=AAAA"; jq -r ".domain_records[0].data" got
	}
	call 201 POST domains/acme.com/records "{\"type\":\"AAAA\",\"name\":\"web\",\"data\":\"2604:a880:800:10::60:c001\"}"
	both >have
	behave "{\"digitalocean\":{\"ipv6\":{\"droplets\":\"upper-expanded\",\"records\":\"upper\"}}}"
	both >>have
	printf "%s\n" 2604:a880:800:10::60:c001 2604:a880:0800:0010:0000:0000:0060:c001 \
		2604:A880:0800:0010:0000:0000:0060:C001 2604:A880:800:10::60:C001 >want
	same want have
'
c 'records: SOA and NS in the list, equal ones, a CNAME alone, one TTL a name' '
	r=domains/acme.com/records
	call 200 GET $r; is "[.domain_records[].type]" "[\"SOA\",\"NS\",\"NS\",\"NS\"]"
	call 422 DELETE $r/$(jq ".domain_records[0].id" got)
	for i in 1 2; do call 201 POST $r "{\"type\":\"A\",\"name\":\"web\",\"data\":\"192.0.2.1\"}"; done
	call 201 POST $r "{\"type\":\"A\",\"name\":\"web\",\"data\":\"192.0.2.2\",\"ttl\":60}"
	call 200 GET "$r?name=web.acme.com"; is "[.domain_records[] | [.data, .ttl]]" "[[\"192.0.2.1\",60],[\"192.0.2.1\",60],[\"192.0.2.2\",60]]"
	call 200 GET "$r?name=web"; is .domain_records "[]"
	call 422 POST $r "{\"type\":\"CNAME\",\"name\":\"web\",\"data\":\"x.acme.com.\"}"
	call 422 POST $r "{\"type\":\"CNAME\",\"name\":\"y\",\"data\":\"x.acme.com\"}"
	call 201 POST $r "{\"type\":\"CNAME\",\"name\":\"y\",\"data\":\"x.acme.com.\"}"; is .domain_record.data "\"x.acme.com\""
	call 201 POST $r "{\"type\":\"CNAME\",\"name\":\"z\",\"data\":\"acme.com.\"}"; is .domain_record.data "\"@\""
	call 422 POST $r "{\"type\":\"A\",\"name\":\"y\",\"data\":\"192.0.2.1\"}"
	call 422 POST $r "{\"type\":\"AAAA\",\"name\":\"v\",\"data\":\"\"}"; no jq -e "select(.message | contains(\"IPv6\") | not)" got
	call 422 POST $r "{\"type\":\"A\",\"name\":\"v\",\"data\":\"010.1.1.1\"}"
	call 422 POST $r "{\"type\":\"A\",\"name\":\"v\",\"data\":\"192.0.2.1\",\"ttl\":29}"
	call 201 POST $r "{\"type\":\"A\",\"name\":\"web.acme.com\",\"data\":\"192.0.2.1\"}"
	call 200 GET "$r?name=web.acme.com.acme.com"; is .meta.total 1
	call 201 POST $r "{\"type\":\"A\",\"name\":\"*\",\"data\":\"192.0.2.1\"}"
	call 201 POST domains "{\"name\":\"dev.acme.com\"}"
'
c 'what changes is in the journal as such, with DigitalOcean'"'"'s names; nothing else' '
	call 200 GET droplets; create web; call 422 POST droplets "{}"; call 404 DELETE droplets/1
	DIGITALOCEAN_ACCESS_TOKEN=wrong call 401 POST droplets "{}"
	DIGITALOCEAN_ACCESS_TOKEN=dop_v1_readonly call 403 POST droplets "{\"name\":\"a\",$of}"
	call 400 POST droplets "not json"
	call 404 GET nothing
	journal | jq -c "[.service, .action, .changing, .changed, .status]" >have
	cat >want <<-E
	["digitalocean","droplets_list",false,false,200]
	["digitalocean","droplets_create",true,true,202]
	["digitalocean","droplets_create",true,false,422]
	["digitalocean","droplets_destroy",true,false,404]
	["digitalocean","droplets_create",true,false,401]
	["digitalocean","droplets_create",true,false,403]
	["digitalocean","droplets_create",true,false,400]
	["digitalocean","unknown",false,false,404]
	E
	same want have
'
c 'faults: in the form of the service, before and after the effect' '
	fault "[{\"action\":\"droplets_create\",\"nth\":1,\"effect\":\"status\",\"status\":503},
		{\"action\":\"droplets_create\",\"nth\":2,\"effect\":\"reset-after\"},
		{\"path\":\"/records$\",\"effect\":\"status\",\"status\":429,\"retry_after\":2}]"
	call 503 POST droplets "{\"name\":\"a\",$of}"; is .id "\"service_unavailable\""
	head_is x-request-id "$(jq -r .request_id got)"
	no sandbox_do POST /v2/droplets "{\"name\":\"a\",$of}"
	call 429 GET domains/acme.com/records; head_is retry-after 2
	call 200 GET droplets; is .meta.total 1
'
c 'late answers are late together: 50 pages of 200' '
	seed "{\"digitalocean\":{\"bulk\":{\"droplets\":10000,\"domain\":\"big.example\",\"ipv6\":true}}}"
	behave "{\"latency_ms\":1000}"
	i=0; while [ $i -lt 50 ]; do i=$((i + 1)); printf "url=\"%s/v2/droplets?per_page=200&page=%s\"\noutput=page%s\n" "$SANDBOX_URL" $i $i; done >pages
	began=$(date +%s)
	curl -sS -Z --no-progress-meter --parallel-max 50 -H "Authorization: Bearer $DIGITALOCEAN_ACCESS_TOKEN" -K pages
	[ $(($(date +%s) - began)) -lt 40 ]	# 50 one after another
	[ "$(jq -r ".droplets[].id" page* | sort -u | wc -l)" -eq 10000 ]
	behave "{\"latency_ms\":0}"
	call 200 GET "domains/big.example/records?per_page=200"; is .meta.total 20004
'
c 'a state dumped in the middle of it goes on elsewhere' '
	create web; call 201 POST domains/acme.com/records "{\"type\":\"A\",\"name\":\"web\",\"data\":\"192.0.2.1\"}"
	state >dump
	call 204 DELETE domains/acme.com
	sandbox_call PUT state @dump >ok
	call 200 GET domains/acme.com
	advance 30
	call 200 GET droplets/$id; is ".droplet | [.status, (.networks.v4 | length)]" "[\"active\",2]"
'
c 'a token and account of its own, lists with something else in them' '
	seed "{\"digitalocean\":{\"token\":\"dop_v1_mine\",\"account\":{\"email\":\"me@acme.com\"},\"regions\":{\"nyc1\":{\"available\":false},\"fra1\":{\"features\":[\"backups\"]}},
		\"sizes\":{\"c-2\":null},\"images\":{\"debian-13-x64\":{\"slug\":null}},
		\"keys\":[{\"name\":\"k\",\"public_key\":\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS me\"}],
		\"domains\":{\"me.example\":[{\"type\":\"A\",\"name\":\"@\",\"data\":\"192.0.2.7\"}]}}}"
	export DIGITALOCEAN_ACCESS_TOKEN=dop_v1_mine
	call 200 GET account; is .account.email "\"me@acme.com\""
	call 200 GET regions; is "[.regions[] | select(.slug == \"nyc1\").available]" "[false]"
	call 200 GET "sizes?per_page=200"; is "[.sizes[] | select(.slug == \"c-2\")]" "[]"
	call 200 GET account/keys; is "[.ssh_keys[].fingerprint | length]" "[47]"
	call 200 GET domains/me.example/records; is ".domain_records[-1].data" "\"192.0.2.7\""
	call 202 POST droplets "{\"name\":\"a\",\"region\":\"fra1\",\"size\":\"s-1vcpu-1gb\",\"image\":\"debian-12-x64\",\"ipv6\":true}"
	advance 60; call 200 GET droplets; is "[.droplets[].networks.v6]" "[[]]"
'
done_testing
