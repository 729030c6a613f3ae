#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/endpoint_source.hpp"

namespace tlswarden::cli {

struct ServerTableOptions {
  bool wide = false;  ///< the columns of a lesser priority too
  bool headings = true;
  bool namespaces = false;  ///< a first column with them
  bool labels = false;      ///< a last column with them
};

/// Prints the rows that a server made as kubectl does: at least three blanks between two columns, and columns
/// that never become narrower from one call to the next, so that what a watch adds fits what is there.
class ServerTable {
 public:
  explicit ServerTable(ServerTableOptions options) : options_(options) {}

  /// What the columns are, from the first answer that says it.
  void learn(const nlohmann::ordered_json& definitions);
  /// The rows, after their headings the first time.
  std::string print(const std::vector<EndpointItem>& items);

 private:
  std::vector<std::string> cells_of(const EndpointItem& item) const;
  std::string line(const std::vector<std::string>& cells) const;
  void widen(const std::vector<std::string>& cells);

  const ServerTableOptions options_;
  std::vector<std::size_t> shown_;  ///< which of a row's cells
  std::vector<std::string> headings_;
  std::vector<std::size_t> widths_;
  bool begun_ = false;
};

}  // namespace tlswarden::cli
