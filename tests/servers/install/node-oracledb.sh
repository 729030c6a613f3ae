#!/usr/bin/env bash
# node-oracledb, whose thin mode is plain JavaScript: node-oracledb.sh DIR makes DIR/node-oracledb/node_modules/oracledb.
set -euo pipefail
version=6.8.0
place=${1:?usage: node-oracledb.sh DIR}/node-oracledb
[[ ! -e $place ]] || exit 0

making=$(mktemp -d "$1/.node-oracledb.XXXXXX")
trap 'rm -rf "$making"' EXIT
# Its install script only looks for binaries of the thick mode, which is not used.
npm install --silent --ignore-scripts --no-audit --no-fund --no-save --prefix "$making" "oracledb@$version"
rm -rf "$making"/node_modules/oracledb/build
chmod 755 "$making"
mv "$making" "$place"
