#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::oracle {

/// The highest and the lowest version of TNS that we speak.
inline constexpr std::uint16_t kTnsVersion = 318;
inline constexpr std::uint16_t kTnsLowest = 300;
/// From this version on packets have long lengths.
inline constexpr std::uint16_t kTnsLongLengths = 315;

/// Whether Oracle Net takes `name` for a service name as it stands, without quotes.
bool is_service_name(std::string_view name);

/// The service to ask for: spec.auth.database, or where that is absent, or is no service name, one that does
/// not exist, for which a listener need start nothing.
std::string requested_service(const probe::Target& target);

/// CONNECT for `service`, which is_service_name(). No secret. Sent in one packet, as its description is
/// short enough for one (230 bytes).
base::Bytes connect_request(std::string_view service);

}  // namespace tlswarden::drivers::oracle
