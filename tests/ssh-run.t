#!/bin/sh
# SPDX-License-Identifier: ISC
# ssh-run against real machines: sshd on loopback.
. "$(dirname "$0")/lib.sh"

if ! command -v proot >/dev/null || ! [ -x /usr/sbin/sshd ]; then
	skip 'scripts on machines' 'no proot or no sshd'
	done_testing
fi
words='
	. "$tests/sshd.sh"
	run() { ssh-run -i key --interval 100ms --login 20 "$@"; }
	errors() { jq -r "select(.kind == \"instance\") | .error.code // \"-\"" "$1" | tr "\n" " "; }
'
# Without machines.
t 'no scripts, wrong options and empty words are 64, before anything is read' '
	fails 64 ssh-run <&-
	for wrong in "-j 0" "-j x" "-t -1" "--interval x" "--login x" "-e A=b" "-e 1a" "--max x" "--nope"; do
		fails 64 ssh-run $wrong script </dev/null; [ ! -s out ]
	done
	fails 64 ssh-run "" </dev/null
	fails 64 ssh-run -i "" script </dev/null
	fails 64 ssh-run -o "" script </dev/null
'
t 'a script or a variable that is not there, a directory without run' '
	fails 66 ssh-run nope </dev/null; says "cannot read .nope.: No such file"
	mkdir d; fails 65 ssh-run d </dev/null; says "has no file .run."
	touch s; fails 78 ssh-run -e NOT_SET s </dev/null; says "variable NOT_SET is not set"
'
t 'empty input, other kinds, records with errors and unknown members pass as they are' '
	touch s
	ssh-run s </dev/null >out; [ ! -s out ]
	cat >in <<-END
	{"kind":"image","id":"i-1","n":0.10000,"e":1e2}
	{"kind":"x","a":null}
	END
	ssh-run s <in >out; same in out
	echo "{\"kind\":\"instance\",\"n\":1e2,\"error\":{\"status\":69,\"filter\":\"x\",\"code\":\"c\",\"message\":\"m\"}}" >in
	fails 69 ssh-run s <in; same in out
'
t 'wrong types, no address, broken JSON are 65, and nothing is done' '
	touch s
	good="{\"kind\":\"instance\",\"name\":\"good\",\"ssh\":{\"host\":\"127.0.0.1\",\"port\":1}}"
	for bad in "\"ssh\":3" "\"ssh\":{\"host\":3}" "\"ssh\":{\"port\":\"22\"}" "\"ssh\":{\"host\":\"h\",\"port\":70000}" \
		"\"ssh\":{\"host\":\"-oProxyCommand=touch x\"}" "\"ssh\":{\"host\":\"h\",\"user\":\"-x\"}" \
		"\"ssh\":{\"host\":\"h\",\"host_keys\":[\"ssh-ed25519 x\"]}" "\"ssh\":{\"host\":\"h\",\"host_keys\":\"x\"}"; do
		printf "%s\n%s\n" "{\"kind\":\"instance\",\"name\":\"bad\",$bad}" "$good" >in
		fails 65 ssh-run --login 1 s <in
		[ "$(jq -r .error.code out | tail -n 1)" = not-attempted ]
	done
	printf "%s\n{\n" "$good" >in
	fails 65 ssh-run s <in; says "<stdin>:3:"
	[ ! -e x ]
'
t 'what is not whole is 76 and does nothing; /dev/full is 74' '
	touch s
	echo "{\"kind\":\"instance\",\"name\":\"a\",\"ssh\":{\"host\":\"127.0.0.1\",\"port\":1}}" >in
	export SLUICE_SEAL=1
	rc=0; cat in | ssh-run s >out 2>err || rc=$?; [ $rc = 76 ]
	[ "$(jq -r .error.code out)" = not-attempted ]
	fails 74 sh -c "ssh-run -n s <in >/dev/full"
'
t 'dry: a plan for each machine and no connection; a plan file and guards are kept to' '
	touch s t
	stand_in ssh <<-END
	touch "$PWD/called"
	END
	echo "{\"kind\":\"instance\",\"provider\":\"aws\",\"id\":\"i-1\",\"name\":\"a\",\"ssh\":{\"host\":\"127.0.0.1\",\"port\":1}}" >in
	ssh-run -n s t <in >plan
	jq -c . plan >got
	cat >want <<-END
	{"kind":"plan","action":"change","target":"instance","provider":"aws","region":null,"name":"a","id":"i-1","after":{"scripts":["s","t"]}}
	{"kind":"instance","provider":"aws","id":"i-1","name":"a","ssh":{"host":"127.0.0.1","port":1},"ssh_run":null,"planned":true}
	END
	same want got
	fails 79 ssh-run --plan plan t <in
	fails 79 ssh-run --max 0 s <in
	fails 79 ssh-run --expect 2 s <in
	[ ! -e called ]
