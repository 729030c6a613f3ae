#!/usr/bin/env bash
# Makes DIR/clickhouse: clickhouse-server and clickhouse-client of Debian 12 with their libraries and the loader of these,
# for a machine whose own release has no ClickHouse.
set -euo pipefail
place=${1:?usage: clickhouse.sh DIR}/clickhouse
[[ -e $place || -x /usr/sbin/clickhouse-server ]] && exit 0

build=$(mktemp -d "$place.XXXXXX")
trap 'rm -rf "$build"' EXIT
echo "Fetching ClickHouse of Debian 12"
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
sources=$(apt-get indextargets --format '$(ORIGIN) deb $(REPO_URI) $(RELEASE) main' 'Created-By: Packages' 'Component: main' |
          sed -n 's/^Debian //p' | sort -u | sed "s/ $release/ bookworm/")
# The packages are unpacked, not set up: none of them is run.
mmdebstrap --quiet --mode=chrootless --variant=extract --aptopt='Acquire::Languages "none"' \
  --include=clickhouse-server,clickhouse-client bookworm "$build/debian" ${sources:+-} <<<"$sources"
mkdir "$build/lib"
cp -a "$build"/debian/{lib,usr/lib}/*-linux-gnu*/*.so* "$build"/debian/usr/{sbin/clickhouse-server,bin/clickhouse-client} "$build/lib"
cat >"$build/clickhouse-server" <<'EOT'
#!/bin/sh
here=$(dirname "$0")
exec "$here"/lib/ld-linux-* --library-path "$here/lib" "$here/lib/$(basename "$0")" "$@"
EOT
chmod 755 "$build" "$build/clickhouse-server"
ln -s clickhouse-server "$build/clickhouse-client"
rm -rf "$build/debian"
mv -T "$build" "$place"
trap - EXIT
