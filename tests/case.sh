# SPDX-License-Identifier: ISC
# The vocabulary inside a case; see lib.sh. Beware: `! cmd` never fails a case under sh -e; say
# `fails 1 cmd` or `no cmd`.
fails() {				# fails STATUS CMD...: exactly that status; out and err kept
	want=$1; shift; rc=0; "$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { echo "want exit $want, got $rc: $*"; cat out err; return 1; }
}
same() { diff -u "$1" "$2"; }		# same WANT GOT
no() { if "$@"; then echo "succeeded: $*"; return 1; fi; }
says() { grep -q -e "$1" err || { echo "stderr does not say: $1"; cat err; return 1; }; } # after fails
lines() { got=$(wc -l <"$2"); [ "$got" -eq "$1" ] || { echo "$2: $got lines, want $1"; cat "$2"; return 1; }; }
until_so() {				# until_so COMMAND: until it succeeds, for some minutes
	tries=0
	until "$@" >until.log 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 3600 ] || { echo "never: $*"; cat until.log; return 1; }
		sleep 0.05
	done
}
# example PAGE NUMBER: a pipeline of EXAMPLES as the page has it; of a session the commands.
example() {
	awk -v want="$2" '
		/^\.Sh/ { inside = /EXAMPLES/ }
		inside && /^\.Ed/ { block = 0 }
		block && n == want {
			gsub(/\\\(dq/, "\""); gsub(/\\e/, "\\"); gsub(/\\&/, "")
			if (/^\$ / || session) { session = 1; if (!sub(/^\$ /, "")) next }
			print
		}
		inside && /^\.Bd -literal/ { block = 1; n++ }
	' "$top/man/$1.1" >example.sh
	[ -s example.sh ] || { echo "$1.1 has no example $2" >&2; return 1; }
	cat example.sh
}
stand_in() {				# stand_in PROGRAM <SCRIPT: found before the real one
	mkdir -p stand-ins; { echo '#!/bin/sh'; cat; } >"stand-ins/$1"; chmod 755 "stand-ins/$1"
}
