#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/cluster_object.hpp"
#include "kube/api_client.hpp"

namespace tlswarden::cli {

/// An object that is being deleted.
struct Deletion {
  ClusterObject object;
  std::string uid;  ///< a later object of the same name has another; empty: the server did not tell
};

/// Deletes objects and waits for their end. Blocking.
class Deleter {
 public:
  /// All must outlive this object.
  Deleter(kube::ApiClient& client, kube::Pause& pause, const kube::Cancellation& cancellation,
          const base::Clock& clock)
      : client_(client), pause_(pause), cancellation_(cancellation), clock_(clock) {}

  /// Tells the server to delete `object`, or with `dry_run` asks it what would happen. The error says what
  /// was being done, as kubectl does.
  base::Result<Deletion, kube::ApiError> begin(const ClusterObject& object, bool dry_run);

  /// Blocks until it is gone; false when it is still there at `deadline` (none: waits for ever). A user who
  /// may delete but not look has nothing to wait for. Looks once a second at most.
  base::Result<bool, kube::ApiError> wait(const Deletion& deletion, std::optional<base::MonoTime> deadline);

 private:
  kube::ApiClient& client_;
  kube::Pause& pause_;
  const kube::Cancellation& cancellation_;
  const base::Clock& clock_;
};

}  // namespace tlswarden::cli
