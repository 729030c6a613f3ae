#include "cli/endpoint_description.hpp"

#include <algorithm>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/age_text.hpp"
#include "kube/json_text.hpp"
#include "resource/codec.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;
using kube::text_at;

constexpr std::size_t kIndent = 2;
constexpr std::size_t kLongestText = std::size_t{16} << 10U;

const Json& at(const Json& value, const char* name) {
  static const Json nothing;
  return value.is_object() && value.contains(name) ? value[name] : nothing;
}

std::string text_of(const Json& value, const char* name) {
  return shown_text(text_at(value, {name}));
}

/// A date, and how far it is.
std::string date_of(const std::string& text, base::WallTime now) {
  const auto time = base::parse_rfc3339(text);
  return time ? base::format_rfc3339(*time) + " (" + base::describe_distance(now, *time) + ")"
              : shown_text(text);
}

std::string day_of(const Json& value, const char* name) {
  const auto time = base::parse_rfc3339(text_at(value, {name}));
  return time ? base::format_date(*time) : "-";
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

/// Names and values below each other; a value may have several lines, an empty one is left out.
class Fields {
 public:
  explicit Fields(std::size_t indent) : indent_(indent) {}

  void add(const std::string& name, const std::string& value) {
    if (!value.empty()) fields_.emplace_back(name + ":", value);
  }

  std::string text() const {
    std::size_t width = 0;
    for (const auto& [name, value] : fields_)
      width = std::max(width, display_width(name));
    std::string out;
    for (const auto& [name, value] : fields_) {
      std::string begin =
          std::string(indent_, ' ') + name + std::string(width - display_width(name) + 2, ' ');
      for (const std::string_view line : base::split(value, '\n')) {
        out += begin + std::string(line) + "\n";
        begin.assign(begin.size(), ' ');
      }
    }
    return out;
  }

 private:
  std::size_t indent_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

std::string section(const std::string& name, const std::string& body) {
  return body.empty() ? "" : name + ":\n" + body;
}

std::string pairs_of(const Json& map) {
  std::vector<std::string> lines;
  if (map.is_object()) {
    for (const auto& [key, value] : map.items()) {
      // kubectl's own note of what was applied is the whole manifest once more.
      if (key == "kubectl.kubernetes.io/last-applied-configuration" || !value.is_string()) continue;
      lines.push_back(shown_text(key) + "=" + shown_text(value.get<std::string>()));
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines.empty() ? "<none>" : base::join(lines, "\n");
}

std::string identity(const Json& object, base::WallTime now) {
  const Json& metadata = at(object, "metadata");
  Fields fields(0);
  fields.add("Name", text_of(metadata, "name"));
  fields.add("Namespace", text_of(metadata, "namespace"));
  fields.add("Labels", pairs_of(at(metadata, "labels")));
  fields.add("Annotations", pairs_of(at(metadata, "annotations")));
  fields.add("API Version", text_of(object, "apiVersion"));
  fields.add("Kind", text_of(object, "kind"));
  fields.add("Created", date_of(text_at(metadata, {"creationTimestamp"}), now));
  fields.add("Last Check", date_of(text_at(object, {"status", "lastCheckTime"}), now));
  return fields.text();
}

/// Certificates in a spec are many lines that nobody reads.
Json without_long_text(Json value) {
  if (value.is_structured()) {
    for (Json& member : value)
      member = without_long_text(std::move(member));
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const auto lines = std::count(text.begin(), text.end(), '\n');
    if (lines > 1) return "(" + std::to_string(lines) + " lines)";
  }
  return value;
}

std::string declared(const Json& object) {
  const Json& spec = at(object, "spec");
  if (!spec.is_object() || spec.empty()) return {};
  return paragraph(base::trimmed(shown_text(resource::to_yaml(without_long_text(spec)))), kIndent,
                   std::nullopt);
}

std::string server(const Json& status) {
  const Json& seen = at(status, "server");
  Fields fields(kIndent);
  fields.add("Version", text_of(seen, "version"));
  fields.add("Address", text_of(seen, "address"));
  fields.add("Session", at(seen, "encryptedSession") == true    ? "encrypted"
                        : at(seen, "encryptedSession") == false ? "not encrypted"
                                                                : "");
  fields.add("Protocol", text_at(status, {"tls", "version"}).empty() ? text_of(seen, "sessionProtocol")
                                                                     : text_of(at(status, "tls"), "version"));
  fields.add("Cipher", text_of(at(status, "tls"), "cipher"));
  return fields.text();
}

std::string conditions(const Json& status, base::WallTime now, const Layout& layout) {
  const Json& given = at(status, "conditions");
  if (!given.is_array() || given.empty()) return "  nobody has looked yet; is the agent running?\n";
  Table table{{"Type", "Status", "Reason", "Age", "Message"}, {}};
  for (const Json& condition : given) {
    table.rows.push_back({{text_of(condition, "type")},
                          {text_of(condition, "status")},
                          {text_of(condition, "reason")},
                          {age_since(text_at(condition, {"lastTransitionTime"}), now)},
                          {text_of(condition, "message")}});
  }
  return indented_table(std::move(table), layout);
}

std::string modes(const Json& status, const Layout& layout) {
  const Json& given = at(status, "modes");
  if (!given.is_array() || given.empty()) return {};
  Table table{{"Mode", "Outcome", "Reason", "Message"}, {}};
  for (const Json& rung : given) {
    table.rows.push_back({{text_of(rung, "mode")},
                          {text_of(rung, "outcome")},
                          {or_dash(text_of(rung, "reason"))},
                          {text_of(rung, "message")}});
  }
  Fields strongest(kIndent);
  strongest.add("Strongest", text_of(status, "strongestMode"));
  return indented_table(std::move(table), layout) + strongest.text();
}

std::string expiry(const Json& status, base::WallTime now) {
  const Json& first = at(status, "expiry");
  const std::string subject = text_of(first, "subject");
  Fields fields(kIndent);
  fields.add("Expires First", text_of(first, "role") + (subject.empty() ? "" : ", " + subject));
  fields.add("Not After", date_of(text_at(first, {"notAfter"}), now));
  fields.add("Rotate By", date_of(text_at(first, {"rotateBy"}), now));
  const std::string start = text_at(first, {"window", "start"});
  if (!start.empty())
    fields.add("Window", date_of(start, now) + " to " + shown_text(text_at(first, {"window", "end"})));
  fields.add("Rotation", text_of(at(status, "rotation"), "state"));
  return first.is_object() ? fields.text() : "";
}

void add_certificates(Table& table, const Json& given, const char* origin) {
  if (!given.is_array()) return;
  for (const Json& certificate : given) {
    table.rows.push_back(
        {{text_of(certificate, "role")},
         {origin},
         {day_of(certificate, "notBefore")},
         {day_of(certificate, "notAfter")},
         {or_dash(text_of(certificate, "key"))},
         {text_of(certificate, "subject") + ", issued by " + text_of(certificate, "issuer")}});
  }
}

std::string chain(const Json& status, const Layout& layout) {
  Table table{{"Role", "From", "Not Before", "Not After", "Key", "Subject"}, {}};
  add_certificates(table, at(at(status, "tls"), "chain"), "server");
  add_certificates(table, at(at(status, "tls"), "fromTrustStore"), "trust store");
  return table.rows.empty() ? "" : indented_table(std::move(table), layout);
}

std::string members(const Json& status, const Layout& layout) {
  const Json& given = at(status, "members");
  if (!given.is_array() || given.empty()) return {};
  Table table{{"Address", "Host", "Outcome", "Reason", "Version", "Not After", "Message"}, {}};
  for (const Json& member : given) {
    table.rows.push_back({{text_of(member, "address")},
                          {or_dash(text_of(member, "host"))},
                          {text_of(member, "outcome")},
                          {or_dash(text_of(member, "reason"))},
                          {or_dash(text_of(member, "version"))},
                          {day_of(member, "notAfter")},
                          {text_of(member, "message")}});
  }
  return indented_table(std::move(table), layout);
}

std::string advice(const Json& status, base::WallTime now, const Layout& layout) {
  const Json& given = at(status, "advice");
  if (!given.is_array()) return {};
  std::string text;
  for (const Json& item : given) {
    const std::string by = text_at(item, {"by"});
    text += "  " + text_of(item, "action") + " (" + text_of(item, "urgency") +
            (by.empty() ? "" : ", by " + date_of(by, now)) + ")\n";
    text += paragraph(text_of(item, "message"), 2 * kIndent, layout.width);
    std::vector<std::string> steps;
    if (at(item, "steps").is_array()) {
      for (const Json& step : at(item, "steps"))
        if (step.is_string()) steps.push_back(shown_text(step.get<std::string>()));
    }
    text += numbered_steps(steps, 3 * kIndent, layout.width);
    const std::string reason = text_of(item, "reason");
    if (!reason.empty()) text += "    More: tlswarden explain " + reason + "\n";
  }
  return text;
}

}  // namespace

std::string shown_text(const std::string& text) {
  std::string out;
  for (const std::string_view line : base::split(text, '\n')) {
    // Blanks in front of a line are the layout of YAML.
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    out += std::string(line.substr(0, begin)) + base::printable(line.substr(begin), kLongestText) + "\n";
  }
  out.pop_back();
  return out;
}

std::string indented_table(Table table, const Layout& layout) {
  std::vector<Cell> dashes;
  dashes.reserve(table.headings.size());
  for (const std::string& heading : table.headings)
    dashes.push_back({std::string(heading.size(), '-')});
  table.rows.insert(table.rows.begin(), std::move(dashes));
  Layout inner = layout;
  if (inner.width) *inner.width -= std::min(*inner.width, kIndent);
  std::string text = render(table, inner);
  text.pop_back();
  return paragraph(text, kIndent, std::nullopt);
}

std::string endpoint_description(const Json& object, base::WallTime now, const Layout& layout) {
  const Json& status = at(object, "status");
  return identity(object, now) + section("Declared", declared(object)) + section("Server", server(status)) +
         section("Conditions", conditions(status, now, layout)) + section("Modes", modes(status, layout)) +
         section("Expiry", expiry(status, now)) + section("Certificates", chain(status, layout)) +
         section("Members", members(status, layout)) + section("Advice", advice(status, now, layout));
}

}  // namespace tlswarden::cli
