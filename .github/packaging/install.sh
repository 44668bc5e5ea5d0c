#!/bin/sh
# Installs venvwrap from a release: the program, the shell files, completions and manual pages, below ~/.local.
#
#   curl -LsSf https://github.com/venvwrap/venvwrap/releases/latest/download/install.sh | sh
#
#   --prefix DIR     install below DIR instead
#   --version 1.2.3  another release than the newest
#   --from FILE      an archive that is here already; FILE.sha256 is checked if it is beside it
#   --uninstall      remove what was installed below the prefix; environments stay
#   --help           print this
#
# It needs tar and gzip, and curl or wget unless --from names the archive. Nothing else is changed: `venvwrap setup`,
# which it names at the end, adds one line to the start-up file of the shell.

set -eu

releases=https://github.com/venvwrap/venvwrap/releases

main() {
  prefix=\~/.local
  version=latest
  from=
  uninstall=
  while [ $# -gt 0 ]; do
    case $1 in
      --prefix | --version | --from)
        # An empty one is a variable that was not set.
        [ "${2-}" ] || die "$1 needs a value"
        eval "${1#--}=\$2"
        shift
        ;;
      --prefix=* | --version=* | --from=*)
        name=${1%%=*}
        [ "${1#*=}" ] || die "$name needs a value"
        eval "${name#--}=\${1#*=}"
        ;;
      --uninstall) uninstall=1 ;;
      -h | --help)
        help
        return
        ;;
      *) die "unknown option: $1" ;;
    esac
    shift
  done
  # No shell expands the tilde in `--prefix=~/x`.
  case $prefix in
    \~ | \~/*)
      [ -n "${HOME-}" ] || die 'HOME is not set: name a directory with --prefix'
      prefix=$HOME${prefix#\~}
      ;;
  esac
  # A value that is no absolute path would be another place after the next `cd`.
  case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
  while :; do
    case $prefix in ?*/) prefix=${prefix%/} ;; *) break ;; esac
  done
  case $from in '' | /*) ;; *) from=$PWD/$from ;; esac
  list=$prefix/share/venvwrap/files
  if [ "$uninstall" ]; then
    uninstall
    return
  fi
  # What root installs outside of its home is for all, as in packages.
  case $prefix in
    "${HOME:-/}"/*) ;;
    *) [ "$(id -u)" != 0 ] || umask 022 ;;
  esac
  scratch=$(mktemp -d)
  trap tidy EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  if [ -z "$from" ]; then
    download
  fi
  refuse_another 'replace it'
  verify
  install_from_archive
  say "installed $("$prefix/bin/venvwrap" --version) below $prefix"
  case :$PATH: in
    *:"$prefix/bin":*) say 'now run: venvwrap setup' ;;
    *) say "now run: $(quoted "$prefix/bin/venvwrap") setup" ;;
  esac
}

help() {
  cat <<'END'
Installs venvwrap below ~/.local: the program, the shell files, completions and manual pages.

Usage: sh install.sh [OPTION]...

  --prefix DIR     install below DIR instead
  --version 1.2.3  another release than the newest
  --from FILE      an archive that is here already; FILE.sha256 is checked if it is next to it
  --uninstall      remove what was installed below the prefix; environments stay
  -h, --help       print this
END
}

# A word for a line that is pasted into a shell.
quoted() {
  printf '%s\n' "$1" | sed "s/'/'\\\\''/g; 1s/^/'/; \$s/\$/'/"
}

say() {
  printf '%s\n' "$*" >&2
}

die() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

# The target triple of the archive for this machine.
target() {
  [ "$(uname -s)" = Linux ] || die "there is no program for this system yet: \`cargo install venvwrap\` builds one"
  case $(uname -m) in
    x86_64 | amd64) echo x86_64-unknown-linux-musl ;;
    aarch64 | arm64) echo aarch64-unknown-linux-musl ;;
    *) die "there is no program for $(uname -m) yet: \`cargo install venvwrap\` builds one" ;;
  esac
}

fetch() {
  if command -v curl >/dev/null; then
    curl -LsSf --proto '=https' -o "$2" "$1"
  elif command -v wget >/dev/null; then
    wget -q -O "$2" "$1"
  else
    die 'curl or wget is needed'
  fi || die "could not download $1"
}

download() {
  target=$(target)
  if [ "$version" = latest ]; then
    fetch "$releases/latest/download/VERSION" "$scratch/VERSION"
    version=$(cat "$scratch/VERSION")
  fi
  case $version in *[!0-9A-Za-z.-]* | '') die "not a version: $version" ;; esac
  from=$scratch/venvwrap-$version-$target.tar.gz
  fetch "$releases/download/v$version/${from##*/}" "$from"
  fetch "$releases/download/v$version/${from##*/}.sha256" "$from.sha256"
}

