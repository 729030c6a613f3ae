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

struct JsonPathTemplate::Part {
  std::string text = {};  ///< where there is no path
  std::optional<JsonPath> path = {};
  bool range = false;
  std::vector<std::shared_ptr<const Part>> body = {};  ///< of a range
};

/// Reads a template.
class JsonPathTemplateParser {
 public:
  using Parts = std::vector<std::shared_ptr<const JsonPathTemplate::Part>>;

  explicit JsonPathTemplateParser(std::string_view text) : text_(text) {}

  base::Result<JsonPathTemplate> parse() {
    JsonPathTemplate result;
    if (auto problem = parts(result.parts_, false)) return base::fail(*problem);
    return result;
  }

 private:
  using Part = JsonPathTemplate::Part;
  using Problem = std::optional<std::string>;

  Problem parts(Parts& into, bool in_range) {
    while (at_ < text_.size()) {
      const std::size_t open = text_.find('{', at_);
      if (open != at_) {
        add(into, {.text = std::string(text_.substr(at_, open - at_))});
        at_ = std::min(open, text_.size());
        continue;
      }
      const std::size_t close = closing();
      if (close == std::string_view::npos) return "a '{' in the JSONPath has no '}'";
      const std::string_view inside = base::trimmed(text_.substr(at_ + 1, close - at_ - 1));
      at_ = close + 1;
      if (inside == "end")
        return in_range ? Problem() : Problem("the JSONPath has an {end} without a {range}");
      if (auto problem = part(inside, into)) return problem;
    }
    return in_range ? Problem("the JSONPath has a {range} without its {end}") : Problem();
  }

  Problem part(std::string_view inside, Parts& into) {
    if (inside.starts_with('"') || inside.starts_with('\'')) return literal(inside, into);
    Part made;
    made.range = inside.starts_with("range ");
    if (made.range) inside = base::trimmed(inside.substr(6));
    auto path = JsonPath::parse(inside);
    if (!path) return path.error().message;
    made.path = std::move(*path);
    if (made.range) {
      constexpr int kDeepest = 8;
      if (++depth_ > kDeepest) return "the JSONPath nests its ranges too deeply";
      if (auto problem = parts(made.body, true)) return problem;
      --depth_;
    }
    add(into, std::move(made));
    return std::nullopt;
  }

  static Problem literal(std::string_view inside, Parts& into) {
    if (inside.size() < 2 || inside.back() != inside.front()) return "a quote in the JSONPath is not closed";
    std::string text;
    for (std::size_t i = 1; i + 1 < inside.size(); ++i) {
      if (inside[i] != '\\' || i + 2 >= inside.size()) {
        text += inside[i];
        continue;
      }
      ++i;
      text += inside[i] == 'n' ? '\n' : inside[i] == 't' ? '\t' : inside[i] == 'r' ? '\r' : inside[i];
    }
    add(into, {.text = std::move(text)});
    return std::nullopt;
  }

  static void add(Parts& into, Part made) { into.push_back(std::make_shared<const Part>(std::move(made))); }

  /// Where the brace at at_ ends; quotes hide what they hold.
  std::size_t closing() const {
    char quote = '\0';
    for (std::size_t i = at_; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote != '\0') {
        if (c == '\\') ++i;
        if (c == quote) quote = '\0';
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '}') {
        return i;
      }
    }
    return std::string_view::npos;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

base::Result<JsonPathTemplate> JsonPathTemplate::parse(std::string_view text) {
  // kubectl takes a bare path too.
  const bool braced = text.find('{') != std::string_view::npos;
  const std::string wrapped = braced ? std::string(text) : "{" + std::string(text) + "}";
  return JsonPathTemplateParser(wrapped).parse();
}

void JsonPathTemplate::print(const std::vector<std::shared_ptr<const Part>>& parts, const Json& document,
                             std::string& out) {
  for (const auto& part : parts) {
    out += part->text;
    if (!part->path) continue;
    std::string separator;
    for (const Json* value : part->path->find(document)) {
      if (part->range) {
        print(part->body, *value, out);
        continue;
      }
      out += separator + json_path_text(*value);
      separator = " ";
    }
  }
}

std::string JsonPathTemplate::print(const Json& document) const {
  std::string out;
  print(parts_, document, out);
  return out;
}

}  // namespace tlswarden::cli
