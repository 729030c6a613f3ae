#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace tlswarden::verdict {

/// Something that holds: a reason of schema/reasons.yaml and one sentence about this endpoint, without its
/// full stop and starting in lower case unless with a name, so that it can be joined to others. A value.
struct Finding {
  std::string reason;
  std::string sentence;
  std::string peer_text;  ///< the server's own words, raw; shown only by compose()
  std::string next{};     ///< what to do, where that is more exact than the reason's entry; may be empty
  std::string hint{};     ///< a further sentence for those who look closer; may be empty

  bool operator==(const Finding&) const = default;
};

/// The text of a condition or an advice: the sentence, then what to do, then the server's words on a line of
/// their own, escaped and marked as the server's:
///
///     Certificate expired on 2026-11-19. Next: renew it and reload the server.
///     Server: "…"
///
/// `next` and the server's words may be empty.
std::string compose(std::string_view sentence, std::string_view next = {}, std::string_view peer_text = {});

/// The first part of what compose() made: the sentence without its full stop.
std::string leading_sentence(std::string_view message);

/// A finding from a message of the form "what is wrong; what to do.": the part behind the first semicolon, if
/// there is one, becomes the next step.
Finding finding_from(std::string reason, std::string_view message, std::string peer_text = {});

/// The same text with its first letter in lower case, unless it starts with an abbreviation such as TLS or a
/// name such as PostgreSQL; and without the full stop.
std::string as_clause(std::string_view text);

/// "on 2026-12-05", and within two days of it "on 2026-12-05 at 14:21 UTC". Never a distance from today: what
/// is written into a status must not change with every day that passes.
std::string when(base::WallTime now, base::WallTime then);

}  // namespace tlswarden::verdict
