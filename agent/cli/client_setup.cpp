#include "cli/client_setup.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/quoting.hpp"

namespace tlswarden::cli {
namespace {

using resource::DatabaseEndpoint;
using resource::Engine;
using resource::Reference;

constexpr std::string_view kSystemBundle = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::array kNeedAccount{Engine::kPostgresql, Engine::kRedshift, Engine::kCockroachdb,
                                  Engine::kMysql,      Engine::kMariadb,  Engine::kSqlserver,
                                  Engine::kOracle};

bool is_one_of(Engine engine, const auto& engines) {
  return std::find(engines.begin(), engines.end(), engine) != engines.end();
}

bool is_address(std::string_view host) {
  return host.find(':') != std::string_view::npos ||
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string shell(std::string_view word) {
  return quoted("shell", word).value_or("''");
}

/// A shell command that writes what is referred to into `path`; for a file that is a conversion's first step.
std::string fetch_command(const Reference& reference, const std::string& ns, const std::string& path) {
  const std::string into = " > " + shell(path);
  const std::string index = "{{index .data \"" + reference.key + "\"";
  switch (reference.kind) {
    case Reference::Kind::kSecretKey:
      return "kubectl get secret -n " + shell(ns) + " " + shell(reference.name) +
             " -o go-template=" + shell(index + " | base64decode}}") + into;
    case Reference::Kind::kConfigMapKey:
      return "kubectl get configmap -n " + shell(ns) + " " + shell(reference.name) +
             " -o go-template=" + shell(index + "}}") + into;
    case Reference::Kind::kEnv:
      return "printenv " + shell(reference.text) + into;
    case Reference::Kind::kFile:
    case Reference::Kind::kInline:
    case Reference::Kind::kValue:
      break;
  }
  return {};
}

enum class Form { kPem, kPkcs7, kKeyStore };

/// By the name alone: nothing is read here.
Form form_of(const Reference& reference) {
  const std::string name =
      base::lower_ascii(reference.kind == Reference::Kind::kFile ? reference.text : reference.key);
  const auto ends = [&](std::string_view suffix) { return name.ends_with(suffix); };
  if (ends(".p7b") || ends(".p7c") || ends(".p7s")) return Form::kPkcs7;
  if (ends(".p12") || ends(".pfx") || ends(".jks") || ends(".jceks") || reference.password)
    return Form::kKeyStore;
  return Form::kPem;
}

/// OpenSSL's name, which nearly every client takes.
std::string common_word(resource::TlsVersion version) {
  return version == resource::TlsVersion::kTls10 ? "TLSv1" : std::string(to_string(version));
}

class Setup {
 public:
  explicit Setup(const DatabaseEndpoint& endpoint) : endpoint_(endpoint), spec_(endpoint.spec) {}

  ClientSetup take() {
    place();
    account();
    trust();
    identity();
    versions();
    return std::move(setup_);
  }

 private:
  void set(const std::string& name, std::string value = {}) { setup_.values[name] = std::move(value); }
  std::string own(const std::string& ending) const { return endpoint_.metadata.name + ending; }

  void place() {
    set(std::string(to_string(spec_.engine)));
    set("endpoint", endpoint_.metadata.name);
    set("host", spec_.host);
    set("name", spec_.verified_name());
    set("port", std::to_string(spec_.port));
    if (spec_.srv) set("srv");
    if (spec_.verified_name() == spec_.host) return;
    set("serverName", spec_.verified_name());
    if (is_address(spec_.host)) set("address", spec_.host);
  }

  void account() {
    const resource::AuthSpec auth = spec_.auth.value_or(resource::AuthSpec{});
    const bool needed = is_one_of(spec_.engine, kNeedAccount);
    if (auth.username && auth.username->kind == Reference::Kind::kValue) {
      set("user", auth.username->text);
    } else if (auth.username || needed) {
      set("user", "USER");
      setup_.remarks.push_back("Write the account's name in place of USER" +
                               (auth.username ? " (" + describe(*auth.username) + ")" : std::string()) + ".");
    }
    if (auth.password || needed) {
      set("password", "DB_PASSWORD");
      setup_.variables.push_back(
          {"DB_PASSWORD",
           "the account's password" + (auth.password ? " (" + describe(*auth.password) + ")" : "")});
    }
    if (auth.database) {
      set("database", *auth.database);
    } else if (spec_.engine == Engine::kOracle) {
      set("database", "SERVICE");
      setup_.remarks.emplace_back("Write the name of the database service in place of SERVICE.");
    }
  }

  void trust() {
    set("trustStore", own("-truststore.p12"));
    if (!spec_.tls.ca) {
      set("bundle", std::string(kSystemBundle));
      return;
    }
    const std::string path = file(*spec_.tls.ca, "-ca.pem", "keytool -list -rfc -keystore");
    set("ca", path);
    set("bundle", path);
  }

  void identity() {
    const auto& tls = spec_.tls;
    if (!tls.client_certificate) return;
    const bool together = !tls.client_key;
    set("certificate", file(*tls.client_certificate, "-client.crt", "openssl pkcs12 -nokeys -in"));
    if (!together) {
      set("key", file(*tls.client_key, "-client.key", "openssl pkcs12 -nocerts -noenc -in"));
    } else if (form_of(*tls.client_certificate) == Form::kKeyStore) {
      set("key", file(*tls.client_certificate, "-client.key", "openssl pkcs12 -nocerts -noenc -in"));
    } else {
      set("key", setup_.values["certificate"]);
    }
    set("pair", own("-client.pem"));
    set("keyDer", own("-client.pk8"));
    set("keyStore", own("-keystore.p12"));
    setup_.variables.push_back(
        {"STORE_PASSWORD", "a password of your choice for the key store that is made"});
    if (tls.client_key_passphrase) {
      set("passphrase", "KEY_PASSPHRASE");
      setup_.variables.push_back({"KEY_PASSPHRASE", "the passphrase of the client key (" +
                                                        describe(*tls.client_key_passphrase) + ")"});
    }
  }

  void versions() {
    const std::string lowest(to_string(spec_.tls.min_version));
    set("minVersion", common_word(spec_.tls.min_version));
    set("minNumber", lowest.substr(lowest.find('v') + 1));
    std::vector<std::string> from_lowest;
    for (const auto version : {resource::TlsVersion::kTls10, resource::TlsVersion::kTls11,
                               resource::TlsVersion::kTls12, resource::TlsVersion::kTls13}) {
      if (version >= spec_.tls.min_version) from_lowest.push_back(common_word(version));
    }
    set("versions", base::join(from_lowest, ","));
    // The constants of languages: TLSv1_2 (Python), VersionTLS12 (Go), Tls12 (.NET).
    std::string digits = setup_.values["minNumber"];
    digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
    set("minDigits", digits);
    set("minConstant", "TLSv1_" + digits.substr(1));
    if (spec_.tls.min_version == resource::TlsVersion::kTls10) set("minConstant", "TLSv1");
    if (spec_.tls.min_version == resource::TlsVersion::kTls13) set("only13");
  }

  /// The path that clients read; notes how the file comes about where it is not there as PEM.
  std::string file(const Reference& reference, const std::string& ending, const std::string& from_key_store) {
    const Form form = form_of(reference);
    const bool on_disk = reference.kind == Reference::Kind::kFile;
    if (on_disk && form == Form::kPem) return reference.text;
    std::string path = own(ending);
    const std::string raw = on_disk ? reference.text : form == Form::kPem ? path : path + ".store";
    std::string command = on_disk ? "" : fetch_command(reference, endpoint_.metadata.ns, raw);
    if (form != Form::kPem) {
      const std::string convert = form == Form::kPkcs7 ? "openssl pkcs7 -print_certs -in" : from_key_store;
      command.append(command.empty() ? "" : " && ").append(convert + " " + shell(raw) + " > " + shell(path));
    }
    setup_.files.push_back({path, describe(reference), std::move(command)});
    return path;
  }

  const DatabaseEndpoint& endpoint_;
  const resource::EndpointSpec& spec_;
  ClientSetup setup_;
};

}  // namespace

ClientSetup client_setup(const DatabaseEndpoint& endpoint) {
  return Setup(endpoint).take();
}

}  // namespace tlswarden::cli
