#include "resource/codec.hpp"

#include <nlohmann/json.hpp>

#include "base/duration.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

Json reference(const Reference& from) {
  Json object = Json::object();
  const auto keyed = [&] { return Json{{"name", from.name}, {"key", from.key}}; };
  switch (from.kind) {
    case Reference::Kind::kSecretKey:
      object["secretKeyRef"] = keyed();
      break;
    case Reference::Kind::kConfigMapKey:
      object["configMapKeyRef"] = keyed();
      break;
    case Reference::Kind::kFile:
      object["file"] = from.text;
      break;
    case Reference::Kind::kInline:
      object["inline"] = from.text;
      break;
    case Reference::Kind::kEnv:
      object["env"] = from.text;
      break;
    case Reference::Kind::kValue:
      object["value"] = from.text;
      break;
  }
  if (from.password) object["password"] = reference(*from.password);
  return object;
}

void put(Json& object, const char* key, const std::optional<Reference>& value) {
  if (value) object[key] = reference(*value);
}

void put(Json& object, const char* key, const std::optional<std::string>& value) {
  if (value) object[key] = *value;
}

void put(Json& object, const char* key, const std::optional<Threshold>& value) {
  if (!value) return;
  object[key] = value->percent ? std::to_string(*value->percent) + "%"
                               : base::format_duration(value->span.value_or(base::Seconds{}));
}

Json tls_spec(const TlsSpec& tls) {
  Json object = {{"mode", to_string(tls.mode)},
                 {"negotiation", to_string(tls.negotiation)},
                 {"minVersion", to_string(tls.min_version)}};
  put(object, "serverName", tls.server_name);
  put(object, "ca", tls.ca);
  put(object, "nextCA", tls.next_ca);
  put(object, "clientCertificate", tls.client_certificate);
  put(object, "clientKey", tls.client_key);
  put(object, "clientKeyPassphrase", tls.client_key_passphrase);
  return object;
}

Json auth_spec(const AuthSpec& auth) {
  Json object = Json::object();
  put(object, "username", auth.username);
  put(object, "password", auth.password);
  put(object, "database", auth.database);
  return object;
}

Json rotation_spec(const RotationSpec& rotation) {
  Json object = Json::object();
  put(object, "warnBefore", rotation.warn_before);
  put(object, "criticalBefore", rotation.critical_before);
  object["leadTime"] = base::format_duration(rotation.lead_time);
  object["reloadGrace"] = base::format_duration(rotation.reload_grace);
  Json windows = Json::array();
  for (const MaintenanceWindow& window : rotation.maintenance_windows) {
    Json item = Json::object();
    if (!window.days.empty()) item["days"] = window.days;
    item["start"] = window.start;
    item["duration"] = base::format_duration(window.duration);
    item["timeZone"] = window.time_zone;
    windows.push_back(std::move(item));
  }
  if (!windows.empty()) object["maintenanceWindows"] = std::move(windows);
  return object;
}

Json tunnel_spec(const SshTunnelSpec& tunnel) {
  Json ssh = {{"host", tunnel.host}, {"port", tunnel.port}, {"user", tunnel.user}};
  put(ssh, "key", tunnel.key);
  put(ssh, "keyPassphrase", tunnel.key_passphrase);
  put(ssh, "knownHosts", tunnel.known_hosts);
  Json object = Json::object();
  object["ssh"] = std::move(ssh);
  return object;
}

Json slow_check_to_json(const SlowCheckSpec& check) {
  return {{"enabled", check.enabled}, {"interval", base::format_duration(check.interval)}};
}

Json metadata(const Metadata& from) {
  Json object = {{"name", from.name}, {"namespace", from.ns}};
  if (!from.uid.empty()) object["uid"] = from.uid;
  object["generation"] = from.generation;
  if (!from.labels.empty()) object["labels"] = from.labels;
  if (!from.annotations.empty()) object["annotations"] = from.annotations;
  return object;
}

}  // namespace

Json spec_to_json(const EndpointSpec& spec) {
  Json object = {{"engine", to_string(spec.engine)}, {"host", spec.host}};
  if (spec.srv) object["srv"] = true;
  object["port"] = spec.port;
  put(object, "provider", spec.provider);
  object["addresses"] = spec.addresses == AddressSelection::kAll ? "all" : "first";
  object["tls"] = tls_spec(spec.tls);
  if (spec.auth) object["auth"] = auth_spec(*spec.auth);
  put(object, "expectedServerVersion", spec.expected_server_version);
  put(object, "servedCertificate", spec.served_certificate);
  object["rotation"] = rotation_spec(spec.rotation);
  if (spec.ssh_tunnel) object["tunnel"] = tunnel_spec(*spec.ssh_tunnel);
  object["checkInterval"] = base::format_duration(spec.check_interval);
  object["timeout"] = base::format_duration(spec.timeout);
  object["failureThreshold"] = spec.failure_threshold;
  object["plaintextCheck"] = slow_check_to_json(spec.plaintext_check);
  object["legacyProtocolCheck"] = slow_check_to_json(spec.legacy_protocol_check);
  object["suspend"] = spec.suspend;
  return object;
}

Json to_json(const DatabaseEndpoint& endpoint) {
  Json document = {{"apiVersion", kApiVersion}, {"kind", kKind}};
  document["metadata"] = metadata(endpoint.metadata);
  document["spec"] = spec_to_json(endpoint.spec);
  document["status"] = status_to_json(endpoint.status);
  return document;
}

}  // namespace tlswarden::resource
