#include "drivers/postgresql/sasl_filter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tlswarden::drivers::postgresql {
namespace {

using namespace std::string_literals;

std::string message(char type, const std::string& body) {
  const std::size_t length = body.size() + 4;
  return std::string(1, type) + '\0' + '\0' + static_cast<char>(length >> 8U) +
         static_cast<char>(length & 0xFFU) + body;
}
std::string sasl(const std::string& mechanisms) {
  return message('R', "\0\0\0\x0a"s + mechanisms + '\0');
}

/// What the library gets when the bytes come in pieces of `size`.
std::string passed(const std::string& bytes, std::size_t size) {
  SaslFilter filter;
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    const auto piece = filter.to_library(base::as_bytes(std::string_view(bytes).substr(at, size)));
    if (!piece) return "failed";
    out.append(piece->begin(), piece->end());
  }
  return out;
}

void expect(const std::string& bytes, const std::string& wanted) {
  for (std::size_t size = 1; size <= bytes.size(); ++size)
    EXPECT_EQ(passed(bytes, size), wanted) << "in pieces of " << size;
}

TEST(SaslFilter, TakesTheBoundMechanismOut) {
  expect(sasl("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0"s), sasl("SCRAM-SHA-256\0"s));
  expect(sasl("SCRAM-SHA-256\0SCRAM-SHA-256-PLUS\0"s), sasl("SCRAM-SHA-256\0"s));
  expect(sasl("OAUTHBEARER\0SCRAM-SHA-256-PLUS\0X\0"s), sasl("OAUTHBEARER\0X\0"s));
}

TEST(SaslFilter, LeavesAllElseAlone) {
  expect(sasl("SCRAM-SHA-256\0"s), sasl("SCRAM-SHA-256\0"s));
  expect(sasl("SCRAM-SHA-256-PLUS\0"s), sasl("SCRAM-SHA-256-PLUS\0"s));
  expect(sasl("XSCRAM-SHA-256-PLUS\0Y\0"s), sasl("XSCRAM-SHA-256-PLUS\0Y\0"s));
  expect(sasl("SCRAM-SHA-256-PLUSX\0Y\0"s), sasl("SCRAM-SHA-256-PLUSX\0Y\0"s));
  const std::string ok = message('R', "\0\0\0\0"s) + message('Z', "I");
  expect(ok, ok);
  const std::string error = message('E', "SFATAL\0\0"s);
  expect(error, error);
}

TEST(SaslFilter, LooksAtTheFirstRequestOnly) {
  const std::string offer = sasl("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0"s);
  expect(message('N', "SNOTICE\0\0"s) + offer + offer,
         message('N', "SNOTICE\0\0"s) + sasl("SCRAM-SHA-256\0"s) + offer);
}

TEST(SaslFilter, EndsOnWhatIsNoMessage) {
  EXPECT_EQ(passed("R\0\0\0\3"s, 5), "failed");
  EXPECT_EQ(passed("R\xff\xff\xff\xff"s, 5), "failed");
  EXPECT_EQ(passed("E\0\1\0\0"s, 5), "failed");
}

}  // namespace
}  // namespace tlswarden::drivers::postgresql
