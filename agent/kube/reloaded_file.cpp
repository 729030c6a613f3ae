#include "kube/reloaded_file.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/file_reader.hpp"
#include "base/text.hpp"

namespace tlswarden::kube {
namespace {

constexpr std::size_t kLargest = std::size_t{1} << 20U;

}  // namespace

ReloadedFile::ReloadedFile(std::string file, base::Seconds interval, const base::Clock& clock)
    : file_(std::move(file)), interval_(interval), clock_(clock) {}

base::Result<base::Secret> ReloadedFile::content() {
  const std::scoped_lock lock(mutex_);
  if (!fresh_ || clock_.monotonic() - read_at_ >= interval_) reload();
  if (!known_) return base::fail(problem_);
  return known_->copy();
}

void ReloadedFile::distrust(base::MonoTime moment) {
  const std::scoped_lock lock(mutex_);
  if (read_at_ <= moment) fresh_ = false;
}

void ReloadedFile::reload() {
  const auto content = base::read_file(file_, kLargest);
  read_at_ = clock_.monotonic();
  fresh_ = true;
  std::string problem;
  if (!content) {
    problem = content.error().message;
  } else if (base::trimmed(content->reveal()).empty()) {
    problem = "file " + file_ + " is empty; whoever renews it must write it in one step";
  } else {
    known_ = base::Secret(base::trimmed(content->reveal()));
  }
  // Said once for each change of what is wrong, not at every reading.
  if (known_ && problem != problem_ && !problem.empty()) {
    spdlog::warn("{}; what was read before is still used", problem);
  }
  problem_ = std::move(problem);
}

}  // namespace tlswarden::kube
