#include "kube/reference_get.hpp"

#include <utility>

#include "kube/json_text.hpp"
#include "kube/wiped_text.hpp"

namespace tlswarden::kube {
namespace {

/// Object, base64 and all.
constexpr std::size_t kLargestObject = 2 * kMostReferenceBytes;

tl::unexpected<ApiError> malformed(const std::string& what) {
  return tl::unexpected(
      ApiError{.kind = ApiError::Kind::kMalformed, .message = "the API server's answer " + what});
}

}  // namespace

base::Result<ReferenceContent, ApiError> get_reference(ApiClient& client, const ReferencedObject& object,
                                                       const Cancellation& cancellation) {
  const ApiRequest request{.path = collection_path(object) + "/" + path_segment(object.name),
                           .cancellation = &cancellation};
  std::string body;
  const auto done = client.stream(request, [&](std::string_view piece) {
    if (piece.size() > kLargestObject - body.size()) return false;
    append_wiping(body, piece);
    return true;
  });
  auto document = done ? parse_json(body) : std::nullopt;
  wipe_text(body);
  if (!done && done.error().not_found()) return ReferenceContent{};
  if (!done) return tl::unexpected(done.error());
  if (*done == ApiClient::StreamEnd::kStopped) return malformed("is larger than any object can be");
  if (!document) return malformed("is no JSON; check that the URL is an API server's");
  const bool ours = text_at(*document, {"metadata", "name"}) == object.name &&
                    text_at(*document, {"metadata", "namespace"}) == object.ns;
  auto content = read_reference(object, std::move(*document));
  if (!ours) return malformed("is another object than the one that was asked for");
  return content;
}

}  // namespace tlswarden::kube
