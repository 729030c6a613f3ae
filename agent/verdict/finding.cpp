#include "verdict/finding.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace tlswarden::verdict {
namespace {

constexpr std::string_view kNext = ". Next: ";
constexpr std::string_view kServer = "\nServer: \"";

bool is_upper(char c) {
  return std::isupper(static_cast<unsigned char>(c)) != 0;
}

/// A word of the language rather than a field's path, a mode or a host's name, whose spelling matters.
bool starts_with_a_word(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && std::isalpha(static_cast<unsigned char>(text[length])) != 0)
    ++length;
  return length > 0 &&
         (length == text.size() || std::string_view(" ,;").find(text[length]) != std::string_view::npos);
}

std::string_view without_full_stop(std::string_view text) {
  text = base::trimmed(text);
  while (text.ends_with('.'))
    text.remove_suffix(1);
  return text;
}

}  // namespace

Finding finding_from(std::string reason, std::string_view message, std::string peer_text) {
  constexpr std::string_view kStep = "; ";
  Finding finding{std::move(reason), {}, std::move(peer_text)};
  const std::size_t end = message.find(kStep);
  finding.sentence = as_clause(message.substr(0, end));
  if (end != std::string_view::npos) finding.next = as_clause(message.substr(end + kStep.size()));
  return finding;
}

std::string as_clause(std::string_view text) {
  std::string clause(without_full_stop(text));
  const std::size_t word = clause.find_first_of(" ,:;'");
  bool plain = !clause.empty() && is_upper(clause[0]);
  for (std::size_t i = 1; i < std::min(word, clause.size()); ++i)
    plain = plain && !is_upper(clause[i]);
  if (plain) clause[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(clause[0])));
  return clause;
}

std::string compose(std::string_view sentence, std::string_view next, std::string_view peer_text) {
  std::string message(without_full_stop(sentence));
  if (starts_with_a_word(message))
    message[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(message[0])));
  if (next.empty()) {
    message += '.';
  } else {
    message += kNext;
    message += as_clause(next);
    message += '.';
  }
  const std::string words = base::printable(peer_text);
  if (!words.empty()) message += std::string(kServer) + words + "\"";
  return message;
}

std::string leading_sentence(std::string_view message) {
  message = message.substr(0, message.find(kServer));
  message = message.substr(0, message.find(kNext));
  return std::string(without_full_stop(message));
}

std::string when(base::WallTime now, base::WallTime then) {
  constexpr base::Seconds kNear{2 * 86400};
  std::string date = "on " + base::format_date(then);
  if (then < now - kNear || then > now + kNear) return date;
  constexpr std::size_t kTimeAt = 11;  // in 2026-12-05T14:21:46Z
  return date + " at " + base::format_rfc3339(then).substr(kTimeAt, 5) + " UTC";
}

}  // namespace tlswarden::verdict
