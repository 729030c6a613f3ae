#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "probe/conversation.hpp"

namespace tlswarden::test_support {

/// How a conversation ended; kWaiting: it did not, it wants to read more.
enum class End { kWaiting, kStartTls, kDone, kRefused, kFail };

/// What came of playing a conversation.
struct Played {
  End end = End::kWaiting;
  std::optional<probe::Failure> failure;   ///< of kRefused and kFail
  std::vector<base::Bytes> written;        ///< one entry per Send
  std::vector<std::size_t> written_after;  ///< how many answers had arrived before each
  probe::Findings findings;
};

/// Plays a conversation against a peer written down in the test:
///
///     ScriptedConversation([] { return negotiate(); }, probe::Stage::kNegotiate)
///         .writes(ssl_request).answers("S").ends(End::kStartTls).verify();
///
/// verify() plays the script as it stands and then again, failing at every step: the peer closes, sends
/// rubbish, cuts its message short, floods, dribbles single bytes, appends more than it should. What must
/// hold each time: the conversation ends as soon as the peer is gone, is bounded, never goes on to TLS on a
/// wrong answer, explains itself, and never writes what must stay secret. Reports through gtest.
class ScriptedConversation {
 public:
  using Factory = std::function<probe::ConversationPtr()>;

  /// `make` yields a fresh conversation each time; `stage` is the one that its failures must name.
  ScriptedConversation(Factory make, probe::Stage stage) : make_(std::move(make)), stage_(stage) {}

  /// The conversation writes exactly this next, after the answers so far.
  ScriptedConversation& writes(base::Bytes bytes) {
    expected_.push_back({std::move(bytes), answers_.size()});
    return *this;
  }
  /// The peer sends this next, in one piece.
  ScriptedConversation& answers(base::Bytes bytes) {
    answers_.push_back(std::move(bytes));
    return *this;
  }
  ScriptedConversation& answers(std::string_view text) { return answers(base::to_bytes(text)); }
  /// After its last answer the peer ends the stream.
  ScriptedConversation& closes() {
    closes_ = true;
    return *this;
  }
  ScriptedConversation& ends(End end) {
    end_ = end;
    return *this;
  }
  ScriptedConversation& ends(End end, probe::Cause cause) {
    cause_ = cause;
    return ends(end);
  }
  /// Text that no write may contain, however the peer behaves.
  ScriptedConversation& never_writes(std::string text) {
    secrets_.push_back(std::move(text));
    return *this;
  }

  /// Plays the script once, without judging it.
  Played play() const { return play(answers_, closes_); }

  /// Plays the script, and every failing variation of it. The result is that of the script itself.
  Played verify() const {
    Played straight = play();
    check_straight(straight);
    check_dribble(straight);
    for (std::size_t step = 0; step <= answers_.size(); ++step)
      check_close(step);
    for (std::size_t step = 0; step < answers_.size(); ++step) {
      check_truncation(step);
      check_garbage(step);
      check_flood(step);
    }
    if (!answers_.empty() && !closes_) check_trailing();
    return straight;
  }

 private:
  using Script = std::vector<base::Bytes>;
  struct Write {
    base::Bytes bytes;
    std::size_t after_answers = 0;
  };

  /// Takes one action in; true while the conversation wants to go on reading.
  static bool take(probe::Action action, std::size_t answers, Played& played) {
    using Next = probe::Send::Next;
    if (auto* send = std::get_if<probe::Send>(&action)) {
      EXPECT_FALSE(send->bytes.empty()) << "an empty write";
      played.written.push_back(std::move(send->bytes));
      played.written_after.push_back(answers);
      if (send->next == Next::kRead) return true;
      played.end = send->next == Next::kStartTls ? End::kStartTls : End::kDone;
    } else if (auto* refused = std::get_if<probe::Refused>(&action)) {
      played.end = End::kRefused;
      played.failure = std::move(refused->failure);
    } else if (auto* failed = std::get_if<probe::Fail>(&action)) {
      played.end = End::kFail;
      played.failure = std::move(failed->failure);
    } else if (std::holds_alternative<probe::StartTls>(action)) {
      played.end = End::kStartTls;
    } else if (std::holds_alternative<probe::Done>(action)) {
      played.end = End::kDone;
    }
    return played.end == End::kWaiting;
  }

