#include "resource/manifest_material.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "resource/manifest_fields.hpp"
#include "resource/manifest_metadata.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

int digit_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

bool is_data_key(std::string_view key) {
  constexpr std::size_t kLongest = 253;
  if (key.empty() || key.size() > kLongest || key == "." || key.starts_with("..")) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

void report_unknown(const Json& document, const std::vector<std::string>& known, Report& report) {
  for (const auto& [key, value] : document.items()) {
    if (report.full()) return;
    const FieldPath path = FieldPath().key(key);
    if (std::find(known.begin(), known.end(), key) == known.end() && !report.has_error(path)) {
      report.error(path, unknown_field_message(key, known));
    }
  }
}

/// The entries of one mapping of text to text, decoded if they are base64; broken ones are reported and left
/// out.
std::vector<std::pair<std::string, std::string>> read_entries(const Json& document, const char* field,
                                                              bool base64, Report& report) {
  std::vector<std::pair<std::string, std::string>> entries;
  const FieldPath path = FieldPath().key(field);
  const Json* map = find(document, path);
  if (map == nullptr || map->is_null() || report.has_error(path)) return entries;
  if (!map->is_object()) {
    report.error(path, "this is no mapping; accepted: a mapping of keys to text");
    return entries;
  }
  for (const auto& [key, value] : map->items()) {
    const FieldPath entry = path.key(key);
    if (report.full()) break;
    if (report.has_error(entry)) continue;
    const auto* text = value.get_ptr<const std::string*>();
    if (!is_data_key(key)) {
      report.error(entry, "the key is not accepted; accepted: up to 253 letters, digits, '-', '_' and '.'");
    } else if (text == nullptr) {
      report.error(entry, "the value is not text; put it in quotes");
    } else if (!base64) {
      entries.emplace_back(key, *text);
    } else if (auto decoded = decode_base64(*text)) {
      entries.emplace_back(key, std::move(*decoded));
    } else {
      report.error(entry, decoded.error().message);
    }
  }
  return entries;
}

/// Kubernetes' own bound on a Secret or ConfigMap.
constexpr std::size_t kLargest = std::size_t{1} << 20U;

template <class Map>
void check_size(const Map& data, Report& report) {
  std::size_t size = 0;
  for (const auto& [key, value] : data) {
    if constexpr (std::is_same_v<typename Map::mapped_type, base::Secret>) {
      size += key.size() + value.bytes().size();
    } else {
      size += key.size() + value.size();
    }
  }
  if (size > kLargest)
    report.error(FieldPath::of("data"), "the content is larger than 1 MiB, the most that Kubernetes takes");
}

}  // namespace

base::Result<std::string> decode_base64(std::string_view text) {
  const auto refused = [] {
    return base::fail(
        "the value is not valid base64; encode it with `base64 -w0`, or use a field for plain text");
  };
  std::string decoded;
  // At once, so that no part of a secret stays behind in memory that became too small.
  decoded.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  int count = 0;
  int padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int value = digit_value(c);
    if (value < 0 || padding > 0) return refused();
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    if (++count == 4) {
      for (const unsigned shift : {16U, 8U, 0U})
        decoded.push_back(static_cast<char>((bits >> shift) & 0xFFU));
      bits = 0;
      count = 0;
    }
  }
  if (count == 0) return padding == 0 ? base::Result<std::string>(std::move(decoded)) : refused();
  // Two digits leave one byte and four bits, three leave two bytes and two bits; the bits left over must be
  // zero.
  if (count == 1 || padding != 4 - count) return refused();
  const unsigned spare = count == 2 ? 4U : 2U;
  if ((bits & ((1U << spare) - 1U)) != 0) return refused();
  bits >>= spare;
  if (count == 3) decoded.push_back(static_cast<char>((bits >> 8U) & 0xFFU));
  decoded.push_back(static_cast<char>(bits & 0xFFU));
  return decoded;
}

void read_secret(const DocumentView& document, const std::string& file, Report& report,
                 const ManifestUse& use, Manifest& manifest) {
  static const std::vector<std::string> known{"apiVersion", "kind", "metadata",  "type",
                                              "immutable",  "data", "stringData"};
  report_unknown(document.value, known, report);
  const ManifestMetadata metadata = read_metadata(document.value, use.default_namespace, report);
  SecretDocument secret{metadata.ns, metadata.name, {}, file, document.marks.line};
  for (auto& [key, text] : read_entries(document.value, "data", true, report)) {
    secret.data.insert_or_assign(key, base::Secret(text));
    base::wipe_memory(text.data(), text.size());
  }
  // Kubernetes lets stringData win over data.
  for (auto& [key, text] : read_entries(document.value, "stringData", false, report)) {
    secret.data.insert_or_assign(key, base::Secret(text));
    base::wipe_memory(text.data(), text.size());
  }
  check_size(secret.data, report);
  if (report.failed()) {
    manifest.refused.insert("Secret " + metadata.ns + "/" + metadata.name);
  } else {
    manifest.secrets.push_back(std::move(secret));
  }
}

void read_config_map(const DocumentView& document, const std::string& file, Report& report,
                     const ManifestUse& use, Manifest& manifest) {
  static const std::vector<std::string> known{"apiVersion", "kind", "metadata",
                                              "immutable",  "data", "binaryData"};
  report_unknown(document.value, known, report);
  const ManifestMetadata metadata = read_metadata(document.value, use.default_namespace, report);
  ConfigMapDocument map{metadata.ns, metadata.name, {}, file, document.marks.line};
  for (auto& [key, text] : read_entries(document.value, "data", false, report)) {
    map.data.emplace(key, std::move(text));
  }
  for (auto& [key, text] : read_entries(document.value, "binaryData", true, report)) {
    if (!map.data.emplace(key, std::move(text)).second) {
      report.error(FieldPath::of("binaryData").key(key), "the key is given under data too; keep one of them");
    }
  }
  check_size(map.data, report);
  if (report.failed()) {
    manifest.refused.insert("ConfigMap " + metadata.ns + "/" + metadata.name);
  } else {
    manifest.config_maps.push_back(std::move(map));
  }
}

}  // namespace tlswarden::resource
