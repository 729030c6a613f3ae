#include "probe/converse.hpp"

#include <array>
#include <utility>

#include "probe/io_failure.hpp"

namespace tlswarden::probe {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

using End = Conversed::End;

/// The next thing to do for the peer's sake: nothing is left of `Send` but its continuation once it is
/// written.
struct Verdict {
  std::optional<End> end;  ///< none: read on
  std::optional<Failure> failure;
};

Verdict after(const Send& send) {
  switch (send.next) {
    case Send::Next::kRead:
      return {};
    case Send::Next::kStartTls:
      return {End::kStartTls, {}};
    case Send::Next::kDone:
      return {End::kDone, {}};
  }
  return {};
}

Verdict after(Action action) {
  if (const auto* send = std::get_if<Send>(&action)) return after(*send);
  if (auto* refused = std::get_if<Refused>(&action)) return {End::kRefused, std::move(refused->failure)};
  if (auto* failed = std::get_if<Fail>(&action)) return {End::kFailed, std::move(failed->failure)};
  if (std::holds_alternative<StartTls>(action)) return {End::kStartTls, {}};
  if (std::holds_alternative<Done>(action)) return {End::kDone, {}};
  return {};
}

class Shell {
 public:
  Shell(net::ByteStream& stream, Conversation& conversation, const ConverseOptions& options)
      : stream_(stream), conversation_(conversation), options_(options) {}

  net::Awaitable<Verdict> run() {
    Action action = conversation_.start();
    for (;;) {
      if (const auto* send = std::get_if<Send>(&action)) {
        options_.transcript.sent(options_.stage, send->bytes);
        const auto written = co_await stream_.write_all(send->bytes, options_.deadline);
        if (!written) co_return lost(written.error());
      }
      Verdict verdict = after(std::move(action));
      if (verdict.end) co_return verdict;

      const auto count = co_await stream_.read_some(buffer_, options_.deadline);
      if (count) {
        const base::ByteView bytes(buffer_.data(), *count);
        options_.transcript.received(options_.stage, bytes);
        total_ += *count;
        if (total_ > kMostBytes) co_return fail(net::IoError{net::IoError::Kind::kTooMuchData, {}});
        action = conversation_.receive(bytes);
      } else if (count.error().kind == net::IoError::Kind::kPeerClosed) {
        co_return closed(conversation_.peer_closed(), count.error());
      } else {
        co_return lost(count.error());
      }
    }
  }

 private:
  /// A reset means the same whether it is met by reading or by writing: that depends on who was faster.
  Verdict lost(const net::IoError& error) {
    if (error.kind == net::IoError::Kind::kConnectionReset) {
      if (auto last = conversation_.peer_reset()) return closed(std::move(*last), error);
    }
    return fail(error);
  }

  Verdict fail(const net::IoError& error) const {
    return {End::kFailed, failure_from(error, options_.stage, options_.peer)};
  }

  /// A conversation whose peer is gone can only end.
  Verdict closed(Action action, const net::IoError& error) {
    options_.transcript.note(options_.stage, "closed by the peer");
    const bool over = !std::holds_alternative<Send>(action) && !std::holds_alternative<NeedMore>(action) &&
                      !std::holds_alternative<StartTls>(action);
    return over ? after(std::move(action)) : fail(error);
  }

  net::ByteStream& stream_;
  Conversation& conversation_;
  const ConverseOptions& options_;
  std::array<std::uint8_t, 4096> buffer_;
  std::size_t total_ = 0;
};

}  // namespace

net::Awaitable<Conversed> converse(net::ByteStream& stream, Conversation& conversation,
                                   ConverseOptions options) {
  Shell shell(stream, conversation, options);
  Verdict verdict = co_await shell.run();
  Conversed result{*verdict.end, std::move(verdict.failure), conversation.findings()};
  if (result.failure) {
    result.failure->stage = options.stage;
    options.transcript.note(options.stage, "ended: " + std::string(to_string(result.failure->cause)));
  }
  co_return result;
}

}  // namespace tlswarden::probe
