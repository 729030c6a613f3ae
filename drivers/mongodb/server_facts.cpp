#include "drivers/mongodb/server_facts.hpp"

#include "base/text.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

using probe::Tristate;

/// FerretDB 1 and FerretDB 2 name themselves differently.
std::string ferretdb_version(const Document& build_info) {
  auto version = build_info.text("ferretdb.version");
  return version.empty() ? build_info.text("ferretdbVersion") : version;
}

bool is_in_atlas(const Document& hello) {
  const auto own_address = base::lower_ascii(hello.text("me", 512));
  return own_address.substr(0, own_address.rfind(':')).ends_with(".mongodb.net");
}

}  // namespace

std::string version_of(const Document& build_info) {
  if (!build_info.ok()) return {};
  auto version = ferretdb_version(build_info);
  if (version.starts_with('v')) version.erase(0, 1);
  if (version.empty()) version = build_info.text("version");
  return base::printable(version, 128);
}

std::string product_of_greeting(const Document& hello) {
  // What a mongos has said of itself since 1.6.
  if (hello.text("msg") == "isdbgrid") return "MongoDB (mongos)";
  return is_in_atlas(hello) ? "MongoDB Atlas" : "MongoDB";
}

std::string product_of_build_info(const Document& build_info) {
  return ferretdb_version(build_info).empty() ? "" : "FerretDB";
}

TlsSetting setting_of(const Document& reply) {
  if (!reply.ok()) return TlsSetting::kUnknown;
  for (const auto* path : {"tlsMode", "sslMode", "parsed.net.tls.mode", "parsed.net.ssl.mode"}) {
    const auto mode = reply.text(path);
    if (mode == "disabled") return TlsSetting::kDisabled;
    if (mode == "requireTLS" || mode == "requireSSL") return TlsSetting::kRequired;
    if (mode.starts_with("allow") || mode.starts_with("prefer")) return TlsSetting::kOptional;
  }
  return TlsSetting::kUnknown;
}

Tristate encrypted_under(TlsSetting setting) {
  if (setting == TlsSetting::kRequired) return Tristate::kYes;
  return setting == TlsSetting::kDisabled ? Tristate::kNo : Tristate::kUnknown;
}

Tristate plaintext_allowed_under(TlsSetting setting) {
  if (setting == TlsSetting::kUnknown) return Tristate::kUnknown;
  return setting == TlsSetting::kRequired ? Tristate::kNo : Tristate::kYes;
}

}  // namespace tlswarden::drivers::mongodb
