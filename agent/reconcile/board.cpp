#include "reconcile/board.hpp"

#include <utility>

namespace tlswarden::reconcile {

void Board::put(EndpointViewPtr view) {
  std::string key = view->endpoint->key();
  const std::scoped_lock lock(mutex_);
  views_.insert_or_assign(std::move(key), std::move(view));
}

void Board::remove(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  views_.erase(key);
}

EndpointViewPtr Board::find(const std::string& key) const {
  const std::scoped_lock lock(mutex_);
  const auto found = views_.find(key);
  return found == views_.end() ? nullptr : found->second;
}

std::vector<EndpointViewPtr> Board::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<EndpointViewPtr> views;
  views.reserve(views_.size());
  for (const auto& [key, view] : views_)
    views.push_back(view);
  return views;
}

}  // namespace tlswarden::reconcile
