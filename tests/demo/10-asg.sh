# shellcheck shell=sh
# Two deployments of an auto scaling group, the second replacing the first, and a rollback.
title 'The AWS provisioner: build 21, then 22 in its place, then back'

export NAME=tmtt AMI_ENV=development AMI_REGION=us-west-2 AMI_AZ=us-west-2a,us-west-2b
export AMI_INSTANCE_TYPE=m1.medium AMI_USER=tmtt AMI_DESIRED=2 AMI_MAX_SIZE=4
export AMI_ACCESS_KEY_ID=AKIDONTHEBOX AMI_SECRET_ACCESS_KEY=restrictive-secret

run "echo '{\"ami\": \"ami-3db92b0d\", \"build\": \"21\"}' >baseami.json"
run "make -f $asg_mk plan AMI_BUILD=21"
run "make -f $asg_mk deploy AMI_BUILD=21"
run "make -f $asg_mk deploy AMI_BUILD=22 KEEP=1"
run "make -f $asg_mk list AMI_BUILD=22"
run "make -f $asg_mk rollback AMI_BUILD=22 KEEP=1"
run "make -f $asg_mk list AMI_BUILD=22"
title 'One step by hand: the same list, with jq in the middle'
run "asg-list -r us-west-2 --server tmtt --env development | jq -c '{name, image, desired_capacity}'"
