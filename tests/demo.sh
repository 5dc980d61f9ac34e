#!/bin/sh
# SPDX-License-Identifier: ISC
# `make demo`: the main workflows against the sandbox, as a GoCD or Jenkins job would run them. No
# account is needed and nothing but loopback is contacted.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
bin=${SLUICE_BIN:-$top/bin} build=${SLUICE_BUILD:-$top/build}

if [ -z "${SLUICE_DEMO-}" ]; then
	exec env -i PATH="$bin:$PATH" HOME="${HOME-/}" TERM="${TERM-dumb}" LC_ALL=C.UTF-8 \
		SLUICE_DEMO=1 SLUICE_RUN=demo SLUICE_BIN="$bin" SLUICE_BUILD="$build" \
		"$build/sandbox" --machines --speed 60 --run sh "$0"
fi

here=$(mktemp -d "${TMPDIR:-/tmp}/sluice-demo.XXXXXX")
trap 'rm -rf "$here"' EXIT
cd "$here"
# shellcheck disable=SC2034 # for the parts
asg_mk=$top/pipelines/asg.mk

title() { printf '\n== %s\n\n' "$*"; }
run() { printf '$ %s\n' "$*"; eval "$*"; }

# shellcheck source=/dev/null
for part in "$top"/tests/demo/*.sh; do . "$part"; done
title 'done: everything above ran against the sandbox on loopback'
