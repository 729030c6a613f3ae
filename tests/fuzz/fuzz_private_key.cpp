#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.hpp"
#include "pki/private_key.hpp"

/// parse_private_key over any bytes, with the corpus's passphrase and without one: a key has a form to hand
/// on, an error has words, and nothing else may come of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tlswarden;
  static const base::Secret passphrase(std::string_view("tencentdb"));
  const base::Secret content(base::as_text(base::ByteView(data, size)));
  for (const base::Secret* given : {&passphrase, static_cast<const base::Secret*>(nullptr)}) {
    const auto key = pki::parse_private_key(content, given);
    if (key ? (*key)->pkcs8_der().empty() : key.error().message.empty()) std::abort();
  }
  return 0;
}
