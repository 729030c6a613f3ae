#pragma once

#include <cstddef>
#include <iosfwd>
#include <mutex>
#include <set>
#include <string>

namespace tlswarden::cli {

/// One line on a terminal that says how far a check is and what it waits for; it is taken away at the end.
/// Silent where there is no terminal. Safe from any thread.
class Progress {
 public:
  /// `out` must outlive it and is written by nobody else meanwhile, but through print().
  Progress(std::ostream& out, bool shown, std::size_t width, std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void begin(const std::string& name);
  void end(const std::string& name);
  /// Whole lines, above the progress line; also where that is not shown.
  void print(const std::string& lines);

 private:
  void clear();
  void draw();

  std::ostream& out_;
  const bool shown_;
  const std::size_t width_;
  const std::size_t total_;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::multiset<std::string> pending_;
};

}  // namespace tlswarden::cli
