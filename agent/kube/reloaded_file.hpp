#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace tlswarden::kube {

/// The content of a file that somebody else renews: a token, a certificate, a CA bundle. Read again when what
/// is known is older than `interval`; where that fails or gives nothing, what is known stays and the log says
/// so. Safe from any thread.
class ReloadedFile {
 public:
  /// `clock` must outlive this object.
  ReloadedFile(std::string file, base::Seconds interval, const base::Clock& clock);

  /// White space around it removed. Error: there is no content and never was.
  base::Result<base::Secret> content();
  /// Have content() read again if what is known was read at or before `moment`.
  void distrust(base::MonoTime moment);

 private:
  void reload();

  const std::string file_;
  const base::Seconds interval_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::optional<base::Secret> known_;
  base::MonoTime read_at_{};
  bool fresh_ = false;
  std::string problem_;
};

}  // namespace tlswarden::kube
