#include "kube/status_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "kube/json_text.hpp"
#include "reconcile/memory_codec.hpp"
#include "resource/codec.hpp"

namespace tlswarden::kube {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kMemory = "agentMemory";
/// The CRD counts characters, of which there are no more than bytes.
constexpr std::size_t kLongestMemory = 16384;

std::string compact(const Json& document) {
  std::string text = document.dump(-1, ' ', false, Json::error_handler_t::replace);
  // Tens of thousands of them are kept.
  text.shrink_to_fit();
  return text;
}

std::string memory_text(reconcile::Memory memory) {
  if (memory.consecutive_failures == 0 && !memory.plaintext && !memory.legacy_protocols) return {};
  std::string text = reconcile::memory_to_text(memory);
  if (text.size() <= kLongestMemory) return text;
  if (memory.plaintext) memory.plaintext->failure.reset();
  return reconcile::memory_to_text(memory);
}

bool ours(const nlohmann::json& condition) {
  const auto type = condition.find("type");
  return type != condition.end() && type->is_string() &&
         std::find(resource::kAllConditions.begin(), resource::kAllConditions.end(),
                   type->get_ref<const std::string&>()) != resource::kAllConditions.end();
}

/// A document in which the order of fields and of conditions means nothing, with our conditions alone.
nlohmann::json comparable(const std::string& text) {
  auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return document;
  const auto conditions = document.find("conditions");
  if (conditions == document.end() || !conditions->is_array()) return document;
  auto by_type = nlohmann::json::object();
  for (nlohmann::json& condition : *conditions) {
    if (!condition.is_object() || !ours(condition)) continue;
    const auto type = condition.at("type").get<std::string>();
    by_type[type] = std::move(condition);
  }
  *conditions = std::move(by_type);
  return document;
}

}  // namespace

StatusText status_text(const reconcile::Record& record) {
  Json document = resource::status_to_json(record.status);
  if (std::string memory = memory_text(record.memory); !memory.empty()) document[kMemory] = std::move(memory);
  return std::make_shared<const std::string>(compact(document));
}

StatusText status_text_of(const Json& document) {
  const auto status = document.find("status");
  if (status == document.end() || !status->is_object()) return nullptr;
  // The schema's own default says that nobody was here.
  const auto generation = status->find("observedGeneration");
  const bool untouched = generation == status->end() || *generation == -1;
  if (untouched && !status->contains("conditions")) return nullptr;
  return std::make_shared<const std::string>(compact(*status));
}

base::Result<reconcile::Record> record_from_text(const std::string& text) {
  const auto document = parse_json(text);
  if (!document) return base::fail("the stored status cannot be read: it is no JSON");
  auto status = resource::status_from_json(*document);
  if (!status) return base::fail(status.error().message);
  std::erase_if(status->conditions, [](const resource::Condition& condition) {
    return std::find(resource::kAllConditions.begin(), resource::kAllConditions.end(), condition.type) ==
           resource::kAllConditions.end();
  });
  reconcile::Record record{std::move(*status), {}};
  const std::string memory = text_at(*document, {kMemory});
  if (memory.empty()) return record;
  auto remembered = reconcile::memory_from_text(memory);
  if (!remembered) return base::fail(remembered.error().message);
  record.memory = std::move(*remembered);
  return record;
}

bool says_the_same(const StatusText& held, const std::string& wanted) {
  return held && (*held == wanted || comparable(*held) == comparable(wanted));
}

}  // namespace tlswarden::kube
