#include "kube/event_document.hpp"

#include <array>
#include <cstdio>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace tlswarden::kube {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestName = 253;
constexpr std::size_t kLongestWord = 128;
constexpr std::size_t kLongestNote = 1000;  // up to a character and an ellipsis may follow

constexpr const char* kController = "tlswarden.dev/agent";
/// What was done that brought it to light; the API server demands a word for it.
constexpr const char* kAction = "Check";

/// MicroTime: the API server refuses it without a fraction of exactly six digits.
std::string micro_time(base::WallTime time) {
  std::string text = base::format_rfc3339(time);
  text.pop_back();
  return text + ".000000Z";
}

Json series_json(const SeriesOfEvents& series) {
  return {{"count", series.count}, {"lastObservedTime", micro_time(series.last)}};
}

}  // namespace

std::string event_name(const std::string& endpoint, base::WallTime now, std::uint32_t number) {
  std::array<char, 18> suffix{};
  const auto seconds = static_cast<std::uint32_t>(now.time_since_epoch().count());
  std::snprintf(suffix.data(), suffix.size(), ".%08x%08x", seconds, number);
  const std::string end(suffix.data());
  std::string name = endpoint.substr(0, kLongestName - end.size());
  // What stands before a dot must end in a letter or a digit.
  while (!name.empty() && (name.back() == '.' || name.back() == '-'))
    name.pop_back();
  return name + end;
}

EventDocument describe_event(const resource::DatabaseEndpoint& endpoint, const reconcile::Event& event,
                             const std::string& instance, base::WallTime now, std::uint32_t number) {
  const resource::Metadata& metadata = endpoint.metadata;
  return {.ns = metadata.ns,
          .name = event_name(metadata.name, now, number),
          .endpoint = metadata.name,
          .uid = metadata.uid,
          .reason = event.reason.substr(0, kLongestWord),
          .note = base::printable(event.note, kLongestNote),
          .warning = event.type == reconcile::Event::Type::kWarning,
          .instance = instance.empty() ? "tlswarden" : instance.substr(0, kLongestWord),
          .time = now};
}

Json event_json(const EventDocument& event) {
  Json document{{"apiVersion", "events.k8s.io/v1"},
                {"kind", "Event"},
                {"metadata", {{"namespace", event.ns}, {"name", event.name}}},
                {"eventTime", micro_time(event.time)},
                {"reportingController", kController},
                {"reportingInstance", event.instance},
                {"action", kAction},
                {"reason", event.reason},
                {"regarding",
                 {{"apiVersion", resource::kApiVersion},
                  {"kind", "DatabaseEndpoint"},
                  {"namespace", event.ns},
                  {"name", event.endpoint},
                  {"uid", event.uid}}},
                {"note", event.note},
                {"type", event.warning ? "Warning" : "Normal"}};
  if (event.series) document["series"] = series_json(*event.series);
  return document;
}

Json series_patch(const EventDocument& event) {
  return {{"series", series_json(event.series.value())}};
}

}  // namespace tlswarden::kube
