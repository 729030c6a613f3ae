#pragma once

#include <string_view>

#include "drivers/oracle/ttc_answer.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::oracle {

/// The failure that the database's error in `answer` is. Precondition: answer.error is not 0.
probe::Failure to_failure(const TtcAnswer& answer);

/// A failure of the login that is not the database's own word.
probe::Failure session_failure(probe::Cause cause, std::string_view message);

/// For an answer of the database that is no TTC.
probe::Failure broken_message(probe::Cause cause);

}  // namespace tlswarden::drivers::oracle