'
t 'no ssh program is 78' '
	touch s
	echo "{\"kind\":\"instance\",\"name\":\"a\",\"ssh\":{\"host\":\"127.0.0.1\",\"port\":1}}" >in
	export SLUICE_SSH=/no/such/ssh
	fails 78 ssh-run s <in; says "cannot start ./no/such/ssh"
	export SLUICE_SSH="\"ssh"
	fails 78 ssh-run s <in
'
t 'a configuration of ssh that is not there or wrong is 78 at once' '
	touch s
	echo "{\"kind\":\"instance\",\"name\":\"a\",\"ssh\":{\"host\":\"127.0.0.1\",\"port\":1}}" >in
	fails 78 ssh-run --login 2 -F nowhere s <in; says "user config file nowhere: No such file"
	echo "Port abc" >config; fails 78 ssh-run --login 2 -F config s <in; says "config line 1: Bad port"
	fails 78 ssh-run --login 2 -o ConnectTimeout=x s <in; says "invalid time value"
	fails 75 ssh-run -o RSAAuthentication=yes --login 1 --interval 200ms s <in; says "Connection refused"
'
t 'nobody at the port: waited for until the limit, 75' '
	touch s
	. "$tests/sshd.sh"
	echo "{\"kind\":\"instance\",\"name\":\"a\",\"ssh\":{\"host\":\"127.0.0.1\",\"port\":$(free_port)}}" >in
	fails 75 ssh-run --login 1 --interval 200ms s <in
	says "a: waiting for port"
	says "cannot reach .a. at 127.0.0.1: Connection refused"
	jq -e ".error.code == \"deadline\" and (.error.message | test(\"within 1 seconds: no port\")) and .ssh_run == null" out
'

t 'two machines at once, the results on their records in order, output with their names and in files' "$words"'
	machine web-1; machine "web 2"
	printf "echo hello; echo oops >&2\n" >first
	printf "#!/bin/sh\npwd; umask; cat; exit 0\n" >second
	run -l logs first ./second <machines >out 2>err
	jq -c "select(.kind == \"instance\") | .ssh_run[] |= del(.seconds) | .ssh_run" out >got
	yes "[{\"script\":\"first\",\"status\":0},{\"script\":\"second\",\"status\":0}]" | head -n 2 >want
	same want got
	jq -r "select(.kind == \"instance\").name" out | paste -sd, >got; echo "web-1,web 2" >want; same want got
	says "^web-1: hello$"; says "^web-1: oops$"; says "^web 2: hello$"
	says "web-1: host key verified, logging in"
	printf "hello\noops\n/home/user\n" >want
	head -n 3 "logs/web 2.ssh-run.log" >got; same want got
'
t 'machines with one name: a log of their own each' "$words"'
	machine web-1
	jq -c "., (.id = \"12/3\")" machines >two
	echo "echo hello" >s
	run -l logs s <two
	[ "$(cat logs/web-1@web-1.ssh-run.log)$(cat logs/web-1@12_3.ssh-run.log)" = hellohello ]
'
t 'output comes while the script runs' "$words"'
	machine web-1
	printf "echo begun; until [ -e /tmp/go ]; do sleep 0.05; done; echo ended\n" >s
	run s <machines >out 2>err &
	until_so grep -q "^web-1: begun" err
	no grep -q "^web-1: ended" err
	touch m/web-1/tmp/go
	wait $!
	says "^web-1: ended"
'
t '100 MB of output in flat memory; the error has the last line' "$words"'
	machine web-1
	printf "yes 0123456789012345678901234567890123456789012345678901234567890123456789012345678 | head -c 100000000; echo; echo the last; exit 9\n" >s
	rc=0
	( ldd "$bin/ssh-run" | grep -q asan || ulimit -v 120000; ssh-run -q -i key -l logs s <machines >out ) || rc=$?
	[ $rc = 1 ]
	[ "$(wc -c <logs/web-1.ssh-run.log)" -gt 100000000 ]
	jq -e "select(.kind == \"instance\") | (.ssh_run[0].output | length) <= 8192 and (.error.message | endswith(\"s exited with 9: the last\"))" out
