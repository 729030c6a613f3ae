#include "cli/command_line.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "surroundings_for_test.hpp"

namespace tlswarden::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CommandLine : public SurroundingsForTest {
 protected:
  int run(const std::vector<std::string>& arguments) { return run_command_line(arguments, surroundings()); }
};

TEST_F(CommandLine, HelpNamesEveryVerb) {
  EXPECT_EQ(run({"--help"}), 0);
  for (const char* verb : {"check", "validate", "explain", "agent", "get", "describe", "wait", "version"}) {
    EXPECT_THAT(out(), HasSubstr(std::string("\n  ") + verb + " "));
  }
  EXPECT_THAT(out(), HasSubstr("Usage: tlswarden"));
}

TEST_F(CommandLine, HelpOfAVerbComesByOptionAndByWord) {
  EXPECT_EQ(run({"check", "--help"}), 0);
  const std::string by_option = out();
  EXPECT_THAT(by_option,
              AllOf(HasSubstr("Usage: tlswarden check"), HasSubstr("--at"), HasSubstr("Exit codes: 0 OK")));
  EXPECT_EQ(run({"help", "check"}), 0);
  EXPECT_EQ(out(), by_option + by_option);
}

TEST_F(CommandLine, WithoutAVerbShowsTheHelpOnStandardError) {
  EXPECT_EQ(run({}), 3);
  EXPECT_EQ(out(), "");
  EXPECT_THAT(err(), HasSubstr("Subcommands:"));
}

struct MisspeltCommand {
  std::vector<std::string> arguments;
  const char* answer;
};

class MisspeltCommands : public CommandLine, public ::testing::WithParamInterface<MisspeltCommand> {};
INSTANTIATE_TEST_SUITE_P(
    Table, MisspeltCommands,
    ::testing::Values(
        MisspeltCommand{{"chek"}, "there is no verb 'chek'; did you mean check?"},
        MisspeltCommand{{"check", "--otput", "json"}, "there is no option '--otput'; did you mean --output?"},
        MisspeltCommand{{"check", "--otput=json"},
                        "there is no option '--otput=json'; did you mean --output?"},
        MisspeltCommand{{"validate", "-f", "a", "b"}, "'b' is not expected here"},
        MisspeltCommand{{"--verbose"}, "there is no option '--verbose'"},
        MisspeltCommand{{"check", "-o", "tabel"},
                        "'tabel' is none of table, wide, json, yaml, junit, ics; did you mean table?"},
        MisspeltCommand{{"check", "-f"}, "-f"}, MisspeltCommand{{"xyzzy"}, "there is no verb 'xyzzy'"}));

TEST_P(MisspeltCommands, AreAnsweredWithTheRightWordAndWithThree) {
  EXPECT_EQ(run(GetParam().arguments), 3);
  EXPECT_THAT(err(), AllOf(StartsWith("error: "), HasSubstr(GetParam().answer), HasSubstr("--help")));
  EXPECT_EQ(out(), "");
}

TEST_F(CommandLine, VersionNamesTheLibraries) {
  EXPECT_EQ(run({"version", "-o", "json"}), 0);
  const auto versions = nlohmann::json::parse(out());
  for (const char* library : {"tlswarden", "OpenSSL", "libpq", "MariaDB Connector/C", "hiredis"}) {
    EXPECT_THAT(versions[library].get<std::string>(), ::testing::MatchesRegex("[0-9]+\\.[0-9]+.*"))
        << library;
  }
}

TEST_F(CommandLine, VersionIsAlsoAnOption) {
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_THAT(out(), StartsWith("tlswarden "));
}

}  // namespace
}  // namespace tlswarden::cli
