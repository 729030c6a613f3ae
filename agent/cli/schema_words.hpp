#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the embedded CustomResourceDefinition says of a field.
namespace tlswarden::cli {

struct FieldWords {
  std::string path;  ///< spec.tls.mode
  std::string type;  ///< string, integer, boolean, object, []string, []object, map[string]string
  std::string description;
  std::string default_value;          ///< as YAML; empty when there is none
  std::vector<std::string> accepted;  ///< the enumeration; empty when there is none
  std::vector<std::string> bounds;    ///< "at least 1", "at most 63 characters", …
  bool required = false;

  struct Child {
    std::string name, type, description;
    bool required = false;
  };
  std::vector<Child> children;  ///< of an object, or of a list's items
};

/// The field at a dotted path; a list's items need no index. Nothing when there is no such field.
std::optional<FieldWords> find_field(std::string_view path);
/// The path of every field, for suggestions. Fields below a reference are left out: they are the same
/// everywhere.
const std::vector<std::string>& all_field_paths();

}  // namespace tlswarden::cli
