#include "cli/endpoint_source.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "kube/api_paths.hpp"
#include "kube/json_text.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;
using kube::ApiError;

constexpr const char* kPage = "500";  // kubectl's --chunk-size
const std::pair<std::string, std::string> kWholeRows{"includeObject", "Object"};
/// A page of the largest objects that etcd takes would be three times that; no endpoint comes near.
constexpr std::size_t kLargestList = std::size_t{256} << 20U;

ApiError malformed(const char* what) {
  return ApiError{
      .kind = ApiError::Kind::kMalformed,
      .message = std::string("the API server's answer ") + what + "; check that the URL is an API server's"};
}

EndpointItem item_of(Json body, const Json& object) {
  EndpointItem item;
  item.ns = kube::text_at(object, {"metadata", "namespace"});
  item.name = kube::text_at(object, {"metadata", "name"});
  item.uid = kube::text_at(object, {"metadata", "uid"});
  item.resource_version = kube::text_at(object, {"metadata", "resourceVersion"});
  item.body = std::move(body);
  return item;
}

base::Result<EndpointItem, ApiError> row_of(Json row) {
  if (!row.is_object() || !row.contains("cells") || !row["cells"].is_array() || !row.contains("object"))
    return tl::unexpected(malformed("holds a row without cells"));
  const Json object = row["object"];
  return item_of(std::move(row), object);
}

base::Result<EndpointItem, ApiError> object_of(Json object) {
  if (!object.is_object() || kube::text_at(object, {"metadata", "name"}).empty())
    return tl::unexpected(malformed("holds an object without a name"));
  const Json metadata{{"metadata", object["metadata"]}};
  return item_of(std::move(object), metadata);
}

base::Result<Json, ApiError> page(kube::ApiClient& client, const EndpointQuery& query,
                                  const std::string& token, bool paged) {
  kube::ApiRequest request{.path = query.path,
                           .query = query.selectors,
                           .timeout = query.timeout,
                           .largest_answer = kLargestList,
                           .accept = query.accept()};
  if (paged) request.query.emplace_back("limit", kPage);
  if (!token.empty()) request.query.emplace_back("continue", token);
  if (query.as_table && query.whole_rows) request.query.push_back(kWholeRows);
  return client.call_json(request);
}

/// kubectl's words around the server's where it does not understand a selector.
ApiError with_selectors(ApiError error, const EndpointQuery& query) {
  if (error.reason != "BadRequest" || error.peer_text.empty() || query.selectors.empty()) return error;
  const auto selector = [&](std::string_view key) {
    const auto given = std::find_if(query.selectors.begin(), query.selectors.end(),
                                    [&](const auto& pair) { return pair.first == key; });
    return "\"" + (given == query.selectors.end() ? "" : base::printable(given->second)) + "\"";
  };
  error.peer_text =
      "Unable to find \"tlswarden.dev/v1alpha1, Resource=databaseendpoints\" that match label selector " +
      selector("labelSelector") + ", field selector " + selector("fieldSelector") + ": " + error.peer_text;
  return error;
}

/// The token for the next page; empty: there is none.
base::Result<std::string, ApiError> append(EndpointListing& listing, Json document) {
  std::string token = kube::text_at(document, {"metadata", "continue"});
  listing.resource_version = kube::text_at(document, {"metadata", "resourceVersion"});
  if (listing.columns.empty() && document.is_object() && document.contains("columnDefinitions"))
    listing.columns = document["columnDefinitions"];
  auto items = items_of(std::move(document));
  if (!items) return tl::unexpected(std::move(items.error()));
  if (!token.empty() && items->empty()) return tl::unexpected(malformed("goes on without objects"));
  for (EndpointItem& item : *items)
    listing.items.push_back(std::move(item));
  return token;
}

}  // namespace

const Json& object_in(const EndpointItem& item) {
  const auto object = item.body.find("object");
  return object != item.body.end() && item.body.contains("cells") ? *object : item.body;
}

EndpointQuery query_of(const ResourceChoice& choice, bool as_table) {
  EndpointQuery query{kube::endpoints_path(choice.ns), {}, as_table};
  if (!choice.selector.empty()) query.selectors.emplace_back("labelSelector", choice.selector);
  if (!choice.field_selector.empty()) query.selectors.emplace_back("fieldSelector", choice.field_selector);
  return query;
}

EndpointQuery query_of(const std::string& ns, const std::string& name, bool as_table) {
  return {kube::endpoints_path(ns), {{"fieldSelector", "metadata.name=" + name}}, as_table};
}

base::Result<std::vector<EndpointItem>, ApiError> items_of(Json document) {
  if (!document.is_object()) return tl::unexpected(malformed("is no object"));
  const bool table = kube::text_at(document, {"kind"}) == "Table";
  const char* const member = table ? "rows" : "items";
  std::vector<Json> bodies;
  if (!table && !document.contains(member)) {
    bodies.push_back(std::move(document));
  } else if (document.contains(member) && document[member].is_array()) {
    for (Json& body : document[member])
      bodies.push_back(std::move(body));
  }
  std::vector<EndpointItem> items;
  for (Json& body : bodies) {
    auto item = table ? row_of(std::move(body)) : object_of(std::move(body));
    if (!item) return tl::unexpected(std::move(item.error()));
    items.push_back(std::move(*item));
  }
  return items;
}

base::Result<EndpointListing, ApiError> list_endpoints(kube::ApiClient& client, const EndpointQuery& query) {
  EndpointListing listing;
  std::string token;
  bool paged = true;
  do {
    auto document = page(client, query, token, paged);
    if (!document && !token.empty() && document.error().expired()) {
      listing = {};
      paged = false;
      document = page(client, query, "", paged);
    }
    if (!document) return tl::unexpected(with_selectors(std::move(document.error()), query));
    auto next = append(listing, std::move(*document));
    if (!next) return tl::unexpected(std::move(next.error()));
    token = paged ? std::move(*next) : "";
  } while (!token.empty());
  return listing;
}

base::Result<EndpointListing, ApiError> get_endpoint(kube::ApiClient& client, const std::string& ns,
                                                     const std::string& name, bool as_table,
                                                     bool whole_rows) {
  kube::ApiRequest request{.path = kube::endpoint_path(ns, name),
                           .accept = as_table ? kube::kTable : kube::kJson};
  if (as_table && whole_rows) request.query.push_back(kWholeRows);
  auto document = client.call_json(request);
  // A resource that the server does not know is refused without a reason.
  if (!document && document.error().not_found() && document.error().reason == "NotFound")
    return tl::unexpected(endpoint_not_found(client, ns, name));
  if (!document) return tl::unexpected(std::move(document.error()));
  EndpointListing listing;
  auto added = append(listing, std::move(*document));
  if (!added) return tl::unexpected(std::move(added.error()));
  return listing;
}

ApiError endpoint_not_found(kube::ApiClient& client, const std::string& ns, const std::string& name) {
  auto found = client.call({.path = "/api/v1/namespaces/" + kube::path_segment(ns)});
  if (!found && found.error().not_found()) return std::move(found.error());
  return ApiError{.kind = ApiError::Kind::kStatus,
                  .code = 404,
                  .reason = "NotFound",
                  .message = "there is no such DatabaseEndpoint",
                  .peer_text = "databaseendpoints.tlswarden.dev \"" + name + "\" not found"};
}

}  // namespace tlswarden::cli
