#include "net/ssh_pinned_keys.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace tlswarden::net {
namespace {

struct Algorithm {
  ssh_keytypes_e type;
  const char* names;
};
constexpr std::array kAlgorithms{Algorithm{SSH_KEYTYPE_ED25519, "ssh-ed25519"},
                                 Algorithm{SSH_KEYTYPE_ECDSA_P521, "ecdsa-sha2-nistp521"},
                                 Algorithm{SSH_KEYTYPE_ECDSA_P384, "ecdsa-sha2-nistp384"},
                                 Algorithm{SSH_KEYTYPE_ECDSA_P256, "ecdsa-sha2-nistp256"},
                                 Algorithm{SSH_KEYTYPE_RSA, "rsa-sha2-512,rsa-sha2-256"}};

/// A line's fields apart by single spaces, as libssh wants them; empty for a comment.
std::string normalised(std::string_view line) {
  std::string text;
  for (const char c : line) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\0';
    if (!blank) {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  if (text.starts_with('#')) text.clear();
  return text;
}

/// The key of a line if its names match.
SshKeyPtr key_if_named(const std::string& name, const std::string& line) {
  ssh_knownhosts_entry* entry = nullptr;
  if (ssh_known_hosts_parse_line(name.c_str(), line.c_str(), &entry) != SSH_OK) return nullptr;
  SshKeyPtr key(std::exchange(entry->publickey, nullptr));
  ssh_knownhosts_entry_free(entry);
  return key;
}

/// Whether one of the line's patterns is negated and matches; libssh does not look at those.
bool excluded(const std::string& name, const std::string& line) {
  const std::size_t end = line.find(' ');
  if (end == std::string::npos || line.find('!') > end) return false;
  const std::string rest = line.substr(end);
  for (std::size_t begin = 0; begin < end;) {
    const std::size_t comma = std::min(line.find(',', begin), end);
    const bool negated = line[begin] == '!';
    if (negated && key_if_named(name, line.substr(begin + 1, comma - begin - 1) + rest)) return true;
    begin = comma + 1;
  }
  return false;
}

bool holds(const std::vector<SshKeyPtr>& keys, ssh_key wanted) {
  return std::any_of(keys.begin(), keys.end(), [&](const SshKeyPtr& key) {
    return ssh_key_cmp(key.get(), wanted, SSH_KEY_CMP_PUBLIC) == 0;
  });
}

}  // namespace

PinnedKeys::PinnedKeys(std::string_view known_hosts, std::string_view host, std::uint16_t port) {
  constexpr std::uint16_t kUsualPort = 22;
  std::string name(host);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (port != kUsualPort) read(known_hosts, "[" + name + "]:" + std::to_string(port), false);
  read(known_hosts, name, !pinned_.empty());
}

void PinnedKeys::read(std::string_view known_hosts, const std::string& name, bool revoked_only) {
  while (!known_hosts.empty()) {
    const std::size_t end = std::min(known_hosts.find('\n'), known_hosts.size());
    std::string line = normalised(known_hosts.substr(0, end));
    known_hosts.remove_prefix(std::min(end + 1, known_hosts.size()));
    std::string marker;
    if (line.starts_with('@')) {
      const std::size_t space = std::min(line.find(' '), line.size() - 1);
      marker = line.substr(0, space);
      line.erase(0, space + 1);
    }
    if (line.empty()) continue;
    SshKeyPtr key = key_if_named(name, line);
    if (!key || excluded(name, line)) continue;
    if (marker == "@revoked") revoked_.push_back(std::move(key));
    if (marker == "@cert-authority") has_authority_ = true;
    if (marker.empty() && !revoked_only) pinned_.push_back(std::move(key));
  }
}

PinnedKeys::Judgement PinnedKeys::judge(ssh_key shown) const {
  if (holds(revoked_, shown)) return Judgement::kRevoked;
  if (holds(pinned_, shown)) return Judgement::kPinned;
  return pinned_.empty() ? Judgement::kUnknown : Judgement::kMismatch;
}

std::string PinnedKeys::algorithms() const {
  std::string first, others;
  for (const Algorithm& algorithm : kAlgorithms) {
    const bool pinned = std::any_of(pinned_.begin(), pinned_.end(), [&](const SshKeyPtr& key) {
      return ssh_key_type(key.get()) == algorithm.type;
    });
    std::string& list = pinned ? first : others;
    if (!list.empty()) list += ',';
    list += algorithm.names;
  }
  if (!first.empty() && !others.empty()) first += ',';
  return first + others;
}

std::string fingerprint(ssh_key key) {
  unsigned char* hash = nullptr;
  std::size_t size = 0;
  std::string text = ssh_key_type_to_char(ssh_key_type(key));
  if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != SSH_OK) return text;
  const SshTextPtr printed(ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size));
  ssh_clean_pubkey_hash(&hash);
  return printed ? text + " " + printed.get() : text;
}

}  // namespace tlswarden::net
