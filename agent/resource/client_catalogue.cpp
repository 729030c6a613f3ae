#include "resource/client_catalogue.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "resource/catalogue_entry.hpp"
#include "schema/embedded.hpp"

namespace tlswarden::resource {
namespace {

void only(const YAML::Node& node, const std::string& name, const std::set<std::string>& known) {
  if (!node.IsMap()) throw BrokenCatalogue(name + ": is no map");
  for (const auto& pair : node) {
    const auto key = pair.first.as<std::string>();
    if (known.contains(key)) continue;
    std::string message = name;
    message.append(".").append(key).append(": unknown field");
    throw BrokenCatalogue(message);
  }
}

std::string text(const YAML::Node& node, const std::string& name, const std::string& key) {
  const YAML::Node value = node[key];
  if (!value || value.IsNull()) throw BrokenCatalogue(name + "." + key + ": missing");
  return value.as<std::string>();
}

std::string optional_text(const YAML::Node& node, const std::string& key) {
  const YAML::Node value = node[key];
  return value && !value.IsNull() ? value.as<std::string>() : std::string();
}

std::size_t mode_index(const std::string& word, const std::string& name) {
  const auto mode = parse_mode(word);
  if (!mode) throw BrokenCatalogue(name + ": '" + word + "' is no mode");
  return static_cast<std::size_t>(*mode);
}

ClientPart read_part(const YAML::Node& node, const std::string& name) {
  ClientPart part{text(node, name, "where"), text(node, name, "quoting"), text(node, name, "text")};
  if (!part.text.ends_with('\n')) part.text.push_back('\n');
  return part;
}

void read_modes(const YAML::Node& node, const std::string& name, ClientFacts& facts) {
  for (const auto& pair : node["modes"]) {
    facts.spelling.at(mode_index(pair.first.as<std::string>(), name + ".modes")) =
        pair.second.as<std::string>();
  }
  for (const auto& pair : node["nearest"]) {
    const std::size_t instead = mode_index(pair.second.as<std::string>(), name + ".nearest");
    facts.nearest.at(mode_index(pair.first.as<std::string>(), name + ".nearest")) = kAllModes.at(instead);
  }
  for (const auto& pair : node["notes"]) {
    facts.notes.at(mode_index(pair.first.as<std::string>(), name + ".notes")) = pair.second.as<std::string>();
  }
  for (const TlsMode mode : kAllModes) {
    const auto i = static_cast<std::size_t>(mode);
    const std::string field = name + ".modes." + std::string(to_string(mode));
    if (facts.spelling.at(i).has_value() == facts.nearest.at(i).has_value()) {
      throw BrokenCatalogue(field + ": either a spelling or what is nearest to it must be given");
    }
    if (facts.nearest.at(i) && !facts.spelling.at(static_cast<std::size_t>(*facts.nearest.at(i)))) {
      throw BrokenCatalogue(field + ": what is named as nearest has no spelling");
    }
  }
}

ClientFacts read_client(const YAML::Node& node) {
  ClientFacts facts;
  facts.id = text(node, "client", "id");
  const std::string& name = facts.id;
  only(node, name,
       {"id", "aliases", "title", "kind", "engines", "modes", "nearest", "notes", "note", "where", "quoting",
        "text", "parts"});
  facts.title = text(node, name, "title");
  facts.kind = text(node, name, "kind");
  facts.note = optional_text(node, "note");
  for (const auto& alias : node["aliases"])
    facts.aliases.push_back(alias.as<std::string>());
  for (const auto& item : node["engines"]) {
    const auto engine = parse_engine(item.as<std::string>());
    if (!engine) throw BrokenCatalogue(name + ".engines: '" + item.as<std::string>() + "' is no engine");
    facts.engines.push_back(*engine);
  }
  if (facts.engines.empty()) throw BrokenCatalogue(name + ".engines: empty");
  if (node["parts"]) {
    for (const auto& part : node["parts"]) {
      only(part, name + ".parts", {"where", "quoting", "text"});
      facts.parts.push_back(read_part(part, name + ".parts"));
    }
  } else {
    facts.parts.push_back(read_part(node, name));
  }
  read_modes(node, name, facts);
  return facts;
}

void refuse_doubles(const std::vector<ClientFacts>& catalogue) {
  for (const Engine engine : kAllEngines) {
    std::set<std::string> seen;
    for (const ClientFacts& client : catalogue) {
      if (!client.serves(engine)) continue;
      std::vector<std::string> words = client.aliases;
      words.push_back(client.id);
      for (const std::string& word : words) {
        if (!seen.insert(word).second) {
          throw BrokenCatalogue(client.id + ": " + std::string(to_string(engine)) + " has '" + word +
                                "' twice");
        }
      }
    }
  }
}

std::vector<ClientFacts> embedded_catalogue() {
  auto catalogue = parse_client_catalogue(schema::clients());
  if (!catalogue) {
    // The file is part of the program and a test vouches for it: a build that gets here must not run.
    spdlog::critical("schema/clients.yaml: {}", catalogue.error().message);
    std::abort();
  }
  return std::move(*catalogue);
}

}  // namespace

bool ClientFacts::serves(Engine engine) const {
  return std::find(engines.begin(), engines.end(), engine) != engines.end();
}

TlsMode ClientFacts::effective(TlsMode mode) const {
  return nearest.at(static_cast<std::size_t>(mode)).value_or(mode);
}

base::Result<std::vector<ClientFacts>> parse_client_catalogue(std::string_view yaml) {
  try {
    const YAML::Node clients = YAML::Load(std::string(yaml))["clients"];
    if (!clients.IsDefined() || !clients.IsSequence()) throw BrokenCatalogue("clients: missing");
    std::vector<ClientFacts> catalogue;
    for (const auto& node : clients)
      catalogue.push_back(read_client(node));
    refuse_doubles(catalogue);
    return catalogue;
  } catch (const BrokenCatalogue& error) {
    return base::fail(error.what());
  } catch (const YAML::Exception& error) {
    return base::fail("line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
}

std::span<const ClientFacts> all_clients() {
  static const std::vector<ClientFacts> catalogue = embedded_catalogue();
  return catalogue;
}

std::vector<const ClientFacts*> clients_of(Engine engine) {
  std::vector<const ClientFacts*> clients;
  for (const ClientFacts& client : all_clients()) {
    if (client.serves(engine)) clients.push_back(&client);
  }
  return clients;
}

}  // namespace tlswarden::resource
