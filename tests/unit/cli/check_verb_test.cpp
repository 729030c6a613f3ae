#include "cli/check_verb.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "surroundings_for_test.hpp"
#include "temporary_directory.hpp"

namespace tlswarden::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Sees every endpoint refuse the connection, and keeps count.
class RefusingObserver final : public reconcile::Observer {
 public:
  explicit RefusingObserver(const base::Clock& clock, std::atomic<int>& count)
      : clock_(clock), count_(count) {}

  net::Awaitable<probe::Observation> observe(probe::Target target) override {
    ++count_;
    probe::Observation seen;
    seen.at = clock_.now();
    seen.failure = probe::Failure{probe::Stage::kConnect, probe::Cause::kConnectionRefused,
                                  target.host + " refuses connections", "", ""};
    seen.stages = {{probe::Stage::kConnect, std::chrono::milliseconds(2), "to " + target.host}};
    if (target.transcript) seen.transcript = {"> \x1b[31mhello"};
    co_return seen;
  }
  void join() override {}

 private:
  const base::Clock& clock_;
  std::atomic<int>& count_;
};

class Check : public SurroundingsForTest {
 protected:
  Check() {
    make_observer_ = [this] { return std::make_unique<RefusingObserver>(clock_, observed_); };
  }
  int check(CheckOptions options) { return run_check(options, surroundings()); }
  CheckOptions of_file(const std::string& text) {
    CheckOptions options;
    options.files = {directory_.write("a.yaml", text)};
    return options;
  }

  TemporaryDirectory directory_;
  std::atomic<int> observed_{0};
};

TEST_F(Check, PrintsATableAndExitsWithTheWorstSeverity) {
  EXPECT_EQ(check(of_file(manifest_of("cache"))), 2);
  EXPECT_THAT(out(), StartsWith("NAME   ENGINE  MODE "));
  EXPECT_THAT(out(), HasSubstr("\ncache  redis   disable "));
  EXPECT_EQ(err(), "");
}

TEST_F(Check, LooksAtEveryEndpointOnceAndKeepsTheirOrder) {
  std::string text;
  for (int i = 100; i < 300; ++i)
    text += manifest_of("cache-" + std::to_string(i)) + "---\n";
  CheckOptions options = of_file(text);
  options.output = "json";
  EXPECT_EQ(check(options), 2);
  EXPECT_EQ(observed_, 200);
  const auto list = nlohmann::json::parse(out());
  ASSERT_EQ(list["items"].size(), 200U);
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(list["items"][i]["metadata"]["name"], "cache-" + std::to_string(i + 100));
  }
}

TEST_F(Check, SummarisesInsteadOfReportingEachAndExitsAlike) {
  CheckOptions options = of_file(manifest_of("cache"));
  options.summary = "ca";
  EXPECT_EQ(check(options), 2);
  EXPECT_THAT(out(), StartsWith("ISSUER  CA                   EXPIRES"));
  EXPECT_THAT(out(), HasSubstr("no certificate seen"));
  options.output = "junit";
  EXPECT_EQ(check(options), 3);
  EXPECT_THAT(err(), HasSubstr("--summary"));
}

TEST_F(Check, TellsOfABrokenDocumentAndStillChecksTheValidOnes) {
  EXPECT_EQ(check(of_file(manifest_of("good") + "---\n" + manifest_of("bad", "  colour: red\n"))), 2);
  EXPECT_EQ(observed_, 1);
  EXPECT_THAT(err(), HasSubstr("a.yaml:"));
  EXPECT_THAT(err(), HasSubstr("colour"));
}

TEST_F(Check, ExitsWithUnknownWhenNothingIsValid) {
  EXPECT_EQ(check(of_file("kind: [")), 3);
  EXPECT_EQ(out(), "");
}

TEST_F(Check, DoesNotConnectToASuspendedEndpoint) {
  check(of_file(manifest_of("cache", "  suspend: true\n")));
  EXPECT_EQ(observed_, 0);
  EXPECT_THAT(out(), HasSubstr("cache"));
}

TEST_F(Check, JudgesAnotherDayAndSaysSo) {
  CheckOptions options = of_file(manifest_of("cache"));
  options.at = "+30d";
  check(options);
  EXPECT_THAT(out(), HasSubstr("judged as of 2026-03-31T12:00:00Z"));
}

