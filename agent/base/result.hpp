#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace tlswarden::base {

/// What went wrong, in words for the person who must act on it. Never holds a secret.
struct Error {
  std::string message;
};

/// A value or the error that took its place. The alias is the only name the project uses for the concept.
template <class T, class E = Error>
using Result = tl::expected<T, E>;

inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace tlswarden::base
