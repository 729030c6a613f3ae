#include "verdict/default_certificates.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "schema/embedded.hpp"

namespace tlswarden::verdict {
namespace {

template <class Value>
std::optional<Value> read(const YAML::Node& node) {
  return node ? std::optional<Value>(node.as<Value>()) : std::nullopt;
}

std::vector<DefaultCertificate> read_default_certificates() {
  std::vector<DefaultCertificate> certificates;
  const YAML::Node document = YAML::Load(std::string(schema::default_certificates()));
  for (const YAML::Node& node : document["certificates"]) {
    certificates.push_back({.name = node["name"].as<std::string>(),
                            .subject = node["subject"].as<std::string>(""),
                            .issuer = node["issuer"].as<std::string>(""),
                            .self_signed = read<bool>(node["selfSigned"]),
                            .ca = read<bool>(node["ca"]),
                            .days = read<int>(node["days"]),
                            .only_its_name = node["onlyItsName"].as<bool>(false),
                            .source = node["source"].as<std::string>()});
  }
  return certificates;
}

bool has_only_its_name(const pki::CertificateFacts& leaf) {
  return !leaf.common_name.empty() && leaf.subject == "CN=" + leaf.common_name && leaf.ip_addresses.empty() &&
         leaf.dns_names == std::vector<std::string>{leaf.common_name};
}

/// Makers differ in whether the last second counts.
bool lives(const pki::CertificateFacts& leaf, int days) {
  const auto life = leaf.not_after - leaf.not_before;
  const std::chrono::days wanted(days);
  return life >= wanted - base::Seconds(1) && life <= wanted;
}

bool fits(const DefaultCertificate& known, const pki::CertificateFacts& leaf) {
  return leaf.subject.find(known.subject) != std::string::npos &&
         leaf.issuer.find(known.issuer) != std::string::npos &&
         known.self_signed.value_or(leaf.self_signed) == leaf.self_signed &&
         known.ca.value_or(leaf.is_ca) == leaf.is_ca && (!known.days || lives(leaf, *known.days)) &&
         (!known.only_its_name || has_only_its_name(leaf));
}

}  // namespace

std::span<const DefaultCertificate> all_default_certificates() {
  static const std::vector<DefaultCertificate> certificates = read_default_certificates();
  return certificates;
}

const DefaultCertificate* find_default_certificate(const pki::CertificateFacts& leaf) {
  const auto all = all_default_certificates();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const DefaultCertificate& known) { return fits(known, leaf); });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace tlswarden::verdict
