#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "probe/driver.hpp"

namespace tlswarden::cli {

/// The options of `tlswarden agent`, as given; run_agent() answers for what is wrong with them.
struct AgentOptions {
  std::vector<std::string> manifests;     ///< directories that are watched; at least one
  std::string state = "tlswarden.db";     ///< the embedded store, relative to the working directory
  std::string listen = "127.0.0.1:9464";  ///< HOST:PORT; port 0 takes a free one
  std::size_t workers = 0;                ///< threads that check; 0: one per processor, at most 8
  std::size_t max_checks = 256;           ///< checks under way at once, over all workers
  std::size_t max_checks_per_host = 4;    ///< of these, on one host
  std::string log_format = "text";        ///< text or json
  std::string log_level = "info";
  std::vector<std::string> expose_labels;  ///< keys of metadata.labels that metrics tell; at most 16
  base::Seconds grace{25};                 ///< how long SIGTERM waits for checks under way
};

/// Adds the verb to `app` and fills `options`, which must outlive the parsing. The caller calls run_agent()
/// when the returned subcommand (owned by `app`) was parsed.
CLI::App* add_agent_verb(CLI::App& app, AgentOptions& options);

/// Watches the manifests and checks what they declare until SIGTERM or SIGINT; SIGHUP re-reads them. Prints
/// nothing but logs, on standard error. Must be called from the main thread before any other thread exists.
/// Returns 0 after an orderly end, 1 when it could not start (the reason is logged).
int run_agent(const AgentOptions& options, const probe::DriverRegistry& drivers);

}  // namespace tlswarden::cli
