#!/bin/sh
# SPDX-License-Identifier: ISC
# The manual: every filter has a page, and it says what the filter says.
. "$(dirname "$0")/lib.sh"

vocabulary='
	rendered() { mandoc -Tascii -O width=900 "$top/man/$filter.1" | col -bx; }
	section() { rendered | sed -n "/^$1\$/,/^[A-Z]/p" | sed "1d; /^[A-Z]/d"; }
	squeezed() { tr -s " \n" "  " | sed "s/^ //; s/ \$//"; echo; }
'
for path in "$bin"/*; do
	filter=$(basename "$path")
	p() { t "$filter: $1" "filter=$filter$vocabulary$2"; }
	p 'there is a page' '[ -s "$top/man/$filter.1" ]'
	[ -s "$top/man/$filter.1" ] || continue
	if ! command -v mandoc >/dev/null; then
		skip "$filter: the page" 'no mandoc here'
		continue
	fi
	p 'mandoc has nothing to warn of' 'mandoc -Tlint -Wwarning "$top/man/$filter.1"'
	p 'its name line is found by apropos sluice' '
		section NAME >name; grep -q "^ *$filter - .* (sluice)\$" name || { cat name; exit 1; }
	'
	p 'its synopsis is the usage' '
		section SYNOPSIS | squeezed >want
		"$filter" -h >help
		sed -n "1s/^usage: //p; 2,\$!d; /^       [^ ]/!q; s/^ *//p" help | squeezed >got
		same want got
	'
	p 'every option of the help is in the description, and the other way round' '
		"$filter" -h | sed -n "s/^  -\([A-Za-z0-9]\), --\([a-z0-9-]*\).*/-\1, --\2/p; s/^      --\([a-z0-9-]*\).*/--\1/p" | grep -v "^-[hqV]," | sort >want || :
		section DESCRIPTION | sed -n "s/^ *\(-[A-Za-z0-9], --[a-z0-9-]*\).*/\1/p; s/^ *\(--[a-z0-9-]*\).*/\1/p" | grep -v "^-[hqV]," | sort >got || :
		same want got
	'
	p 'it has exit statuses and at least three examples' '
		section "EXIT STATUS" | grep -q "^ *0 "
		examples=$(sed -n "/^\.Sh EXAMPLES/,/^\.Sh [^E]/p" "$top/man/$filter.1" | grep -c "^\.Bd -literal\|^\.Dl ")
		[ "$examples" -ge 3 ] || { echo "$examples examples"; exit 1; }
	'
	p 'the version and the help are on standard output' '
		"$filter" --version >out 2>err; [ ! -s err ]; grep -q "^$filter (sluice) [0-9]" out
		"$filter" --help >out 2>err; [ ! -s err ]; grep -q "^usage: $filter" out
		fails 64 "$filter" --no-such-option; [ ! -s out ]; says "^usage: $filter"
		fails 74 sh -c "exec $filter -h >/dev/full"
	'
done
done_testing
