# SPDX-License-Identifier: ISC
# Deploys an auto scaling group from baseami.json, behind its load balancers, and retires the one
# before it. From any directory that holds a baseami.json:
#	make -f .../pipelines/asg.mk help

BASEAMI ?= baseami.json
STATE ?= state
KEEP ?= 0

# The steps. Each may be another command that reads and writes the same records:
#	make -f asg.mk deploy BOOT_SCRIPT='boot-script -t my-template'
#	make -f asg.mk deploy ASG_SPEC='cat my-spec.json'
ASG_SPEC ?= asg-spec $(BASEAMI)
BOOT_SCRIPT ?= boot-script
ASG_ROLL ?= asg-roll
ASG_LIST ?= asg-list
ASG_RM ?= asg-rm
ROLLFLAGS ?=

SHELL := /bin/sh
export SLUICE_SEAL := 1

help:
	@printf '%s\n' \
	'plan               what a deployment would do: state/.../plan.json and a table' \
	'deploy [PLAN=FILE] new group, healthy behind its balancers, then the others retired;' \
	'                   with PLAN only what that plan names' \
	'healthy            the same, but stops when the new group is healthy: both serve' \
	'rollback [TO=NAME] the group that was kept (KEEP) serves again, the present one is retired' \
	'list               the groups of this NAME and AMI_ENV' \
	'delete ASG=NAME    deletes a group and what only it used' \
	'' \
	'NAME, AMI_ENV, AMI_REGION, AMI_AZ, AMI_INSTANCE_TYPE, AMI_USER and so on: asg-spec(1).' \
	'KEEP=N keeps the N groups that were retired last, scaled to 0, for rollback.' \
	'State: $(STATE)/NAME-ENV-BUILD/. One step replaced: ASG_SPEC=, BOOT_SCRIPT=, ASG_ROLL=.'

# The conventions are asked afresh by every target; spec.json is replaced only when it differs. It
# holds no secret: user data with keys exists only in the pipe behind it.
spec = set -u; umask 077; mkdir -p '$(STATE)' || exit; \
	new=$$(mktemp '$(STATE)/.spec.XXXXXX') || exit; trap 'rm -f "$$new"' EXIT; rc=0; \
	$(ASG_SPEC) >"$$new" || rc=$$?; \
	name=$$(jq -r 'select(.kind == "asg-spec") | [.tags.server, .tags.env, .tags.build] \
		| map(tostring | gsub("[^A-Za-z0-9._-]"; "-")) | join("-")' "$$new") || name=; \
	dir='$(STATE)'/$${name:-unknown}; mkdir -p "$$dir" || exit; echo $$rc >"$$dir/status"; \
	if [ $$rc -ne 0 ]; then mv "$$new" "$$dir/spec.failed.json"; exit $$rc; fi; \
	cmp -s "$$new" "$$dir/spec.json" || mv "$$new" "$$dir/spec.json"

# $(call step,NAME,PIPE): what PIPE writes becomes NAME.json when it succeeded, else
# NAME.failed.json; the status, which make turns into 2, is in the file status.
step = $(spec); out="$$dir/.$(1).$$$$"; trap 'rm -f "$$new" "$$out"' EXIT; \
	rc=0; { $(2); } >"$$out" || rc=$$?; echo $$rc >"$$dir/status"; \
	if [ $$rc -eq 0 ]; then \
		mv "$$out" "$$dir/$(1).json"; rm -f "$$dir/$(1).failed.json"; \
	else mv "$$out" "$$dir/$(1).failed.json"; fi

# The last record of what a step wrote, as a table.
show = rec-seal jq -c 'select(.kind == "asg" or .kind == "plan")' <"$$dir/$(1).json" | rec-table $(2)

finish = if [ $$rc -ne 0 ]; then \
		echo "$@ failed with status $$rc, see $$dir/" >&2; exit $$rc; fi

roll = $(BOOT_SCRIPT) <"$$dir/spec.json" | $(ASG_ROLL)

plan:
	@$(call step,plan,$(roll) -n --keep $(KEEP) $(ROLLFLAGS)); $(finish); $(call show,plan,-m)

deploy:
	@$(call step,deploy,$(roll) --keep $(KEEP) $(if $(PLAN),--plan '$(PLAN)') $(ROLLFLAGS)); \
	$(finish); $(call show,deploy)

healthy:
	@$(call step,healthy,$(roll) --hold $(ROLLFLAGS)); $(finish); $(call show,healthy)

rollback:
	@$(call step,rollback,$(ASG_ROLL) --back $(if $(TO),--to '$(TO)') --keep $(KEEP) \
		$(ROLLFLAGS) <"$$dir/spec.json"); $(finish); $(call show,rollback)

list:
	@$(spec); region=$$(jq -r 'select(.kind == "asg-spec").region' "$$dir/spec.json"); \
	server=$$(jq -r 'select(.kind == "asg-spec").tags.server' "$$dir/spec.json"); \
	env=$$(jq -r 'select(.kind == "asg-spec").tags.env' "$$dir/spec.json"); \
	$(ASG_LIST) -r "$$region" --server "$$server" --env "$$env" | rec-table

delete:
	@$(if $(ASG),,echo 'delete which? ASG=NAME' >&2; exit 64;) \
	$(call step,delete,$(ASG_LIST) -r "$$(jq -r 'select(.kind == "asg-spec").region' \
		"$$dir/spec.json")" '$(ASG)' | $(ASG_RM) --expect 1); $(finish)

.PHONY: help plan deploy healthy rollback list delete
