# shellcheck shell=bash
# Variables are shared between the files (2034, 2154), and messages put names in backticks (2016).
# shellcheck disable=SC2016,SC2034,SC2154
#
# Listing, checking and comparing the packages of an environment with 44 of them, which need each other.

bench_packages() {
  fresh
  local site pip
  for name in api prod; do
    "$venvwrap" create -q -p "$python" "$name"
    site=$(echo "$WORKON_HOME/$name"/lib/python*/site-packages)
    make_packages "$site"
  done
  pip=$WORKON_HOME/api/bin/pip
  # Python's bytecode is what the first run leaves.
  "$pip" freeze >/dev/null
  measure packages freeze venvwrap "$((runs * 4))" "$venvwrap freeze api"
  measure packages freeze pip "$runs" "$pip freeze"
  measure packages check venvwrap "$((runs * 4))" "$venvwrap check api"
  measure packages check pip "$runs" "$pip check"
  if [[ -n $uv ]]; then
    measure packages freeze uv "$runs" "$uv pip freeze -p $WORKON_HOME/api/bin/python"
    measure packages check uv "$runs" "$uv pip check -p $WORKON_HOME/api/bin/python"
  fi
  measure packages 'diff of two' venvwrap "$((runs * 4))" "$venvwrap diff api prod"
  "$venvwrap" snapshot api
  measure packages snapshot venvwrap "$((runs * 4))" "$venvwrap snapshot api"
  bench_upgrade
}

# The rebuilding of an environment with some packages in uv's cache, and what uv alone takes for the same.
bench_upgrade() {
  [[ -n $uv ]] || return 0
  local wheels=$WORKON_HOME/../wheels number list=$WORKON_HOME/../list.txt
  make_wheels "$wheels" >"$list"
  export PIP_NO_INDEX=1 PIP_FIND_LINKS=$wheels UV_NO_INDEX=1 UV_FIND_LINKS=$wheels
  "$venvwrap" create -q -p "$python" -r "$list" big
  local alone="$uv venv -q --clear -p $python $WORKON_HOME/alone && $uv pip sync -q -p $WORKON_HOME/alone/bin/python $list"
  measure packages 'upgrade of 49' venvwrap "$runs" "env PATH=${uv%/*}:$PATH $venvwrap upgrade big -p $python"
  measure packages 'upgrade of 49' uv "$runs" "sh -c '$alone'"
  unset PIP_NO_INDEX PIP_FIND_LINKS UV_NO_INDEX UV_FIND_LINKS
}

# SITE: metadata as installers leave it, with a description as long as that of most packages.
make_packages() {
  local number info
  for number in {1..44}; do
    info=$1/package_$number-1.$number.dist-info
    mkdir "$info"
    {
      printf 'Metadata-Version: 2.1\nName: package-%s\nVersion: 1.%s\nRequires-Python: >=3.8\n' "$number" "$number"
      printf 'Requires-Dist: package-%s>=1.0; python_version >= "3.8"\n' {1..12}
      printf '\n%.0s' {1..2}
      printf 'A line of the description of a package, which nothing reads.\n%.0s' {1..120}
    } >"$info/METADATA"
    printf 'Wheel-Version: 1.0\nTag: py3-none-any\n' >"$info/WHEEL"
    : >"$info/RECORD"
  done
}
