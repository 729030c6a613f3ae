#include "resource/defaults.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "resource/engine.hpp"
#include "resource/manifest_path.hpp"
#include "resource/schema_validation.hpp"

namespace tlswarden::resource {

using Json = nlohmann::ordered_json;

void apply_schema_defaults(const Json& schema, Json& value) {
  if (value.is_array()) {
    const auto items = schema.find("items");
    if (items == schema.end()) return;
    for (Json& item : value)
      apply_schema_defaults(*items, item);
    return;
  }
  const auto properties = schema.find("properties");
  if (!value.is_object() || properties == schema.end()) return;
  for (const auto& [name, field] : properties->items()) {
    if (!value.contains(name)) {
      const auto standard = field.find("default");
      if (standard == field.end()) continue;
      value[name] = *standard;
    }
    apply_schema_defaults(field, value[name]);
  }
}

void apply_spec_defaults(Json& spec) {
  apply_schema_defaults(*field_schema(FieldPath::of("spec")), spec);
  const std::string* name = find_string(spec, FieldPath::of("engine"));
  const auto engine = name == nullptr ? std::nullopt : parse_engine(*name);
  if (!engine) return;
  const EngineFacts& facts = engine_facts(*engine);
  if (!spec.contains("port")) spec["port"] = facts.port;
  // A seed list turns TLS on by itself: https://www.mongodb.com/docs/manual/reference/connection-string/
  const bool seed_list = spec.contains("srv") && spec["srv"] == true;
  const TlsMode mode = seed_list ? TlsMode::kVerifyFull : facts.default_mode;
  if (!spec["tls"].contains("mode")) spec["tls"]["mode"] = std::string(to_string(mode));
}

}  // namespace tlswarden::resource
