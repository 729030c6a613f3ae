#include "drivers/mongodb/document.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

Document document(const std::string& json) {
  return Document::at_front_of(fixtures::bson(json)).value();
}

TEST(MongodbDocument, ReadsTextAndNumbersOfEveryType) {
  const auto seen = document(
      R"({"text": "words", "int": 7, "long": {"$numberLong": "5000000000"}, "double": 2.0, "true": true})");
  EXPECT_EQ(seen.text("text"), "words");
  EXPECT_EQ(seen.text("text", 2), "wo");
  EXPECT_EQ(seen.text("int"), "");
  EXPECT_EQ(seen.number("int"), 7);
  EXPECT_EQ(seen.number("long"), 5000000000);
  EXPECT_EQ(seen.number("double"), 2);
  EXPECT_EQ(seen.number("true"), 1);
  EXPECT_FALSE(seen.number("text"));
  EXPECT_FALSE(seen.number("absent"));
}

TEST(MongodbDocument, TakesNoNumberThatIsNone) {
  const auto seen = document(R"({"nan": {"$numberDouble": "NaN"}, "inf": {"$numberDouble": "Infinity"},
                                 "large": 1e300})");
  EXPECT_FALSE(seen.number("nan"));
  EXPECT_FALSE(seen.number("inf"));
  EXPECT_FALSE(seen.number("large"));
}

TEST(MongodbDocument, GoesIntoDocumentsByAPath) {
  const auto seen = document(R"({"parsed": {"net": {"tls": {"mode": "requireTLS"}}}})");
  EXPECT_EQ(seen.text("parsed.net.tls.mode"), "requireTLS");
  EXPECT_EQ(seen.text("parsed.net.ssl.mode"), "");
  EXPECT_EQ(seen.text("parsed.net.tls.mode.more"), "");
  EXPECT_EQ(seen.text("parsed"), "");
}

TEST(MongodbDocument, IsOkWhateverTypeTheServerUses) {
  EXPECT_TRUE(document(R"({"ok": 1})").ok());
  EXPECT_TRUE(document(R"({"ok": 1.0})").ok());
  EXPECT_TRUE(document(R"({"ok": true})").ok());
  EXPECT_FALSE(document(R"({"ok": 0.0})").ok());
  EXPECT_FALSE(document(R"({})").ok());
  EXPECT_FALSE(Document().ok());
}

TEST(MongodbDocument, EndsWhereItSaysSo) {
  auto bytes = fixtures::bson(R"({"ok": 1})");
  const auto size = bytes.size();
  bytes.insert(bytes.end(), 40, 0xee);
  EXPECT_EQ(Document::at_front_of(bytes)->size(), size);
}

TEST(MongodbDocument, RefusesBrokenLengths) {
  const auto good = fixtures::bson(R"({"s": "text", "ok": 1})");
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(Document::at_front_of(base::ByteView(good).first(length))) << length;
  auto without_end = good;
  without_end.back() = 1;
  EXPECT_FALSE(Document::at_front_of(without_end));
  // The string claims to reach beyond the document.
  auto long_string = good;
  long_string[7] = 0xff;
  EXPECT_FALSE(Document::at_front_of(long_string));
  auto negative_string = good;
  negative_string[10] = 0xff;
  EXPECT_FALSE(Document::at_front_of(negative_string));
  EXPECT_FALSE(Document::at_front_of(base::Bytes{0, 0, 0, 0, 0}));
  EXPECT_FALSE(Document::at_front_of(base::Bytes{0xff, 0xff, 0xff, 0xff, 0}));
}

TEST(MongodbDocument, StandsNestingWithoutEnd) {
  base::Bytes nested{5, 0, 0, 0, 0};
  while (nested.size() < 60000) {
    base::Bytes outer;
    fixtures::put(outer, static_cast<std::uint32_t>(nested.size() + 8));
    outer.insert(outer.end(), {0x03, 'a', 0});
    outer.insert(outer.end(), nested.begin(), nested.end());
    outer.push_back(0);
    nested = std::move(outer);
  }
  const auto seen = Document::at_front_of(nested);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->text("a.a.a.a.a"), "");
}

}  // namespace
}  // namespace tlswarden::drivers::mongodb
