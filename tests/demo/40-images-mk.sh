# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# A matrix of images by make, here of one; its ids go into the dictionary of Jenkins.
title 'The same as a GoCD or Jenkins job has it: slave-images.mk'

mkdir slave-images
cd slave-images || exit
ln -s "$top/pipelines/slave-images.mk" slave-images.mk
cp "$top/tests/data/jenkins-yaml/ci-platform.yaml" .
cat >images.yaml <<'END'
defaults:
  image_basename: ci-{distribution}
  bootstrap: bootstrap.sh
  tests: tests.sh
clouds:
  ec2:
    regions:
      us-west-2:
        distribution:
          centos7:              # as the dictionary calls it
            source: {owner: '136693071363', name: 'debian-12-amd64-*'}
            username: admin
            instance_types: t3.small
            sudo: true
            copy_to: [us-east-1, eu-central-1]
END
printf '%s\n' 'apt-get -q -y install openjdk-17-jre git' 'echo "$(hostname) is ready" >/etc/motd' >bootstrap.sh
echo 'grep ready /etc/motd' >tests.sh

run "cat images.yaml"
run "make -f slave-images.mk plan"
run "make -f slave-images.mk -k -j6 images 2>log || { cat log; false; }"
run "grep 'created\|running\|ready' log; ls state/demo/*/*.json"
run "make -f slave-images.mk jenkins YAML=ci-platform.yaml"
cd "$here" || exit
