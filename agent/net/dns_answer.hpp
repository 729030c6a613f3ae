#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

/// What stands in a DNS answer (RFC 1035, section 4). Pure; every byte is the network's.
namespace tlswarden::net {

/// RFC 2782. Names are in lower case and without the dot at their end; "" is the root, which says that there
/// is no such service.
struct SrvRecord {
  std::uint16_t priority = 0, weight = 0, port = 0;
  std::string target;
  bool operator==(const SrvRecord&) const = default;
};

/// The records of one type in the answer section, in its order; aliases on the way to them are passed over.
/// Nothing where the message is broken. At most 256.
std::optional<std::vector<SrvRecord>> srv_records(base::ByteView message);
/// The same for TXT: the strings of each record joined, as RFC 7208, section 3.3, and MongoDB's seed lists
/// have it.
std::optional<std::vector<std::string>> txt_records(base::ByteView message);

}  // namespace tlswarden::net
