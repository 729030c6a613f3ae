#include "kube/reference_book.hpp"

#include <utility>

namespace tlswarden::kube {

bool ReferenceBook::want(const std::set<ReferencedObject>& wanted) {
  const std::scoped_lock lock(mutex_);
  const auto unwanted = [&](const auto& object) { return !wanted.contains(object); };
  bool changed = std::erase_if(entries_, [&](const auto& entry) { return unwanted(entry.first); }) != 0;
  if (changed) contents_.reset();
  std::erase_if(news_, unwanted);
  for (const ReferencedObject& object : wanted) {
    const auto [entry, fresh] = entries_.try_emplace(object);
    if (fresh) entry->second.term = ++terms_;
    changed = changed || fresh;
  }
  return changed;
}

std::map<ReferencedObject, ReferenceBook::Term> ReferenceBook::wanted() const {
  const std::scoped_lock lock(mutex_);
  std::map<ReferencedObject, Term> all;
  for (const auto& [object, entry] : entries_)
    all.emplace_hint(all.end(), object, entry.term);
  return all;
}

bool ReferenceBook::put(const ReferencedObject& object, Term term, ReferenceContent content) {
  const std::scoped_lock lock(mutex_);
  const auto known = entries_.find(object);
  if (known == entries_.end() || known->second.term != term) return false;
  if (known->second.content && same_content(*known->second.content, content)) return false;
  known->second.content = std::move(content);
  contents_.reset();
  news_.insert(object);
  changed_.notify_all();
  return true;
}

bool ReferenceBook::read(const ReferencedObject& object) const {
  const std::scoped_lock lock(mutex_);
  const auto known = entries_.find(object);
  if (known == entries_.end() || !known->second.content) return false;
  return known->second.content->secret || known->second.content->config_map;
}

bool ReferenceBook::settled(const ReferencedObject& object) const {
  const std::scoped_lock lock(mutex_);
  const auto known = entries_.find(object);
  return known != entries_.end() && known->second.content;
}

ObjectContentsPtr ReferenceBook::contents() const {
  const std::scoped_lock lock(mutex_);
  if (contents_) return contents_;
  auto all = std::make_shared<resource::ObjectContents>();
  for (const auto& [object, entry] : entries_) {
    if (!entry.content) continue;
    const resource::ObjectContents::Name name{object.ns, object.name};
    const bool secret = object.kind == ReferencedObject::Kind::kSecret;
    if (entry.content->secret) all->secrets[name] = entry.content->secret;
    if (entry.content->config_map) all->config_maps[name] = entry.content->config_map;
    if (!entry.content->problem.empty()) {
      (secret ? all->unreadable_secrets : all->unreadable_config_maps)[name] = entry.content->problem;
    }
  }
  contents_ = std::move(all);
  return contents_;
}

bool ReferenceBook::await_news() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !news_.empty(); });
  return !closed_;
}

std::set<ReferencedObject> ReferenceBook::take_news() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(news_, {});
}

void ReferenceBook::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace tlswarden::kube
