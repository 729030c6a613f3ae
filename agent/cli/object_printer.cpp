#include "cli/object_printer.hpp"

#include <ostream>
#include <utility>

#include "resource/codec.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 4;

/// As kubectl shows an object: without its managers; and without secrets.
Json presentable(Json document, const ClusterObject& object) {
  const auto metadata = document.find("metadata");
  if (metadata != document.end() && metadata->is_object()) metadata->erase("managedFields");
  if (object.kind != "Secret") return document;
  if (metadata != document.end() && metadata->is_object()) {
    // kubectl's own copy holds the content once more.
    const auto annotations = metadata->find("annotations");
    if (annotations != metadata->end() && annotations->is_object())
      annotations->erase("kubectl.kubernetes.io/last-applied-configuration");
  }
  const auto data = document.find("data");
  if (data == document.end() || !data->is_object()) return document;
  for (auto& [key, value] : data->items())
    value = "***";
  return document;
}

}  // namespace

void ObjectPrinter::print(const ClusterObject& object, const std::string& outcome, const Json& document) {
  if (format_.empty()) {
    out_ << shown_name(object) << ' ' << outcome << '\n';
  } else if (format_ == "name") {
    out_ << shown_name(object) << '\n';
  } else {
    documents_.push_back(presentable(document, object));
  }
}

void ObjectPrinter::finish() {
  if (documents_.empty()) return;
  Json whole = std::move(documents_.front());
  if (documents_.size() > 1) {
    documents_.front() = std::move(whole);
    whole = Json{{"apiVersion", "v1"}, {"kind", "List"}, {"metadata", {{"resourceVersion", ""}}}};
    whole["items"] = std::move(documents_);
  }
  if (format_ == "json") {
    out_ << whole.dump(kIndent) << '\n';
  } else {
    out_ << resource::to_yaml(whole);
  }
}

}  // namespace tlswarden::cli
