#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/explain_client.hpp"
#include "cli/surroundings.hpp"

namespace tlswarden::cli {

struct ExplainOptions {
  std::vector<std::string> topic;  ///< words of one topic; empty: the list of topics
  ClientQuestion client = {};      ///< only with the topic "client"
};

/// Everything that can be asked for by a name: reasons, fields, engines, hosted services, clients.
std::vector<std::string> explain_topics();

CLI::App* add_explain_verb(CLI::App& app, ExplainOptions& options);

/// Explains a reason by name or by the wording that another program printed, a field by its path, an engine
/// as "engine/NAME", or as "client" what to write in an endpoint's clients. Returns 0, or 3 when there is
/// nothing of that name, with the nearest ones on `err`.
int run_explain(const ExplainOptions& options, const Surroundings& surroundings);

}  // namespace tlswarden::cli
