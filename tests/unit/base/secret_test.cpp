#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

namespace tlswarden::base {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!Printable<Secret>, "a secret must not be printable by accident");
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>,
              "copying a secret is explicit");
static_assert(!std::is_convertible_v<std::string_view, Secret>, "becoming a secret is explicit");

TEST(Secret, RevealsWhatItHolds) {
  const Secret secret("hunter2");
  EXPECT_EQ(secret.reveal(), "hunter2");
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, CopiesOnlyWhenAsked) {
  const Secret secret("hunter2");
  const Secret copy = secret.copy();
  EXPECT_EQ(copy.reveal(), "hunter2");
  EXPECT_NE(copy.bytes().data(), secret.bytes().data());
}

TEST(Secret, LeavesNothingBehindWhenMovedFrom) {
  Secret secret("hunter2");
  const Secret taken(std::move(secret));
  EXPECT_EQ(taken.reveal(), "hunter2");
  EXPECT_TRUE(secret.empty());  // NOLINT(bugprone-use-after-move): what is left is the point
}

TEST(Secret, HoldsTheNewValueAloneWhenOverwritten) {
  Secret secret("hunter2");
  secret = Secret("other");
  EXPECT_EQ(secret.reveal(), "other");
}

TEST(WipeMemory, OverwritesEveryByteAndToleratesNone) {
  std::string text = "hunter2";
  wipe_memory(text.data(), text.size());
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c == '\0'; }));
  wipe_memory(nullptr, 0);
}

}  // namespace
}  // namespace tlswarden::base
