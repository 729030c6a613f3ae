#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "cli/text_layout.hpp"

/// What `describe` says, from the objects as the server gave them: they may be of another version of
/// tlswarden, and hold conditions of others. Pure; whatever is missing is left out.
namespace tlswarden::cli {

/// One endpoint, without its events: what is declared, what was found, and what to do.
std::string endpoint_description(const nlohmann::ordered_json& object, base::WallTime now,
                                 const Layout& layout);

/// Its events (core/v1), the newest last.
std::string events_description(std::vector<nlohmann::ordered_json> events, base::WallTime now,
                               const Layout& layout);

/// Text from the server, fit to be shown; its own line ends are kept.
std::string shown_text(const std::string& text);
/// `table` with kubectl's line of dashes under its headings, indented by two.
std::string indented_table(Table table, const Layout& layout);

}  // namespace tlswarden::cli
