#!/bin/sh
# SPDX-License-Identifier: ISC
# make install, uninstall and dist.
. "$(dirname "$0")/lib.sh"

# The tree without what was built, so that nothing here touches the tests' own build.
copy='
	copy_tree() {
		mkdir tree
		(cd "$top" && tar -cf - --exclude=./.git --exclude=./bin --exclude=./build \
			--exclude=./state .) | tar -xf - -C tree
		built="B=$(dirname "$bin")"
	}
	quietly() { "$@" >log 2>&1 || { cat log; return 1; }; }
'

if command -v cc >/dev/null && [ "$(dirname "$bin")/build" = "$build" ]; then
t 'install puts there each filter, page and pipeline; uninstall leaves nothing' "$copy"'
	for prefix in /usr /opt/sluice; do
		quietly make -C "$top" B="$(dirname "$bin")" -o all install DESTDIR="$PWD/root" PREFIX=$prefix
		(cd "$top"; [ ! -d pipelines ] || find pipelines -type f ! -name ".*" | sort) >want
		: >got; [ ! -s want ] || (cd root$prefix/share/sluice && find pipelines -type f | sort) >got
		same want got
		for source in "$top"/cmd/*.c; do
			[ -e "$source" ] || continue
			filter=$(basename "$source" .c)
			[ -x root$prefix/bin/$filter ]
		done
		for page in "$top"/man/*.[17]; do
			[ -e "$page" ] || continue
			cmp "$page" root$prefix/share/man/man${page##*.}/$(basename "$page")
		done
		quietly make -C "$top" B="$(dirname "$bin")" uninstall DESTDIR="$PWD/root" PREFIX=$prefix
		find root -mindepth 1 >left
		lines 0 left
	done
'
t 'uninstall leaves what others put there' "$copy"'
	mkdir -p root/usr/bin root/usr/share/sluice; touch root/usr/bin/other root/usr/share/sluice/mine
	quietly make -C "$top" B="$(dirname "$bin")" -o all install DESTDIR="$PWD/root" PREFIX=/usr
	quietly make -C "$top" B="$(dirname "$bin")" uninstall DESTDIR="$PWD/root" PREFIX=/usr
	find root -type f | sort >got
	printf "root/usr/bin/other\nroot/usr/share/sluice/mine\n" >want
	same want got
'
t 'another CFLAGS rebuilds, the same does not' "$copy"'
	copy_tree; cd tree
	quietly make build/common/buf.o
	quietly make build/common/buf.o; no grep -q buf.o log
	quietly make CFLAGS=-O0 build/common/buf.o; grep -q buf.o log
	touch -d "+1 minute" common/buf.h
	quietly make CFLAGS=-O0 build/common/buf.o; grep -q buf.o log
'
else
	skip 'install, uninstall, rebuild' 'no compiler, or binaries from elsewhere'
fi

if command -v git >/dev/null && git -C "$top" rev-parse --git-dir >/dev/null 2>&1; then
t 'dist holds what git tracks, and builds' "$copy"'
	git -c safe.directory="*" clone -q "$top" tree; cd tree
	quietly make dist
	git ls-files | sort >want
	mkdir out
	tar -xzf sluice-*.tar.gz -C out --strip-components=1
	(cd out && find . -type f -o -type l) | sed "s,^\./,," | sort >got
	same want got
	quietly make -C out build/libsluice.a help
'
else
	skip 'dist' 'no git working copy'
fi
t 'packages that are there need no run of apt, and a user gets the one line' '
	mkdir path
	printf "#!/bin/sh\nprintf \"installed gcc\\\\ninstalled jq\\\\n\"\n" >path/dpkg-query
	printf "#!/bin/sh\necho 1000\n" >path/id
	printf "#!/bin/sh\necho apt-get was run; exit 1\n" >path/apt-get
	chmod +x path/*
	export PATH="$PWD/path:$PATH"
	sh "$tests/need" gcc jq >got
	lines 0 got
	fails 1 sh "$tests/need" gcc jq mandoc
	says "apt-get install -y --no-install-recommends mandoc$"
	lines 0 out
'
done_testing
