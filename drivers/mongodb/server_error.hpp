#pragma once

#include "drivers/mongodb/document.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::mongodb {

/// The failure that a reply with ok: 0 is at `stage`, by its code (mongo/base/error_codes.yml).
probe::Failure to_failure(const Document& error, probe::Stage stage);

/// The failure for an answer that is not MongoDB's, that is too long or that never came (kPeerClosed).
probe::Failure broken_answer(probe::Cause cause, probe::Stage stage);

/// A port that ends a connection without TLS unanswered.
probe::Failure tls_only(probe::Stage stage);

}  // namespace tlswarden::drivers::mongodb
