#include "cli/report.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/exit_code.hpp"
#include "resource/codec.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;
using resource::DatabaseEndpoint;
using verdict::Severity;

Json document_of(const ReportInput& input, DatabaseEndpoint endpoint) {
  if (input.other_day) endpoint.metadata.annotations[kJudgedAtAnnotation] = base::format_rfc3339(input.now);
  return resource::to_json(endpoint);
}

Json document_of(const ReportInput& input) {
  if (input.endpoints.size() == 1) return document_of(input, input.endpoints.front());
  Json list = {{"apiVersion", "v1"}, {"kind", "List"}};
  Json& items = list["items"] = Json::array();
  for (const DatabaseEndpoint& endpoint : input.endpoints)
    items.push_back(document_of(input, endpoint));
  return list;
}

/// XML 1.0 has no way to write most control characters: they become blanks.
std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

std::string reason_of(const DatabaseEndpoint& endpoint) {
  const resource::Condition* ready = endpoint.status.find(resource::condition::kReady);
  return ready ? ready->reason : "";
}

std::string details_of(const DatabaseEndpoint& endpoint) {
  std::string text;
  for (const resource::Advice& advice : endpoint.status.advice)
    text += advice.message + "\n";
  return text;
}

std::string test_case(const DatabaseEndpoint& endpoint) {
  const Severity severity = verdict::severity(endpoint.status);
  const std::string open = "    <testcase classname=\"" + xml(endpoint.metadata.ns) + "\" name=\"" +
                           xml(endpoint.metadata.name) + "\"";
  const std::string headline = xml(verdict::headline(endpoint.status));
  const auto problem = [&](const std::string& element) {
    return open + ">\n      <" + element + " type=\"" + xml(reason_of(endpoint)) + "\" message=\"" +
           headline + "\">" + xml(details_of(endpoint)) + "</" + element + ">\n    </testcase>\n";
  };
  switch (severity) {
    case Severity::kCritical:
      return problem("failure");
    case Severity::kUnknown:
      return problem("error");
    case Severity::kWarning:
      return open + ">\n      <system-out>WARNING: " + headline + "</system-out>\n    </testcase>\n";
    case Severity::kOk:
      break;
  }
  return open + "/>\n";
}

}  // namespace

std::string json_report(const ReportInput& input) {
  return document_of(input).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string yaml_report(const ReportInput& input) {
  return resource::to_yaml(document_of(input));
}

std::string junit_report(const ReportInput& input) {
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::string cases;
  for (const DatabaseEndpoint& endpoint : input.endpoints) {
    const Severity severity = verdict::severity(endpoint.status);
    failures += severity == Severity::kCritical ? 1 : 0;
    errors += severity == Severity::kUnknown ? 1 : 0;
    cases += test_case(endpoint);
  }
  const std::string judged = input.other_day ? "    <properties><property name=\"judged-at\" value=\"" +
                                                   base::format_rfc3339(input.now) + "\"/></properties>\n"
                                             : "";
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"tlswarden\" "
         "tests=\"" +
         std::to_string(input.endpoints.size()) + "\" failures=\"" + std::to_string(failures) +
         "\" errors=\"" + std::to_string(errors) + "\">\n" + judged + cases +
         "  </testsuite>\n</testsuites>\n";
}

}  // namespace tlswarden::cli
