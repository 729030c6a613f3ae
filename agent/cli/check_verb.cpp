#include "cli/check_verb.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <ostream>
#include <utility>

#include "base/duration.hpp"
#include "base/time_text.hpp"
#include "cli/calendar.hpp"
#include "cli/calendar_file.hpp"
#include "cli/checker.hpp"
#include "cli/choices.hpp"
#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/manifest_loader.hpp"
#include "cli/report.hpp"
#include "cli/summary_report.hpp"
#include "reconcile/target.hpp"
#include "store/reference_resolver.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::cli {
namespace {

using resource::DatabaseEndpoint;
using resource::Manifest;

/// What the options mean.
struct Request {
  Format format = Format::kTable;
  Layout layout;
  bool calendar = false;       ///< instead of the report
  bool calendar_file = false;  ///< in the form of a file
  std::optional<base::WallTime> at;
  std::optional<base::Seconds> timeout;
  std::optional<SummaryKind> summary;
};

struct Findings {
  std::vector<DatabaseEndpoint> endpoints;       ///< status filled
  std::vector<EndpointFacts> facts;              ///< of each, where a summary was asked for
  std::vector<verdict::EndpointCalendar> plans;  ///< of each, where a calendar was asked for
};

const std::map<std::string, Format>& formats() {
  static const std::map<std::string, Format> known{{"table", Format::kTable},
                                                   {"wide", Format::kWide},
                                                   {"json", Format::kJson},
                                                   {"yaml", Format::kYaml},
                                                   {"junit", Format::kJunit}};
  return known;
}

base::Result<Request> understand(const CheckOptions& options, const Surroundings& surroundings) {
  Request request;
  if (options.files.empty() && options.targets.empty()) {
    return base::fail("name what to check: -f FILE, a directory or -, or ENGINE://HOST[:PORT]");
  }
  request.calendar_file = options.output == "ics";
  request.calendar = options.calendar || request.calendar_file;
  if (!request.calendar_file) request.format = formats().at(options.output);
  if (request.calendar && request.format != Format::kTable)
    return base::fail("--calendar: it is a table or, with -o ics, a calendar file");
  request.layout.width = surroundings.terminal.width;
  request.layout.colour =
      options.colour == "always" || (options.colour == "auto" && surroundings.terminal.colour);
  if (!options.at.empty()) {
    const auto at = base::parse_instant(options.at, surroundings.clock.now());
    if (!at) return base::fail("--at: " + at.error().message);
    request.at = *at;
  }
  if (!options.timeout.empty()) {
    const auto timeout = base::parse_duration(options.timeout);
    if (!timeout) return base::fail("--timeout: " + timeout.error().message);
    if (timeout->count() == 0) return base::fail("--timeout: it must be at least 1s");
    request.timeout = *timeout;
  }
  if (!options.summary.empty()) {
    if (request.format == Format::kJunit)
      return base::fail("--summary: there is no JUnit form of it; use -o table, wide, json or yaml");
    request.summary = parse_summary_kind(options.summary);
  }
  return request;
}

Manifest of_target(const std::string& target) {
  std::error_code error;
  if (target.find("://") == std::string::npos && std::filesystem::exists(target, error)) {
    Manifest manifest;
    manifest.diagnostics.push_back({resource::Diagnostic::Severity::kError, target, 0, "",
                                    "files are named with -f: check -f " + target});
    return manifest;
  }
  return resource::manifest_from_url(target);
}

Manifest gather(const CheckOptions& options, int input) {
  std::vector<Manifest> parts;
  if (!options.files.empty()) parts.push_back(load_manifests(options.files, input));
  for (const std::string& target : options.targets)
    parts.push_back(of_target(target));
  return parts.size() == 1 ? std::move(parts.front()) : resource::merge_manifests(std::move(parts));
}

class Check {
 public:
  Check(const CheckOptions& options, const Request& request, const Surroundings& surroundings,
        Manifest manifest)
      : options_(options), request_(request), surroundings_(surroundings), manifest_(std::move(manifest)) {}