TEST_F(Check, PrintsTranscriptsOnStandardErrorWithoutPowerOverTheTerminal) {
  CheckOptions options = of_file(manifest_of("cache"));
  options.debug = true;
  check(options);
  EXPECT_THAT(err(),
              HasSubstr("--- default/cache: redis at localhost:6379\n    connect (2.0 ms): to localhost\n"));
  EXPECT_THAT(err(), HasSubstr("| > \\x1b[31mhello"));
  EXPECT_THAT(err(), HasSubstr("failed at connect, connection-refused: localhost refuses connections"));
  EXPECT_THAT(out(), Not(HasSubstr("---")));
}

TEST_F(Check, ShowsProgressOnATerminalOnly) {
  terminal_.errors = true;
  check(of_file(manifest_of("cache")));
  EXPECT_THAT(err(), HasSubstr("checked 0 of 1, waiting for default/cache"));
  EXPECT_THAT(err(), ::testing::EndsWith("\r\x1b[K"));
}

TEST_F(Check, ColoursWhenToldToOrOnATerminal) {
  CheckOptions options = of_file(manifest_of("cache"));
  options.colour = "always";
  check(options);
  EXPECT_THAT(out(), HasSubstr("\x1b[31m"));
}

TEST_F(Check, KeepsQuietAboutColourWhenToldNeverTo) {
  terminal_.colour = true;
  CheckOptions options = of_file(manifest_of("cache"));
  options.colour = "never";
  check(options);
  EXPECT_THAT(out(), Not(HasSubstr("\x1b")));
}

TEST_F(Check, TakesAUrlWithoutAManifest) {
  CheckOptions options;
  options.targets = {"redis://cache.example:6380?mode=require"};
  options.output = "json";
  EXPECT_EQ(check(options), 2);
  const auto document = nlohmann::json::parse(out());
  EXPECT_EQ(document["spec"]["port"], 6380);
  EXPECT_EQ(document["spec"]["tls"]["mode"], "require");
}

TEST_F(Check, NamesTheOptionForAFileThatIsGivenWithoutIt) {
  CheckOptions options;
  options.targets = {directory_.write("a.yaml", manifest_of("cache"))};
  EXPECT_EQ(check(options), 3);
  EXPECT_THAT(err(), HasSubstr("files are named with -f"));
}

TEST_F(Check, OverridesTheTimeout) {
  CheckOptions options = of_file(manifest_of("cache"));
  options.timeout = "3s";
  options.output = "json";
  check(options);
  EXPECT_EQ(nlohmann::json::parse(out())["spec"]["timeout"], "3s");
}

TEST_F(Check, ACalendarOfNothingSaysSo) {
  CheckOptions options = of_file(manifest_of("cache"));
  options.calendar = true;
  EXPECT_EQ(check(options), 2);
  EXPECT_THAT(out(), StartsWith("No certificate was seen.\n"));
}

TEST_F(Check, ACalendarFileOfNothingIsNotWritten) {
  CheckOptions options = of_file(manifest_of("cache"));
  options.output = "ics";
  EXPECT_EQ(check(options), 2);
  EXPECT_EQ(out(), "");
  EXPECT_THAT(err(), HasSubstr("no calendar to write"));
}

struct Misuse {
  const char* behaviour;
  CheckOptions options;
  const char* message;
};

CheckOptions calendar_in(const std::string& output) {
  CheckOptions options;
  options.targets = {"redis://cache"};
  options.calendar = true;
  options.output = output;
  return options;
}

CheckOptions options_with(std::string CheckOptions::* field, const std::string& value) {
  CheckOptions options;
  options.targets = {"redis://cache"};
  options.*field = value;
  return options;
}

class Misuses : public Check, public ::testing::WithParamInterface<Misuse> {};
INSTANTIATE_TEST_SUITE_P(
    Table, Misuses,
    ::testing::Values(Misuse{"NothingNamed", {}, "name what to check"},
                      Misuse{"NoDate", options_with(&CheckOptions::at, "tomorrow"), "--at: 'tomorrow'"},
                      Misuse{"NoDuration", options_with(&CheckOptions::timeout, "soon"), "--timeout: 'soon'"},
                      Misuse{"CalendarAsYaml", calendar_in("yaml"), "--calendar: it is a table or"},
                      Misuse{"NoTime", options_with(&CheckOptions::timeout, "0s"),
                             "--timeout: it must be at least 1s"}),
    [](const auto& param) { return param.param.behaviour; });

TEST_P(Misuses, ExitWithThreeAndPointToTheHelp) {
  EXPECT_EQ(check(GetParam().options), 3);
  EXPECT_THAT(err(), HasSubstr(GetParam().message));
  EXPECT_THAT(err(), HasSubstr("tlswarden check --help"));
  EXPECT_EQ(observed_, 0);
}

}  // namespace
}  // namespace tlswarden::cli
