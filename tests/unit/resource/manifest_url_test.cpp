#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resource/url.hpp"
#include "tests/unit/resource/manifest_fixture.hpp"

namespace tlswarden::resource {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST(ManifestFromUrl, reads_every_part) {
  const Manifest manifest = manifest_from_url(
      "postgresql://app%40corp@db.internal:6432/orders%2F1?mode=verify-full&serverName=db.example.com&ca=/"
      "etc/ca.pem"
      "&cert=/etc/c.pem&key=/etc/"
      "k.pem&minVersion=TLSv1.3&negotiation=direct&expectedServerVersion=%3E%3D15&timeout=5s");
  EXPECT_EQ(text_of(manifest), "");
  ASSERT_THAT(manifest.endpoints, SizeIs(1));
  const EndpointSpec& spec = manifest.endpoints[0].endpoint.spec;
  EXPECT_EQ(manifest.endpoints[0].endpoint.key(), "default/db.internal-6432");
  EXPECT_EQ(spec.engine, Engine::kPostgresql);
  EXPECT_EQ(spec.host, "db.internal");
  EXPECT_EQ(spec.port, 6432);
  const AuthSpec auth = spec.auth.value_or(AuthSpec{});
  EXPECT_EQ(auth.username.value_or(Reference{}).text, "app@corp");
  EXPECT_EQ(auth.database, "orders/1");
  EXPECT_EQ(spec.tls.mode, TlsMode::kVerifyFull);
  EXPECT_EQ(spec.tls.server_name, "db.example.com");
  EXPECT_EQ(spec.tls.ca.value_or(Reference{}).text, "/etc/ca.pem");
  EXPECT_EQ(spec.tls.client_certificate.value_or(Reference{}).kind, Reference::Kind::kFile);
  EXPECT_EQ(spec.tls.client_key.value_or(Reference{}).text, "/etc/k.pem");
  EXPECT_EQ(spec.tls.min_version, TlsVersion::kTls13);
  EXPECT_EQ(spec.tls.negotiation, NegotiationStyle::kDirect);
  EXPECT_EQ(spec.expected_server_version, ">=15");
  EXPECT_EQ(spec.timeout, base::Seconds(5));
}

TEST(ManifestFromUrl, applies_the_defaults_of_the_engine) {
  const Manifest manifest = manifest_from_url("redis://[2001:db8::1]");
  ASSERT_THAT(manifest.endpoints, SizeIs(1)) << text_of(manifest);
  const DatabaseEndpoint& endpoint = manifest.endpoints[0].endpoint;
  EXPECT_EQ(endpoint.spec.host, "2001:db8::1");
  EXPECT_EQ(endpoint.spec.port, 6379);
  EXPECT_FALSE(endpoint.spec.auth.has_value());
  EXPECT_EQ(endpoint.metadata.name, "2001-db8-1");
}

struct Refusal {
  const char* url;
  const char* text;
};

class RefusedUrl : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedUrl, is_answered_with_the_right_spelling) {
  const Manifest manifest = manifest_from_url(GetParam().url);
  EXPECT_EQ(text_of(manifest), std::string(GetParam().text) + "\n");
  EXPECT_TRUE(manifest.endpoints.empty());
}

