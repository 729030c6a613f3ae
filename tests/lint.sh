#!/usr/bin/env bash
# clang-format on every source, clang-tidy or its analyzer on the program's own.
# usage: lint.sh format|tidy|analyze BUILD_DIRECTORY
# A source that passed is not examined again until it, what it includes, or the rules change.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:?format, tidy or analyze}
build=${2:?build directory}

sources() { git ls-files --cached --others --exclude-standard -- "$@" | while read -r f; do [[ -f $f ]] && echo "$f"; done; }

if [[ $what == format ]]; then
  sources '*.cpp' '*.hpp' | xargs clang-format-19 --dry-run -Werror
  exit
fi

examine() {
  local build=$1 rules=$2 source=$3 key stamp command
  command=$(/usr/bin/python3 - "$build" "$PWD/$source" <<'P'
import json, shlex, sys
for entry in json.load(open(sys.argv[1] + "/compile_commands.json")):
    if entry["file"] == sys.argv[2]:
        words = shlex.split(entry["command"])
        words = words[1:] if words[0].endswith("ccache") else words
        cut = words.index("-o")
        print(shlex.join([w for w in words[:cut] + words[cut + 2:] if w != "-c"] + ["-E", "-P"]))
        break
P
  )
  [[ -n $command ]] || { echo "$source is not part of the build in $build" >&2; return 1; }
  key=$({ echo "$rules"; (cd "$build" && eval "$command"); } | sha256sum | cut -d' ' -f1)
  stamp=$stamps/$key
  [[ -e $stamp ]] && return 0
  # The build is GCC's: clang does not know all of its options, and finds fault with GCC's and libbson's own headers.
  clang-tidy-19 --quiet ${checks_text:+"$checks_text"} -p "$build" --extra-arg=-Wno-unknown-warning-option \
    --extra-arg=-Wno-deprecated-declarations --extra-arg=-Wno-align-mismatch "$source" 2>/dev/null || return 1
  touch "$stamp"
}
export -f examine
stamps=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/tlswarden-lint
mkdir -p "$stamps"
export stamps
checks=()
# Two of the analyzer's checks take the frames of coroutines for leaks and null pointers.
[[ $what == analyze ]] && checks=("--checks=-*,clang-analyzer-*,-clang-analyzer-core.CallAndMessage,-clang-analyzer-core.NullDereference,-clang-analyzer-optin.performance.Padding")
export checks_text=${checks[*]-}
rules=$(clang-tidy-19 --version; cat .clang-tidy; echo "$checks_text")
export rules
sources 'agent/**.cpp' 'agent/*.cpp' 'drivers/**.cpp' 'drivers/*.cpp' | sort -u |
  xargs -P "${TLSWARDEN_JOBS:-2}" -I{} bash -c 'examine "$0" "$rules" "$1"' "$build" {}
