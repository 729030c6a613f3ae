#include "drivers/etcd/answer.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace tlswarden::drivers::etcd {
namespace {

using common::HttpResponse;
using nlohmann::json;
using probe::Cause;
using probe::Stage;
using probe::Tristate;

constexpr unsigned kOk = 200;
constexpr std::size_t kMaxVersion = 64;

/// The object that a body is; an empty one where it is none.
json object_in(const HttpResponse& response) {
  auto parsed = json::parse(response.body, nullptr, false);
  return parsed.is_object() ? parsed : json::object();
}

/// The text under `name`, or under one name within another; empty where there is none.
std::string text_at(const json& object, const json::json_pointer& place) {
  if (!object.is_object() || !object.contains(place)) return {};
  const auto& value = object.at(place);
  return value.is_string() ? value.get<std::string>() : std::string();
}

struct Row {
  std::string_view part;  ///< of the body
  Cause cause;
  std::string_view message;
};

// etcdserver/api/v3rpc/rpctypes/error.go and embed/serve.go of 3.4 and 3.5.
constexpr std::array kRows{
    Row{"authentication failed, invalid user ID or password", Cause::kAuthenticationFailed,
        "The server refused the login; check the user and password of spec.auth."},
    Row{"authentication is not enabled", Cause::kAuthenticationFailed,
        "Authentication is off in this etcd; remove spec.auth, or run etcdctl auth enable."},
    Row{"user name is empty", Cause::kAuthenticationFailed,
        "The server wants a user; declare spec.auth.username."},
    Row{"permission denied", Cause::kAccessRefused,
        "The server does not permit the declared user to ask this."},
    Row{"CommonName of client sending a request against gateway", Cause::kUnsupported,
        "With authentication on, etcd's JSON gateway admits no client whose certificate has a common name, "
        "so "
        "there is no login here; remove spec.auth, or declare a client certificate without a common name."},
    Row{"404 page not found", Cause::kUnsupported,
        "This etcd has no JSON gateway to log in by; start it with --enable-grpc-gateway, or remove "
        "spec.auth."},
    Row{"authentication handshake failed", Cause::kServerError,
        "etcd's JSON gateway cannot reach etcd itself: it shows the server's certificate as a client, so "
        "that "
        "must be good for clientAuth as well."},
};

}  // namespace

std::optional<std::string> version_of(const HttpResponse& response) {
  static const json::json_pointer version_at("/etcdserver");
  const auto version = text_at(object_in(response), version_at);
  if (response.status != kOk || version.empty()) return std::nullopt;
  return version.substr(0, kMaxVersion);
}

Tristate healthy_by(const HttpResponse& response) {
  static const json::json_pointer health_at("/health");
  const auto health = text_at(object_in(response), health_at);
  if (health == "true") return Tristate::kYes;
  return health == "false" ? Tristate::kNo : Tristate::kUnknown;
}

base::Secret token_in(const HttpResponse& response) {
  static const json::json_pointer token_at("/token");
  auto text = text_at(object_in(response), token_at);
  if (!common::fits_field(text)) return {};
  base::Secret token(text);
  base::wipe_memory(text.data(), text.size());
  return token;
}

Status status_in(const HttpResponse& response) {
  static const json::json_pointer version_at("/version");
  static const json::json_pointer member_at("/header/member_id");
  const auto object = object_in(response);
  return {text_at(object, version_at).substr(0, kMaxVersion), text_at(object, member_at)};
}

Tristate encrypted_by(const HttpResponse& members, std::string_view member_id) {
  static const json::json_pointer id_at("/ID");
  const auto object = object_in(members);
  const auto list = object.find("members");
  if (list == object.end() || !list->is_array()) return Tristate::kUnknown;
  const auto member = std::find_if(list->begin(), list->end(),
                                   [&](const json& one) { return text_at(one, id_at) == member_id; });
  if (member == list->end() || !member->contains("clientURLs")) return Tristate::kUnknown;
  const auto& urls = (*member)["clientURLs"];
  if (!urls.is_array() || urls.empty()) return Tristate::kUnknown;
  const auto all_begin_with = [&](std::string_view scheme) {
    return std::all_of(urls.begin(), urls.end(), [&](const json& url) {
      return url.is_string() && url.get_ref<const std::string&>().starts_with(scheme);
    });
  };
  if (all_begin_with("https://")) return Tristate::kYes;
  return all_begin_with("http://") ? Tristate::kNo : Tristate::kUnknown;
}

std::optional<probe::Failure> failure_in(const HttpResponse& response) {
  constexpr std::size_t kMaxPeerText = 2048;
  if (response.status == kOk) return std::nullopt;
  static const json::json_pointer message_at("/message");
  auto told = text_at(object_in(response), message_at);
  if (told.empty()) told = response.body;
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [&](const Row& one) { return told.find(one.part) != std::string::npos; });
  return probe::Failure{
      .stage = Stage::kSession,
      .cause = row != kRows.end() ? row->cause : Cause::kServerError,
      .message = row != kRows.end() ? std::string(row->message) : "The server answered with an error.",
      .peer_text = told.substr(0, kMaxPeerText),
      .code = "HTTP " + std::to_string(response.status)};
}

probe::Failure broken_answer(Cause cause, Stage stage) {
  auto failure = common::broken_http(cause, stage);
  if (cause == Cause::kNotThisProtocol || cause == Cause::kMalformedMessage)
    failure.message = "The answer is not etcd's; check spec.port and spec.engine.";
  return failure;
}

}  // namespace tlswarden::drivers::etcd
