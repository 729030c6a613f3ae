#include "serve/gzip.hpp"

// Input is const then, as it should be.
#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace tlswarden::serve {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10U;
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30U;  ///< zlib counts with 32 bits
/// The largest window of deflate; 16 more asks for gzip's frame around it (zlib.h, deflateInit2).
constexpr int kWindow = 15 + 16;
constexpr int kMemory = 8;  ///< zlib's default

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

struct GzipWriter::State {
  State()
      : sound(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kWindow, kMemory, Z_DEFAULT_STRATEGY) == Z_OK),
        begun(sound) {}
  ~State() {
    if (begun) deflateEnd(&stream);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void feed(std::string_view text, int flush) {
    stream.next_in = reinterpret_cast<const Bytef*>(text.data());
    stream.avail_in = static_cast<uInt>(text.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      const int state = deflate(&stream, flush);
      sound = state == Z_OK || state == Z_STREAM_END || state == Z_BUF_ERROR;
      out.append(piece.data(), piece.size() - stream.avail_out);
    } while (sound && stream.avail_out == 0);
  }

  z_stream stream{};
  bool sound;
  const bool begun;
  std::vector<char> piece = std::vector<char>(kPiece);
  std::string out;
};

GzipWriter::GzipWriter() : state_(std::make_unique<State>()) {}

GzipWriter::~GzipWriter() = default;

void GzipWriter::add(std::string_view piece) {
  for (; state_->sound && !piece.empty(); piece.remove_prefix(std::min(piece.size(), kMostAtOnce)))
    state_->feed(piece.substr(0, kMostAtOnce), Z_NO_FLUSH);
}

std::optional<std::string> GzipWriter::finish() {
  if (state_->sound) state_->feed({}, Z_FINISH);
  if (!state_->sound) return std::nullopt;
  return std::move(state_->out);
}

std::optional<std::string> gzip(std::string_view text) {
  GzipWriter writer;
  writer.add(text);
  return writer.finish();
}

}  // namespace tlswarden::serve
