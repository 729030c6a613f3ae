#include "resource/manifest_metadata.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "resource/manifest_fields.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestName = 253;
constexpr std::size_t kMostEntries = 1024;

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool is_letter_or_digit(char c) {
  return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

/// The part after the slash of a label's key, and a label's value.
bool is_qualified_part(std::string_view text) {
  if (text.empty() || text.size() > kLongestLabel) return false;
  if (!is_letter_or_digit(text.front()) || !is_letter_or_digit(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_qualified_name(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return is_qualified_part(key);
  return is_dns_subdomain(key.substr(0, slash)) && is_qualified_part(key.substr(slash + 1));
}

void check_map(const Json& document, const char* field, bool restricted_values, Report& report) {
  const FieldPath path = FieldPath::of("metadata").key(field);
  const Json* map = find(document, path);
  if (map == nullptr || map->is_null()) return;
  if (!map->is_object()) {
    report.error(path, "this is no mapping; accepted: a mapping of text to text");
    return;
  }
  if (map->size() > kMostEntries) {
    report.error(path, "there are more than " + std::to_string(kMostEntries) + " entries; remove some");
    return;
  }
  for (const auto& [key, value] : map->items()) {
    if (report.full()) return;
    const FieldPath entry = path.key(key);
    if (report.has_error(entry)) continue;
    if (!is_qualified_name(key)) {
      report.error(entry,
                   "the key is not accepted; accepted: up to 63 letters, digits, '-', '_' and '.', with an "
                   "optional DNS name and '/' before them");
    } else if (!value.is_string()) {
      report.error(entry, "the value is not text; put it in quotes");
    } else if (restricted_values && !value.get_ref<const std::string&>().empty() &&
               !is_qualified_part(value.get_ref<const std::string&>())) {
      report.error(
          entry,
          "the value is not accepted; accepted: up to 63 letters, digits, '-', '_' and '.', beginning "
          "and ending with a letter or digit");
    }
  }
}

std::string read_name(const Json& metadata, Report& report) {
  const FieldPath path = FieldPath::of("metadata.name");
  constexpr std::string_view kAccepted =
      "accepted: lower-case letters, digits, '-' and '.', at most 253 characters, such as orders-primary";
  const auto name = metadata.find("name");
  if (name == metadata.end() || name->is_null()) {
    report.error(path, "the field is missing; " + std::string(kAccepted));
    return {};
  }
  if (!name->is_string()) {
    report.error(path, "this is not text; put it in quotes, " + std::string(kAccepted));
    return {};
  }
  auto text = name->get<std::string>();
  if (is_dns_subdomain(text)) return text;
  report.error(path, "'" + base::printable(text, 60) + "' is not a valid name; " + std::string(kAccepted));
  return {};
}

std::string read_namespace(const Json& metadata, const std::string& otherwise, Report& report) {
  const FieldPath path = FieldPath::of("metadata.namespace");
  const auto ns = metadata.find("namespace");
  if (ns == metadata.end() || ns->is_null()) return otherwise;
  const auto* text = ns->get_ptr<const std::string*>();
  if (text != nullptr && is_dns_label(*text)) return *text;
  const std::string shown = text == nullptr ? "this" : "'" + base::printable(*text, 60) + "'";
  report.error(
      path, shown + " is no namespace; accepted: lower-case letters, digits and '-', at most 63 characters");
  return otherwise;
}

}  // namespace

bool is_dns_label(std::string_view text) {
  if (text.empty() || text.size() > kLongestLabel) return false;
  if (text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view text) {
  if (text.size() > kLongestName) return false;
  const auto labels = base::split(text, '.');
  return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    return !label.empty() && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
  });
}

ManifestMetadata read_metadata(const Json& document, const std::string& default_namespace, Report& report) {
  static const std::vector<std::string> known{"name",
                                              "namespace",
                                              "labels",
                                              "annotations",
                                              "uid",
                                              "resourceVersion",
                                              "generation",
                                              "creationTimestamp",
                                              "deletionTimestamp",
                                              "finalizers",
                                              "ownerReferences",
                                              "managedFields",
                                              "selfLink",
                                              "deletionGracePeriodSeconds"};
  const FieldPath path = FieldPath::of("metadata");
  const auto metadata = document.find("metadata");
  if (metadata == document.end() || !metadata->is_object()) {
    report.error(path,
                 "the mapping is missing; accepted: a mapping with name, namespace, labels and annotations");
    return {};
  }
  for (const auto& [key, value] : metadata->items()) {
    if (std::find(known.begin(), known.end(), key) != known.end() || report.has_error(path.key(key)))
      continue;
    if (report.full()) break;
    if (key == "generateName") {
      report.error(path.key(key), "names are not generated here; give metadata.name");
    } else {
      report.error(path.key(key), unknown_field_message(key, known));
    }
  }
  ManifestMetadata result{read_name(*metadata, report), read_namespace(*metadata, default_namespace, report)};
  check_map(document, "labels", true, report);
  check_map(document, "annotations", false, report);
  return result;
}

}  // namespace tlswarden::resource
