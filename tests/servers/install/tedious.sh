#!/usr/bin/env bash
# Microsoft's SQL Server client for Node.js, as the second, independent client of the SQL Server tests:
# DIR/tedious/node_modules. The date holds its dependencies still as the version does the client itself.
set -euo pipefail
version=19.2.2 dependencies_as_of=2026-11-15
place=$1/tedious
[[ -e $place/node_modules/tedious/package.json ]] && exit 0

work=$(mktemp -d "$1/tedious.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
echo '{"name": "tlswarden-counterpart", "private": true}' >package.json
npm install --loglevel=error --no-audit --no-fund --ignore-scripts --omit=optional --before="$dependencies_as_of" \
  --cache "$work/cache" "tedious@$version" >&2
rm -rf cache "$place"
mv "$work" "$place"
