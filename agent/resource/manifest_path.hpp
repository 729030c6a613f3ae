#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tlswarden::resource {

/// The way from a document's root to one of its fields. A value.
class FieldPath {
 public:
  using Step = std::variant<std::string, std::size_t>;

  FieldPath() = default;
  /// A path of plain names, as in code: FieldPath::of("spec.tls.mode").
  static FieldPath of(std::string_view dotted);

  FieldPath key(std::string_view name) const;
  FieldPath item(std::size_t index) const;
  /// This path followed by `rest`.
  FieldPath join(const FieldPath& rest) const;
  const std::vector<Step>& steps() const { return steps_; }
  /// For messages: spec.rotation.maintenanceWindows[0].days, metadata.labels[a/b]; names are made printable.
  std::string text() const;

 private:
  std::vector<Step> steps_;
};

/// The value at `path`, or null where the document has none. Lives as long as `root`.
const nlohmann::ordered_json* find(const nlohmann::ordered_json& root, const FieldPath& path);
/// The string at `path`; null where there is none or where it is no string.
const std::string* find_string(const nlohmann::ordered_json& root, const FieldPath& path);

}  // namespace tlswarden::resource
