#!/bin/sh
# SPDX-License-Identifier: ISC
# img-bake from the record to the image on the sandbox's machines, which are really logged in to.
. "$(dirname "$0")/lib.sh"
needs_machines

words='
	. "$tests/bake.sh"
	things() {			# scripts, and a directory of one
		script boot.sh <<-"END"
			set -e
			[ "$(id -u)" -eq 0 ]
			printf "%s\n" "booted with $TOKEN"
			mkdir -p /opt/app; echo "v1 $(printf %s "$TOKEN" | sha256sum)" >/opt/app/version
		END
		script test.sh <<-"END"
			grep "^v1 " /opt/app/version
		END
		mkdir -p more/files; echo data >more/files/data
		echo "cat files/data; cp files/data /opt/app/data" | script more/run
		export TOKEN="the value, \"quoted\" \$HOME \`id\`"
	}
'
for cloud in ec2 "do"; do
	t "$cloud: from the record to the image, and again from each file in between" "$words"'
		start_bakes; things
		bake '$cloud' one "{bootstrap: [\"boot.sh\"], tests: [\"test.sh\"], environment: [\"TOKEN\"]}" >spec
		step up <spec 2>err | tee up | step bootstrap -l logs 2>err2 | tee bs | step bootstrap --sudo -l more-logs more 2>err3 | tee more.json |
			step tests 2>err4 >ts
		img-bake ssh-config -f ts >config; mkdir away; port=$(sed -n "s/^	Port //p" "$machines_dir/ssh_config")
		(cd away; ssh -F ../config -o BatchMode=yes -p "$port" one cat /opt/app/data) >from-away; echo data >want; same want from-away
		step create-image 2>err5 <ts >image
		cat err*
		grep -qx "one: booted with \*\*\*" err2; grep -qx "booted with \*\*\*" logs/one.bootstrap.log
		grep -qx "one: data" err3; grep -qx data more-logs/one.bootstrap.log
		grep -q "^one: v1 " err4
		id=$(the .image.id image)
		grep -qx "created server image: $id" err5
		holds "(.steps | map(\"\(.step) \(.outcome)\")) == [\"up done\", \"bootstrap done\", \"bootstrap done\", \"tests done\", \"create-image done\"]" image
		disk=$(disk_of_image "$id"); [ -s "$disk/opt/app/version" ]; [ -s "$disk/opt/app/data" ]
		step verify -l logs <image >verified 2>err6; grep -q "^one verify: v1 " err6; [ -s logs/one.verify.log ]
		again() {		# again STEP INPUT [OPTION…]: the same machine and image
			what=$1 input=$2; shift 2
			step "$what" "$@" <"$input" >again 2>err7 || { echo "$what < $input"; cat err7; return 1; }
			holds ".instance.id == \"$(the .instance.id up)\" and .temporary == $(jq -c "select(.kind == \"bake\").temporary" up)" again
			case $what in create-image) holds ".image.id == \"$id\"" again ;; esac
		}
		again create-image ts; again create-image image; again create-image verified
		again up spec; again up up; again bootstrap up; again bootstrap bs; again bootstrap bs more; again tests bs; again tests ts; again up ts
		again create-image ts
		step destroy <verified >gone 2>err8
		nothing_left
		step destroy <gone >gone2 2>err8; step destroy <up >gone3 2>err8; step destroy <spec >gone4 2>err8
		nothing_left
		holds ".instance.status == \"gone\" and .image.id == \"$id\"" gone
		forget; step create-image <gone >again 2>err9; step verify <gone >again 2>err9; nothing_left
		grep -rl -e "value, " spec up bs more.json ts image verified gone again err* logs more-logs >found || :; [ ! -s found ] || { cat found; exit 1; }
	'
done
done_testing
