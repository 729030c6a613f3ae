#pragma once

#include <string>
#include <string_view>

#include "resource/manifest_report.hpp"

namespace tlswarden::resource {

/// What a manifest says of an object's identity; what the server owns (uid, generation, …) is accepted and
/// ignored.
struct ManifestMetadata {
  std::string name;
  std::string ns;  ///< the default one where none is given
};

/// Checks `metadata` of a document by Kubernetes' rules and reports every violation. Reads what is there.
ManifestMetadata read_metadata(const nlohmann::ordered_json& document, const std::string& default_namespace,
                               Report& report);

bool is_dns_label(std::string_view text);      ///< RFC 1123 label: namespaces
bool is_dns_subdomain(std::string_view text);  ///< labels joined by dots, at most 253 characters: names

}  // namespace tlswarden::resource
