#!/bin/sh
# SPDX-License-Identifier: ISC
# pipelines/droplets.mk, as GoCD and Jenkins jobs run it, against the sandbox.
. "$(dirname "$0")/lib.sh"

# The seed's files in each case, its cloud.json with slugs that exist.
t() {
	n=$((n + 1)); d=$scratch/$n; mkdir "$d"
	if in_case "$d" '. "$tests/sandbox.sh"
		mk() {
			make -s -f "$top/pipelines/droplets.mk" RUN=test DROPLETFLAGS="-q --interval 1ms --lag 1s" \
				RECORDFLAGS="-q --interval 10ms -t 3s" RMFLAGS="-q --interval 1ms" "$@"
		}
		seed() { sandbox_call POST seed "{\"digitalocean\":$1}" >sandbox.seed; }
		there() { do-records list | jq -r "select(.type == \"A\" or .type == \"AAAA\") | \"\\(.type) \\(.fqdn) \\(.data)\"" | sort; }
		droplets() { do-droplets list | jq -r "\"\\(.name) \\(.size) \\(.region)\"" | sort; }
		# What provision leaves, without ids, addresses and times.
		end_state() { droplets; there | cut -d" " -f1,2; do-keys list | jq -r .fingerprint; }
		status_is() { echo "$1" >want; same want state/test/status; }
		sed "s/\"1gb\"/\"s-1vcpu-1gb\"/; s/debian-7-0-x64/debian-12-x64/" "$tests/data/cloudmaker/cloud.json" >cloud.json
		(umask 077; cp "$tests/data/cloudmaker/security.json" security.json)
		start_sandbox
		unset DIGITALOCEAN_ACCESS_TOKEN
		export DIGITALOCEAN_ACCESS_TOKEN_FILE="$PWD/security.json"
		'"$2" >"$d.log" 2>&1 </dev/null
	then echo "ok $n - $1"
	else failed "$1"
	fi
}

t 'help names every target, and needs no files' '
	rm cloud.json security.json
	mk >out
	for target in inventory plan provision drift destroy prune; do grep -q "^$target" out; done
	[ ! -e state ]
'
t 'the seed'"'"'s inventory comes out with every member as shown, without a cloud.json (hazard 3)' '
	seed "$(cat "$tests/data/cloudmaker/account.json")"
	rm cloud.json
	mk inventory
	jq "map_values({names, region, private_network_interfaces, public_network_interfaces, backups, image, size})" \
		cloudmaker_inventory.json >got
	jq "map_values(.public_network_interfaces.ipv6 |= sub(\"0800:0010:0000:0000:0060\"; \"800:10::60\"))" \
		"$tests/data/cloudmaker/inventory.json" >want
	same want got
	jq -e "all(.[]; .provider == \"digitalocean\" and .status == \"active\" and (.id | type) == \"string\")" cloudmaker_inventory.json
	[ -z "$(changes)" ]
	status_is 0
'
t 'hazard 25: namesakes are both in the inventory' '
	seed "{\"droplets\":[{\"name\":\"twin\",\"ipv4\":\"45.55.0.1\"},{\"name\":\"twin\",\"ipv4\":\"45.55.0.2\"}]}"
	mk inventory 2>err
	jq -e "length == 2 and all(keys[]; startswith(\"twin@\"))" cloudmaker_inventory.json
	says "2 machines have the name .twin."
'
t 'plan changes nothing and shows a Markdown table; the token is nowhere' '
	mk plan >out
	grep -q "^| create | ssh-key " out
	grep -q "^| create | instance  *| server1 " out
	grep -q "^| create | dns-record | acme.com .*\"data\":null" out
	[ -z "$(changes)" ]
	no grep -r dop_v1 state out cloudmaker_inventory.json
	echo "{}" >want; same want cloudmaker_inventory.json
'
t 'provision: key, servers, names, networking in cloud.json, everything else as it was' '
	cp cloud.json before
	mk provision >out
	cut -d" " -f1,2,3 <<-END >want
	server1 s-1vcpu-1gb nyc3
	server2 s-1vcpu-1gb nyc3
	END
	droplets | same want -
	there | cut -d" " -f1,2 >got
	printf "%s\n" "A acme.com" "A server1.acme.com" "A server2.acme.com" "AAAA acme.com" "AAAA server1.acme.com" "AAAA server2.acme.com" >want
	same want got
	jq -S "map_values(del(.private_network_interfaces, .public_network_interfaces))" cloud.json >got
	jq -S . before >want; same want got
	jq -S "map_values({private_network_interfaces, public_network_interfaces})" cloud.json >got
	jq -S "map_values({private_network_interfaces, public_network_interfaces})" cloudmaker_inventory.json >want
	same want got
	head -n 7 before >want; head -n 7 cloud.json | same want -
	jq -e ".server1.names == [\"server1.acme.com\", \"acme.com\"] and .server2.names == [\"server2.acme.com\"]" cloudmaker_inventory.json
	status_is 0
	no grep -r dop_v1 state
	ls -A state/test >got
	printf "%s\n" inventory.json plan.json provision.json status >want
	same want got
