#include "kube/api_request.hpp"

#include <string_view>

namespace tlswarden::kube {
namespace {

/// Everything but the unreserved characters.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += kDigits[byte >> 4U];
      encoded += kDigits[byte & 0xfU];
    }
  }
  return encoded;
}

}  // namespace

const char* to_string(Verb verb) {
  switch (verb) {
    case Verb::kGet:
      return "GET";
    case Verb::kPost:
      return "POST";
    case Verb::kPut:
      return "PUT";
    case Verb::kPatch:
      return "PATCH";
    case Verb::kDelete:
      return "DELETE";
  }
  return "";
}

std::string target_of(const ApiRequest& request) {
  std::string target = request.path;
  char separator = '?';
  for (const auto& [key, value] : request.query) {
    target += separator + percent_encoded(key) + "=" + percent_encoded(value);
    separator = '&';
  }
  return target;
}

std::string path_segment(const std::string& name) {
  // A segment of dots alone would be taken as a direction.
  if (name == "." || name == "..") return name == "." ? "%2E" : "%2E%2E";
  return percent_encoded(name);
}

}  // namespace tlswarden::kube
