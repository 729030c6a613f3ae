#!/usr/bin/env bash
# Installs what is needed, builds, and runs every test. Needs a Debian machine (12 or 13) and root or sudo for packages.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/install.sh build servers tests
tests/servers/install.sh
jobs=${TLSWARDEN_JOBS:-2}
# What was compiled once is not compiled again, wherever the clone stands.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

cmake --preset asan >/dev/null
cmake --build --preset asan -j "$jobs" --target unit_tests
ctest --preset asan -j "$jobs" --no-tests=error

cmake --preset tsan >/dev/null
cmake --build --preset tsan -j "$jobs" --target threaded_unit_tests
ctest --preset tsan -L threads -j "$jobs" --no-tests=error

cmake --preset release >/dev/null
cmake --build --preset release -j "$jobs"
# Tests with servers wait more than they compute.
ctest --preset release -j $((jobs * 2)) --no-tests=error
