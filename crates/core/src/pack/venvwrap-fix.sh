#!/bin/sh
# Makes this environment fit its place and its machine: links it to a Python here, and writes its path where a file has
# to name it. Run it once after unpacking, and again after moving:
#
#   bin/venvwrap-fix [PYTHON]     PYTHON is a path; otherwise it is looked for on PATH
#   bin/venvwrap-fix --check      only says which libraries are missing here
#
# It ends with 3 if there is no fitting Python, and with 4 if PYTHON does not fit.
# Otherwise zsh ends without its traps.
if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi
set -eu
unset CDPATH

minor='@MINOR@'
# Not in a function: there zsh has its name.
self=$0
implementation='@IMPLEMENTATION@'
flags='@FLAGS@'
# yes: the Python is in here.
complete='@COMPLETE@'

say() {
  printf 'venvwrap-fix: %s\n' "$1" >&2
}

main() {
  find_self
  case ${1-} in
    -h | --help)
      sed -n '2,9s/^# \{0,1\}//p' "$self"
      return
      ;;
    --check) ;;
    -*)
      say "unknown option: $1"
      return 2
      ;;
  esac
  if [ $# -gt 1 ]; then
    say "there is one argument: bin/venvwrap-fix [PYTHON]"
    return 2
  fi
  find_root
  if [ "${1-}" = --check ]; then
    check
    return
  fi
  base=''
  if [ "$complete" != yes ]; then
    find_base "${1-}"
  fi
  if ! [ -w "$root/bin" ] || ! [ -w "$root" ]; then
    say "$root cannot be written; it would be linked to ${base:-its own Python}"
    return 1
  fi
  if [ -n "$base" ]; then
    link
    rewrite "$root/pyvenv.cfg" configured
  fi
  name_path activate "_venvwrap_env='" posix_quoted
  name_path activate.csh "set _venvwrap_env = '" csh_quoted
}

# Sets self to the path of this file, which may have been called by a link in another environment.
find_self() {
  case $self in
    */*) ;;
    # A shell that is given a name looks for it here, then on PATH.
    *) if [ -f "$self" ]; then self=./$self; else self=$(command -v "$self") || self=./$self; fi ;;
  esac
  links=0
  while [ -L "$self" ] && [ "$links" -lt 40 ]; do
    links=$((links + 1))
    target=$(target_of "$self")
    case $target in
      /*) self=$target ;;
      *) self=${self%/*}/$target ;;
    esac
  done
}

# Sets root to the environment that this file belongs to. Nothing else is changed: a copy may be anywhere.
find_root() {
  directory=${self%/*}/
  if [ -L "${directory%/}" ]; then
    directory=$(cd -P -- "$directory" && pwd -P)
  else
    directory=$(cd -- "$directory" && pwd)
  fi || directory=
  root=${directory%/bin}
  if [ "$root" = "$directory" ] || [ "${self##*/}" != venvwrap-fix ] || ! is_own "$root"; then
    say "$self is in no environment that it was made for; run the file in bin of the unpacked environment"
    exit 1
  fi
}

# Prints what a link names. Not every system has readlink.
target_of() {
  readlink "$1" 2>/dev/null || {
    listed=$(LC_ALL=C ls -ld "$1")
    printf '%s\n' "${listed#*"$1 -> "}"
  }
}

# Returns whether a directory is an environment that was unpacked from an archive with this script.
is_own() {
  if [ "$complete" != yes ] && ! [ -f "$1/pyvenv.cfg" ]; then
    return 1
  fi
  for manifest in "$1"/lib/*"$minor"*/venvwrap-pack.json; do
    if [ -f "$manifest" ]; then
      return
    fi
  done
  return 1
}

# Sets base to an interpreter that the packages are for.
find_base() {
  if [ -n "$1" ]; then
    python=$1
  else
    python=$(on_path) || {
      say "there is no $program$minor on PATH; give the path of one: bin/venvwrap-fix PYTHON"
      exit 3
    }
  fi
  # A Python of another environment stands for its base.
  # shellcheck disable=SC2016 # Python, not sh
  answer=$("$python" -I -c 'import sys
print("%d.%d" % sys.version_info[:2])
print(sys.implementation.name)
print(getattr(sys, "abiflags", "").replace("m", "") or "-")
print(getattr(sys, "_base_executable", None) or sys.executable)
print("%d.%d.%d" % sys.version_info[:3])
print(".".join(map(str, sys.version_info)))') || {
    say "$python cannot be run"
    exit 4
  }
  {
    read -r its_minor
    read -r its_implementation
    read -r its_flags
    IFS= read -r base
    read -r its_version || its_version=$minor
    read -r its_version_info || its_version_info=$its_version
  } <<END
$answer
END
  if [ "$its_minor" != "$minor" ]; then
    say "$python is $its_minor, not $minor"
    exit 4
  elif [ "$its_implementation" != "$implementation" ] || [ "$its_flags" != "${flags:--}" ]; then
    say "$python is $its_implementation with the flags $its_flags, not $implementation with ${flags:--}"
    exit 4
  fi
}

