#include "resource/provider_catalogue.hpp"

#include <string>
#include <utility>

#include "resource/catalogue_entry.hpp"

namespace tlswarden::resource {
namespace {

std::vector<Engine> read_engines(CatalogueEntry& entry) {
  std::vector<Engine> engines;
  for (const std::string& name : entry.texts("engines")) {
    const auto engine = parse_engine(name);
    if (!engine) throw BrokenCatalogue(entry.name() + ".engines: '" + name + "' is no engine");
    engines.push_back(*engine);
  }
  if (engines.empty()) throw BrokenCatalogue(entry.name() + ".engines: empty");
  return engines;
}

void read_trust(CatalogueEntry& entry, ProviderFacts& facts) {
  CatalogueEntry ca(entry.name() + ".ca", entry.field("ca"));
  facts.trust = ca.choice<ProviderTrust>("trust", {{"system", ProviderTrust::kSystem},
                                                   {"bundle", ProviderTrust::kBundle},
                                                   {"none", ProviderTrust::kNone}});
  if (facts.trust == ProviderTrust::kBundle) {
    facts.ca_file = ca.text("file");
    facts.ca_download = ca.text("download");
  }
  ca.finish();
}

ServiceRotation read_rotation(const std::string& name, const YAML::Node& node) {
  CatalogueEntry entry(name, node);
  ServiceRotation rotation;
  rotation.restart = entry.choice<RestartImpact>("restart", {{"never", RestartImpact::kNever},
                                                             {"possible", RestartImpact::kPossible},
                                                             {"always", RestartImpact::kAlways}});
  rotation.tool = entry.field("tool").as<std::string>();
  rotation.command = entry.field("command").as<std::string>();
  if (rotation.command.empty() != rotation.tool.empty())
    throw BrokenCatalogue(name + ": a command and the tool for it come together");
  entry.finish();
  return rotation;
}

ProviderFacts read_facts(const std::string& id, const YAML::Node& node) {
  CatalogueEntry entry(id, node);
  ProviderFacts facts;
  facts.id = id;
  facts.title = entry.text("title");
  facts.engines = read_engines(entry);
  facts.hosts = entry.texts("hosts");
  facts.requires_tls = entry.choice<bool>("tls", {{"required", true}, {"offered", false}});
  read_trust(entry, facts);
  facts.life = entry.text("life");
  facts.rotation = read_rotation(id + ".rotation", entry.field("rotation"));
  facts.change = entry.text("change");
  facts.names = entry.text("names");
  facts.source = entry.text("source");
  entry.finish();
  return facts;
}

}  // namespace

base::Result<std::vector<ProviderFacts>> parse_provider_catalogue(std::string_view yaml) {
  try {
    const YAML::Node providers = YAML::Load(std::string(yaml))["providers"];
    if (!providers.IsDefined() || !providers.IsMap()) throw BrokenCatalogue("providers: missing");
    std::vector<ProviderFacts> catalogue;
    for (const auto& pair : providers)
      catalogue.push_back(read_facts(pair.first.as<std::string>(), pair.second));
    return catalogue;
  } catch (const BrokenCatalogue& error) {
    return base::fail(error.what());
  } catch (const YAML::Exception& error) {
    return base::fail("line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
}

}  // namespace tlswarden::resource
