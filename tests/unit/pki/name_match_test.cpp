#include "pki/name_match.hpp"

#include <gmock/gmock.h>

#include <random>

#include "base/time_text.hpp"
#include "pki/openssl_support.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::pki {
namespace {

using testing::HasSubstr;

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();

CertificatePtr certificate(const std::string& common_name, const std::vector<std::string>& dns_names,
                           const std::vector<std::string>& ip_addresses = {}) {
  return test_support::mint({.common_name = common_name,
                             .dns_names = dns_names,
                             .ip_addresses = ip_addresses,
                             .not_before = kNow,
                             .not_after = kNow + std::chrono::days(9)})
      .certificate;
}

/// Whether each client accepts the name: "yes", "cn" (by common name alone) or "no".
struct NameCase {
  const char* behaviour;
  std::string common_name;
  std::vector<std::string> dns_names, ip_addresses;
  std::string host;
  const char* libpq;
  const char* openssl;
  const char* strict;
};

std::string answer(const NameMatch& match) {
  return !match.matches ? "no" : match.by_common_name ? "cn" : "yes";
}

class Names : public testing::TestWithParam<NameCase> {};

TEST_P(Names, AreComparedAsTheClientDoes) {
  const NameCase& tested = GetParam();
  const CertificatePtr leaf = certificate(tested.common_name, tested.dns_names, tested.ip_addresses);
  EXPECT_EQ(answer(match_name(*leaf, tested.host, NamePolicy::kLibpq)), tested.libpq);
  EXPECT_EQ(answer(match_name(*leaf, tested.host, NamePolicy::kOpenssl)), tested.openssl);
  EXPECT_EQ(answer(match_name(*leaf, tested.host, NamePolicy::kStrict)), tested.strict);
}

const std::string kNul("db.example\0.evil.example", 24);

INSTANTIATE_TEST_SUITE_P(
    Table, Names,
    testing::Values(
        NameCase{"SameName", "x", {"db.example"}, {}, "db.example", "yes", "yes", "yes"},
        NameCase{"CaseIsIgnored", "x", {"DB.Example"}, {}, "db.eXAMPLE", "yes", "yes", "yes"},
        NameCase{"OtherName", "x", {"db.example"}, {}, "db2.example", "no", "no", "no"},
        NameCase{"SecondName", "x", {"a.example", "db.example"}, {}, "db.example", "yes", "yes", "yes"},
        NameCase{"Wildcard", "x", {"*.db.example"}, {}, "one.db.example", "yes", "yes", "yes"},
        NameCase{"WildcardIsOneLabel", "x", {"*.db.example"}, {}, "a.b.db.example", "no", "no", "no"},
        NameCase{"WildcardIsNotNothing", "x", {"*.db.example"}, {}, "db.example", "no", "no", "no"},
        NameCase{"WildcardOverATopLevel", "x", {"*.example"}, {}, "db.example", "yes", "no", "no"},
        NameCase{"WildcardAlone", "x", {"*"}, {}, "db", "no", "no", "no"},
        NameCase{"PartialWildcard", "x", {"d*.db.example"}, {}, "d1.db.example", "no", "yes", "no"},
        NameCase{"WildcardInside", "x", {"db.*.example"}, {}, "db.eu.example", "no", "no", "no"},
        NameCase{"WildcardNotAnAddress", "x", {"*.0.0.1"}, {}, "127.0.0.1", "yes", "yes", "no"},
        NameCase{"CommonNameAlone", "db.example", {}, {}, "db.example", "cn", "cn", "no"},
        NameCase{"CommonNameWildcard", "*.db.example", {}, {}, "a.db.example", "cn", "cn", "no"},
        NameCase{"CommonNameBesideDns", "db.example", {"other.example"}, {}, "db.example", "no", "no", "no"},
        NameCase{"CommonNameBesideAddress", "db.example", {}, {"10.0.0.1"}, "db.example", "cn", "cn", "no"},
        NameCase{"AddressInCommonName", "10.0.0.1", {}, {}, "10.0.0.1", "cn", "cn", "no"},
        NameCase{"AddressInCommonNameBesideDns", "10.0.0.1", {"a.example"}, {}, "10.0.0.1", "cn", "no", "no"},
        NameCase{
            "AddressInCommonNameBesideAddress", "10.0.0.1", {}, {"10.0.0.2"}, "10.0.0.1", "no", "cn", "no"},
        NameCase{"AddressAsDnsName", "x", {"10.0.0.1"}, {}, "10.0.0.1", "yes", "yes", "no"},
        NameCase{"Address", "x", {}, {"10.0.0.1"}, "10.0.0.1", "yes", "yes", "yes"},
        NameCase{"OtherAddress", "x", {"a.example"}, {"10.0.0.1"}, "10.0.0.2", "no", "no", "no"},
        NameCase{"AddressInShort", "x", {}, {"127.0.0.1"}, "127.1", "yes", "no", "no"},
        NameCase{"Ipv6", "x", {}, {"2001:db8::1"}, "2001:DB8:0:0:0:0:0:1", "yes", "yes", "yes"},
        NameCase{"Ipv6Loopback", "x", {}, {"::1"}, "::1", "yes", "yes", "yes"},
        NameCase{"Ipv6Other", "x", {}, {"::1"}, "::2", "no", "no", "no"},
        NameCase{"Ipv6MappedIsNotIpv4", "x", {}, {"10.0.0.1"}, "::ffff:10.0.0.1", "no", "no", "no"},
        NameCase{"Ipv6WithZone", "x", {}, {"fe80::1"}, "fe80::1%eth0", "no", "no", "yes"},
        NameCase{"NulInDnsName", "x", {kNul}, {}, "db.example", "no", "no", "no"},
        NameCase{
            "NulInDnsNameBesideGoodOne", "x", {kNul, "db.example"}, {}, "db.example", "no", "yes", "yes"},
        NameCase{"GoodOneBeforeNul", "x", {"db.example", kNul}, {}, "db.example", "yes", "yes", "yes"},
        NameCase{"NulInCommonName", kNul, {}, {}, "db.example", "no", "no", "no"},
        NameCase{"NulInHost", "db.example", {"db.example"}, {}, kNul, "no", "no", "no"},
        NameCase{"NoHost", "db.example", {"db.example"}, {}, "", "no", "no", "no"},
        NameCase{"UnicodeHost", "x", {"xn--bcher-kva.example"}, {}, "bücher.example", "yes", "yes", "yes"},
        NameCase{
            "UnicodeUpperCase", "x", {"xn--bcher-kva.example"}, {}, "BÜCHER.example", "yes", "yes", "yes"},
        NameCase{"UnicodeSharpS", "x", {"xn--strae-oqa.example"}, {}, "straße.example", "yes", "yes", "yes"},
        NameCase{"UnicodeBelowWildcard",
                 "x",
                 {"*.xn--bcher-kva.example"},
                 {},
                 "db.bücher.example",
                 "yes",
                 "yes",
                 "yes"},
        NameCase{"TrailingDot", "x", {"db.example"}, {}, "db.example.", "no", "no", "yes"},
        NameCase{"Underscore", "x", {"my_db.example"}, {}, "my_db.example", "yes", "yes", "yes"},
        NameCase{"NoNames", "", {}, {}, "db.example", "no", "no", "no"}),
    [](const auto& tested) { return tested.param.behaviour; });

/// Connector/C's own two calls, on a certificate and a host that nobody thought of.
TEST(Names, AgreeWithOpenSslOnArbitraryNames) {
  std::mt19937 random(20260301);
  const auto pick = [&](const std::vector<std::string>& from) { return from[random() % from.size()]; };
  const std::vector<std::string> labels = {"*", "db", "d*", "a", "xn--bcher-kva", "example", "10",
                                           "0", "1",  "",   "-"};
  const auto make = [&] {
    std::string name = pick(labels);
    for (std::size_t parts = random() % 4; parts > 0; --parts)
      name += "." + pick(labels);
    return name;
  };
  const auto make_plain = [&] {
    std::string name = make();
    std::erase(name, '*');
    return name;
  };
  int matched = 0;
  for (int round = 0; round < 60; ++round) {
    const CertificatePtr leaf = certificate(make() + "x", {make(), make()}, {"10.0.0.1"});
    const X509Ptr handle = to_x509(*leaf);
    for (int i = 0; i < 100; ++i) {
      const std::string host = make_plain();
      if (host.empty()) continue;
      const bool expected = X509_check_host(handle.get(), host.c_str(), 0, 0, nullptr) == 1 ||
                            X509_check_ip_asc(handle.get(), host.c_str(), 0) == 1;
      const bool actual = match_name(*leaf, host, NamePolicy::kOpenssl).matches;
      ASSERT_EQ(actual, expected) << host << " and " << testing::PrintToString(leaf->facts.dns_names);
      matched += expected ? 1 : 0;
      if (match_name(*leaf, host, NamePolicy::kStrict).matches && !is_ip_literal(host)) {
        ASSERT_TRUE(expected || host.ends_with('.')) << "strict is never looser: " << host;
      }
    }
  }
  EXPECT_GT(matched, 10) << "the names are too unlike to prove anything";
}

TEST(NameDetail, ListsTheNamesThatTheCertificateHas) {
  EXPECT_EQ(
      match_name(*certificate("x", {"a.example", "b.example"}, {"10.0.0.1"}), "c", NamePolicy::kLibpq).detail,
      "the certificate is for a.example, b.example and 10.0.0.1");
  EXPECT_EQ(match_name(*certificate("x.example", {}), "c", NamePolicy::kStrict).detail,
            "the certificate has no subjectAltName; its common name is x.example");
  EXPECT_EQ(match_name(*certificate("", {}), "c", NamePolicy::kStrict).detail,
            "the certificate names no host at all");
  EXPECT_EQ(match_name(*certificate("x", {"c"}), "c", NamePolicy::kLibpq).detail, "");
}

TEST(NameDetail, IsBounded) {
  const std::vector<std::string> names(500, "a.example");
  const std::string detail = match_name(*certificate("x", names), "c", NamePolicy::kLibpq).detail;
  EXPECT_LT(detail.size(), 200U);
  EXPECT_THAT(detail, HasSubstr("and 492 more names"));
}

TEST(NameDetail, EscapesWhatTheCertificateSays) {
  const std::string detail = match_name(*certificate("x", {"\x1b[2J"}), "c", NamePolicy::kLibpq).detail;
  EXPECT_EQ(detail.find('\x1b'), std::string::npos) << detail;
}

TEST(NameDetail, SaysWhyLibpqRefusesTheWholeCertificate) {
  EXPECT_THAT(match_name(*certificate("x", {kNul, "c"}), "c", NamePolicy::kLibpq).detail,
              HasSubstr("embedded NUL"));
}

TEST(AsciiName, ConvertsByIdna2008) {
  EXPECT_EQ(to_ascii_name("Bücher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(to_ascii_name("faß.de"), "xn--fa-hia.de");
  EXPECT_EQ(to_ascii_name("DB.Example"), "db.example");
  EXPECT_EQ(to_ascii_name("my_db"), "my_db");
  EXPECT_EQ(to_ascii_name("::1"), "::1");
  EXPECT_EQ(to_ascii_name("\xff\xfe"), "\xff\xfe") << "not convertible";
  EXPECT_EQ(to_ascii_name(""), "");
}

TEST(AsciiName, KnowsIpLiterals) {
  for (const char* address : {"127.0.0.1", "::1", "2001:db8::1", "::ffff:10.0.0.1", "fe80::1%eth0"}) {
    EXPECT_TRUE(is_ip_literal(address)) << address;
  }
  for (const char* name :
       {"", "localhost", "127.1", "256.0.0.1", "1.2.3.4.", "10.0.0.1%eth0", "[::1]", "a::b::c"}) {
    EXPECT_FALSE(is_ip_literal(name)) << name;
  }
  EXPECT_FALSE(is_ip_literal(std::string_view("10.0.0.1\0x", 10)));
}

}  // namespace
}  // namespace tlswarden::pki
