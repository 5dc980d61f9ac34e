# SPDX-License-Identifier: ISC
# Bakes the images of a configuration: a matrix of cloud x region x distribution, each image in a
# directory of its own, all at once under `make -k -j`; copies them, and puts their ids into the
# dictionary that Jenkins is made from:
#	make -f .../pipelines/slave-images.mk help

CONFIG ?= images.yaml
# What of it: options of bake-spec, say '-c ec2 -r us-west-2 -d centos7'.
ONLY ?= --all
# Regions to which every image is copied, besides those of its own copy_to.
TO ?=
YAML ?=
PATHS ?= jenkins.clouds.images.{provider}.{region}.{distribution}
STATE ?= state
RUN ?= $(or $(SLUICE_RUN),$(if $(GO_PIPELINE_NAME),$(GO_PIPELINE_NAME)-$(GO_PIPELINE_COUNTER)-$(GO_JOB_NAME)),$\
	$(BUILD_TAG),$(GITHUB_RUN_ID),$(CI_PIPELINE_ID),images-$(shell date -u +%Y%m%d))
export SLUICE_RUN := $(RUN)
D := $(STATE)/$(shell printf %s '$(RUN)' | tr -c 'A-Za-z0-9._-' -)
export SLUICE_KEYS ?= $(STATE)/keys

# The steps. Each may be another command that reads and writes the same records.
BAKE_SPEC ?= bake-spec
UP ?= img-bake up
BOOTSTRAP ?= img-bake bootstrap -l $(@D)
TESTS ?= img-bake tests -l $(@D)
CREATE_IMAGE ?= img-bake create-image
DESTROY ?= img-bake destroy
VERIFY ?= img-bake verify -l $(@D)
COPY ?= img-copy
YAML_PUT ?= yaml-put
REAP_LIST ?= run-reap list
REAP_RM ?= run-reap rm

SHELL := /bin/sh
export SLUICE_SEAL := 1
.ONESHELL:
.DELETE_ON_ERROR:
.SECONDARY:

help:
	@printf '%s\n' \
	'images            all of it but jenkins; -k -j6 works on six images at once and lets one fail' \
	'up bootstrap tests create-image destroy verify copy' \
	'                  so far with every image' \
	'jenkins YAML=F    images, and their ids into F; COMMIT=1 commits that on a branch, PUSH=1' \
	'                  pushes it, PR=1 opens the pull request by gh; else the commands are printed' \
	'plan              what would be made' \
	'reap              removes what is temporary and of this run, whatever the state says' \
	'' \
	'$(CONFIG) says what there is, ONLY="-c ec2 -r us-west-2 -d centos7" what of it (else all),' \
	'TO="us-east-1 eu-west-1" where it is copied to, PATHS= where an id belongs in the YAML file.' \
	'A failed step removes its machine; KEEP=1 leaves it and says how to get in. PARTIAL=1 lets' \
	'jenkins write what there is. Run again, it goes on from the files in $(D)/NAME/,' \
	'each the record after a step. Names: up (UP=), bootstrap, tests, image, destroyed, verified, copied.' \
	'One step replaced: BAKE_SPEC=, UP=, BOOTSTRAP=, TESTS=, CREATE_IMAGE=, DESTROY=, VERIFY=, COPY=,' \
	'YAML_PUT=.'

# An image's directory holds spec.json. It is kept as long as the configuration says the same of it,
# but for the time in its name: so that what was made before is found.
define split
	umask 077
	mkdir -p '$(D)' && $(BAKE_SPEC) $(ONLY) $(CONFIG) >'$(D)/.specs.json' || exit
	jq -r 'select(.kind == "bake") | .name' '$(D)/.specs.json' >'$(D)/.names' || exit
	while read -r name; do
		mkdir -p "$(D)/$$name" && spec="$(D)/$$name/spec.json" || exit
		jq -c --arg name "$$name" 'select(.kind == "bake" and .name == $$name)' '$(D)/.specs.json' >"$$spec.new" || exit
		if [ -s "$$spec" ] && [ "$$(jq -cS 'del(.image_name)' "$$spec")" = "$$(jq -cS 'del(.image_name)' "$$spec.new")" ]
		then rm "$$spec.new"
		else mv "$$spec.new" "$$spec" || exit
		fi
	done <'$(D)/.names'
	{ printf 'IMAGES :='; sed 's/^/ /' '$(D)/.names' | tr -d '\n'; echo; } >'$(D)/.images.new' || exit
	mv '$(D)/.images.new' '$(D)/images.mk'
endef

goals := $(filter-out help plan reap,$(or $(MAKECMDGOALS),help))
ifneq ($(goals),)
ifeq ($(MAKE_RESTARTS),)
$(D)/images.mk: FORCE
	@$(split)
endif
include $(D)/images.mk
endif

