# Reads requirements, one in a line of JSON, and prints what the `packaging` library makes of each: its text and whether
# its marker holds, or null. Arguments: the directory of `packaging`, the values of the variables, versions to try.
import json
import sys

sys.path.insert(0, sys.argv[1])
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

values = dict(json.loads(sys.argv[2]), extra="")
versions = json.loads(sys.argv[3])


def answer(text):
    try:
        found = Requirement(text)
    except InvalidRequirement:
        return None
    try:
        holds = found.marker.evaluate(values) if found.marker else True
    except Exception:
        holds = None
    admitted = [version for version in versions if found.specifier.contains(Version(version), prereleases=True)]
    return [str(found), holds, admitted]


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