verify() {
  [ -f "$from" ] || die "there is no file $from"
  [ -f "$from.sha256" ] || return 0
  expected=$(cut -d ' ' -f 1 "$from.sha256")
  if command -v sha256sum >/dev/null; then
    found=$(sha256sum <"$from")
  else
    found=$(shasum -a 256 <"$from")
  fi
  [ "${found%% *}" = "$expected" ] || die "the checksum of ${from##*/} is wrong: nothing was installed"
}

# All files are copied next to their places first: where the disk is full, nothing has changed. Then each is renamed into
# its place: a shell that runs the old program goes on.
install_from_archive() {
  mkdir "$scratch/tree"
  gzip -dc "$from" | tar -xf - -C "$scratch/tree" || die "could not unpack $from"
  set -- "$scratch"/tree/*/
  if [ $# != 1 ] || [ ! -f "$1/bin/venvwrap" ] || [ ! -f "$1/share/venvwrap/files" ]; then
    die "$from is no release of venvwrap"
  fi
  cd -- "$1"
  find . \( -type f -o -type l \) ! -path './share/venvwrap/files*' | sed 's|^\./||' >"$scratch/files"
  # The old sums stay: after an interruption old files may still be there.
  {
    cat "$list.sum" 2>/dev/null || :
    while IFS= read -r file; do
      identity "$file"
    done <"$scratch/files"
  } | sort -u >share/venvwrap/files.sum
  { cat "$scratch/files" && echo share/venvwrap/files && echo share/venvwrap/files.sum; } >"$scratch/all"
  while IFS= read -r file; do
    { make_directory "$prefix/${file%/*}" && cp -P -p "$file" "$prefix/$file.venvwrap-new"; } ||
      die "could not write below $prefix: nothing was installed"
  done <"$scratch/all"
  # It must run before anything is replaced, and there: the place for temporary files may forbid that.
  "$prefix/bin/venvwrap.venvwrap-new" --version >/dev/null 2>"$scratch/reason" || refuse_program
  # The list is the last: after an interruption that of the release before is there, and what it names is still removed.
  # Where there is none it is the first: what an interruption leaves is known as ours.
  place share/venvwrap/files.sum
  cat "$list" >"$scratch/old" 2>/dev/null || place share/venvwrap/files
  while IFS= read -r file; do
    keep "$file"
    place "$file"
  done <"$scratch/files"
  remove_old
  [ ! -f "$list.venvwrap-new" ] || place share/venvwrap/files
  note_made
  cd /
}

# Says why the program does not run: nothing else may either, or only this.
refuse_program() {
  printf '#!/bin/sh\n' >"$prefix/bin/venvwrap.venvwrap-new"
  "$prefix/bin/venvwrap.venvwrap-new" 2>/dev/null ||
    die "$prefix is on a file system from which nothing may be run: nothing was installed"
  cat "$scratch/reason" >&2
  die 'the program does not run on this machine: nothing was installed'
}

place() {
  mv -f "$prefix/$1.venvwrap-new" "$prefix/$1"
}

# What tells a file of ours from another of its name.
identity() {
  readlink "$1" || cksum <"$1"
}

# Whether there is a file by this name that is not ours.
is_other() {
  { [ -e "$prefix/$1" ] || [ -h "$prefix/$1" ]; } || return 1
  ! { grep -Fqx -e "$1" "$list" && grep -Fqx -e "$(identity "$prefix/$1")" "$list.sum"; } 2>/dev/null
}

# Another's file waits beside ours until that is removed.
keep() {
  is_other "$1" || return 0
  find_copies "$1"
  # Whoever replaces ours again and again by the same file needs no more of it.
  if [ -f "$last" ] && [ "$(identity "$prefix/$1" 2>/dev/null)" = "$(identity "$last")" ]; then
    free=$last
  fi
  mv -f "$prefix/$1" "$free"
  say "note: $prefix/$1 was there: it is kept as ${free##*/} until --uninstall puts it back; if the tool" \
    "that it is from removes this one, run this again"
}

