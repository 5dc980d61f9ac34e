# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# Two deployments of an auto scaling group, the second replacing the first, and a rollback.
title 'The AWS provisioner: build 21, then 22 in its place, then back'

export NAME=tmtt AMI_ENV=development AMI_REGION=us-west-2 AMI_AZ=us-west-2a,us-west-2b
export AMI_INSTANCE_TYPE=m1.medium AMI_USER=tmtt AMI_DESIRED=2 AMI_MAX_SIZE=4
export AMI_ACCESS_KEY_ID=AKIDONTHEBOX AMI_SECRET_ACCESS_KEY=restrictive-secret
ln -s "$top/pipelines/asg.mk" asg.mk

run "echo '{\"ami\": \"ami-3db92b0d\", \"build\": \"21\"}' >baseami.json"
run 'make -f asg.mk plan AMI_BUILD=21'
run 'make -f asg.mk deploy AMI_BUILD=21'

run "echo '{\"ami\": \"ami-3db92b22\", \"build\": \"22\"}' >baseami.json"
run 'SLUICE_TRACE=trace make -f asg.mk deploy AMI_BUILD=22 KEEP=1'
run 'make -f asg.mk list AMI_BUILD=22'

title 'Back to the group that was kept'
run 'make -f asg.mk rollback AMI_BUILD=22 KEEP=1'
run 'make -f asg.mk list AMI_BUILD=22'

title 'One step by hand: the newest image instead of baseami.json, jq in the middle'
run "ami-find -r us-west-2 -o self 'tmtt-base-*' | AMI_BUILD=41 asg-spec | jq -c '.instance_type = \"t3.large\"' | boot-script | asg-roll -n | rec-table -c action,target,name"

title 'The deployment of build 22 once more, from its recording: no network, no keys'
run 'cp -r state/tmtt-development-22/deploy.json recorded.json'
run 'env -i PATH="$PATH" SLUICE_REPLAY=trace make -f asg.mk deploy KEEP=1'
run 'cmp recorded.json state/tmtt-development-22/deploy.json && echo the same bytes'
