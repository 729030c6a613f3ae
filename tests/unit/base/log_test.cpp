#include "base/log.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace tlswarden::base {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

/// What is logged goes to standard error; the logger of the process is put back afterwards.
class Log : public ::testing::Test {
 protected:
  void SetUp() override { ::testing::internal::CaptureStderr(); }
  void TearDown() override { spdlog::set_default_logger(before_); }
  static std::string captured() { return ::testing::internal::GetCapturedStderr(); }

 private:
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

TEST_F(Log, IsALineOfTextWithTimeAndLevel) {
  ASSERT_TRUE(configure_log(LogFormat::kText, "info"));
  spdlog::info("checked {}", "orders");
  EXPECT_THAT(captured(), MatchesRegex("....-..-..T..:..:......Z info  checked orders\n"));
}

TEST_F(Log, IsValidJsonWhateverIsLogged) {
  ASSERT_TRUE(configure_log(LogFormat::kJson, "info"));
  spdlog::warn("quote \" backslash \\ line\nend \xff");
  const auto line = nlohmann::json::parse(captured());
  EXPECT_EQ(line["level"], "warning");
  EXPECT_THAT(line["message"].get<std::string>(), HasSubstr("quote \" backslash \\ line\nend"));
}

TEST_F(Log, LeavesOutWhatIsBelowItsLevel) {
  ASSERT_TRUE(configure_log(LogFormat::kText, "warn"));
  spdlog::info("not worth a line");
  EXPECT_EQ(captured(), "");
}

TEST_F(Log, RefusesALevelThatDoesNotExist) {
  const auto configured = configure_log(LogFormat::kText, "loud");
  captured();
  ASSERT_FALSE(configured);
  EXPECT_THAT(configured.error().message, HasSubstr("none of trace, debug, info, warn, error"));
}

}  // namespace
}  // namespace tlswarden::base
