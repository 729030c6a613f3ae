#pragma once

#include <optional>

#include "drivers/common/relay.hpp"
#include "drivers/mongodb/message.hpp"

namespace tlswarden::drivers::mongodb {

/// Lets everything pass, and remembers the server's last error: of a failed login the library tells the words
/// only, not the code.
class ReplyWatch final : public common::RelayFilter {
 public:
  base::Result<base::Bytes, probe::Failure> to_library(base::ByteView bytes) override;

  /// The server answered something.
  bool heard() const { return heard_; }
  /// The last reply, where it was an error.
  const std::optional<Document>& last_error() const { return last_error_; }

 private:
  void watch(base::ByteView bytes);

  ReplyReader reader_{std::size_t{1} << 20U};
  bool heard_ = false, lost_ = false;
  std::optional<Document> last_error_;
};

}  // namespace tlswarden::drivers::mongodb
