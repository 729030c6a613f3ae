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
constexpr std::array kRevocationAnswers{RevocationAnswer::kGood, RevocationAnswer::kRevoked,
                                        RevocationAnswer::kUnknown};
constexpr std::array kProgresses{RotationProgress::kPlanned, RotationProgress::kWaitingForWindow,
                                 RotationProgress::kOverdue, RotationProgress::kDone};
constexpr std::array kMemberTurns{MemberTurn::kRotated, MemberTurn::kWentBack, MemberTurn::kReturned,
                                  MemberTurn::kAlternating};
constexpr std::array kUrgencies{Urgency::kNow, Urgency::kSoon, Urgency::kPlanned, Urgency::kConsider};

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
  if (const Json* staple = find(object, "staple")) {
    tls.staple.emplace();
    tls.staple->answer = one_of(kRevocationAnswers, staple->at("status"));
    read(*staple, "thisUpdate", tls.staple->this_update);
    read(*staple, "nextUpdate", tls.staple->next_update);
  }
  if (const Json* chain = find(object, "chain")) {
    for (const Json& item : *chain)
      tls.chain.push_back(certificate_of(item));
  }
  if (const Json* rest = find(object, "fromTrustStore")) {
    for (const Json& item : *rest)
      tls.from_trust_store.push_back(certificate_of(item));
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
  read(object, "notBefore", member.not_before);
  read(object, "notAfter", member.not_after);
  if (const Json* change = find(object, "change")) {
    member.change.emplace();
    read(*change, "time", member.change->time);
    member.change->turn = one_of(kMemberTurns, change->at("turn"));
    read(*change, "oldSHA256", member.change->old_sha256);
  }
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

SeenRotation seen_rotation_of(const Json& object) {
  SeenRotation seen;
  read(object, "time", seen.time);
  read(object, "role", seen.role);
  read(object, "oldSHA256", seen.old_sha256);
  read(object, "newSHA256", seen.new_sha256);
  return seen;
}

RotationStatus rotation_of(const Json& object) {
  RotationStatus rotation;
  rotation.progress = one_of(kProgresses, object.at("state"));
  if (const Json* last = find(object, "last")) rotation.last = seen_rotation_of(*last);
  if (const Json* change = find(object, "leafChange")) rotation.leaf_change = seen_rotation_of(*change);
  read(object, "clientSHA256", rotation.client_sha256);
  return rotation;
}

DeclaredCertificateStatus served_certificate_of(const Json& object) {
  DeclaredCertificateStatus declared;
  read(object, "sha256", declared.sha256);
  read(object, "notAfter", declared.not_after);
  read(object, "firstSeenTime", declared.first_seen);
  return declared;
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
  read(document, "lastReachedTime", status.last_reached_time);
  if (const Json* server = find(document, "server")) {
    read(*server, "version", status.server.version);
    read(*server, "address", status.server.address);
    read(*server, "encryptedSession", status.server.encrypted_session);
    read(*server, "sessionProtocol", status.server.session_protocol);
  }
  if (const Json* tls = find(document, "tls")) status.tls = tls_of(*tls);
  if (const Json* mode = find(document, "mode")) status.mode = one_of(kAllModes, *mode);
  if (const Json* items = find(document, "modes")) {
    for (const Json& item : *items)
      status.modes.push_back(rung_of(item));
  }
  if (const Json* mode = find(document, "strongestMode")) status.strongest_mode = one_of(kAllModes, *mode);
  if (const Json* expiry = find(document, "expiry")) status.expiry = expiry_of(*expiry);
  if (const Json* rotation = find(document, "rotation")) status.rotation = rotation_of(*rotation);
  if (const Json* declared = find(document, "servedCertificate"))
    status.served_certificate = served_certificate_of(*declared);
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
