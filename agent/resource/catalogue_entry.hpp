#pragma once

#include <yaml-cpp/yaml.h>

#include <initializer_list>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tlswarden::resource {

/// What is wrong with a data file of schema/. Thrown and caught inside the parser of that file only.
class BrokenCatalogue : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One entry of a data file, read field by field; remembers which fields were asked for, so that a misspelt
/// one is noticed. Every reader throws BrokenCatalogue naming the entry and the field.
class CatalogueEntry {
 public:
  CatalogueEntry(std::string name, const YAML::Node& node);

  YAML::Node field(const std::string& key);
  /// Never empty.
  std::string text(const std::string& key);
  /// May have no element.
  std::vector<std::string> texts(const std::string& key);
  bool flag(const std::string& key);

  template <class Value>
  Value choice(const std::string& key, std::initializer_list<std::pair<std::string_view, Value>> accepted) {
    const std::string given = text(key);
    for (const auto& [word, value] : accepted) {
      if (word == given) return value;
    }
    throw BrokenCatalogue(name_ + "." + key + ": '" + given + "' is not accepted");
  }

  /// Throws when there is a field that nobody asked for.
  void finish() const;

  const std::string& name() const { return name_; }

 private:
  std::string name_;
  YAML::Node node_;
  std::set<std::string> asked_;
};

}  // namespace tlswarden::resource
