#include "kube/loss_log.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace tlswarden::kube {
namespace {

constexpr base::Seconds kQuiet{600};

}  // namespace

void LossLog::add(const std::string& why, std::uint64_t count) {
  const std::scoped_lock lock(mutex_);
  untold_ += count;
  why_ = why;
  const base::MonoTime now = clock_.monotonic();
  if (!told_ || now - *told_ >= kQuiet) write(now);
}

void LossLog::tell(bool final) {
  const std::scoped_lock lock(mutex_);
  const base::MonoTime now = clock_.monotonic();
  if (untold_ != 0 && (final || !told_ || now - *told_ >= kQuiet)) write(now);
}

void LossLog::write(base::MonoTime now) {
  spdlog::warn("{}: {}; the last one: {}", what_, std::exchange(untold_, 0), why_);
  told_ = now;
}

}  // namespace tlswarden::kube