# Finds the name for the next copy of another's file, and the last that there is.
find_copies() {
  last=
  number=1
  free=$prefix/$1.before-venvwrap
  while [ -e "$free" ] || [ -h "$free" ]; do
    last=$free
    number=$((number + 1))
    free=$prefix/$1.before-venvwrap-$number
  done
}

# Removes a file of ours, and puts the one back that was there before.
remove() {
  find_copies "$1"
  if is_other "$1"; then
    say "note: $prefix/$1 is no longer the file that this script has put there: it stays"
  else
    rm -f -- "$prefix/$1" || return
    [ ! "$last" ] || mv "$last" "$prefix/$1" || return
  fi
  for copy in "$prefix/$1".before-venvwrap*; do
    { [ ! -e "$copy" ] && [ ! -h "$copy" ]; } || say "note: $copy, which was there before, stays"
  done
}

# Notes which directories it makes.
make_directory() {
  if [ -z "$1" ] || [ -d "$1" ]; then
    return 0
  fi
  make_directory "${1%/*}" || return 1
  # `new/.` is there with `new`.
  [ -d "$1" ] || { printf '%s\n' "$1" >>"$scratch/made" && mkdir "$1"; }
}

# Remembers for the removal that the prefix was not there, nor perhaps what it is in.
note_made() {
  [ ! -f "$scratch/made" ] || while IFS= read -r directory; do
    case $directory/ in "$prefix"/?*) ;; *) printf '%s\n' "$directory" ;; esac
  done <"$scratch/made" >>"$list.made"
}

# However it ends, no file is left half written, and no directory without files.
tidy() {
  [ ! -f "$scratch/all" ] || while IFS= read -r file; do
    rm -f -- "$prefix/$file.venvwrap-new"
  done <"$scratch/all"
  [ ! -f "$scratch/made" ] || sort -r "$scratch/made" | while IFS= read -r directory; do
    rmdir -- "$directory" 2>/dev/null || :
  done
  rm -rf -- "$scratch"
}

# What the release that is here has brought and this one does not have.
remove_old() {
  while IFS= read -r file; do
    grep -Fqx -e "$file" share/venvwrap/files || remove "$file"
  done <"$scratch/old"
}

# The program that another tool has put there is for that to replace and to remove; pip notes what it has installed.
refuse_another() {
  program=$prefix/bin/venvwrap
  [ -e "$program" ] || return 0
  for notes in "$prefix"/lib*/python*/*-packages/venvwrap_cli-*.dist-info; do
    [ ! -d "$notes" ] || die "pip has installed $program: $1 with pip"
  done
  ! is_other bin/venvwrap ||
    die "$program was not installed by this script: $1 with the tool that installed it"
}

uninstall() {
  refuse_another 'remove it'
  [ -f "$list" ] || die "venvwrap is not installed below $prefix"
  # Whoever may not remove the program still needs its line in the start-up file.
  while IFS= read -r file; do
    { [ ! -e "$prefix/$file" ] && [ ! -h "$prefix/$file" ]; } || [ -w "$prefix/${file%/*}" ] ||
      die "$prefix/${file%/*} cannot be written: nothing was removed"
  done <"$list"
  if [ -x "$prefix/bin/venvwrap" ]; then
    "$prefix/bin/venvwrap" setup --undo --yes || :
  fi
  while IFS= read -r file; do
    remove "$file" || die "could not remove $prefix/$file: run this again"
  done <"$list"
  made=$(sort -r "$list.made" 2>/dev/null) || made=
  rm -f -- "$list" "$list.sum" "$list.made"
  # Files of others stay.
  find "$prefix/share/venvwrap" "$prefix/share/doc/venvwrap" -depth -type d -exec rmdir {} \; 2>/dev/null || :
  for directory in share/bash-completion/completions share/bash-completion share/zsh/site-functions share/zsh \
    share/fish/vendor_completions.d share/fish share/man/man1 share/man share/doc share bin; do
    rmdir "$prefix/$directory" 2>/dev/null || :
  done
  printf '%s\n' "$made" | while IFS= read -r directory; do
    rmdir -- "$directory" 2>/dev/null || break
  done
  say "removed venvwrap from $prefix; environments stay"
}

main "$@"