  Played play(const Script& answers, bool closes) const {
    Played played;
    const auto conversation = make_();
    bool going = take(conversation->start(), 0, played);
    for (std::size_t i = 0; going && i < answers.size(); ++i) {
      going = take(conversation->receive(answers[i]), i + 1, played);
    }
    if (going && closes) {
      const auto writes = played.written.size();
      take(conversation->peer_closed(), answers.size(), played);
      EXPECT_EQ(played.written.size(), writes) << "wrote to a peer that is gone";
    }
    played.findings = conversation->findings();
    check_invariants(played);
    return played;
  }

  void check_invariants(const Played& played) const {
    if (played.failure) {
      EXPECT_EQ(played.failure->stage, stage_) << "the failure names another stage";
      EXPECT_FALSE(played.failure->message.empty()) << "a failure without a word";
      EXPECT_LE(played.failure->peer_text.size(), 2048U) << "unbounded peer text";
      check_words(*played.failure);
    }
    if (played.findings.notice) check_words(*played.findings.notice);
    EXPECT_LE(played.findings.server_version.size(), 256U) << "unbounded version";
    EXPECT_LE(played.findings.server_product.size(), 256U) << "unbounded product";
    for (const auto& bytes : played.written) {
      for (const auto& secret : secrets_) {
        EXPECT_EQ(base::as_text(bytes).find(secret), std::string_view::npos) << "wrote a secret";
      }
    }
  }

  void check_words(const probe::Failure& failure) const {
    for (const auto& secret : secrets_) {
      EXPECT_EQ(failure.message.find(secret), std::string::npos) << "told a secret: " << failure.message;
    }
    for (const char byte : failure.message) {
      EXPECT_GE(static_cast<unsigned char>(byte), 0x20U) << "a control character in: " << failure.message;
    }
  }

  void check_straight(const Played& played) const {
    EXPECT_EQ(played.end, end_) << "the script as written"
                                << (played.failure ? ": " + played.failure->message : "");
    if (cause_) {
      ASSERT_TRUE(played.failure.has_value());
      EXPECT_EQ(played.failure->cause, *cause_) << played.failure->message;
    }
    ASSERT_EQ(played.written.size(), expected_.size()) << "number of writes";
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      EXPECT_EQ(base::to_hex(played.written[i]), base::to_hex(expected_[i].bytes)) << "write " << i;
      EXPECT_EQ(played.written_after[i], expected_[i].after_answers)
          << "write " << i << " came too early or late";
    }
  }

  /// Byte by byte the same must come out as in one piece.
  void check_dribble(const Played& straight) const {
    SCOPED_TRACE("the peer sends single bytes");
    Script dribble;
    for (const auto& answer : answers_) {
      for (const auto byte : answer)
        dribble.push_back({byte});
    }
    const auto played = play(dribble, closes_);
    EXPECT_EQ(played.end, straight.end) << (played.failure ? played.failure->message : "");
    EXPECT_EQ(played.written, straight.written);
    ASSERT_EQ(played.failure.has_value(), straight.failure.has_value());
    if (played.failure) {
      EXPECT_EQ(played.failure->cause, straight.failure->cause);
      if (straight.end == End::kRefused) {
        EXPECT_EQ(played.failure->peer_text, straight.failure->peer_text);
      }
    }
    EXPECT_EQ(played.findings.tls_offer, straight.findings.tls_offer);
    EXPECT_EQ(played.findings.server_version, straight.findings.server_version);
    EXPECT_EQ(played.findings.server_product, straight.findings.server_product);
    EXPECT_EQ(played.findings.client_certificate, straight.findings.client_certificate);
    EXPECT_EQ(played.findings.plaintext_accepted, straight.findings.plaintext_accepted);
    EXPECT_EQ(played.findings.greeting, straight.findings.greeting);
    EXPECT_EQ(played.findings.notice.has_value(), straight.findings.notice.has_value());
  }

