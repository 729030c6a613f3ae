#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "resource/manifest.hpp"
#include "resource/manifest_documents.hpp"
#include "resource/manifest_spellings.hpp"
#include "resource/schema_validation.hpp"
#include "resource/schema_validation_words.hpp"
#include "resource/url.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

/// A part of the URL and the field that it becomes.
struct Key {
  const char* name;
  const char* field;  ///< below spec
  bool is_file = false;
};

constexpr std::array<Key, 9> kQueryKeys{{{"mode", "tls.mode"},
                                         {"serverName", "tls.serverName"},
                                         {"ca", "tls.ca", true},
                                         {"cert", "tls.clientCertificate", true},
                                         {"key", "tls.clientKey", true},
                                         {"minVersion", "tls.minVersion"},
                                         {"negotiation", "tls.negotiation"},
                                         {"expectedServerVersion", "expectedServerVersion"},
                                         {"timeout", "timeout"}}};
constexpr std::array<Key, 5> kUrlParts{{{"engine", "engine"},
                                        {"host", "host"},
                                        {"port", "port"},
                                        {"user", "auth.username"},
                                        {"database", "auth.database"}}};

/// The names that the engines' own clients give these settings in their URLs.
constexpr std::array<std::pair<const char*, const char*>, 12> kForeignKeys{
    {{"sslmode", "mode"},
     {"ssl-mode", "mode"},
     {"tls", "mode"},
     {"ssl", "mode"},
     {"sslrootcert", "ca"},
     {"ssl-ca", "ca"},
     {"tlsCAFile", "ca"},
     {"sslcert", "cert"},
     {"sslkey", "key"},
     {"sslnegotiation", "negotiation"},
     {"ssl_min_protocol_version", "minVersion"},
     {"connect_timeout", "timeout"}}};

/// Messages about one URL. Lines make no sense here; fields are named as they stand in the URL.
class UrlReport {
 public:
  UrlReport(std::string shown, Manifest& manifest) : shown_(std::move(shown)), manifest_(manifest) {}

  void error(std::string field, std::string message) {
    manifest_.diagnostics.push_back(
        {Diagnostic::Severity::kError, shown_, 0, std::move(field), std::move(message)});
  }
  const std::string& shown() const { return shown_; }

 private:
  std::string shown_;
  Manifest& manifest_;
};

void set(Json& spec, const std::string& dotted, Json value) {
  Json* place = &spec;
  for (const std::string_view name : base::split(dotted, '.'))
    place = &(*place)[std::string(name)];
  *place = std::move(value);
}

/// Whether `scheme` names an engine, or why it does not.
base::Result<void> check_engine(const std::string& scheme) {
  if (parse_engine(scheme)) return {};
  const Json& schema = *field_schema(FieldPath::of("spec.engine"));
  if (const auto reason = refused_engine(scheme)) return base::fail(*reason + "; " + accepted(schema));
  if (scheme.starts_with("jdbc:"))
    return base::fail("this is a JDBC URL; leave out jdbc: and what only JDBC knows");
  if (scheme == "mongodb+srv") {
    return base::fail("a DNS seed list needs a manifest; declare engine: mongodb, the host and srv: true");
  }
  const auto meant = meant_engine(scheme);
  if (meant && (scheme == "rediss" || scheme == "mysqls" || scheme == "valkeys")) {
    return base::fail("'" + scheme + "' is written " + *meant + "://HOST?mode=verify-full here");
  }
  if (meant) return base::fail("'" + base::printable(scheme, 40) + "' is written " + *meant + "://HOST here");
  std::vector<std::string> names;
  for (const Json& name : schema.at("enum"))
    names.push_back(name.get<std::string>());
  const auto near = base::nearest(scheme, names);
  return base::fail("'" + base::printable(scheme, 40) + "' is no engine; " +
                    (near ? "did you mean " + *near + "? " : "") + accepted(schema));
}

std::string unknown_key(const std::string& given) {
  const auto* const foreign = std::find_if(kForeignKeys.begin(), kForeignKeys.end(),
                                           [&](const auto& key) { return given == key.first; });
  if (foreign != kForeignKeys.end())
    return "there is no such setting; did you mean " + std::string(foreign->second) + "?";
  if (base::lower_ascii(given).find("pass") != std::string::npos) {
    return "a password does not belong in a URL; write a manifest with auth.password from env, file or "
           "secretKeyRef";
  }
  std::vector<std::string> names;
  names.reserve(kQueryKeys.size());
  for (const Key& key : kQueryKeys)
    names.emplace_back(key.name);
  if (const auto near = base::nearest(given, names))
    return "there is no such setting; did you mean " + *near + "?";
  return "there is no such setting; accepted: " + base::join(names, ", ");
}