'
t 'every target twice: the second time nothing is changed' '
	mk provision >out
	cp cloud.json kept; cp cloudmaker_inventory.json kept.inventory
	forget
	mk provision >out; mk plan >out; mk drift >out; mk inventory
	[ -z "$(changes)" ]
	same kept cloud.json; same kept.inventory cloudmaker_inventory.json
	cp cloud.json old.json
	jq "del(.server2)" old.json >cloud.json
	mk prune OLD=old.json >out
	forget
	mk prune OLD=old.json >out
	[ -z "$(changes)" ]
	mk destroy >out
	forget
	mk destroy >out
	[ -z "$(changes)" ]
	echo "{}" >want; same want cloudmaker_inventory.json
	there | lines 0 /dev/stdin
	do-records list | jq -e -s "map(select(.kind == \"domain\")) | length == 1"
'
t 'LIVE: the networking goes there, cloud.json stays' '
	cp cloud.json before
	mk provision LIVE=live.json >out
	same before cloud.json
	jq -e ".server1.size == \"s-1vcpu-1gb\" and .server1.public_network_interfaces.ipv4 and .server2.private_network_interfaces.ipv4" live.json
	forget; mk provision LIVE=live.json >out; [ -z "$(changes)" ]
	mk drift CLOUD=live.json >out
'
t 'hazard 4: a name that points elsewhere is found before any server is made' '
	seed "{\"domains\":{\"acme.com\":[{\"type\":\"A\",\"name\":\"server2\",\"data\":\"192.0.2.9\"}]}}"
	fails 2 mk provision
	says ".server2.acme.com. points elsewhere"
	grep -q "^| conflict | dns-record | server2.acme.com" out
	[ -z "$(changes)" ]
	status_is 1
	[ -e state/test/plan.failed.json ]; no test -e state/test/plan.json
	fails 2 mk plan; status_is 1
	[ -e cloudmaker_inventory.json ]
'
t 'peers 11: the seed'"'"'s own cloud.json: retired slugs are refused with what is like them' '
	cp "$tests/data/cloudmaker/cloud.json" cloud.json
	fails 2 mk provision
	says ".1gb. does not exist.*.s-1vcpu-1gb."
	status_is 65
	same "$tests/data/cloudmaker/cloud.json" cloud.json
	sed -i "s/\"1gb\"/\"s-1vcpu-1gb\"/" cloud.json
	fails 2 mk provision
	says "debian-7-0-x64.*debian-1"
	[ -z "$(changes)" ]
'
t 'a plan of one job is what the other does' '
	mk plan >out
	cp state/test/plan.json approved.json
	mk provision PLAN=approved.json >out
	droplets | lines 2 /dev/stdin
	forget
	mk provision PLAN=approved.json >out
	[ -z "$(changes)" ]
'
t 'the plan may be the one in the state directory' '
	mk plan >out
	jq ".server3 = .server2 | .server3.names = []" cloud.json >new; cp cloud.json first; mv new cloud.json
	fails 2 mk provision PLAN=state/test/plan.json; status_is 79
	[ -z "$(changes)" ]
	cp first cloud.json
	mk plan >out; mk provision PLAN=state/test/plan.json >out
	mk drift >out
'
t 'between plan and provision a droplet is deleted by somebody else: 79, nothing changed' '
	mk provision >out
	jq ".server3 = .server1 | .server3.names = []" cloud.json >new; mv new cloud.json
	mk plan >out
	cp state/test/plan.json approved.json
	do-droplets list | jq -c "select(.name == \"server2\")" | do-droplets rm -q --interval 1ms >out
	forget
	fails 2 mk provision PLAN=approved.json
	says "to create instance .server2. is not in the plan that was reviewed"
	[ -z "$(changes)" ]
	status_is 79
