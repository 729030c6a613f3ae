#pragma once

#include <memory>

#include "probe/driver.hpp"

namespace tlswarden::drivers::mysql {

/// MySQL, MariaDB and what speaks their protocol. TLS is brought about in-band only: the protocol has no
/// TLS-first form, so for negotiation: direct the driver offers no style at all.
std::unique_ptr<probe::Driver> make_driver();

}  // namespace tlswarden::drivers::mysql