'
t 'a long line comes in pieces; bytes that are no text do not break the record' "$words"'
	machine web-1
	printf "head -c 200000 /dev/zero | tr \"\\\\0\" x; echo; printf \"\\\\377\\\\0z\\\\n\"; exit 2\n" >s
	rc=0; run -l logs s <machines >out 2>err || rc=$?; [ $rc = 1 ]
	[ "$(awk "{ print length }" logs/web-1.ssh-run.log | head -n 4 | paste -sd,)" = 65536,65536,65536,3392 ]
	jq -e "select(.kind == \"instance\").ssh_run[0].output | endswith(\"??z\\n\")" out
'
t 'a script fails: the next ones do not run there, other machines go on' "$words"'
	machine bad; machine good
	printf "echo \"went wrong\"; [ \"\$(cat /home/user/name)\" != bad ]\n" >s
	printf "touch /home/user/second\n" >second
	for name in bad good; do echo $name >m/$name/home/user/name; done
	fails 1 run s second <machines
	[ "$(errors out)" = "script-failed - " ]
	[ ! -e m/bad/home/user/second ]; [ -e m/good/home/user/second ]
	says "bad: s exited with 1: went wrong"
	jq -c "select(.name == \"bad\" and .kind == \"instance\").ssh_run" out >got
	[ "$(jq -c "map(del(.seconds))" got)" = "[{\"script\":\"s\",\"status\":1,\"output\":\"went wrong\\n\"}]" ]
	echo : >s
	jq -c "select(.kind == \"instance\")" out >again
	fails 1 run s <again; [ "$(errors out)" = "script-failed - " ]
	run --again s <again >out; [ "$(errors out)" = "- - " ]
'
t 'a script that hangs is ended at its limit, and hears of it; what has a session of its own goes on' "$words"'
	machine web-1
	printf "echo begun; setsid sleep 60 >/dev/null 2>&1 & echo \$! >/tmp/daemon; trap \"echo the end; exit\" TERM; sleep 60 & wait\n" >s
	fails 75 run -t 8 s <machines
	[ "$(errors out)" = "deadline " ]
	jq -e "select(.kind == \"instance\").ssh_run[0] | .status == null and (.output | startswith(\"begun\\nthe end\\n\"))" out
	kill "$(cat m/web-1/tmp/daemon)"
	[ "$(cat m/web-1/home/user/.sluice/*/status)" = ended ]
'
t 'what a script left behind with its output is not waited for' "$words"'
	machine web-1
	printf "sleep 60 & printf %%s begun\n" >s
	timeout 40 ssh-run -i key s <machines >out 2>err
	says "^web-1: begun$"
'
t 'a script that reboots the machine counts as done, and the next ones go on' "$words"'
	machine web-1
	printf "echo one; touch /tmp/ask; sleep 30; echo never\n" >one
	printf "echo two; cat /proc/sys/kernel/random/boot_id\n" >two
	when_asked web-1 machine_reboot web-1
	run one two <machines >out 2>err
	jq -e "select(.kind == \"instance\").ssh_run | .[0].status == 0 and .[0].reboots == 1 and .[1].status == 0" out
	says "one rebooted the machine: that counts as done"
	says "^web-1: two"; no grep never err
	says "$(cat m/web-1/boot_id)"
'
t 'a crash in the middle is a failure' "$words"'
	machine web-1
	printf "touch /tmp/ask; sleep 30\n" >s
	when_asked web-1 machine_crash web-1
	fails 1 run s s <machines
	[ "$(errors out)" = "went-down " ]
	says "went down in the middle of s"
'
t 'a connection that is lost while the machine stays up is 75' "$words"'
	machine web-1
	printf "touch /tmp/ask; sshd=\$(ps -o ppid= -p \$(ps -o ppid= -p \$PPID)); kill -9 \$sshd; sleep 60\n" >s
	fails 75 run s <machines
	[ "$(errors out)" = "connection-lost " ]
	says "was lost while s ran; it is ended"
'
t 'a machine that boots only later is waited for' "$words"'
	machine web-1; machine_down web-1
	echo echo up >s
	: >err
	( until grep -q "waiting for port" err; do sleep 0.05; done; machine_boot web-1 ) &
	run s <machines >out 2>>err
	says "web-1: waiting for port"; says "^web-1: up"
