#include "drivers/postgresql/pem.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "pki/openssl.hpp"

namespace tlswarden::drivers::postgresql {

base::Secret to_pem(std::string_view label, base::ByteView der) {
  constexpr std::size_t kBytesPerLine = 48;
  constexpr std::size_t kCharactersPerLine = 64;
  const auto boundary = [label](std::string_view word) {
    return "-----" + std::string(word) + " " + std::string(label) + "-----\n";
  };
  // Reserved once, so that no copy of a key is left behind by a reallocation.
  base::Bytes out;
  out.reserve(der.size() / kBytesPerLine * (kCharactersPerLine + 1) + 256);
  const auto append = [&out](std::string_view text) { out.insert(out.end(), text.begin(), text.end()); };
  append(boundary("BEGIN"));
  while (!der.empty()) {
    const auto take = std::min(der.size(), kBytesPerLine);
    unsigned char line[kCharactersPerLine + 1];
    const int size = EVP_EncodeBlock(line, der.data(), static_cast<int>(take));
    out.insert(out.end(), line, line + size);
    out.push_back('\n');
    base::wipe_memory(line, sizeof line);
    der = der.subspan(take);
  }
  append(boundary("END"));
  return base::Secret(std::move(out));
}

base::Bytes to_pem(const pki::Chain& chain) {
  base::Bytes out;
  for (const auto& certificate : chain) {
    const auto block = to_pem("CERTIFICATE", certificate->der);
    out.insert(out.end(), block.bytes().begin(), block.bytes().end());
  }
  return out;
}

}  // namespace tlswarden::drivers::postgresql
