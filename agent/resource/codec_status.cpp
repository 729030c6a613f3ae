#include "resource/codec.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/time_text.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

/// A status that status_to_json did not write; never leaves this file.
class Unexpected : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

constexpr std::array kConditionStatuses{ConditionStatus::kTrue, ConditionStatus::kFalse,
                                        ConditionStatus::kUnknown};
constexpr std::array kOutcomes{RungOutcome::kWorks, RungOutcome::kRejected, RungOutcome::kUnknown};
constexpr std::array kUrgencies{Urgency::kNow, Urgency::kSoon, Urgency::kPlanned, Urgency::kConsider};

std::string time_text(base::WallTime time) {
  return base::format_rfc3339(time);
}

Json condition_json(const Condition& c) {
  return {{"type", c.type},
          {"status", to_string(c.status)},
          {"observedGeneration", c.observed_generation},
          {"lastTransitionTime", time_text(c.last_transition)},
          {"reason", c.reason},
          {"message", c.message}};
}

Json server_json(const ServerStatus& server) {
  Json object = Json::object();
  if (server.version) object["version"] = *server.version;
  if (server.address) object["address"] = *server.address;
  if (server.encrypted_session) object["encryptedSession"] = *server.encrypted_session;
  if (server.session_protocol) object["sessionProtocol"] = *server.session_protocol;
  return object;
}

Json certificate_json(const CertificateStatus& c) {
  Json object = {{"role", c.role},
                 {"subject", c.subject},
                 {"issuer", c.issuer},
                 {"serialNumber", c.serial_number},
                 {"notBefore", time_text(c.not_before)},
                 {"notAfter", time_text(c.not_after)},
                 {"sha256", c.sha256}};
  if (!c.dns_names.empty()) object["dnsNames"] = c.dns_names;
  if (!c.ip_addresses.empty()) object["ipAddresses"] = c.ip_addresses;
  object["key"] = c.key;
  object["signature"] = c.signature;
  return object;
}

Json tls_json(const TlsStatus& tls) {
  Json object = {{"version", tls.version}, {"cipher", tls.cipher}};
  if (!tls.legacy_versions.empty()) object["legacyVersions"] = tls.legacy_versions;
  Json& chain = object["chain"] = Json::array();
  for (const CertificateStatus& certificate : tls.chain)
    chain.push_back(certificate_json(certificate));
  return object;
}

Json rung_json(const ModeRung& rung) {
  Json object = {{"mode", to_string(rung.mode)}, {"outcome", to_string(rung.outcome)}};
  if (!rung.reason.empty()) object["reason"] = rung.reason;
  if (!rung.message.empty()) object["message"] = rung.message;
  return object;
}

Json expiry_json(const Expiry& expiry) {
  Json object = {{"notAfter", time_text(expiry.not_after)}, {"role", expiry.role}};
  if (!expiry.subject.empty()) object["subject"] = expiry.subject;
  if (expiry.rotate_by) object["rotateBy"] = time_text(*expiry.rotate_by);
  if (expiry.window) {
    object["window"] = {{"start", time_text(expiry.window->start)}, {"end", time_text(expiry.window->end)}};
  }
  return object;
}

Json advice_json(const Advice& advice) {
  Json object = {{"action", advice.action}, {"urgency", to_string(advice.urgency)}};
  if (advice.by) object["by"] = time_text(*advice.by);
  if (!advice.reason.empty()) object["reason"] = advice.reason;
  object["message"] = advice.message;
  if (!advice.steps.empty()) object["steps"] = advice.steps;
  return object;
}

Json member_json(const MemberStatus& member) {
  Json object = {{"address", member.address}};
  if (!member.host.empty()) object["host"] = member.host;
  object["outcome"] = to_string(member.outcome);
  if (!member.reason.empty()) object["reason"] = member.reason;
  if (!member.message.empty()) object["message"] = member.message;
  if (member.version) object["version"] = *member.version;
  if (!member.sha256.empty()) object["sha256"] = member.sha256;
  if (member.not_after) object["notAfter"] = time_text(*member.not_after);
  return object;
}

