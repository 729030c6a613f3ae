#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "cli/text_layout.hpp"
#include "resource/endpoint.hpp"

/// What a check found, in the form that was asked for. Pure.
namespace tlswarden::cli {

enum class Format { kTable, kWide, kJson, kYaml, kJunit };

struct ReportInput {
  std::span<const resource::DatabaseEndpoint> endpoints;  ///< status filled
  base::WallTime now{};                                   ///< distances are told from here
  bool other_day = false;                                 ///< `now` was asked for with --at
};

/// For people: one row for each endpoint, the count by severity, then the next step for each that is not OK.
std::string table_report(const ReportInput& input, Format format, const Layout& layout);
/// The full resource; a v1 List where there are several. With --at the day judged stands in an annotation.
std::string json_report(const ReportInput& input);
std::string yaml_report(const ReportInput& input);
/// One test case for each endpoint: CRITICAL is a failure, UNKNOWN an error, WARNING a pass with its words in
/// system-out.
std::string junit_report(const ReportInput& input);

inline constexpr const char* kJudgedAtAnnotation = "tlswarden.dev/judged-at";

}  // namespace tlswarden::cli
