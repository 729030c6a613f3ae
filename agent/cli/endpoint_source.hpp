#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/resource_arguments.hpp"
#include "kube/api_client.hpp"

/// The DatabaseEndpoints of a cluster, read for a person.
namespace tlswarden::cli {

/// One of them as the server gave it: the object, or the row that the server made of it.
struct EndpointItem {
  std::string ns, name, uid, resource_version;
  nlohmann::ordered_json body;
};

/// What to ask for, and in which form.
struct EndpointQuery {
  std::string path;                                            ///< of the collection
  kube::Query selectors = {};                                  ///< labelSelector, fieldSelector
  bool as_table = false;                                       ///< rows, see kube::kTable; else objects
  bool whole_rows = false;                                     ///< rows with all of their objects
  std::chrono::nanoseconds timeout = std::chrono::minutes(2);  ///< of a page
  std::string accept() const { return as_table ? kube::kTable : kube::kJson; }
};

/// The object of an item, or of its row: whole where whole rows were asked for, else its metadata alone.
const nlohmann::ordered_json& object_in(const EndpointItem& item);

/// All that `choice` is about; its names are not looked at.
EndpointQuery query_of(const ResourceChoice& choice, bool as_table);
/// The one called `name`, as a collection: such an answer has a version to watch from.
EndpointQuery query_of(const std::string& ns, const std::string& name, bool as_table);

struct EndpointListing {
  std::vector<EndpointItem> items;
  std::string resource_version;         ///< from where a watch goes on
  nlohmann::ordered_json columns = {};  ///< of a table: its columnDefinitions
};

/// Lists in pages, as kubectl does; where the server forgot the list between two of them, again in one.
base::Result<EndpointListing, kube::ApiError> list_endpoints(kube::ApiClient& client,
                                                             const EndpointQuery& query);
/// One by its name.
base::Result<EndpointListing, kube::ApiError> get_endpoint(kube::ApiClient& client, const std::string& ns,
                                                           const std::string& name, bool as_table,
                                                           bool whole_rows = false);

/// The items of a list, a table or a single object, moved out of it. Error: it is none of these.
base::Result<std::vector<EndpointItem>, kube::ApiError> items_of(nlohmann::ordered_json document);

/// Why there is no such endpoint, in the server's words: there may be no such namespace either, of which the
/// server speaks only when it is asked.
kube::ApiError endpoint_not_found(kube::ApiClient& client, const std::string& ns, const std::string& name);

}  // namespace tlswarden::cli
