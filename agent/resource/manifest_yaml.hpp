#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "resource/manifest.hpp"
#include "resource/manifest_path.hpp"

/// YAML text into JSON values that still know their lines. The only place that sees yaml-cpp.
namespace tlswarden::resource {

/// The lines of a value's parts; `children` runs parallel to the value's members or items.
struct Marks {
  int line = 0;  ///< of the key for a mapping's member, of the value else; 1-based
  std::vector<Marks> children;
};

/// Something that YAML allows or yaml-cpp overlooks, but that is refused here: duplicate keys, aliases, odd
/// tags.
struct YamlProblem {
  FieldPath path;
  int line = 0;
  std::string message;
};

struct YamlDocument {
  nlohmann::ordered_json value;
  Marks marks;
  std::vector<YamlProblem> problems;
};

struct YamlText {
  std::vector<YamlDocument> documents;  ///< without the empty ones
  /// Syntax errors, after which reading goes on at the next `---`; or the one reason to refuse the text
  /// whole.
  std::vector<YamlProblem> errors;
  bool refused = false;
};

/// Reads every document of `text`. Where a key is given twice the first one stands. Never throws on bad
/// input.
YamlText read_yaml(std::string_view text, const ManifestLimits& limits);

/// The line of the field at `path`, or of the nearest enclosing one that exists.
int line_of(const nlohmann::ordered_json& value, const Marks& marks, const FieldPath& path);

}  // namespace tlswarden::resource
