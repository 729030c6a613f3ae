#include "kube/event_series.hpp"

#include <algorithm>
#include <utility>

namespace tlswarden::kube {
namespace {

constexpr base::Seconds kIdle{6 * 60};
constexpr base::Seconds kRefresh{30 * 60};
constexpr double kBurst = 25;
constexpr double kPerSecond = 1.0 / 300;
constexpr int kMostCounted = 1'000'000;

std::string key_of(const resource::DatabaseEndpoint& endpoint, const reconcile::Event& event) {
  // Nul occurs in none of them.
  std::string key = endpoint.metadata.uid;
  key += '\0';
  key += event.type == reconcile::Event::Type::kWarning ? 'W' : 'N';
  key += event.reason;
  key += '\0';
  return key += event.note;
}

}  // namespace

EventSeries::Outcome EventSeries::observe(const resource::DatabaseEndpoint& endpoint,
                                          const reconcile::Event& event) {
  const std::string key = key_of(endpoint, event);
  const base::MonoTime now = clock_.monotonic();
  if (series_.find(key) != nullptr) {
    Series& series = series_.get(key, {});
    series.observed = now;
    const int count = series.event.series ? series.event.series->count : 1;
    series.event.series = {std::min(count + 1, kMostCounted), clock_.now()};
    if (count > 1) return {};
    return {tell(series), false};
  }
  if (!may_create(endpoint.metadata.uid)) return {std::nullopt, true};
  Series& series = series_.get(key, {});
  series = {.event = describe_event(endpoint, event, instance_, clock_.now(), next_number_++),
            .observed = now,
            .written = now};
  return {EventWrite{EventWrite::Kind::kCreate, series.event}, false};
}

EventWrite EventSeries::tell(Series& series) {
  series.told = series.event.series->count;
  series.written = clock_.monotonic();
  return {EventWrite::Kind::kPatch, series.event};
}

bool EventSeries::may_create(const std::string& uid) {
  const base::MonoTime now = clock_.monotonic();
  Budget& budget = budgets_.get(uid, {kBurst, now});
  const std::chrono::duration<double> passed = now - budget.refilled;
  budget.left = std::min(kBurst, budget.left + passed.count() * kPerSecond);
  budget.refilled = now;
  if (budget.left < 1) return false;
  budget.left -= 1;
  return true;
}

std::vector<EventWrite> EventSeries::due() {
  std::vector<EventWrite> writes;
  const base::MonoTime now = clock_.monotonic();
  series_.sweep([&](Series& series) {
    const bool over = now - series.observed >= kIdle;
    const bool refresh = series.event.series && now - series.written >= kRefresh;
    if (refresh || (over && series.has_news())) writes.push_back(tell(series));
    return over;
  });
  return writes;
}

std::vector<EventWrite> EventSeries::finish() {
  std::vector<EventWrite> writes;
  series_.sweep([&](Series& series) {
    if (series.has_news()) writes.push_back(tell(series));
    return true;
  });
  return writes;
}

}  // namespace tlswarden::kube
