# SPDX-License-Identifier: ISC
# Removes what runs left behind in the clouds: temporary machines, their volumes, keys and groups,
# when their time is over. Nothing is needed but credentials:
#	make -f .../pipelines/reap.mk help

# The clouds; empty: all that have credentials here. Named ones must be readable.
CLOUDS ?=
# Region names; all: every region of the account.
REGIONS ?= all
# More things than that at once are not removed: something is wrong then.
MAX ?= 50
# A run: what it left, expired or not. It may be what somebody typed: make never looks into it.
export LEFT
STATE ?= state
# Names that others chose: make and the shell never look into them.
override RUN := $(or $(value RUN),$(value SLUICE_RUN),$(if $(GO_PIPELINE_NAME),$(GO_PIPELINE_NAME)-$(GO_PIPELINE_COUNTER)),$\
	$(value BUILD_TAG),$(GITHUB_RUN_ID),$(CI_PIPELINE_ID),reap)

# The steps. Each may be another command that writes, or reads and writes, the same records:
#	make -f reap.mk plan SELECT='rec-seal jq -c "select(.run != \"keep\")"'
REAP_LIST ?= run-reap list
SELECT ?= cat
REAP_RM ?= run-reap rm
LISTFLAGS ?=
RMFLAGS ?=

quote = '$(subst ','\'',$(1))'
SHELL := /bin/sh
export SLUICE_SEAL := 1
.ONESHELL:

help:
	@printf '%s\n' \
	'list             what is left over, as a table' \
	'plan             what reap would do: state/.../plan.json and a Markdown table' \
	'reap [PLAN=F]    removes it, at most MAX ($(MAX)) things; with PLAN only what that plan names' \
	'' \
	'CLOUDS="aws digitalocean" (else all with credentials), REGIONS="us-west-2 eu-west-1" (else all).' \
	'LEFT=RUN: what that run left, expired or not. Only what carries an expiry is ever touched.' \
	'State: $(STATE)/RUN/. One step replaced: REAP_LIST=, SELECT=, REAP_RM=.'

define functions
set -u
umask 077
rc=0
dir='$(STATE)'/$$(printf %s $(call quote,$(RUN)) | tr -c 'A-Za-z0-9._-' -)
mkdir -p "$$dir" || exit
trap 'rm -f "$$dir"/.*.$$$$' EXIT
list() {
	$(REAP_LIST) $(CLOUDS:%=-c '%') $(if $(filter all,$(REGIONS)),--all-regions,$(REGIONS:%=-r '%')) \
		$${LEFT:+--run "$$LEFT"} $(LISTFLAGS) | $(SELECT)
}
# What could not be read is no reason to leave the rest: rm passes its error on, and ends with it.
reap() { list | tee "$$dir/list.json" | $(REAP_RM) $${LEFT:+--run "$$LEFT"} --max $(MAX) $(RMFLAGS) "$$@"; }
# step NAME COMMAND ...: what it writes becomes NAME.json, or NAME.failed.json when it failed.
step() {
	step=$$1; shift
	rm -f "$$dir/$$step.json" "$$dir/$$step.failed.json"
	"$$@" >"$$dir/.$$step.$$$$" || rc=$$?
	if [ $$rc -eq 0 ]; then file=$$dir/$$step.json; else file=$$dir/$$step.failed.json; fi
	mv "$$dir/.$$step.$$$$" "$$file"
	echo $$rc >"$$dir/status"
}
# show KIND ...: those records of what the step wrote.
show() { jq -c "select($$1)" "$$file" | SLUICE_SEAL= rec-table $${2-}; }
finish() { [ $$rc -eq 0 ] || echo "$@ failed with status $$rc, see $$dir/" >&2; exit $$rc; }
endef

list:
	@$(functions)
	step list list
	show '.kind != "end"'
	finish

plan:
	@$(functions)
	step plan reap -n
	show '.kind == "plan" or .error' -m
	finish

reap:
	@$(functions)
	$(if $(PLAN),cp '$(PLAN)' "$$dir/.approved.$$$$" || { echo 66 >"$$dir/status"; exit 66; })
	step reap reap $(if $(PLAN),--plan "$$dir/.approved.$$$$")
	show '.kind == "event" or .error'
	finish

.PHONY: help list plan reap
