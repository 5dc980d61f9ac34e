#!/bin/sh
# SPDX-License-Identifier: ISC
# do-droplets on canned answers.
. "$(dirname "$0")/lib.sh"

before='. "$tests/do.sh"
'
c() { t "$1" "$before$2"; }

for many in 0 1 20 200 201 401; do
	c "peers 1: all of $many droplets, page by page" '
		droplets '$many'; do_stub
		do-droplets list >out
		jq -r .id out >got; [ '$many' -eq 0 ] || seq '$many' >want; touch want; same want got
	'
done
c 'peers 1, hazard 23: pages of 200, all after the first at once' '
	droplets 601 "gather=2"
	sed -i "s/gather=2/gather=5/" stub/*
	sed -i "s/gather=5/gather=2/" stub/answer.00001
	do_stub; do-droplets list >out; lines 601 out
	[ "$(asked)" -eq 5 ]
	grep -q "GET /v2/droplets?per_page=200&page=4" stub/log
'
c 'peers 1: a page that fails fails the list, what was read goes out' '
	droplets 450
	rm stub/answer.00003
	echo "{\"id\":\"forbidden\",\"message\":\"no\",\"request_id\":\"r-1\"}" | answer 403 "X-Stub: match=page=3"
	do_stub
	fails 77 do-droplets list
	says "^do-droplets: cannot list droplets: page 3: no$"; lines 1 err; lines 401 out; jq -r .id out | head -n 400 >got; seq 400 >want; same want got
	tail -n 1 out | jq -e ".kind == \"target\" and .error == {status: 77, filter: \"do-droplets list\", code: \"forbidden\", message: \"cannot list droplets: page 3: no\", operation: \"GET /v2/droplets\", request_id: \"r-1\"}"
'
done_testing
