#include "resource/codec.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "base/duration.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

/// A document that is not what validation promised; never leaves this file.
class Unexpected : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

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

base::Seconds duration(const std::string& text) {
  const auto span = base::parse_duration(text);
  if (!span) throw Unexpected(span.error().message);
  return *span;
}

void read(const Json& object, const char* key, base::Seconds& span) {
  if (const Json* found = find(object, key)) span = duration(found->get<std::string>());
}

template <class Value>
void read_word(const Json& object, const char* key, std::optional<Value> (*parse)(std::string_view),
               Value& value) {
  const Json* found = find(object, key);
  if (!found) return;
  const auto parsed = parse(found->get<std::string>());
  if (!parsed) throw Unexpected(std::string(key) + ": '" + found->get<std::string>() + "' is not accepted");
  value = *parsed;
}

Reference reference(const Json& object) {
  constexpr std::array<std::pair<const char*, Reference::Kind>, 4> kTexts{
      {{"file", Reference::Kind::kFile},
       {"inline", Reference::Kind::kInline},
       {"env", Reference::Kind::kEnv},
       {"value", Reference::Kind::kValue}}};
  Reference result;
  const Json* secret = find(object, "secretKeyRef");
  const Json* map = find(object, "configMapKeyRef");
  if (secret || map) {
    result.kind = secret ? Reference::Kind::kSecretKey : Reference::Kind::kConfigMapKey;
    read(secret ? *secret : *map, "name", result.name);
    read(secret ? *secret : *map, "key", result.key);
  } else {
    const auto* const found = std::find_if(
        kTexts.begin(), kTexts.end(), [&](const auto& text) { return find(object, text.first) != nullptr; });
    if (found == kTexts.end()) throw Unexpected("a reference names no source");
    result.kind = found->second;
    read(object, found->first, result.text);
  }
  if (const Json* password = find(object, "password")) {
    result.password = std::make_shared<const Reference>(reference(*password));
  }
  return result;
}

void read(const Json& object, const char* key, std::optional<Reference>& value) {
  if (const Json* found = find(object, key)) value = reference(*found);
}

void read(const Json& object, const char* key, std::optional<Threshold>& value) {
  const Json* found = find(object, key);
  if (!found) return;
  const auto text = found->get<std::string>();
  Threshold threshold;
  if (text.ends_with('%')) {
    threshold.percent = std::stoi(text);
  } else {
    threshold.span = duration(text);
  }
  value = threshold;
}

TlsSpec tls_spec(const Json& object) {
  TlsSpec tls;
  read_word(object, "mode", parse_mode, tls.mode);
  read_word(object, "negotiation", parse_negotiation, tls.negotiation);
  read_word(object, "minVersion", parse_tls_version, tls.min_version);
  read(object, "serverName", tls.server_name);
  read(object, "ca", tls.ca);
  read(object, "nextCA", tls.next_ca);
  read(object, "clientCertificate", tls.client_certificate);
  read(object, "clientKey", tls.client_key);
  read(object, "clientKeyPassphrase", tls.client_key_passphrase);
  return tls;
}

MaintenanceWindow maintenance_window(const Json& object) {
  MaintenanceWindow window;
  read(object, "days", window.days);
  read(object, "start", window.start);
  read(object, "duration", window.duration);
  read(object, "timeZone", window.time_zone);
  return window;
}

RotationSpec rotation_spec(const Json& object) {
  RotationSpec rotation;
  read(object, "warnBefore", rotation.warn_before);
  read(object, "criticalBefore", rotation.critical_before);
  read(object, "leadTime", rotation.lead_time);
  read(object, "reloadGrace", rotation.reload_grace);
  if (const Json* windows = find(object, "maintenanceWindows")) {
    for (const Json& window : *windows)
      rotation.maintenance_windows.push_back(maintenance_window(window));
  }
  return rotation;
}

