#include "cli/json_path_template.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::cli {

using Json = nlohmann::ordered_json;

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
    if (!inside.empty() && std::string_view(".$@[").find(inside.front()) == std::string_view::npos)
      return "in the JSONPath, {" + base::printable(inside, 60) +
             "} is neither a path, such as {.spec.host}, nor text in quotes";
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
    constexpr std::string_view kEscapes = "ntr\\\"'", kMeant = "\n\t\r\\\"'";
    if (inside.size() < 2 || inside.back() != inside.front()) return "a quote in the JSONPath is not closed";
    std::string text;
    for (std::size_t i = 1; i + 1 < inside.size(); ++i) {
      if (inside[i] != '\\') {
        text += inside[i];
        continue;
      }
      const std::size_t escape = i + 2 < inside.size() ? kEscapes.find(inside[++i]) : std::string_view::npos;
      if (escape == std::string_view::npos)
        return "a backslash in the JSONPath's text stands before none of n, t, r, \\, \" and '";
      text += kMeant[escape];
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
  // To kubectl this is text, which nobody wants printed.
  const bool bare = text.starts_with('.') && text.find('{') == std::string_view::npos;
  const std::string wrapped = bare ? "{" + std::string(text) + "}" : std::string(text);
  return JsonPathTemplateParser(wrapped).parse();
}

base::Result<void, JsonPathError> JsonPathTemplate::print(const Parts& parts, const Json& document,
                                                          std::string& out) {
  for (const auto& part : parts) {
    out += part->text;
    if (!part->path) continue;
    const auto found = part->path->find(document);
    if (!found) return tl::unexpected(found.error());
    std::string separator;
    for (const Json* value : *found) {
      if (!part->range) {
        out += separator + json_path_text(*value);
        separator = " ";
      } else if (auto printed = print(part->body, *value, out); !printed) {
        return printed;
      }
    }
  }
  return {};
}

base::Result<std::string, JsonPathError> JsonPathTemplate::print(const Json& document) const {
  std::string out;
  if (auto printed = print(parts_, document, out); !printed)
    return tl::unexpected(std::move(printed.error()));
  return out;
}

}  // namespace tlswarden::cli
