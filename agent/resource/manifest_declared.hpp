#pragma once

#include <string>

#include "resource/manifest_report.hpp"

namespace tlswarden::resource {

/// `document`, which was read without an error, as its author wrote it. Left out is what belongs to the
/// server: status, its part of metadata, and the copy that `kubectl apply` keeps in an annotation. A Secret's
/// stringData, which servers take but never give, becomes data.
DeclaredDocument declared_document(const DocumentView& document, const std::string& file,
                                   const ManifestUse& use);

}  // namespace tlswarden::resource
