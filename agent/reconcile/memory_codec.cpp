#include "reconcile/memory_codec.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace tlswarden::reconcile {
namespace {

using nlohmann::json;
using probe::Tristate;

const char* to_text(Tristate answer) {
  switch (answer) {
    case Tristate::kYes:
      return "yes";
    case Tristate::kNo:
      return "no";
    case Tristate::kUnknown:
      break;
  }
  return "unknown";
}

Tristate tristate_from(std::string_view text) {
  if (text == "yes") return Tristate::kYes;
  return text == "no" ? Tristate::kNo : Tristate::kUnknown;
}

/// The enumerator up to `last` that probe::to_string spells as `text`; `fallback` when there is none.
template <class Enum>
Enum enumerator_from(std::string_view text, Enum last, Enum fallback) {
  for (int value = 0; value <= static_cast<int>(last); ++value) {
    const auto candidate = static_cast<Enum>(value);
    if (probe::to_string(candidate) == text) return candidate;
  }
  return fallback;
}

json failure_to_json(const probe::Failure& failure) {
  return {{"stage", probe::to_string(failure.stage)},
          {"cause", probe::to_string(failure.cause)},
          {"message", failure.message},
          {"peerText", base::printable(failure.peer_text, 2048)},
          {"code", base::printable(failure.code, 64)}};
}

probe::Failure failure_from_json(const json& document) {
  probe::Failure failure;
  failure.stage =
      enumerator_from(document.value("stage", ""), probe::Stage::kSession, probe::Stage::kPlaintext);
  failure.cause =
      enumerator_from(document.value("cause", ""), probe::Cause::kInternal, probe::Cause::kServerError);
  failure.message = document.value("message", "");
  failure.peer_text = document.value("peerText", "");
  failure.code = document.value("code", "");
  return failure;
}

json plaintext_to_json(const probe::PlaintextObservation& plaintext) {
  json document = {{"accepted", to_text(plaintext.accepted)},
                   {"at", base::format_rfc3339(plaintext.at)},
                   {"forDeclaredUser", plaintext.for_declared_user}};
  if (plaintext.failure) document["failure"] = failure_to_json(*plaintext.failure);
  return document;
}

std::optional<probe::PlaintextObservation> plaintext_from_json(const json& document) {
  const auto at = base::parse_rfc3339(document.value("at", ""));
  if (!at) return std::nullopt;
  probe::PlaintextObservation plaintext;
  plaintext.at = *at;
  plaintext.accepted = tristate_from(document.value("accepted", ""));
  plaintext.for_declared_user = document.value("forDeclaredUser", false);
  if (document.contains("failure")) plaintext.failure = failure_from_json(document.at("failure"));
  return plaintext;
}

json legacy_protocols_to_json(const probe::LegacyProtocolObservation& seen) {
  json accepted = json::array();
  for (const resource::TlsVersion version : seen.accepted)
    accepted.push_back(resource::to_string(version));
  return {{"at", base::format_rfc3339(seen.at)}, {"accepted", std::move(accepted)}};
}

std::optional<probe::LegacyProtocolObservation> legacy_protocols_from_json(const json& document) {
  const auto at = base::parse_rfc3339(document.value("at", ""));
  if (!at) return std::nullopt;
  probe::LegacyProtocolObservation seen{*at, {}};
  for (const json& name : document.value("accepted", json::array())) {
    const auto version = resource::parse_tls_version(name.get<std::string>());
    if (version) seen.accepted.push_back(*version);
  }
  return seen;
}

}  // namespace

std::string memory_to_text(const Memory& memory) {
  json document = {{"consecutiveFailures", memory.consecutive_failures}};
  if (memory.plaintext) document["plaintext"] = plaintext_to_json(*memory.plaintext);
  if (memory.legacy_protocols)
    document["legacyProtocols"] = legacy_protocols_to_json(*memory.legacy_protocols);
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

base::Result<Memory> memory_from_text(const std::string& text) {
  try {
    const json document = json::parse(text);
    if (!document.is_object()) return base::fail("the stored memory is no JSON object");
    Memory memory;
    memory.consecutive_failures = document.value("consecutiveFailures", 0);
    if (document.contains("plaintext")) memory.plaintext = plaintext_from_json(document.at("plaintext"));
    if (document.contains("legacyProtocols"))
      memory.legacy_protocols = legacy_protocols_from_json(document.at("legacyProtocols"));
    return memory;
  } catch (const json::exception& error) {
    return base::fail("the stored memory cannot be read: " + std::string(error.what()));
  }
}

}  // namespace tlswarden::reconcile
