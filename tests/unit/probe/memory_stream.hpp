#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "net/byte_stream.hpp"

namespace tlswarden::probe {

/// A stream whose peer is written down in the test: gives its pieces one by one, then ends as told.
class MemoryStream final : public net::ByteStream {
 public:
  explicit MemoryStream(std::deque<std::string> pieces,
                        net::IoError::Kind ending = net::IoError::Kind::kPeerClosed)
      : pieces_(std::move(pieces)), ending_(ending) {}

  void fail_writes(net::IoError::Kind kind) { write_error_ = kind; }
  const std::string& written() const { return written_; }
  bool closed() const { return closed_; }

  net::Awaitable<net::IoResult<std::size_t>> read_some(std::span<std::uint8_t> buffer,
                                                       base::Deadline /*deadline*/) override {
    if (pieces_.empty()) co_return tl::unexpected(net::IoError{ending_, "the script is over"});
    std::string& piece = pieces_.front();
    const std::size_t count = std::min(buffer.size(), piece.size());
    std::copy_n(piece.begin(), count, buffer.begin());
    piece.erase(0, count);
    if (piece.empty()) pieces_.pop_front();
    co_return count;
  }
  net::Awaitable<net::IoResult<void>> write_all(base::ByteView bytes, base::Deadline /*deadline*/) override {
    if (write_error_) co_return tl::unexpected(net::IoError{*write_error_, "the script refuses"});
    written_ += base::as_text(bytes);
    co_return net::IoResult<void>{};
  }
  net::Awaitable<void> close(base::Deadline /*deadline*/) override {
    closed_ = true;
    co_return;
  }

 private:
  std::deque<std::string> pieces_;
  net::IoError::Kind ending_;
  std::optional<net::IoError::Kind> write_error_;
  std::string written_;
  bool closed_ = false;
};

}  // namespace tlswarden::probe
