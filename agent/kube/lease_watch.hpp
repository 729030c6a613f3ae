#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "kube/api_client.hpp"
#include "kube/cancellation.hpp"
#include "kube/member_lease.hpp"
#include "kube/object_handler.hpp"
#include "kube/reflector.hpp"

namespace tlswarden::kube {

/// Follows the Leases of a group, by one reflector after another where it is told to begin anew.
class LeaseWatch final : private ObjectHandler {
 public:
  /// What is seen; called from the thread of run().
  struct Told {
    std::function<void()> begins;  ///< the next listing holds all there is
    std::function<void(std::vector<MemberLease> changed, const std::vector<std::string>& gone)> listed;
    std::function<void(MemberLease)> put;
    std::function<void(const std::string& name)> removed;
  };
  struct Services {
    ApiClient& client;
    const base::Clock& clock;
    base::Random& random;
    Pause& pause;
    Cancellation& cancellation;  ///< ends it
  };
  /// All services must outlive it.
  LeaseWatch(Services services, std::string ns, std::string group, Told told);

  /// Blocks until cancelled. To be called once.
  void run();
  /// From any thread: ends the watch under way and begins with a listing.
  void begin_anew();
  /// From any thread. Its counts are those of all reflectors so far.
  ReflectorHealth health() const;

 private:
  void stage(Object object) override { staged_.push_back(read_lease(object.document)); }
  void discard_staged() override { staged_.clear(); }
  void replace(std::vector<ObjectId> gone) override;
  void upsert(Object object) override { told_.put(read_lease(object.document)); }
  void remove(ObjectId id) override { told_.removed(id.name); }
  void run_once();

  const Services services_;
  const std::string ns_, group_;
  const Told told_;
  std::vector<MemberLease> staged_;
  mutable std::mutex mutex_;  ///< for the following
  ReflectorHealth past_;
  Reflector* reflector_ = nullptr;
  Cancellation* until_ = nullptr;
};

}  // namespace tlswarden::kube
