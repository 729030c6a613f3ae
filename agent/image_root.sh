#!/usr/bin/env bash
# image_root.sh PROGRAM DIR: lays out in DIR what PROGRAM needs on a machine of its own, from the Debian it was built on.
# Scanners find in it which package each file is of (var/lib/dpkg/status.d, as distroless images have it).
set -euo pipefail
program=$1 root=$2

# Debian's loader finds its libraries without a cache, in the places that these links lead to.
mkdir -p "$root"/usr/{bin,lib,lib64} "$root"/{etc,proc,sys,dev} "$root/var/lib/dpkg/status.d"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
install -d -m 1777 "$root/tmp"
install -s -m 755 "$program" "$root/usr/bin/tlswarden"
install -D -m 644 LICENSE "$root/usr/share/doc/tlswarden/LICENSE"

# libmariadb opens by name what an account's way to log in asks for, and OpenSSL what an old key is encrypted with.
plugins=(/usr/lib/*/libmariadb3/plugin/{caching_sha2_password,client_ed25519,parsec,sha256_password}.so
         /usr/lib/*/ossl-modules/legacy.so)
mapfile -t libraries < <(ldd "$program" "${plugins[@]}" |
                         awk '$2 == "=>" {print $3} $1 ~ /^\// && $2 ~ /^\(/ {print $1}' | sort -u)
others=(/etc/ssl/certs/ca-certificates.crt /etc/ssl/openssl.cnf /usr/lib/ssl/cert.pem /usr/lib/ssl/openssl.cnf
        /usr/share/zoneinfo /etc/debian_version /etc/os-release /usr/lib/os-release)

# take FILE: copies it to its place, and notes the package that owns it
packages=()
take() {
  local place real owner
  place=$(realpath -s "$1")
  [[ $place == /lib* ]] && place=/usr$place
  real=$(realpath "$place")
  mkdir -p "$root${place%/*}"
  # A library goes under the name that it is asked for; other links stay links.
  if [[ $place == *.so* ]]; then cp "$real" "$root$place"; else cp -a "$place" "$root$place"; fi
  for path in "$real" "${real#/usr}"; do
    if owner=$(dpkg-query -S "$path" 2>/dev/null); then packages+=("${owner%%: *}"); break; fi
  done
}
for file in "${libraries[@]}" "${plugins[@]}" "${others[@]}"; do take "$file"; done
packages+=(ca-certificates)  # owns its bundle without saying so

for package in $(printf '%s\n' "${packages[@]%%:*}" | sort -u); do
  dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$package"
  install -D -m 644 "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
done

echo 'tlswarden:x:65532:65532:tlswarden:/:/usr/sbin/nologin' >"$root/etc/passwd"
echo 'tlswarden:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