  void check_close(std::size_t step) const {
    SCOPED_TRACE("the peer closes after " + std::to_string(step) + " answers");
    const auto played = play(first(step), true);
    EXPECT_NE(played.end, End::kWaiting) << "waits for a peer that is gone";
    if (step < answers_.size()) {
      EXPECT_NE(played.end, End::kStartTls);
    }
  }

  void check_truncation(std::size_t step) const {
    for (std::size_t length = 1; length < answers_[step].size(); ++length) {
      SCOPED_TRACE("answer " + std::to_string(step) + " is cut after " + std::to_string(length) + " bytes");
      auto script = first(step);
      script.emplace_back(answers_[step].begin(),
                          answers_[step].begin() + static_cast<std::ptrdiff_t>(length));
      const auto played = play(script, true);
      EXPECT_NE(played.end, End::kWaiting) << "waits for a peer that is gone";
      EXPECT_NE(played.end, End::kStartTls) << "went on to TLS after half an answer";
    }
  }

  void check_garbage(std::size_t step) const {
    for (const auto& rubbish : garbage()) {
      SCOPED_TRACE("instead of answer " + std::to_string(step) + ": " + base::to_hex(rubbish).substr(0, 40));
      auto script = first(step);
      script.push_back(rubbish);
      const auto played = play(script, true);
      EXPECT_NE(played.end, End::kWaiting) << "waits for a peer that is gone";
      EXPECT_NE(played.end, End::kStartTls) << "went on to TLS after rubbish";
      if (step == 0) {
        EXPECT_NE(played.findings.plaintext_accepted, probe::Tristate::kYes) << "took rubbish for a session";
      }
    }
  }

  /// Each byte value in turn without end: the conversation must stop by itself.
  void check_flood(std::size_t step) const {
    constexpr std::size_t kPiece = 16384;
    constexpr std::size_t kPieces = 80;
    for (unsigned value = 0; value < 256; ++value) {
      SCOPED_TRACE("a flood of " + std::to_string(value) + " instead of answer " + std::to_string(step));
      const base::Bytes piece(kPiece, static_cast<std::uint8_t>(value));
      Played played;
      const auto conversation = make_();
      bool going = take(conversation->start(), 0, played);
      for (std::size_t i = 0; going && i < step; ++i)
        going = take(conversation->receive(answers_[i]), i + 1, played);
      for (std::size_t i = 0; going && i < kPieces; ++i)
        going = take(conversation->receive(piece), step, played);
      EXPECT_NE(played.end, End::kWaiting) << "swallows more than 1 MiB";
      EXPECT_NE(played.end, End::kStartTls) << "went on to TLS after a flood";
      played.findings = conversation->findings();
      check_invariants(played);
    }
  }

  void check_trailing() const {
    SCOPED_TRACE("bytes follow the last answer");
    auto script = answers_;
    script.back().push_back(0x16);
    script.back().push_back(0x03);
    const auto played = play(script, true);
    EXPECT_NE(played.end, End::kWaiting) << "waits for a peer that is gone";
    if (end_ != End::kStartTls) return;
    ASSERT_EQ(played.end, End::kFail) << "bytes before ClientHello went unnoticed";
    EXPECT_EQ(played.failure->cause, probe::Cause::kUnexpectedBytes);
  }

  Script first(std::size_t count) const {
    return {answers_.begin(), answers_.begin() + static_cast<std::ptrdiff_t>(count)};
  }

  static Script garbage() {
    base::Bytes counting(256);
    for (std::size_t i = 0; i < counting.size(); ++i)
      counting[i] = static_cast<std::uint8_t>(i * 167 + 13);
    return {base::to_bytes("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
            base::to_bytes("220 mail.example ESMTP\r\n"),
            base::Bytes{0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x28},
            base::Bytes(64, 0x00),
            base::Bytes(64, 0xff),
            std::move(counting)};
  }

  Factory make_;
  probe::Stage stage_;
  std::vector<Write> expected_;
  Script answers_;
  bool closes_ = false;
  End end_ = End::kDone;
  std::optional<probe::Cause> cause_;
  std::vector<std::string> secrets_;
};

}  // namespace tlswarden::test_support