  Findings run() {
    resolve();
    const std::vector<probe::Observation> seen = observe();
    const base::WallTime judged_at = request_.at.value_or(surroundings_.clock.now());
    pki::VerificationCache cache;
    const probe::Observation nothing;
    std::vector<EndpointFacts> facts;
    std::vector<verdict::EndpointCalendar> plans;
    std::size_t next = 0;
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
      DatabaseEndpoint& endpoint = endpoints_[i];
      const probe::Observation& observation = endpoint.spec.suspend ? nothing : seen[next++];
      if (request_.summary) {
        facts.push_back(facts_of(
            {endpoint, materials_[i].material, observation, directories_[endpoint.key()]}, judged_at, cache));
      }
      const verdict::History none;
      const verdict::JudgeInput input{endpoint, materials_[i].material, observation, none, judged_at};
      if (request_.calendar) {
        plans.push_back(endpoint.spec.suspend ? verdict::EndpointCalendar{}
                                              : verdict::endpoint_calendar(input, cache));
      }
      if (endpoint.spec.suspend) {
        endpoint.status = verdict::unvisited(endpoint, judged_at);
        continue;
      }
      // One failure is enough for a check that will not be repeated.
      const verdict::History history{endpoint.spec.failure_threshold, std::nullopt};
      endpoint.status =
          verdict::judge({endpoint, materials_[i].material, observation, history, judged_at}, cache);
    }
    return {std::move(endpoints_), std::move(facts), std::move(plans)};
  }

 private:
  void resolve() {
    const store::DocumentsPtr documents = store::take_documents(manifest_);
    directories_ = documents->directories;
    store::ReferenceResolver resolver(documents, surroundings_.clock);
    for (Manifest::Located& located : manifest_.endpoints) {
      if (request_.timeout) located.endpoint.spec.timeout = *request_.timeout;
      materials_.push_back(located.endpoint.spec.suspend ? reconcile::ResolvedMaterial{}
                                                         : resolver.resolve(located.endpoint));
      endpoints_.push_back(std::move(located.endpoint));
    }
  }

  std::vector<probe::Observation> observe() {
    std::vector<probe::Target> targets;
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
      const resource::EndpointSpec& spec = endpoints_[i].spec;
      if (spec.suspend) continue;
      targets.push_back(reconcile::make_target(
          endpoints_[i], materials_[i],
          {spec.plaintext_check.enabled, spec.legacy_protocol_check.enabled, options_.debug}));
    }
    constexpr std::size_t kUsualWidth = 80;
    Progress progress(surroundings_.err, surroundings_.terminal.errors,
                      surroundings_.terminal.width.value_or(kUsualWidth), targets.size());
    return observe_all(targets, surroundings_, progress);
  }

  const CheckOptions& options_;
  const Request& request_;
  const Surroundings& surroundings_;
  Manifest manifest_;
  std::vector<DatabaseEndpoint> endpoints_;
  std::vector<reconcile::ResolvedMaterial> materials_;
  std::map<std::string, std::filesystem::path> directories_;  ///< of the endpoints' manifests
};

std::string report(const SummaryInput& input, const Request& request) {
  if (request.format == Format::kJson) return summary_json(input);
  if (request.format == Format::kYaml) return summary_yaml(input);
  return summary_table(input, request.format == Format::kWide, request.layout);
}

std::string report(const ReportInput& input, const Request& request) {
  switch (request.format) {
    case Format::kJson:
      return json_report(input);
    case Format::kYaml:
      return yaml_report(input);
    case Format::kJunit:
      return junit_report(input);
    case Format::kTable:
    case Format::kWide:
      break;
  }
  return table_report(input, request.format, request.layout);
}

