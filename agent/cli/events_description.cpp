#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "cli/age_text.hpp"
#include "cli/endpoint_description.hpp"
#include "kube/json_text.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;
using kube::text_at;

/// An event is dated by whoever wrote it, in one of several ways.
std::string first_seen(const Json& event) {
  for (const char* field : {"eventTime", "firstTimestamp"})
    if (std::string time = text_at(event, {field}); !time.empty()) return time;
  return text_at(event, {"metadata", "creationTimestamp"});
}

std::string last_seen(const Json& event) {
  std::string time = text_at(event, {"series", "lastObservedTime"});
  if (time.empty()) time = text_at(event, {"lastTimestamp"});
  return time.empty() ? first_seen(event) : time;
}

std::int64_t times_seen(const Json& event) {
  const auto count = [](const Json& holder) -> std::int64_t {
    const auto found = holder.find("count");
    return found != holder.end() && found->is_number_integer() ? found->get<std::int64_t>() : 1;
  };
  const auto series = event.find("series");
  return series != event.end() && series->is_object() ? count(*series) : count(event);
}

std::string age_of(const Json& event, base::WallTime now) {
  const std::int64_t times = times_seen(event);
  if (times <= 1) return age_since(first_seen(event), now);
  return age_since(last_seen(event), now) + " (x" + std::to_string(times) + " over " +
         age_since(first_seen(event), now) + ")";
}

std::string source_of(const Json& event) {
  std::string source = text_at(event, {"source", "component"});
  if (source.empty()) source = text_at(event, {"reportingComponent"});
  return shown_text(source);
}

}  // namespace

std::string events_description(std::vector<Json> events, base::WallTime now, const Layout& layout) {
  events.erase(std::remove_if(events.begin(), events.end(), [](const Json& e) { return !e.is_object(); }),
               events.end());
  if (events.empty()) return "Events:  <none>\n";
  // All in UTC and of one form: later texts are later times, to the second.
  const auto second = [](const Json& event) { return last_seen(event).substr(0, 19); };
  std::stable_sort(events.begin(), events.end(),
                   [&](const Json& a, const Json& b) { return second(a) < second(b); });
  Table table{{"Type", "Reason", "Age", "From", "Message"}, {}};
  for (const Json& event : events) {
    table.rows.push_back({{shown_text(text_at(event, {"type"}))},
                          {shown_text(text_at(event, {"reason"}))},
                          {age_of(event, now)},
                          {source_of(event)},
                          {shown_text(text_at(event, {"message"}))}});
  }
  return "Events:\n" + indented_table(std::move(table), layout);
}

}  // namespace tlswarden::cli
