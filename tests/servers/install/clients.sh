#!/usr/bin/env bash
# The drivers that test_explain_client.py runs and Debian does not package: JDBC drivers from Maven Central, Node.js ones
# from npm. Makes DIR/clients with jars/ and node_modules/, anew when this script has changed since.
set -euo pipefail

target=$1/clients
cmp -s "$0" "$target/made-by" && exit 0
build=$(mktemp -d "$1/clients.XXXXXX")
trap 'rm -rf "$build"' EXIT

jar() {
  local place=$1 name=$2 version=$3
  curl -fsSL --retry 3 -o "$build/jars/$name.jar" \
    "https://repo1.maven.org/maven2/$place/$name/$version/$name-$version.jar"
}
mkdir "$build/jars"
jar org/postgresql postgresql 42.7.4
jar com/mysql mysql-connector-j 9.1.0
jar org/mariadb/jdbc mariadb-java-client 3.5.1
jar com/microsoft/sqlserver mssql-jdbc 12.8.1.jre11
jar com/oracle/database/jdbc ojdbc11 23.6.0.24.10
jar org/slf4j slf4j-api 2.0.16

cat >"$build/package.json" <<'JSON'
{"private": true, "dependencies": {"pg": "8.13.1", "mysql2": "3.11.5", "ioredis": "5.4.1"}}
JSON
(cd "$build" && npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts)

chmod 755 "$build"
cp "$0" "$build/made-by"
rm -rf "$target"
mv "$build" "$target"
