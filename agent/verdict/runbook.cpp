#include "verdict/runbook.hpp"

#include <algorithm>

#include "verdict/server_version.hpp"

namespace tlswarden::verdict {
namespace {

using resource::CertificateReload;
using resource::ProviderFacts;
using resource::RestartImpact;

const resource::EngineFacts& facts_of(const JudgeInput& input) {
  return resource::engine_facts(input.endpoint.spec.engine);
}

std::vector<const CertificateReload*> reloads(const JudgeInput& input) {
  return resource::reloads_for(facts_of(input), reported_version(input.observation));
}

std::string quoted(const std::string& command) {
  return "`" + command + "`";
}

std::string impact(RestartImpact restart) {
  switch (restart) {
    case RestartImpact::kNever:
      return "The instance does not restart.";
    case RestartImpact::kPossible:
      return "That may restart the instance, which drops its connections.";
    case RestartImpact::kAlways:
      return "That restarts the instance, which drops its connections: do it in its maintenance window.";
  }
  return {};
}

std::string verify_step(const resource::DatabaseEndpoint& endpoint) {
  return "Verify with `tlswarden check -f FILE`, where FILE declares " + endpoint.metadata.name +
         "; a running agent sees it at its next check.";
}

}  // namespace

std::string reload_step(const CertificateReload& reload) {
  if (reload.command.empty()) return "No command is needed. " + reload.cost;
  const char* kind = reload.restart ? "Restart with " : "Reload with ";
  return kind + quoted(reload.command) + " in " + reload.tool + ". " + reload.cost;
}

std::string service_step(const resource::ServiceRotation& rotation) {
  if (rotation.command.empty())
    return "Nothing is yours to run: the service exchanges the certificate itself.";
  return "In " + rotation.tool + ": " + quoted(rotation.command) + ". " + impact(rotation.restart);
}

std::vector<std::string> serving_steps(const JudgeInput& input) {
  std::vector<std::string> steps;
  std::vector<std::string> sources;
  if (const ProviderFacts* service = resource::provider_of(input.endpoint.spec)) {
    steps = {service->title + ": " + service->life, service_step(service->rotation), service->change};
    sources = {service->source};
  } else {
    const auto runbooks = reloads(input);
    steps.push_back(runbooks.front()->place);
    for (const CertificateReload* reload : runbooks) {
      // The version decides and is not known: the reader has to.
      const bool one_of_several = runbooks.size() > 1;
      steps.push_back((one_of_several ? facts_of(input).title + " " + reload->versions + ": " : "") +
                      reload_step(*reload));
      if (std::find(sources.begin(), sources.end(), reload->source) == sources.end())
        sources.push_back(reload->source);
    }
  }
  steps.push_back(verify_step(input.endpoint));
  for (const std::string& source : sources)
    steps.push_back("Source: " + source);
  return steps;
}

std::string client_ca_step(const JudgeInput& input) {
  if (resource::provider_of(input.endpoint.spec) != nullptr) return {};
  return "If the CA of client certificates changes: " + reloads(input).front()->client_ca;
}

std::string reload_hint(const JudgeInput& input) {
  if (const ProviderFacts* service = resource::provider_of(input.endpoint.spec)) {
    const std::string& command = service->rotation.command;
    return command.empty() ? "ask " + service->title + " why it still serves the old certificate"
                           : "let " + service->title + " exchange it with " + quoted(command);
  }
  const CertificateReload& reload = *reloads(input).front();
  if (reload.command.empty())
    return "see that the new files are where the server reads them, as it needs no command to take them up";
  return (reload.restart ? "restart the server with " : "reload it with ") + quoted(reload.command);
}

}  // namespace tlswarden::verdict
