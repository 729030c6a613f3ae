#include "resource/engine_catalogue.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

namespace tlswarden::resource {
namespace {

/// What is wrong with the catalogue; never leaves this file.
class Broken : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One entry, read field by field; remembers which fields were asked for so that a misspelt one is noticed.
class Entry {
 public:
  Entry(std::string name, const YAML::Node& node) : name_(std::move(name)), node_(node) {
    if (!node_.IsDefined() || !node_.IsMap()) throw Broken(name_ + ": missing");
  }

  YAML::Node field(const std::string& key) {
    asked_.insert(key);
    YAML::Node value = node_[key];
    if (!value || value.IsNull()) throw Broken(name_ + "." + key + ": missing");
    return value;
  }

  std::string text(const std::string& key) {
    auto value = field(key).as<std::string>();
    if (value.empty()) throw Broken(name_ + "." + key + ": empty");
    return value;
  }

  bool flag(const std::string& key) { return field(key).as<bool>(); }

  template <class Value>
  Value choice(const std::string& key, std::initializer_list<std::pair<std::string_view, Value>> accepted) {
    const std::string given = text(key);
    for (const auto& [word, value] : accepted) {
      if (word == given) return value;
    }
    throw Broken(name_ + "." + key + ": '" + given + "' is not accepted");
  }

  void finish() const {
    for (const auto& pair : node_) {
      const auto key = pair.first.as<std::string>();
      if (!asked_.contains(key)) throw Broken(name_ + "." + key + ": unknown field");
    }
  }

  const std::string& name() const { return name_; }

 private:
  std::string name_;
  YAML::Node node_;
  std::set<std::string> asked_;
};

void read_negotiations(Entry& entry, EngineFacts& facts) {
  for (const auto& item : entry.field("negotiations")) {
    const auto style = parse_negotiation(item.as<std::string>());
    if (style == NegotiationStyle::kInBand) {
      facts.in_band = true;
    } else if (style == NegotiationStyle::kDirect) {
      facts.direct = true;
    } else {
      throw Broken(entry.name() + ".negotiations: '" + item.as<std::string>() + "' is not accepted");
    }
  }
  if (!facts.in_band && !facts.direct) throw Broken(entry.name() + ".negotiations: empty");
}

void read_client(Entry& entry, EngineFacts& facts) {
  facts.client = entry.text("client");
  facts.names = entry.choice<NameRules>(
      "names",
      {{"libpq", NameRules::kLibpq}, {"openssl", NameRules::kOpenssl}, {"strict", NameRules::kStrict}});
  facts.prefer_verifies_with_ca = entry.flag("preferVerifiesWithCa");
  facts.require_verifies_with_ca = entry.flag("requireVerifiesWithCa");
  facts.client_checks_names = entry.flag("clientChecksNames");
  Entry spelling(entry.name() + ".spelling", entry.field("spelling"));
  for (const TlsMode mode : kAllModes) {
    facts.spelling.at(static_cast<std::size_t>(mode)) = spelling.text(std::string(to_string(mode)));
  }
  spelling.finish();
}

EngineFacts read_facts(Engine engine, const YAML::Node& node) {
  Entry entry(std::string(to_string(engine)), node);
  EngineFacts facts;
  facts.engine = engine;
  facts.title = entry.text("title");
  facts.port = entry.field("port").as<std::uint16_t>();
  if (facts.port == 0) throw Broken(entry.name() + ".port: 0 is no port");
  const auto mode = parse_mode(entry.text("defaultMode"));
  if (!mode) throw Broken(entry.name() + ".defaultMode: no such mode");
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
  facts.reload = entry.text("reload");
  facts.enable = entry.text("enable");
  facts.grant = entry.text("grant");
  entry.finish();
  return facts;
}

}  // namespace

base::Result<std::vector<EngineFacts>> parse_engine_catalogue(std::string_view yaml) {
  try {
    const YAML::Node engines = YAML::Load(std::string(yaml))["engines"];
    if (!engines.IsDefined() || !engines.IsMap()) throw Broken("engines: missing");
    std::vector<EngineFacts> catalogue;
    for (const Engine engine : kAllEngines) {
      catalogue.push_back(read_facts(engine, engines[std::string(to_string(engine))]));
    }
    for (const auto& pair : engines) {
      if (!parse_engine(pair.first.as<std::string>())) {
        throw Broken(pair.first.as<std::string>() + ": no such engine");
      }
    }
    return catalogue;
  } catch (const Broken& error) {
    return base::fail(error.what());
  } catch (const YAML::Exception& error) {
    return base::fail("line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
}

}  // namespace tlswarden::resource
