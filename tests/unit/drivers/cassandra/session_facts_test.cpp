#include "drivers/cassandra/session_facts.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tlswarden::drivers::cassandra {
namespace {

using probe::Tristate;

Rows one_row(std::vector<std::string> columns, Rows::Row row) {
  return {.columns = std::move(columns), .rows = {std::move(row)}};
}

probe::SessionObservation encryption(const Rows& rows) {
  probe::SessionObservation seen;
  take_encryption(rows, seen);
  return seen;
}

const std::vector<std::string> kColumns{"ssl_enabled", "ssl_protocol", "ssl_cipher_suite"};

TEST(CassandraSessionFacts, MarkEachSessionAnew) {
  std::set<std::string> marks;
  for (int i = 0; i < 100; ++i)
    marks.insert(session_mark());
  EXPECT_EQ(marks.size(), 100U);
  EXPECT_EQ(marks.begin()->find('\''), std::string::npos) << "it stands in a CQL literal";
}

TEST(CassandraSessionFacts, ReadTheReleaseOfEachProduct) {
  EXPECT_EQ(version_of(one_row({"release_version"}, {"5.0.5"}), false), "5.0.5");
  EXPECT_EQ(version_of(one_row({"version"}, {"6.2.1"}), true), "6.2.1");
  EXPECT_EQ(version_of(one_row({"release_version"}, {"3.0.8"}), true), "")
      << "ScyllaDB's is a compatibility level";
  EXPECT_EQ(version_of(one_row({"release_version"}, {std::nullopt}), false), "");
  EXPECT_EQ(version_of(Rows{}, false), "");
  EXPECT_EQ(version_of(one_row({"release_version"}, {"5\x01"}), false), "5\\x01");
  EXPECT_LE(version_of(one_row({"release_version"}, {std::string(5000, '5')}), false).size(), 200U);
}

TEST(CassandraSessionFacts, TakeTheNodesWordOnEncryption) {
  const auto on = encryption(one_row(kColumns, {std::string(1, '\1'), "TLSv1.3", "TLS_AES_256_GCM_SHA384"}));
  EXPECT_EQ(on.encrypted, Tristate::kYes);
  EXPECT_EQ(on.protocol, "TLSv1.3");
  EXPECT_EQ(on.cipher, "TLS_AES_256_GCM_SHA384");
  const auto off = encryption(one_row(kColumns, {std::string(1, '\0'), std::nullopt, std::nullopt}));
  EXPECT_EQ(off.encrypted, Tristate::kNo);
  EXPECT_EQ(off.protocol, "");
}

TEST(CassandraSessionFacts, LeaveTheQuestionOpenWhereTheNodeDoes) {
  EXPECT_EQ(encryption(Rows{}).encrypted, Tristate::kUnknown);
  EXPECT_EQ(encryption(one_row(kColumns, {std::nullopt, std::nullopt, std::nullopt})).encrypted,
            Tristate::kUnknown);
  EXPECT_EQ(encryption(one_row(kColumns, {"yes", "TLSv1.3", std::nullopt})).encrypted, Tristate::kUnknown);
  auto two = one_row(kColumns, {std::string(1, '\1'), "TLSv1.3", "x"});
  two.rows.push_back(two.rows.front());
  EXPECT_EQ(encryption(two).encrypted, Tristate::kUnknown) << "which of them is ours?";
}

TEST(CassandraSessionFacts, QuoteTheKeyspace) {
  EXPECT_EQ(use_statement("Orders"), "USE \"Orders\"");
  EXPECT_EQ(use_statement("a\"; DROP"), "USE \"a\"\"; DROP\"");
}

}  // namespace
}  // namespace tlswarden::drivers::cassandra
