#pragma once

#include "probe/target.hpp"
#include "reconcile/material_source.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::reconcile {

/// What one check needs on top of the spec.
struct CheckRequest {
  bool plaintext_due = false;         ///< attempt the session without TLS as well
  bool legacy_protocols_due = false;  ///< offer the protocol versions below the floor as well
  bool transcript = false;            ///< record every stage's words
};

/// The spec and its resolved material as the prober wants them.
probe::Target make_target(const resource::DatabaseEndpoint& endpoint, const ResolvedMaterial& material,
                          const CheckRequest& request);

}  // namespace tlswarden::reconcile
