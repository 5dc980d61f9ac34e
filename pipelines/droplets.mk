# SPDX-License-Identifier: ISC
# Provisions DigitalOcean droplets with their DNS names from cloud.json, keeps an inventory. From any
# directory that holds a cloud.json (and a security.json):
#	make -f .../pipelines/droplets.mk help

CLOUD ?= cloud.json
SECURITY ?= security.json
INVENTORY ?= cloudmaker_inventory.json
# Where the networking of the machines is written to.
LIVE ?= $(CLOUD)
STATE ?= state
# A public key file, where security.json has none.
KEY ?=
# Names that others chose: make and the shell never look into them.
override RUN := $(or $(value RUN),$(value SLUICE_RUN),$(if $(GO_PIPELINE_NAME),$(GO_PIPELINE_NAME)-$(GO_PIPELINE_COUNTER)),$\
	$(value BUILD_TAG),$(GITHUB_RUN_ID),$(CI_PIPELINE_ID),droplets)

# The steps. Each may be another command that reads and writes the same records:
#	make -f droplets.mk plan INV_SPLIT='cat my-records.json #'
INV_SPLIT ?= inv-split
DO_KEYS ?= do-keys
DO_DROPLETS ?= do-droplets
DO_RECORDS ?= do-records
DNS_MATCH ?= dns-match
INV_MERGE ?= inv-merge
# Options: of do-droplets ensure, do-records ensure, do-droplets rm.
DROPLETFLAGS ?=
RECORDFLAGS ?=
RMFLAGS ?=

quote = '$(subst ','\'',$(1))'
SHELL := /bin/sh
export SLUICE_SEAL := 1
.ONESHELL:

help:
	@printf '%s\n' \
	'inventory           what there is, with its names: $(INVENTORY)' \
	'plan                what provision would do: state/.../plan.json and a Markdown table' \
	'provision [PLAN=F]  the ssh key if it is not there, the servers, their DNS records; their' \
	'                    networking into $(LIVE); with PLAN only what that plan names' \
	'drift               fails when provision would do anything' \
	'destroy [DRY=1]     the DNS records and servers of $(CLOUD)' \
	'prune OLD=F [DRY=1] what an earlier cloud.json had and this one has not' \
	'' \
	'$(CLOUD): {"server1": {"region", "size", "image", "backups", "names": [...]}, ...}' \
	'$(SECURITY): {"digital_ocean_api_key", "public_ssh_key"}; or DIGITALOCEAN_ACCESS_TOKEN,' \
	'DIGITALOCEAN_TOKEN or doctl'\''s context, and KEY=PUBLIC-KEY-FILE.' \
	'LIVE=FILE leaves $(CLOUD) as it is. Every target refreshes the inventory and may be run again.' \
	'State: $(STATE)/RUN/. One step replaced: INV_SPLIT=, DO_KEYS=, DO_DROPLETS=, DO_RECORDS=,' \
	'DNS_MATCH=, INV_MERGE=.'

define functions
set -u
mask=$$(umask) status=0 rc=0 key='$(KEY)' security='$(SECURITY)'
umask 077
dir='$(STATE)'/$$(printf %s $(call quote,$(RUN)) | tr -c 'A-Za-z0-9._-' -)
mkdir -p "$$dir" || exit
trap 'rm -f "$$dir"/.*.$$$$' EXIT
say() { echo "$@: $$*" >&2; }

# has MEMBER: whether security.json has it; one that cannot be read is for the filters to refuse.
has() { jq -e "(.$$1 // \"\") != \"\"" "$$security" >/dev/null 2>&1 || [ $$? -gt 1 ]; }
if [ -f "$$security" ]; then
	[ -z "$$(find "$$security" -perm /077)" ] || say "others can read $$security, 'chmod 600 $$security' ends that"
	if [ -z "$${DIGITALOCEAN_ACCESS_TOKEN-}$${DIGITALOCEAN_ACCESS_TOKEN_FILE-}$${DIGITALOCEAN_TOKEN-}" ] &&
		has digital_ocean_api_key
	then export DIGITALOCEAN_ACCESS_TOKEN_FILE="$$security"
	fi
	if [ -z "$$key" ] && has public_ssh_key; then key=$$security; fi
fi

# step NAME COMMAND ...: what it writes becomes NAME.json, or NAME.failed.json when it failed. No
# state file holds user data.
step() {
	step=$$1; shift; rc=0
	rm -f "$$dir/$$step.json" "$$dir/$$step.failed.json"
	"$$@" >"$$dir/.$$step.$$$$" || rc=$$?
	if [ $$rc -eq 0 ]; then mv "$$dir/.$$step.$$$$" "$$dir/$$step.json"
	else jq -c 'if type == "object" then del(.user_data) else . end' "$$dir/.$$step.$$$$" >"$$dir/$$step.failed.json" 2>/dev/null
	fi
	[ $$status -ne 0 ] || status=$$rc
	return $$rc
}
# show KIND STEP: those records of what a step wrote, as a Markdown table.
show() {
	for file in "$$dir/$$2.json" "$$dir/$$2.failed.json"; do
		[ ! -s "$$file" ] || jq -c "select(.kind == \"$$1\")" "$$file" | SLUICE_SEAL= rec-table -m
	done
}

