#!/bin/sh
# SPDX-License-Identifier: ISC
# The sandbox held against doctl, DigitalOcean's own program: it lists, makes and deletes there what
# it would at DigitalOcean. `tests/check doctl` builds it.
. "$(dirname "$0")/lib.sh"

if [ ! -x "$top/build/doctl/doctl" ]; then
	skip 'doctl on the sandbox' 'no doctl: tests/check doctl builds it'
	done_testing
fi
words='. "$tests/sandbox.sh"
doctl() { "$top/build/doctl/doctl" "$@"; }
key="ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQDDHr/jh2Jy4yALcK4JyWbVkPRaWmhck3IgCoeOO3z1e2dBowLh64QAM+Qb72pxekALga2oi4GvT+TlWNhzPH4V fredy@acme.com"
now="{\"digitalocean\":{\"active\":0,\"addresses\":0,\"action\":0,\"off_late\":0,\"snapshot\":0}}"
'
c() { t "doctl: $1" "$words
start_sandbox
$2"; }

c 'account, regions, sizes, images: as many as the API says' '
	doctl account get --format Email,DropletLimit,Status --no-header >got
	echo "sandbox@example.com 100 active" >want
	xargs <got >line; same want line
	for what in "regions region list" "sizes size list" "images image list --public"; do
		set -- $what; of=$1; shift
		[ "$(sandbox_do GET "/v2/$of?per_page=200")" = 200 ]
		jq -r ".$of[].slug" got | sort >want
		doctl compute "$@" --format Slug --no-header >listed
		sed "s/ *$//" listed | sort >have
		same want have
	done
'
c 'all pages of a list, GPU droplets by themselves, every address' '
	seed "{\"digitalocean\":{\"bulk\":{\"droplets\":401,\"prefix\":\"n\"},\"droplets\":[
		{\"name\":\"old\",\"size\":\"1gb\",\"image\":\"debian-7-0-x64\",\"ipv4\":\"45.55.221.186\",\"private\":\"10.132.247.60\",
		 \"ipv6\":\"2604:a880:0800:0010:0000:0000:0060:c001\",\"reserved\":\"45.55.1.1\"},
		{\"name\":\"gpu\",\"size\":\"gpu-h100x1-80gb\",\"region\":\"tor1\",\"image\":\"gpu-h100x1-base\"}]}}"
	[ "$(doctl compute droplet list --format Name --no-header | grep -c "^n[0-9]")" -eq 401 ]
	[ "$(doctl compute droplet list --gpus --format Name --no-header)" = gpu ]
	doctl compute droplet get old -o json | jq -c ".[0] | [.size_slug, .image.slug, .region.slug,
		(.networks | [.v4[].ip_address], [.v6[].ip_address])]" >have
	echo "[\"1gb\",\"debian-7-0-x64\",\"nyc3\",[\"10.132.247.60\",\"45.55.221.186\",\"45.55.1.1\"],[\"2604:a880:800:10::60:c001\"]]" >want
	same want have
	requests >n; [ "$(cat n)" -lt 20 ]
'
c 'an ssh key: made, found by fingerprint, refused twice, deleted' '
	doctl compute ssh-key create fredy --public-key "$key" --format Name,FingerPrint --no-header >got
	echo "fredy 3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa" >want
	xargs <got >have; same want have
	doctl compute ssh-key get 3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa -o json | jq -r ".[0].public_key" >have
	echo "$key" >want; same want have
	fails 1 doctl compute ssh-key create again --public-key "$key"
	says "422.*SSH Key is already in use on your account"
	doctl compute ssh-key delete -f 3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa
	[ "$(doctl compute ssh-key list -o json | jq length)" -eq 0 ]
'
c 'droplets: created several at once and waited for, acted on, deleted' '
	behave "$now"
	doctl compute droplet create b.acme.com a.acme.com --region nyc1 --size s-1vcpu-1gb --image debian-12-x64 \
		--enable-ipv6 --tag-names web,db --wait >made	# which may lack one of them
	doctl compute droplet list --format Name,Status,Region,Tags --no-header >got
	sort got | sed "s/ *$//; s/   */ /g" >have
	printf "%s\n" "a.acme.com active nyc1 db,web" "b.acme.com active nyc1 db,web" >want
	same want have
	doctl compute droplet get a.acme.com -o json | jq -e ".[0] | (.networks.v4 | length) == 2 and (.networks.v6 | length) == 1"
	[ "$(doctl compute droplet list --tag-name db --format Name --no-header | wc -l)" -eq 2 ]
	id=$(doctl compute droplet get a.acme.com --format ID --no-header)
	doctl compute droplet-action power-off "$id" --wait
	[ "$(doctl compute droplet get "$id" --format Status --no-header)" = off ]
	doctl compute droplet-action snapshot "$id" --snapshot-name before --wait
	[ "$(doctl compute snapshot list --format Name,ResourceId --no-header | xargs)" = "before $id" ]
	[ "$(doctl compute image list-user --format Name --no-header)" = before ]
	doctl compute droplet delete -f a.acme.com "$(doctl compute droplet get b.acme.com --format ID --no-header)"
	fails 1 doctl compute droplet get "$id"
	says "404.*could not be found"
	[ "$(doctl compute droplet list -o json)" = "[]" ]
	doctl compute snapshot delete -f "$(doctl compute snapshot list --format ID --no-header)"
	[ "$(changes | sort | uniq -c | xargs)" = "2 digitalocean dropletActions_post 2 digitalocean droplets_create 2 digitalocean droplets_destroy 1 digitalocean snapshots_delete" ]
'
c 'namesakes are refused by name, with their ids' '
	seed "{\"digitalocean\":{\"droplets\":[{\"name\":\"web\",\"id\":11},{\"name\":\"web\",\"id\":12}]}}"
	fails 1 doctl compute droplet get web
	says "2 Droplets with the name"
	[ "$(doctl compute droplet list --format ID --no-header | xargs)" = "11 12" ]
'
c 'domains and records' '
	doctl compute domain create example.org --ip-address 192.0.2.1
	doctl compute domain records create example.org --record-type AAAA --record-name www --record-data 2604:a880:800:10::60:c001 >made
	doctl compute domain records create example.org --record-type CNAME --record-name x --record-data www.example.org. --record-ttl 60 >made
	fails 1 doctl compute domain records create example.org --record-type CNAME --record-name www --record-data x.acme.com.
	says "422.*CNAME"
	fails 1 doctl compute domain create example.org
	says "422.*name already exists"
	doctl compute domain records list example.org --format Type,Name,Data,TTL --no-header >got
	sed "s/ *$//; s/   */ /g" got >have
	cat >want <<-E
	SOA @ 1800 1800
	NS @ ns1.digitalocean.com 1800
	NS @ ns2.digitalocean.com 1800
	NS @ ns3.digitalocean.com 1800
	A @ 192.0.2.1 1800
	AAAA www 2604:a880:0800:0010:0000:0000:0060:c001 1800
	CNAME x www.example.org 60
	E
	same want have
	id=$(doctl compute domain records list example.org -o json | jq ".[] | select(.type == \"AAAA\").id")
	doctl compute domain records update example.org --record-id "$id" --record-type AAAA --record-name www --record-data ::1 >made
	doctl compute domain records list example.org -o json | jq -r ".[] | select(.type == \"AAAA\").data" >have
	[ "$(cat have)" = 0000:0000:0000:0000:0000:0000:0000:0001 ]
	doctl compute domain records delete -f example.org "$id"
	[ "$(doctl compute domain records list example.org -o json | jq length)" -eq 6 ]
	doctl compute domain delete -f example.org
	[ "$(doctl compute domain list --format Domain --no-header)" = acme.com ]
'
c 'a token that may not, or is none' '
	DIGITALOCEAN_ACCESS_TOKEN=dop_v1_readonly fails 1 doctl compute domain create example.org
	says "403"
	DIGITALOCEAN_ACCESS_TOKEN=wrong fails 1 doctl compute droplet list
	says "401.*Unable to authenticate you"
	[ "$(DIGITALOCEAN_ACCESS_TOKEN=dop_v1_other doctl account get --format Email --no-header)" = other@example.com ]
'
done_testing
