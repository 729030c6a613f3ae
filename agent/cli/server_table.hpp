#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/endpoint_source.hpp"
#include "cli/text_table.hpp"

namespace tlswarden::cli {

struct ServerTableOptions {
  bool wide = false;  ///< the columns of a lesser priority too
  bool headings = true;
  bool namespaces = false;                      ///< a first column with them
  std::vector<std::string> label_columns = {};  ///< a column for the value of each of these labels
  bool labels = false;                          ///< a last column with all of them
};

/// Prints the rows that a server made as kubectl does.
class ServerTable {
 public:
  explicit ServerTable(ServerTableOptions options) : options_(std::move(options)) {}

  /// What the columns are, from the first answer that says it.
  void learn(const nlohmann::ordered_json& definitions);
  /// The rows, after their headings the first time.
  std::string print(const std::vector<EndpointItem>& items);

 private:
  std::vector<std::string> cells_of(const EndpointItem& item) const;

  const ServerTableOptions options_;
  std::vector<std::size_t> shown_;  ///< which of a row's cells
  std::vector<std::string> headings_;
  TextTable table_;
  bool begun_ = false;
};

}  // namespace tlswarden::cli
