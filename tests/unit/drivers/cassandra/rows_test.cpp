#include "drivers/cassandra/rows.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

using fixtures::number;
using fixtures::Type;

base::Result<Rows, probe::Cause> read(const std::string& body) {
  return read_rows(base::to_bytes(body));
}

const std::string kTwoRows =
    fixtures::rows({{"name", Type::kVarchar}, {"on", Type::kBoolean}},
                   {{"first", std::string(1, '\1')}, {std::nullopt, std::string(1, '\0')}});

TEST(CassandraRows, AreReadByColumn) {
  const auto rows = read(kTwoRows);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->rows.size(), 2U);
  EXPECT_EQ(rows->value(0, "name"), "first");
  EXPECT_EQ(rows->flag(0, "on"), true);
  EXPECT_EQ(rows->value(1, "name"), std::nullopt);
  EXPECT_EQ(rows->flag(1, "on"), false);
  EXPECT_EQ(rows->value(2, "name"), std::nullopt);
  EXPECT_EQ(rows->value(0, "other"), std::nullopt);
  EXPECT_EQ(rows->flag(0, "name"), std::nullopt);
  EXPECT_EQ(rows->flag(1, "name"), std::nullopt);
}

TEST(CassandraRows, NameTheTableOfEachColumnWhereItIsNotTheSame) {
  const auto column = [](const std::string& name, const std::string& type) {
    return fixtures::text("keyspace") + fixtures::text("table") + fixtures::text(name) + type;
  };
  const auto rows =
      read(number(2, 4) + number(0, 4) + number(2, 4) +
           column("a", number(0, 2) + fixtures::text("org.example.CustomType")) +
           column("b", number(0x0D, 2)) + number(1, 4) + fixtures::value("x") + fixtures::value("y"));
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->value(0, "a"), "x");
  EXPECT_EQ(rows->value(0, "b"), "y");
}

TEST(CassandraRows, MayHaveMorePages) {
  const auto rows = read(number(2, 4) + number(3, 4) + number(1, 4) + fixtures::value("where to go on") +
                         fixtures::text("k") + fixtures::text("t") + fixtures::text("a") + number(0x0D, 2) +
                         number(1, 4) + fixtures::value("x"));
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->value(0, "a"), "x");
}

TEST(CassandraRows, AreNoneInAResultOfAnotherKind) {
  for (const std::uint32_t kind : {1U, 3U, 4U, 5U}) {
    const auto rows = read(number(kind, 4) + "whatever");
    ASSERT_TRUE(rows) << kind;
    EXPECT_TRUE(rows->rows.empty());
  }
  for (const std::uint32_t kind : {0U, 6U, 0xFFFFFFFFU})
    EXPECT_FALSE(read(number(kind, 4) + "whatever")) << kind;
}

TEST(CassandraRows, AreNotBelievedShortOfTheirEnd) {
  for (std::size_t length = 0; length < kTwoRows.size(); ++length) {
    const auto rows = read(kTwoRows.substr(0, length));
    ASSERT_FALSE(rows) << length;
    EXPECT_EQ(rows.error(), probe::Cause::kMalformedMessage);
  }
}

TEST(CassandraRows, ReserveNothingOnAPeersWord) {
  const auto table = fixtures::text("k") + fixtures::text("t");
  for (const std::uint32_t count : {17U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
    EXPECT_FALSE(read(number(2, 4) + number(1, 4) + number(count, 4) + table)) << "columns " << count;
    EXPECT_FALSE(read(number(2, 4) + number(1, 4) + number(0, 4) + table + number(count, 4)))
        << "rows " << count;
  }
}

TEST(CassandraRows, HaveNoValueBeyondTheEnd) {
  for (const std::uint32_t size : {2U, 0x10000U, 0x7FFFFFFFU}) {
    EXPECT_FALSE(read(number(2, 4) + number(1, 4) + number(1, 4) + fixtures::text("k") + fixtures::text("t") +
                      fixtures::text("a") + number(0x0D, 2) + number(1, 4) + number(size, 4) + "x"))
        << size;
  }
}

TEST(CassandraRows, HaveNoCollectionsAndNoMissingNames) {
  EXPECT_FALSE(read(fixtures::rows({{"options", Type::kMap}}, {})));
  EXPECT_FALSE(read(number(2, 4) + number(4, 4) + number(1, 4) + number(0, 4)));
}

}  // namespace
}  // namespace tlswarden::drivers::cassandra
