#include "cli/progress.hpp"

#include <ostream>

#include "cli/text_layout.hpp"

namespace tlswarden::cli {

Progress::Progress(std::ostream& out, bool shown, std::size_t width, std::size_t total)
    : out_(out), shown_(shown), width_(width), total_(total) {}

Progress::~Progress() {
  clear();
}

void Progress::begin(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  pending_.insert(name);
  draw();
}

void Progress::end(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = pending_.find(name); found != pending_.end()) pending_.erase(found);
  ++done_;
  draw();
}

void Progress::print(const std::string& lines) {
  const std::scoped_lock lock(mutex_);
  clear();
  out_ << lines << std::flush;
  draw();
}

void Progress::clear() {
  if (shown_) out_ << "\r\x1b[K" << std::flush;
}

void Progress::draw() {
  if (!shown_) return;
  std::string line = "checked " + std::to_string(done_) + " of " + std::to_string(total_);
  std::string separator = ", waiting for ";
  for (const std::string& name : pending_) {
    // One column stays free: a full line would wrap and could not be taken away.
    if (display_width(line) + separator.size() + display_width(name) + 4 > width_) {
      line += " …";
      break;
    }
    line += separator + name;
    separator = ", ";
  }
  out_ << "\r\x1b[K" << line << std::flush;
}

}  // namespace tlswarden::cli
