#pragma once

#include "cli/agent_options.hpp"
#include "probe/driver.hpp"

namespace tlswarden::cli {

/// Adds the verb to `app` and fills `options`, which must outlive the parsing. The caller calls run_agent()
/// when the returned subcommand (owned by `app`) was parsed.
CLI::App* add_agent_verb(CLI::App& app, AgentOptions& options);

/// Checks the endpoints of manifests or of a cluster until SIGTERM or SIGINT; SIGHUP re-reads the manifests.
/// Prints nothing but logs, on standard error. Must be called from the main thread before any other thread
/// exists. Returns 0 after an orderly end, 1 when it could not start (the reason is logged).
int run_agent(const CLI::App& verb, const AgentOptions& options, const probe::DriverRegistry& drivers);

}  // namespace tlswarden::cli
