#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "kube/reference_content.hpp"

namespace tlswarden::kube {

/// What is known of the objects that are wanted, and which of it is news. Safe from any thread.
class ReferenceBook {
 public:
  /// One time of being wanted: what was found out during an earlier one does not count.
  using Term = std::uint64_t;

  /// From now on these and no others; what is known of the others is forgotten at once. Whether that is
  /// another set than before.
  bool want(const std::set<ReferencedObject>& wanted);
  std::map<ReferencedObject, Term> wanted() const;

  /// Whether that was news. Void for an object that is not wanted, or not any more for that time.
  bool put(const ReferencedObject& object, Term term, ReferenceContent content);
  /// Whether it was read, as opposed to unknown, absent or not readable.
  bool read(const ReferencedObject& object) const;
  bool settled(const ReferencedObject& object) const;
  ObjectContentsPtr contents() const;

  /// Blocks until there is news; false once closed.
  bool await_news();
  std::set<ReferencedObject> take_news();
  void close();

 private:
  struct Entry {
    Term term = 0;
    std::optional<ReferenceContent> content;
  };

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<ReferencedObject, Entry> entries_;
  std::set<ReferencedObject> news_;
  mutable ObjectContentsPtr contents_;  ///< null: to be put together again
  Term terms_ = 0;
  bool closed_ = false;
};

}  // namespace tlswarden::kube
