#pragma once

#include "base/result.hpp"
#include "kube/api_client.hpp"
#include "kube/reference_content.hpp"

namespace tlswarden::kube {

/// Reads one object by its name, for which RBAC for `get` is enough. One that does not exist is content, too.
/// The texts that it came in are wiped.
base::Result<ReferenceContent, ApiError> get_reference(ApiClient& client, const ReferencedObject& object,
                                                       const Cancellation& cancellation);

}  // namespace tlswarden::kube
