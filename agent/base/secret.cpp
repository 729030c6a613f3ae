#include "base/secret.hpp"

#include <string.h>

#include <utility>

namespace tlswarden::base {

void wipe_memory(void* data, std::size_t size) noexcept {
  if (size != 0) explicit_bzero(data, size);
}

Secret::Secret(std::string_view text) : bytes_(to_bytes(text)) {}

Secret::Secret(Bytes&& bytes) noexcept : bytes_(std::move(bytes)) {}

Secret::Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::exchange(other.bytes_, {});
  }
  return *this;
}

Secret::~Secret() {
  wipe();
}

Secret Secret::copy() const {
  return Secret(Bytes(bytes_));
}

std::string_view Secret::reveal() const {
  return as_text(bytes_);
}

void Secret::wipe() noexcept {
  wipe_memory(bytes_.data(), bytes_.size());
}

}  // namespace tlswarden::base
