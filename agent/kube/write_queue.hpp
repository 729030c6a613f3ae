#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/clock.hpp"
#include "kube/object.hpp"
#include "kube/status_text.hpp"

namespace tlswarden::kube {

/// Which statuses wait to be written, and when each may be tried. Of one endpoint (by uid) only the newest
/// waits, and never two are under way. Not thread-safe.
class WriteQueue {
 public:
  struct Item {
    ObjectId id;
    StatusText text;
    int refusals = 0;    ///< in a row, before this
    bool alone = false;  ///< taken while others are held
  };

  /// Takes the place of what waits for the same uid, and ends a put-off of it.
  void put(const ObjectId& id, StatusText text);
  /// To be tried at `due`, and behind all others, unless something newer has come by then. Where something
  /// waits for the same uid, as put().
  void put_provisional(const ObjectId& id, StatusText text, base::MonoTime due);
  /// Nothing of this uid is to be tried again, whatever comes of what is under way.
  void forget(const std::string& uid);
  /// One that may be tried at `now`, which is then under way until settled by done(), again() or later().
  std::optional<Item> take(base::MonoTime now);
  /// When take() may give something that it does not give yet; nothing while that does not depend on time.
  std::optional<base::MonoTime> next_due() const;

  /// Written, or not to be written any more. What was put meanwhile waits on.
  void done(const Item& item);
  /// To be tried behind all others.
  void again(const Item& item);
  /// To be tried at `due`, or when there is something newer.
  void later(const Item& item, base::MonoTime due);

  /// Nothing is tried before `until`, and then one at a time, until resume().
  void hold(base::MonoTime until) { held_until_ = until; }
  bool holding() const { return held_until_.has_value(); }
  void resume() { held_until_.reset(); }
  /// Whatever is put off or held may be tried at `now`.
  void hasten(base::MonoTime now);

  /// The newest of this uid, under way or not; null when there is none.
  StatusText find(const std::string& uid) const;
  std::size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    ObjectId id;
    StatusText text;
    int refusals = 0;
    bool ready = false;        ///< in `ready_`, or in `patient_` where it is provisional
    bool provisional = false;  ///< something newer is expected
    bool under_way = false;
    bool forgotten = false;                  ///< but under way
    std::optional<base::MonoTime> due = {};  ///< put off until then
  };

  void make_ready(Waiting& waiting);
  void put_off(Waiting& waiting, base::MonoTime due);
  /// The next of these that is still to be tried; null when there is none.
  Waiting* pop(std::deque<std::string>& uids);
  /// No longer under way; null when it was forgotten, or when something newer than `item` waits, which is
  /// then ready.
  Waiting* settled(const Item& item);

  std::unordered_map<std::string, Waiting> waiting_;  ///< by uid
  /// Uids, also of some that were forgotten.
  std::deque<std::string> ready_, patient_;
  std::set<std::pair<base::MonoTime, std::string>> put_off_;
  std::size_t under_way_ = 0;
  std::optional<base::MonoTime> held_until_;
};

}  // namespace tlswarden::kube
