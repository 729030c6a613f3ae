#!/usr/bin/env bash
# FerretDB 1.24.0 with its SQLite backend, built from its Go module: DIR/ferretdb is one program that needs nothing else.
# Debian 12's Go is too old for it; where PATH has no newer one, a toolchain comes from the same place for the build.
set -euo pipefail
here=${1:?usage: ferretdb.sh DIR}
[[ -x $here/ferretdb ]] && exit 0

proxy=https://proxy.golang.org
work=$(mktemp -d "$here/.ferretdb.XXXXXX")
trap 'rm -rf "$work"' EXIT

# fetch PATH SHA256 DIRECTORY: a module's archive, unpacked
fetch() {
  curl -fsSL --retry 3 -o "$work/archive.zip" "$proxy/$1"
  echo "$2  $work/archive.zip" | sha256sum --check --quiet
  python3 -m zipfile -e "$work/archive.zip" "$3"
  rm "$work/archive.zip"
}

recent_enough() {
  local version
  version=$(go env GOVERSION 2>/dev/null) || return 1
  [[ $(printf 'go1.22.6\n%s\n' "$version" | sort -V | head -n 1) == go1.22.6 ]]
}

echo "Building FerretDB"
if ! recent_enough; then
  [[ $(uname -m) == x86_64 ]] || { echo "ferretdb: install Go 1.22.6 or newer" >&2; exit 3; }
  fetch golang.org/toolchain/@v/v0.0.1-go1.22.12.linux-amd64.zip \
        d426bcf50497ae8665e741482aba04fc12782e8860857229d4005dcc480fd89b "$work/toolchain"
  go_root=$work/toolchain/golang.org/toolchain@v0.0.1-go1.22.12.linux-amd64
  chmod -R u+x "$go_root/bin" "$go_root/pkg/tool"
  PATH=$go_root/bin:$PATH
fi
fetch 'github.com/!ferret!d!b/!ferret!d!b/@v/v1.24.0.zip' \
      ef96a86de695289e1a40f9b2364b3a6321863789ec9b7a253b63dfbef0846e91 "$work/source"
cd "$work/source/github.com/FerretDB/FerretDB@v1.24.0"
printf 'v1.24.0\n' >build/version/version.txt

# A workspace of our own, which takes nothing from the user's and leaves nothing behind; go.sum pins the dependencies.
export GOTOOLCHAIN=local GOPROXY=$proxy GOFLAGS='-mod=readonly -modcacherw -buildvcs=false' CGO_ENABLED=0
export GOPATH=$work/path GOCACHE=$work/cache GOENV=off
go build -trimpath -ldflags='-s -w' -tags ferretdb_no_postgresql -o "$work/ferretdb" ./cmd/ferretdb
mv "$work/ferretdb" "$here/ferretdb"
