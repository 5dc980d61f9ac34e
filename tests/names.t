#!/bin/sh
# SPDX-License-Identifier: ISC
# Addresses and names of the DNS: common/address.c, common/dns-name.c.
. "$(dirname "$0")/lib.sh"

words='
	is() { want=$1; shift; got=$(net-names "$@"); [ "$got" = "$want" ] || { echo "$*: $got, want $want"; exit 1; }; }
'
t 'hazard 24: the spellings of one IPv6 address come out as one, in RFC 5952 form' "$words"'
	for text in 2604:a880:0800:0010:0000:0000:0060:c001 2604:A880:800:10::60:C001 \
		2604:a880:800:10:0:0:60:c001 2604:a880:0800:0010::0.96.192.1; do
		is 2604:a880:800:10::60:c001 address "$text"
	done
'
t 'RFC 5952: one zero group stays, the longest run goes, the first of equal ones, lower case' "$words"'
	is 2001:db8:0:1:1:1:1:1 address 2001:db8:0:1:1:1:1:1
	is 2001:0:0:1::1 address 2001:0:0:1:0:0:0:1
	is 2001:db8::1:0:0:1 address 2001:db8:0:0:1:0:0:1
	is 2001:db8::aaaa:0:0:1 address 2001:DB8::AAAA:0:0:1
	is :: address 0:0:0:0:0:0:0:0
	is ::1 address 0::1
	is ::ffff:192.0.2.1 address ::FFFF:c000:201
	is ::2:0 address ::0.2.0.0
	is ::c000:201 address ::192.0.2.1
	is 64:ff9b::c000:201 address 64:ff9b::192.0.2.1
'
t 'what is no address' "$words"'
	is 10.1.1.1 address 10.1.1.1
	for text in "" 010.1.1.1 10.1.1 10.1.1.1.1 256.1.1.1 10.0.0.0/8 fe80::1%eth0 ::1::2 "[::1]" \
		" 10.1.1.1" "10.1.1.1 " 1800 acme.com; do
		is "(none)" address "$text"
	done
'
t 'a full name: apex, wildcard, final dot, upper case' "$words"'
	is acme.com full @ Acme.COM.
	is acme.com full "" acme.com
	is www.acme.com full WWW acme.com.
	is "*.dev.acme.com" full "*.dev" acme.com
	is www.other.com full www.Other.com. acme.com
	is mars.cyber.fund.cyber.fund full mars.cyber.fund cyber.fund
	is "bücher.acme.com" full "bücher" acme.com
'
t 'the name in its zone' "$words"'
	is @ relative acme.com acme.com
	is "*.dev" relative "*.dev.acme.com" acme.com
	is "(none)" relative notacme.com acme.com
'
t 'hazard 22: the zone is the longest suffix at a label among those that there are, never guessed' "$words"'
	is acme.com zone a.b.acme.com acme.com example.co.uk
	is example.co.uk zone example.co.uk acme.com example.co.uk
	is b.acme.com zone a.b.acme.com acme.com b.acme.com c.b.acme.com
	is "(none)" zone www.example.co.uk acme.com
	is "(none)" zone badacme.com acme.com
	is "(none)" zone com acme.com
'
t 'hazard 29: hyphens are fine; empty labels, a line break, what is too long is not' "$words"'
	is "(none)" wrong my-web.acme.com
	is "(none)" wrong "*.acme.com"
	is "(none)" wrong _dmarc.acme.com
	is "is empty" wrong ""
	is "has an empty label" wrong ...
	is "has an empty label" wrong web.
	is "has an empty label" wrong a..b
	is "has a label that begins or ends with a hyphen" wrong -a.b
	is "has a character that names do not have" wrong "web
"
	is "has a character that names do not have" wrong "a.*.b"
	is "has a character that names do not have" wrong "*"
	is "has a character that names do not have" wrong "a/b.c"
	long=$(printf "%064d" 0)
	is "has a label of more than 63 bytes" wrong "$long.com"
	long=${long#0}
	is "has more than 253 bytes" wrong "$long.$long.$long.$long"
	is "(none)" wrong "$long.$long.$long.${long#00}"
'
done_testing