void print_calendar(const std::vector<DatabaseEndpoint>& endpoints,
                    std::vector<verdict::EndpointCalendar> plans, const Request& request,
                    const Surroundings& surroundings) {
  std::vector<PlannedEndpoint> planned;
  for (std::size_t i = 0; i < endpoints.size(); ++i)
    planned.emplace_back(&endpoints[i], std::move(plans[i]));
  const base::WallTime made = surroundings.clock.now();
  const Calendar calendar = make_calendar(planned, request.at.value_or(made), made);
  if (!request.calendar_file) {
    surroundings.out << calendar_table(calendar, request.layout);
  } else if (calendar.entries.empty()) {
    surroundings.err << "tlswarden check: no certificate was seen, so there is no calendar to write\n";
  } else {
    surroundings.out << calendar_file(calendar);
  }
}

int worst_exit_code(const std::vector<DatabaseEndpoint>& endpoints, bool manifest_errors) {
  std::vector<verdict::Severity> severities;
  severities.reserve(endpoints.size() + 1);
  for (const DatabaseEndpoint& endpoint : endpoints)
    severities.push_back(verdict::severity(endpoint.status));
  if (manifest_errors) severities.push_back(verdict::Severity::kUnknown);
  return exit_code(worst(severities));
}

}  // namespace

CLI::App* add_check_verb(CLI::App& app, CheckOptions& options) {
  CLI::App* verb = app.add_subcommand("check", "Check endpoints once, now");
  verb->add_option(
          "target", options.targets,
          "An endpoint without a manifest: ENGINE://[USER@]HOST[:PORT][/DATABASE][?mode=...&serverName=...]")
      ->type_name("");
  verb->add_option("-f,--filename", options.files, "A manifest, a directory of them, or - for standard input")
      ->allow_extra_args(false)
      ->type_name("FILE|DIR|-");
  verb->add_option("-o,--output", options.output,
                   "table, wide, json, yaml, junit, or ics for the calendar as a file")
      ->check(one_of({"table", "wide", "json", "yaml", "junit", "ics"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  verb->add_option("--at", options.at, "Judge as of another day: 2026-03-01, an RFC 3339 time, +30d")
      ->type_name("DATE|+DURATION");
  verb->add_flag("--calendar", options.calendar,
                 "Print what expires or must be rotated when, with its windows");
  verb->add_option("--timeout", options.timeout, "For each whole check, in place of spec.timeout: 5s")
      ->type_name("DURATION");
  verb->add_option("--summary", options.summary,
                   "Group all endpoints by what they share: ca, issuer, client-certificate or secret")
      ->check(one_of({"ca", "issuer", "client-certificate", "secret"}))
      ->type_name("WHAT");
  verb->add_flag("--debug", options.debug, "Print what was exchanged at each stage on standard error");
  verb->add_option("--color,--colour", options.colour, "auto, always or never")
      ->check(one_of({"auto", "always", "never"}))
      ->type_name("WHEN")
      ->capture_default_str();
  verb->footer("Exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (or the manifests cannot be understood).");
  return verb;
}

int run_check(const CheckOptions& options, const Surroundings& surroundings) {
  const auto request = understand(options, surroundings);
  if (!request) return usage_error(surroundings.err, "check", request.error().message);
  Manifest manifest = gather(options, surroundings.input);
  print_diagnostics(surroundings.err, manifest.diagnostics);
  const bool manifest_errors = manifest.has_errors();
  if (manifest.endpoints.empty()) return kExitUnknown;
  const Findings found = Check(options, *request, surroundings, std::move(manifest)).run();
  const base::WallTime now = request->at.value_or(surroundings.clock.now());
  if (request->calendar) {
    print_calendar(found.endpoints, found.plans, *request, surroundings);
  } else if (request->summary) {
    surroundings.out << report(SummaryInput{*request->summary, found.facts, now, request->at.has_value()},
                               *request);
  } else {
    surroundings.out << report(ReportInput{found.endpoints, now, request->at.has_value()}, *request);
  }
  surroundings.out << std::flush;
  return worst_exit_code(found.endpoints, manifest_errors);
}

}  // namespace tlswarden::cli
