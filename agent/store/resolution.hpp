#pragma once

#include <functional>

#include "base/result.hpp"
#include "pki/trust_store.hpp"
#include "reconcile/material_source.hpp"
#include "store/content_reader.hpp"
#include "store/last_good.hpp"
#include "store/material_cache.hpp"

namespace tlswarden::store {

/// What resolutions share.
struct ResolutionMemory {
  MaterialCache& cache;
  LastGood& last_good;
  std::function<base::Result<pki::TrustStorePtr>()> system_trust;
};

/// Everything that `endpoint` refers to, with every problem on the way.
///
/// Where a part of the material was usable and no longer is, what it held stays in force: unnoticed at first,
/// since a file may be caught half written or a certificate whose key comes a moment later, and from the
/// second look on beside the problem (last_good.hpp says after how long).
reconcile::ResolvedMaterial resolve_material(const resource::DatabaseEndpoint& endpoint,
                                             const ContentScope& scope, const ResolutionMemory& memory);

}  // namespace tlswarden::store
