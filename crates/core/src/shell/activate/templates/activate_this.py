"""Makes the running interpreter use this environment's packages.

Meant for programs that embed Python: exec(open(path).read(), {"__file__": path}).
"""

import os
import site
import sys


def _text(value):
    """Return a path or name, which is written as bytes here so that no encoding can spoil it, as `str`."""
    return value if str is bytes else os.fsdecode(value)


def _enter(base, prompt):
    library = os.path.join(base, "lib")
    # Nothing changes where this fails.
    names = sorted(os.listdir(library))
    path = os.environ.get("PATH")
    os.environ["PATH"] = os.path.join(base, "bin") + (os.pathsep + path if path else "")
    os.environ["VIRTUAL_ENV"] = base
    os.environ["VIRTUAL_ENV_PROMPT"] = prompt

    # Packages of this environment come before those of the interpreter's own.
    before = list(sys.path)
    version = "%d.%d" % sys.version_info[:2]
    for name in names:
        packages = os.path.join(library, name, "site-packages")
        if name.rstrip("t").endswith(version) and os.path.isdir(packages):
            site.addsitedir(packages)
    sys.path[:] = [entry for entry in sys.path if entry not in before] + before

    sys.real_prefix = sys.prefix
    sys.prefix = base


_base = _text(__VENVWRAP_ENV__)
if not os.path.isdir(_base):
    # It was moved, and is found where this script is, if that is in an environment.
    _place = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if os.path.isfile(os.path.join(_place, "pyvenv.cfg")):
        _base = _place
_enter(_base, _text(__VENVWRAP_PROMPT__))