'
t 'another host key: nothing is sent, at once, 77; no options of the user change that' "$words"'
	machine right; machine other
	jq -c "select(.name == \"right\") | .ssh.port = $(cat m/other/port)" machines >in
	echo "echo was here" >s
	{ echo "#!/bin/sh"; echo "echo \"* $(cat m/other/etc/ssh/ssh_host_ed25519_key.pub)\""; } >all; chmod 755 all
	for options in "-q" "-o StrictHostKeyChecking=no" "-o UserKnownHostsFile=/dev/null" "-o NoHostAuthenticationForLocalhost=yes" "-o KnownHostsCommand=$PWD/all"; do
		fails 77 run $options s <in
		[ "$(errors out)" = "host-key " ]
	done
	printf "Host *\n\tKnownHostsCommand $PWD/all\n\tStrictHostKeyChecking no\n\tUserKnownHostsFile /dev/null\n\tNoHostAuthenticationForLocalhost yes\n" >config
	export SLUICE_SSH="ssh -o StrictHostKeyChecking=no -F $PWD/config"
	fails 77 run s <in
	says "is not the machine that it should be, nothing was sent"
	no grep -E "publickey|Accepted|user" m/other/log
'
t 'no host keys in the record: only what is in known_hosts' "$words"'
	machine web-1
	jq -c "del(.ssh.host_keys)" machines >in
	echo "echo in" >s
	fails 77 run -o UserKnownHostsFile="$PWD/known" s <in
	says "is not in known_hosts, and its record has no ssh.host_keys"
	echo "[127.0.0.1]:$(cat m/web-1/port) $(cat m/web-1/etc/ssh/ssh_host_ed25519_key.pub)" >known
	run -o UserKnownHostsFile="$PWD/known" s <in >out
'
t 'a wrong key is told only after the grace, or the limit' "$words"'
	machine web-1
	rm key key.pub; ssh-keygen -q -t ed25519 -N "" -f key
	touch s
	fails 77 run --login 1 s <machines
	[ "$(errors out)" = "denied " ]
	says "login denied, waiting for the key"
	says "cannot log in to .web-1. as .$(id -un).: Permission denied"
'
t 'variables reach the script, whatever they hold, and nobody else' "$words"'
	machine web-1
	bird=night; bird=${bird}ingale second=sec; second="${second}ond line"
	export PLAIN="it'"'"'s a \"$bird\" \$HOME \`x\`
$second; of it" OTHER=$bird-2
	printf "printf %%s \"\$PLAIN\" | sha256sum; echo \"\$PLAIN \$OTHER\"; ps -ef | grep slu[i]ce; exit 3\n" >s
	export SLUICE_TRACE="$PWD/trace"
	fails 1 run -l logs -e PLAIN -e OTHER s <machines
	printf %s "$PLAIN" | sha256sum >want
	says "$(cut -d" " -f1 want)"
	no grep -rE "$bird|$second" out err trace logs
	if strace -f true 2>/dev/null; then
		unset SLUICE_TRACE
		ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=execve -s 100000 -o calls ssh-run -i key -e PLAIN -e OTHER s <machines >out || :
		sed "s/\[\"\(LESS\|[A-Z_]*=\).*//" calls | grep -oE "execve\([^]]*\]" >argv
		grep -q sluice argv; no grep -E "$bird|$second" argv
	fi
'
t 'a directory is sent whole, with names and modes, and run starts in it' "$words"'
	machine web-1
	mkdir -p "my dir/sub"
	printf "#!/bin/sh\ncat \"sub/it'"'"'s\"; stat -c %%a sub/it* 2>/dev/null || :; pwd; touch /tmp/ran\n" >"my dir/run"
	chmod 644 "my dir/run"
	echo data >"my dir/sub/it'"'"'s"; chmod 640 "my dir/sub/it'"'"'s"
	run "my dir/" <machines >out 2>err
	says "^web-1: data"; says "^web-1: /home/user/.sluice/.*/work$"
	[ -e m/web-1/tmp/ran ]
	jq -e "select(.kind == \"instance\").ssh_run[0].script == \"my dir\"" out
	[ "$(find m/web-1/home/user/.sluice -type f | grep -cv "/status$")" = 0 ]
