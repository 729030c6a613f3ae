#include "kube/api_request.hpp"

#include <string_view>

#include "base/text.hpp"

namespace tlswarden::kube {

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
    target += separator + base::percent_encoded(key) + "=" + base::percent_encoded(value);
    separator = '&';
  }
  return target;
}

std::string path_segment(const std::string& name) {
  // A segment of dots alone would be taken as a direction.
  if (name == "." || name == "..") return name == "." ? "%2E" : "%2E%2E";
  return base::percent_encoded(name);
}

}  // namespace tlswarden::kube
