#include "kube/reloaded_file.hpp"

#include <gmock/gmock.h>

#include "tests/support/fake_clock.hpp"
#include "tests/unit/store/scratch.hpp"

namespace tlswarden::kube {
namespace {

class ReloadedFileTest : public ::testing::Test {
 protected:
  std::string content() {
    const auto content = file_.content();
    return content ? std::string(content->reveal()) : "error: " + content.error().message;
  }
  store::Scratch scratch_;
  test_support::FakeClock clock_{base::WallTime(base::Seconds(1'800'000'000))};
  ReloadedFile file_{(scratch_ / "token").string(), base::Seconds(50), clock_};
};

TEST_F(ReloadedFileTest, content_is_trimmed_and_read_again_only_after_the_interval) {
  scratch_.write("token", "  first\n");
  EXPECT_EQ(content(), "first");
  scratch_.replace("token", "second");
  clock_.advance(base::Seconds(49));
  EXPECT_EQ(content(), "first");
  clock_.advance(base::Seconds(1));
  EXPECT_EQ(content(), "second");
}

TEST_F(ReloadedFileTest, what_cannot_be_read_or_is_empty_leaves_what_is_known) {
  scratch_.write("token", "first");
  EXPECT_EQ(content(), "first");
  scratch_.replace("token", " \n");
  clock_.advance(base::Seconds(50));
  EXPECT_EQ(content(), "first");
  std::filesystem::remove(scratch_ / "token");
  clock_.advance(base::Seconds(50));
  EXPECT_EQ(content(), "first");
  scratch_.write("token", "third");
  clock_.advance(base::Seconds(50));
  EXPECT_EQ(content(), "third");
}

TEST_F(ReloadedFileTest, distrust_has_it_read_at_once_unless_it_was_read_since) {
  scratch_.write("token", "first");
  EXPECT_EQ(content(), "first");
  scratch_.replace("token", "second");
  file_.distrust(clock_.monotonic() - base::Seconds(1));
  EXPECT_EQ(content(), "first");
  file_.distrust(clock_.monotonic());
  EXPECT_EQ(content(), "second");
}

TEST_F(ReloadedFileTest, a_file_that_never_was_is_an_error) {
  EXPECT_THAT(content(), ::testing::HasSubstr("does not exist"));
}

}  // namespace
}  // namespace tlswarden::kube
