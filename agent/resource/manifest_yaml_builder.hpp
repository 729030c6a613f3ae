#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "resource/manifest_yaml.hpp"

namespace tlswarden::resource {

/// Thrown by YamlBuilder when a bound is passed; the reader turns it into a value.
struct YamlRefused {
  int line = 0;
  std::string message;
};

/// Builds documents from yaml-cpp's events. The events, unlike its Node API, show duplicate keys and aliases,
/// and let the bounds act while the text is still being read.
class YamlBuilder final : public YAML::EventHandler {
 public:
  YamlBuilder(const ManifestLimits& limits, std::vector<YamlDocument>& documents)
      : limits_(limits), documents_(documents) {}

  /// Lines of the part now being read are counted from `first_line` (0 for the start of the text).
  void start_part(int first_line);
  /// How many values were read so far, and the line of the last one.
  std::size_t nodes() const { return nodes_; }
  int last_line() const { return last_line_; }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override;
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  /// A mapping or sequence that is not complete yet.
  struct Open {
    nlohmann::ordered_json value;
    Marks marks;
    std::unordered_map<std::string, int> keys;  ///< with their lines
    std::string key;
    int key_line = 0;
    bool has_key = false;
    bool repeated = false;  ///< the member being read repeats a key and is dropped
  };

  int line(const YAML::Mark& mark) const { return first_line_ + mark.line + 1; }
  bool awaits_key() const {
    return !open_.empty() && open_.back().value.is_object() && !open_.back().has_key;
  }
  FieldPath here() const;
  void count_node(const YAML::Mark& mark);
  void problem(const YAML::Mark& mark, std::string message);
  void open(const YAML::Mark& mark, const std::string& tag, nlohmann::ordered_json empty);
  void close();
  void take_key(const YAML::Mark& mark, const std::string& key);
  void take_value(nlohmann::ordered_json value, Marks marks);

  const ManifestLimits& limits_;
  std::vector<YamlDocument>& documents_;
  std::vector<Open> open_;
  YamlDocument document_;
  std::size_t nodes_ = 0;
  std::size_t problems_ = 0;
  int first_line_ = 0;
  int last_line_ = 0;
};

}  // namespace tlswarden::resource
