#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/endpoint_source.hpp"

namespace tlswarden::cli {

/// What `get` prints of what the server gave.
class EndpointPrinter {
 public:
  EndpointPrinter() = default;
  EndpointPrinter(const EndpointPrinter&) = delete;
  EndpointPrinter& operator=(const EndpointPrinter&) = delete;
  virtual ~EndpointPrinter() = default;

  /// Whether it wants rows from the server, not objects.
  virtual bool wants_table() const = 0;
  /// The columns that came with an answer; null where there were none.
  virtual void learn(const nlohmann::ordered_json& columns) = 0;
  /// All of them, as one list where that makes a difference; without, `items` are printed one after another.
  /// Error: a sentence; what `-o` asks for cannot be had from them.
  virtual base::Result<std::string> print(std::vector<EndpointItem> items, bool as_list) = 0;
  /// Whether an empty list is printed as such, so that nothing has to be said about it.
  virtual bool prints_nothing() const = 0;
};

struct PrinterOptions {
  std::string output;  ///< -o: "", wide, yaml, json, name, jsonpath=…, custom-columns=…
  bool headings = true, namespaces = false, labels = false, managed_fields = false;
  std::vector<std::string> label_columns = {};
};

/// Error: a sentence about `output`.
base::Result<std::unique_ptr<EndpointPrinter>> make_printer(const PrinterOptions& options);

}  // namespace tlswarden::cli
