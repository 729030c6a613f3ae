#include "reconcile/memory_codec.hpp"

#include <gtest/gtest.h>

namespace tlswarden::reconcile {
namespace {

TEST(MemoryCodecTest, what_is_written_is_read_back) {
  Memory memory;
  memory.consecutive_failures = 3;
  memory.plaintext =
      probe::PlaintextObservation{probe::Tristate::kNo,
                                  probe::Failure{probe::Stage::kPlaintext, probe::Cause::kTlsRequired,
                                                 "refused", "no encryption", "28000"},
                                  base::WallTime(base::Seconds(1'772'323'200)), true};
  memory.legacy_protocols =
      probe::LegacyProtocolObservation{base::WallTime(base::Seconds(1'772'000'000)),
                                       {resource::TlsVersion::kTls11, resource::TlsVersion::kTls10}};
  const auto read = memory_from_text(memory_to_text(memory));
  ASSERT_TRUE(read);
  ASSERT_TRUE(read->legacy_protocols);
  EXPECT_EQ(read->legacy_protocols->at, memory.legacy_protocols->at);
  EXPECT_EQ(read->legacy_protocols->accepted, memory.legacy_protocols->accepted);
  EXPECT_EQ(read->consecutive_failures, 3);
  ASSERT_TRUE(read->plaintext);
  EXPECT_EQ(read->plaintext->accepted, probe::Tristate::kNo);
  EXPECT_EQ(read->plaintext->at, memory.plaintext->at);
  EXPECT_TRUE(read->plaintext->for_declared_user);
  ASSERT_TRUE(read->plaintext->failure);
  EXPECT_EQ(read->plaintext->failure->stage, probe::Stage::kPlaintext);
  EXPECT_EQ(read->plaintext->failure->cause, probe::Cause::kTlsRequired);
  EXPECT_EQ(read->plaintext->failure->peer_text, "no encryption");
  EXPECT_EQ(read->plaintext->failure->code, "28000");
}

TEST(MemoryCodecTest, hostile_words_of_a_peer_are_kept_as_harmless_text) {
  Memory memory;
  memory.plaintext.emplace();
  memory.plaintext->failure = probe::Failure{{}, {}, "refused", std::string("\xff\x00\x1b[2J", 6), {}};
  const auto read = memory_from_text(memory_to_text(memory));
  ASSERT_TRUE(read && read->plaintext && read->plaintext->failure);
  EXPECT_EQ(read->plaintext->failure->peer_text, "\\xff\\x00\\x1b[2J");
}

TEST(MemoryCodecTest, what_is_no_object_or_has_wrong_types_is_an_error) {
  for (const char* text : {"", "3", "[]", "{", R"({"consecutiveFailures":"many"})"}) {
    EXPECT_FALSE(memory_from_text(text)) << text;
  }
}

TEST(MemoryCodecTest, an_empty_object_is_a_blank_memory) {
  const auto read = memory_from_text("{}");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->consecutive_failures, 0);
  EXPECT_FALSE(read->plaintext);
}

}  // namespace
}  // namespace tlswarden::reconcile
