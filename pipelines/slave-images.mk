# SPDX-License-Identifier: ISC
# Bakes the images of a configuration: a matrix of cloud x region x distribution, each image in a
# directory of its own, all at once under `make -k -j`; copies them, and puts their ids into the
# dictionary that Jenkins is made from. From any directory that holds an images.yaml:
#	make -f .../pipelines/slave-images.mk help

CONFIG ?= images.yaml
# What of it: options of bake-spec, say '-c ec2 -r us-west-2 -d centos7'. It may be what somebody
# typed: neither make nor the shell looks into it.
export ONLY
# Regions to which every image of a cloud that has them is copied, besides those of its copy_to;
# CLOUD:REGION where the name does not tell the cloud.
TO ?=
YAML ?=
PATHS ?= jenkins.clouds.images.{provider}.{region}.{distribution}
override STATE := $(or $(STATE),state)
override RUN := $(or $(value RUN),$(value SLUICE_RUN),$(if $(GO_PIPELINE_NAME),$(GO_PIPELINE_NAME)-$(GO_PIPELINE_COUNTER)-$(GO_JOB_NAME)),$\
	$(value BUILD_TAG),$(GITHUB_RUN_ID),$(CI_PIPELINE_ID),images-$(shell date -u +%Y%m%d))
export SLUICE_RUN := $(RUN)

# The steps. Each may be another command that reads and writes the same records; two in a row are
# one by sh -c: UP='sh -c "rec-seal jq -c .disk=20 | img-bake up"'
BAKE_SPEC ?= bake-spec
UP ?= img-bake up
BOOTSTRAP ?= img-bake bootstrap -l $(@D)
TESTS ?= img-bake tests -l $(@D)
CREATE_IMAGE ?= img-bake create-image
DESTROY ?= img-bake destroy
VERIFY ?= img-bake verify -l $(@D)
COPY ?= img-copy
YAML_PUT ?= yaml-put
REAP_LIST ?= run-reap list --all-regions
REAP_RM ?= run-reap rm

SHELL := /bin/sh
export SLUICE_SEAL := 1
.ONESHELL:
.SECONDARY:

help:
	@printf '%s\n' \
	'images           all of it but jenkins; -k -j6 works on six images at once and lets one fail' \
	'up bootstrap tests create-image destroy verify copy' \
	'                 so far with every image' \
	'jenkins YAML=F   images, and their ids into F; COMMIT=1 commits that on a branch, PUSH=1' \
	'                 pushes it, PR=1 opens the pull request by gh; else the commands are printed' \
	'plan             what a run that has no files yet would make' \
	'reap             removes what is temporary and of this run, whatever the state says' \
	'' \
	'CONFIG=$(CONFIG) says what there is, ONLY="-c ec2 -r us-west-2 -d centos7" what of it (else' \
	'all), TO="us-east-1 fra1 rackspace:IAD" where it is copied to besides the copy_to of its own,' \
	'PATHS= where an id belongs in the YAML file, in the words of yaml-put.' \
	'A step that fails, or is interrupted, takes its machine with it; KEEP=1 leaves the machine and' \
	'says how to get in. Run again, it goes on from the files in $(D)/NAME/, each the' \
	'record after a step: up.json, bootstrap, tests, image, destroyed, verified, copied; of a step' \
	'that failed STEP.failed.json, its status in status. What is changed in the configuration, in' \
	'scripts or by hand in one of these files is done again, and what follows from it.' \
	'PARTIAL=1 lets jenkins write what there is and bakes nothing; so does FROM=DIRECTORY, with the' \
	'NAME/copied.json there. FETCHED=1: the files come from another agent, their times mean nothing.' \
	'RUN= is another run, with files and names of its own.' \
	'One step replaced: BAKE_SPEC=, UP=, BOOTSTRAP=, TESTS=, CREATE_IMAGE=, DESTROY=, VERIFY=, COPY=,' \
	'YAML_PUT=, REAP_LIST=, REAP_RM=. plan asks UP and CREATE_IMAGE with -n.'

