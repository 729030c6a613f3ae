#include "kube/write_queue.hpp"

#include <algorithm>

namespace tlswarden::kube {

void WriteQueue::make_ready(Waiting& waiting) {
  waiting.ready = true;
  ready_.push_back(waiting.id.uid);
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
  if (!waiting.ready && !waiting.under_way) make_ready(waiting);
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

std::optional<WriteQueue::Item> WriteQueue::take(base::MonoTime now) {
  while (!put_off_.empty() && put_off_.begin()->first <= now) {
    Waiting& waiting = waiting_.at(put_off_.begin()->second);
    put_off_.erase(put_off_.begin());
    waiting.due.reset();
    make_ready(waiting);
  }
  if (held_until_ && (under_way_ > 0 || now < *held_until_)) return std::nullopt;
  while (!ready_.empty()) {
    const auto found = waiting_.find(ready_.front());
    ready_.pop_front();
    if (found == waiting_.end() || !found->second.ready) continue;
    Waiting& waiting = found->second;
    waiting.ready = false;
    waiting.under_way = true;
    ++under_way_;
    return Item{waiting.id, waiting.text, waiting.refusals, holding()};
  }
  return std::nullopt;
}

std::optional<base::MonoTime> WriteQueue::next_due() const {
  if (held_until_) {
    if (under_way_ > 0 || waiting_.empty()) return std::nullopt;
    if (!ready_.empty() || put_off_.empty()) return held_until_;
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
  waiting->due = due;
  put_off_.emplace(due, item.id.uid);
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
