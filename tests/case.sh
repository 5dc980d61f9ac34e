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
