#include "resource/codec.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Whether a plain scalar would be read back as this very string by YAML 1.1 and 1.2 readers. Deliberately
/// narrow: it starts with a letter or a slash, so it is no number, date, sexagesimal or indicator.
bool plain(const std::string& text) {
  constexpr std::array<std::string_view, 9> kWords{"y",   "n",    "yes",   "no",  "on",
                                                   "off", "true", "false", "null"};
  constexpr std::string_view kOthers = "/_-.,+=() ";
  if (text.empty() || text.back() == ' ' || !(is_letter(text.front()) || text.front() == '/')) return false;
  const bool safe = std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || kOthers.find(c) != std::string_view::npos;
  });
  const std::string lower = base::lower_ascii(text);
  return safe && std::find(kWords.begin(), kWords.end(), lower) == kWords.end();
}

/// Whether a text is best shown as a literal block: several lines of printable ASCII, such as PEM.
bool block(const std::string& text) {
  if (text.find('\n') == std::string::npos || text.front() == '\n' || text.front() == ' ') return false;
  if (text.ends_with("\n\n")) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

std::string scalar(const Json& value) {
  if (value.is_string() && plain(value.get_ref<const std::string&>())) return value.get<std::string>();
  // A JSON string is a YAML double-quoted scalar.
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

class Writer {
 public:
  std::string take() { return std::move(out_); }

  void value(const Json& json, std::size_t depth) {
    if (json.is_object()) {
      object(json, depth);
    } else if (json.is_array()) {
      array(json, depth);
    } else {
      out_ += scalar(json) + "\n";
    }
  }

 private:
  void indent(std::size_t depth) { out_.append(depth * 2, ' '); }

  void literal(const std::string& text, std::size_t depth) {
    out_ += text.ends_with('\n') ? "|\n" : "|-\n";
    const std::string_view body =
        text.ends_with('\n') ? std::string_view(text).substr(0, text.size() - 1) : text;
    for (const std::string_view line : base::split(body, '\n')) {
      if (!line.empty()) indent(depth);
      out_ += line;
      out_ += '\n';
    }
  }

  /// What stands behind "key:" or "-", which the caller wrote without a blank.
  void behind(const Json& json, std::size_t depth) {
    if (json.is_structured() && !json.empty()) {
      out_ += '\n';
      value(json, depth);
      return;
    }
    out_ += ' ';
    if (json.is_string() && block(json.get_ref<const std::string&>())) {
      literal(json.get_ref<const std::string&>(), depth);
    } else {
      out_ += scalar(json) + "\n";
    }
  }

  void object(const Json& json, std::size_t depth, bool continued = false) {
    if (json.empty()) {
      out_ += "{}\n";
      return;
    }
    for (const auto& [key, item] : json.items()) {
      if (!std::exchange(continued, false)) indent(depth);
      out_ += scalar(key) + ":";
      // Lists stand at the depth of their key, as kubectl writes them.
      behind(item, item.is_array() ? depth : depth + 1);
    }
  }

  void array(const Json& json, std::size_t depth) {
    if (json.empty()) {
      out_ += "[]\n";
      return;
    }
    for (const Json& item : json) {
      indent(depth);
      out_ += '-';
      if (item.is_object() && !item.empty()) {
        out_ += ' ';
        object(item, depth + 1, true);
      } else {
        behind(item, depth + 1);
      }
    }
  }

  std::string out_;
};

}  // namespace

std::string to_yaml(const Json& document) {
  Writer writer;
  writer.value(document, 0);
  return writer.take();
}

}  // namespace tlswarden::resource
