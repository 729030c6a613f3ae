#include "resource/manifest_yaml_builder.hpp"

#include <yaml-cpp/exceptions.h>

#include <utility>

#include "base/text.hpp"
#include "resource/manifest_scalar.hpp"

namespace tlswarden::resource {

using Json = nlohmann::ordered_json;

namespace {

/// No name of Kubernetes' comes near; longer ones only make paths and messages grow without bound.
constexpr std::size_t kLongestKey = 1024;
constexpr std::size_t kMostProblems = 1000;

}  // namespace

void YamlBuilder::start_part(int first_line) {
  first_line_ = first_line;
  last_line_ = first_line + 1;
  open_.clear();
  document_ = {};
}

void YamlBuilder::OnDocumentStart(const YAML::Mark& mark) {
  open_.clear();
  document_ = {};
  document_.marks.line = line(mark);
}

void YamlBuilder::OnDocumentEnd() {
  if (!document_.value.is_null() || !document_.problems.empty()) documents_.push_back(std::move(document_));
  document_ = {};
}

FieldPath YamlBuilder::here() const {
  FieldPath path;
  for (const Open& part : open_) {
    if (part.value.is_array()) {
      path = path.item(part.value.size());
    } else if (part.has_key) {
      path = path.key(part.key);
    }
  }
  return path;
}

void YamlBuilder::count_node(const YAML::Mark& mark) {
  last_line_ = line(mark);
  if (++nodes_ > limits_.nodes) {
    throw YamlRefused{line(mark), "the text has more than " + std::to_string(limits_.nodes) +
                                      " values; split it into smaller files"};
  }
}

void YamlBuilder::problem(const YAML::Mark& mark, std::string message) {
  if (++problems_ > kMostProblems) {
    throw YamlRefused{line(mark),
                      "the text has more than " + std::to_string(kMostProblems) + " errors of its form"};
  }
  document_.problems.push_back({here(), line(mark), std::move(message)});
}

void YamlBuilder::take_key(const YAML::Mark& mark, const std::string& key) {
  if (key.size() > kLongestKey) {
    throw YamlRefused{line(mark), "a field's name is longer than " + std::to_string(kLongestKey) + " bytes"};
  }
  Open& mapping = open_.back();
  mapping.key = key;
  mapping.key_line = line(mark);
  mapping.has_key = true;
  const auto [first, added] = mapping.keys.emplace(key, mapping.key_line);
  mapping.repeated = !added;
  if (mapping.repeated) {
    problem(mark, "the field is given twice, first on line " + std::to_string(first->second) +
                      "; keep one of them");
  }
  if (key == "<<") problem(mark, "YAML merge keys are not read; write the fields out");
}

void YamlBuilder::take_value(Json value, Marks marks) {
  if (open_.empty()) {
    document_.value = std::move(value);
    document_.marks = std::move(marks);
    return;
  }
  Open& parent = open_.back();
  if (parent.value.is_array()) {
    parent.value.push_back(std::move(value));
    parent.marks.children.push_back(std::move(marks));
    return;
  }
  if (!parent.repeated) {
    marks.line = parent.key_line;
    // `keys` vouches for uniqueness; the map's own emplace would compare with every member before.
    using Members = Json::object_t::Container;
    static_cast<Members&>(parent.value.get_ref<Json::object_t&>()).emplace_back(parent.key, std::move(value));
    parent.marks.children.push_back(std::move(marks));
  }
  parent.has_key = false;
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t) {
  count_node(mark);
  if (awaits_key()) {
    problem(mark, "a field has an empty name; give it a name");
    take_key(mark, "");
    return;
  }
  take_value(nullptr, {line(mark), {}});
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t) {
  count_node(mark);
  problem(mark, "YAML aliases are not read; write the value out");
  if (awaits_key()) {
    take_key(mark, "*");
    return;
  }
  take_value(nullptr, {line(mark), {}});
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                           const std::string& value) {
  count_node(mark);
  if (awaits_key()) {
    take_key(mark, value);
    return;
  }
  auto resolved = resolve_scalar(tag, value);
  if (!resolved) {
    problem(mark, resolved.error().message);
    resolved = Json(value);
  }
  take_value(std::move(*resolved), {line(mark), {}});
}

void YamlBuilder::open(const YAML::Mark& mark, const std::string& tag, Json empty) {
  count_node(mark);
  if (open_.size() >= limits_.depth) {
    throw YamlRefused{line(mark), "the text is nested more than " + std::to_string(limits_.depth) +
                                      " levels deep; no manifest needs that"};
  }
  if (awaits_key()) {
    throw YAML::ParserException(
        mark, "a list or a mapping stands where a field's name is expected; is a bracket left open?");
  }
  const bool plain =
      tag.empty() || tag == "?" || tag == "tag:yaml.org,2002:map" || tag == "tag:yaml.org,2002:seq";
  if (!plain) problem(mark, "the tag '" + base::printable(tag, 60) + "' is not read; leave it out");
  Open part;
  part.value = std::move(empty);
  part.marks.line = line(mark);
  open_.push_back(std::move(part));
}

void YamlBuilder::close() {
  Open done = std::move(open_.back());
  open_.pop_back();
  take_value(std::move(done.value), std::move(done.marks));
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                                  YAML::EmitterStyle::value) {
  open(mark, tag, Json::array());
}

void YamlBuilder::OnSequenceEnd() {
  close();
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                             YAML::EmitterStyle::value) {
  open(mark, tag, Json::object());
}

void YamlBuilder::OnMapEnd() {
  close();
}

}  // namespace tlswarden::resource
