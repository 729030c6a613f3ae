#include "kube/reference_watch.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "kube/wiped_text.hpp"

namespace tlswarden::kube {
namespace {

constexpr int kForbidden = 403;
constexpr int kInternalError = 500;

}  // namespace

bool object_is_broken(const ApiError& error) {
  return error.kind == ApiError::Kind::kMalformed ||
         (error.kind == ApiError::Kind::kStatus && error.code == kInternalError);
}

ReferenceWatch::ReferenceWatch(const Services& services, ReferencedObject object, ReferenceBook::Term term,
                               std::function<void()> denied)
    : book_(services.book),
      object_(std::move(object)),
      term_(term),
      cancellation_(&services.cancellation),
      reflector_(services.client, reflector_options(), *this, services.clock, services.random, services.pause,
                 cancellation_),
      thread_([this, denied = std::move(denied)] {
        reflector_.run();
        if (denied_) denied();
      }) {}

ReferenceWatch::~ReferenceWatch() {
  cancel();
  thread_.join();
}

ReflectorOptions ReferenceWatch::reflector_options() {
  ReflectorOptions options{.path = collection_path(object_),
                           // With this selector RBAC for the one name is enough (resourceNames).
                           .selectors = {{"fieldSelector", "metadata.name=" + object_.name}}};
  options.largest_object = 2 * kMostReferenceBytes;
  options.most_objects = 2;  // the old and the new one of a name
  options.log_failures = false;
  options.give_up = [this](const ApiError& error) { return failed(error); };
  return options;
}

bool ReferenceWatch::failed(const ApiError& error) {
  if (error.kind == ApiError::Kind::kStatus && error.code == kForbidden) {
    denied_ = true;
    return true;
  }
  broken_ = object_is_broken(error) ? broken_ + 1 : 0;
  if (broken_ >= kBrokenOnEnd && !book_.read(object_)) tell(ungiven_reference(object_, error.message));
  return false;
}

void ReferenceWatch::tell(ReferenceContent content) {
  const std::string problem = content.problem;
  if (book_.put(object_, term_, std::move(content)) && !problem.empty()) spdlog::warn("{}", problem);
}

void ReferenceWatch::stage(Object object) {
  if (is_ours(object.id)) {
    staged_ = read_reference(object_, std::move(object.document));
  } else {
    wipe_texts(object.document);
  }
}

void ReferenceWatch::replace(std::vector<ObjectId> gone) {
  broken_ = 0;
  if (!gone.empty()) present_ = false;
  if (staged_) {
    present_ = true;
    tell(*std::exchange(staged_, std::nullopt));
  } else if (!present_) {
    tell({});
  }
}

void ReferenceWatch::upsert(Object object) {
  broken_ = 0;
  if (!is_ours(object.id)) return wipe_texts(object.document);
  present_ = true;
  tell(read_reference(object_, std::move(object.document)));
}

void ReferenceWatch::remove(ObjectId id) {
  if (!is_ours(id)) return;
  present_ = false;
  tell({});
}

}  // namespace tlswarden::kube
