#include "serve/metric_text.hpp"

namespace tlswarden::serve {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10U;

void append_escaped(std::string& text, std::string_view value) {
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
}

}  // namespace

MetricText::~MetricText() {
  sink_(text_);
}

void MetricText::family(const char* name, const char* help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help);
  text_.append("\n# TYPE ").append(name).append(" gauge\n");
}

void MetricText::append_label(std::string& labels, const Label& label) {
  if (!labels.empty() && labels.back() != '{') labels += ',';
  labels.append(label.first).append("=\"");
  append_escaped(labels, label.second);
  labels += '"';
}

void MetricText::series(std::string_view common, std::initializer_list<Label> more, std::int64_t value) {
  text_.append(name_).append("{").append(common);
  for (const Label& label : more)
    append_label(text_, label);
  text_.append("} ").append(std::to_string(value)).append("\n");
  if (text_.size() < kPiece) return;
  sink_(text_);
  text_.clear();
}

}  // namespace tlswarden::serve
