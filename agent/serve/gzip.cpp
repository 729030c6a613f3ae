#include "serve/gzip.hpp"

// Input is const then, as it should be.
#define ZLIB_CONST
#include <zlib.h>

#include <limits>
#include <vector>

#include "base/text.hpp"

namespace tlswarden::serve {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10U;
/// The largest window of deflate; 16 more asks for gzip's frame around it (zlib.h, deflateInit2).
constexpr int kWindow = 15 + 16;
constexpr int kMemory = 8;  ///< zlib's default

class Deflate {
 public:
  Deflate()
      : ready_(deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kWindow, kMemory, Z_DEFAULT_STRATEGY) ==
               Z_OK) {}
  ~Deflate() {
    if (ready_) deflateEnd(&stream_);
  }
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;

  std::optional<std::string> all_of(std::string_view text) {
    if (!ready_) return std::nullopt;
    stream_.next_in = reinterpret_cast<const Bytef*>(text.data());
    stream_.avail_in = static_cast<uInt>(text.size());
    std::vector<char> piece(kPiece);
    std::string out;
    for (int state = Z_OK; state != Z_STREAM_END;) {
      stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream_.avail_out = static_cast<uInt>(piece.size());
      state = deflate(&stream_, Z_FINISH);
      if (state != Z_OK && state != Z_STREAM_END) return std::nullopt;
      out.append(piece.data(), piece.size() - stream_.avail_out);
    }
    return out;
  }

 private:
  z_stream stream_{};
  const bool ready_;
};

/// "q=0", "q=0.000": not at all.
bool is_refused(std::string_view parameter) {
  parameter = base::trimmed(parameter);
  if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) return false;
  return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  for (const std::string_view item : base::split(accept_encoding, ',')) {
    const std::vector<std::string_view> parts = base::split(item, ';');
    if (parts.empty() || !base::equal_ignoring_case(base::trimmed(parts[0]), "gzip")) continue;
    return parts.size() < 2 || !is_refused(parts[1]);
  }
  return false;
}

std::optional<std::string> gzip(std::string_view text) {
  if (text.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
  return Deflate().all_of(text);
}

}  // namespace tlswarden::serve
