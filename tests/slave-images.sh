# SPDX-License-Identifier: ISC
# A case's words for pipelines/slave-images.mk:
#	config FILE [REGIONS [DISTRIBUTIONS]]	an images configuration, EC2 and, in nyc3, DigitalOcean
#	mk …		make, in the run r1
#	stand_ins	every step is ./step STEP, which writes what the real one would of one record, and
#			its name and the image's into the file `steps`; with `fail.STEP.NAME` it fails with
#			the status in there, with `hang.STEP` it waits for a signal, with `die.STEP.NAME` it
#			writes nothing
#	fast		the sandbox without machines; the steps on it
#	fast_machines	the same with machines
config() {
	mkdir -p scripts
	[ -e scripts/boot.sh ] || echo 'echo here is $(hostname); echo baked >>/etc/baked' >scripts/boot.sh
	[ -e scripts/test.sh ] || echo 'grep baked /etc/baked' >scripts/test.sh
	jq -n --arg regions "${2-us-west-2}" --arg distributions "${3-debian12}" '
		def set($names; v): $names | split(" ") | map(select(. != "") | {key: ., value: v}) | from_entries;
		{defaults: {image_basename: "ci-{distribution}", bootstrap: "scripts/boot.sh", tests: "scripts/test.sh", tags: {role: "ci"}},
		clouds: ({ec2: {region: "us-west-2", defaults: {instance_types: "t3.small", username: "admin",
			source: {owner: "136693071363", name: "debian-12-amd64-*"}},
			regions: set($regions | gsub("[a-z]{3}[0-9]"; ""); {distribution: set($distributions; null)})},
		digitalocean: {region: "nyc3", defaults: {instance_types: "s-1vcpu-1gb", source_image: "debian-12-x64"},
			regions: set($regions | gsub("[a-z]+-[a-z]+-[0-9]"; ""); {distribution: set($distributions; null)})}}
			| with_entries(select(.value.regions != {})))}' >"$1"
}
mk() { make -f "$top/pipelines/slave-images.mk" CONFIG=images.json RUN=r1 "$@"; }
stand_ins() {
	cat >step <<-'END'
		#!/bin/sh
		step=$1 tmp=.in.$$; shift; trap 'rm -f "$tmp"' EXIT
		cat >"$tmp"
		[ "${1-}" != -nq ] || exit 0	# whether an image was begun
		name=$(jq -r 'select(.kind == "bake").name' "$tmp" | head -n 1)
		echo "$step $name${1:+ $*}" >>steps
		if [ -e "hang.$step" ]; then
			trap 'kill $!; exit 143' TERM
			touch "hangs.$step.$name"; sleep 60 & wait $!
		fi
		[ ! -e "die.$step.$name" ] || kill -9 $$
		error=null
		[ ! -e "fail.$step.$name" ] || error=$(cat "fail.$step.$name")
		jq -c --arg step "$step" --argjson error "$error" --arg to "$*" '
			def image: {kind: "image", provider, region, id: "ami-\(.name)", name: .image_name, distribution, state: "available"};
			select(.kind != "end") |
			if .kind == "image" and $step == "copy" then
				., . as $i | $to | split(" ")[] | select(startswith("-") | not) | $i + {region: ., id: "\($i.id)-\(.)"} |
				if $error and $error.region == .region then .error = ($error | del(.region)) else . end
			elif .kind != "bake" then .
			elif $error and $step != "copy" then .error = $error
			elif $step == "up" then .instance = {kind: "instance", id: "i-\(.name)", status: "active"}
			elif $step == "create-image" then .image = image | ., .image
			elif $step == "destroy" then .instance.status = "gone"
			else . end' "$tmp"
		printf '{"kind":"end","filter":"step","records":1,"failed":0}\n'
		[ "$error" = null ] || exit "$(echo "$error" | jq .status)"
	END
	chmod 755 step
	export UP="./step up" BOOTSTRAP="./step bootstrap" TESTS="./step tests" CREATE_IMAGE="./step create-image" \
		DESTROY="./step destroy" VERIFY="./step verify" COPY="./step copy"
}
fast() {
	start_sandbox --speed 600
	export UP="img-bake up --no-ssh $quick" BOOTSTRAP=cat TESTS=cat VERIFY=cat DESTROY="img-bake destroy $quick" \
		CREATE_IMAGE="img-bake create-image --no-ssh --interval 20ms" COPY="img-copy --interval 20ms"
}
fast_machines() {
	. "$tests/machines.sh"
	start_machines --speed 600
	export UP="img-bake up $quick" CREATE_IMAGE="img-bake create-image --interval 20ms" DESTROY="img-bake destroy $quick" \
		VERIFY="img-bake verify $quick -l \$(@D)" COPY="img-copy --interval 20ms"
}
quick='--interval 20ms --lag 200ms'
names() { jq -rs 'map(select(.kind == "image")) | map("\(.provider) \(.region) \(.name)") | sort[]' "$@"; }
status_is() { echo "$2" >want; same want "state/r1/$1/status"; }
# Nothing temporary is left, in any cloud or directory, and there is one image of each name and place.
clean() {
	run-reap list -q --all-regions --run r1 >left; lines 0 left
	state_is '[.. | objects | select(has("instanceState")) | select(.instanceState.name != "terminated")] == []'
	find . -name '.*.json.*' -o -name '*.pem' -o -name leaving.json -o -name .leaving >left; lines 0 left
	img-list --all-regions -q 'ci-*' | jq -r '"\(.provider) \(.region) \(.name)"' | sort | uniq -d >twice; lines 0 twice
}
