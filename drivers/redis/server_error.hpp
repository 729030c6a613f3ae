#pragma once

#include "drivers/redis/reply.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::redis {

/// The failure that an error reply is at `stage`. Redis has words, not codes: the first word is the class,
/// and within ERR the text tells.
probe::Failure to_failure(const Reply& error, probe::Stage stage);

/// The failure for an answer that is not RESP, that is too long or that never came (kPeerClosed).
probe::Failure broken_answer(probe::Cause cause, probe::Stage stage);

}  // namespace tlswarden::drivers::redis
