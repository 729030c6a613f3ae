#include <nlohmann/json.hpp>
#include <utility>

#include "base/time_text.hpp"
#include "resource/codec.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

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
  if (tls.staple) {
    Json& staple = object["staple"] = {{"status", to_string(tls.staple->answer)},
                                       {"thisUpdate", time_text(tls.staple->this_update)}};
    if (tls.staple->next_update) staple["nextUpdate"] = time_text(*tls.staple->next_update);
  }
  Json& chain = object["chain"] = Json::array();
  for (const CertificateStatus& certificate : tls.chain)
    chain.push_back(certificate_json(certificate));
  if (!tls.from_trust_store.empty()) {
    Json& rest = object["fromTrustStore"] = Json::array();
    for (const CertificateStatus& certificate : tls.from_trust_store)
      rest.push_back(certificate_json(certificate));
  }
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

Json seen_rotation_json(const SeenRotation& seen) {
  return {{"time", time_text(seen.time)},
          {"role", seen.role},
          {"oldSHA256", seen.old_sha256},
          {"newSHA256", seen.new_sha256}};
}

Json rotation_json(const RotationStatus& rotation) {
  Json object = {{"state", to_string(rotation.progress)}};
  if (rotation.last) object["last"] = seen_rotation_json(*rotation.last);
  if (rotation.leaf_change) object["leafChange"] = seen_rotation_json(*rotation.leaf_change);
  if (rotation.client_sha256) object["clientSHA256"] = *rotation.client_sha256;
  return object;
}

Json served_certificate_json(const DeclaredCertificateStatus& declared) {
  return {{"sha256", declared.sha256},
          {"notAfter", time_text(declared.not_after)},
          {"firstSeenTime", time_text(declared.first_seen)}};
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
  if (member.not_before) object["notBefore"] = time_text(*member.not_before);
  if (member.not_after) object["notAfter"] = time_text(*member.not_after);
  if (member.change) {
    object["change"] = {{"time", time_text(member.change->time)},
                        {"turn", to_string(member.change->turn)},
                        {"oldSHA256", member.change->old_sha256}};
  }
  return object;
}

}  // namespace

Json status_to_json(const EndpointStatus& status) {
  Json object = {{"observedGeneration", status.observed_generation}};
  Json& conditions = object["conditions"] = Json::array();
  for (const Condition& condition : status.conditions)
    conditions.push_back(condition_json(condition));
  if (status.last_check_time) object["lastCheckTime"] = time_text(*status.last_check_time);
  if (status.last_reached_time) object["lastReachedTime"] = time_text(*status.last_reached_time);
  if (Json server = server_json(status.server); !server.empty()) object["server"] = std::move(server);
  if (status.tls) object["tls"] = tls_json(*status.tls);
  if (status.mode) object["mode"] = to_string(*status.mode);
  if (!status.modes.empty()) {
    Json& modes = object["modes"] = Json::array();
    for (const ModeRung& rung : status.modes)
      modes.push_back(rung_json(rung));
  }
  if (status.strongest_mode) object["strongestMode"] = to_string(*status.strongest_mode);
  if (status.expiry) object["expiry"] = expiry_json(*status.expiry);
  if (status.rotation) object["rotation"] = rotation_json(*status.rotation);
  if (status.served_certificate)
    object["servedCertificate"] = served_certificate_json(*status.served_certificate);
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

}  // namespace tlswarden::resource
