#include "cli/quoting.hpp"

#include <gtest/gtest.h>

namespace tlswarden::cli {
namespace {

struct Case {
  const char* rule;
  const char* value;
  const char* written;  ///< null: cannot be written there
};

class Quoting : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(
    Table, Quoting,
    ::testing::Values(
        Case{"none", "a b", "a b"}, Case{"shell", "db.internal", "db.internal"}, Case{"shell", "", "''"},
        Case{"shell", "a b", "'a b'"}, Case{"shell", "$(rm -rf /);`x`", "'$(rm -rf /);`x`'"},
        Case{"shell", "o'brien", "'o'\\''brien'"}, Case{"shell", "=ls", "'=ls'"},
        Case{"double", "a\"b\\c", "a\\\"b\\\\c"}, Case{"double", "a\nb", "a\\u000ab"},
        Case{"ruby", "#{exit}\"", "\\#{exit}\\\""}, Case{"single", "it's \\", "it\\'s \\\\"},
        Case{"single", "$x", "$x"}, Case{"xml", "<a>&\"", "&lt;a&gt;&amp;&quot;"},
        Case{"xml", "a\x01", nullptr}, Case{"properties", " a\\b", "\\ a\\\\b"},
        Case{"line", "/etc/ca.pem", "/etc/ca.pem"}, Case{"line", "/my certs/ca.pem", "/my certs/ca.pem"},
        Case{"line", "a\nhost = evil", nullptr}, Case{"line", "a;b", nullptr}, Case{"line", " a", nullptr},
        Case{"tns", "db.internal", "db.internal"}, Case{"tns", "a)(b", "\"a)(b\""},
        Case{"tns", "a\"b", nullptr}, Case{"conninfo", "a b", "'a b'"}, Case{"conninfo", "", "''"},
        Case{"conninfo", "x' sslmode=disable", "'x\\' sslmode=disable'"}, Case{"dsn", "shop", "shop"},
        Case{"dsn", "shop;sslmode=disable", nullptr}, Case{"uri", "a b/c?d&e", "a%20b%2Fc%3Fd%26e"},
        Case{"uripath", "/my ca.pem", "/my%20ca.pem"}, Case{"authority", "::1", "[::1]"},
        Case{"authority", "db.internal", "db.internal"}, Case{"authority", "a]:b", nullptr},
        Case{"adonet", "a;b\"c", "\"a;b\"\"c\""}, Case{"adonet", "shop", "shop"},
        Case{"odbc", "a;b}c", "{a;b}}c}"}, Case{"jdbcsql", "a;b", "{a;b}"}, Case{"backwards", "a", nullptr}));

TEST_P(Quoting, WritesExactlyThatValue) {
  const auto written = quoted(GetParam().rule, GetParam().value);
  ASSERT_EQ(written.has_value(), GetParam().written != nullptr);
  if (written) {
    EXPECT_EQ(*written, GetParam().written);
  }
}

TEST(QuotingRules, AreKnownByName) {
  EXPECT_TRUE(is_quoting("shell"));
  EXPECT_FALSE(is_quoting("host"));
}

}  // namespace
}  // namespace tlswarden::cli
