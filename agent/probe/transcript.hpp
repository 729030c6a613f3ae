#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "probe/failure.hpp"

namespace tlswarden::probe {

/// The words of one check, for --debug; does nothing unless it was asked for. Never holds a secret, because
/// what passes here carries none: conversations know no passwords, and a login is not recorded.
class Transcript {
 public:
  explicit Transcript(bool wanted) : wanted_(wanted) {}

  void note(Stage stage, std::string_view text);
  /// Hexadecimal and, beside it, escaped text; at most 512 bytes are shown.
  void sent(Stage stage, base::ByteView bytes);
  void received(Stage stage, base::ByteView bytes);

  bool wanted() const { return wanted_; }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  void add(Stage stage, std::string_view arrow, base::ByteView bytes);

  bool wanted_;
  std::vector<std::string> lines_;
};

}  // namespace tlswarden::probe