quote = '$(subst ','\'',$(1))'
ifneq ($(shell printf %s $(call quote,$(STATE)) | tr -d 'A-Za-z0-9._/+@-'),)
$(error STATE is '$(STATE)': letters, digits and ._/+@- are for it)
endif
# A directory for each run, also for two that differ in odd signs only.
run := $(shell printf %s $(call quote,$(RUN)) | tr -c 'A-Za-z0-9._-' - | sed 's/^\.*//')
ifneq ($(run),$(RUN))
run := $(run)-$(firstword $(shell printf %s $(call quote,$(RUN)) | cksum))
endif
D := $(STATE)/$(run)
self := $(if $(wildcard $(firstword $(MAKEFILE_LIST))),$(firstword $(MAKEFILE_LIST)),$(strip $(MAKEFILE_LIST)))

# Of who works on an image: make that was killed leaves steps that go on.
define lock
exec 9>"$$dir/.lock"
		if command -v flock >/dev/null && ! flock -n 9; then
			echo "$$name: another make is at work on it; waiting for that" >&2
			flock 9
		fi
endef

# The scripts of a step, as they are now.
define sums
jq -r --arg step "$$1" 'if $$step != "verified" then .[$$step] elif (.verify // []) == [] then .tests else .verify end | .[]?' "$$dir/spec.json" |
		while read -r script; do find "$$script" -type f -exec cksum {} +; done | sort
endef

# An image's directory holds spec.json. It is kept as long as the configuration and the scripts that
# ran say the same, but for the time in the image's name: so that what was made before is found.
# What a new one makes worthless goes, and leaving.json says what machine must go before another
# is made.
define split
set -u
umask 077
quit() { echo "$$1" >'$(D)/status'; exit "$$1"; }
say() { echo "$$name: $$*" >&2; }
mkdir -p '$(D)' || exit
config=$(call quote,$(CONFIG))
if [ -e "$$config" ]; then set -- "$$config"; else set -- $$config; fi
{
	$(BAKE_SPEC) $${ONLY:---all} "$$@"
} >'$(D)/.specs.json' || quit $$?
jq -r 'select(.kind == "bake") | .name' '$(D)/.specs.json' >'$(D)/.names' || quit 65
[ -s '$(D)/.names' ] || { echo 'no image is configured' >&2; quit 65; }
odd=$$(grep -v '^[A-Za-z0-9][A-Za-z0-9._-]*$$' '$(D)/.names'; sort '$(D)/.names' | uniq -d)
[ -z "$$odd" ] || { echo "no name for a directory of its own: '$$odd'" >&2; quit 65; }