# Prints the first Python of the wanted version on PATH that is not this environment's. What is relative there would be
# the Python of whoever made the current directory.
on_path() {
  rest=$PATH:
  while [ -n "$rest" ]; do
    directory=${rest%%:*}
    rest=${rest#*:}
    case $directory in /*) ;; *) continue ;; esac
    if [ "$directory" != "$root/bin" ] && [ -x "$directory/$program$minor" ]; then
      printf '%s\n' "$directory/$program$minor"
      return
    fi
  done
  return 1
}

# Links python to the base, and its other names to it. They may be links to the Python of another machine or copies of
# it, and scripts are run by them. If python is a script, it may call one of the others: they lead to the base, too.
link() {
  hub=$base
  if ! is_script "$root/bin/python"; then
    replace python "$base"
    hub=python
  fi
  # Not called path, which in zsh is PATH.
  for entry in "$root/bin"/*; do
    name=${entry##*/}
    case $name in
      python?*) rest=${name#python} ;;
      pypy*) rest=${name#pypy} ;;
      graalpy*) rest=${name#graalpy} ;;
      *) continue ;;
    esac
    case $rest in
      '' | 3 | "$minor" | "$minor"[td] | "$minor"td) ;;
      *) continue ;;
    esac
    if [ -L "$entry" ] || { [ -f "$entry" ] && ! is_script "$entry"; }; then
      replace "$name" "$hub"
    fi
  done
}

# Returns whether a file is a script: a wrapper that somebody wrote.
is_script() {
  ! [ -L "$1" ] && [ -f "$1" ] && [ "$(dd if="$1" bs=2 count=1 2>/dev/null)" = '#!' ]
}

# NAME TARGET: puts a link in the place of a program.
replace() {
  temporary=$root/bin/.venvwrap-tmp-$$
  ln -s "$2" "$temporary"
  mv -f "$temporary" "$root/bin/$1"
  temporary=
}

# FILE FILTER...: writes what the filter makes of a file into it. The file keeps its owner and who may read and write it,
# whatever the umask is.
rewrite() {
  file=$1
  shift
  temporary=${file%/*}/.venvwrap-tmp-$$
  cp -p "$file" "$temporary"
  # The copy of a file that is read-only is so, too.
  chmod u+w "$temporary"
  "$@" <"$file" >"$temporary"
  case $(LC_ALL=C ls -ld "$file") in
    ??w*) ;;
    *) chmod u-w "$temporary" ;;
  esac
  mv -f "$temporary" "$file"
  temporary=
}

# The lines of pyvenv.cfg, with the base in the place of another one.
configured() {
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      home*=*) printf 'home = %s\n' "${base%/*}" ;;
      version_info*=*) printf 'version_info = %s\n' "$its_version_info" ;;
      version*=*) printf 'version = %s\n' "$its_version" ;;
      executable*=*) printf 'executable = %s\n' "$base" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done
}

# FILE MARK QUOTED: writes the path into the line of a script that begins with MARK.
name_path() {
  [ -f "$root/bin/$1" ] || return 0
  rewrite "$root/bin/$1" named "$2" "$3"
}

# MARK QUOTED: the lines of a script, with the path in the one that begins with MARK.
named() {
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      "$1"*) printf '%s%s\n' "$1" "$("$2" "$root")'" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done
}

# The text between single quotes of a POSIX shell.
posix_quoted() {
  printf '%s' "$1" | sed "s/'/'\\\\''/g"
}

# The same for csh, which looks for events between quotes, too.
csh_quoted() {
  posix_quoted "$1" | sed 's/!/\\!/g'
}

check() {
  command -v ldd >/dev/null || {
    say "ldd is not here"
    return 1
  }
  missing=$(find "$root" -type f \( -name '*.so' -o -name '*.so.*' -o -path '*/bin/python*' \) -exec ldd {} + 2>/dev/null |
    sed -n 's/^[[:space:]]*\([^ ]*\) => not found.*/\1/p' | sort -u)
  if [ -n "$missing" ]; then
    printf '%s\n' "$missing"
    return 1
  fi
}

case $implementation in
  pypy) program=pypy ;;
  *) program=python ;;
esac
# However it ends, no file is left half written.
temporary=
trap '[ -z "$temporary" ] || rm -f "$temporary"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
main "$@"
