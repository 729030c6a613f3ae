#include "reconcile/event_log.hpp"

#include "base/log.hpp"

namespace tlswarden::reconcile {

void EventLog::record(const resource::DatabaseEndpoint& endpoint, const Event& event) {
  const auto level = event.type == Event::Type::kWarning ? spdlog::level::warn : spdlog::level::info;
  spdlog::log(level, "{}: {}: {}", endpoint.key(), event.reason, event.note);
}

}  // namespace tlswarden::reconcile