const Json* find(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

template <class Value>
void read(const Json& object, const char* key, Value& value) {
  if (const Json* found = find(object, key)) value = found->get<Value>();
}

template <class Value>
void read(const Json& object, const char* key, std::optional<Value>& value) {
  if (const Json* found = find(object, key)) value = found->get<Value>();
}

base::WallTime time_value(const Json& value) {
  const auto time = base::parse_rfc3339(value.get<std::string>());
  if (!time) throw Unexpected(time.error().message);
  return *time;
}

void read(const Json& object, const char* key, base::WallTime& value) {
  if (const Json* found = find(object, key)) value = time_value(*found);
}

void read(const Json& object, const char* key, std::optional<base::WallTime>& value) {
  if (const Json* found = find(object, key)) value = time_value(*found);
}

template <class Values>
auto one_of(const Values& values, const Json& given) {
  const auto text = given.get<std::string>();
  for (const auto& value : values) {
    if (to_string(value) == text) return value;
  }
  throw Unexpected("'" + text + "' is not accepted");
}

Condition condition_of(const Json& object) {
  Condition c;
  c.status = one_of(kConditionStatuses, object.at("status"));
  read(object, "type", c.type);
  read(object, "observedGeneration", c.observed_generation);
  read(object, "lastTransitionTime", c.last_transition);
  read(object, "reason", c.reason);
  read(object, "message", c.message);
  return c;
}

CertificateStatus certificate_of(const Json& object) {
  CertificateStatus c;
  read(object, "role", c.role);
  read(object, "subject", c.subject);
  read(object, "issuer", c.issuer);
  read(object, "serialNumber", c.serial_number);
  read(object, "notBefore", c.not_before);
  read(object, "notAfter", c.not_after);
  read(object, "sha256", c.sha256);
  read(object, "dnsNames", c.dns_names);
  read(object, "ipAddresses", c.ip_addresses);
  read(object, "key", c.key);
  read(object, "signature", c.signature);
  return c;
}

TlsStatus tls_of(const Json& object) {
  TlsStatus tls;
  read(object, "version", tls.version);
  read(object, "cipher", tls.cipher);
  read(object, "legacyVersions", tls.legacy_versions);
  if (const Json* chain = find(object, "chain")) {
    for (const Json& item : *chain)
      tls.chain.push_back(certificate_of(item));
  }
  return tls;
}

MemberStatus member_of(const Json& object) {
  MemberStatus member;
  read(object, "address", member.address);
  read(object, "host", member.host);
  member.outcome = one_of(kOutcomes, object.at("outcome"));
  read(object, "reason", member.reason);
  read(object, "message", member.message);
  read(object, "version", member.version);
  read(object, "sha256", member.sha256);
  read(object, "notAfter", member.not_after);
  return member;
}

ModeRung rung_of(const Json& object) {
  ModeRung rung;
  rung.mode = one_of(kAllModes, object.at("mode"));
  rung.outcome = one_of(kOutcomes, object.at("outcome"));
  read(object, "reason", rung.reason);
  read(object, "message", rung.message);
  return rung;
}

Expiry expiry_of(const Json& object) {
  Expiry expiry;
  read(object, "notAfter", expiry.not_after);
  read(object, "role", expiry.role);
  read(object, "subject", expiry.subject);
  read(object, "rotateBy", expiry.rotate_by);
  if (const Json* window = find(object, "window")) {
    expiry.window.emplace();
    read(*window, "start", expiry.window->start);
    read(*window, "end", expiry.window->end);
  }
  return expiry;
}

Advice advice_of(const Json& object) {
  Advice advice;
  advice.urgency = one_of(kUrgencies, object.at("urgency"));
  read(object, "action", advice.action);
  read(object, "by", advice.by);
  read(object, "reason", advice.reason);
  read(object, "message", advice.message);
  read(object, "steps", advice.steps);
  return advice;
}

EndpointStatus status_of(const Json& document) {
  if (!document.is_object()) throw Unexpected("it is no object");
  EndpointStatus status;
  read(document, "observedGeneration", status.observed_generation);
  if (const Json* items = find(document, "conditions")) {
    for (const Json& item : *items)
      status.conditions.push_back(condition_of(item));
  }
  read(document, "lastCheckTime", status.last_check_time);
  if (const Json* server = find(document, "server")) {
    read(*server, "version", status.server.version);
    read(*server, "address", status.server.address);
    read(*server, "encryptedSession", status.server.encrypted_session);
    read(*server, "sessionProtocol", status.server.session_protocol);
  }
  if (const Json* tls = find(document, "tls")) status.tls = tls_of(*tls);
  if (const Json* items = find(document, "modes")) {
    for (const Json& item : *items)
      status.modes.push_back(rung_of(item));
  }
  if (const Json* mode = find(document, "strongestMode")) status.strongest_mode = one_of(kAllModes, *mode);
  if (const Json* expiry = find(document, "expiry")) status.expiry = expiry_of(*expiry);
  if (const Json* items = find(document, "advice")) {
    for (const Json& item : *items)
      status.advice.push_back(advice_of(item));
  }
  if (const Json* items = find(document, "members")) {
    for (const Json& item : *items)
      status.members.push_back(member_of(item));
  }
  return status;
}

}  // namespace

Json status_to_json(const EndpointStatus& status) {
  Json object = {{"observedGeneration", status.observed_generation}};
  Json& conditions = object["conditions"] = Json::array();
  for (const Condition& condition : status.conditions)
    conditions.push_back(condition_json(condition));
  if (status.last_check_time) object["lastCheckTime"] = time_text(*status.last_check_time);
  if (Json server = server_json(status.server); !server.empty()) object["server"] = std::move(server);
  if (status.tls) object["tls"] = tls_json(*status.tls);
  if (!status.modes.empty()) {
    Json& modes = object["modes"] = Json::array();
    for (const ModeRung& rung : status.modes)
      modes.push_back(rung_json(rung));
  }
  if (status.strongest_mode) object["strongestMode"] = to_string(*status.strongest_mode);
  if (status.expiry) object["expiry"] = expiry_json(*status.expiry);
  if (!status.advice.empty()) {
    Json& advice = object["advice"] = Json::array();
    for (const Advice& item : status.advice)
      advice.push_back(advice_json(item));
  }
  if (!status.members.empty()) {
    Json& members = object["members"] = Json::array();
    for (const MemberStatus& member : status.members)
      members.push_back(member_json(member));
  }
  return object;
}

base::Result<EndpointStatus> status_from_json(const Json& document) {
  try {
    return status_of(document);
  } catch (const Unexpected& error) {
    return base::fail(std::string("the stored status cannot be read: ") + error.what());
  } catch (const Json::exception& error) {
    return base::fail(std::string("the stored status cannot be read: ") + error.what());
  }
}

}  // namespace tlswarden::resource
