#include "resource/manifest_yaml.hpp"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <optional>
#include <streambuf>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "resource/manifest_text.hpp"
#include "resource/manifest_yaml_builder.hpp"

namespace tlswarden::resource {
namespace {

/// A text with more is no manifest.
constexpr std::size_t kMostSyntaxErrors = 100;

std::optional<YamlProblem> unreadable(std::string_view text, const ManifestLimits& limits) {
  if (text.size() > limits.bytes) {
    return YamlProblem{
        {},
        0,
        "the text is larger than " + std::to_string(limits.bytes) + " bytes; split it into smaller files"};
  }
  // yaml-cpp takes U+0004 for the end of the text and would drop what follows without a word.
  if (const int line = line_with_control_character(text)) {
    return YamlProblem{{}, line, "the line has a control character; a manifest is plain UTF-8 text"};
  }
  if (const int line = line_with_broken_utf8(text)) {
    return YamlProblem{{}, line, "the line is not UTF-8; save the file as UTF-8"};
  }
  return std::nullopt;
}

bool starts_document(std::string_view line) {
  return line.starts_with("---") &&
         (line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r');
}

/// Whether a line says nothing by itself: blank, a comment, or a directive of YAML's, none of which matter
/// here.
bool is_idle(std::string_view line) {
  const std::string_view text = base::trimmed(line);
  return text.empty() || text[0] == '#' || line[0] == '%';
}

/// One document's share of a text.
struct Part {
  std::string_view text;
  int first_line = 0;
  bool idle = true;
};

/// Cuts the next document off `text`. A `---` at the start of a line begins a document wherever it stands
/// (YAML 1.2, section 9.1.2), which yaml-cpp forgets inside brackets: there one open bracket would swallow
/// the documents behind it.
Part next_part(std::string_view& text, int first_line, int& lines) {
  Part part{{}, first_line, true};
  std::size_t at = 0;
  lines = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (starts_document(line)) {
      if (lines != 0) break;
      line.remove_prefix(3);
    }
    part.idle = part.idle && is_idle(line);
    at = std::min(end + 1, text.size());
    ++lines;
  }
  part.text = text.substr(0, at);
  text.remove_prefix(at);
  return part;
}

/// Hands a part to yaml-cpp piece by piece. yaml-cpp reads on to the end of a line or of a bracket before it
/// reports the first event within, at a price of a hundred bytes and more per token; this bounds how far.
class ReadAhead final : public std::streambuf {
 public:
  ReadAhead(std::string_view text, const YamlBuilder& builder) : rest_(text), builder_(builder) {}

 protected:
  int_type underflow() override {
    if (rest_.empty()) return traits_type::eof();
    if (std::exchange(nodes_, builder_.nodes()) != builder_.nodes()) read_ = 0;
    if (read_ > kMostReadAhead) {
      throw YamlRefused{builder_.last_line(), "one value, or what stands in brackets, is longer than 2 MiB"};
    }
    piece_.assign(rest_.substr(0, kPiece));
    rest_.remove_prefix(piece_.size());
    read_ += piece_.size();
    setg(piece_.data(), piece_.data(), piece_.data() + piece_.size());
    return traits_type::to_int_type(piece_.front());
  }

 private:
  /// Room for a Secret of the size that Kubernetes allows, 1 MiB, in base64.
  static constexpr std::size_t kMostReadAhead = std::size_t{2} << 20U;
  static constexpr std::size_t kPiece = 4096;
  std::string_view rest_;
  const YamlBuilder& builder_;
  std::string piece_;
  std::size_t nodes_ = 0;
  std::size_t read_ = 0;
};

/// What yaml-cpp says of a line; its words for the commonest mistake of all would lead nobody to it.
std::string syntax_message(std::string_view text, int line, const std::string& words) {
  for (; line > 0 && !text.empty(); --line)
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  const std::string_view indent = text.substr(0, std::min(text.find_first_not_of(" \t"), text.size()));
  if (indent.find('\t') != std::string_view::npos) return "the line is indented by a tab; indent by blanks";
  return "this is no valid YAML: " + base::printable(words, 200);
}

/// Reads the documents of one part, up to the first syntax error, which it returns.
std::optional<YamlProblem> read_part(const Part& part, YamlBuilder& builder) {
  try {
    builder.start_part(part.first_line);
    ReadAhead buffer(part.text, builder);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    const int line = std::max(error.mark.line, 0);
    return YamlProblem{{}, part.first_line + line + 1, syntax_message(part.text, line, error.msg)};
  }
  return std::nullopt;
}

void read_all(std::string_view text, YamlBuilder& builder, std::vector<YamlProblem>& errors) {
  int first_line = 0;
  while (!text.empty()) {
    int lines = 0;
    const Part part = next_part(text, first_line, lines);
    first_line += lines;
    if (part.idle) continue;
    auto error = read_part(part, builder);
    if (!error) continue;
    const int line = error->line;
    errors.push_back(std::move(*error));
    if (errors.size() == kMostSyntaxErrors) {
      errors.push_back({{}, line, "there are too many syntax errors; the documents below were not read"});
      return;
    }
  }
}

}  // namespace

YamlText read_yaml(std::string_view text, const ManifestLimits& limits) {
  YamlText result;
  if (auto problem = unreadable(text, limits)) {
    result.errors.push_back(std::move(*problem));
    result.refused = true;
    return result;
  }
  try {
    YamlBuilder builder(limits, result.documents);
    read_all(text, builder, result.errors);
  } catch (const YamlRefused& refusal) {
    result.documents.clear();
    result.errors.assign(1, {{}, refusal.line, refusal.message});
    result.refused = true;
  }
  return result;
}

int line_of(const nlohmann::ordered_json& value, const Marks& marks, const FieldPath& path) {
  const nlohmann::ordered_json* part = &value;
  const Marks* mark = &marks;
  for (const FieldPath::Step& step : path.steps()) {
    std::size_t index = 0;
    if (const auto* name = std::get_if<std::string>(&step)) {
      if (!part->is_object()) break;
      const auto found = part->find(*name);
      if (found == part->end()) break;
      index = static_cast<std::size_t>(std::distance(part->begin(), found));
      part = &*found;
    } else {
      index = std::get<std::size_t>(step);
      if (!part->is_array() || index >= part->size()) break;
      part = &(*part)[index];
    }
    if (index >= mark->children.size()) break;
    mark = &mark->children[index];
  }
  return mark->line;
}

}  // namespace tlswarden::resource
