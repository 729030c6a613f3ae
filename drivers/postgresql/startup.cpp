#include "drivers/postgresql/startup.hpp"

#include <algorithm>

namespace tlswarden::drivers::postgresql {
namespace {

constexpr std::string_view kMadeUpUser = "tlswarden";
// Every PostgreSQL has it, so a rule for all databases and one for this one both show.
constexpr std::string_view kMadeUpDatabase = "postgres";
constexpr std::size_t kMaxVersion = 128;

}  // namespace

Identity identity_of(const probe::Target& target) {
  Identity identity;
  if (target.credentials && !target.credentials->username.empty()) {
    identity = {.user = std::string(target.credentials->username.reveal()),
                .database = target.database,
                .declared = true};
  } else {
    identity = {.user = std::string(kMadeUpUser),
                .database = target.database.empty() ? std::string(kMadeUpDatabase) : target.database,
                .declared = false};
  }
  return identity;
}

bool server_version_is_its_own(resource::Engine engine) {
  return engine == resource::Engine::kPostgresql;
}

StartupAnswer::State StartupAnswer::feed(base::ByteView bytes) {
  reader_.feed(bytes);
  while (true) {
    const auto next = reader_.next();
    if (!next) {
      broken_ = next.error();
      return State::kBroken;
    }
    const auto& message = *next;
    if (!message) return State::kReading;
    const auto state = take(*message);
    if (state != State::kReading) return state;
  }
}

StartupAnswer::State StartupAnswer::take(const Message& message) {
  switch (message.type) {
    case 'E':
      error_ = parse_error(message.body);
      return State::kError;
    case 'R': {
      const auto code = authentication_code(message);
      if (code && *code != 0) return State::kAsksAuth;
      authenticated_ = code.has_value();
      if (authenticated_) return State::kReading;
      break;
    }
    case 'S':
      if (authenticated_) take_parameter(message);
      return State::kReading;
    case 'Z':
      if (authenticated_) return State::kReady;
      break;
    default:
      return State::kReading;
  }
  broken_ = probe::Cause::kMalformedMessage;
  return State::kBroken;
}

void StartupAnswer::take_parameter(const Message& message) {
  auto parameter = parameter_status(message);
  if (!parameter) return;
  auto& [name, value] = *parameter;
  value.resize(std::min(value.size(), kMaxVersion));
  if (name == "crdb_version") {
    product_ = "CockroachDB";
    server_version_ = value;
  } else if (name == "server_version" && product_.empty() && server_version_is_its_own(engine_)) {
    server_version_ = value;
  }
}

probe::Failure broken_answer(probe::Cause cause, probe::Stage stage) {
  std::string message;
  switch (cause) {
    case probe::Cause::kPeerClosed:
      message =
          "The server closed the connection instead of answering the StartupMessage; read the server's log "
          "for the reason.";
      break;
    case probe::Cause::kMessageTooLarge:
      message = "The server's answer to the StartupMessage is too long to be PostgreSQL's.";
      break;
    default:
      message = "The answer to the StartupMessage is not PostgreSQL's; check spec.port and spec.engine.";
  }
  return {.stage = stage, .cause = cause, .message = std::move(message), .peer_text = {}, .code = {}};
}

}  // namespace tlswarden::drivers::postgresql
