#include "cli/report.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/duration.hpp"
#include "base/time_text.hpp"
#include "cli/exit_code.hpp"
#include "verdict/judge.hpp"
#include "verdict/reasons.hpp"

namespace tlswarden::cli {
namespace {

using resource::DatabaseEndpoint;
using verdict::Severity;

constexpr const char* kNothing = "-";

Colour colour_of(Severity severity) {
  switch (severity) {
    case Severity::kOk:
      return Colour::kGreen;
    case Severity::kWarning:
      return Colour::kYellow;
    case Severity::kCritical:
      return Colour::kRed;
    case Severity::kUnknown:
      return Colour::kMagenta;
  }
  return Colour::kNone;
}

bool several_namespaces(std::span<const DatabaseEndpoint> endpoints) {
  return std::any_of(endpoints.begin(), endpoints.end(), [&](const DatabaseEndpoint& e) {
    return e.metadata.ns != endpoints.front().metadata.ns;
  });
}

std::string ready_of(const DatabaseEndpoint& endpoint) {
  const resource::Condition* ready = endpoint.status.find(resource::condition::kReady);
  return std::string(to_string(ready ? ready->status : resource::ConditionStatus::kUnknown));
}

std::string expires(const DatabaseEndpoint& endpoint, base::WallTime now) {
  const auto& expiry = endpoint.status.expiry;
  if (!expiry) return kNothing;
  return base::describe_distance(now, expiry->not_after) + ", " + expiry->role;
}

std::string strongest(const DatabaseEndpoint& endpoint) {
  const auto mode = endpoint.status.strongest_mode;
  return mode ? std::string(to_string(*mode)) : kNothing;
}

class TableReport {
 public:
  TableReport(const ReportInput& input, Format format, const Layout& layout)
      : input_(input),
        wide_(format == Format::kWide),
        qualified_(several_namespaces(input.endpoints)),
        layout_(layout) {}

  std::string text() const {
    Table table;
    table.headings = {"NAME", "ENGINE", "MODE", "STRONGEST", "READY", "EXPIRES", "VERSION"};
    if (wide_) table.headings.insert(table.headings.end(), {"ADDRESS", "TLS", "CIPHER", "ROTATE BY"});
    table.headings.emplace_back("MESSAGE");
    for (const DatabaseEndpoint& endpoint : input_.endpoints)
      table.rows.push_back(row(endpoint));
    return render(table, layout_) + "\n" + summary() + next_steps();
  }

 private:
  std::string name(const DatabaseEndpoint& endpoint) const {
    return qualified_ ? endpoint.key() : endpoint.metadata.name;
  }

  std::vector<Cell> row(const DatabaseEndpoint& endpoint) const {
    const resource::EndpointStatus& status = endpoint.status;
    const Colour colour = colour_of(verdict::severity(status));
    std::vector<Cell> cells{{name(endpoint)},
                            {std::string(to_string(endpoint.spec.engine))},
                            {std::string(to_string(endpoint.spec.tls.mode))},
                            {strongest(endpoint)},
                            {ready_of(endpoint), colour},
                            {expires(endpoint, input_.now)},
                            {status.server.version.value_or(kNothing)}};
    if (wide_) {
      const auto by = status.expiry ? status.expiry->rotate_by : std::nullopt;
      cells.push_back({status.server.address.value_or(kNothing)});
      cells.push_back({status.tls && !status.tls->version.empty() ? status.tls->version : kNothing});
      cells.push_back({status.tls && !status.tls->cipher.empty() ? status.tls->cipher : kNothing});
      cells.push_back({by ? base::format_date(*by) : kNothing});
    }
    cells.push_back({verdict::headline(status)});
    return cells;
  }

  std::string summary() const {
    std::array<std::size_t, 4> counts{};
    for (const DatabaseEndpoint& endpoint : input_.endpoints) {
      ++counts.at(static_cast<std::size_t>(verdict::severity(endpoint.status)));
    }
    const std::size_t total = input_.endpoints.size();
    std::string text = std::to_string(total) + (total == 1 ? " endpoint: " : " endpoints: ");
    std::string separator;
    for (const Severity severity :
         {Severity::kCritical, Severity::kUnknown, Severity::kWarning, Severity::kOk}) {
      const std::size_t count = counts.at(static_cast<std::size_t>(severity));
      if (count == 0) continue;
      text += separator;
      text += coloured(std::to_string(count) + " " + std::string(to_string(severity)), colour_of(severity),
                       layout_.colour);
      separator = ", ";
    }
    if (input_.other_day)
      text += ", judged as of " + base::format_rfc3339(input_.now) + " on what was seen now";
    return text + ".\n" + unsaid();
  }

  /// Of those that are OK the table says nothing but that; what would make them better is for who asks.
  std::string unsaid() const {
    const auto count =
        std::count_if(input_.endpoints.begin(), input_.endpoints.end(), [](const DatabaseEndpoint& endpoint) {
          const auto& advice = endpoint.status.advice;
          return verdict::severity(endpoint.status) == Severity::kOk &&
                 std::any_of(advice.begin(), advice.end(), [](const resource::Advice& item) {
                   return item.urgency < resource::Urgency::kConsider;
                 });
        });
    if (count == 0) return {};
    return std::to_string(count) + " of the OK " + (count == 1 ? "has" : "have") +
           " advice that can wait; -o yaml shows it.\n";
  }

  std::string next_steps() const {
    std::string text;
    for (const DatabaseEndpoint& endpoint : input_.endpoints) {
      const Severity severity = verdict::severity(endpoint.status);
      if (severity == Severity::kOk) continue;
      text += "\n" + coloured(name(endpoint), Colour::kBold, layout_.colour) + ": " +
              coloured(to_string(severity), colour_of(severity), layout_.colour) + "\n" +
              next_step(endpoint.status);
    }
    return text;
  }

  std::string next_step(const resource::EndpointStatus& status) const {
    if (status.advice.empty()) return general_advice(status);
    const resource::Advice& first = status.advice.front();
    std::string text = paragraph(first.message, 2, layout_.width);
    if (first.by) {
      text += "  By " + base::format_date(*first.by) + " (" + base::describe_distance(input_.now, *first.by) +
              ").\n";
    }
    text += numbered_steps(first.steps, 4, layout_.width);
    if (!first.reason.empty()) text += "  More: tlswarden explain " + first.reason + "\n";
    return text;
  }

  std::string general_advice(const resource::EndpointStatus& status) const {
    const resource::Condition* ready = status.find(resource::condition::kReady);
    const verdict::Reason* reason = ready ? verdict::find_reason(ready->reason) : nullptr;
    return reason ? paragraph(reason->advice, 2, layout_.width) + "  More: tlswarden explain " +
                        reason->name + "\n"
                  : paragraph(verdict::headline(status), 2, layout_.width);
  }

  const ReportInput& input_;
  bool wide_;
  bool qualified_;
  Layout layout_;
};

}  // namespace

std::string table_report(const ReportInput& input, Format format, const Layout& layout) {
  return TableReport(input, format, layout).text();
}

}  // namespace tlswarden::cli
