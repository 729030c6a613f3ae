#include "drivers/oracle/listener_answer.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace tlswarden::drivers::oracle {
namespace {

using probe::Cause;

constexpr std::size_t kMaxText = 2048;
constexpr std::string_view kDigits = "0123456789";

/// The digits of the first "(NAME=123)".
std::string_view digits_of(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  if (at == std::string_view::npos) return {};
  const auto value = text.substr(at + name.size());
  const auto end = value.find_first_not_of(kDigits);
  constexpr std::size_t kMostDigits = 10;
  const bool closed = end != std::string_view::npos && value[end] == ')';
  return closed && end <= kMostDigits ? value.substr(0, end) : std::string_view();
}

struct Row {
  std::string_view error;
  Cause cause;
  std::string_view message;
};

// Oracle Database Error Messages, chapter TNS.
constexpr std::array kRows{
    Row{"12516", Cause::kServerBusy, "The listener has no free handler for this service; raise PROCESSES."},
    Row{"12518", Cause::kServerBusy, "The listener could not hand the connection on; it is checked again."},
    Row{"12519", Cause::kServerBusy, "The listener has no free handler for this service; raise PROCESSES."},
    Row{"12520", Cause::kServerBusy, "The listener has no free handler for this service; raise PROCESSES."},
    Row{"12526", Cause::kServerStarting, "The instance is in restricted mode; it is checked again."},
    Row{"12527", Cause::kServerStarting, "The instance is in restricted mode; it is checked again."},
    Row{"12528", Cause::kServerStarting, "The instance does not take connections yet; it is checked again."},
    Row{"12506", Cause::kAccessRefused,
        "The access list of the service does not admit this address; add it there."},
    Row{"12529", Cause::kAccessRefused,
        "The listener's filter does not admit this address; add it to TCP.INVITED_NODES."},
    Row{"12530", Cause::kServerBusy, "The listener's rate limit is reached; it is checked again."},
};

// An unknown service, an unknown SID, and one that is not told apart by its name.
constexpr std::array<std::string_view, 3> kUnknownService{"12514", "12505", "12504"};

bool is_unknown_service(const ListenerAnswer& answer) {
  return std::find(kUnknownService.begin(), kUnknownService.end(), answer.error) != kUnknownService.end();
}

const Row* row_of(const ListenerAnswer& answer) {
  const auto* row = std::find_if(kRows.begin(), kRows.end(),
                                 [&](const Row& candidate) { return candidate.error == answer.error; });
  return row == kRows.end() ? nullptr : row;
}

probe::Failure failure(probe::Stage stage, Cause cause, std::string_view message,
                       const ListenerAnswer& answer) {
  return {.stage = stage,
          .cause = cause,
          .message = std::string(message),
          .peer_text = answer.text,
          .code = answer.error};
}

std::optional<probe::Failure> notice_of_refusal(const ListenerAnswer& answer, bool service_declared,
                                                probe::Stage stage) {
  if (is_unknown_service(answer)) {
    if (!service_declared) return std::nullopt;
    return failure(stage, Cause::kDatabaseNotFound,
                   "The listener does not know the service of spec.auth.database; correct it.", answer);
  }
  if (const Row* row = row_of(answer)) return failure(stage, row->cause, row->message, answer);
  return failure(stage, Cause::kServerError,
                 "The listener refused the connection; look its error up in the listener's log.", answer);
}

}  // namespace

ListenerAnswer parse_refusal(std::string_view text) {
  ListenerAnswer answer{.kind = ListenerAnswer::Kind::kRefused,
                        .version = 0,
                        .text = std::string(text.substr(0, kMaxText)),
                        .error = std::string(digits_of(text, "(ERR=")),
                        .packed_version = 0};
  const auto version = digits_of(text, "(VSNNUM=");
  std::uint32_t packed = 0;
  const auto parsed = std::from_chars(version.data(), version.data() + version.size(), packed);
  if (parsed.ec == std::errc{}) answer.packed_version = packed;
  return answer;
}

std::optional<probe::Failure> notice_of(const ListenerAnswer& answer, bool service_declared,
                                        probe::Stage stage) {
  switch (answer.kind) {
    case ListenerAnswer::Kind::kAccepted:
      return std::nullopt;
    case ListenerAnswer::Kind::kRefused:
      return notice_of_refusal(answer, service_declared, stage);
    case ListenerAnswer::Kind::kRedirected:
      return failure(stage, Cause::kServerError,
                     "The listener sends clients on to another address, whose TLS is not checked here; "
                     "declare an endpoint for that address as well.",
                     answer);
    case ListenerAnswer::Kind::kRenegotiates:
      return failure(stage, Cause::kServerError,
                     "The listener hands the connection to a database that makes a TLS handshake of its own, "
                     "which only a login checks; the listener's is checked here.",
                     answer);
  }
  return std::nullopt;
}

bool turns_away(const ListenerAnswer& answer) {
  const Row* row = row_of(answer);
  return row != nullptr && row->cause == Cause::kAccessRefused;
}

probe::Failure broken_answer(Cause cause, probe::Stage stage) {
  std::string message;
  switch (cause) {
    case Cause::kPeerClosed:
      message = "The listener closed the connection instead of answering; its log says why.";
      break;
    case Cause::kMessageTooLarge:
      message = "The answer is too long to be a listener's.";
      break;
    case Cause::kMalformedMessage:
      message = "The answer breaks Oracle Net's protocol; check what stands between here and the listener.";
      break;
    default:
      message = "The answer is not in Oracle Net's protocol; check spec.port and spec.engine.";
  }
  return {.stage = stage, .cause = cause, .message = std::move(message), .peer_text = {}, .code = {}};
}

}  // namespace tlswarden::drivers::oracle
