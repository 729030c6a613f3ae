#include "resource/manifest_declared.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/// RFC 4648, section 4.
std::string encode_base64(std::string_view bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = (bits << 8U) | (j < count ? static_cast<std::uint8_t>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      text.push_back(j <= count ? kDigits[(bits >> (18U - 6U * j)) & 63U] : '=');
  }
  return text;
}

void fold_string_data(Json& secret) {
  const auto plain = secret.find("stringData");
  if (plain == secret.end()) return;
  if (plain->is_object() && !plain->empty()) {
    Json& data = secret["data"];
    if (data.is_null()) data = Json::object();
    for (auto& [key, value] : secret["stringData"].items()) {
      auto& text = value.get_ref<std::string&>();
      data[key] = encode_base64(text);
      base::wipe_memory(text.data(), text.size());
    }
  }
  secret.erase("stringData");
}

void leave_out_what_the_server_owns(Json& document) {
  document.erase("status");
  Json& metadata = document["metadata"];
  for (const char* field : {"uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
                            "managedFields", "selfLink", "deletionGracePeriodSeconds"})
    metadata.erase(field);
  for (const char* field : {"namespace", "labels", "annotations"}) {
    const auto found = metadata.find(field);
    if (found != metadata.end() && found->is_null()) metadata.erase(field);
  }
  const auto annotations = metadata.find("annotations");
  if (annotations != metadata.end()) annotations->erase(kLastApplied);
}

/// The whole document, to be sent to a server as it stands.
base::Secret content_of(Json document, const std::string& kind, const std::string& ns) {
  leave_out_what_the_server_owns(document);
  document["metadata"]["namespace"] = ns;
  if (kind == "Secret") fold_string_data(document);
  std::string text = document.dump();
  base::Secret content(text);
  base::wipe_memory(text.data(), text.size());
  return content;
}

}  // namespace

DeclaredDocument declared_document(const DocumentView& document, const std::string& file,
                                   const ManifestUse& use) {
  const Json& metadata = document.value.at("metadata");
  const auto ns = metadata.find("namespace");
  DeclaredDocument declared{.kind = document.value.at("kind").get<std::string>(),
                            .ns = use.default_namespace,
                            .name = metadata.at("name").get<std::string>(),
                            .own_namespace = ns != metadata.end() && ns->is_string(),
                            .file = file,
                            .line = document.marks.line,
                            .content = {}};
  if (declared.own_namespace) declared.ns = ns->get<std::string>();
  if (use.keep == ManifestUse::Keep::kDocuments)
    declared.content = content_of(document.value, declared.kind, declared.ns);
  return declared;
}

}  // namespace tlswarden::resource
