#include "verdict/reasons.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/text.hpp"
#include "schema/embedded.hpp"
#include "verdict/wording.hpp"

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

std::vector<const Reason*> find_reasons_by_wording(std::string_view text) {
  std::vector<const Reason*> best;
  WordingFit best_fit;
  for (const Reason& reason : all_reasons()) {
    WordingFit fit;
    for (const std::string& wording : reason.also_known)
      fit = std::max(fit, fit_wording(text, wording));
    if (fit == WordingFit{} || fit < best_fit) continue;
    if (fit > best_fit) best.clear();
    best_fit = fit;
    best.push_back(&reason);
  }
  return best;
}

}  // namespace tlswarden::verdict
