#include "drivers/redis/session_facts.hpp"

#include <charconv>

#include "base/text.hpp"

namespace tlswarden::drivers::redis {
namespace {

using probe::Tristate;

/// The value behind `name` in one "name<separator>value" of `fields`.
std::optional<std::string_view> value_of(std::string_view text, char between, std::string_view name,
                                         char separator) {
  for (const auto field : base::split(text, between)) {
    const auto trimmed = base::trimmed(field);
    if (trimmed.size() > name.size() && trimmed.starts_with(name) && trimmed[name.size()] == separator) {
      return trimmed.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

std::optional<std::uint16_t> to_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::string version_of(std::string_view info) {
  constexpr std::size_t kMaxVersion = 128;
  auto version = value_of(info, '\n', "valkey_version", ':');
  if (!version) version = value_of(info, '\n', "redis_version", ':');
  return version ? base::printable(*version, kMaxVersion) : std::string();
}

std::optional<std::uint16_t> local_port_of(std::string_view client_info) {
  const auto address = value_of(client_info, ' ', "laddr", '=');
  if (!address || address->find(':') == std::string_view::npos) return std::nullopt;
  return to_port(address->substr(address->rfind(':') + 1));
}

Tristate encrypted_by_listeners(std::string_view info, std::uint16_t port) {
  for (const auto line : base::split(info, '\n')) {
    const auto trimmed = base::trimmed(line);
    if (!trimmed.starts_with("listener") || trimmed.find(':') == std::string_view::npos) continue;
    const auto fields = trimmed.substr(trimmed.find(':') + 1);
    const auto listening = value_of(fields, ',', "port", '=');
    if (!listening || to_port(*listening) != port) continue;
    const auto name = value_of(fields, ',', "name", '=');
    if (name == "tls") return Tristate::kYes;
    if (name == "tcp") return Tristate::kNo;
  }
  return Tristate::kUnknown;
}

Tristate encrypted_by_tls_port(const Reply& config, std::uint16_t port) {
  if (config.type != Reply::Type::kArray || config.elements.size() != 2 ||
      config.elements[0].text != "tls-port") {
    return Tristate::kUnknown;
  }
  return to_port(config.elements[1].text) == port ? Tristate::kYes : Tristate::kNo;
}

}  // namespace tlswarden::drivers::redis
