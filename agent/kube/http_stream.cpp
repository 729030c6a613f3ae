#include "kube/http_stream.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"

namespace tlswarden::kube {
namespace {

constexpr std::size_t kLongestStatusLine = 512;
constexpr std::size_t kLongestLine = std::size_t{8} << 10U;
constexpr std::size_t kLongestHead = std::size_t{64} << 10U;
constexpr std::size_t kMostWarnings = 32;
constexpr std::string_view kWarning = "warning:";

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

void HttpStream::keep_warning(char byte) {
  if (byte != '\n') {
    header_ += byte;
    return;
  }
  const std::string_view line = header_;
  const bool warning = base::equal_ignoring_case(line.substr(0, kWarning.size()), kWarning);
  if (warning && warnings_.size() < kMostWarnings)
    warnings_.emplace_back(base::trimmed(line.substr(kWarning.size())));
  header_.clear();
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
  } else if (in_head_) {
    keep_warning(*data);
  }
  return static_cast<ssize_t>(given);
}

}  // namespace tlswarden::kube
