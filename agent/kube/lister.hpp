#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "kube/api_client.hpp"
#include "kube/object_index.hpp"
#include "kube/reflector_options.hpp"

namespace tlswarden::kube {

/// Lists a collection into an index, as client-go's pager and reflector do. Used by one thread.
class Lister {
 public:
  /// All must outlive this object. `contact` is called whenever the server was heard and had no complaint.
  Lister(ApiClient& client, const ReflectorOptions& options, ObjectIndex& index,
         const Cancellation& cancellation, std::function<void()> contact)
      : client_(client),
        options_(options),
        index_(index),
        cancellation_(cancellation),
        contact_(std::move(contact)) {}

  /// Lists at `resource_version` ("": the newest, "0": whatever the server has at hand) and gives the list's
  /// own. A version that the server cannot serve any more, or not yet, is answered by listing the newest at
  /// once. The index is changed only by a whole list.
  base::Result<std::string, ApiError> list(const std::string& resource_version);

 private:
  struct Page {
    std::string resource_version, continue_token;
  };
  base::Result<std::string, ApiError> all_pages(const std::string& resource_version, bool paged);
  base::Result<Page, ApiError> page(const std::string& resource_version, const std::string& token,
                                    bool paged);
  /// What is wrong with this item; empty when nothing is.
  std::string take(std::string_view item);

  ApiClient& client_;
  const ReflectorOptions& options_;
  ObjectIndex& index_;
  const Cancellation& cancellation_;
  std::function<void()> contact_;
  bool no_watch_cache_ = false;  ///< the server answers version "0" in pages: it has no cache to spare
};

}  // namespace tlswarden::kube
