#include "drivers/cassandra/options.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

std::string product(const fixtures::Options& options) {
  const auto supported = read_supported(base::to_bytes(fixtures::multimap(options)));
  return supported ? supported->product : "unsound";
}

TEST(CassandraOptions, TellsTheProducts) {
  EXPECT_EQ(product({{"CQL_VERSION", {"3.4.7"}}}), "Cassandra");
  EXPECT_EQ(product({{"CQL_VERSION", {"3.3.1"}}, {"SCYLLA_SHARD", {"1"}}}), "ScyllaDB");
  EXPECT_EQ(product({{"CQL_VERSION", {"3.4.5"}}, {"PRODUCT_TYPE", {"DATASTAX_APOLLO"}}}), "DataStax Astra");
  EXPECT_EQ(product({{"CQL_VERSION", {"DATASTAX_APOLLO"}}}), "Cassandra");
  EXPECT_TRUE(
      read_supported(base::to_bytes(fixtures::multimap({{"CQL_VERSION", {}}, {"SCYLLA_LWT", {}}})))->scylla);
}

TEST(CassandraOptions, WantsTheOneKeyThatEveryNodeHas) {
  EXPECT_EQ(product({}), "unsound");
  EXPECT_EQ(product({{"COMPRESSION", {"lz4"}}}), "unsound");
}

TEST(CassandraOptions, BelievesNoLength) {
  const auto sound = fixtures::multimap({{"CQL_VERSION", {"3.4.7"}}, {"COMPRESSION", {"lz4"}}});
  for (std::size_t length = 0; length < sound.size(); ++length)
    EXPECT_FALSE(read_supported(base::to_bytes(sound.substr(0, length)))) << length;
  for (const auto& body :
       {std::string("\xff\xff", 2), std::string(100, '\xff'),
        fixtures::number(1, 2) + fixtures::text("CQL_VERSION") + fixtures::number(0xFFFF, 2),
        fixtures::number(2, 2) + fixtures::text("CQL_VERSION") + fixtures::number(0, 2) +
            fixtures::number(0xFFFF, 2) + "key"}) {
    EXPECT_FALSE(read_supported(base::to_bytes(body)));
  }
}

TEST(CassandraOptions, ReadsAnErrorAsFarAsItGoes) {
  const auto error = read_error(base::to_bytes(fixtures::number(0x1001, 4) + fixtures::text("too much")));
  EXPECT_EQ(error.code, 0x1001U);
  EXPECT_EQ(error.text, "too much");
  EXPECT_EQ(read_error({}).text, "");
  EXPECT_EQ(read_error(base::to_bytes(fixtures::number(0, 4) + "\xff\xff")).text, "");
  const auto longest =
      read_error(base::to_bytes(fixtures::number(0, 4) + fixtures::text(std::string(60000, 'x'))));
  EXPECT_EQ(longest.text.size(), 2048U);
}

}  // namespace
}  // namespace tlswarden::drivers::cassandra