keys() { if [ -n "$$key" ]; then $(DO_KEYS) ensure --key "$$key" "$$@" -; else cat; fi; }
want() {
	$(INV_SPLIT) '$(CLOUD)' | keys "$$@" | $(DO_DROPLETS) ensure $(DROPLETFLAGS) "$$@" |
		$(DO_RECORDS) ensure $(RECORDFLAGS) "$$@"
}
inventory() { $(DO_DROPLETS) list | $(DO_RECORDS) list - | $(DNS_MATCH) | $(INV_MERGE); }
# The networking, and nothing else, of the machines that are there.
write_back() {
	for file in "$$dir/provision.json" "$$dir/provision.failed.json"; do
		[ -s "$$file" ] || continue
		rec-seal jq -c 'select(.kind == "instance" and (has("error") | not)) |
			{kind, name, private_network_interfaces, public_network_interfaces} |
			with_entries(select(.value))' <"$$file" |
			$(INV_MERGE) --into '$(LIVE)' $(if $(filter-out $(CLOUD),$(LIVE)),'$(CLOUD)' -)
	done
}

# going OLD NEW: the droplets that are in OLD and not in NEW, with OLD's names; changed names of
# those in both are for renamed(). A name that several droplets have stops everything.
machines='def machines: to_entries | map({key: (.value.name // .key | ascii_downcase), value}) | from_entries;
	def is($$w): $$w and ($$w.id == null or ($$w.id | tostring) == .id) and ($$w.region == null or $$w.region == .region);
	($$old[0] | machines) as $$old | ($$new[0] | machines) as $$new | [inputs] |
	(map(select(.kind == "instance") | select(is($$old[.name | ascii_downcase])) | .name | ascii_downcase) | group_by(.)
		| map({key: .[0], value: length}) | from_entries) as $$n |
	.[] | select(.kind == "instance") | (.name | ascii_downcase) as $$name | select(is($$old[$$name])) |
	if $$n[$$name] > 1 then .error = {status: 65, filter: "$@", code: "ambiguous",
		message: "several droplets have the name \(.name), one is \(.id): say which by id"} else . end |'
select_in() { rec-seal jq -cn --slurpfile old "$$1" --slurpfile new "$$2" "$$machines $$3" <"$$dir/list.json"; }
going() {
	select_in "$$1" "$$2" 'select($$new[$$name] | not) | .names = ($$old[$$name].names // [])' |
		$(DO_RECORDS) rm $(if $(DRY),-n) | $(DO_DROPLETS) rm $(if $(DRY),-n) $(RMFLAGS)
}
renamed() {
	select_in "$$1" "$$2" 'select($$new[$$name]) | .names = (($$old[$$name].names // []) - ($$new[$$name].names // []))' |
		$(DO_RECORDS) rm $(if $(DRY),-n)
}
# The whole list, or nothing is done.
take() {
	step list $(DO_DROPLETS) list && step "$$@"
	show plan $$1; show event $$1
}

finish() {
	if step inventory inventory && ! cmp -s "$$dir/inventory.json" '$(INVENTORY)'; then
		(umask $$mask; cat "$$dir/inventory.json" >'$(INVENTORY)'.$$$$) &&
			mv '$(INVENTORY)'.$$$$ '$(INVENTORY)' || status=74
	fi
	echo $$status >"$$dir/status"
	[ $$status -eq 0 ] || say "failed with status $$status, see $$dir/"
	exit $$status
}
endef

inventory:
	@$(functions)
	finish

plan:
	@$(functions)
	step plan want -n
	show plan plan
	finish

# All is planned first, so that a name that points elsewhere is found before a server is made.
provision:
	@$(functions)
	$(if $(PLAN),cp '$(PLAN)' "$$dir/.approved.$$$$" || { echo 66 >"$$dir/status"; exit 66; })
	if step plan want -n $(if $(PLAN),--plan "$$dir/.approved.$$$$"); then
		step provision want --plan "$$dir/plan.json"
		write_back || { rc=$$?; [ $$status -ne 0 ] || status=$$rc; }
		show event provision
		show instance provision
	else
		show plan plan
	fi
	finish

drift:
	@$(functions)
	step plan want -n
	show plan plan
	[ $$status -ne 0 ] || jq -es 'all(.[]; .kind != "plan" or .action == "keep")' "$$dir/plan.json" >/dev/null ||
		{ say 'it is not as $(CLOUD) says'; status=1; }
	finish

destroy:
	@$(functions)
	echo '{}' >"$$dir/.none.$$$$"
	take destroy going '$(CLOUD)' "$$dir/.none.$$$$"
	finish

prune:
	@$(functions)
	[ -n '$(OLD)' ] || { say 'what was there before? OLD=FILE'; exit 64; }
	take renamed renamed '$(OLD)' '$(CLOUD)'
	[ $$status -ne 0 ] || take prune going '$(OLD)' '$(CLOUD)'
	finish

.PHONY: help inventory plan provision drift destroy prune
