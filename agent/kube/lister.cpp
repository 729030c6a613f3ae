#include "kube/lister.hpp"

#include <utility>

#include "kube/json_text.hpp"
#include "kube/list_reader.hpp"

namespace tlswarden::kube {
namespace {

constexpr std::chrono::minutes kListTimeout{2};

ApiError malformed(std::string message) {
  return ApiError{.kind = ApiError::Kind::kMalformed, .message = std::move(message)};
}

}  // namespace

base::Result<std::string, ApiError> Lister::list(const std::string& resource_version) {
  // A limit with any version but "" and "0" would go past the server's watch cache to etcd, and every client
  // does it at once after an outage.
  const bool paged = resource_version.empty() || resource_version == "0" || no_watch_cache_;
  auto listed = all_pages(resource_version, paged);
  if (!listed && !resource_version.empty() &&
      (listed.error().expired() || listed.error().ahead_of_server())) {
    return all_pages("", true);
  }
  return listed;
}

base::Result<std::string, ApiError> Lister::all_pages(const std::string& resource_version, bool paged) {
  index_.begin_listing();
  auto first = page(resource_version, "", paged);
  if (!first) return tl::unexpected(std::move(first.error()));
  std::string version = first->resource_version;
  if (!first->continue_token.empty() && resource_version == "0") no_watch_cache_ = true;
  std::string token = std::move(first->continue_token);
  while (!token.empty()) {
    const std::size_t before = index_.listed();
    auto next = page("", token, true);
    if (!next && next.error().expired()) {
      // etcd was compacted between two pages: what was listed belongs to no version any more.
      index_.begin_listing();
      next = page(resource_version, "", false);
      if (next) version = next->resource_version;
      if (next && !next->continue_token.empty()) {
        return tl::unexpected(malformed("the API server cuts a list into pages that nobody asked for"));
      }
    } else if (next && index_.listed() == before) {
      return tl::unexpected(malformed("the API server's list goes on without objects"));
    }
    if (!next) return tl::unexpected(std::move(next.error()));
    token = std::move(next->continue_token);
  }
  index_.end_listing();
  return version;
}

std::string Lister::take(std::string_view item) {
  auto document = parse_json(item);
  if (!document) return "the API server's list holds something that is no JSON";
  auto object = make_object(std::move(*document));
  if (!object) return object.error().message;
  if (index_.listed() == options_.most_objects) {
    return "there are more than " + std::to_string(options_.most_objects) + " objects at " + options_.path +
           "; share them between several agents by namespace or label";
  }
  index_.list(std::move(*object));
  return {};
}

base::Result<Lister::Page, ApiError> Lister::page(const std::string& resource_version,
                                                  const std::string& token, bool paged) {
  ApiRequest request{.path = options_.path,
                     .query = options_.selectors,
                     .timeout = kListTimeout,
                     .cancellation = &cancellation_};
  if (paged) request.query.emplace_back("limit", std::to_string(options_.page));
  // A token stands for its version; together they are refused.
  if (!token.empty()) {
    request.query.emplace_back("continue", token);
  } else if (!resource_version.empty()) {
    request.query.emplace_back("resourceVersion", resource_version);
  }
  ListReader reader(options_.largest_object);
  std::string problem;
  const auto item = [&](std::string_view text) {
    problem = take(text);
    return problem.empty();
  };
  const auto ended = client_.stream(request, [&](std::string_view piece) {
    const bool more = reader.feed(piece, item);
    contact_();
    return more;
  });
  if (!ended) return tl::unexpected(ended.error());
  if (!problem.empty()) return tl::unexpected(malformed(problem));
  auto metadata = reader.finish();
  if (!metadata) return tl::unexpected(malformed(metadata.error().message));
  return Page{std::move(metadata->resource_version), std::move(metadata->continue_token)};
}

}  // namespace tlswarden::kube
