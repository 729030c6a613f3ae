#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What the API server remarks on a request that it grants: a deprecated version, an unknown field, an
/// admission policy that only warns.
namespace tlswarden::kube {

/// The texts of a Warning header's value with the code 299, the only one that Kubernetes uses, printable and
/// bounded. By RFC 7234, section 5.5, one value may hold several; as client-go does, what is behind a mistake
/// is passed over.
std::vector<std::string> warning_texts(std::string_view header);

/// Passes each different warning on once, for a server repeats them with every request; of a server that has
/// more than `most`, no more than that. Safe from any thread.
class DistinctWarnings {
 public:
  using Show = std::function<void(const std::string&)>;
  /// `show` is called by one thread at a time.
  explicit DistinctWarnings(Show show, std::size_t most = 100) : most_(most), show_(std::move(show)) {}

  void take(const std::string& text);

 private:
  const std::size_t most_;
  const Show show_;
  std::mutex mutex_;
  std::set<std::string> shown_;
};

}  // namespace tlswarden::kube