'
t 'between plan and provision a record that points elsewhere is made: 79, nothing changed' '
	mk plan >out
	cp state/test/plan.json approved.json
	seed "{\"domains\":{\"acme.com\":[{\"type\":\"A\",\"name\":\"server2\",\"data\":\"192.0.2.9\"}]}}"
	forget
	fails 2 mk provision PLAN=approved.json
	[ -z "$(changes)" ]
	status_is 79; says ".server2.acme.com. points elsewhere"
'
t 'another key, another server, another name than were reviewed: 79' '
	mk plan >out
	cp state/test/plan.json approved.json
	jq ".server1.names += [\"more.acme.com\"]" cloud.json >new; mv cloud.json first; cp new cloud.json
	fails 2 mk provision PLAN=approved.json; status_is 79; says "more.acme.com"
	jq ".server3 = .server2 | .server3.names = []" first >cloud.json
	fails 2 mk provision PLAN=approved.json; status_is 79; says "server3"
	cp first cloud.json
	sed "s/ssh-ed25519 [^ ]*/ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/" security.json >new
	cat new >security.json
	fails 2 mk provision PLAN=approved.json; says "to create ssh-key .fredy@acme.com. is not in the plan"
	[ -z "$(changes)" ]
	fails 2 mk provision PLAN=not-there; status_is 66
'
t 'one -n at the head makes the whole pipe dry' '
	inv-split cloud.json | do-keys ensure -n --key security.json - | do-droplets ensure | do-records ensure >out
	jq -r "select(.kind == \"plan\") | \"\\(.action) \\(.target)\"" out | sort | uniq -c | sed "s/^ *//" >got
	printf "%s\n" "6 create dns-record" "2 create instance" "1 create ssh-key" >want; same want got
	inv-split cloud.json | do-droplets ensure -n --no-key | do-records ensure | do-records rm >out
	cp cloud.json before
	inv-split cloud.json | do-droplets ensure -n --no-key | do-records ensure | inv-merge --into cloud.json
	same before cloud.json
	[ -z "$(changes)" ]
'
t 'drift: 1 when something is missing, 0 when not' '
	fails 2 mk drift; status_is 1; says "it is not as cloud.json says"
	mk provision >out
	mk drift >out; status_is 0
	id=$(do-records list | jq -r "select(.fqdn == \"acme.com\" and .type == \"AAAA\").id")
	do-records rm "acme.com/$id" >out
	forget
	fails 2 mk drift; grep -q "^| create | dns-record | acme.com " out
	[ -z "$(changes)" ]
	mk provision >out; mk drift >out
'
t 'destroy: the names first; what others have stays (hazards 7, 8, 11)' '
	mk provision >out
	address=$(jq -r .server1.public_network_interfaces.ipv4 cloud.json)
	seed "{\"droplets\":[{\"name\":\"other\",\"ipv4\":\"45.55.0.9\"}],\"domains\":{\"acme.com\":[{\"type\":\"A\",\"name\":\"other\",\"data\":\"45.55.0.9\"},{\"type\":\"TXT\",\"name\":\"server1\",\"data\":\"$address\"}]}}"
	forget
	mk destroy DRY=1 >out; grep -q "^| delete | instance  *| server1 " out; [ -z "$(changes)" ]
	forget
	mk destroy >out
	changes | grep -v tags_delete | uniq >got
	printf "%s\n" "digitalocean domains_delete_record" "digitalocean droplets_destroy" >want; same want got
	droplets | cut -d" " -f1 >got; echo other >want; same want got
	do-records list | jq -r "select(.type == \"A\" or .type == \"TXT\").fqdn" >got; printf "%s\n" other.acme.com server1.acme.com >want; same want got
	jq -e "keys == [\"other\"]" cloudmaker_inventory.json
	no grep -r dop_v1 state
'
t 'hazard 12: destroy with a name that two droplets have stops, and names them' '
	seed "{\"droplets\":[{\"name\":\"server1\",\"ipv4\":\"45.55.0.1\"},{\"name\":\"Server1\",\"ipv4\":\"45.55.0.2\"},{\"name\":\"server2\",\"ipv4\":\"45.55.0.3\"}]}"
	forget
	fails 2 mk destroy
	[ -z "$(changes)" ]
	status_is 65
	fails 2 mk provision; status_is 1
	[ -z "$(changes)" ]
	id=$(do-droplets list | jq -r "select(.name == \"Server1\").id")
	jq ".server1.id = \"$id\"" cloud.json >new; mv new cloud.json
	mk destroy >out
	droplets | cut -d" " -f1 >got; echo server1 >want; same want got
'
t 'a droplet of that name in another region is not the one' '
	seed "{\"droplets\":[{\"name\":\"server1\",\"ipv4\":\"45.55.0.1\",\"region\":\"fra1\"}]}"
	forget
	fails 2 mk provision; status_is 1
	mk destroy >out
	[ -z "$(changes)" ]
