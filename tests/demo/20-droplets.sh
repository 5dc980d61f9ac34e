# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# The cloud.json of cloudmaker's page, with slugs that exist today: servers, names, inventory.
title 'The DigitalOcean provisioner: cloud.json becomes two servers with names'

export DIGITALOCEAN_ACCESS_TOKEN=dop_v1_sandbox
ln -s "$top/pipelines/droplets.mk" droplets.mk
sed 's/"1gb"/"s-1vcpu-1gb"/; s/debian-7-0-x64/debian-12-x64/' "$top/tests/data/cloudmaker/cloud.json" >cloud.json
(umask 077; cp "$top/tests/data/cloudmaker/security.json" security.json)

run "cat cloud.json"
run "make -f droplets.mk plan"
run "make -f droplets.mk provision"
run "cat cloud.json"
title 'Again: nothing is changed'
run "make -f droplets.mk provision"
run "make -f droplets.mk drift"
title 'The inventory, and one step by hand'
run "jq 'map_values({names, public_network_interfaces, size})' cloudmaker_inventory.json"
run "do-droplets list | do-records list - | dns-match | jq -r 'select(.kind == \"instance\") | .name + \" \" + (.names | join(\",\"))'"
title 'Destroy: the names first, then the servers'
run "make -f droplets.mk destroy"
run "cat cloudmaker_inventory.json"
