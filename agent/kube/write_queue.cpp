#include "kube/write_queue.hpp"

#include <algorithm>

namespace tlswarden::kube {

void WriteQueue::make_ready(Waiting& waiting) {
  waiting.ready = true;
  (waiting.provisional ? patient_ : ready_).push_back(waiting.id.uid);
}

void WriteQueue::put_off(Waiting& waiting, base::MonoTime due) {
  waiting.due = due;
  put_off_.emplace(due, waiting.id.uid);
}

void WriteQueue::put(const ObjectId& id, StatusText text) {
  Waiting& waiting = waiting_[id.uid];
  waiting.id = id;
  waiting.text = std::move(text);
  waiting.forgotten = false;
  if (waiting.due) {
    put_off_.erase({*waiting.due, id.uid});
    waiting.due.reset();
  }
  const bool overtakes = std::exchange(waiting.provisional, false);
  if ((!waiting.ready || overtakes) && !waiting.under_way) make_ready(waiting);
}

void WriteQueue::put_provisional(const ObjectId& id, StatusText text, base::MonoTime due) {
  if (waiting_.contains(id.uid)) {
    put(id, std::move(text));
    return;
  }
  Waiting& waiting = waiting_[id.uid];
  waiting.id = id;
  waiting.text = std::move(text);
  waiting.provisional = true;
  put_off(waiting, due);
}

void WriteQueue::forget(const std::string& uid) {
  const auto found = waiting_.find(uid);
  if (found == waiting_.end()) return;
  if (found->second.under_way) {
    found->second.forgotten = true;
    return;
  }
  if (found->second.due) put_off_.erase({*found->second.due, uid});
  waiting_.erase(found);
}

WriteQueue::Waiting* WriteQueue::pop(std::deque<std::string>& uids) {
  while (!uids.empty()) {
    const auto found = waiting_.find(uids.front());
    uids.pop_front();
    if (found != waiting_.end() && found->second.ready) return &found->second;
  }
  return nullptr;
}

std::optional<WriteQueue::Item> WriteQueue::take(base::MonoTime now) {
  while (!put_off_.empty() && put_off_.begin()->first <= now) {
    Waiting& waiting = waiting_.at(put_off_.begin()->second);
    put_off_.erase(put_off_.begin());
    waiting.due.reset();
    make_ready(waiting);
  }
  if (held_until_ && (under_way_ > 0 || now < *held_until_)) return std::nullopt;
  Waiting* waiting = pop(ready_);
  if (waiting == nullptr) waiting = pop(patient_);
  if (waiting == nullptr) return std::nullopt;
  waiting->ready = false;
  waiting->under_way = true;
  ++under_way_;
  return Item{waiting->id, waiting->text, waiting->refusals, holding()};
}

std::optional<base::MonoTime> WriteQueue::next_due() const {
  if (held_until_) {
    if (under_way_ > 0 || waiting_.empty()) return std::nullopt;
    if (!ready_.empty() || !patient_.empty() || put_off_.empty()) return held_until_;
    return std::max(*held_until_, put_off_.begin()->first);
  }
  if (put_off_.empty()) return std::nullopt;
  return put_off_.begin()->first;
}

WriteQueue::Waiting* WriteQueue::settled(const Item& item) {
  const auto found = waiting_.find(item.id.uid);
  Waiting& waiting = found->second;
  waiting.under_way = false;
  --under_way_;
  if (waiting.forgotten) {
    waiting_.erase(found);
    return nullptr;
  }
  if (waiting.text == item.text) return &waiting;
  waiting.refusals = 0;
  make_ready(waiting);
  return nullptr;
}

void WriteQueue::done(const Item& item) {
  if (settled(item) != nullptr) waiting_.erase(item.id.uid);
}

void WriteQueue::again(const Item& item) {
  if (Waiting* waiting = settled(item)) make_ready(*waiting);
}

void WriteQueue::later(const Item& item, base::MonoTime due) {
  Waiting* waiting = settled(item);
  if (waiting == nullptr) return;
  ++waiting->refusals;
  put_off(*waiting, due);
}

void WriteQueue::hasten(base::MonoTime now) {
  if (held_until_) held_until_ = now;
  for (const auto& [due, uid] : std::exchange(put_off_, {})) {
    Waiting& waiting = waiting_.at(uid);
    waiting.due.reset();
    make_ready(waiting);
  }
}

StatusText WriteQueue::find(const std::string& uid) const {
  const auto found = waiting_.find(uid);
  return found == waiting_.end() || found->second.forgotten ? nullptr : found->second.text;
}

}  // namespace tlswarden::kube