void read_query(const EndpointUrl& url, Json& spec, UrlReport& report) {
  std::set<std::string> seen;
  for (const auto& [name, value] : url.query) {
    const auto* const key = std::find_if(kQueryKeys.begin(), kQueryKeys.end(),
                                         [&](const Key& candidate) { return name == candidate.name; });
    if (key == kQueryKeys.end()) {
      report.error(base::printable(name, 40), unknown_key(name));
    } else if (!seen.insert(name).second) {
      report.error(name, "the setting is given twice; keep one of them");
    } else {
      set(spec, key->field, key->is_file ? Json{{"file", value}} : Json(value));
    }
  }
}

void read_port(const EndpointUrl& url, Json& spec, UrlReport& report) {
  if (!url.port) return;
  int port = 0;
  const char* const end = url.port->data() + url.port->size();
  const auto [stop, error] = std::from_chars(url.port->data(), end, port);
  if (error == std::errc{} && stop == end) {
    spec["port"] = port;
    return;
  }
  report.error("port", "'" + base::printable(*url.port, 20) +
                           "' is no port; accepted: a whole number from 1 to 65535");
}

/// A name for an endpoint that has none: its host and port, in the letters of Kubernetes' names.
std::string name_of(const EndpointUrl& url) {
  std::string name;
  for (const char c : base::lower_ascii(url.host + (url.port ? "-" + *url.port : ""))) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool starts_label = name.empty() || name.back() == '.' || name.back() == '-';
    if (letter) {
      name.push_back(c);
    } else if (!starts_label) {
      name.push_back(c == '.' ? '.' : '-');
    }
  }
  constexpr std::size_t kLongest = 253;
  name.resize(std::min(name.size(), kLongest));
  while (!name.empty() && (name.back() == '-' || name.back() == '.'))
    name.pop_back();
  return name.empty() ? "endpoint" : name;
}

Json document_of(const EndpointUrl& url, UrlReport& report) {
  Json spec;
  spec["engine"] = url.scheme;
  spec["host"] = url.host;
  read_port(url, spec, report);
  if (url.user) set(spec, "auth.username", Json{{"value", *url.user}});
  if (url.database) set(spec, "auth.database", *url.database);
  read_query(url, spec, report);
  Json document;
  document["apiVersion"] = kApiVersion;
  document["kind"] = kKind;
  document["metadata"] = Json{{"name", name_of(url)}};
  document["spec"] = std::move(spec);
  return document;
}

/// spec.tls.mode → mode: the user wrote a URL and has seen no spec.
void rename_fields(std::vector<Diagnostic>& diagnostics) {
  const auto rename = [](Diagnostic& diagnostic, const Key& key) {
    const std::string field = std::string("spec.") + key.field;
    const bool whole = diagnostic.field == field;
    if (whole || diagnostic.field.starts_with(field + ".")) diagnostic.field = key.name;
  };
  for (Diagnostic& diagnostic : diagnostics) {
    for (const Key& key : kQueryKeys)
      rename(diagnostic, key);
    for (const Key& key : kUrlParts)
      rename(diagnostic, key);
  }
}

}  // namespace

Manifest manifest_from_url(std::string_view url) {
  Manifest manifest;
  UrlReport report(shown_url(url), manifest);
  if (const std::size_t colon = url.find("://"); colon != std::string_view::npos && colon != 0) {
    if (const auto engine = check_engine(std::string(url.substr(0, colon))); !engine) {
      report.error("engine", engine.error().message);
      return manifest;
    }
  }
  const auto parts = split_url(url);
  if (!parts) {
    report.error("", parts.error().message);
    return manifest;
  }
  const YamlDocument document{document_of(*parts, report), {}, {}};
  const bool readable = !manifest.has_errors();
  read_document(document, report.shown(), {}, manifest);
  if (!readable) manifest.endpoints.clear();
  rename_fields(manifest.diagnostics);
  return manifest;
}

}  // namespace tlswarden::resource
