#include "cli/explain_provider.hpp"

#include <string>
#include <vector>

#include "base/text.hpp"
#include "verdict/runbook.hpp"

namespace tlswarden::cli {
namespace {

std::string trust(const resource::ProviderFacts& service) {
  switch (service.trust) {
    case resource::ProviderTrust::kSystem:
      return "The system's trust store holds its CAs; leave spec.tls.ca out.";
    case resource::ProviderTrust::kBundle:
      return "Get " + service.ca_file + " and set spec.tls.ca to it: " + service.ca_download;
    case resource::ProviderTrust::kNone:
      break;
  }
  return "There is no CA to verify with.";
}

}  // namespace

const resource::ProviderFacts* provider_topic(std::string_view topic) {
  const std::string name = base::lower_ascii(topic);
  const bool prefixed = name.starts_with(kProviderPrefix);
  return resource::find_provider(prefixed ? name.substr(kProviderPrefix.size()) : name);
}

void explain_provider(const resource::ProviderFacts& service, ExplainPage& page) {
  page.title(service.title + " (provider: " + service.id + ")");
  std::vector<std::string> engines;
  for (const resource::Engine engine : service.engines)
    engines.emplace_back(to_string(engine));
  page.section("ENGINES", base::join(engines, ", "));
  page.section("RECOGNISED BY HOST", service.hosts.empty()
                                         ? "Its hosts have names that tell nothing; declare spec.provider."
                                         : base::join(service.hosts, ", "));
  page.section("TLS", service.requires_tls ? "Required: plaintext connections are refused."
                                           : "Offered; whether plaintext is refused is a setting.");
  page.section("ADVISED MODE", to_string(resource::advised_mode(service)));
  page.section("TRUST", trust(service));
  page.section("CERTIFICATE LIFE", service.life);
  page.section("A NEW CERTIFICATE", verdict::service_step(service.rotation));
  page.section("WHAT A CHANGE COSTS", service.change);
  page.section("NAMES", service.names);
  page.section("SOURCE", service.source);
}

}  // namespace tlswarden::cli
