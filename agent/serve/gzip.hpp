#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tlswarden::serve {

/// Whether a client takes gzip, by its header Accept-Encoding (RFC 9110 section 12.5.3).
bool accepts_gzip(std::string_view accept_encoding);

/// Makes gzip's format of a text that comes in pieces, at the level that is fastest: pages of metrics shrink
/// to a twentieth anyway. Not thread-safe.
class GzipWriter {
 public:
  GzipWriter();
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  void add(std::string_view piece);
  /// The whole; nothing when memory was short. To be called once, at the end.
  std::optional<std::string> finish();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

/// The same of a text that is there.
std::optional<std::string> gzip(std::string_view text);

}  // namespace tlswarden::serve
