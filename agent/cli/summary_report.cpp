#include "cli/summary_report.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/summary.hpp"

namespace tlswarden::cli {
namespace {

constexpr std::size_t kNamed = 4;
constexpr std::size_t kLongestName = 48;
constexpr std::size_t kLongestNameWide = 400;
constexpr std::size_t kShownFingerprint = 16;
constexpr const char* kNothing = "-";
constexpr base::Seconds kSoon{30 * 86400};

constexpr std::array<std::pair<std::string_view, SummaryKind>, 4> kKinds{
    {{"ca", SummaryKind::kCa},
     {"issuer", SummaryKind::kIssuer},
     {"client-certificate", SummaryKind::kClientCertificate},
     {"secret", SummaryKind::kSecret}}};

std::string count_of(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

class SummaryTable {
 public:
  SummaryTable(const SummaryInput& input, bool wide, const Layout& layout)
      : input_(input), wide_(wide), layout_(layout) {
    for (const EndpointFacts& facts : input.facts)
      all_.add(facts);
    qualified_ = all_.namespaces().size() > 1;
  }

  std::string text() const {
    const std::string footer =
        count_of(all_.size(), "endpoint") + " in " + count_of(all_.namespaces().size(), "namespace") +
        (input_.other_day ? ", judged as of " + base::format_rfc3339(input_.now) + " on what was seen now"
                          : "") +
        ".\n";
    switch (input_.kind) {
      case SummaryKind::kCa:
        return cas(footer);
      case SummaryKind::kIssuer:
        return certificates({"intermediate", "ca", "root"}, "no certificate of an issuer was seen") + footer;
      case SummaryKind::kClientCertificate:
        return certificates({"client"}, "no endpoint declares a client certificate") + footer;
      case SummaryKind::kSecret:
        break;
    }
    return references() + footer;
  }

 private:
  /// Text of a certificate may be a peer's.
  std::string name(const std::string& subject) const {
    return subject.empty() ? kNothing : base::printable(subject, wide_ ? kLongestNameWide : kLongestName);
  }

  Cell expires(const std::optional<FirstExpiry>& first) const {
    if (!first) return {kNothing};
    std::string text = base::describe_distance(input_.now, first->not_after);
    if (!first->role.empty()) text += ", " + first->role;
    const base::Seconds left = first->not_after - input_.now;
    return {text, left < base::Seconds(0) ? Colour::kRed : left < kSoon ? Colour::kYellow : Colour::kNone};
  }

  std::string listed(const Dependents& endpoints) const {
    std::vector<std::string> names;
    for (const auto& [key, ns] : endpoints.by_key) {
      if (!wide_ && names.size() == kNamed) break;
      names.push_back(qualified_ ? key : key.substr(ns.size() + 1));
    }
    const std::size_t more = endpoints.size() - names.size();
    if (names.empty()) return kNothing;
    return base::join(names, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
  }

  void append_dependents(std::vector<Cell>& row, const Dependents& endpoints) const {
    row.push_back({std::to_string(endpoints.size())});
    row.push_back({std::to_string(endpoints.namespaces().size())});
  }

  std::string cas(const std::string& footer) const {
    Table table{{"ISSUER", "CA", "EXPIRES", "ENDPOINTS", "NAMESPACES", "USED BY"}, {}};
    std::string switches;
    for (const CaGroup& group : summarise_by_ca(input_.facts)) {
      std::string ca = name(group.root);
      if (group.state == CaGroup::State::kNotAnchored) ca = "not anchored";
      if (group.state == CaGroup::State::kNoCertificate) ca = "no certificate seen";
      std::vector<Cell> row{{name(group.issuer)}, {ca}, expires(group.first)};
      append_dependents(row, group.endpoints);
      row.push_back({listed(group.endpoints)});
      table.rows.push_back(std::move(row));
      if (group.next_ca.declared.size() > 0) switches += switch_from(group, ca);
    }
    return render(table, layout_) + "\n" + footer + switches;
  }

  std::string switch_from(const CaGroup& group, const std::string& ca) const {
    const NextCaSummary& next = group.next_ca;
    Table table{{"ON SWITCHING TO THE NEXT CA", "ENDPOINTS", "WHICH"}, {}};
    const auto add = [&](const char* state, const Dependents& endpoints, Colour colour) {
      if (endpoints.size() == 0) return;
      table.rows.push_back({{state}, {std::to_string(endpoints.size()), colour}, {listed(endpoints)}});
    };
    add("safe to switch", next.safe, Colour::kGreen);
    add("would break", next.breaks, Colour::kRed);
    add("still need the old CA", next.old_needed, Colour::kYellow);
    add("bundle lacks the next CA", next.bundle_lacks, Colour::kYellow);
    add("not known", next.unknown, Colour::kMagenta);
    const std::string issuer = group.state != CaGroup::State::kNoCertificate && group.issuer != group.root
                                   ? " (issuer " + name(group.issuer) + ")"
                                   : "";
    return "\n" + coloured(ca, Colour::kBold, layout_.colour) + issuer + ": " +
           std::to_string(next.declared.size()) + " of " + count_of(group.endpoints.size(), "endpoint") +
           (next.declared.size() == 1 ? " declares" : " declare") + " spec.tls.nextCA\n" +
           render(table, layout_);
  }

  std::string certificates(const std::vector<std::string>& roles, const std::string& none) const {
    const auto groups = summarise_by_certificate(input_.facts, roles);
    if (groups.empty()) return none + "\n\n";
    Table table{{"CERTIFICATE", "ROLE", "EXPIRES", "SHA-256", "ENDPOINTS", "NAMESPACES", "USED BY"}, {}};
    for (const CertificateGroup& group : groups) {
      const verdict::PathCertificate& one = group.certificate;
      std::vector<Cell> row{{name(one.subject)},
                            {one.verified ? one.role : one.role + " (unverified)"},
                            expires(FirstExpiry{one.not_after, {}, {}}),
                            {one.sha256.substr(0, wide_ ? one.sha256.size() : kShownFingerprint)}};
      append_dependents(row, group.endpoints);
      row.push_back({listed(group.endpoints)});
      table.rows.push_back(std::move(row));
    }
    return render(table, layout_) + "\n";
  }

  std::string references() const {
    const auto groups = summarise_by_reference(input_.facts);
    if (groups.empty()) return "no endpoint refers to a Secret, ConfigMap, file or variable\n\n";
    Table table{{"REFERENCE", "FIRST TO EXPIRE", "ENDPOINTS", "USED BY"}, {}};
    for (const ReferenceGroup& group : groups) {
      std::string uses;
      for (const auto& [where, endpoints] : group.uses) {
        const auto& [field, key] = where;
        uses += (uses.empty() ? "" : "; ") + field + (key.empty() ? "" : " (" + key + ")") + ": " +
                listed(endpoints);
      }
      const std::string place = group.ns.empty() ? group.name : group.ns + "/" + group.name;
      table.rows.push_back({{group.kind + " " + base::printable(place, kLongestNameWide)},
                            expires(group.first),
                            {std::to_string(group.endpoints.size())},
                            {uses}});
    }
    return render(table, layout_) + "\n";
  }

  const SummaryInput& input_;
  bool wide_;
  Layout layout_;
  Dependents all_;
  bool qualified_ = false;
};

}  // namespace

std::optional<SummaryKind> parse_summary_kind(std::string_view name) {
  const auto* found =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& kind) { return kind.first == name; });
  return found == kKinds.end() ? std::nullopt : std::optional(found->second);
}

std::string_view to_string(SummaryKind kind) {
  return std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& known) { return known.second == kind; })
      ->first;
}

std::string summary_table(const SummaryInput& input, bool wide, const Layout& layout) {
  return SummaryTable(input, wide, layout).text();
}

}  // namespace tlswarden::cli
