#include "net/ssh_private_key.hpp"

#include <utility>

#include "base/bytes.hpp"

namespace tlswarden::net {
namespace {

/// libssh's way to ask for a passphrase: nobody answers, but that it asked says that the key is encrypted.
int note_question(const char*, char*, std::size_t, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

base::Secret with_end(const base::Secret& text) {
  base::Bytes bytes;
  bytes.reserve(text.bytes().size() + 1);
  bytes.assign(text.bytes().begin(), text.bytes().end());
  bytes.push_back(0);
  return base::Secret(std::move(bytes));
}

const char* characters(const base::Secret& ended) {
  return reinterpret_cast<const char*>(ended.bytes().data());
}

/// Null where it does not open; `asked` becomes true where it wanted another passphrase.
SshKeyPtr import(const base::Secret& key, const char* passphrase, bool& asked) {
  ssh_key read = nullptr;
  const int code = ssh_pki_import_privkey_base64(characters(key), passphrase, note_question, &asked, &read);
  SshKeyPtr owner(read);
  return code == SSH_OK ? std::move(owner) : nullptr;
}

tl::unexpected<TunnelError> unusable(std::string message) {
  return tl::unexpected(TunnelError{TunnelError::Kind::kKeyUnusable, std::move(message)});
}

}  // namespace

TunnelResult<SshKeyPtr> read_private_key(const SshSettings& settings) {
  if (settings.key.empty())
    return unusable("There is no private key for the bastion; see to spec.tunnel.ssh.key.");
  const base::Secret text = with_end(settings.key);
  bool asked = false;
  SshKeyPtr key = import(text, nullptr, asked);
  if (key && ssh_key_is_private(key.get()) == 1) return key;
  if (!asked) {
    return unusable(
        "spec.tunnel.ssh.key holds no private key that can be read; give it the whole file, such as "
        "id_ed25519 "
        "and not id_ed25519.pub.");
  }
  if (!settings.passphrase) {
    return unusable(
        "The private key in spec.tunnel.ssh.key is encrypted; declare its passphrase in "
        "spec.tunnel.ssh.keyPassphrase.");
  }
  const base::Secret passphrase = with_end(*settings.passphrase);
  key = import(text, characters(passphrase), asked);
  if (key) return key;
  return unusable(
      "The passphrase in spec.tunnel.ssh.keyPassphrase does not open the private key in spec.tunnel.ssh.key; "
      "correct one of the two.");
}

}  // namespace tlswarden::net
