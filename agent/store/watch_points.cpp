#include "store/watch_points.hpp"

#include <deque>
#include <system_error>

namespace tlswarden::store {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;
constexpr std::size_t kMostSteps = 4096;

void prepend(const fs::path& path, std::deque<fs::path>& steps) {
  const fs::path relative = path.relative_path();
  steps.insert(steps.begin(), relative.begin(), relative.end());
}

}  // namespace

std::vector<WatchPoint> watch_points(const fs::path& file) {
  std::vector<WatchPoint> points;
  std::error_code error;
  const fs::path absolute = fs::absolute(file, error);
  if (error) return points;
  fs::path place = absolute.root_path();
  std::deque<fs::path> steps;
  prepend(absolute, steps);
  int links = 0;
  for (std::size_t taken = 0; !steps.empty() && taken < kMostSteps; ++taken) {
    const fs::path step = steps.front();
    steps.pop_front();
    if (step.empty() || step == ".") continue;
    if (step == "..") {
      place = place.parent_path();
      continue;
    }
    const fs::path next = place / step;
    const fs::file_status status = fs::symlink_status(next, error);
    if (fs::is_symlink(status)) {
      points.emplace_back(place, step.string());
      const fs::path target = fs::read_symlink(next, error);
      if (error || ++links > kMostLinks) return points;
      if (target.is_absolute()) place = target.root_path();
      prepend(target, steps);
      continue;
    }
    if (steps.empty() || !fs::is_directory(status)) {
      points.emplace_back(place, step.string());
      return points;
    }
    place = next;
  }
  return points;
}

}  // namespace tlswarden::store
