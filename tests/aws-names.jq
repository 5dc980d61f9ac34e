# SPDX-License-Identifier: ISC
# Renames the members of cases that were made with botocore to the wire's own names.

# $names: tests/data/aws-names.json; direction: "request" or "response"; parent: the operation
def wire($names; $service; $direction; $parent):
	($names[$service][$direction] // {}) as $map
	| ($service == "ec2" and $direction == "response") as $lower
	| def rename($parent):
		if type == "object" then
			with_entries(.key as $key
				| .key = ($map["\($parent).\($key)"] // $map[$key] //
					if $lower then ($key[:1] | ascii_downcase) + $key[1:] else $key end)
				| .value |= rename($key))
		elif type == "array" then map(rename($parent))
		else . end;
	rename($parent);

# XML has only text: numbers, truth values and times are compared by what they say, times by the
# second.
def instant:
	if test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|\\+00:00)$")
	then .[:19] + "Z" | fromdate | tostring else . end;
def said:
	if type == "object" then map_values(said)
	elif type == "array" then map(said)
	elif . == null then null
	else tostring | instant | (tonumber? // .) | tostring end;
def close_to($got):			# JSON services answer times as seconds with a fraction
	(tonumber? // null) as $a | ($got | tonumber? // null) as $b
	| $a != null and $b != null and $a > 1e8 and ($b - $a | . >= 0 and . < 1);

# Whether all that is wanted is there, if as JSON in a text (what botocore parses, too); what nobody asked for may be there too. Lists are whole. An
# empty element is "", [] or {}: only a model could tell.
def within($got):
	. as $want
	| if type == "object" then
		if $got == "" then length == 0
		elif $got | type == "string" then within($got | fromjson | said)
		else ($got | type == "object") and all(keys[]; . as $k | $want[$k] | within($got[$k])) end
	elif type == "array" then
		if $got == "" then length == 0
		else ($got | type == "array") and length == ($got | length) and
			all(range(length); . as $i | $want[$i] | within($got[$i])) end
	elif . == "" then $got == "" or $got == [] or $got == {}
	else . == $got or close_to($got) end;
