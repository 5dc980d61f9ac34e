#!/bin/sh
# SPDX-License-Identifier: ISC
# What is read from ssh's own log, in the words of several versions of OpenSSH; known_hosts lines.
. "$(dirname "$0")/lib.sh"

words='
	known="web__1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2YYWymuY9W/GVJSRs1Nf5yCNZTB+bFmlyEbQZ/cihk"
	tells() {			# tells WANT <LOG; the name in known_hosts is no pattern
		{ printf "%s\n" "$1"; echo "$known"; } >want
		ssh-log >got; same want got
	}
	connected="debug1: Connecting to 192.0.2.1 [192.0.2.1] port 22.
debug1: Connection established."
	banner="debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1"
	checked="debug1: Server host key: ssh-ed25519 SHA256:abc
debug1: Host '"'web__1'"' is known and matches the ED25519 host key."
'
t 'nobody there, nobody answers' "$words"'
	echo "ssh: connect to host 192.0.2.1 port 22: Connection refused" | tells "75 network: cannot reach '"'web *1'"' at 192.0.2.1: Connection refused"
	{ echo "$connected"; echo "kex_exchange_identification: read: Connection reset by peer"; } |
		tells "phase 1
75 network: cannot get an answer of '"'web *1'"' at 192.0.2.1: Connection reset by peer"
	{ echo "$connected"; echo "Connection timed out during banner exchange"; echo "Connection to 192.0.2.1 port 22 timed out"; } |
		tells "phase 1
75 network: cannot get an answer of '"'web *1'"' at 192.0.2.1: Connection to 192.0.2.1 port 22 timed out"
	echo "ssh: Could not resolve hostname nope: Name or service not known" |
		tells "75 network: cannot reach '"'web *1'"' at 192.0.2.1: Name or service not known"
'
t 'another host key, in three ways' "$words"'
	wrong="77 host-key: '"'web *1'"' at 192.0.2.1 is not the machine that it should be, nothing was sent: its host key is"
	{ echo "$connected"; echo "$banner"; echo "debug1: Server host key: ssh-ed25519 SHA256:abc"
	echo "@@@@@@@@@@@"; echo "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @"; echo "Host key verification failed."; } |
		tells "phase 1
phase 2
$wrong ssh-ed25519 SHA256:abc, which is none of the 1 known ones"
	{ echo "$connected"; echo "$banner"; echo "Unable to negotiate with 192.0.2.1 port 22: no matching host key type found. Their offer: ssh-rsa,ssh-dss"; } |
		tells "phase 1
phase 2
$wrong ssh-rsa,ssh-dss, which is none of the 1 known ones"
'
t 'the login is denied, with what is wrong with the key file; a script that exits with 255; a lost connection' "$words"'
	{ echo "$connected"; echo "$banner"; echo "$checked"; echo "Load key \"key\": bad permissions"; echo "me@192.0.2.1: Permission denied (publickey)."; } |
		tells "phase 1
phase 2
phase 3
77 denied: cannot log in to '"'web *1'"' as '"'me'"': Permission denied (publickey). (Load key \"key\": bad permissions)"
	for in in "debug1: Authentication succeeded (publickey)." "Authenticated to 192.0.2.1 ([192.0.2.1]:22) using \"publickey\"."; do
		{ echo "$connected"; echo "$banner"; echo "$checked"; echo "$in"; echo "debug1: Sending command: x"; echo "Connection to 192.0.2.1 closed by remote host."; } |
			tells "phase 1
phase 2
phase 3
phase 4
phase 5
75 connection-lost: lost the connection to '"'web *1'"': Connection to 192.0.2.1 closed by remote host."
	done
	{ echo "$in"; echo "debug1: client_input_channel_req: channel 0 rtype exit-status reply 0"; } | tells "phase 4
75 connection-lost: lost the connection to '"'web *1'"': ssh does not say why, exited"
'
t 'a configuration that ssh does not take is 78, other ciphers 69' "$words"'
	echo "/x/config: terminating, 1 bad configuration options" | tells "78 ssh: cannot run ssh for '"'web *1'"': /x/config: terminating, 1 bad configuration options"
	echo "Unable to negotiate with 192.0.2.1 port 22: no matching cipher found. Their offer: 3des" |
		tells "69 negotiation: cannot talk to '"'web *1'"' at 192.0.2.1: Unable to negotiate with 192.0.2.1 port 22: no matching cipher found. Their offer: 3des"
'
done_testing