INSTANTIATE_TEST_SUITE_P(
    EveryKind, RefusedUrl,
    testing::Values(
        Refusal{"postgres://db", "postgres://db: engine: 'postgres' is written postgresql://HOST here"},
        Refusal{"pg://db", "pg://db: engine: 'pg' is written postgresql://HOST here"},
        Refusal{"maria://db", "maria://db: engine: 'maria' is written mariadb://HOST here"},
        Refusal{"rediss://db:6380",
                "rediss://db:6380: engine: 'rediss' is written redis://HOST?mode=verify-full here"},
        Refusal{"mysqls://db", "mysqls://db: engine: 'mysqls' is written mysql://HOST?mode=verify-full here"},
        Refusal{"mongodb+srv://db",
                "mongodb+srv://db: engine: a DNS seed list needs a manifest; declare engine: mongodb, "
                "the host and srv: true"},
        Refusal{"jdbc:postgresql://db/x",
                "jdbc:postgresql://db: engine: this is a JDBC URL; leave out jdbc: and what "
                "only JDBC knows"},
        Refusal{"sqlite:///tmp/x.db",
                "sqlite://: engine: sqlite has no network protocol, so it has no TLS to watch; "
                "accepted: postgresql, redshift, cockroachdb, mysql, mariadb, sqlserver, mongodb, "
                "redis, clickhouse, cassandra, oracle or etcd"},
        Refusal{"db.internal:5432",
                "URL: this is no URL; write ENGINE://[USER@]HOST[:PORT][/DATABASE][?mode=…]"},
        Refusal{"mysql://app@",
                "mysql://: the host is missing; write ENGINE://[USER@]HOST[:PORT][/DATABASE][?mode=…]"},
        Refusal{"mysql://db:0",
                "mysql://db:0: port: 0 is out of range; accepted: a whole number from 1 to 65535"},
        Refusal{"mysql://db:x",
                "mysql://db:x: port: 'x' is no port; accepted: a whole number from 1 to 65535"},
        Refusal{"mysql://db:", "mysql://db:: port: '' is no port; accepted: a whole number from 1 to 65535"},
        Refusal{"mysql://::1",
                "mysql://::1: an IPv6 address stands in brackets in a URL: [2001:db8::1]:5432"},
        Refusal{"mysql://[::1", "mysql://[::1: the bracket of the IPv6 address is not closed"},
        Refusal{"mysql://[::1]x", "mysql://[::1]x: only a port may follow the brackets"},
        Refusal{"mysql://d%zzb",
                "mysql://d%zzb: a % is not followed by two hexadecimal digits; write %25 for a %"},
        Refusal{"mysql://db/%00", "mysql://db: there is a control character in the URL"},
        Refusal{"mysql://db#x", "mysql://db: a # has no meaning here; write %23 for a #"},
        Refusal{"mysql://a,b", "mysql://a,b: host: this names several hosts; declare one endpoint for each"},
        Refusal{"mysql://db?mode=Preferred",
                "mysql://db: mode: 'Preferred' is written prefer here; accepted: disable, "
                "prefer, require, verify-ca or verify-full"},
        Refusal{"mysql://db?servername=x",
                "mysql://db: servername: there is no such setting; did you mean serverName?"},
        Refusal{"mysql://db?ssl-ca=x", "mysql://db: ssl-ca: there is no such setting; did you mean ca?"},
        Refusal{"mysql://db?charset=utf8",
                "mysql://db: charset: there is no such setting; accepted: mode, serverName, ca, "
                "cert, key, minVersion, negotiation, expectedServerVersion, timeout"},
        Refusal{"mysql://db?mode=require&mode=require",
                "mysql://db: mode: the setting is given twice; keep one of them"},
        Refusal{"mysql://db?mode", "mysql://db: 'mode' has no value; write KEY=VALUE"},
        Refusal{"mysql://db?key=c.pem",
                "mysql://db: cert: the field is missing, and clientKey is of no use "
                "without it; where one file holds both, name it in both"}));

TEST(ManifestFromUrl, reports_every_violation_at_once) {
  const Manifest manifest = manifest_from_url("mysql://db:70000?mode=full&timeout=1h&colour=blue");
  EXPECT_THAT(manifest.diagnostics, SizeIs(4)) << text_of(manifest);
}

TEST(ManifestFromUrl, refuses_a_password_without_repeating_it) {
  for (const char* url :
       {"postgresql://app:hunter2@db/orders", "redis://:hunter2@db", "mysql://db?password=hunter2",
        "mysql://app:hunter2@db:x?mode=nope", "postgres://app:hunter2@db", "mysql://a:hunter2@[::1"}) {
    const Manifest manifest = manifest_from_url(url);
    EXPECT_TRUE(manifest.has_errors()) << url;
    EXPECT_TRUE(manifest.endpoints.empty()) << url;
    EXPECT_THAT(text_of(manifest), Not(HasSubstr("hunter2"))) << url;
  }
  EXPECT_THAT(text_of(manifest_from_url("redis://:hunter2@db")), HasSubstr("auth.password from env"));
}

TEST(ShownUrl, has_neither_user_nor_query) {
  EXPECT_EQ(shown_url("mysql://a:b@db:1/x?y=z"), "mysql://db:1");
  EXPECT_EQ(shown_url("a:b@mysql://db"), "URL");
  EXPECT_EQ(shown_url("nothing"), "URL");
}

}  // namespace
}  // namespace tlswarden::resource
