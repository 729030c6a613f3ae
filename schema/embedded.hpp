#pragma once

#include <string_view>

/// The data files of schema/, as they were when the program was built. All views live as long as the program.
namespace tlswarden::schema {

/// databaseendpoint.crd.yaml: the CustomResourceDefinition.
std::string_view databaseendpoint();
/// engines.yaml: what is known of each engine and of its own client.
std::string_view engines();
/// clients.yaml: what to write in each client's own configuration.
std::string_view clients();
/// default_certificates.yaml: certificates that nobody made in earnest.
std::string_view default_certificates();
/// providers.yaml: what is known of each hosted service.
std::string_view providers();
/// reasons.yaml: every reason of a condition, rung or advice.
std::string_view reasons();

}  // namespace tlswarden::schema