'
t 'a DNS record that cannot be deleted keeps its machine' '
	mk provision >out
	fault "{\"action\":\"domains_delete_record\",\"nth\":1,\"effect\":\"status\",\"status\":403}"
	fails 2 mk destroy
	status_is 77
	droplets | cut -d" " -f1 >got; lines 1 got
	no_faults
	mk destroy >out
	droplets | lines 0 /dev/stdin
'
t 'prune: machines and names that are no longer wanted' '
	mk provision >out
	cp cloud.json old.json
	jq "del(.server2) | .server1.names = [\"server1.acme.com\"]" old.json >cloud.json
	mk prune OLD=old.json DRY=1 >out
	mk prune OLD=old.json >out
	droplets | cut -d" " -f1 >got; echo server1 >want; same want got
	there | cut -d" " -f1,2 >got; printf "%s\n" "A server1.acme.com" "AAAA server1.acme.com" >want; same want got
	mk drift >out
	fails 2 mk prune
'
t 'security.json is optional: token in the environment, a key file; else it says what is missing' '
	jq -r .public_ssh_key security.json >k.pub
	rm security.json
	unset DIGITALOCEAN_ACCESS_TOKEN_FILE
	fails 2 mk provision; status_is 78; says "DIGITALOCEAN_ACCESS_TOKEN"
	export DIGITALOCEAN_TOKEN=dop_v1_sandbox
	fails 2 mk provision; says "ssh key"
	[ -z "$(changes)" ]
	mk provision KEY=k.pub >out
	unset DIGITALOCEAN_TOKEN
	mkdir -p .config/doctl; echo "access-token: dop_v1_sandbox" >.config/doctl/config.yaml
	forget; mk provision KEY=k.pub >out; mk provision >out; [ -z "$(changes)" ]
	no test -e security.json
'
t 'hazard 43: security.json is found by itself; one that others can read is told of' '
	unset DIGITALOCEAN_ACCESS_TOKEN_FILE
	mk inventory 2>err; [ ! -s err ]
	chmod 644 security.json
	mk inventory 2>err; says "others can read security.json"
	echo "{" >security.json
	fails 2 mk inventory; status_is 65
'
t 'broken and strange cloud.json: 65, as it was, nothing asked to change' '
	for wrong in "{\"a\":{\"size\":" "[]" "{\"a\":1}" "{\"a\":{},\"a\":{}}" "{\"a_b\":{\"region\":\"nyc3\",\"size\":\"s-1vcpu-1gb\",\"image\":\"debian-12-x64\"}}" \
		"{\"a\":{\"region\":\"nyc3\",\"user_data\":\"canary\",\"names\":1}}"; do
		echo "$wrong" >cloud.json
		fails 2 mk provision; grep -qx "65\|76" state/test/status || { cat err; exit 1; }
		echo "$wrong" | same - cloud.json
		no grep -r canary state out err
	done
	rm cloud.json; fails 2 mk provision; says "cloud.json"
	[ -z "$(changes)" ]
'
t 'user data is used, and is in no state file' '
	jq ".server1.user_data = \"#!/bin/sh\\necho canary\\n\"" cloud.json >new; mv new cloud.json
	mk provision >out
	no grep -r canary state out cloudmaker_inventory.json
	jq -r .server1.user_data cloud.json | grep -q canary
	forget; mk provision >out; [ -z "$(changes)" ]
'
t 'a step that dies changes nothing behind it, and is no success' '
	printf "%s\n" "#!/bin/sh" "do-keys \"\$@\" | head -c 60" "kill -9 \$\$" >dies; chmod +x dies
	fails 2 mk provision DO_KEYS=./dies
	[ -z "$(changes)" ]
	fails 2 mk provision INV_SPLIT="head -c 40"
	[ -z "$(changes)" ]
	mk provision >out
	cp cloudmaker_inventory.json before
	fails 2 mk inventory DO_RECORDS=false
	same before cloudmaker_inventory.json
'
t 'one step swapped by hand' '
	mk provision DNS_MATCH="rec-seal jq -c ." INV_SPLIT="inv-split cloud.json | rec-seal jq -c \".backups = true\" #" >out
	jq -e "all(.[]; .backups)" cloudmaker_inventory.json
