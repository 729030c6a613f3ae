#include "cli/explain_verb.hpp"

#include <algorithm>
#include <ostream>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/explain_page.hpp"
#include "cli/explain_provider.hpp"
#include "cli/schema_words.hpp"
#include "cli/text_layout.hpp"
#include "resource/engine.hpp"
#include "verdict/reasons.hpp"

namespace tlswarden::cli {
namespace {

constexpr std::string_view kEnginePrefix = "engine/";

void explain_reason(const verdict::Reason& reason, ExplainPage& page) {
  page.title(reason.name);
  page.section("MEANING", reason.summary);
  page.section("CAUSE", reason.cause);
  page.section("NEXT STEP", reason.advice);
  page.steps("STEPS", reason.steps);
  page.list("ALSO KNOWN AS", reason.also_known);
}

/// What other programs say of several things is explained by the first; the others are named.
void explain_reasons(const std::vector<const verdict::Reason*>& reasons, ExplainPage& page) {
  explain_reason(*reasons.front(), page);
  Table others{{"REASON", "MEANING"}, {}};
  for (std::size_t i = 1; i < reasons.size(); ++i)
    others.rows.push_back({{reasons[i]->name}, {reasons[i]->summary}});
  page.table("THE SAME WORDS ARE ALSO SAID OF", others);
}

void explain_field(const FieldWords& field, ExplainPage& page) {
  page.title(field.path + " <" + field.type + ">" + (field.required ? " -required-" : ""));
  page.section("DESCRIPTION", field.description);
  page.section("DEFAULT", field.default_value);
  page.section("ACCEPTED", base::join(field.accepted, ", "));
  page.section("BOUNDS", base::join(field.bounds, ", "));
  Table table{{"FIELD", "TYPE", "DESCRIPTION"}, {}};
  for (const FieldWords::Child& child : field.children) {
    table.rows.push_back(
        {{child.name}, {child.type}, {child.description + (child.required ? " (required)" : "")}});
  }
  page.table("FIELDS", table);
}

std::string ways(const resource::EngineFacts& facts) {
  if (facts.in_band && facts.direct) return "in-band or direct";
  return facts.in_band ? "in-band" : "direct";
}

std::string fallback(const resource::EngineFacts& facts) {
  switch (facts.fallback) {
    case resource::PreferFallback::kNative:
      return "The client itself goes on in plaintext when TLS does not come about.";
    case resource::PreferFallback::kTwoPass:
      return "Plaintext only after an error of TLS itself, never after one of the network or of "
             "authentication.";
    case resource::PreferFallback::kLoginOnly:
      return "The client encrypts only the login, and what follows it only where the server insists. It goes "
             "on in plaintext where the server offers no TLS, never after a failed handshake.";
    case resource::PreferFallback::kNone:
      break;
  }
  return "The client has no fallback, so prefer is the same as require.";
}

void explain_engine(const resource::EngineFacts& facts, ExplainPage& page) {
  page.title(facts.title + " (engine: " + std::string(to_string(facts.engine)) + ")");
  page.section("DEFAULTS", "port " + std::to_string(facts.port) + ", mode " +
                               std::string(to_string(facts.default_mode)) + ", TLS starts " + ways(facts));
  page.section("MODE PREFER", fallback(facts));
  Table table{{"MODE", "AS " + facts.client + " SPELLS IT"}, {}};
  for (const resource::TlsMode mode : resource::kAllModes) {
    table.rows.push_back(
        {{std::string(to_string(mode))}, {facts.spelling.at(static_cast<std::size_t>(mode))}});
  }
  page.table("MODES", table);
  page.section("SWITCHING TLS ON", facts.enable);
  page.section("TAKING UP A NEW CERTIFICATE", facts.reload);
  page.section("ACCOUNT FOR A LOGIN CHECK", facts.grant);
}

void list_topics(ExplainPage& page) {
  page.title("tlswarden explain TOPIC");
  page.section("FIELDS", "A path such as spec.tls.mode; spec and status show what is below them.");
  Table engines{{"TOPIC", "ENGINE"}, {}};
  for (const resource::Engine engine : resource::kAllEngines) {
    engines.rows.push_back({{std::string(kEnginePrefix) + std::string(to_string(engine))},
                            {resource::engine_facts(engine).title}});
  }
  page.table("ENGINES", engines);
  Table providers{{"TOPIC", "HOSTED SERVICE"}, {}};
  for (const resource::ProviderFacts& facts : resource::all_providers())
    providers.rows.push_back({{std::string(kProviderPrefix) + facts.id}, {facts.title}});
  page.table("HOSTED SERVICES", providers);
  Table reasons{{"TOPIC", "MEANING"}, {}};
  for (const verdict::Reason& reason : verdict::all_reasons())
    reasons.rows.push_back({{reason.name}, {reason.summary}});
  page.table("REASONS, or the wording of an error that another program printed", reasons);
}

/// Engines are asked for as engine/NAME; the bare name is understood as well.
const resource::EngineFacts* engine_topic(std::string_view topic) {
  const bool prefixed = base::lower_ascii(topic).starts_with(kEnginePrefix);
  const auto engine =
      resource::parse_engine(base::lower_ascii(prefixed ? topic.substr(kEnginePrefix.size()) : topic));
  return engine ? &resource::engine_facts(*engine) : nullptr;
}

/// Fields may be named without their first step: tls.mode.
std::optional<FieldWords> field_topic(std::string_view topic) {
  if (auto field = find_field(topic)) return field;
  for (const char* start : {"spec.", "status."}) {
    if (auto field = find_field(start + std::string(topic))) return field;
  }
  return std::nullopt;
}

std::optional<std::string> nearest_topic(std::string_view topic) {
  std::vector<std::string> names;
  for (const verdict::Reason& reason : verdict::all_reasons())
    names.push_back(reason.name);
  for (const resource::Engine engine : resource::kAllEngines) {
    names.push_back(std::string(kEnginePrefix) + std::string(to_string(engine)));
  }
  for (const resource::ProviderFacts& facts : resource::all_providers())
    names.push_back(std::string(kProviderPrefix) + facts.id);
  names.insert(names.end(), all_field_paths().begin(), all_field_paths().end());
  for (const std::string& path : all_field_paths()) {
    // Also by the last step alone, for those who do not know where it stands.
    if (base::equal_ignoring_case(path.substr(path.rfind('.') + 1), topic)) return path;
  }
  return base::nearest(topic, names);
}

}  // namespace

CLI::App* add_explain_verb(CLI::App& app, ExplainOptions& options) {
  CLI::App* verb = app.add_subcommand(
      "explain", "Explain a reason, an error message, a field, an engine or a hosted service");
  verb->add_option(
          "topic", options.topic,
          "CertificateExpired, \"certificate verify failed\", spec.tls.mode, engine/mysql, provider/aws-rds")
      ->type_name("");
  return verb;
}

int run_explain(const ExplainOptions& options, const Surroundings& surroundings) {
  ExplainPage page(surroundings);
  const std::string topic = base::join(options.topic, " ");
  if (topic.empty()) {
    list_topics(page);
    return kExitOk;
  }
  if (const verdict::Reason* reason = verdict::find_reason(topic)) {
    explain_reason(*reason, page);
  } else if (const resource::EngineFacts* engine = engine_topic(topic)) {
    explain_engine(*engine, page);
  } else if (const resource::ProviderFacts* service = provider_topic(topic)) {
    explain_provider(*service, page);
  } else if (const auto field = field_topic(topic)) {
    explain_field(*field, page);
  } else if (const auto by_wording = verdict::find_reasons_by_wording(topic); !by_wording.empty()) {
    explain_reasons(by_wording, page);
  } else {
    const auto near = nearest_topic(topic);
    surroundings.err << "error: there is no reason, field, engine or hosted service '"
                     << base::printable(topic, 120) << "'" << (near ? "; did you mean " + *near + "?" : "")
                     << "\nRun `tlswarden explain` for a list of topics.\n";
    return kExitUnknown;
  }
  return kExitOk;
}

}  // namespace tlswarden::cli
