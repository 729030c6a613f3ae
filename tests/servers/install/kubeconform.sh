#!/usr/bin/env bash
# kubeconform, and the definitions of the kinds of the Prometheus operator that our chart uses: makes DIR/kubeconform, from the Go
# modules that kubeconform/go.mod and go.sum pin. Anew when this script or go.mod has changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
place=${1:?usage: kubeconform.sh DIR}/kubeconform
cat "$here/kubeconform.sh" "$here/kubeconform/go.mod" | cmp -s - "$place/made-by" && exit 0

work=$(mktemp -d "$1/.kubeconform.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/made"

recent_enough() {
  local version
  version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
  [[ $(printf 'go1.25.0\n%s\n' "$version" | sort -V | head -n 1) == go1.25.0 ]]
}

fetch_go() {
  local module=golang.org/toolchain@v0.0.1-go1.25.9.linux-amd64
  [[ $(uname -m) == x86_64 ]] || { echo "kubeconform: install Go 1.25 or newer" >&2; exit 3; }
  curl -fsSL --retry 3 -o "$work/go.zip" "https://proxy.golang.org/${module/@//@v/}.zip"
  echo "cc7f941933e0f371df37bfecd977b7e3aa474b2f3c2719806d9fe5f291a1c647  $work/go.zip" | sha256sum --check --quiet
  python3 -m zipfile -e "$work/go.zip" "$work/toolchain"
  rm "$work/go.zip"
  chmod -R u+x "$work/toolchain/$module"/{bin,pkg/tool}
  PATH=$work/toolchain/$module/bin:$PATH
}

echo "Building kubeconform"
recent_enough || fetch_go
# A workspace of our own, which takes nothing from the user's and leaves nothing behind.
export GOTOOLCHAIN=local GOPROXY=https://proxy.golang.org GOENV=off GOWORK=off CGO_ENABLED=0
export GOPATH=$work/path GOCACHE=$work/cache GOTMPDIR=$work GOFLAGS='-mod=readonly -modcacherw -buildvcs=false'
cd "$here/kubeconform"
go build -p 2 -trimpath -gcflags=all=-dwarf=false -ldflags='-s -w' -o "$work/made/kubeconform" \
  github.com/yannh/kubeconform/cmd/kubeconform
go mod download github.com/prometheus-operator/prometheus-operator
operator=$(go list -m -f '{{.Dir}}' github.com/prometheus-operator/prometheus-operator)
cp "$operator"/example/prometheus-operator-crd/monitoring.coreos.com_{podmonitors,prometheusrules}.yaml "$work/made/"

chmod 755 "$work/made"
cat "$here/kubeconform.sh" "$here/kubeconform/go.mod" >"$work/made/made-by"
rm -rf "$place"
mv -T "$work/made" "$place"
