#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "kube/cancellation.hpp"

namespace tlswarden::kube {

struct ProcessRequest {
  std::string command;  ///< a path, or a name to look up in PATH
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to this process's own
  base::Seconds timeout{60};
  std::size_t output_limit = std::size_t{1} << 20U;
};

struct ProcessOutcome {
  int status = 0;  ///< the exit code; 128 + N after signal N
  base::Secret output;
  std::string complaint;  ///< the first of what it wrote to standard error; not ours, not yet printable
};

struct ProcessError {
  bool not_found = false;
  std::string message;
};

/// Runs a program to its end, with nothing on its standard input. It and all its children are killed at the
/// timeout, when cancelled, and when it prints more than the limit; each is an Error. Blocks.
base::Result<ProcessOutcome, ProcessError> run_process(const ProcessRequest& request,
                                                       const base::Clock& clock,
                                                       const Cancellation& cancellation);

}  // namespace tlswarden::kube
