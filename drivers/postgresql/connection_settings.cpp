#include "drivers/postgresql/connection_settings.hpp"

#include "drivers/postgresql/libpq.hpp"
#include "drivers/postgresql/pem.hpp"
#include "pki/name_match.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

// No file is ever found below a device: libpq takes that for "there is none", where an empty value would mean
// its default below the home directory.
constexpr const char* kNoFile = "/dev/null/none";
constexpr const char* kRelayPort = "5432";

/// libpq's default where it has none that is compiled in and takes an empty value for a wrong one (16 and
/// later; 18 and later).
std::string default_of(const std::string& keyword) {
  if (keyword == "sslcertmode") return "allow";
  // Whatever the server asks for: SSPI is of Windows alone.
  if (keyword == "require_auth") return "!sspi";
  if (keyword == "min_protocol_version" || keyword == "max_protocol_version") return "3.0";
  return {};
}

/// Values of libpq's own options that come from the environment and that `values` leaves open. PGSERVICE
/// alone can't be overridden: an empty service is looked up like any other.
std::map<std::string, std::string> closed_options(const std::map<std::string, std::string>& values) {
  std::map<std::string, std::string> closed;
  const OptionsPtr options(PQconndefaults());
  for (const auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
    const std::string keyword = option->keyword;
    if (option->envvar == nullptr || keyword == "service" || keyword == "user" || keyword == "password")
      continue;
    if (!values.contains(keyword))
      closed[keyword] = option->compiled != nullptr ? option->compiled : default_of(keyword);
  }
  return closed;
}

void put_quoted(base::Bytes& out, std::string_view keyword, std::string_view value) {
  const auto append = [&out](std::string_view text) { out.insert(out.end(), text.begin(), text.end()); };
  append(keyword);
  append("='");
  for (const char c : value.substr(0, value.find('\0'))) {
    if (c == '\'' || c == '\\') out.push_back('\\');
    out.push_back(static_cast<std::uint8_t>(c));
  }
  append("' ");
}

/// libpq's spelling.
std::string tls_version(resource::TlsVersion version) {
  switch (version) {
    case resource::TlsVersion::kTls10:
      return "TLSv1";
    case resource::TlsVersion::kTls11:
      return "TLSv1.1";
    case resource::TlsVersion::kTls12:
      return "TLSv1.2";
    case resource::TlsVersion::kTls13:
      break;
  }
  return "TLSv1.3";
}

/// libpq verifies as soon as it is given a root certificate, whatever the mode: it gets one exactly when the
/// spec declares one or the mode needs one.
bool wants_roots(const probe::Target& target) {
  return target.material.ca_declared || target.mode >= resource::TlsMode::kVerifyCa;
}

}  // namespace

ConnectionSettings::ConnectionSettings(const probe::Target& target) : credentials_(target.credentials) {
  values_ = {{"dbname", target.database},
             {"application_name", "tlswarden"},
             {"client_encoding", "UTF8"},
             {"gssencmode", "disable"},  // a Kerberos cache would otherwise make it a session without TLS
             {"passfile", kNoFile},
             {"sslrootcert", kNoFile},
             {"sslcert", kNoFile},
             {"sslkey", kNoFile},
             {"sslcrl", kNoFile},
             {"sslcrldir", kNoFile},
             {"connect_timeout", "0"}};
}

base::Result<ConnectionSettings> ConnectionSettings::native(const probe::Target& target,
                                                            const net::Address& address) {
  ConnectionSettings settings(target);
  auto& values = settings.values_;
  const auto& name = target.verified_name.empty() ? target.host : target.verified_name;
  values["host"] = pki::to_ascii_name(name);
  values["hostaddr"] = address.ip;
  values["port"] = std::to_string(address.port);
  values["ssl_min_protocol_version"] = tls_version(target.min_version);
  values["sslmode"] = std::string(to_string(target.mode));
  if (target.negotiation == resource::NegotiationStyle::kDirect &&
      target.mode != resource::TlsMode::kDisable) {
    values["sslnegotiation"] = "direct";
    // libpq refuses a weaker mode with direct negotiation, as there is no fallback from it.
    if (target.mode == resource::TlsMode::kPrefer) values["sslmode"] = "require";
  }
  if (target.mode == resource::TlsMode::kDisable) return settings;
  if (wants_roots(target)) {
    if (!target.material.trust || target.material.trust->anchors.empty()) {
      return base::fail("there are no trusted certificates to verify the server with; check spec.tls.ca");
    }
    if (auto kept = settings.keep("sslrootcert", to_pem(target.material.trust->anchors)); !kept) {
      return tl::unexpected(kept.error());
    }
  }
  if (const auto& client = target.material.client) {
    auto kept = settings.keep("sslcert", to_pem(client->chain));
    if (kept) kept = settings.keep("sslkey", to_pem("PRIVATE KEY", client->key->pkcs8_der().bytes()).bytes());
    if (!kept) return tl::unexpected(kept.error());
  }
  return settings;
}

ConnectionSettings ConnectionSettings::relayed(const probe::Target& target, const std::string& directory) {
  ConnectionSettings settings(target);
  settings.values_["host"] = directory;
  settings.values_["hostaddr"] = "";
  settings.values_["port"] = kRelayPort;
  settings.values_["sslmode"] = "disable";
  return settings;
}

base::Result<void> ConnectionSettings::keep(const std::string& keyword, base::ByteView content) {
  auto file = MemoryFile::create(content);
  if (!file) return tl::unexpected(file.error());
  values_[keyword] = file->path();
  files_.push_back(std::move(*file));
  return {};
}

base::Secret ConnectionSettings::connection_string() const {
  base::Bytes out;
  // Large enough that the password is written once and never moved.
  constexpr std::size_t kRoom = std::size_t{32} * 1024;
  out.reserve(kRoom);
  for (const auto& [keyword, value] : values_)
    put_quoted(out, keyword, value);
  for (const auto& [keyword, value] : closed_options(values_))
    put_quoted(out, keyword, value);
  put_quoted(out, "user", credentials_ ? credentials_->username.reveal() : "");
  put_quoted(out, "password", credentials_ ? credentials_->password.reveal() : "");
  out.push_back(0);
  return base::Secret(std::move(out));
}

}  // namespace tlswarden::drivers::postgresql
