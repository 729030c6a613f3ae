#!/usr/bin/env bash
# Debian 13 with what the agent is compiled with, bootstrapped from where this machine's own packages come from: makes
# DIR/debian-13, an image store of buildah's with localhost/debian:trixie in it, anew when the list of packages has changed.
set -euo pipefail

target=$1/debian-13
packages=$(dirname "$0")/../../install.sh
cmp -s "$packages" "$target/made-by" && exit 0
work=$(mktemp -d "$1/.debian.XXXXXX")
tools=(buildah --root "$work/store" --runroot "$work/run" --storage-driver overlay)
trap '"${tools[@]}" umount --all >/dev/null 2>&1; rm -rf "$work"' EXIT

echo "Bootstrapping Debian 13"
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
sources=$(apt-get indextargets --format '$(ORIGIN) deb $(REPO_URI) $(RELEASE) main' 'Created-By: Packages' 'Component: main' |
          sed -n 's/^Debian //p' | sort -u | sed "s/ $release/ trixie/")
container=$("${tools[@]}" from scratch)
root=$("${tools[@]}" mount "$container")
cp "$packages" "$work/install.sh"
mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Languages "none"' \
  --customize-hook="copy-in $work/install.sh /tmp" --customize-hook='chroot "$1" /tmp/install.sh build runtime >/dev/null' \
  --customize-hook='rm "$1/tmp/install.sh"' trixie "$root" ${sources:+-} <<<"$sources"
"${tools[@]}" commit --quiet --rm "$container" localhost/debian:trixie >/dev/null
cp "$packages" "$work/store/made-by"
rm -rf "$target"
mv "$work/store" "$target"
