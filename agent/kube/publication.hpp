#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kube/endpoint_register.hpp"
#include "kube/referenced_objects.hpp"
#include "reconcile/ownership.hpp"
#include "reconcile/store.hpp"

namespace tlswarden::kube {

/// The Secrets and ConfigMaps that `endpoint` refers to.
std::set<ReferencedObject> references_of(const resource::DatabaseEndpoint& endpoint);

/// Decides which endpoints are shown to the agent: those of the register that this replica owns and whose
/// references are all settled. Where a new version refers to something that is not yet, the version before
/// it stays. Used by one thread.
class Publication {
 public:
  /// All must outlive it.
  Publication(const EndpointRegister& endpoints, ReferencedObjects& references,
              const reconcile::Ownership& ownership)
      : endpoints_(endpoints), references_(references), ownership_(ownership) {}

  struct Next {
    reconcile::EndpointSetPtr set;            ///< null: as before
    ObjectContentsPtr contents;               ///< those that the set goes with; null: as before
    std::vector<RefusedEndpointPtr> refused;  ///< owned, and not told before
    std::vector<std::string> lost;  ///< uids of those that were owned before, and are not or do not exist
    bool again = false;             ///< objects are followed that nothing in `set` refers to: look once more
  };
  /// Looks at everything again; follows what owned endpoints refer to, and no more. Those that refer to one
  /// of `changed` get a new pointer, so that they are looked at again.
  Next next(const std::set<ReferencedObject>& changed);

  /// How many objects are followed, as of the last next().
  std::size_t references() const { return followed_.size(); }

 private:
  struct Shown {
    reconcile::EndpointPtr source;  ///< as the register had it
    reconcile::EndpointPtr shown;   ///< the same, or a copy of it
  };
  struct Candidate {
    reconcile::EndpointPtr endpoint;
    std::set<ReferencedObject> references;
    std::set<ReferencedObject> references_before;  ///< of the version that is shown, where that is another
  };

  std::vector<Candidate> candidates(Next& next);
  /// Also what the set before refers to: nobody may find it gone before the next set is out.
  void follow(const std::vector<Candidate>& candidates);
  std::set<ReferencedObject> needed(const std::vector<Candidate>& candidates) const;
  bool settled(const std::set<ReferencedObject>& references) const;
  /// What is to be shown for `candidate`; a null source when nothing is.
  Shown choose(const Candidate& candidate, const std::set<ReferencedObject>& changed) const;
  std::vector<std::string> lost(const std::vector<Candidate>& candidates) const;
  const Shown* shown_before(const resource::DatabaseEndpoint& endpoint) const;

  const EndpointRegister& endpoints_;
  ReferencedObjects& references_;
  const reconcile::Ownership& ownership_;
  std::map<std::string, Shown> shown_;           ///< by key
  std::map<std::string, std::int64_t> refused_;  ///< the generation that was told, by uid
  std::set<ReferencedObject> followed_;
  ObjectContentsPtr contents_;
  bool begun_ = false;
};

}  // namespace tlswarden::kube
