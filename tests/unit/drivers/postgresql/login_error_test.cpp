#include "drivers/postgresql/login_error.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Cause;

const std::string kPrefix = R"(connection to server at "127.0.0.1", port 5432 failed: )";

struct Row {
  std::string text;
  Cause cause;
  std::string code, peer_text;
};

void PrintTo(const Row& row, std::ostream* out) {  // NOLINT(readability-identifier-naming): googletest's name
  *out << row.text;
}

class PostgresqlLoginError : public testing::TestWithParam<Row> {};

TEST_P(PostgresqlLoginError, IsReadFromLibpqsText) {
  const auto& row = GetParam();
  const auto failure =
      read_login_error(row.text, {.user = "monitor", .database = "orders", .declared = true});
  EXPECT_EQ(failure.stage, probe::Stage::kSession);
  EXPECT_EQ(failure.cause, row.cause) << row.text;
  EXPECT_EQ(failure.code, row.code);
  EXPECT_EQ(failure.peer_text, row.peer_text);
  EXPECT_FALSE(failure.message.empty());
  if (row.peer_text.empty()) return;
  EXPECT_EQ(failure.message.find(row.peer_text), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Server, PostgresqlLoginError,
    testing::Values(
        Row{kPrefix + "FATAL:  28P01: password authentication failed for user \"monitor\"\nLOCATION:  "
                      "auth_failed, auth.c:335\n",
            Cause::kAuthenticationFailed, "28P01", "password authentication failed for user \"monitor\""},
        Row{kPrefix +
                "FATAL:  28000: connection requires a valid client certificate\nLOCATION:  x, auth.c:1\n",
            Cause::kClientCertificateRequired, "28000", "connection requires a valid client certificate"},
        Row{kPrefix + "FATAL:  28000: no pg_hba.conf entry for host \"::1\", user \"m\", database \"o\", no "
                      "encryption\n",
            Cause::kTlsRequired, "28000",
            "no pg_hba.conf entry for host \"::1\", user \"m\", database \"o\", no encryption"},
        Row{kPrefix + "FATAL:  28000: no pg_hba.conf entry for host \"::1\", user \"m\", database \"o\", SSL "
                      "encryption\n",
            Cause::kTlsRefused, "28000",
            "no pg_hba.conf entry for host \"::1\", user \"m\", database \"o\", SSL encryption"},
        Row{kPrefix + "FATAL:  3D000: database \"o\" does not exist", Cause::kDatabaseNotFound, "3D000",
            "database \"o\" does not exist"},
        Row{kPrefix + "FATAL:  53300: sorry, too many clients already\n", Cause::kServerBusy, "53300",
            "sorry, too many clients already"}));

INSTANTIATE_TEST_SUITE_P(Fallback, PostgresqlLoginError,
                         testing::Values(Row{kPrefix + "FATAL:  28P01: wrong\nLOCATION:  a\n" + kPrefix +
                                                 "FATAL:  28000: no entry, no encryption\n",
                                             Cause::kAuthenticationFailed, "28P01", "wrong"},
                                         Row{kPrefix + "FATAL:  28000: no entry, SSL encryption\n" + kPrefix +
                                                 "FATAL:  28P01: wrong\n",
                                             Cause::kAuthenticationFailed, "28P01", "wrong"}));

INSTANTIATE_TEST_SUITE_P(FallbackRefused, PostgresqlLoginError,
                         testing::Values(Row{kPrefix + "SSL error: certificate verify failed\n" + kPrefix +
                                                 "FATAL:  28000: no entry, no encryption\n",
                                             Cause::kChannelTooWeak, "", ""}));

INSTANTIATE_TEST_SUITE_P(
    Client, PostgresqlLoginError,
    testing::Values(
        Row{kPrefix + "server does not support SSL, but SSL was required\n", Cause::kTlsNotOffered, "", ""},
        Row{kPrefix + "SSL error: certificate verify failed\n", Cause::kChannelTooWeak, "", ""},
        Row{kPrefix + "server certificate for \"a\" does not match host name \"b\"\n", Cause::kChannelTooWeak,
            "", ""},
        Row{kPrefix + "SSL error: tlsv1 alert unknown ca\n", Cause::kClientCertificateRejected, "", ""},
        Row{kPrefix + "SSL error: tlsv13 alert certificate required\n", Cause::kClientCertificateRequired, "",
            ""},
        Row{kPrefix + "SSL error: tlsv1 alert protocol version\n", Cause::kProtocolVersion, "", ""},
        Row{kPrefix + "SSL error: unsupported protocol\n", Cause::kProtocolVersion, "", ""},
        Row{kPrefix + "SSL error: wrong version number\n", Cause::kNotTls, "", ""},
        Row{kPrefix + "fe_sendauth: no password supplied\n", Cause::kAuthenticationFailed, "", ""},
        Row{kPrefix + "Connection refused\n\tIs the server running?\n", Cause::kConnectionRefused, "", ""},
        Row{kPrefix + "server closed the connection unexpectedly\n", Cause::kPeerClosed, "", ""},
        Row{"definition of service \"x\" not found\n", Cause::kUnsupported, "", ""},
        Row{"", Cause::kServerError, "", ""}, Row{":  ", Cause::kServerError, "", ""},
        Row{"FATAL:  28P0", Cause::kServerError, "", ""},
        Row{"FATAL:  28P01:", Cause::kServerError, "", ""}));

}  // namespace
}  // namespace tlswarden::drivers::postgresql