wish() { jq -cS 'del(.copy_to, .share_with) | .image_name |= (. // "" | gsub("[0-9]{14}"; ""))' "$$1"; }
sums() { $(sums); }
differ() { [ -e "$$dir/$$1.json" ] && [ -e "$$dir/$$1.sum" ] && [ "$$(sums "$$1")" != "$$(cat "$$dir/$$1.sum")" ]; }
anew() {
	for file in image.json image.failed.json; do
		[ -s "$$dir/$$file" ] || continue
		old=$$(jq -r 'select(.kind == "bake" and .image.id) | .image_name' "$$dir/$$file")
		[ -z "$$old" ] || [ "$$old" != "$$(jq -r .image_name "$$fresh")" ] || {
			say "image '$$old' was made of what there was before: take another RUN, or remove it (img-rm) and $$dir/"
			quit 79
		}
	done
	say 'is not what it was: it is made anew'
	if [ -e "$$dir/destroyed.json" ]; then :
	elif [ -s "$$dir/up.json" ]; then cat "$$dir/up.json" >>"$$dir/leaving.json"
	elif [ -e "$$dir/up.failed.json" ] || ls "$$dir"/.up.json.* >/dev/null 2>&1; then cat "$$dir/spec.json" >>"$$dir/leaving.json"
	fi || quit 74
	rm -f "$$dir"/*.failed.json "$$dir"/*.sum "$$dir"/.up.json.*
	for step in up bootstrap tests image destroyed verified copied; do rm -f "$$dir/$$step.json"; done
}
while read -r name; do
	dir='$(D)'/$$name fresh='$(D)'/$$name/.spec.new
	mkdir -p "$$dir" || quit 74
	jq -c --arg name "$$name" 'select(.kind == "bake" and .name == $$name)' '$(D)/.specs.json' >"$$fresh" || quit 65
	jq -r --arg to $(call quote,$(TO)) '.region as $$own | (if .provider == "aws" then "ec2" else .provider end) as $$cloud |
		[.copy_to[]?, ($$to | splits("[ ,]+") | select(. != "") | capture("^((?<cloud>[^:]*):)?(?<region>.*)$$") |
			(if .cloud == "aws" then "ec2" elif .cloud then .cloud
				elif .region | test("^[a-z]+(-[a-z]+)+-[0-9]+$$") then "ec2"
				elif .region | test("^[a-z]{3}[0-9]+$$") then "digitalocean" else null end) as $$c | select($$c == null or $$c == $$cloud).region)] as $$all |
		($$all | unique - [$$own]) as $$to | [.share_with[]? | "--share", .] as $$share |
		(if $$to == [] and $$share != [] then [$$own] else $$to end | .[] | "-t", .), $$share[]' "$$fresh" >"$$dir/.to.new" || quit 65
	if [ -s "$$dir/spec.json" ] && [ "$$(wish "$$dir/spec.json")" = "$$(wish "$$fresh")" ] && ! differ bootstrap
	then rm "$$fresh"
	else (
		$(lock)
		if [ -s "$$dir/spec.json" ]; then anew; fi
		mv "$$fresh" "$$dir/spec.json" || quit 74
	) || exit
	fi
	if [ ! -e "$$dir/image.json" ] && differ tests; then rm "$$dir/tests.json"; fi
	if differ verified; then rm -f "$$dir/verified.json" "$$dir/copied.json"; fi
	if cmp -s "$$dir/.to.new" "$$dir/to"; then rm "$$dir/.to.new"; else mv "$$dir/.to.new" "$$dir/to" || quit 74; fi
	[ '$(FETCHED)' != 1 ] || for file in to spec.json up.json bootstrap.json tests.json image.json destroyed.json verified.json copied.json; do
		touch -c "$$dir/$$file" || quit 74
	done
done <'$(D)/.names' || exit
{ printf 'IMAGES :='; sed 's/^/ /' '$(D)/.names' | tr -d '\n'; echo; } >'$(D)/.images.new' || quit 74
if cmp -s '$(D)/.images.new' '$(D)/images.mk'; then rm '$(D)/.images.new'; else mv '$(D)/.images.new' '$(D)/images.mk'; fi
endef

# Each image has a make of its own: so -j N is N machines at a time, what has begun goes on to its
# end when another image fails, and a signal finds a step of each.
STEPS := up bootstrap tests image destroyed verified copied
# A record that is there is whole, and stays when a signal comes right then.
.PRECIOUS: $(foreach step,$(STEPS),$(D)/%/$(step).json)
goals := $(filter-out help plan reap,$(or $(MAKECMDGOALS),help))
ifneq ($(FROM),)
goals := $(filter-out jenkins,$(goals))
endif
ifdef ONE
goals :=
endif
ifneq ($(goals),)
ifeq ($(MAKE_RESTARTS),)
$(D)/images.mk: FORCE
	@$(split)
endif
include $(D)/images.mk
each := $(foreach step,$(STEPS),$(IMAGES:%=%@$(step)))
$(each):
	@+signal= pid= dir='$(D)/$(firstword $(subst @, ,$@))'
	# A signal goes on to its make, and the machine that it leaves between two steps is removed.
	pass_on() { echo "$$signal" >"$$dir/.signal"; kill -TERM "$$pid" 2>/dev/null; }
	stop() { signal=$$1; [ -z "$$pid" ] || pass_on; }
	trap 'stop 129' HUP; trap 'stop 130' INT; trap 'stop 143' TERM
	umask 077
	name='$(firstword $(subst @, ,$@))'
	$(lock)
	rm -f "$$dir/.signal"
	# An image that was begun before its machine went needs none.
	if [ -s "$$dir/image.failed.json" ] && [ ! -e "$$dir/tests.json" ]; then
		jq -c 'select(.kind == "bake") | del(.error)' "$$dir/image.failed.json" >"$$dir/.begun"
		$(CREATE_IMAGE) -nq <"$$dir/.begun" |
			jq -es 'any(.[]; .kind == "plan" and .target == "image" and .action == "keep")' >/dev/null &&
			mv "$$dir/.begun" "$$dir/tests.json" || rm -f "$$dir/.begun"
	fi
	one() {
		$(MAKE) -s --no-print-directory -f $(call quote,$(self)) ONE=1 "$$dir/$$1" & pid=$$!
		[ -z "$$signal" ] || pass_on
		while :; do
			rc=0; wait "$$pid" || rc=$$?
			kill -0 "$$pid" 2>/dev/null || break
		done
		pid=
	}
	[ -n "$$signal" ] || one '$(lastword $(subst @, ,$@)).json'
	if [ -n "$$signal" ] && [ '$(KEEP)' != 1 ] && [ -s "$$dir/up.json" ] && [ ! -e "$$dir/destroyed.json" ]; then
		pass_on() { :; }
		one left
	fi
	exit "$${signal:-$$rc}"
.PHONY: $(each)
endif

up: $(IMAGES:%=%@up)
bootstrap: $(IMAGES:%=%@bootstrap)
tests: $(IMAGES:%=%@tests)
create-image: $(IMAGES:%=%@image)
destroy: $(IMAGES:%=%@destroyed)
verify: $(IMAGES:%=%@verified)
copy images: $(IMAGES:%=%@copied)

define functions
set -u
umask 077
image='$(notdir $(@D))' dir='$(@D)' new='$(@D)/.$(@F).'$$$$ failed='$(@D)/$(basename $(@F)).failed.json'
rc=0 pid= signal= removing=
say() { echo "$$image: $$*" >&2; }
quit() { echo "$$1" >"$$dir/status"; exit "$$1"; }
sums() { $(sums); }
# A step is in the background, so that a signal for this shell alone reaches it, too; but removing
# is never interrupted.
stop() {
	read -r signal 2>/dev/null <"$$dir/.signal" || signal=$$1
	[ -z "$$pid" ] || [ -n "$$removing" ] || kill -TERM "$$pid" 2>/dev/null
}
trap 'stop 129' HUP; trap 'stop 130' INT; trap 'stop 143' TERM
# run INPUT COMMAND ...: what it writes is in $$new, its status in rc.
run() {
	input=$$1; shift
	"$$@" <"$$input" >"$$new" & pid=$$!
	[ -z "$$signal" ] || [ -n "$$removing" ] || kill -TERM $$pid 2>/dev/null
	while :; do
		rc=0; wait $$pid || rc=$$?
		kill -0 $$pid 2>/dev/null || break
	done
	pid=
}
# leave RECORDS: the machines of RECORDS go. What could not be removed is tried again before
# another machine is made.
leave() {
	kept=$$rc removing=1
	[ "$$1" = "$$dir/leaving.json" ] || cat "$$1" >>"$$dir/leaving.json" || quit 74
	case '$(@F)' in destroyed.json | verified.json) ;; *) rm -f "$$dir/up.json" "$$dir/bootstrap.json" "$$dir/tests.json" ;; esac
	jq -c 'select(.kind == "bake") | del(.error)' "$$dir/leaving.json" >"$$dir/.leaving" || quit 65
	run "$$dir/.leaving" $(DESTROY)
	rm -f "$$new" "$$dir/.leaving"
	if [ $$rc -eq 0 ]; then rm "$$dir/leaving.json"
	else say "its machine could not be removed (status $$rc): run make reap, or this again"
	fi
	gone=$$rc rc=$$kept removing=
}
# What could not be removed before is removed now.
settle() { [ ! -s "$$dir/leaving.json" ] || { leave "$$dir/leaving.json"; [ $$gone -eq 0 ] || quit $$gone; }; }
# step INPUT COMMAND ...: what it writes becomes the target, or else NAME.failed.json, and the
# status of a step that failed is in rc.
step() {
	rm -f "$$failed" '$(@D)'/.$(@F).*
	run "$$@"
	if [ $$rc -eq 0 ]; then
		mv "$$new" '$@' || quit 74
		[ -n "$$signal" ] || quit 0
	elif jq -se 'any(.[]; .kind == "bake")' "$$new" >/dev/null 2>&1; then mv "$$new" "$$failed"
	else
		rm -f "$$new"
		cp "$$input" "$$failed"
	fi || quit 74
	rc=$${signal:-$$rc}
	echo "$$rc" >"$$dir/status"
	[ ! -e "$$failed" ] || say "$(basename $(@F)) failed with status $$rc, see $$failed"
}
# bake INPUT COMMAND ...: a step on the machine.
bake() {
	step "$$@"
	record='$@'; [ ! -e "$$failed" ] || record=$$failed
	if [ '$(KEEP)' != 1 ]; then leave "$$record"
	elif jq -es 'any(.[]; .instance?.id?)' "$$record" >/dev/null
	then say "its machine is kept: img-bake ssh -f $$record; away with it: img-bake destroy -f $$record"
	fi
	quit $$rc
}
endef

$(D)/%/up.json: $(D)/%/spec.json
	@$(functions)
	settle
	bake '$<' $(UP)

$(D)/%/bootstrap.json: $(D)/%/up.json
	@$(functions)
	sums bootstrap >"$$dir/bootstrap.sum"
	bake '$<' $(BOOTSTRAP)

$(D)/%/tests.json: $(D)/%/bootstrap.json
	@$(functions)
	sums tests >"$$dir/tests.sum"
	bake '$<' $(TESTS)

$(D)/%/image.json: $(D)/%/tests.json
	@$(functions)
	bake '$<' $(CREATE_IMAGE)

$(D)/%/destroyed.json: $(D)/%/image.json
	@$(functions)
	settle
	step '$<' $(DESTROY)
	[ -z "$$signal" ] || [ ! -e "$$failed" ] || leave "$$failed"
	quit $$rc

$(D)/%/verified.json: $(D)/%/destroyed.json
	@$(functions)
	settle
	sums verified >"$$dir/verified.sum"
	step '$<' $(VERIFY)
	[ ! -e "$$failed" ] || leave "$$failed"
	quit $$rc

# The machine that a signal between two steps left; nothing is kept of what was asked of it.
$(D)/%/left:
	@$(functions)
	leave "$$dir/up.json"
	quit $$gone

$(D)/%/copied.json: $(D)/%/verified.json $(D)/%/to
	@$(functions)
	if [ -s "$$dir/to" ]; then step '$<' $(COPY) $$(cat "$$dir/to"); else step '$<' cat; fi
	quit $$rc

# With PARTIAL=1 those that are there; else all, since a dictionary with half of them is no release.
# Killed anywhere and run again it goes on: what the branch or the service has already stays.
jenkins: $(if $(PARTIAL)$(FROM),,$(IMAGES:%=%@copied))
	@set -u
	umask 077
	quit() { echo "$$1" >'$(D)/status'; exit "$$1"; }
	say() { echo "jenkins: $$*" >&2; }
	mkdir -p '$(D)' || exit
	from=$(call quote,$(or $(FROM),$(D))) yaml=$(call quote,$(YAML)) run=$(call quote,$(RUN)) names=
	[ -n "$$yaml" ] || { say 'which file? YAML=FILE'; quit 64; }
	[ -f "$$yaml" ] || { say "no file: '$$yaml'"; quit 66; }
	set --
	for dir in $(if $(FROM),"$$from"/*,$(IMAGES:%="$$from"/%)); do
		name=$${dir##*/}
		if [ -s "$$dir/copied.json" ]; then set -- "$$@" "$$dir/copied.json"; names="$$names $$name"
		elif [ -n '$(PARTIAL)' ] && [ -s "$$dir/copied.failed.json" ]; then
			say "$$name is there in some regions only"
			set -- "$$@" "$$dir/copied.failed.json"; names="$$names $$name"
		elif [ -d "$$dir" ]; then say "$$name is not there"
		fi
	done
	[ $$# -gt 0 ] || { say 'no image is done'; quit 1; }
	at=$$(dirname -- "$$yaml") file=$$(basename -- "$$yaml")
	in_git() { git -C "$$at" "$$@"; }
	if [ -n '$(COMMIT)$(PUSH)$(PR)' ]; then
		in_git ls-files --error-unmatch -- "$$file" >/dev/null || { say "'$$yaml' is in no git repository: clone it, or git add it"; quit 66; }
		in_git diff --quiet HEAD -- "$$file" 2>/dev/null && clean=1 || clean=
	fi
	trap 'rm -f "$(D)/.before" "$(D)/.ids"' EXIT
	put() { $(YAML_PUT) -i $(call quote,$(PATHS)) "$$yaml" <'$(D)/.ids' || quit $$?; }
	jq -c 'select(.kind == "image" and (has("error") | not))' "$$@" >'$(D)/.ids' && cp "$$yaml" '$(D)/.before' || quit 74
	put
	diff -u --label "a/$$yaml" --label "b/$$yaml" '$(D)/.before' "$$yaml"

	branch="images-$(run)" message="Images of $$run:$$names"
	there() { in_git rev-parse -q --verify "refs/heads/$$branch" >/dev/null; }
	begun() { there || { [ -n '$(PUSH)$(PR)' ] && in_git fetch -q origin "$$branch" 2>/dev/null && in_git branch -q "$$branch" FETCH_HEAD; }; }
	pushed() { in_git fetch -q origin "$$branch" 2>/dev/null && in_git diff --quiet FETCH_HEAD -- "$$file"; }
	quoted() { printf "'"; printf %s "$$1" | sed "s/'/'\\\\''/g"; printf "'"; }
	if [ -z '$(COMMIT)$(PUSH)$(PR)' ]; then
		printf '%s\n' "git -C $$(quoted "$$at") checkout -b $$branch" \
			"git -C $$(quoted "$$at") commit -m $$(quoted "$$message") -- $$(quoted "$$file")" \
			"git -C $$(quoted "$$at") push -u origin $$branch" \
			"(cd $$(quoted "$$at") && gh pr create --fill --head $$branch)"
		quit 0
	fi
	if in_git diff --quiet HEAD -- "$$file"; then
		there || { say "the branch has these ids already"; quit 0; }
	elif [ -n '$(PUSH)$(PR)' ] && ! there && pushed; then
		say "the branch $$branch was pushed before"
	else
		if [ "$$(in_git symbolic-ref -q --short HEAD)" = "$$branch" ]; then :
		elif begun; then	# The ids go into the file as it is there.
			[ -n "$$clean" ] || { say "'$$yaml' was changed before, and there is a branch $$branch: commit or undo that change"; quit 1; }
			in_git checkout -q -- "$$file" && in_git checkout -q "$$branch" -- || quit 1
			put
		else in_git checkout -q -b "$$branch" || quit 1
		fi
		in_git diff --quiet HEAD -- "$$file" || in_git commit -q -m "$$message" -- "$$file" || quit 1
	fi
	[ -z '$(PUSH)$(PR)' ] || ! there || in_git push -q -u origin "$$branch" || quit 75
	if [ -n '$(PR)' ]; then (
		cd "$$at" || exit
		open=$$(gh pr list --head "$$branch" --state open --json url --jq '.[].url') || exit
		if [ -n "$$open" ]; then echo "$$open"; else gh pr create --fill --head "$$branch"; fi
	) || quit 69
	fi
	quit 0

plan:
	@set -u
	config=$(call quote,$(CONFIG))
	if [ -e "$$config" ]; then set -- "$$config"; else set -- $$config; fi
	{
		$(BAKE_SPEC) $${ONLY:---all} "$$@"
	} | $(UP) -n | $(CREATE_IMAGE) -n | rec-seal jq -c 'select(.kind == "plan" or has("error"))' | rec-table -m

# What the state says of machines, and their keys, are worthless then.
reap:
	@$(REAP_LIST) --run $(call quote,$(RUN)) | $(REAP_RM) --run $(call quote,$(RUN)) |
		rec-seal jq -c 'select(.kind == "event" or has("error"))' | rec-table || exit
	for dir in '$(D)'/*/; do
		rm -f "$$dir/up.json" "$$dir/bootstrap.json" "$$dir/leaving.json"
		[ -e "$$dir/image.json" ] || rm -f "$$dir/tests.json"
	done
	form=$$(printf %s $(call quote,$(RUN)) | tr A-Z a-z | tr -c a-z0-9_ -)
	keys=$${SLUICE_KEYS:-.sluice}/sluice-$$form
	rm -f "$$keys"-????????.* "$$keys"-????????-v.*

FORCE:
.PHONY: FORCE help up bootstrap tests create-image destroy verify copy images jenkins plan reap
