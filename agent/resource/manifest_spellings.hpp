#pragma once

#include <optional>
#include <string>
#include <string_view>

/// The words that users bring from other tools, and the one that is meant here. Nothing is accepted in two
/// spellings: the answer goes into the message of a refusal.
namespace tlswarden::resource {

std::optional<std::string> meant_engine(std::string_view given);       ///< pg → postgresql
std::optional<std::string> meant_mode(std::string_view given);         ///< VERIFY_IDENTITY → verify-full
std::optional<std::string> meant_version(std::string_view given);      ///< 1.2 → TLSv1.2
std::optional<std::string> meant_negotiation(std::string_view given);  ///< starttls → in-band
std::optional<std::string> meant_day(std::string_view given);          ///< Saturday → Sat

/// Why an engine is not watched although it is a database; nothing for engines that are, or that are unknown.
std::optional<std::string> refused_engine(std::string_view given);

}  // namespace tlswarden::resource
