#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "cli/json_path_step.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 8;  ///< filters in filters

/// The text without its quotes and backslashes; nothing when it is not quoted.
std::optional<std::string> unquoted(std::string_view text) {
  const bool quoted = text.size() > 1 && (text[0] == '\'' || text[0] == '"') && text.back() == text[0];
  if (!quoted) return std::nullopt;
  std::string result;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == text[0]) return std::nullopt;
    if (text[i] == '\\' && i + 2 < text.size() && (text[i + 1] == '\\' || text[i + 1] == text[0])) ++i;
    result += text[i];
  }
  return result;
}

/// Where one of `ends` stands outside of quotes and brackets; the length of `text` when nowhere.
std::size_t find_outside(std::string_view text, std::string_view ends) {
  char quote = '\0';
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == '\\') ++i;
      if (c == quote) quote = '\0';
    } else if (depth == 0 && ends.find(c) != std::string_view::npos) {
      return i;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '[') {
      ++depth;
    } else if (c == ']' && depth > 0) {
      --depth;
    }
  }
  return text.size();
}

}  // namespace

/// Reads one path.
class JsonPathParser {
 public:
  explicit JsonPathParser(std::string_view text, int depth = 0) : text_(text), depth_(depth) {}

  base::Result<JsonPath> parse() {
    if (depth_ > kDeepest) return base::fail("this JSONPath nests its filters too deeply");
    JsonPath path;
    if (peek() == '$' || peek() == '@') ++at_;
    if (text_.substr(at_) == ".") return path;
    // kubectl takes a name without its dot in front.
    if (at_ < text_.size() && peek() != '.' && peek() != '[') {
      if (!member(path)) return refuse();
    }
    while (at_ < text_.size()) {
      if (!(peek() == '[' ? bracket(path) : dotted(path))) return refuse();
    }
    return path;
  }

 private:
  using Step = JsonPath::Step;
  using Kind = Step::Kind;

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  tl::unexpected<base::Error> refuse() const {
    return base::fail(
        "this JSONPath is not understood from '" + base::printable(text_.substr(at_), 60) +
        "' on; use names, [0], [0:2], [*], .., and [?(@.name==\"value\")] with == != < <= > or >=");
  }
  static void add(JsonPath& path, Step step) {
    path.steps_.push_back(std::make_shared<const Step>(std::move(step)));
  }

  bool dotted(JsonPath& path) {
    if (peek() != '.') return false;
    const std::size_t before = at_++;
    if (peek() == '.') {
      ++at_;
      add(path, {.kind = Kind::kDescent});
    }
    const bool more = peek() == '[' || member(path);
    if (!more) at_ = before;
    return more;
  }

  bool member(JsonPath& path) {
    if (peek() == '*') {
      ++at_;
      add(path, {.kind = Kind::kValues});
      return true;
    }
    std::string name;
    for (; at_ < text_.size() && peek() != '.' && peek() != '['; ++at_) {
      if (std::string_view(" \t\n()'\"=!,?@$&|~<>+]").find(peek()) != std::string_view::npos) return false;
      if (peek() == '\\' && at_ + 1 < text_.size()) ++at_;
      name += peek();
    }
    if (name.empty()) return false;
    add(path, {.name = std::move(name)});
    return true;
  }

  bool bracket(JsonPath& path) {
    const std::string_view rest = text_.substr(at_ + 1);
    const std::size_t end = find_outside(rest, "]");
    if (end == rest.size()) return false;
    std::string_view inside = base::trimmed(rest.substr(0, end));
    Step step;
    if (inside.starts_with("?(") && inside.ends_with(')')) {
      if (!filter(inside.substr(2, inside.size() - 3), step)) return false;
    } else if (find_outside(inside, ",") == inside.size()) {
      if (!choice(inside, step)) return false;
    } else if (!several(inside, step)) {
      return false;
    }
    add(path, std::move(step));
    at_ += end + 2;
    return true;
  }

  bool several(std::string_view inside, Step& step) const {
    step.kind = Kind::kUnion;
    for (bool more = true; more;) {
      const std::size_t comma = find_outside(inside, ",");
      Step one;
      if (!choice(base::trimmed(inside.substr(0, comma)), one)) return false;
      add(step.paths.emplace_back(), std::move(one));
      more = comma < inside.size();
      inside.remove_prefix(more ? comma + 1 : comma);
    }
    return true;
  }

  /// `*`, a name in quotes, or numbers.
  bool choice(std::string_view text, Step& step) const {
    auto name = unquoted(text);
    if (!name) return slice(text, step);
    step.kind = Kind::kNamed;
    if (auto path = JsonPathParser(*name, depth_ + 1).parse()) step.paths.push_back(std::move(*path));
    step.name = std::move(*name);
    return true;
  }

  static bool slice(std::string_view text, Step& step) {
    step.kind = Kind::kSlice;
    if (text == "*") return true;
    const auto parts = base::split(text, ':');
    if (parts.size() > 3) return false;
    std::array<std::optional<std::int64_t>, 3> numbers;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string_view part = base::trimmed(parts[i]);
      if (part.empty() && parts.size() > 1) continue;
      std::int64_t& number = numbers.at(i).emplace();
      const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), number);
      if (error != std::errc() || stop != part.data() + part.size()) return false;
    }
    step.slice = {numbers[0], numbers[1], numbers[2].value_or(1), parts.size() == 1};
    return step.slice.step > 0;
  }

  bool filter(std::string_view text, Step& step) const {
    using Operation = Step::Operation;
    constexpr std::array<std::pair<std::string_view, Operation>, 6> kOperations{
        {{"==", Operation::kEqual},
         {"!=", Operation::kUnequal},
         {"<=", Operation::kLessOrEqual},
         {">=", Operation::kGreaterOrEqual},
         {"<", Operation::kLess},
         {">", Operation::kGreater}}};
    step.kind = Kind::kFilter;
    const std::size_t at = find_outside(text, "=!<>");
    if (!operand(base::trimmed(text.substr(0, at)), step.left)) return false;
    if (at == text.size()) return step.left.path.has_value();
    for (const auto& [sign, operation] : kOperations) {
      if (!text.substr(at).starts_with(sign)) continue;
      step.operation = operation;
      return operand(base::trimmed(text.substr(at + sign.size())), step.right);
    }
    return false;
  }

  bool operand(std::string_view text, Step::Operand& operand) const {
    if (text.starts_with('@') || text.starts_with('.') || text.starts_with('$')) {
      auto path = JsonPathParser(text, depth_ + 1).parse();
      if (path) operand.path = std::move(*path);
      return path.has_value();
    }
    if (auto string = unquoted(text)) {
      operand.value = std::move(*string);
      return true;
    }
    operand.value = Json::parse(text, nullptr, false);
    return operand.value.is_number() || operand.value.is_boolean();
  }

  std::string_view text_;
  const int depth_;
  std::size_t at_ = 0;
};

base::Result<JsonPath> JsonPath::parse(std::string_view text) {
  return JsonPathParser(text).parse();
}

}  // namespace tlswarden::cli
