#include "verdict/reasons.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/text.hpp"
#include "schema/embedded.hpp"

namespace tlswarden::verdict {
namespace {

std::vector<std::string> read_list(const YAML::Node& node) {
  std::vector<std::string> items;
  for (const YAML::Node& item : node)
    items.push_back(item.as<std::string>());
  return items;
}

std::string read_text(const YAML::Node& node) {
  const auto text = node.as<std::string>();
  return std::string(base::trimmed(text));
}

std::vector<Reason> read_reasons() {
  std::vector<Reason> reasons;
  const YAML::Node document = YAML::Load(std::string(schema::reasons()));
  for (const YAML::Node& node : document["reasons"]) {
    reasons.push_back({.name = node["name"].as<std::string>(),
                       .summary = read_text(node["summary"]),
                       .cause = read_text(node["cause"]),
                       .advice = read_text(node["advice"]),
                       .steps = read_list(node["steps"]),
                       .also_known = read_list(node["alsoKnown"])});
  }
  return reasons;
}

/// Whether the parts of `wording` between its "..." occur in `text` one after the other.
bool wording_in(std::string_view text, std::string_view wording) {
  constexpr std::string_view kAnything = "...";
  std::size_t from = 0;
  for (;;) {
    const std::size_t end = wording.find(kAnything);
    const std::string_view part = wording.substr(0, end);
    const std::size_t at = text.find(part, from);
    if (at == std::string_view::npos) return false;
    from = at + part.size();
    if (end == std::string_view::npos) return true;
    wording.remove_prefix(end + kAnything.size());
  }
}

}  // namespace

std::span<const Reason> all_reasons() {
  static const std::vector<Reason> reasons = read_reasons();
  return reasons;
}

const Reason* find_reason(std::string_view name) {
  const auto reasons = all_reasons();
  const auto found = std::find_if(reasons.begin(), reasons.end(), [&](const Reason& reason) {
    return base::equal_ignoring_case(reason.name, name);
  });
  return found == reasons.end() ? nullptr : &*found;
}

const Reason* find_reason_by_wording(std::string_view text) {
  const std::string lower = base::lower_ascii(text);
  const Reason* best = nullptr;
  std::size_t longest = 0;
  // The longest wording wins: "self-signed certificate in certificate chain" also contains "self-signed
  // certificate".
  for (const Reason& reason : all_reasons()) {
    for (const std::string& wording : reason.also_known) {
      if (wording.size() > longest && wording_in(lower, base::lower_ascii(wording))) {
        best = &reason;
        longest = wording.size();
      }
    }
  }
  return best;
}

}  // namespace tlswarden::verdict
