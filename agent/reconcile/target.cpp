#include "reconcile/target.hpp"

namespace tlswarden::reconcile {

probe::Target make_target(const resource::DatabaseEndpoint& endpoint, const ResolvedMaterial& material,
                          const CheckRequest& request) {
  const resource::EndpointSpec& spec = endpoint.spec;
  probe::Target target;
  target.key = endpoint.key();
  target.engine = spec.engine;
  target.host = spec.host;
  target.port = spec.port;
  target.seed_list = spec.srv;
  target.all_addresses = spec.addresses == resource::AddressSelection::kAll;
  target.verified_name = spec.verified_name();
  target.mode = spec.tls.mode;
  target.negotiation = spec.tls.negotiation;
  target.min_version = spec.tls.min_version;
  target.material = material.material;
  target.credentials = material.credentials;
  if (spec.auth && spec.auth->database) target.database = *spec.auth->database;
  target.timeout = spec.timeout;
  target.plaintext_due = request.plaintext_due;
  target.legacy_protocols_due = request.legacy_protocols_due;
  target.transcript = request.transcript;
  return target;
}

}  // namespace tlswarden::reconcile