'
t 'SIGTERM and SIGINT: ssh is gone within 4 seconds, the records are marked' "$words"'
	machine web-1; machine web-2
	printf "touch /tmp/ask; sleep 60\n" >s
	for signal in TERM INT; do
		rm -f m/*/tmp/ask
		perl -e "\$SIG{INT} = q(DEFAULT); exec @ARGV" ssh-run -j 1 -i key s <machines >out 2>err &
		pid=$!
		until_so [ -e m/web-1/tmp/ask ]
		began=$(date +%s%N)
		kill -$signal $pid
		rc=0; wait $pid || rc=$?
		took=$((($(date +%s%N) - began) / 1000000))
		[ $took -lt 20000 ] || { echo "$took ms"; exit 1; }
		[ $rc = $((128 + $(kill -l $signal 2>/dev/null | grep -x "[0-9]*" || { [ $signal = TERM ] && echo 15 || echo 2; }))) ]
		[ "$(errors out)" = "interrupted interrupted " ]
		jq -e "select(.kind == \"instance\").error.status == $rc" out
		[ -z "$(find . -maxdepth 1 -name "sluice-ssh-*")" ]
	done
'
t 'killed -9: its ssh ends with it, and the script' "$words"'
	machine web-1
	printf "echo \$\$ >/tmp/pid; touch /tmp/ask; sleep 60\n" >s
	ssh-run -q -i key s <machines >out 2>err &
	until_so [ -e m/web-1/tmp/ask ]
	ssh=$(pgrep -P $!)
	kill -KILL $!
	for process in "$ssh" "$(cat m/web-1/tmp/pid)"; do
		for try in $(seq 200); do kill -0 "$process" 2>/dev/null || break; sleep 0.05; done
		[ "$try" -lt 200 ]
	done
'
t 'a replay gives the same bytes without ssh, scripts, keys, home' "$words"'
	machine bad; machine good; machine boots
	printf "echo out; printf \"\\\\377\\\\n\"; [ \"\$(cat /home/user/name)\" != bad ]\n" >s
	printf "[ \"\$(cat /home/user/name)\" != boots ] || { [ -e /tmp/ask ] || { touch /tmp/ask; sleep 30; }; }\n" >t
	for name in bad good boots; do echo $name >m/$name/home/user/name; done
	when_asked boots machine_reboot boots
	export SECRET=canary
	rc=0; SLUICE_TRACE=$PWD/trace run -j 2 -e SECRET s t <machines >want 2>want.err || rc=$?; [ $rc = 1 ]
	[ "$(errors want)" = "script-failed - - " ]
	mkdir empty; machines_off
	rc=0
	( cd empty && exec env -i PATH="$bin" SLUICE_REPLAY="$OLDPWD/trace" ssh-run -i key --interval 100ms --login 20 -j 2 -e SECRET s t ) <machines >got 2>err || rc=$?
	[ $rc = 1 ]
	same want got
	sort want.err >a; sort err >b; same a b
	rm trace/.turn* 2>/dev/null || :
	sed "/ssh-session/d" trace/ssh-run* >cut; cat cut >"$(ls trace/ssh-run*)"
	( cd empty && fails 66 env -i PATH="$bin" SLUICE_REPLAY="$OLDPWD/trace" ssh-run -i key --interval 100ms --login 20 -j 2 -e SECRET s t ) <machines
'
t 'through a jump host of the user'"'"'s configuration' "$words"'
	machine jump; machine web-1
	jq -c "select(.name == \"web-1\")" machines >in
	cat >config <<-END
	Host jump
		HostName 127.0.0.1
		Port $(cat m/jump/port)
		UserKnownHostsFile $PWD/known
		IdentityFile $PWD/key
		User $(id -un)
	Host 127.0.0.1
		ProxyJump jump
	END
	echo "[127.0.0.1]:$(cat m/jump/port) $(cat m/jump/etc/ssh/ssh_host_ed25519_key.pub)" >known
	echo echo hello >s
	run -F config s <in >out 2>err
	says "^web-1: hello"
	grep -q "Accepted publickey" m/jump/log
	: >known
	fails 75 run --login 1 -F config s <in
	says "Host key verification failed"
'
t 'a closed pipe: what is under way is finished, then death by SIGPIPE' "$words"'
	machine web-1
	printf "sleep 0.5; touch /tmp/done\n" >s
	( rc=0; run s <machines 2>/dev/null || rc=$?; echo $rc >status ) | :
	[ -e m/web-1/tmp/done ]
	[ "$(cat status)" = 141 ]
'
t 'sealed: the stream ends with an end' "$words"'
	machine web-1; echo : >s
	SLUICE_SEAL=1 run s <machines >out
	[ "$(tail -n 1 out | jq -r .kind)" = end ]
'
done_testing
