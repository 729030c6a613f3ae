#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.hpp"
#include "resource/manifest_rules.hpp"

namespace tlswarden::resource {
namespace {

constexpr std::string_view kAccepted = "; accepted: one DNS name or IP address";

constexpr std::string_view kBastion = "tunnel.ssh.host";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_address(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}

/// An IPv6 address, with a zone as in fe80::1%eth0 (RFC 4007, section 11).
bool is_ipv6(std::string_view text) {
  const std::size_t zone = text.find('%');
  if (zone != std::string_view::npos && zone + 1 == text.size()) return false;
  return is_address(AF_INET6, text.substr(0, zone));
}

/// Letters, digits, hyphens and underscores; bytes of other scripts are left to IDNA (RFC 5891).
bool is_label(std::string_view label) {
  constexpr std::size_t kLongest = 63;
  if (label.empty() || label.size() > kLongest || label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

std::optional<std::string> name_problem(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  const std::vector<std::string_view> labels = base::split(name, '.');
  if (!std::all_of(labels.begin(), labels.end(), is_label)) {
    return "this is no DNS name: its labels are 1 to 63 letters, digits and hyphens" + std::string(kAccepted);
  }
  // No top-level domain is a number (RFC 1123, section 2.1), so this was meant as an address.
  if (all_digits(labels.back())) return "this is no complete IPv4 address" + std::string(kAccepted);
  return std::nullopt;
}

std::optional<std::string> colon_problem(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view port = host.substr(colon + 1);
  if (host.find(':') == colon && all_digits(port)) {
    return "the port does not belong here; write the host alone, and port: " + std::string(port.substr(0, 5));
  }
  return "this is no IPv6 address" + std::string(kAccepted);
}

void report_host_field(const nlohmann::ordered_json& spec, std::string_view field, Report& report) {
  const FieldPath path = FieldPath::of(field);
  const std::string* host = find_string(spec, path);
  if (host == nullptr || host->empty()) return;
  if (field == kBastion && host->find('@') != std::string::npos && host->find("://") == std::string::npos) {
    report.error(FieldPath::of("spec").join(path),
                 "a user does not belong here; write the host alone, and the user to spec.tunnel.ssh.user");
    return;
  }
  if (const auto problem = host_problem(*host)) report.error(FieldPath::of("spec").join(path), *problem);
}

}  // namespace

std::optional<std::string> host_problem(std::string_view host) {
  const auto has = [&](char c) { return host.find(c) != std::string_view::npos; };
  if (host.find("://") != std::string_view::npos) {
    return "this is a URL; write the host alone, and engine, port and database in fields of their own";
  }
  if (host.starts_with('/')) return "this is a Unix socket, which has no TLS" + std::string(kAccepted);
  if (has('@'))
    return "a user does not belong here; write the host alone, and the user to spec.auth.username";
  if (has(',')) return "this names several hosts; declare one endpoint for each";
  if (has('/'))
    return "a path does not belong here; write the host alone, and the database to spec.auth.database";
  if (has(' ') || has('\t') || has('\n')) return "there is white space in it" + std::string(kAccepted);
  if (has('[') || has(']'))
    return "an IPv6 address stands without brackets here, and its port in the field port";
  if (has('*')) return "a wildcard names no single server" + std::string(kAccepted);
  if (is_address(AF_INET, host) || is_ipv6(host)) return std::nullopt;
  if (const auto problem = colon_problem(host)) return problem;
  return name_problem(host);
}

void report_hosts(const nlohmann::ordered_json& spec, Report& report) {
  report_host_field(spec, "host", report);
  report_host_field(spec, "tls.serverName", report);
  report_host_field(spec, kBastion, report);

  const nlohmann::ordered_json* srv = find(spec, FieldPath::of("srv"));
  if (srv == nullptr || !srv->is_boolean() || !srv->get<bool>()) return;
  const std::string* engine = find_string(spec, FieldPath::of("engine"));
  if (engine != nullptr && *engine != "mongodb") {
    report.error(FieldPath::of("spec.srv"), "DNS seed lists exist for mongodb only; remove the field");
  } else if (spec.contains("port")) {
    report.error(FieldPath::of("spec.port"), "with srv: true the ports come from DNS; remove the field");
  }
}

}  // namespace tlswarden::resource
