# SPDX-License-Identifier: ISC
# A case's words for images in the sandbox; after start_sandbox:
#	base			a droplet to make images of
#	image NAME [MEMBERS]	an image of it, made as img-bake makes one; its id in $image
#	change FILTER		jq's, on all that the account has at DigitalOcean
#	images			the account's images at DigitalOcean, `name regions…` a line
base() {
	sandbox_do POST /v2/droplets '{"name":"base","region":"nyc3","size":"s-1vcpu-1gb","image":"debian-12-x64"}' >code
	base=$(jq -r .droplet.id got); advance 60
	sandbox_do POST "/v2/droplets/$base/actions" '{"type":"power_off"}' >code; advance 10
}
change() {
	state | jq ".state.digitalocean.accounts.sandbox |= ($1)" >changed.state
	sandbox_call PUT state @changed.state >changed.answer
}
# shellcheck disable=SC2034
image() {
	[ -n "${base-}" ] || base
	jq -cn --arg id "$base" --arg name "$1" "{id: \$id, wanted: ({kind: \"image\", name: \$name, run: \"r1\",
		region: \"nyc3\"} + ${2:-{\}})}" >image.wish
	cloud-try image images <image.wish >image.1; advance 70
	cloud-try image images 1 <image.wish >image.2
	image=$(tail -n 1 image.2 | jq -re .id)
}
images() {
	state | jq -r '.state.digitalocean.accounts.sandbox.images // {} | .[] | "\(.name) \(.regions | join(" "))"'
}
