# Prints what venvwrap must know about this interpreter, as ASCII JSON between two cookies given as arguments.
# Imports nothing but built-in modules, and runs under Python 2 too, so that it can be recognised and refused.
# A text is written one character for each byte, so that a path which is no valid text survives.
import sys


def text(value):
    if value is None:
        value = ""
    if not isinstance(value, bytes):
        value = value.encode(sys.getfilesystemencoding() or "utf-8", "surrogateescape")
    plain = [chr(b) if 32 <= b < 127 and b not in (34, 92) else "\\u%04x" % b for b in bytearray(value)]
    return '"' + "".join(plain) + '"'


def dotted(version):
    return ".".join([str(part) for part in version[:3]])


# An interpreter without the switch that isolates would look into the current directory first.
path, sys.path = sys.path, []
try:
    from _frozen_importlib_external import MAGIC_NUMBER as magic
except ImportError:
    magic = b"\0\0"
magic = bytearray(magic)
implementation = getattr(sys, "implementation", None)
fields = [
    ("major", str(sys.version_info[0])),
    ("minor", str(sys.version_info[1])),
    ("micro", str(sys.version_info[2])),
    ("level", text(sys.version_info[3])),
    ("serial", str(sys.version_info[4])),
    ("implementation", text(getattr(implementation, "name", ""))),
    ("implementation_version", text(dotted(getattr(implementation, "version", sys.version_info)))),
    ("magic", str(magic[0] + 256 * magic[1])),
    ("executable", text(sys.executable)),
    ("base_prefix", text(getattr(sys, "base_prefix", sys.prefix))),
    ("stdlib", text(getattr(sys, "_stdlib_dir", None))),
    ("path", "[" + ",".join([text(entry) for entry in path]) + "]"),
    ("abiflags", text(getattr(sys, "abiflags", ""))),
    ("platlibdir", text(getattr(sys, "platlibdir", "lib"))),
    ("is_64bit", "true" if sys.maxsize > 2**32 else "false"),
    ("platform", text(sys.platform)),
    ("framework", text(getattr(sys, "_framework", ""))),
]
answer = ",".join(['"' + name + '":' + value for name, value in fields])
sys.stdout.write(sys.argv[1] + "{" + answer + "}" + sys.argv[2])
