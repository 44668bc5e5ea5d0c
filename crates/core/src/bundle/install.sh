fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit "${2:-1}"
}

# A directory whose name begins with a dash is `./-x`.
case ${1-} in
    -h | --help) printf 'usage: sh install.sh DIRECTORY [PYTHON]\n' && exit ;;
esac
case $#:${1-} in
    1:[!-]* | 2:[!-]*) ;;
    *) printf 'usage: sh install.sh DIRECTORY [PYTHON]\n' >&2 && exit 2 ;;
esac

# No setting of this user or machine may change what is installed. `env` prints values, too: a line of a value that
# looks like a variable unsets at most that one. What this script sets itself is in lower case: none of it is unset.
for variable in $(env | sed -n 's/^\([A-Z][A-Za-z0-9_]*\)=.*/\1/p'); do
    case $variable in
        UV_CACHE_DIR) ;;
        PIP_* | UV_* | PYTHON* | CDPATH) unset "$variable" ;;
    esac
done
unset CDPATH
PIP_CONFIG_FILE=/dev/null
export PIP_CONFIG_FILE

case $1 in /*) directory=$1 ;; *) directory=$PWD/$1 ;; esac
python=${2:-$bundle_python}
case $python in /* | [!/]*/*) case $python in /*) ;; *) python=$PWD/$python ;; esac ;; esac
# Next to a link may be another bundle, as there may be next to what a shell has found on PATH.
self=$0
case $self in
    */*) ;;
    *) if [ -f "$self" ]; then self=./$self; else self=$(command -v "$self") || self=./$self; fi ;;
esac
links=0
while [ -L "$self" ] && [ "$links" -lt 40 ]; do
    links=$((links + 1))
    target=$(readlink "$self" 2>/dev/null) || { target=$(LC_ALL=C ls -ld "$self") && target=${target#*"$self -> "}; }
    case $target in /*) self=$target ;; *) self=${self%/*}/$target ;; esac
done
cd "${self%/*}/" || exit 1
[ -f bundle.json ] || fail "run it as sh PATH/install.sh: the files of the bundle are not next to it"
while :; do
    case $directory in */) directory=${directory%/} ;; *) break ;; esac
done
[ -n "$directory" ] || directory=/
# What is between double quotes in the activation scripts of older Pythons would run.
case $directory in
    *[\\\"\$\`]*) fail "the path has a backslash, a double quote, a dollar sign or a backquote: name another directory" ;;
esac
[ "$(printf '%s' "$directory" | LC_ALL=C tr -d '\000-\037\177')" = "$directory" ] ||
    fail 'the path has a control character: name another directory'
if [ -e "$directory" ] || [ -L "$directory" ]; then
    fail "$directory already exists"
fi

# The system, then the Python: before anything is written.
machine=$(uname -s) && machine="$machine $(uname -m)"
library=$(getconf GNU_LIBC_VERSION 2>/dev/null) || library=
library=${library#glibc }
if [ -z "$library" ]; then
    case $(ldd --version 2>&1) in
        *musl*) library=musl ;;
        *) library=$(ldd --version 2>/dev/null | sed -n '1s/.* \(2\.[0-9]*\).*/\1/p') ;;
    esac
fi
requirements='' reason="the bundle is for other machines, and this one is $machine"
while IFS='|' read -r target wanted list; do
    if [ -z "$list" ] || { [ -n "$target" ] && [ "$target" != "$machine" ]; }; then
        continue
    fi
    case $wanted:$library in
        :*) ;;
        musl:musl) ;;
        musl:*)
            reason="the bundle needs musl, and this machine has glibc ${library:-of no known version}"
            continue
            ;;
        *:2.*)
            if [ "${library#2.}" -lt "$wanted" ]; then
                reason="the bundle needs glibc 2.$wanted, and this machine has $library"
                continue
            fi
            ;;
        *)
            reason="the bundle needs glibc 2.$wanted, and this machine has none"
            continue
            ;;
    esac
    requirements=$list
    break
done <<TARGETS
$bundle_targets
TARGETS
[ -n "$requirements" ] || fail "$reason"
command -v "$python" >/dev/null 2>&1 || fail "there is no $python: give its path after the directory"
found=$("$python" -I -c 'import sys, sysconfig
name = {"cpython": "python"}.get(sys.implementation.name, sys.implementation.name)
threads = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
print("%s%d.%d%s" % (name, sys.version_info[0], sys.version_info[1], threads))') || fail "$python does not run"
case $found in *[0-9].[0-9]*) ;; *) fail "$python is no Python" ;; esac
[ "$found" = "$bundle_python" ] || fail "the bundle is for $bundle_python, and $python is $found"

