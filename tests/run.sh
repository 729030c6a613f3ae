#!/usr/bin/env bash
# Installs what is needed, builds, and runs every test. Needs a Debian machine (12 or 13) and root or sudo for packages.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/install.sh build servers tests
tests/servers/install.sh
jobs=${TLSWARDEN_JOBS:-2}
# What was compiled once is not compiled again, wherever the clone stands.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

for preset in asan tsan; do
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" -j "$jobs" --target unit_tests
  ctest --preset "$preset" -j "$jobs" --no-tests=error
done

cmake --preset release >/dev/null
cmake --build --preset release -j "$jobs"
ctest --preset release -j "$jobs" --no-tests=error
