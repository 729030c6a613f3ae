#include "serve/exposed_labels.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::serve {
namespace {

constexpr std::size_t kLongestName = 63;
constexpr std::size_t kLongestPrefix = 253;

bool alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// One side of the '/': letters, digits and some of `inner` between them.
bool well_formed(std::string_view part, std::size_t longest, std::string_view inner) {
  if (part.empty() || part.size() > longest) return false;
  if (!alphanumeric(part.front()) || !alphanumeric(part.back())) return false;
  return std::all_of(part.begin(), part.end(),
                     [&](char c) { return alphanumeric(c) || inner.find(c) != std::string_view::npos; });
}

/// Kubernetes' qualified name: an optional DNS prefix with '/', and a name.
bool is_label_key(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return well_formed(key, kLongestName, "-_.");
  return well_formed(key.substr(0, slash), kLongestPrefix, "-.") &&
         well_formed(key.substr(slash + 1), kLongestName, "-_.");
}

std::string metric_label(const std::string& key) {
  std::string name = "label_" + key;
  std::replace_if(name.begin(), name.end(), [](char c) { return !alphanumeric(c); }, '_');
  return name;
}

}  // namespace

base::Result<ExposedLabels> ExposedLabels::of(const std::vector<std::string>& keys) {
  if (keys.size() > kMost) return base::fail("--expose-label may be given 16 times at most; leave some out");
  ExposedLabels labels;
  for (const std::string& key : keys) {
    const std::string shown = "--expose-label '" + base::printable(key, kLongestName) + "'";
    if (!is_label_key(key)) {
      return base::fail(shown + " is no label key; write it as it stands in metadata.labels, such as team");
    }
    std::string name = metric_label(key);
    const auto same = std::find_if(labels.exposed_.begin(), labels.exposed_.end(),
                                   [&](const Exposed& other) { return other.name == name; });
    if (same != labels.exposed_.end()) {
      std::string message = shown;
      message.append(" and '").append(same->key).append("' would both become ").append(name);
      return base::fail(std::move(message.append("; leave one out")));
    }
    labels.exposed_.push_back({key, std::move(name)});
  }
  return labels;
}

void ExposedLabels::append_to(std::vector<prometheus::ClientMetric::Label>& labels,
                              const resource::Metadata& metadata) const {
  for (const Exposed& one : exposed_) {
    const auto found = metadata.labels.find(one.key);
    const bool known = found != metadata.labels.end();
    labels.push_back({one.name, known ? base::printable(found->second, kLongestName) : std::string()});
  }
}

}  // namespace tlswarden::serve
