#include "cli/explain_verb.hpp"

#include <algorithm>
#include <ostream>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "cli/choices.hpp"
#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/explain_client.hpp"
#include "cli/explain_engine.hpp"
#include "cli/explain_page.hpp"
#include "cli/explain_provider.hpp"
#include "cli/schema_words.hpp"
#include "resource/engine.hpp"
#include "verdict/reasons.hpp"

namespace tlswarden::cli {
namespace {

constexpr std::string_view kEnginePrefix = "engine/";
constexpr std::string_view kClientTopic = "client";

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
  page.section("CLIENTS",
               "client -f FILE: what to write in each client's own configuration to get the mode of an "
               "endpoint.");
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
  for (const std::string& path : all_field_paths()) {
    // Also by the last step alone, for those who do not know where it stands.
    if (base::equal_ignoring_case(path.substr(path.rfind('.') + 1), topic)) return path;
  }
  return base::nearest(topic, explain_topics());
}

}  // namespace

std::vector<std::string> explain_topics() {
  std::vector<std::string> names{std::string(kClientTopic)};
  for (const verdict::Reason& reason : verdict::all_reasons())
    names.push_back(reason.name);
  for (const resource::Engine engine : resource::kAllEngines) {
    names.push_back(std::string(kEnginePrefix) + std::string(to_string(engine)));
  }
  for (const resource::ProviderFacts& facts : resource::all_providers())
    names.push_back(std::string(kProviderPrefix) + facts.id);
  names.insert(names.end(), all_field_paths().begin(), all_field_paths().end());
  return names;
}

CLI::App* add_explain_verb(CLI::App& app, ExplainOptions& options) {
  CLI::App* verb = app.add_subcommand("explain",
                                      "Explain a reason, an error message, a field, an engine, a hosted "
                                      "service, or what to write in a client");
  verb->add_option("topic", options.topic,
                   "CertificateExpired, \"certificate verify failed\", spec.tls.mode, engine/mysql, "
                   "provider/aws-rds, client")
      ->type_name("");
  ClientQuestion& client = options.client;
  verb->add_option("-f,--filename", client.files,
                   "For client: the endpoint's manifest, a directory, or - for standard input")
      ->allow_extra_args(false)
      ->type_name("FILE|DIR|-");
  verb->add_option("--for", client.wanted, "For client: one client alone, such as psql or jdbc")
      ->type_name("CLIENT");
  verb->add_option("--mode", client.mode, "For client: another mode than the endpoint declares")
      ->check(one_of({"disable", "prefer", "require", "verify-ca", "verify-full"}))
      ->type_name("MODE");
  verb->add_option("-o,--output", client.output, "For client: text or json")
      ->check(one_of({"text", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  return verb;
}

int run_explain(const ExplainOptions& options, const Surroundings& surroundings) {
  ExplainPage page(surroundings);
  const std::string topic = base::join(options.topic, " ");
  const ClientQuestion& client = options.client;
  if (topic == kClientTopic) return explain_client(client, surroundings);
  if (!client.files.empty() || !client.wanted.empty() || !client.mode.empty() || client.output != "text") {
    return usage_error(surroundings.err, "explain",
                       "-f, --for, --mode and -o go with the topic client alone");
  }
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
