#include "resource/engine_catalogue.hpp"

#include <string>
#include <utility>

#include "resource/catalogue_entry.hpp"
#include "resource/version_constraint.hpp"

namespace tlswarden::resource {
namespace {

void read_negotiations(CatalogueEntry& entry, EngineFacts& facts) {
  for (const auto& item : entry.field("negotiations")) {
    const auto style = parse_negotiation(item.as<std::string>());
    if (style == NegotiationStyle::kInBand) {
      facts.in_band = true;
    } else if (style == NegotiationStyle::kDirect) {
      facts.direct = true;
    } else {
      throw BrokenCatalogue(entry.name() + ".negotiations: '" + item.as<std::string>() + "' is not accepted");
    }
  }
  if (!facts.in_band && !facts.direct) throw BrokenCatalogue(entry.name() + ".negotiations: empty");
}

void read_client(CatalogueEntry& entry, EngineFacts& facts) {
  facts.client = entry.text("client");
  facts.names = entry.choice<NameRules>(
      "names",
      {{"libpq", NameRules::kLibpq}, {"openssl", NameRules::kOpenssl}, {"strict", NameRules::kStrict}});
  facts.prefer_verifies_with_ca = entry.flag("preferVerifiesWithCa");
  facts.require_verifies_with_ca = entry.flag("requireVerifiesWithCa");
  facts.client_checks_names = entry.flag("clientChecksNames");
  CatalogueEntry spelling(entry.name() + ".spelling", entry.field("spelling"));
  for (const TlsMode mode : kAllModes) {
    facts.spelling.at(static_cast<std::size_t>(mode)) = spelling.text(std::string(to_string(mode)));
  }
  spelling.finish();
}

std::vector<std::uint16_t> read_ports(CatalogueEntry& ports, const std::string& key) {
  std::vector<std::uint16_t> numbers;
  for (const auto& item : ports.field(key))
    numbers.push_back(item.as<std::uint16_t>());
  if (numbers.empty()) throw BrokenCatalogue(ports.name() + "." + key + ": empty");
  return numbers;
}

CertificateReload read_reload(const std::string& name, const YAML::Node& node) {
  CatalogueEntry entry(name, node);
  CertificateReload reload;
  if (node["versions"]) {
    reload.versions = entry.text("versions");
    const auto constraint = VersionConstraint::parse(reload.versions);
    if (!constraint) throw BrokenCatalogue(name + ".versions: " + constraint.error().message);
  }
  reload.restart = entry.flag("restart");
  reload.place = entry.text("place");
  reload.command = entry.field("command").as<std::string>();
  reload.tool = entry.field("tool").as<std::string>();
  if (reload.command.empty() != reload.tool.empty())
    throw BrokenCatalogue(name + ": a command and the tool for it come together");
  reload.cost = entry.text("cost");
  reload.client_ca = entry.text("clientCA");
  reload.source = entry.text("source");
  entry.finish();
  return reload;
}

void read_serving(CatalogueEntry& entry, const YAML::Node& node, EngineFacts& facts) {
  CatalogueEntry ports(entry.name() + ".ports", entry.field("ports"));
  facts.plain_ports = read_ports(ports, "plain");
  facts.tls_ports = read_ports(ports, "tls");
  ports.finish();
  if (node["directSince"]) facts.direct_since = entry.text("directSince");
  for (const auto& item : entry.field("reloads"))
    facts.reloads.push_back(read_reload(entry.name() + ".reloads", item));
  if (facts.reloads.empty()) throw BrokenCatalogue(entry.name() + ".reloads: empty");
}

EngineFacts read_facts(Engine engine, const YAML::Node& node) {
  CatalogueEntry entry(std::string(to_string(engine)), node);
  EngineFacts facts;
  facts.engine = engine;
  facts.title = entry.text("title");
  facts.port = entry.field("port").as<std::uint16_t>();
  if (facts.port == 0) throw BrokenCatalogue(entry.name() + ".port: 0 is no port");
  const auto mode = parse_mode(entry.text("defaultMode"));
  if (!mode) throw BrokenCatalogue(entry.name() + ".defaultMode: no such mode");
  facts.default_mode = *mode;
  facts.fallback = entry.choice<PreferFallback>("preferFallback", {{"native", PreferFallback::kNative},
                                                                   {"two-pass", PreferFallback::kTwoPass},
                                                                   {"login-only", PreferFallback::kLoginOnly},
                                                                   {"none", PreferFallback::kNone}});
  read_negotiations(entry, facts);
  facts.silent_on_tls = entry.flag("silentOnTls");
  facts.version_needs_login = entry.flag("versionNeedsLogin");
  facts.account_decides = entry.flag("accountDecides");
  read_client(entry, facts);
  read_serving(entry, node, facts);
  facts.enable = entry.text("enable");
  facts.grant = entry.text("grant");
  entry.finish();
  return facts;
}

}  // namespace

base::Result<std::vector<EngineFacts>> parse_engine_catalogue(std::string_view yaml) {
  try {
    const YAML::Node engines = YAML::Load(std::string(yaml))["engines"];
    if (!engines.IsDefined() || !engines.IsMap()) throw BrokenCatalogue("engines: missing");
    std::vector<EngineFacts> catalogue;
    for (const Engine engine : kAllEngines) {
      catalogue.push_back(read_facts(engine, engines[std::string(to_string(engine))]));
    }
    for (const auto& pair : engines) {
      if (!parse_engine(pair.first.as<std::string>())) {
        throw BrokenCatalogue(pair.first.as<std::string>() + ": no such engine");
      }
    }
    return catalogue;
  } catch (const BrokenCatalogue& error) {
    return base::fail(error.what());
  } catch (const YAML::Exception& error) {
    return base::fail("line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
}

}  // namespace tlswarden::resource
