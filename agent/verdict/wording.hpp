#pragma once

#include <compare>
#include <cstddef>
#include <string_view>

namespace tlswarden::verdict {

/// How well what a user typed fits a message that is known; the greater the better, the default is not at
/// all.
struct WordingFit {
  enum class Kind {
    kNone,
    kWordsInOrder,  ///< the words of the text, or their beginnings, occur in the wording one after the other
    kShortened,     ///< the text is a piece of the wording
    kWhole,         ///< the wording is in the text
  };
  Kind kind = Kind::kNone;
  /// Of a wording that is whole in the text the longer is better ("self-signed certificate in certificate
  /// chain" also contains "self-signed certificate"), of one that the text shortens the shorter.
  std::ptrdiff_t weight = 0;

  auto operator<=>(const WordingFit&) const = default;
};

/// Compares a text as users quote it (a whole log line, or a message shortened with "...") with one wording
/// of reasons.yaml, where "..." stands for anything. Case, quotes, commas, backslashes and the width of
/// blanks do not matter. A shortened text of one word must be a code (UNABLE_TO_GET_ISSUER...), since a plain
/// word is no message.
WordingFit fit_wording(std::string_view text, std::string_view wording);

}  // namespace tlswarden::verdict
