#include "drivers/postgresql/sasl_filter.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tlswarden::drivers::postgresql {
namespace {

constexpr std::size_t kHeader = 5;
constexpr std::size_t kMostBytes = std::size_t{64} * 1024;
constexpr std::uint32_t kSasl = 10;
constexpr std::string_view kBound = "SCRAM-SHA-256-PLUS";

std::uint32_t number_at(base::ByteView bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24U | std::uint32_t{bytes[at + 1]} << 16U |
         std::uint32_t{bytes[at + 2]} << 8U | std::uint32_t{bytes[at + 3]};
}

/// A whole AuthenticationSASL message without the mechanism, the same bytes for any other message.
base::Bytes without_binding(base::ByteView message) {
  base::Bytes kept(message.begin(), message.end());
  constexpr std::size_t kList = kHeader + 4;
  if (message.size() < kList || number_at(message, kHeader) != kSasl) return kept;
  const auto end = std::search(kept.begin() + kList, kept.end(), kBound.begin(), kBound.end());
  const auto past = static_cast<std::size_t>(kept.end() - end);
  // A name of its own: it starts where another ended, and ends there too; and it is not the only one.
  if (past <= kBound.size() + 1 || *(end + kBound.size()) != 0) return kept;
  const bool first = end == kept.begin() + kList;
  if ((!first && *(end - 1) != 0) || (first && *(end + kBound.size() + 1) == 0)) return kept;
  kept.erase(end, end + kBound.size() + 1);
  const auto length = static_cast<std::uint32_t>(kept.size() - 1);
  for (std::size_t i = 0; i < 4; ++i)
    kept[1 + i] = static_cast<std::uint8_t>(length >> (24U - 8U * i));
  return kept;
}

}  // namespace

base::Result<base::Bytes, probe::Failure> SaslFilter::to_library(base::ByteView bytes) {
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  base::Bytes out;
  while (!through_ && pending_.size() >= kHeader) {
    const std::size_t size = std::size_t{1} + number_at(pending_, 1);
    if (size < kHeader || size > kMostBytes) {
      return tl::unexpected(probe::Failure{probe::Stage::kSession,
                                           probe::Cause::kMalformedMessage,
                                           "The server's first messages of the login are broken.",
                                           {},
                                           {}});
    }
    if (pending_.size() < size) break;
    through_ = pending_[0] == 'R';
    const base::ByteView message(pending_.data(), size);
    const base::Bytes passed =
        through_ ? without_binding(message) : base::Bytes(message.begin(), message.end());
    out.insert(out.end(), passed.begin(), passed.end());
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(size));
  }
  if (through_) {
    out.insert(out.end(), pending_.begin(), pending_.end());
    pending_.clear();
  }
  return out;
}

}  // namespace tlswarden::drivers::postgresql
