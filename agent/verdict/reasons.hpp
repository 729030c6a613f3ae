#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tlswarden::verdict {

/// One entry of schema/reasons.yaml.
struct Reason {
  std::string name;                     ///< CamelCase, as it stands in conditions
  std::string summary;                  ///< one sentence
  std::string cause;                    ///< why this happens
  std::string advice;                   ///< the next step, one sentence
  std::vector<std::string> steps;       ///< the runbook
  std::vector<std::string> also_known;  ///< what libpq, MySQL, Node, OpenSSL… print for it
};

/// Every reason, in the file's order, from the embedded data. Lives as long as the program.
std::span<const Reason> all_reasons();
/// Null when there is none of that name. Case is ignored.
const Reason* find_reason(std::string_view name);
/// The reason whose `also_known` wording `text` contains, for users who search by the message they saw; the
/// longest wording wins. Case is ignored; "..." in a wording stands for anything. Null when there is none.
const Reason* find_reason_by_wording(std::string_view text);

}  // namespace tlswarden::verdict
