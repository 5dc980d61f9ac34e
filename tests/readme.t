#!/bin/sh
# SPDX-License-Identifier: ISC
# README's pipeline runs in the sandbox as it is printed, with that output.
. "$(dirname "$0")/lib.sh"

t 'the first pipeline of README' '
	awk "/^    \\$ export NAME=/ { on = 1 } on && !/^    / { exit } on" "$top/README.md" >session
	sed -n "s/^    \\$ //p" session >commands
	sed "/^    \\$ /d; s/^    //" session >want
	[ -s commands ] && [ -s want ]
	sandbox --run sh -e commands >got
	same want got
'
done_testing
