#!/usr/bin/env bash
# Makes DIR/cassandra: Apache Cassandra as Maven Central has it, the jars of the server and of all that it needs. It runs
# on Java 17; servers/cassandra.py says with which options.
set -euo pipefail
version=5.0.5
place=${1:?usage: cassandra.sh DIR}/cassandra
[[ -e $place ]] && exit 0

build=$(mktemp -d "$place.XXXXXX")
trap 'rm -rf "$build"' EXIT
cat >"$build/pom.xml" <<EOF
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.tlswarden</groupId>
  <artifactId>cassandra-counterpart</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.cassandra</groupId>
      <artifactId>cassandra-all</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
EOF
echo "Fetching Apache Cassandra $version"
mvn --batch-mode --quiet -Dstyle.color=never --file "$build/pom.xml" -Dmaven.repo.local="$build/repository" \
  org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies -DincludeScope=runtime \
  -DoutputDirectory="$build/lib"
rm -rf "$build/repository" "$build/pom.xml"
chmod 755 "$build"
mv -T "$build" "$place"
trap - EXIT
