#include "drivers/cassandra/server_error.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "drivers/cassandra/body.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

using probe::Cause;

struct Row {
  std::uint32_t code;
  Cause cause;
  std::string_view message;
};

constexpr std::array kRows{
    Row{kProtocolError, Cause::kUnsupported,
        "The node does not take this version of the CQL protocol; tlswarden speaks version 4 (Cassandra 2.2 "
        "and later)."},
    Row{kBadCredentials, Cause::kAuthenticationFailed,
        "The node refused the login; check the user and password of spec.auth."},
    Row{0x1000, Cause::kServerError,
        "Too few replicas are up to answer; check the nodes with nodetool status, and the replication of "
        "system_auth."},
    Row{kOverloaded, Cause::kServerBusy, "The node is overloaded; it will be checked again."},
    Row{kBootstrapping, Cause::kServerStarting,
        "The node is still joining its cluster; it will be checked again."},
    Row{0x1200, Cause::kServerError,
        "The node's replicas did not answer in time; check the nodes with nodetool status."},
    Row{kUnauthorized, Cause::kAccessRefused, "The node does not permit the declared user to read this."},
};

std::string code_text(std::uint32_t code) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0x%04X", code);
  return text.data();
}

}  // namespace

ServerError read_error(base::ByteView bytes) {
  constexpr std::size_t kMaxText = 2048;
  Body body(bytes);
  ServerError error;
  error.code = body.u32();
  error.text = body.string().substr(0, kMaxText);
  return error;
}

probe::Failure to_failure(const ServerError& error, probe::Stage stage) {
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [&](const Row& candidate) { return candidate.code == error.code; });
  return {.stage = stage,
          .cause = row != kRows.end() ? row->cause : Cause::kServerError,
          .message = row != kRows.end() ? std::string(row->message) : "The node answered with an error.",
          .peer_text = error.text,
          .code = code_text(error.code)};
}

probe::Failure tls_only(probe::Stage stage) {
  return {.stage = stage,
          .cause = Cause::kTlsRequired,
          .message = "The port does not answer a client without TLS.",
          .peer_text = {},
          .code = {}};
}

bool is_tls_alert(base::ByteView answer) {
  constexpr std::uint8_t kAlertRecord = 0x15;
  return !answer.empty() && answer.front() == kAlertRecord;
}

probe::Failure broken_answer(probe::Cause cause, probe::Stage stage) {
  std::string message;
  switch (cause) {
    case Cause::kPeerClosed:
      message = "The node closed the connection instead of answering; its log says why.";
      break;
    case Cause::kMessageTooLarge:
      message = "The node's answer is too long for what was asked; check spec.port and spec.engine.";
      break;
    default:
      message = "The answer is not in the CQL protocol; check spec.port and spec.engine.";
  }
  return {.stage = stage, .cause = cause, .message = std::move(message), .peer_text = {}, .code = {}};
}

}  // namespace tlswarden::drivers::cassandra
