#include "net/dns_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/dns_message.hpp"

namespace tlswarden::net {
namespace {

namespace dns = test_support::dns;
using testing::ElementsAre;

const base::Bytes kQuestion = dns::question("_mongodb._tcp.db.example.com", dns::kSrv);

TEST(DnsAnswer, HoldsSrvRecordsInTheServersOrder) {
  const auto records =
      srv_records(dns::answer(kQuestion, dns::kNoError,
                              {dns::srv(10, 5, 27017, "B.Example.com"),
                               dns::srv(0, 1, 65535, "a.example.com"), dns::srv(1, 1, 1, "")}));
  ASSERT_TRUE(records);
  EXPECT_THAT(*records, ElementsAre(SrvRecord{10, 5, 27017, "b.example.com"},
                                    SrvRecord{0, 1, 65535, "a.example.com"}, SrvRecord{1, 1, 1, ""}));
}

TEST(DnsAnswer, PassesOverAliasesAndOtherTypes) {
  const auto message = dns::answer(
      kQuestion, dns::kNoError,
      {dns::cname("other.example.com"), dns::srv(0, 0, 1, "a.example.com"), dns::txt({"authSource=x"})});
  EXPECT_EQ(srv_records(message)->size(), 1U);
  EXPECT_THAT(*txt_records(message), ElementsAre("authSource=x"));
}

TEST(DnsAnswer, JoinsTheStringsOfATxtRecord) {
  const auto records = txt_records(
      dns::answer(kQuestion, dns::kNoError, {dns::txt({"authSource=a", "dmin&replicaSet=r"}), dns::txt({})}));
  EXPECT_THAT(*records, ElementsAre("authSource=admin&replicaSet=r", ""));
}

TEST(DnsAnswer, IsNoneWhereItIsBroken) {
  const auto good = dns::answer(kQuestion, dns::kNoError, {dns::srv(0, 0, 27017, "a.example.com")});
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(srv_records(base::ByteView(good).first(length))) << length;
  const auto with = [](base::Bytes data, std::uint16_t type) {
    return dns::answer(kQuestion, dns::kNoError, {{type, std::move(data)}});
  };
  EXPECT_FALSE(srv_records(with({}, dns::kSrv)));
  EXPECT_FALSE(srv_records(with({0, 0, 0, 0, 0, 1}, dns::kSrv)));
  EXPECT_FALSE(srv_records(with({0, 0, 0, 0, 0, 1, 63, 'a'}, dns::kSrv)));
  EXPECT_FALSE(srv_records(with({0, 0, 0, 0, 0, 1, 0xff, 0xff}, dns::kSrv)));
  EXPECT_FALSE(txt_records(with({200, 'a'}, dns::kTxt)));
}

TEST(DnsAnswer, StandsANameThatPointsToItself) {
  auto message = dns::answer(kQuestion, dns::kNoError, {{dns::kSrv, {0, 0, 0, 0, 0, 1, 0xc0, 0}}});
  message.back() = static_cast<std::uint8_t>(message.size() - 2);
  EXPECT_FALSE(srv_records(message));
}

TEST(DnsAnswer, StandsEveryChangedByte) {
  const auto good = dns::answer(kQuestion, dns::kNoError,
                                {dns::srv(0, 0, 27017, "a.example.com"), dns::txt({"authSource=admin"})});
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const std::uint8_t value : {0x00, 0x01, 0x3f, 0x40, 0x7f, 0xc0, 0xff}) {
      auto message = good;
      message[at] = value;
      if (const auto records = srv_records(message)) {
        for (const auto& record : *records)
          EXPECT_LE(record.target.size(), 1024U);
      }
      if (const auto records = txt_records(message)) {
        EXPECT_LE(records->size(), 2U);
      }
    }
  }
}

TEST(DnsAnswer, IsBounded) {
  const std::vector<dns::Record> many(1000, dns::srv(0, 0, 1, "a.b.c"));
  const auto records = srv_records(dns::answer(kQuestion, dns::kNoError, many));
  ASSERT_TRUE(records);
  EXPECT_EQ(records->size(), 256U);
}

}  // namespace
}  // namespace tlswarden::net
