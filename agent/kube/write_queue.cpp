#include "kube/write_queue.hpp"

#include <algorithm>

namespace tlswarden::kube {

void WriteQueue::put(const ObjectId& id, StatusText text) {
  const auto [place, fresh] = waiting_.try_emplace(id.uid);
  Waiting& waiting = place->second;
  waiting.id = id;
  waiting.text = std::move(text);
  if (fresh) ready_.push_back(id.uid);
  if (!waiting.due) return;
  put_off_.erase({*waiting.due, id.uid});
  waiting.due.reset();
  ready_.push_back(id.uid);
}

std::optional<WriteQueue::Item> WriteQueue::take(base::MonoTime now) {
  while (!put_off_.empty() && put_off_.begin()->first <= now) {
    const std::string uid = put_off_.begin()->second;
    put_off_.erase(put_off_.begin());
    waiting_.at(uid).due.reset();
    ready_.push_back(uid);
  }
  if (ready_.empty()) return std::nullopt;
  if (held_until_ && (under_way_ > 0 || now < *held_until_)) return std::nullopt;
  Waiting& waiting = waiting_.at(ready_.front());
  ready_.pop_front();
  waiting.under_way = true;
  ++under_way_;
  return Item{waiting.id, waiting.text, waiting.refusals, holding()};
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
  Waiting& waiting = waiting_.at(item.id.uid);
  waiting.under_way = false;
  --under_way_;
  if (waiting.text == item.text) return &waiting;
  ready_.push_back(item.id.uid);
  return nullptr;
}

void WriteQueue::done(const Item& item) {
  Waiting* waiting = settled(item);
  if (waiting != nullptr) {
    waiting_.erase(item.id.uid);
  } else {
    waiting_.at(item.id.uid).refusals = 0;
  }
}

void WriteQueue::again(const Item& item) {
  if (settled(item) != nullptr) ready_.push_back(item.id.uid);
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
    waiting_.at(uid).due.reset();
    ready_.push_back(uid);
  }
}

StatusText WriteQueue::find(const std::string& uid) const {
  const auto found = waiting_.find(uid);
  return found == waiting_.end() ? nullptr : found->second.text;
}

}  // namespace tlswarden::kube
