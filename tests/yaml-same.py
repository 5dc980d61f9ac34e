# SPDX-License-Identifier: ISC
# yaml-same.py BEFORE AFTER VALUE [NUMBER]: by PyYAML, which sluice does not use, AFTER says the same
# as BEFORE but for NUMBER leaves (1 unless told), which say VALUE. NUMBER "same": nothing differs.
import sys
import yaml


class Loader(yaml.SafeLoader):
    pass


Loader.add_multi_constructor("!", lambda loader, suffix, node: (suffix, node.value))


def leaves(node, path=()):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, path + (key,))
        if not node:
            yield path, {}
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from leaves(value, path + (number,))
        if not node:
            yield path, []
    else:
        yield path, node


def load(name):
    with open(name, encoding="utf-8-sig", newline="") as file:
        return [list(leaves(d)) for d in yaml.load_all(file.read(), Loader)]


before, after = load(sys.argv[1]), load(sys.argv[2])
wanted = sys.argv[4] if len(sys.argv) > 4 else "1"
pairs = [(a, b) for x, y in zip(before, after) for a, b in zip(x, y)]
differ = [(a, b) for a, b in pairs if repr(a) != repr(b)]
if [len(x) for x in before] != [len(y) for y in after] or any(a[0] != b[0] for a, b in pairs):
    sys.exit("the structure differs")
if len(differ) != (0 if wanted == "same" else int(wanted)):
    sys.exit("leaves that differ: %r" % differ)
if any(b[1] != sys.argv[3] for a, b in differ):
    sys.exit("not the value: %r" % differ)
