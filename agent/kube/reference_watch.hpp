#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "kube/object_handler.hpp"
#include "kube/reference_book.hpp"
#include "kube/reflector.hpp"

namespace tlswarden::kube {

/// Whether the server was heard and cannot give this object, rather than being away or busy: data that it
/// cannot decrypt, an object beyond all bounds. Said to the user once it happened this often on end.
bool object_is_broken(const ApiError& error);
inline constexpr int kBrokenOnEnd = 5;

/// Watches one object by its name, in a thread of its own, and writes into a book what it is.
class ReferenceWatch final : public ObjectHandler {
 public:
  /// All must outlive it.
  struct Services {
    ApiClient& client;
    const base::Clock& clock;
    base::Random& random;
    Pause& pause;
    Cancellation& cancellation;
    ReferenceBook& book;
  };
  /// `denied` is called from the thread, last of all, when the server forbids to list or watch the object:
  /// the watch is over then. Throws std::system_error when the process can have no more threads or
  /// descriptors.
  ReferenceWatch(const Services& services, ReferencedObject object, ReferenceBook::Term term,
                 std::function<void()> denied);
  /// Cancels and waits.
  ~ReferenceWatch() override;

  void cancel() noexcept { cancellation_.cancel(); }
  bool denied() const noexcept { return denied_; }

 private:
  void stage(Object object) override;
  void discard_staged() override { staged_.reset(); }
  void replace(std::vector<ObjectId> gone) override;
  void upsert(Object object) override;
  void remove(ObjectId id) override;

  bool is_ours(const ObjectId& id) const { return id.ns == object_.ns && id.name == object_.name; }
  void tell(ReferenceContent content);
  /// Whether it is over.
  bool failed(const ApiError& error);
  ReflectorOptions reflector_options();

  ReferenceBook& book_;
  const ReferencedObject object_;
  const ReferenceBook::Term term_;
  Cancellation cancellation_;
  std::optional<ReferenceContent> staged_;
  bool present_ = false;
  int broken_ = 0;  ///< how often on end
  std::atomic<bool> denied_{false};
  Reflector reflector_;
  std::thread thread_;  ///< last: it uses the others
};

}  // namespace tlswarden::kube
