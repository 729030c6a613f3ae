#include "resource/manifest_rules.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "resource/engine.hpp"
#include "resource/manifest_spellings.hpp"
#include "resource/schema_validation.hpp"
#include "resource/schema_validation_words.hpp"
#include "resource/version_constraint.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;
using Meant = std::optional<std::string> (*)(std::string_view);

/// A field with a fixed set of words: a foreign spelling is refused with the right one named.
void check_word(const Json& spec, const FieldPath& path, Meant meant, Report& report) {
  const Json* value = find(spec, path);
  const FieldPath field = FieldPath::of("spec").join(path);
  if (value == nullptr || !value->is_primitive() || value->is_null()) return;
  const Json* schema = field_schema(field);
  const Json& choices = schema->at("enum");
  const std::string given = value->is_string() ? value->get<std::string>() : value->dump();
  if (std::find(choices.begin(), choices.end(), *value) != choices.end()) return;
  if (const auto word = meant(given)) {
    report.error(field,
                 "'" + base::printable(given, 60) + "' is written " + *word + " here; " + accepted(*schema));
  }
}

void check_engine(const Json& spec, Report& report) {
  const std::string* given = find_string(spec, FieldPath::of("engine"));
  if (given == nullptr) return;
  if (const auto reason = refused_engine(*given)) {
    const FieldPath field = FieldPath::of("spec.engine");
    report.error(field, *reason + "; " + accepted(*field_schema(field)));
    return;
  }
  check_word(spec, FieldPath::of("engine"), meant_engine, report);
}

/// Whether the engine can begin TLS in the declared way at all.
void check_negotiation(const Json& spec, Report& report) {
  const std::string* name = find_string(spec, FieldPath::of("engine"));
  const std::string* given = find_string(spec, FieldPath::of("tls.negotiation"));
  if (name == nullptr || given == nullptr) return;
  const auto engine = parse_engine(*name);
  const auto style = parse_negotiation(*given);
  if (!engine || !style) return;
  const EngineFacts& facts = engine_facts(*engine);
  const FieldPath field = FieldPath::of("spec.tls.negotiation");
  if (*style == NegotiationStyle::kInBand && !facts.in_band) {
    report.error(field, facts.title + " cannot start TLS inside its own protocol; accepted: auto or direct");
  }
  if (*style == NegotiationStyle::kDirect && !facts.direct) {
    report.error(field, facts.title + " cannot start with TLS; accepted: auto or in-band");
  }
}

void check_expected_version(const Json& spec, Report& report) {
  const std::string* text = find_string(spec, FieldPath::of("expectedServerVersion"));
  if (text == nullptr || text->empty()) return;
  if (const auto constraint = VersionConstraint::parse(*text); !constraint) {
    report.error(FieldPath::of("spec.expectedServerVersion"), constraint.error().message);
  }
}

constexpr std::size_t kDaysOfWeek = 7;

void check_days(const Json& spec, Report& report) {
  const FieldPath list = FieldPath::of("rotation.maintenanceWindows");
  const Json* windows = find(spec, list);
  if (windows == nullptr || !windows->is_array()) return;
  const std::size_t count = items_to_check(*field_schema(FieldPath::of("spec").join(list)), *windows);
  for (std::size_t i = 0; i < count; ++i) {
    const FieldPath days_path = list.item(i).key("days");
    const Json* days = find(spec, days_path);
    if (days == nullptr || !days->is_array()) continue;
    std::set<std::string> seen;
    for (std::size_t j = 0; j < days->size() && j <= kDaysOfWeek; ++j) {
      const std::string* day = (*days)[j].get_ptr<const std::string*>();
      const FieldPath field = FieldPath::of("spec").join(days_path.item(j));
      if (day == nullptr) continue;
      const auto meant = meant_day(*day);
      if (meant && *meant != *day) {
        report.error(field, "'" + base::printable(*day, 60) + "' is written " + *meant + " here");
      } else if (!seen.insert(*day).second) {
        report.error(field, "the day is named twice; remove one of them");
      }
    }
  }
}

}  // namespace

void report_words(const Json& spec, Report& report) {
  check_engine(spec, report);
  check_word(spec, FieldPath::of("tls.mode"), meant_mode, report);
  check_word(spec, FieldPath::of("tls.minVersion"), meant_version, report);
  check_word(spec, FieldPath::of("tls.negotiation"), meant_negotiation, report);
  check_negotiation(spec, report);
  check_expected_version(spec, report);
  check_days(spec, report);
}

void report_rule_violations(const Json& spec, Report& report) {
  if (!spec.is_object()) return;
  report_words(spec, report);
  report_hosts(spec, report);
  report_times(spec, report);
  report_references(spec, report);
}

}  // namespace tlswarden::resource