SshTunnelSpec tunnel_spec(const Json& object) {
  SshTunnelSpec tunnel;
  read(object, "host", tunnel.host);
  read(object, "port", tunnel.port);
  read(object, "user", tunnel.user);
  read(object, "key", tunnel.key);
  read(object, "keyPassphrase", tunnel.key_passphrase);
  read(object, "knownHosts", tunnel.known_hosts);
  return tunnel;
}

void read_parts(const Json& object, EndpointSpec& spec) {
  if (const Json* tls = find(object, "tls")) spec.tls = tls_spec(*tls);
  if (const Json* auth = find(object, "auth")) {
    spec.auth.emplace();
    read(*auth, "username", spec.auth->username);
    read(*auth, "password", spec.auth->password);
    read(*auth, "database", spec.auth->database);
  }
  if (const Json* rotation = find(object, "rotation")) spec.rotation = rotation_spec(*rotation);
  if (const Json* tunnel = find(object, "tunnel")) {
    if (const Json* ssh = find(*tunnel, "ssh")) spec.ssh_tunnel = tunnel_spec(*ssh);
  }
  for (auto& [field, slow] : {std::pair<const char*, SlowCheckSpec*>{"plaintextCheck", &spec.plaintext_check},
                              {"legacyProtocolCheck", &spec.legacy_protocol_check}}) {
    const Json* check = find(object, field);
    if (check == nullptr) continue;
    read(*check, "enabled", slow->enabled);
    read(*check, "interval", slow->interval);
  }
}

EndpointSpec endpoint_spec(const Json& object) {
  EndpointSpec spec;
  const auto engine = parse_engine(object.at("engine").get<std::string>());
  if (!engine) throw Unexpected("engine: '" + object.at("engine").get<std::string>() + "' is not accepted");
  spec.engine = *engine;
  spec.host = object.at("host").get<std::string>();
  // The engine's own defaults, should the document have been defaulted by the schema alone (a cluster).
  spec.port = engine_facts(*engine).port;
  spec.tls.mode = engine_facts(*engine).default_mode;
  const TlsMode default_mode = spec.tls.mode;
  read(object, "srv", spec.srv);
  read(object, "port", spec.port);
  read(object, "provider", spec.provider);
  if (const Json* addresses = find(object, "addresses"); addresses && *addresses == "all") {
    spec.addresses = AddressSelection::kAll;
  }
  read_parts(object, spec);
  const Json* tls = find(object, "tls");
  if (!tls || !find(*tls, "mode")) spec.tls.mode = default_mode;
  read(object, "expectedServerVersion", spec.expected_server_version);
  read(object, "servedCertificate", spec.served_certificate);
  read(object, "checkInterval", spec.check_interval);
  read(object, "timeout", spec.timeout);
  read(object, "failureThreshold", spec.failure_threshold);
  read(object, "suspend", spec.suspend);
  return spec;
}

Metadata metadata_of(const Json& object) {
  Metadata metadata;
  metadata.name = object.at("name").get<std::string>();
  read(object, "namespace", metadata.ns);
  read(object, "uid", metadata.uid);
  read(object, "generation", metadata.generation);
  read(object, "labels", metadata.labels);
  read(object, "annotations", metadata.annotations);
  return metadata;
}

}  // namespace

base::Result<DatabaseEndpoint> endpoint_from_json(const Json& document) {
  try {
    DatabaseEndpoint endpoint;
    endpoint.metadata = metadata_of(document.at("metadata"));
    endpoint.spec = endpoint_spec(document.at("spec"));
    return endpoint;
  } catch (const Unexpected& error) {
    return base::fail(std::string("the document does not fit its schema: ") + error.what());
  } catch (const Json::exception& error) {
    return base::fail(std::string("the document does not fit its schema: ") + error.what());
  } catch (const std::logic_error& error) {  // std::stoi
    return base::fail(std::string("the document does not fit its schema: ") + error.what());
  }
}

}  // namespace tlswarden::resource
