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
/// The reasons whose `also_known` wordings fit `text` best (verdict/wording.hpp), for users who search by the
/// message that they saw. Several where other programs say the same of several; none when nothing fits.
std::vector<const Reason*> find_reasons_by_wording(std::string_view text);

}  // namespace tlswarden::verdict
