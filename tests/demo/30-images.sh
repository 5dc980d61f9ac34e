# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# The CI-slave-images workflow: a machine that scripts run on, its image, copies, Jenkins' dictionary.
title 'An image for CI: a step at a time, on a machine with a real sshd'

mkdir images
cd images || exit
cp -R "$top/pipelines/images.yaml" "$top/pipelines/images" .
sed s/centos7:/debian12:/ "$top/tests/data/jenkins-yaml/ci-platform.yaml" >ci-platform.yaml
cp ci-platform.yaml before.yaml

run "bake-spec -c ec2 -r us-west-2 -d debian12 images.yaml | jq -c 'del(.environment)' >spec.json"
run "img-bake up <spec.json >up.json"
run "img-bake bootstrap <up.json >bootstrap.json"
title 'One step by hand, instead of img-bake tests'
run "img-bake ssh -f bootstrap.json 'sudo sh -eu' <images/tests/debian12.sh"
title 'The image, a fresh machine from it, and nothing that is left'
run "img-bake create-image <bootstrap.json | img-bake verify | img-bake destroy >image.json"
run "run-reap list --run demo"
title 'Two copies, and the dictionary: one line for each'
run "img-copy -t us-east-1 -t eu-central-1 <image.json >copies.json"
run "jq -c 'select(.kind == \"image\")' copies.json | rec-table -c region,id,name,state"
run "yaml-put -i 'jenkins.clouds.images.{provider}.{region}.{distribution}' ci-platform.yaml <copies.json"
run "diff -U0 before.yaml ci-platform.yaml || [ \$? = 1 ]"
title 'Retention: what would go'
run "img-list -c ec2 -r us-west-2 | img-old --keep 1 | img-rm -n --skip-used | jq -c 'select(.kind == \"plan\")' | rec-table -c action,target,name,because"
cd "$here" || exit
