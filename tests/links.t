#!/bin/sh
# SPDX-License-Identifier: ISC
# What a filter links, how large it is, and that it is hardened.
. "$(dirname "$0")/lib.sh"

if ! command -v readelf >/dev/null; then
	skip 'what the filters link' 'no readelf'
	done_testing
fi
words='
	needed() { readelf -d "$1" | sed -n "s/.*(NEEDED).*\[lib\([a-z0-9_+-]*\)\.so.*/\1/p"; }
	sanitized() { readelf -d "$1" | grep -qE "lib(asan|ubsan)"; }
	networked="ami-find asg-list asg-rm asg-roll aws-call do-droplets do-keys do-records http-send img-bake img-copy img-list img-rm run-reap"
'
t 'a pure filter links neither curl nor TLS nor XML; two hash, two read YAML' "$words"'
	for file in "$bin"/*; do
		[ -x "$file" ] || continue
		name=${file##*/}
		case " $networked " in *" $name "*) continue;; esac
		allowed="c jansson asan ubsan gcc_s m stdc++"
		case $name in
		aws-sign | ssh-run) allowed="$allowed crypto" ;;
		bake-spec | yaml-put) allowed="$allowed yaml-0" ;;
		esac
		for library in $(needed "$file"); do
			case " $allowed " in
			*" $library "*) ;;
			*) echo "$name links $library"; touch bad;;
			esac
		done
	done
	[ ! -e bad ]
'
t 'no filter links libssl itself: TLS is curl'"'"'s' "$words"'
	for file in "$bin"/*; do
		[ -x "$file" ] || continue
		for library in $(needed "$file"); do
			[ "$library" != ssl ] || { echo "$file links libssl"; exit 1; }
		done
	done
'
t 'position independent, read-only relocations, bound at once, no executable stack' "$words"'
	for file in "$bin"/*; do
		[ -x "$file" ] || continue
		readelf -h "$file" >header; grep -q "DYN" header || { echo "$file: no PIE"; exit 1; }
		readelf -lW "$file" >segments
		grep -q GNU_RELRO segments || { echo "$file: no RELRO"; exit 1; }
		grep "GNU_STACK" segments | no grep -q "RWE" || { echo "$file: executable stack"; exit 1; }
		readelf -d "$file" >dynamic
		grep -qE "BIND_NOW|Flags:.*NOW" dynamic || { echo "$file: lazy binding"; exit 1; }
	done
'
t 'a stripped filter fits in 250 kB, one of all clouds in 400' "$words"'
	for file in "$bin"/*; do
		[ -x "$file" ] || continue
		if sanitized "$file" || ! readelf -S "$file" | grep -q "\.symtab"; then continue; fi
		strip -o stripped "$file"
		size=$(wc -c <stripped)
		case ${file##*/} in
		img-bake | img-copy | img-list | img-rm | run-reap) most=400000 ;;
		*) most=250000 ;;
		esac
		[ "$size" -le $most ] || { echo "${file##*/}: $size bytes"; exit 1; }
	done
'
done_testing
