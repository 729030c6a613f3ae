#include "kube/object.hpp"

#include <utility>

#include "kube/json_text.hpp"

namespace tlswarden::kube {

base::Result<Object> make_object(nlohmann::ordered_json document) {
  Object object{.id = {.ns = text_at(document, {"metadata", "namespace"}),
                       .name = text_at(document, {"metadata", "name"}),
                       .uid = text_at(document, {"metadata", "uid"})},
                .resource_version = text_at(document, {"metadata", "resourceVersion"}),
                .document = {}};
  if (object.id.name.empty() || object.id.uid.empty() || object.resource_version.empty()) {
    return base::fail("the API server gave an object without a name, a uid or a resource version");
  }
  document["metadata"].erase("managedFields");
  object.document = std::move(document);
  return object;
}

}  // namespace tlswarden::kube
