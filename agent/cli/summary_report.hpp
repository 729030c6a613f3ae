#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "cli/endpoint_facts.hpp"
#include "cli/text_layout.hpp"

/// Summaries in the form that was asked for. Pure.
namespace tlswarden::cli {

enum class SummaryKind {
  kCa,                 ///< by the CA that the servers' certificates come from, with the rehearsal of nextCA
  kIssuer,             ///< each intermediate and CA certificate in use
  kClientCertificate,  ///< each client certificate
  kSecret,             ///< each Secret, ConfigMap, file or variable that is referred to
};
std::optional<SummaryKind> parse_summary_kind(std::string_view name);
std::string_view to_string(SummaryKind kind);  ///< as in --summary: "client-certificate"

struct SummaryInput {
  SummaryKind kind{};
  std::span<const EndpointFacts> facts;
  base::WallTime now{};    ///< distances are told from here
  bool other_day = false;  ///< `now` was asked for with --at
};

/// For people: one row for each group. Where many endpoints depend on it, the first few are named, and with
/// `wide` all of them.
std::string summary_table(const SummaryInput& input, bool wide, const Layout& layout);
/// One object: `summary`, `judgedAt`, `endpoints` (their number) and `groups`, with every endpoint named.
std::string summary_json(const SummaryInput& input);
std::string summary_yaml(const SummaryInput& input);

}  // namespace tlswarden::cli
