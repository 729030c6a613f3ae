#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/resource/manifest_fixture.hpp"

namespace tlswarden::resource {
namespace {

/// One broken manifest per rule; beside each stand the exact messages, one per line.
class RejectedManifest : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(RejectedManifest, is_refused_with_exactly_its_messages) {
  const std::filesystem::path file = GetParam();
  std::filesystem::path expected = file;
  expected.replace_extension(".expected");
  ASSERT_TRUE(std::filesystem::exists(expected)) << "no messages are given for " << file.filename();

  const Manifest manifest = merged(parse_manifest(content_of(file), file.filename()));

  EXPECT_EQ(text_of(manifest), content_of(expected));
  EXPECT_TRUE(manifest.has_errors());
  EXPECT_THAT(manifest.endpoints, testing::SizeIs(0));
  EXPECT_THAT(manifest.secrets, testing::SizeIs(0));
}

INSTANTIATE_TEST_SUITE_P(EveryRule, RejectedManifest,
                         testing::ValuesIn(files_in(testdata("rejected"), ".yaml")), [](const auto& rule) {
                           std::string name = rule.param.stem();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(RejectedManifests, have_no_messages_without_a_manifest) {
  for (const auto& expected : files_in(testdata("rejected"), ".expected")) {
    std::filesystem::path file = expected;
    EXPECT_TRUE(std::filesystem::exists(file.replace_extension(".yaml"))) << expected;
  }
}

TEST(RejectedManifests, never_repeat_what_may_be_a_secret) {
  for (const auto& expected : files_in(testdata("rejected"), ".expected")) {
    EXPECT_THAT(content_of(expected),
                testing::Not(testing::AnyOf(testing::HasSubstr("hunter2"), testing::HasSubstr("s3cret"))))
        << expected;
  }
}

}  // namespace
}  // namespace tlswarden::resource
