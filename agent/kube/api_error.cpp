#include "kube/api_error.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/text.hpp"
#include "kube/json_text.hpp"

namespace tlswarden::kube {
namespace {

constexpr std::size_t kLongestReason = 100;
constexpr std::size_t kMostCauses = 8;
constexpr int kMostSeconds = 24 * 60 * 60;

/// `what` is the request; in a namespace a Role is enough.
std::string where_to_grant(const std::string& what) {
  constexpr std::string_view kBefore = "/namespaces/";
  const std::size_t at = what.find(kBefore);
  if (at == std::string::npos)
    return "; give its user this right with a ClusterRole and a ClusterRoleBinding";
  const std::string rest = what.substr(at + kBefore.size());
  return "; give its user this right with a Role and a RoleBinding in namespace " +
         rest.substr(0, rest.find_first_of("/? "));
}

std::string what_to_do(int code, const std::string& what) {
  switch (code) {
    case 401:
      return "; check that its token or client certificate is this cluster's and has not expired";
    case 403:
      return where_to_grant(what);
    case 404:
      return "; create it first; where it is a DatabaseEndpoint, apply the CRD that comes with this program";
    case 429:
      return "; it is overloaded and will be asked again later";
    default:
      return "";
  }
}

void read_details(const nlohmann::ordered_json& status, ApiError& error) {
  const auto details = status.find("details");
  if (details == status.end() || !details->is_object()) return;
  const auto seconds = details->find("retryAfterSeconds");
  if (!error.retry_after && seconds != details->end() && seconds->is_number_integer()) {
    error.retry_after =
        base::Seconds(std::clamp<std::int64_t>(seconds->get<std::int64_t>(), 0, kMostSeconds));
  }
  const auto causes = details->find("causes");
  if (causes == details->end() || !causes->is_array()) return;
  for (const auto& cause : *causes) {
    if (error.causes.size() == kMostCauses) break;
    error.causes.push_back(base::printable(text_at(cause, {"reason"}), kLongestReason));
  }
}

}  // namespace

bool ApiError::expired() const {
  return kind == Kind::kStatus && (code == 410 || reason == "Expired" || reason == "Gone");
}

bool ApiError::ahead_of_server() const {
  if (kind != Kind::kStatus) return false;
  // Servers before 1.19 say it in words alone.
  return std::find(causes.begin(), causes.end(), "ResourceVersionTooLarge") != causes.end() ||
         (reason == "Timeout" && peer_text.find("Too large resource version") != std::string::npos);
}

std::optional<base::Seconds> parse_retry_after(std::string_view header) {
  header = base::trimmed(header);
  int seconds = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (error != std::errc() || end != header.data() + header.size() || seconds < 0) return std::nullopt;
  return base::Seconds(std::min(seconds, kMostSeconds));
}

ApiError status_error(int code, std::string_view body, std::string_view retry_after,
                      const std::string& what) {
  ApiError error{
      .kind = ApiError::Kind::kStatus, .code = code, .retry_after = parse_retry_after(retry_after)};
  const auto status = parse_json(body);
  if (status && text_at(*status, {"kind"}) == "Status") {
    error.reason = base::printable(text_at(*status, {"reason"}), kLongestReason);
    error.peer_text = base::printable(text_at(*status, {"message"}));
    read_details(*status, error);
    // In a watch's ERROR event the HTTP status was 200 and the Status alone has the code.
    const auto own = status->find("code");
    if (code < 300 && own != status->end() && own->is_number_integer()) error.code = own->get<int>();
  } else {
    error.peer_text = base::printable(body);
  }
  error.message = "the API server answered " + std::to_string(error.code) +
                  (error.reason.empty() ? "" : " " + error.reason) + " to " + what +
                  what_to_do(error.code, what);
  return error;
}

ApiError transport_error(const TransportError& error) {
  using Kind = TransportError::Kind;
  ApiError result{.message = error.message};
  switch (error.kind) {
    case Kind::kUnreachable:
      result.kind = ApiError::Kind::kUnreachable;
      break;
    case Kind::kUntrusted:
      result.kind = ApiError::Kind::kUntrusted;
      break;
    case Kind::kBroken:
      result.kind = ApiError::Kind::kBroken;
      break;
    case Kind::kTimedOut:
      result.kind = ApiError::Kind::kTimedOut;
      break;
    case Kind::kTooLarge:
      result.kind = ApiError::Kind::kMalformed;
      break;
    case Kind::kCancelled:
      result.kind = ApiError::Kind::kCancelled;
      break;
  }
  return result;
}

}  // namespace tlswarden::kube
