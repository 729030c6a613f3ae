#include "drivers/oracle/listener_version.hpp"

#include <array>

namespace tlswarden::drivers::oracle {
namespace {

constexpr std::uint32_t kFirstWithNewPacking = 18;
using Parts = std::array<std::uint32_t, 5>;

Parts unpack(std::uint32_t packed) {
  const std::uint32_t release = packed >> 24;
  if (release >= kFirstWithNewPacking) {
    return {release, packed >> 16 & 0xFF, packed >> 12 & 0xF, packed >> 4 & 0xFF, packed & 0xF};
  }
  return {release, packed >> 20 & 0xF, packed >> 12 & 0xFF, packed >> 8 & 0xF, packed & 0xFF};
}

std::string join(const Parts& parts, std::size_t count) {
  std::string text = std::to_string(parts.front());
  for (std::size_t i = 1; i < count; ++i)
    text += "." + std::to_string(parts.at(i));
  return text;
}

}  // namespace

std::string full_version(std::uint32_t packed) {
  const Parts parts = unpack(packed);
  return join(parts, parts.size());
}

std::string listener_version(std::uint32_t vsnnum) {
  const Parts parts = unpack(vsnnum);
  if (parts.front() == 0) return {};
  if (parts.front() < kFirstWithNewPacking) return join(parts, parts.size());
  std::size_t told = parts.size();
  while (told > 1 && parts.at(told - 1) == 0)
    --told;
  return join(parts, told);
}

}  // namespace tlswarden::drivers::oracle
