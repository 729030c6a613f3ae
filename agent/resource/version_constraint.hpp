#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "resource/engine.hpp"

namespace tlswarden::resource {

/// A server version as numbers: "15.20 (Debian 15.20-0+deb12u1)" → 15.20, "5.5.5-10.11.19-MariaDB"
/// → 10.11.19.
struct ServerVersion {
  std::vector<int> parts;
  std::string text;  ///< without packaging suffix, as shown: "15.20"
};

/// Reads what a server of `engine` calls itself; an Error when no number can be found.
base::Result<ServerVersion> parse_server_version(Engine engine, std::string_view reported);

/// spec.expectedServerVersion: comparators joined by blanks or commas (">=15.4 <17"), or a plain version as a
/// prefix
/// ("15" is any 15.x, "8.0" any 8.0.x). Every comparison goes as far as the constraint's own numbers: "<=15"
/// admits 15.4, ">15" begins at 16. A value; cheap to copy.
class VersionConstraint {
 public:
  static base::Result<VersionConstraint> parse(std::string_view text);
  /// Numbers that the version does not have count as 0.
  bool matches(const ServerVersion& version) const;
  /// Whether matches() would be the same whatever numbers followed those of `version`: false for ">=19.10"
  /// and a server that says no more than 19.
  bool is_decided_by(const ServerVersion& version) const;
  const std::string& text() const { return text_; }

 private:
  enum class Operator { kPrefix, kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };
  struct Term {
    Operator op = Operator::kPrefix;
    std::vector<int> parts;
    bool holds(const ServerVersion& version) const;
    bool needs_more(const ServerVersion& version) const;
  };
  std::string text_;
  std::vector<Term> terms_;
};

}  // namespace tlswarden::resource
