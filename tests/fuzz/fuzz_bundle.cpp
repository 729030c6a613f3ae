#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "pki/bundle.hpp"

/// parse_bundle over any bytes, with the corpus's password and without one: a bundle has a certificate, an
/// error has words, and nothing else may come of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tlswarden;
  static const base::Secret password(std::string_view("tencentdb"));
  for (const base::Secret* given : {&password, static_cast<const base::Secret*>(nullptr)}) {
    const auto bundle = pki::parse_bundle(base::ByteView(data, size), given);
    if (bundle ? bundle->certificates.empty() : bundle.error().message.empty()) std::abort();
  }
  return 0;
}
