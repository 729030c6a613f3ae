#include "cli/json_path.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::cli {

using Json = nlohmann::ordered_json;
using Found = std::vector<const Json*>;

struct JsonPath::Step {
  enum class Kind { kMember, kIndex, kAll, kFilter };
  Kind kind = Kind::kMember;
  std::string name = {};   ///< of a member
  std::int64_t index = 0;  ///< negative: from the end
  JsonPath left = {};      ///< of a filter, from each element on
  bool equal = true;
  Json right = {};
};

/// Reads one path.
class JsonPathParser {
 public:
  explicit JsonPathParser(std::string_view text) : text_(text) {}

  base::Result<JsonPath> parse() {
    JsonPath path;
    if (peek() == '$' || peek() == '@') ++at_;
    // kubectl takes a name without its dot in front.
    if (at_ < text_.size() && peek() != '.' && peek() != '[') {
      if (auto problem = member(path)) return base::fail(*problem);
    }
    while (at_ < text_.size()) {
      auto problem = peek() == '[' ? bracket(path) : dotted(path);
      if (problem) return base::fail(*problem);
    }
    return path;
  }

 private:
  using Step = JsonPath::Step;
  using Problem = std::optional<std::string>;

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  Problem refuse() const {
    return "this JSONPath is not understood from '" + base::printable(text_.substr(at_), 60) +
           "' on; use names, [0], [*] and [?(@.name==\"value\")]";
  }
  static void add(JsonPath& path, Step step) {
    path.steps_.push_back(std::make_shared<const Step>(std::move(step)));
  }

  Problem dotted(JsonPath& path) {
    if (peek() != '.') return refuse();
    if (text_.substr(at_).starts_with("..")) return refuse();
    ++at_;
    if (at_ == text_.size() || peek() == '[') return std::nullopt;
    return member(path);
  }

  Problem member(JsonPath& path) {
    if (peek() == '*') {
      ++at_;
      add(path, {.kind = Step::Kind::kAll});
      return std::nullopt;
    }
    std::string name;
    for (; at_ < text_.size() && peek() != '.' && peek() != '['; ++at_) {
      if (std::string_view(" \t()'\"=!,?@$").find(peek()) != std::string_view::npos) return refuse();
      if (peek() == '\\' && at_ + 1 < text_.size()) ++at_;
      name += peek();
    }
    if (name.empty()) return refuse();
    add(path, {.name = std::move(name)});
    return std::nullopt;
  }

  Problem bracket(JsonPath& path) {
    const std::size_t end = closing();
    if (end == std::string_view::npos) return refuse();
    const std::string_view inside = base::trimmed(text_.substr(at_ + 1, end - at_ - 1));
    Step step;
    if (inside == "*") {
      step.kind = Step::Kind::kAll;
    } else if (inside.size() > 1 && (inside[0] == '\'' || inside[0] == '"') && inside.back() == inside[0]) {
      step.name = inside.substr(1, inside.size() - 2);
    } else if (inside.starts_with("?(") && inside.ends_with(')')) {
      if (!filter(inside.substr(2, inside.size() - 3), step)) return refuse();
    } else {
      step.kind = Step::Kind::kIndex;
      const auto [stop, error] = std::from_chars(inside.data(), inside.data() + inside.size(), step.index);
      if (error != std::errc() || stop != inside.data() + inside.size()) return refuse();
    }
    add(path, std::move(step));
    at_ = end + 1;
    return std::nullopt;
  }

  /// Where the bracket at at_ ends; quotes hide what they hold.
  std::size_t closing() const {
    char quote = '\0';
    std::size_t depth = 0;
    for (std::size_t i = at_; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '[') {
        ++depth;
      } else if (c == ']' && --depth == 0) {
        return i;
      }
    }
    return std::string_view::npos;
  }

  static bool filter(std::string_view text, Step& step) {
    step.kind = Step::Kind::kFilter;
    std::size_t operation = text.find("==");
    if (operation == std::string_view::npos) {
      operation = text.find("!=");
      step.equal = false;
    }
    if (operation == std::string_view::npos || !base::trimmed(text).starts_with('@')) return false;
    auto left = JsonPathParser(base::trimmed(text.substr(0, operation))).parse();
    if (!left) return false;
    step.left = std::move(*left);
    const std::string_view right = base::trimmed(text.substr(operation + 2));
    if (right.size() > 1 && (right[0] == '\'' || right[0] == '"') && right.back() == right[0]) {
      step.right = std::string(right.substr(1, right.size() - 2));
      return true;
    }
    step.right = Json::parse(right, nullptr, false);
    return step.right.is_number() || step.right.is_boolean();
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

base::Result<JsonPath> JsonPath::parse(std::string_view text) {
  return JsonPathParser(text).parse();
}

std::vector<const Json*> JsonPath::find(const Json& root) const {
  Found found{&root};
  for (const auto& step : steps_) {
    Found next;
    for (const Json* value : found) {
      switch (step->kind) {
        case Step::Kind::kMember:
          if (value->is_object() && value->contains(step->name)) next.push_back(&(*value)[step->name]);
          break;
        case Step::Kind::kIndex: {
          const auto size = static_cast<std::int64_t>(value->is_array() ? value->size() : 0);
          const std::int64_t index = step->index < 0 ? step->index + size : step->index;
          if (index >= 0 && index < size) next.push_back(&(*value)[static_cast<std::size_t>(index)]);
          break;
        }
        case Step::Kind::kAll:
        case Step::Kind::kFilter:
          if (!value->is_structured()) break;
          for (const Json& element : *value) {
            const Found left = step->kind == Step::Kind::kFilter ? step->left.find(element) : Found{};
            if (step->kind == Step::Kind::kAll || (!left.empty() && (*left[0] == step->right) == step->equal))
              next.push_back(&element);
          }
          break;
      }
    }
    found = std::move(next);
  }
  return found;
}

std::string json_path_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return {};
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tlswarden::cli
