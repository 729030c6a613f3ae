#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "net/awaitable.hpp"
#include "net/io_error.hpp"

namespace tlswarden::net {

struct ProbeLimits {
  std::size_t total = 64;    ///< checks under way at a time, over all threads; at least 1
  std::size_t per_host = 4;  ///< of these, to one host; at least 1
  std::chrono::nanoseconds host_interval{
      0};  ///< from the start of one check of a host to the start of the next
};

/// Decides when a check may start. One for the whole process: safe from any thread, fair (first come, first
/// served among those whose host is free). Must outlive its permits.
class ProbeLimiter {
 public:
  /// Held while a check is under way; gives its place back when destroyed.
  class Permit {
   public:
    Permit() = default;  ///< holds no place
    Permit(Permit&& other) noexcept;
    Permit& operator=(Permit&& other) noexcept;
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;
    ~Permit();

   private:
    friend class ProbeLimiter;
    Permit(ProbeLimiter* limiter, std::string host);
    void release() noexcept;
    ProbeLimiter* limiter_ = nullptr;
    std::string host_;
  };

  /// `clock` must outlive the limiter.
  ProbeLimiter(const base::Clock& clock, ProbeLimits limits);
  ~ProbeLimiter();
  ProbeLimiter(const ProbeLimiter&) = delete;
  ProbeLimiter& operator=(const ProbeLimiter&) = delete;

  /// Waits on the caller's own loop until a check of `host` may start; kTimedOut at the deadline, kCancelled
  /// when the coroutine is cancelled.
  Awaitable<IoResult<Permit>> acquire(std::string host, base::Deadline deadline);

  std::size_t active() const;   ///< permits held now
  std::size_t waiting() const;  ///< callers waiting now

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::net
