#!/usr/bin/env bash
# Installs, builds, starts a small fleet of real databases with the classic faults, checks it, and leaves the agent
# running. Ctrl-C stops everything that this started. With --once: stops after the check, with the check's exit code.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
once=false
case ${1-} in
  '') ;;
  --once) once=true ;;
  *) echo "usage: $0 [--once]" >&2; exit 3 ;;
esac
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[[ -t 1 ]] || say() { printf '\n%s\n' "$*"; }

"$root/tests/install.sh" build servers
say "Building"
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
# A build that is there already keeps its settings: it may have the tests in it.
[[ -e $root/build/release/CMakeCache.txt ]] ||
  (cd "$root" && cmake --preset release -DTLSWARDEN_TESTS=OFF >/dev/null)
cmake --build "$root/build/release" --target tlswarden -j "${TLSWARDEN_JOBS:-2}"
tlswarden=$root/build/release/agent/tlswarden

say "Starting the demonstration fleet"
work=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-quickstart.XXXXXX")
chmod 755 "$work"
fleet= agent=
cleanup() {
  trap - EXIT INT TERM
  for process in $agent $fleet; do kill "$process" 2>/dev/null || true; done
  for process in $agent $fleet; do wait "$process" 2>/dev/null || true; done
  rm -rf "$work" "$here/pki"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkfifo "$work/ready"
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$here/fleet.py" "$work/fleet" "$here/pki" >"$work/ready" &
fleet=$!
while read -r line; do
  [[ $line == ready ]] && break
  echo "  $line"
done <"$work/ready"
[[ ${line-} == ready ]] || { echo "the fleet did not start" >&2; exit 3; }

say "tlswarden check -f manifests/quickstart"
code=0
"$tlswarden" check -f "$here" || code=$?
if $once; then exit "$code"; fi

say "tlswarden agent --manifests manifests/quickstart"
"$tlswarden" agent --manifests "$here" --state "$work/state.db" --listen "${TLSWARDEN_LISTEN:-127.0.0.1:9464}" &
agent=$!
wait "$agent"
