#include "resource/endpoint.hpp"

namespace tlswarden::resource {

std::vector<std::string> unevaluated_fields(const EndpointSpec& spec) {
  std::vector<std::string> fields;
  if (spec.tls.next_ca) fields.emplace_back("spec.tls.nextCA");
  if (spec.served_certificate) fields.emplace_back("spec.servedCertificate");
  if (spec.ssh_tunnel) fields.emplace_back("spec.tunnel");
  return fields;
}

}  // namespace tlswarden::resource
