#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "kube/api_error.hpp"
#include "kube/api_request.hpp"

namespace tlswarden::kube {

/// What a reflector follows.
struct ReflectorOptions {
  std::string path;  ///< the collection: "/apis/GROUP/VERSION[/namespaces/NS]/RESOURCE"
  Query selectors =
      {};  ///< labelSelector, fieldSelector; metadata.name=X follows one object with RBAC for it
  std::size_t page = 500;  ///< objects of a page, where pages are asked for
  /// Begin with a watch that sends what there is (WatchList, on in servers 1.32 and from 1.34) instead of a
  /// list. Falls back to listing where the server refuses; one that ignores it would stay silent until the
  /// watch ends.
  bool watch_list = false;
  /// The waits between attempts that fail grow up to between this and twice this.
  std::chrono::nanoseconds longest_wait = std::chrono::seconds(30);
  std::size_t largest_object = std::size_t{4} << 20U;  ///< etcd's own limit is 1.5 MiB
  std::size_t most_objects = 200'000;                  ///< more is refused rather than kept
  /// Told of every attempt that failed, from run()'s thread. True: the caller deals with it, and run()
  /// returns.
  std::function<bool(const ApiError&)> give_up = {};
  /// Told likewise of every answer that forbids it, once health() says so.
  std::function<void()> refused = {};
  bool log_failures = true;  ///< not where many of one client would all say the same
};

}  // namespace tlswarden::kube
