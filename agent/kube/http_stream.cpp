#include "kube/http_stream.hpp"

#include <algorithm>
#include <cstring>

namespace tlswarden::kube {
namespace {

constexpr std::size_t kLongestStatusLine = 512;
constexpr std::size_t kLongestLine = std::size_t{8} << 10U;
constexpr std::size_t kLongestHead = std::size_t{64} << 10U;

}  // namespace

bool HttpStream::too_long(char byte) {
  ++line_;
  if (in_head_) ++head_;
  const bool over = line_ > (first_line_ ? kLongestStatusLine : kLongestLine) || head_ > kLongestHead;
  if (byte == '\n') {
    line_ = 0;
    first_line_ = false;
  }
  return over;
}

ssize_t HttpStream::read(char* data, size_t size) {
  if (begin_ == end_) {
    const ssize_t count = link_.read(buffer_.data(), buffer_.size());
    if (count <= 0) return count;
    begin_ = 0;
    end_ = static_cast<std::size_t>(count);
  }
  const std::size_t given = std::min(size, end_ - begin_);
  std::memcpy(data, buffer_.data() + begin_, given);
  begin_ += given;
  if (size != 1) {
    line_ = 0;
  } else if (too_long(*data)) {
    exceeded_ = true;
    return -1;
  }
  return static_cast<ssize_t>(given);
}

}  // namespace tlswarden::kube
