#include "resource/catalogue_entry.hpp"

namespace tlswarden::resource {

CatalogueEntry::CatalogueEntry(std::string name, const YAML::Node& node)
    : name_(std::move(name)), node_(node) {
  if (!node_.IsDefined() || !node_.IsMap()) throw BrokenCatalogue(name_ + ": missing");
}

YAML::Node CatalogueEntry::field(const std::string& key) {
  asked_.insert(key);
  YAML::Node value = node_[key];
  if (!value || value.IsNull()) throw BrokenCatalogue(name_ + "." + key + ": missing");
  return value;
}

std::string CatalogueEntry::text(const std::string& key) {
  auto value = field(key).as<std::string>();
  if (value.empty()) throw BrokenCatalogue(name_ + "." + key + ": empty");
  return value;
}

std::vector<std::string> CatalogueEntry::texts(const std::string& key) {
  std::vector<std::string> values;
  const YAML::Node list = field(key);
  if (!list.IsSequence()) throw BrokenCatalogue(name_ + "." + key + ": not a list");
  for (const auto& item : list)
    values.push_back(item.as<std::string>());
  return values;
}

bool CatalogueEntry::flag(const std::string& key) {
  return field(key).as<bool>();
}

void CatalogueEntry::finish() const {
  for (const auto& pair : node_) {
    const auto key = pair.first.as<std::string>();
    if (!asked_.contains(key)) throw BrokenCatalogue(name_ + "." + key + ": unknown field");
  }
}

}  // namespace tlswarden::resource
