#pragma once

#include "base/result.hpp"
#include "resource/manifest_report.hpp"

/// Secret and ConfigMap documents (core/v1). No message repeats content.
namespace tlswarden::resource {

/// `report` speaks of `document` and may have errors from its reading already.
void read_secret(const DocumentView& document, const std::string& file, Report& report,
                 const ManifestUse& use, Manifest& manifest);
void read_config_map(const DocumentView& document, const std::string& file, Report& report,
                     const ManifestUse& use, Manifest& manifest);

/// Base64 by RFC 4648 section 4, padded; line breaks are skipped as Kubernetes skips them.
base::Result<std::string> decode_base64(std::string_view text);

}  // namespace tlswarden::resource
