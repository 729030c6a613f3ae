#include "drivers/clickhouse/first_word.hpp"

namespace tlswarden::drivers::clickhouse {

using common::HttpReader;
using probe::Cause;

namespace {

/// As the prober decides: a name alone is no login.
bool login_follows(const probe::Target& target) {
  return target.credentials && (!target.credentials->password.empty() || target.material.client);
}

base::Bytes opening_for(const probe::Target& target) {
  if (protocol_by_port(target.port) == Protocol::kNative) return made_up_hello();
  const auto request = login_follows(target) ? ping_request(target, true) : made_up_query(target);
  return {request.bytes().begin(), request.bytes().end()};
}

}  // namespace

Protocol protocol_by_port(std::uint16_t port) {
  constexpr std::uint16_t kNative = 9000;
  constexpr std::uint16_t kNativeSecure = 9440;
  return port == kNative || port == kNativeSecure ? Protocol::kNative : Protocol::kHttp;
}

FirstWord::FirstWord(const probe::Target& target) : opening_(opening_for(target)) {}

FirstWord::State FirstWord::feed(base::ByteView bytes) {
  if (!any_) {
    // The native protocol's answers begin with a small number, HTTP's with a letter.
    if (bytes.front() == 'H') {
      http_.emplace();
    } else {
      hello_.emplace();
    }
    any_ = true;
  }
  return http_ ? take(http_->feed(bytes)) : take(hello_->feed(bytes));
}

FirstWord::State FirstWord::end() {
  return http_ ? take(http_->end()) : fail(Cause::kPeerClosed);
}

FirstWord::State FirstWord::take(HttpReader::State state) {
  if (state == HttpReader::State::kBroken) return fail(http_->broken());
  return state == HttpReader::State::kWhole ? take_response() : State::kReading;
}

FirstWord::State FirstWord::take(HelloReader::State state) {
  if (state == HelloReader::State::kBroken) return fail(hello_->broken());
  if (state == HelloReader::State::kReading) return State::kReading;
  version_ = hello_->version();
  error_ = hello_->error();
  return State::kAnswered;
}

FirstWord::State FirstWord::take_response() {
  http_whole_ = true;
  const auto& response = http_->response();
  switch (speaker_of(response)) {
    case Speaker::kNativePort:
      return State::kAnswered;
    case Speaker::kHttpInterface:
      version_ = version_of(response);
      error_ = error_in(response);
      return State::kAnswered;
    case Speaker::kOther:
      break;
  }
  return fail(Cause::kNotThisProtocol);
}

FirstWord::State FirstWord::fail(Cause cause) {
  broken_ = cause;
  return State::kBroken;
}

const common::HttpResponse* FirstWord::http() const {
  return http_whole_ ? &http_->response() : nullptr;
}

probe::Failure FirstWord::broken(probe::Stage stage) const {
  return broken_answer(broken_, stage);
}

probe::Failure broken_answer(Cause cause, probe::Stage stage) {
  auto failure = common::broken_http(cause, stage);
  if (cause == Cause::kNotThisProtocol || cause == Cause::kMalformedMessage) {
    failure.message =
        "The answer is in neither of ClickHouse's protocols, HTTP and native; check spec.port and "
        "spec.engine.";
  }
  return failure;
}

}  // namespace tlswarden::drivers::clickhouse
