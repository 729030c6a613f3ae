#pragma once

#include <string>

#include "resource/manifest_report.hpp"

namespace tlswarden::resource {

/// Reads one document of any accepted kind into `manifest`: a resource, or what is wrong with it.
void read_document(const YamlDocument& document, const std::string& file, const ManifestUse& use,
                   Manifest& manifest);

/// Reads one DatabaseEndpoint; `report` speaks of `document` and may have errors from its reading already.
void read_endpoint(const DocumentView& document, const std::string& file, Report& report,
                   const ManifestUse& use, Manifest& manifest);

}  // namespace tlswarden::resource
