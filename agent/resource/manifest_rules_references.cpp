#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "resource/manifest_rules.hpp"
#include "resource/schema_validation.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kReferences{"tls.ca",
                                 "tls.nextCA",
                                 "tls.clientCertificate",
                                 "tls.clientKey",
                                 "tls.clientKeyPassphrase",
                                 "auth.username",
                                 "auth.password",
                                 "servedCertificate",
                                 "tunnel.ssh.key",
                                 "tunnel.ssh.keyPassphrase",
                                 "tunnel.ssh.knownHosts"};

bool present(const Json& spec, const char* field) {
  return find(spec, FieldPath::of(field)) != nullptr;
}

void check_reference(const Json& spec, const FieldPath& path, Report& report) {
  const Json* reference = find(spec, path);
  const FieldPath field = FieldPath::of("spec").join(path);
  if (reference == nullptr || !reference->is_object()) return;
  const Json& known = field_schema(field)->at("properties");
  for (const char* literal : {"inline", "value"}) {
    if (reference->contains(literal) && !known.contains(literal)) {
      report.error(
          field.key(literal),
          "a secret does not belong in a manifest; accepted: secretKeyRef, configMapKeyRef, file or env");
    }
  }
  const std::string* text = find_string(*reference, FieldPath::of("inline"));
  if (text != nullptr && known.contains("inline") && text->find("PRIVATE KEY-----") != std::string::npos) {
    report.error(
        field.key("inline"),
        "there is a private key in it, which does not belong in a manifest; accepted: certificates only");
  }
  const std::string* variable = find_string(*reference, FieldPath::of("env"));
  if (variable != nullptr && variable->starts_with('$')) {
    report.error(field.key("env"),
                 "the variable's name stands without $; accepted: a name such as DB_PASSWORD");
  }
}

/// A field that is of no use without another.
struct Pair {
  const char* given;
  const char* needed;
  const char* message;
};

/// A clientCertificate may be a key store that holds the key as well, which is known once it is read: inline
/// text alone is certain to hold none.
constexpr std::array<Pair, 3> kPairs{{{"tls.clientCertificate.inline", "tls.clientKey",
                                       "the field is missing, and clientCertificate is of no use without it; "
                                       "where one file holds both, name it in both"},
                                      {"tls.clientKey", "tls.clientCertificate",
                                       "the field is missing, and clientKey is of no use without it; where "
                                       "one file holds both, name it in both"},
                                      {"tls.clientKeyPassphrase", "tls.clientKey",
                                       "the field is missing, and clientKeyPassphrase is of no use without "
                                       "it; declare it or remove the passphrase"}}};

/// Redis alone knows a password without an account (requirepass).
void check_login(const Json& spec, Report& report) {
  if (!present(spec, "auth.password") || present(spec, "auth.username")) return;
  const std::string* engine = find_string(spec, FieldPath::of("engine"));
  if (engine != nullptr && *engine == "redis") return;
  report.error(FieldPath::of("spec.auth.username"),
               "the field is missing, and password is of no use without it");
}

}  // namespace

void report_references(const Json& spec, Report& report) {
  for (const char* name : kReferences) {
    const FieldPath path = FieldPath::of(name);
    check_reference(spec, path, report);
    const Json* schema = field_schema(FieldPath::of("spec").join(path));
    if (schema->at("properties").contains("password")) check_reference(spec, path.key("password"), report);
  }
  for (const Pair& pair : kPairs) {
    const FieldPath needed = FieldPath::of("spec").join(FieldPath::of(pair.needed));
    if (present(spec, pair.given) && !present(spec, pair.needed) && !report.has_error(needed)) {
      report.error(needed, pair.message);
    }
  }
  check_login(spec, report);
}

}  // namespace tlswarden::resource