# step NAME: runs the command with the target's input; what it writes becomes the target, or
# NAME.failed.json. A step that failed takes its machine with it, unless KEEP=1.
define functions
set -u
umask 077
image=$(notdir $(@D)) dir='$(@D)' new='$(@D)/.$(@F).'$$$$ pid= signal=
say() { echo "$$image: $$*" >&2; }
# The step is in the background, so that a signal for this shell reaches it.
trap '[ -z "$$pid" ] || kill -TERM $$pid 2>/dev/null; signal=130' INT
trap '[ -z "$$pid" ] || kill -TERM $$pid 2>/dev/null; signal=143' TERM HUP
run() {
	"$$@" <"$$input" >"$$new" & pid=$$!
	while :; do
		rc=0; wait $$pid || rc=$$?
		kill -0 $$pid 2>/dev/null || break
	done
	pid=
	[ -z "$$signal" ] || rc=$$signal
}
step() {
	input=$$1; shift
	rm -f "$$dir/$(basename $(@F)).failed.json"
	run "$$@"
	[ $$rc -ne 0 ] || { mv "$$new" '$@' && echo 0 >"$$dir/status"; exit; }
	echo $$rc >"$$dir/status"
	failed="$$dir/$(basename $(@F)).failed.json"
	if jq -se 'any(.[]; .kind == "bake")' "$$new" >/dev/null 2>&1
	then mv "$$new" "$$failed"
	else rm -f "$$new"; cp "$$input" "$$failed"
	fi
}
end() {
	say "$(basename $(@F)) failed with status $$rc, see $$failed"
	exit $$rc
}
# bake INPUT COMMAND ...: a step on the machine.
bake() {
	step "$$@"
	if [ '$(KEEP)' = 1 ]; then
		say "its machine is kept: img-bake ssh -f $$failed; away with it: img-bake destroy -f $$failed"
		end
	fi
	kept=$$rc; signal=
	input=$$failed new="$$dir/.destroy.$$$$"
	run $(DESTROY)
	rm -f "$$new"
	[ $$rc -eq 0 ] || [ $$rc -eq $$kept ] || say "its machine could not be removed (status $$rc): make reap RUN='$(RUN)'"
	rc=$$kept
	rm -f "$$dir/up.json" "$$dir/bootstrap.json" "$$dir/tests.json"
	end
}
endef

$(D)/%/up.json: $(D)/%/spec.json
	@$(functions)
	bake '$<' $(UP)

$(D)/%/bootstrap.json: $(D)/%/up.json
	@$(functions)
	bake '$<' $(BOOTSTRAP)

$(D)/%/tests.json: $(D)/%/bootstrap.json
	@$(functions)
	bake '$<' $(TESTS)

$(D)/%/image.json: $(D)/%/tests.json
	@$(functions)
	bake '$<' $(CREATE_IMAGE)

$(D)/%/destroyed.json: $(D)/%/image.json
	@$(functions)
	step '$<' $(DESTROY)
	end

$(D)/%/verified.json: $(D)/%/destroyed.json
	@$(functions)
	step '$<' $(VERIFY)
	end

$(D)/%/copied.json: $(D)/%/verified.json
	@$(functions)
	step '$<' $(COPY) $(TO:%=-t %)
	end

up: $(IMAGES:%=$(D)/%/up.json)
bootstrap: $(IMAGES:%=$(D)/%/bootstrap.json)
tests: $(IMAGES:%=$(D)/%/tests.json)
create-image: $(IMAGES:%=$(D)/%/image.json)
destroy: $(IMAGES:%=$(D)/%/destroyed.json)
verify: $(IMAGES:%=$(D)/%/verified.json)
copy images: $(IMAGES:%=$(D)/%/copied.json)

# With PARTIAL=1 those that are there; else all, since a dictionary with half of them is no release.
jenkins: $(if $(PARTIAL),,$(IMAGES:%=$(D)/%/copied.json))
	@umask 077
	[ -n '$(YAML)' ] || { echo 'jenkins: which file? YAML=FILE' >&2; exit 64; }
	set --
	for name in $(IMAGES); do
		[ ! -s "$(D)/$$name/copied.json" ] || set -- "$$@" "$(D)/$$name/copied.json"
	done
	[ $$# -gt 0 ] || { echo 'jenkins: no image is done' >&2; exit 1; }
	cp '$(YAML)' '$(D)/before' || exit
	cat "$$@" | jq -c 'select(.kind == "image")' >'$(D)/images.json' || exit
	$(YAML_PUT) -i '$(PATHS)' '$(YAML)' <'$(D)/images.json' || { rc=$$?; echo "$$rc" >'$(D)/status'; exit $$rc; }
	diff -u --label a --label b '$(D)/before' '$(YAML)'
	rm -f '$(D)/before'
	branch="images-$$(printf %s '$(RUN)' | tr -c 'A-Za-z0-9._-' -)"
	at=$$(dirname '$(YAML)') file=$$(basename '$(YAML)')
	message="Images of $(RUN): $(IMAGES)"
	if [ '$(COMMIT)$(PUSH)$(PR)' = '' ]; then
		printf '%s\n' "git -C '$$at' checkout -b '$$branch'" "git -C '$$at' commit -m '$$message' -- '$$file'" \
			"git -C '$$at' push -u origin '$$branch'" "(cd '$$at' && gh pr create --fill --head '$$branch')"
		exit 0
	fi
	git -C "$$at" checkout -q -B "$$branch" || exit
	git -C "$$at" diff --quiet HEAD -- "$$file" || git -C "$$at" commit -q -m "$$message" -- "$$file" || exit
	[ -z '$(PUSH)$(PR)' ] || git -C "$$at" push -q -u origin "$$branch" || exit
	[ -z '$(PR)' ] || { cd "$$at" && gh pr create --fill --head "$$branch"; }

plan:
	@$(BAKE_SPEC) $(ONLY) $(CONFIG) | $(UP) -n | rec-seal jq -c 'select(.kind == "plan")' | SLUICE_SEAL= rec-table -m

reap:
	@$(REAP_LIST) --run '$(RUN)' | $(REAP_RM) --run '$(RUN)'

.PHONY: FORCE help up bootstrap tests create-image destroy verify copy images jenkins plan reap
