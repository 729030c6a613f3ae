#include "kube/reference_content.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "kube/api_paths.hpp"
#include "kube/wiped_text.hpp"
#include "resource/manifest_material.hpp"

namespace tlswarden::kube {
namespace {

using Json = nlohmann::ordered_json;
using Kind = ReferencedObject::Kind;

constexpr std::size_t kLongestShownKey = 100;

const char* kind_name(const ReferencedObject& object) {
  return object.kind == Kind::kSecret ? "Secret" : "ConfigMap";
}

std::string shown(const ReferencedObject& object) {
  return std::string(kind_name(object)) + " " + object.name + " in namespace " + object.ns;
}

std::string_view text_of(const base::Secret& value) {
  return value.reveal();
}
std::string_view text_of(const std::string& value) {
  return value;
}

template <class Data>
bool same_data(const std::shared_ptr<const Data>& a, const std::shared_ptr<const Data>& b) {
  if (a == b) return true;
  if (!a || !b) return false;
  return std::equal(a->begin(), a->end(), b->begin(), b->end(), [](const auto& one, const auto& other) {
    return one.first == other.first && text_of(one.second) == text_of(other.second);
  });
}

/// Reads the members of one object into values.
class Reading {
 public:
  Reading(const ReferencedObject& object, Json& document) : object_(object), document_(document) {}

  /// Gives each entry of `member` to `take`, decoded where it is base64; false when there is a problem.
  template <class Take>
  bool entries(const char* member, bool base64, const Take& take) {
    const auto found = document_.is_object() ? document_.find(member) : document_.end();
    if (found == document_.end() || found->is_null()) return true;
    if (!found->is_object()) return refuse("its " + std::string(member) + " is no mapping");
    for (auto entry = found->begin(); entry != found->end(); ++entry) {
      const std::string key = base::printable(entry.key(), kLongestShownKey);
      if (!entry.value().is_string()) return refuse("the value of its key " + key + " is no text");
      auto& text = entry.value().get_ref<std::string&>();
      if (base64) {
        auto decoded = resource::decode_base64(text);
        if (!decoded) return refuse("the value of its key " + key + " is no base64");
        wipe_text(text);
        text.swap(*decoded);
      }
      bytes_ += text.size() + entry.key().size();
      if (bytes_ > kMostReferenceBytes) return refuse("it holds more than 4 MiB");
      take(entry.key(), text);
    }
    return true;
  }
  const std::string& problem() const { return problem_; }

 private:
  bool refuse(const std::string& why) {
    problem_ = shown(object_) + " cannot be used: " + why + "; correct it";
    return false;
  }

  const ReferencedObject& object_;
  Json& document_;
  std::size_t bytes_ = 0;
  std::string problem_;
};

ReferenceContent read_secret(Reading& reading) {
  resource::SecretData data;
  const auto take = [&](const std::string& key, const std::string& value) {
    data.insert_or_assign(key, base::Secret(std::string_view(value)));
  };
  if (!reading.entries("data", true, take)) return {nullptr, nullptr, reading.problem()};
  return {std::make_shared<const resource::SecretData>(std::move(data)), nullptr};
}

ReferenceContent read_config_map(Reading& reading) {
  resource::ConfigMapData data;
  const auto take = [&](const std::string& key, const std::string& value) {
    data.insert_or_assign(key, value);
  };
  if (!reading.entries("data", false, take) || !reading.entries("binaryData", true, take)) {
    return {nullptr, nullptr, reading.problem()};
  }
  return {nullptr, std::make_shared<const resource::ConfigMapData>(std::move(data))};
}

bool is_name(std::string_view name, std::size_t longest, std::string_view inner) {
  constexpr std::string_view kEnds = "abcdefghijklmnopqrstuvwxyz0123456789";
  return !name.empty() && name.size() <= longest && kEnds.find(name.front()) != std::string_view::npos &&
         kEnds.find(name.back()) != std::string_view::npos &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return kEnds.find(c) != std::string_view::npos || inner.find(c) != std::string_view::npos;
         });
}

}  // namespace

bool same_content(const ReferenceContent& a, const ReferenceContent& b) {
  return a.problem == b.problem && same_data(a.secret, b.secret) && same_data(a.config_map, b.config_map);
}

ReferenceContent read_reference(const ReferencedObject& object, Json document) {
  Reading reading(object, document);
  ReferenceContent content = object.kind == Kind::kSecret ? read_secret(reading) : read_config_map(reading);
  wipe_texts(document);
  return content;
}

ReferenceContent forbidden_reference(const ReferencedObject& object) {
  return {nullptr, nullptr,
          shown(object) +
              " may not be read by the agent; add it to the chart's value secrets.namespaces, or let the "
              "agent's service account get, list and watch this " +
              kind_name(object) + " by a Role with resourceNames"};
}

ReferenceContent ungiven_reference(const ReferencedObject& object, const std::string& why) {
  return {nullptr, nullptr, shown(object) + " cannot be read: " + why + "; see the API server's log"};
}

std::string collection_path(const ReferencedObject& object) {
  return object.kind == Kind::kSecret ? secrets_path(object.ns) : config_maps_path(object.ns);
}

bool can_exist(const ReferencedObject& object) {
  return is_name(object.name, 253, "-.") && is_name(object.ns, 63, "-");
}

}  // namespace tlswarden::kube