'
t 'throttled and with lists that lag: the same end' '
	behave "{\"lag\":5,\"digitalocean\":{\"limits\":{\"keys\":10}}}"
	fault "{\"every\":5,\"effect\":\"status\",\"status\":429,\"retry_after\":0}"
	mk provision DROPLETFLAGS="-q --interval 1ms" >out
	no_faults; behave "{\"lag\":null}"
	droplets | lines 2 /dev/stdin
	there | lines 6 /dev/stdin
'
t 'recorded, it replays without the cloud and the token, to the same bytes' '
	cp cloud.json first
	SLUICE_TRACE=trace mk provision >want.out
	no grep -r dop_v1 trace
	mv state want; cp cloudmaker_inventory.json want.inventory; mv cloud.json want.cloud; cp first cloud.json
	stop_sandbox; rm cloudmaker_inventory.json
	sed "s/dop_v1_sandbox/x/" security.json >new; cat new >security.json
	SLUICE_REPLAY=trace mk provision >got.out
	same want.out got.out; same want.cloud cloud.json; same want.inventory cloudmaker_inventory.json
	diff -r want state
'
t 'what the GoCD pipeline and the Jenkinsfile run, runs' '
	export DROPLETS_MK="$top/pipelines/droplets.mk" LIVE=cloud.live.json DIGITALOCEAN_ACCESS_TOKEN=dop_v1_sandbox SLUICE_RUN=test
	speed 100000
	sed -n "s/^ *\(steps { \)\?sh '\''\(.*\)'\''\( }\)\?\$/\2/p" "$top/pipelines/Jenkinsfile.droplets" | grep -v drift >commands
	sed -n "s/.*\"\(make -f .*\)\".*/\1/p" "$top/pipelines/gocd/droplets.gocd.yaml" | tr -d "\\" >>commands
	echo "make -f \"\$DROPLETS_MK\" drift" >>commands
	lines 6 commands
	mk plan >out; mkdir approved; cp state/test/plan.json approved/
	while read -r command; do
		sh -xec "$command" </dev/null >out 2>err || { cat err; exit 1; }
	done <commands
	droplets | lines 2 /dev/stdin
'
t 'kill -9 after every request of provision, and run it again: the same end, nothing twice' '
	mk provision >out; end_state >want
	k=0
	while :; do
		sandbox_call POST reset >reset
		k=$((k + 1)); fault "{\"nth\":$k,\"effect\":\"kill\"}"
		rc=0; mk provision >out 2>err || rc=$?
		no_faults
		[ $rc -ne 0 ] || break
		mk provision >out 2>err || { cat err; exit 1; }
		end_state >got; same want got
	done
	[ $k -ge 20 ] || { echo "only $k requests"; exit 1; }
'
t 'kill -9 after every request of destroy, and run it again: the same end' '
	mk provision >out; state >full
	k=0
	while :; do
		sandbox_call PUT state @full >put
		k=$((k + 1)); no_faults; fault "{\"nth\":$k,\"effect\":\"kill\"}"
		rc=0; mk destroy >out 2>err || rc=$?
		no_faults
		[ $rc -ne 0 ] || break
		mk destroy >out 2>err || { cat err; exit 1; }
		droplets | lines 0 /dev/stdin
		there | lines 0 /dev/stdin
	done
	[ $k -ge 10 ] || { echo "only $k requests"; exit 1; }
'
t 'the answer of every changing request is lost, one after the other, before or after the effect: the same end' '
	mk provision >out; end_state >want
	for effect in reset-after reset-before; do
		k=0
		while :; do
			sandbox_call POST reset >reset
			k=$((k + 1)); fault "{\"changing\":true,\"nth\":$k,\"effect\":\"$effect\"}"
			mk provision >out 2>err || mk provision >out 2>err || { cat err; exit 1; }
			no_faults
			end_state >got; same want got
			[ "$(journal | jq -s "[.[] | select(.changing)] | length")" -ge $k ] || break
		done
		[ $k -gt 8 ] || { echo "only $k changing requests"; exit 1; }
	done
'
t 'the answer of every changing request of destroy is lost' '
	mk provision >out; state >full
	k=0
	while :; do
		sandbox_call PUT state @full >put
		forget; k=$((k + 1)); no_faults; fault "{\"changing\":true,\"nth\":$k,\"effect\":\"reset-after\"}"
		mk destroy >out 2>err || mk destroy >out 2>err || { cat err; exit 1; }
		no_faults
		droplets | lines 0 /dev/stdin
		there | lines 0 /dev/stdin
		[ "$(journal | jq -s "[.[] | select(.changing)] | length")" -ge $k ] || break
	done
	[ $k -gt 8 ] || { echo "only $k changing requests"; exit 1; }
'
done_testing
