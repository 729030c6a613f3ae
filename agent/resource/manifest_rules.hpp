#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "resource/manifest_report.hpp"

/// The rules that a schema cannot state, or that deserve better words than a schema's. Each looks only at
/// values that have the right type and leaves the rest to the schema.
namespace tlswarden::resource {

/// All of them; `spec` is the value of the field of that name.
void report_rule_violations(const nlohmann::ordered_json& spec, Report& report);

void report_words(const nlohmann::ordered_json& spec, Report& report);  ///< engine, mode, versions, days
void report_hosts(const nlohmann::ordered_json& spec, Report& report);  ///< host, serverName, srv
void report_times(const nlohmann::ordered_json& spec, Report& report);  ///< durations, thresholds, windows
void report_references(const nlohmann::ordered_json& spec, Report& report);  ///< where material comes from

/// What keeps `host` from being one DNS name or IP address; nothing if it is one. The message does not repeat
/// `host`, which may hold a password where a whole URL was pasted.
std::optional<std::string> host_problem(std::string_view host);

}  // namespace tlswarden::resource