# The files, before any of them is used.
"$python" -I -c 'import hashlib, sys
for line in open("SHA256SUMS", encoding="utf-8"):
    expected, name = line.rstrip("\n").split("  ", 1)
    digest = hashlib.sha256()
    try:
        file = open(name, "rb")
    except OSError as error:
        sys.exit("install.sh: " + name + " cannot be read: copy the bundle again: " + str(error.strerror))
    with file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    if digest.hexdigest() != expected:
        sys.exit("install.sh: " + name + " is damaged: it does not have the hash that is recorded for it")' || exit 1

# Only what this run makes is removed. Another run may be making the same directory: the first to create it has it.
is_own='' is_ready=''
# pip names the Python of a script without quotes, or between those in which sh looks for what to run. Hashes follow.
mend() {
    # shellcheck disable=SC2016 # Python, not sh
    "$directory/bin/python" -I -c 'import base64, hashlib, os, sys, sysconfig
python = os.fsencode(sys.executable)
begin, end = b"#!/bin/sh\n\x27\x27\x27exec\x27 ", b" \"$0\" \"$@\"\n\x27 \x27\x27\x27\n"
simple = b"#!" + python + b"\n"
known = [simple, begin + python + end, begin + b"\"" + python + b"\"" + end]
if len(simple) > 127 or b" " in python:
    simple = begin + b"\x27" + python.replace(b"\x27", b"\x27\\\x27\x27") + b"\x27" + end
def row(content):
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return b",sha256=" + digest + b"," + str(len(content)).encode()
def rewrite(path, change):
    with open(path, "rb") as file:
        old = file.read()
    new = change(old)
    if new != old:
        beside = os.fsencode(path) + b".venvwrap-new"
        with open(beside, "wb") as file:
            file.write(new)
        os.chmod(beside, os.stat(path).st_mode & 0o777)
        os.replace(beside, path)
rows = []
def script(old):
    for head in known:
        if old.startswith(head):
            new = simple + old[len(head):]
            rows.append((row(old), row(new)))
            return new
    return old
def record(content):
    for old, new in rows:
        content = content.replace(old, new)
    return content
with os.scandir(os.path.dirname(python)) as entries:
    for entry in list(entries):
        if entry.is_file(follow_symlinks=False):
            rewrite(entry.path, script)
for site in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
    for name in os.listdir(site):
        path = os.path.join(site, name, "RECORD")
        if name.endswith(".dist-info") and os.path.isfile(path):
            rewrite(path, record)'
}
by_uv() {
    uv --quiet --no-config "$@" pip install --offline --no-deps --require-hashes --python "$directory/bin/python" \
        -r "$requirements"
}
tidy() {
    [ -z "$is_own" ] || [ -n "$is_ready" ] || rm -rf -- "$directory"
}
trap tidy EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
"$python" -I -c 'import venv' 2>/dev/null ||
    fail "$python cannot create environments: install the package ${bundle_python}-venv"
reason=$(mkdir -p -- "${directory%/*}/" 2>&1) || fail "$directory cannot be created: ${reason##*: }"
if ! reason=$(mkdir -- "$directory" 2>&1); then
    { [ -e "$directory" ] || [ -L "$directory" ]; } && fail "$directory already exists"
    fail "$directory cannot be created: ${reason##*: }"
fi
is_own=yes
"$python" -I -m venv --without-pip -- "$directory" || fail "$python could not create an environment in $directory"
# Elsewhere, an installer would change the Python itself.
"$directory/bin/python" -I -c 'import os, sys
sys.exit(sys.prefix == sys.base_prefix or not os.path.samefile(sys.prefix, sys.argv[1]))' "$directory" ||
    fail "$directory is not an environment: something else has changed it"
if [ "$has_packages" = yes ]; then
    # Wheels are unpacked here: elsewhere may be no room.
    TMPDIR=$directory/.tmp
    export TMPDIR
    mkdir -- "$TMPDIR"
    if uv --version >/dev/null 2>&1; then
        # The cache of this user may be full, of somebody else, or in a home that is not there.
        by_uv 2>/dev/null || by_uv --cache-dir "$TMPDIR/uv" || fail "uv could not install the packages"
    elif [ -n "$bundle_pip" ]; then
        "$directory/bin/python" -I "wheels/$bundle_pip/pip" --isolated --require-virtualenv --quiet \
            --disable-pip-version-check --no-cache-dir install --no-index --no-deps --require-hashes \
            -r "$requirements" || fail "pip could not install the packages"
        mend || fail "the scripts in $directory/bin could not be written"
    else
        fail "the bundle has no pip, and there is no uv on PATH that runs"
    fi
    rm -rf -- "$TMPDIR"
fi
{ printf '#!/bin/sh\n' >"$directory/.run" && chmod u+x "$directory/.run"; } || fail "$directory cannot be written"
"$directory/.run" 2>/dev/null ||
    printf 'install.sh: warning: %s is on a file system from which nothing may be run\n' "$directory" >&2
rm -f -- "$directory/.run"
is_ready=yes
printf 'installed into %s\n' "$directory"
