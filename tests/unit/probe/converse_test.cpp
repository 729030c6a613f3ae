#include "probe/converse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "tests/support/run_loop.hpp"
#include "tests/unit/probe/memory_stream.hpp"

namespace tlswarden::probe {
namespace {

using testing::HasSubstr;
using End = Conversed::End;

/// Sends a first message, then answers each piece as the test says.
class Told final : public Conversation {
 public:
  Told(Action first, std::function<Action(std::string_view)> answer, Action at_close = Done{})
      : first_(std::move(first)), answer_(std::move(answer)), at_close_(std::move(at_close)) {}
  Action start() override { return first_; }
  Action receive(base::ByteView bytes) override {
    findings_.server_version += base::as_text(bytes);
    return answer_(base::as_text(bytes));
  }
  Action peer_closed() override { return at_close_; }
  const Findings& findings() const override { return findings_; }

 private:
  Action first_;
  std::function<Action(std::string_view)> answer_;
  Action at_close_;
  Findings findings_;
};

Send say(std::string_view text, Send::Next next) {
  return Send{base::to_bytes(text), next};
}
Failure failure(Cause cause) {
  return Failure{Stage::kSession, cause, "words", {}, {}};
}

class Shell : public testing::Test {
 protected:
  Conversed run(MemoryStream& stream, Conversation& conversation) {
    const ConverseOptions options{Stage::kNegotiate, base::Deadline::after(clock_, std::chrono::seconds(5)),
                                  "db:5432", transcript_};
    return test_support::run_loop(converse(stream, conversation, options));
  }
  base::SystemClock clock_;
  Transcript transcript_{true};
};

TEST_F(Shell, CarriesAConversationToItsEnd) {
  MemoryStream stream({"one", "two"});
  Told conversation(say("hello", Send::Next::kRead), [](std::string_view heard) -> Action {
    if (heard == "one") return say("more", Send::Next::kRead);
    return say("bye", Send::Next::kDone);
  });
  const Conversed result = run(stream, conversation);
  EXPECT_EQ(result.end, End::kDone);
  EXPECT_FALSE(result.failure);
  EXPECT_EQ(stream.written(), "hellomorebye");
  EXPECT_EQ(result.findings.server_version, "onetwo");
  EXPECT_FALSE(stream.closed());
}

TEST_F(Shell, EndsWhereTlsStarts) {
  MemoryStream stream({"S"});
  Told asked(say("ssl?", Send::Next::kRead), [](std::string_view) -> Action { return StartTls{}; });
  EXPECT_EQ(run(stream, asked).end, End::kStartTls);
  MemoryStream silent({});
  Told announced(say("ssl!", Send::Next::kStartTls), [](std::string_view) -> Action { return NeedMore{}; });
  EXPECT_EQ(run(silent, announced).end, End::kStartTls);
  EXPECT_EQ(silent.written(), "ssl!");
}

TEST_F(Shell, GivesFailuresTheStageItPlays) {
  MemoryStream stream({"N"});
  Told refused(NeedMore{},
               [](std::string_view) -> Action { return Refused{failure(Cause::kTlsNotOffered)}; });
  const Conversed result = run(stream, refused);
  EXPECT_EQ(result.end, End::kRefused);
  EXPECT_EQ(result.failure->cause, Cause::kTlsNotOffered);
  EXPECT_EQ(result.failure->stage, Stage::kNegotiate);
}

TEST_F(Shell, AsksTheConversationWhatTheEndMeans) {
  MemoryStream stream({});
  Told expected(NeedMore{}, [](std::string_view) -> Action { return NeedMore{}; }, Done{});
  EXPECT_EQ(run(stream, expected).end, End::kDone);
  Told unexpected(
      NeedMore{}, [](std::string_view) -> Action { return NeedMore{}; },
      Fail{failure(Cause::kNotThisProtocol)});
  EXPECT_EQ(run(stream, unexpected).failure->cause, Cause::kNotThisProtocol);
}

TEST_F(Shell, DoesNotTalkToAPeerThatIsGone) {
  for (const Action& wish :
       {Action(NeedMore{}), Action(say("still there?", Send::Next::kRead)), Action(StartTls{})}) {
    MemoryStream stream({});
    Told conversation(NeedMore{}, [](std::string_view) -> Action { return NeedMore{}; }, wish);
    const Conversed result = run(stream, conversation);
    EXPECT_EQ(result.end, End::kFailed);
    EXPECT_EQ(result.failure->cause, Cause::kPeerClosed);
    EXPECT_TRUE(stream.written().empty());
  }
}

TEST_F(Shell, TellsWhatHappenedToTheStream) {
  const auto need_more = [](std::string_view) -> Action { return NeedMore{}; };
  MemoryStream late({}, net::IoError::Kind::kTimedOut);
  Told waiting(NeedMore{}, need_more);
  EXPECT_EQ(run(late, waiting).failure->cause, Cause::kTimedOut);
  MemoryStream reset({}, net::IoError::Kind::kConnectionReset);
  Told hung_up_on(NeedMore{}, need_more);
  EXPECT_EQ(run(reset, hung_up_on).failure->cause, Cause::kConnectionReset);
  MemoryStream deaf({});
  deaf.fail_writes(net::IoError::Kind::kConnectionReset);
  Told speaking(say("hello", Send::Next::kRead), need_more);
  EXPECT_EQ(run(deaf, speaking).failure->cause, Cause::kConnectionReset);
}

TEST_F(Shell, LetsTheConversationExplainAResetHoweverItIsMet) {
  class Knowing final : public Conversation {
   public:
    Action start() override { return say("hello", Send::Next::kRead); }
    Action receive(base::ByteView) override { return NeedMore{}; }
    Action peer_closed() override { return Done{}; }
    std::optional<Action> peer_reset() override { return Refused{failure(Cause::kTlsRequired)}; }
    const Findings& findings() const override { return findings_; }

   private:
    Findings findings_;
  };
  MemoryStream reset({}, net::IoError::Kind::kConnectionReset);
  MemoryStream deaf({});
  deaf.fail_writes(net::IoError::Kind::kConnectionReset);
  for (auto* stream : {&reset, &deaf}) {
    Knowing conversation;
    const Conversed result = run(*stream, conversation);
    EXPECT_EQ(result.end, End::kRefused);
    EXPECT_EQ(result.failure->cause, Cause::kTlsRequired);
  }
}

TEST_F(Shell, StopsReadingAFlood) {
  MemoryStream stream({std::string(std::size_t{8} << 20U, 'x')});
  std::size_t heard = 0;
  Told patient(NeedMore{}, [&heard](std::string_view bytes) -> Action {
    heard += bytes.size();
    return NeedMore{};
  });
  const Conversed result = run(stream, patient);
  EXPECT_EQ(result.failure->cause, Cause::kMessageTooLarge);
  EXPECT_LE(heard, std::size_t{1} << 20U);
}

TEST_F(Shell, WritesDownWhatWasSaid) {
  MemoryStream stream({"S"});
  Told asked(say("?", Send::Next::kRead), [](std::string_view) -> Action { return StartTls{}; });
  run(stream, asked);
  const auto lines = transcript_.take();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], HasSubstr("> 1 byte: 3f"));
  EXPECT_THAT(lines[1], HasSubstr("< 1 byte: 53"));
}

}  // namespace
}  // namespace tlswarden::probe
