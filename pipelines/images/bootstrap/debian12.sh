#!/bin/sh
# SPDX-License-Identifier: ISC
# Makes a machine of Debian 12 what the image is to be: the packages of PACKAGES, if any.
set -eu
packages=${PACKAGES-}
if [ -n "$packages" ]; then
	export DEBIAN_FRONTEND=noninteractive
	apt-get -q update
	# shellcheck disable=SC2086 # several words
	apt-get -q -y --no-install-recommends install $packages
	apt-get -q clean
fi
echo "debian12: ${packages:-nothing to install}"
