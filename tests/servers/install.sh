#!/usr/bin/env bash
# Fetches the counterparts that are not Debian packages, once: each script in install/ makes one of them below the
# directory that it is given, and does nothing, without a network, when it is there already.
set -euo pipefail
cd "$(dirname "$0")"
export TLSWARDEN_COUNTERPARTS=${TLSWARDEN_COUNTERPARTS:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/tlswarden-counterparts}
mkdir -p "$TLSWARDEN_COUNTERPARTS"
shopt -s nullglob
for script in install/*.sh; do
  "$script" "$TLSWARDEN_COUNTERPARTS"
done
