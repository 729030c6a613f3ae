#!/usr/bin/env bash
# Installs the Debian packages of the named groups: build, runtime, servers, tests, fuzz. Does nothing, and needs no network,
# when all of them are there. Database servers are installed without being started.
set -euo pipefail

build=(ccache cmake g++ ninja-build pkg-config freetds-dev libcli11-dev libcpp-httplib-dev libexpected-dev libhiredis-dev
       libhowardhinnant-date-dev libidn2-dev libmariadb-dev libmongoc-dev libpq-dev libspdlog-dev libsqlite3-dev
       libsqlitecpp-dev libssh-dev libssl-dev libvalijson-dev libyaml-cpp-dev nlohmann-json3-dev prometheus-cpp-dev zlib1g-dev)
runtime=(ca-certificates tzdata)
servers=(ca-certificates etcd-server mariadb-server openssh-server openssl postgresql python3
         python3-cryptography python3-openssl redis-server ssl-cert)
tests=(clang-format-19 clang-tidy-19 curl etcd-client fish freetds-bin git iproute2 libbenchmark-dev libgmock-dev
       libgtest-dev mariadb-client postgresql-client prometheus prometheus-alertmanager python3-cassandra python3-dnslib
       python3-icalendar python3-oracledb python3-psycopg2 python3-pymongo python3-pymysql python3-pytest python3-redis
       python3-yaml redis-tools util-linux zsh)
# What test_explain_client.py hands its texts to.
tests+=(odbc-mariadb odbc-postgresql php-cli php-mysql php-pgsql python3-asyncpg python3-django python3-pymssql
        python3-sqlalchemy ruby ruby-mysql2 ruby-pg unixodbc)
# What the preset fuzz makes fuzzers with.
fuzz=(clang-19 libclang-rt-19-dev)
# What tests/image makes the agent's image with.
tests+=(buildah mmdebstrap)
# Debian 12 carries Boost twice, and the default one is too old for the event loop. Later ones carry apart what OpenSSL
# reads old key stores with, and no ClickHouse: there tests/servers/install/clickhouse.sh fetches that of Debian 12.
if [[ $(. /etc/os-release && echo "${VERSION_ID:-}") == 12 ]]; then
  build+=(libboost1.81-dev)
  servers+=(clickhouse-server)
  tests+=(clickhouse-client)
else
  build+=(libboost-dev)
  runtime+=(openssl-provider-legacy)
  tests+=(openssl-provider-legacy)
fi
# A Node.js or a JDK that did not come from Debian does as well, and may shut Debian's out.
command -v npm >/dev/null || tests+=(nodejs npm)
command -v javac >/dev/null || tests+=(default-jdk-headless)
command -v mvn >/dev/null || tests+=(maven)

wanted=()
for group in "$@"; do
  declare -n packages=$group
  wanted+=("${packages[@]}")
done
missing=()
for package in "${wanted[@]}"; do
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "install: ${missing[*]} must be installed; run this as root or install sudo" >&2; exit 3; }
  as_root=(sudo)
fi
echo "Installing ${missing[*]}"
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
